"""Mean, variance and length of every row, and its cosine with the mean vector: two models, one scale."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.matrices import RowMeasure, RowStatisticsOfModel
from charts.figure import Column, Control, Figure, Table, figure
from charts.layout import controlled, joined, rows, stacked
from charts.palette import light
from charts.reading import Member, fixed, listed, members, of_role, rounded
from charts.theme import TEXT, is_narrow

MEASURES = {
    "variances": "variance of a row",
    "means": "mean of a row",
    "norms": "length of a row (norm)",
    "cosines_with_mean": "cosine with the mean vector",
}
DECIMALS = {"variances": 4, "means": 4, "norms": 2, "cosines_with_mean": 2}


def measure(entry: RowStatisticsOfModel, name: str) -> RowMeasure:
    """The distribution of one measure over a model's rows. name: a field's name."""
    return getattr(entry, name)


def variance_ratio(found: dict[str, RowStatisticsOfModel]) -> float:
    """How many times larger the decoder's mean variance is than the encoder's."""
    return found["decoder"].variances.mean / found["encoder"].variances.mean


def apart(found: dict[str, RowStatisticsOfModel]) -> bool:
    """Whether nine rows in ten of the one lie wholly above nine in ten of the other."""
    low, high = sorted((entry.variances for entry in found.values()), key=lambda v: v.mean)
    return low.percentile_95 < high.percentile_5


def _title(found: dict[str, RowStatisticsOfModel], models: dict[str, Member]) -> str:
    ratio = variance_ratio(found)
    more, less = ("decoder", "encoder") if ratio >= 1 else ("encoder", "decoder")
    times = fixed(max(ratio, 1 / ratio), 1)
    if times == "1.0":
        return f"The rows of {listed(member.name for member in models.values())} vary alike: their mean variances agree"
    overlap = "nine rows in ten of each lie apart" if apart(found) else "the two hills overlap"
    return f"A row of {models[more].name} varies {times} times as much as one of {models[less].name}: {overlap}"


def _bins(found: dict[str, RowStatisticsOfModel], models: dict[str, Member]) -> list[dict[str, Any]]:
    drawn = []
    limits = {name: _limits(found, name) for name in MEASURES}
    for role, entry in found.items():
        for name in MEASURES:
            histogram = measure(entry, name).histogram
            total = sum(histogram.counts)
            low, high = limits[name]
            for start, end, number in zip(histogram.edges, histogram.edges[1:], histogram.counts, strict=False):
                drawn.append(
                    {"role": role, "model": models[role].name, "measure": name, "from": start, "to": end, "rows": number}
                    | {"percent": 100 * number / total, "inside": low <= start and end <= high and number > 0}
                )
    return drawn


def _limits(found: dict[str, RowStatisticsOfModel], name: str) -> list[float]:
    """The common axis of both models: where nearly all rows lie, zero included for what cannot be negative."""
    values = [measure(entry, name) for entry in found.values()]
    span = max(v.percentile_95 - v.percentile_5 for v in values)
    low = min(v.percentile_5 for v in values) - span * 0.6
    high = max(v.percentile_95 for v in values) + span * 0.6
    low = max(low, min(v.minimum for v in values)) if name == "means" else low
    if name in ("variances", "norms"):
        low = 0.0
    if name == "cosines_with_mean":
        low, high = max(-1.0, low), min(1.0, high)
    return [rounded(low, 6), rounded(high, 6)]


def _panel(role: str, found: dict[str, RowStatisticsOfModel], models: dict[str, Member], width: int, last: bool) -> alt.LayerChart:
    lows = " : ".join(f"measure == '{name}' ? {_limits(found, name)[0]}" for name in MEASURES) + " : 0"
    highs = " : ".join(f"measure == '{name}' ? {_limits(found, name)[1]}" for name in MEASURES) + " : 1"
    x_scale = alt.Scale(domain=[alt.ExprRef(lows), alt.ExprRef(highs)], nice=False, zero=False, clamp=True)
    axis = alt.Axis(tickCount=5, labelFlush=True, title=None) if last else alt.Axis(tickCount=5, labels=False, title=None)
    shown = rows("bins").transform_filter(f"datum.role == '{role}' && datum.measure == measure")
    bars = shown.mark_rect(color=light(role), opacity=0.75).encode(
        x=alt.X("from:Q", scale=x_scale, axis=axis),
        x2="to:Q",
        y=alt.Y("percent:Q", axis=alt.Axis(tickCount=3, title="% of rows in a bar", minExtent=30), scale=alt.Scale(zero=True, nice=False)),
        y2=alt.Y2Value("height"),
        tooltip=[
            alt.Tooltip("from:Q", format=".3~f"),
            alt.Tooltip("to:Q", format=".3~f"),
            alt.Tooltip("percent:Q", title="% of rows", format=".1f"),
        ],
    )
    name = (
        rows("means")
        .transform_filter(f"datum.role == '{role}' && datum.measure == measure")
        .mark_text(align="right", baseline="bottom", color=light(role), fontSize=TEXT, fontWeight=600)
        .encode(x=alt.XValue(width), y=alt.YValue(-6), text="text:N")
    )
    mean = (
        rows("means")
        .transform_filter(f"datum.role == '{role}' && datum.measure == measure")
        .mark_rule(color=light("ink"), strokeWidth=1.5)
        .encode(x=alt.X("mean:Q", scale=x_scale))
    )
    return stacked(bars, mean, name, width=width, height=110)


@figure(needs=("model_facts", "row_statistics"))
def row_distributions(data: Mapping[str, Any]) -> Figure:
    models = members(data)
    found = {role: of_role(data["row_statistics"].by_model, role) for role in models}
    bins = _bins(found, models)
    most = {role: max(row["percent"] for row in bins if row["role"] == role and row["measure"] == "variances") for role in models}
    described = []
    for role, entry in found.items():
        parts = listed(
            f"{shown} mean {fixed(measure(entry, name).mean, DECIMALS[name])}, nine in ten between "
            f"{fixed(measure(entry, name).percentile_5, DECIMALS[name])} and {fixed(measure(entry, name).percentile_95, DECIMALS[name])}"
            for name, shown in MEASURES.items()
        )
        pair = entry.average_pair_cosine
        described.append(
            f"{models[role].name}: {parts}. The average cosine of all pairs of rows is {fixed(pair.raw, 3)}, "
            f"{fixed(pair.row_means_removed, 3)} as a Pearson correlation, and {fixed(pair.mean_vector_removed, 3)} once the mean vector "
            "is subtracted."
        )
    means = [
        {"role": role, "measure": name, "mean": rounded(measure(entry, name).mean, 6)}
        | {"text": f"{models[role].name}, mean {fixed(measure(entry, name).mean, DECIMALS[name])}"}
        for role, entry in found.items()
        for name in MEASURES
    ]

    def chart(width: int) -> alt.TopLevelMixin:
        plot = width - (44 if is_narrow(width) else 46)
        sides = [_panel(role, found, models, plot, role == list(models)[-1]) for role in models]
        return controlled(joined(*sides, beside=False, spacing=22), measure="variances")

    return Figure(
        title=_title(found, models),
        caption=(
            "One number for each row of the matrix, over the whole vocabulary; the dark line is the mean. Both panels share one scale, "
            "chosen so that nearly all rows fit; what lies beyond is in the table. *Where it misleads:* that one matrix has larger "
            "numbers says nothing about which model is better, or surer. A model that normalises what it adds up can double a matrix "
            "and lose nothing."
        ),
        description=" ".join(described),
        table=Table(
            [
                Column("model", "model"),
                Column("shown", "number for each row"),
                Column("from", "from", "number", 5),
                Column("to", "to", "number", 5),
                Column("rows", "rows", "integer"),
                Column("percent", "% of rows", "number", 2),
            ],
            [row | {"shown": MEASURES[row["measure"]]} for row in bins],
            default_rows=lambda row: row["measure"] == "variances" and row["percent"] >= 0.97 * most[row["role"]],
        ),
        chart=chart,
        datasets={
            "bins": [
                {name: row[name] for name in ("role", "measure")}
                | {"from": rounded(row["from"], 6), "to": rounded(row["to"], 6), "percent": rounded(row["percent"], 2)}
                for row in bins
                if row["inside"]
            ],
            "means": means,
        },
        controls=[Control("measure", "For each row", "select", "variances", options=list(MEASURES.items()))],
        roles=tuple(models),
    )
