"""Writes direct_comparisons: the rows of the same words, coordinate by coordinate, wherever two spaces have as many.

For independent rows, r of d pairs of numbers has mean 0 and standard deviation 1 / sqrt(d - 1).
"""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np

from artefacts.schemas.spaces import (
    ComparedSpace,
    CoordinateCorrelations,
    CoordinatesOfSpace,
    CorrelationSummary,
    DirectComparison,
    DirectComparisons,
    Relation,
)
from precompute.correlations import row_correlations
from precompute.rsa.words import SOURCE_WORDS, WORD_LIST
from precompute.spaces.words_in_common import WordsInCommon, WordSpace, words_in_common
from precompute.statistics_of import aligned_histogram, rounded
from precompute.twins.corpus import IDENTITY
from precompute.workspace import Workspace

SOURCES = (IDENTITY,)
SEED, BIN, BEYOND = 11, 0.02, 1.96
SHOWN = ("banana", "planet", "chair", "king", "water", "music")
TWINS_COMPARED = ("skip-gram-2", "skip-gram-3", "cbow-1")  # each with the first
FIRST_TWIN = "skip-gram-1"
OPTIONS = {"seed": SEED, "shown": list(SHOWN)}


def export(work: Workspace) -> DirectComparisons:
    """Correlations of the same words' rows where two spaces are as wide; pairs of other widths are listed without."""
    common = words_in_common(work)
    listed = [(word, category) for category, words in work.words(WORD_LIST)[SOURCE_WORDS].items() for word in words]
    known = set(common.words)
    pairs = [(common.spaces[FIRST_TWIN], common.spaces[twin]) for twin in TWINS_COMPARED]
    pairs += combinations([space for space in common.spaces.values() if space.kind != "twin"], 2)
    rows = common.rows_of([word for word, _ in listed])
    shown = [word for word in SHOWN if word in known] or common.words[: len(SHOWN)]
    equal = dict.fromkeys(space.key for pair in pairs if pair[0].width == pair[1].width for space in pair)
    used = dict.fromkeys(space.key for pair in pairs for space in pair)
    return DirectComparisons(
        words=len(common.words),
        listed=[word for word, _ in listed if word in known],
        categories=[category for word, category in listed if word in known],
        left_out=[word for word, _ in listed if word not in known],
        shown=shown,
        spaces=[compared_space(common.spaces[key]) for key in used],
        coordinates=[_coordinates(common, key, shown) for key in equal],
        pairs=[
            DirectComparison(
                first=first.key, second=second.key, relation=relation_of(first, second), correlations=_correlations(first, second, rows)
            )
            for first, second in pairs
        ],
    )


def compared_space(space: WordSpace) -> ComparedSpace:
    """What pages say of a space."""
    return ComparedSpace(key=space.key, name=space.name, kind=space.kind, width=space.width)


def relation_of(first: WordSpace, second: WordSpace) -> Relation:
    """What tells two spaces apart: the seed, the objective, or the model."""
    if first.kind != "twin" or second.kind != "twin":
        return "other model"
    return "other seed" if first.key.rpartition("-")[0] == second.key.rpartition("-")[0] else "other objective"


def _coordinates(common: WordsInCommon, key: str, shown: list[str]) -> CoordinatesOfSpace:
    rows = common.spaces[key].vectors[common.rows_of(shown)]
    return CoordinatesOfSpace(key=key, rows=[[rounded(value, 3) for value in row] for row in rows])


def _correlations(first: WordSpace, second: WordSpace, listed: np.ndarray) -> CoordinateCorrelations | None:
    if first.width != second.width:
        return None
    deviation = 1 / math.sqrt(first.width - 1)
    # everyone moves on by a random number of places, so that no word meets itself
    words = len(first.vectors)
    order = np.random.default_rng(SEED).permutation(words)
    other = np.empty(words, dtype=np.int64)
    other[order] = np.roll(order, 1)
    same = row_correlations(first.vectors, second.vectors)
    return CoordinateCorrelations(
        null_standard_deviation=rounded(deviation, 5),
        same_word=_summary(same, deviation),
        other_word=_summary(row_correlations(first.vectors, second.vectors[other]), deviation),
        histogram=aligned_histogram(same, BIN),
        listed=[rounded(r, 4) for r in same[listed]],
    )


def _summary(values: np.ndarray, deviation: float) -> CorrelationSummary:
    return CorrelationSummary(
        mean=rounded(values.mean(), 5),
        standard_deviation=rounded(values.std(), 5),
        beyond=rounded((np.abs(values) > BEYOND * deviation).mean(), 4),
    )
