"""The same two spaces on any three of the categories: where the published three stand among them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.scores import WordSamples
from charts.figure import Column, Control, Figure, Table, figure
from charts.layout import controlled, note, one, rows, stacked
from charts.palette import light
from charts.reading import capitalised, fixed, listed
from charts.theme import SMALL, TEXT, is_narrow
from charts.what_the_score_rests_on.parts import names_of_set, pair_name

BIN, DOT = 0.02, 9  # width of a column of dots, in the unit of the score; px between dots, at most
PILE = 190  # px: the highest column


def key_of(pair: list[str]) -> str:
    """What the controls call a pair of spaces."""
    return "-".join(pair)


def _title(samples: WordSamples, names: dict[str, str]) -> str:
    pair, score = pair_name(samples.pairs[0], names), samples.published_scores[0]
    others = [t.scores[0] for t in samples.triples if not t.published]
    if len(others) < 2:
        return f"{pair} score {fixed(score)} on the published words; too few other categories can be compared in this set"
    return (
        f"{pair} score {fixed(score)} on the published words; on other choices of three categories anything from {fixed(min(others))} to "
        f"{fixed(max(others))}, and {samples.below_published[0]} of {len(others)} choices score less"
    )


def _rows(samples: WordSamples) -> list[dict[str, Any]]:
    """A dot a triple, stacked in columns."""
    dots: list[dict[str, Any]] = []
    for n, pair in enumerate(samples.pairs):
        height: dict[int, int] = {}
        first = len(dots)
        for triple in sorted(samples.triples, key=lambda t: (not t.published, t.scores[n])):
            column = math.floor(triple.scores[n] / BIN)
            height[column] = height.get(column, 0) + 1
            dots.append(
                {
                    "pair": key_of(pair),
                    "score": round((column + 0.5) * BIN, 3),
                    "exact": triple.scores[n],
                    "level": height[column],
                    "published": int(triple.published),
                    "what": listed(triple.categories),
                }
            )
        for dot in dots[first:]:
            dot["gap"] = round(min(DOT, PILE / max(height.values())), 2)
    return dots


def _chart(samples: WordSamples, dots: list[dict[str, Any]], width: int) -> alt.TopLevelMixin:
    values = [d["exact"] for d in dots] or [0.0]
    low, high = math.floor(min(0.0, *values) * 5) / 5, math.ceil(max(values) * 5) / 5
    height = PILE + 12
    scale = alt.Scale(domain=[low, high], nice=False, zero=False)
    ticks = [round(low + 0.2 * n, 1) for n in range(round((high - low) / 0.2) + 1)]
    axis = alt.Axis(values=ticks, format=".1f", title="RSA score", titleAnchor="end", grid=False, labelOverlap=False)
    here = rows("triples").transform_filter("datum.pair == pair").transform_calculate(at=f"{height} - datum.level * datum.gap")
    y = alt.Y("at:Q", scale=alt.Scale(domain=[height, 0], nice=False), axis=None)
    tips = [alt.Tooltip("what:N", title="categories"), alt.Tooltip("exact:Q", title="RSA", format=".3f")]
    size = 12 if is_narrow(width) else 22
    others = (
        here.transform_filter("!datum.published")
        .mark_point(size=size, color=light("baseline"))
        .encode(x=alt.X("score:Q", scale=scale, axis=axis), y=y, tooltip=tips)
    )
    ours = (
        here.transform_filter("datum.published")
        .mark_point(size=90, color=light("accent"), shape="diamond")
        .encode(x=alt.X("score:Q", scale=scale, axis=axis), y=y, tooltip=tips)
    )
    layers: list[Any] = [one(v=0).mark_rule(color=light("rule")).encode(x=alt.X("v:Q", scale=scale, axis=axis)), others, ours]
    for n, pair in enumerate(samples.pairs):
        score = samples.published_scores[n]
        text = alt.expr(f"pair == '{key_of(pair)}' ? 'the published three: {fixed(score)}' : ''")
        layers.append(note(text, 0, -26, "accent", fontSize=TEXT, fontWeight=600))
    layers.append(note("each dot: another three categories", 0, -8, fontSize=SMALL))
    return controlled(stacked(*layers, width=width - 12, height=height), pair=key_of(samples.pairs[0]))


@figure(needs=("model_facts", "word_samples"))
def other_categories(data: Mapping[str, Any]) -> Figure:
    samples: WordSamples = data["word_samples"]
    names = names_of_set(data)
    table, sentences = [], []
    for n, pair in enumerate(samples.pairs):
        name = pair_name(pair, names)
        alone = sorted(samples.categories, key=lambda c: -c.scores[n])
        if alone:
            sentences.append(
                f"{name}, one category at a time: from {fixed(alone[-1].scores[n])} ({alone[-1].category}) to {fixed(alone[0].scores[n])} "
                f"({alone[0].category}); {samples.below_published[n]} of the other triples score below the published "
                f"{fixed(samples.published_scores[n])}."
            )
        table += [
            {
                "pair": name,
                "what": c.category,
                "kind": "published category" if c.published else "further category",
                "words": c.words,
                "score": c.scores[n],
            }
            for c in alone
        ]
    first = pair_name(samples.pairs[0], names)
    return Figure(
        title=_title(samples, names),
        caption=(
            f"{len(samples.categories)} categories, {len(samples.triples)} choices of three. The diamond is the published choice, "
            "each dot another one, with RSA computed as always; the table has each category alone. "
            "*Where it misleads:* the choices overlap, so that the dots are not that many independent results, and who picks categories "
            "picks the score: choices that hold a category on which the two agree by itself, such as numbers, score high; those with one "
            "on which they do not, such as professions, score low."
        ),
        description=capitalised(" ".join(sentences)) or "Too few words can be compared.",
        table=Table(
            [
                Column("pair", "spaces"),
                Column("what", "words"),
                Column("kind", "kind"),
                Column("words", "how many", "integer"),
                Column("score", "RSA within them", "number", 3),
            ],
            table,
            default_rows=lambda row: row["pair"] == first,
        ),
        chart=lambda width: _chart(samples, _rows(samples), width),
        datasets={"triples": _rows(samples)},
        controls=[
            Control(
                "pair",
                "Spaces",
                "select",
                key_of(samples.pairs[0]),
                options=[(key_of(p), pair_name(p, names)) for p in samples.pairs],
            )
        ],
    )
