"""The same word in two models: correlations of rows whose dimensions have nothing to do with each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.matrices import CorrelationSample, SameWord
from charts.figure import Column, Control, Figure, Table, figure
from charts.layout import controlled, note, rows, stacked
from charts.palette import light
from charts.reading import fixed, members, rounded
from charts.theme import SMALL, TEXT, is_narrow

RANGE = 0.25
MARKS = ["fails", "holds", "ink"]  # colours of the source’s value, the re-run’s and ours
WHAT = {
    "pairings": "one word, random pairings of dimensions",
    "same_word": "all shared words, each with itself",
    "other_word": "all shared words, each with another",
}


def _samples(same: SameWord) -> dict[str, CorrelationSample]:
    return {name: sample for name in WHAT if (sample := getattr(same, name)) is not None}


def _title(same: SameWord, models: list[str]) -> str:
    if same.widths_equal:
        return (
            f"Between {models[0]} and {models[1]} a word correlates no better with itself ({fixed(same.same_word.mean, 3)} on average) "
            f"than with another word ({fixed(same.other_word.mean, 3)})"
        )
    return (
        f"{same.decoder_dims} numbers against {same.encoder_dims}: no correlation is defined, and any way of forcing one gives about 0 "
        f"for the same word as for another"
    )


def _chart(same: SameWord, width: int) -> alt.TopLevelMixin:
    narrow = is_narrow(width)
    height = 190
    x_scale = alt.Scale(domain=[-RANGE, RANGE], nice=False, clamp=True)
    y_scale = alt.Scale(domain=[0, 10], nice=False)
    shown = rows("bins").transform_filter("datum.what == sample")
    axis = alt.Axis(values=[-0.2, -0.1, 0, 0.1, 0.2], format=".1f", title="Pearson correlation of the two rows", grid=False)
    area = shown.mark_area(
        interpolate="step-after", color=light("baseline"), fillOpacity=0.35, line={"strokeWidth": 1.5, "color": light("baseline")}
    ).encode(
        x=alt.X("r:Q", scale=x_scale, axis=axis),
        y=alt.Y("percent:Q", scale=y_scale, stack=None, axis=alt.Axis(title="% of correlations per 0.01", tickCount=4)),
    )
    curve = (
        rows("null")
        .mark_line(strokeWidth=1.5, strokeDash=[4, 3], color=light("ink"))
        .encode(x=alt.X("r:Q", scale=x_scale), y=alt.Y("percent:Q", scale=y_scale))
    )
    marks = rows("marks")
    rule = marks.mark_rule(strokeWidth=2).encode(
        x=alt.X("r:Q", scale=x_scale),
        y=alt.YValue(-8),
        y2=alt.Y2Value("height"),
        color=alt.Color("name:N", scale=alt.Scale(domain=MARKS, range=[light(name) for name in MARKS]), legend=None),
    )
    layers = [area, curve, rule]
    for n, mark in enumerate(_marks(same, narrow)):
        side = "right" if mark["r"] > 0.1 or (narrow and mark["r"] > 0) else "left"
        text = note(mark["text"], 0, -66 + 17 * n, mark["name"], fontSize=SMALL if narrow else TEXT, fontWeight=600, align=side)
        text.encoding.x = alt.X("r:Q", scale=x_scale)
        text.data = alt.Data(values=[{"r": mark["r"]}])
        text.mark.dx = -4 if side == "right" else 4
        layers.append(text)
    layers.append(note(f"dashed: independent rows, SD {fixed(same.null_standard_deviation, 3)}", 2, 12, "ink", fontSize=SMALL))
    plot = stacked(*layers, width=width - 40, height=height)
    return controlled(plot, sample=next(iter(_samples(same))))


def _marks(same: SameWord, narrow: bool = False) -> list[dict[str, Any]]:
    """Values of the word: published ones in the colours of verdicts, ours in ink."""
    marks = [
        {"r": same.published_source, "name": "fails", "text": f"the source says {fixed(same.published_source)}"},
        {"r": same.published_rerun, "name": "holds", "text": f"re-run of its code: {fixed(same.published_rerun)}"},
    ]
    if same.first_pairing is not None:
        ours = "ours" if same.widths_equal else f"ours, first {same.dims}{'' if narrow else ' dimensions'}"
        marks.append({"r": rounded(same.first_pairing), "name": "ink", "text": f"{ours}: {fixed(same.first_pairing)}"})
    return marks


def _null(same: SameWord) -> list[dict[str, Any]]:
    """The density of independent rows, in % per 0.01."""
    sd = same.null_standard_deviation
    points = [n * RANGE / 40 for n in range(-40, 41)]
    scale = 0.3989422804 / sd
    return [{"r": rounded(r), "percent": rounded(scale * 2.718281828459045 ** (-(r**2) / (2 * sd**2)), 3)} for r in points]


@figure(needs=("model_facts", "same_word"))
def same_word(data: Mapping[str, Any]) -> Figure:
    models = [member.name for member in members(data).values()]
    same: SameWord = data["same_word"]
    samples = _samples(same)
    bins = [
        {"what": name, "shown": WHAT[name], "from": low, "to": high, "count": number} | {"percent": 100 * number / sample.count, "r": low}
        for name, sample in samples.items()
        for low, high, number in zip(sample.histogram.edges, sample.histogram.edges[1:], sample.histogram.counts, strict=False)
    ]
    drawn = [
        {"what": row["what"], "r": row["from"], "percent": rounded(min(row["percent"], 10.0), 3)}
        for row in bins
        if abs(row["from"]) < RANGE
    ]
    most = max(row["percent"] for row in bins if row["what"] == next(iter(samples)))
    described = " ".join(
        f"{WHAT[name].capitalize()}: {sample.count:,} correlations, mean {fixed(sample.mean, 3)}, standard deviation "
        f"{fixed(sample.standard_deviation, 3)}."
        for name, sample in samples.items()
    )
    how = (
        "Both models have rows of equal width, so dimension 1 can be paired with 1 and so on, though nothing says they belong together."
        if same.widths_equal
        else f"{models[0]} has {same.decoder_dims} dimensions and {models[1]} {same.encoder_dims}: there is no pairing, so we made some "
        f"up: for the one word we chose {same.dims} of the wider one by lot, again and again; for all shared words we took the first "
        f"{same.dims}."
    )
    return Figure(
        title=_title(same, models),
        caption=(
            f"Correlations between rows of {models[0]} and {models[1]}. {how} The red and green lines are values for GPT-2 and BERT, "
            f"which have {same.published_dims} dimensions each: chance alone spreads such a value by a standard deviation of "
            f"{fixed(same.published_null_standard_deviation, 3)}. *Where it misleads:* a value about two standard deviations from "
            "zero looks like a finding; out of a hundred words, five lie that far out by chance."
        ),
        description=(
            f"{described} Published for “{same.word}” in GPT-2 and BERT: {fixed(same.published_source)} in the source’s text, "
            f"{fixed(same.published_rerun, 4)} where its code was run by another. {how}"
            + (f" Ours: {fixed(same.first_pairing, 3)}." if same.first_pairing is not None else "")
        ),
        table=Table(
            [
                Column("shown", "sample"),
                Column("from", "correlation from", "number", 2),
                Column("to", "to", "number", 2),
                Column("count", "correlations", "integer"),
                Column("percent", "% of them", "number", 2),
            ],
            bins,
            default_rows=lambda row: row["what"] == next(iter(samples)) and row["percent"] >= most / 3,
        ),
        chart=lambda width: _chart(same, width),
        datasets={"bins": drawn, "null": _null(same), "marks": [{"r": m["r"], "name": m["name"]} for m in _marks(same)]},
        controls=[
            Control("sample", "Show", "select", next(iter(samples)), options=[(name, WHAT[name]) for name in samples]),
        ],
    )
