"""What figures of this lesson share: panels of lines over layers, with bands and their keys, and names for what is compared."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from charts.layout import note, rows, stacked
from charts.palette import light
from charts.reading import fixed

PANEL = 190  # px: height of a panel of lines
KEY = 18  # px: a line of the key
BAND = 0.16  # opacity

TREATMENTS = {
    "raw": "as they are",
    "centred": "centred",
    "standardised": "standardised",
    "without_rogue": "without rogue dimensions",
}
PARTS = {"input": "input", "query": "Q", "key": "K", "value": "V"}


@dataclass(frozen=True)
class Line:
    """One line of a panel: the rows of the dataset whose `series` is `name`. band: low and high are drawn behind it."""

    name: str
    colour: str
    dashes: tuple[int, ...] = ()
    band: bool = False


def by_layer(last: int, first: int = 0) -> alt.X:
    """The axis of layers, from `first` to `last`."""
    axis = alt.Axis(title="layer", titleAnchor="end", tickMinStep=1, tickCount=min(6, max(1, last - first)), format="d", grid=False)
    return alt.X("layer:Q", scale=alt.Scale(domain=[first, max(last, first + 1)], nice=False), axis=axis)


def by_depth() -> alt.X:
    """The layer as a share of the model's depth, so that models of different depth share an axis."""
    axis = alt.Axis(title="depth", titleAnchor="end", values=[0, 0.5, 1], format=".0%", grid=False)
    return alt.X("depth:Q", scale=alt.Scale(domain=[0, 1], nice=False), axis=axis)


def value_y(domain: Sequence[float], title: str = "", log: bool = False) -> alt.Y:
    """The axis of values. log: ticks at powers of ten, for a domain above zero."""
    if not log:
        scale = alt.Scale(domain=list(domain), nice=False, zero=False)
        return alt.Y("value:Q", scale=scale, axis=alt.Axis(title=title, tickCount=5))
    ticks = [10.0**n for n in range(math.ceil(math.log10(domain[0])), math.floor(math.log10(domain[1])) + 1)]
    return alt.Y("value:Q", scale=alt.Scale(domain=list(domain), type="log", nice=False), axis=alt.Axis(title=title, values=ticks))


def lines_panel(
    dataset: str,
    lines: Sequence[Line],
    *,
    x: alt.X,
    y: alt.Y,
    where: str = "true",
    tooltip: str = ".2f",
    title: alt.Title | None = None,
    height: int = PANEL,
) -> alt.LayerChart:
    """Lines over each other, one key a line above the plot. The dataset's rows hold series, layer, depth, value and, for bands, low, high.

    where: an expression that picks the panel's rows.
    """
    layers: list[Any] = []
    head = -(8 + KEY * len(lines))
    for n, line in enumerate(lines):
        paint = light(line.colour)
        here = rows(dataset).transform_filter(f"({where}) && datum.series == '{line.name}'")
        if line.band:
            low, high = alt.Y("low:Q", scale=y["scale"], axis=y["axis"]), alt.Y2("high:Q")
            layers.append(here.mark_area(color=paint, opacity=BAND, clip=True).encode(x=x, y=low, y2=high))
        tips = [
            alt.Tooltip("series:N", title="line"),
            alt.Tooltip("layer:Q", title="layer"),
            alt.Tooltip("value:Q", title="value", format=tooltip),
        ]
        drawn = here.mark_line(color=paint, strokeDash=list(line.dashes), point={"color": paint, "size": 14}, clip=False)
        layers.append(drawn.encode(x=x, y=y, tooltip=tips))
        layers += key_line(line.name, head + KEY * (n + 1), line.colour, line.dashes)
    properties = {} if title is None else {"title": title}
    return stacked(*layers, height=height, **properties)


def key_line(text: str, y: float, colour: str, dashes: Sequence[int] = ()) -> list[alt.Chart]:
    """A stroke and its name, above the plot."""
    stroke = (
        alt.Chart(alt.Data(values=[{}]))
        .mark_rule(color=light(colour), strokeWidth=2, strokeDash=list(dashes))
        .encode(x=alt.XValue(0), x2=alt.X2Value(22), y=alt.YValue(y - 4))
    )
    return [stroke, note(text, 28, y, "ink")]


def span(low: float, high: float, decimals: int = 2) -> str:
    """ "0.73 to 0.88", or one number where both are shown alike."""
    first, last = fixed(low, decimals), fixed(high, decimals)
    return first if first == last else f"{first} to {last}"


def outer_domain(values: Sequence[float], step: float = 0.2, low: float | None = None, high: float | None = None) -> list[float]:
    """Whole multiples of `step` around all values, a tenth of a step below at most; low, high: bounds that are kept in any case."""
    lowest, highest = min([*values, *([] if low is None else [low])]), max([*values, *([] if high is None else [high])])
    return [round(math.floor(lowest / step + 0.1) * step, 6) + 0.0, round(math.ceil(highest / step - 1e-9) * step, 6)]
