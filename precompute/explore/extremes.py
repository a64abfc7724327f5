"""Writes explorer_extremes: the tokens at the ends of each space, and the words on which decoder and encoder agree most and least."""

from __future__ import annotations

import numpy as np

from artefacts.schemas.explore import ComparedWord, ExplorerExtremes, ExtremeList, ExtremesOfSpace, ExtremeToken
from artefacts.schemas.parts import Role
from precompute.explore.detailed_words import ROLES, WORDS, detailed_words
from precompute.explore.static_space import explored_neighbours, explored_space
from precompute.space import Space, row_norms
from precompute.statistics_of import rounded
from precompute.workspace import Workspace

LISTED = 10
K = 10
BLOCK = 512  # words compared at a time
OPTIONS = {"words": WORDS, "listed": LISTED, "k": K}


def export(work: Workspace) -> ExplorerExtremes:
    """The extreme tokens of each space, and the words on which decoder and encoder agree most and least.

    They agree on a word where its cosines with the others correlate.
    """
    words = detailed_words(work)
    decoder, encoder = (explored_space(work, role).units[words.ids[role]] for role in ("decoder", "encoder"))
    correlations, shared = agreement(decoder, encoder, K)
    order = np.argsort(-correlations, kind="stable")

    def word(place: int) -> ComparedWord:
        return ComparedWord(
            word=words.words[place],
            decoder=explored_space(work, "decoder").token(words.ids["decoder"][place]),
            encoder=explored_space(work, "encoder").token(words.ids["encoder"][place]),
            correlation=rounded(correlations[place], 4),
            shared_neighbours=int(shared[place]),
        )

    k = min(K, len(words.words) - 1)
    return ExplorerExtremes(
        spaces=[_of_space(work, role) for role in ROLES],
        compared_words=len(words.words),
        k=k,
        most_alike=[word(place) for place in order[:LISTED]],
        most_different=[word(place) for place in order[::-1][:LISTED]],
        mean_correlation=rounded(correlations.mean(), 4),
        mean_shared=rounded(shared.mean(), 3),
        shared_by_chance=rounded(k * k / (len(words.words) - 1), 4),
    )


def _of_space(work: Workspace, role: Role) -> ExtremesOfSpace:
    space = explored_space(work, role)
    best = explored_neighbours(work, role).values[:, 0].astype(np.float64)
    from_centre = row_norms(space.vectors - space.mean_vector)
    words = space.whole_words
    return ExtremesOfSpace(
        role=role,
        lists=[
            _list(space, "centroid", "Nearest the mean of all vectors", "distance", from_centre, np.arange(len(space))),
            _list(space, "longest", "Longest vectors", "length", space.norms, np.arange(len(space)), largest=True),
            _list(space, "shortest", "Shortest vectors", "length", space.norms, np.arange(len(space))),
            _list(space, "isolated", "Words whose nearest neighbour is farthest", "cosine", best, words),
        ],
    )


def _list(space: Space, name: str, title: str, unit: str, values: np.ndarray, among: np.ndarray, largest: bool = False) -> ExtremeList:
    order = among[np.argsort(-values[among] if largest else values[among], kind="stable")][:LISTED]
    return ExtremeList(
        name=name, title=title, unit=unit, tokens=[ExtremeToken(token=space.token(i), value=rounded(values[i], 5)) for i in order]
    )


def agreement(first: np.ndarray, second: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """([word] Pearson's r of a word's cosines with all others in two spaces, [word] how many of its k nearest are the same).

    first, second: [word, dim], rows of length one, the same words in the same order. A row without variance has r = 0.
    """
    count = len(first)
    k = min(k, count - 1)
    correlations, shared = np.zeros(count), np.zeros(count, dtype=np.int64)
    for start in range(0, count, BLOCK):
        rows = np.arange(start, min(start + BLOCK, count))
        others = np.arange(count)[None] != rows[:, None]
        a, b = ((units[rows] @ units.T)[others].reshape(len(rows), -1) for units in (first, second))
        near_a, near_b = (np.argsort(-x, axis=1, kind="stable")[:, :k] for x in (a, b))
        shared[rows] = [len(set(x) & set(y)) for x, y in zip(near_a.tolist(), near_b.tolist(), strict=True)]
        a, b = a - a.mean(axis=1, keepdims=True), b - b.mean(axis=1, keepdims=True)
        lengths = row_norms(a) * row_norms(b)
        correlations[rows] = (a * b).sum(axis=1) / np.where(lengths > 0, lengths, 1)
    return correlations, shared
