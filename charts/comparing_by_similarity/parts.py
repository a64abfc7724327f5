"""What the figures of this lesson share: the spaces, their pairs, and how p values are put into words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np

from artefacts.schemas.rsa import RsaAgreement
from charts.reading import Member, fixed

ORDER = ("decoder", "encoder", "static")
KINDS = {"all": "all pairs", "within": "within a category", "across": "across categories"}
COEFFICIENT_NAMES = {"pearson": "Pearson", "spearman": "Spearman", "rho_a": "rho-a", "tau_a": "tau-a"}
MEASURE_NAMES = {"cosine": "cosine", "correlation": "correlation", "euclidean": "Euclidean"}
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def spaces(data: Mapping[str, Any]) -> dict[str, Member]:
    """Decoder, encoder and, if the set has them, static vectors, from the artefact `model_facts`."""
    facts = {fact.role: fact for fact in data["model_facts"].models}
    return {role: Member(role, facts[role].name, facts[role].tokenizer_kind) for role in ORDER if role in facts}


def space_pairs(members: Mapping[str, Member]) -> list[tuple[str, str]]:
    """Every space with every other, decoder and encoder first."""
    return list(combinations([role for role in ORDER if role in members], 2))


def pair_name(members: Mapping[str, Member], first: str, second: str) -> str:
    """Two spaces in words. second: a role, or "category"."""
    return f"{members[first].name} and {'the categories' if second == 'category' else members[second].name}"


def pair_options(members: Mapping[str, Member]) -> list[tuple[str, str]]:
    """For a select: "decoder-encoder" -> "SmolLM2 and MiniLM"."""
    return [(f"{first}-{second}", pair_name(members, first, second)) for first, second in space_pairs(members)]


def agreement_of(exported: RsaAgreement, first: str, second: str, coefficient: str = "pearson", measure: str = "cosine") -> float:
    """The coefficient of two spaces, or of one with the categories. Raises StopIteration for what was not exported."""
    wanted = (first, second, coefficient, measure)
    return next(a.value for a in exported.agreements if (a.first, a.second, a.coefficient, a.measure) == wanted)


def of_pair(entries: Any, first: str, second: str, **more: Any) -> Any:
    """The entry about these two spaces, and with these fields."""
    return next(
        entry
        for entry in entries
        if (entry.first, entry.second) == (first, second) and all(getattr(entry, name) == value for name, value in more.items())
    )


def p_text(p: float) -> str:
    """A p value with one or two digits that count: 0.27, 0.039, 0.0001."""
    if p >= 0.1:
        return fixed(p, 2)
    decimals = 1 - math.floor(math.log10(p))
    return f"{p:.{decimals}f}".rstrip("0")


def small_p(log10: float) -> str:
    """A p value from its logarithm: 0.0015, or 7 × 10⁻¹² where zeros would have to be counted."""
    if log10 > -4:
        return p_text(10**log10)
    power = math.floor(log10)
    digit = round(10 ** (log10 - power))
    return f"{digit} × 10{str(power).translate(_RAISED)}" if digit < 10 else f"1 × 10{str(power + 1).translate(_RAISED)}"


def px(field: str, extent: float, *, down: bool = False) -> Any:
    """A place in px from the left, or from the top."""
    import altair as alt  # checks of claims use this module too, and have no need of it

    scale = alt.Scale(domain=[0, extent], nice=False, zero=False, reverse=down)
    return (alt.Y if down else alt.X)(f"{field}:Q", scale=scale, axis=None)


def filled_step(edges: list[float], counts: list[int]) -> list[tuple[float, float]]:
    """(left edge, count) of the bins, and a last 0, for an outline with `interpolate="step-after"`."""
    return [*zip(edges, counts, strict=False), (edges[-1], 0)]


def measures(first: np.ndarray, second: np.ndarray, shift: float) -> dict[str, float]:
    """Cosine and Pearson of two pair vectors after `shift` has been added to every value of the second, and how far apart they are."""
    moved = second + shift
    return {
        "cosine": float(first @ moved / (np.linalg.norm(first) * np.linalg.norm(moved))),
        "pearson": float(np.corrcoef(first, moved)[0, 1]),
        "difference": float((first - moved).mean()),
    }
