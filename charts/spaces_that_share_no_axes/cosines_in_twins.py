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
from charts.layout import controlled, note, one, panels, rows, stacked
from charts.palette import light
from charts.reading import fixed, rounded
from charts.spaces_that_share_no_axes.parts import chosen, down, range_of, twin_name
from charts.theme import TEXT, is_narrow


def between(values: list[float]) -> str:
    """A range that a heading may break: "0.86 to 0.91"."""
    return range_of(values).replace("–", " to ")


def agreements(twins: Twins, geometry: TwinGeometry) -> dict[str, float]:
    """Model -> Pearson r of its pairs' cosines with those of the first model."""
    return {pair.second: pair.rsa_pearson for pair in twins.pairs if pair.first == geometry.models[0]}


def _scatter(geometry: TwinGeometry, found: dict[str, float], height: int) -> alt.LayerChart:
    low = math.floor(min(min(row) for row in geometry.cosines) * 5) / 5
    scale = alt.Scale(domain=[low, 1], nice=False)
    ticks = [n / 5 for n in range(round(low * 5), 6) if n % 2 == 0]
    x = alt.X("a:Q", scale=scale, axis=alt.Axis(values=ticks, format=".1f", title=f"cosine in {twin_name(geometry.models[0])}"))
    y = alt.Y("b:Q", scale=scale, axis=alt.Axis(values=ticks, format=".1f", title=None))
    here = rows("pairs").transform_filter("datum.model == partner").transform_flatten(["a", "b", "first", "second"])
    dots = here.mark_point(size=20, opacity=0.45, color=light("accent")).encode(
        x=x,
        y=y,
        tooltip=[
            alt.Tooltip("first:N", title="word"),
            alt.Tooltip("second:N", title="and"),
            alt.Tooltip("a:Q", title="cosine, across", format=".2f"),
            alt.Tooltip("b:Q", title="cosine, up", format=".2f"),
        ],
    )
    ends = {"x": alt.X("a:Q", scale=scale), "y": alt.Y("a:Q", scale=scale)}
    diagonal = one(a=low, b=1).mark_rule(color=light("rule"), strokeDash=[4, 3]).encode(**ends, x2="b:Q", y2="b:Q")
    value = alt.expr(chosen({key: f"r = {fixed(r)}" for key, r in found.items()}, "partner"))
    name = alt.expr(chosen({key: f"up: cosine in {twin_name(key)}" for key in found}, "partner"))
    return stacked(diagonal, dots, note(value, 0, -26, "accent", fontSize=TEXT, fontWeight=600), note(name, 0, -9), height=height)


def _agreements(twins: Twins, found: dict[str, float], height: int) -> alt.LayerChart:
    """r with the first model, one row a model, and where the noise ceiling lies."""
    ceiling = twins.ceilings[0]
    scale = alt.Scale(domain=[min(0.0, *found.values()), 1], nice=False)
    axis = alt.Axis(values=[0, 0.2, 0.4, 0.6, 0.8, 1], format=".1f", title="r over all pairs")
    line = height / (len(found) + 0.5)
    band = one(low=ceiling.lower, high=ceiling.upper).mark_rect(color=light("baseline"), opacity=0.4)
    layers: list[Any] = [band.encode(x=alt.X("low:Q", scale=scale), x2="high:Q")]
    models = rows("agreements").transform_calculate(y=f"(datum.place + 0.75) * {line:.2f}")
    x, y = alt.X("r:Q", scale=scale, axis=axis), down(height)
    tip = [alt.Tooltip("name:N", title="model"), alt.Tooltip("r:Q", title="r", format=".3f")]
    for test, colour, size in (("datum.model == partner", "accent", 90), ("datum.model != partner", "ink-soft", 50)):
        layers.append(models.transform_filter(test).mark_point(color=light(colour), size=size).encode(x=x, y=y, tooltip=tip))
    names = models.mark_text(align="left", baseline="middle", fontSize=TEXT, color=light("ink"))
    layers.append(names.encode(x=alt.XValue(0), y=y, text="name:N"))
    heads = [
        note("agreement with skip-gram, seed 1", 0, -26, "ink", fontSize=TEXT, fontWeight=600),
        note("grey: noise ceiling, four skip-gram seeds", 0, -9),
    ]
    return stacked(*layers, *heads, height=height)


def _chart(geometry: TwinGeometry, twins: Twins, found: dict[str, float], partner: str, width: int) -> Any:
    narrow = is_narrow(width)
    both = [_scatter(geometry, found, 290 if narrow else 300), _agreements(twins, found, 170 if narrow else 300)]
    return controlled(panels(both, width, left=28, right=8, gap=22, below=58), partner=partner)


@figure(needs=("twin_geometry", "twins"))
def cosines_in_twins(data: Mapping[str, Any]) -> Figure:
    geometry, twins = data["twin_geometry"], data["twins"]
    found = agreements(twins, geometry)
    partner = next(iter(found))
    objective_of = {model.name: model.objective for model in twins.models}
    groups: dict[str, list[float]] = {}
    for pair in twins.pairs:
        both = {objective_of[pair.first], objective_of[pair.second]}
        groups.setdefault(f"{both.pop()} seeds" if len(both) == 1 else "objectives", []).append(pair.rsa_pearson)
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
            ("Alike in one twin, alike in the other" if min(map(min, groups.values())) > 0.5 else "Twins hardly agree on pairs")
            + f": the cosines of {len(pairs)} pairs correlate "
            + ", ".join(f"{between(rs)} between {name}" for name, rs in sorted(groups.items(), key=lambda group: group[0] == "objectives"))
        ),
        caption=(
            f"Each dot is a pair of the {len(words)} words: its cosine in one model, and in another. On the dashed line both are the "
            "same. Choose the other model. The other panel shows how each agrees with the first. *Where it misleads:* a pair shares "
            "its words with other pairs, so the dots are not independent, and r looks surer than it is; and the words are few, from "
            "three themes."
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
        chart=lambda width: _chart(geometry, twins, found, partner, width),
        datasets={
            "pairs": datasets,
            "agreements": [{"model": key, "name": twin_name(key), "r": r, "place": n} for n, (key, r) in enumerate(found.items())],
        },
        controls=[Control("partner", "Other model", "select", partner, options=[(key, twin_name(key)) for key in found])],
    )


def _first_rows(table: list[dict[str, Any]], geometry: TwinGeometry, number: int = 20):
    """The pairs that are most alike in the first model."""
    name = geometry.models[0].replace("-", "_")
    limit = sorted((row[name] for row in table), reverse=True)[: number + 1][-1]
    return lambda row: row[name] > limit
