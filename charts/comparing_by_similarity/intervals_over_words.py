"""How sure each r is: intervals from words drawn anew, beside those that count pairs; and a noise ceiling where there is one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.twins import TwinNoiseCeiling, Twins
from charts.comparing_by_similarity.parts import px, spaces
from charts.comparing_by_similarity.shuffled_labels import Found, found_tests
from charts.figure import Column, Figure, Table, figure
from charts.layout import key, note, one, rows, stacked
from charts.palette import light
from charts.reading import fixed, listed
from charts.theme import TEXT, is_narrow

LINE, HEAD = 50, 48  # px
TWINS = "the same model, another seed"


def seeds(twins: Twins) -> tuple[TwinNoiseCeiling, list[float]]:
    """The ceiling of the objective with most seeds, and r of each two of its models."""
    ceiling = max(twins.ceilings, key=lambda entry: entry.models)
    names = {model.name for model in twins.models if model.objective == ceiling.objective}
    return ceiling, [pair.rsa_pearson for pair in twins.pairs if {pair.first, pair.second} <= names]


def _chart(found: Found, ceiling: TwinNoiseCeiling, between: list[float], width: int) -> alt.TopLevelMixin:
    narrow = is_narrow(width)
    left = 4 if narrow else 200
    plot = width - left - 14
    lines = [*found.values()]
    height = HEAD + LINE * (len(lines) + 1)
    low = math.floor(min([0.0, *(min(t.low, n.low) for _, t, n in lines)]) * 5) / 5
    x_scale = alt.Scale(domain=[low, 1], nice=False, zero=False)
    axis = alt.Axis(title="r", titleAnchor="end", format=".1f", tickCount=6)
    x = alt.X("low:Q", scale=x_scale, axis=axis)
    y = px("y", height, down=True)
    zero = one(low=0.0).mark_rule(color=light("rule"), strokeWidth=1.5)
    layers: list[Any] = [zero.encode(x=x, y=alt.YValue(HEAD - 8), y2=alt.Y2Value(height))]
    base = rows("intervals")
    words, pairs = (base.transform_filter(f"datum.kind == '{kind}'") for kind in ("words", "pairs"))
    tooltip = [
        alt.Tooltip("name:N", title="compared"),
        alt.Tooltip("r:Q", title="r", format=".3f"),
        alt.Tooltip("low:Q", title="from", format=".3f"),
        alt.Tooltip("high:Q", title="to", format=".3f"),
    ]
    layers += [
        words.mark_rule(color=light("accent"), strokeWidth=4).encode(x=x, x2="high:Q", y=y, tooltip=tooltip),
        pairs.mark_rule(color=light("fails"), strokeWidth=2, strokeDash=[4, 2]).encode(x=x, x2="high:Q", y=y, tooltip=tooltip),
        words.mark_point(size=90, color=light("ink"), shape="diamond").encode(x=alt.X("r:Q", scale=x_scale, axis=axis), y=y),
    ]
    at = HEAD + LINE * len(lines) + LINE / 2 + (8 if narrow else 0)
    band = one(low=ceiling.lower, high=ceiling.upper, y=at - 10, bottom=at + 10)
    layers.append(band.mark_rect(color=light("baseline"), opacity=0.45).encode(x=x, x2="high:Q", y=y, y2="bottom:Q"))
    points = alt.Chart(alt.Data(values=[{"low": round(r, 4), "y": at} for r in between]))
    layers.append(points.mark_point(size=50, color=light("ink"), shape="diamond").encode(x=x, y=y))
    for n, name in enumerate([*(name for name, _, _ in lines), TWINS]):
        top = HEAD + LINE * n
        layers.append(note(name, -left if not narrow else 0, top + (10 if narrow else LINE / 2 + 1), "ink", fontSize=TEXT))
    start = 0 if narrow else -left
    layers += key("words drawn anew", start, 10, "accent", "square")
    layers += key("pairs counted", start + 152, 10, "fails", "square")
    layers += key("noise ceiling", start + (0 if narrow else 276), 30 if narrow else 10, "baseline", "square", text_colour="ink-soft")
    return stacked(*layers, width=plot, height=height)


def _datasets(found: Found, narrow_offset: float = 6) -> dict[str, list[dict[str, Any]]]:
    drawn = []
    for n, (name, test, naive) in enumerate(found.values()):
        middle = HEAD + LINE * n + LINE / 2 - 2 + narrow_offset
        for kind, entry, off in (("words", test, -4), ("pairs", naive, 7)):
            drawn.append({"name": name, "kind": kind, "low": round(entry.low, 4), "high": round(entry.high, 4)})
            drawn[-1] |= {"r": round(test.observed, 4), "y": middle + off}
    return {"intervals": drawn}


@figure(needs=("model_facts", "rsa_inference", "twins"))
def intervals_over_words(data: Mapping[str, Any]) -> Figure:
    members, twins = spaces(data), data["twins"]
    found = found_tests(data, members)
    ceiling, between = seeds(twins)
    name, test, naive = next(iter(found.values()))
    table = [
        {"compared": label, "r": t.observed, "low": t.low, "high": t.high, "naive_low": n.low, "naive_high": n.high}
        for label, t, n in found.values()
    ]
    described = " ".join(
        f"{label}: r = {fixed(t.observed)}, from {fixed(t.low)} to {fixed(t.high)} by words, from {fixed(n.low)} to {fixed(n.high)} by "
        "pairs."
        for label, t, n in found.values()
    )
    return Figure(
        title=(
            f"Drawing the words anew leaves {name} anywhere from {fixed(test.low)} to {fixed(test.high)}; "
            f"counting pairs claims {fixed(naive.low)} to {fixed(naive.high)}"
        ),
        caption=(
            f"Thick: the middle 95% of r when {data['rsa_inference'].words} words are drawn with replacement, {test.resamples:,} times. "
            f"Broken: a textbook's interval of 95%, as if all pairs were independent. Bottom: {ceiling.models} small models "
            f"({ceiling.objective}) that differ in their seed alone, each two compared over {len(twins.words)} words; and their noise "
            "ceiling: each is compared with the mean of the others (lower bound) and of all (upper bound). *Where it misleads:* the words "
            "were chosen by hand, not drawn from English; and the ceiling belongs to those small models and to nobody else."
        ),
        description=(
            f"{described} Small models of another seed: r = {listed(fixed(r) for r in sorted(between))}; noise ceiling from "
            f"{fixed(ceiling.lower, 3)} to {fixed(ceiling.upper, 3)}."
        ),
        table=Table(
            [
                Column("compared", "compared"),
                Column("r", "r", "number", 3),
                Column("low", "from (words)", "number", 3),
                Column("high", "to (words)", "number", 3),
                Column("naive_low", "from (pairs)", "number", 3),
                Column("naive_high", "to (pairs)", "number", 3),
            ],
            table,
        ),
        chart=lambda width: _chart(found, ceiling, between, width),
        datasets=_datasets(found),
        roles=tuple(members),
    )
