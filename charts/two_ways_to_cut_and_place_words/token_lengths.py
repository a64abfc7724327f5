"""How long tokens are, by four definitions of length: the peak of the histogram moves with the definition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.cutting import KindsOfVocabulary, LengthsByDefinition, TokenKinds
from charts.figure import Column, Control, Figure, Table, figure
from charts.layout import controlled, heading, panels, rows, stacked
from charts.palette import light
from charts.reading import Member, fixed, listed
from charts.theme import SMALL, is_narrow

NAMES = {
    "raw": "as the vocabulary spells it",
    "decoded": "as the tokenizer prints it",
    "stripped": "without space and ##",
    "stripped, no placeholders": "without marks and placeholders",
}
COLOURS = {"gpt2": "decoder", "bert": "encoder"}
SHOWN = ("gpt2", "bert")  # the real tokenizers, in every set
DRAWN = 16  # characters; what is longer is in the table


def of(kinds: TokenKinds) -> dict[str, KindsOfVocabulary]:
    """Tokenizer -> what its entries are, of those that the figure shows."""
    return {entry.tokenizer: entry for entry in kinds.tokenizers if entry.tokenizer in SHOWN}


def lengths(entry: KindsOfVocabulary, definition: str) -> LengthsByDefinition:
    """The lengths by one definition."""
    return next(found for found in entry.lengths if found.definition == definition)


def _title(found: dict[str, KindsOfVocabulary]) -> str:
    parts = listed(
        f"{entry.name} from {lengths(entry, 'raw').peaks[0]} to {lengths(entry, 'stripped, no placeholders').peaks[0]}"
        for entry in found.values()
    )
    return f"The most common length depends on what counts as a character: without marks it moves in {parts}"


def _panel(entry: KindsOfVocabulary, top: int, narrow: bool) -> alt.LayerChart:
    member = Member(COLOURS[entry.tokenizer], entry.name, entry.kind)
    shown = rows("lengths").transform_filter(f"datum.tokenizer == '{entry.tokenizer}' && datum.definition == definition")
    across = alt.Scale(domain=[0.4, DRAWN + 0.6], nice=False, zero=False)
    x_axis = alt.Axis(values=[1, 4, 8, 12, 16], title="characters", grid=False, format="d")
    bars = shown.transform_calculate(low="datum.length - 0.42", high="datum.length + 0.42").mark_rect(color=light(member.role))
    y_axis = alt.Axis(format=",d", tickCount=4, title="entries", titleY=-10)
    drawn = bars.encode(
        x=alt.X("low:Q", scale=across, axis=x_axis),
        x2="high:Q",
        y=alt.Y("tokens:Q", scale=alt.Scale(domain=[0, top], nice=False), axis=y_axis),
        y2=alt.Y2Value("height"),
        opacity=alt.condition("datum.peak", alt.value(1), alt.value(0.45)),
        tooltip=[alt.Tooltip("length:Q", title="characters"), alt.Tooltip("tokens:Q", title="entries", format=",d")],
    )
    peak = (
        shown.transform_filter("datum.peak")
        .mark_text(baseline="bottom", dy=-3, fontSize=SMALL)
        .encode(x=alt.X("length:Q", scale=across), y=alt.Y("tokens:Q", scale=alt.Scale(domain=[0, top])), text="length:Q")
    )
    return stacked(drawn, peak, height=150 if narrow else 190, title=heading(member, entry.name, offset=16))


@figure(needs=("token_kinds",))
def token_lengths(data: Mapping[str, Any]) -> Figure:
    kinds: TokenKinds = data["token_kinds"]
    found = of(kinds)
    everything = [
        {"tokenizer": entry.tokenizer, "name": entry.name, "definition": by.definition, "length": length, "tokens": tokens}
        | {"peak": int(length in by.peaks)}
        for entry in found.values()
        for by in entry.lengths
        for length, tokens in enumerate(by.lengths.counts)
        if tokens
    ]
    drawn = [
        {name: row[name] for name in ("tokenizer", "definition", "length", "tokens", "peak")}
        for row in everything
        if 1 <= row["length"] <= DRAWN
    ]
    top = int(max(row["tokens"] for row in drawn) * 1.1)
    described = []
    for entry in found.values():
        for definition, shown in NAMES.items():
            by = lengths(entry, definition)
            described.append(
                f"{entry.name}, {shown}: most entries have {listed((str(n) for n in by.peaks), 'then')} characters, "
                f"mean {fixed(by.mean, 1)}."
            )

    def chart(width: int) -> alt.TopLevelMixin:
        sides = [_panel(entry, top, is_narrow(width)) for entry in found.values()]
        return controlled(panels(sides, width, left=44, right=6, gap=16, below=30), definition="raw")

    return Figure(
        title=_title(found),
        caption=(
            "Entries of the real vocabularies by length; the three most common lengths are dark and numbered. As spelled, GPT-2 marks "
            "a space with one character and BERT a continuation with two, and 994 free places are called [unusedN], which makes BERT's "
            "bump at 10 and 11. *Where it misleads:* every entry counts once, however often it is used. In a text, short tokens are "
            "far more frequent than in this list."
            if any(k.kind == "placeholder" and k.tokens == 994 for e in found.values() for k in e.kinds)
            else "Entries of the vocabularies by length; the three most common lengths are dark and numbered. As spelled, a space or a "
            "continuation is marked with characters of its own. *Where it misleads:* every entry counts once, however often it is used."
        ),
        description=" ".join(described),
        table=Table(
            [
                Column("name", "vocabulary"),
                Column("shown_as", "length counted"),
                Column("length", "characters", "integer"),
                Column("tokens", "entries", "integer"),
            ],
            [row | {"shown_as": NAMES[row["definition"]]} for row in everything],
            default_rows=lambda row: row["definition"] == "raw" and row["peak"] == 1,
        ),
        chart=chart,
        datasets={"lengths": drawn},
        controls=[Control("definition", "Count the characters of an entry", "select", "raw", options=list(NAMES.items()))],
    )
