"""How often a search stays on its topic, for every way, beside what dealing the topics out by chance would score."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from charts.figure import Column, Figure, Table, figure
from charts.layout import note, one, rows, stacked
from charts.palette import light
from charts.reading import percent, rounded
from charts.the_family_and_sentences.ways import present_roles, ways
from charts.theme import SMALL, TEXT, is_narrow

ROW = 34  # px


@figure(needs=("model_facts", "sentence_search"))
def search_quality(data: Mapping[str, Any]) -> Figure:
    exported = data["sentence_search"]
    quality = sorted(exported.quality, key=lambda q: -q.precision_at_5)
    found = ways(data, [q.method for q in quality])
    queries = len(exported.queries)
    chance, highest = max(q.shuffled_mean for q in quality), max(q.shuffled_highest for q in quality)
    table = [
        {
            "way": found[q.method].name,
            "method": q.method,
            "n": n,
            "precision_at_1": q.precision_at_1,
            "precision_at_5": q.precision_at_5,
            "precision_at_9": q.precision_at_9,
            "low": q.precision_at_5_low,
            "high": q.precision_at_5_high,
            "p_value": q.p_value,
            "targets_first": q.targets_first,
            "mean_reciprocal_rank": q.mean_reciprocal_rank,
            "questions_first": q.questions_first,
            "centred_at_5": q.centred and q.centred.precision_at_5,
            "centred_first": q.centred and q.centred.targets_first,
        }
        for n, q in enumerate(quality)
    ]
    drawn = [
        {
            "way": row["way"],
            "method": row["method"],
            "n": row["n"],
            "p": rounded(row["precision_at_5"], 3),
            "low": rounded(row["low"], 3),
            "high": rounded(row["high"], 3),
            "first": row["targets_first"],
            "text": f"{row['targets_first']} of {queries}",
        }
        for row in table
    ]
    by_method = {row["method"]: row for row in table}
    centred = [row for row in table if row["centred_at_5"] is not None and row["method"] != "decoder_centred"]
    rings = [{"way": row["way"], "n": row["n"], "p": rounded(row["centred_at_5"], 3)} for row in centred]
    best, most = table[0], max(table, key=lambda row: row["targets_first"])

    def chart(width: int) -> alt.TopLevelMixin:
        narrow = is_narrow(width)
        labels, right = (0, 74) if narrow else (176, 96)
        plot = width - labels - right
        y = alt.Y("n:Q", scale=alt.Scale(domain=[-0.6, len(drawn) - 0.4], reverse=True, nice=False), axis=None)
        top = max([row["high"] for row in drawn] + [row["p"] for row in rings] + [0.3])
        x = alt.X(
            "p:Q",
            scale=alt.Scale(domain=[0, top * 1.05], nice=False),
            axis=alt.Axis(title="right topic among the five nearest", titleAnchor="start", format="%", tickCount=5),
        )
        colour = alt.Color("method:N", scale=alt.Scale(domain=list(found), range=[way.colour for way in found.values()]), legend=None)
        shape = alt.Shape("method:N", scale=alt.Scale(domain=list(found), range=[way.shape for way in found.values()]), legend=None)
        height = ROW * len(drawn)
        band = (
            one(p=0, high=rounded(highest, 3))
            .mark_rect(color=light("baseline"), opacity=0.22)
            .encode(x=x, x2="high:Q", y=alt.YValue(0), y2=alt.Y2Value(height))
        )
        lines = rows("ways").mark_rule(strokeWidth=2, color=light("ink-soft")).encode(x=alt.X("low:Q"), x2="high:Q", y=y)
        dots = (
            rows("ways")
            .mark_point(size=90)
            .encode(
                x=x,
                y=y,
                color=colour,
                shape=shape,
                tooltip=[
                    alt.Tooltip("way:N", title="search by"),
                    alt.Tooltip("p:Q", title="right topic among five", format=".1%"),
                    alt.Tooltip("low:Q", title="interval from", format=".1%"),
                    alt.Tooltip("high:Q", title="to", format=".1%"),
                ],
            )
        )
        open_rings = (
            rows("rings")
            .mark_point(size=70, filled=False, strokeWidth=1.5, color=light("ink-soft"))
            .encode(
                x=x,
                y=y,
                tooltip=[alt.Tooltip("way:N", title="search by"), alt.Tooltip("p:Q", title="the same, centred", format=".1%")],
            )
        )
        names = (
            rows("ways")
            .mark_text(align="left", fontSize=SMALL if narrow else TEXT, dy=-13 if narrow else 0)
            .encode(x=alt.XValue(2 if narrow else -labels), y=y, text="way:N")
        )
        counts = rows("ways").mark_text(align="right", fontSize=TEXT).encode(x=alt.XValue(plot + right - 6), y=y, text="text:N")
        head = note("queries first", plot + right - 6, -6, align="right")
        return stacked(band, lines, open_rings, dots, names, counts, head, width=plot, height=height)

    encoder, first = by_method["encoder_mean"], by_method["encoder_first"]
    alone = found["encoder_first"].name.rpartition(", ")[2]
    return Figure(
        title=(
            f"By topic, the best ({best['way']}) gets {percent(best['precision_at_5'])} of the five nearest right, chance "
            f"{percent(chance)}; asked for one sentence, the best ({most['way']}) puts {most['targets_first']} of {queries} first"
        ),
        caption=(
            f"Every one of the {len(exported.library)} sentences is used as a query against all others: what share of its five "
            "nearest has its topic? Lines are 95% intervals (topics drawn anew with replacement). Open rings: the same vectors, with the "
            "average of all sentences taken out of each. The grey band ends at the best of "
            f"{exported.deals} deals in which the topics were handed out by chance. On the right, how often the sentence written for one "
            "of the hand-made queries comes first. *Where it misleads:* topics are our labels, and a sentence about a cup of tea "
            "in a café belongs to more than one; the two counts need not agree, because a query is not shaped like its answer."
        ),
        description=" ".join(
            [
                f"{row['way']}: {percent(row['precision_at_5'], 1)} ({percent(row['low'])} to {percent(row['high'])}), "
                f"{row['targets_first']} of {queries} queries first."
                for row in table
            ]
            + [f"With the average of all sentences taken out: {_listed(centred)}."]
            + [f"Chance: {percent(chance, 1)} on average, at most {percent(highest, 1)}."]
            + [f"Within one model, the mean scores {percent(encoder['precision_at_5'])}, {alone} {percent(first['precision_at_5'])}."]
        ),
        table=Table(
            [
                Column("way", "searched by"),
                Column("precision_at_1", "nearest", "number", 3),
                Column("precision_at_5", "five nearest", "number", 3),
                Column("precision_at_9", "nine nearest", "number", 3),
                Column("low", "interval from", "number", 3),
                Column("high", "to", "number", 3),
                Column("p_value", "p", "number", 3),
                Column("targets_first", f"first, of {queries} queries", "integer"),
                Column("mean_reciprocal_rank", "mean of 1 / place", "number", 2),
                Column("questions_first", f"first, of {queries} whole questions", "integer"),
                Column("centred_at_5", "five nearest, centred", "number", 3),
                Column("centred_first", f"first, of {queries} queries, each kind less its own mean", "integer"),
            ],
            table,
        ),
        chart=chart,
        datasets={"ways": drawn, "rings": rings},
        roles=present_roles(found),
    )


def _listed(centred: list[dict[str, Any]]) -> str:
    return ", ".join(f"{row['way']} {percent(row['centred_at_5'], 1)}" for row in centred)
