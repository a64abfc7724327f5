"""The corner of the map of layers: what becomes of its low score when the first vectors are treated in other ways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.layers import CornerScore, MapCorner, ResampledScore
from charts.figure import Column, Figure, Table, figure
from charts.inside_the_layers.parts import outer_domain
from charts.layout import key, one, rows, stacked
from charts.palette import light
from charts.reading import Member, fixed, members, rounded
from charts.theme import TEXT, is_narrow

LANE = 46  # px: a label, and below it two intervals
LABEL, ALL, GIVEN = 14, 27, 36  # px below the top of a lane
WAYS = {
    "raw": "as they are",
    "centred": "mean of ordinary tokens off",
    "without_rogue": "loudest dimensions removed",
    "nouns_centred": "mean of these nouns off",
    "standardised": "standardised",
    "standardised_nouns_centred": "standardised, mean of these nouns off",
    "without_few_varied": "most varied dimensions off",
    "without_some_varied": "most varied dimensions off",
    "without_many_varied": "most varied dimensions off",
    "without_many_by_lot": "dimensions off by lot",
}


def label_of(score: CornerScore, models: Mapping[str, Member]) -> str:
    """How both models' vectors were treated, and whose where they differ."""
    of_decoder = f"{score.removed} {WAYS[score.decoder]}" if score.removed else WAYS[score.decoder]
    if score.decoder == score.encoder:
        way = of_decoder
    elif score.encoder == "raw":
        way = f"{of_decoder}: {models['decoder'].name} alone"
    else:
        way = f"{WAYS[score.encoder]}: {models['encoder'].name} alone"
    return f"layer {score.decoder_layer}: {way}" if score.decoder_layer else way


def _title(found: MapCorner, decoder: str) -> str:
    ways = {(score.decoder, score.encoder): score for score in found.scores if score.decoder_layer == 0}
    raw, treated = ways["raw", "raw"], ways["standardised", "raw"]
    if treated.pearson.change_low <= 0:
        return f"The first layers agree at {fixed(raw.pearson.value)}, and standardising {decoder}’s vectors does not help beyond doubt"
    start = f"With {decoder}’s vectors standardised, the first layers agree at {fixed(treated.pearson.value)} instead of "
    if treated.given_category.change_low <= 0:
        return f"{start}{fixed(raw.pearson.value)}; with the categories held constant, no gain is beyond doubt"
    return f"{start}{fixed(raw.pearson.value)}, and better also with the categories held constant"


def _chart(scores: list[CornerScore], domain: list[float], width: int) -> alt.TopLevelMixin:
    height = LANE * len(scores)
    x = alt.Scale(domain=domain, nice=False, zero=False)
    axis = alt.Axis(title="agreement, r", titleAnchor="end", tickCount=6, format=".1f")
    y = alt.Scale(domain=[height, 0], nice=False)

    def at(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=x, axis=axis)

    tips = [
        alt.Tooltip("label:N", title="vectors"),
        alt.Tooltip("kind:N", title="what"),
        alt.Tooltip("value:Q", title="r", format=".3f"),
        alt.Tooltip("low:Q", title="from", format=".3f"),
        alt.Tooltip("high:Q", title="to", format=".3f"),
    ]
    layers: list[Any] = []
    for kind, colour, shape in (("all", "above-zero", "circle"), ("given", "ink-soft", "diamond")):
        here = rows("scores").transform_filter(f"datum.kind == '{kind}'")
        place = alt.Y("y:Q", scale=y, axis=None)
        layers.append(here.mark_rule(color=light(colour), strokeWidth=2, opacity=0.6).encode(x=at("low"), x2="high:Q", y=place))
        layers.append(here.mark_point(shape=shape, size=60, color=light(colour)).encode(x=at("value"), y=place, tooltip=tips))
    labels = rows("scores").transform_filter("datum.kind == 'all'").transform_calculate(above=f"datum.y - {ALL - LABEL}")
    layers.append(
        labels.mark_text(align="left", baseline="alphabetic", color=light("ink"), fontSize=TEXT).encode(
            x=alt.XValue(0), y=alt.Y("above:Q", scale=y, axis=None), text="label:N"
        )
    )
    above = LANE * sum(score.decoder_layer == 0 for score in scores)
    layers.append(one().mark_rule(color=light("ink-soft")).encode(x=alt.XValue(0), x2=alt.X2Value("width"), y=alt.YValue(above)))
    narrow = is_narrow(width)
    layers += key("all pairs", 0, -10 - (18 if narrow else 0), "above-zero", "circle")
    layers += key("categories held constant", 0 if narrow else 110, -10, "ink-soft", "diamond")
    side = 8 if narrow else 14
    return stacked(*layers, width=width - 2 * side, height=height)


def _drawn(scores: list[tuple[str, CornerScore]]) -> list[dict[str, Any]]:
    drawn = []
    for n, (label, score) in enumerate(scores):
        for kind, found, below in (("all", score.pearson, ALL), ("given", score.given_category, GIVEN)):
            drawn.append({"label": label, "kind": kind, "y": n * LANE + below} | _ends(found))
    return drawn


def _ends(found: ResampledScore) -> dict[str, float]:
    return {"value": rounded(found.value), "low": rounded(found.low), "high": rounded(found.high)}


@figure(needs=("model_facts", "layer_words", "map_corner"))
def map_corner(data: Mapping[str, Any]) -> Figure:
    models, found = members(data), data["map_corner"]
    decoder, encoder = (models[role].name for role in ("decoder", "encoder"))
    scores = [(label_of(score, models), score) for score in found.scores]
    drawn = _drawn(scores)
    table = [
        {"label": label, "given_value": score.given_category.value}
        | {name: getattr(score.pearson, name) for name in ("value", "low", "high", "change", "change_low", "change_high")}
        | {f"given_{name}": getattr(score.given_category, name) for name in ("change", "change_low", "change_high")}
        for label, score in scores
    ]
    return Figure(
        title=_title(found, decoder),
        caption=(
            f"How well the pair cosines of {decoder}’s layer 0 (the last two: layer 1) agree with those of {encoder}’s layer 0. Lines: "
            f"the middle 95% when the {len(data['layer_words'].words)} words are drawn anew, {found.resamples:,} times. Diamonds: the "
            "partial correlation, with the words’ category held constant. The table has the change from the vectors as they are, and its "
            "interval, from the same draws of words. *Where it misleads:* we tried all these ways and show all of them, but no interval "
            "allows for choosing the best. Intervals that overlap do not show that two rows are equal: their change is in the table."
        ),
        description=" ".join(
            f"{label[0].upper()}{label[1:]}: r = {fixed(score.pearson.value)}, from {fixed(score.pearson.low)} to "
            f"{fixed(score.pearson.high)}; with the categories held constant {fixed(score.given_category.value)}."
            for label, score in scores
        ),
        table=Table(
            [
                Column("label", "vectors"),
                Column("value", "r", "number", 3),
                Column("low", "from", "number", 3),
                Column("high", "to", "number", 3),
                Column("change", "change", "number", 3),
                Column("change_low", "change, from", "number", 3),
                Column("change_high", "change, to", "number", 3),
                Column("given_value", "r, categories held constant", "number", 3),
                Column("given_change", "its change", "number", 3),
                Column("given_change_low", "its change, from", "number", 3),
                Column("given_change_high", "its change, to", "number", 3),
            ],
            table,
        ),
        chart=lambda width: _chart(found.scores, outer_domain([v for d in drawn for v in (d["low"], d["high"])], low=0.0), width),
        datasets={"scores": drawn},
        roles=tuple(models),
    )
