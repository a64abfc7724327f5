"""How alike queries, keys and values find the words, layer by layer, beside matrices that nobody trained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.layers import PairAgreement, QueriesKeysValues
from charts.figure import Column, Control, Figure, Table, figure
from charts.inside_the_layers.parts import PARTS, Line, by_layer, lines_panel, outer_domain, span, value_y
from charts.layout import controlled, heading, panels
from charts.reading import Member, fixed, members, rounded
from charts.theme import is_narrow

TRAINED, RANDOM, CHANCE = "trained", "random matrices", "shuffled words, 95%"
AMONG = {"each_other": "Q, K and V with each other", "input": "each of them with its input"}


def pair_name(pair: PairAgreement) -> str:
    """Such as "queries and keys"."""
    return f"{PARTS[pair.first]} and {PARTS[pair.second]}"


def group_of(pair: PairAgreement) -> str:
    """Whether a part is compared with the block's input or with another part."""
    return "input" if pair.first == "input" else "each_other"


def means(found: QueriesKeysValues, field: str) -> list[float]:
    """Of Q, K and V with each other, in every layer: `field` is rsa, random_rsa, direct or random_direct."""
    return [getattr(pair, field).mean for layer in found.layers for pair in layer.pairs if pair.first != "input"]


def _title(found: QueriesKeysValues, models: dict[str, Member]) -> str:
    real, random = means(found, "rsa"), means(found, "random_rsa")
    below = sum(r < c for r, c in zip(real, random, strict=True))
    start = f"Q, K and V of {models['decoder'].name} agree about the words ({span(min(real), max(real))})"
    if below > len(real) / 2:
        return f"{start}, but random matrices agree more ({span(min(random), max(random))})"
    return f"{start}; random matrices reach {span(min(random), max(random))}"


def _chart(found: QueriesKeysValues, models: dict[str, Member], width: int) -> alt.TopLevelMixin:
    pairs = [pair for layer in found.layers for pair in layer.pairs]
    values = [v for p in pairs for v in (p.rsa.low, p.rsa.high, p.random_rsa.low, p.random_rsa.high)]
    domain = outer_domain([*values, found.null_rsa_95], low=0.0, high=1.0)
    charts = []
    for one, other in zip(found.layers[0].pairs[:3], found.layers[0].pairs[3:], strict=True):
        names = alt.expr(f"among == 'input' ? '{pair_name(other)}' : '{pair_name(one)}'")
        place = f"datum.panel == {found.layers[0].pairs.index(one)} && datum.among == among"
        charts.append(
            lines_panel(
                "lines",
                [Line(TRAINED, "decoder", band=True), Line(RANDOM, "baseline", (5, 4), band=True), Line(CHANCE, "ink-soft", (2, 3))],
                x=by_layer(len(found.layers), 1),
                y=value_y(domain),
                where=place,
                title=heading(models["decoder"], names, offset=8),
            )
        )
    return controlled(panels(charts, width, left=30, right=8, gap=10, below=52 if is_narrow(width) else 28), among="each_other")


@figure(needs=("model_facts", "layer_words", "queries_keys_values"))
def queries_keys_values(data: Mapping[str, Any]) -> Figure:
    models, found, words = members(data), data["queries_keys_values"], data["layer_words"]
    lines, table = [], []
    for layer in found.layers:
        for n, pair in enumerate(layer.pairs):
            common = {"layer": layer.layer, "panel": n % 3, "among": group_of(pair)}
            for name, spread in ((TRAINED, pair.rsa), (RANDOM, pair.random_rsa)):
                ends = {"low": rounded(spread.low), "high": rounded(spread.high)}
                lines.append(common | {"series": name, "value": rounded(spread.mean)} | ends)
            lines.append(common | {"series": CHANCE, "value": rounded(found.null_rsa_95)})
            table.append(
                {
                    "layer": layer.layer,
                    "pair": pair_name(pair),
                    "rsa": pair.rsa.mean,
                    "low": pair.rsa.low,
                    "high": pair.rsa.high,
                    "random": pair.random_rsa.mean,
                    "random_low": pair.random_rsa.low,
                    "random_high": pair.random_rsa.high,
                    "among": group_of(pair),
                }
            )
    sentences = []
    for name in dict.fromkeys(pair_name(pair) for pair in found.layers[0].pairs):
        own = [pair for layer in found.layers for pair in layer.pairs if pair_name(pair) == name]
        real, random = [pair.rsa.mean for pair in own], [pair.random_rsa.mean for pair in own]
        below = sum(a < b for a, b in zip(real, random, strict=True))
        sentences.append(
            f"{name}: trained {span(min(real), max(real))}, random {span(min(random), max(random))}; below random in {below} of "
            f"{len(own)} layers."
        )
    return Figure(
        title=_title(found, models),
        caption=(
            f"RSA at the word: do two parts of a block find the same pairs of {len(words.words)} words alike? Line and shade: mean "
            "and range over "
            f"{len(words.carriers)} sentences. Grey: matrices of random numbers, as wide as the trained ones and given the same "
            "input (mean and "
            f"range of {found.seeds} draws). Dotted: 95% of the largest agreement of any layer and pair when words are shuffled lie below. "
            "*Where it misleads:* three linear maps of one vector keep most of its geometry whether or not they were trained, so only the "
            "distance from the grey line is news."
        ),
        description=" ".join(sentences) + f" Shuffled words reach {fixed(found.null_rsa_95)}.",
        table=Table(
            [
                Column("layer", "layer", "integer"),
                Column("pair", "pair"),
                Column("rsa", "RSA", "number", 3),
                Column("low", "lowest sentence", "number", 3),
                Column("high", "highest sentence", "number", 3),
                Column("random", "random matrices", "number", 3),
                Column("random_low", "lowest draw", "number", 3),
                Column("random_high", "highest draw", "number", 3),
            ],
            table,
            default_rows=lambda row: row["among"] == "each_other",
        ),
        chart=lambda width: _chart(found, models, width),
        datasets={"lines": lines},
        controls=[Control("among", "Compare", "select", "each_other", options=list(AMONG.items()))],
        roles=("decoder",),
    )
