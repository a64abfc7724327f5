"""The words with the smallest and the largest number in one column of a matrix, and whether such words have anything in common."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.vectors import AxesOfModel
from charts.figure import Column, Control, Figure, Table, figure
from charts.from_words_to_vectors.spaces import down, headings, spaces
from charts.layout import controlled, note, one, rows, stacked
from charts.palette import SHAPES, light
from charts.reading import Member, fixed, listed, percent
from charts.theme import SMALL, TEXT, is_narrow

KINDS = {"axes": "axes of the matrix", "directions": "random directions", "word_sets": "random words"}
LIST_TOP, LINE, BANDS_TOP, LANE = 46, 22, 148, 30  # px
CLEAR = 0.1  # an axis end counts as unusual above 95% of random ends; twice the 5% of chance is where we say axes stand out


def stand_out(entry: AxesOfModel) -> bool:
    """Whether clearly more ends of axes than the 5% of chance are more alike than those of random directions."""
    return entry.axes_above_directions > CLEAR


def _title(entries: dict[str, AxesOfModel], members: dict[str, Member]) -> str:
    better = [members[role].name for role, entry in entries.items() if stand_out(entry)]
    if better:
        return f"In {listed(better)} more axes have extreme words that belong together than random directions do"
    names = listed((members[role].name for role in entries), "or")
    return f"The extreme words of an axis are no more alike than those of a direction drawn at random, in {names}"


def _datasets(entries: dict[str, AxesOfModel]) -> dict[str, list[dict[str, Any]]]:
    """One row a dimension with its words in two strings, which keeps all dimensions of all models within a few kilobytes."""
    lists = [
        {"r": role, "d": n, "l": low, "h": high}
        for role, entry in entries.items()
        for n, (low, high) in enumerate(zip(entry.low, entry.high, strict=True), start=1)
    ]
    bands = [
        {"role": role, "y": BANDS_TOP + LANE * n + 12, "mean": s.mean, "low": s.percentile_5, "high": s.percentile_95, "what": name}
        for role, entry in entries.items()
        for n, (kind, name) in enumerate(KINDS.items())
        for s in [getattr(entry, kind)]
    ]
    return {"lists": lists, "bands": bands}


def _chart(entries: dict[str, AxesOfModel], members: dict[str, Member], shown: int, first: str, width: int) -> alt.TopLevelMixin:
    left, right = 112, 36
    plot, height = width - left - right - 4, BANDS_TOP + LANE * len(KINDS)
    edges = [s for e in entries.values() for s in (e.axes, e.directions, e.word_sets)]
    low, high = (
        math.floor(min(s.percentile_5 for s in edges) * 10) / 10,
        math.ceil(max(s.percentile_95 for s in edges) * 10) / 10,
    )
    dims = "{" + ",".join(f"{role}:{entry.dims}" for role, entry in entries.items()) + "}"
    chosen = f"datum.r == model && datum.d == min(dimension, {dims}[model])"
    words = (
        rows("lists")
        .transform_filter(chosen)
        .transform_calculate(i=f"sequence({shown})", low="split(datum.l, ' ')", high="split(datum.h, ' ')")
        .transform_flatten(["i", "low", "high"])
        .transform_calculate(y=f"{LIST_TOP} + datum.i * {LINE}")
    )
    y = down(height)
    column = (plot + left) / 2 - left
    texts = [
        words.mark_text(align="left", baseline="middle", fontSize=TEXT + 1).encode(x=alt.XValue(x), y=y, text=f"{field}:N")
        for field, x in (("low", -left), ("high", column))
    ]
    heads = [
        note("smallest numbers", -left, LIST_TOP - 20, fontSize=SMALL),
        note("largest numbers", column, LIST_TOP - 20, fontSize=SMALL),
    ]
    counted = alt.expr(f"'dimension ' + min(dimension, {dims}[model]) + ' of ' + {dims}[model]")
    which = note(counted, column, 6, "ink", fontWeight=600, fontSize=TEXT)
    layers: list[Any] = [*texts, *heads, which]
    headings(members, "model", -left, 6, layers)
    scale = alt.Scale(domain=[low, high], nice=False)
    axis = alt.Axis(title="how alike ten extreme words are: mean cosine", titleAnchor="end", tickCount=5, format=".1f", grid=False)
    x = alt.X("low:Q", scale=scale, axis=axis)
    here = rows("bands").transform_filter("datum.role == model")
    layers.append(here.mark_rule(color=light("baseline"), strokeWidth=5, opacity=0.5).encode(x=x, x2="high:Q", y=y))
    for role in members:
        layers.append(
            here.transform_filter(f"datum.role == '{role}'")
            .mark_point(shape=SHAPES[role], size=70, color=light(role))
            .encode(
                x=alt.X("mean:Q", scale=scale, axis=axis),
                y=y,
                tooltip=[
                    alt.Tooltip("what:N", title="ends of"),
                    alt.Tooltip("mean:Q", title="mean", format=".3f"),
                    alt.Tooltip("low:Q", title="5% are below", format=".3f"),
                    alt.Tooltip("high:Q", title="5% are above", format=".3f"),
                ],
            )
        )
    layers += [note(name, -left, BANDS_TOP + LANE * n + 16) for n, name in enumerate(KINDS.values())]
    layers.append(one(y=BANDS_TOP - 14).mark_rule(color=light("rule")).encode(x=alt.XValue(-left), x2=alt.X2Value(plot + right), y=y))
    if not is_narrow(width):
        layers.append(note("bands: nine of ten; marks: means", alt.expr("width"), BANDS_TOP - 2, align="right"))
    return controlled(stacked(*layers, width=plot, height=height), model=first, dimension=1)


@figure(needs=("model_facts", "axis_extremes"))
def extremes_of_a_dimension(data: Mapping[str, Any]) -> Figure:
    exported = data["axis_extremes"]
    members = spaces(data)
    entries = {entry.role: entry for entry in exported.by_model if entry.role in members}
    members = {role: member for role, member in members.items() if role in entries}
    first = next(iter(members))
    empty = dict.fromkeys(("dimension", "low", "high", "mean", "percentile_5", "percentile_95"))
    table = [
        {"role": role, "model": members[role].name, "what": f"ends of {name}"}
        | empty
        | {"mean": s.mean, "percentile_5": s.percentile_5, "percentile_95": s.percentile_95}
        for role, entry in entries.items()
        for kind, name in KINDS.items()
        for s in [getattr(entry, kind)]
    ]
    table += [
        {"role": role, "model": members[role].name, "what": "words"} | empty | {"dimension": n, "low": low, "high": high}
        for role, entry in entries.items()
        for n, (low, high) in enumerate(zip(entry.low, entry.high, strict=True), start=1)
    ]
    described = [
        f"{members[role].name}: dimension 1 has {listed(entry.low[0].split())} at the low end and {listed(entry.high[0].split())} "
        f"at the high end. The {exported.group} extreme words of an end have a mean cosine of {fixed(entry.axes.mean)} for axes, "
        f"{fixed(entry.directions.mean)} for random directions and {fixed(entry.word_sets.mean)} for random words, measured in "
        f"{members[entry.judge].name}; {percent(entry.axes_above_directions)} of the ends of axes lie above the 95th percentile of "
        "random directions."
        for role, entry in entries.items()
    ]
    return Figure(
        title=_title(entries, members),
        caption=(
            f"Choose a model and one of its dimensions: the {exported.shown} words with the smallest and with the largest number in "
            f"that column, out of {exported.words:,} words that all the models know as one token. Below, how alike the "
            f"{exported.group} most extreme words are: by another model's cosines, after subtracting the average of its vectors; so none "
            "judges its own case. *Where it misleads:* a reader finds a theme in any short list; so random directions stand beside."
        ),
        description=" ".join(described),
        table=Table(
            [
                Column("model", "model"),
                Column("what", "what"),
                Column("dimension", "dimension", "integer"),
                Column("low", "smallest numbers"),
                Column("high", "largest numbers"),
                Column("mean", "mean cosine", "number", 3),
                Column("percentile_5", "5% are below", "number", 3),
                Column("percentile_95", "5% are above", "number", 3),
            ],
            table,
            default_rows=lambda row: row["dimension"] is None or (row["role"] == first and row["dimension"] == 1),
        ),
        chart=lambda width: _chart(entries, members, exported.shown, first, width),
        datasets=_datasets(entries),
        controls=[
            Control("model", "Model", "select", first, options=[(role, member.name) for role, member in members.items()]),
            Control("dimension", "Dimension", "slider", 1, minimum=1, maximum=max(e.dims for e in entries.values()), step=1),
        ],
        roles=tuple(members),
    )
