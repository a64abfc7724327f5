"""Neighbours of a word, and cosines of related and unrelated pairs, at several moments of a small model's training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.twins import TwinTraining
from charts.figure import Column, Control, Figure, Table, figure
from charts.from_words_to_vectors.spaces import across, down
from charts.layout import controlled, note, one, rows, stacked
from charts.palette import light
from charts.reading import fixed, listed, rounded
from charts.theme import TEXT, is_narrow

TOP, LINE, CURVES = 52, 24, 170  # px: the list's first line, a line, the height of the curves


def passes(epochs: float) -> str:
    """How much of the training is done: "0.25 passes", "1 pass"."""
    return f"{epochs:g} {'pass' if epochs == 1 else 'passes'} through the text"


def _datasets(exported: TwinTraining) -> dict[str, list[dict[str, Any]]]:
    lists, curves = [], []
    last = {found.word: {n.word for n in found.neighbours} for found in exported.checkpoints[-1].neighbours}
    for step, checkpoint in enumerate(exported.checkpoints):
        for found in checkpoint.neighbours:
            lists.append(
                {"step": step, "word": found.word, "kept": found.kept, "w": [n.word for n in found.neighbours]}
                | {"c": [rounded(n.cosine, 2) for n in found.neighbours]}
                | {"k": [int(n.word in last[found.word]) for n in found.neighbours]}
            )
        curves.append(
            {"step": step, "related": rounded(checkpoint.related_mean, 3), "unrelated": rounded(checkpoint.unrelated_mean, 3)}
            | {"random": rounded(checkpoint.random_pairs.mean, 3), "at": passes(checkpoint.epochs), "loss": rounded(checkpoint.loss, 3)}
        )
    return {"lists": lists, "curves": curves}


def _chart(exported: TwinTraining, word: str, width: int) -> alt.TopLevelMixin:
    narrow = is_narrow(width)
    number = len(exported.checkpoints[0].neighbours[0].neighbours)
    plot, last = width - 6, len(exported.checkpoints) - 1
    tall = TOP + LINE * number
    column = plot if narrow else 230
    left, top = (34, tall + 50) if narrow else (300, 52)
    height = top + CURVES + 34 if narrow else max(tall, top + CURVES + 34)
    lists = rows("lists").transform_filter("datum.word == word && datum.step == step")
    lines = (
        lists.transform_flatten(["w", "c", "k"])
        .transform_window(place="row_number()")
        .transform_calculate(y=f"{TOP} + (datum.place - 0.5) * {LINE}", text="datum.w + (datum.k ? ' •' : '')")
    )
    ink = alt.ColorValue(light("ink-soft"), condition={"test": "datum.k", "value": light("ink")})
    words = lines.mark_text(align="left", baseline="middle", fontSize=TEXT).encode(
        x=alt.XValue(0), y=down(height), text="text:N", color=ink
    )
    values = lines.mark_text(align="right", baseline="middle").encode(
        x=alt.XValue(column), y=down(height), text=alt.Text("c:Q", format=".2f"), color=alt.ColorValue(light("ink-soft"))
    )
    head = (
        rows("curves")
        .transform_filter("datum.step == step")
        .transform_calculate(text="datum.at + ', loss ' + format(datum.loss, '.2f')")
        .mark_text(align="left", baseline="alphabetic", fontSize=TEXT, fontWeight=600, color=light("accent"))
        .encode(x=alt.XValue(0), y=alt.YValue(14), text="text:N")
    )
    low = min(0.0, *(min(c.related_mean, c.unrelated_mean, c.random_pairs.mean) for c in exported.checkpoints))
    high = max(max(c.related_mean, c.unrelated_mean, c.random_pairs.mean) for c in exported.checkpoints)
    span, right = max(high - low, 0.05), plot - 80

    def place_of(field: str) -> str:
        return f"{top + CURVES} - (datum.{field} - {low}) / {span} * {CURVES}"

    folded = rows("curves").transform_calculate(
        x=f"{left} + datum.step / {max(last, 1)} * {right - left}",
        related_y=place_of("related"),
        unrelated_y=place_of("unrelated"),
        random_y=place_of("random"),
    )
    layers: list[Any] = [words, values, head, note("• still there at the end", 0, 36)]
    ends = exported.checkpoints[-1]
    spread: list[float] = []
    for name, colour, dash, end in (
        ("related", "accent", [1, 0], ends.related_mean),
        ("unrelated", "ink-soft", [5, 4], ends.unrelated_mean),
        ("random", "baseline", [2, 3], ends.random_pairs.mean),
    ):
        tooltip = [
            alt.Tooltip("at:N", title="after"),
            alt.Tooltip(f"{name}:Q", title=f"{name} pairs, mean cosine", format=".3f"),
        ]
        place = {"x": across(plot), "y": down(height, f"{name}_y:Q")}
        layers.append(folded.mark_line(color=light(colour), strokeDash=dash).encode(**place))
        layers.append(folded.mark_point(color=light(colour), size=26).encode(**place, tooltip=tooltip))
        y = top + CURVES - (end - low) / span * CURVES + 4
        y += sum(18 for other in spread if abs(other - y) < 14)
        spread.append(y)
        layers.append(note(f"{name} {fixed(end)}", right + 6, y, colour))
    now = folded.transform_filter("datum.step == step").transform_calculate(a=f"{top}", b=f"{top + CURVES}")
    layers.append(now.mark_rule(color=light("accent"), opacity=0.5).encode(x=across(plot), y=down(height, "a:Q"), y2="b:Q"))
    layers.append(note("mean cosine of pairs, checkpoint by checkpoint", left, top - 16))
    for value in (low, low + span):
        y = top + CURVES - (value - low) / span * CURVES
        layers.append(one(y=y).mark_rule(color=light("grid")).encode(x=alt.XValue(left), x2=alt.X2Value(right), y=down(height)))
        layers.append(note(fixed(value, 1), left - 6, y + 4, align="right"))
    for step, anchor in ((0, "left"), (last, "right")):
        at = left + step / max(last, 1) * (right - left)
        layers.append(note(f"{exported.checkpoints[step].epochs:g} passes", at, top + CURVES + 20, align=anchor))
    return controlled(stacked(*layers, width=plot, height=height), word=word, step=0)


@figure(needs=("twin_training",))
def training_checkpoints(data: Mapping[str, Any]) -> Figure:
    exported: TwinTraining = data["twin_training"]
    start, end = exported.checkpoints[0], exported.checkpoints[-1]
    last = len(exported.checkpoints) - 1
    word = "king" if "king" in exported.words else exported.words[0]
    table = [
        {"step": n, "epochs": c.epochs, "loss": c.loss, "related": c.related_mean, "unrelated": c.unrelated_mean}
        | {"random": c.random_pairs.mean, "word": found.word, "kept": found.kept}
        | {"neighbours": ", ".join(f"{near.word} {fixed(near.cosine)}" for near in found.neighbours)}
        for n, c in enumerate(exported.checkpoints)
        for found in c.neighbours
    ]
    first, final = (next(f for f in c.neighbours if f.word == word) for c in (start, end))
    grows = end.related_mean - end.unrelated_mean > start.related_mean - start.unrelated_mean + 0.1
    return Figure(
        title=(
            f"From random numbers to neighbours: related pairs go from a mean cosine of {fixed(start.related_mean)} to "
            f"{fixed(end.related_mean)}, unrelated pairs from {fixed(start.unrelated_mean)} to {fixed(end.unrelated_mean)}"
            if grows
            else f"Training hardly parts related pairs ({fixed(end.related_mean)}) from unrelated ones ({fixed(end.unrelated_mean)})"
        ),
        caption=(
            f"A small {exported.objective} model, trained for this site on {exported.corpus.name}: choose a word and a checkpoint. "
            f"Left, its nearest words among the {exported.compared_types:,} that occur {exported.compared_minimum_count} times or "
            "more; the curves follow related, unrelated and random pairs. *Where it misleads:* the checkpoints are not evenly spaced "
            "in time, and the pairs are few and were chosen by hand."
        ),
        description=(
            f"{len(exported.checkpoints)} checkpoints, from {passes(start.epochs)} to {passes(end.epochs)}; the loss falls from "
            f"{fixed(start.loss)} to {fixed(end.loss)} nats. Nearest to {word} at first: {listed(n.word for n in first.neighbours)}; "
            f"at the end: {listed(n.word for n in final.neighbours)}. Related pairs: {fixed(start.related_mean)} to "
            f"{fixed(end.related_mean)}, unrelated {fixed(start.unrelated_mean)} to {fixed(end.unrelated_mean)}, random pairs "
            f"{fixed(start.random_pairs.mean)} to {fixed(end.random_pairs.mean)}."
        ),
        table=Table(
            [
                Column("epochs", "passes through the text", "number", 2),
                Column("word", "word"),
                Column("neighbours", "nearest words"),
                Column("kept", "of them there at the end", "integer"),
                Column("loss", "loss", "number", 3),
                Column("related", "related pairs", "number", 3),
                Column("unrelated", "unrelated pairs", "number", 3),
                Column("random", "random pairs", "number", 3),
            ],
            table,
            default_rows=lambda row: row["word"] == word,
        ),
        chart=lambda width: _chart(exported, word, width),
        datasets=_datasets(exported),
        controls=[
            Control("word", "Word", "select", word, options=[(w, w) for w in dict.fromkeys([word, *exported.words])]),
            Control("step", "Checkpoint", "slider", 0, minimum=0, maximum=last, step=1),
        ],
    )
