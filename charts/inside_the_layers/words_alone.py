"""Why no word is looked at alone: how alike different words are when each is the whole text, and when each stands in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.layers import GeometryOfModel
from charts.figure import Column, Figure, Table, figure
from charts.inside_the_layers.parts import Line, by_layer, lines_panel, outer_domain, span, value_y
from charts.layout import heading, panels
from charts.reading import Member, capitalised, fixed, listed, members, of_role, rounded
from charts.theme import is_narrow

ALONE, TOGETHER = "each word alone", "in the same sentence"
ONE = 0.995  # a mean cosine from which the words are as good as one vector


def collapsed(entry: GeometryOfModel) -> list[int]:
    """The layers in which words alone are as good as one vector."""
    return [layer.layer for layer in entry.layers[1:] if layer.words_alone >= ONE]


def _title(found: dict[str, GeometryOfModel], models: dict[str, Member]) -> str:
    name, entry = models["decoder"].name, found["decoder"]
    layers = collapsed(entry)
    if layers:
        inside = [entry.layers[layer].words_in_carriers.mean for layer in layers]
        how_many = f"{len(layers)} of {len(entry.layers) - 1} layers"
        cosines = span(min(inside), max(inside))
        return f"Alone, all nouns take nearly one direction in {how_many} of {name}; in a sentence their mean cosine is {cosines}"
    highest = max(entry.layers, key=lambda layer: layer.words_alone)
    return f"Alone, different words reach a mean cosine of {fixed(highest.words_alone)} in layer {highest.layer} of {name}"


def _chart(found: dict[str, GeometryOfModel], models: dict[str, Member], width: int) -> alt.TopLevelMixin:
    values = [v for e in found.values() for layer in e.layers for v in (layer.words_alone, layer.words_in_carriers.low, 0.0, 1.0)]
    charts = [
        lines_panel(
            "lines",
            [Line(TOGETHER, role, band=True), Line(ALONE, role, (5, 4))],
            x=by_layer(len(entry.layers) - 1),
            y=value_y(outer_domain(values)),
            where=f"datum.role == '{role}'",
            tooltip=".3f",
            title=heading(models[role], offset=8),
        )
        for role, entry in found.items()
    ]
    return panels(charts, width, left=34, right=12, below=52 if is_narrow(width) else 28)


@figure(needs=("model_facts", "layer_words", "layer_geometry"))
def words_alone(data: Mapping[str, Any]) -> Figure:
    models, words = members(data), data["layer_words"]
    found = {role: of_role(data["layer_geometry"].by_model, role) for role in models}
    lines, table, sentences = [], [], []
    for role, entry in found.items():
        for layer in entry.layers:
            inside = layer.words_in_carriers
            common = {"role": role, "layer": layer.layer}
            lines.append(common | {"series": ALONE, "value": rounded(layer.words_alone)})
            ends = {"low": rounded(inside.low), "high": rounded(inside.high)}
            lines.append(common | {"series": TOGETHER, "value": rounded(inside.mean)} | ends)
            table.append(
                {
                    "model": models[role].name,
                    "layer": layer.layer,
                    "alone": layer.words_alone,
                    "in_carriers": inside.mean,
                    "lowest": inside.low,
                    "highest": inside.high,
                    "norm_alone": layer.norm_alone,
                    "norm": layer.norm,
                }
            )
        alone = [layer.words_alone for layer in entry.layers]
        inside = [layer.words_in_carriers.mean for layer in entry.layers]
        sentences.append(
            f"{models[role].name}: alone, the mean cosine of different words is {span(min(alone), max(alone), 3)}; in the same "
            f"sentence, {span(min(inside), max(inside), 3)}."
        )
    first = [entry.role for entry in words.by_model if entry.alone_is_first]
    stands = f"In {listed(models[role].name for role in first)} a word alone is the first token. " if first else ""
    return Figure(
        title=_title(found, models),
        caption=(
            f"Mean cosine of all pairs of {len(words.words)} nouns, layer by layer: each noun as the whole text (dashed), and all "
            "of them in "
            f"the same sentence (line: mean of {len(words.carriers)} sentences; shade: lowest to highest sentence). Layer 0 is what enters "
            f"the first block. {stands}*Where it misleads:* a high cosine does not say that words cannot be told apart: "
            "what they share is large, and what differs may be small and still be there."
        ),
        description=capitalised(" ".join(sentences)),
        table=Table(
            [
                Column("model", "model"),
                Column("layer", "layer", "integer"),
                Column("alone", "alone, mean cosine", "number", 3),
                Column("in_carriers", "in a sentence, mean cosine", "number", 3),
                Column("lowest", "lowest sentence", "number", 3),
                Column("highest", "highest sentence", "number", 3),
                Column("norm_alone", "length alone", "number", 1),
                Column("norm", "length of ordinary tokens", "number", 1),
            ],
            table,
        ),
        chart=lambda width: _chart(found, models, width),
        datasets={"lines": lines},
        roles=tuple(models),
    )
