"""Into how many pieces BERT's vocabulary cuts the words of other fields and languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from charts.figure import Column, Figure, Table, figure
from charts.layout import note, rows, stacked
from charts.palette import light
from charts.reading import fixed, listed, rounded
from charts.theme import SMALL, TEXT

ROW, GAP = 22, 34  # px


@figure(needs=("pieces_by_field",))
def pieces_by_field(data: Mapping[str, Any]) -> Figure:
    fields, languages = data["pieces_by_field"].fields, data["pieces_by_field"].languages
    table = [
        {
            "kind": "field",
            "name": field.field,
            "words": len(field.words),
            "pieces_per_word": field.mean_pieces,
            "example": f"{longest.word} = {' '.join(longest.pieces)}",
        }
        for field in fields
        for longest in [max(field.words, key=lambda word: len(word.pieces))]
    ] + [
        {"kind": "language", "name": cut.language, "words": cut.words, "pieces_per_word": cut.pieces_per_word, "example": ""}
        for cut in languages
    ]
    bars = [
        {
            "name": row["name"],
            "kind": row["kind"],
            "pieces": rounded(row["pieces_per_word"], 2),
            "y": n * ROW + ROW / 2 + (GAP if row["kind"] == "language" else 0),
        }
        for n, row in enumerate(table)
    ]
    height = ROW * len(bars) + GAP
    worst = max(fields, key=lambda field: field.mean_pieces)
    plain = fields[0]
    farthest = max(languages, key=lambda cut: cut.pieces_per_word)

    def chart(width: int) -> alt.TopLevelMixin:
        labels = 126
        y = alt.Y("y:Q", scale=alt.Scale(domain=[0, height], reverse=True, nice=False), axis=None)
        x = alt.X(
            "pieces:Q",
            scale=alt.Scale(domain=[0, max(bar["pieces"] for bar in bars) * 1.12], nice=False),
            axis=alt.Axis(title="pieces a word, on average", titleAnchor="end", tickCount=6),
        )
        shown = (
            rows("bars")
            .mark_bar(height=ROW - 8, orient="horizontal")
            .encode(
                x=x,
                x2=alt.X2Datum(0),
                y=y,
                color=alt.Color(
                    "kind:N",
                    scale=alt.Scale(domain=["field", "language"], range=[light("encoder"), light("baseline")]),
                    legend=None,
                ),
                tooltip=[alt.Tooltip("name:N", title="words of"), alt.Tooltip("pieces:Q", title="pieces a word", format=".1f")],
            )
        )
        values = (
            rows("bars").mark_text(align="left", dx=4, fontSize=SMALL).encode(x="pieces:Q", y=y, text=alt.Text("pieces:Q", format=".1f"))
        )
        names = rows("bars").mark_text(align="left", fontSize=TEXT).encode(x=alt.XValue(-labels), y=y, text="name:N")
        second = note("one sentence in nine languages", -labels, ROW * len(fields) + GAP - 10)
        first = note("ten words of each field", -labels, -8)
        return stacked(shown, values, names, first, second, width=width - labels - 8, height=height)

    return Figure(
        title=(
            f"BERT's vocabulary keeps everyday words whole, cuts {worst.field} into {fixed(worst.mean_pieces, 1)} pieces a word, "
            f"and {farthest.language} into {fixed(farthest.pieces_per_word, 1)}"
        ),
        caption=(
            "Cut by the real tokenizer of BERT base, uncased, whose vocabulary was made for English. Above, ten words from each "
            "field; below, the first sentence of the Universal Declaration of Human Rights, signs not counted. *Where it "
            "misleads:* more pieces mean longer texts and vaguer pieces, not that the model knows nothing of the word; and the "
            "words were picked because they are typical of their field, not at random."
        ),
        description=(
            f"Pieces a word: {listed(f'{field.field} {fixed(field.mean_pieces, 1)}' for field in fields)}. Of ten words "
            f"{plain.whole} are one piece in {plain.field}, {worst.whole} in {worst.field}. The sentence: "
            f"{listed(f'{cut.language} {fixed(cut.pieces_per_word, 1)}' for cut in languages)}."
        ),
        table=Table(
            [
                Column("name", "words of"),
                Column("words", "words", "integer"),
                Column("pieces_per_word", "pieces a word", "number", 2),
                Column("example", "most cut"),
            ],
            table,
        ),
        chart=chart,
        datasets={"bars": bars},
    )
