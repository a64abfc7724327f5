"""How long a token's vector is in each layer, and how long is what attention and the MLP add to it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.attention import BlockUpdatesOfModel
from charts.figure import Column, Figure, Table, figure
from charts.reading import Member, fixed, listed, members, of_role
from charts.where_words_meet.parts import lines_by_layer

SERIES = {"after": "the vector itself", "attention": "what attention adds", "mlp": "what the MLP adds"}
FIRST = "vector of the first token"
STYLES = [
    ("the vector itself", "role", []),
    ("what attention adds", "role", [6, 3]),
    ("what the MLP adds", "role", [2, 3]),
    (FIRST, "baseline", []),
]


def _length(value: float) -> str:
    return fixed(value, 0 if value >= 100 else 1 if value >= 1 else 3)


def _title(found: dict[str, BlockUpdatesOfModel], models: dict[str, Member]) -> str:
    growth = listed(
        f"from {_length(e.layers[0].before)} to {_length(e.layers[-1].after)} in {models[role].name}" for role, e in found.items()
    )
    return f"Each block adds two vectors to “bank”; its length goes {growth}"


def _chart(found: dict[str, BlockUpdatesOfModel], drawn: list[dict], models: dict[str, Member], width: int) -> alt.TopLevelMixin:
    values = [row["value"] for row in drawn if row["value"] > 0]
    low, high = (10.0 ** f(math.log10(v)) for f, v in ((math.floor, min(values)), (math.ceil, max(values))))
    ticks = [10.0**n for n in range(round(math.log10(low)), round(math.log10(high)) + 1)]
    y = alt.Y(
        "value:Q",
        scale=alt.Scale(type="log", domain=[low, high], nice=False),
        axis=alt.Axis(title="", values=ticks, format="~s"),
    )
    last = {role: max(1, len(entry.layers)) for role, entry in found.items()}
    return lines_by_layer("lines", models, last, width, series=STYLES, y=y, tooltip=",.2f", left=40)


@figure(needs=("model_facts", "block_updates"))
def what_a_block_adds(data: Mapping[str, Any]) -> Figure:
    models, updates = members(data), data["block_updates"]
    found = {role: of_role(updates.by_model, role) for role in models}
    drawn, table, sentences = [], [], []
    for role, entry in found.items():
        drawn.append({"role": role, "series": SERIES["after"], "layer": 0, "value": entry.layers[0].before})
        for layer in entry.layers:
            for name, label in SERIES.items():
                drawn.append({"role": role, "series": label, "layer": layer.layer, "value": getattr(layer, name)})
            drawn.append({"role": role, "series": FIRST, "layer": layer.layer, "value": layer.first_token_after})
            table.append({"model": models[role].name, **layer.model_dump()})
        longest = max(entry.layers, key=lambda layer: layer.first_token_after)
        sentences.append(
            f"{models[role].name}: “bank” enters with length {fixed(entry.layers[0].before, 1)} and leaves the last block with "
            f"{fixed(entry.layers[-1].after, 1)}; the first token, {models[role].quoted(entry.first_token.raw)}, reaches "
            f"{fixed(longest.first_token_after, 0)} in layer {longest.layer}."
        )
    drawn = [row | {"value": float(f"{row['value']:.4g}")} for row in drawn if row["value"] > 0]
    return Figure(
        title=_title(found, models),
        caption=(
            f"Lengths (norms) of the vector of “bank” in “{updates.text}” after each block, and of the two vectors that the block adds; "
            "the axis is logarithmic. An encoder of BERT's kind normalises after each sum, so lengths stay put; GPT-2 and Llama "
            "normalise only what attention and MLP read, so lengths grow. *Where it misleads:* a long update need not change the "
            "direction much, nor a short one little; the table has the cosine of before and after."
        ),
        description=" ".join(sentences),
        table=Table(
            [
                Column("model", "model"),
                Column("layer", "block", "integer"),
                Column("before", "length before", "number", 2),
                Column("attention", "added by attention", "number", 2),
                Column("mlp", "added by MLP", "number", 2),
                Column("after", "length after", "number", 2),
                Column("cosine", "cosine of before and after", "number", 3),
                Column("first_token_after", "first token's length", "number", 1),
            ],
            table,
        ),
        chart=lambda width: _chart(found, drawn, models, width),
        datasets={"lines": drawn},
        roles=tuple(models),
    )
