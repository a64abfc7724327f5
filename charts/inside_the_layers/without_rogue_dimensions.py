"""What a few loud dimensions did: mean cosine, neighbours and RDM before and after they are removed, or all are standardised."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.layers import RogueLayer, RogueOfModel
from charts.figure import Column, Control, Figure, Table, figure
from charts.inside_the_layers.parts import TREATMENTS, Line, by_layer, lines_panel, outer_domain, value_y
from charts.layout import controlled, heading, panels
from charts.reading import Member, capitalised, fixed, listed, members, of_role, rounded
from charts.theme import is_narrow

MEASURES = {
    "mean_cosine": "mean cosine of unrelated words",
    "nearest_share": "share of words whose nearest is of their category",
    "rsa_with_standardised": "agreement of all pairs with the standardised ones (RSA)",
}
SHOWN = ("raw", "without_rogue", "standardised")


def value_of(layer: RogueLayer, measure: str, treatment: str, words: int) -> float:
    """A measure of a layer by one treatment; counts of words as a share of all `words`."""
    if measure == "nearest_share":
        return layer.nearest_same_category[treatment] / words
    if measure == "rsa_with_standardised":
        return layer.rsa_with_standardised.get(treatment, 1.0)
    return layer.mean_cosine[treatment]


def most_changed(entry: RogueOfModel) -> RogueLayer:
    """The layer whose raw cosines agree least with the standardised ones."""
    return min(entry.layers, key=lambda layer: layer.rsa_with_standardised["raw"])


def _title(found: dict[str, RogueOfModel], models: dict[str, Member], removed: int) -> str:
    parts = []
    for role, entry in found.items():
        layer = max(entry.layers, key=lambda layer: layer.mean_cosine["raw"])
        parts.append(
            f"from {fixed(layer.mean_cosine['raw'])} to {fixed(layer.mean_cosine['without_rogue'])} in layer {layer.layer} of "
            f"{models[role].name}"
        )
    return f"Without {removed} dimensions the mean cosine of unrelated words goes {listed(parts)}"


def _chart(found: dict[str, RogueOfModel], models: dict[str, Member], words: int, width: int) -> alt.TopLevelMixin:
    values = [value_of(layer, m, t, words) for e in found.values() for layer in e.layers for m in MEASURES for t in SHOWN]
    charts = [
        lines_panel(
            "lines",
            [
                Line(TREATMENTS["raw"], role),
                Line(TREATMENTS["without_rogue"], role, (5, 4)),
                Line(TREATMENTS["standardised"], "baseline", (2, 3)),
            ],
            x=by_layer(len(entry.layers) - 1),
            y=value_y(outer_domain(values, low=0.0, high=1.0)),
            where=f"datum.role == '{role}' && datum.measure == measure",
            title=heading(models[role], offset=8),
        )
        for role, entry in found.items()
    ]
    return controlled(panels(charts, width, left=34, right=12, below=52 if is_narrow(width) else 28), measure="mean_cosine")


@figure(needs=("model_facts", "layer_words", "rogue_dimensions"))
def without_rogue_dimensions(data: Mapping[str, Any]) -> Figure:
    models, rogue, listed_words = members(data), data["rogue_dimensions"], data["layer_words"]
    words = len(listed_words.words)
    found = {role: of_role(rogue.by_model, role) for role in models}
    lines, table, sentences = [], [], []
    for role, entry in found.items():
        for layer in entry.layers:
            for treatment in SHOWN:
                common = {"role": role, "layer": layer.layer, "series": TREATMENTS[treatment]}
                lines += [common | {"measure": m, "value": rounded(value_of(layer, m, treatment, words))} for m in MEASURES]
                table.append(
                    {
                        "model": models[role].name,
                        "layer": layer.layer,
                        "treatment": TREATMENTS[treatment],
                        "mean_cosine": layer.mean_cosine[treatment],
                        "words_cosine": layer.words_cosine[treatment],
                        "nearest_same_category": layer.nearest_same_category[treatment],
                        "rsa_with_standardised": value_of(layer, "rsa_with_standardised", treatment, words),
                        "example_nearest": layer.example_nearest[treatment],
                    }
                )
        layer = most_changed(entry)
        sentences.append(
            f"{models[role].name}, layer {layer.layer}: mean cosine of unrelated words {fixed(layer.mean_cosine['raw'])} as they are, "
            f"{fixed(layer.mean_cosine['without_rogue'])} without {rogue.removed} dimensions, {fixed(layer.mean_cosine['standardised'])} "
            f"standardised; of {words} words, {layer.nearest_same_category['raw']}, {layer.nearest_same_category['without_rogue']} and "
            f"{layer.nearest_same_category['standardised']} have a nearest one of their own category; raw cosines agree with standardised "
            f"ones at r = {fixed(layer.rsa_with_standardised['raw'])}."
        )
    return Figure(
        title=_title(found, models, rogue.removed),
        caption=(
            f"Each layer three times: as it is, without the {rogue.removed} dimensions that make most of its mean cosine, and "
            "standardised: each "
            "dimension with mean 0 and standard deviation 1 over the ordinary tokens. Choose what is measured. *Where it misleads:* "
            "standardising makes every dimension equally loud, also those that hold little but noise; it is a choice, not the truth."
        ),
        description=capitalised(" ".join(sentences)),
        table=Table(
            [
                Column("model", "model"),
                Column("layer", "layer", "integer"),
                Column("treatment", "vectors"),
                Column("mean_cosine", "unrelated words, mean cosine", "number", 3),
                Column("words_cosine", "the nouns, mean cosine", "number", 3),
                Column("nearest_same_category", f"of {words}, nearest of their category", "integer"),
                Column("rsa_with_standardised", "r with standardised pairs", "number", 3),
                Column("example_nearest", f"nearest to “{listed_words.example}”"),
            ],
            table,
            default_rows=lambda row: row["layer"] % 3 == 0,
        ),
        chart=lambda width: _chart(found, models, words, width),
        datasets={"lines": lines},
        controls=[Control("measure", "Show", "select", "mean_cosine", options=list(MEASURES.items()))],
        roles=tuple(models),
    )
