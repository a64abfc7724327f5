"""Every measure of step one with every coefficient of step two, for each pair of spaces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.rsa import RsaAgreement
from charts.comparing_by_similarity.parts import (
    COEFFICIENT_NAMES,
    MEASURE_NAMES,
    agreement_of,
    pair_name,
    px,
    space_pairs,
    spaces,
)
from charts.figure import Column, Figure, Table, figure
from charts.layout import note, rows, stacked
from charts.palette import light
from charts.reading import Member, fixed, listed
from charts.theme import SMALL, TEXT

LEFT, LINE, HEAD, GAP = 78, 27, 44, 22  # px


def _block(n: int) -> float:
    return n * (HEAD + LINE * len(MEASURE_NAMES) + GAP)


def _chart(members: dict[str, Member], width: int) -> alt.TopLevelMixin:
    pairs = space_pairs(members)
    plot = width - LEFT - 2
    cell = plot / len(COEFFICIENT_NAMES)
    height = _block(len(pairs)) - GAP + 2
    placed = rows("values").transform_calculate(
        x=f"datum.column * {cell:.2f}",
        x2=f"datum.x + {cell:.2f} - 2",
        top=f"datum.pair * {_block(1)} + {HEAD} + datum.row * {LINE}",
        bottom=f"datum.top + {LINE} - 2",
        middle=f"datum.top + {LINE / 2 - 1}",
        centre=f"datum.x + {cell / 2 - 1:.2f}",
        size="abs(datum.value)",
    )
    opacity = alt.Opacity("size:Q", scale=alt.Scale(domain=[0, 1], range=[0.03, 0.75]), legend=None)
    colour = alt.condition("datum.value < 0", alt.value(light("below-zero")), alt.value(light("size")))
    cells = placed.mark_rect().encode(
        x=px("x", plot), x2="x2:Q", y=px("top", height, down=True), y2="bottom:Q", opacity=opacity, color=colour
    )
    text = placed.mark_text(baseline="middle", fontSize=TEXT, color=light("ink")).encode(
        x=px("centre", plot), y=px("middle", height, down=True), text=alt.Text("value:Q", format=".2f")
    )
    layers: list[Any] = [cells, text]
    for n, (first, second) in enumerate(pairs):
        top = _block(n)
        layers.append(note(pair_name(members, first, second), -LEFT, top + 13, "ink", fontWeight=600, fontSize=TEXT))
        for m, name in enumerate(COEFFICIENT_NAMES.values()):
            layers.append(note(name, cell * (m + 0.5), top + HEAD - 7, align="center", fontSize=SMALL))
        layers += [note(name, -LEFT, top + HEAD + LINE * (m + 0.5) + 3) for m, name in enumerate(MEASURE_NAMES.values())]
    return stacked(*layers, width=plot, height=height)


def by_cosine_and_euclidean(agreement: RsaAgreement, both: tuple[str, str]) -> tuple[float, float]:
    """Spearman's coefficient of two spaces with either measure in step one."""
    cosine, euclidean = (agreement_of(agreement, *both, "spearman", measure) for measure in ("cosine", "euclidean"))
    return cosine, euclidean


def most_moved(agreement: RsaAgreement, pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The pairs of spaces whose score depends most on that choice, two at most."""

    def moved(both: tuple[str, str]) -> float:
        cosine, euclidean = by_cosine_and_euclidean(agreement, both)
        return abs(cosine - euclidean)

    return sorted(pairs, key=moved, reverse=True)[:2]


@figure(needs=("model_facts", "rsa_agreement"))
def measures_and_coefficients(data: Mapping[str, Any]) -> Figure:
    members, agreement = spaces(data), data["rsa_agreement"]
    pairs = space_pairs(members)
    found = [
        {"pair": n, "row": row, "column": column, "value": round(agreement_of(agreement, *both, coefficient, measure), 4) + 0.0}
        for n, both in enumerate(pairs)
        for row, measure in enumerate(MEASURE_NAMES)
        for column, coefficient in enumerate(COEFFICIENT_NAMES)
    ]
    table = [
        {"spaces": pair_name(members, *both), "measure": label}
        | {name: agreement_of(agreement, *both, name, measure) for name in COEFFICIENT_NAMES}
        for both in pairs
        for measure, label in MEASURE_NAMES.items()
    ]
    moved = [
        f"from {fixed(cosine)} to {fixed(euclidean)} for {pair_name(members, *both)}"
        for both in most_moved(agreement, pairs)
        for cosine, euclidean in [by_cosine_and_euclidean(agreement, both)]
    ]
    described = " ".join(
        f"{pair_name(members, *both)}, {label}: "
        + listed(f"{name} {fixed(agreement_of(agreement, *both, key, measure))}" for key, name in COEFFICIENT_NAMES.items())
        + "."
        for both in pairs
        for measure, label in MEASURE_NAMES.items()
    )
    return Figure(
        title=f"By Euclidean distance instead of cosine, Spearman goes {', '.join(moved)}",
        caption=(
            "Rows: how likeness is measured inside each space. Columns: how the two lists are compared. Cosine and correlation distance "
            "are nearly the same here; Euclidean distance also counts how long the vectors are. *Where it misleads:* tau-a is on a scale "
            "of its own and mostly smaller; and whoever tries twelve combinations and shows the best has tested twelve times. Choose "
            "before looking. We chose the source's, cosine and Pearson."
        ),
        description=described,
        table=Table(
            [
                Column("spaces", "spaces"),
                Column("measure", "measure"),
                *(Column(name, label, "number", 3) for name, label in COEFFICIENT_NAMES.items()),
            ],
            table,
        ),
        chart=lambda width: _chart(members, width),
        datasets={"values": found},
        roles=tuple(members),
    )
