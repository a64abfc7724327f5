"""What others measured: how well the cosines of [CLS], of averaged tokens, of GloVe and of Sentence-BERT follow people's judgement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from charts.figure import Column, Figure, Table, figure
from charts.layout import rows, stacked
from charts.palette import light
from charts.reading import fixed, listed
from charts.theme import TEXT, is_narrow

COLOURS = {"bert_first": "accent", "bert_mean": "baseline", "static_mean": "static", "sentence_bert": "encoder"}
ROW = 54  # px


@figure(needs=("published_similarity",))
def published_sentence_similarity(data: Mapping[str, Any]) -> Figure:
    published = data["published_similarity"]
    by_kind = {way.kind: way for way in published.ways}
    dots = [
        {"way": way.name, "kind": way.kind, "task": task, "score": score, "n": n}
        for n, way in enumerate(published.ways)
        for task, score in zip(published.tasks, way.scores, strict=True)
    ]
    means = [
        {"way": way.name, "kind": way.kind, "score": way.average, "n": n, "text": fixed(way.average, 1)}
        for n, way in enumerate(published.ways)
    ]

    def chart(width: int) -> alt.TopLevelMixin:
        labels = 0 if is_narrow(width) else 150
        y = alt.Y("n:Q", scale=alt.Scale(domain=[-0.6, len(means) - 0.4], reverse=True, nice=False), axis=None)
        x = alt.X(
            "score:Q",
            scale=alt.Scale(domain=[0, 100], nice=False),
            axis=alt.Axis(title="rank correlation with people, × 100", titleAnchor="end", tickCount=5),
        )
        colour = alt.Color("kind:N", scale=alt.Scale(domain=list(COLOURS), range=[light(c) for c in COLOURS.values()]), legend=None)
        marks = (
            rows("dots")
            .mark_point(size=44, opacity=0.7)
            .encode(
                x=x,
                y=y,
                color=colour,
                tooltip=[
                    alt.Tooltip("way:N", title="vector"),
                    alt.Tooltip("task:N", title="set of pairs"),
                    alt.Tooltip("score:Q", title="correlation × 100", format=".1f"),
                ],
            )
        )
        strokes = rows("means").mark_tick(thickness=3, height=24, color=light("ink")).encode(x="score:Q", y=y)
        values = rows("means").mark_text(dy=20, fontSize=TEXT, fontWeight=600).encode(x="score:Q", y=y, text="text:N")
        names = (
            rows("means")
            .mark_text(align="left", fontSize=TEXT, fontWeight=600, dy=-18 if is_narrow(width) else 0)
            .encode(x=alt.XValue(-labels), y=y, text="way:N", color=colour)
        )
        return stacked(marks, strokes, values, names, width=width - labels - 18, height=ROW * len(means))

    first, static, trained = by_kind["bert_first"], by_kind["static_mean"], by_kind["sentence_bert"]
    return Figure(
        title=(
            f"Published: BERT's [CLS] reaches {fixed(first.average, 1)}, the mean of its tokens {fixed(by_kind['bert_mean'].average, 1)}, "
            f"averaged GloVe {fixed(static.average, 1)}, the mean of BERT after training on labelled pairs {fixed(trained.average, 1)}"
        ),
        caption=(
            "Copied from table 1 of Reimers and Gurevych 2019, not computed here. Seven collections hold pairs of sentences that "
            "people rated for likeness; each dot is the rank correlation (Spearman, times 100) of those ratings with the cosines, the "
            "stroke is the average of the seven. *Where it misleads:* it is about cosines of vectors as they come. With a "
            "classifier trained on top, [CLS] does well; and Sentence-BERT was trained on other pairs that people had labelled, the "
            "others were not."
        ),
        description=" ".join(
            f"{way.name}: {listed(f'{task} {fixed(score, 1)}' for task, score in zip(published.tasks, way.scores, strict=True))}; "
            f"average {fixed(way.average, 1)}."
            for way in published.ways
        ),
        table=Table(
            [Column("way", "vector"), Column("task", "set of pairs"), Column("score", "correlation × 100", "number", 2)],
            dots,
        ),
        chart=chart,
        datasets={"dots": dots, "means": means},
    )
