"""Rare words are cut into more pieces: tokens per word over the rank of the word, for each tokenizer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.cutting import PiecesOfTokenizer, PiecesPerWord
from charts.figure import Column, Control, Figure, Table, figure
from charts.layout import controlled, rows, stacked
from charts.palette import light
from charts.reading import fixed, listed, percent, rounded
from charts.theme import TEXT, is_narrow
from charts.two_ways_to_cut_and_place_words.parts import distinct

DASHES = {"byte_level_bpe": [[1, 0], [5, 4]], "wordpiece": [[1, 0], [5, 4]]}  # first and second tokenizer of a kind
COLOURS = {"byte_level_bpe": "decoder", "wordpiece": "encoder", "words": "static"}
RISE = 0.2  # tokens a word: less is no rise
FREQUENT = 1000  # ranks up to here are called frequent in sentences


def _title(pieces: PiecesPerWord, lines: dict[str, PiecesOfTokenizer]) -> str:
    frequent = next((n for n, b in enumerate(pieces.bins) if b.last_rank >= FREQUENT), 0)
    parts = listed(f"{fixed(e.mean_pieces[frequent], 1)} to {fixed(e.mean_pieces[-1], 1)} in {name}" for name, e in lines.items())
    rise = min(e.mean_pieces[-1] - e.mean_pieces[frequent] for e in lines.values())
    finding = "Rare words cost more tokens" if rise > RISE else "Rare words cost about as many tokens as frequent ones"
    return f"{finding}: from rank {pieces.bins[frequent].last_rank:,} to the rarest, {parts}"


def _chart(lines: dict[str, PiecesOfTokenizer], pieces: PiecesPerWord, width: int) -> alt.TopLevelMixin:
    narrow = is_narrow(width)
    last = pieces.bins[-1].last_rank
    top = max(2.0, max(max(e.mean_pieces) for e in lines.values()) * 1.05)
    ticks = [t for t in (100, 1_000, 10_000, 100_000) if t < last]
    x = alt.X(
        "rank:Q",
        scale=alt.Scale(type="log", domain=[pieces.bins[0].last_rank, last], nice=False),
        axis=alt.Axis(values=ticks, format=",d", grid=False, title="rank of the word (logarithmic): frequent left, rare right"),
    )
    y = alt.Y(
        "value:Q",
        scale=alt.Scale(domain=[1, top], nice=False, zero=False),
        axis=alt.Axis(title="tokens per word", tickCount=5),
    )
    layers = []
    number: dict[str, int] = {}
    for n, (name, entry) in enumerate(lines.items()):
        place = number.get(entry.kind, 0)
        number[entry.kind] = place + 1
        colour = light(COLOURS[entry.kind])
        base = rows("pieces").transform_filter(f"datum.line == {n}").transform_calculate(value="kinder ? datum.best : datum.mean")
        layers.append(
            base.mark_line(color=colour, strokeDash=DASHES[entry.kind][place % 2] if entry.kind in DASHES else [1, 0]).encode(
                x=x,
                y=y,
            )
        )
        layers.append(
            base.mark_point(color=colour, size=30, filled=place == 0, opacity=1).encode(
                x=x,
                y=y,
                tooltip=[
                    alt.Tooltip("name:N", title="tokenizer"),
                    alt.Tooltip("first:Q", title="from rank", format=",d"),
                    alt.Tooltip("rank:Q", title="to rank", format=",d"),
                    alt.Tooltip("value:Q", title="tokens per word", format=".2f"),
                    alt.Tooltip("whole:Q", title="single tokens", format=".0%"),
                ],
            )
        )
        key = {"align": "left", "baseline": "middle", "fontSize": TEXT, "fontWeight": 600, "color": colour}
        row = 14 + n * 20
        one = alt.Chart(alt.Data(values=[{}]))
        layers.append(
            one.mark_rule(color=colour, strokeWidth=2, strokeDash=[1, 0] if place == 0 else [5, 4]).encode(
                x=alt.XValue(10), x2=alt.X2Value(34), y=alt.YValue(row)
            )
        )
        layers.append(one.mark_text(**key, text=f"{name}").encode(x=alt.XValue(40), y=alt.YValue(row)))
    plot = stacked(*layers, width=width - 40, height=220 if narrow else 260)
    return controlled(plot, kinder=False)


@figure(needs=("pieces_per_word",))
def pieces_by_rarity(data: Mapping[str, Any]) -> Figure:
    pieces: PiecesPerWord = data["pieces_per_word"]
    lines = distinct(pieces.by_tokenizer, lambda entry: entry.mean_pieces)
    rows_drawn = [
        {"line": n, "name": name, "first": b.first_rank, "rank": b.last_rank}
        | {
            "mean": rounded(entry.mean_pieces[i], 3),
            "best": rounded(entry.mean_pieces_best_case[i], 3),
            "whole": rounded(entry.whole[i], 3),
        }
        for n, (name, entry) in enumerate(lines.items())
        for i, b in enumerate(pieces.bins)
    ]
    table = [
        {"tokenizer": name, "first_rank": b.first_rank, "last_rank": b.last_rank, "words": b.words, "case": case}
        | {"tokens_per_word": means[i], "single": entry.whole[i] if case == "as listed" else None}
        for name, entry in lines.items()
        for case, means in (("as listed", entry.mean_pieces), ("kinder case", entry.mean_pieces_best_case))
        for i, b in enumerate(pieces.bins)
    ]
    described = " ".join(
        f"{name}: {fixed(entry.mean_pieces[0])} tokens a word up to rank {pieces.bins[0].last_rank:,} "
        f"({percent(entry.whole[0])} whole), {fixed(entry.mean_pieces[-1])} from rank {pieces.bins[-1].first_rank:,} on "
        f"({percent(entry.whole[-1])} whole)."
        for name, entry in lines.items()
    )
    first = next(iter(lines))
    return Figure(
        title=_title(pieces, lines),
        caption=(
            f"{pieces.source} {pieces.word_rule} Each point is the mean of up to "
            f"{max(b.words for b in pieces.bins):,} words drawn from a run of ranks; where case counts, words stand after a space. "
            "The list is in lower case, which is unkind to tokenizers that keep capitals: tick the box to let each word have a capital "
            "where that needs fewer tokens. *Where it misleads:* the far right of such a list holds names, misspellings and words of "
            "other languages, so it is not only rarity that grows."
        ),
        description=described,
        table=Table(
            [
                Column("tokenizer", "tokenizer"),
                Column("case", "words"),
                Column("first_rank", "from rank", "integer"),
                Column("last_rank", "to rank", "integer"),
                Column("words", "words drawn", "integer"),
                Column("tokens_per_word", "tokens per word", "number", 2),
                Column("single", "share that is one token", "number", 2),
            ],
            table,
            default_rows=lambda row: row["tokenizer"] == first and row["case"] == "as listed",
        ),
        chart=lambda width: _chart(lines, pieces, width),
        datasets={"pieces": rows_drawn},
        controls=[Control("kinder", "Let each word have a capital if that helps", "checkbox", False)],
    )
