"""Sinusoidal, learned and rotary positions in one picture: the marks themselves, and how alike they are by distance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.positions import PositionScheme
from charts.figure import Column, Figure, Table, figure
from charts.layout import joined, note, rows, stacked
from charts.palette import light
from charts.reading import Member, fixed, listed, members, rounded
from charts.theme import SMALL, TEXT, is_narrow

GAP = 14  # px between pictures
CELL = 9  # px: height of a cell
DASHES = {"sinusoidal": [2, 3], "learned": [], "rotary": [6, 3]}
FAR = 16  # the lag that title and description name


def _name(scheme: PositionScheme) -> str:
    return f"{scheme.kind}, {scheme.name}"


def _colour(scheme: PositionScheme) -> str:
    return scheme.role or "ink-soft"


def _cells(schemes: list[PositionScheme]) -> list[dict[str, Any]]:
    """A row of the dataset for each row of a picture: its marks as whole hundredths."""
    return [
        {
            "scheme": n,
            "position": position,
            "name": _name(scheme),
            "dims": scheme.shown_dims,
            "column": list(range(len(scheme.shown_dims))),
            "mark": [round(100 * x) for x in scheme.marks[row]],
        }
        for n, scheme in enumerate(schemes)
        for row, position in enumerate(scheme.shown_positions)
    ]


def _pictures(schemes: list[PositionScheme], width: int) -> alt.LayerChart:
    across = (width - GAP * (len(schemes) - 1)) / len(schemes)
    height = CELL * max(len(s.shown_positions) for s in schemes)
    x = alt.Scale(domain=[0, width], nice=False)
    y = alt.Scale(domain=[0, height / CELL], reverse=True, nice=False)
    most = max(len(s.shown_dims) for s in schemes)
    base = (
        rows("marks")
        .transform_flatten(["dims", "column", "mark"])
        .transform_calculate(
            left=f"datum.scheme * {across + GAP:.2f} + datum.column * {across / most:.3f}",
            right=f"datum.scheme * {across + GAP:.2f} + (datum.column + 1) * {across / most:.3f}",
            below="datum.position + 1",
            size="abs(datum.mark) / 100",
            shown="datum.mark / 100",
        )
    )
    cells = base.mark_rect().encode(
        x=alt.X("left:Q", scale=x, axis=None),
        x2="right:Q",
        y=alt.Y("position:Q", scale=y, axis=None),
        y2="below:Q",
        color=alt.ColorValue(light("below-zero"), condition={"test": "datum.mark > 0", "value": light("above-zero")}),
        fillOpacity=alt.FillOpacity("size:Q", scale=alt.Scale(domain=[0, 1], range=[0, 1]), legend=None),
        tooltip=[
            alt.Tooltip("name:N", title="scheme"),
            alt.Tooltip("position:Q", title="position"),
            alt.Tooltip("dims:Q", title="number"),
            alt.Tooltip("shown:Q", title="value", format=".2f"),
        ],
    )
    heads = []
    for n, scheme in enumerate(schemes):
        place = n * (across + GAP)
        heads.append(note(scheme.kind, place, -22, _colour(scheme), fontWeight=600, fontSize=TEXT))
        heads.append(note(scheme.name, place, -8, fontSize=SMALL, limit=across))
    foot = note("rows: positions from 0 downwards; columns: numbers of the mark", 0, height + 16)
    if is_narrow(width + 36):
        foot = note(["rows: positions from 0 downwards;", "columns: numbers of the mark"], 0, height + 16, lineHeight=15)
    return stacked(cells, *heads, foot, width=width, height=height)


def _curves(schemes: list[PositionScheme], width: int) -> alt.LayerChart:
    last = max(max(s.lags) for s in schemes)
    low = min(0.0, *(min(s.similarity) for s in schemes))
    x = alt.X(
        "lag:Q",
        scale=alt.Scale(domain=[0, last], nice=False),
        axis=alt.Axis(title="distance in tokens", titleAnchor="end", grid=False, tickCount=6),
    )
    y = alt.Y(
        "value:Q",
        scale=alt.Scale(domain=[rounded(low - low % 0.2, 1) if low < 0 else 0, 1], nice=False),
        axis=alt.Axis(title="how alike two marks are", tickCount=5, titleX=-30),
    )
    layers: list[Any] = []
    for n, scheme in enumerate(schemes):
        paint, dashes = light(_colour(scheme)), DASHES[scheme.kind]
        here = rows("curves").transform_filter(f"datum.scheme == {n}").transform_flatten(["lag", "value"])
        layers.append(here.mark_line(color=paint, strokeDash=dashes).encode(x=x, y=y))
        place = 12 + 18 * n
        start = width - 36 - 215
        layers.append(
            alt.Chart(alt.Data(values=[{}]))
            .mark_rule(color=paint, strokeWidth=2, strokeDash=dashes)
            .encode(x=alt.XValue(start), x2=alt.X2Value(start + 24), y=alt.YValue(place - 4))
        )
        layers.append(note(_name(scheme), start + 30, place, "ink"))
    return stacked(*layers, width=width - 36, height=190)


def _title(schemes: list[PositionScheme]) -> str:
    far = min(FAR, *(s.lags[-1] for s in schemes))
    parts = listed(f"{fixed(s.similarity[far])} ({_name(s)})" for s in schemes)
    return f"Near places get marks that are alike; {far} tokens apart their likeness is {parts}"


@figure(needs=("model_facts", "position_marks"))
def ways_to_mark_a_place(data: Mapping[str, Any]) -> Figure:
    models: dict[str, Member] = members(data)
    schemes = data["position_marks"].schemes
    sentences = []
    for s in schemes:
        far = min(FAR, s.lags[-1])
        rule = f"base {s.base:,.0f}" if s.base else f"a table of {s.positions:,} rows"
        sentences.append(
            f"{_name(s)}: {rule}, {s.dims} numbers a mark; likeness {fixed(s.similarity[1])} at distance 1, "
            f"{fixed(s.similarity[far])} at {far} and {fixed(s.similarity[-1])} at {s.lags[-1]}."
        )
    table = [
        {"scheme": _name(s), "distance": lag, "likeness": s.similarity[lag]}
        for lag in (0, 1, 2, 4, 8, 16, 32, 64, 127)
        for s in schemes
        if lag < len(s.lags)
    ]
    return Figure(
        title=_title(schemes),
        caption=(
            "Above: the first positions, a row each, with some of their numbers (purple above zero, green below, each picture on "
            "its own scale). Below: the mean cosine of two marks by their distance; for the rotary scheme, the cosine of "
            "a vector with itself after it was turned by that distance, if all its pairs of numbers are equally long. *Where it misleads:* "
            "the columns are a few of hundreds, and rotary numbers are angles' sines and cosines that are never added to anything."
        ),
        description=" ".join(sentences),
        table=Table(
            [
                Column("scheme", "scheme"),
                Column("distance", "distance, tokens", "integer"),
                Column("likeness", "likeness", "number", 3),
            ],
            table,
        ),
        chart=lambda width: joined(_pictures(schemes, width - 36), _curves(schemes, width), beside=False, spacing=54),
        datasets={
            "marks": _cells(schemes),
            "curves": [{"scheme": n, "lag": s.lags, "value": s.similarity} for n, s in enumerate(schemes)],
        },
        roles=tuple(models),
    )
