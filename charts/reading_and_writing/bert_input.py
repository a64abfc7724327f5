"""What BERT is given: a text as its tokenizer prepares it, with special tokens, segments and positions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.reading import EncoderInput
from artefacts.tokens import visible_text
from charts.figure import Column, Control, Figure, Table, figure
from charts.layout import controlled, rows, stacked
from charts.palette import light
from charts.reading import count, listed
from charts.reading_and_writing.parts import EDGE, GRID_GAP, grid_columns, grid_x, grid_y, placed
from charts.theme import SMALL, TEXT

CELL = 64  # px


def _is_special(raw: str) -> bool:
    return raw.startswith("[") and raw.endswith("]") and len(raw) > 2


def _rows(inputs: list[EncoderInput], kind: str) -> list[dict[str, Any]]:
    return [
        {
            "input": entry.name,
            "position": position,
            "token": visible_text(token.raw, kind),
            "segment": segment,
            "special": _is_special(token.raw),
            "id": token.id,
        }
        for entry in inputs
        for position, (token, segment) in enumerate(zip(entry.tokens, entry.segments, strict=True))
    ]


def _chart(width: int, start: str, most: int) -> alt.TopLevelMixin:
    columns, width = grid_columns(width), width - EDGE
    lines = -(-most // columns)
    step = (width + GRID_GAP) / columns
    cells = placed(rows("tokens").transform_filter("datum.input == input"), columns)
    fill = alt.Fill(
        "segment:N", scale=alt.Scale(domain=[0, 1], range=[light("paper-sunken"), light("rule")]), legend=None
    )
    boxes = cells.transform_calculate(right=f"datum.column + {(step - GRID_GAP) / step}", low=f"datum.line + {(CELL - 6) / CELL}")
    edge = alt.condition("datum.special", alt.value(light("accent")), alt.value(light("rule")))
    box = boxes.mark_rect(strokeWidth=1.5).encode(
        x=grid_x("column", columns, width), x2="right:Q", y=grid_y(CELL, lines), y2="low:Q", fill=fill, stroke=edge
    )
    left = {"align": "left", "baseline": "alphabetic"}

    def text(field: str, down: float, **style: Any) -> alt.Chart:
        mark = cells.mark_text(**left, **style, dx=7, dy=down, limit=step - 16)
        return mark.encode(x=grid_x("column", columns, width), y=grid_y(CELL, lines), text=field)

    names = text("token:N", 19, fontSize=TEXT, fontWeight=600)
    place = text("place:N", 35, fontSize=SMALL, color=light("ink-soft")).transform_calculate(place="'position ' + datum.position")
    part = text("part:N", 50, fontSize=SMALL, color=light("ink-soft")).transform_calculate(part="'segment ' + datum.segment")
    return controlled(stacked(box, names, place, part, width=width, height=CELL * lines), input=start)


@figure(needs=("encoder_inputs",))
def bert_input(data: Mapping[str, Any]) -> Figure:
    exported = data["encoder_inputs"]
    inputs, kind = exported.inputs, exported.tokenizer_kind
    start = inputs[0]
    found = _rows(inputs, kind)
    special = [token for token in start.tokens if _is_special(token.raw)]
    stops = sum(token.raw == "." for token in start.tokens)
    described = [
        f"{entry.name}: {' '.join(visible_text(token.raw, kind) for token in entry.tokens)}"
        + (f", the last {count(sum(entry.segments), 'token')} in segment 1." if any(entry.segments) else ", all in segment 0.")
        for entry in inputs
    ]
    return Figure(
        title=(
            f"{len(start.tokens)} tokens for two sentences: {len(special)} special ones, {count(stops, 'full stop')}, "
            "and no capital letter"
        ),
        caption=(
            "Texts as BERT's real tokenizer hands them to the model. Special tokens have a coloured edge, the second text of a pair a "
            "darker ground. For each token, the model adds up three vectors: one for the token, one for its position, one for its "
            "segment. Choose another text. *Where it misleads:* the boundary between two segments is wherever the caller puts it. "
            "Handed over as one text, the same two sentences have no mark between them."
        ),
        description=" ".join(described),
        table=Table(
            [
                Column("input", "text"),
                Column("position", "position", "integer"),
                Column("raw", "token", "token", tokenizer_kind=kind),
                Column("id", "id", "integer"),
                Column("segment", "segment", "integer"),
            ],
            [
                {"input": entry.name, "position": n, "raw": token.raw, "id": token.id, "segment": segment}
                for entry in inputs
                for n, (token, segment) in enumerate(zip(entry.tokens, entry.segments, strict=True))
            ],
            default_rows=lambda row: row["input"] == start.name,
        ),
        chart=lambda width: _chart(width, start.name, max(len(entry.tokens) for entry in inputs)),
        datasets={"tokens": found},
        controls=[
            Control("input", "Text", "select", start.name, options=[(entry.name, listed([entry.name])) for entry in inputs])
        ],
    )
