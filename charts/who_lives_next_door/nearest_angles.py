"""How far every whole word's nearest neighbour is, as an angle, over the whole vocabulary of both models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.neighbours import NearestNeighbourOfModel
from charts.figure import Column, Figure, Table, figure
from charts.layout import note, one, role_colour, rows, stacked
from charts.palette import light
from charts.reading import Member, angle, count, filled_bins, fixed, listed, members, of_role, percent, rounded
from charts.theme import TEXT, is_narrow

SAME = 18  # degrees; within them (cosine above 0.95) "virtually the same direction" could pass
RARE = 0.01  # a share of words below it may be called rare


def _rows(nearest: dict[str, NearestNeighbourOfModel], models: dict[str, Member]) -> list[dict[str, Any]]:
    """One row a bin, from small angles to large. Equal bins of cosine are unequal bins of angle, hence the density."""
    found = []
    for role, entry in nearest.items():
        distribution = entry.nearest_whole_words
        for low, high, number in reversed(filled_bins(distribution.histogram)):
            start, end = angle(high), angle(low)
            if end > start:
                found.append(
                    {
                        "model": models[role].name,
                        "role": role,
                        "from_degrees": start,
                        "to_degrees": end,
                        "words": number,
                        "percent_per_degree": 100 * number / distribution.count / (end - start),
                    }
                )
    return found


def _within(entry: NearestNeighbourOfModel) -> float:
    """The share of whole words that have a neighbour within 18 degrees."""
    return entry.within_18_degrees / max(entry.nearest_whole_words.count, 1)


def _title(nearest: dict[str, NearestNeighbourOfModel], models: dict[str, Member]) -> str:
    medians = listed(f"{fixed(e.angle_percentiles_degrees['50'], 0)}° away in {models[role].name}" for role, e in nearest.items())
    if all(_within(entry) < RARE for entry in nearest.values()):
        return f"Hardly any word has a neighbour in the same direction: the nearest one is typically {medians}"
    same = listed(f"{percent(_within(entry))} in {models[role].name}" for role, entry in nearest.items())
    return f"The nearest neighbour is typically {medians}; it is within {SAME}° for {same}"


def _outlines(bins: list[dict[str, Any]], models: dict[str, Member]) -> list[dict[str, Any]]:
    """What is drawn of the bins: their left edges and heights, and the end of each outline."""
    drawn = [
        {"role": row["role"], "from": rounded(row["from_degrees"], 2), "density": rounded(row["percent_per_degree"], 2)}
        for row in bins
    ]
    for role in models:
        last = [row for row in bins if row["role"] == role][-1]
        drawn.append({"role": role, "from": rounded(last["to_degrees"], 2), "density": 0})
    return drawn


def _chart(furthest: float, nearest: dict[str, NearestNeighbourOfModel], models: dict[str, Member], width: int):
    height = 190 if is_narrow(width) else 230
    end = 90 if furthest <= 90 else 180
    x = alt.X(
        "from:Q",
        scale=alt.Scale(domain=[0, end], nice=False),
        axis=alt.Axis(
            values=list(range(0, end + 1, 15 if end == 90 else 30)),
            labelExpr="datum.value + '°'",
            title="angle to the nearest neighbour",
            titlePadding=6,
            labelFlush=False,
        ),
    )
    areas = (
        rows("bins")
        .mark_area(interpolate="step-after", fillOpacity=0.3, line={"strokeWidth": 1.5})
        .encode(
            x=x,
            y=alt.Y("density:Q", stack=None, axis=alt.Axis(title="% of words per degree", tickCount=4)),
            color=role_colour(models),
        )
    )
    zone = (
        one(**{"from": 0, "to": SAME})
        .mark_rect(color=light("baseline"), opacity=0.18)
        .encode(x=x, x2="to:Q", y=alt.YValue(0), y2=alt.Y2Value(height))
    )
    layers: list[Any] = [zone, areas, note(["the same", "direction"], 4, 14)]
    for n, (role, entry) in enumerate(nearest.items()):
        median = rounded(entry.angle_percentiles_degrees["50"], 1)
        at = one(**{"from": median, "text": f"{models[role].name}: {fixed(median, 0)}°"})
        y = -20 * (len(models) - n) - 4
        layers.append(at.mark_rule(color=light(role), strokeWidth=1.5).encode(x=x, y=alt.YValue(y - 2), y2=alt.Y2Value(height)))
        style = {"align": "left", "baseline": "middle", "dx": 6, "fontSize": TEXT, "fontWeight": 600}
        layers.append(at.mark_text(color=light(role), **style).encode(x=x, y=alt.YValue(y), text="text:N"))
    return stacked(*layers, width=width - 40, height=height)


@figure(needs=("model_facts", "nearest_neighbours"))
def nearest_angles(data: Mapping[str, Any]) -> Figure:
    models = members(data)
    nearest = {role: of_role(data["nearest_neighbours"].by_model, role) for role in models}
    bins = _rows(nearest, models)
    described = [
        f"{models[role].name}: of {entry.nearest_whole_words.count:,} whole words half have their nearest neighbour more than "
        f"{fixed(entry.angle_percentiles_degrees['50'], 1)}° away, nine in ten between "
        f"{listed(f'{fixed(a, 1)}°' for a in sorted(entry.angle_percentiles_degrees[p] for p in ('5', '95')))}; "
        f"{count(entry.within_18_degrees, 'has', 'have')} one within {SAME}°."
        for role, entry in nearest.items()
    ]
    return Figure(
        title=_title(nearest, models),
        caption=(
            "For every whole word of the vocabulary, the angle to the token nearest to it; the vertical lines are the medians. "
            f"Hubs, under-trained, duplicate and special tokens are left out as starting points. The grey strip marks {SAME}° (a "
            "cosine of 0.95): what could still pass as the same direction. *Where it misleads:* the nearest neighbour is often "
            "only another spelling of the word, so the nearest *other* word is further still."
        ),
        description=" ".join(described),
        table=Table(
            [
                Column("model", "model"),
                Column("from_degrees", "from degrees", "number", 1),
                Column("to_degrees", "to degrees", "number", 1),
                Column("words", "words", "integer"),
                Column("percent_per_degree", "% of words per degree", "number", 2),
            ],
            bins,
        ),
        chart=lambda width: _chart(max(row["to_degrees"] for row in bins), nearest, models, width),
        datasets={"bins": _outlines(bins, models)},
        roles=tuple(models),
    )
