"""RSA of every present space with every other: one cell a pair."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.scores import ScoreMatrix, SpacePair
from charts.figure import Column, Figure, Table, figure
from charts.layout import note, rows, stacked
from charts.palette import light
from charts.reading import capitalised, count, fixed, listed
from charts.theme import SMALL, TEXT, is_narrow
from charts.what_the_score_rests_on.parts import TONES, p_equals, tone_of

SHARED = {
    "seed": "all but the seed",
    "text": "the text, not the objective",
    "architecture": "the architecture",
    "nothing": "neither text nor objective",
}


def of_members(matrix: ScoreMatrix) -> list[SpacePair]:
    """The pairs in which both are models of the set or accompany it, best first."""
    small = {space.key for space in matrix.spaces if space.role is None and space.family in ("skip-gram", "CBOW")}
    return sorted((p for p in matrix.pairs if not {p.first, p.second} & small), key=lambda p: -p.pearson)


def _title(matrix: ScoreMatrix, names: dict[str, str]) -> str:
    kin = {entry.shared: entry for entry in matrix.kinship}
    own = of_members(matrix)
    last = own[-1]
    parts = []
    if "seed" in kin:
        parts.append(f"models that share all but the seed score {fixed(kin['seed'].mean)} on average")
    if "text" in kin:
        parts.append(f"those that share their text {fixed(kin['text'].mean)}")
    if "nothing" in kin and parts:
        parts.append(f"those that share neither {fixed(kin['nothing'].mean)}")
    if not parts:
        parts.append(f"{names[last.first]} and {names[last.second]} score {fixed(last.pearson)}")
    return capitalised(listed(parts))


def _cells(matrix: ScoreMatrix, names: dict[str, str]) -> list[dict[str, Any]]:
    place = {space.key: n for n, space in enumerate(matrix.spaces)}
    cells = []
    for pair in matrix.pairs:
        i, j = place[pair.first], place[pair.second]
        for column, row in ((i, j), (j, i)):
            cells.append(
                {
                    "column": column,
                    "row": row,
                    "score": pair.pearson,
                    "share": max(0.0, pair.pearson),
                    "pair": f"{names[pair.first]} – {names[pair.second]}",
                    "range": f"{fixed(pair.low)} to {fixed(pair.high)}",
                    "text": fixed(pair.pearson),
                }
            )
    return cells


def _chart(matrix: ScoreMatrix, width: int) -> alt.TopLevelMixin:
    number = len(matrix.spaces)
    narrow = is_narrow(width)
    left, right = (84, 20) if narrow else (110, 4)  # the last name leans out to the right of a narrow column
    cell = (width - left - right) / number
    line = 30 if narrow else min(cell, 56)
    head = 26 if narrow else 30
    x, y = alt.Scale(domain=[0, number * cell], nice=False), alt.Scale(domain=[0, number], reverse=True, nice=False)
    base = rows("cells").transform_calculate(
        x=f"datum.column * {cell:.3f}",
        x2=f"(datum.column + 1) * {cell:.3f}",
        middle_x=f"(datum.column + 0.5) * {cell:.3f}",
        y2="datum.row + 1",
        middle="datum.row + 0.5",
    )
    tips = [
        alt.Tooltip("pair:N", title="pair"),
        alt.Tooltip("score:Q", title="RSA", format=".3f"),
        alt.Tooltip("range:N", title="95% interval"),
    ]
    squares = base.mark_rect(color=light("size"), stroke=light("paper"), strokeWidth=1).encode(
        x=alt.X("x:Q", scale=x, axis=None),
        x2="x2:Q",
        y=alt.Y("row:Q", scale=y, axis=None),
        y2="y2:Q",
        fillOpacity=alt.FillOpacity("share:Q", scale=alt.Scale(domain=[0, 1], range=[0.04, 0.95]), legend=None),
        tooltip=tips,
    )
    numbers = base.mark_text(fontSize=SMALL - (1 if narrow else 0)).encode(
        x=alt.X("middle_x:Q", scale=x, axis=None),
        y=alt.Y("middle:Q", scale=y, axis=None),
        text="text:N",
        color=alt.ColorValue(light("ink"), condition={"test": "datum.share > 0.84", "value": light("paper")}),
    )
    colour = alt.Color("tone:N", scale=alt.Scale(domain=list(TONES), range=[light(tone) for tone in TONES]), legend=None)
    names = rows("spaces").transform_calculate(middle="datum.place + 0.5", middle_x=f"(datum.place + 0.5) * {cell:.3f}")
    layers: list[Any] = [squares]
    if not narrow:
        layers.append(numbers)
    layers += [
        names.mark_text(align="left", baseline="middle", fontSize=SMALL if narrow else TEXT, limit=left - 4).encode(
            x=alt.XValue(-left), y=alt.Y("middle:Q", scale=y, axis=None), text="name:N", color=colour
        ),
        names.mark_text(align="left", baseline="middle", angle=300, fontSize=SMALL, limit=86).encode(
            x=alt.X("middle_x:Q", scale=x, axis=None), y=alt.YValue(-8), text="name:N", color=colour
        ),
        note("", 0, -62 - head // 2),
    ]
    if narrow:
        layers.append(numbers.transform_filter("datum.row > datum.column"))
    return stacked(*layers, width=number * cell, height=number * line)


@figure(needs=("model_facts", "score_matrix"))
def who_agrees_with_whom(data: Mapping[str, Any]) -> Figure:
    matrix: ScoreMatrix = data["score_matrix"]
    names = {space.key: space.name for space in matrix.spaces}
    table = [
        {
            "first": names[p.first],
            "second": names[p.second],
            "shared": SHARED[p.shared],
            "pearson": p.pearson,
            "low": p.low,
            "high": p.high,
            "p": p.p,
            "spearman": p.spearman,
        }
        for p in sorted(matrix.pairs, key=lambda p: -p.pearson)
    ]
    kin = "; ".join(
        f"sharing {SHARED[k.shared]}: {count(k.pairs, 'pair')}, from {fixed(k.least)} to {fixed(k.most)}, mean {fixed(k.mean)}"
        for k in matrix.kinship
    )
    own = ", ".join(
        f"{names[p.first]} and {names[p.second]} {fixed(p.pearson)} (interval {fixed(p.low)} to {fixed(p.high)}, "
        f"{p_equals(p.p, matrix.permutations)})"
        for p in of_members(matrix)
    )
    return Figure(
        title=_title(matrix, names),
        caption=(
            f"RSA scores (Pearson, cosine) on the {len(matrix.words)} words that all these spaces know; full colour is 1, no colour 0 or "
            f"less. The table has each pair's 95% interval from {matrix.resamples:,} resamples of the words, and its p from "
            f"{matrix.permutations:,} permutations. *Where it misleads:* all cells share the same few words, so they rise and fall "
            f"together; with {len(matrix.pairs)} tests, one in twenty would fall below .05 by luck."
        ),
        description=f"{capitalised(kin)}. Among the set's models: {own}.",
        table=Table(
            [
                Column("first", "space"),
                Column("second", "other space"),
                Column("shared", "they share"),
                Column("pearson", "RSA, Pearson", "number", 3),
                Column("low", "95% from", "number", 2),
                Column("high", "to", "number", 2),
                Column("p", "p", "number", 4),
                Column("spearman", "RSA, Spearman", "number", 3),
            ],
            table,
        ),
        chart=lambda width: _chart(matrix, width),
        datasets={
            "cells": _cells(matrix, names),
            "spaces": [{"place": n, "name": s.name, "tone": tone_of(s)} for n, s in enumerate(matrix.spaces)],
        },
        roles=tuple(space.role for space in matrix.spaces if space.role),
    )
