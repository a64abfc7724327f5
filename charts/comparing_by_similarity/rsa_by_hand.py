"""Four words in two invented planes: six cosines in each, and their correlation. The whole method on a small sheet of paper."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import combinations
from typing import Any

import altair as alt
import numpy as np

from charts.figure import Column, Control, Figure, Table, figure
from charts.layout import controlled, note, one, rows, stacked
from charts.palette import light
from charts.reading import fixed, listed
from charts.theme import TEXT, is_narrow

# Invented for the lesson, not from a model. Lengths are 5 or 2.5, so that the cosines come out even.
FIRST = {"moon": (5.0, 0.0), "star": (4.0, 3.0), "apple": (0.0, 5.0), "pear": (-3.0, 4.0)}
SECOND = {"moon": (-5.0, 0.0), "star": (-2.4, 0.7), "apple": (-3.0, 4.0), "pear": (0.0, 5.0)}
PAIRS = list(combinations(FIRST, 2))
HALF, LINE = 8.4, 5.6  # how far the planes reach, and their axes
LARGEST_TURN, TURN_STEP, LARGEST_SQUEEZE, SQUEEZE_STEP = 350, 10, 80, 10  # degrees, percent


def changed(point: tuple[float, float], turn: float, squeeze: float = 0) -> tuple[float, float]:
    """A point of the second plane after its upright axis has been squeezed by so many percent, then everything turned by degrees."""
    x, y, angle = point[0], point[1] * (1 - squeeze / 100), math.radians(turn)
    return x * math.cos(angle) - y * math.sin(angle), x * math.sin(angle) + y * math.cos(angle)


def cosine(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Of two vectors of the plane."""
    return (a[0] * b[0] + a[1] * b[1]) / (math.hypot(*a) * math.hypot(*b))


def six(turn: float = 0, squeeze: float = 0) -> list[tuple[float, float]]:
    """(cosine in the first plane, cosine in the second) of each pair."""
    second = {word: changed(point, turn, squeeze) for word, point in SECOND.items()}
    return [(cosine(FIRST[a], FIRST[b]), cosine(second[a], second[b])) for a, b in PAIRS]


def rsa(turn: float = 0, squeeze: float = 0) -> float:
    """Pearson correlation of the six pairs of cosines."""
    first, second = (np.array(values) for values in zip(*six(turn, squeeze), strict=True))
    return float(np.corrcoef(first, second)[0, 1])


def _plane(name: str, x: str, y: str, side: float, cosine_field: str) -> alt.LayerChart:
    """The arrows of one plane; those of the chosen pair stand out."""
    scale = alt.Scale(domain=[-HALF, HALF], nice=False)
    placed = rows("words").transform_calculate(u=x, v=y, zero="0", chosen="indexof(pair, datum.word) >= 0")
    placed = placed.transform_calculate(length="sqrt(datum.u * datum.u + datum.v * datum.v)")
    placed = placed.transform_calculate(lx="datum.u * (1 + 2.4 / datum.length)", ly="datum.v * (1 + 1.2 / datum.length)")
    at_x, at_y = (channel(f"{field}:Q", scale=scale, axis=None) for channel, field in ((alt.X, "u"), (alt.Y, "v")))
    start = {"x": alt.X("zero:Q", scale=scale, axis=None), "y": alt.Y("zero:Q", scale=scale, axis=None), "x2": "u:Q", "y2": "v:Q"}
    colour = alt.condition("datum.chosen", alt.value(light("accent")), alt.value(light("ink-soft")))
    cross = [
        one(u=-LINE, v=0.0, w=LINE).mark_rule(color=light("rule")).encode(x=at_x, y=at_y, x2="w:Q"),
        one(u=0.0, v=-LINE, w=LINE).mark_rule(color=light("rule")).encode(x=at_x, y=at_y, y2="w:Q"),
    ]
    tooltip = [
        alt.Tooltip("word:N", title="word"),
        alt.Tooltip("u:Q", title="first number", format=".2f"),
        alt.Tooltip("v:Q", title="second number", format=".2f"),
    ]
    arrows = placed.mark_rule(strokeWidth=2).encode(**start, color=colour)
    heads = placed.mark_point(size=46).encode(x=at_x, y=at_y, color=colour, tooltip=tooltip)
    label = {"x": alt.X("lx:Q", scale=scale, axis=None), "y": alt.Y("ly:Q", scale=scale, axis=None), "text": "word:N"}
    names = placed.mark_text(baseline="middle", fontSize=TEXT)
    reading = (
        _pairs()
        .transform_filter("datum.pair == pair")
        .transform_calculate(text=f"'cosine ' + format(datum.{cosine_field}, '.2f')")
        .mark_text(align="left", baseline="alphabetic", fontSize=TEXT, color=light("accent"), fontWeight=600)
        .encode(x=alt.XValue(0), y=alt.YValue(-6), text="text:N")
    )
    return stacked(
        *cross,
        arrows,
        heads,
        names.encode(**label),
        reading,
        note(name, 0, -24, "ink", fontWeight=600, fontSize=TEXT),
        width=side,
        height=side,
    )


_KEPT = "(1 - squeeze / 100)"
_U = f"(datum.bx * cos(turn * PI / 180) - datum.by * {_KEPT} * sin(turn * PI / 180))"
_V = f"(datum.bx * sin(turn * PI / 180) + datum.by * {_KEPT} * cos(turn * PI / 180))"


def _pairs() -> alt.Chart:
    """The pairs with both cosines, the second as it is after squeezing (turning changes none, so it is left out of the sum)."""
    return (
        rows("pairs")
        .transform_calculate(y1=f"datum.b1y * {_KEPT}", y2=f"datum.b2y * {_KEPT}")
        .transform_calculate(
            second="(datum.b1x * datum.b2x + datum.y1 * datum.y2) / sqrt((datum.b1x * datum.b1x + datum.y1 * datum.y1)"
            " * (datum.b2x * datum.b2x + datum.y2 * datum.y2))"
        )
    )


def _scatter(width: float, height: float) -> alt.LayerChart:
    scale = alt.Scale(domain=[-1, 1], nice=False)
    axis = {"values": [-1, 0, 1], "format": ".0f"}
    x = alt.X("first:Q", scale=scale, axis=alt.Axis(title="cosine in the first", titleAnchor="end", **axis))
    y = alt.Y("second:Q", scale=scale, axis=alt.Axis(title="in the second", **axis))
    colour = alt.condition("datum.pair == pair", alt.value(light("accent")), alt.value(light("ink-soft")))
    tooltip = [
        alt.Tooltip("pair:N", title="pair"),
        alt.Tooltip("first:Q", title="in the first", format=".2f"),
        alt.Tooltip("second:Q", title="in the second", format=".2f"),
    ]
    dots = _pairs().mark_point(size=60).encode(x=x, y=y, color=colour, tooltip=tooltip)
    total = (
        _pairs()
        .transform_calculate(ab="datum.first * datum.second", aa="datum.first * datum.first", bb="datum.second * datum.second")
        .transform_aggregate(a="mean(first)", b="mean(second)", ab="mean(ab)", aa="mean(aa)", bb="mean(bb)")
        .transform_calculate(
            spread="sqrt((datum.aa - datum.a * datum.a) * (datum.bb - datum.b * datum.b))",
        )
        .transform_calculate(text="'six pairs: r = ' + format((datum.ab - datum.a * datum.b) / datum.spread, '.2f')")
        .mark_text(align="left", baseline="alphabetic", fontSize=TEXT, fontWeight=600, color=light("ink"))
        .encode(x=alt.XValue(0), y=alt.YValue(-24), text="text:N")
    )
    return stacked(dots, total, width=width, height=height)


def _chart(width: int) -> alt.TopLevelMixin:
    narrow = is_narrow(width)
    gap, axis = (26, 34) if narrow else (48, 0)
    side = (width - axis - gap - 12) // 2 if narrow else (width - 2 * gap - 8) // 3
    first = _plane("first space", "datum.ax", "datum.ay", side, "first")
    second = _plane("second space", _U, _V, side, "second")
    if narrow:
        planes = alt.HConcatChart(hconcat=[first, second], spacing=gap, bounds="flush")
        whole = alt.VConcatChart(vconcat=[planes, _scatter(width - axis - 8, 170)], spacing=46)
    else:
        whole = alt.HConcatChart(hconcat=[first, second, _scatter(side, side)], spacing=gap, bounds="flush")
    return controlled(whole, pair="-".join(PAIRS[0]), turn=0, squeeze=0)


@figure(needs=())
def rsa_by_hand(data: Mapping[str, Any]) -> Figure:
    table = [
        {"turn": turn, "squeeze": squeeze, "pair": f"{a}, {b}", "first": one_of, "second": other, "r": rsa(turn, squeeze)}
        for turn, squeeze in ((0, 0), (90, 0), (0, 50), (0, LARGEST_SQUEEZE))
        for (a, b), (one_of, other) in zip(PAIRS, six(turn, squeeze), strict=True)
    ]
    described = listed(
        f"{a} and {b} {fixed(one_of)} and {fixed(other)}" for (a, b), (one_of, other) in zip(PAIRS, six(), strict=True)
    )
    return Figure(
        title=f"By hand: six cosines in either space rise and fall together, r = {fixed(rsa())}, though no word is in the same place",
        caption=(
            "Two invented planes (they come from no model). Choose a pair and compare its two angles. Turn the second space: its "
            "coordinates change, no cosine and not r. Squeeze its upright axis: the cosines change, and r follows. *Where it misleads:* "
            "two "
            "dimensions force angles on each other (who is near one word and far from another is nearly settled), and six pairs are too "
            "few "
            "to conclude anything."
        ),
        description=(
            f"The first space: {listed(f'{word} ({fixed(x, 0)}, {fixed(y, 0)})' for word, (x, y) in FIRST.items())}. The second: "
            f"{listed(f'{word} ({fixed(x, 1)}, {fixed(y, 1)})' for word, (x, y) in SECOND.items())}. Cosines in the first and in the "
            f"second: {described}. Their Pearson correlation is {fixed(rsa(), 3)}, and {fixed(rsa(squeeze=LARGEST_SQUEEZE), 3)} after "
            f"the second space's upright axis has been squeezed by {LARGEST_SQUEEZE}%."
        ),
        table=Table(
            [
                Column("turn", "second space turned by, degrees", "integer"),
                Column("squeeze", "its upright axis squeezed by, percent", "integer"),
                Column("pair", "pair"),
                Column("first", "cosine in the first", "number", 2),
                Column("second", "cosine in the second", "number", 2),
                Column("r", "r of the six", "number", 3),
            ],
            table,
            default_rows=lambda row: row["turn"] == 0 and row["squeeze"] == 0,
        ),
        chart=_chart,
        datasets={
            "words": [
                {"word": word, "ax": x, "ay": y, "bx": SECOND[word][0], "by": SECOND[word][1]} for word, (x, y) in FIRST.items()
            ],
            "pairs": [
                {"pair": f"{a}-{b}", "first": round(cosine(FIRST[a], FIRST[b]), 4)}
                | {"b1x": SECOND[a][0], "b1y": SECOND[a][1], "b2x": SECOND[b][0], "b2y": SECOND[b][1]}
                for a, b in PAIRS
            ],
        },
        controls=[
            Control("pair", "Pair", "select", "-".join(PAIRS[0]), options=[(f"{a}-{b}", f"{a} and {b}") for a, b in PAIRS]),
            Control("turn", "Turn the second space", "slider", 0, minimum=0, maximum=LARGEST_TURN, step=TURN_STEP, unit="°"),
            Control("squeeze", "Squeeze its upright axis by", "slider", 0, maximum=LARGEST_SQUEEZE, step=SQUEEZE_STEP, unit="%"),
        ],
    )
