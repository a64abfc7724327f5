"""Step one as a picture: two spaces in one square, one below the diagonal and one above it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import altair as alt

from artefacts.schemas.rsa import RsaSimilarities, SpaceSimilarities
from charts.comparing_by_similarity.parts import pair_options, px, spaces
from charts.figure import Column, Control, Figure, Table, figure
from charts.layout import controlled, note, one, rows, stacked
from charts.palette import light
from charts.reading import Member, capitalised, fixed, listed, of_role
from charts.theme import SMALL, TEXT, is_narrow

TOP = 62  # px above the cells
SCALES = [("common", "the same for both: 0 to 1"), ("own", "each space its own")]
ORDERS = [("category", "by category"), ("below", "clusters of the space below"), ("above", "clusters of the space above")]
LEGEND = (0, 0.25, 0.5, 0.75, 1)


def _ends(entry: SpaceSimilarities) -> tuple[float, float]:
    return min(entry.cosines), max(entry.cosines)


def _ranks(order: list[int]) -> list[int]:
    """Where each word stands in an order of the words."""
    places = [0] * len(order)
    for place, word in enumerate(order):
        places[word] = place
    return places


def _square(entry: SpaceSimilarities, words: int) -> list[list[float]]:
    """[word, word], rounded for drawing, 1 on the diagonal."""
    square = [[1.0] * words for _ in range(words)]
    for (a, b), value in zip(combinations(range(words), 2), entry.cosines, strict=True):
        square[a][b] = square[b][a] = round(value, 2) + 0.0
    return square


def _chart(exported: RsaSimilarities, entries: dict[str, SpaceSimilarities], members: dict[str, Member], width: int) -> alt.TopLevelMixin:
    narrow = is_narrow(width)
    words = exported.words
    left = 60 if narrow else 72
    cell, line = max(1, (width - left - 2) // len(words)), 12 if narrow else 14  # whole px keep the picture small
    plot = cell * len(words)
    height = TOP + line * len(words) + 2
    below, above = "split(pair, '-')[0]", "split(pair, '-')[1]"
    ranks = {role: _ranks(entry.clustered) for role, entry in entries.items()}
    table = "{" + ",".join(f"'{role}':{order}" for role, order in ranks.items()) + "}"
    plain = str(list(range(len(words))))
    rank = f"(order == 'category' ? {plain} : {table}[order == 'below' ? {below} : {above}])"
    low = "{" + ",".join(f"'{role}':{_ends(entry)[0]:.3f}" for role, entry in entries.items()) + "}"
    high = "{" + ",".join(f"'{role}':{_ends(entry)[1]:.3f}" for role, entry in entries.items()) + "}"
    names = "[" + ",".join(f"'{word}'" for word in words) + "]"
    cells = (
        rows("lines")
        .transform_filter(f"datum.role == {below} || datum.role == {above}")
        .transform_calculate(m=f"sequence({len(words)})", row=f"{rank}[datum.n]")
        .transform_flatten(["c", "m"])
        .transform_calculate(column=f"{rank}[datum.m]")
        .transform_filter(f"datum.role == {below} ? datum.column < datum.row : datum.column > datum.row")
        .transform_calculate(
            x=f"datum.column * {cell}",
            x2=f"datum.x + {cell} - 1",
            top=f"{TOP} + datum.row * {line}",
            bottom=f"datum.top + {line} - 1",
            other=f"{names}[datum.m]",
            strength="scale == 'common' ? clamp(datum.c, 0, 1)"
            f" : (datum.c - {low}[datum.role]) / ({high}[datum.role] - {low}[datum.role])",
        )
    )
    colour = alt.Color("role:N", scale=alt.Scale(domain=list(members), range=[light(role) for role in members]), legend=None)
    opacity = alt.Opacity("strength:Q", scale=alt.Scale(domain=[0, 1], range=[0.03, 1]), legend=None)
    tooltip = [
        alt.Tooltip("word:N", title="word"),
        alt.Tooltip("other:N", title="with"),
        alt.Tooltip("role:N", title="space"),
        alt.Tooltip("c:Q", title="cosine", format=".2f"),
    ]
    place = {"x": px("x", plot), "x2": "x2:Q", "y": px("top", height, down=True), "y2": "bottom:Q"}
    labels = (
        rows("lines")
        .transform_filter(f"datum.role == {below}")
        .transform_calculate(top=f"{TOP} + ({rank}[datum.n] + 0.5) * {line}")
        .mark_text(align="right", baseline="middle", fontSize=11 if narrow else SMALL, color=light("ink-soft"))
        .encode(x=alt.XValue(-5), y=px("top", height, down=True), text="word:N")
    )
    layers: list[Any] = [cells.mark_rect().encode(color=colour, opacity=opacity, tooltip=tooltip, **place), labels]
    layers += _category_lines(exported, plot, height, cell, line)
    layers += _legend(entries, members, plot, left, height)
    whole = stacked(*layers, width=plot, height=height)
    first = pair_options(members)[0][0]
    return controlled(whole, pair=first, order="category", scale="common")


def _category_lines(exported: RsaSimilarities, plot: float, height: float, cell: float, line: float) -> list[alt.Chart]:
    """Names above the columns and lines between the categories; they mean something in that order only."""
    parts, start = [], 0
    for category in dict.fromkeys(exported.categories):
        number = exported.categories.count(category)
        text = alt.expr(f"order == 'category' ? '{category}' : ''")
        parts.append(note(text, cell * start + 1, TOP - 5, "ink"))
        if start:
            for fields in (
                {"x": 0, "x2": plot - 1, "top": TOP + line * start - 0.5, "bottom": TOP + line * start - 0.5},
                {"x": cell * start - 0.5, "x2": cell * start - 0.5, "top": TOP, "bottom": height - 2},
            ):
                rule = one(**fields).transform_filter("order == 'category'").mark_rule(color=light("ink-soft"), strokeWidth=1)
                parts.append(
                    rule.encode(x=px("x", plot), x2="x2:Q", y=px("top", height, down=True), y2="bottom:Q")
                )
        start += number
    return parts


def _legend(
    entries: dict[str, SpaceSimilarities], members: dict[str, Member], plot: float, left: float, height: float
) -> list[alt.Chart]:
    """Which colour is which space, on which side, and what its palest and its fullest shade mean."""
    parts = []
    for row, (side, where) in enumerate((("0", "below"), ("1", "above"))):
        y = 13 + 18 * row
        for role, member in members.items():
            if not any(value.split("-")[int(side)] == role for value, _ in pair_options(members)):
                continue
            here = f"split(pair, '-')[{side}] == '{role}'"
            low, high = (fixed(value) for value in _ends(entries[role]))
            name = alt.expr(f"{here} ? '{member.name}, {where}' : ''")
            parts.append(note(name, -left, y, role, fontWeight=600, fontSize=TEXT))
            ends = alt.expr(f"{here} ? (scale == 'common' ? '0 to 1' : '{low} to {high}') : ''")
            parts.append(note(ends, 172 - left + 5 * 15, y))
            boxes = alt.Chart(alt.Data(values=[{"n": n, "strength": value} for n, value in enumerate(LEGEND)])).transform_filter(here)
            boxes = boxes.transform_calculate(
                x=f"{167 - left} + datum.n * 15", x2="datum.x + 14", top=str(y - 11), bottom=str(y + 1)
            )
            opacity = alt.Opacity("strength:Q", scale=alt.Scale(domain=[0, 1], range=[0.03, 1]), legend=None)
            parts.append(
                boxes.mark_rect(color=light(role)).encode(
                    x=px("x", plot), x2="x2:Q", y=px("top", height, down=True), y2="bottom:Q", opacity=opacity
                )
            )
    return parts


def _title(entries: dict[str, SpaceSimilarities], members: dict[str, Member]) -> str:
    known = {role: e for role, e in entries.items() if e.within_mean is not None and e.across_mean is not None}
    means = listed(f"{members[role].name} {fixed(e.within_mean)} against {fixed(e.across_mean)}" for role, e in known.items())
    higher = all(e.within_mean > e.across_mean for e in known.values())
    return capitalised(f"{'higher' if higher else 'mean'} cosines within a category than across: {means}") if higher else (
        f"Mean cosine within a category, and across: {means}"
    )


@figure(needs=("model_facts", "rsa_similarities"))
def similarity_heatmaps(data: Mapping[str, Any]) -> Figure:
    members, exported = spaces(data), data["rsa_similarities"]
    entries = {role: of_role(exported.by_model, role) for role in members}
    words, categories = exported.words, exported.categories
    table = [
        {"first": words[a], "second": words[b], "same": "yes" if categories[a] == categories[b] else "no"}
        | {role: entry.cosines[n] for role, entry in entries.items()}
        for n, (a, b) in enumerate(combinations(range(len(words)), 2))
    ]
    described = listed(
        f"{members[role].name}: cosines from {fixed(_ends(e)[0])} to {fixed(_ends(e)[1])}, mean {fixed(e.mean)}; {e.nearest_same} of "
        f"{len(words)} words have their most similar word in their own category"
        for role, e in entries.items()
    )
    return Figure(
        title=_title(entries, members),
        caption=(
            "Every word with every other, two spaces in one square: a pair of words stands below the diagonal for the one and at the "
            "mirrored place above it for the other. With each space on its own scale, a perfect r would make the square its own mirror "
            "image; on the common scale the levels would have to be equal, too. Fuller colour is a larger cosine; below 0 it stays pale on "
            "the common scale. *Where it misleads:* on scales of their own, pale means something else in each space; and the order makes "
            "blocks: sort by the clusters of one space, and see whether the other has them too."
        ),
        description=f"{described}. Categories in order: {listed(dict.fromkeys(categories))}.",
        table=Table(
            [
                Column("first", "first word"),
                Column("second", "second word"),
                Column("same", "same category"),
                *(Column(role, f"cosine in {member.name}", "number", 3) for role, member in members.items()),
            ],
            table,
            default_rows=lambda row: row["first"] == words[0],
        ),
        chart=lambda width: _chart(exported, entries, members, width),
        datasets={
            "lines": [
                {"role": role, "word": words[n], "n": n, "c": line}
                for role, entry in entries.items()
                for n, line in enumerate(_square(entry, len(words)))
            ]
        },
        controls=[
            Control("pair", "Spaces", "select", pair_options(members)[0][0], options=pair_options(members)),
            Control("order", "Order", "select", "category", options=ORDERS),
            Control("scale", "Colours", "select", "common", options=SCALES),
        ],
        roles=tuple(members),
    )
