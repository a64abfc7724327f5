"""Why the second step is a correlation: both spaces' cosines over each other, and one of them shifted."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import altair as alt
import numpy as np

from artefacts.schemas.rsa import SpaceSimilarities
from charts.comparing_by_similarity.parts import filled_step, measures, space_pairs, spaces
from charts.figure import Column, Control, Figure, Table, figure
from charts.layout import controlled, key, one, panels, rows, stacked
from charts.palette import light
from charts.reading import Member, fixed, of_role
from charts.theme import TEXT, is_narrow

REACH, STEP, BIN = 0.6, 0.05, 0.05
SIGNED = "datum.value == 0 ? '0' : format(datum.value, '+.1f')"


def _sums(first: np.ndarray, second: np.ndarray) -> dict[str, float]:
    """All that the chart needs to compute both measures for any shift."""
    return {
        "n": len(first),
        "a": float(first.sum()),
        "b": float(second.sum()),
        "aa": float(first @ first),
        "bb": float(second @ second),
        "ab": float(first @ second),
    }


def _bins(entry: SpaceSimilarities) -> list[tuple[float, float]]:
    values = np.array(entry.cosines)
    low, high = math.floor(values.min() / BIN), math.floor(values.max() / BIN) + 1
    edges = [round(n * BIN, 4) for n in range(low, high + 1)]
    counts, _ = np.histogram(values, bins=edges)
    return [(edges[0] - BIN, 0), *filled_step(edges, (100 * counts / len(values)).round(2).tolist())]


def _distributions(entries: dict[str, SpaceSimilarities], both: tuple[str, str], members: dict[str, Member], height: int) -> alt.LayerChart:
    values = [v for role in both for v in entries[role].cosines]
    # as far as the second can be shifted on either side of both
    domain = [math.floor((min(values) - REACH) * 5) / 5, math.ceil((max(values) + REACH) * 5) / 5]
    x = alt.X("x:Q", scale=alt.Scale(domain=domain, nice=False), axis=alt.Axis(title="cosine of a pair", titleAnchor="end", format=".1f"))
    most = max(percent for role in both for _, percent in _bins(entries[role]))
    y = alt.Y(
        "percent:Q", scale=alt.Scale(domain=[0, math.ceil(most / 5) * 5], nice=False), axis=alt.Axis(title="% of pairs", tickCount=4)
    )
    layers: list[Any] = []
    for role in both:
        moved = "datum.cosine + shift" if role == both[1] else "datum.cosine"
        base = rows("bins").transform_filter(f"datum.role == '{role}'").transform_calculate(x=moved)
        outline = {"color": light(role), "strokeWidth": 1.5}
        area = base.mark_area(interpolate="step-after", color=light(role), fillOpacity=0.25, line=outline)
        layers.append(area.encode(x=x, y=y))
    names = key(members[both[0]].name, -36, -26, both[0], "circle") + key(members[both[1]].name, 70, -26, both[1], "square")
    return stacked(*layers, *names, height=height)


def _measures(height: int) -> alt.LayerChart:
    formula = {
        "cosine": "(datum.ab + datum.s * datum.a)"
        " / sqrt(datum.aa * (datum.bb + 2 * datum.s * datum.b + datum.n * datum.s * datum.s))",
        "pearson": "(datum.ab - datum.a * datum.b / datum.n)"
        " / sqrt((datum.aa - datum.a * datum.a / datum.n) * (datum.bb - datum.b * datum.b / datum.n))",
        "difference": "(datum.a - datum.b) / datum.n - datum.s",
    }

    def at(shifts: alt.Chart) -> alt.Chart:
        return shifts.transform_calculate(**formula)

    along = at(rows("sums").transform_calculate(s=f"sequence({-REACH}, {REACH + STEP / 2}, {STEP})").transform_flatten(["s"]))
    here = at(rows("sums").transform_calculate(s="shift"))
    x = alt.X(
        "s:Q",
        scale=alt.Scale(domain=[-REACH, REACH], nice=False),
        axis=alt.Axis(title="added to the second", titleAnchor="end", labelExpr=SIGNED, tickCount=5),
    )
    layers: list[Any] = [one().mark_rule(color=light("rule")).encode(y=alt.YDatum(0))]
    for field, colour, dashes, shape in (("cosine", "accent", [1, 0], "diamond"), ("pearson", "ink-soft", [5, 4], "square")):
        y = alt.Y(f"{field}:Q", scale=alt.Scale(domain=[-1, 1], nice=False), axis=alt.Axis(title=None, format=".1f", tickCount=5))
        layers.append(along.mark_line(color=light(colour), strokeDash=dashes).encode(x=x, y=y))
        layers.append(here.mark_point(color=light(colour), shape=shape, size=90).encode(x=x, y=y))
    text = here.transform_calculate(
        c="'cosine ' + format(datum.cosine, '.2f')",
        p="'Pearson ' + format(datum.pearson, '.2f')",
        d="'mean difference ' + format(datum.difference, '.2f')",
    )
    for field, left, top, colour in (("c", 0, -26, "accent"), ("p", 116, -26, "ink-soft"), ("d", 0, -8, "ink")):
        drawn = text.mark_text(align="left", baseline="alphabetic", fontSize=TEXT, fontWeight=600, color=light(colour))
        layers.append(drawn.encode(x=alt.XValue(left + (15 if field != "d" else 0)), y=alt.YValue(top), text=f"{field}:N"))
    layers += [*key("", 0, -26, "accent", "diamond"), *key("", 116, -26, "ink-soft", "square")]
    return stacked(*layers, height=height)


def _chart(entries: dict[str, SpaceSimilarities], both: tuple[str, str], members: dict[str, Member], width: int) -> alt.TopLevelMixin:
    height = 180 if is_narrow(width) else 220
    whole = panels([_distributions(entries, both, members, height), _measures(height)], width, left=36, gap=16, below=60)
    return controlled(whole, shift=0)


@figure(needs=("model_facts", "rsa_similarities"))
def why_correlation(data: Mapping[str, Any]) -> Figure:
    members, exported = spaces(data), data["rsa_similarities"]
    both = space_pairs(members)[0]
    entries = {role: of_role(exported.by_model, role) for role in both}
    first, second = (np.array(entries[role].cosines) for role in both)
    one_name, other = (members[role].name for role in both)
    still, high = measures(first, second, 0), measures(first, second, 0.3)
    shifts = [round(-REACH + STEP * n, 2) for n in range(round(2 * REACH / STEP) + 1)]
    return Figure(
        title=(
            f"Add 0.3 to every cosine of {other}: the cosine of the two lists goes from {fixed(still['cosine'])} to "
            f"{fixed(high['cosine'])}, Pearson stays at {fixed(still['pearson'])}"
        ),
        caption=(
            f"Left, how the {exported.pairs} cosines of either space are spread. Right, three ways to compare the two lists: their cosine, "
            "their mean difference, and Pearson's correlation. Shift one list and see which of them notice. Pearson takes each list's mean "
            "off first, so it sees only which pairs are alike *compared with the others*. *Where it misleads:* the offset is information, "
            "too (one space is more crowded); correlation does not refute it, it only leaves it out. A rank correlation would leave out "
            "even "
            "more."
        ),
        description=(
            f"Mean cosine {fixed(entries[both[0]].mean)} in {one_name} (standard deviation {fixed(entries[both[0]].standard_deviation)}), "
            f"{fixed(entries[both[1]].mean)} in {other} ({fixed(entries[both[1]].standard_deviation)}). As they are, the two lists have "
            "cosine "
            f"{fixed(still['cosine'], 3)}, mean difference {fixed(still['difference'], 3)} and Pearson correlation "
            f"{fixed(still['pearson'], 3)}. With 0.3 added to {other}: cosine {fixed(high['cosine'], 3)}, mean difference "
            f"{fixed(high['difference'], 3)}, Pearson {fixed(high['pearson'], 3)}."
        ),
        table=Table(
            [
                Column("shift", f"added to {other}", "number", 2),
                Column("cosine", "cosine of the lists", "number", 3),
                Column("difference", "mean difference", "number", 3),
                Column("pearson", "Pearson", "number", 3),
            ],
            [{"shift": shift} | measures(first, second, shift) for shift in shifts],
            default_rows=lambda row: round(row["shift"] * 10, 6) % 3 == 0,
        ),
        chart=lambda width: _chart(entries, both, members, width),
        datasets={
            "sums": [_sums(first, second)],
            "bins": [{"role": role, "cosine": round(x, 4), "percent": n} for role in both for x, n in _bins(entries[role])],
        },
        controls=[Control("shift", f"Add to {other}", "slider", 0, minimum=-REACH, maximum=REACH, step=STEP)],
        roles=both,
    )
