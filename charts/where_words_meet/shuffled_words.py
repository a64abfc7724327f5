"""Two words change places: how much the states change, with positions, without them, and without the mask."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.positions import OrderCondition, OrderOfModel
from charts.figure import Column, Figure, Table, figure
from charts.reading import Member, fixed, listed, members, of_role
from charts.where_words_meet.parts import lines_by_layer

FLOOR = 1e-8  # smaller differences, zero included, are drawn here
SAME = 1e-4  # a relative difference below this is rounding: 32-bit numbers carry seven digits
NAMES = {(True, True): "as trained", (False, True): "without positions", (False, False): "without positions and mask"}
STYLES = [("as trained", "role", []), ("without positions", "role", [5, 4]), ("without positions and mask", "ink-soft", [2, 3])]


def condition_name(condition: OrderCondition) -> str:
    """What was left in place, in words."""
    return NAMES[condition.positions, condition.mask]


def unchanged(condition: OrderCondition) -> bool:
    """Whether the states only changed places: what differs is rounding."""
    return condition.difference[-1] < SAME


def _title(found: dict[str, OrderOfModel], models: dict[str, Member], swap: list[str]) -> str:
    blind = [
        models[role].name for role, e in found.items() if unchanged(next(c for c in e.conditions if (c.positions, c.mask) == (False, True)))
    ]
    seeing = [member.name for member in models.values() if member.name not in blind]
    start = f"Without positions, “{swap[0]}” and “{swap[1]}” can change places "
    if blind and seeing:
        return f"{start}and {listed(blind)} does not notice; {listed(seeing)} does, through its mask"
    return start + (f"and {listed(blind)} do not notice" if blind else f"but {listed(seeing)} still notice")


def in_words(value: float) -> str:
    """0.0000012 as "1.2 millionths", 0.33 as "0.33"."""
    return f"{fixed(value * 1e6, 1)} millionths" if value < 0.001 else fixed(value)


def _chart(found: dict[str, OrderOfModel], models: dict[str, Member], width: int) -> alt.TopLevelMixin:
    y = alt.Y(
        "drawn:Q",
        scale=alt.Scale(type="log", domain=[FLOOR, 10], nice=False),
        axis=alt.Axis(
            title="",
            values=[1e-8, 1e-6, 1e-4, 1e-2, 1],
            labelExpr="datum.value > 5e-5 ? format(datum.value, '~f') : datum.value > 5e-7 ? '10⁻⁶' : '0'",
        ),
    )
    last = {role: max(1, len(e.conditions[0].difference) - 1) for role, e in found.items()}
    return lines_by_layer("lines", models, last, width, series=STYLES, y=y, tooltip=".2g", left=44, without={STYLES[2][0]: ["encoder"]})


@figure(needs=("model_facts", "word_order"))
def shuffled_words(data: Mapping[str, Any]) -> Figure:
    models, order = members(data), data["word_order"]
    found = {role: of_role(order.by_model, role) for role in models}
    drawn, table, sentences = [], [], []
    for role, entry in found.items():
        for condition in entry.conditions:
            name = condition_name(condition)
            for layer, value in enumerate(condition.difference):
                drawn.append({"role": role, "series": name, "layer": layer, "value": value, "drawn": max(value, FLOOR)})
                table.append({"model": models[role].name, "condition": name, "layer": layer, "difference": value})
            sentences.append(
                f"{models[role].name}, {name}: in the last layer the states differ by {in_words(condition.difference[-1])} of their "
                f"length on average, no single number by more than {in_words(condition.maximum_difference)}."
            )
    last = {models[role].name: len(entry.conditions[0].difference) - 1 for role, entry in found.items()}
    return Figure(
        title=_title(found, models, order.swap),
        caption=(
            f"“{order.text}” with “{order.swap[0]}” and “{order.swap[1]}” exchanged. Each token is compared with itself at its new place: "
            "the difference of its two vectors, divided by the length of the first, averaged over tokens. Each step of the upright axis is "
            "a hundred times as much; a hundred-millionth and less, zero included, is drawn at the bottom. About a millionth is "
            "rounding, because the models count with some seven digits. "
            "*Where it misleads:* a model that was trained with positions does not work well without them; this shows what its "
            "architecture can tell apart, not what it would have learned."
        ),
        description=" ".join(sentences),
        table=Table(
            [
                Column("model", "model"),
                Column("condition", "network"),
                Column("layer", "layer", "integer"),
                Column("difference", "difference, share of length", "number", 7),
            ],
            table,
            default_rows=lambda row: row["layer"] == last[row["model"]],
        ),
        chart=lambda width: _chart(found, models, width),
        datasets={"lines": drawn},
        roles=tuple(models),
    )
