"""What each word does to an RSA score: the change when it is left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.scores import ScoreWithout, WordInfluence, WordInfluences
from charts.figure import Column, Control, Figure, Table, figure
from charts.layout import controlled, note, one, rows, stacked
from charts.palette import light
from charts.reading import fixed
from charts.theme import SMALL, TEXT, is_narrow
from charts.what_the_score_rests_on.parts import names_of_set, pair_name

LINE = 18  # px


def extremes(entry: ScoreWithout) -> tuple[WordInfluence, WordInfluence]:
    """(the word whose loss lowers the score most, the word whose loss raises it most)."""
    ordered = sorted(entry.influences, key=lambda i: i.change)
    return ordered[0], ordered[-1]


def key_of(entry: ScoreWithout) -> str:
    """What the controls call a pair of spaces."""
    return f"{entry.first}-{entry.second}"


def _signed(value: float) -> str:
    return f"+{fixed(value, 3)}" if value > 0 else fixed(value, 3)


def _title(found: WordInfluences, names: dict[str, str]) -> str:
    entry = found.by_pair[0]
    down, up = extremes(entry)
    return (
        f"{pair_name((entry.first, entry.second), names)}: without “{down.word}” the score of {fixed(entry.score)} changes by "
        f"{_signed(down.change)}, without “{up.word}” by {_signed(up.change)}; no word carries it alone"
        if abs(down.change) < abs(entry.score) / 2
        else f"{pair_name((entry.first, entry.second), names)}: leaving out “{down.word}” changes the score of {fixed(entry.score)} by "
        f"{_signed(down.change)}"
    )


def _rows(found: WordInfluences) -> list[dict[str, Any]]:
    return [
        {"pair": key_of(entry), "place": n, "word": i.word, "category": i.category, "change": i.change, "shown": _signed(i.change)}
        for entry in found.by_pair
        for n, i in enumerate(sorted(entry.influences, key=lambda i: (i.change, i.word)))
    ]


def _chart(found: WordInfluences, width: int) -> alt.TopLevelMixin:
    left = 84
    number = len(found.words)
    most = max(abs(i.change) for entry in found.by_pair for i in entry.influences)
    edge = (int(most * 100) + 1) / 100
    height = number * LINE
    scale = alt.Scale(domain=[-edge, edge], nice=False)
    text = "datum.value ? format(datum.value, '+.2f') : '0'"
    axis = alt.Axis(values=[-edge, 0, edge], labelExpr=text, title="change of the score without the word", titleAnchor="end", grid=False)
    here = (
        rows("words")
        .transform_filter("datum.pair == pair")
        .transform_calculate(top="datum.place + 0.18", bottom="datum.place + 0.82", middle="datum.place + 0.5", zero="0")
    )
    y = alt.Scale(domain=[number, 0], nice=False)
    tips = [
        alt.Tooltip("word:N", title="without"),
        alt.Tooltip("category:N", title="category"),
        alt.Tooltip("change:Q", title="change", format="+.3f"),
    ]
    bars = here.mark_rect().encode(
        x=alt.X("zero:Q", scale=scale, axis=axis),
        x2="change:Q",
        y=alt.Y("top:Q", scale=y, axis=None),
        y2="bottom:Q",
        color=alt.ColorValue(light("above-zero"), condition={"test": "datum.change < 0", "value": light("below-zero")}),
        tooltip=tips,
    )
    names = here.mark_text(align="left", baseline="middle", fontSize=SMALL, limit=left - 6).encode(
        x=alt.XValue(-left), y=alt.Y("middle:Q", scale=y, axis=None), text="word:N"
    )
    numbers = here.mark_text(align="right", baseline="middle", fontSize=SMALL, color=light("ink-soft")).encode(
        x=alt.XValue(width - left), y=alt.Y("middle:Q", scale=y, axis=None), text="shown:N"
    )
    middle = one(value=0).mark_rule(color=light("rule"), strokeWidth=1.5).encode(x=alt.X("value:Q", scale=scale, axis=axis))
    texts = " : ".join(f"pair == '{key_of(e)}' ? 'all {number} words: {fixed(e.score)}'" for e in found.by_pair) + " : ''"
    head = note(alt.expr(texts), -left, -10, "ink", fontSize=TEXT, fontWeight=600)
    right = 56 if is_narrow(width) else 64
    plot = stacked(middle, bars, names, numbers, head, width=width - left - right, height=height)
    return controlled(plot, pair=key_of(found.by_pair[0]))


@figure(needs=("model_facts", "word_influences"))
def one_word_out(data: Mapping[str, Any]) -> Figure:
    found: WordInfluences = data["word_influences"]
    names = names_of_set(data)
    table, sentences = [], []
    for entry in found.by_pair:
        down, up = extremes(entry)
        sentences.append(
            f"{pair_name((entry.first, entry.second), names)}: {fixed(entry.score)} with all words (95% interval {fixed(entry.low)} to "
            f"{fixed(entry.high)}); without “{down.word}” {_signed(down.change)}, without “{up.word}” {_signed(up.change)}."
        )
        table += [
            {
                "pair": pair_name((entry.first, entry.second), names),
                "word": i.word,
                "category": i.category,
                "change": i.change,
                "score": entry.score + i.change,
            }
            for i in sorted(entry.influences, key=lambda i: i.change)
        ]
    first = table[0]["pair"]
    return Figure(
        title=_title(found, names),
        caption=(
            "Each bar: the RSA score without this word, minus the score with all. Left: the word supports the agreement; right: it stands "
            "against it. *Where it misleads:* a word that supports the score need not be alike in the two models; it is only the kind of "
            "word that makes some pairs close in both and others far, as members of a tight category do."
        ),
        description=" ".join(sentences),
        table=Table(
            [
                Column("pair", "spaces"),
                Column("word", "without"),
                Column("category", "category"),
                Column("change", "change", "number", 3),
                Column("score", "score without it", "number", 3),
            ],
            table,
            default_rows=lambda row: row["pair"] == first,
        ),
        chart=lambda width: _chart(found, width),
        datasets={"words": _rows(found)},
        controls=[
            Control(
                "pair",
                "Spaces",
                "select",
                key_of(found.by_pair[0]),
                options=[(key_of(e), pair_name((e.first, e.second), names)) for e in found.by_pair],
            )
        ],
    )
