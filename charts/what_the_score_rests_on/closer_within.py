"""Cosines within a category and across categories, in each space, on the published list and on variants of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.scores import CategorySelectivity, ListSelectivity, SpaceSelectivity
from charts.figure import Column, Control, Figure, Table, figure
from charts.layout import controlled
from charts.reading import fixed, listed
from charts.theme import is_narrow
from charts.what_the_score_rests_on.parts import axis_x, lanes, p_equals, tone_of


def list_label(entry: ListSelectivity) -> str:
    """What the figure calls a list of words."""
    if entry.name == "published":
        return f"the {entry.words} published words"
    if entry.name == "without misfits":
        return f"without {listed(entry.dropped)}"
    return f"{entry.words} words in {len(entry.categories)} other categories"


def most_selective(entry: ListSelectivity) -> SpaceSelectivity:
    """The space with the largest d."""
    return max(entry.by_space, key=lambda s: s.cohens_d)


def _title(found: CategorySelectivity) -> str:
    published = found.lists[0]
    parts = listed(f"{s.space.name} {fixed(s.cohens_d, 1)}" for s in sorted(published.by_space, key=lambda s: -s.cohens_d))
    return f"Words of one category are closer, by this many standard deviations: {parts}"


def _rows(found: CategorySelectivity) -> list[dict[str, Any]]:
    drawn = []
    for entry in found.lists:
        for n, space in enumerate(entry.by_space):
            for m, (kind, spread) in enumerate((("within", space.within), ("across", space.across))):
                low, inner_low, _, inner_high, high = spread.quantiles
                drawn.append(
                    {
                        "list": entry.name,
                        "place": 2 * n + m,
                        "label": f"{space.space.name}, {kind}",
                        "tone": tone_of(space.space) if kind == "within" else "baseline",
                        "value": spread.mean,
                        "low": low,
                        "high": high,
                        "inner_low": inner_low,
                        "inner_high": inner_high,
                        "shown": fixed(spread.mean),
                    }
                )
    return drawn


def _chart(found: CategorySelectivity, width: int) -> alt.TopLevelMixin:
    values = [q for entry in found.lists for s in entry.by_space for spread in (s.within, s.across) for q in spread.quantiles]
    tips = [
        alt.Tooltip("label:N", title="pairs"),
        alt.Tooltip("value:Q", title="mean cosine", format=".3f"),
        alt.Tooltip("low:Q", title="5%", format=".2f"),
        alt.Tooltip("high:Q", title="95%", format=".2f"),
    ]
    x = axis_x(min(0.0, *values), max(values), "cosine similarity")
    left = 116 if is_narrow(width) else 140
    number = 2 * len(found.lists[0].by_space)
    plot = lanes("spreads", number, width, x=x, left=left, chosen="datum.list == list", tips=tips, thin=True)
    return controlled(plot, list=found.lists[0].name)


@figure(needs=("model_facts", "category_selectivity"))
def closer_within(data: Mapping[str, Any]) -> Figure:
    found: CategorySelectivity = data["category_selectivity"]
    table = [
        {
            "list": list_label(entry),
            "space": s.space.name,
            "within": s.within.mean,
            "across": s.across.mean,
            "difference": s.difference,
            "cohens_d": s.cohens_d,
            "pearson": s.pearson,
            "p": s.p,
        }
        for entry in found.lists
        for s in entry.by_space
    ]
    sentences = [
        f"{list_label(entry)}: "
        + "; ".join(
            f"{s.space.name} {fixed(s.within.mean)} within and {fixed(s.across.mean)} across, Cohen's d {fixed(s.cohens_d)}, r with the "
            f"category matrix {fixed(s.pearson)}, {p_equals(s.p, found.permutations)}"
            for s in entry.by_space
        )
        + "."
        for entry in found.lists
    ]
    return Figure(
        title=_title(found),
        caption=(
            "Pairs of words of one category (coloured) and of two (grey): the dot is the mean cosine, the thick line holds half of the "
            f"pairs, the thin one nine of ten. The table has three indices and the p that they share, from {found.permutations:,} "
            "permutations of the words. *Where it misleads:* the three p are one test told three times, and a large d only says that "
            "categories show, not that nothing else does."
        ),
        description=" ".join(s[:1].upper() + s[1:] for s in sentences),
        table=Table(
            [
                Column("list", "words"),
                Column("space", "space"),
                Column("within", "mean cosine within", "number", 3),
                Column("across", "across", "number", 3),
                Column("difference", "difference", "number", 3),
                Column("cohens_d", "Cohen's d", "number", 2),
                Column("pearson", "r with category RDM", "number", 3),
                Column("p", "p of all three", "number", 4),
            ],
            table,
            default_rows=lambda row: row["list"] == list_label(found.lists[0]),
        ),
        chart=lambda width: _chart(found, width),
        datasets={"spreads": _rows(found)},
        controls=[Control("list", "Words", "select", found.lists[0].name, options=[(e.name, list_label(e)) for e in found.lists])],
        roles=tuple(s.space.role for s in found.lists[0].by_space if s.space.role),
    )
