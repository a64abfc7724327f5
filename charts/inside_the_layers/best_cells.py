"""The best cell of each map beside what chance, single sentences and equal depth give."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.layers import CeilingOfModel, LayerMap, LayerMapOf
from charts.figure import Column, Figure, Table, figure
from charts.inside_the_layers.layer_map import label_of, shown_p
from charts.inside_the_layers.parts import outer_domain
from charts.layout import note, rows, stacked
from charts.palette import light
from charts.reading import count, fixed, members, rounded
from charts.theme import is_narrow

LINE = 40  # px


def ceiling_of(found: LayerMap, one: LayerMapOf, role: str) -> CeilingOfModel | None:
    """How well a model agrees with itself from sentence to sentence; None for measures without a ceiling."""
    return next((c for c in found.ceilings if (c.role, c.treatment) == (role, one.treatment)), None) if one.measure == "rsa" else None


def _ends(one: LayerMapOf) -> tuple[float, float]:
    d, e = one.best.decoder_layer, one.best.encoder_layer
    return one.carriers_low[d][e], one.carriers_high[d][e]


def _title(maps: list[LayerMapOf]) -> str:
    beyond = sum(one.p < 0.05 for one in maps)
    low, high = min(one.best.value for one in maps), max(one.best.value for one in maps)
    start = (
        "Every best cell is" if beyond == len(maps) else f"{beyond} of {count(len(maps), 'best cell')} are" if beyond else "No best cell is"
    )
    return (
        f"{start} beyond the best that shuffled words give, but the agreement, {fixed(low)} to {fixed(high)}, depends on how it is measured"
    )


def _chart(maps: list[LayerMapOf], width: int) -> alt.TopLevelMixin:
    values = [v for one in maps for v in (one.best.value, *_ends(one), one.null_maximum_95, one.same_depth)]
    narrow = is_narrow(width)
    domain = outer_domain(values, low=0.0)
    x = alt.Scale(domain=domain, nice=False)
    axis = alt.Axis(title="agreement", titleAnchor="end", tickCount=6)
    y = alt.Y("place:Q", scale=alt.Scale(domain=[0, len(maps)], reverse=True, nice=False), axis=None)
    base = rows("cells")

    def at(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=x, axis=axis)

    tips = [alt.Tooltip("label:N", title="map"), alt.Tooltip("best:Q", title="best cell", format=".3f")]
    layers: list[Any] = [
        base.mark_rule(color=light("above-zero"), strokeWidth=2, opacity=0.5).encode(x=at("low"), x2="high:Q", y=y),
        base.mark_tick(color=light("baseline"), thickness=3, height=14).encode(x=at("null"), y=y),
        base.mark_point(shape="circle", filled=False, size=50, color=light("above-zero")).encode(x=at("same_depth"), y=y),
        base.mark_point(shape="circle", size=70, color=light("above-zero")).encode(x=at("best"), y=y, tooltip=tips),
        base.transform_calculate(above="datum.place - 0.46")
        .mark_text(align="left", baseline="middle", color=light("ink"))
        .encode(x=alt.XValue(0), y=alt.Y("above:Q", scale=y["scale"], axis=None), text="label:N"),
    ]
    keys = (("best cell, and single sentences", 0), ("mean at equal depth", 1), ("95% of the best of shuffled words lie below", 2))
    for text, n in keys:
        place = -14 - 18 * (2 - n)
        mark = alt.Chart(alt.Data(values=[{}]))
        if n == 2:
            layers.append(mark.mark_tick(color=light("baseline"), thickness=3, height=12).encode(x=alt.XValue(6), y=alt.YValue(place - 4)))
        else:
            layers.append(
                mark.mark_point(shape="circle", filled=n == 0, size=60, color=light("above-zero")).encode(
                    x=alt.XValue(6), y=alt.YValue(place - 4)
                )
            )
        layers.append(note(text, 18, place, "ink"))
    side = 8 if narrow else 14
    return stacked(*layers, width=width - 2 * side, height=LINE * len(maps))


@figure(needs=("model_facts", "layer_words", "layer_map"))
def best_cells(data: Mapping[str, Any]) -> Figure:
    models, found, words = members(data), data["layer_map"], data["layer_words"]
    drawn, table, sentences = [], [], []
    for place, one in enumerate(found.maps):
        low, high = _ends(one)
        cell = {
            "label": label_of(one),
            "best": rounded(one.best.value),
            "low": rounded(low),
            "high": rounded(high),
            "null": rounded(one.null_maximum_95),
            "same_depth": rounded(one.same_depth),
        }
        drawn.append(cell | {"place": place + 0.74})
        ceilings = {role: ceiling_of(found, one, role) for role in models}
        layer = {"decoder": one.best.decoder_layer, "encoder": one.best.encoder_layer}
        bounds = {
            role: "" if c is None else f"{fixed(c.lower[layer[role]])} to {fixed(c.upper[layer[role]])}" for role, c in ceilings.items()
        }
        table.append(
            cell
            | {"decoder_layer": layer["decoder"], "encoder_layer": layer["encoder"], "p": one.p}
            | {f"{role}_ceiling": text for role, text in bounds.items()}
        )
        sentences.append(
            f"{label_of(one)}: {fixed(one.best.value)} in layers {layer['decoder']} and {layer['encoder']} ({shown_p(one.p)}), in single "
            f"sentences {fixed(low)} to {fixed(high)}; shuffled words {fixed(one.null_maximum_95)}; equal depth {fixed(one.same_depth)}."
        )
    return Figure(
        title=_title(found.maps),
        caption=(
            f"The best cell of each map (dot), the same cell in single sentences (line: lowest to highest of "
            f"{len(words.carriers)}), the mean over "
            "pairs of layers of equal relative depth (ring), and the 95th percentile of the best cell of shuffled maps (tick). The "
            "table adds the "
            "noise ceiling: how well any one matrix could agree with the model's own single sentences. *Where it misleads:* RSA "
            "and CKA are "
            "different scales; compare a dot with its own tick."
        ),
        description=" ".join(sentences),
        table=Table(
            [
                Column("label", "map"),
                Column("decoder_layer", f"layer of {models['decoder'].name}", "integer"),
                Column("encoder_layer", f"layer of {models['encoder'].name}", "integer"),
                Column("best", "best cell", "number", 3),
                Column("low", "lowest sentence", "number", 3),
                Column("high", "highest sentence", "number", 3),
                Column("same_depth", "equal depth", "number", 3),
                Column("null", "shuffled, 95%", "number", 3),
                Column("p", "p", "number", 4),
                Column("decoder_ceiling", f"noise ceiling, {models['decoder'].name}"),
                Column("encoder_ceiling", f"noise ceiling, {models['encoder'].name}"),
            ],
            table,
        ),
        chart=lambda width: _chart(found.maps, width),
        datasets={"cells": drawn},
        roles=tuple(models),
    )
