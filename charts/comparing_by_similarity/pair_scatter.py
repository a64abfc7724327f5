"""Step two as a picture: every pair of words by its cosine in one space and in another."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import combinations
from typing import Any

import altair as alt

from artefacts.schemas.rsa import RsaAgreement, RsaSimilarities, SpaceSimilarities
from charts.comparing_by_similarity.parts import KINDS, agreement_of, of_pair, pair_name, pair_options, space_pairs, spaces
from charts.figure import Column, Control, Figure, Table, figure
from charts.layout import controlled, key, note, one, rows, stacked
from charts.palette import light
from charts.reading import Member, fixed, of_role
from charts.theme import TEXT, is_narrow

NOBODY = "none"


def _readings(agreement: RsaAgreement, members: dict[str, Member]) -> list[dict[str, Any]]:
    found = []
    for first, second in space_pairs(members):
        for kind, name in KINDS.items():
            entry = of_pair(agreement.by_kind, first, second, kind=kind)
            r = "too few" if entry.pearson is None else f"r = {fixed(entry.pearson)}"
            spread = f"spread {fixed(entry.deviation_first)} and {fixed(entry.deviation_second)}"
            found.append({"pair": f"{first}-{second}", "kind": kind, "text": f"{entry.pairs} pairs {name if kind != 'all' else 'in all'}"})
            found[-1] |= {"r": f"{r}; {spread}"}
    return found


def _chart(
    exported: RsaSimilarities, entries: dict[str, SpaceSimilarities], members: dict[str, Member], width: int
) -> alt.TopLevelMixin:
    left = 36
    plot = width - left - 8
    height = plot if is_narrow(width) else 420
    low = math.floor(min(min(entry.cosines) for entry in entries.values()) * 5) / 5
    scale = alt.Scale(domain=[low, 1], nice=False, zero=False)
    names = "[" + ",".join(f"'{word}'" for word in exported.words) + "]"
    axis = {"format": ".1f", "tickCount": 6, "title": None}
    x, y = alt.X("x:Q", scale=scale, axis=alt.Axis(**axis)), alt.Y("y:Q", scale=scale, axis=alt.Axis(**axis))
    dots = (
        rows("all_pairs")
        .transform_flatten(["i", "j", "same", *entries])
        .transform_calculate(x="datum[split(pair, '-')[0]]", y="datum[split(pair, '-')[1]]")
        .transform_filter("kind == 'all' || (kind == 'within') == (datum.same == 1)")
        .transform_calculate(
            first=f"{names}[datum.i]", second=f"{names}[datum.j]", marked="datum.first == word || datum.second == word"
        )
    )
    tooltip = [
        alt.Tooltip("first:N", title="word"),
        alt.Tooltip("second:N", title="with"),
        alt.Tooltip("x:Q", title="cosine across", format=".2f"),
        alt.Tooltip("y:Q", title="cosine upwards", format=".2f"),
    ]
    across = dots.transform_filter("datum.same == 0").mark_point(size=26, color=light("baseline"), opacity=0.6)
    within = dots.transform_filter("datum.same == 1").mark_point(size=40, color=light("accent"), shape="diamond", opacity=0.8)
    marked = dots.transform_filter("datum.marked").mark_point(size=110, filled=False, color=light("ink"), strokeWidth=1.8)
    equal = one(x=low, y=low, end=1).mark_rule(color=light("rule"), strokeDash=[4, 4])
    layers: list[Any] = [
        equal.encode(x=x, y=y, x2="end:Q", y2="end:Q"),
        across.encode(x=x, y=y, tooltip=tooltip),
        within.encode(x=x, y=y, tooltip=tooltip),
        marked.encode(x=x, y=y),
    ]
    chosen = rows("readings").transform_filter("datum.pair == pair && datum.kind == kind")
    for field, at, weight in (("text", -52, 400), ("r", -34, 600)):
        drawn = chosen.mark_text(align="left", baseline="alphabetic", fontSize=TEXT, fontWeight=weight, color=light("ink"))
        layers.append(drawn.encode(x=alt.XValue(-left), y=alt.YValue(at), text=f"{field}:N"))
    layers += key("within a category", -left, -72, "accent", "diamond")
    layers += key("across", 116, -72, "baseline", "circle", text_colour="ink-soft")
    for role, member in members.items():
        up = alt.expr(f"split(pair, '-')[1] == '{role}' ? '↑ cosine in {member.name}' : ''")
        right = alt.expr(f"split(pair, '-')[0] == '{role}' ? 'cosine in {member.name} →' : ''")
        if role != space_pairs(members)[0][0]:
            layers.append(note(up, -left, -14, role, fontWeight=600))
        layers.append(note(right, alt.expr("width"), height + 36, role, align="right", fontWeight=600))
    whole = stacked(*layers, width=plot, height=height)
    return controlled(whole, pair=pair_options(members)[0][0], kind="all", word=NOBODY)


@figure(needs=("model_facts", "rsa_similarities", "rsa_agreement"))
def pair_scatter(data: Mapping[str, Any]) -> Figure:
    members, exported, agreement = spaces(data), data["rsa_similarities"], data["rsa_agreement"]
    entries = {role: of_role(exported.by_model, role) for role in members}
    words, categories = exported.words, exported.categories
    pairs = list(combinations(range(len(words)), 2))
    same = [int(categories[a] == categories[b]) for a, b in pairs]
    values = "; ".join(f"{pair_name(members, *both)} {fixed(agreement_of(agreement, *both))}" for both in space_pairs(members))
    table = [
        {"first_word": words[a], "second_word": words[b], "same": "yes" if same[n] else "no"}
        | {role: entry.cosines[n] for role, entry in entries.items()}
        for n, (a, b) in enumerate(pairs)
    ]
    described = [
        f"{pair_name(members, first, second)}: r = {fixed(entry.pearson, 3)} over {entry.pairs} pairs "
        + (KINDS[kind] if kind != "all" else "in all")
        for first, second in space_pairs(members)
        for kind in KINDS
        if (entry := of_pair(agreement.by_kind, first, second, kind=kind)).pearson is not None
    ]
    return Figure(
        title=f"RSA, the correlation of {exported.pairs} pairs of cosines: {values}",
        caption=(
            "A point is a pair of words: its cosine in one space to the right, in the other upwards. On the broken line both spaces give "
            "the same cosine; RSA does not ask for that, only that points which lie further right tend to lie higher. Mark a word to find "
            "its pairs. *Where it misleads:* so many points look like much evidence, but they come from a few words, and every word is in "
            "many of them; and r of one kind of pairs cannot be set against r of all, because their spread differs."
        ),
        description=". ".join(described) + ".",
        table=Table(
            [
                Column("first_word", "first word"),
                Column("second_word", "second word"),
                Column("same", "same category"),
                *(Column(role, f"cosine in {member.name}", "number", 3) for role, member in members.items()),
            ],
            table,
            default_rows=lambda row: row["first_word"] == words[0],
        ),
        chart=lambda width: _chart(exported, entries, members, width),
        datasets={
            "all_pairs": [
                {"i": [a for a, _ in pairs], "j": [b for _, b in pairs], "same": same}
                | {role: [round(value, 3) + 0.0 for value in entry.cosines] for role, entry in entries.items()}
            ],
            "readings": _readings(agreement, members),
        },
        controls=[
            Control("pair", "Spaces", "select", pair_options(members)[0][0], options=pair_options(members)),
            Control("kind", "Pairs", "select", "all", options=list(KINDS.items())),
            Control("word", "Mark the pairs of", "select", NOBODY, options=[(NOBODY, "no word"), *((word, word) for word in words)]),
        ],
        roles=tuple(members),
    )
