"""In which layers words of one category stand closer to each other than to the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.layers import SelectivityLayer, SelectivityOfModel
from charts.figure import Column, Control, Figure, Table, figure
from charts.inside_the_layers.parts import TREATMENTS, Line, by_layer, lines_panel, outer_domain, value_y
from charts.layout import controlled, heading, panels
from charts.reading import Member, capitalised, fixed, listed, members, rounded
from charts.theme import is_narrow

VALUE, CHANCE = "Cohen’s d", "95% of shuffled labels stay below"
SHOWN = "standardised"


def most_selective(entry: SelectivityOfModel) -> SelectivityLayer:
    """The layer with the largest d."""
    return max(entry.layers, key=lambda layer: layer.cohens_d)


def _title(found: dict[str, SelectivityOfModel], models: dict[str, Member]) -> str:
    best = {role: most_selective(entry) for role, entry in found.items()}
    parts = listed(f"layer {layer.layer} of {models[role].name} (d = {fixed(layer.cohens_d)})" for role, layer in best.items())
    if all(entry.p < 0.05 for entry in found.values()):
        return f"The categories stand out in both models, most of all in {parts}"
    return f"The categories stand out most in {parts}, and not in both models beyond chance"


def _chart(entries: list[SelectivityOfModel], models: dict[str, Member], width: int) -> alt.TopLevelMixin:
    values = [v for e in entries for layer in e.layers for v in (layer.cohens_d_carriers.low, layer.cohens_d_carriers.high, layer.cohens_d)]
    values += [entry.null_maximum_95 for entry in entries]
    charts = []
    for role, member in models.items():
        entry = next(e for e in entries if e.role == role)
        charts.append(
            lines_panel(
                "lines",
                [Line(VALUE, role, band=True), Line(CHANCE, "ink-soft", (2, 3))],
                x=by_layer(len(entry.layers) - 1),
                y=value_y(outer_domain(values, 0.5, low=0.0)),
                where=f"datum.role == '{role}' && datum.treatment == treatment",
                title=heading(member, offset=8),
            )
        )
    return controlled(panels(charts, width, left=34, right=12, below=52 if is_narrow(width) else 28), treatment=SHOWN)


@figure(needs=("model_facts", "layer_words", "layer_selectivity"))
def selectivity_by_layer(data: Mapping[str, Any]) -> Figure:
    models, found, words = members(data), data["layer_selectivity"], data["layer_words"]
    shown = {role: next(e for e in found.by_model if (e.role, e.treatment) == (role, SHOWN)) for role in models}
    lines, table, sentences = [], [], []
    for entry in found.by_model:
        for layer in entry.layers:
            common = {"role": entry.role, "treatment": entry.treatment, "layer": layer.layer}
            carriers = layer.cohens_d_carriers
            ends = {"low": rounded(carriers.low), "high": rounded(carriers.high)}
            lines.append(common | {"series": VALUE, "value": rounded(layer.cohens_d)} | ends)
            lines.append(common | {"series": CHANCE, "value": rounded(entry.null_maximum_95)})
            table.append(
                {
                    "model": models[entry.role].name,
                    "treatment": TREATMENTS[entry.treatment],
                    "layer": layer.layer,
                    "cohens_d": layer.cohens_d,
                    "lowest": carriers.low,
                    "highest": carriers.high,
                    "within": layer.within,
                    "across": layer.across,
                    "pearson": layer.pearson,
                    "p": layer.p,
                    "first": entry.treatment == SHOWN,
                }
            )
        best = most_selective(entry)
        sentences.append(
            f"{models[entry.role].name}, {TREATMENTS[entry.treatment]}: d is {fixed(entry.layers[0].cohens_d)} in layer 0, at most "
            f"{fixed(best.cohens_d)} in layer {best.layer}, {fixed(entry.layers[-1].cohens_d)} in the last; shuffled labels reach "
            f"{fixed(entry.null_maximum_95)}."
        )
    categories = list(dict.fromkeys(words.categories))
    return Figure(
        title=_title(shown, models),
        caption=(
            f"Cohen’s d: how far the mean cosine of pairs of one category ({listed(categories)}) lies above that of pairs of two, "
            "in standard "
            f"deviations. Line: vectors averaged over {len(words.carriers)} sentences; shade: single sentences. Dotted: the "
            "largest d of any layer "
            "under shuffled labels stays below it 95% of the time. *Where it misleads:* d is no share of anything; a layer with "
            "small spread "
            "can have a large d from a small difference. The table has the cosines."
        ),
        description=capitalised(" ".join(sentences)),
        table=Table(
            [
                Column("model", "model"),
                Column("treatment", "vectors"),
                Column("layer", "layer", "integer"),
                Column("cohens_d", "Cohen's d", "number", 2),
                Column("lowest", "lowest sentence", "number", 2),
                Column("highest", "highest sentence", "number", 2),
                Column("within", "within a category", "number", 3),
                Column("across", "across", "number", 3),
                Column("pearson", "r with category", "number", 3),
                Column("p", "p in this layer", "number", 4),
            ],
            table,
            default_rows=lambda row: row["first"],
        ),
        chart=lambda width: _chart(found.by_model, models, width),
        datasets={"lines": lines},
        controls=[Control("treatment", "Vectors", "select", SHOWN, options=[("raw", TREATMENTS["raw"]), (SHOWN, TREATMENTS[SHOWN])])],
        roles=tuple(models),
    )
