"""Variance along the axes of each space, beside that along directions drawn by lot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.spaces import AxesOfSpace, AxisDirections
from charts.figure import Column, Figure, Table, figure
from charts.layout import note, one, rows, stacked
from charts.palette import SHAPES, light
from charts.reading import fixed
from charts.spaces_that_share_no_axes.parts import COLOURS, by_key, down
from charts.theme import SMALL, TEXT, is_narrow

LANE, HEAD = 62, 26  # px
TOPMOST = 12  # axes drawn one by one; the others as a line


def display_name(space: Any) -> str:
    """What the figure calls a space: of the small models only one is shown."""
    return "skip-gram, seed 1" if space.kind == "twin" else space.name


def _times(value: float) -> str:
    return fixed(value, 1 if value < 10 else 0)


def ratio(entry: AxesOfSpace) -> float:
    """The largest axis as a multiple of the largest random direction."""
    return entry.axes[0] / entry.random[0]


def _drawn(exported: AxisDirections) -> dict[str, list[dict[str, Any]]]:
    spaces = by_key(exported.spaces)
    lines, points = [], []
    for n, entry in enumerate(exported.by_space):
        for what, values, dy in (("axes", entry.axes, 20), ("random", entry.random, 36)):
            place = {"what": what, "kind": spaces[entry.key].kind, "y": HEAD + LANE * n + dy}
            lines.append(place | {"low": values[-1], "high": values[0]})
            points += [place | {"value": value} for value in values[:TOPMOST]]
    return {"lines": lines, "points": points}


def _chart(exported: AxisDirections, width: int) -> Any:
    narrow = is_narrow(width)
    left = 0 if narrow else 150
    plot, height = width - left - 16, HEAD + LANE * len(exported.by_space)
    spaces = by_key(exported.spaces)
    everything = [value for entry in exported.by_space for values in (entry.axes, entry.random) for value in (values[0], values[-1])]
    low, high = max(min(everything) / 1.15, 0.01), max(everything) * 1.15
    ticks = [tick for tick in (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500) if low <= tick <= high]
    scale = alt.Scale(type="log", domain=[low, high], nice=False)
    axis = alt.Axis(values=ticks, format="~g", title="variance, as a multiple of the average axis’s (logarithmic)", titleAnchor="end")
    layers: list[Any] = [one().mark_rule(color=light("rule")).encode(x=alt.XDatum(1, scale=scale, axis=axis))]
    for kind, colour in COLOURS.items():
        for what in ("axes", "random"):
            paint = light(colour if what == "axes" else "baseline")
            test = f"datum.kind == '{kind}' && datum.what == '{what}'"
            layers.append(
                rows("lines")
                .transform_filter(test)
                .mark_rule(color=paint, strokeWidth=3, opacity=0.5)
                .encode(x=alt.X("low:Q", scale=scale, axis=axis), x2="high:Q", y=down(height))
            )
            layers.append(
                rows("points")
                .transform_filter(test)
                .mark_point(color=paint, size=34, shape=SHAPES.get(kind, "diamond") if what == "axes" else "circle")
                .encode(
                    x=alt.X("value:Q", scale=scale, axis=axis),
                    y=down(height),
                    tooltip=[alt.Tooltip("value:Q", title="times the average", format=".2f")],
                )
            )
    for n, entry in enumerate(exported.by_space):
        space = spaces[entry.key]
        top = HEAD + LANE * n + (8 if narrow else 24)
        layers.append(note(display_name(space), -left, top, COLOURS[space.kind], fontSize=TEXT, fontWeight=600))
        layers.append(note(f"{space.width:,} axes", 150 if narrow else -left, top if narrow else top + 16))
    layers.append(note("coloured: axes; grey: directions drawn by lot", -left, 8, "ink-soft", fontSize=SMALL))
    return stacked(*layers, width=plot, height=height)


@figure(needs=("axis_directions",))
def axes_and_other_directions(data: Mapping[str, Any]) -> Figure:
    exported: AxisDirections = data["axis_directions"]
    spaces = by_key(exported.spaces)
    most = max(exported.by_space, key=ratio)
    name = display_name(spaces[most.key])
    table = [
        {
            "space": display_name(spaces[entry.key]),
            "width": spaces[entry.key].width,
            "largest": entry.axes[0],
            "axis": entry.largest_axis,
            "smallest": entry.axes[-1],
            "random_largest": entry.random[0],
            "random_smallest": entry.random[-1],
            "tail": entry.tail,
            "random_tail": entry.random_tail,
        }
        for entry in exported.by_space
    ]
    return Figure(
        title=(
            f"Axes are not just any directions: one axis of {name} carries {_times(most.axes[0])} times the average variance, and no "
            f"direction of one draw by lot more than {_times(most.random[0])} times"
            if ratio(most) > 1.5
            else "In none of these spaces does an axis stand out from directions drawn by lot"
        ),
        caption=(
            f"Over the {exported.words:,} words in common: the variance along each axis, and along as many directions at right angles that "
            f"were drawn by lot. The {TOPMOST} largest are marks, the others lie along the line. If axes were like any other directions, "
            "the two lines of a space would look the same. *Where it misleads:* a long line shows that some axes have larger numbers, "
            "not that they mean anything. The directions were drawn once; another draw gives other grey lines, and in narrow spaces the "
            "two lines can differ by chance alone."
        ),
        description=" ".join(
            f"{row['space']}, {row['width']} axes: variance from {fixed(row['smallest'])} to {fixed(row['largest'])} times the average "
            f"along axes (largest: axis {row['axis']}), from {fixed(row['random_smallest'])} to {fixed(row['random_largest'])} along "
            f"random directions; largest excess kurtosis {fixed(row['tail'], 1)} and {fixed(row['random_tail'], 1)}."
            for row in table
        ),
        table=Table(
            [
                Column("space", "space"),
                Column("width", "axes", "integer"),
                Column("largest", "largest variance, axes", "number", 2),
                Column("axis", "which axis", "integer"),
                Column("smallest", "smallest", "number", 2),
                Column("random_largest", "largest, by lot", "number", 2),
                Column("random_smallest", "smallest, by lot", "number", 2),
                Column("tail", "longest tail (excess kurtosis)", "number", 1),
                Column("random_tail", "by lot", "number", 1),
            ],
            table,
        ),
        chart=lambda width: _chart(exported, width),
        datasets=_drawn(exported),
    )
