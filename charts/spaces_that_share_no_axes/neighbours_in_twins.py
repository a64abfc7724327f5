"""A word's nearest words in models that differ in seed or objective only, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.spaces import TwinGeometry
from charts.figure import Column, Control, Figure, Table, figure
from charts.layout import controlled, note, one, rows, stacked
from charts.palette import light
from charts.reading import fixed, listed, rounded
from charts.spaces_that_share_no_axes.parts import across, down, twin_name
from charts.theme import SMALL, TEXT, is_narrow

TOP, LINE, FOOT = 44, 23, 8  # px


def _lists(geometry: TwinGeometry) -> list[dict[str, Any]]:
    found = []
    for entry in geometry.neighbours:
        first = set(entry.by_model[0].words)
        others = set().union(*(near.words for near in entry.by_model[1:]))
        for column, near in enumerate(entry.by_model):
            shared = [int(word in (first if column else others)) for word in near.words]
            found.append(
                {"word": entry.word, "column": column, "w": near.words, "c": [rounded(c, 2) for c in near.cosines], "s": shared}
                | {"n": sum(shared) if column else 0}
            )
    return found


def _chart(geometry: TwinGeometry, word: str, width: int) -> alt.TopLevelMixin:
    narrow = is_narrow(width)
    models = [near.model for near in geometry.neighbours[0].by_model]
    plot, height = width - 4, TOP + LINE * geometry.k + FOOT
    column = plot / len(models)
    here = rows("lists").transform_filter("datum.word == word")
    lines = (
        here.transform_flatten(["w", "c", "s"])
        .transform_window(place="row_number()", groupby=["column"])
        .transform_calculate(
            x=f"datum.column * {column:.2f}",
            right=f"datum.column * {column:.2f} + {column - (10 if narrow else 60):.2f}",
            y=f"{TOP} + (datum.place - 0.5) * {LINE}",
            text="datum.w + (datum.s ? ' •' : '')",
        )
    )
    ink = alt.ColorValue(light("ink-soft"), condition={"test": "datum.s", "value": light("ink")})
    size = SMALL if narrow else TEXT
    layers: list[Any] = [
        lines.mark_text(align="left", baseline="middle", fontSize=size, limit=column - 6).encode(
            x=across(plot), y=down(height), text="text:N", color=ink
        )
    ]
    if not narrow:
        layers.append(
            lines.mark_text(align="right", baseline="middle", color=light("ink-soft")).encode(
                x=across(plot, "right:Q"), y=down(height), text=alt.Text("c:Q", format=".2f")
            )
        )
    for n, model in enumerate(models):
        name = twin_name(model)
        short = name.replace(", seed", "") if narrow else name
        layers.append(note(short, n * column, 14, "ink-soft" if "CBOW" in name else "accent", fontSize=size, fontWeight=600))
    counted = here.transform_filter("datum.column > 0").transform_calculate(
        x=f"datum.column * {column:.2f}", y="32", text="datum.n + (datum.n == 1 ? ' shared' : ' shared')"
    )
    layers.append(
        counted.mark_text(align="left", baseline="alphabetic", fontSize=SMALL, color=light("ink-soft")).encode(
            x=across(plot), y=down(height), text="text:N"
        )
    )
    layers.append(note("nearest first", 0, 32))
    layers.append(one(y=TOP - 4).mark_rule(color=light("rule")).encode(y=down(height)))
    return controlled(stacked(*layers, width=plot, height=height), word=word)


@figure(needs=("twin_geometry",))
def neighbours_in_twins(data: Mapping[str, Any]) -> Figure:
    geometry: TwinGeometry = data["twin_geometry"]
    word = next((entry.word for entry in geometry.neighbours if entry.word == "river"), geometry.neighbours[0].word)
    words = [entry.word for entry in geometry.neighbours]
    seed, objective = geometry.shared[0], geometry.shared[-1]
    table = [
        {"word": entry.word, "model": twin_name(near.model), "place": place, "neighbour": w, "cosine": c}
        | {"shared": "yes" if near is not entry.by_model[0] and w in entry.by_model[0].words else ""}
        for entry in geometry.neighbours
        for near in entry.by_model
        for place, (w, c) in enumerate(zip(near.words, near.cosines, strict=True), start=1)
    ]
    shown = next(entry for entry in geometry.neighbours if entry.word == word)
    return Figure(
        title=(
            f"Of {geometry.k} nearest words, two skip-gram twins share {fixed(seed.mean, 1)} on average, a skip-gram and a CBOW model "
            f"{fixed(objective.mean, 1)}; chance would give {fixed(geometry.chance)}"
        ),
        caption=(
            f"The {geometry.k} nearest words by cosine. A dot marks words that the first list shares with one of the others. The "
            f"averages are over {geometry.asked:,} words drawn at random. *Where it misleads:* a list ends somewhere. Where neighbours are "
            "nearly equally near, as the cosines show for many words, a small change moves one across the end, and the lists differ."
        ),
        description=(
            f"{geometry.asked:,} words: {twin_name(seed.first)} and {twin_name(seed.second)} share {fixed(seed.mean)} of {geometry.k} "
            f"neighbours on average, {twin_name(objective.first)} and {twin_name(objective.second)} {fixed(objective.mean)}, chance "
            f"{fixed(geometry.chance)}. Nearest to {word}: "
            + "; ".join(f"{twin_name(near.model)}: {listed(near.words)}" for near in shown.by_model)
            + "."
        ),
        table=Table(
            [
                Column("word", "word"),
                Column("model", "model"),
                Column("place", "place", "integer"),
                Column("neighbour", "neighbour"),
                Column("cosine", "cosine", "number", 3),
                Column("shared", "in the first list, too"),
            ],
            table,
            default_rows=lambda row: row["word"] == word,
        ),
        chart=lambda width: _chart(geometry, word, width),
        datasets={"lists": _lists(geometry)},
        controls=[Control("word", "Word", "select", word, options=[(w, w) for w in dict.fromkeys([word, *words])])],
    )
