"""How well each space orders pairs of words as people do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.scores import PeopleScore, PeopleScores
from charts.figure import Column, Figure, Table, figure
from charts.reading import fixed
from charts.theme import is_narrow
from charts.what_the_score_rests_on.parts import axis_x, lanes, p_equals, tone_of


def best_first(people: PeopleScores) -> list[PeopleScore]:
    """The spaces by their correlation with people, descending."""
    return sorted(people.by_space, key=lambda entry: -entry.spearman)


def _lead_columns(people: PeopleScores, entry: PeopleScore) -> dict[str, float | None]:
    """How far the best space is ahead of this one; None for the best itself."""
    pair = (best_first(people)[0].space.key, entry.space.key)
    lead = next((d for d in people.differences if (d.first, d.second) == pair), None)
    names = {"lead": "difference", "lead_low": "low_pairs", "lead_high": "high_pairs"}
    return {column: None if lead is None else getattr(lead, name) for column, name in names.items()}


def _title(people: PeopleScores) -> str:
    own = [entry for entry in best_first(people) if entry.space.role]
    parts = ", ".join(f"{entry.space.name} {fixed(entry.spearman)}" for entry in own[1:])
    return f"{own[0].space.name} orders {len(people.pairs)} pairs of words most like people do: {fixed(own[0].spearman)}; {parts}"


def _rows(people: PeopleScores) -> list[dict[str, Any]]:
    return [
        {
            "place": n,
            "label": entry.space.name,
            "tone": tone_of(entry.space),
            "value": entry.spearman,
            "low": entry.low,
            "high": entry.high,
            "inner_low": entry.low_pairs,
            "inner_high": entry.high_pairs,
            "shown": fixed(entry.spearman),
        }
        for n, entry in enumerate(best_first(people))
    ]


def _chart(people: PeopleScores, width: int) -> alt.TopLevelMixin:
    low = min(0.0, *(entry.low for entry in people.by_space))
    high = max(entry.high for entry in people.by_space)
    narrow = is_narrow(width)
    tips = [
        alt.Tooltip("label:N", title="space"),
        alt.Tooltip("value:Q", title="Spearman", format=".3f"),
        alt.Tooltip("inner_low:Q", title="95% from", format=".2f"),
        alt.Tooltip("inner_high:Q", title="to", format=".2f"),
    ]
    x = axis_x(low, high, "rank correlation with people's ratings")
    return lanes("spaces", len(people.by_space), width, x=x, left=92 if narrow else 110, tips=tips, thin=True)


@figure(needs=("model_facts", "people_scores"))
def people_and_models(data: Mapping[str, Any]) -> Figure:
    people: PeopleScores = data["people_scores"]
    table = [
        {
            "space": e.space.name,
            "spearman": e.spearman,
            "low_pairs": e.low_pairs,
            "high_pairs": e.high_pairs,
            "low": e.low,
            "high": e.high,
            "error_words": e.error_words,
            "error_pairs": e.error_pairs,
            "error_dyadic": e.error_dyadic,
            "p": e.p,
            "p_pairs": e.p_pairs,
        }
        | _lead_columns(people, e)
        for e in best_first(people)
    ]
    sentences = [
        f"{e.space.name}: {fixed(e.spearman)} ({fixed(e.low_pairs)} to {fixed(e.high_pairs)}; {p_equals(e.p, people.permutations)})."
        for e in best_first(people)
    ]
    return Figure(
        title=_title(people),
        caption=(
            f"Spearman's rank correlation of cosines with the mean ratings of WordSim-353, on the {len(people.pairs)} of its "
            f"{people.listed} pairs whose words all spaces have. Thick lines: 95% intervals when pairs are drawn anew; thin ones: when "
            "words are, which makes them too wide here (see the text). The table has the standard errors by both and by a formula for "
            "pairs that share words, and each space's distance from the first, with the pairs drawn anew for both at once. "
            "*Where it misleads:* people were asked how *related* "
            "two words are: coffee and cup, which are not alike, may score high."
        ),
        description=" ".join(sentences),
        table=Table(
            [
                Column("space", "space"),
                Column("spearman", "Spearman", "number", 3),
                Column("low_pairs", "95% from, pairs drawn", "number", 2),
                Column("high_pairs", "to (pairs)", "number", 2),
                Column("low", "95% from, words drawn", "number", 2),
                Column("high", "to (words)", "number", 2),
                Column("error_pairs", "standard error, pairs drawn", "number", 3),
                Column("error_words", "words drawn", "number", 3),
                Column("error_dyadic", "by formula", "number", 3),
                Column("p", "p, words permuted", "number", 4),
                Column("p_pairs", "p, ratings permuted", "number", 4),
                Column("lead", "behind the first by", "number", 3),
                Column("lead_low", "95% from (behind)", "number", 2),
                Column("lead_high", "to (behind)", "number", 2),
            ],
            table,
        ),
        chart=lambda width: _chart(people, width),
        datasets={"spaces": _rows(people)},
        roles=tuple(e.space.role for e in people.by_space if e.space.role),
    )
