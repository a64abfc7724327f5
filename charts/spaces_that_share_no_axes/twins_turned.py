"""Small models turned onto each other: how near a word's two rows lie before the rotation, after it, and after a rotation by lot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.twins import TwinPairComparison, Twins
from charts.figure import Column, Figure, Table, figure
from charts.layout import key, note, one, rows, stacked
from charts.palette import light
from charts.reading import count, fixed
from charts.spaces_that_share_no_axes.parts import down, range_of, twin_name
from charts.theme import TEXT, is_narrow

WAYS = {"before": "as they are", "shuffled": "turned, words paired by lot", "after": "turned, words paired rightly"}
LANE, LINE, HEAD = 84, 17, 24  # px


GROUPS = {  # what two models have in common -> colour, shape, row within a lane
    "two skip-gram seeds": ("accent", "circle"),
    "two CBOW seeds": ("ink-soft", "circle"),
    "skip-gram and CBOW": ("ink", "square"),
}


def group_of(twins: Twins, pair: TwinPairComparison) -> str:
    """What tells two small models apart, as the figure's lines are labelled."""
    of = {model.name: model.objective for model in twins.models}
    first, second = of[pair.first], of[pair.second]
    return f"two {first} seeds" if first == second else "skip-gram and CBOW"


def values(pair: TwinPairComparison) -> dict[str, float]:
    """Mean cosines of held-out words."""
    return {"before": pair.alignment.cosine_before, "shuffled": pair.alignment.cosine_shuffled, "after": pair.alignment.cosine}


def after_by_group(twins: Twins) -> dict[str, list[float]]:
    """Group -> mean cosines of words with themselves after the rotation, one a pair of models."""
    found: dict[str, list[float]] = {}
    for pair in twins.pairs:
        found.setdefault(group_of(twins, pair), []).append(pair.alignment.cosine)
    return found


def _chart(twins: Twins, width: int) -> alt.TopLevelMixin:
    narrow = is_narrow(width)
    left = 0 if narrow else 190
    plot, height = width - left - 14, HEAD + LANE * len(WAYS) + 6
    scale = alt.Scale(domain=[-0.1, 1], nice=False)
    axis = alt.Axis(values=[0, 0.2, 0.4, 0.6, 0.8, 1], format=".1f", title="mean cosine of a held-out word’s two rows", titleAnchor="end")
    layers: list[Any] = []
    for n, name in enumerate(WAYS.values()):
        top = HEAD + LANE * n
        layers.append(note(name, 0 if narrow else -left, top + (12 if narrow else 40), "ink", fontSize=TEXT, fontWeight=600))
        zero = one(cosine=0, y=top + 20, y2=top + 20 + LINE * len(GROUPS) - 6)
        layers.append(zero.mark_rule(color=light("ink-soft")).encode(x=alt.X("cosine:Q", scale=scale), y=down(height), y2="y2:Q"))
    for name, (colour, shape) in GROUPS.items():
        here = rows("pairs").transform_filter(f"datum.group == '{name}'")
        layers.append(
            here.mark_point(color=light(colour), shape=shape, size=50, opacity=0.75).encode(
                x=alt.X("cosine:Q", scale=scale, axis=axis),
                y=down(height),
                tooltip=[
                    alt.Tooltip("pair:N", title="models"),
                    alt.Tooltip("way:N", title="rows"),
                    alt.Tooltip("cosine:Q", title="mean cosine", format=".3f"),
                ],
            )
        )
    for n, (name, (colour, shape)) in enumerate(GROUPS.items()):
        short = ("skip-gram seeds", "CBOW seeds", "one of each")[n] if narrow else name
        x = (0, 122, 224)[n] if narrow else -left + (0, 170, 320)[n]
        layers.extend(key(short, x, 8, colour, shape))
    return stacked(*layers, width=plot, height=height)


@figure(needs=("twins",))
def twins_turned(data: Mapping[str, Any]) -> Figure:
    twins: Twins = data["twins"]
    drawn, table, order = [], [], list(GROUPS)
    for pair in twins.pairs:
        group = group_of(twins, pair)
        name = f"{twin_name(pair.first)} and {twin_name(pair.second)}"
        for n, (way, cosine) in enumerate(values(pair).items()):
            y = HEAD + LANE * n + 26 + LINE * order.index(group)
            drawn.append({"group": group, "pair": name, "way": WAYS[way], "cosine": cosine, "y": y})
        table.append({"models": name, "group": group, **values(pair), "fitted": pair.alignment.cosine_fitted})
    after = after_by_group(twins)
    before = [pair.alignment.cosine_before for pair in twins.pairs if group_of(twins, pair) == order[0]]
    crossed = after.get("skip-gram and CBOW")
    alignment = twins.pairs[0].alignment
    return Figure(
        title=(
            f"Turned onto its twin, a skip-gram model’s unseen words reach a mean cosine of {range_of(after[order[0]])}, instead of "
            f"{range_of(before)}" + (f"; turned onto CBOW, they reach {range_of(crossed)}" if crossed else "")
        ),
        caption=(
            f"A rotation was fitted on {count(alignment.fitted_words, 'word')} and judged on {alignment.held_out_words:,} others, once "
            "for each pair of models: one mark a pair. In the middle, the same with words paired by lot before fitting: what a rotation "
            "reaches that has learned nothing. *Where it misleads:* a mean hides that some words end up closer than others; and a cosine "
            "of 1 would need two trainings without any noise."
        ),
        description=" ".join(
            f"{row['models']}: before {fixed(row['before'])}, by lot {fixed(row['shuffled'])}, after {fixed(row['after'])} "
            f"(fitted words {fixed(row['fitted'])})."
            for row in table
        ),
        table=Table(
            [
                Column("models", "models"),
                Column("group", "what differs"),
                Column("before", "before", "number", 3),
                Column("shuffled", "by lot", "number", 3),
                Column("after", "after, held out", "number", 3),
                Column("fitted", "after, fitted words", "number", 3),
            ],
            table,
        ),
        chart=lambda width: _chart(twins, width),
        datasets={"pairs": drawn},
    )
