"""What a low-bit format does to cosines: the sizes of their changes, on a logarithmic axis."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.scores import BitFormat, QuantisedCopies
from charts.figure import Column, Figure, Table, figure
from charts.layout import note, rows, stacked
from charts.palette import light
from charts.reading import fixed, members, percent
from charts.theme import SMALL, TEXT, is_narrow

LANE, HEAD = 46, 8  # px
FLOOR = 1e-5  # the axis ends here; smaller changes are drawn at its end


def label_of(entry: BitFormat) -> str:
    """A format with its bits a number."""
    return f"{entry.name}, {fixed(entry.bits, 1)} bits"


def small(value: float) -> str:
    """A small number that is not negative, to two digits that count, as far as four decimals go."""
    if value < 0.00005:
        return "less than 0.0001" if value else "0"
    return fixed(value, min(4, max(2, 1 - math.floor(math.log10(value)))))


def _title(found: QuantisedCopies, name: str) -> str:
    entry = found.formats[0]
    return (
        f"Eight bits move a cosine of {name} by {small(entry.mean_change)} on average and {small(entry.largest_change)} at most; "
        f"{percent(entry.kept_neighbours, 1)} of all neighbours stay"
    )


def _chart(found: QuantisedCopies, width: int) -> alt.TopLevelMixin:
    narrow = is_narrow(width)
    left = 0 if narrow else 128
    most = max(entry.largest_change for entry in found.formats) or 1
    high = 10.0 ** math.ceil(math.log10(most))
    ticks = [10.0**n for n in range(round(math.log10(FLOOR)), round(math.log10(high)) + 1)]
    scale = alt.Scale(type="log", domain=[FLOOR, high], nice=False)
    axis = alt.Axis(values=ticks, format="~g", title="size of a cosine's change", titleAnchor="end", labelOverlap=False)
    lane = LANE + (20 if narrow else 0)
    height = lane * len(found.formats) + HEAD
    here = rows("formats").transform_calculate(
        at=f"(datum.place + 0.5) * {lane} + {HEAD + (8 if narrow else 0)}", above=f"datum.place * {lane} + {HEAD + 4}"
    )
    y = alt.Scale(domain=[height, 0], nice=False)
    at = alt.Y("at:Q", scale=y, axis=None)

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=scale, axis=axis)

    tips = [
        alt.Tooltip("label:N", title="format"),
        alt.Tooltip("mean:Q", title="mean change", format=".5f"),
        alt.Tooltip("largest:Q", title="largest", format=".4f"),
    ]
    paint = light("encoder")
    layers: list[Any] = [
        here.mark_rule(color=paint, strokeWidth=2, opacity=0.6).encode(x=x("q05"), x2="largest:Q", y=at),
        here.mark_rule(color=paint, strokeWidth=8, opacity=0.45).encode(x=x("q25"), x2="q75:Q", y=at),
        here.mark_point(color=paint, size=70, shape="square").encode(x=x("mean"), y=at, tooltip=tips),
        here.mark_point(color=paint, size=60, shape="stroke", angle=90, filled=False, strokeWidth=2).encode(x=x("largest"), y=at),
    ]
    names = here.mark_text(align="left", baseline="middle", fontSize=TEXT)
    place = alt.Y("above:Q", scale=y, axis=None) if narrow else at
    layers.append(names.encode(x=alt.XValue(-left), y=place, text="label:N"))
    layers.append(note("", 0, height, fontSize=SMALL))
    return stacked(*layers, width=width - left - 16, height=height)


@figure(needs=("model_facts", "quantised_copies"))
def fewer_bits(data: Mapping[str, Any]) -> Figure:
    found: QuantisedCopies = data["quantised_copies"]
    name = members(data)["encoder"].name
    drawn = [
        {
            "place": n,
            "label": label_of(e),
            "mean": max(FLOOR, e.mean_change),
            "largest": max(FLOOR, e.largest_change),
            "q05": max(FLOOR, e.change_quantiles[0]),
            "q25": max(FLOOR, e.change_quantiles[1]),
            "q75": max(FLOOR, e.change_quantiles[3]),
        }
        for n, e in enumerate(found.formats)
    ]
    table = [
        {
            "format": label_of(e),
            "error": e.relative_error,
            "mean": e.mean_change,
            "largest": e.largest_change,
            "kept": e.kept_neighbours,
            "same": e.same_neighbours,
            "nearest": e.same_nearest,
            "score": e.score_with_decoder,
            "own": e.score_with_original,
        }
        for e in found.formats
    ]
    sentences = [
        f"{label_of(e)}: a cosine changes by {small(e.mean_change)} on average and {small(e.largest_change)} at most; "
        f"{percent(e.kept_neighbours, 1)} of all neighbours among the first {found.k} stay, and {percent(e.same_neighbours)} of "
        "the lists keep all; the RSA score with the "
        f"decoder is {fixed(e.score_with_decoder, 4)} instead of {fixed(found.score, 4)}."
        for e in found.formats
    ]
    return Figure(
        title=_title(found, name),
        caption=(
            f"{name}'s embedding matrix, put into two formats of GGUF files and read back. In both, {found.block} numbers share a scale. "
            f"Cosines of {found.sampled_words:,} random words with all {found.tokens:,} tokens: the square is the mean size of a change, "
            "the thick line half of all changes, the stroke at the end the largest. *Where it misleads:* it is the encoder's matrix that "
            "is coarsened; what the decoder's was like before, no file here says."
        ),
        description=" ".join(sentences),
        table=Table(
            [
                Column("format", "format"),
                Column("error", "relative error of the matrix", "number", 4),
                Column("mean", "mean change of a cosine", "number", 5),
                Column("largest", "largest change", "number", 4),
                Column("kept", f"share of {found.k} neighbours kept", "number", 4),
                Column("same", "share of lists unchanged", "number", 3),
                Column("nearest", "share with the same nearest", "number", 3),
                Column("score", "RSA with the decoder", "number", 4),
                Column("own", "RSA with its original", "number", 4),
            ],
            table,
        ),
        chart=lambda width: _chart(found, width),
        datasets={"formats": drawn},
        roles=("encoder",),
    )
