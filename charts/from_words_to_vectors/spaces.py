"""Shared by the figures of this lesson: the spaces of a set, static vectors included, in the order in which the lesson compares them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from charts.palette import light
from charts.reading import Member

ORDER = ("static", "decoder", "encoder")


def spaces(data: Mapping[str, Any]) -> dict[str, Member]:
    """Static vectors (if the set has any), decoder and encoder, from the artefact `model_facts`."""
    facts = {fact.role: fact for fact in data["model_facts"].models}
    return {role: Member(role, facts[role].name, facts[role].tokenizer_kind) for role in ORDER if role in facts}


def down(height: float, field: str = "y:Q") -> alt.Y:
    """A vertical place in px from the top, for lanes and lists."""
    return alt.Y(field, scale=alt.Scale(domain=[0, height], reverse=True, nice=False, zero=False), axis=None)


def across(width: float, field: str = "x:Q") -> alt.X:
    """A horizontal place in px from the left."""
    return alt.X(field, scale=alt.Scale(domain=[0, width], nice=False, zero=False), axis=None)


def headings(members: dict[str, Member], parameter: str, x: float, y: float, layers: list[alt.Chart]) -> None:
    """The name of the model that a select chose, in its colour."""
    from charts.layout import note
    from charts.theme import TEXT

    for role, member in members.items():
        text = alt.expr(f"{parameter} == '{role}' ? '{member.heading}' : ''")
        layers.append(note(text, x, y, role, fontWeight=600, fontSize=TEXT))


def role_scale(members: dict[str, Member]) -> alt.Color:
    """Colours by role, without a legend."""
    return alt.Color("role:N", scale=alt.Scale(domain=list(members), range=[light(role) for role in members]), legend=None)
