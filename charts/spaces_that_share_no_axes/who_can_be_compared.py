"""Which pairs of spaces can be compared number by number, and what their words score; the others have no pairs of numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.spaces import DirectComparison, DirectComparisons
from charts.figure import Column, Figure, Table, figure
from charts.layout import note, one, rows, stacked
from charts.palette import light
from charts.reading import count, fixed, listed
from charts.spaces_that_share_no_axes.parts import by_key, down, pair_colour, pair_name, widths
from charts.theme import TEXT, is_narrow

LANE, HEAD, RANGE = 46, 26, 0.5  # px, px, r


def _chart(compared: DirectComparisons, width: int) -> Any:
    narrow = is_narrow(width)
    spaces = by_key(compared.spaces)
    lane = LANE + (20 if narrow else 0)
    left = 0 if narrow else 230
    plot, height = width - left - 8, HEAD + lane * len(compared.pairs)
    scale = alt.Scale(domain=[-RANGE, RANGE], nice=False, clamp=True)
    axis = alt.Axis(values=[-0.4, -0.2, 0, 0.2, 0.4], format=".1f", title="r of a word’s two rows", titleAnchor="end", grid=False)
    layers: list[Any] = []
    for n, pair in enumerate(compared.pairs):
        middle = HEAD + lane * n + (42 if narrow else 18)
        top = HEAD + lane * n + (12 if narrow else 15)
        layers.append(note(pair_name(pair, spaces), -left, top, pair_colour(pair), fontSize=TEXT, fontWeight=600))
        said = f"{widths(pair, spaces)} numbers{'' if narrow else ' a word'}"
        layers.append(note(said, 190 if narrow else -left, top if narrow else top + 16))
        if pair.correlations is None:
            text = "not defined: there are no pairs of numbers"
            layers.append(note(text, 0 if narrow else plot / 2, middle + 4, align="left" if narrow else "center", fontSize=TEXT))
            continue
        half = 1.96 * pair.correlations.null_standard_deviation
        band = one(low=-half, high=half, y=middle - 10, y2=middle + 10)
        place = {"x": alt.X("low:Q", scale=scale), "y": down(height), "y2": "y2:Q"}
        layers.append(band.mark_rect(color=light("baseline"), opacity=0.3).encode(**place, x2="high:Q"))
        zero = one(low=0, y=middle - 14, y2=middle + 14)
        layers.append(zero.mark_rule(color=light("ink-soft")).encode(**place))
    for relation in ("other seed", "other objective", "other model"):
        form = str(narrow).lower()
        here = rows("words").transform_filter(f"datum.relation == '{relation}' && datum.narrow == {form}")
        colour = {"other seed": "accent", "other objective": "ink-soft", "other model": "ink"}[relation]
        layers.append(
            here.mark_tick(color=light(colour), thickness=1.5, size=20, opacity=0.8).encode(
                x=alt.X("r:Q", scale=scale, axis=axis),
                y=down(height),
                tooltip=[alt.Tooltip("word:N", title="word"), alt.Tooltip("r:Q", title="r", format=".3f")],
            )
        )
    layers.append(note("grey: 95% of rows without any relation", 0, 10))
    return stacked(*layers, width=plot, height=height)


def _drawn(compared: DirectComparisons, narrow: bool = False) -> list[dict[str, Any]]:
    lane = LANE + (20 if narrow else 0)
    return [
        {"relation": pair.relation, "word": word, "r": r, "y": HEAD + lane * n + (42 if narrow else 18), "narrow": narrow}
        for n, pair in enumerate(compared.pairs)
        if pair.correlations is not None
        for word, r in zip(compared.listed, pair.correlations.listed, strict=True)
    ]


def beyond(pair: DirectComparison) -> int:
    """Words of the list outside the band."""
    return sum(abs(r) > 1.96 * pair.correlations.null_standard_deviation for r in pair.correlations.listed)


@figure(needs=("direct_comparisons",))
def who_can_be_compared(data: Mapping[str, Any]) -> Figure:
    compared: DirectComparisons = data["direct_comparisons"]
    spaces = by_key(compared.spaces)
    without = [pair for pair in compared.pairs if pair.correlations is None]
    models = [pair for pair in compared.pairs if pair.relation == "other model"]
    having = [pair for pair in models if pair.correlations is not None]
    if not having:
        title = "Between the models of this set a direct comparison is not even defined: " + listed(
            f"{spaces[p.first].name} and {spaces[p.second].name} have {widths(p, spaces)} numbers a word" for p in models[:1]
        )
    else:
        title = "Where widths agree, a direct comparison can be computed: words correlate " + listed(
            f"{fixed(p.correlations.same_word.mean)} on average between {pair_name(p, spaces)}" for p in having[:2]
        )
    table = [
        {"pair": pair_name(p, spaces), "first": spaces[p.first].width, "second": spaces[p.second].width}
        | (
            {
                "mean": p.correlations.same_word.mean,
                "lowest": min(p.correlations.listed, default=None),
                "highest": max(p.correlations.listed, default=None),
                "null": p.correlations.null_standard_deviation,
                "beyond": beyond(p),
            }
            if p.correlations
            else dict.fromkeys(("mean", "lowest", "highest", "null", "beyond"))
        )
        for p in compared.pairs
    ]

    return Figure(
        title=title,
        caption=(
            f"A tick is one of {count(len(compared.listed), 'word')}: the correlation of its two rows, axis 1 paired with axis 1 and so "
            "on. The grey band holds 95% of what rows without any relation give: the more numbers a row has, the narrower. *Where it "
            "misleads:* an equal width makes the correlation computable, not meaningful; nothing ties axis 1 of one space to axis 1 of "
            "another."
        ),
        description=" ".join(
            f"{row['pair']}, {row['first']} and {row['second']} numbers a word: "
            + (
                "not defined."
                if row["mean"] is None
                else f"mean r over all words in common {fixed(row['mean'], 3)}; {row['beyond']} of the {len(compared.listed)} listed words "
                "lie outside the band."
            )
            for row in table
        )
        + (f" {len(without)} of {len(compared.pairs)} pairs have no direct comparison." if without else ""),
        table=Table(
            [
                Column("pair", "spaces"),
                Column("first", "numbers a word, first", "integer"),
                Column("second", "second", "integer"),
                Column("mean", "mean r, all words", "number", 3),
                Column("lowest", "lowest r listed", "number", 3),
                Column("highest", "highest", "number", 3),
                Column("null", "SD if independent", "number", 3),
                Column("beyond", "listed words outside the band", "integer"),
            ],
            table,
        ),
        chart=lambda width: _chart(compared, width),
        datasets={"words": _drawn(compared) + _drawn(compared, narrow=True)},
    )
