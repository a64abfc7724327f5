"""From twins to other models: one space turned onto another, judged on words that the rotation never saw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.spaces import SpaceAlignment, SpaceAlignments
from charts.figure import Column, Figure, Table, figure
from charts.layout import key, note, one, rows, stacked
from charts.palette import light
from charts.reading import fixed, percent
from charts.spaces_that_share_no_axes.parts import by_key, down, pair_colour, pair_name, widths
from charts.theme import TEXT, is_narrow

LANE, HEAD, FOOT = 52, 30, 4  # px
KEYS = (  # what is written above the plot
    ("right word first", "accent", "square"),
    ("right word among ten", "accent", ""),
    ("mean cosine", "ink", "diamond"),
    ("words paired by lot", "baseline", "diamond"),
)
ALMOST = 0.9  # a mean cosine from which one would call two spaces rotations of each other, but for noise


def main_pair(aligned: SpaceAlignments) -> SpaceAlignment:
    """Decoder and encoder."""
    return next(pair for pair in aligned.pairs if (pair.first, pair.second) == ("decoder", "encoder"))


def _names(aligned: SpaceAlignments, width: int) -> tuple[list[Any], float]:
    """The name of each pair, with its widths; and the height that all pairs take."""
    narrow = is_narrow(width)
    left, lane = (0, LANE + 26) if narrow else (196, LANE)
    spaces = by_key(aligned.spaces)
    layers: list[Any] = []
    for n, pair in enumerate(aligned.pairs):
        top = HEAD + lane * n + 14
        layers.append(note(pair_name(pair, spaces), -left, top, pair_colour(pair), fontSize=TEXT, fontWeight=600))
        layers.append(note(f"{widths(pair, spaces)} axes", 210 if narrow else -left, top if narrow else top + 16))
    return layers, HEAD + lane * len(aligned.pairs) + FOOT


def _bars(aligned: SpaceAlignments, width: int) -> Any:
    """A bar a pair: the share of words that find themselves first; a tick for ten places, a dot for the mean cosine."""
    narrow = is_narrow(width)
    left = 0 if narrow else 196
    names, height = _names(aligned, width)
    scale = alt.Scale(domain=[0, 1], nice=False)
    axis = alt.Axis(
        values=[0, 0.25, 0.5, 0.75, 1],
        format=".2~f",
        title="mean cosine; share of words",
        titleAnchor="end",
    )
    form = "narrow" if narrow else "wide"
    here = rows("pairs").transform_filter(f"datum.form == '{form}'")
    tips = [
        alt.Tooltip("pair:N", title="spaces"),
        alt.Tooltip("what:N", title="what"),
        alt.Tooltip("value:Q", title="value", format=".3f"),
    ]
    layers: list[Any] = list(names)
    for what, mark, colour, options in (
        ("right word first", "bar", "accent", {"height": 9}),
        ("right word among ten", "tick", "accent", {"size": 15, "thickness": 2}),
        ("mean cosine", "point", "ink", {"size": 64, "shape": "diamond"}),
        ("mean cosine, words paired by lot", "point", "baseline", {"size": 46, "shape": "diamond"}),
    ):
        part = here.transform_filter(f"datum.what == '{what}'")
        chart = getattr(part, f"mark_{mark}")(color=light(colour), **options)
        x = alt.X("value:Q", scale=scale, axis=axis)
        layers.append(chart.encode(x=x, y=down(height), tooltip=tips, **({"x2": alt.X2Datum(0)} if mark == "bar" else {})))
    for n, (text, colour, shape) in enumerate(KEYS):
        x, y = ((0, 150)[n % 2], -12 + 18 * (n // 2)) if narrow else ((0, 150, 330, 450)[n] - left, 8)
        if shape:
            layers.extend(key(text, x, y, colour, shape, "ink-soft" if colour == "baseline" else colour))
        else:  # a tick, as in the plot
            tick = one().mark_rule(color=light(colour), strokeWidth=2)
            layers.append(tick.encode(x=alt.XValue(x + 5), y=alt.YValue(y - 11), y2=alt.Y2Value(y + 3)))
            layers.append(note(text, x + 15, y, colour, fontWeight=600, fontSize=TEXT))
    lane = LANE + 26 if narrow else LANE
    for n in range(len(aligned.pairs)):
        top = HEAD + lane * n + (26 if narrow else 2)
        zero = one(value=0, y=top, y2=top + 36)
        layers.append(zero.mark_rule(color=light("ink-soft")).encode(x=alt.X("value:Q", scale=scale, axis=axis), y=down(height), y2="y2:Q"))
    return stacked(*layers, width=width - left - 14, height=height)


def _drawn(aligned: SpaceAlignments) -> list[dict[str, Any]]:
    spaces = by_key(aligned.spaces)
    drawn = []
    for form, lane, first in (("wide", LANE, 12), ("narrow", LANE + 26, 34)):
        for n, pair in enumerate(aligned.pairs):
            y = HEAD + lane * n + first
            for what, value, dy in (
                ("right word first", pair.held_out.first_place, 0),
                ("right word among ten", pair.held_out.ten_places, 0),
                ("mean cosine", pair.held_out.cosine, 17),
                ("mean cosine, words paired by lot", max(0.0, pair.shuffled.cosine), 17),
            ):
                drawn.append({"form": form, "pair": pair_name(pair, spaces), "what": what, "value": value, "y": y + dy})
    return drawn


@figure(needs=("space_alignments",))
def turned_onto_each_other(data: Mapping[str, Any]) -> Figure:
    aligned: SpaceAlignments = data["space_alignments"]
    spaces, pair = by_key(aligned.spaces), main_pair(aligned)
    first, second = spaces[pair.first].name, spaces[pair.second].name
    found = pair.held_out
    chance = 1 / max(aligned.held_out_words, 1)
    table = [
        {
            "pair": pair_name(p, spaces),
            "widths": widths(p, spaces),
            "before": p.before,
            "cosine": p.held_out.cosine,
            "fitted": p.fitted,
            "shuffled": p.shuffled.cosine,
            "first_place": 100 * p.held_out.first_place,
            "ten_places": 100 * p.held_out.ten_places,
            "back": 100 * p.back.first_place,
            "shuffled_first": 100 * p.shuffled.first_place,
            "cut": None if p.cut is None else p.cut.cosine,
            "cut_first": None if p.cut is None else 100 * p.cut.first_place,
            "linear": p.linear.cosine,
            "linear_first": 100 * p.linear.first_place,
            "linear_shuffled": p.linear_shuffled.cosine,
            "rare_first": 100 * p.by_third[-1].first_place,
            "strangers": None if p.strangers is None else p.strangers.cosine,
            "strangers_first": None if p.strangers is None else 100 * p.strangers.first_place,
        }
        for p in aligned.pairs
    ]
    if found.first_place > 20 * chance and found.cosine < ALMOST:
        title = (
            f"Turned onto {second}, {percent(found.first_place)} of {first}’s words come to lie nearest to themselves; but their mean "
            f"cosine is {fixed(found.cosine)}: related, not rotated"
        )
    elif found.cosine >= ALMOST:
        title = f"{first} and {second} are nearly rotations of each other: held-out words reach a mean cosine of {fixed(found.cosine)}"
    else:
        title = f"No rotation brings {first} onto {second}: {percent(found.first_place, 1)} of the words find themselves"
    return Figure(
        title=title,
        caption=(
            f"The same {aligned.words:,} words in all spaces. A rotation is fitted on half of them and judged on the other "
            f"{aligned.held_out_words:,}: does a word of the first space land nearest to itself among all of these? By chance "
            f"{percent(chance, 2)} would. Where widths differ, zeros are appended to the narrower rows. *Where it misleads:* do not "
            "compare cosines across widths. In few axes the cosines of unrelated words spread more widely, and a wide row turned onto "
            "a narrow space keeps a part that has no place there, which lowers its cosine, not its rank."
        ),
        description=" ".join(
            f"{row['pair']} ({row['widths']} axes): mean cosine {fixed(row['before'])} before, {fixed(row['cosine'])} after the rotation, "
            f"{fixed(row['shuffled'])} with words paired by lot; right word first {fixed(row['first_place'], 1)}%, among ten "
            f"{fixed(row['ten_places'], 1)}%."
            for row in table
        ),
        table=Table(
            [
                Column("pair", "spaces"),
                Column("widths", "axes"),
                Column("before", "cosine before", "number", 3),
                Column("cosine", "held out", "number", 3),
                Column("fitted", "fitted words", "number", 3),
                Column("shuffled", "by lot", "number", 3),
                Column("first_place", "% first", "number", 1),
                Column("ten_places", "% among ten", "number", 1),
                Column("back", "% first, the other way", "number", 1),
                Column("shuffled_first", "% first, by lot", "number", 2),
                Column("cut", "cosine, cut by PCA", "number", 3),
                Column("cut_first", "% first, cut by PCA", "number", 1),
                Column("linear", "cosine, any linear map", "number", 3),
                Column("linear_first", "% first, any linear map", "number", 1),
                Column("linear_shuffled", "cosine, any linear map, by lot", "number", 3),
                Column("rare_first", "% first, rarest third", "number", 1),
                Column("strangers", "cosine, words without a relative", "number", 3),
                Column("strangers_first", "% first, words without a relative", "number", 1),
            ],
            table,
        ),
        chart=lambda width: _bars(aligned, width),
        datasets={"pairs": _drawn(aligned)},
    )
