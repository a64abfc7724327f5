"""How the decoder goes on: always the most probable token, or one drawn by chance."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import mean
from typing import Any

import altair as alt

from artefacts.schemas.writing import Continuation, Continuations
from charts.figure import Column, Control, Figure, Table, figure
from charts.layout import controlled, note, rows, stacked
from charts.palette import light
from charts.reading import Member, count, fixed, members
from charts.reading_and_writing.parts import in_lines, legible
from charts.theme import SMALL, TEXT, is_narrow

LINE, LINES = 19, {"wide": 3, "narrow": 6}
CHARACTERS = {"wide": 92, "narrow": 42}


def slot(one: Continuation) -> str:
    """What the control calls a prompt."""
    return f"{one.prompt} (as a message)" if one.chat else one.prompt


def of_prompt(exported: Continuations, name: str, temperature: float) -> list[Continuation]:
    """The continuations of a prompt at one temperature. name: as `slot` gives it."""
    return [one for one in exported.continuations if slot(one) == name and one.temperature == temperature]


def _texts(exported: Continuations) -> list[dict[str, Any]]:
    return [
        {
            "prompt": slot(one),
            "temperature": f"{one.temperature:.1f}",
            "draw": one.draw,
            "bits": f"{fixed(one.bits_per_token, 1)} bits a token{', ended by itself' if one.ended else ''}",
            **{
                layout: in_lines(f"{'' if one.chat else one.prompt}{legible(one.text)}" or "(nothing)", CHARACTERS[layout], LINES[layout])
                for layout in LINES
            },
        }
        for one in exported.continuations
    ]


def _chart(width: int, prompt: str, start: str) -> alt.TopLevelMixin:
    layout = "narrow" if is_narrow(width) else "wide"
    block = 24 + LINE * LINES[layout]
    height = 2 * block + 14
    here = rows("texts").transform_filter("datum.prompt == prompt")
    greedy = here.transform_filter("datum.temperature == '0.0'")
    drawn = here.transform_filter("datum.temperature == temperature && datum.draw == draw")
    style = {"align": "left", "baseline": "top", "fontSize": TEXT, "lineHeight": LINE, "lineBreak": "\n"}
    layers: list[Any] = []
    for chosen, top, head in ((greedy, 0, "'greedy'"), (drawn, block + 14, "'drawn, temperature ' + temperature + ', draw ' + draw")):
        hue = "ink-soft" if top == 0 else "decoder"
        layers.append(note(alt.expr(head), 0, top + 11, hue, fontSize=TEXT, fontWeight=600))
        layers.append(
            chosen.mark_text(align="right", baseline="alphabetic", fontSize=SMALL, color=light("ink-soft")).encode(
                x=alt.XValue(width), y=alt.YValue(top + 11), text="bits:N"
            )
        )
        layers.append(chosen.mark_text(**style).encode(x=alt.XValue(0), y=alt.YValue(top + 22), text=f"{layout}:N"))
    frame = note("", width, height)
    return controlled(stacked(*layers, frame, width=width, height=height), prompt=prompt, temperature=start, draw=1)


def _mean_bits(exported: Continuations, temperature: float) -> float:
    return mean(one.bits_per_token for one in exported.continuations if one.temperature == temperature and not one.chat)


@figure(needs=("model_facts", "continuations"))
def ways_to_go_on(data: Mapping[str, Any]) -> Figure:
    member: Member = members(data)["decoder"]
    exported = data["continuations"]
    names = list(dict.fromkeys(slot(one) for one in exported.continuations))
    low, high = exported.temperatures[0], exported.temperatures[-1]
    levels = {value: _mean_bits(exported, value) for value in (0.0, low, high)}
    described = []
    for name in names:
        greedy = of_prompt(exported, name, 0.0)[0]
        first = of_prompt(exported, name, 1.0)[0]
        described.append(f"{name}: greedy, {legible(greedy.text).strip()}; drawn at temperature 1, {legible(first.text).strip()}.")
    chat = any(one.chat for one in exported.continuations)
    return Figure(
        title=(
            f"Greedy text surprises {member.name} by {fixed(levels[0.0], 1)} bits a token, text drawn at temperature "
            f"{fixed(high, 1)} by {fixed(levels[high], 1)}"
        ),
        caption=(
            f"Up to {count(exported.length, 'token')} written by {member.name}. Greedy takes the most probable token every time; a draw "
            f"takes one by chance ({exported.draws} draws at each temperature; the seed was chosen among a few, also for texts that suit "
            "a classroom). ¶ is a line end; the bits say how "
            "unexpected the text was to the model itself, at temperature 1. "
            + (
                "The last prompt is put as a message in the form that the model was tuned on, after a system message that calls it an "
                "assistant; the others are bare text. "
                if chat
                else ""
            )
            + "*Where it misleads:* a few draws show what can happen, not how often."
        ),
        description=" ".join(described).replace("  ", " "),
        table=Table(
            [
                Column("prompt", "prompt"),
                Column("temperature", "temperature (0: greedy)", "number", 1),
                Column("draw", "draw", "integer"),
                Column("text", "text"),
                Column("bits_per_token", "bits a token", "number", 2),
                Column("ended", "ended by itself"),
            ],
            [
                {
                    "prompt": slot(one),
                    "temperature": one.temperature,
                    "draw": one.draw,
                    "text": legible(one.text),
                    "bits_per_token": one.bits_per_token,
                    "ended": "yes" if one.ended else "no",
                }
                for one in exported.continuations
            ],
            default_rows=lambda row: row["prompt"] == names[0] and row["temperature"] in (0, low),
        ),
        chart=lambda width: _chart(width, names[0], f"{low:.1f}"),
        datasets={"texts": _texts(exported)},
        controls=[
            Control("prompt", "Prompt", "select", names[0], options=[(name, name) for name in names]),
            Control(
                "temperature",
                "Temperature",
                "select",
                f"{low:.1f}",
                options=[(f"{value:.1f}", f"{value:.1f}") for value in exported.temperatures],
            ),
            Control("draw", "Draw", "slider", 1, minimum=1, maximum=exported.draws, step=1),
        ],
        roles=("decoder",),
    )
