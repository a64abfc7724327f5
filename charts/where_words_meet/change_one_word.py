"""The experiment: another word in the place of "river", and how far every token's state moves in every layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.attention import ChangedWordsOfModel
from charts.figure import Column, Control, Figure, Table, figure
from charts.layout import controlled, heading, note, panels, rows, stacked
from charts.palette import light
from charts.reading import Member, fixed, listed, members, of_role, percent
from charts.theme import SMALL, TEXT, is_narrow
from charts.where_words_meet.parts import token_labels

HEIGHT = 250  # px


def _mean_at_bank(entry: ChangedWordsOfModel) -> float:
    """How far "bank" moves in the last layer, mean over replacements, as a share of its length."""
    return sum(r.movement[-1][entry.bank] for r in entry.replacements) / len(entry.replacements)


def _share(value: float) -> str:
    return percent(value, 0 if value > 0.02 else 2)


def stays(entry: ChangedWordsOfModel) -> bool:
    """Whether the word in question keeps its states, to the last bit, whatever is put in."""
    return all(r.unmoved[entry.bank] for r in entry.replacements)


def _title(found: dict[str, ChangedWordsOfModel], models: dict[str, Member], change: str) -> str:
    parts = []
    for role, entry in found.items():
        if stays(entry):
            parts.append(f"in {models[role].name}, “bank” does not move at all")
        else:
            parts.append(f"in {models[role].name} it moves by {_share(_mean_at_bank(entry))} of its length")
    return f"Exchange “{change}”: {'; '.join(parts)}"


def _chart(found: dict[str, ChangedWordsOfModel], models: dict[str, Member], first: str, width: int) -> alt.TopLevelMixin:
    charts = []
    for role, entry in found.items():
        layers = len(entry.replacements[0].movement)
        x = alt.Scale(domain=[0, len(entry.tokens)], nice=False)
        y = alt.Scale(domain=[-0.5, layers - 0.5], nice=False)  # layer 0 at the bottom: the text flows upwards
        axis = alt.Axis(title="layer", tickCount=min(7, layers), tickMinStep=1, format="d", grid=False, titleX=-34)
        cells = (
            rows("moved")
            .transform_filter(f"datum.role == '{role}' && datum.word == word")
            .transform_flatten(["moved", "place"])
            .transform_calculate(right="datum.place + 1", below="datum.layer - 0.5", above="datum.layer + 0.5", share="datum.moved / 1000")
        )
        tips = [alt.Tooltip("layer:Q", title="layer"), alt.Tooltip("share:Q", title="moved, share of length", format=".3f")]
        drawn: list[Any] = [
            cells.mark_rect(color=light(role)).encode(
                x=alt.X("place:Q", scale=x, axis=None),
                x2="right:Q",
                y=alt.Y("below:Q", scale=y, axis=axis),
                y2="above:Q",
                fillOpacity=alt.FillOpacity("share:Q", scale=alt.Scale(domain=[0, 1], range=[0, 1], clamp=True), legend=None),
                tooltip=tips,
            )
        ]
        names = rows("tokens").transform_filter(f"datum.role == '{role}'").transform_calculate(middle="datum.place + 0.5")
        label = "datum.changed ? word : datum.token"
        drawn.append(
            names.transform_calculate(text=label)
            .mark_text(align="right", baseline="middle", angle=315, fontSize=TEXT, limit=80)
            .encode(
                x=alt.X("middle:Q", scale=x, axis=None),
                y=alt.YValue(HEIGHT + 10),
                text="text:N",
                color=alt.ColorValue(light("ink"), condition={"test": "datum.changed", "value": light("accent")}),
            )
        )
        ends = cells.transform_filter(f"datum.layer == {layers - 1}").transform_calculate(
            middle="datum.place + 0.5", text="datum.moved == 0 ? '0' : format(datum.share, '.2f')"
        )
        drawn.append(
            ends.mark_text(baseline="bottom", fontSize=SMALL).encode(
                x=alt.X("middle:Q", scale=x, axis=None), y=alt.YValue(-4), text="text:N"
            )
        )
        drawn.append(note("", 0, HEIGHT + 74))  # keeps room for the slanted tokens, whichever they are
        drawn.append(note("moved in the last layer, share of length:", 0, -22))
        charts.append(stacked(*drawn, height=HEIGHT, title=heading(models[role], offset=28)))
    below = 64 if is_narrow(width) else 28
    return controlled(panels(charts, width, left=34, right=8, below=below), word=first)


@figure(needs=("model_facts", "changed_words"))
def change_one_word(data: Mapping[str, Any]) -> Figure:
    models, changed = members(data), data["changed_words"]
    found = {role: of_role(changed.by_model, role) for role in models}
    words = [r.word for r in found["encoder"].replacements]
    drawn, tokens, table, sentences = [], [], [], []
    for role, entry in found.items():
        labels = token_labels(entry.tokens, models[role])
        tokens += [{"role": role, "place": n, "token": label, "changed": int(n == entry.changed)} for n, label in enumerate(labels)]
        for r in entry.replacements:
            for layer, moved in enumerate(r.movement):
                drawn.append(
                    {
                        "role": role,
                        "word": r.word,
                        "layer": layer,
                        "place": list(range(len(labels))),
                        # thousandths; what moves by less than half of one is kept apart from what does not move
                        "moved": [0 if still else max(0.4, round(1000 * x)) for x, still in zip(moved, r.unmoved, strict=True)],
                    }
                )
            table += [
                {
                    "word": r.word,
                    "model": models[role].name,
                    "token": r.word if n == entry.changed else label,
                    "moved": r.movement[-1][n],
                    "exactly": "the same to the last bit" if r.unmoved[n] else "changed",
                }
                for n, label in enumerate(labels)
            ]
        still = [label for n, label in enumerate(labels) if all(r.unmoved[n] for r in entry.replacements)]
        if still:
            sentences.append(
                f"{models[role].name}: whatever stands in the place of “{changed.change}”, the states of "
                f"{listed(f'“{s}”' for s in still)} stay the same in every layer, to the last bit."
            )
        else:
            sentences.append(
                f"{models[role].name}: every token's state moves; in the last layer “bank” moves by {fixed(_mean_at_bank(entry))} of its "
                "length on average."
            )
    return Figure(
        title=_title(found, models, changed.change),
        caption=(
            f"“{changed.text}” with another word in the place of “{changed.change}”, equally long in tokens. Colour: how far a token's "
            "state moves in each layer, |h′ − h| / |h|; no colour is no movement, full colour a movement as long as the vector itself. "
            "*Where it misleads:* it shows that a state depends on the word, not that the model puts the difference to any use; and how "
            "far is far depends on the layer, since all states have a baseline of likeness."
        ),
        description=" ".join(sentences) + f" Words tried: {listed(words)}.",
        table=Table(
            [
                Column("word", "instead"),
                Column("model", "model"),
                Column("token", "token"),
                Column("moved", "moved in the last layer", "number", 3),
                Column("exactly", "its states of all layers"),
            ],
            table,
            default_rows=lambda row: row["word"] == words[0],
        ),
        chart=lambda width: _chart(found, models, words[0], width),
        datasets={"moved": drawn, "tokens": tokens},
        controls=[Control("word", f"Instead of “{changed.change}”", "select", words[0], options=[(w, w) for w in words])],
        roles=tuple(models),
    )
