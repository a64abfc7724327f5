"""The same row number in two models belongs to two different tokens: the reader picks or redraws the number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.matrices import SameIndex, TokensAtIndex
from artefacts.tokens import visible_text
from charts.figure import Column, Control, Figure, Table, figure
from charts.layout import controlled, note, rows, stacked
from charts.palette import light
from charts.reading import count, listed, members
from charts.theme import TEXT, is_narrow

GPT2, BERT = "byte_level_bpe", "wordpiece"
ROW = 44  # px
SHOWN = 6  # rows: the index asked for, and the draws after it


def shown(raw: str | None, kind: str) -> str:
    """A raw token as readers see it; None where the vocabulary ends before."""
    return "no such row" if raw is None else visible_text(raw, kind)


def _columns(data: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    """(field, heading, tokenizer kind, colour); a set whose own tokenizers are GPT-2's and BERT's needs no more columns."""
    models = members(data)
    found = [("gpt2", "GPT-2", GPT2, "decoder"), ("bert", "BERT", BERT, "encoder")]
    draws: list[TokensAtIndex] = data["same_index"].draws
    for role, member in models.items():
        column = [getattr(d, role) for d in draws]
        if all(column != [getattr(d, field) for d in draws] for field, *_ in found):
            found.append((role, member.name, member.tokenizer_kind, role))
    return found


def _title(index: SameIndex) -> str:
    first = index.draws[0]
    return (
        f"Row {first.id:,} is “{shown(first.gpt2, GPT2)}” in GPT-2 and “{shown(first.bert, BERT)}” in BERT; "
        f"{count(index.same_string, 'row')} of {index.compared:,} hold the same text in both"
    )


def _chart(columns: list[tuple[str, str, str, str]], draws: int, width: int) -> alt.TopLevelMixin:
    narrow = is_narrow(width)
    first = 66 if narrow else 110
    step = (width - first) // len(columns)
    across, down = alt.Scale(domain=[0, 1], range=[0, 1]), alt.Scale(domain=[0, 1], range=[0, 1])
    base = (
        rows("draws")
        .transform_calculate(place=f"(datum.n - draw + {draws}) % {draws}")
        .transform_filter(f"datum.place < {SHOWN}")
        .transform_calculate(y=f"40 + datum.place * {ROW // 2}")
    )
    y = alt.Y("y:Q", scale=down, axis=None)
    strong = "datum.place == 0"
    text = {"fontSize": TEXT, "align": "left", "baseline": "middle"}
    layers = [
        base.mark_text(**text).encode(
            x=alt.XValue(0),
            y=y,
            text=alt.Text("id:Q", format=",d"),
            color=alt.condition(strong, alt.value(light("ink")), alt.value(light("ink-soft"))),
        ),
        note("row", 0, 14, "ink", fontWeight=600, fontSize=TEXT),
        alt.Chart(alt.Data(values=[{}]))
        .mark_rule(color=light("rule"))
        .encode(x=alt.XValue(0), x2=alt.X2Value(width - 2), y=alt.YValue(24)),
    ]
    for n, (field, heading, _, colour) in enumerate(columns):
        left = first + n * step
        layers.append(note(heading, left, 14, colour, fontWeight=600, fontSize=TEXT))
        layers.append(
            base.transform_calculate(x=str(left))
            .mark_text(**text, limit=step - 8)
            .encode(
                x=alt.X("x:Q", scale=across, axis=None),
                y=y,
                text=f"{field}:N",
                color=alt.condition(strong, alt.value(light(colour)), alt.value(light("ink-soft"))),
                tooltip=[alt.Tooltip("id:Q", title="row", format=",d"), alt.Tooltip(f"{field}:N", title=heading)],
            )
        )
    return controlled(stacked(*layers, width=width - 2, height=40 + SHOWN * ROW // 2), draw=0)


@figure(needs=("model_facts", "same_index"))
def same_index(data: Mapping[str, Any]) -> Figure:
    index: SameIndex = data["same_index"]
    columns = _columns(data)
    drawn = [
        {"n": n, "id": found.id} | {field: shown(getattr(found, field), kind) for field, _, kind, _ in columns}
        for n, found in enumerate(index.draws)
    ]
    fields = [(field, heading, kind) for field, heading, kind, _ in columns]
    table = [
        {"draw": n, "id": found.id, "what": "drawn"} | {field: getattr(found, field) for field, *_ in fields}
        for n, found in enumerate(index.draws)
    ]
    table += [
        {"draw": None, "id": found.id, "what": "same text in GPT-2 and BERT"} | {field: getattr(found, field) for field, *_ in fields}
        for found in index.same_examples
    ]
    same = listed(f"{found.id:,} (“{shown(found.bert, BERT)}”)" for found in index.same_examples)
    first = index.draws[0]
    return Figure(
        title=_title(index),
        caption=(
            f"The first line is row {first.id:,}, the source’s example. Move the slider to draw others: {len(index.draws) - 1} rows "
            f"between {index.drawn_from[0]:,} and {index.drawn_from[1]:,}, the range the source draws from. Each vocabulary was numbered "
            "by itself, in the order in which its own training text made entries. *Where it misleads:* both lists run roughly from "
            "frequent to rare, so a row number tells roughly in which stretch of the list a token stands. It does not tell that two "
            "tokens at "
            "one number are equally rare."
        ),
        description=(
            f"Tokens at the same row number. Row {first.id:,}: "
            + "; ".join(f"{heading} “{shown(getattr(first, field), kind)}”" for field, heading, kind in fields)
            + f". Of {index.compared:,} row numbers that GPT-2 and BERT both have, {index.same_string:,} hold the same text, space, ## "
            f"and capitals aside: {same}. The two vocabularies share {index.shared_words:,} strings of letters, nearly all at "
            "different rows."
        ),
        table=Table(
            [
                Column("id", "row", "integer"),
                *(Column(field, heading, "token", tokenizer_kind=kind) for field, heading, kind in fields),
                Column("what", "why it is here"),
            ],
            [{name: "" if value is None and name not in ("draw",) else value for name, value in row.items()} for row in table],
            default_rows=lambda row: row["draw"] is None or row["draw"] < SHOWN,
        ),
        chart=lambda width: _chart(columns, len(drawn), width),
        datasets={"draws": drawn},
        controls=[Control("draw", "Draw", "slider", 0, minimum=0, maximum=len(drawn) - 1, step=1)],
    )
