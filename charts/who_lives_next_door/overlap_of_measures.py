"""How many of a token's nearest neighbours stay when the measure changes, over a sample of tokens."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.measures import MetricAgreementOfModel
from charts.figure import Column, Figure, Table, figure
from charts.layout import key, note, panels, role_colour, rows, stacked
from charts.palette import SHAPES
from charts.reading import Member, fixed, listed, members, of_role, rounded
from charts.theme import TEXT, is_narrow

MEASURES = {"euclidean": "Euclidean distance", "dot": "dot product"}


def counts_of(entry: MetricAgreementOfModel, measure: str) -> list[int]:
    """[overlap 0..k], number of sampled tokens."""
    return entry.overlap_cosine_euclidean if measure == "euclidean" else entry.overlap_cosine_dot


def mean_of(entry: MetricAgreementOfModel, measure: str) -> float:
    """Mean number of neighbours that cosine shares with a measure."""
    return entry.mean_overlap_cosine_euclidean if measure == "euclidean" else entry.mean_overlap_cosine_dot


def _shares(agreement: dict[str, MetricAgreementOfModel], models: dict[str, Member]) -> list[dict[str, Any]]:
    return [
        {
            "model": models[role].name,
            "role": role,
            "measure": measure,
            "shared": shared,
            "tokens": number,
            "percent": 100 * number / entry.sample,
        }
        for role, entry in agreement.items()
        for measure in MEASURES
        for shared, number in enumerate(counts_of(entry, measure))
    ]


def _title(agreement: dict[str, MetricAgreementOfModel], models: dict[str, Member]) -> str:
    """Says of each measure how many of cosine's neighbours it keeps, model by model."""
    k = next(iter(agreement.values())).k
    kept = {measure: {role: mean_of(entry, measure) for role, entry in agreement.items()} for measure in MEASURES}
    parts = "; ".join(f"{MEASURES[measure]} keeps {_means(means, models, n == 0)}" for n, (measure, means) in enumerate(kept.items()))
    if all(min(means[role] for means in kept.values()) < k / 2 for role in agreement):
        return f"Change the measure, and the neighbours change: of {k} by cosine, {parts}"
    return f"How far the measures agree: of {k} neighbours by cosine, {parts}"


def _means(means: dict[str, float], models: dict[str, Member], with_names: bool) -> str:
    return listed(fixed(mean, 1) + (f" in {models[role].name}" if with_names else "") for role, mean in means.items())


def _panel(
    measure: str, agreement: dict[str, MetricAgreementOfModel], models: dict[str, Member], top: float, height: int
) -> alt.LayerChart:
    """One measure against the cosine: two bars for every possible overlap."""
    k = next(iter(agreement.values())).k
    bars = (
        rows("shares")
        .transform_filter(f"datum.measure == '{measure}'")
        .mark_bar()
        .encode(
            x=alt.X(
                "shared:O",
                axis=alt.Axis(
                    values=list(range(0, k + 1, 5)),
                    labelAngle=0,
                    title=f"of {k} neighbours also near by {MEASURES[measure]}",
                    titlePadding=6,
                ),
                scale=alt.Scale(domain=list(range(k + 1)), paddingInner=0.25, paddingOuter=0.1),
            ),
            xOffset=alt.XOffset("role:N", scale=alt.Scale(domain=list(models))),
            y=alt.Y(
                "percent:Q",
                scale=alt.Scale(domain=[0, top], nice=False),
                axis=alt.Axis(title=None, tickCount=4, labelExpr="datum.value + '%'"),
            ),
            color=role_colour(models),
            tooltip=[
                alt.Tooltip("shared:O", title="shared neighbours"),
                alt.Tooltip("percent:Q", title="% of tokens", format=".1f"),
            ],
        )
    )
    heading = note(f"Cosine and {MEASURES[measure]}, % of tokens", -30, -38, "ink", fontWeight=600, fontSize=TEXT)
    means = [
        key(f"{models[role].name}: mean {fixed(mean_of(entry, measure), 1)}", -30 + 168 * n, -16, role, SHAPES[role])
        for n, (role, entry) in enumerate(agreement.items())
    ]
    return stacked(bars, heading, *means, height=height)


@figure(needs=("model_facts", "metric_agreement"))
def overlap_of_measures(data: Mapping[str, Any]) -> Figure:
    models = members(data)
    agreement = {role: of_role(data["metric_agreement"].by_model, role) for role in models}
    shares = _shares(agreement, models)
    top = math.ceil(max(row["percent"] for row in shares) / 10) * 10
    described = [
        f"{models[role].name}, {entry.sample:,} tokens drawn at random, {entry.k} neighbours each: the Euclidean list shares "
        f"{fixed(entry.mean_overlap_cosine_euclidean, 1)} with the cosine list on average (none for "
        f"{entry.overlap_cosine_euclidean[0]} tokens), the dot-product list {fixed(entry.mean_overlap_cosine_dot, 1)} (none for "
        f"{entry.overlap_cosine_dot[0]} tokens). Mean length of the neighbours' vectors: "
        f"{fixed(entry.mean_norm_neighbours_cosine)} by cosine, {fixed(entry.mean_norm_neighbours_euclidean)} by Euclidean "
        f"distance, {fixed(entry.mean_norm_neighbours_dot)} by dot product. Different tokens over all lists: "
        f"{entry.distinct_neighbours_cosine:,}, {entry.distinct_neighbours_euclidean:,} and {entry.distinct_neighbours_dot:,}. "
        f"{entry.not_own_nearest_by_dot:,} tokens have a larger dot product with some other token than with themselves."
        for role, entry in agreement.items()
    ]

    def chart(width: int) -> alt.TopLevelMixin:
        height = 150 if is_narrow(width) else 180
        return panels(
            [_panel(measure, agreement, models, top, height) for measure in MEASURES], width, left=34, right=4, gap=20, below=26
        )

    return Figure(
        title=_title(agreement, models),
        caption=(
            "For a random sample of the vocabulary: how many of the nearest tokens by cosine are also among the nearest by "
            "another measure. If length did not matter, all bars would stand at the right end. Both panels have one scale. "
            "*Where it misleads:* overlap counts places, not meaning; two lists without a common token can both be sensible."
        ),
        description=" ".join(described),
        table=Table(
            [
                Column("model", "model"),
                Column("measure_name", "cosine compared with"),
                Column("shared", "shared neighbours", "integer"),
                Column("tokens", "tokens", "integer"),
                Column("percent", "% of tokens", "number", 1),
            ],
            [row | {"measure_name": MEASURES[row["measure"]]} for row in shares],
        ),
        chart=chart,
        datasets={
            "shares": [
                {"role": row["role"], "measure": row["measure"], "shared": row["shared"], "percent": rounded(row["percent"], 2)}
                for row in shares
            ]
        },
        roles=tuple(models),
    )
