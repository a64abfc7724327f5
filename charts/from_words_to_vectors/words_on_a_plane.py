"""Words as points of a plane with invented coordinates: turning the axes changes every coordinate and no distance."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import altair as alt

from charts.figure import Column, Control, Figure, Table, figure
from charts.layout import controlled, note, one, rows, stacked
from charts.palette import light
from charts.reading import fixed
from charts.theme import TEXT, is_narrow

# Invented for the lesson, not from a model: first number how royal, second how grown-up, from -4 to 4.
POINTS: dict[str, tuple[float, float]] = {
    "king": (3.2, 2.9),
    "queen": (3.0, 3.3),
    "prince": (2.5, -2.2),
    "princess": (2.9, -2.5),
    "knight": (0.9, 2.2),
    "man": (-2.7, 2.8),
    "woman": (-2.9, 3.2),
    "boy": (-2.6, -2.0),
    "girl": (-3.0, -2.3),
    "baby": (-1.0, -3.6),
}
LARGEST_TURN, STEP, HALF = 350, 10, 4.9


def turned(point: tuple[float, float], degrees: float) -> tuple[float, float]:
    """The coordinates of the same point after the axes have been turned."""
    turn = math.radians(degrees)
    x, y = point
    return x * math.cos(turn) + y * math.sin(turn), y * math.cos(turn) - x * math.sin(turn)


def nearest(word: str) -> tuple[str, float]:
    """The nearest other word, and how far it is."""
    found = min((other for other in POINTS if other != word), key=lambda other: math.dist(POINTS[word], POINTS[other]))
    return found, math.dist(POINTS[word], POINTS[found])


def _chart(width: int) -> alt.TopLevelMixin:
    narrow = is_narrow(width)
    height = 290 if narrow else 330
    plot = width - 4
    wide = HALF * plot / height  # both axes have the same scale, or angles would be wrong
    x_scale, y_scale = alt.Scale(domain=[-wide, wide], nice=False), alt.Scale(domain=[-HALF, HALF], nice=False)
    x, y = alt.X("u:Q", scale=x_scale, axis=None), alt.Y("v:Q", scale=y_scale, axis=None)
    placed = rows("points").transform_calculate(
        u="datum.x * cos(turn * PI / 180) + datum.y * sin(turn * PI / 180)",
        v="datum.y * cos(turn * PI / 180) - datum.x * sin(turn * PI / 180)",
    )
    chosen = placed.transform_filter("datum.word == word").transform_calculate(
        at="datum.word + ' = (' + format(datum.u, '.1f') + ', ' + format(datum.v, '.1f') + ')'",
        near="'nearest: ' + datum.nearest + ', ' + format(datum.distance, '.2f') + ' away'",
        zero="0",
    )
    grid = [
        one(u=0.0, v=-HALF, w=HALF).mark_rule(color=light("rule")).encode(x=x, y=y, y2="w:Q"),
        one(u=-wide, v=0.0, w=wide).mark_rule(color=light("rule")).encode(x=x, y=y, x2="w:Q"),
    ]
    arrow = chosen.mark_rule(color=light("accent"), strokeWidth=2.5).encode(
        x=alt.X("zero:Q", scale=x_scale, axis=None), x2="u:Q", y=alt.Y("zero:Q", scale=y_scale, axis=None), y2="v:Q"
    )
    dots = placed.mark_point(size=60, color=light("ink")).encode(
        x=x,
        y=y,
        tooltip=[
            alt.Tooltip("word:N", title="word"),
            alt.Tooltip("u:Q", title="first number", format=".2f"),
            alt.Tooltip("v:Q", title="second number", format=".2f"),
        ],
    )
    head = chosen.mark_point(size=90, color=light("accent")).encode(x=x, y=y)
    left = placed.transform_filter("!datum.right").mark_text(align="right", baseline="middle", dx=-8, fontSize=TEXT)
    right = placed.transform_filter("datum.right").mark_text(align="left", baseline="middle", dx=8, fontSize=TEXT)
    style = {"align": "left", "baseline": "alphabetic", "fontSize": TEXT, "fontWeight": 600, "color": light("accent")}
    readings = [
        chosen.mark_text(**style).encode(x=alt.XValue(2), y=alt.YValue(at), text=f"{field}:N") for field, at in (("at", -26), ("near", -8))
    ]
    first = note(alt.expr("turn == 0 ? 'more royal →' : 'first axis →'"), alt.expr("width"), height / 2 - 6, align="right")
    second = note(alt.expr("turn == 0 ? '↑ more grown-up' : '↑ second axis'"), plot / 2 + 6, 11)
    whole = stacked(
        *grid,
        arrow,
        dots,
        head,
        left.encode(x=x, y=y, text="word:N"),
        right.encode(x=x, y=y, text="word:N"),
        first,
        second,
        *readings,
        width=plot,
        height=height,
    )
    return controlled(whole, word="king", turn=0)


@figure(needs=())
def words_on_a_plane(data: Mapping[str, Any]) -> Figure:
    table = []
    for turn in (0, 40, 90):
        for word, point in POINTS.items():
            (u, v), (near, distance) = turned(point, turn), nearest(word)
            table.append({"turn": turn, "word": word, "first": u, "second": v, "nearest": near, "distance": distance})
    king, (near, distance) = POINTS["king"], nearest("king")
    u, v = turned(king, 40)
    return Figure(
        title="Turn the axes: every word gets other coordinates, and every distance between words stays what it was",
        caption=(
            "Ten words on a plane; the places are invented, not from a model. Choose a word to see its two numbers and its nearest "
            "neighbour, then turn the axes. *Where it misleads:* two axes have names here because we gave them names, and queen "
            "had to be put beside king, since no axis was left to tell them apart."
        ),
        description=(
            f"Ten invented points. Across: how royal; upwards: how grown-up. King is at ({fixed(king[0], 1)}, {fixed(king[1], 1)}), "
            f"its nearest word is {near}, {fixed(distance)} away. With the axes turned by 40 degrees king is at ({fixed(u, 1)}, "
            f"{fixed(v, 1)}), and {near} is still {fixed(distance)} away. So it is for every word and every turn."
        ),
        table=Table(
            [
                Column("turn", "axes turned by, degrees", "integer"),
                Column("word", "word"),
                Column("first", "first number", "number", 1),
                Column("second", "second number", "number", 1),
                Column("nearest", "nearest word"),
                Column("distance", "its distance", "number", 2),
            ],
            table,
            default_rows=lambda row: row["turn"] == 0,
        ),
        chart=_chart,
        datasets={
            "points": [
                {"word": word, "x": x, "y": y, "nearest": nearest(word)[0], "distance": round(nearest(word)[1], 4)}
                | {"right": word in ("king", "queen", "man", "princess", "knight", "boy", "baby")}
                for word, (x, y) in POINTS.items()
            ]
        },
        controls=[
            Control("word", "Word", "select", "king", options=[(word, word) for word in POINTS]),
            Control("turn", "Turn the axes", "slider", 0, minimum=0, maximum=LARGEST_TURN, step=STEP, unit="°"),
        ],
    )
