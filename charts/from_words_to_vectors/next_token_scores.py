"""The scores of the next token: dot products of the last vector with rows of the matrix."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.vectors import OutputScores
from charts.figure import Column, Control, Figure, Table, figure
from charts.from_words_to_vectors.spaces import down
from charts.layout import controlled, note, rows, stacked
from charts.palette import light
from charts.reading import Member, fixed, listed, members, percent
from charts.theme import TEXT, is_narrow

TOP, LINE = 34, 24  # px


def _datasets(exported: OutputScores, member: Member) -> dict[str, list[dict[str, Any]]]:
    return {
        "scores": [
            {"prompt": n, "y": TOP + LINE * rank + LINE / 2, "token": member.shown(b.token.raw), "score": round(b.score, 4)}
            | {"norm": round(b.norm, 2), "cosine": round(b.cosine, 3), "p": round(b.probability, 6), "rank": b.rank_by_cosine}
            for n, prompt in enumerate(exported.prompts)
            for rank, b in enumerate(prompt.best)
        ]
    }


def _chart(exported: OutputScores, width: int) -> alt.TopLevelMixin:
    narrow = is_narrow(width)
    number = len(exported.prompts[0].best)
    left, right = (92, 150) if narrow else (110, 270)
    plot, height = width - left - right, TOP + LINE * number
    most = max(b.score for prompt in exported.prompts for b in prompt.best)
    least = min(0.0, *(b.score for prompt in exported.prompts for b in prompt.best))
    here = (
        rows("scores")
        .transform_filter("toString(datum.prompt) == prompt")
        .transform_calculate(top=f"datum.y - {LINE / 2 - 4}", bottom=f"datum.y + {LINE / 2 - 4}", zero="0")
    )
    scale = alt.Scale(domain=[least, most], nice=False)
    tooltip = [
        alt.Tooltip("token:N", title="token"),
        alt.Tooltip("score:Q", title="dot product", format=".2f"),
        alt.Tooltip("norm:Q", title="length of its row", format=".2f"),
        alt.Tooltip("cosine:Q", title="cosine", format=".3f"),
        alt.Tooltip("p:Q", title="probability", format=".1%"),
    ]
    bars = here.mark_rect(color=light("decoder"), opacity=0.85).encode(
        x=alt.X("zero:Q", scale=scale, axis=None), x2="score:Q", y=down(height, "top:Q"), y2="bottom:Q", tooltip=tooltip
    )
    names = here.mark_text(align="left", baseline="middle", fontSize=TEXT, limit=left - 6).encode(
        x=alt.XValue(-left), y=down(height), text="token:N"
    )
    layers: list[Any] = [bars, names, note("token", -left, TOP - 12), note("dot product", 0, TOP - 12)]
    columns = [("score", ".1f", 44, ""), ("p", ".1%", 104 if narrow else 116, "probability")]
    columns += [] if narrow else [("norm", ".2f", 186, "length"), ("rank", ",d", 262, "by cosine")]
    for field, form, at, head in columns:
        layers.append(
            here.mark_text(align="right", baseline="middle", fontSize=TEXT).encode(
                x=alt.XValue(plot + at + (26 if narrow else 0)), y=down(height), text=alt.Text(f"{field}:Q", format=form)
            )
        )
        layers.append(note(head, plot + at + (26 if narrow else 0), TOP - 12, align="right"))
    return controlled(stacked(*layers, width=plot, height=height), prompt="0")


@figure(needs=("model_facts", "output_scores"))
def next_token_scores(data: Mapping[str, Any]) -> Figure:
    member, exported = members(data)["decoder"], data["output_scores"]
    first = exported.prompts[0]
    best = first.best[0]
    matrix = "the same matrix that it looked its input up in" if exported.tied else "its output matrix"
    table = [
        {"n": n, "prompt": prompt.prompt, "raw": b.token.raw, "score": b.score, "norm": b.norm, "cosine": b.cosine}
        | {"probability_percent": 100 * b.probability, "rank_by_cosine": b.rank_by_cosine}
        for n, prompt in enumerate(exported.prompts)
        for b in prompt.best
    ]
    described = [
        f"After “{prompt.prompt}”: "
        + listed(f"{member.quoted(b.token.raw)} {fixed(b.score, 1)} ({percent(b.probability, 1)})" for b in prompt.best[:5])
        for prompt in exported.prompts
    ]
    return Figure(
        title=(
            f"After “{first.prompt}” {member.name} scores {member.quoted(best.token.raw)} best: {fixed(best.score, 1)}, a dot product "
            f"with a row of {matrix}"
        ),
        caption=(
            f"The ten largest of {exported.vocabulary:,} scores. Each is the dot product of one vector, the model's last at the end "
            "of the text, with the row of a token; softmax makes probabilities of them. Beside: the length of the row, and the "
            "token's rank if cosine decided. *Where it misleads:* scores of different texts cannot be compared, only differences "
            "within one text count."
        ),
        description=". ".join(described) + ".",
        table=Table(
            [
                Column("prompt", "text"),
                Column("raw", "next token", "token", tokenizer_kind=member.tokenizer_kind),
                Column("score", "dot product", "number", 2),
                Column("probability_percent", "probability in %", "number", 2),
                Column("norm", "length of its row", "number", 2),
                Column("cosine", "cosine", "number", 3),
                Column("rank_by_cosine", "rank by cosine", "integer"),
            ],
            table,
            default_rows=lambda row: row["n"] == 0,
        ),
        chart=lambda width: _chart(exported, width),
        datasets=_datasets(exported, member),
        controls=[Control("prompt", "Text", "select", "0", options=[(str(n), f"{p.prompt} …") for n, p in enumerate(exported.prompts)])],
        roles=("decoder",),
    )
