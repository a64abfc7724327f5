"""BERT's relatives as bars of parameters: what goes into token vectors, into layers, and into the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.family import FamilyModel
from charts.figure import Column, Figure, Table, figure
from charts.layout import key, rows, stacked
from charts.palette import light
from charts.reading import millions, percent, rounded
from charts.theme import SMALL, TEXT, is_narrow

PARTS = {"token vectors": "accent", "layers": "encoder", "the rest": "baseline"}
ROW = 25  # px


def _parts(model: FamilyModel) -> dict[str, int]:
    rest = model.factor_parameters + model.other_embedding_parameters + model.pooler_parameters
    return {"token vectors": model.token_parameters, "layers": model.layer_parameters, "the rest": rest}


@figure(needs=("bert_family",))
def family_parameters(data: Mapping[str, Any]) -> Figure:
    models = data["bert_family"].models
    by_name = {model.name: model for model in models}
    base, shared, distilled = by_name["BERT base"], by_name["ALBERT base"], by_name["DistilBERT"]
    bars, totals, table = [], [], []
    for n, model in enumerate(models):
        start = 0
        for part, count in _parts(model).items():
            bars.append(
                {"model": model.name, "part": part, "from": rounded(start / 1e6, 3), "to": rounded((start + count) / 1e6, 3), "n": n}
            )
            start += count
        stored = "" if model.layers_stored == model.layers else f", {model.layers} passes"
        totals.append({"n": n, "to": rounded(start / 1e6, 3), "text": f"{millions(start)}{stored}"})
        table.append(
            {
                "model": model.name,
                "vocabulary": model.vocabulary,
                "width": model.width,
                "embedding_width": model.embedding_width,
                "layers": model.layers,
                "layers_stored": model.layers_stored,
                "token_millions": model.token_parameters / 1e6,
                "layer_millions": model.layer_parameters / 1e6,
                "total_millions": model.parameters / 1e6,
                "published_millions": model.published_millions,
            }
        )
    largest = max(row["to"] for row in totals)

    def chart(width: int) -> alt.TopLevelMixin:
        labels = 118 if is_narrow(width) else 130
        room = 1.13
        y = alt.Y("n:Q", scale=alt.Scale(domain=[-0.5, len(models) - 0.5], reverse=True, nice=False), axis=None)
        x = alt.X(
            "from:Q",
            scale=alt.Scale(domain=[0, largest * room], nice=False),
            axis=alt.Axis(title="millions of parameters", titleAnchor="end", values=[0, 100, 200, 300]),
        )
        drawn = (
            rows("bars")
            .mark_bar(height=ROW - 9)
            .encode(
                x=x,
                x2="to:Q",
                y=y,
                color=alt.Color("part:N", scale=alt.Scale(domain=list(PARTS), range=[light(c) for c in PARTS.values()]), legend=None),
                tooltip=[
                    alt.Tooltip("model:N", title="model"),
                    alt.Tooltip("part:N", title="part"),
                    alt.Tooltip("size:Q", title="millions", format=".1f"),
                ],
            )
            .transform_calculate(size="datum.to - datum.from")
        )
        text = rows("totals").mark_text(align="left", dx=5, fontSize=SMALL).encode(x="to:Q", y=y, text="text:N")
        names = (
            rows("bars")
            .transform_filter("datum.part == 'layers'")
            .mark_text(align="left", fontSize=TEXT)
            .encode(x=alt.XValue(-labels), y=y, text="model:N")
        )
        start = -labels if is_narrow(width) else 0
        keys = [
            *key("token vectors", start, -14, "accent"),
            *key("layers", start + 112, -14, "encoder"),
            *key("the rest", start + 178, -14, "baseline", text_colour="ink-soft"),
        ]
        return stacked(drawn, text, names, *keys, width=width - labels - 8, height=ROW * len(models))

    described = "; ".join(
        f"{model.name} {millions(model.parameters)} million, of them {millions(model.token_parameters)} in token vectors"
        for model in models
    )
    return Figure(
        title=(
            f"ALBERT base keeps {percent(shared.parameters / base.parameters)} of BERT base's parameters, DistilBERT "
            f"{percent(distilled.parameters / base.parameters)}, and only one of the two has less to compute"
        ),
        caption=(
            "Each network was built from its published sizes, without weights, and its parameters were counted by what they are "
            "for. ALBERT stores one layer and goes through it again and again, so its short bar takes as many passes as the "
            "number beside it says. DistilBERT has half of the layers. *Where it misleads:* a parameter count says what must be "
            "stored, neither how long a text takes nor how good the result is."
        ),
        description=f"Parameters: {described}.",
        table=Table(
            [
                Column("model", "model"),
                Column("vocabulary", "V", "integer"),
                Column("width", "H", "integer"),
                Column("embedding_width", "E", "integer"),
                Column("layers", "layers passed", "integer"),
                Column("layers_stored", "layers stored", "integer"),
                Column("token_millions", "token vectors, millions", "number", 1),
                Column("layer_millions", "layers, millions", "number", 1),
                Column("total_millions", "counted, millions", "number", 1),
                Column("published_millions", "published, millions", "number", 0),
            ],
            table,
        ),
        chart=chart,
        datasets={"bars": bars, "totals": totals},
    )
