"""Words of a few categories, each with each: the blocks along the diagonal are clusters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.vectors import WordClusters
from charts.figure import Column, Control, Figure, Table, figure
from charts.from_words_to_vectors.spaces import across, down, headings, role_scale, spaces
from charts.layout import controlled, note, one, rows, stacked
from charts.palette import light
from charts.reading import Member, fixed, listed
from charts.theme import SMALL, is_narrow

TOP = 46  # px above the cells


def _datasets(clusters: WordClusters, members: dict[str, Member]) -> dict[str, list[dict[str, Any]]]:
    words = [word for found in clusters.categories.values() for word in found]
    return {
        "lines": [{"role": role, "word": word, "n": n, "c": clusters.cosines[role][n]} for role in members for n, word in enumerate(words)]
    }


def _chart(clusters: WordClusters, members: dict[str, Member], width: int) -> alt.TopLevelMixin:
    narrow = is_narrow(width)
    words = [word for found in clusters.categories.values() for word in found]
    left = 66 if narrow else 148
    plot = width - left - 2
    side = plot / len(words)
    tall = side if narrow else min(side, 17)
    height = TOP + tall * len(words) + 4
    named = "[" + ",".join(f"'{word}'" for word in words) + "]"
    cells = (
        rows("lines")
        .transform_filter("datum.role == model")
        .transform_calculate(m=f"sequence({len(words)})")
        .transform_flatten(["c", "m"])
        .transform_calculate(
            x=f"datum.m * {side}", x2=f"datum.x + {side} - 1", top=f"{TOP} + datum.n * {tall}", bottom=f"datum.top + {tall} - 1"
        )
        .transform_calculate(other=f"{named}[datum.m]", strength="min(1, abs(datum.c))")
    )
    opacity = alt.Opacity("strength:Q", scale=alt.Scale(domain=[0, 1], range=[0.02, 1]), legend=None)
    tooltip = [
        alt.Tooltip("word:N", title="word"),
        alt.Tooltip("other:N", title="with"),
        alt.Tooltip("c:Q", title="cosine", format=".2f"),
    ]
    place = {"x": across(plot), "x2": "x2:Q", "y": down(height, "top:Q"), "y2": "bottom:Q", "opacity": opacity, "tooltip": tooltip}
    layers: list[Any] = [
        cells.transform_filter("datum.c >= 0").mark_rect().encode(color=role_scale(members), **place),
        cells.transform_filter("datum.c < 0").mark_rect(color=light("ink-soft")).encode(**place),
    ]
    at = 0
    for category, found in clusters.categories.items():
        middle = TOP + tall * (at + len(found) / 2)
        layers.append(note(category, -left, middle + 4, "ink"))
        layers.append(
            one(y=TOP + tall * at - 0.5).mark_rule(color=light("rule")).encode(x=alt.XValue(-left), x2=alt.X2Value(plot), y=down(height))
        )
        at += len(found)
    if not narrow:
        layers += [note(word, -6, TOP + tall * (n + 0.5) + 4, align="right", fontSize=SMALL - 1) for n, word in enumerate(words)]
    headings(members, "model", -left, 12, layers)
    for n, (label, value) in enumerate((("0", 0.02), ("0.5", 0.5), ("1", 1.0))):
        box = one(x=plot - 150 + n * 54, x2=plot - 138 + n * 54, top=4, bottom=16)
        for role in members:
            drawn = box.transform_filter(f"model == '{role}'").mark_rect(color=light(role), opacity=value)
            layers.append(drawn.encode(x=across(plot), x2="x2:Q", y=down(height, "top:Q"), y2="bottom:Q"))
        layers.append(note(label, plot - 134 + n * 54, 14))
    texts = {role: f"within {fixed(clusters.within[role])}, across {fixed(clusters.across[role])}" for role in members}
    for role, text in texts.items():
        layers.append(note(alt.expr(f"model == '{role}' ? 'mean cosine: {text}' : ''"), -left, 32))
    return controlled(stacked(*layers, width=plot, height=height), model=next(iter(members)))


@figure(needs=("model_facts", "word_relations"))
def word_clusters(data: Mapping[str, Any]) -> Figure:
    clusters, members = data["word_relations"].clusters, spaces(data)
    members = {role: member for role, member in members.items() if role in clusters.cosines}
    words = [(category, word) for category, found in clusters.categories.items() for word in found]
    table = [
        {"role": role, "model": members[role].name, "first": a, "second": b, "same": "yes" if one_of == other else "no"}
        | {"cosine": clusters.cosines[role][n][m]}
        for role in members
        for n, (one_of, a) in enumerate(words)
        for m, (other, b) in enumerate(words)
        if n < m
    ]
    counts = listed(f"{clusters.nearest_same[role]} in {member.name}" for role, member in members.items())
    first = next(iter(members))
    described = [
        f"{member.name}: mean cosine {fixed(clusters.within[role])} within a category, {fixed(clusters.across[role])} across; "
        f"{clusters.nearest_same[role]} of {len(words)} words have their nearest word of the list in their own category"
        for role, member in members.items()
    ]
    return Figure(
        title=f"How many of {len(words)} words have their nearest in the list within their own category: {counts}",
        caption=(
            f"Every word with every other; the darker a cell, the larger the cosine, grey where it is below zero. The categories, in "
            f"order: {listed(clusters.categories)}. *Where it misleads:* the categories were ours, chosen to be far apart, and the "
            "order of the rows makes the blocks visible; the same colours stand for the same cosines in models whose baselines differ."
        ),
        description=". ".join(described) + ".",
        table=Table(
            [
                Column("model", "model"),
                Column("first", "first"),
                Column("second", "second"),
                Column("same", "same category"),
                Column("cosine", "cosine", "number", 3),
            ],
            table,
            default_rows=lambda row: row["role"] == first,
        ),
        chart=lambda width: _chart(clusters, members, width),
        datasets=_datasets(clusters, members),
        controls=[Control("model", "Model", "select", first, options=[(role, m.name) for role, m in members.items()])],
        roles=tuple(members),
    )
