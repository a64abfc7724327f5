"""The map: how well every layer of the decoder agrees with every layer of the encoder about which words are alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import altair as alt

from artefacts.schemas.layers import LayerMapOf
from charts.figure import Column, Control, Figure, Table, figure
from charts.inside_the_layers.parts import TREATMENTS, outer_domain
from charts.layout import controlled, note, rows, stacked
from charts.palette import light
from charts.reading import Member, fixed, members
from charts.theme import SMALL, TEXT, is_narrow

MEASURES = {"rsa": "RSA", "cka": "CKA, debiased"}
SMALLEST_P = 3  # decimals


def name_of(one: LayerMapOf) -> str:
    """What the controls and the address call a map: "rsa-standardised"."""
    return f"{one.measure}-{one.treatment}"


def label_of(one: LayerMapOf) -> str:
    """What readers see of it."""
    return f"{MEASURES[one.measure]}, {TREATMENTS[one.treatment]}"


def shown_p(p: float) -> str:
    """ "p = 0.012", or below what three decimals can show."""
    return "p < 0.001" if p < 0.001 else f"p = {fixed(p, SMALLEST_P)}"


@dataclass(frozen=True)
class Shading:
    """Which values are palest and darkest in all maps: from a tenth below all values; with signs, evenly about zero."""

    low: float
    high: float

    @property
    def signed(self) -> bool:
        """Whether values lie on both sides of zero."""
        return self.low < 0

    @property
    def text(self) -> str:
        """The colours in words."""
        return f"full colour at ±{fixed(self.high, 1)}" if self.signed else f"palest {fixed(self.low, 1)}, darkest {fixed(self.high, 1)}"


def _shading(maps: list[LayerMapOf]) -> Shading:
    values = [value for one in maps for row in one.values for value in row]
    low, high = outer_domain(values, 0.1)
    return Shading(low, high) if low >= 0 else Shading(-max(-low, high), max(-low, high))


def _datasets(maps: list[LayerMapOf]) -> dict[str, list[dict[str, Any]]]:
    packed = []
    for one in maps:
        cells = [(d, e, value) for d, row in enumerate(one.values) for e, value in enumerate(row)]
        best_of_row = [(e, max(range(len(one.values)), key=lambda d: one.values[d][e])) for e in range(len(one.values[0]))]
        packed.append(
            {
                "map": name_of(one),
                "d": [d for d, _, _ in cells],
                "e": [e for _, e, _ in cells],
                "value": [round(1000 * value) for _, _, value in cells],
                "best_e": [e for e, _ in best_of_row],
                "best_d": [d for _, d in best_of_row],
                "text": f"best {fixed(one.best.value)}, in layers {one.best.decoder_layer} and {one.best.encoder_layer}; "
                f"shuffled words {fixed(one.null_maximum_95)}",
            }
        )
    return {"maps": packed}


def _chart(maps: list[LayerMapOf], models: dict[str, Member], default: str, width: int) -> Any:
    narrow = is_narrow(width)
    columns, lines = len(maps[0].values), len(maps[0].values[0])
    left, right = 34, 6
    plot = width - left - right
    line = min(34, max(22, 170 / lines))  # px
    scale = _shading(maps)
    x = alt.Scale(domain=[0, columns], nice=False)
    y = alt.Scale(domain=[0, lines], nice=False)
    chosen = rows("maps").transform_filter("datum.map == map")
    cells = chosen.transform_flatten(["d", "e", "value"]).transform_calculate(
        d2="datum.d + 1",
        e2="datum.e + 1",
        shown="datum.value / 1000",
        size=f"abs(datum.value) / {1000 * scale.high}"
        if scale.signed
        else f"pow((datum.value / 1000 - {scale.low}) / {scale.high - scale.low:.3f}, 2)",
    )
    step = max(1, round(columns / (6 if narrow else 10)))
    label = alt.Axis(values=[n + 0.5 for n in range(0, columns, step)], labelExpr="format(datum.value - 0.5, 'd')", grid=False, title="")
    label_y = alt.Axis(values=[n + 0.5 for n in range(lines)], labelExpr="format(datum.value - 0.5, 'd')", grid=False, title="")
    squares = cells.mark_rect(stroke=light("paper"), strokeWidth=1).encode(
        x=alt.X("d:Q", scale=x, axis=label),
        x2="d2:Q",
        y=alt.Y("e:Q", scale=y, axis=label_y),
        y2="e2:Q",
        color=alt.condition("datum.value >= 0", alt.value(light("above-zero")), alt.value(light("below-zero")))
        if scale.signed
        else alt.value(light("size")),
        fillOpacity=alt.FillOpacity("size:Q", scale=alt.Scale(domain=[0, 1], range=[0.02, 0.95]), legend=None),
        tooltip=[
            alt.Tooltip("d:Q", title=f"layer of {models['decoder'].name}"),
            alt.Tooltip("e:Q", title=f"layer of {models['encoder'].name}"),
            alt.Tooltip("shown:Q", title="agreement", format=".3f"),
        ],
    )
    best = chosen.transform_flatten(["best_e", "best_d"]).transform_calculate(x="datum.best_d + 0.5", y="datum.best_e + 0.5")
    dots = best.mark_point(
        shape="circle", filled=True, size=34 if not narrow else 22, color=light("paper"), stroke=light("ink"), strokeWidth=1.5
    )
    layers: list[Any] = [
        squares,
        dots.encode(x=alt.X("x:Q", scale=x, axis=label), y=alt.Y("y:Q", scale=y, axis=label_y)),
        note(f"layer of {models['encoder'].name}", -left, -10, "encoder", fontWeight=600, fontSize=TEXT),
        note(f"layer of {models['decoder'].name}", plot, line * lines + 38, "decoder", fontWeight=600, fontSize=TEXT, align="right"),
        chosen.mark_text(align="left", baseline="alphabetic", fontSize=SMALL, color=light("ink-soft")).encode(
            x=alt.XValue(-left), y=alt.YValue(-50), text="text:N"
        ),
        note(scale.text, -left, -32),
    ]
    return controlled(stacked(*layers, width=plot, height=line * lines), map=default)


def _title(raw: LayerMapOf, models: dict[str, Member]) -> str:
    best = raw.best
    where = f"layer {best.decoder_layer} of {models['decoder'].name} and layer {best.encoder_layer} of {models['encoder'].name}"
    if raw.p < 0.05:
        return f"The models agree most in {where}: r = {fixed(best.value)}, where shuffled words reach {fixed(raw.null_maximum_95)}"
    return (
        f"No two layers agree beyond chance: the best, {where}, reach r = {fixed(best.value)}, shuffled words {fixed(raw.null_maximum_95)}"
    )


@figure(needs=("model_facts", "layer_words", "layer_map"))
def layer_map(data: Mapping[str, Any]) -> Figure:
    models, found, words = members(data), data["layer_map"], data["layer_words"]
    maps = found.maps
    shown = next(one for one in maps if (one.measure, one.treatment) == ("rsa", "standardised"))
    table = [
        {
            "map": label_of(one),
            "decoder_layer": d,
            "encoder_layer": e,
            "value": value,
            "low": one.carriers_low[d][e],
            "high": one.carriers_high[d][e],
            "first": one is shown,
        }
        for one in maps
        for d, row in enumerate(one.values)
        for e, value in enumerate(row)
    ]
    sentences = [
        f"{label_of(one)}: the best cell is layer {one.best.decoder_layer} of {models['decoder'].name} with layer "
        f"{one.best.encoder_layer} of "
        f"{models['encoder'].name}, {fixed(one.best.value)} ({shown_p(one.p)} for the largest cell); the mean at equal depth is "
        f"{fixed(one.same_depth)}."
        for one in maps
    ]
    return Figure(
        title=_title(shown, models),
        caption=(
            f"A cell is one layer of {models['decoder'].name} with one of {models['encoder'].name}: how far they agree about which of the "
            f"{len(words.words)} nouns are alike, each noun's vectors averaged over {len(words.carriers)} sentences. Dots: for "
            "each row, the "
            f"best column. Shades grow with the square, to set bright cells apart. The number for shuffled words is the 95th "
            f"percentile of the *largest* cell of {found.permutations:,} "
            "shuffled maps. "
            "*Where it misleads:* neighbouring layers share most of their content, so a broad bright region is not many findings but one."
        ),
        description=" ".join(sentences),
        table=Table(
            [
                Column("map", "map"),
                Column("decoder_layer", f"layer of {models['decoder'].name}", "integer"),
                Column("encoder_layer", f"layer of {models['encoder'].name}", "integer"),
                Column("value", "agreement", "number", 3),
                Column("low", "lowest sentence", "number", 3),
                Column("high", "highest sentence", "number", 3),
            ],
            table,
            default_rows=lambda row: row["first"] and row["decoder_layer"] % 3 == 0,
        ),
        chart=lambda width: _chart(maps, models, name_of(shown), width),
        datasets=_datasets(maps),
        controls=[
            Control(
                "map",
                "Map",
                "select",
                name_of(shown),
                options=[(name_of(one), label_of(one)) for one in [shown, *(one for one in maps if one is not shown)]],
            )
        ],
        roles=tuple(models),
    )
