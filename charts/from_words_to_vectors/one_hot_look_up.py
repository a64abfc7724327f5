"""The look-up as a product: a vector with a single 1 times the matrix is one row of the matrix."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.vectors import LookupExample
from charts.figure import Column, Control, Figure, Table, figure
from charts.from_words_to_vectors.spaces import across, down, headings
from charts.layout import controlled, note, one, rows, stacked
from charts.palette import light
from charts.reading import Member, fixed, listed, members
from charts.theme import TEXT, is_narrow

TOP, LINE = 64, 30  # px


def _datasets(entries: dict[str, LookupExample], models: dict[str, Member]) -> dict[str, list[dict[str, Any]]]:
    return {
        "rows": [
            {"role": role, "word": word, "label": f"{models[role].shown(token.raw)}  {token.id:,}", "n": n, "v": numbers}
            for role, entry in entries.items()
            for n, (word, token, numbers) in enumerate(zip(entry.words, entry.tokens, entry.numbers, strict=True))
        ]
    }


def _chart(entries: dict[str, LookupExample], models: dict[str, Member], word: str, width: int) -> alt.TopLevelMixin:
    narrow = is_narrow(width)
    number, columns = max(len(e.words) for e in entries.values()), len(next(iter(entries.values())).numbers[0])
    plot = width - 2
    sums = TOP + LINE * number + 26
    height = sums + LINE
    cell = 45 if narrow else 76
    label_x, first_x = (44, 146) if narrow else (70, 200)
    y, here = down(height), rows("rows").transform_filter("datum.role == model")
    lines = here.transform_calculate(y=f"{TOP} + datum.n * {LINE} + {LINE / 2}", on="datum.word == word ? 1 : 0")
    cells = (
        lines.transform_calculate(c=f"sequence({columns})")
        .transform_flatten(["v", "c"])
        .transform_calculate(x=f"{first_x} + datum.c * {cell}", x2=f"datum.x + {cell - 4}")
    )
    result = cells.transform_filter("datum.on").transform_calculate(y=f"{sums + LINE / 2}")
    ink = alt.ColorValue(light("ink-soft"), condition={"test": "datum.on", "value": light("ink")})

    def boxes(chart: alt.Chart, colour: str, opacity: float) -> alt.Chart:
        return (
            chart.transform_calculate(top=f"datum.y - {LINE / 2 - 2}", bottom=f"datum.y + {LINE / 2 - 2}")
            .mark_rect(color=light(colour), opacity=opacity)
            .encode(x=across(plot), x2="x2:Q", y=down(height, "top:Q"), y2="bottom:Q")
        )

    def numbers(chart: alt.Chart) -> alt.Chart:
        return (
            chart.transform_calculate(t="replace(format(datum.v, '.2f'), '-', '−')", m=f"datum.x + {cell - 12}")
            .mark_text(align="right", baseline="middle", fontSize=TEXT)
            .encode(x=across(plot, "m:Q"), y=y, text="t:N", color=ink)
        )

    one_hot = lines.mark_text(align="center", baseline="middle", fontSize=TEXT, fontWeight=600).encode(
        x=alt.XValue(16), y=y, text="on:N", color=ink
    )
    times = lines.mark_text(align="center", baseline="middle", text="×", color=light("ink-soft")).encode(x=alt.XValue(34), y=y)
    labels = lines.mark_text(align="left", baseline="middle", fontSize=TEXT).encode(x=alt.XValue(label_x), y=y, text="label:N", color=ink)
    shown = (cells.transform_filter("datum.on"), result)
    layers: list[Any] = [
        boxes(cells.transform_filter("!datum.on"), "grid", 0.6),
        *[boxes(part.transform_filter(f"datum.role == '{role}'"), role, 0.25) for part in shown for role in models],
        numbers(cells),
        numbers(result),
        one_hot,
        times,
        labels,
        one(y=sums - 10).mark_rule(color=light("rule")).encode(x=alt.XValue(0), x2=alt.X2Value(plot), y=y),
        note("=", 16, sums + LINE / 2 + 5, "ink", align="center", fontSize=TEXT, fontWeight=600),
        note(alt.expr("'row of ' + word"), label_x, sums + LINE / 2 + 5, "ink", fontSize=TEXT),
        note("one-hot", 0, TOP - 8),
        note("token, id" if narrow else "token and its id", label_x, TOP - 8),
    ]
    for role, entry in entries.items():
        more = f"{entry.dims} columns, " if narrow else f"the first {columns} of {entry.dims} columns, {number} of "
        layers.append(note(alt.expr(f"model == '{role}' ? '{more}{entry.rows:,} rows' : ''"), first_x, TOP - 8))
    headings(models, "model", 0, 12, layers)
    return controlled(stacked(*layers, width=plot, height=height), word=word, model=next(iter(models)))


@figure(needs=("model_facts", "lookups"))
def one_hot_look_up(data: Mapping[str, Any]) -> Figure:
    models = members(data)
    entries = {entry.role: entry for entry in data["lookups"].by_model if entry.role in models}
    words = [word for word in next(iter(entries.values())).words if all(word in entry.words for entry in entries.values())]
    word = "king" if "king" in words else words[0]
    columns = len(next(iter(entries.values())).numbers[0])
    table = [
        {"role": role, "model": models[role].name, "word": w, "id": token.id, "raw": token.raw, "kind": models[role].tokenizer_kind}
        | {f"number_{n}": value for n, value in enumerate(numbers, start=1)}
        for role, entry in entries.items()
        for w, token, numbers in zip(entry.words, entry.tokens, entry.numbers, strict=True)
    ]
    first_role, first = next(iter(entries.items()))
    exact = all(entry.maximum_absolute_difference == 0 for entry in entries.values())
    work = listed(f"{e.rows * e.dims:,} multiplications in {models[role].name}" for role, e in entries.items())
    row = listed(fixed(v) for v in first.numbers[first.words.index(word)])
    return Figure(
        title=f"A one-hot vector times the matrix {'is exactly' if exact else 'gives'} one row: {work}, all but one row of them by 0",
        caption=(
            "Each row is multiplied by its entry of the one-hot vector, 1 for the chosen word and 0 for all others, and the columns "
            "are added up. What is left is the word's row, so a program skips the product and reads the row. *Where it misleads:* "
            f"the numbers are real, but only {len(words)} rows and {columns} columns of the matrix are shown, rounded."
        ),
        description=(
            f"Rows of {models[first_role].name} for {listed(first.words)}. The one-hot vector of {word} is 1 there and 0 elsewhere; "
            f"the product is the row of {word}, which begins {row}. "
            + (
                "Computed with the whole matrices, product and row are the same to the last bit."
                if exact
                else "Computed with the whole matrices, product and row differ by rounding only."
            )
        ),
        table=Table(
            [
                Column("model", "model"),
                Column("raw", "token", "token", tokenizer_kind_column="kind"),
                Column("id", "id", "integer"),
                *[Column(f"number_{n}", f"column {n}", "number", 2) for n in range(1, columns + 1)],
            ],
            table,
            default_rows=lambda row: row["role"] == first_role,
        ),
        chart=lambda width: _chart(entries, models, word, width),
        datasets=_datasets(entries, models),
        controls=[
            Control("word", "Word", "select", word, options=[(w, w) for w in words]),
            Control("model", "Model", "select", next(iter(models)), options=[(role, m.name) for role, m in models.items()]),
        ],
        roles=tuple(models),
    )
