"""Two short vectors, and an offset added to every number: the cosine moves, the Pearson correlation does not."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import altair as alt

from charts.figure import Column, Control, Figure, Table, figure
from charts.layout import controlled, key, one, panels, rows, stacked
from charts.palette import light
from charts.reading import degrees, fixed, listed, rounded
from charts.theme import TEXT, is_narrow

# Invented for the lesson, not from a model. Both sum to zero, so without an offset the two measures agree; |first| is exactly 4.
FIRST = [2.0, -1.0, 0.0, 1.0, -3.0, 1.0]
SECOND = [1.0, 2.0, -2.0, 0.0, -1.0, 0.0]
LARGEST_OFFSET, STEP = 5.0, 0.1
TARGETS = [("both", "both vectors"), ("first", "the first only")]


def sums(offset: float, target: str) -> dict[str, float]:
    """Everything that cosine and Pearson are made of, at one offset."""
    a = [value + offset for value in FIRST]
    b = [value + offset * (target == "both") for value in SECOND]
    ab, aa, bb = (sum(p * q for p, q in zip(x, y, strict=True)) for x, y in ((a, b), (a, a), (b, b)))
    n, mean_a, mean_b = len(a), sum(a) / len(a), sum(b) / len(b)
    covariance = ab - n * mean_a * mean_b
    return {
        "product": ab,
        "first_squared": aa,
        "second_squared": bb,
        "cosine": ab / math.sqrt(aa * bb),
        "pearson": covariance / math.sqrt((aa - n * mean_a**2) * (bb - n * mean_b**2)),
    }


def _table() -> Table:
    """The products behind both measures, dimension by dimension, for every half step of the slider."""
    lines = []
    for target, _ in TARGETS:
        for offset in (n / 2 for n in range(int(LARGEST_OFFSET * 2) + 1)):
            added = (offset, offset * (target == "both"))
            for dimension, pair in enumerate(zip(FIRST, SECOND, strict=True), start=1):
                a, b = pair[0] + added[0], pair[1] + added[1]
                lines.append(
                    {"added_to": target, "offset": offset, "dimension": str(dimension), "first": a, "second": b}
                    | {"product": a * b, "first_squared": a * a, "second_squared": b * b, "cosine": None, "pearson": None}
                )
            total = {name: rounded(value, 6) for name, value in sums(offset, target).items()}
            six = lines[-6:]
            lines.append(
                {"added_to": target, "offset": offset, "dimension": "sum"}
                | {name: sum(row[name] for row in six) for name in ("first", "second")}
                | total
            )
    columns = [
        Column("added_to", "offset added to"),
        Column("offset", "offset", "number", 1),
        Column("dimension", "dimension"),
        Column("first", "first", "number", 1),
        Column("second", "second", "number", 1),
        Column("product", "first × second", "number", 2),
        Column("first_squared", "first²", "number", 2),
        Column("second_squared", "second²", "number", 2),
        Column("cosine", "cosine", "number", 3),
        Column("pearson", "Pearson", "number", 3),
    ]
    return Table(columns, lines, default_rows=lambda row: row["offset"] == 0 and row["added_to"] == "both")


def _measures(offsets: alt.Chart) -> alt.Chart:
    """Cosine and Pearson from the six numbers, computed in the chart for every value of the field `o`."""
    return (
        offsets.transform_calculate(a="datum.first + datum.o", b="datum.second + (target == 'both' ? datum.o : 0)")
        .transform_calculate(ab="datum.a * datum.b", aa="datum.a * datum.a", bb="datum.b * datum.b")
        .transform_aggregate(ab="sum(ab)", aa="sum(aa)", bb="sum(bb)", ma="mean(a)", mb="mean(b)", n="count()", groupby=["o"])
        .transform_calculate(
            cosine="datum.ab / sqrt(datum.aa * datum.bb)",
            pearson="(datum.ab - datum.n * datum.ma * datum.mb)"
            " / sqrt((datum.aa - datum.n * datum.ma * datum.ma) * (datum.bb - datum.n * datum.mb * datum.mb))",
        )
    )


MEASURES = {"domain": ["cosine", "Pearson"], "range": [light("accent"), light("ink-soft")]}
VECTORS = {"domain": ["first", "second"], "range": [light("ink"), light("baseline")]}


def _vectors(height: int) -> alt.LayerChart:
    """The two vectors as bars, dimension by dimension, offset included."""
    bars = (
        rows("six")
        .transform_calculate(a="datum.first + offset", b="datum.second + (target == 'both' ? offset : 0)")
        .transform_fold(["a", "b"], as_=["which", "value"])
        .transform_calculate(vector="datum.which == 'a' ? 'first' : 'second'")
        .mark_bar()
        .encode(
            x=alt.X("dimension:O", axis=alt.Axis(title="dimension", labelAngle=0, titlePadding=4)),
            xOffset=alt.XOffset("vector:N", scale=alt.Scale(domain=VECTORS["domain"], paddingInner=0.2)),
            y=alt.Y(
                "value:Q", scale=alt.Scale(domain=[-3, 7], nice=False), axis=alt.Axis(values=list(range(-2, 7, 2)), title=None)
            ),
            color=alt.Color("vector:N", scale=alt.Scale(**VECTORS), legend=None),
            tooltip=[
                alt.Tooltip("dimension:O", title="dimension"),
                alt.Tooltip("vector:N", title="vector"),
                alt.Tooltip("value:Q", title="value", format=".1f"),
            ],
        )
    )
    zero = one().mark_rule(color=light("ink-soft"), strokeWidth=1).encode(y=alt.YDatum(0))
    return stacked(
        bars, zero, key("first vector", 0, -12, "ink"), key("second", 108, -12, "baseline", text_colour="ink-soft"), height=height
    )


def _measures_by_offset(height: int) -> alt.LayerChart:
    """Both measures along the whole range of offsets, and where they stand now."""

    def folded(chart: alt.Chart) -> alt.Chart:
        return (
            _measures(chart)
            .transform_fold(["cosine", "pearson"], as_=["name", "r"])
            .transform_calculate(measure="datum.name == 'cosine' ? 'cosine' : 'Pearson'")
        )

    along = folded(rows("six").transform_calculate(o=f"sequence(0, {LARGEST_OFFSET + STEP / 2}, {STEP})").transform_flatten(["o"]))
    here = folded(rows("six").transform_calculate(o="offset"))
    x = alt.X(
        "o:Q", scale=alt.Scale(domain=[0, LARGEST_OFFSET], nice=False), axis=alt.Axis(title="offset", tickCount=6, titlePadding=4)
    )
    y = alt.Y("r:Q", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(title=None, format=".1f", tickCount=6))
    colour = alt.Color("measure:N", scale=alt.Scale(**MEASURES), legend=None)
    dashes = alt.StrokeDash("measure:N", scale=alt.Scale(domain=MEASURES["domain"], range=[[1, 0], [5, 4]]), legend=None)
    shapes = alt.Shape("measure:N", scale=alt.Scale(domain=MEASURES["domain"], range=["diamond", "square"]), legend=None)
    curves = along.mark_line(strokeWidth=2).encode(x=x, y=y, color=colour, strokeDash=dashes)
    dots = here.mark_point(size=90).encode(
        x=x,
        y=y,
        color=colour,
        shape=shapes,
        tooltip=[alt.Tooltip("measure:N", title="measure"), alt.Tooltip("r:Q", title="value", format=".3f")],
    )
    values = _measures(rows("six").transform_calculate(o="offset")).transform_calculate(
        cosine_now="'cosine ' + format(datum.cosine, '.2f') + ', ' + format(acos(datum.cosine) * 180 / PI, '.0f') + '°'",
        pearson_now="'Pearson ' + format(datum.pearson, '.2f')",
    )
    style = {"align": "left", "baseline": "alphabetic", "fontSize": TEXT, "fontWeight": 600}
    readings = [
        values.mark_text(**style, color=light(colour)).encode(x=alt.XValue(at + 15), y=alt.YValue(-12), text=f"{field}:N")
        for field, at, colour in (("cosine_now", 0, "accent"), ("pearson_now", 152, "ink-soft"))
    ]
    marks = [key("", 0, -12, "accent", "diamond"), key("", 152, -12, "ink-soft", "square")]
    return stacked(curves, dots, *marks, *readings, height=height)


def _chart(width: int) -> alt.TopLevelMixin:
    height = 190 if is_narrow(width) else 220
    both = panels([_vectors(height), _measures_by_offset(height)], width, left=26, gap=28)
    return controlled(both, offset=0, target="both")


@figure(needs=())
def offset_moves_cosine(data: Mapping[str, Any]) -> Figure:
    start, end, one = sums(0, "both"), sums(LARGEST_OFFSET, "both"), sums(LARGEST_OFFSET, "first")
    return Figure(
        title=(
            f"Add {fixed(LARGEST_OFFSET, 0)} to every number, and the cosine climbs from {fixed(start['cosine'])} to "
            f"{fixed(end['cosine'])}; Pearson stays at {fixed(start['pearson'])}"
        ),
        caption=(
            "Two invented vectors of six numbers (they come from no model). Left, the vectors; right, both measures at every "
            "offset, and the present one as marks. Move the offset: the bars shift together and keep their pattern. Pearson's "
            "correlation looks at the pattern only, because it subtracts each vector's mean first; the cosine also counts the "
            "shared shift as likeness. *Where it misleads:* in a model the offset need not be one number added to every dimension; "
            "it can be any vector towards which most tokens lean."
        ),
        description=(
            f"Six numbers each: first vector {listed(fixed(v, 0) for v in FIRST)}; second vector "
            f"{listed(fixed(v, 0) for v in SECOND)}. Without an offset both measures are {fixed(start['cosine'], 3)} "
            f"({degrees(start['cosine'])}). With {fixed(LARGEST_OFFSET, 0)} added to both vectors the cosine is "
            f"{fixed(end['cosine'], 3)} ({degrees(end['cosine'])}); with {fixed(LARGEST_OFFSET, 0)} added to the first only it "
            f"falls to {fixed(one['cosine'], 3)} ({degrees(one['cosine'])}). Pearson's correlation is {fixed(end['pearson'], 3)} "
            "in all these cases."
        ),
        table=_table(),
        chart=_chart,
        datasets={
            "six": [{"dimension": n, "first": a, "second": b} for n, (a, b) in enumerate(zip(FIRST, SECOND, strict=True), start=1)]
        },
        controls=[
            Control("offset", "Offset", "slider", 0, minimum=0, maximum=LARGEST_OFFSET, step=STEP),
            Control("target", "Added to", "select", "both", options=TARGETS),
        ],
    )
