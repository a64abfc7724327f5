"""What figures of this lesson share: the names of spaces, and lanes with a dot and an interval in each."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import altair as alt

from artefacts.schemas.scores import ComparedSpace
from charts.layout import one, rows, stacked
from charts.palette import SHAPES, light
from charts.reading import fixed
from charts.theme import SMALL, TEXT, is_narrow

LANE = 28  # px
OTHER = "ink-soft"  # the colour of spaces that play no part in the set
ROLES = ("decoder", "encoder", "static")
TONES = (*ROLES, OTHER, "baseline", "ink")


def names_of_set(data: Mapping[str, Any]) -> dict[str, str]:
    """Role -> name of the set's models, from the artefact `model_facts`."""
    facts = {fact.role: fact.name for fact in data["model_facts"].models}
    return {role: facts[role] for role in ROLES if role in facts}


def list_of_ranks(names: Mapping[str, str]) -> str:
    """Where the words' ranks come from."""
    return f"{names['static']}'s list" if "static" in names else "the encoder's vocabulary"


def pair_name(pair: Sequence[str], names: Mapping[str, str], joint: str = " and ") -> str:
    """ "SmolLM2 and MiniLM" from the keys of two spaces."""
    return joint.join(names[key] for key in pair)


def tone_of(space: ComparedSpace) -> str:
    """The name of a space's colour: its role, or that of others."""
    return space.role or OTHER


def p_equals(p: float, permutations: int) -> str:
    """A p-value for a sentence; the smallest that so many permutations can give is said to be that."""
    least = 1 / (permutations + 1)
    return f"p ≤ {fixed(least, 4)}" if p <= least * 1.001 else f"p = {fixed(p, 4 if p < 0.01 else 2)}"


@dataclass(frozen=True)
class Across:
    """The axis along the lanes, with a line at each of `values`."""

    values: list[float]
    title: str | None
    every: int = 1  # which lines have a label: all, or each other one

    def of(self, field: str) -> alt.X:
        """The axis of a field."""
        step = self.values[1] - self.values[0]
        axis = alt.Axis(
            values=self.values,
            tickCount=len(self.values),
            title=self.title,
            titleAnchor="end",
            titlePadding=6,
            labelExpr=f"round(datum.value / {step:.6f}) % {self.every} ? '' : format(datum.value, '.1f')",
            labels=self.title is not None,
            labelOverlap=False,
            labelFlush=False,
        )
        scale = alt.Scale(domain=[self.values[0], self.values[-1]], nice=False, zero=False)
        return alt.X(f"{field}:Q", scale=scale, axis=axis)

    def bare(self) -> Across:
        """The same without title and labels, for all panels but the last."""
        return replace(self, title=None)


def axis_x(low: float, high: float, title: str, step: float = 0.2) -> Across:
    """From `low` to `high`, widened to whole steps."""
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return Across([round(n * step, 6) for n in range(first, last + 1)], title)


def lanes(
    dataset: str,
    number: int,
    width: int,
    *,
    x: Across,
    left: int,
    right: int = 44,
    lane: int = LANE,
    top: int = 6,
    chosen: str | None = None,
    tips: Sequence[alt.Tooltip] = (),
    zero: bool = True,
    thin: bool = False,
) -> alt.LayerChart:
    """A lane for each place 0..number-1; the dataset's rows hold place, label, tone, value, low, high and shown (the value as text).

    Rows with an empty label share the lane of another. chosen: an expression that filters the rows.
    thin: the rows also hold inner_low and inner_high, drawn thicker.
    """
    if is_narrow(width) and len(x.values) > 5:
        x = replace(x, every=2)
    here = rows(dataset) if chosen is None else rows(dataset).transform_filter(chosen)
    height = number * lane + top
    placed = here.transform_calculate(at=f"datum.place * {lane} + {top + lane / 2}")
    y = alt.Y("at:Q", scale=alt.Scale(domain=[height, 0], nice=False), axis=None)
    colour = alt.Color("tone:N", scale=alt.Scale(domain=list(TONES), range=[light(tone) for tone in TONES]), legend=None)
    shape = alt.Shape("tone:N", scale=alt.Scale(domain=list(TONES), range=[SHAPES.get(tone, "circle") for tone in TONES]), legend=None)

    layers: list[Any] = []
    if zero:
        layers.append(one(value=0).mark_rule(color=light("rule"), strokeWidth=1.5).encode(x=x.of("value")))
    layers.append(placed.mark_rule(strokeWidth=2, opacity=0.75).encode(x=x.of("low"), x2="high:Q", y=y, color=colour))
    if thin:
        layers.append(placed.mark_rule(strokeWidth=6, opacity=0.55).encode(x=x.of("inner_low"), x2="inner_high:Q", y=y, color=colour))
    layers.append(placed.mark_point(size=70).encode(x=x.of("value"), y=y, color=colour, shape=shape, tooltip=list(tips)))
    layers.append(
        placed.mark_text(align="left", baseline="middle", fontSize=TEXT, limit=left - 8).encode(x=alt.XValue(-left), y=y, text="label:N")
    )
    layers.append(
        placed.mark_text(align="right", baseline="middle", fontSize=SMALL, color=light("ink")).encode(
            x=alt.XValue(width - left), y=y, text="shown:N"
        )
    )
    return stacked(*layers, width=width - left - right, height=height)

