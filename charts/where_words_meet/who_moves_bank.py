"""Three answers to "which word matters to this one": attention, attention rollout, and the experiment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.attention import ChangedWordsOfModel, Influence
from charts.figure import Column, Control, Figure, Table, figure
from charts.layout import controlled, heading, note, rows, stacked
from charts.palette import light
from charts.reading import Member, fixed, listed, members, of_role
from charts.theme import SMALL, TEXT, is_narrow
from charts.where_words_meet.parts import token_labels

MEASURES = {"attention": "attention", "rollout": "rollout", "movement": "experiment"}
LINE = 28  # px
ROLE = "encoder"


def of_query(entry: ChangedWordsOfModel, query: int) -> Influence:
    """The answers for one token. query: its place."""
    return next(i for i in entry.influences if i.query == query)


def first_by(influence: Influence, measure: str) -> int:
    """The key that a measure puts first."""
    values = getattr(influence, measure)
    return influence.keys[values.index(max(values))]


def _title(entry: ChangedWordsOfModel, member: Member) -> str:
    labels, influence = token_labels(entry.tokens, member), of_query(entry, entry.bank)
    named = {measure: labels[first_by(influence, measure)] for measure in MEASURES}
    if len(set(named.values())) == 1:
        return f"What matters most to “bank” in {member.name}? Attention, rollout and experiment all say “{named['attention']}”"
    if named["attention"] == named["movement"]:
        return (
            f"What matters most to “bank” in {member.name}? Attention and experiment say “{named['attention']}”, "
            f"attention rollout says “{named['rollout']}”"
        )
    return (
        f"What matters most to “bank” in {member.name}? Attention says “{named['attention']}”, rollout “{named['rollout']}”, "
        f"the experiment “{named['movement']}”"
    )


def _drawn(entry: ChangedWordsOfModel, member: Member) -> list[dict[str, Any]]:
    labels = token_labels(entry.tokens, member)
    drawn = []
    for influence in entry.influences:
        for column, measure in enumerate(MEASURES):
            values = getattr(influence, measure)
            most = max(values, default=0) or 1
            drawn += [
                {
                    "query": str(influence.query),
                    "column": column,
                    "row": n,
                    "token": labels[key],
                    "value": round(value, 3),
                    "share": round(value / most, 3),
                    "first": int(value == max(values)),
                }
                for n, (key, value) in enumerate(zip(influence.keys, values, strict=True))
            ]
    return drawn


def _chart(entry: ChangedWordsOfModel, member: Member, width: int) -> alt.TopLevelMixin:
    most = max(len(i.keys) for i in entry.influences)
    left = 70
    column = (width - left) / len(MEASURES)
    bar = column - (44 if is_narrow(width) else 60)
    x, y = alt.Scale(domain=[0, width], nice=False), alt.Scale(domain=[0, most], reverse=True, nice=False)
    base = (
        rows("bars")
        .transform_filter("datum.query == token")
        .transform_calculate(
            start=f"{left} + datum.column * {column:.2f}",
            end=f"{left} + datum.column * {column:.2f} + datum.share * {bar:.2f}",
            top="datum.row + 0.15",
            bottom="datum.row + 0.85",
            middle="datum.row + 0.5",
        )
    )
    height = LINE * most
    middle = alt.Y("middle:Q", scale=y, axis=None)
    bars = base.mark_rect().encode(
        x=alt.X("start:Q", scale=x, axis=None),
        x2="end:Q",
        y=alt.Y("top:Q", scale=y, axis=None),
        y2="bottom:Q",
        color=alt.ColorValue(light("baseline"), condition={"test": "datum.first", "value": light(member.role)}),
        tooltip=[alt.Tooltip("token:N", title="token"), alt.Tooltip("value:Q", title="value", format=".3f")],
    )
    values = base.mark_text(align="left", baseline="middle", dx=4, fontSize=SMALL).encode(
        x=alt.X("end:Q", scale=x, axis=None), y=middle, text=alt.Text("value:Q", format=".2f")
    )
    names = base.transform_filter("datum.column == 0").mark_text(align="left", baseline="middle", fontSize=TEXT, limit=left - 6)
    heads = [note(name, left + n * column, -8, "ink", fontWeight=600, fontSize=TEXT) for n, name in enumerate(MEASURES.values())]
    rule = (
        alt.Chart(alt.Data(values=[{}])).mark_rule(color=light("rule")).encode(x=alt.XValue(0), x2=alt.X2Value(width - 2), y=alt.YValue(0))
    )
    whole = stacked(
        bars,
        values,
        names.encode(x=alt.XValue(0), y=middle, text="token:N"),
        *heads,
        rule,
        width=width - 2,
        height=height,
        title=heading(member, offset=26),
    )
    return controlled(whole, token=str(entry.bank))


@figure(needs=("model_facts", "changed_words"))
def who_moves_bank(data: Mapping[str, Any]) -> Figure:
    models, changed = members(data), data["changed_words"]
    entry, member = of_role(changed.by_model, ROLE), models[ROLE]
    labels = token_labels(entry.tokens, member)
    table, sentences = [], []
    for influence in entry.influences:
        for key, attention, rolled, moved in zip(influence.keys, influence.attention, influence.rollout, influence.movement, strict=True):
            table.append(
                {
                    "query": labels[influence.query],
                    "key": labels[key],
                    "attention": attention,
                    "rollout": rolled,
                    "movement": moved,
                }
            )
    bank = of_query(entry, entry.bank)
    for measure, name in MEASURES.items():
        order = sorted(zip(getattr(bank, measure), bank.keys, strict=True), reverse=True)
        sentences.append(f"By {name}, from most to least: {listed(f'“{labels[key]}” {fixed(value)}' for value, key in order)}.")
    if bank.spearman_attention is not None:
        sentences.append(
            f"Rank correlation with the experiment: attention {fixed(bank.spearman_attention)}, rollout {fixed(bank.spearman_rollout)}."
        )
    return Figure(
        title=_title(entry, member),
        caption=(
            f"For one token of “{changed.text}”, the others by three measures, each bar as a share of the longest of its column. "
            "*Attention*: weight in the last layer, "
            "mean of heads. *Rollout*: detours counted in, from the weights of all layers. *Experiment*: other words are put in a word's "
            "place, and the mean movement of the last state is measured. *Where it misleads:* tokens that were added to "
            "the text cannot be exchanged and are left out; the movement depends on what is put in; and so few bars can agree by chance."
        ),
        description=f"For “{labels[entry.bank]}” in {member.name}. " + " ".join(sentences),
        table=Table(
            [
                Column("query", "token"),
                Column("key", "other token"),
                Column("attention", "attention, last layer", "number", 3),
                Column("rollout", "rollout", "number", 3),
                Column("movement", "movement in the experiment", "number", 3),
            ],
            table,
            default_rows=lambda row: row["query"] == labels[entry.bank],
        ),
        chart=lambda width: _chart(entry, member, width),
        datasets={"bars": _drawn(entry, member)},
        controls=[
            Control(
                "token",
                "Token",
                "select",
                str(entry.bank),
                options=[(str(n), labels[n]) for n in sorted(range(len(labels)), key=lambda n: n != entry.bank)],
            )
        ],
        roles=(ROLE,),
    )
