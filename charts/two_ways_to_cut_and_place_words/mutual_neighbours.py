"""Being a neighbour is not mutual: the share of places that are returned, by rank."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.matrices import MutualOfModel
from charts.figure import Column, Figure, Table, figure
from charts.layout import key, role_colour, role_shape, rows, stacked
from charts.palette import SHAPES
from charts.reading import Member, fixed, listed, members, of_role, percent, rounded
from charts.theme import is_narrow


def _title(found: dict[str, MutualOfModel], models: dict[str, Member]) -> str:
    first, *others = [(percent(entry.share), models[role].name) for role, entry in found.items()]
    parts = [f"{first[0]} of all places are returned in {first[1]}", *(f"{share} in {name}" for share, name in others)]
    return f"To have a neighbour is not to be one: {listed(parts)}"


def _chart(found: dict[str, MutualOfModel], models: dict[str, Member], width: int) -> alt.TopLevelMixin:
    k = max(entry.k for entry in found.values())
    x = alt.X(
        "rank:Q",
        scale=alt.Scale(domain=[0.5, k + 0.5], nice=False, zero=False),
        axis=alt.Axis(values=[1, *range(5, k + 1, 5)], title="rank in the list of neighbours", grid=False, format="d"),
    )
    y = alt.Y("share:Q", scale=alt.Scale(domain=[0, 1], nice=False), axis=alt.Axis(format=".0%", tickCount=5, title="places returned"))
    base = rows("ranks").encode(x=x, y=y, color=role_colour(models))
    dots = base.mark_point(size=46).encode(
        shape=role_shape(models),
        tooltip=[
            alt.Tooltip("model:N", title="model"),
            alt.Tooltip("rank:Q", title="rank"),
            alt.Tooltip("share:Q", title="returned", format=".0%"),
        ],
    )
    names = [
        key(f"{models[role].name}: {percent(entry.share)} of all places", width - 44 - 220, 14 + 20 * n, role, SHAPES[role])
        for n, (role, entry) in enumerate(found.items())
    ]
    return stacked(base.mark_line(strokeWidth=1.5), dots, *names, width=width - 44, height=210 if is_narrow(width) else 224)


@figure(needs=("model_facts", "mutual_neighbours"))
def mutual_neighbours(data: Mapping[str, Any]) -> Figure:
    models = members(data)
    found = {role: of_role(data["mutual_neighbours"].by_model, role) for role in models}
    drawn = [
        {"role": role, "model": models[role].name, "rank": rank, "share": rounded(share)}
        for role, entry in found.items()
        for rank, share in enumerate(entry.by_rank, start=1)
    ]
    table = [
        {"model": row["model"], "what": "places at a rank", "rank": row["rank"], "share": row["share"]}
        | {"raw": "", "kind": models[row["role"]].tokenizer_kind, "lists": None}
        for row in drawn
    ]
    table += [
        {"model": models[role].name, "what": "stands in lists that it does not return", "rank": None, "share": None}
        | {"raw": token.raw, "kind": models[role].tokenizer_kind, "lists": lists}
        for role, entry in found.items()
        for token, lists in zip(entry.one_sided_tokens, entry.one_sided_lists, strict=True)
    ]
    described = " ".join(
        f"{models[role].name}: {percent(entry.share, 1)} of all places in lists of {entry.k} are returned, "
        f"{percent(entry.by_rank[0])} at rank 1 and {percent(entry.by_rank[-1])} at rank {entry.k}; "
        f"{percent(entry.kept_by_hubs)} cannot be, because a token stands in more than {entry.k} lists; "
        f"{entry.returned[0]:,} tokens have no mutual neighbour at all. The median token stands in "
        f"{fixed(entry.in_degree_percentiles['50'], 0)} lists, the top hundredth in {fixed(entry.in_degree_percentiles['99'], 0)} or more. "
        f"Most one-sided: {listed(models[role].quoted(t.raw) for t in entry.one_sided_tokens[:4])}."
        for role, entry in found.items()
    )
    k = next(iter(found.values())).k
    by_chance = [f"{percent(entry.chance, 3)} in {models[role].name}" for role, entry in found.items()]
    return Figure(
        title=_title(found, models),
        caption=(
            f"Take the neighbour at some rank in a token’s list of {k}: is the token in *its* list of {k} too? Counted over the whole "
            f"vocabulary; lists drawn at random would return {listed(by_chance)}. A list has a "
            "fixed length, so a token that is near to very many can return only a few of its places. The most "
            "one-sided tokens are in the table. *Where it misleads:* each token counts once, however rare, and a place at rank "
            f"{k + 1} would count as not returned."
        ),
        description=described,
        table=Table(
            [
                Column("model", "model"),
                Column("what", "what"),
                Column("rank", "rank", "integer"),
                Column("share", "share returned", "number", 3),
                Column("raw", "token", "token", tokenizer_kind_column="kind"),
                Column("lists", "lists not returned", "integer"),
            ],
            table,
            default_rows=lambda row: row["rank"] in (1, 5, 10, 20) or bool(row["raw"]),
        ),
        chart=lambda width: _chart(found, models, width),
        datasets={"ranks": drawn},
        roles=tuple(models),
    )
