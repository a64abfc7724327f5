"""The source's two words as continuations of the source's beginning, after other beginnings and other starts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.writing import NextWordChances, NextWords
from charts.figure import Column, Control, Figure, Table, figure
from charts.layout import controlled, panels, rows, stacked
from charts.palette import light
from charts.reading import Member, listed, members
from charts.reading_and_writing.parts import chance
from charts.theme import SMALL, TEXT, is_narrow

ROW, LEFT = 30, 58  # px
ASKED = ("mat", "laptop")


def start_name(entry: NextWords) -> str:
    """What stood before the context, in words."""
    return entry.start.raw if entry.start else "nothing"


def default_start(exported: NextWordChances) -> str:
    """The token that stands between documents, where there is one: it is what comes before a text in training."""
    names = list(dict.fromkeys(start_name(entry) for entry in exported.by_context))
    return names[1] if len(names) > 1 else names[0]


def of_start(exported: NextWordChances, start: str) -> list[NextWords]:
    """The contexts that were asked for with one start."""
    return [entry for entry in exported.by_context if start_name(entry) == start]


def chance_of(entry: NextWords, word: str) -> float:
    """The probability of a word after a context, 0 to 1."""
    return next(w.probability for w in entry.words if w.word == word)


def _datasets(exported: NextWordChances, member: Member) -> dict[str, list[dict[str, Any]]]:
    words = [
        {
            "context": entry.context,
            "start": start_name(entry),
            "word": word.word,
            "p": float(f"{word.probability:.3g}"),
            "shown": chance(word.probability),
            "rank": word.rank or 0,
            "asked": word.word in ASKED,
        }
        for entry in exported.by_context
        for word in entry.words
    ]
    tops = [
        {
            "context": entry.context,
            "start": start_name(entry),
            "says": "expected: "
            + ", ".join(f"{member.shown(c.token.raw)} {chance(c.probability)}" for c in entry.candidates[:3]),
        }
        for entry in exported.by_context
    ]
    return {"words": words, "tops": tops}


def _panel(context: str, low: float, words: list[str], width: int) -> alt.LayerChart:
    here = f"datum.start == start && datum.context == {context!r}"
    found = rows("words").transform_filter(here)
    y = alt.Y("word:N", sort=words, axis=None, scale=alt.Scale(domain=words))
    ticks = [10.0**n for n in range(math.ceil(math.log10(low)), 1, 2)]
    x = alt.X(
        "p:Q",
        scale=alt.Scale(type="log", domain=[low, 1], nice=False),
        axis=alt.Axis(
            values=ticks,
            labelExpr="datum.value >= 0.01 ? format(datum.value, '.0%') : '1 in ' + format(1 / datum.value, '~s')",
            title=None,
            labelFlush=True,
        ),
    )
    hue = alt.condition("datum.asked", alt.value(light("decoder")), alt.value(light("baseline")))
    tooltip = [
        alt.Tooltip("word:N", title="word"),
        alt.Tooltip("shown:N", title="probability"),
        alt.Tooltip("rank:Q", title="rank", format=",d"),
    ]
    dots = found.mark_point(size=80).encode(x=x, y=y, color=hue, tooltip=tooltip)
    values = found.mark_text(
        align=alt.expr("datum.p > 0.02 ? 'right' : 'left'"),
        dx=alt.expr("datum.p > 0.02 ? -9 : 9"),
        baseline="middle",
        fontSize=SMALL,
    ).encode(x="p:Q", y=y, text="shown:N")
    names = found.mark_text(
        align="right", baseline="middle", fontSize=TEXT, fontWeight=alt.expr("datum.asked ? 700 : 400")
    ).encode(x=alt.XValue(-10), y=y, text="word:N")
    tops = (
        rows("tops")
        .transform_filter(here)
        .mark_text(align="left", baseline="bottom", fontSize=SMALL, color=light("ink-soft"), limit=width)
        .encode(x=alt.XValue(-LEFT), y=alt.YValue(-8), text="says:N")
    )
    title = alt.Title(f"“{context} …”", fontSize=TEXT, offset=26, frame="bounds")
    return stacked(dots, values, names, tops, height=ROW * len(words), title=title)


def _chart(exported: NextWordChances, width: int) -> alt.TopLevelMixin:
    contexts = list(dict.fromkeys(entry.context for entry in exported.by_context))
    words = [word.word for word in exported.by_context[0].words]
    smallest = min(word.probability for entry in exported.by_context for word in entry.words if word.probability > 0)
    low = 10.0 ** math.floor(math.log10(smallest))
    each = width if is_narrow(width) else width // 2 - 12
    both = [_panel(context, low, words, each) for context in contexts]
    return controlled(panels(both, width, left=LEFT, right=10, below=34), start=default_start(exported))


@figure(needs=("model_facts", "next_word_chances"))
def mat_or_laptop(data: Mapping[str, Any]) -> Figure:
    member, exported = members(data)["decoder"], data["next_word_chances"]
    start = default_start(exported)
    shown = of_start(exported, start)
    first, last = shown[0], shown[-1]
    starts = list(dict.fromkeys(start_name(entry) for entry in exported.by_context))
    offered = sorted(starts, key=lambda name: name != start)  # the usual one first
    mats = listed(
        f"{chance(chance_of(of_start(exported, name)[-1], 'mat'))} after {name if name != 'nothing' else 'no start token'}"
        for name in starts
    )
    described = " ".join(
        f"After “{entry.context}”, with {start_name(entry)} before it: "
        f"{listed(f'{word.word} {chance(word.probability)}' for word in entry.words)}; expected most: "
        f"{listed(f'{member.quoted(c.token.raw)} {chance(c.probability)}' for c in entry.candidates[:3])}."
        for entry in exported.by_context
    )
    return Figure(
        title=(
            f"After “{first.context}”, “mat” has a chance of {chance(chance_of(first, 'mat'))}; after “{last.context}” one of "
            f"{chance(chance_of(last, 'mat'))}, “laptop” {chance(chance_of(last, 'laptop'))}"
        ),
        caption=(
            f"The probability that {member.name} gives a word, with the space before it, as the very next token; the axis is "
            f"logarithmic. Choose what stands before the text. For “mat” after “{last.context}” that makes: {mats}. *Where it "
            "misleads:* a word can also come later (“on the soft mat”) or in other pieces. This is the chance that it comes next, "
            "not that the cat sits on one."
        ),
        description=described,
        table=Table(
            [
                Column("start", "before the text"),
                Column("context", "beginning"),
                Column("word", "next word"),
                Column("probability", "probability", "number", 8),
                Column("rank", "rank", "integer"),
            ],
            [
                {
                    "start": start_name(entry),
                    "context": entry.context,
                    "word": word.word,
                    "probability": word.probability,
                    "rank": word.rank,
                }
                for entry in exported.by_context
                for word in entry.words
            ],
            default_rows=lambda row: row["start"] == start,
        ),
        chart=lambda width: _chart(exported, width),
        datasets=_datasets(exported, member),
        controls=[Control("start", "Before the text", "select", start, options=[(name, name) for name in offered])],
        roles=("decoder",),
    )
