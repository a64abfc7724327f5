"""How many numbers of a matrix are larger than a threshold: the reader sets it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.matrices import MatrixEntriesOfModel
from charts.figure import Column, Control, Figure, Table, figure
from charts.layout import controlled, rows, stacked
from charts.palette import SHAPES, light
from charts.reading import Member, fixed, listed, members, of_role, percent, rounded
from charts.theme import SMALL, TEXT, is_narrow
from charts.two_ways_to_cut_and_place_words.matrix_pictures import share_beyond

THRESHOLD = 0.1  # the source’s "typically"
MANY = 0.05  # share of numbers that shows that nothing keeps them inside
PUBLISHED = (("GPT-2", "decoder", 0.49), ("BERT", "encoder", 0.045))  # measured on the real models by others, beyond 0.1


def gpt2_and_bert(models: dict[str, Member]) -> bool:
    """Whether the set's own models are those that the published values are about."""
    return {member.name for member in models.values()} == {"GPT-2", "BERT"}


def _chart(found: dict[str, MatrixEntriesOfModel], models: dict[str, Member], width: int) -> alt.TopLevelMixin:
    narrow = is_narrow(width)
    x_scale, y_scale = alt.Scale(domain=[0, 0.5], nice=False), alt.Scale(domain=[0, 1], nice=False)
    axis = alt.Axis(values=[0, 0.1, 0.2, 0.3, 0.4, 0.5], format=".1f", title="threshold", grid=False)
    x = alt.X("t:Q", scale=x_scale, axis=axis)
    y = alt.Y("share:Q", scale=y_scale, axis=alt.Axis(format=".0%", tickCount=5, title="numbers larger in size"))
    layers = []
    cut = alt.Chart(alt.Data(values=[{}])).transform_calculate(t="threshold")
    layers.append(cut.mark_rule(color=light("ink-soft"), strokeDash=[4, 4]).encode(x=alt.X("t:Q", scale=x_scale)))
    for n, (role, member) in enumerate(models.items()):
        curve = rows("shares").transform_filter(f"datum.role == '{role}'")
        layers.append(curve.mark_line(color=light(role)).encode(x=x, y=y))
        here = curve.transform_filter("abs(datum.t - threshold) < 0.0026")
        place = {"x": alt.X("t:Q", scale=x_scale), "y": alt.Y("share:Q", scale=y_scale)}
        layers.append(here.mark_point(color=light(role), shape=SHAPES[role], size=80).encode(**place))
        text = here.transform_calculate(text=f"'{member.name} ' + format(datum.share, '.1%')")
        layers.append(
            text.mark_text(align="right", baseline="middle", color=light(role), fontSize=TEXT, fontWeight=600).encode(
                x=alt.XValue(width - 54), y=alt.YValue(14 + 20 * n), text="text:N"
            )
        )
    if not gpt2_and_bert(models):
        open_mark = rows("published").mark_point(filled=False, size=90, strokeWidth=1.5, color=light("ink"))
        layers.append(open_mark.encode(x=alt.X("t:Q", scale=x_scale), y=alt.Y("share:Q", scale=y_scale)))
        name = rows("published").mark_text(align="left", dx=9, dy=-8, fontSize=SMALL)
        layers.append(name.encode(x=alt.X("t:Q", scale=x_scale), y=alt.Y("share:Q", scale=y_scale), text="text:N"))
    return controlled(stacked(*layers, width=width - 48, height=210 if narrow else 250), threshold=THRESHOLD)


@figure(needs=("model_facts", "matrix_entries"))
def entries_beyond(data: Mapping[str, Any]) -> Figure:
    models = members(data)
    found = {role: of_role(data["matrix_entries"].by_model, role) for role in models}
    published = not gpt2_and_bert(models)
    table = [
        {"model": models[role].name, "threshold": t, "share": share, "from": "computed here"}
        for role, entry in found.items()
        for t, share in zip(entry.thresholds, entry.share_beyond, strict=True)
    ]
    if published:
        table += [{"model": name, "threshold": THRESHOLD, "share": share, "from": "published"} for name, _, share in PUBLISHED]
    parts = listed(f"{percent(share_beyond(entry, THRESHOLD))} of {models[role].name}’s" for role, entry in found.items())
    described = " ".join(
        f"{models[role].name}: {percent(share_beyond(entry, 0.05))} of the numbers are larger than 0.05 in size, "
        f"{percent(share_beyond(entry, 0.1))} than 0.1, {percent(share_beyond(entry, 0.15))} than 0.15, "
        f"{percent(share_beyond(entry, 0.3), 1)} than 0.3; the extremes are {fixed(entry.minimum)} and {fixed(entry.maximum)}."
        for role, entry in found.items()
    )
    if published:
        described += " Published for the models of the source: " + listed(
            f"about {percent(share, 1)} of {name}’s numbers beyond 0.1" for name, _, share in PUBLISHED
        )
        described += "."
    return Figure(
        title=f"{parts} numbers are larger than {THRESHOLD} in size"
        + (": no rule keeps them inside" if max(share_beyond(entry, THRESHOLD) for entry in found.values()) > MANY else ""),
        caption=(
            "The share of all numbers whose size exceeds the threshold, counted over the whole matrix; move the slider. "
            + ("The open circles are published values for GPT-2 and BERT, not ours. " if published else "")
            + "*Where it misleads:* the sizes of two matrices cannot be compared as such. What a model makes of a number depends on what "
            "comes next: a layer that normalises undoes any common factor."
        ),
        description=described,
        table=Table(
            [
                Column("model", "model"),
                Column("threshold", "larger in size than", "number", 3),
                Column("share", "share of all numbers", "number", 4),
                Column("from", "from"),
            ],
            table,
            default_rows=lambda row: row["from"] == "published" or row["threshold"] in (0, 0.05, 0.1, 0.15, 0.2, 0.3),
        ),
        chart=lambda width: _chart(found, models, width),
        datasets={
            "shares": [
                {"role": role, "t": t, "share": rounded(share, 5)}
                for role, entry in found.items()
                for t, share in zip(entry.thresholds, entry.share_beyond, strict=True)
            ],
            "published": [{"t": THRESHOLD, "share": share, "text": f"{name}, published"} for name, _, share in PUBLISHED],
        },
        controls=[Control("threshold", "Threshold", "slider", THRESHOLD, minimum=0, maximum=0.5, step=0.005)],
        roles=tuple(models),
    )
