"""How many neighbours are the word itself once more: with another space, capital or ending."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.measures import VariantsOfModel
from charts.figure import Column, Figure, Table, figure
from charts.layout import key, role_colour, role_shape, rows, stacked
from charts.palette import SHAPES
from charts.reading import Member, fixed, listed, members, of_role, percent, rounded
from charts.theme import is_narrow

RARE = 0.05  # of words; below it, variants are not worth a headline


def _title(variants: dict[str, VariantsOfModel], models: dict[str, Member]) -> str:
    first = {role: entry.share_by_rank[0] for role, entry in variants.items()}
    words = listed(f"{percent(share)} of words in {models[role].name}" for role, share in first.items())
    if max(first.values()) < RARE:
        return f"Hardly any nearest neighbour is a variant of the word itself: it is for {words}"
    return f"The nearest neighbour is only a variant of the word itself for {words}"


def _chart(shares: list[dict[str, Any]], variants: dict[str, VariantsOfModel], models: dict[str, Member], width: int):
    top = max(0.1, math.ceil(max(row["share"] for row in shares) * 10) / 10)
    ranks = max(row["rank"] for row in shares)
    ticks = [1, *range(5, ranks + 1, 5)]
    base = rows("shares").encode(
        x=alt.X(
            "rank:Q",
            scale=alt.Scale(domain=[0.5, ranks + 0.5], nice=False, zero=False),
            axis=alt.Axis(values=ticks, title="rank of the neighbour", grid=False, titlePadding=6),
        ),
        y=alt.Y(
            "share:Q",
            scale=alt.Scale(domain=[0, top], nice=False),
            axis=alt.Axis(format=".0%", title="share of words whose neighbour at that rank is a variant", tickCount=5),
        ),
        color=role_colour(models),
    )
    lines = base.mark_line(strokeWidth=1.5)
    dots = base.mark_point(size=46).encode(
        shape=role_shape(models),
        tooltip=[
            alt.Tooltip("rank:Q", title="rank"),
            alt.Tooltip("share:Q", title="share that are variants", format=".1%"),
        ],
    )
    # Both curves fall towards the right, so the upper right is free for the names.
    at, unit = (120, "") if is_narrow(width) else (330, " neighbours")
    names = [
        key(f"{models[role].name}: {fixed(entry.mean_any, 1)} of {entry.k}{unit}", at, 24 + 22 * n, role, SHAPES[role])
        for n, (role, entry) in enumerate(variants.items())
    ]
    return stacked(lines, dots, *names, width=width - 42, height=200 if is_narrow(width) else 230)


@figure(needs=("model_facts", "variants"))
def variants_by_rank(data: Mapping[str, Any]) -> Figure:
    models, exported = members(data), data["variants"]
    variants = {role: of_role(exported.by_model, role) for role in models}
    shares = [
        {"model": models[role].name, "role": role, "rank": rank, "share": share, "share_percent": 100 * share}
        for role, entry in variants.items()
        for rank, share in enumerate(entry.share_by_rank, start=1)
    ]
    described = [
        f"{models[role].name}: over {entry.seeds:,} whole words, {percent(entry.share_by_rank[0])} of first neighbours and "
        f"{percent(entry.share_by_rank[-1], 1)} of those at rank {len(entry.share_by_rank)} are variants. A list of {entry.k} "
        f"holds on average {fixed(entry.mean_any)} of them: {fixed(entry.mean_space)} differ by the space or mark, "
        f"{fixed(entry.mean_case)} by case, {fixed(entry.mean_spelling)} by spelling or ending; {percent(entry.lists_with_any)} "
        "of lists hold at least one."
        for role, entry in variants.items()
    ]
    return Figure(
        title=_title(variants, models),
        caption=(
            "For every whole word, whether its neighbour at each rank is the same word once more: with another space or mark, in "
            "another case, or with another spelling or ending. The rules look at letters only; they stand in the description. "
            "*Where it misleads:* letters know nothing of meaning, so a few unlike words count as variants, and irregular forms "
            "such as ran and run do not."
        ),
        description=" ".join([*described, "The rules.", exported.space_rule, exported.case_rule, exported.spelling_rule]),
        table=Table(
            [
                Column("model", "model"),
                Column("rank", "rank", "integer"),
                Column("share_percent", "% of words with a variant there", "number", 1),
            ],
            shares,
        ),
        chart=lambda width: _chart(shares, variants, models, width),
        datasets={"shares": [{"role": row["role"], "rank": row["rank"], "share": rounded(row["share"])} for row in shares]},
        roles=tuple(models),
    )
