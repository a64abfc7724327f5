"""One text, masked again and again: what the model is shown, and what it has to say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.reading import MaskingDraws
from artefacts.tokens import visible_text
from charts.figure import Column, Control, Figure, Table, figure
from charts.layout import controlled, rows, stacked
from charts.palette import light
from charts.reading import count, percent
from charts.reading_and_writing.parts import EDGE, GRID_GAP, grid_columns, grid_x, grid_y, placed
from charts.theme import SMALL, TEXT

CELL, TOP = 50, 28  # px
KIND = "wordpiece"
HUES = {"masked": "accent", "random": "fails", "kept": "holds"}
WORDS = {"masked": "masked", "random": "replaced at random", "kept": "kept"}


def _totals(drawn: MaskingDraws, number: int) -> dict[str, int]:
    kinds = [position.kind for position in drawn.draws[number]]
    return {kind: kinds.count(kind) for kind in HUES}


def _says(drawn: MaskingDraws, number: int) -> str:
    totals = _totals(drawn, number)
    return (
        f"Draw {number + 1}: {sum(totals.values())} of {len(drawn.tokens) - 2} selected; {totals['masked']} masked, "
        f"{totals['random']} random, {totals['kept']} kept"
    )


def _datasets(drawn: MaskingDraws) -> dict[str, list[dict[str, Any]]]:
    texts = [
        {"position": n, "token": visible_text(token.raw, KIND), "special": n in (0, len(drawn.tokens) - 1)}
        for n, token in enumerate(drawn.tokens)
    ]
    chosen = [
        {
            "draw": number,
            "position": p.position,
            "kind": p.kind,
            "shown": visible_text(p.shown.raw, KIND),
            "was": visible_text(drawn.tokens[p.position].raw, KIND),
        }
        for number, positions in enumerate(drawn.draws, start=1)
        for p in positions
    ]
    says = [{"draw": n + 1, "says": _says(drawn, n)} for n in range(len(drawn.draws))]
    return {"text": texts, "chosen": chosen, "says": says}


def _chart(drawn: MaskingDraws, width: int) -> alt.TopLevelMixin:
    columns, width = grid_columns(width), width - EDGE
    lines = -(-len(drawn.tokens) // columns)
    step = (width + GRID_GAP) / columns
    x, y = grid_x("column", columns, width), grid_y(CELL, lines)
    plain = placed(rows("text"), columns)
    chosen = placed(rows("chosen").transform_filter("datum.draw == draw"), columns)
    box = {"right": f"datum.column + {(step - GRID_GAP) / step}", "low": f"datum.line + {(CELL - 6) / CELL}"}
    grounds = plain.transform_calculate(**box).mark_rect(fill=light("paper-sunken"), stroke=light("rule"))
    covers = chosen.transform_calculate(**box).mark_rect(fill=light("paper-raised"), strokeWidth=2)
    hue = {"scale": alt.Scale(domain=list(HUES), range=[light(name) for name in HUES.values()]), "legend": None}
    style = {"align": "left", "baseline": "alphabetic", "dx": 7, "limit": step - 16}
    tooltip = [
        alt.Tooltip("shown:N", title="the model is shown"),
        alt.Tooltip("was:N", title="it must say"),
        alt.Tooltip("kind:N", title="rule"),
    ]
    layers = [
        grounds.encode(x=x, x2="right:Q", y=y, y2="low:Q"),
        plain.mark_text(**style, dy=20, fontSize=TEXT, color=light("ink-soft")).encode(x=x, y=y, text="token:N"),
        covers.encode(x=x, x2="right:Q", y=y, y2="low:Q", stroke=alt.Stroke("kind:N", **hue), tooltip=tooltip),
        chosen.mark_text(**style, dy=19, fontSize=TEXT, fontWeight=700).encode(
            x=x, y=y, text="shown:N", color=alt.Color("kind:N", **hue)
        ),
        chosen.transform_calculate(below="datum.kind == 'kept' ? 'kept' : 'was: ' + datum.was")
        .mark_text(**style, dy=36, fontSize=SMALL, color=light("ink-soft"))
        .encode(x=x, y=y, text="below:N"),
        rows("says")
        .transform_filter("datum.draw == draw")
        .mark_text(align="left", baseline="top", fontSize=TEXT if width > 400 else SMALL, fontWeight=600)
        .encode(x=alt.XValue(0), y=alt.YValue(-TOP), text="says:N"),
    ]
    return controlled(stacked(*layers, width=width, height=CELL * lines), draw=1)


@figure(needs=("masking_draws",))
def masking_by_chance(data: Mapping[str, Any]) -> Figure:
    drawn = data["masking_draws"]
    number = len(drawn.tokens) - 2
    sizes = [len(positions) for positions in drawn.draws]
    rows_ = [
        {
            "draw": n,
            "position": p.position,
            "was": drawn.tokens[p.position].raw,
            "kind": WORDS[p.kind],
            "shown": p.shown.raw,
        }
        for n, positions in enumerate(drawn.draws, start=1)
        for p in positions
    ]
    described = " ".join(f"{_says(drawn, n)}." for n in range(5))
    first = next(n for n, size in enumerate(sizes, start=1) if size)
    return Figure(
        title=f"Of {number} tokens, the same rule selects {min(sizes)} in one draw and {max(sizes)} in another",
        caption=(
            f"The same text in {len(sizes)} draws of the collator of `transformers`, the program that makes training data for models "
            f"like BERT. Each token is selected with a chance of {percent(drawn.probability)}. The model must name the old token at "
            f"every selected place, whether it is shown [MASK] ({percent(drawn.mask_probability)} of them), another token "
            f"({percent(drawn.random_probability)}), or the right one (the rest). Move the slider. *Where it misleads:* BERT's own "
            f"program works otherwise: it selects {count(drawn.original_rule, 'token')} of this text, neither more nor fewer."
        ),
        description=f"The text: {drawn.text} {described}",
        table=Table(
            [
                Column("draw", "draw", "integer"),
                Column("position", "position", "integer"),
                Column("was", "token", "token", tokenizer_kind=KIND),
                Column("kind", "what was done"),
                Column("shown", "the model is shown", "token", tokenizer_kind=KIND),
            ],
            rows_,
            default_rows=lambda row: row["draw"] == first,
        ),
        chart=lambda width: _chart(drawn, width),
        datasets=_datasets(drawn),
        controls=[Control("draw", "Draw", "slider", 1, minimum=1, maximum=len(sizes), step=1)],
    )
