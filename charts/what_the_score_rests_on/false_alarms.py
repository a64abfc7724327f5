"""How often a test of partial RSA calls two simulated spaces agreeing that share nothing but the covariate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.scores import FalseAlarms, PartialScores
from charts.figure import Column, Control, Figure, Table, figure
from charts.layout import controlled, note, one, rows, stacked
from charts.palette import light
from charts.reading import fixed, percent
from charts.theme import TEXT

GIVEN = {"category": "their categories", "frequency": "differences of frequency", "ranks": "both frequencies"}
HEIGHT = 190  # px


def strongest(found: PartialScores, given: str) -> FalseAlarms:
    """The simulation in which the covariate, `given`, is strongest."""
    return max((f for f in found.false_alarms if f.given == given), key=lambda f: f.strength)


def _title(found: PartialScores) -> str:
    entry = strongest(found, "category")
    if entry.free > 2 * found.level:
        return (
            f"Permuted freely, a test at {percent(found.level)} calls {percent(entry.free)} of unrelated spaces agreeing; permuted within "
            f"categories, {percent(entry.within, 1)}"
        )
    return (
        f"With so few words both tests keep near their {percent(found.level)}: {percent(entry.free)} false alarms free, "
        f"{percent(entry.within)} within categories"
    )


def _chart(found: PartialScores, width: int) -> alt.TopLevelMixin:
    most = max(max(f.free, f.within) for f in found.false_alarms)
    top = max(0.2, (int(most * 10) + 1) / 10)
    strengths = sorted({f.strength for f in found.false_alarms})
    x = alt.X(
        "strength:Q",
        scale=alt.Scale(domain=[0, strengths[-1]], nice=False),
        axis=alt.Axis(values=strengths, format="~g", title="strength of the covariate in both spaces", titleAnchor="end", grid=False),
    )
    step = 2 if top > 0.5 else 1
    ticks = [n / 10 for n in range(0, round(top * 10) + 1, step)]
    y = alt.Y("rate:Q", scale=alt.Scale(domain=[0, top], nice=False), axis=alt.Axis(values=ticks, format=".0%", title="false alarms"))
    layers: list[Any] = [
        one(rate=found.level).mark_rule(color=light("ink-soft"), strokeDash=[3, 3]).encode(y=y),
        note(
            f"promised: {percent(found.level)}",
            alt.expr("width - 14"),
            alt.expr(f"height - {found.level / top:.4f} * height - 7"),
            "ink-soft",
            align="right",
        ),
    ]
    for test, colour, dashes, place in (("free", "fails", [], 0), ("within", "holds", [6, 3], 1)):
        here = rows("rates").transform_filter(f"datum.given == given && datum.test == '{test}'")
        tips = [alt.Tooltip("strength:Q", title="strength"), alt.Tooltip("rate:Q", title="false alarms", format=".1%")]
        paint = light(colour)
        layers.append(here.mark_line(color=paint, strokeDash=dashes, point={"color": paint, "size": 50}).encode(x=x, y=y, tooltip=tips))
        label = "words permuted freely" if test == "free" else "within groups that keep what is given"
        key = one().mark_rule(color=paint, strokeWidth=2, strokeDash=dashes)
        layers.append(key.encode(x=alt.XValue(0), x2=alt.X2Value(22), y=alt.YValue(-50 + 18 * place - 4)))
        layers.append(note(label, 28, -50 + 18 * place, "ink", fontSize=TEXT))
    return controlled(stacked(*layers, width=width - 52, height=HEIGHT), given="category")


@figure(needs=("partial_scores",))
def false_alarms(data: Mapping[str, Any]) -> Figure:
    found: PartialScores = data["partial_scores"]
    table = [
        {"given": f.given, "strength": f.strength, "own": f.with_covariate, "correlation": f.correlation}
        | {"free": f.free, "within": f.within}
        for f in found.false_alarms
    ]
    drawn = [
        {"given": f.given, "strength": f.strength, "test": test, "rate": getattr(f, test)}
        for f in found.false_alarms
        for test in ("free", "within")
    ]
    sentences = [
        f"Given {GIVEN[f.given]}, strength {fixed(f.strength, 1)}: free {percent(f.free, 1)}, within {percent(f.within, 1)}."
        for f in found.false_alarms
    ]
    return Figure(
        title=_title(found),
        caption=(
            f"{found.simulations:,} pairs of made-up spaces a point, with the {len(found.words)} words' own categories and ranks. Both "
            "spaces hold what is known beforehand (the covariate), each in "
            "directions of its own, and are otherwise independent noise: whoever finds an agreement "
            f"beyond the covariate is wrong. By chance, a point at the promised level is off by about "
            f"{fixed(100 * (found.level * (1 - found.level) / found.simulations) ** 0.5, 1)} percentage points. *Where it "
            "misleads:* real spaces need not be built like these."
        ),
        description=" ".join(sentences),
        table=Table(
            [
                Column("given", "given"),
                Column("strength", "strength", "number", 1),
                Column("own", "mean r of a space with the covariate (for two, multiple R)", "number", 2),
                Column("correlation", "mean raw RSA", "number", 2),
                Column("free", "false alarms, free", "number", 3),
                Column("within", "within groups", "number", 3),
            ],
            table,
            default_rows=lambda row: row["given"] == "category",
        ),
        chart=lambda width: _chart(found, width),
        datasets={"rates": drawn},
        controls=[Control("given", "Known beforehand", "select", "category", options=list(GIVEN.items()))],
    )
