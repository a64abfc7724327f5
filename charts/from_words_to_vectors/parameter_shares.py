"""How much of a network the token embeddings are: GPT-2 and BERT by their published sizes, and the set's own models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.vectors import ParametersOfModel
from charts.figure import Column, Figure, Table, figure
from charts.from_words_to_vectors.spaces import down
from charts.layout import note, rows, stacked
from charts.palette import light
from charts.reading import listed, millions, percent
from charts.theme import TEXT, is_narrow

LANE, TOP = 54, 6  # px
GREYS = {"attention": "baseline", "feed-forward": "rule", "the rest": "grid"}


def share(model: ParametersOfModel) -> float:
    """Of the token embeddings in all parameters, 0 to 1."""
    return model.parts["token embeddings"] / model.total


def _parts(model: ParametersOfModel) -> dict[str, int]:
    """Token embeddings, attention, feed-forward, and all the rest together."""
    known = {name: model.parts.get(name, 0) for name in ("token embeddings", "attention", "feed-forward")}
    return known | {"the rest": model.total - sum(known.values())}


def _datasets(models: list[ParametersOfModel]) -> dict[str, list[dict[str, Any]]]:
    bars = []
    for n, model in enumerate(models):
        start, top = 0.0, TOP + n * LANE + 20
        for part, number in _parts(model).items():
            end = start + number / model.total
            bars.append(
                {"model": model.name, "part": part, "role": model.architecture, "millions": number / 1e6, "share": number / model.total}
                | {"from": round(start, 5), "to": round(end, 5), "top": top, "bottom": top + 18}
            )
            start = end
    return {"bars": bars}


def _chart(models: list[ParametersOfModel], width: int) -> alt.TopLevelMixin:
    narrow, height = is_narrow(width), TOP + LANE * len(models) + 18
    plot = width - 4
    scale = alt.Scale(domain=[0, 1], nice=False)
    x = alt.X("from:Q", scale=scale, axis=None)
    tooltip = [
        alt.Tooltip("model:N", title="model"),
        alt.Tooltip("part:N", title="part"),
        alt.Tooltip("millions:Q", title="millions of parameters", format=",.2f"),
        alt.Tooltip("share:Q", title="share", format=".1%"),
    ]

    def bars(test: str, colour: str) -> alt.Chart:
        drawn = rows("bars").transform_filter(test).mark_rect(color=light(colour))
        return drawn.encode(x=x, x2="to:Q", y=down(height, "top:Q"), y2="bottom:Q", tooltip=tooltip)

    layers: list[Any] = [bars(f"datum.part == 'token embeddings' && datum.role == '{role}'", role) for role in ("decoder", "encoder")]
    layers += [bars(f"datum.part == '{part}'", colour) for part, colour in GREYS.items()]
    for n, model in enumerate(models):
        y = TOP + n * LANE + 13
        layers.append(note(model.name, 0, y, "ink", fontSize=TEXT, fontWeight=600))
        text = f"{percent(share(model), 1)} = {millions(model.parts['token embeddings'])} M of {millions(model.total)} M"
        layers.append(note(text, alt.expr("width"), y, model.architecture, align="right", fontSize=TEXT))
    at = 0.0
    for part, colour in GREYS.items():
        layers.append(note("■", at, height - 2, colour, fontSize=TEXT))
        layers.append(note(part, at + 14, height - 2))
        at += 92 if narrow else 110
    return stacked(*layers, width=plot, height=height)


@figure(needs=("parameter_counts",))
def parameter_shares(data: Mapping[str, Any]) -> Figure:
    models = data["parameter_counts"].models
    ordered = sorted(models, key=share)
    low, high = ordered[0], ordered[-1]
    table = [
        {"model": model.name, "counted_from": "published sizes" if model.source else "the model itself"}
        | {"tokens": model.vocabulary, "dims": model.dims, "token_embeddings": model.parts["token embeddings"], "all": model.total}
        | {"share_percent": 100 * share(model), "attention": model.parts.get("attention", 0)}
        | {"feed_forward": model.parts.get("feed-forward", 0), "rest": _parts(model)["the rest"]}
        for model in models
    ]
    return Figure(
        title=(
            f"The table of token vectors is {percent(share(low))} of {low.name} and {percent(share(high))} of {high.name}: the "
            "smaller a model, the larger its share, as a rule"
        ),
        caption=(
            "The coloured part of each bar is the matrix of token vectors, in one colour for "
            "decoders and another for encoders; the grey parts are all the other parameters. GPT-2 and "
            "BERT are counted from their papers' sizes and their real tokenizers; the others are counted themselves, with "
            "shared matrices counted once. *Where it misleads:* the bars have one length, the models have not; and reading a row "
            "costs next to nothing, so a large share of the parameters is no large share of the work."
        ),
        description=listed(
            f"{model.name}: {model.vocabulary:,} tokens times {model.dims} dimensions are {model.parts['token embeddings']:,} of "
            f"{model.total:,} parameters, {percent(share(model), 1)}"
            for model in models
        )
        + ".",
        table=Table(
            [
                Column("model", "model"),
                Column("counted_from", "counted from"),
                Column("tokens", "tokens", "integer"),
                Column("dims", "dimensions", "integer"),
                Column("token_embeddings", "token vectors", "integer"),
                Column("all", "all parameters", "integer"),
                Column("share_percent", "share in %", "number", 1),
                Column("attention", "attention", "integer"),
                Column("feed_forward", "feed-forward", "integer"),
                Column("rest", "the rest", "integer"),
            ],
            table,
        ),
        chart=lambda width: _chart(models, width),
        datasets=_datasets(models),
    )
