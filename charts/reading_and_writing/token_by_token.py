"""A text token by token: how surprised the decoder is by each, and what it expected in its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.writing import NextTokenSteps, TextSteps
from charts.figure import Column, Control, Figure, Table, figure
from charts.layout import controlled, joined, rows, stacked
from charts.palette import light
from charts.reading import Member, listed, members, rounded
from charts.reading_and_writing.parts import bits, chance
from charts.theme import SMALL, TEXT, is_narrow

ROW, TOP = 23, 26  # px
NAMES = 84  # px for tokens
START = 6


def hardest(text: TextSteps, from_step: int = 2) -> int:
    """The number of the step with the largest surprisal, the first tokens left out: nothing could announce them."""
    later = text.steps[from_step:] or text.steps
    return 1 + text.steps.index(max(later, key=lambda step: step.surprisal_bits))


def _datasets(exported: NextTokenSteps, member: Member) -> dict[str, list[dict[str, Any]]]:
    steps, expected = [], []
    for text in exported.texts:
        number = len(text.steps)
        for n, step in enumerate(text.steps, start=1):
            name = member.shown(step.token.raw)
            steps.append(
                {"text": text.text, "step": n, "last": number, "token": name, "bits": rounded(step.surprisal_bits, 2)}
                | {"says": f"{chance(step.probability)}, rank {step.rank:,}"}
            )
            expected.append(
                {
                    "text": text.text,
                    "step": n,
                    "last": number,
                    "tokens": [member.shown(c.token.raw) for c in step.candidates],
                    "chances": [rounded(c.probability, 5) for c in step.candidates],
                    "place": step.rank,
                    "head": f"expected in place of “{name}”:",
                }
            )
    return {"steps": steps, "expected": expected}


def _surprisals(width: int, number: int, most: float, label: int) -> alt.LayerChart:
    chosen = rows("steps").transform_filter("datum.text == text").transform_calculate(on="datum.step == min(step, datum.last)")
    y = alt.Y("step:O", axis=None, scale=alt.Scale(domain=list(range(1, number + 1)), paddingInner=0.2))
    x = alt.X("bits:Q", scale=alt.Scale(domain=[0, most]), axis=alt.Axis(title="surprisal in bits", tickCount=5))
    tooltip = [
        alt.Tooltip("token:N", title="token"),
        alt.Tooltip("bits:Q", title="bits", format=".2f"),
        alt.Tooltip("says:N", title="probability, rank"),
    ]
    bars = chosen.mark_bar(opacity=alt.expr("datum.on ? 1 : 0.45"), color=light("decoder")).encode(x=x, y=y, tooltip=tooltip)
    style = {"baseline": "middle", "fontSize": TEXT, "fontWeight": alt.expr("datum.on ? 700 : 400")}
    names = chosen.mark_text(align="right", limit=NAMES - 8, **style).encode(x=alt.XValue(-8), y=y, text="token:N")
    values = chosen.mark_text(align="left", baseline="middle", dx=5, fontSize=SMALL).encode(
        x="bits:Q", y=y, text=alt.Text("bits:Q", format=".1f")
    )
    return stacked(bars, names, values, width=width - NAMES - label, height=ROW * number)


def _expectations(width: int, number: int) -> alt.LayerChart:
    here = rows("expected").transform_filter("datum.text == text && datum.step == min(step, datum.last)")
    lines = here.transform_calculate(rank=f"sequence(1, {number + 1})").transform_flatten(["tokens", "chances", "rank"])
    lines = lines.transform_calculate(right="datum.rank == datum.place")
    y = alt.Y("rank:O", axis=None, scale=alt.Scale(domain=list(range(1, number + 1)), paddingInner=0.2))
    x = alt.X("chances:Q", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(title="probability", format="%", tickCount=5))
    hue = alt.condition("datum.right", alt.value(light("decoder")), alt.value(light("baseline")))
    bars = lines.mark_bar().encode(
        x=x,
        y=y,
        color=hue,
        tooltip=[alt.Tooltip("tokens:N", title="token"), alt.Tooltip("chances:Q", title="probability", format=".4f")],
    )
    style = {"baseline": "middle", "fontSize": TEXT, "fontWeight": alt.expr("datum.right ? 700 : 400")}
    names = lines.mark_text(align="right", limit=NAMES - 8, **style).encode(x=alt.XValue(-8), y=y, text="tokens:N")
    values = lines.mark_text(align="left", baseline="middle", dx=5, fontSize=SMALL).encode(
        x="chances:Q", y=y, text=alt.Text("chances:Q", format=".1%")
    )
    head = here.mark_text(align="left", baseline="top", fontSize=TEXT, fontWeight=600).encode(
        x=alt.XValue(-NAMES), y=alt.YValue(-TOP), text="head:N"
    )
    return stacked(bars, names, values, head, width=width - NAMES - 8, height=ROW * number)


def _chart(exported: NextTokenSteps, width: int, text: str) -> alt.TopLevelMixin:
    narrow, gap = is_narrow(width), 28
    half = width if narrow else (width - gap) // 2
    number = max(len(one.steps) for one in exported.texts)
    most = max(step.surprisal_bits for one in exported.texts for step in one.steps)
    left = _surprisals(half, number, most * 1.02, 30)
    right = _expectations(half, len(exported.texts[0].steps[0].candidates))
    beside = {} if narrow else {"bounds": "flush"}
    whole = joined(left, right, beside=not narrow, spacing=40 if narrow else NAMES + gap + 30, **beside)
    return controlled(whole, text=text, step=START)


@figure(needs=("model_facts", "next_token_steps"))
def token_by_token(data: Mapping[str, Any]) -> Figure:
    member, exported = members(data)["decoder"], data["next_token_steps"]
    first = exported.texts[0]
    turned = max(exported.texts, key=lambda one: one.total_bits / len(one.steps))
    end = first.steps[min(START, len(first.steps)) - 1]
    described = []
    for one in exported.texts:
        step = one.steps[hardest(one) - 1]
        described.append(
            f"“{one.text}” costs {bits(one.total_bits)}; after the first two tokens the largest surprise is "
            f"{member.quoted(step.token.raw)} with {bits(step.surprisal_bits)}."
        )
    steps = listed(f"{member.quoted(s.token.raw)} {bits(s.surprisal_bits)}" for s in first.steps)
    start = f"“{exported.start.raw}” stands before every text. " if exported.start else ""
    return Figure(
        title=(
            f"“{first.text}” costs {member.name} {bits(first.total_bits)}, {bits(end.surprisal_bits)} of them for "
            f"“{member.shown(end.token.raw).strip('␣')}”"
        ),
        caption=(
            f"Left, the surprisal of each token given those before it: every bit more halves the probability. Right, what "
            f"{member.name} expected at the step you choose, and the token that came, if it is among them, in colour. {start}Choose "
            f"another text: “{turned.text}” costs {bits(turned.total_bits / len(turned.steps))} a token. *Where it misleads:* "
            "a longer text costs more, whatever it says; bits a token depend on how a tokenizer cuts, so between models with other tokens "
            "compare the bits of the whole text; and a surprise is no error."
        ),
        description=f"In the first text: {steps}. {' '.join(described)}",
        table=Table(
            [
                Column("text", "text"),
                Column("step", "step", "integer"),
                Column("raw", "token", "token", tokenizer_kind=member.tokenizer_kind),
                Column("probability", "probability", "number", 6),
                Column("surprisal_bits", "surprisal in bits", "number", 2),
                Column("rank", "rank", "integer"),
                Column("expected", "most probable", "token", tokenizer_kind=member.tokenizer_kind),
                Column("expected_probability", "its probability", "number", 3),
            ],
            [
                {
                    "text": one.text,
                    "step": n,
                    "raw": step.token.raw,
                    "probability": step.probability,
                    "surprisal_bits": step.surprisal_bits,
                    "rank": step.rank,
                    "expected": step.candidates[0].token.raw,
                    "expected_probability": step.candidates[0].probability,
                }
                for one in exported.texts
                for n, step in enumerate(one.steps, start=1)
            ],
            default_rows=lambda row: row["text"] == first.text,
        ),
        chart=lambda width: _chart(exported, width, first.text),
        datasets=_datasets(exported, member),
        controls=[
            Control("text", "Text", "select", first.text, options=[(one.text, one.text) for one in exported.texts]),
            Control("step", "Step", "slider", START, minimum=1, maximum=max(len(one.steps) for one in exported.texts), step=1),
        ],
        roles=("decoder",),
    )
