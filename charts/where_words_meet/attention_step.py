"""One block with one head on three tokens, a step at a time, in small numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.attention import AttentionStep, MaskedStep
from charts.figure import Column, Control, Figure, Table, figure
from charts.layout import controlled, note, rows, stacked
from charts.palette import light
from charts.reading import fixed, listed, percent
from charts.theme import SMALL, TEXT, is_narrow

MASKS = {"none": "an encoder's: none", "causal": "a decoder's: nothing to the right"}
ROW = 22  # px
BLOCK = 116  # px: height of a matrix with its name
FIRST = "6"  # the step that is shown first: where the words meet


def steps_of(step: AttentionStep, masked: MaskedStep) -> dict[str, tuple[str, list[tuple[str, list[list[float | None]]]]]]:
    """Number -> (what is done, matrices with their names). Rows are tokens; columns too where a matrix is named (token by token)."""
    return {
        "1": ("Every token comes in as a vector x.", [("x", step.inputs)]),
        "2": (
            "Three learned matrices turn each x into a query q, a key k and a value v.",
            [("x", step.inputs), ("q = x·Wq", step.queries), ("k = x·Wk", step.keys), ("v = x·Wv", step.values)],
        ),
        "3": (
            "Each query meets each key: their dot products, token by token.",
            [("q", step.queries), ("k", step.keys), ("q·k", step.products)],
        ),
        "4": (
            f"Divide by √{len(step.queries[0])} = {fixed(step.scale)}, and hide what the mask hides (–).",
            [("q·k", step.products), ("scaled, masked", masked.scores)],
        ),
        "5": (
            "Softmax: each row becomes shares of 1.",
            [("scaled, masked", masked.scores), ("weights", masked.weights)],
        ),
        "6": (
            "Each token mixes the values of all it sees, by these weights.",
            [("weights", masked.weights), ("v", step.values), ("mix = weights·v", masked.mixed)],
        ),
        "7": (
            "A matrix brings the mix back to full width, and it is added to x: the residual.",
            [("x", step.inputs), ("mix·Wo", masked.update), ("x + mix·Wo", masked.after_attention)],
        ),
        "8": (
            "LayerNorm: each row gets mean 0 and standard deviation 1.",
            [("x + mix·Wo", masked.after_attention), ("normalised: y", masked.normalised)],
        ),
        "9": (
            "The MLP looks at each token alone: a matrix, negative numbers to 0, a matrix.",
            [("y", masked.normalised), ("max(0, y·W1)", masked.hidden), ("m = that·W2", masked.mlp)],
        ),
        "10": (
            "Add, normalise, and hand on to the next block.",
            [("y", masked.normalised), ("y + m", masked.after_mlp), ("normalised", masked.output)],
        ),
    }


def _short(value: float | None, decimals: int = 2) -> str:
    if value is None:
        return "–"
    return fixed(value, 0) if value == int(value) else fixed(value, decimals)


def _datasets(step: AttentionStep) -> dict[str, list[dict[str, Any]]]:
    """A row of the dataset for each row of each matrix."""
    numbers, names, words = [], [], []
    for masked in step.steps:
        for number, (text, matrices) in steps_of(step, masked).items():
            words.append({"mask": masked.mask, "step": int(number), "text": text})
            for place, (name, matrix) in enumerate(matrices):
                names.append({"mask": masked.mask, "step": int(number), "place": place, "name": name})
                for row, values in enumerate(matrix):
                    numbers.append(
                        {
                            "mask": masked.mask,
                            "step": int(number),
                            "place": place,
                            "row": row,
                            "token": step.tokens[row],
                            "column": list(range(len(values))),
                            "value": [_short(value, 1 if len(values) > 3 else 2) for value in values],
                            "weight": [round(v, 3) if name == "weights" else 0 for v in values],
                        }
                    )
    return {"numbers": numbers, "names": names, "words": words}


def _wrapped(text: str, most: int) -> list[str]:
    lines = [""]
    for word in text.split(" "):
        if len(lines[-1]) + len(word) + 1 > most and lines[-1]:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _chart(step: AttentionStep, width: int) -> alt.TopLevelMixin:
    narrow = is_narrow(width)
    beside = 2 if narrow else 4
    block = width / beside
    label = 36
    cell = (block - label - 6) / 4
    lines = -(-4 // beside)
    height = BLOCK * lines
    chosen = "datum.mask == mask && datum.step == step"
    left = f"(datum.place % {beside}) * {block:.2f}"
    top = f"floor(datum.place / {beside}) * {BLOCK}"
    x, y = alt.Scale(domain=[0, width], nice=False), alt.Scale(domain=[0, height], reverse=True, nice=False)

    def at(field: str, scale: alt.Scale, channel: Any) -> Any:
        return channel(f"{field}:Q", scale=scale, axis=None)

    base = rows("numbers").transform_filter(chosen).transform_calculate(y=f"{top} + 34 + datum.row * {ROW}", x=left)
    cells = base.transform_flatten(["column", "value", "weight"]).transform_calculate(
        right=f"datum.x + {label} + (datum.column + 1) * {cell:.2f}",
        start=f"datum.x + {label} + datum.column * {cell:.2f} + 2",
        above=f"datum.y - {ROW / 2 - 1}",
        below=f"datum.y + {ROW / 2 - 1}",
    )
    shade = (
        cells.transform_filter("datum.weight > 0")
        .mark_rect(color=light("size"))
        .encode(
            x=at("start", x, alt.X),
            x2="right:Q",
            y=at("above", y, alt.Y),
            y2="below:Q",
            fillOpacity=alt.FillOpacity("weight:Q", scale=alt.Scale(domain=[0, 1], range=[0, 0.4]), legend=None),
        )
    )
    numbers = cells.mark_text(align="right", baseline="middle", dx=-2, fontSize=SMALL).encode(
        x=at("right", x, alt.X),
        y=at("y", y, alt.Y),
        text="value:N",
        color=alt.ColorValue(light("ink-soft"), condition={"test": f"datum.row == {len(step.tokens) - 1}", "value": light("ink")}),
    )
    tokens = base.mark_text(align="left", baseline="middle", fontSize=SMALL, fontStyle="italic").encode(
        x=at("x", x, alt.X), y=at("y", y, alt.Y), text="token:N"
    )
    names = (
        rows("names")
        .transform_filter(chosen)
        .transform_calculate(x=left, y=f"{top} + 12")
        .mark_text(align="left", baseline="middle", fontSize=TEXT, fontWeight=600, color=light("accent"))
        .encode(x=at("x", x, alt.X), y=at("y", y, alt.Y), text="name:N")
    )
    said = []
    for number, (text, _) in steps_of(step, step.steps[0]).items():
        for n, line in enumerate(_wrapped(text, 48 if narrow else 100)):
            said.append(note(alt.expr(f"step == {number} ? '{line}' : ''"), 0, -30 + 17 * n, "ink", fontSize=TEXT))
    said.append(note(alt.expr("'step ' + step + ' of 10'"), 0, -48))
    whole = stacked(shade, numbers, tokens, names, *said, width=width - 2, height=height)
    return controlled(whole, step=int(FIRST), mask="none")


@figure(needs=("attention_step",))
def attention_step(data: Mapping[str, Any]) -> Figure:
    step = data["attention_step"]
    table = [
        {
            "mask": MASKS[masked.mask],
            "step": int(number),
            "matrix": name,
            "token": step.tokens[row],
            "numbers": ", ".join(_short(value) for value in values),
        }
        for masked in step.steps
        for number, (_, matrices) in steps_of(step, masked).items()
        for name, matrix in matrices[-1:]
        if number != "2"
        for row, values in enumerate(matrix)
    ]
    weights = {masked.mask: masked.weights for masked in step.steps}
    last = len(step.tokens) - 1
    shares = {m: listed(f"{fixed(w)} to “{t}”" for t, w in zip(step.tokens, rows_[last], strict=True)) for m, rows_ in weights.items()}
    first = weights["causal"][0]
    most = max(range(len(step.tokens)), key=lambda n: weights["none"][last][n])
    return Figure(
        title=(
            f"A block in small numbers: “{step.tokens[last]}” takes {percent(weights['none'][last][most])} of what it mixes in from "
            f"“{step.tokens[most]}”"
        ),
        caption=(
            "Move the slider through the ten steps; the last row is in darker ink. Width 4, one head of width 2, numbers chosen "
            "by hand; wide rows are drawn to one decimal. This is BERT's order; GPT-2 and Llama normalise before "
            "attention and MLP instead of after each sum. *Where it misleads:* real heads have "
            "32 or 64 numbers and stand side by side, a dozen to a layer; their matrices are learned, and nobody wrote what they do."
        ),
        description=(
            f"Three tokens, {listed(step.tokens)}. Without a mask the weights of “{step.tokens[last]}” are {shares['none']}. With a "
            f"decoder's mask “{step.tokens[0]}” sees only itself, with weight {fixed(first[0], 0)}, and “{step.tokens[last]}”, which "
            f"stands last, keeps its weights: {shares['causal']}. The table has every step."
        ),
        table=Table(
            [
                Column("mask", "mask"),
                Column("step", "step", "integer"),
                Column("matrix", "result"),
                Column("token", "token"),
                Column("numbers", "numbers"),
            ],
            table,
            default_rows=lambda row: row["mask"] == MASKS["none"] and row["step"] in (3, 5, 6, 7, 8),
        ),
        chart=lambda width: _chart(step, width),
        datasets=_datasets(step),
        controls=[
            Control("step", "Step", "slider", int(FIRST), minimum=1, maximum=10, step=1),
            Control("mask", "Mask", "select", "none", options=list(MASKS.items())),
        ],
    )
