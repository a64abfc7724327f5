"""One word in many sentences: how alike its vectors are within a meaning and across meanings, layer by layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.contexts import ContextsOfModel
from charts.figure import Column, Figure, Table, figure
from charts.layout import cosine_y
from charts.reading import Member, capitalised, fixed, listed, members, of_role, rounded
from charts.where_words_meet.parts import lines_by_layer

SERIES = {"within": "same meaning", "across": "other meaning", "other_words": "other words"}
STYLES = [("same meaning", "role", []), ("other meaning", "role", [5, 4]), ("other words", "baseline", [2, 3])]


def widest(entry: ContextsOfModel) -> Any:
    """The layer at which banks of one meaning and of different meanings are furthest apart."""
    return max(entry.layers, key=lambda layer: layer.within - layer.across)


def _title(found: dict[str, ContextsOfModel], models: dict[str, Member], word: str) -> str:
    apart = {role: widest(entry) for role, entry in found.items()}
    parts = listed(
        f"by {fixed(layer.within - layer.across)} in layer {layer.layer} of {models[role].name}" for role, layer in apart.items()
    )
    if all(layer.within - layer.across > 0.03 for layer in apart.values()):
        return f"One word, several vectors: the meanings of “{word}” come apart, at most {parts}"
    return f"In layers, “{word}” becomes several vectors; its meanings differ at most {parts}"


def _chart(found: dict[str, ContextsOfModel], models: dict[str, Member], width: int) -> alt.TopLevelMixin:
    values = [getattr(layer, name) for entry in found.values() for layer in entry.layers for name in SERIES]
    low = min(0.0, *values)
    last = {role: max(1, len(entry.layers) - 1) for role, entry in found.items()}
    y = cosine_y([rounded(low - low % 0.2, 1) if low < 0 else 0, 1], "value:Q", title="")
    return lines_by_layer("lines", models, last, width, series=STYLES, y=y, tooltip=".2f", left=60)


@figure(needs=("model_facts", "bank_contexts"))
def bank_layer_by_layer(data: Mapping[str, Any]) -> Figure:
    models, contexts = members(data), data["bank_contexts"]
    found = {role: of_role(contexts.by_model, role) for role in models}
    drawn = [
        {"role": role, "series": label, "layer": layer.layer, "value": rounded(getattr(layer, name))}
        for role, entry in found.items()
        for name, label in SERIES.items()
        for layer in entry.layers
    ]
    sentences = []
    for role, entry in found.items():
        first, apart, last = entry.layers[0], widest(entry), entry.layers[-1]
        sentences.append(
            f"{models[role].name}: before the first layer the mean cosine is {fixed(first.within)} within a meaning and "
            f"{fixed(first.across)} across meanings; in layer {apart.layer}, {fixed(apart.within)} and {fixed(apart.across)}; in the "
            f"last layer, {fixed(last.within)} and {fixed(last.across)}, while different words score {fixed(last.other_words)}."
        )
    table = [
        {
            "model": models[role].name,
            "layer": layer.layer,
            "within": layer.within,
            "across": layer.across,
            "other_words": layer.other_words,
            "nearest_same_sense": layer.nearest_same_sense,
        }
        for role, entry in found.items()
        for layer in entry.layers
    ]
    senses = list(dict.fromkeys(o.sense for o in contexts.occurrences[: contexts.plain]))
    return Figure(
        title=_title(found, models, contexts.word),
        caption=(
            f"Mean cosine of the vectors of “{contexts.word}” in {contexts.plain} sentences ({listed(senses)}), pair by pair; layer 0 is "
            "what enters the first layer. The dotted line is the baseline: pairs of different words. *Where it misleads:* compare "
            "lines within a layer, not heights between layers or models, because each layer has its own baseline; and a mean over "
            "so few sentences, chosen by hand, is no estimate for the language. In the table, a dash means that all are one "
            "vector, so that none is nearest."
        ),
        description=capitalised(" ".join(sentences)),
        table=Table(
            [
                Column("model", "model"),
                Column("layer", "layer", "integer"),
                Column("within", "same meaning", "number", 3),
                Column("across", "other meaning", "number", 3),
                Column("other_words", "other words", "number", 3),
                Column("nearest_same_sense", f"of {contexts.plain}, nearest has same meaning", "integer"),
            ],
            table,
        ),
        chart=lambda width: _chart(found, models, width),
        datasets={"lines": drawn},
        roles=tuple(models),
    )
