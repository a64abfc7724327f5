"""The direct correlation of queries, keys and values, number by number: about zero, as it is for random matrices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.layers import QueriesKeysValues
from charts.figure import Column, Figure, Table, figure
from charts.inside_the_layers.parts import Line, by_layer, lines_panel, outer_domain, span, value_y
from charts.inside_the_layers.queries_keys_values import RANDOM, TRAINED, means, pair_name
from charts.layout import heading, panels
from charts.reading import Member, fixed, members, rounded
from charts.theme import is_narrow

NEAR_ZERO = 0.25  # a correlation smaller in size explains less than a sixteenth of the variance


def single_draws(found: QueriesKeysValues) -> list[float]:
    """The lowest and the highest correlation of single random matrices, of every layer and pair: what one trained matrix is set beside."""
    pairs = [pair for layer in found.layers for pair in layer.pairs if pair.direct]
    return [value for pair in pairs for value in (pair.random_direct.low, pair.random_direct.high)]


def _title(found: QueriesKeysValues) -> str:
    real, random = means(found, "direct"), single_draws(found)
    one, other = span(min(real), max(real)), span(min(random), max(random))
    if max(abs(value) for value in real) < NEAR_ZERO:
        return f"Number by number, Q, K and V are nearly uncorrelated (r = {one}), and so they are from random matrices ({other})"
    return f"Number by number, the correlation of Q, K and V depends on the layer: r = {one}; random matrices {other}"


def _chart(found: QueriesKeysValues, models: dict[str, Member], width: int) -> alt.TopLevelMixin:
    pairs = [pair for layer in found.layers for pair in layer.pairs if pair.direct]
    values = [v for p in pairs for v in (p.direct.low, p.direct.high, p.random_direct.low, p.random_direct.high)]
    domain = outer_domain(values, low=-0.2, high=0.2)
    charts = [
        lines_panel(
            "lines",
            [Line(TRAINED, "decoder", band=True), Line(RANDOM, "baseline", (5, 4), band=True)],
            x=by_layer(len(found.layers), 1),
            y=value_y(domain),
            where=f"datum.pair == '{pair_name(pair)}'",
            tooltip=".3f",
            title=heading(models["decoder"], pair_name(pair), offset=8),
        )
        for pair in found.layers[0].pairs
        if pair.direct
    ]
    return panels(charts, width, left=34, right=8, gap=8, below=52 if is_narrow(width) else 28)


@figure(needs=("model_facts", "layer_words", "queries_keys_values"))
def numbers_side_by_side(data: Mapping[str, Any]) -> Figure:
    models, found, words = members(data), data["queries_keys_values"], data["layer_words"]
    lines, table = [], []
    for layer in found.layers:
        for pair in layer.pairs:
            if pair.direct is None:
                continue
            for name, spread in ((TRAINED, pair.direct), (RANDOM, pair.random_direct)):
                ends = {"low": rounded(spread.low), "high": rounded(spread.high)}
                lines.append({"layer": layer.layer, "pair": pair_name(pair), "series": name, "value": rounded(spread.mean)} | ends)
            table.append(
                {
                    "layer": layer.layer,
                    "pair": pair_name(pair),
                    "r": pair.direct.mean,
                    "low": pair.direct.low,
                    "high": pair.direct.high,
                    "random": pair.random_direct.mean,
                    "random_low": pair.random_direct.low,
                    "random_high": pair.random_direct.high,
                }
            )
    real, random = means(found, "direct"), single_draws(found)
    shared = found.heads // found.key_value_heads
    mapping = (
        f" Each of the {found.key_value_heads} key and value heads stands beside the {shared} query heads that read it."
        if shared > 1
        else ""
    )
    return Figure(
        title=_title(found),
        caption=(
            f"Pearson correlation of all numbers of two parts at the word, {len(words.words)} words side by side; line and shade: "
            "mean and range "
            f"over {len(words.carriers)} sentences, and over {found.seeds} draws of random matrices.{mapping} *Where it misleads:* "
            "a correlation "
            "number by number asks whether the third number of one part goes with the third number of another. For values nothing in the "
            "model "
            "lines the numbers up, so nothing follows from a zero. For queries and keys something does: attention multiplies the third "
            "number "
            "of one with the third number of the other."
        ),
        description=(
            f"Mean over sentences: trained {span(min(real), max(real), 3)} over layers and pairs, random "
            f"{span(min(random), max(random), 3)} in single draws. "
            f"The largest in size is {fixed(max(real, key=abs), 3)}."
        ),
        table=Table(
            [
                Column("layer", "layer", "integer"),
                Column("pair", "pair"),
                Column("r", "r", "number", 3),
                Column("low", "lowest sentence", "number", 3),
                Column("high", "highest sentence", "number", 3),
                Column("random", "random matrices", "number", 3),
                Column("random_low", "lowest draw", "number", 3),
                Column("random_high", "highest draw", "number", 3),
            ],
            table,
        ),
        chart=lambda width: _chart(found, models, width),
        datasets={"lines": lines},
        roles=("decoder",),
    )
