"""What figures of this lesson share: how spaces are called and coloured, and places in px."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from artefacts.schemas.spaces import ComparedSpace, DirectComparison, SpaceAlignment
from charts.reading import fixed

if TYPE_CHECKING:
    import altair as alt

COLOURS = {"decoder": "decoder", "encoder": "encoder", "static": "static", "twin": "accent"}
SEED_NAMES = {"skip-gram": "skip-gram, seed", "cbow": "CBOW, seed"}


def by_key(spaces: Iterable[ComparedSpace]) -> dict[str, ComparedSpace]:
    """Key -> space."""
    return {space.key: space for space in spaces}


def twin_name(key: str) -> str:
    """ "skip-gram-2" -> "skip-gram, seed 2"."""
    objective, _, seed = key.rpartition("-")
    return f"{SEED_NAMES.get(objective, objective)} {seed}"


def pair_name(pair: DirectComparison | SpaceAlignment, spaces: dict[str, ComparedSpace]) -> str:
    """What a pair of spaces is called in menus and rows."""
    first, second = spaces[pair.first], spaces[pair.second]
    if pair.relation == "other seed":
        return f"twins: seed {first.key.rpartition('-')[2]} and seed {second.key.rpartition('-')[2]}"
    if pair.relation == "other objective":
        return "skip-gram and CBOW"
    names = ["skip-gram" if space.kind == "twin" else space.name for space in (first, second)]
    return " and ".join(names)


def pair_key(pair: DirectComparison | SpaceAlignment) -> str:
    """A value for menus: letters, digits and hyphens."""
    return f"{pair.first}-{pair.second}"


def pair_colour(pair: DirectComparison | SpaceAlignment) -> str:
    """Twins in the accent, other objectives softer, models of the set in ink: the pair belongs to neither of its two models."""
    return {"other seed": "accent", "other objective": "ink-soft", "other model": "ink"}[pair.relation]


def widths(pair: DirectComparison | SpaceAlignment, spaces: dict[str, ComparedSpace]) -> str:
    """Such as "384 and 576": the widths of a pair's spaces."""
    return f"{spaces[pair.first].width:,} and {spaces[pair.second].width:,}"


def down(height: float, field: str = "y:Q", **options: Any) -> alt.Y:
    """A vertical place in px from the top."""
    import altair as alt  # checks of claims use this module too, and have no need of it

    return alt.Y(field, scale=alt.Scale(domain=[0, height], reverse=True, nice=False, zero=False), axis=None, **options)


def across(width: float, field: str = "x:Q", **options: Any) -> alt.X:
    """A horizontal place in px from the left."""
    import altair as alt  # checks of claims use this module too, and have no need of it

    return alt.X(field, scale=alt.Scale(domain=[0, width], nice=False, zero=False), axis=None, **options)


def chosen(values: dict[str, str], parameter: str) -> str:
    """An expression that turns the value of a menu into a text."""
    cases = "".join(f"{parameter} == '{value}' ? '{text}' : " for value, text in values.items())
    return f"{cases}''"


def range_of(values: Sequence[float], decimals: int = 2) -> str:
    """ "0.89–0.91", or one number where both are the same; "to" stands between numbers of which one is negative."""
    low, high = fixed(min(values), decimals), fixed(max(values), decimals)
    between = " to " if "−" in low + high else "–"
    return low if low == high else f"{low}{between}{high}"
