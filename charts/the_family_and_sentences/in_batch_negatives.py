"""One step of contrastive training: six sentences against six partners, cosines to chances, and the loss that training lowers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import altair as alt

from charts.figure import Column, Control, Figure, Table, figure
from charts.layout import controlled, rows, stacked
from charts.palette import light
from charts.reading import fixed, listed, rounded
from charts.the_family_and_sentences.ways import present_roles, ways
from charts.theme import SMALL, TEXT, is_narrow

SHOWN = ("encoder_mean", "decoder_mean", "static_mean")
SCALE, LARGEST = 20, 60


def chances(cosines: list[list[float]], scale: float) -> list[list[float]]:
    """[first, second] softmax of scale x cosine along each row."""
    result = []
    for row in cosines:
        powers = [math.exp(scale * (cosine - max(row))) for cosine in row]
        result.append([power / sum(powers) for power in powers])
    return result


def loss(cosines: list[list[float]], scale: float) -> float:
    """Mean over the rows of -ln of the chance of the right partner."""
    found = chances(cosines, scale)
    return -sum(math.log(row[n]) for n, row in enumerate(found)) / len(found)


@figure(needs=("model_facts", "contrastive_batch"))
def in_batch_negatives(data: Mapping[str, Any]) -> Figure:
    batch = data["contrastive_batch"]
    matrices = {entry.method: entry.cosines for entry in batch.cosines if entry.method in SHOWN}
    found = ways(data, [method for method in SHOWN if method in matrices])
    size = len(batch.first)
    cells = [
        {"way": method, "first": i + 1, "second": j + 1, "cosine": rounded(cosine, 3)}
        for method in found
        for i, row in enumerate(matrices[method])
        for j, cosine in enumerate(row)
    ]
    table = [
        {
            "way": found[method].name,
            "first": batch.first[i],
            "second": batch.second[j],
            "right": "yes" if i == j else "no",
            "cosine": cosine,
            "chance": chances(matrices[method], SCALE)[i][j],
        }
        for method in found
        for i, row in enumerate(matrices[method])
        for j, cosine in enumerate(row)
    ]
    losses = {method: loss(matrices[method], SCALE) for method in found}
    guessing = math.log(size)
    default = "decoder_mean"  # not trained for this, so it has something to learn

    def chart(width: int) -> alt.TopLevelMixin:
        side = 36 if is_narrow(width) else 40
        left = 24
        shown = (
            rows("cells")
            .transform_filter("datum.way == way")
            .transform_calculate(power="exp(scale * datum.cosine)")
            .transform_joinaggregate(total="sum(power)", groupby=["first"])
            .transform_calculate(chance="datum.power / datum.total")
        )
        x = alt.X("second:O", axis=alt.Axis(title="partner (second sentences, by number)", orient="top", labelAngle=0, titleAnchor="start"))
        y = alt.Y("first:O", axis=alt.Axis(title=None))
        frame = {"stroke": light("paper"), "strokeWidth": 2}
        ground = rows("cells").transform_filter("datum.way == way").mark_rect(color=light("paper-sunken"), **frame).encode(x=x, y=y)
        boxes = shown.mark_rect(color=light("accent"), **frame).encode(
            x=x,
            y=y,
            fillOpacity=alt.FillOpacity("chance:Q", scale=alt.Scale(domain=[0, 1], range=[0, 1]), legend=None),
            tooltip=[
                alt.Tooltip("first:O", title="first sentence"),
                alt.Tooltip("second:O", title="second sentence"),
                alt.Tooltip("cosine:Q", title="cosine", format=".3f"),
                alt.Tooltip("chance:Q", title="chance", format=".1%"),
            ],
        )
        values = shown.mark_text(fontSize=SMALL).encode(
            x=x,
            y=y,
            text=alt.Text("chance:Q", format=".0%"),
            color=alt.Color(value=light("ink"), condition={"test": "datum.chance > 0.5", "value": light("paper-raised")}),
        )
        total = (
            shown.transform_filter("datum.first == datum.second")
            .transform_calculate(part="-log(datum.chance)")
            .transform_aggregate(loss="mean(part)")
            .transform_calculate(text=f"'loss ' + format(datum.loss, '.3f') + ';  guessing: ' + format({guessing}, '.3f')")
            .mark_text(align="left", baseline="alphabetic", fontSize=TEXT, fontWeight=600, color=light("accent"))
            .encode(x=alt.XValue(0), y=alt.YValue(side * size + 22), text="text:N")
        )
        grid = stacked(ground, boxes, values, total, width=side * size, height=side * size)
        room = width - left - side * size - 22
        if is_narrow(width):
            sentences = (
                rows("sentences")
                .mark_text(align="left", baseline="middle", fontSize=SMALL, limit=width - 24)
                .encode(x=alt.XValue(0), y=alt.Y("n:O", axis=None), text="narrow:N")
            )
            both = alt.VConcatChart(vconcat=[grid, stacked(sentences, width=width - 22, height=19 * 2 * size)], spacing=34)
        else:
            sentences = (
                rows("sentences")
                .mark_text(align="left", baseline="middle", fontSize=SMALL, limit=room)
                .encode(x=alt.XValue(0), y=alt.Y("n:O", axis=None), text="narrow:N")
            )
            both = alt.HConcatChart(hconcat=[grid, stacked(sentences, width=room, height=side * size)], spacing=20, bounds="flush")
        return controlled(both, way=default, scale=SCALE)

    sentences = [
        {"n": 2 * n + side, "narrow": f"{n + 1}{'→' if side else ''} {text}"}
        for n, pair in enumerate(zip(batch.first, batch.second, strict=True))
        for side, text in enumerate(pair)
    ]
    best = min(losses, key=losses.__getitem__)
    return Figure(
        title=(
            f"At scale {SCALE} the loss of this batch is {listed(f'{fixed(losses[m])} for {way.model}' for m, way in found.items())}; "
            f"pure guessing would cost {fixed(guessing)}"
        ),
        caption=(
            "Rows: six first sentences; columns: their six partners; the right partner stands on the diagonal (→ marks a partner). A "
            "row holds the cosines times the scale, turned into chances that sum to 1 (softmax). The loss is the mean of −ln of "
            "the chances on the diagonal. Training moves the vectors so that it falls. Change the scale: at 1 hardly any "
            "difference counts, at 60 the largest takes all. *Where it misleads:* real batches hold hundreds of pairs and the "
            "loss is computed on many of them; these six were not part of any training that we know of. At one scale, a model whose "
            "cosines all lie close together looks worse than it is: look first at which partner has the highest chance in a row."
        ),
        description=(
            f"With scale {SCALE}: "
            + "; ".join(
                f"{way.name}: chances of the right partner "
                + listed(f"{fixed(row[n] * 100, 0)}%" for n, row in enumerate(chances(matrices[m], SCALE)))
                + f", loss {fixed(losses[m], 3)}"
                for m, way in found.items()
            )
            + f". Guessing among {size} costs {fixed(guessing, 3)}. The lowest loss is that of {found[best].model}."
        ),
        table=Table(
            [
                Column("way", "vectors"),
                Column("first", "first sentence"),
                Column("second", "second sentence"),
                Column("right", "belong together"),
                Column("cosine", "cosine", "number", 3),
                Column("chance", f"chance at scale {SCALE}", "number", 3),
            ],
            table,
            default_rows=lambda row: row["way"] == found[default].name,
        ),
        chart=chart,
        datasets={"cells": cells, "sentences": sentences},
        controls=[
            Control(
                "way",
                "Vectors of",
                "select",
                default,
                options=sorted(((m, way.name) for m, way in found.items()), key=lambda option: option[0] != default),
            ),
            Control("scale", "Scale (1 / temperature)", "slider", SCALE, minimum=1, maximum=LARGEST, step=1),
        ],
        roles=present_roles(found),
    )
