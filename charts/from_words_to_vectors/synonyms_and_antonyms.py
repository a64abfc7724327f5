"""Cosines of synonyms and of antonyms beside those of the same words in other pairs, in all spaces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.vectors import RelationsOfModel, WordRelations
from charts.figure import Column, Figure, Table, figure
from charts.from_words_to_vectors.spaces import down, role_scale, spaces
from charts.layout import cosine_domain, cosine_x, note, one, rows, stacked
from charts.palette import SHAPES, light
from charts.reading import Member, angle, fixed, listed, percent, rounded
from charts.theme import TEXT, is_narrow

LANE, HEAD, GROUPS = 40, 26, ("synonyms", "antonyms")  # px
SCATTER = (0, 7, -7, 3.5, -3.5, 10, -10)  # px off the middle of the lane, in turn


def _block(n: int) -> float:
    """Where the nth model begins, in px from the top."""
    return n * (HEAD + LANE * len(GROUPS) + 14)


def _datasets(exported: WordRelations, members: dict[str, Member]) -> dict[str, list[dict[str, Any]]]:
    pairs = []
    for n, role in enumerate(members):
        for lane, group in enumerate(GROUPS):
            found = [pair for pair in exported.pairs if pair.group == group]
            for m, pair in enumerate(found):
                y = _block(n) + HEAD + LANE * lane + LANE / 2 + SCATTER[m % len(SCATTER)]
                pairs.append(
                    {"role": role, "pair": f"{pair.first} / {pair.second}", "cosine": rounded(pair.cosines[role], 3), "y": y}
                    | {"group": group}
                )
    return {"pairs": pairs}


def _chart(exported: WordRelations, entries: dict[str, RelationsOfModel], members: dict[str, Member], width: int) -> alt.TopLevelMixin:
    left = 74
    plot, height = width - left - 16, _block(len(members)) - 8
    lowest_strangers = [s.percentile_5 for e in entries.values() for s in e.crossed.values()]
    domain = cosine_domain([v for p in exported.pairs for v in p.cosines.values()] + lowest_strangers)
    x = cosine_x(domain, title=None if is_narrow(width) else "cosine similarity, and its angle")
    layers: list[Any] = []
    for n, (role, member) in enumerate(members.items()):
        entry, top = entries[role], _block(n) + HEAD
        layers.append(note(member.name, -left, top - 9, role, fontWeight=600, fontSize=TEXT))
        of_what = "" if is_narrow(width) else " of the comparisons"
        text = f"synonyms win {percent(entry.synonyms_over_antonyms)}{of_what} ({interval(entry)})"
        layers.append(note(text, alt.expr("width"), top - 9, align="right"))
        for lane, group in enumerate(GROUPS):
            middle = top + LANE * lane + LANE / 2
            if group in entry.crossed:
                strangers = entry.crossed[group]
                ends = {"top": middle - LANE / 2 + 1, "bottom": middle + LANE / 2 - 1}
                band = one(cosine=strangers.percentile_5, high=strangers.percentile_95, **ends)
                box = band.mark_rect(color=light("baseline"), opacity=0.2)
                layers.append(box.encode(x=x, x2="high:Q", y=down(height, "top:Q"), y2="bottom:Q"))
            layers.append(note(group, -left, middle + 4))
            mean = entry.synonyms_mean if group == "synonyms" else entry.antonyms_mean
            stroke = one(cosine=mean, top=middle - 15, bottom=middle + 15)
            layers.append(stroke.mark_rule(color=light("ink"), strokeWidth=2.5).encode(x=x, y=down(height, "top:Q"), y2="bottom:Q"))
    shape = alt.Shape("role:N", scale=alt.Scale(domain=list(members), range=[SHAPES[role] for role in members]), legend=None)
    dots = (
        rows("pairs")
        .mark_point(size=34, opacity=0.7)
        .encode(
            x=x,
            y=down(height),
            color=role_scale(members),
            shape=shape,
            tooltip=[
                alt.Tooltip("pair:N", title="pair"),
                alt.Tooltip("group:N", title="kind"),
                alt.Tooltip("cosine:Q", title="cosine", format=".3f"),
            ],
        )
    )
    return stacked(*layers, dots, width=plot, height=height)


def interval(entry: RelationsOfModel) -> str:
    """Such as "26% to 51%": where the share of comparisons that synonyms win may lie."""
    return f"{percent(entry.synonyms_over_antonyms_low)} to {percent(entry.synonyms_over_antonyms_high)}"


@figure(needs=("model_facts", "word_relations"))
def synonyms_and_antonyms(data: Mapping[str, Any]) -> Figure:
    exported, members = data["word_relations"], spaces(data)
    entries = {entry.role: entry for entry in exported.by_model if entry.role in members}
    members = {role: member for role, member in members.items() if role in entries}
    numbers = listed(f"{fixed(e.synonyms_mean)} and {fixed(e.antonyms_mean)} in {members[role].name}" for role, e in entries.items())
    near = all(e.antonyms_over_crossed > 0.6 for e in entries.values())
    described = [
        f"{members[role].name}: synonyms average {fixed(e.synonyms_mean)}, antonyms {fixed(e.antonyms_mean)}"
        + "".join(
            f"; strangers made from the {group}, {fixed(s.mean)} (nine of ten between {fixed(s.percentile_5)} and {fixed(s.percentile_95)})"
            for group, s in e.crossed.items()
        )
        + f". A synonym pair beats such strangers in {percent(e.synonyms_over_crossed)} of comparisons, an antonym pair in "
        f"{percent(e.antonyms_over_crossed)}, and a synonym pair beats an antonym pair in {percent(e.synonyms_over_antonyms)}, with an "
        f"interval from {interval(e)}. Two words drawn at random average {fixed(e.random.mean)}"
        for role, e in entries.items()
    ]
    table = [
        {"role": role, "model": members[role].name, "group": pair.group, "first": pair.first, "second": pair.second}
        | {"cosine": pair.cosines[role], "angle_degrees": angle(pair.cosines[role])}
        for role in members
        for pair in exported.pairs
    ]
    count = {group: sum(pair.group == group for pair in exported.pairs) for group in GROUPS}
    return Figure(
        title=f"Opposites are near each other, {'too' if near else 'or not'}: synonyms and antonyms average {numbers}",
        caption=(
            f"{count['synonyms']} pairs of synonyms and {count['antonyms']} of antonyms, chosen before their cosines were looked at. "
            "Upright strokes are means. Grey bands hold nine of ten pairs of strangers: the first word of one pair with the second of "
            "another. In a comparison one pair of each kind is drawn, and the larger cosine wins; 50% is a coin toss. In brackets: the "
            "middle 95% of this share when the pairs are drawn anew, with repeats. *Where it misleads:* whether two words are synonyms is "
            "a matter of opinion, and each lane has a baseline of its own, so compare with its band."
        ),
        description=". ".join(described) + ".",
        table=Table(
            [
                Column("model", "model"),
                Column("group", "kind"),
                Column("first", "first"),
                Column("second", "second"),
                Column("cosine", "cosine", "number", 3),
                Column("angle_degrees", "angle in degrees", "number", 1),
            ],
            table,
        ),
        chart=lambda width: _chart(exported, entries, members, width),
        datasets=_datasets(exported, members),
        roles=tuple(members),
    )
