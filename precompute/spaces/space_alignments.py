"""Writes space_alignments: can one space be turned onto another? Orthogonal Procrustes, judged on words that it never saw.

All pairs of spaces are compared on the same words, in the same halves, so that the small models' numbers stand beside the others'.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from artefacts.schemas.spaces import FittedOn, Landing, Retrieval, SpaceAlignment, SpaceAlignments
from precompute.rsa.words import SOURCE_WORDS, WORD_LIST
from precompute.spaces.direct_comparisons import compared_space, relation_of
from precompute.spaces.procrustes import (
    Halves,
    best_linear,
    centred_units,
    cut_by_pca,
    halves,
    mean_cosine,
    own_ranks,
    padded,
    precision,
    turned,
)
from precompute.spaces.words_in_common import WordsInCommon, WordSpace, words_in_common
from precompute.statistics_of import rounded
from precompute.twins.corpus import IDENTITY
from precompute.workspace import Workspace

SOURCES = (IDENTITY,)
SEED = 13
FEWER = (250, 500, 1000, 2000)  # words that the map is fitted on, beside half of all
LANDINGS, NEAREST = 12, 5
OPTIONS = {"seed": SEED, "fewer": list(FEWER), "nearest": NEAREST}


def export(work: Workspace) -> SpaceAlignments:
    """How near words that no map was fitted on come to themselves in the other space. Orthogonal Procrustes: Schönemann 1966."""
    common = words_in_common(work)
    spaces = common.spaces
    half = halves(len(common.words), np.random.default_rng(SEED))
    models = [space for space in spaces.values() if space.kind != "twin"]
    pairs = [(spaces["skip-gram-1"], spaces[key]) for key in ("skip-gram-2", "cbow-1")]
    pairs += [(spaces["skip-gram-1"], space) for space in models if space.kind == "static"]
    pairs += combinations(models, 2)
    listed = [word for words in work.words(WORD_LIST)[SOURCE_WORDS].values() for word in words]
    looked_up = [row for row in common.rows_of(listed).tolist() if row in set(half.held_out.tolist())][:LANDINGS]
    return SpaceAlignments(
        words=len(common.words),
        fitted_words=len(half.fitted),
        held_out_words=len(half.held_out),
        spaces=[compared_space(space) for space in {space.key: space for pair in pairs for space in pair}.values()],
        pairs=[_aligned(first, second, common, half, looked_up) for first, second in pairs],
    )


def _aligned(one: WordSpace, other: WordSpace, common: WordsInCommon, half: Halves, looked_up: list[int]) -> SpaceAlignment:
    narrow = [centred_units(space.vectors, half.fitted) for space in (one, other)]
    first, second = padded(*narrow)
    after = turned(first, second, half.fitted, half.fitted)
    numbers = np.random.default_rng(SEED)
    by_lot = turned(first, second, half.fitted, numbers.permutation(half.fitted))
    cut = None
    if one.width != other.width:
        a, b = cut_by_pca(*narrow, half.fitted)
        cut = retrieval(turned(a, b, half.fitted, half.fitted), b, half.held_out)
    return SpaceAlignment(
        first=one.key,
        second=other.key,
        relation=relation_of(one, other),
        before=rounded(mean_cosine(first, second, half.held_out), 4),
        fitted=rounded(mean_cosine(after, second, half.fitted), 4),
        held_out=retrieval(after, second, half.held_out),
        back=retrieval(second, after, half.held_out),
        shuffled=retrieval(by_lot, second, half.held_out),
        cut=cut,
        linear=retrieval(best_linear(*narrow, half.fitted), narrow[1], half.held_out),
        by_fitted=[_fitted_on(first, second, half, words) for words in (*FEWER, len(half.fitted)) if words <= len(half.fitted)],
        landings=[_landing(row, after, second, half.held_out, common.words) for row in looked_up],
    )


def retrieval(first: np.ndarray, second: np.ndarray, held_out: np.ndarray) -> Retrieval:
    """first, second: [word, dim], row by row the same words."""
    ranks = own_ranks(first, second, held_out)
    return Retrieval(
        cosine=rounded(mean_cosine(first, second, held_out), 4),
        first_place=rounded(precision(ranks, 1), 4),
        ten_places=rounded(precision(ranks, 10), 4),
    )


def _fitted_on(first: np.ndarray, second: np.ndarray, half: Halves, words: int) -> FittedOn:
    rows = half.fitted[:words]
    found = retrieval(turned(first, second, rows, rows), second, half.held_out)
    return FittedOn(words=words, cosine=found.cosine, first_place=found.first_place)


def _landing(row: int, first: np.ndarray, second: np.ndarray, held_out: np.ndarray, words: list[str]) -> Landing:
    candidates = np.sort(held_out)
    cosines = second[candidates] @ first[row]
    best = candidates[np.argsort(-cosines, kind="stable")]
    return Landing(word=words[row], nearest=[words[n] for n in best[:NEAREST]], rank=int(np.flatnonzero(best == row)[0]) + 1)
