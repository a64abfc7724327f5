"""What the entries of the vocabularies are: a partition of each, as one bar."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.cutting import KindsOfVocabulary, TokenKinds
from charts.figure import Column, Figure, Table, figure
from charts.layout import note, rows, stacked
from charts.palette import light
from charts.reading import count, listed, percent
from charts.theme import SMALL, TEXT, is_narrow
from charts.two_ways_to_cut_and_place_words.parts import distinct

ORDER = (  # from left to right in the bars, with colour and opacity
    ("starts a word", "encoder", 0.85),
    ("continues a word", "decoder", 0.85),
    ("letters of other scripts", "static", 0.85),
    ("digits", "baseline", 0.8),
    ("signs and blanks", "caveat", 0.7),
    ("part of a character", "accent", 0.8),
    ("placeholder", "baseline", 0.35),
    ("special", "ink", 0.9),
)
SMALLEST = 0.015  # shares below it are not written into the bar
BAR, STEP = 30, 66  # px


def share(entry: KindsOfVocabulary, kind: str) -> float:
    """Of the entries of a kind in a vocabulary, 0 to 1."""
    return next(found.tokens for found in entry.kinds if found.kind == kind) / entry.size


def repeated(entry: KindsOfVocabulary) -> float:
    """Of all entries, 0 to 1: those of letters that spell what another one spells, spaces, ## and capitals aside, one of each kept."""
    return (entry.letter_entries - entry.distinct_words) / entry.size


def _title(found: dict[str, KindsOfVocabulary]) -> str:
    parts = listed(f"{percent(entry.twins / entry.size)} of {name}’s" for name, entry in found.items())
    return f"{parts} entries have a twin in a different case or spacing"


def _bars(found: dict[str, KindsOfVocabulary]) -> list[dict[str, Any]]:
    drawn = []
    for n, (name, entry) in enumerate(found.items()):
        left = 0.0
        tokens = {kind.kind: kind.tokens for kind in entry.kinds}
        for kind, _, _ in ORDER:
            part = tokens[kind] / entry.size
            if tokens[kind]:
                drawn.append(
                    {"n": n, "name": name, "kind": kind, "left": round(left, 5), "right": round(left + part, 5), "tokens": tokens[kind]}
                    | {"share": round(part, 5), "text": percent(part) if part >= 4 * SMALLEST else ""}
                )
            left += part
    return drawn


def _chart(found: dict[str, KindsOfVocabulary], width: int) -> alt.TopLevelMixin:
    narrow = is_narrow(width)
    columns = 2 if narrow else 4
    key_rows = -(-len(ORDER) // columns)
    top = key_rows * 20 + 30
    down = alt.Scale(domain=[0, 1], range=[0, 1])
    across = alt.Scale(domain=[0, 1], nice=False)
    base = rows("bars").transform_calculate(y=f"{top} + datum.n * {STEP}", y2=f"{top + BAR} + datum.n * {STEP}")
    colours = alt.Scale(domain=[kind for kind, _, _ in ORDER], range=[light(colour) for _, colour, _ in ORDER])
    opacity = alt.Scale(domain=[kind for kind, _, _ in ORDER], range=[value for _, _, value in ORDER])
    bars = base.mark_rect(stroke=light("paper"), strokeWidth=0.5).encode(
        x=alt.X("left:Q", scale=across, axis=None),
        x2="right:Q",
        y=alt.Y("y:Q", scale=down, axis=None),
        y2="y2:Q",
        color=alt.Color("kind:N", scale=colours, legend=None),
        opacity=alt.Opacity("kind:N", scale=opacity, legend=None),
        tooltip=[
            alt.Tooltip("name:N", title="vocabulary"),
            alt.Tooltip("kind:N", title="what it is"),
            alt.Tooltip("tokens:Q", title="entries", format=",d"),
            alt.Tooltip("share:Q", format=".1%"),
        ],
    )
    shares = (
        base.transform_calculate(m="(datum.left + datum.right) / 2", c=f"{top + BAR / 2} + datum.n * {STEP}")
        .mark_text(baseline="middle", fontSize=SMALL, fontWeight=600, color=light("paper"))
        .encode(x=alt.X("m:Q", scale=across), y=alt.Y("c:Q", scale=down), text="text:N")
    )
    names = [
        note(f"{name}: {entry.size:,} entries", 0, top - 7 + n * STEP, "ink", fontWeight=600, fontSize=TEXT)
        for n, (name, entry) in enumerate(found.items())
    ]
    keys = []
    for n, (kind, colour, value) in enumerate(ORDER):
        x, y = (n % columns) * (width // columns), n // columns * 20 + 12
        square = alt.Chart(alt.Data(values=[{}])).mark_point(shape="square", size=70, color=light(colour), opacity=value)
        keys += [square.encode(x=alt.XValue(x + 6), y=alt.YValue(y - 4)), note(kind, x + 16, y, "ink")]
    return stacked(bars, shares, *names, *keys, width=width - 2, height=top + STEP * (len(found) - 1) + BAR)


@figure(needs=("token_kinds",))
def kinds_of_tokens(data: Mapping[str, Any]) -> Figure:
    kinds: TokenKinds = data["token_kinds"]
    found = distinct(kinds.tokenizers, lambda entry: (entry.kinds, entry.size))
    table = [
        {"vocabulary": name, "what": kind.kind, "rule": kinds.rules[kind.kind], "entries": kind.tokens}
        | {"share": kind.tokens / entry.size, "examples": " ".join(kind.examples), "kind": entry.kind}
        for name, entry in found.items()
        for kind in entry.kinds
        if kind.tokens
    ]
    described = []
    for name, entry in found.items():
        parts = listed(f"{kind.kind} {kind.tokens:,}" for kind in entry.kinds if kind.tokens)
        described.append(
            f"{name}, {entry.size:,} entries: {parts}. Of {entry.letter_entries:,} entries of letters, {entry.space_twins:,} exist with "
            f"and without their space or mark, {entry.case_twins:,} in another case; there are {entry.distinct_words:,} different "
            "strings of letters."
        )
    spared = listed(f"{percent(repeated(entry))} of {name}’s" for name, entry in found.items())
    first = next(iter(found))
    entry = found[first]
    return Figure(
        title=_title(found),
        caption=(
            "Every entry is counted once, by the first rule that fits (the rules are in the table, with examples). A twin is an entry "
            f"that repeats another but for a space, a ## or capitals: {first}’s {count(entry.letter_entries, 'entry', 'entries')} of "
            f"letters spell only {entry.distinct_words:,} different strings. With one entry kept for each string, {spared} entries could "
            "be spared. *Where it misleads:* that an entry can start a word does not make it a word. Many are names, beginnings "
            "of words, or words of other languages, and a share of the vocabulary is no share of a text."
        ),
        description=" ".join(described),
        table=Table(
            [
                Column("vocabulary", "vocabulary"),
                Column("what", "what it is"),
                Column("entries", "entries", "integer"),
                Column("share", "share", "number", 3),
                Column("examples", "examples", "tokens", tokenizer_kind_column="kind"),
                Column("rule", "rule"),
            ],
            table,
            default_rows=lambda row: row["vocabulary"] == first,
        ),
        chart=lambda width: _chart(found, width),
        datasets={"bars": _bars(found)},
    )
