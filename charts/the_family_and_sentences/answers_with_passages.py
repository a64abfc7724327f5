"""What a found passage does: how surprised the decoder is by the right answer, with nothing, the wrong passage, the found one, and
with the found one and the wrong question.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from charts.figure import Column, Figure, Table, figure
from charts.layout import key, rows, stacked
from charts.palette import SHAPES, light
from charts.reading import fixed, members, rounded
from charts.theme import SMALL, TEXT, is_narrow

GIVEN = {
    "nothing": "nothing",
    "other": "another passage",
    "other_questions": "found passage, other questions",
    "retrieved": "found passage",
}
COLOURS = {"nothing": "baseline", "other": "static", "other_questions": "decoder", "retrieved": "decoder"}
MARKS = {"nothing": "diamond", "other": SHAPES["static"], "other_questions": "cross", "retrieved": SHAPES["decoder"]}
KEYS_WIDE = {"nothing": (0, -12), "other": (90, -12), "retrieved": (236, -12), "other_questions": (366, -12)}  # px
KEYS_NARROW = {"nothing": (0, -28), "other": (90, -28), "retrieved": (0, -10), "other_questions": (116, -10)}
ROW = 34  # px


@figure(needs=("model_facts", "answers_with_passages"))
def answers_with_passages(data: Mapping[str, Any]) -> Figure:
    exported, model = data["answers_with_passages"], members(data)["decoder"]
    bits: list[dict[str, float]] = [
        {s.given: s.bits for s in question.scored} | {"other_questions": question.bits_after_other_questions}
        for question in exported.questions
    ]
    order = sorted(range(len(bits)), key=lambda n: bits[n]["retrieved"] - bits[n]["nothing"])
    drawn, table = [], []
    for place, n in enumerate(order):
        question = exported.questions[n]
        for given in GIVEN:
            drawn.append({"n": place, "given": given, "bits": rounded(bits[n][given], 2), "answer": question.answer})
        table.append(
            {
                "question": question.question,
                "answer": question.answer,
                "found": next(s.passage for s in question.scored if s.given == "retrieved"),
                **{f"bits_{given}": bits[n][given] for given in GIVEN},
            }
        )
    labels = [{"n": place, "answer": exported.questions[n].answer} for place, n in enumerate(order)]
    mean = exported.mean_bits
    better = sum(one["retrieved"] < one["nothing"] for one in bits)
    right = sum(question.retrieved_is_target for question in exported.questions)
    saved = mean["nothing"] - mean["retrieved"]

    def chart(width: int) -> alt.TopLevelMixin:
        narrow = is_narrow(width)
        left = 0 if narrow else 150
        y = alt.Y("n:Q", scale=alt.Scale(domain=[-0.7, len(labels) - 0.4], reverse=True, nice=False), axis=None)
        x = alt.X(
            "bits:Q", scale=alt.Scale(zero=True), axis=alt.Axis(title="surprise at the answer, in bits", titleAnchor="end", tickCount=6)
        )
        span = (
            rows("bits")
            .transform_aggregate(low="min(bits)", high="max(bits)", groupby=["n"])
            .mark_rule(color=light("rule"), strokeWidth=2)
            .encode(x=alt.X("low:Q"), x2="high:Q", y=y)
        )
        marks = (
            rows("bits")
            .mark_point(size=70)
            .encode(
                x=x,
                y=y,
                color=alt.Color("given:N", scale=alt.Scale(domain=list(COLOURS), range=[light(c) for c in COLOURS.values()]), legend=None),
                shape=alt.Shape("given:N", scale=alt.Scale(domain=list(MARKS), range=list(MARKS.values())), legend=None),
                tooltip=[
                    alt.Tooltip("answer:N", title="answer"),
                    alt.Tooltip("given:N", title="before the question"),
                    alt.Tooltip("bits:Q", title="bits", format=".1f"),
                ],
            )
        )
        names = (
            rows("answers")
            .mark_text(align="left", fontSize=SMALL if narrow else TEXT, dy=-12 if narrow else 0)
            .encode(x=alt.XValue(-left), y=y, text="answer:N")
        )
        keys = [
            part
            for given, (along, down) in (KEYS_NARROW if narrow else KEYS_WIDE).items()
            for part in key(
                GIVEN[given], along - left, down, COLOURS[given], MARKS[given], text_colour="ink-soft" if given == "nothing" else None
            )
        ]
        return stacked(span, marks, names, *keys, width=width - left - 20, height=ROW * len(labels))

    return Figure(
        title=(
            f"With the found sentence before the question, the answer costs {model.name} {fixed(mean['retrieved'], 1)} bits "
            f"instead of {fixed(mean['nothing'], 1)}; it helps in {better} of {len(bits)} cases"
        ),
        caption=(
            f"{len(bits)} questions, each answered by one sentence of the library. The sentence nearest to the question "
            f"({right} times the right one) is put before it; for comparison nothing, the next sentence of the same topic, and the found "
            "sentence with each of the other questions (the mean). "
            "Surprise is −log₂ of the probability of the whole answer: a bit less means twice as likely. *Where it misleads:* the "
            "questions use words of their sentences, so finding these was easy; each answer stands in its sentence word for word, so "
            "bits are saved by copying, whatever is asked: the crosses show how many. It is about one wording of each answer; a model "
            "may prefer another wording and still be right, and a longer answer has more bits to lose. "
            f"Always taking the likeliest token would write exactly our words in {exported.greedy['retrieved']} cases; a capital letter "
            "or a "
            "whole sentence around the answer is enough to miss."
        ),
        description=(
            f"Mean surprise: {fixed(mean['nothing'], 1)} bits with nothing before the question, {fixed(mean['other'], 1)} with another "
            f"passage, {fixed(mean['retrieved'], 1)} with the found one, {fixed(saved, 1)} fewer than with nothing, and "
            f"{fixed(exported.mean_bits_after_other_questions, 1)} with the found one and other questions. In this order: "
            + " ".join(
                f"“{row['answer']}”: "
                + ", ".join(fixed(row[f"bits_{given}"], 1) for given in ("nothing", "other", "retrieved", "other_questions"))
                + "."
                for row in table
            )
        ),
        table=Table(
            [
                Column("question", "question"),
                Column("answer", "answer"),
                Column("found", "found passage"),
                *(Column(f"bits_{given}", f"bits: {name}", "number", 1) for given, name in GIVEN.items()),
            ],
            table,
        ),
        chart=chart,
        datasets={"bits": drawn, "answers": labels},
        roles=("decoder",),
    )
