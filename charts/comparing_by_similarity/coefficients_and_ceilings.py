"""Four coefficients against the category RDM, each beside the highest value that it can reach there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.rsa import RsaAgreement
from charts.comparing_by_similarity.parts import COEFFICIENT_NAMES, agreement_of, px, spaces
from charts.figure import Column, Figure, Table, figure
from charts.layout import note, one, rows, stacked
from charts.palette import light
from charts.reading import Member, fixed, listed, percent
from charts.theme import TEXT, is_narrow

LINE, GAP, HEAD = 20, 34, 26  # px


def _top(block: int, members: int) -> float:
    return HEAD + block * (members * LINE + GAP)


def _chart(agreement: RsaAgreement, members: dict[str, Member], width: int) -> alt.TopLevelMixin:
    narrow = is_narrow(width)
    left, right = 66, 96 if narrow else 190
    plot = width - left - right
    height = _top(len(COEFFICIENT_NAMES), len(members)) - GAP + 6
    ceilings = {c.coefficient: c.value for c in agreement.ceilings}
    x = alt.X("value:Q", scale=alt.Scale(domain=[0, 1], nice=False), axis=None)
    layers: list[Any] = []
    for value in (0, 0.25, 0.5, 0.75, 1):
        rule = one(value=value, top=HEAD - 6, bottom=height).mark_rule(color=light("grid"))
        layers.append(rule.encode(x=x, y=px("top", height, down=True), y2="bottom:Q"))
        layers.append(note(fixed(value), plot * value, 10, align="center"))
    colour = alt.Color("role:N", scale=alt.Scale(domain=list(members), range=[light(role) for role in members]), legend=None)
    bars = rows("bars").transform_calculate(zero="0", top="datum.y - 6", bottom="datum.y + 5")
    tooltip = [
        alt.Tooltip("name:N", title="space"),
        alt.Tooltip("coefficient:N", title="coefficient"),
        alt.Tooltip("value:Q", title="value", format=".3f"),
        alt.Tooltip("ceiling:Q", title="reachable", format=".3f"),
    ]
    start = alt.X("zero:Q", scale=alt.Scale(domain=[0, 1], nice=False), axis=None)
    layers.append(
        bars.mark_rect().encode(x=start, x2="value:Q", y=px("top", height, down=True), y2="bottom:Q", color=colour, tooltip=tooltip)
    )
    for n, (name, label) in enumerate(COEFFICIENT_NAMES.items()):
        top = _top(n, len(members))
        limit = one(value=ceilings[name], top=top - 4, bottom=top + LINE * len(members))
        layers.append(
            limit.mark_rule(color=light("ink"), strokeWidth=2, strokeDash=[3, 2]).encode(x=x, y=px("top", height, down=True), y2="bottom:Q")
        )
        layers.append(note(label, -left, top - 6, "ink", fontWeight=600, fontSize=TEXT))
        reach = f"at most {fixed(ceilings[name])}" if narrow else f"reachable: at most {fixed(ceilings[name])}"
        layers.append(note(reach, plot + right, top - 6, align="right"))
    drawn = {"align": "left", "baseline": "middle"}
    layers += [
        rows("bars").mark_text(**drawn, color=light("ink-soft")).encode(x=alt.XValue(-left), y=px("y", height, down=True), text="name:N"),
        rows("bars")
        .mark_text(align="right", baseline="middle", color=light("ink"))
        .encode(x=alt.XValue(plot + right), y=px("y", height, down=True), text="short:N" if narrow else "text:N"),
    ]
    return stacked(*layers, width=plot, height=height)


def _drawn(agreement: RsaAgreement, members: dict[str, Member]) -> list[dict[str, Any]]:
    ceilings = {c.coefficient: c.value for c in agreement.ceilings}
    drawn = []
    for n, (name, label) in enumerate(COEFFICIENT_NAMES.items()):
        for m, (role, member) in enumerate(members.items()):
            value = agreement_of(agreement, role, "category", name)
            share = percent(value / ceilings[name]) if ceilings[name] else "–"
            drawn.append(
                {"role": role, "name": member.name, "coefficient": label, "value": round(value, 4), "ceiling": round(ceilings[name], 4)}
                | {"y": _top(n, len(members)) + LINE * m + LINE / 2 - 2}
                | {"text": f"{fixed(value)}, {share} of what is reachable", "short": f"{fixed(value)} = {share}"}
            )
    return drawn


@figure(needs=("model_facts", "rsa_similarities", "rsa_agreement"))
def coefficients_and_ceilings(data: Mapping[str, Any]) -> Figure:
    members, agreement = spaces(data), data["rsa_agreement"]
    ceilings = {c.coefficient: c for c in agreement.ceilings}
    taus = listed(f"{fixed(agreement_of(agreement, role, 'category', 'tau_a'))} for {member.name}" for role, member in members.items())
    table = [
        {"coefficient": label, "model": member.name}
        | {"value": agreement_of(agreement, role, "category", name), "ceiling": ceilings[name].value}
        for name, label in COEFFICIENT_NAMES.items()
        for role, member in members.items()
    ]
    described = []
    for name, label in COEFFICIENT_NAMES.items():
        values = listed(f"{fixed(agreement_of(agreement, role, 'category', name))} for {m.name}" for role, m in members.items())
        described.append(f"{label}: {values}, of at most {fixed(ceilings[name].value, 3)}.")
    return Figure(
        title=f"With the three categories, tau-a is {taus}, of a possible {fixed(ceilings['tau_a'].value)}",
        caption=(
            "Agreement of each space's cosine RDM with the *category RDM* (0 within a category, 1 across). It has two values only, so "
            "many pairs are tied, and no space whose values all differ can order them as it does. The broken lines are the most that "
            f"any such space could reach with these {len(data['rsa_similarities'].words)} words: every pair within a category below every "
            "pair across. *Where it misleads:* different coefficients are on different scales; the ceiling is that of perfect "
            "categories, not of noise; and Pearson's of 1 could be reached only by a space with just two different cosines."
        ),
        description=" ".join(described),
        table=Table(
            [
                Column("coefficient", "coefficient"),
                Column("model", "space"),
                Column("value", "with the categories", "number", 3),
                Column("ceiling", "reachable", "number", 3),
            ],
            table,
        ),
        chart=lambda width: _chart(agreement, members, width),
        datasets={"bars": _drawn(agreement, members)},
        roles=tuple(members),
    )
