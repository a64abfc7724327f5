"""How much of the mean cosine of unrelated words single dimensions make, layer by layer: the loudest ones, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.layers import RogueOfModel
from charts.figure import Column, Figure, Table, figure
from charts.inside_the_layers.parts import Line, by_layer, lines_panel, outer_domain
from charts.layout import heading, panels
from charts.reading import Member, capitalised, listed, members, of_role, percent, rounded
from charts.theme import is_narrow

DASHES = ((), (5, 4), (2, 3))
LOUD = 0.2  # a share of the mean cosine that no dimension of hundreds has by chance


def loudest(entry: RogueOfModel) -> tuple[int, int, float]:
    """(layer, dimension, share) of the largest share."""
    layer = max(range(len(entry.layers)), key=lambda n: max(entry.shares[n]))
    share = max(entry.shares[layer])
    return layer, entry.named[entry.shares[layer].index(share)], share


def _title(found: dict[str, RogueOfModel], models: dict[str, Member]) -> str:
    parts = []
    for role, entry in found.items():
        layer, dim, share = loudest(entry)
        parts.append(f"dimension {dim} of {models[role].name} {percent(share)} in layer {layer}")
    loud = any(loudest(entry)[2] > LOUD for entry in found.values())
    start = (
        "One number in hundreds can make most of a cosine"
        if max(loudest(e)[2] for e in found.values()) > 0.5
        else "Few numbers make much of a cosine"
    )
    return f"{start if loud else 'No number makes much of a cosine here'}: {listed(parts)}"


def _chart(found: dict[str, RogueOfModel], models: dict[str, Member], width: int) -> alt.TopLevelMixin:
    values = [share for entry in found.values() for row in entry.shares for share in row]
    domain = outer_domain(values, low=0.0)
    charts = []
    for role, entry in found.items():
        y = alt.Y("value:Q", scale=alt.Scale(domain=domain, nice=False), axis=alt.Axis(title="", tickCount=5, format=".0%"))
        lines = [Line(f"dimension {dim}", role, dashes) for dim, dashes in zip(entry.named, DASHES, strict=False)]
        charts.append(
            lines_panel(
                "lines",
                lines,
                x=by_layer(len(entry.layers) - 1),
                y=y,
                where=f"datum.role == '{role}'",
                tooltip=".0%",
                title=heading(models[role], offset=8),
            )
        )
    return panels(charts, width, left=42, right=12, below=52 if is_narrow(width) else 28)


@figure(needs=("model_facts", "layer_geometry", "rogue_dimensions"))
def rogue_dimensions(data: Mapping[str, Any]) -> Figure:
    models = members(data)
    found = {role: of_role(data["rogue_dimensions"].by_model, role) for role in models}
    tokens = {role: of_role(data["layer_geometry"].by_model, role).reference_tokens for role in models}
    lines, table, sentences = [], [], []
    for role, entry in found.items():
        for layer, row in zip(entry.layers, entry.shares, strict=True):
            for dim, share in zip(entry.named, row, strict=True):
                lines.append({"role": role, "series": f"dimension {dim}", "layer": layer.layer, "value": rounded(share)})
            for place, one in enumerate(layer.dimensions, start=1):
                table.append(
                    {
                        "model": models[role].name,
                        "layer": layer.layer,
                        "place": place,
                        "dimension": one.dim,
                        "share_percent": 100 * one.share,
                        "mean": one.mean,
                        "deviation": one.deviation,
                        "typical": one.typical,
                    }
                )
        layer, dim, share = loudest(entry)
        sentences.append(
            f"{models[role].name}, {entry.dims} dimensions: dimension {dim} makes {percent(share)} of the mean cosine in layer {layer}; "
            f"an even share would be {percent(1 / entry.dims, 2)}. The loudest dimension of the last layer is "
            f"{entry.layers[-1].dimensions[0].dim} with {percent(entry.layers[-1].dimensions[0].share)}."
        )
    return Figure(
        title=_title(found, models),
        caption=(
            "A cosine is a sum with one term a dimension. The lines show which share of the mean cosine of unrelated words "
            f"({listed(f'{n:,} tokens in {models[r].name}' for r, n in tokens.items())}) single dimensions make: the three that reach the "
            "highest share in any layer, named by index from 0. *Where it misleads:* shares of all dimensions sum to 100%, but some may "
            "be negative, so one can be above 100%; and where the mean cosine is near zero, a share says little."
        ),
        description=capitalised(" ".join(sentences)),
        table=Table(
            [
                Column("model", "model"),
                Column("layer", "layer", "integer"),
                Column("place", "place", "integer"),
                Column("dimension", "dimension", "integer"),
                Column("share_percent", "share, %", "number", 1),
                Column("mean", "its mean", "number", 2),
                Column("deviation", "its SD", "number", 2),
                Column("typical", "typical size in the layer", "number", 2),
            ],
            table,
            default_rows=lambda row: row["place"] == 1,
        ),
        chart=lambda width: _chart(found, models, width),
        datasets={"lines": lines},
        roles=tuple(models),
    )
