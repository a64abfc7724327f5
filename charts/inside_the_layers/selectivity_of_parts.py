"""Category selectivity of queries, keys and values at the word and one token later, beside random matrices of the same input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.layers import PartSelectivity, QueriesKeysValues
from charts.figure import Column, Figure, Table, figure
from charts.inside_the_layers.parts import PARTS, Line, by_layer, lines_panel, outer_domain, span, value_y
from charts.inside_the_layers.queries_keys_values import RANDOM
from charts.layout import heading, panels
from charts.reading import Member, fixed, listed, members, rounded
from charts.theme import is_narrow

AT, AFTER, CHANCE = "at the word", "one token later", "shuffled labels, 95%"
MADE = ("query", "key", "value")


def of_part(found: QueriesKeysValues, part: str) -> list[PartSelectivity]:
    """[layer]."""
    return [next(one for one in layer.parts if one.part == part) for layer in found.layers]


def above_random(found: QueriesKeysValues, part: str) -> int:
    """Layers in which the trained matrix separates categories better than every draw of a random one."""
    return sum(one.word.mean > one.random.high for one in of_part(found, part))


def _title(found: QueriesKeysValues) -> str:
    layers = len(found.layers)
    parts = listed(f"{PARTS[part]} in {above_random(found, part)}" for part in MADE)
    chance = fixed(layers / (found.seeds + 1), 0)
    return f"Random matrices separate the categories, too: of {layers} layers, {parts} beat all {found.seeds} of them (by chance, {chance})"


def _chart(found: QueriesKeysValues, models: dict[str, Member], width: int) -> alt.TopLevelMixin:
    entries = [one for part in MADE for one in of_part(found, part)]
    values = [v for one in entries for v in (one.word.low, one.word.high, one.random.low, one.random.high, one.after.mean)]
    charts = [
        lines_panel(
            "lines",
            [
                Line(AT, "decoder", band=True),
                Line(RANDOM, "baseline", (5, 4), band=True),
                Line(AFTER, "decoder", (2, 3)),
                Line(CHANCE, "ink-soft", (2, 3)),
            ],
            x=by_layer(len(found.layers), 1),
            y=value_y(outer_domain([*values, found.null_d_95], 0.5, low=0.0)),
            where=f"datum.part == '{part}'",
            title=heading(models["decoder"], PARTS[part], offset=8),
        )
        for part in MADE
    ]
    return panels(charts, width, left=30, right=8, gap=10, below=52 if is_narrow(width) else 28)


@figure(needs=("model_facts", "layer_words", "queries_keys_values"))
def selectivity_of_parts(data: Mapping[str, Any]) -> Figure:
    models, found, words = members(data), data["queries_keys_values"], data["layer_words"]
    lines, table, sentences = [], [], []
    for part in ("input", *MADE):
        for layer, one in enumerate(of_part(found, part), start=1):
            common = {"part": part, "layer": layer}
            for name, spread in ((AT, one.word), (RANDOM, one.random), (AFTER, one.after)):
                if spread is not None and part != "input":
                    ends = {"low": rounded(spread.low), "high": rounded(spread.high)}
                    lines.append(common | {"series": name, "value": rounded(spread.mean)} | ends)
            if part != "input":
                lines.append(common | {"series": CHANCE, "value": rounded(found.null_d_95)})
            table.append(
                {
                    "layer": layer,
                    "part": PARTS[part],
                    "word": one.word.mean,
                    "low": one.word.low,
                    "high": one.word.high,
                    "random": None if one.random is None else one.random.mean,
                    "after": one.after.mean,
                    "ratio": one.deviation_ratio,
                }
            )
        own = of_part(found, part)
        values, later = [one.word.mean for one in own], [one.after.mean for one in own]
        text = f"{PARTS[part]}: d from {span(min(values), max(values))} at the word, {span(min(later), max(later))} one token later"
        if part != "input":
            random = [one.random.mean for one in own]
            text += f", {span(min(random), max(random))} for random matrices, all of which it exceeds in "
            text += f"{above_random(found, part)} of {len(own)} layers"
        sentences.append(text + ".")
    return Figure(
        title=_title(found),
        caption=(
            f"Cohen’s d of the cosines of {len(words.words)} words, pairs of one category against pairs of two. Line and shade: "
            "mean and range over "
            f"{len(words.carriers)} sentences; grey: random matrices of the same width and input; dots: the same parts one token "
            "after the word. "
            "The token before the word is not drawn: there all words give the same vectors, and no cosine differs. *Where it "
            "misleads:* the "
            "keys and values are narrower where heads share them; their grey line has the same width."
        ),
        description=" ".join(sentences) + f" Shuffled labels reach {fixed(found.null_d_95)}.",
        table=Table(
            [
                Column("layer", "layer", "integer"),
                Column("part", "part"),
                Column("word", "d at the word", "number", 2),
                Column("low", "lowest sentence", "number", 2),
                Column("high", "highest sentence", "number", 2),
                Column("random", "random matrices", "number", 2),
                Column("after", "one token later", "number", 2),
                Column("ratio", "SD across / SD within", "number", 2),
            ],
            table,
            default_rows=lambda row: row["part"] != "input",
        ),
        chart=lambda width: _chart(found, models, width),
        datasets={"lines": lines},
        roles=("decoder",),
    )
