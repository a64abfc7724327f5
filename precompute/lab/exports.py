"""Writes lab_words and lab_vectors_*: what the RSA lab can compare."""

from __future__ import annotations

from functools import partial

import numpy as np

from artefacts.schemas.lab import LabCategory, LabSet, LabSpace, LabVectors, LabWords
from artefacts.schemas.rsa import WordLeftOut
from precompute.lab.layer_states import block_count, layer_vectors, layers_of
from precompute.lab.quantised_space import NOISE, quantised
from precompute.lab.words import MOST_WORDS, WORD_LISTS, lab_words, ready_sets
from precompute.layers.words_in_carriers import CARRIERS, carriers
from precompute.workspace import Workspace

ROW_LISTS = WORD_LISTS
LAYER_LISTS = (*WORD_LISTS, CARRIERS)
DEEP = ("third", "two_thirds", "last")
OPTIONS = {"noise": NOISE}


def export_words(work: Workspace) -> LabWords:
    """The lab's words with their categories, and the spaces that have vectors of them."""
    found = lab_words(work)
    place = {word: n for n, word in enumerate(found.words)}

    def category(name: str, words: list[str]) -> LabCategory:
        return LabCategory(name=name, words=[place[word] for word in words])

    named = {name: [w for w, c in zip(found.words, found.categories, strict=True) if c == name] for name in dict.fromkeys(found.categories)}
    return LabWords(
        words=found.words,
        categories=[category(name, words) for name, words in named.items()],
        sets=[
            LabSet(
                key=ready.key,
                title=ready.title,
                note=ready.note,
                groups=[category(name, words) for name, words in ready.groups.items()],
                missing=ready.missing,
            )
            for ready in ready_sets(work)
        ],
        left_out=[WordLeftOut(**vars(word)) for word in found.left_out],
        carriers=carriers(work),
        most_words=MOST_WORDS,
        spaces=_spaces(work),
    )


def _spaces(work: Workspace) -> list[LabSpace]:
    spaces = []
    for role in work.model_set.roles:
        if role == "static":
            spaces.append(LabSpace(artefact="lab_vectors_static", role=role, depth="static", layer=None, layers=None))
            continue
        blocks = block_count(work, role)
        for depth, layer in {"static": None, **layers_of(blocks)}.items():
            spaces.append(LabSpace(artefact=f"lab_vectors_{role}_{depth}", role=role, depth=depth, layer=layer, layers=blocks))
    return spaces


def _vectors(work: Workspace, role: str, depth: str) -> LabVectors:
    return LabVectors(role=role, depth=depth, **quantised(exact_vectors(work, role, depth)))


def exact_vectors(work: Workspace, role: str, depth: str) -> np.ndarray:
    """[word, dim] float64, before they are quantised."""
    return lab_words(work).vectors[role] if depth == "static" else layer_vectors(work, role)[depth]


export_rows = {role: partial(_vectors, role=role, depth="static") for role in ("decoder", "encoder", "static")}
export_layers = {(role, depth): partial(_vectors, role=role, depth=depth) for role in ("decoder", "encoder") for depth in DEEP}
