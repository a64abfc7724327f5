"""Two searches side by side: for a query, the five best sentences of the library by one way and by another."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

import altair as alt

from charts.figure import Column, Control, Figure, Table, figure
from charts.layout import controlled, one, rows, stacked
from charts.palette import light
from charts.reading import fixed, listed
from charts.the_family_and_sentences.ways import WORDS_ONLY, present_roles, ways
from charts.theme import SMALL, TEXT, is_narrow

SHOWN = ("encoder_mean", "encoder_first", "decoder_mean", "static_mean", "bm25")
LINE = 42  # characters of a sentence in one line
ROW = 52  # px: one hit of up to two lines, and its topic


def _drawn(query: int, method: str, place: int, text: str, about: str, right: str) -> dict[str, Any]:
    """One hit as it is drawn: the sentence in at most two lines, above it score and topic."""
    lines = textwrap.wrap(text, LINE)
    hit = {"q": str(query), "way": method, "place": place, "one": lines[0], "two": " ".join(lines[1:])}
    return hit | {"about": about, "right": right, "hit": bool(about)}


def _told(hit: Any, library: Any) -> str:
    return f"“{library[hit.sentence].text}” ({fixed(hit.score)})"


@figure(needs=("model_facts", "sentence_search"))
def search_results(data: Mapping[str, Any]) -> Figure:
    exported = data["sentence_search"]
    library, queries = exported.library, exported.queries
    found = ways(data, [result.method for result in queries[0].results if result.method in SHOWN])
    table, hits = [], []
    for n, query in enumerate(queries):
        for result in query.results:
            if result.method not in found:
                continue
            kept = [hit for hit in result.hits if hit.score > 0 or result.method not in WORDS_ONLY]
            for place, hit in enumerate(kept, start=1):
                sentence = library[hit.sentence]
                right = "intended" if hit.sentence == query.target else "same topic" if sentence.topic == query.topic else ""
                about = f"{fixed(hit.score)}  {sentence.topic}"
                shown = {"query": query.text, "way": found[result.method].name, "place": place, "sentence": sentence.text}
                table.append(shown | {"topic": sentence.topic, "right": right, "score": hit.score})
                hits.append(_drawn(n, result.method, place, sentence.text, about, right))
            if len(kept) < len(result.hits):
                hits.append(_drawn(n, result.method, len(kept) + 1, "No other sentence shares a word with it.", "", ""))
    first = queries[0]
    ranks = {result.method: result.target_rank for result in first.results}
    left, right = "encoder_mean", "bm25"

    def panel(width: int, which: str) -> alt.LayerChart:
        shown = rows("hits").transform_filter(f"datum.q == query && datum.way == {which}")
        y = alt.Y("place:Q", scale=alt.Scale(domain=[0.5, exported.hits_kept + 0.5], reverse=True, nice=False), axis=None)
        marks = (
            shown.transform_filter("datum.hit")
            .mark_point(size=90, shape="circle", strokeWidth=1.6)
            .encode(
                x=alt.XValue(8),
                y=y,
                stroke=alt.StrokeValue(light("rule"), condition={"test": "datum.right", "value": light("holds")}),
                fill=alt.FillValue(light("paper"), condition={"test": "datum.right == 'intended'", "value": light("holds")}),
            )
        )
        text = {"align": "left", "baseline": "middle"}
        upper = shown.mark_text(**text, dy=-14, fontSize=SMALL, color=light("ink-soft")).encode(x=alt.XValue(22), y=y, text="about:N")
        line_one = shown.mark_text(**text, dy=2, fontSize=TEXT, limit=width - 24).encode(x=alt.XValue(22), y=y, text="one:N")
        line_two = shown.mark_text(**text, dy=17, fontSize=TEXT, limit=width - 24).encode(x=alt.XValue(22), y=y, text="two:N")
        names = rows("names").transform_filter(f"datum.way == {which}")
        title = names.mark_text(align="left", baseline="alphabetic", fontSize=TEXT, fontWeight=600).encode(
            x=alt.XValue(0),
            y=alt.YValue(-8),
            text="name:N",
            color=alt.Color("way:N", scale=alt.Scale(domain=list(found), range=[way.colour for way in found.values()]), legend=None),
        )
        edge = one().mark_rule(color=light("rule")).encode(x=alt.XValue(0), x2=alt.X2Value(width), y=alt.YValue(-2))
        return stacked(edge, title, marks, upper, line_one, line_two, width=width, height=ROW * exported.hits_kept)

    def chart(width: int) -> alt.TopLevelMixin:
        if is_narrow(width):
            both = alt.VConcatChart(vconcat=[panel(width - 8, "left"), panel(width - 8, "right")], spacing=34)
        else:
            both = alt.HConcatChart(hconcat=[panel((width - 36) // 2, "left"), panel((width - 36) // 2, "right")], spacing=28)
        return controlled(both, query="0", left=left, right=right)

    options = [(method, way.name) for method, way in found.items()]
    shared = first.shared_content_words
    words = f"shares only {listed(f'“{word}”' for word in shared)} with it" if shared else "has no content word in common with it"

    def place(method: str) -> str:
        if method in WORDS_ONLY and not shared:
            return "nowhere"
        return "first" if ranks[method] == 1 else f"in place {ranks[method]} of {len(library)}"

    return Figure(
        title=(f"“{first.text}”: {found[left].model} puts the intended sentence {place(left)}, the search by words {place(right)}"),
        caption=(
            f"Choose a query and two ways to search the same {len(library)} sentences. A filled mark is the sentence that was "
            "written to be found, a ring another one of its topic. The number is the cosine, or for words the BM25 score. *Where "
            "it misleads:* queries and sentences were written by one hand for this page, so they show what can happen, not how often "
            "it does; and the best hit of a search always looks like an answer, even if there is none."
        ),
        description=(
            f"Query: “{first.text}”, intended: “{library[first.target].text}” It {words}. "
            + " ".join(
                f"{found[result.method].name}: {listed(_told(hit, library) for hit in result.hits[:3])}; "
                f"the intended sentence is {place(result.method)}."
                for result in first.results
                if result.method in (left, right)
            )
        ),
        table=Table(
            [
                Column("query", "query"),
                Column("way", "searched by"),
                Column("place", "place", "integer"),
                Column("sentence", "sentence"),
                Column("topic", "topic"),
                Column("right", "right"),
                Column("score", "score", "number", 2),
            ],
            table,
            default_rows=lambda row: row["query"] == first.text and row["way"] in (found[left].name, found[right].name),
        ),
        chart=chart,
        datasets={"hits": hits, "names": [{"way": method, "name": way.name} for method, way in found.items()]},
        controls=[
            Control("query", "Query", "select", "0", options=[(str(n), query.text) for n, query in enumerate(queries)]),
            Control("left", "Search by", "select", left, options=options),
            Control("right", "against", "select", right, options=sorted(options, key=lambda option: option[0] != right)),
        ],
        roles=present_roles(found),
    )
