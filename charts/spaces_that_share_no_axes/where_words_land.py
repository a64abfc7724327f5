"""Single words after the rotation: their nearest words in the other space."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.spaces import SpaceAlignment, SpaceAlignments
from charts.figure import Column, Control, Figure, Table, figure
from charts.layout import controlled, note, one, rows, stacked
from charts.palette import light
from charts.reading import count, listed
from charts.spaces_that_share_no_axes.parts import across, by_key, chosen, down, pair_key, pair_name
from charts.spaces_that_share_no_axes.turned_onto_each_other import main_pair
from charts.theme import SMALL, TEXT, is_narrow

HEAD, LINE = 38, 24  # px


def _datasets(aligned: SpaceAlignments) -> dict[str, list[dict[str, Any]]]:
    return {
        "landings": [
            {
                "pair": pair_key(pair),
                "word": landing.word,
                "rank": landing.rank,
                "w": " · ".join(landing.nearest),
                "short": " · ".join(landing.nearest[:3]),
                "place": n,
            }
            for pair in aligned.pairs
            for n, landing in enumerate(pair.landings)
        ]
    }


def _chart(aligned: SpaceAlignments, default: SpaceAlignment, width: int) -> Any:
    narrow = is_narrow(width)
    number = max(len(pair.landings) for pair in aligned.pairs)
    left, line = (78, LINE) if narrow else (110, LINE)
    plot, height = width - 4, HEAD + line * number + 6
    spaces = by_key(aligned.spaces)
    here = (
        rows("landings")
        .transform_filter("datum.pair == pair")
        .transform_calculate(y=f"{HEAD} + (datum.place + 0.5) * {line}", x=f"{left}", z=f"{left - 10}", end=f"{plot}")
    )
    ink = alt.ColorValue(light("ink"), condition={"test": "datum.rank > 1", "value": light("ink-soft")})
    size = SMALL if narrow else TEXT
    texts = [
        here.mark_text(align="right", baseline="middle", fontSize=size, fontWeight=600).encode(
            x=across(plot, "z:Q"), y=down(height), text="word:N", color=ink
        ),
        here.mark_text(align="left", baseline="middle", fontSize=size, limit=plot - left - 66).encode(
            x=across(plot), y=down(height), text="short:N" if narrow else "w:N"
        ),
        here.transform_calculate(text="datum.rank == 1 ? 'first' : 'place ' + format(datum.rank, ',')")
        .mark_text(align="right", baseline="middle", fontSize=SMALL, color=light("ink-soft"))
        .encode(x=across(plot, "end:Q"), y=down(height), text="text:N"),
    ]
    turned = chosen({pair_key(p): f"{spaces[p.first].name}, turned onto {spaces[p.second].name}" for p in aligned.pairs}, "pair")
    heads = [
        note(alt.expr(turned), 0, 16, "ink-soft", fontSize=size),
        note("itself", plot, 16, "ink-soft", align="right"),
        one(y=HEAD - 10).mark_rule(color=light("rule")).encode(y=down(height)),
    ]
    return controlled(stacked(*texts, *heads, width=plot, height=height), pair=pair_key(default))


@figure(needs=("space_alignments",))
def where_words_land(data: Mapping[str, Any]) -> Figure:
    aligned: SpaceAlignments = data["space_alignments"]
    spaces, pair = by_key(aligned.spaces), main_pair(aligned)
    first, second = spaces[pair.first].name, spaces[pair.second].name
    ordered = [pair, *(p for p in aligned.pairs if p is not pair)]
    right = sum(landing.rank == 1 for landing in pair.landings)
    table = [
        {"pair": pair_name(p, spaces), "word": landing.word, "nearest": ", ".join(landing.nearest), "rank": landing.rank}
        for p in aligned.pairs
        for landing in p.landings
    ]
    return Figure(
        title=(
            f"{right} of {count(len(pair.landings), 'held-out word')} of {first} land on themselves in {second}"
            if pair.landings
            else "No word of our list was held out, so none can be followed"
        ),
        caption=(
            f"Words of our list that the rotation never saw: where each comes to lie in the other space, and the nearest of the "
            f"{aligned.held_out_words:,} held-out words there. On the right, the place of the word itself. *Where it misleads:* these are "
            "common nouns from three themes; the figure before counts all words."
        ),
        description=f"{first} turned onto {second}. "
        + " ".join(f"{landing.word}: {listed(landing.nearest)}; itself at place {landing.rank}." for landing in pair.landings),
        table=Table(
            [
                Column("pair", "spaces"),
                Column("word", "word"),
                Column("nearest", "nearest after the rotation"),
                Column("rank", "place of the word itself", "integer"),
            ],
            table,
            default_rows=lambda row: row["pair"] == pair_name(pair, spaces),
        ),
        chart=(lambda width: _chart(aligned, pair, width)) if pair.landings else None,
        datasets=_datasets(aligned) if pair.landings else {},
        controls=[
            Control("pair", "Spaces", "select", pair_key(pair), options=[(pair_key(p), pair_name(p, spaces)) for p in ordered]),
        ]
        if pair.landings
        else [],
    )
