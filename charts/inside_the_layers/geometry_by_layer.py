"""Three measures of a layer's space, both models over their depth: anisotropy, self-similarity, length."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.layers import GeometryLayer, GeometryOfModel
from charts.figure import Column, Figure, Table, figure
from charts.inside_the_layers.parts import Line, by_depth, lines_panel, outer_domain, value_y
from charts.layout import joined, note
from charts.reading import Member, capitalised, fixed, listed, members, of_role, rounded
from charts.theme import TEXT, is_narrow

MEASURES = {
    "anisotropy": "different words",
    "self_similarity": "the same word",
    "norm": "length",
}


def value_of(layer: GeometryLayer, measure: str) -> float:
    """A measure of a layer as one number. measure: a field's name."""
    return layer.self_similarity.mean if measure == "self_similarity" else getattr(layer, measure)


def least_isotropic(entry: GeometryOfModel) -> GeometryLayer:
    """The layer in which unrelated words are most alike."""
    return max(entry.layers, key=lambda layer: layer.anisotropy)


def _title(found: dict[str, GeometryOfModel], models: dict[str, Member]) -> str:
    parts = listed(
        f"{fixed(least_isotropic(e).anisotropy)} in layer {least_isotropic(e).layer} of {models[r].name}" for r, e in found.items()
    )
    if any(least_isotropic(entry).anisotropy > 0.2 for entry in found.values()):
        return f"Unrelated words do not stand at right angles inside: their mean cosine reaches {parts}"
    return f"Unrelated words stay near right angles inside: their mean cosine is at most {parts}"


def _chart(found: dict[str, GeometryOfModel], models: dict[str, Member], width: int) -> alt.TopLevelMixin:
    narrow = is_narrow(width)
    norms = [layer.norm for entry in found.values() for layer in entry.layers]
    log = max(norms) > 20 * min(norms)
    cosines = [value_of(layer, m) for e in found.values() for layer in e.layers for m in ("anisotropy", "self_similarity")]
    charts = []
    for measure, text in MEASURES.items():
        if measure == "norm":
            y = value_y([min(norms) * 0.8, max(norms) * 1.2], log=True) if log else value_y([0, max(norms) * 1.1])
        else:
            y = value_y(outer_domain(cosines, low=0.0, high=1.0))
        where = f"datum.measure == '{measure}'"
        chart = lines_panel("lines", [Line(m.name, r) for r, m in models.items()], x=by_depth(), y=y, where=where, height=170)
        chart.layer.append(note(text if measure == "norm" else f"mean cosine of {text}", 0, -52, "ink", fontWeight=600, fontSize=TEXT))
        charts.append(chart)
    left, right, gap = 34, 14, 14
    number = 1 if narrow else len(charts)
    for chart in charts:
        chart.width = (width - number * (left + right) - (number - 1) * gap) // number
    return joined(*charts, beside=not narrow, spacing=44 if narrow else left + right + gap, **({} if narrow else {"bounds": "flush"}))


@figure(needs=("model_facts", "layer_words", "layer_geometry"))
def geometry_by_layer(data: Mapping[str, Any]) -> Figure:
    models, words = members(data), data["layer_words"]
    found = {role: of_role(data["layer_geometry"].by_model, role) for role in models}
    lines, table, sentences = [], [], []
    for role, entry in found.items():
        last = len(entry.layers) - 1
        for layer in entry.layers:
            common = {"series": models[role].name, "layer": layer.layer, "depth": rounded(layer.layer / last)}
            lines += [common | {"measure": m, "value": rounded(value_of(layer, m))} for m in MEASURES]
            table.append(
                {"model": models[role].name, "layer": layer.layer}
                | {measure: value_of(layer, measure) for measure in MEASURES}
                | {"lowest": layer.self_similarity.low, "highest": layer.self_similarity.high, "example": layer.example_self_similarity}
            )
        first, least, end = entry.layers[0], least_isotropic(entry), entry.layers[-1]
        sentences.append(
            f"{models[role].name}: the mean cosine of different words goes from {fixed(first.anisotropy)} in layer 0 over at most "
            f"{fixed(least.anisotropy)} in layer {least.layer} to {fixed(end.anisotropy)} in layer {end.layer}; that of a word with itself "
            f"from {fixed(first.self_similarity.mean)} to {fixed(end.self_similarity.mean)}; the mean length from "
            f"{fixed(first.norm, 1)} to "
            f"{fixed(end.norm, 1)}."
        )
    one = next(iter(found.values()))
    return Figure(
        title=_title(found, models),
        caption=(
            f"First: mean cosine of pairs of different words in different sentences (about {one.reference_tokens:,} tokens of "
            f"{one.reference_sentences} sentences, never the first token); this is the anisotropy of the layer. Second: mean cosine of a "
            f"word with itself in another sentence, {len(words.words)} nouns in {len(words.carriers)} sentences. Third: mean "
            "length. Depth 0% is "
            "what enters the first block, 100% the last layer. *Where it misleads:* the second is to be read against the first; what "
            "both rise by is no meaning."
        ),
        description=capitalised(" ".join(sentences)),
        table=Table(
            [
                Column("model", "model"),
                Column("layer", "layer", "integer"),
                Column("anisotropy", "different words", "number", 3),
                Column("self_similarity", "same word", "number", 3),
                Column("lowest", "same word, lowest", "number", 3),
                Column("highest", "same word, highest", "number", 3),
                Column("example", f"“{words.example}”", "number", 3),
                Column("norm", "length", "number", 2),
            ],
            table,
        ),
        chart=lambda width: _chart(found, models, width),
        datasets={"lines": lines},
        roles=tuple(models),
    )
