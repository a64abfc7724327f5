"""Writes rsa_similarities: step one, the cosines of all pairs of the source's words in each space, and an order that shows clusters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering

from artefacts.schemas.rsa import RsaSimilarities, SpaceSimilarities, WordLeftOut
from precompute.rsa.rdms import category_dissimilarities, matrix_of, pair_cosines
from precompute.rsa.words import SOURCE_WORDS, WORD_LIST, source_words
from precompute.statistics_of import rounded
from precompute.workspace import Workspace

WORD_LISTS = (WORD_LIST,)


def export(work: Workspace) -> RsaSimilarities:
    """Cosine matrices of the source's words in each space, with the order of an average-linkage clustering."""
    found = source_words(work)
    listed = [category for category, words in work.words(WORD_LIST)[SOURCE_WORDS].items() for _ in words]
    across = category_dissimilarities(found.categories)
    all_across = category_dissimilarities(listed)
    return RsaSimilarities(
        words=found.words,
        categories=found.categories,
        listed=len(listed),
        left_out=[WordLeftOut(**vars(word)) for word in found.left_out],
        pairs=len(across),
        within=int((across == 0).sum()),
        across=int((across == 1).sum()),
        listed_pairs=len(all_across),
        listed_within=int((all_across == 0).sum()),
        by_model=[_space(role, vectors, found.categories) for role, vectors in found.vectors.items()],
    )


def _space(role: str, vectors: np.ndarray, categories: Sequence[str]) -> SpaceSimilarities:
    cosines, across = pair_cosines(vectors), category_dissimilarities(categories) == 1
    return SpaceSimilarities(
        role=role,
        dims=vectors.shape[1],
        cosines=[rounded(cosine) for cosine in cosines],
        mean=rounded(cosines.mean()),
        standard_deviation=rounded(cosines.std()),
        within_mean=_mean(cosines[~across]),
        across_mean=_mean(cosines[across]),
        nearest_same=nearest_of_same_category(cosines, categories),
        clustered=clustered(cosines),
    )


def clustered(cosines: np.ndarray) -> list[int]:
    """Places of the words in the order of a tree of clusters (average linkage of 1 - cosine), with its branches turned so that neighbours
    in the order are alike (Bar-Joseph et al. 2001).

    SciPy's ordering is not always the best that the tree allows (1.17.1: for one of our spaces the order in which the tree was built has
    neighbours that are more alike), so the better of these two is taken.
    """
    tree, square = linkage(np.maximum(1 - cosines, 0), method="average"), matrix_of(cosines)
    orders = [leaves_list(optimal_leaf_ordering(tree, np.maximum(1 - cosines, 0))), leaves_list(tree)]
    return [int(place) for place in max(orders, key=lambda order: square[order[:-1], order[1:]].sum())]


def nearest_of_same_category(cosines: np.ndarray, categories: Sequence[str]) -> int:
    """How many words have a word of their own category as the most similar other word."""
    nearest = matrix_of(cosines, diagonal=-2).argmax(axis=1)
    return sum(categories[word] == categories[other] for word, other in enumerate(nearest))


def _mean(values: np.ndarray) -> float | None:
    return rounded(values.mean()) if len(values) else None
