"""Cosines of all pairs of words in two small models: one dot a pair."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import combinations
from typing import Any

import altair as alt

from artefacts.schemas.spaces import TwinGeometry
from artefacts.schemas.twins import Twins
from charts.figure import Column, Control, Figure, Table, figure
from charts.layout import controlled, note, one, rows, stacked
from charts.palette import light
from charts.reading import fixed, rounded
from charts.spaces_that_share_no_axes.parts import chosen, range_of, twin_name
from charts.theme import TEXT, is_narrow


def agreements(twins: Twins, geometry: TwinGeometry) -> dict[str, float]:
    """Model -> Pearson r of its pairs' cosines with those of the first model."""
    return {pair.second: pair.rsa_pearson for pair in twins.pairs if pair.first == geometry.models[0]}


def _chart(geometry: TwinGeometry, found: dict[str, float], partner: str, width: int) -> alt.TopLevelMixin:
    narrow = is_narrow(width)
    side = width - 46 if narrow else 420
    low = math.floor(min(min(row) for row in geometry.cosines) * 5) / 5
    scale = alt.Scale(domain=[low, 1], nice=False)
    ticks = [n / 5 for n in range(round(low * 5), 6) if n % 2 == 0]
    here = rows("pairs").transform_filter("datum.model == partner").transform_flatten(["a", "b", "first", "second"])
    dots = here.mark_point(size=22, opacity=0.45, color=light("accent")).encode(
        x=alt.X("a:Q", scale=scale, axis=alt.Axis(values=ticks, format=".1f", title=f"cosine in {twin_name(geometry.models[0])}")),
        y=alt.Y("b:Q", scale=scale, axis=alt.Axis(values=ticks, format=".1f", title=None)),
        tooltip=[
            alt.Tooltip("first:N", title="word"),
            alt.Tooltip("second:N", title="and"),
            alt.Tooltip("a:Q", title="cosine, across", format=".2f"),
            alt.Tooltip("b:Q", title="cosine, up", format=".2f"),
        ],
    )
    diagonal = (
        one(a=low, b=1)
        .mark_rule(color=light("rule"), strokeDash=[4, 3])
        .encode(x=alt.X("a:Q", scale=scale), x2="b:Q", y=alt.Y("a:Q", scale=scale), y2="b:Q")
    )
    name = alt.expr(chosen({key: f"up: cosine in {twin_name(key)}" for key in found}, "partner"))
    value = alt.expr(chosen({key: f"r = {fixed(r)}" for key, r in found.items()}, "partner"))
    return controlled(
        stacked(
            diagonal,
            dots,
            note(value, 0, -26, "accent", fontSize=TEXT, fontWeight=600),
            note(name, 0, -9),
            width=side,
            height=side,
        ),
        partner=partner,
    )


@figure(needs=("twin_geometry", "twins"))
def cosines_in_twins(data: Mapping[str, Any]) -> Figure:
    geometry, twins = data["twin_geometry"], data["twins"]
    found = agreements(twins, geometry)
    partner = next(iter(found))
    objective_of = {model.name: model.objective for model in twins.models}
    groups: dict[bool, list[float]] = {True: [], False: []}  # by whether the objective is the same
    for pair in twins.pairs:
        groups[objective_of[pair.first] == objective_of[pair.second]].append(pair.rsa_pearson)
    pairs = list(combinations(range(len(geometry.words)), 2))
    of = dict(zip(geometry.models, geometry.cosines, strict=True))
    base = of[geometry.models[0]]
    words = geometry.words
    datasets = [
        {
            "model": model,
            "a": [rounded(c, 3) for c in base],
            "b": [rounded(c, 3) for c in of[model]],
            "first": [words[i] for i, _ in pairs],
            "second": [words[j] for _, j in pairs],
        }
        for model in found
    ]
    table = [
        {"first": words[i], "second": words[j]} | {model.replace("-", "_"): of[model][n] for model in geometry.models}
        for n, (i, j) in enumerate(pairs)
    ]
    ceiling = twins.ceilings[0]
    return Figure(
        title=(
            ("Pairs that are alike in one twin are alike in the other" if min(groups[True]) > 0.5 else "Twins hardly agree on pairs")
            + f": the cosines of {len(pairs)} pairs correlate "
            f"{range_of(groups[True])} between seeds" + (f", {range_of(groups[False])} between objectives" if groups[False] else "")
        ),
        caption=(
            f"Each dot is a pair of the {len(words)} words: its cosine in one model, and in another. On the dashed line both are the same. "
            "Choose the other model. *Where it misleads:* a pair shares its words with other pairs, so the dots are not independent, and "
            "r looks surer than it is; and the words are few, from three themes."
        ),
        description=(
            f"Correlation with {twin_name(geometry.models[0])} over {len(pairs)} pairs: "
            + ", ".join(f"{twin_name(model)} {fixed(r)}" for model, r in found.items())
            + f". Noise ceiling of {ceiling.models} {ceiling.objective} models: {fixed(ceiling.lower)} to {fixed(ceiling.upper)}."
        ),
        table=Table(
            [
                Column("first", "word"),
                Column("second", "and"),
                *(Column(model.replace("-", "_"), twin_name(model), "number", 3) for model in geometry.models),
            ],
            sorted(table, key=lambda row: -row[geometry.models[0].replace("-", "_")]),
            default_rows=_first_rows(table, geometry),
        ),
        chart=lambda width: _chart(geometry, found, partner, width),
        datasets={"pairs": datasets},
        controls=[Control("partner", "Other model", "select", partner, options=[(key, twin_name(key)) for key in found])],
    )


def _first_rows(table: list[dict[str, Any]], geometry: TwinGeometry, number: int = 20):
    """The pairs that are most alike in the first model."""
    name = geometry.models[0].replace("-", "_")
    limit = sorted((row[name] for row in table), reverse=True)[: number + 1][-1]
    return lambda row: row[name] > limit
