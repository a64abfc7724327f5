"""Paraphrases, swapped words, denials and mere company: how alike each kind of pair is to three ways of reading a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import mean
from typing import Any

import altair as alt

from charts.figure import Column, Figure, Table, figure
from charts.layout import cosine_domain, cosine_x, rows, stacked
from charts.palette import light
from charts.reading import fixed, listed, rounded
from charts.the_family_and_sentences.ways import Way, present_roles, ways
from charts.theme import TEXT, is_narrow

GROUPS = {
    "paraphrase": "the same in other words",
    "same_words": "the same words swapped",
    "negation": "one denies the other",
    "same_topic": "the same surroundings",
}
SHOWN = ("encoder_mean", "decoder_mean", "static_mean")
LANE, GAP, TOP = 18, 30, 22  # px: one way; before a group; above the first lane of a group


def _places(found: Mapping[str, Way]) -> dict[tuple[str, str], float]:
    """(group, method) -> height in px of its lane."""
    block = LANE * len(found) + GAP
    return {(group, method): g * block + TOP + LANE * n + LANE / 2 for g, group in enumerate(GROUPS) for n, method in enumerate(found)}


def _title(means: Mapping[tuple[str, str], float], found: Mapping[str, Way]) -> str:
    same, other = means["same_words", "encoder_mean"], means["paraphrase", "encoder_mean"]
    name = found["encoder_mean"].model
    numbers = f"cosine {fixed(same)} against {fixed(other)} on average"
    if same > other + 0.05:
        return f"To {name}, the same words swapped are more alike than a true paraphrase: {numbers}"
    if other > same + 0.05:
        return f"To {name}, a paraphrase is more alike than the same words swapped: {numbers}"
    return f"To {name}, swapped words and paraphrases are about equally alike: {numbers}"


@figure(needs=("model_facts", "sentence_pairs"))
def pairs_of_sentences(data: Mapping[str, Any]) -> Figure:
    exported = data["sentence_pairs"]
    found = ways(data, [method for method in SHOWN if method in exported.methods])
    places = _places(found)
    table = [
        {
            "group": GROUPS[pair.group],
            "kind": pair.group,
            "first": pair.first,
            "second": pair.second,
            **{cosine.method: cosine.cosine for cosine in pair.cosines if cosine.method in found},
        }
        for pair in exported.pairs
    ]
    means = {(group, method): mean(row[method] for row in table if row["kind"] == group) for group in GROUPS for method in found}
    bands = {band.method: band for band in exported.unrelated}
    dots = [
        {"method": method, "pair": f"{row['first']} / {row['second']}", "cosine": rounded(row[method], 3), "y": places[row["kind"], method]}
        for row in table
        for method in found
    ]
    lanes = [
        {
            "method": method,
            "y": y,
            "low": rounded(bands[method].percentile_1, 3),
            "high": rounded(bands[method].percentile_99, 3),
            "mean": rounded(means[group, method], 3),
        }
        for (group, method), y in places.items()
    ]
    domain = cosine_domain([row["cosine"] for row in dots] + [row["low"] for row in lanes])
    height = int((LANE * len(found) + GAP) * len(GROUPS))

    def chart(width: int) -> alt.TopLevelMixin:
        labels = 66 if is_narrow(width) else 90
        scale = alt.Scale(domain=[0, height], reverse=True, nice=False)
        colour = alt.Color("method:N", scale=alt.Scale(domain=list(found), range=[way.colour for way in found.values()]), legend=None)
        shape = alt.Shape("method:N", scale=alt.Scale(domain=list(found), range=[way.shape for way in found.values()]), legend=None)
        y = alt.Y("y:Q", scale=scale, axis=None)
        lane = rows("lanes")
        band = lane.mark_bar(height=LANE - 5, color=light("baseline"), opacity=0.22).encode(
            x=cosine_x(domain, "low:Q", title="cosine and its angle"), x2="high:Q", y=y
        )
        averages = lane.mark_tick(thickness=2.5, height=LANE - 3, color=light("ink")).encode(x="mean:Q", y=y)
        marks = (
            rows("dots")
            .mark_point(size=34, opacity=0.75)
            .encode(
                x="cosine:Q",
                y=y,
                color=colour,
                shape=shape,
                tooltip=[alt.Tooltip("pair:N", title="pair"), alt.Tooltip("cosine:Q", title="cosine", format=".3f")],
            )
        )
        names = (
            lane.transform_calculate(name=f"{ {method: way.model for method, way in found.items()} }[datum.method]".replace("'", '"'))
            .mark_text(align="left", baseline="middle")
            .encode(x=alt.XValue(-labels), y=y, text="name:N", color=colour)
        )
        headings = (
            rows("groups")
            .mark_text(align="left", baseline="middle", fontSize=TEXT, fontWeight=600)
            .encode(x=alt.XValue(-labels), y=y, text="group:N")
        )
        return stacked(band, marks, averages, names, headings, width=width - labels - 16, height=height)

    sentences = [
        f"{GROUPS[group].capitalize()}: "
        + listed(f"{found[method].model} averages {fixed(means[group, method])}" for method in found)
        + "."
        for group in GROUPS
    ]
    band = listed(f"{found[method].model} {fixed(bands[method].percentile_1)} to {fixed(bands[method].percentile_99)}" for method in found)
    return Figure(
        title=_title(means, found),
        caption=(
            f"Each mark is a pair of sentences, six in a group, written before anybody looked; the upright stroke is the mean. "
            f"{listed(way.name for way in found.values())}. The grey band holds 98% of the pairs of library sentences with "
            "different topics: each way has its own. *Where it misleads:* the same cosine means different things in different "
            "rows; judge each row by its band. Six pairs are a sketch, not a measurement."
        ),
        description=f"{' '.join(sentences)} Bands of unrelated pairs: {band}.",
        table=Table(
            [
                Column("group", "kind of pair"),
                Column("first", "first sentence"),
                Column("second", "second sentence"),
                *(Column(method, way.model, "number", 2) for method, way in found.items()),
            ],
            table,
        ),
        chart=chart,
        datasets={
            "dots": dots,
            "lanes": lanes,
            "groups": [{"group": name, "y": n * (LANE * len(found) + GAP) + TOP - 10} for n, name in enumerate(GROUPS.values())],
        },
        roles=present_roles(found),
    )
