"""The source's heatmap, computed: attention weights of one sentence, every layer and head of both models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt
import numpy as np

from artefacts.packing import dequantise, unpack
from artefacts.schemas.attention import AttentionOfModel
from charts.figure import Column, Control, Figure, Table, figure
from charts.layout import controlled, note, rows, stacked
from charts.palette import light
from charts.reading import Member, listed, members, of_role, percent
from charts.theme import SMALL, TEXT, is_narrow
from charts.where_words_meet.parts import token_labels

MEAN = "mean"
HEIGHT = 300  # px


def weights_of(entry: AttentionOfModel) -> np.ndarray:
    """[layer, head, query, key], 0 to 1."""
    return dequantise(unpack(entry.weights), 0, 1)


def _maps(found: dict[str, AttentionOfModel]) -> list[dict[str, Any]]:
    """A row for each layer and head (0: the mean of all), the weights as whole thousandths, query after query."""
    maps = []
    for role, entry in found.items():
        weights = weights_of(entry)
        for layer, heads in enumerate(weights, start=1):
            for head, square in enumerate([heads.mean(axis=0), *heads]):
                flat = np.rint(square * 1000).astype(int).ravel().tolist()
                maps.append({"role": role, "layer": layer, "head": head, "weight": flat})
    return maps


def _labels(found: dict[str, AttentionOfModel], models: dict[str, Member]) -> list[dict[str, Any]]:
    return [
        {"role": role, "place": place, "n": len(entry.tokens), "token": label}
        for role, entry in found.items()
        for place, label in enumerate(token_labels(entry.tokens, models[role]))
    ]


def _chart(found: dict[str, AttentionOfModel], models: dict[str, Member], defaults: dict[str, Any], width: int) -> alt.TopLevelMixin:
    left = 62 if is_narrow(width) else 80
    shapes = {role: weights_of(entry).shape for role, entry in found.items()}
    pick = {
        name: " : ".join(f"model == '{role}' ? {shape[axis]}" for role, shape in shapes.items()) + " : 1"
        for axis, name in enumerate(("layers", "heads", "size"))
    }
    shown_layer = f"min(layer, {pick['layers']})"
    shown_head = f"(head == '{MEAN}' ? 0 : min(toNumber(head), {pick['heads']}))"
    chosen = f"datum.role == model && datum.layer == {shown_layer} && datum.head == {shown_head}"
    plot = width - left - 22  # the last slanted label reaches beyond the plot
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, 1], nice=False), axis=None)
    y = alt.Y("y:Q", scale=alt.Scale(domain=[0, 1], reverse=True, nice=False), axis=None)
    cells = (
        rows("maps")
        .transform_filter(chosen)
        .transform_calculate(place=f"sequence(0, ({pick['size']}) * ({pick['size']}))", n=pick["size"])
        .transform_flatten(["weight", "place"])
        .transform_calculate(q="floor(datum.place / datum.n)", k="datum.place % datum.n")
        .transform_filter("datum.role == 'encoder' || datum.k <= datum.q")
        .transform_calculate(
            x="datum.k / datum.n",
            x2="(datum.k + 1) / datum.n",
            y="datum.q / datum.n",
            y2="(datum.q + 1) / datum.n",
            middle="(datum.k + 0.5) / datum.n",
            line="(datum.q + 0.5) / datum.n",
            share="datum.weight / 1000",
        )
    )
    tips = [alt.Tooltip("share:Q", title="weight", format=".3f")]
    layers: list[Any] = [
        cells.mark_rect(color=light("size"), stroke=light("paper"), strokeWidth=1).encode(
            x=x,
            x2="x2:Q",
            y=y,
            y2="y2:Q",
            fillOpacity=alt.FillOpacity("share:Q", scale=alt.Scale(domain=[0, 1], range=[0.04, 0.85]), legend=None),
            tooltip=tips,
        ),
        cells.mark_text(fontSize=SMALL, baseline="middle").encode(
            x=alt.X("middle:Q", scale=alt.Scale(domain=[0, 1], nice=False), axis=None),
            y=alt.Y("line:Q", scale=alt.Scale(domain=[0, 1], reverse=True, nice=False), axis=None),
            text=alt.Text("share:Q", format=".2f"),
            color=alt.ColorValue(light("ink"), condition={"test": "datum.share > 0.78", "value": light("paper")}),
        ),
    ]
    names = rows("tokens").transform_filter("datum.role == model").transform_calculate(middle="(datum.place + 0.5) / datum.n")
    layers.append(
        names.mark_text(align="right", baseline="middle", fontSize=TEXT, limit=left - 8).encode(
            x=alt.XValue(-6), y=alt.Y("middle:Q", scale=alt.Scale(domain=[0, 1], reverse=True, nice=False), axis=None), text="token:N"
        )
    )
    layers.append(
        names.mark_text(align="left", baseline="middle", angle=315, fontSize=TEXT, limit=70).encode(
            x=alt.X("middle:Q", scale=alt.Scale(domain=[0, 1], nice=False), axis=None), y=alt.YValue(-8), text="token:N"
        )
    )
    shown = alt.expr(
        " + ".join(
            [
                f"(layer > ({pick['layers']}) ? 'its last layer, ' : 'layer ')",
                shown_layer,
                "' of '",
                f"({pick['layers']})",
                f"({shown_head} == 0 ? ', mean of ' : ', head ' + {shown_head} + ' of ')",
                f"({pick['heads']})",
                f"({shown_head} == 0 ? ' heads' : '')",
            ]
        )
    )
    for role, member in models.items():
        layers.append(note(alt.expr(f"model == '{role}' ? '{member.heading}' : ''"), -left, -88, role, fontWeight=600, fontSize=TEXT))
    layers.append(note(shown, -left, -70, "ink", fontSize=TEXT))
    layers.append(note("row: the token that looks; column: what it looks at", -left, HEIGHT + 18))
    return controlled(stacked(*layers, width=plot, height=HEIGHT), **defaults)


def _bank_river(entry: AttentionOfModel) -> tuple[int, int] | None:
    """Places of "bank" and "river" in the tokens."""
    words = [token.raw.lstrip("Ġ").lower() for token in entry.tokens]
    return (words.index("bank"), words.index("river")) if {"bank", "river"} <= set(words) else None


def _last_mean(entry: AttentionOfModel) -> np.ndarray:
    """[query, key] of the source's preset."""
    return weights_of(entry)[-1].mean(axis=0)


def _title(found: dict[str, AttentionOfModel], models: dict[str, Member], text: str) -> str:
    entry = found["encoder"]
    places = _bank_river(entry)
    if places is None:
        return f"Attention weights of “{text}”, every layer and head"
    square = _last_mean(entry)
    bank, river = places
    others = [q for q in range(len(square)) if q not in (bank, river)]
    return (
        f"In the last layer of {models['encoder'].name}, “bank” gives “river” {percent(square[bank, river])} of its attention, the other "
        f"tokens {percent(square[others, river].mean())} of theirs"
    )


@figure(needs=("model_facts", "attention_maps"))
def bank_attention(data: Mapping[str, Any]) -> Figure:
    models, maps = members(data), data["attention_maps"]
    found = {role: of_role(maps.by_model, role) for role in models}
    shapes = {role: weights_of(entry).shape for role, entry in found.items()}
    most_layers, most_heads = (max(shape[axis] for shape in shapes.values()) for axis in (0, 1))
    defaults = {"model": "encoder", "layer": shapes["encoder"][0], "head": MEAN}
    table, sentences = [], []
    for role, entry in found.items():
        labels, square = token_labels(entry.tokens, models[role]), _last_mean(entry)
        for q, label in enumerate(labels):
            for k, other in enumerate(labels):
                if role == "encoder" or k <= q:
                    table.append({"model": models[role].name, "query": label, "key": other, "weight": round(float(square[q, k]), 4)})
        places = _bank_river(entry)
        if places is not None:
            row = square[places[0]]
            order = [k for k in np.argsort(-row, kind="stable") if role == "encoder" or k <= places[0]]
            sentences.append(
                f"{models[role].name}, last layer, mean of heads: “bank” attends to "
                + listed(f"“{labels[k]}” {percent(row[k])}" for k in order[:4])
                + "."
            )
    where = [row["model"] for row in table if row["model"] == models["encoder"].name][:1]
    return Figure(
        title=_title(found, models, maps.text),
        caption=(
            f"Attention weights of “{maps.text}”: row, the token that looks; column, the token looked at; fuller colour, larger weight. "
            "Each row adds up to 1. Untouched, it is what our source draws: the last layer, the mean of all heads. A "
            "decoder's token cannot look to its right, so those cells do not exist. Layers and heads beyond a model's last show its last. "
            "*Where it misleads:* a bright column is bright for every row, so a bright cell need not be about "
            "its row; and a weight says how much is read, not what comes of it. The table holds the mean of heads in the last layers."
        ),
        description=" ".join(sentences) + f" All {most_layers} layers and {most_heads} heads can be chosen; rows are the tokens that look.",
        table=Table(
            [
                Column("model", "model"),
                Column("query", "token that looks"),
                Column("key", "looks at"),
                Column("weight", "weight, last layer, mean of heads", "number", 3),
            ],
            table,
            default_rows=lambda row: row["model"] in where,
        ),
        chart=lambda width: _chart(found, models, defaults, width),
        datasets={"maps": _maps(found), "tokens": _labels(found, models)},
        controls=[
            Control("model", "Model", "select", "encoder", options=[(role, models[role].name) for role in reversed(models)]),
            Control("layer", "Layer", "slider", defaults["layer"], minimum=1, maximum=most_layers, step=1),
            Control("head", "Head", "select", MEAN, options=[(MEAN, "mean of all"), *((str(n), str(n)) for n in range(1, most_heads + 1))]),
        ],
        roles=tuple(models),
    )
