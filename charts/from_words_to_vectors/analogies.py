"""a is to b as c is to what? The words nearest to b - a + c, with the given words left out or kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.vectors import Analogies, Analogy
from charts.figure import Column, Control, Figure, Table, figure
from charts.from_words_to_vectors.spaces import across, down, spaces
from charts.layout import controlled, note, one, rows, stacked
from charts.palette import light
from charts.reading import Member, fixed, listed
from charts.theme import TEXT, is_narrow

TOP, LINE, SHOWN = 64, 24, 5


def question(analogy: Analogy) -> str:
    """Such as "king − man + woman"."""
    return f"{analogy.b} − {analogy.a} + {analogy.c}"


def _datasets(exported: Analogies, members: dict[str, Member]) -> dict[str, list[dict[str, Any]]]:
    lists = []
    for n, analogy in enumerate(exported.analogies):
        for column, role in enumerate(members):
            found = next(entry for entry in analogy.by_space if entry.role == role)
            lists.append(
                {"a": str(n), "column": column, "expected": analogy.expected, "kept": found.rank_kept, "out": found.rank_left_out}
                | {"w": [b.word for b in found.best], "c": [round(b.cosine, 2) for b in found.best]}
                | {"g": [int(b.given) for b in found.best]}
            )
    return {"lists": lists}


def _chart(exported: Analogies, members: dict[str, Member], width: int) -> alt.TopLevelMixin:
    plot, height = width - 2, TOP + LINE * SHOWN + 30
    column = plot / len(members)
    narrow = is_narrow(width)
    lists = rows("lists").transform_filter("datum.a == analogy")
    listed_words = (
        lists.transform_flatten(["w", "c", "g"])
        .transform_filter("given || !datum.g")
        .transform_window(place="row_number()", groupby=["column"])
        .transform_filter(f"datum.place <= {SHOWN}")
        .transform_calculate(
            x=f"datum.column * {column}",
            end=f"(datum.column + 1) * {column} - {14 if narrow else 30}",
            y=f"{TOP} + (datum.place - 0.5) * {LINE}",
            right="datum.w == datum.expected",
            text="datum.w + (datum.w == datum.expected ? ' ✓' : '')",
        )
    )
    ink = alt.ColorValue(light("ink"), condition={"test": "datum.g", "value": light("ink-soft")})
    layers: list[Any] = []
    for test, weight in (("datum.right", 700), ("!datum.right", 400)):
        words = listed_words.transform_filter(test).mark_text(
            align="left", baseline="middle", fontSize=TEXT, fontWeight=weight, limit=column - (34 if narrow else 70)
        )
        layers.append(words.encode(x=across(plot), y=down(height), text="text:N", color=ink))
    values = listed_words.mark_text(align="right", baseline="middle").encode(
        x=across(plot, "end:Q"), y=down(height), text=alt.Text("c:Q", format=".2f"), color=alt.ColorValue(light("ink-soft"))
    )
    ranks = (
        lists.transform_calculate(
            x=f"datum.column * {column}",
            rank="given ? datum.kept : datum.out",
            text="datum.expected + (datum.rank == 1 ? ' is first' : ' is number ' + format(datum.rank, ',d'))",
        )
        .mark_text(align="left", baseline="alphabetic", color=light("ink-soft"), limit=column - 8)
        .encode(x=across(plot), y=alt.YValue(height - 4), text="text:N")
    )
    heads = [note(m.name, n * column, 46, role, fontWeight=600, fontSize=TEXT) for n, (role, m) in enumerate(members.items())]
    names = "[" + ",".join(f"'{question(a)}'" for a in exported.analogies) + "]"
    asked = note(alt.expr(f"{names}[toNumber(analogy)] + ' = ?'"), 0, 16, "accent", fontWeight=600, fontSize=TEXT + 1)
    rule = one(y=54).mark_rule(color=light("rule")).encode(x=alt.XValue(0), x2=alt.X2Value(plot), y=down(height))
    layers += [values, ranks, *heads, asked, rule]
    return controlled(stacked(*layers, width=plot, height=height), analogy="0", given=False)


@figure(needs=("model_facts", "analogies"))
def analogies(data: Mapping[str, Any]) -> Figure:
    exported, members = data["analogies"], spaces(data)
    scores = {score.role: score for score in exported.scores}
    members = {role: member for role, member in members.items() if role in scores}
    number = len(exported.analogies)
    first = exported.analogies[0]
    out, kept = (listed(str(getattr(scores[role], f)) for role in members) for f in ("right_left_out", "right_kept"))
    names = listed(member.name for member in members.values())
    table = []
    for n, analogy in enumerate(exported.analogies):
        for role, member in members.items():
            found = next(entry for entry in analogy.by_space if entry.role == role)
            left = [b for b in found.best if not b.given]
            table.append(
                {"n": n, "model": member.name, "question": question(analogy), "expected": analogy.expected}
                | {"nearest": found.best[0].word, "answer": left[0].word if left else ""}
                | {"rank_kept": found.rank_kept, "rank_left_out": found.rank_left_out, "rank_b_plus_c": found.rank_b_plus_c}
                | {"rank_near_b": found.rank_near_b, "rank_near_c": found.rank_near_c}
            )
    described = []
    for role, member in members.items():
        found, score = next(entry for entry in first.by_space if entry.role == role), scores[role]
        described.append(
            f"{member.name}, {question(first)}: {listed(f'{b.word} {fixed(b.cosine)}' for b in found.best[:4])}. Over all {number}, "
            f"{score.right_left_out} come out with the given words left out, {score.right_kept} with them kept, {score.right_b_plus_c} if "
            f"nothing is subtracted, and {score.right_near_b} and {score.right_near_c} by taking the nearest neighbour of the second or "
            "of the third word alone"
        )
    return Figure(
        title=f"Of {number} analogies {out} come out in {names} if the given words are barred from answering; else {kept}",
        caption=(
            f"Choose an analogy: the five words nearest to the result, out of {exported.candidates:,} candidates that all models know "
            "as one token. Tick the box to let the three given words (grey) answer as well, as plain arithmetic would. *Where it "
            "misleads:* the rule that bars them is seldom told, and often leaves the nearest word that is allowed: the plural, the "
            "opposite, the other form."
        ),
        description=". ".join(described) + ".",
        table=Table(
            [
                Column("model", "model"),
                Column("question", "question"),
                Column("expected", "expected"),
                Column("nearest", "nearest of all"),
                Column("answer", "nearest but the given"),
                Column("rank_kept", "rank of the expected, all words", "integer"),
                Column("rank_left_out", "rank without the given", "integer"),
                Column("rank_b_plus_c", "rank if nothing is subtracted", "integer"),
                Column("rank_near_b", "rank near the second word alone", "integer"),
                Column("rank_near_c", "rank near the third word alone", "integer"),
            ],
            table,
            default_rows=lambda row: row["n"] < 6,
        ),
        chart=lambda width: _chart(exported, members, width),
        datasets=_datasets(exported, members),
        controls=[
            Control(
                "analogy",
                "Analogy",
                "select",
                "0",
                options=[(str(n), f"{a.a} : {a.b} = {a.c} : ?") for n, a in enumerate(exported.analogies)],
            ),
            Control("given", "Let the given words answer", "checkbox", False),
        ],
        roles=tuple(members),
    )
