"""Two vectors dimension by dimension, and the same numbers as a scatter: what a cosine sums up."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.pairs import PairVectors
from charts.figure import Column, Control, Figure, Table, figure
from charts.layout import controlled, joined, note, one, role_colour, rows, stacked
from charts.palette import SHAPES, light
from charts.reading import Member, count, degrees, fixed, listed, members, rounded
from charts.theme import TEXT, is_narrow

STRIP = 104  # px, the height of one vector
ROUND_CLOUD, NARROW_CLOUD = 0.1, 0.8  # cosines below which no tilt can be seen, and above which the points lie close to a line
LEFT, GAP = 38, 44  # px beside and between the plots


def slots(pairs: list[PairVectors], models: dict[str, Member]) -> dict[str, dict[str, PairVectors]]:
    """The pairs by what they stand for ("pieces 1", "related 2"), each with the pair of every model."""
    found: dict[str, dict[str, PairVectors]] = {}
    for role in models:
        seen: dict[str, int] = {}
        for pair in pairs:
            if pair.role == role:
                seen[pair.group] = seen.get(pair.group, 0) + 1
                found.setdefault(f"{pair.group}-{seen[pair.group]}", {})[role] = pair
    return found


def slot_name(by_role: dict[str, PairVectors], models: dict[str, Member]) -> str:
    """What the select shows: the label, or both labels where the models have different pairs."""
    labels = {role: pair.label for role, pair in by_role.items()}
    if len(set(labels.values())) == 1 and len(labels) == len(models):
        return next(iter(labels.values()))
    return ", ".join(f"{label} ({models[role].name})" for role, label in labels.items())


def _summary(pair: PairVectors) -> str:
    return f"cosine {fixed(pair.cosine)} = {degrees(pair.cosine)}, Pearson {fixed(pair.pearson)}"


def _datasets(by_slot: dict[str, dict[str, PairVectors]], models: dict[str, Member]) -> dict[str, list[dict[str, Any]]]:
    """One row a pair, with its vectors as lists."""
    pairs = [
        {
            "pair": slot,
            "role": role,
            "first": models[role].shown(pair.first.raw),
            "second": models[role].shown(pair.second.raw),
            "summary": _summary(pair),
            "a": [rounded(v, 3) for v in pair.first_vector],
            "b": [rounded(v, 3) for v in pair.second_vector],
        }
        for slot, by_role in by_slot.items()
        for role, pair in by_role.items()
    ]
    return {"pairs": pairs}


def _reach(by_slot: dict[str, dict[str, PairVectors]], role: str) -> float:
    """The axes of a model reach as far as its largest entry, rounded up, so that its pairs can be compared."""
    largest = max(
        (
            abs(v)
            for by_role in by_slot.values()
            if role in by_role
            for v in by_role[role].first_vector + by_role[role].second_vector
        ),
        default=1.0,
    )
    step = 10 ** math.floor(math.log10(largest)) / 2
    return math.ceil(largest / step) * step


def _chart(
    by_slot: dict[str, dict[str, PairVectors]], start: tuple[str, str], models: dict[str, Member], width: int
) -> alt.TopLevelMixin:
    narrow = is_narrow(width)
    strip_width = width - LEFT - 8 if narrow else round((width - 2 * LEFT - GAP) * 0.55)
    square = min(width - LEFT - 8, 292) if narrow else width - 2 * LEFT - GAP - strip_width
    dims = {role: len(pair.first_vector) for by_role in by_slot.values() for role, pair in by_role.items()}
    length = " : ".join([*(f"model == '{role}' ? {number}" for role, number in dims.items()), "1"])
    reaches = {role: _reach(by_slot, role) for role in models}
    reach = " : ".join([*(f"model == '{role}' ? {value}" for role, value in reaches.items()), "1"])
    extent = {"domainMin": alt.expr(f"-({reach})"), "domainMax": alt.expr(reach), "nice": False, "zero": False}
    chosen = rows("pairs").transform_filter("datum.pair == pair && datum.role == model")
    entries = (
        chosen.transform_calculate(dimension="sequence(1, length(datum.a) + 1)")
        .transform_flatten(["a", "b", "dimension"])
        .transform_window(place="row_number()", sort=[alt.SortField("a", order="descending")])
        .transform_calculate(x="ordered ? datum.place : datum.dimension")
    )
    colour = role_colour(models)
    zero = one().mark_rule(color=light("rule")).encode(y=alt.YDatum(0))
    style = {"align": "left", "baseline": "bottom", "fontSize": TEXT, "fontWeight": 600, "color": light("ink")}

    def strip(field: str, name: str, last: bool) -> alt.LayerChart:
        x = alt.X(
            "x:Q",
            scale=alt.Scale(domainMin=1, domainMax=alt.expr(length), nice=False, zero=False, round=True),
            axis=alt.Axis(tickCount=6, grid=False, title=None) if last else None,
        )
        y = alt.Y(f"{field}:Q", scale=alt.Scale(**extent, round=True), axis=alt.Axis(tickCount=4, title=None))
        line = entries.mark_line(strokeWidth=1, strokeJoin="miter").encode(x=x, y=y, color=colour)
        text = chosen.mark_text(**style).encode(x=alt.XValue(0), y=alt.YValue(-4), text=f"{name}:N")
        layers = [zero, line, text]
        if last:
            order = "ordered ? 'dimensions, ordered by the first vector' : 'dimension'"
            layers.append(note(alt.expr(order), strip_width / 2, STRIP + 34, align="center"))
        return stacked(*layers, width=strip_width, height=STRIP)

    axis = alt.Axis(tickCount=5, title=None)
    points = entries.mark_point(size=14, opacity=0.6).encode(
        x=alt.X("a:Q", scale=alt.Scale(**extent, round=True), axis=axis),
        y=alt.Y("b:Q", scale=alt.Scale(**extent, round=True), axis=axis),
        color=colour,
        shape=alt.Shape("role:N", scale=alt.Scale(domain=list(models), range=[SHAPES[role] for role in models]), legend=None),
        tooltip=[
            alt.Tooltip("dimension:Q", title="dimension"),
            alt.Tooltip("a:Q", title="first", format=".3f"),
            alt.Tooltip("b:Q", title="second", format=".3f"),
        ],
    )
    across = one().mark_rule(color=light("rule")).encode(x=alt.XDatum(0))
    summary = chosen.mark_text(**style).encode(x=alt.XValue(0), y=alt.YValue(-4), text="summary:N")
    first_name = (
        chosen.mark_text(align="right", baseline="bottom", color=light("ink-soft"), dx=-4, dy=-4)
        .encode(x=alt.XValue(square), y=alt.YValue(square), text="across:N")
        .transform_calculate(across="datum.first + ' →'")
    )
    second_name = (
        chosen.mark_text(align="left", baseline="top", color=light("ink-soft"), dx=5, dy=5)
        .encode(x=alt.XValue(0), y=alt.YValue(0), text="up:N")
        .transform_calculate(up="'↑ ' + datum.second")
    )
    scatter = stacked(across, zero, points, summary, first_name, second_name, width=square, height=square)
    strips = joined(strip("a", "first", last=False), strip("b", "second", last=True), beside=False, spacing=30)
    whole = joined(strips, scatter, beside=not narrow, spacing=34 if narrow else GAP)
    return controlled(whole, model=start[1], pair=start[0], ordered=False)


def _title(by_slot: dict[str, dict[str, PairVectors]], start: tuple[str, str], models: dict[str, Member]) -> str:
    pair = by_slot[start[0]][start[1]]
    first, second = (models[pair.role].shown(token.raw) for token in (pair.first, pair.second))
    dims = len(pair.first_vector)
    agree = sum(a * b > 0 for a, b in zip(pair.first_vector, pair.second_vector, strict=True))
    size = abs(pair.cosine)
    cloud = "round" if size < ROUND_CLOUD else "loose" if size < NARROW_CLOUD else "narrow"
    signs = f"the same sign in {agree} of {dims} dimensions"
    return f"A cosine of {fixed(pair.cosine)} is a {cloud} cloud: “{first}” and “{second}” have {signs}"


@figure(needs=("model_facts", "pair_scatter"))
def two_vectors(data: Mapping[str, Any]) -> Figure:
    models = members(data)
    by_slot = slots(data["pair_scatter"].pairs, models)
    slot = next(iter(by_slot))
    role = next(role for role in models if role in by_slot[slot])
    described, table = [], []
    for name, by_role in by_slot.items():
        for each, pair in by_role.items():
            member = models[each]
            agree = sum(a * b > 0 for a, b in zip(pair.first_vector, pair.second_vector, strict=True))
            described.append(
                f"{member.name}, {member.quoted(pair.first.raw)} and {member.quoted(pair.second.raw)}: {_summary(pair)}, "
                f"same sign in {agree} of {count(len(pair.first_vector), 'dimension')}."
            )
            table += [
                {
                    "pair": name,
                    "role": each,
                    "model": member.name,
                    "first_token": pair.first.raw,
                    "second_token": pair.second.raw,
                    "kind": member.tokenizer_kind,
                    "dimension": dimension,
                    "first": a,
                    "second": b,
                    "product": rounded(a * b, 6),
                }
                for dimension, (a, b) in enumerate(zip(pair.first_vector, pair.second_vector, strict=True), start=1)
            ]
    reaches = listed(f"±{_reach(by_slot, each):g} in {member.name}" for each, member in models.items())
    return Figure(
        title=_title(by_slot, (slot, role), models),
        caption=(
            "Left, every number of two vectors; right, the same numbers as points, the first vector across and the second "
            "upward. The more the cloud leans along the diagonal, the larger the cosine. Order the dimensions by the first "
            f"vector to see how far the second follows. All pairs of a model share its scale ({reaches}). *Where it misleads:* a "
            "dimension has no meaning of its own, and neighbouring dimensions have nothing to do with each other; the line only "
            "keeps them in order."
        ),
        description=" ".join(described),
        table=Table(
            [
                Column("model", "model"),
                Column("first_token", "first token", "token", tokenizer_kind_column="kind"),
                Column("second_token", "second token", "token", tokenizer_kind_column="kind"),
                Column("dimension", "dimension", "integer"),
                Column("first", "first", "number", 4),
                Column("second", "second", "number", 4),
                Column("product", "product", "number", 5),
            ],
            table,
            default_rows=lambda row: row["pair"] == slot and row["role"] == role,
        ),
        chart=lambda width: _chart(by_slot, (slot, role), models, width),
        datasets=_datasets(by_slot, models),
        controls=[
            Control("model", "Model", "select", role, options=[(each, member.name) for each, member in models.items()]),
            Control(
                "pair", "Pair", "select", slot, options=[(name, slot_name(by_role, models)) for name, by_role in by_slot.items()]
            ),
            Control("ordered", "Order dimensions by the first vector", "checkbox", False),
        ],
        roles=tuple(models),
    )
