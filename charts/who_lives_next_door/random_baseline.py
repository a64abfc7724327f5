"""How similar two tokens drawn at random are: the baseline beside which every cosine has to be read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.neighbours import CosineDistribution, RandomPairsOfModel
from charts.figure import Column, Control, Figure, Table, figure
from charts.layout import controlled, cosine_domain, cosine_x, role_colour, rows, stacked
from charts.palette import light
from charts.reading import Member, capitalised, degrees, filled_bins, fixed, listed, members, of_role, rounded
from charts.theme import TEXT, is_narrow

NEAR_ZERO = 0.1  # a mean cosine below it may be called "about 0" in a sentence

NOT_DRAWN = 0.05  # % of pairs in a bin: less than a pixel high


def _rows(pairs: dict[str, RandomPairsOfModel], models: dict[str, Member]) -> list[dict[str, Any]]:
    bins = []
    for role, entry in pairs.items():
        for centred, distribution in ((False, entry.all_tokens), (True, entry.centred)):
            total = sum(distribution.histogram.counts)
            for low, high, number in filled_bins(distribution.histogram):
                bins.append(
                    {
                        "model": models[role].name,
                        "role": role,
                        "centred": centred,
                        "from_cosine": low,
                        "to_cosine": high,
                        "pairs": number,
                        "percent_of_pairs": 100 * number / total,
                    }
                )
    return bins


def _summary(role: str, centred: bool, member: Member, distribution: CosineDistribution) -> dict[str, Any]:
    mean = rounded(distribution.mean)
    return {
        "role": role,
        "centred": centred,
        "mean": mean,
        "low": rounded(distribution.percentiles["1"]),
        "high": rounded(distribution.percentiles["99"]),
        "text": [member.name, f"mean {fixed(mean)} = {degrees(mean)}"],
    }


def _title(pairs: dict[str, RandomPairsOfModel], models: dict[str, Member]) -> str:
    means = {role: entry.all_tokens.mean for role, entry in pairs.items()}
    parts = listed(f"{fixed(mean)} in {models[role].name}" for role, mean in means.items())
    if all(abs(mean) < NEAR_ZERO for mean in means.values()):
        return f"Two random tokens are close to a right angle: their cosine averages {parts}"
    return f"Two random tokens need not be at a right angle: their cosine averages {parts}"


def _chart(bins: list[dict[str, Any]], summaries: list[dict[str, Any]], models: dict[str, Member], width: int) -> alt.TopLevelMixin:
    domain = cosine_domain([row["from_cosine"] for row in bins])
    bin_width = bins[0]["to_cosine"] - bins[0]["from_cosine"]
    colour = role_colour(models)
    x = cosine_x(domain, "from_cosine:Q", title="cosine of a random pair, and its angle")
    shown = rows("bins").transform_filter("datum.centred == centred")
    areas = shown.mark_area(interpolate="step-after", fillOpacity=0.3, line={"strokeWidth": 1.5}).encode(
        x=x,
        y=alt.Y("percent:Q", stack=None, axis=alt.Axis(title=f"% of pairs per {bin_width:.2g} of cosine", titleY=-58, tickCount=4)),
        color=colour,
    )
    mean = rows("means").transform_filter("datum.centred == centred")
    lowest = min((row for row in summaries if not row["centred"]), key=lambda row: row["mean"])["role"]
    layers = []
    for role in models:
        here = mean.transform_filter(f"datum.role == '{role}'")
        side = {"align": "right", "dx": -6} if role == lowest and len(models) > 1 else {"align": "left", "dx": 6}
        style = {"color": light(role), "baseline": "top", "fontSize": TEXT, "fontWeight": 600, "lineHeight": 16} | side
        layers.append(
            here.mark_rule(color=light(role), strokeWidth=1.5).encode(x="mean:Q", y=alt.YValue(-46), y2=alt.Y2Value("height"))
        )
        layers.append(here.mark_text(**style).encode(x="mean:Q", y=alt.YValue(-46), text="text:N"))
    return controlled(stacked(areas, *layers, width=width - 40, height=200 if is_narrow(width) else 240), centred=False)


@figure(needs=("model_facts", "random_pairs"))
def random_baseline(data: Mapping[str, Any]) -> Figure:
    models = members(data)
    pairs = {role: of_role(data["random_pairs"].by_model, role) for role in models}
    bins = _rows(pairs, models)
    summaries = [
        _summary(role, centred, models[role], entry.centred if centred else entry.all_tokens)
        for role, entry in pairs.items()
        for centred in (False, True)
    ]
    drawn = [
        {name: row[name] for name in ("role", "centred", "from_cosine", "to_cosine")}
        | {"percent": rounded(row["percent_of_pairs"], 2)}
        for row in bins
        if row["percent_of_pairs"] >= NOT_DRAWN
    ]
    sentences = [
        f"{models[role].name}: mean {fixed(entry.all_tokens.mean)} ({degrees(entry.all_tokens.mean)}), standard deviation "
        f"{fixed(entry.all_tokens.standard_deviation)}, 98% of pairs between {fixed(entry.all_tokens.percentiles['1'])} and "
        f"{fixed(entry.all_tokens.percentiles['99'])}; among whole words only the mean is {fixed(entry.whole_words.mean)}; "
        f"once the mean vector is subtracted it is {fixed(entry.centred.mean)}."
        for role, entry in pairs.items()
    ]
    number = listed(dict.fromkeys(f"{entry.all_tokens.count:,}" for entry in pairs.values()))
    return Figure(
        title=_title(pairs, models),
        caption=(
            f"{number} pairs of different tokens drawn at random from each vocabulary; the vertical lines are the means "
            f"(bins with less than {NOT_DRAWN}% of the pairs are too low to be drawn). "
            "Tick *Subtract the mean vector* to take away what most tokens of a model have in common: "
            + capitalised(
                listed(f"{models[role].name}'s mean moves to {fixed(entry.centred.mean)}" for role, entry in pairs.items())
            )
            + ". *Where it misleads:* the vocabulary counts every token once, however rare it is in text, so odd and hardly "
            "trained tokens weigh as much as common words."
        ),
        description=" ".join(sentences),
        table=Table(
            [
                Column("model", "model"),
                Column("centred", "mean vector subtracted"),
                Column("from_cosine", "cosine from", "number", 2),
                Column("to_cosine", "to", "number", 2),
                Column("pairs", "pairs", "integer"),
                Column("percent_of_pairs", "% of pairs", "number", 2),
            ],
            bins,
            default_rows=lambda row: not row["centred"],
        ),
        chart=lambda width: _chart(drawn, summaries, models, width),
        datasets={"bins": drawn, "means": summaries},
        controls=[Control("centred", "Subtract the mean vector", "checkbox", False)],
        roles=tuple(models),
    )
