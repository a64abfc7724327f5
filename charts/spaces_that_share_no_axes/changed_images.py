"""Images of digits, all changed in the same way: what becomes of their pixels, and of the cosines between them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.spaces import ChangedImages, ImageChange
from charts.figure import Column, Control, Figure, Table, figure
from charts.layout import controlled, joined, note, one, rows, stacked
from charts.palette import light
from charts.reading import fixed, listed, rounded
from charts.spaces_that_share_no_axes.parts import across, chosen, down
from charts.theme import TEXT, is_narrow

DIGIT = 7  # the source's
EXACT = 1e-5  # a cosine that moves by less has not moved
HEAD = 46  # px above the pictures


def of_change(images: ChangedImages, key: str) -> ImageChange:
    """One change by its key."""
    return next(change for change in images.changes if change.key == key)


def _datasets(images: ChangedImages) -> dict[str, list[dict[str, Any]]]:
    digits = [images.digits[n] for n in images.shown]

    def picture(pixels: list[float]) -> list[float]:
        top = max(abs(value) for value in pixels) or 1
        return [rounded(value / top, 2) for value in pixels]

    pictures = [{"change": "", "digit": d, "v": picture(p)} for d, p in zip(digits, images.pixels, strict=True)]
    for change in images.changes:
        pictures += [
            {"change": change.key, "digit": d, "v": picture(p), "r": rounded(change.own[n], 3)}
            for d, p, n in zip(digits, change.shown, images.shown, strict=True)
        ]
    pairs = [{"change": change.key, "a": images.cosines, "b": change.cosines} for change in images.changes]
    return {"pictures": pictures, "pairs": pairs}


def _picture(which: str, heading: str, side: int, size: int) -> alt.LayerChart:
    """One image, cell by cell."""
    cell = size / side
    cells = (
        rows("pictures")
        .transform_filter(f"datum.digit == digit && datum.change == {which}")
        .transform_flatten(["v"])
        .transform_window(n="row_number()")
        .transform_calculate(
            x=f"((datum.n - 1) % {side}) * {cell:.3f}",
            x2=f"((datum.n - 1) % {side} + 1) * {cell:.3f}",
            y=f"floor((datum.n - 1) / {side}) * {cell:.3f}",
            y2=f"(floor((datum.n - 1) / {side}) + 1) * {cell:.3f}",
            strength="abs(datum.v)",
        )
    )
    squares = cells.mark_rect(stroke=light("grid"), strokeWidth=0.5).encode(
        x=across(size),
        x2="x2:Q",
        y=down(size),
        y2="y2:Q",
        fill=alt.FillValue(light("above-zero"), condition={"test": "datum.v < 0", "value": light("below-zero")}),
        fillOpacity=alt.FillOpacity("strength:Q", scale=alt.Scale(domain=[0, 1], range=[0, 1]), legend=None),
    )
    return stacked(squares, note(heading, 0, -8), width=size, height=size)


def _chart(images: ChangedImages, change: str, width: int) -> Any:
    narrow = is_narrow(width)
    size = 132 if narrow else 150
    value = (
        rows("pictures")
        .transform_filter("datum.digit == digit && datum.change == change")
        .transform_calculate(text="'pixel by pixel, r = ' + replace(format(datum.r, '.2f'), '-', '−')")
        .mark_text(align="left", baseline="alphabetic", fontSize=TEXT, fontWeight=600, color=light("accent"))
        .encode(x=alt.XValue(0), y=alt.YValue(-26), text="text:N")
    )
    before = _picture("''", "before", images.side, size)
    after = _picture("change", "after", images.side, size)
    before.layer.append(value)
    low = math.floor(min(*images.cosines, *(min(c.cosines) for c in images.changes)) * 5) / 5
    scale = alt.Scale(domain=[low, 1], nice=False)
    ticks = [n / 5 for n in range(round(low * 5), 6)]
    side = width - 36 if narrow else width - 2 * size - 24 - 68
    height = 230 if narrow else 270
    dots = (
        rows("pairs")
        .transform_filter("datum.change == change")
        .transform_flatten(["a", "b"])
        .mark_point(size=16, opacity=0.5, color=light("accent"))
        .encode(
            x=alt.X("a:Q", scale=scale, axis=alt.Axis(values=ticks, format=".1f", title="cosine of two images before")),
            y=alt.Y("b:Q", scale=scale, axis=alt.Axis(values=ticks, format=".1f", title=None)),
        )
    )
    diagonal = (
        one(a=low, b=1)
        .mark_rule(color=light("baseline"), strokeDash=[4, 3])
        .encode(x=alt.X("a:Q", scale=scale), x2="b:Q", y=alt.Y("a:Q", scale=scale), y2="b:Q")
    )
    said = {c.key: _said(c) for c in images.changes}
    scatter = stacked(
        diagonal,
        dots,
        note(alt.expr(chosen(said, "change")), 0, -26, "accent", fontSize=TEXT, fontWeight=600),
        note(f"up: the same {len(images.cosines)} cosines after", 0, -8),
        width=side,
        height=height,
    )
    pictures = joined(before, after, beside=True, spacing=24)
    both = joined(pictures, scatter, beside=not narrow, spacing=30 if narrow else 34)
    return controlled(both, change=change, digit=DIGIT)


def _said(change: ImageChange) -> str:
    if change.largest_difference < EXACT:
        return "no cosine has changed"
    return f"cosines change by up to {fixed(change.largest_difference)}"


@figure(needs=("changed_images",))
def changed_images(data: Mapping[str, Any]) -> Figure:
    images: ChangedImages = data["changed_images"]
    kept = [change for change in images.changes if change.largest_difference < EXACT]
    blur = of_change(images, "blur")
    table = [
        {
            "change": change.label,
            "digit": images.digits[n],
            "own": change.own[n],
            "own_mean": change.own_mean,
            "other": change.other_mean,
            "difference": change.largest_difference,
            "cosines": change.cosine_correlation,
            "found_before": change.found_before,
            "found": change.found,
        }
        for change in images.changes
        for n in images.shown
    ]
    named = [change for change in kept if change.key != "orthogonal"] or images.changes[:3]
    return Figure(
        title=(
            f"Rotated, transposed or shuffled, images correlate {listed(fixed(c.own_mean) for c in named)} with themselves, and not "
            "one cosine between images changes"
            if len(kept) == sum(change.kept for change in images.changes)
            else "Some changes of all images keep the cosines between them, others do not"
        ),
        caption=(
            f"{len(images.digits)} handwritten digits, three of each; choose a digit and a change, which is done to all of them alike. "
            f"Right, each dot is a pair of images. A blur does the opposite of a rotation: each image still looks like itself "
            f"(r = {fixed(blur.own_mean)} on average), and the cosines move. Each picture’s strongest pixel has full colour; green pixels "
            "are below zero. *Where it misleads:* all these changes are the same for every image, and a model’s space is not another’s "
            f"space put through such a change, as we shall see. Data: {images.source}, {images.licence}."
        ),
        description=" ".join(
            f"{change.label}: an image correlates {fixed(change.own_mean)} with itself after the change and "
            f"{fixed(change.other_mean)} with another image; cosines of pairs change by at most {fixed(change.largest_difference)} and "
            f"correlate {fixed(change.cosine_correlation, 3)} with those before."
            for change in images.changes
        ),
        table=Table(
            [
                Column("change", "change"),
                Column("digit", "digit", "integer"),
                Column("own", "r of this image with itself", "number", 3),
                Column("own_mean", "mean over all images", "number", 3),
                Column("other", "mean r with another", "number", 3),
                Column("difference", "largest change of a cosine", "number", 3),
                Column("cosines", "r of cosines, before and after", "number", 3),
                Column("found_before", "mean cosine with itself, centred", "number", 3),
                Column("found", "after a fitted rotation", "number", 3),
            ],
            table,
            default_rows=lambda row: row["digit"] == DIGIT,
        ),
        chart=lambda width: _chart(images, "rotate", width),
        datasets=_datasets(images),
        controls=[
            Control("change", "Change", "select", "rotate", options=[(c.key, c.label) for c in images.changes]),
            Control("digit", "Digit", "slider", DIGIT, minimum=0, maximum=9, step=1),
        ],
    )
