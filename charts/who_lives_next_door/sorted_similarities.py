"""All cosines of one word against its vocabulary, from the nearest token to the farthest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.neighbours import SimilarityCurve
from charts.figure import Column, Control, Figure, Table, figure
from charts.layout import controlled, cosine_domain, cosine_y, key, note, one, role_colour, rows, stacked
from charts.palette import SHAPES, light
from charts.reading import Member, angle, degrees, fixed, listed, members, of_role, rounded
from charts.theme import TEXT, is_narrow

NAME = "Mike"
NAMED_RANKS = (1, 10, 100, 1_000, 10_000)  # whose tokens are written along the curve
POINTS = 160  # a curve, at most: enough for 650 px on a logarithmic axis


def _thinned(curve: SimilarityCurve) -> list[int]:
    """Positions in the curve to draw: all where they are few, then evenly; always the first and the last."""
    number = len(curve.ranks)
    if number <= POINTS:
        return list(range(number))
    first = list(range(30))
    rest = [29 + round((n + 1) * (number - 30) / (POINTS - 30)) for n in range(POINTS - 30)]
    return first + rest


def _named(curve: SimilarityCurve) -> list[int]:
    """Positions whose ranks are nearest to the round numbers."""
    near = (
        min(range(len(curve.ranks)), key=lambda n: abs(curve.ranks[n] - rank)) for rank in NAMED_RANKS if rank <= curve.ranks[-1]
    )
    return list(dict.fromkeys(near))


def _others(curve: SimilarityCurve) -> int:
    """How many tokens the curve covers."""
    return curve.ranks[-1]


def _title(curves: dict[str, SimilarityCurve], word: str, models: dict[str, Member]) -> str:
    if not curves:
        return f"“{word}” is no single token in {listed(m.name for m in models.values())}, so it has no curve"
    parts = listed(
        f"{curve.above_random_99 or 'none'} of {_others(curve):,} in {models[role].name}" for role, curve in curves.items()
    )
    return f"If “{word}” were like random pairs, one token in a hundred would lie above its model’s dashed line; it is {parts}"


def _table(curves: list[SimilarityCurve], models: dict[str, Member], word: str) -> Table:
    points = []
    for curve in curves:
        member, named = models[curve.role], set(_named(curve))
        for n in _thinned(curve):
            points.append(
                {
                    "word": curve.word,
                    "model": member.name,
                    "rank": curve.ranks[n],
                    "raw": curve.tokens[n].raw,
                    "kind": member.tokenizer_kind,
                    "cosine": curve.cosines[n],
                    "angle_degrees": angle(curve.cosines[n]),
                    "named": n in named,
                }
            )
    columns = [
        Column("word", "word"),
        Column("model", "model"),
        Column("rank", "rank", "integer"),
        Column("raw", "token", "token", tokenizer_kind_column="kind"),
        Column("cosine", "cosine", "number", 3),
        Column("angle_degrees", "angle in degrees", "number", 1),
        Column("named", "named in the chart"),
    ]
    return Table(columns, points, default_rows=lambda row: row["word"] == word)


def _is_above(curve: SimilarityCurve, position: int, curves: list[SimilarityCurve]) -> bool:
    """Whether a curve runs above the other models' curves of its word there, so that names stand on the free side."""
    rank = curve.ranks[position]
    others = [other for other in curves if other.word == curve.word and other.role != curve.role]
    at_rank = [other.cosines[min(range(len(other.ranks)), key=lambda n: abs(other.ranks[n] - rank))] for other in others]
    return all(curve.cosines[position] >= cosine for cosine in at_rank)


def _datasets(curves: list[SimilarityCurve], models: dict[str, Member]) -> dict[str, list[dict[str, Any]]]:
    """The curves, one row each with all its points, and the tokens named along them."""
    points = [
        {
            "word": curve.word,
            "role": curve.role,
            "rank": [curve.ranks[n] for n in _thinned(curve)],
            "cosine": [rounded(curve.cosines[n], 3) for n in _thinned(curve)],
        }
        for curve in curves
    ]
    named = [
        {
            "word": curve.word,
            "role": curve.role,
            "rank": curve.ranks[n],
            "cosine": rounded(curve.cosines[n], 3),
            "token": models[curve.role].shown(curve.tokens[n].raw),
            "above": _is_above(curve, n, curves),
        }
        for curve in curves
        for n in _named(curve)
    ]
    return {"curves": points, "named": named}


def _chart(curves: list[SimilarityCurve], ends: dict[str, float], models: dict[str, Member], word: str, width: int):
    narrow = is_narrow(width)
    height = 300 if narrow else 340
    domain = cosine_domain([min(curve.cosines) for curve in curves])
    most = max(_others(curve) for curve in curves)
    ticks = [rank for rank in (1, 10, 100, 1_000, 10_000, 100_000) if rank <= most]
    x = alt.X(
        "rank:Q",
        scale=alt.Scale(type="log", domain=[1, most], nice=False),
        axis=alt.Axis(
            values=ticks, format=",d", title="rank by similarity (logarithmic)", titlePadding=6, grid=False, labelFlush=False
        ),
    )
    y = cosine_y(domain)
    colour = role_colour(models)
    lines = (
        rows("curves")
        .transform_filter("datum.word == word")
        .transform_flatten(["rank", "cosine"])
        .mark_line(strokeWidth=2)
        .encode(x=x, y=y, color=colour)
    )
    named = rows("named").transform_filter("datum.word == word")
    layers: list[Any] = [lines, note("dashed: 99% of random pairs lie below", alt.expr("width"), -10, align="right")]
    for role, member in models.items():
        end = one(cosine=rounded(ends[role], 3))
        layers.append(end.mark_rule(color=light(role), strokeDash=[4, 4], opacity=0.8).encode(y=y))
        style = {"align": "left", "color": light(role), "dx": 5, "baseline": "middle"}
        layers.append(end.mark_text(**style, text=fixed(ends[role])).encode(x=alt.XValue("width"), y=y))
        layers.append(key(member.name, 110 * list(models).index(role), -30, role, SHAPES[role]))
        here = named.transform_filter(f"datum.role == '{role}'")
        layers.append(
            here.mark_point(shape=SHAPES[role], color=light(role), size=46).encode(
                x=x,
                y=y,
                tooltip=[
                    alt.Tooltip("token:N", title="token"),
                    alt.Tooltip("rank:Q", title="rank", format=",d"),
                    alt.Tooltip("cosine:Q", title="cosine", format=".3f"),
                ],
            )
        )
        style = {
            "align": "left",
            "baseline": alt.expr("datum.above ? 'bottom' : 'top'"),
            "dx": 2,
            "dy": alt.expr("datum.above ? -8 : 9"),
            "limit": 70 if narrow else 130,
        }
        layers.append(here.mark_text(**style, fontSize=TEXT).encode(x=x, y=y, text="token:N"))
    return controlled(stacked(*layers, width=width - 104, height=height), word=word)


@figure(needs=("model_facts", "similarity_curves", "random_pairs"))
def sorted_similarities(data: Mapping[str, Any]) -> Figure:
    models, exported = members(data), data["similarity_curves"]
    curves = [curve for curve in exported.curves if curve.role in models]
    words = [word for word in exported.words if any(curve.word == word for curve in curves)]
    word = NAME if NAME in words else words[0]
    first = {curve.role: curve for curve in curves if curve.word == word}
    ends = {role: of_role(data["random_pairs"].by_model, role).all_tokens.percentiles["99"] for role in models}
    described = []
    for role, curve in first.items():
        member, named = models[role], _named(curve)
        steps = listed(
            f"{member.quoted(curve.tokens[n].raw)} at rank {curve.ranks[n]:,} with {fixed(curve.cosines[n])}" for n in named
        )
        described.append(
            f"{member.name}, from {member.quoted(curve.token.raw)}: {steps}; the last has {fixed(curve.cosines[-1])}. The mean "
            f"over all {_others(curve):,} other tokens is {fixed(curve.mean)} ({degrees(curve.mean)}); {curve.above_random_99:,} "
            f"lie above {fixed(ends[role])}, which 99% of random pairs do not reach."
        )
    return Figure(
        title=_title(first, word, models),
        caption=(
            "Every token of the vocabulary, sorted by its cosine with the chosen word (the word itself is left out); a few "
            "tokens along the way are named. The dashed lines show what 99% of random pairs of that model stay below. *Where it "
            "misleads:* the axis of ranks is logarithmic, so the right tenth of the picture holds more than half of the "
            "vocabulary."
        ),
        description=" ".join(described),
        table=_table(curves, models, word),
        chart=lambda width: _chart(curves, ends, models, word, width),
        datasets=_datasets(curves, models),
        controls=[Control("word", "Word", "select", word, options=[(w, w) for w in words])],
        roles=tuple(models),
    )
