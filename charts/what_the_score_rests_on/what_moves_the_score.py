"""How far each choice of this lesson moves one and the same score."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import altair as alt

from charts.figure import Column, Figure, Table, figure
from charts.layout import rows, stacked
from charts.palette import light
from charts.reading import fixed
from charts.theme import SMALL, TEXT, is_narrow
from charts.what_the_score_rests_on.fewer_bits import small
from charts.what_the_score_rests_on.parts import names_of_set, pair_name

FLOOR = 1e-5
PAIR = ["decoder", "encoder"]
ARTEFACTS = ("score_matrix", "word_influences", "word_samples", "category_selectivity", "partial_scores", "quantised_copies")


def moves(data: Mapping[str, Any]) -> list[tuple[str, float]]:
    """(what was changed, size of the change of the score of decoder and encoder), smallest first."""
    bits = data["quantised_copies"]
    influences = next(e for e in data["word_influences"].by_pair if [e.first, e.second] == PAIR)
    partial = next(e for e in data["partial_scores"].by_pair if [e.first, e.second] == PAIR)
    samples = data["word_samples"]
    n = samples.pairs.index(PAIR)
    matrix = next((p for p in data["score_matrix"].pairs if [p.first, p.second] == PAIR), None)
    found = [(f"{e.name} for the encoder", abs(e.score_with_decoder - bits.score)) for e in bits.formats]
    found.append(("one word less, at most", max(abs(i.change) for i in influences.influences)))
    found.append(("an interval, half its width", (influences.high - influences.low) / 2))
    given = {score.given: score.value for score in partial.scores}
    found.append(("category taken off", abs(given["category"] - given["nothing"])))
    found.append(("frequency taken off", abs(given["ranks"] - given["nothing"])))
    others = [abs(t.scores[n] - samples.published_scores[n]) for t in samples.triples if not t.published]
    if others:
        found.append(("other categories, median", sorted(others)[len(others) // 2]))
    lists = {entry.name: entry for entry in data["category_selectivity"].lists}
    if "without misfits" in lists:
        found.append(("without the misfits", abs(lists["without misfits"].scores[n] - lists["published"].scores[n])))
    if matrix is not None:
        found.append(("ranks for values", abs(matrix.spearman - matrix.pearson)))
    return sorted(found, key=lambda move: move[1])


def _title(data: Mapping[str, Any], names: dict[str, str]) -> str:
    found = dict(moves(data))
    bits = next(value for name, value in found.items() if name.startswith("Q8_0"))
    last, most = moves(data)[-1]
    return (
        f"{pair_name(PAIR, names)}: of these choices the one that moves the score most ({last.split(',')[0]}) moves it by {fixed(most)}, "
        f"the eight-bit format by {small(bits)}"
    )


def _chart(data: Mapping[str, Any], width: int) -> alt.TopLevelMixin:
    found = moves(data)
    narrow = is_narrow(width)
    left, lane = (150 if narrow else 190), 26
    height = lane * len(found) + 4
    scale = alt.Scale(type="log", domain=[FLOOR, 1], nice=False)
    ticks = [10.0**n for n in range(round(math.log10(FLOOR)), 1)]
    if narrow:
        ticks = ticks[1::2]
    axis = alt.Axis(values=ticks, format="~g", title="change of the score", titleAnchor="end", labelOverlap=False)
    here = rows("moves").transform_calculate(at=f"(datum.place + 0.5) * {lane}", floor=str(FLOOR))
    y = alt.Y("at:Q", scale=alt.Scale(domain=[height, 0], nice=False), axis=None)
    value = alt.X("value:Q", scale=scale, axis=axis)
    colour = alt.ColorValue(light("ink-soft"), condition={"test": "datum.bits", "value": light("encoder")})
    layers = [
        here.mark_rule(strokeWidth=2).encode(x=alt.X("floor:Q", scale=scale, axis=axis), x2="value:Q", y=y, color=colour),
        here.mark_point(size=60).encode(
            x=value, y=y, color=colour, tooltip=[alt.Tooltip("label:N", title="change"), alt.Tooltip("shown:N", title="score moves by")]
        ),
        here.mark_text(align="left", baseline="middle", fontSize=SMALL if narrow else TEXT, limit=left - 6).encode(
            x=alt.XValue(-left), y=y, text="label:N"
        ),
        here.mark_text(align="right", baseline="middle", fontSize=SMALL).encode(x=alt.XValue(width - left), y=y, text="shown:N"),
    ]
    return stacked(*layers, width=width - left - 56, height=height)


@figure(needs=("model_facts", *ARTEFACTS))
def what_moves_the_score(data: Mapping[str, Any]) -> Figure:
    names = names_of_set(data)
    found = moves(data)
    drawn = [
        {"place": n, "label": label, "value": max(FLOOR, min(1.0, value)), "shown": small(value), "bits": int(label.startswith("Q"))}
        for n, (label, value) in enumerate(found)
    ]
    score = data["quantised_copies"].score
    return Figure(
        title=_title(data, names),
        caption=(
            f"The RSA score of {pair_name(PAIR, names)} on the published words is {fixed(score)}. Each line: how far one other choice "
            "moves it, up or down, on a logarithmic axis. *Where it misleads:* the choices differ in kind. An interval says how far "
            "other words of the same sort could move the score; other categories are words of another sort; a partial score answers "
            "another question. And some bars are the most that a choice can do, one is a median, one half a width."
        ),
        description=f"From the smallest change to the largest: {'; '.join(f'{label} {small(value)}' for label, value in found)}.",
        table=Table(
            [Column("label", "what is changed"), Column("value", "the score moves by", "number", 5)],
            [{"label": label, "value": value} for label, value in found],
        ),
        chart=lambda width: _chart(data, width),
        datasets={"moves": drawn},
        roles=("decoder", "encoder"),
    )
