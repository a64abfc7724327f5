"""Occupations on the direction from "he" to "she", beside directions between random words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.vectors import Associations, DirectionInSpace
from charts.figure import Column, Control, Figure, Table, figure
from charts.from_words_to_vectors.spaces import down, spaces
from charts.layout import controlled, note, one, rows, stacked
from charts.palette import SHAPES, light
from charts.reading import Member, fixed, listed, percent, rounded
from charts.theme import SMALL, TEXT, is_narrow

LANE, HEAD = 66, 28  # px
SCATTER = (0, 9, -9, 4.5, -4.5, 13, -13)
UNUSUAL = 0.05


def _block(n: int) -> float:
    return n * (HEAD + LANE + 16)


def _datasets(found: dict[str, DirectionInSpace]) -> dict[str, list[dict[str, Any]]]:
    dots = []
    for n, (role, entry) in enumerate(found.items()):
        middle = _block(n) + HEAD + LANE / 2
        for m, word in enumerate(entry.occupations):
            dots.append(
                {"role": role, "word": word.word, "cosine": rounded(word.cosine, 3), "y": middle + SCATTER[m % len(SCATTER)]}
                | {"middle": middle}
            )
    return {"dots": dots}


def ends(entry: DirectionInSpace, number: int = 4) -> tuple[list[str], list[str]]:
    """(furthest to the second pole, furthest to the first pole), outermost first."""
    ordered = sorted(entry.occupations, key=lambda word: (word.cosine, word.word))
    return [w.word for w in ordered[:number]], [w.word for w in ordered[::-1][:number]]


def _chart(
    exported: Associations, found: dict[str, DirectionInSpace], members: dict[str, Member], first: str, width: int
) -> alt.TopLevelMixin:
    plot, height = width - 16, _block(len(found)) - 10
    values = [w.cosine for e in found.values() for w in e.occupations]
    reach = max(0.1, *(abs(v) for v in values), *(e.random_band for e in found.values())) * 1.08
    scale = alt.Scale(domain=[-reach, reach], nice=False)
    axis = alt.Axis(title=f"cosine with {exported.poles[0]} − {exported.poles[1]}", titleAnchor="end", tickCount=7, grid=True)
    x = alt.X("cosine:Q", scale=scale, axis=axis)
    layers: list[Any] = []
    for n, (role, entry) in enumerate(found.items()):
        top = _block(n) + HEAD
        mean = sum(w.cosine for w in entry.occupations) / len(entry.occupations)
        band = one(cosine=mean - entry.random_band, high=mean + entry.random_band, top=top, bottom=top + LANE, mean=mean)
        layers.append(band.mark_rect(color=light("baseline"), opacity=0.2).encode(x=x, x2="high:Q", y=down(height, "top:Q"), y2="bottom:Q"))
        low, high = ends(entry, 2 if is_narrow(width) else 4)
        layers.append(note(members[role].name, 0, top - 16, role, fontWeight=600, fontSize=TEXT))
        layers.append(note(f"← {', '.join(low)}", 0, top - 2, fontSize=SMALL))
        layers.append(note(f"{', '.join(reversed(high))} →", alt.expr("width"), top - 2, align="right", fontSize=SMALL))
        here = rows("dots").transform_filter(f"datum.role == '{role}'")
        tooltip = [alt.Tooltip("word:N", title="occupation"), alt.Tooltip("cosine:Q", title="cosine", format=".3f")]
        layers.append(
            here.mark_point(shape=SHAPES[role], size=34, color=light(role), opacity=0.55).encode(x=x, y=down(height), tooltip=tooltip)
        )
        chosen = here.transform_filter("datum.word == word")
        layers.append(chosen.mark_point(shape=SHAPES[role], size=110, color=light("ink")).encode(x=x, y=down(height)))
        name = chosen.mark_text(baseline="bottom", dy=-8, fontSize=TEXT, fontWeight=600)
        layers.append(name.encode(x=x, y=down(height), text="word:N"))
    return controlled(stacked(*layers, width=plot, height=height), word=first)


def _empty(exported: Associations) -> Figure:
    """Where the poles or the occupations are no shared words there is nothing to project."""
    return Figure(
        title="The words of this comparison are not all known to the models of this set as single tokens",
        caption="Nothing can be shown. *Where it misleads:* an empty figure says nothing about the models.",
        description="No occupations could be compared, because the words are missing from at least one of the models of this set.",
        table=Table([Column("word", "left out")], [{"word": word} for word in exported.left_out] or [{"word": "none"}]),
    )


@figure(needs=("model_facts", "associations"))
def occupations_on_a_direction(data: Mapping[str, Any]) -> Figure:
    exported, members = data["associations"], spaces(data)
    by_role = {entry.role: entry for entry in exported.by_space}
    found = {role: by_role[role] for role in members if role in by_role}
    if not found:
        return _empty(exported)
    words = sorted(word.word for word in next(iter(found.values())).occupations)
    first = "nurse" if "nurse" in words else words[0]
    wide = [members[role].name for role, entry in found.items() if entry.random_share < UNUSUAL]
    others = [members[role].name for role in found if members[role].name not in wide]
    direction = f"{exported.poles[0]} − {exported.poles[1]}"
    if wide:
        title = f"Along {direction}, occupations spread unusually far in {listed(wide)}"
        title += f", not in {listed(others, 'or')}" if others else ""
    else:
        title = f"Along {direction}, occupations do not spread unusually far in {listed(others, 'or')}"
    described = []
    for role, entry in found.items():
        low, high = ends(entry)
        described.append(
            f"{members[role].name}: furthest towards {exported.poles[0]} are {listed(high)}, towards {exported.poles[1]} {listed(low)}. "
            f"The cosines' standard deviation is {fixed(entry.spread, 3)}; {percent(entry.random_share)} of random directions spread "
            f"the occupations at least as far. Of {entry.couples} couples of words that mean a woman and a man by definition it puts "
            f"{entry.couples - len(entry.couples_wrong)} in the right order, and {percent(entry.definition_right)} of all pairs of such "
            "words"
        )
    table = [
        {"model": members[role].name, "kind": kind, "word": word.word, "cosine": word.cosine}
        for role, entry in found.items()
        for kind, group in (
            ("occupation", entry.occupations),
            ("female by definition", entry.first_words),
            ("male by definition", entry.second_words),
        )
        for word in sorted(group, key=lambda w: -w.cosine)
    ]
    shown = {ends(entry)[side][n] for entry in found.values() for side in (0, 1) for n in range(min(4, len(words)))}
    return Figure(
        title=title,
        caption=(
            f"{len(words)} occupations and their cosine with {direction}, both words first brought to length 1. Unusually far: fewer "
            "than one in twenty directions between two random words spread them as far. Grey bands: along such random directions 95% of "
            "the occupations would lie inside. *Where it misleads:* "
            "a place on this line is a fact about texts, not about people, and a direction between two words carries more than gender: "
            "how frequent words are, for one."
        ),
        description=". ".join(described) + ".",
        table=Table(
            [
                Column("model", "model"),
                Column("kind", "kind"),
                Column("word", "word"),
                Column("cosine", "cosine", "number", 3),
            ],
            table,
            default_rows=lambda row: row["kind"] == "occupation" and row["word"] in shown,
        ),
        chart=lambda width: _chart(exported, found, members, first, width),
        datasets=_datasets(found),
        controls=[Control("word", "Occupation", "select", first, options=[(word, word) for word in words])],
        roles=tuple(found),
    )
