"""The same word asked three ways: who is nearest by Euclidean distance, by cosine and by dot product."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.neighbours import Neighbour, Neighbourhoods, WordNeighbourhood
from charts.figure import Column, Control, Figure, Table, figure
from charts.layout import controlled, note, one, role_colour, rows, stacked
from charts.palette import light
from charts.reading import Member, listed, members
from charts.theme import SMALL, TEXT, is_narrow

NAME = "Mike"
MEASURES = {
    "euclidean": "Euclidean distance",
    "cosine": "cosine",
    "dot": "dot product",
}  # cosine in the middle: both others compare with it
ROW = 18  # px


def entry_of(lists: Neighbourhoods, member: Member, word: str) -> WordNeighbourhood | None:
    """The neighbourhood of a word as it stands in running text: with its space where the vocabulary spells one."""
    for entry in lists.entries:
        if (entry.role, entry.word, entry.leading_space) == (member.role, word, member.leading_space) and entry.lists is not None:
            return entry
    return None


def value_of(neighbour: Neighbour, measure: str) -> float:
    """What a neighbour scores by a measure."""
    return {"euclidean": neighbour.euclidean_distance, "cosine": neighbour.cosine, "dot": neighbour.dot_product}[measure]


def _places(lists: Neighbourhoods, models: dict[str, Member]) -> list[dict[str, Any]]:
    """One row a place in a list; `also_in` names the other lists that hold the token."""
    places = []
    for word in lists.words:
        for role, member in models.items():
            entry = entry_of(lists, member, word)
            if entry is None:
                continue
            near = {measure: getattr(entry.lists, measure) for measure in MEASURES}
            ids = {measure: {n.token.id for n in found} for measure, found in near.items()}
            for measure, found in near.items():
                for rank, n in enumerate(found, start=1):
                    others = [other for other in MEASURES if other != measure and n.token.id in ids[other]]
                    places.append(
                        {
                            "word": word,
                            "role": role,
                            "model": member.name,
                            "measure": measure,
                            "rank": rank,
                            "id": n.token.id,
                            "raw": n.token.raw,
                            "kind": member.tokenizer_kind,
                            "value": value_of(n, measure),
                            "norm": n.norm,
                            "also_in": others,
                        }
                    )
    return places


def _datasets(places: list[dict[str, Any]], models: dict[str, Member]) -> dict[str, list[dict[str, Any]]]:
    """The lists, one row each with all its tokens, and a link for each token that two neighbouring columns share."""
    found: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for row in places:
        found.setdefault((row["word"], row["role"], row["measure"]), []).append(row)
    columns = [
        {
            "word": word,
            "role": role,
            "column": list(MEASURES).index(measure),
            "rank": [row["rank"] for row in listing],
            "token": [models[role].shown(row["raw"]) for row in listing],
            "value": [round(row["value"], 2) for row in listing],
            "norm": [round(row["norm"], 2) for row in listing],
            "shared": [int(bool(row["also_in"])) for row in listing],
        }
        for (word, role, measure), listing in found.items()
    ]
    rank_of = {(row["word"], row["role"], row["measure"], row["id"]): row["rank"] for row in places}
    links = []
    for row in places:
        if row["measure"] == "cosine":
            for side, other in enumerate(("euclidean", "dot")):
                rank = rank_of.get((row["word"], row["role"], other, row["id"]))
                if rank is not None:
                    left, right = (rank, row["rank"]) if side == 0 else (row["rank"], rank)
                    links.append({"word": row["word"], "role": row["role"], "side": side, "left": left, "right": right})
    return {"lists": columns, "links": links}


def _chart(first: tuple[str, str], k: int, models: dict[str, Member], width: int) -> alt.TopLevelMixin:
    narrow = is_narrow(width)
    column = width // 3
    text = column - (32 if narrow else 80)  # px a token may take; the rest of the column is for the links
    chosen = "datum.word == word && datum.role == model"
    across, down = (
        alt.Scale(domain=[0, width - 2], nice=False),
        alt.Scale(domain=[0.5, k + 0.5], reverse=True, nice=False, zero=False),
    )
    x, y = alt.X("x:Q", scale=across, axis=None), alt.Y("rank:Q", scale=down, axis=None)
    places = (
        rows("lists")
        .transform_filter(chosen)
        .transform_flatten(["rank", "token", "value", "norm", "shared"])
        .transform_calculate(x=f"datum.column * {column}")
    )
    tokens = places.mark_text(align="left", baseline="middle", fontSize=SMALL if narrow else TEXT, limit=text).encode(
        x=x,
        y=y,
        text="token:N",
        color=alt.ColorValue(light("ink-soft"), condition={"test": "datum.shared", "value": light("ink")}),
        tooltip=[
            alt.Tooltip("token:N", title="token"),
            alt.Tooltip("rank:Q", title="rank"),
            alt.Tooltip("value:Q", title="value of the measure", format=".2f"),
            alt.Tooltip("norm:Q", title="length of its vector", format=".2f"),
        ],
    )
    links = (
        rows("links")
        .transform_filter(chosen)
        .transform_calculate(start=f"datum.side * {column} + {text + 4}", end=f"(datum.side + 1) * {column} - 4")
        .mark_rule(strokeWidth=1.5, opacity=0.8)
        .encode(
            x=alt.X("start:Q", scale=across, axis=None),
            x2="end:Q",
            y=alt.Y("left:Q", scale=down, axis=None),
            y2="right:Q",
            color=role_colour(models),
        )
    )
    names = [name.removesuffix(" distance") if narrow else name for name in MEASURES.values()]
    heads = [note(name, n * column, -26, "ink", fontWeight=600, fontSize=TEXT) for n, name in enumerate(names)]
    counts = (
        places.transform_aggregate(shared="sum(shared)", total="count()", groupby=["x"])
        .transform_calculate(text="datum.shared + ' of ' + datum.total + ' shared'")
        .mark_text(align="left", baseline="alphabetic", color=light("ink-soft"))
        .encode(x=x, y=alt.YValue(-10), text="text:N")
    )
    whose = [  # the heading follows the select
        note(alt.expr(f"model == '{role}' ? '{member.heading}' : ''"), 0, -50, role, fontWeight=600, fontSize=TEXT)
        for role, member in models.items()
    ]
    rule = one().mark_rule(color=light("rule")).encode(x=alt.XValue(0), x2=alt.X2Value(width - 2), y=alt.YValue(-2))
    whole = stacked(links, tokens, *whose, *heads, counts, rule, width=width - 2, height=ROW * k)
    return controlled(whole, word=first[0], model=first[1])


def _overlaps(entry: WordNeighbourhood) -> tuple[int, int]:
    """How many tokens the cosine list shares with the Euclidean and with the dot-product list."""
    ids = {measure: {n.token.id for n in getattr(entry.lists, measure)} for measure in MEASURES}
    return len(ids["cosine"] & ids["euclidean"]), len(ids["cosine"] & ids["dot"])


def _title(word: str, found: dict[str, WordNeighbourhood], k: int, models: dict[str, Member]) -> str:
    if not found:
        return f"“{word}” is no single token in {listed(m.name for m in models.values())}, so no measure can rank its neighbours"
    overlaps = {models[role].name: _overlaps(entry) for role, entry in found.items()}
    (name, (euclidean, dot)), *others = overlaps.items()
    also = "".join(f"; {e} and {d} in {other}" for other, (e, d) in others)
    return (
        f"Of the {k} nearest to “{word}” by cosine, Euclidean distance keeps {euclidean} and the dot product {dot} in {name}{also}"
    )


def _describe(word: str, found: dict[str, WordNeighbourhood], k: int, models: dict[str, Member]) -> str:
    sentences = []
    for role, entry in found.items():
        member, (euclidean, dot) = models[role], _overlaps(entry)
        lists = "; ".join(
            f"by {name} {listed(member.quoted(n.token.raw) for n in getattr(entry.lists, measure)[:5])}"
            for measure, name in MEASURES.items()
        )
        rank = entry.self_rank_by_dot
        itself = (
            "it has the largest dot product with itself"
            if rank == 1
            else f"{rank - 1:,} tokens have a larger dot product with it than it has with itself"
        )
        sentences.append(
            f"{member.name}, first five for {member.quoted(entry.token.raw)}: {lists}. The cosine list shares {euclidean} of {k} "
            f"tokens with the Euclidean one and {dot} with the dot-product one; {itself}."
        )
    return " ".join(sentences) or f"“{word}” is no single token in these models."


@figure(needs=("model_facts", "neighbourhoods"))
def three_measures(data: Mapping[str, Any]) -> Figure:
    models, lists = members(data), data["neighbourhoods"]
    places = _places(lists, models)
    words = [word for word in lists.words if any(row["word"] == word for row in places)]
    word = NAME if NAME in words or not words else words[0]
    found = {role: entry for role, member in models.items() if (entry := entry_of(lists, member, word)) is not None}
    role = next(iter(found), next(iter(models)))
    table = [
        row
        | {
            "measure": MEASURES[row["measure"]],
            "also_in": listed(MEASURES[other] for other in row["also_in"]) if row["also_in"] else "",
        }
        for row in places
    ]
    return Figure(
        title=_title(word, found, lists.k, models),
        caption=(
            "The nearest tokens by three measures, nearest first; lines link the same token in two lists, tokens in grey stand "
            "in one list only. Cosine ignores how long vectors are. Euclidean distance prefers short vectors, the dot product "
            "long ones; tooltip and table give the lengths. *Where it misleads:* the lists end at the same rank, not at the same "
            "closeness, so a token missing from one list may stand just below its end."
        ),
        description=_describe(word, found, lists.k, models),
        table=Table(
            [
                Column("word", "word"),
                Column("model", "model"),
                Column("measure", "by"),
                Column("rank", "rank", "integer"),
                Column("raw", "neighbour", "token", tokenizer_kind_column="kind"),
                Column("value", "value", "number", 3),
                Column("norm", "length of its vector", "number", 2),
                Column("also_in", "also near by"),
            ],
            table,
            default_rows=lambda row: row["word"] == word and row["role"] == role,
        ),
        chart=lambda width: _chart((word, role), lists.k, models, width),
        datasets=_datasets(places, models),
        controls=[
            Control("word", "Word", "select", word, options=[(w, w) for w in words]),
            Control("model", "Model", "select", role, options=[(r, member.name) for r, member in models.items()]),
        ],
        roles=tuple(models),
    )
