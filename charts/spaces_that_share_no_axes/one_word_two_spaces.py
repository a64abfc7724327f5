"""One word's coordinates in two spaces, and the correlation of all words: what a direct comparison finds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import altair as alt
import numpy as np

from artefacts.schemas.spaces import DirectComparison, DirectComparisons
from charts.figure import Column, Control, Figure, Table, figure
from charts.layout import controlled, note, panels, rows, stacked
from charts.palette import light
from charts.reading import fixed, percent, rounded
from charts.spaces_that_share_no_axes.parts import by_key, chosen, pair_key, pair_name
from charts.theme import TEXT, is_narrow

LIMIT = 3.0  # standard deviations shown of a coordinate
RANGE = 0.5  # of r
DRAWN = 256  # axes of a word that are drawn, at most


def defined(compared: DirectComparisons) -> list[DirectComparison]:
    """Pairs of equal width; the small models come first."""
    return [pair for pair in compared.pairs if pair.correlations is not None]


def r_of_word(compared: DirectComparisons, pair: DirectComparison, word: str) -> float:
    """Pearson correlation of a shown word's coordinates in the two spaces of a pair."""
    of = {entry.key: entry.rows[compared.shown.index(word)] for entry in compared.coordinates}
    return float(np.corrcoef(of[pair.first], of[pair.second])[0, 1])


def every_nth(width: int) -> int:
    """Of so many axes every nth is drawn."""
    return math.ceil(width / DRAWN)


def _datasets(compared: DirectComparisons) -> dict[str, list[dict[str, Any]]]:
    of = {entry.key: np.array(entry.rows) for entry in compared.coordinates}
    points, values, bins, curves = [], [], [], []
    for pair in defined(compared):
        key, found = pair_key(pair), pair.correlations
        for n, word in enumerate(compared.shown):
            a, b = (((row := of[name][n]) - row.mean()) / row.std() for name in (pair.first, pair.second))
            a, b = a[:: every_nth(len(a))], b[:: every_nth(len(b))]
            points.append({"pair": key, "word": word, "a": [rounded(v, 2) for v in a], "b": [rounded(v, 2) for v in b]})
            values.append({"pair": key, "word": word, "r": rounded(r_of_word(compared, pair, word), 3)})
        total = sum(found.histogram.counts)
        counted = zip(found.histogram.edges, found.histogram.counts, strict=False)
        shares = [(low, 100 * number / total) for low, number in counted if abs(low) < RANGE]
        bins.append({"pair": key, "x": [low for low, _ in shares], "p": [rounded(share, 2) for _, share in shares]})
        sd, step = found.null_standard_deviation, found.histogram.edges[1] - found.histogram.edges[0]
        xs = [n * RANGE / 40 for n in range(-40, 41)]
        density = [100 * step * math.exp(-(x**2) / (2 * sd**2)) / (sd * math.sqrt(2 * math.pi)) for x in xs]
        curves.append({"pair": key, "x": [rounded(x, 4) for x in xs], "p": [rounded(p, 3) for p in density]})
    return {"points": points, "values": values, "bins": bins, "curves": curves}


def _scatter(compared: DirectComparisons, height: int) -> alt.LayerChart:
    scale = alt.Scale(domain=[-LIMIT, LIMIT], nice=False, clamp=True)
    axis = {"values": [-2, 0, 2], "format": "d"}
    here = rows("points").transform_filter("datum.pair == pair && datum.word == word").transform_flatten(["a", "b"])
    dots = here.mark_point(color=light("accent"), size=30, opacity=0.7).encode(
        x=alt.X("a:Q", scale=scale, axis=alt.Axis(**axis, title="number in the first space")),
        y=alt.Y("b:Q", scale=scale, axis=alt.Axis(**axis, title=None)),
    )
    spaces = by_key(compared.spaces)
    second = chosen({pair_key(pair): f"up: {spaces[pair.second].name}" for pair in defined(compared)}, "pair")
    first = chosen({pair_key(pair): f"across: {spaces[pair.first].name}" for pair in defined(compared)}, "pair")
    value = (
        rows("values")
        .transform_filter("datum.pair == pair && datum.word == word")
        .transform_calculate(text="'“' + datum.word + '”: r = ' + replace(format(datum.r, '.2f'), '-', '−')")
        .mark_text(align="left", baseline="alphabetic", fontSize=TEXT, fontWeight=600, color=light("accent"))
        .encode(x=alt.XValue(0), y=alt.YValue(-42), text="text:N")
    )
    return stacked(dots, value, note(alt.expr(first), 0, -24), note(alt.expr(second), 0, -8), height=height)


def _hill(compared: DirectComparisons, height: int) -> alt.LayerChart:
    x_scale = alt.Scale(domain=[-RANGE, RANGE], nice=False, clamp=True)
    axis = alt.Axis(values=[-0.4, -0.2, 0, 0.2, 0.4], format=".1f", title="r of a word’s two rows", grid=False)
    y = alt.Y("p:Q", scale=alt.Scale(domainMin=0, nice=True), axis=alt.Axis(title=None, tickCount=4, labelExpr="datum.value + '%'"))
    area = (
        rows("bins")
        .transform_filter("datum.pair == pair")
        .transform_flatten(["x", "p"])
        .mark_area(interpolate="step-after", color=light("baseline"), fillOpacity=0.4, line={"color": light("baseline"), "strokeWidth": 1})
        .encode(x=alt.X("x:Q", scale=x_scale, axis=axis), y=y)
    )
    curve = (
        rows("curves")
        .transform_filter("datum.pair == pair")
        .transform_flatten(["x", "p"])
        .mark_line(color=light("ink"), strokeDash=[4, 3], strokeWidth=1.5)
        .encode(x=alt.X("x:Q", scale=x_scale), y=alt.Y("p:Q"))
    )
    mark = (
        rows("values")
        .transform_filter("datum.pair == pair && datum.word == word")
        .mark_rule(color=light("accent"), strokeWidth=2)
        .encode(x=alt.X("r:Q", scale=x_scale))
    )
    return stacked(
        area,
        curve,
        mark,
        note(f"all {compared.words:,} words, % per 0.02", 0, -42, "ink", fontSize=TEXT, fontWeight=600),
        note("dashed: numbers without any relation", 0, -24),
        note("line: the word chosen", 0, -8, "accent"),
        height=height,
    )


@figure(needs=("direct_comparisons",))
def one_word_two_spaces(data: Mapping[str, Any]) -> Figure:
    compared: DirectComparisons = data["direct_comparisons"]
    spaces, pairs = by_key(compared.spaces), defined(compared)
    word, pair = compared.shown[0], pairs[0]
    wide = any(every_nth(spaces[p.first].width) > 1 for p in pairs)
    thinned = f" Of spaces with more than {DRAWN} axes only some are drawn; r is over all." if wide else ""
    first = pair.correlations
    table = [
        {
            "pair": pair_name(p, spaces),
            "width": spaces[p.first].width,
            "mean": p.correlations.same_word.mean,
            "sd": p.correlations.same_word.standard_deviation,
            "null": p.correlations.null_standard_deviation,
            "beyond": 100 * p.correlations.same_word.beyond,
            "other_mean": p.correlations.other_word.mean,
            "other_beyond": 100 * p.correlations.other_word.beyond,
            "word": w,
            "r": rounded(r_of_word(compared, p, w), 3),
        }
        for p in pairs
        for w in compared.shown
    ]
    described = " ".join(
        f"{pair_name(p, spaces)}, {spaces[p.first].width} numbers a word: over {compared.words:,} words r averages "
        f"{fixed(p.correlations.same_word.mean, 3)} with a standard deviation of {fixed(p.correlations.same_word.standard_deviation, 3)} "
        f"(independent numbers: 0 and {fixed(p.correlations.null_standard_deviation, 3)}); with another word's row it averages "
        f"{fixed(p.correlations.other_word.mean, 3)}."
        for p in pairs
    )

    def chart(width: int) -> Any:
        narrow = is_narrow(width)
        height = 230 if narrow else 260
        both = panels([_scatter(compared, height), _hill(compared, height)], width, left=30, right=8, gap=22, below=64)
        return controlled(both, pair=pair_key(pair), word=word)

    return Figure(
        title=(
            f"Same words, same text, another seed: coordinate by coordinate, {compared.words:,} words correlate "
            f"{fixed(first.same_word.mean)} on average"
        ),
        caption=(
            "Left, each dot is one axis: the word’s number there in the first space (across) and in the second (up), both in units of "
            f"the row’s own standard deviation, which does not change the correlation.{thinned} Right, the correlation of every word. "
            f"The dashed hill is what numbers without any relation give: with {spaces[pair.first].width} of them, a standard deviation "
            f"of 1/√{spaces[pair.first].width - 1} = {fixed(first.null_standard_deviation, 3)}. *Where it misleads:* a single word may "
            f"lie far out by luck; {percent(first.same_word.beyond)} of the words lie outside the range that holds 95% of independent "
            f"rows, {percent(first.other_word.beyond)} when each meets another word’s row."
        ),
        description=described,
        table=Table(
            [
                Column("pair", "spaces"),
                Column("width", "numbers a word", "integer"),
                Column("word", "word"),
                Column("r", "its r", "number", 3),
                Column("mean", "mean r, all words", "number", 3),
                Column("sd", "SD of r", "number", 3),
                Column("null", "SD if independent", "number", 3),
                Column("beyond", "% outside ±1.96 SD", "number", 1),
                Column("other_mean", "mean r with another word", "number", 3),
                Column("other_beyond", "% outside, another word", "number", 1),
            ],
            table,
            default_rows=lambda row: row["pair"] == pair_name(pair, spaces),
        ),
        chart=chart,
        datasets=_datasets(compared),
        controls=[
            Control("pair", "Spaces", "select", pair_key(pair), options=[(pair_key(p), pair_name(p, spaces)) for p in pairs]),
            Control("word", "Word", "select", word, options=[(w, w) for w in compared.shown]),
        ],
    )
