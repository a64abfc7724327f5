"""The corner of the map of layers: what becomes of its low score when the first vectors are treated in other ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Lane:
    """A way to treat the vectors and what it gives. explained: by the words' ranks, of the variance of the decoder's cosines."""

    label: str
    decoder_layer: int
    pearson: ResampledScore
    given_category: ResampledScore
    explained: float | None


def _lanes(found: MapCorner, models: Mapping[str, Member]) -> list[Lane]:
    """All ways with layer 0; then the ranks held constant, which is no treatment of vectors; then layer 1."""
    ways = [Lane(label_of(s, models), s.decoder_layer, s.pearson, s.given_category, s.explained_by_ranks) for s in found.scores]
    ranks = found.given_ranks
    held = Lane("as they are, ranks of the words held constant", 0, ranks.pearson, ranks.given_category, None)
    return [*(way for way in ways if way.decoder_layer == 0), held, *(way for way in ways if way.decoder_layer > 0)]


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


def _chart(lanes: list[Lane], domain: list[float], width: int) -> alt.TopLevelMixin:
    height = LANE * len(lanes)
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
    above = LANE * sum(lane.decoder_layer == 0 for lane in lanes)
    layers.append(one().mark_rule(color=light("ink-soft")).encode(x=alt.XValue(0), x2=alt.X2Value("width"), y=alt.YValue(above)))
    narrow = is_narrow(width)
    layers += key("all pairs", 0, -10 - (18 if narrow else 0), "above-zero", "circle")
    layers += key("categories held constant", 0 if narrow else 110, -10, "ink-soft", "diamond")
    side = 8 if narrow else 14
    return stacked(*layers, width=width - 2 * side, height=height)


def _drawn(lanes: list[Lane]) -> list[dict[str, Any]]:
    drawn = []
    for n, lane in enumerate(lanes):
        for kind, found, below in (("all", lane.pearson, ALL), ("given", lane.given_category, GIVEN)):
            drawn.append({"label": lane.label, "kind": kind, "y": n * LANE + below} | _ends(found))
    return drawn


def _ends(found: ResampledScore) -> dict[str, float]:
    return {"value": rounded(found.value), "low": rounded(found.low), "high": rounded(found.high)}


@figure(needs=("model_facts", "layer_words", "map_corner"))
def map_corner(data: Mapping[str, Any]) -> Figure:
    models, found = members(data), data["map_corner"]
    decoder, encoder = (models[role].name for role in ("decoder", "encoder"))
    lanes = _lanes(found, models)
    drawn = _drawn(lanes)
    table = [
        {"label": lane.label, "given_value": lane.given_category.value, "explained": lane.explained}
        | {name: getattr(lane.pearson, name) for name in ("value", "low", "high", "change", "change_low", "change_high")}
        | {f"given_{name}": getattr(lane.given_category, name) for name in ("change", "change_low", "change_high")}
        for lane in lanes
    ]
    return Figure(
        title=_title(found, decoder),
        caption=(
            f"How well the pair cosines of {decoder}’s layer 0 (the last two: layer 1) agree with those of {encoder}’s layer 0. Lines: "
            f"the middle 95% when the {len(data['layer_words'].words)} words are drawn anew, {found.resamples:,} times. Diamonds: the "
            f"partial correlation, with the words’ category held constant. Ranks: the words’ places in {decoder}’s vocabulary, which goes "
            "roughly from frequent to rare; held constant are how far the two words’ log places differ, and their sum. The table has the "
            "change from the vectors as they are, and its interval, from the same draws of words. *Where it misleads:* we tried all these "
            "ways and show all of them, but no interval allows for choosing the best. Intervals that overlap do not show that two rows "
            "are equal: their change is in the table."
        ),
        description=" ".join(
            f"{lane.label[0].upper()}{lane.label[1:]}: r = {fixed(lane.pearson.value)}, from {fixed(lane.pearson.low)} to "
            f"{fixed(lane.pearson.high)}; with the categories held constant {fixed(lane.given_category.value)}."
            for lane in lanes
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
                Column("explained", f"share of {decoder}’s cosines that ranks explain", "number", 2),
            ],
            table,
        ),
        chart=lambda width: _chart(lanes, outer_domain([v for d in drawn for v in (d["low"], d["high"])], low=0.0), width),
        datasets={"scores": drawn},
        roles=tuple(models),
    )
