"""What the page /explore/attention/ shows before a script runs: one sentence, a head of each model, and every head's names and rules."""

from __future__ import annotations

import json
from typing import Any

from artefacts.attention_weights import FAR, from_cells
from artefacts.packing import unpack
from artefacts.schemas.attention_explorer import AttentionFile, AttentionHeads, HeadsOfModel, SentenceOfModel
from artefacts.schemas.parts import Role
from artefacts.shard_names import shard_name
from artefacts.tokens import visible_text
from sitegen.explorer_inputs import ExplorerInputs
from sitegen.notebooks import notebook_json
from sitegen.token_chip import token_chip

OWN = "own_sentences"
NOTEBOOK = "attention-of-a-sentence"
FIRST_KINDS = ("previous", "self", "first")  # the page opens with the best head of the first kind that a model has
KIND_WORDS = {
    "previous": "previous token",
    "next": "next token",
    "first": "first token",
    "separator": "separator",
    "self": "the token itself",
    "duplicate": "duplicate",
    "broad": "broad",
}


def explorer_values(inputs: ExplorerInputs) -> dict[str, Any]:
    """What the template shows."""
    data = inputs.data
    heads: AttentionHeads = data["attention_heads"]
    index, own = data["attention_sentences"], data[OWN]
    first = index.sentences[0]
    by_role = {of.role: of for of in heads.by_model}
    chosen = {role: _first_head(by_role[role]) for role in by_role}
    settings = {
        "data": inputs.data_href,
        "title": inputs.title,
        "own": len(own.sentences) > 0,
        "kindWords": KIND_WORDS,
        "models": [{"role": role, "name": inputs.names[role], "kind": inputs.kinds[role], "first": list(chosen[role])} for role in by_role],
    }
    return {
        "settings_json": json.dumps(settings, ensure_ascii=True),
        "sentence": first,
        "groups": _groups([*index.sentences, *own.sentences]),
        "sentences": len(index.sentences),
        "own": len(own.sentences),
        "longest": index.longest,
        "heads": heads,
        "models": [_model(inputs, of, by_role[of.role], first.name, chosen[of.role]) for of in first.by_model],
        "rules": _rules(heads),
        "kind_words": KIND_WORDS,
        "kinds": [kind for kind in KIND_WORDS if any(kind == one.kind for of in heads.by_model for one in of.kinds)],
        "set_name": data.name,
        "notebook": f"{NOTEBOOK}.ipynb",
        "overview_error": index.overview_error,
        "depth_error": index.depth_error,
    }


def explorer_downloads(inputs: ExplorerInputs) -> dict[str, bytes]:
    """The notebook, which lies beside the page."""
    return {f"{NOTEBOOK}.ipynb": notebook_json(inputs.content / "notebooks" / f"{NOTEBOOK}.py").encode("utf-8")}


def _first_head(of: HeadsOfModel) -> tuple[int, int]:
    """(layer, head), from 1."""
    named = {one.kind: one for one in reversed(of.named) if not one.without_sink}
    found = next((named[kind] for kind in FIRST_KINDS if kind in named), None)
    return (found.layer, found.head) if found else (1, 1)


def _groups(sentences: list[Any]) -> list[dict[str, Any]]:
    """Sentences by what they show, in order."""
    groups: dict[str, list[Any]] = {}
    for sentence in sentences:
        groups.setdefault(sentence.shows, []).append(sentence)
    return [{"shows": shows, "sentences": members} for shows, members in groups.items()]


def _model(inputs: ExplorerInputs, of: SentenceOfModel, scored: HeadsOfModel, name: str, chosen: tuple[int, int]) -> dict[str, Any]:
    layer, head = chosen
    weights = _weights(inputs, of, layer, head)
    kind = inputs.kinds[of.role]
    texts = [visible_text(token.raw, kind) for token in of.tokens]
    one = next(entry for entry in scored.heads if (entry.layer, entry.head) == chosen)
    kinds = [entry.kind for entry in scored.kinds]
    return {
        "role": of.role,
        "name": inputs.names[of.role],
        "layer": layer,
        "head": head,
        "layers": scored.layers,
        "heads_in_layer": scored.heads_in_layer,
        "causal": of.causal,
        "chips": [token_chip(token.raw, kind, of.role) for token in of.tokens],
        "plain": texts,
        "label": KIND_WORDS[one.label] if one.label else None,
        "score": one.scores[kinds.index(one.label)] if one.label else None,
        "entropy": one.entropy,
        "sink": scored.sink,
        "sink_share": scored.sink_share,
        "key_value_heads": scored.key_value_heads,
        "rotary": scored.rotary,
        "table": [[None if weight is None else f"{weight:.2f}" for weight in row] for row in weights],
        "picture": _picture(texts, weights),
    }


def _weights(inputs: ExplorerInputs, of: SentenceOfModel, layer: int, head: int) -> list[list[float | None]]:
    """[query][key] of one head; None where the mask hides a cell."""
    path = inputs.data.folder / "attention_sentences" / shard_name(of.overview)
    overview = AttentionFile.model_validate_json(path.read_bytes()).overview
    matrix = from_cells(unpack(overview.weights)[layer - 1, head - 1] / FAR, len(of.tokens), of.causal).tolist()
    return [[None if of.causal and key > query else weight for key, weight in enumerate(row)] for query, row in enumerate(matrix)]


def _picture(texts: list[str], weights: list[list[float | None]]) -> dict[str, Any]:
    """The matrix as the page's script draws it, for readers without scripts."""
    cell, left = 30, 12 + 8 * max(len(text) for text in texts)
    top, size = left, 30 * len(texts)
    return {
        "width": left + size + 2,
        "height": top + size + 2,
        "left": left,
        "top": top,
        "cell": cell,
        "rows": [{"text": text, "y": top + n * cell, "x": left + n * cell} for n, text in enumerate(texts)],
        "cells": [
            {"x": left + k * cell, "y": top + q * cell, "ink": None if weight is None else f"{min(1, weight / 0.5):.2f}"}
            for q, row in enumerate(weights)
            for k, weight in enumerate(row)
        ],
    }


def _rules(heads: AttentionHeads) -> list[dict[str, Any]]:
    """One row a kind, with what each model's heads reach."""
    rows = []
    for kind, words in KIND_WORDS.items():
        columns: dict[Role, Any] = {}
        for of in heads.by_model:
            place = next((n for n, entry in enumerate(of.kinds) if entry.kind == kind), None)
            if place is None:
                columns[of.role] = None
                continue
            scores = [one for one in of.heads if one.scores[place] is not None]
            best = max(scores, key=lambda one: one.scores[place], default=None)
            columns[of.role] = {
                "uniform": of.kinds[place].uniform,
                "queries": of.kinds[place].queries,
                "named": sum(one.label == kind for one in of.heads),
                "best": best and {"layer": best.layer, "head": best.head, "score": best.scores[place]},
            }
        known = next((entry for of in heads.by_model for entry in of.kinds if entry.kind == kind), None)
        if known:
            rows.append({"kind": kind, "words": words, "rule": known.rule, "least": known.least, "columns": columns})
    return rows
