"""Hubs: a few tokens stand in the neighbour lists of thousands of others."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.neighbours import TokenMarks
from charts.figure import Column, Figure, Table, figure
from charts.layout import joined, key, note, one, role_colour, role_shape, rows, stacked
from charts.palette import SHAPES, light
from charts.reading import Member, count, listed, members, percent
from charts.theme import SMALL, TEXT, is_narrow

BAR = 20  # px
TOP = 5  # hubs named in the description


def tokens_in_at_least(marks: TokenMarks) -> list[tuple[int, int]]:
    """(lists, tokens that stand in at least so many), from 1 up; the last is the token that stands in most."""
    edges, counts = marks.in_degree_histogram.edges, marks.in_degree_histogram.counts
    points = [(int(edge), sum(counts[n:])) for n, edge in enumerate(edges[:-1]) if edge >= 1]
    most = int(edges[-1]) - 1
    return [*points, (most, 1)] if points and most > points[-1][0] and points[-1][1] > 1 else points


def _title(marks: dict[str, TokenMarks], models: dict[str, Member]) -> str:
    with_hubs = {role: entry for role, entry in marks.items() if entry.hubs}
    without = [models[role].name for role in marks if role not in with_hubs]
    if not with_hubs:
        threshold = max(entry.hub_threshold for entry in marks.values())
        return (
            f"No token of {listed((models[role].name for role in marks), 'or')} stands in more than {threshold:,} neighbour lists"
        )
    parts = listed(
        f"{count(entry.hubs, 'token fills', 'tokens fill')} {percent(entry.hub_share_of_places)} of all neighbour places in "
        f"{models[role].name}"
        for role, entry in with_hubs.items()
    )
    return parts + (f"; {listed(without)} has no such hubs" if without else "")


def _places(marks: dict[str, TokenMarks], models: dict[str, Member]) -> list[dict[str, Any]]:
    """One bar a model: the share of all places in neighbour lists that hubs fill."""
    return [
        {
            "role": role,
            "model": models[role].name,
            "y": n * 30 + 5,
            "y2": n * 30 + 5 + BAR,
            "share": round(entry.hub_share_of_places, 4),
        }
        | {
            "hubs": entry.hubs,
            "text": f"{percent(entry.hub_share_of_places)} by {count(entry.hubs, 'hub')}" if entry.hubs else "no hubs",
        }
        for n, (role, entry) in enumerate(marks.items())
    ]


def _bars(marks: dict[str, TokenMarks], models: dict[str, Member], plot: int) -> alt.LayerChart:
    height = 30 * len(marks)
    scale = alt.Scale(domain=[0, height], reverse=True, nice=False)
    y = alt.Y("y:Q", scale=scale, axis=None)
    across = alt.Scale(domain=[0, 1], nice=False)
    base = rows("places")
    whole = base.mark_rect(color=light("baseline"), opacity=0.18).encode(x=alt.XValue(0), x2=alt.X2Value("width"), y=y, y2="y2:Q")
    axis = alt.Axis(format=".0%", values=[0, 0.25, 0.5, 0.75, 1], title=None, labelFlush=True)
    share = base.mark_rect().encode(
        x=alt.X("share:Q", scale=across, axis=axis),
        x2=alt.X2Value(0),
        y=y,
        y2="y2:Q",
        color=role_colour(models),
        tooltip=[alt.Tooltip("model:N", title="model"), alt.Tooltip("share:Q", format=".1%"), alt.Tooltip("hubs:Q", title="hubs")],
    )
    texts = (
        base.transform_calculate(middle="(datum.y + datum.y2) / 2")
        .mark_text(align="left", baseline="middle", dx=6, fontSize=SMALL)
        .encode(x=alt.X("share:Q", scale=across), y=alt.Y("middle:Q", scale=scale, axis=None), text="text:N")
    )
    names = [
        note(models[role].name, -8, n * 30 + 19, role, align="right", fontSize=TEXT, fontWeight=600) for n, role in enumerate(marks)
    ]
    heading = note("Places in all neighbour lists that hubs fill", -62, -10, "ink", fontWeight=600, fontSize=TEXT)
    return stacked(whole, share, texts, *names, heading, width=plot, height=height)


def _curve(marks: dict[str, TokenMarks], models: dict[str, Member], plot: int, height: int) -> alt.LayerChart:
    """How many tokens stand in at least so many lists, on logarithmic axes."""
    points = [point for entry in marks.values() for point in tokens_in_at_least(entry)]
    threshold = max(entry.hub_threshold for entry in marks.values())
    most = max(threshold * 2, *(lists for lists, _ in points))
    top = 10 ** math.ceil(math.log10(max(tokens for _, tokens in points)))
    powers = [10**n for n in range(6)]
    x = alt.X(
        "lists:Q",
        scale=alt.Scale(type="log", domain=[1, most], nice=False),
        axis=alt.Axis(
            values=[p for p in powers if p <= most],
            format=",d",
            title="in at least so many lists (logarithmic)",
            titlePadding=6,
            grid=False,
        ),
    )
    y = alt.Y(
        "tokens:Q",
        scale=alt.Scale(type="log", domain=[1, top], nice=False),
        axis=alt.Axis(values=[p for p in powers if p <= top], format=",d", title=None),
    )
    base = rows("counts").encode(x=x, y=y, color=role_colour(models))
    dots = base.mark_point(size=46).encode(
        shape=role_shape(models),
        tooltip=[
            alt.Tooltip("lists:Q", title="at least so many lists", format=",d"),
            alt.Tooltip("tokens:Q", title="tokens", format=",d"),
        ],
    )
    limit = one(lists=threshold)
    rule = limit.mark_rule(color=light("ink-soft"), strokeDash=[4, 4]).encode(x=x)
    rule_name = limit.mark_text(
        align="right", baseline="top", dx=-6, dy=4, color=light("ink-soft"), text=f"hubs: over {threshold:,}"
    ).encode(x=x, y=alt.YValue(0))
    names = [
        key(models[role].name, 10, height - 14 - 22 * (len(marks) - 1 - n), role, SHAPES[role]) for n, role in enumerate(marks)
    ]
    heading = note("Tokens that stand in at least so many lists", -62, -12, "ink", fontWeight=600, fontSize=TEXT)
    return stacked(rule, rule_name, base.mark_line(strokeWidth=1.5), dots, *names, heading, width=plot, height=height)


@figure(needs=("model_facts", "token_marks_decoder", "token_marks_encoder"))
def hubs(data: Mapping[str, Any]) -> Figure:
    models = members(data)
    marks = {role: data[f"token_marks_{role}"] for role in models}
    described = []
    for role, entry in marks.items():
        top = listed(f"{models[role].quoted(hub.token.raw)} in {hub.in_degree:,} lists" for hub in entry.top_hubs[:TOP])
        described.append(
            f"{models[role].name}: {entry.hub_rule} {count(entry.hubs, 'hub fills', 'hubs fill')} "
            f"{percent(entry.hub_share_of_places, 1)} of the places; "
            f"{count(entry.never_neighbour, 'token stands', 'tokens stand')} in no list. Most often listed: {top}."
        )
    table = []
    for role, entry in marks.items():
        member = models[role]
        table += [
            {
                "model": member.name,
                "what": "tokens in at least so many lists",
                "lists": lists,
                "tokens": tokens,
                "raw": None,
                "kind": member.tokenizer_kind,
                "flags": "",
            }
            for lists, tokens in tokens_in_at_least(entry)
        ]
        table += [
            {
                "model": member.name,
                "what": "most listed token",
                "lists": hub.in_degree,
                "tokens": None,
                "raw": hub.token.raw,
                "kind": member.tokenizer_kind,
                "flags": ", ".join(hub.flags),
            }
            for hub in entry.top_hubs
        ]

    def chart(width: int) -> alt.TopLevelMixin:
        plot = width - 62 - 14
        height = 200 if is_narrow(width) else 230
        return joined(_bars(marks, models, plot), _curve(marks, models, plot, height), beside=False, spacing=30)

    return Figure(
        title=_title(marks, models),
        caption=(
            f"Every token has {next(iter(marks.values())).k} neighbours, so every token would stand in "
            f"{next(iter(marks.values())).k} lists if all were liked alike. In the lower chart both axes are logarithmic: each step is ten "
            "times as much. The tokens that stand in most lists are in the table. *Where it misleads:* a hub in your list tells "
            "more about the hub than about your word; the threshold is a convention, the curve has no edge there."
        ),
        description=" ".join(described),
        table=Table(
            [
                Column("model", "model"),
                Column("what", "what"),
                Column("raw", "token", "token", tokenizer_kind_column="kind"),
                Column("lists", "lists", "integer"),
                Column("tokens", "tokens", "integer"),
                Column("flags", "marked as"),
            ],
            table,
        ),
        chart=chart,
        datasets={
            "places": _places(marks, models),
            "counts": [
                {"role": role, "lists": lists, "tokens": tokens}
                for role, entry in marks.items()
                for lists, tokens in tokens_in_at_least(entry)
            ],
        },
        roles=tuple(models),
    )
