"""Where attention goes on average: to the first token, to the token itself, to the one before it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.attention import SinkLayer, SinksOfModel
from charts.figure import Column, Figure, Table, figure
from charts.reading import Member, listed, members, of_role, percent, rounded
from charts.where_words_meet.parts import lines_by_layer

SERIES = {"first": "to the first token", "itself": "to itself", "previous": "to the token before"}
EVEN = "first token, if all got the same"
STYLES = [
    ("to the first token", "role", []),
    ("to itself", "ink-soft", [6, 3]),
    ("to the token before", "ink-soft", [2, 3]),
    (EVEN, "baseline", [1, 4]),
]


def strongest(entry: SinksOfModel) -> SinkLayer:
    """The layer in which the first token gets most."""
    return max(entry.layers, key=lambda layer: layer.first)


def _title(found: dict[str, SinksOfModel], models: dict[str, Member]) -> str:
    parts = listed(
        f"{percent(strongest(e).first)} in layer {strongest(e).layer} of {models[role].name} ({e.first_token})" for role, e in found.items()
    )
    sink = all(strongest(e).first > 2 * e.uniform_first for e in found.values())
    return f"{'Attention pools on' if sink else 'The most that attention gives'} the first token: {parts}"


def _chart(found: dict[str, SinksOfModel], models: dict[str, Member], width: int) -> alt.TopLevelMixin:
    y = alt.Y("value:Q", scale=alt.Scale(domain=[0, 1], nice=False), axis=alt.Axis(title="", format="%", tickCount=5))
    last = {role: max(1, len(entry.layers)) for role, entry in found.items()}
    return lines_by_layer("lines", models, last, width, series=STYLES, y=y, tooltip=".1%", left=44)


@figure(needs=("model_facts", "attention_sinks"))
def attention_sinks(data: Mapping[str, Any]) -> Figure:
    models, sinks = members(data), data["attention_sinks"]
    found = {role: of_role(sinks.by_model, role) for role in models}
    drawn, table, sentences = [], [], []
    for role, entry in found.items():
        for layer in entry.layers:
            for name, label in SERIES.items():
                drawn.append({"role": role, "series": label, "layer": layer.layer, "value": rounded(getattr(layer, name))})
            drawn.append({"role": role, "series": EVEN, "layer": layer.layer, "value": rounded(entry.uniform_first)})
            table.append({"model": models[role].name, **layer.model_dump()})
        most = strongest(entry)
        sentences.append(
            f"{models[role].name}: the first token ({entry.first_token}) gets {percent(most.first)} of all weight in layer {most.layer}, "
            f"where an even spread would give it {percent(entry.uniform_first)}; in that layer {percent(most.heads_on_first)} of the heads "
            "give it more than half of theirs."
        )
    return Figure(
        title=_title(found, models),
        caption=(
            f"Mean attention weights over {sinks.sentences} sentences with “bank”, all heads, and all tokens that see at least three. "
            "*Where it misleads:* a mean over heads hides that they differ, and a weight of 0 or 1 says nothing about how much is "
            "carried along: what is added is the weight times a value vector, and the sink's value can be short."
        ),
        description=" ".join(sentences),
        table=Table(
            [
                Column("model", "model"),
                Column("layer", "layer", "integer"),
                Column("first", "first token", "number", 3),
                Column("last", "last token", "number", 3),
                Column("itself", "itself", "number", 3),
                Column("previous", "token before", "number", 3),
                Column("rest", "others", "number", 3),
                Column("heads_on_first", "share of heads mostly on the first", "number", 2),
            ],
            table,
        ),
        chart=lambda width: _chart(found, models, width),
        datasets={"lines": drawn},
        roles=tuple(models),
    )
