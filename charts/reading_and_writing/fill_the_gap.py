"""What a model with BERT's head puts in place of a masked word: computed where the set has the head, else as published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from charts.figure import Column, Control, Figure, Table, figure
from charts.layout import controlled, rows, stacked
from charts.palette import light
from charts.reading import fixed, listed, percent, rounded
from charts.theme import SMALL, TEXT

ROW, LEFT = 28, 84  # px


def _chart(width: int, texts: list[str], number: int, hue: str, most: float) -> alt.TopLevelMixin:
    found = rows("predictions")
    if len(texts) > 1:
        found = found.transform_filter("datum.text == text")
    y = alt.Y("rank:O", axis=None, scale=alt.Scale(paddingInner=0.2))
    x = alt.X("probability:Q", scale=alt.Scale(domain=[0, most]), axis=alt.Axis(format="%", tickCount=5, title="probability", grid=True))
    bars = found.mark_bar(color=light(hue)).encode(
        x=x,
        y=y,
        tooltip=[alt.Tooltip("word:N", title="token"), alt.Tooltip("probability:Q", title="probability", format=".4f")],
    )
    names = found.mark_text(align="right", baseline="middle", fontSize=TEXT, limit=LEFT - 8).encode(
        x=alt.XValue(-8), y=y, text="word:N"
    )
    values = found.mark_text(align="left", baseline="middle", dx=5, fontSize=SMALL).encode(
        x="probability:Q", y=y, text=alt.Text("probability:Q", format=".1%")
    )
    drawn = stacked(bars, names, values, width=width - LEFT - 40, height=ROW * number)
    drawn.padding = {"left": 0, "right": 36, "top": 2, "bottom": 4}
    return controlled(drawn, **({"text": texts[0]} if len(texts) > 1 else {}))


@figure(needs=("pretraining_heads",))
def fill_the_gap(data: Mapping[str, Any]) -> Figure:
    heads = data["pretraining_heads"]
    texts = [example.text for example in heads.masks]
    found = [
        {"text": example.text, "rank": n, "word": prediction.text, "probability": rounded(prediction.probability)}
        for example in heads.masks
        for n, prediction in enumerate(example.predictions, start=1)
    ]
    best = [row for row in found if row["text"] == texts[0]]
    covered = sum(row["probability"] for row in best)
    where = f"computed with {heads.model}" if heads.mask_head else f"published for {heads.model}"
    largest = max(row["probability"] for row in found)
    own = (
        "The encoder of this set has the head that answers, so these numbers were computed here. "
        if heads.mask_head
        else "The encoder of this set has lost the head that answers, so these numbers are *not ours*: they are those that the model "
        f"card of {heads.model} prints. "
    )
    return Figure(
        title=(
            f"“{texts[0].replace('[MASK]', '___')}” The best answer, “{best[0]['word']}”, gets {percent(best[0]['probability'])}; "
            f"the first {len(best)} get {percent(covered)} together ({where})"
        ),
        caption=(
            f"The most probable tokens in place of [MASK]. {own}*Where it misleads:* the bars are the top of a distribution over the "
            "whole vocabulary. And the model is not asked what it would like to say, but what the writer of such a text probably wrote."
        ),
        description=" ".join(
            f"{example.text}: {listed(f'{p.text} {fixed(p.probability, 3)}' for p in example.predictions)}."
            for example in heads.masks
        )
        + f" The numbers were {where}.",
        table=Table(
            [
                Column("text", "text"),
                Column("rank", "rank", "integer"),
                Column("word", "token"),
                Column("probability", "probability", "number", 3),
            ],
            found,
            default_rows=(lambda row: row["text"] == texts[0]) if len(texts) > 1 else None,
        ),
        chart=lambda width: _chart(width, texts, len(best), "encoder" if heads.mask_head else "baseline", min(1.0, largest * 1.1)),
        datasets={"predictions": found},
        controls=[Control("text", "Text", "select", texts[0], options=[(text, text) for text in texts])] if len(texts) > 1 else [],
        roles=("encoder",) if heads.mask_head else (),
    )
