"""Which tokens a position can know about: measured in both models by changing one token, and drawn for the two-part machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.reading import FlowOfModel, InformationFlow
from charts.figure import Column, Control, Figure, Table, figure
from charts.layout import controlled, rows, stacked
from charts.palette import light
from charts.reading import Member, listed, members
from charts.theme import TEXT, is_narrow

ROW, TOP, LEFT = 25, 84, 58  # px
WIDEST = 9  # cells across; with fewer tokens the rest stays empty
KIND = {"decoder": "causal", "encoder": "both-sides"}
START = 3
ENDS = ("[SEP]", "</s>")  # tokenizers add them after a text


def moved(flow: FlowOfModel, reader: int, other: int) -> bool:
    """Whether the reader's vector moved when the other token was replaced."""
    return flow.changes[other][reader] > 0


def _seen(flow: FlowOfModel, reader: int) -> int:
    return sum(moved(flow, reader, other) for other in range(len(flow.tokens)))


def is_causal(flow: FlowOfModel) -> bool:
    """Whether exactly the token itself and those before it could be seen from every position."""
    number = range(len(flow.tokens))
    return all(moved(flow, reader, other) == (other <= reader) for reader in number for other in number)


def sees_all(flow: FlowOfModel) -> bool:
    """Whether every position changes when any other does."""
    return all(_seen(flow, reader) == len(flow.tokens) for reader in range(len(flow.tokens)))


def _views(flow: InformationFlow, models: dict[str, Member]) -> dict[str, dict[str, Any]]:
    """Each choice of the select: names of rows and columns, and for every cell whether it is seen, and by how much it moved."""
    views: dict[str, dict[str, Any]] = {}
    for one in flow.by_model:
        member = models[one.role]
        names = [member.shown(token.raw).strip("␣") for token in one.tokens]
        views[KIND[one.role]] = {
            "label": f"{member.name}, measured",
            "readers": names,
            "others": names,
            "cells": [
                (reader, other, moved(one, reader, other), one.changes[other][reader], one.role)
                for reader in range(len(names))
                for other in range(len(names))
            ],
            "says": [
                f"“{name}” sees {_seen(one, reader)} of {len(names)} tokens" for reader, name in enumerate(names)
            ],
        }
    source = _words(flow.sentence)
    number, given = len(flow.target), len(source)
    views["two-part"] = {
        "label": "the decoder half of a translator, by design",
        "readers": flow.target,
        "others": [*source, *flow.target],
        "cells": [
            (reader, other, other < given or other - given <= reader, None, "static" if other < given else "decoder")
            for reader in range(number)
            for other in range(given + number)
        ],
        "says": [
            f"“{name}” sees all {given} source words and {reader + 1} of its own" for reader, name in enumerate(flow.target)
        ],
    }
    return {kind: views[kind] for kind in ("causal", "both-sides", "two-part") if kind in views}


def _words(sentence: str) -> list[str]:
    """Words and the final stop, for the two-part machine, which has no tokenizer here."""
    return [*sentence.rstrip(".").split(), "."] if sentence.endswith(".") else sentence.split()


def _datasets(views: dict[str, dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    cells, readers, others = [], [], []
    for kind, view in views.items():
        width = min(1 / WIDEST, 1 / len(view["others"]))
        for reader, other, seen, change, hue in view["cells"]:
            cell = {"kind": kind, "reader": reader, "x": round(other * width, 4), "x2": round((other + 0.92) * width, 4)}
            cell |= {"seen": seen, "hue": hue, "from": view["readers"][reader], "to": view["others"][other]}
            cells.append(cell | ({"change": round(change, 3)} if change is not None else {}))
        last = len(view["readers"]) - 1
        readers += [
            {"kind": kind, "reader": n, "name": name, "last": last, "says": view["says"][n]} for n, name in enumerate(view["readers"])
        ]
        others += [{"kind": kind, "x": round((n + 0.5) * width, 4), "name": name} for n, name in enumerate(view["others"])]
    return {"cells": cells, "readers": readers, "others": others}


def _chart(width: int, start_kind: str, most: dict[str, int]) -> alt.TopLevelMixin:
    inner = width - LEFT - 2
    number = max(most.values())
    last = " : ".join([*(f"kind == '{kind}' ? {n - 1}" for kind, n in most.items()), "0"])
    chosen = f"min(token - 1, ({last}))"
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, 1], range=[0, inner]), axis=None)
    y_scale = alt.Scale(domain=[0, number], range=[0, ROW * number], nice=False)
    here = "datum.kind == kind"
    hues = alt.Scale(domain=["decoder", "encoder", "static"], range=[light("decoder"), light("encoder"), light("static")])
    squares = (
        rows("cells")
        .transform_filter(here)
        .transform_calculate(y="datum.reader + 0.04", y2="datum.reader + 0.92", on=f"datum.reader == {chosen}")
    )
    tooltip = [
        alt.Tooltip("from:N", title="reading"),
        alt.Tooltip("to:N", title="replaced"),
        alt.Tooltip("change:Q", title="its vector moved by", format=".3f"),
    ]
    place = {"x": x, "x2": "x2:Q", "y": alt.Y("y:Q", scale=y_scale, axis=None), "y2": "y2:Q"}
    hidden = squares.transform_filter("!datum.seen").mark_rect(fill=light("paper"), stroke=light("rule"), strokeWidth=1)
    seen = squares.transform_filter("datum.seen").mark_rect(opacity=alt.expr("datum.on ? 1 : 0.28"))
    readers = (
        rows("readers")
        .transform_filter(here)
        .transform_calculate(y="datum.reader + 0.5", on=f"datum.reader == {chosen}")
    )
    y = alt.Y("y:Q", scale=y_scale, axis=None)
    names = readers.mark_text(
        align="right", baseline="middle", fontSize=TEXT, fontWeight=alt.expr("datum.on ? 700 : 400")
    ).encode(x=alt.XValue(-6), y=y, text="name:N")
    heads = (
        rows("others")
        .transform_filter(here)
        .mark_text(align="left", baseline="middle", angle=270 if is_narrow(width) else 315, fontSize=TEXT)
        .encode(x=x, y=alt.YValue(-8), text="name:N")
    )
    says = (
        readers.transform_filter("datum.on")
        .mark_text(align="left", baseline="top", fontSize=TEXT, fontWeight=600)
        .encode(x=alt.XValue(-LEFT), y=alt.YValue(-TOP), text="says:N")
    )
    layers = [
        hidden.encode(**place, tooltip=tooltip),
        seen.encode(**place, color=alt.Color("hue:N", scale=hues, legend=None), tooltip=tooltip),
        names,
        heads,
        says,
    ]
    return controlled(stacked(*layers, width=inner, height=ROW * number), kind=start_kind, token=START)


def _title(flow: InformationFlow, models: dict[str, Member]) -> str:
    by_role = {one.role: one for one in flow.by_model}
    parts = []
    for role in ("encoder", "decoder"):
        if role in by_role:
            one = by_role[role]
            last = max(n for n, token in enumerate(one.tokens) if token.raw not in ENDS)
            number = sum(change > 0 for change in one.changes[last])
            parts.append(f"{number} of {len(one.tokens)} vectors {'moves' if number == 1 else 'move'} in {models[role].name}")
    return f"Change the last token of a sentence, and {listed(parts)}"


@figure(needs=("model_facts", "information_flow"))
def who_sees_whom(data: Mapping[str, Any]) -> Figure:
    models, flow = members(data), data["information_flow"]
    views = _views(flow, models)
    start = next(iter(views))
    most = {kind: len(view["readers"]) for kind, view in views.items()}
    described = []
    for one in flow.by_model:
        member, number = models[one.role], len(one.tokens)
        pairs = sum(moved(one, reader, other) for reader in range(number) for other in range(number))
        pattern = (
            "every position moved with every token"
            if sees_all(one)
            else "a position moved exactly when the token itself or one before it was replaced"
            if is_causal(one)
            else "the pattern is neither all nor only backward"
        )
        described.append(f"In {member.name}, {pairs} of {number * number} cells are filled: {pattern}.")
    described.append(
        f"In the decoder half of a two-part machine, each of {len(flow.target)} target words sees all words of the source and, of its "
        "own, those up to itself."
    )
    table = [
        {
            "view": kind,
            "reading": view["readers"][reader],
            "other": view["others"][other],
            "position": reader + 1,
            "seen": "yes" if seen else "no",
            "change": change,
        }
        for kind, view in views.items()
        for reader, other, seen, change, _ in view["cells"]
    ]
    smallest = min((c for one in flow.by_model for row in one.changes for c in row if c > 0), default=0.0)
    least = f"by {int(smallest * 100)}% of its length at least" if smallest >= 0.01 else "however little"
    return Figure(
        title=_title(flow, models),
        caption=(
            "A row is a token that is being read, a column a token it may or may not know about. For the two models this is an "
            "experiment: we replaced the column's token by another and looked whether the row's last vector moved. Filled means it "
            f"did ({least}), empty means that not one bit changed. Choose a mask, and "
            "step through the tokens. *Where it misleads:* filled means *can*, not *does much*: how far a vector moves differs from "
            "cell to cell (point at it). And a filled cell need not be a direct look: changes travel through other tokens, too. No model "
            "of this set has two parts; that view shows the design."
        ),
        description=" ".join(described),
        table=Table(
            [
                Column("view", "mask"),
                Column("reading", "reading"),
                Column("other", "other token"),
                Column("seen", "seen"),
                Column("change", "the reader's vector moved by (share of its length)", "number", 3),
            ],
            table,
            default_rows=lambda row: row["view"] == start and row["position"] == START,
        ),
        chart=lambda width: _chart(width, start, most),
        datasets=_datasets(views),
        controls=[
            Control("kind", "Mask", "select", start, options=[(kind, f"{kind} ({view['label']})") for kind, view in views.items()]),
            Control("token", "Token being read", "slider", START, minimum=1, maximum=max(most.values()), step=1),
        ],
        roles=tuple(models),
    )
