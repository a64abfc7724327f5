"""Parts that several figures share: colours by role, axes of cosines with their angles, panels beside or below each other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import altair as alt

from charts.palette import SHAPES, light
from charts.reading import Member
from charts.theme import SMALL, TEXT, is_narrow

# An axis label of two lines: the cosine, and below it the angle.
COSINE_AND_ANGLE = "[format(datum.value, '.1f'), format(acos(datum.value) * 180 / PI, '.0f') + '°']"


def rows(dataset: str) -> alt.Chart:
    """A chart of a dataset that the figure names in `Figure.datasets`."""
    return alt.Chart(alt.NamedData(name=dataset))


def one(**fields: Any) -> alt.Chart:
    """A chart of a single row, for a line or a text that stands by itself."""
    return alt.Chart(alt.Data(values=[fields]))


def role_colour(members: dict[str, Member]) -> alt.Color:
    """Each model in its own colour, without a legend: panels and lines are labelled directly."""
    return alt.Color("role:N", scale=alt.Scale(domain=list(members), range=[light(role) for role in members]), legend=None)


def role_shape(members: dict[str, Member]) -> alt.Shape:
    """Shapes by role, without a legend."""
    return alt.Shape("role:N", scale=alt.Scale(domain=list(members), range=[SHAPES[role] for role in members]), legend=None)


def _ticks(low: float, high: float) -> list[float]:
    """Multiples of 0.2 from low to high."""
    return [n / 5 for n in range(math.ceil(low * 5 - 1e-9), math.floor(high * 5 + 1e-9) + 1)]


def cosine_x(domain: Sequence[float], field: str = "cosine:Q", title: str | None = "cosine similarity, and its angle") -> alt.X:
    """The axis of cosines, the same for all models of a figure, with angles below the cosines."""
    values = _ticks(*domain)
    axis = alt.Axis(
        values=values,
        tickCount=len(values),  # otherwise values are left out where Vega thinks there are too many
        labelExpr=COSINE_AND_ANGLE,
        title=title,
        titleAnchor="end",
        titlePadding=6,
        labelFlush=False,
        labelOverlap=False,
    )
    return alt.X(field, scale=alt.Scale(domain=list(domain), nice=False, zero=False), axis=axis)


def cosine_y(domain: Sequence[float], field: str = "cosine:Q", title: str | None = "cosine, angle") -> alt.Y:
    """The same upright: cosine and angle in one line."""
    values = _ticks(*domain)
    label = "format(datum.value, '.1f') + ',  ' + format(acos(datum.value) * 180 / PI, '.0f') + '°'"
    axis = alt.Axis(values=values, tickCount=len(values), labelExpr=label, title=title, labelOverlap=False)
    return alt.Y(field, scale=alt.Scale(domain=list(domain), nice=False, zero=False), axis=axis)


def cosine_domain(values: Sequence[float]) -> list[float]:
    """From the tenth below the smallest value (at most 0) to 1, the same direction."""
    return [math.floor(min([*values, 0.0]) * 10 + 1e-9) / 10 + 0.0, 1.0]


def heading(member: Member, text: str | alt.Expr | None = None, offset: int = 10) -> alt.Title:
    """A panel's heading in the colour of its model."""
    return alt.Title(text or member.heading, color=light(member.role), fontSize=TEXT, offset=offset, frame="bounds")


# Altair copies a whole chart with every `properties`, `add_params` and `resolve_scale`, and once more for each level of nesting.
# The helpers below set these on charts that are not shared yet, which draws the figures three times as fast.


def stacked(*layers: alt.Chart | list[alt.Chart], **properties: Any) -> alt.LayerChart:
    """Layers over each other, with the view's own properties (width, height, title)."""
    flat = [part for layer in layers for part in (layer if isinstance(layer, list) else [layer])]
    return alt.LayerChart(layer=flat, **properties)


def joined(*charts: alt.LayerChart, beside: bool, **properties: Any) -> alt.HConcatChart | alt.VConcatChart:
    """Views beside or below each other, each with its own scales."""
    own = alt.Resolve(scale=alt.ScaleResolveMap(color="independent", shape="independent", strokeDash="independent"))
    if beside:
        return alt.HConcatChart(hconcat=charts, resolve=own, **properties)
    return alt.VConcatChart(vconcat=charts, resolve=own, **properties)


def panels(
    charts: Sequence[alt.LayerChart], width: int, left: int, right: int = 12, gap: int = 20, below: int = 28
) -> alt.HConcatChart | alt.VConcatChart:
    """Put panels beside each other, or below each other where it is narrow; together exactly `width` px or a little less.

    left, right: px that axis labels take up on either side of each plot. The plots get what remains; their own width is set here.
    """
    number = 1 if is_narrow(width) else len(charts)
    for chart in charts:
        chart.width = (width - number * (left + right) - (number - 1) * gap) // number
    if is_narrow(width):
        return joined(*charts, beside=False, spacing=below)
    return joined(*charts, beside=True, spacing=left + right + gap, bounds="flush")


def controlled(chart: Any, **values: str | float | bool) -> Any:
    """The chart with a parameter for each of the figure's controls, at its default value."""
    chart.params = [alt.VariableParameter(name=name, value=value) for name, value in values.items()]
    return chart


def note(text: str | alt.Expr, x: float | alt.Expr, y: float | alt.Expr, colour: str = "ink-soft", **mark) -> alt.Chart:
    """One line of text at a place in px of the plot."""
    properties = {"fontSize": SMALL, "align": "left", "baseline": "alphabetic"} | mark
    return one().mark_text(**properties, color=light(colour)).encode(x=alt.XValue(x), y=alt.YValue(y), text=alt.TextValue(text))


def key(text: str, x: float, y: float, colour: str, shape: str = "square", text_colour: str | None = None) -> list[alt.Chart]:
    """A name with its mark, written where it is needed instead of a legend."""
    mark = one().mark_point(shape=shape, size=64, color=light(colour))
    return [
        mark.encode(x=alt.XValue(x + 5), y=alt.YValue(y - 4)),
        note(text, x + 15, y, text_colour or colour, fontWeight=600, fontSize=TEXT),
    ]
