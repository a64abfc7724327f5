"""Every "bank" against every other, layer by layer: one cell a pair of sentences."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import altair as alt

from artefacts.schemas.contexts import BankContexts, ContextLayer, ContextsOfModel, Occurrence
from charts.figure import Column, Control, Figure, Table, figure
from charts.layout import controlled, note, rows, stacked
from charts.palette import light
from charts.reading import Member, fixed, listed, members, of_role
from charts.theme import SMALL, TEXT, is_narrow

LINE = 20  # px
AROUND = 24  # characters shown on either side of the word, at most


def labels_of(contexts: BankContexts) -> list[str]:
    """river 1, river 2, ...; those of mixed sentences are marked."""
    seen: dict[str, int] = {}
    labels = []
    for occurrence in contexts.occurrences:
        seen[occurrence.sense] = seen.get(occurrence.sense, 0) + 1
        labels.append(f"{occurrence.sense} {seen[occurrence.sense]}{' (mixed)' if occurrence.mixed else ''}")
    return labels


def best(entry: ContextsOfModel) -> ContextLayer:
    """The first layer in which most occurrences have a nearest one of their own meaning."""
    return max(entry.layers, key=lambda layer: layer.nearest_same_sense or 0)


def _excerpt(occurrence: Occurrence, word: str) -> str:
    """The word with its surroundings."""
    parts = occurrence.text.split(word)
    before, after = word.join(parts[: occurrence.number]), word.join(parts[occurrence.number :])
    left = before if len(before) <= AROUND else "… " + before[-AROUND:].partition(" ")[2]
    right = after if len(after) <= AROUND else after[:AROUND].rpartition(" ")[0] + " …"
    return f"{left}{word}{right}"


def _datasets(contexts: BankContexts, found: dict[str, ContextsOfModel], labels: list[str]) -> dict[str, list[dict[str, Any]]]:
    pairs = list(combinations(range(len(labels)), 2))
    layers = [
        {
            "role": role,
            "layer": layer.layer,
            "low": min(layer.cosines),
            "high": max(layer.cosines),
            "right": None if layer.nearest_same_sense is None else f"{layer.nearest_same_sense} of {contexts.plain}",
            "i": [i for i, _ in pairs],
            "j": [j for _, j in pairs],
            "cosine": [round(1000 * c) for c in layer.cosines],
        }
        for role, entry in found.items()
        for layer in entry.layers
    ]
    names = [
        {"place": n, "label": label, "excerpt": _excerpt(o, contexts.word)}
        for n, (label, o) in enumerate(zip(labels, contexts.occurrences, strict=True))
    ]
    return {"layers": layers, "names": names}


def _chart(found: dict[str, ContextsOfModel], models: dict[str, Member], total: int, defaults: dict[str, Any], width: int) -> Any:
    narrow = is_narrow(width)
    left = 93
    cell = (width - left - 4) / total if narrow else min(LINE + 4, (width - left - 4) / total)
    height = LINE * total
    last = " : ".join(f"model == '{role}' ? {len(entry.layers) - 1}" for role, entry in found.items()) + " : 0"
    shown = f"min(layer, {last})"
    x, y = alt.Scale(domain=[0, width - left - 4], nice=False), alt.Scale(domain=[0, total], reverse=True, nice=False)
    chosen = rows("layers").transform_filter(f"datum.role == model && datum.layer == {shown}")
    cells = chosen.transform_flatten(["i", "j", "cosine"]).transform_calculate(
        x=f"datum.i * {cell:.3f}",
        x2=f"(datum.i + 1) * {cell:.3f}",
        y2="datum.j + 1",
        value="datum.cosine / 1000",
        share="datum.high > datum.low ? (datum.cosine / 1000 - datum.low) / (datum.high - datum.low) : 1",
    )
    squares = cells.mark_rect(color=light("size"), stroke=light("paper"), strokeWidth=1).encode(
        x=alt.X("x:Q", scale=x, axis=None),
        x2="x2:Q",
        y=alt.Y("j:Q", scale=y, axis=None),
        y2="y2:Q",
        fillOpacity=alt.FillOpacity("share:Q", scale=alt.Scale(domain=[0, 1], range=[0.03, 0.95]), legend=None),
        tooltip=[alt.Tooltip("value:Q", title="cosine", format=".3f")],
    )
    names = rows("names").transform_calculate(middle="datum.place + 0.5", after=f"(datum.place) * {cell:.3f} + 6")
    layers: list[Any] = [
        squares,
        names.mark_text(align="left", baseline="middle", fontSize=SMALL, limit=left - 2).encode(
            x=alt.XValue(-left), y=alt.Y("middle:Q", scale=y, axis=None), text="label:N"
        ),
    ]
    if not narrow:
        layers.append(
            names.mark_text(align="left", baseline="middle", fontSize=SMALL, color=light("ink-soft")).encode(
                x=alt.X("after:Q", scale=x, axis=None), y=alt.Y("middle:Q", scale=y, axis=None), text="excerpt:N"
            )
        )
    for role, member in models.items():
        layers.append(note(alt.expr(f"model == '{role}' ? '{member.heading}' : ''"), -left, -34, role, fontWeight=600, fontSize=TEXT))
    layers.append(
        note(alt.expr(f"(layer > ({last}) ? 'last, ' : 'layer ') + {shown} + ' of ' + ({last})"), -left, -14, "ink", fontSize=TEXT)
    )
    layers.append(
        chosen.transform_calculate(
            text=f"datum.right ? datum.right + '{' nearest alike' if narrow else ' have a nearest one of their own meaning'}' : ''"
        )
        .mark_text(align="left", baseline="alphabetic", fontSize=SMALL, color=light("ink-soft"))
        .encode(x=alt.XValue(0), y=alt.YValue(-14), text="text:N")
    )
    return controlled(stacked(*layers, width=width - left - 4, height=height), **defaults)


def _title(found: dict[str, ContextsOfModel], models: dict[str, Member], contexts: BankContexts) -> str:
    parts = listed(
        f"{best(e).nearest_same_sense} of {contexts.plain} in layer {best(e).layer} of {models[role].name}" for role, e in found.items()
    )
    return f"A “{contexts.word}” finds one of its own meaning as its nearest: at best {parts}"


@figure(needs=("model_facts", "bank_contexts"))
def bank_sentences(data: Mapping[str, Any]) -> Figure:
    models, contexts = members(data), data["bank_contexts"]
    found = {role: of_role(contexts.by_model, role) for role in models}
    labels = labels_of(contexts)
    defaults = {"model": "encoder", "layer": best(found["encoder"]).layer}
    pairs = list(combinations(range(len(labels)), 2))
    table, sentences = [], []
    for role, entry in found.items():
        layer = best(entry)
        for (i, j), cosine in zip(pairs, layer.cosines, strict=True):
            table.append(
                {
                    "model": models[role].name,
                    "layer": layer.layer,
                    "first": contexts.occurrences[i].text,
                    "second": contexts.occurrences[j].text,
                    "meanings": f"{labels[i]}, {labels[j]}",
                    "cosine": cosine,
                }
            )
        close, far = max(zip(layer.cosines, pairs, strict=True)), min(zip(layer.cosines, pairs, strict=True))
        sentences.append(
            f"{models[role].name}, layer {layer.layer}: {layer.nearest_same_sense} of {contexts.plain} have a nearest one of the same "
            f"meaning; the closest pair is {labels[close[1][0]]} and {labels[close[1][1]]} with {fixed(close[0])}, the least alike "
            f"{labels[far[1][0]]} and {labels[far[1][1]]} with {fixed(far[0])}; different words average {fixed(layer.other_words)}."
        )
    named = " ".join(f"{label}: {o.text}" for label, o in zip(labels, contexts.occurrences, strict=True))
    return Figure(
        title=_title(found, models, contexts),
        caption=(
            f"Each cell compares “{contexts.word}” in two sentences, by the cosine of its vectors in the chosen layer: from no colour "
            "for the layer's least alike pair to full colour for its most alike. The last rows come from sentences with words of two "
            "meanings. Layers beyond a model's last show its last. *Where it misleads:* each layer has colours of its own, so the same "
            "colour stands for other cosines in another, and small differences can look large; a decoder's “bank” knows only the words to "
            "its left, and in some sentences the telling word stands to its right."
        ),
        description=" ".join(sentences) + " The sentences: " + named,
        table=Table(
            [
                Column("model", "model"),
                Column("layer", "layer", "integer"),
                Column("meanings", "pair"),
                Column("cosine", "cosine", "number", 3),
                Column("first", "sentence"),
                Column("second", "other sentence"),
            ],
            sorted(table, key=lambda row: (row["model"] != models["encoder"].name, -row["cosine"])),
            default_rows=lambda row: row["model"] == models["encoder"].name and row["cosine"] >= 0.9,
        ),
        chart=lambda width: _chart(found, models, len(labels), defaults, width),
        datasets=_datasets(contexts, found, labels),
        controls=[
            Control("model", "Model", "select", "encoder", options=[(role, models[role].name) for role in reversed(models)]),
            Control(
                "layer",
                "Layer",
                "slider",
                defaults["layer"],
                minimum=0,
                maximum=max(len(entry.layers) for entry in found.values()) - 1,
                step=1,
            ),
        ],
        roles=tuple(models),
    )
