"""How long it takes to compare one word with all others: one by one, as one matrix product, and with normalised rows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.measures import MatrixProductOfModel
from artefacts.schemas.times import TimedWay
from charts.figure import Column, Figure, Table, figure
from charts.layout import note, one, rows, stacked
from charts.palette import SHAPES, light
from charts.reading import Member, fixed, listed, members, of_role
from charts.theme import TEXT

WAYS = {
    "python loop": "a loop over the rows",
    "matrix product": "one matrix product",
    "matrix product, rows normalised beforehand": "the product, rows normalised beforehand",
}
SAME = 1e-5  # cosines that differ by less are the same for a reader
LANE, LINE = 84, 24  # px of a way, and of a model within it
AWAY, CHARACTER = 8, 6.6  # px between a line and its label, and of a label's letter


def milliseconds(value: float) -> str:
    """A time with one to three significant digits: 293 ms, 4.6 ms, 0.86 ms, 23 µs."""
    if value < 0.1:
        return f"{fixed(value * 1000, 0)} µs"
    return f"{fixed(value, 0 if value >= 20 else 1 if value >= 1 else 2)} ms"


def scientific(value: float) -> str:
    """A bound such as 2e-07 as "2 × 10⁻⁷"."""
    if value == 0:
        return "0"
    exponent = math.floor(math.log10(value))
    raised = str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{fixed(value / 10**exponent, 0)} × 10{raised}"


def speed_up(times: list[TimedWay], role: str, way: str) -> float | None:
    """How many times faster than the loop a way is, by the medians."""
    found = {t.way: t.milliseconds_median for t in times if t.role == role}
    loop = next(iter(WAYS))
    return found[loop] / found[way] if loop in found and way in found else None


def _title(times: list[TimedWay], agreement: dict[str, MatrixProductOfModel], models: dict[str, Member]) -> str:
    _, whole, normalised = WAYS
    agree = all(entry.maximum_absolute_difference < SAME and entry.same_top_20 for entry in agreement.values())
    same = "with the same cosines" if agree else "but not with the same cosines"
    factors = {way: {role: speed_up(times, role, way) for role in models} for way in (whole, normalised)}
    timed = [role for role in models if None not in (factors[whole][role], factors[normalised][role])]
    if not timed:
        return f"A matrix product replaces the loop, {same}"
    as_fast = {role: " times as fast as a loop" if role == timed[0] else "" for role in timed}
    at_once = listed(f"{_factor(factors[whole][role])}{as_fast[role]} in {models[role].name}" for role in timed)
    later = listed(_factor(factors[normalised][role]) for role in timed)
    return f"A matrix product is {at_once}; once rows are normalised, {later} times; {same}"


def _factor(value: float) -> str:
    return fixed(value, 0 if value >= 10 else 1)


def _drawn(times: list[TimedWay], models: dict[str, Member]) -> list[dict[str, Any]]:
    order, roles = list(WAYS), list(models)
    return [
        {
            "role": t.role,
            "model": models[t.role].name,
            "way": WAYS[t.way],
            "y": order.index(t.way) * LANE + 32 + LINE * roles.index(t.role),
            "ms": t.milliseconds_median,
            "from": t.milliseconds_min,
            "to": t.milliseconds_max,
            "text": f"{models[t.role].name} {milliseconds(t.milliseconds_median)}",
        }
        for t in times
    ]


def _chart(times: list[TimedWay], models: dict[str, Member], width: int) -> alt.TopLevelMixin:
    order = list(WAYS)
    low = 10 ** math.floor(math.log10(min(t.milliseconds_min for t in times)))
    high = 10 ** math.ceil(math.log10(max(t.milliseconds_max for t in times)))
    ticks = [10.0**n for n in range(round(math.log10(low)), round(math.log10(high)) + 1)]
    plot, height = width - 36, LANE * len(order)  # the outermost labels of the axis, such as 0.001 and 1000, reach over its ends
    axis = alt.Axis(
        values=ticks,
        format="~f",
        title="milliseconds for one word against all (logarithmic)",
        titleAnchor="end",
        titlePadding=6,
        labelFlush=False,
    )
    scale = alt.Scale(type="log", domain=[low, high], nice=False)
    x = alt.X("ms:Q", scale=scale, axis=axis)
    y = alt.Y("y:Q", scale=alt.Scale(domain=[0, height], reverse=True, nice=False), axis=None)
    base = rows("times")
    layers = []
    for role in models:
        here = base.transform_filter(f"datum.role == '{role}'")
        tooltip = [
            alt.Tooltip("model:N", title="model"),
            alt.Tooltip("way:N", title="way"),
            alt.Tooltip("ms:Q", title="median, ms", format=",.2f"),
            alt.Tooltip("from:Q", title="fastest, ms", format=",.2f"),
            alt.Tooltip("to:Q", title="slowest, ms", format=",.2f"),
        ]
        layers.append(
            here.mark_rule(color=light(role), strokeWidth=2).encode(x=alt.X("from:Q", scale=scale, axis=axis), x2="to:Q", y=y)
        )
        layers.append(here.mark_point(shape=SHAPES[role], color=light(role), size=80).encode(x=x, y=y, tooltip=tooltip))
        roomier = f"datum.from * datum.to < {low * high}"  # on the right, measured on the logarithmic axis
        room = f"{plot} * max(log({high} / datum.to), log(datum.from / {low})) / {math.log(high / low)}"
        cramped = f"{room} < {AWAY} + {CHARACTER} * length(datum.text)"  # the runs differ so much that neither side has room
        for side, test, end, dx, dy in (
            ("left", f"!({cramped}) && {roomier}", "to:Q", AWAY, 0),
            ("right", f"!({cramped}) && !({roomier})", "from:Q", -AWAY, 0),
            ("right", cramped, "to:Q", 0, LINE / 2),  # below the line, which is long enough then
        ):
            style = {"align": side, "dx": dx, "dy": dy, "baseline": "middle", "color": light(role), "fontSize": TEXT}
            layers.append(here.transform_filter(test).mark_text(**style).encode(x=end, y=y, text="text:N"))
    names = [note(WAYS[way], 0, n * LANE + 14, "ink", fontSize=TEXT, fontWeight=600) for n, way in enumerate(order)]
    rules = [one(y=n * LANE).mark_rule(color=light("rule")).encode(y=y) for n in range(1, len(order))]
    return stacked(*rules, *layers, *names, width=plot, height=height)


@figure(needs=("model_facts", "measured_times", "matrix_product"))
def loop_and_product(data: Mapping[str, Any]) -> Figure:
    models, measured = members(data), data["measured_times"]
    times = [t for t in measured.comparing_one_with_all if t.role in models]
    agreement = {role: of_role(data["matrix_product"].by_model, role) for role in models}
    agreement = {role: entry for role, entry in agreement.items() if entry is not None}
    lines = []
    for role, entry in agreement.items():
        each = listed(f"{WAYS[t.way]} {milliseconds(t.milliseconds_median)}" for t in times if t.role == role)
        top = "and the same 20 neighbours" if entry.same_top_20 else "but not the same 20 neighbours"
        lines.append(
            f"{models[role].name}, {models[role].quoted(entry.seed_token.raw)} against {entry.tokens:,} tokens of {entry.dims} "
            f"dimensions: {each} (medians). Loop and product differ by at most {scientific(entry.maximum_absolute_difference)}, "
            f"correlate at {fixed(entry.pearson, 3)}, {top}."
        )
    table = [
        {
            "model": models[t.role].name,
            "way": WAYS[t.way],
            "median_milliseconds": t.milliseconds_median,
            "fastest_milliseconds": t.milliseconds_min,
            "slowest_milliseconds": t.milliseconds_max,
            "repeats": t.repeats,
        }
        for t in times
    ]
    number = f"{measured.threads} thread{'s' if measured.threads != 1 else ''}"
    return Figure(
        title=_title(times, agreement, models),
        caption=(
            f"Marks are medians, lines reach from the fastest to the slowest run, on {measured.machine} ({number}). Much of the "
            "second way's time is normalising every row; done once beforehand, that is saved for every later question. *Where it "
            "misleads:* times are those of one machine on one day, and the axis is logarithmic, so equal steps are equal "
            "factors."
        ),
        description=" ".join(lines),
        table=Table(
            [
                Column("model", "model"),
                Column("way", "way"),
                Column("median_milliseconds", "median, ms", "number", 2),
                Column("fastest_milliseconds", "fastest, ms", "number", 2),
                Column("slowest_milliseconds", "slowest, ms", "number", 2),
                Column("repeats", "runs", "integer"),
            ],
            table,
        ),
        chart=lambda width: _chart(times, models, width),
        datasets={"times": _drawn(times, models)},
        roles=tuple(models),
    )
