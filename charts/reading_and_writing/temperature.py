"""One distribution over the next token, sharpened and flattened by a temperature."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.writing import Temperatures
from charts.figure import Column, Control, Figure, Table, figure
from charts.layout import controlled, rows, stacked
from charts.palette import light
from charts.reading import Member, fixed, members, percent, rounded
from charts.theme import SMALL, TEXT

ROW, LEFT, TOP = 25, 104, 28  # px
REST = "all others"


def _datasets(exported: Temperatures, member: Member) -> dict[str, list[dict[str, Any]]]:
    """One row a context and candidate, with its probabilities at all temperatures as a list."""
    lines, says = [], []
    for context in exported.contexts:
        names = [member.shown(token.raw) for token in context.candidates] + [REST]
        columns = [*map(list, zip(*context.probabilities, strict=True)), context.rest]
        lines += [
            {"context": context.context, "rank": n, "token": name, "p": [rounded(p) for p in values], "rest": name == REST}
            for n, (name, values) in enumerate(zip(names, columns, strict=True))
        ]
        says.append({"context": context.context, "bits": [rounded(value, 2) for value in context.entropy_bits]})
    return {"lines": lines, "says": says}


def _chart(exported: Temperatures, width: int, context: str) -> alt.TopLevelMixin:
    number = len(exported.contexts[0].candidates) + 1
    place = f"round((temperature - {exported.temperatures[0]}) * 10)"
    here = rows("lines").transform_filter("datum.context == context").transform_calculate(now=f"datum.p[{place}]")
    y = alt.Y("rank:O", axis=None, scale=alt.Scale(paddingInner=0.2))
    x = alt.X("now:Q", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%", tickCount=5, title="probability"))
    hue = alt.condition("datum.rest", alt.value(light("baseline")), alt.value(light("decoder")))
    bars = here.mark_bar().encode(
        x=x,
        y=y,
        color=hue,
        tooltip=[alt.Tooltip("token:N", title="token"), alt.Tooltip("now:Q", title="probability", format=".4f")],
    )
    names = here.mark_text(align="right", baseline="middle", fontSize=TEXT, limit=LEFT - 8).encode(
        x=alt.XValue(-8), y=y, text="token:N"
    )
    values = here.mark_text(
        align=alt.expr("datum.now > 0.85 ? 'right' : 'left'"),
        dx=alt.expr("datum.now > 0.85 ? -5 : 5"),
        baseline="middle",
        fontSize=SMALL,
    ).encode(
        x="now:Q",
        y=y,
        text=alt.Text("now:Q", format=".1%"),
        color=alt.condition("datum.now > 0.85", alt.value(light("paper")), alt.value(light("ink"))),
    )
    said = (
        rows("says")
        .transform_filter("datum.context == context")
        .transform_calculate(
            # Not under the name of the list: a field that is written over is gone when the slider moves on.
            level=f"datum.bits[{place}]",
            line="'as uncertain as a fair choice among ' + format(pow(2, datum.level), datum.level > 6.6 ? ',.0f' : '.1f') + ' tokens'",
        )
        .mark_text(align="left", baseline="top", fontSize=TEXT, fontWeight=600)
        .encode(x=alt.XValue(-LEFT), y=alt.YValue(-TOP), text="line:N")
    )
    drawn = stacked(bars, names, values, said, width=width - LEFT - 12, height=ROW * number)
    return controlled(drawn, context=context, temperature=1)


@figure(needs=("model_facts", "temperatures"))
def temperature(data: Mapping[str, Any]) -> Figure:
    member, exported = members(data)["decoder"], data["temperatures"]
    first = exported.contexts[0]
    at = {value: n for n, value in enumerate(exported.temperatures)}
    cold, one, hot = (first.probabilities[at[value]][0] for value in (0.5, 1.0, 2.0))
    name = member.quoted(first.candidates[0].raw)
    described = " ".join(
        f"After “{context.context}”: at temperature 0.5 the first token {member.quoted(context.candidates[0].raw)} has "
        f"{percent(context.probabilities[at[0.5]][0])}, at 1 {percent(context.probabilities[at[1.0]][0])}, at 2 "
        f"{percent(context.probabilities[at[2.0]][0])}; the entropy is {fixed(context.entropy_bits[at[0.5]], 1)}, "
        f"{fixed(context.entropy_bits[at[1.0]], 1)} and {fixed(context.entropy_bits[at[2.0]], 1)} bits."
        for context in exported.contexts
    )
    return Figure(
        title=(
            f"After “{first.context}”, {name} has {percent(cold)} at temperature 0.5, {percent(one)} at 1 and {percent(hot)} at 2"
        ),
        caption=(
            f"The probabilities of {member.name} for the next token: every score is divided by the temperature before the scores are "
            "made into probabilities. Below 1 the favourites gain, above 1 the crowd does. The order never changes. Move the "
            f"slider and watch the last bar, {REST}. *Where it misleads:* temperature 1 is what the model learned, but no "
            "temperature is the true one; and a small bar for each of thousands of tokens is a large one for all of them."
        ),
        description=described,
        table=Table(
            [
                Column("context", "beginning"),
                Column("temperature", "temperature", "number", 1),
                Column("token", "token"),
                Column("probability", "probability", "number", 4),
                Column("entropy_bits", "entropy in bits", "number", 2),
            ],
            [
                {
                    "context": context.context,
                    "temperature": value,
                    "token": shown,
                    "probability": p,
                    "entropy_bits": context.entropy_bits[n],
                }
                for context in exported.contexts
                for n, value in enumerate(exported.temperatures)
                for shown, p in zip(
                    [*(member.shown(token.raw) for token in context.candidates), REST],
                    [*context.probabilities[n], context.rest[n]],
                    strict=True,
                )
            ],
            default_rows=lambda row: row["context"] == first.context and row["temperature"] == 1,
        ),
        chart=lambda width: _chart(exported, width, first.context),
        datasets=_datasets(exported, member),
        controls=[
            Control(
                "context", "Beginning", "select", first.context, options=[(c.context, f"{c.context} …") for c in exported.contexts]
            ),
            Control(
                "temperature",
                "Temperature",
                "slider",
                1,
                minimum=exported.temperatures[0],
                maximum=exported.temperatures[-1],
                step=0.1,
            ),
        ],
        roles=("decoder",),
    )
