"""Category selectivity: are words of one category closer to each other than to the words of others?

Three indices say it in three units. All are computed from dissimilarities, with the sign turned so that larger is more selective: for
cosine dissimilarity, 1 - s, the difference is the mean similarity within categories minus the mean across.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from precompute.rsa.inference import permutation_test
from precompute.rsa.rdms import category_dissimilarities


@dataclass(frozen=True)
class Selectivity:
    """difference: in the unit of the dissimilarity; cohens_d: in pooled standard deviations; pearson: r with the category RDM.

    p: of the permutation test that all three share. For a given number of pairs of each kind each is a rising function of the others,
    so shuffled words beat the observed value in one index exactly when they do in the others.
    """

    difference: float
    cohens_d: float
    pearson: float
    p: float
    null: np.ndarray  # [permutation], of pearson


def difference_of_means(pairs: np.ndarray, categories: Sequence[str]) -> float:
    """Mean dissimilarity across categories minus mean within. Raises ValueError where there are no pairs of one kind."""
    within, across = _parts(pairs, categories)
    return float(across.mean() - within.mean())


def cohens_d(pairs: np.ndarray, categories: Sequence[str]) -> float:
    """The difference of means in units of the pooled standard deviation (Cohen 1988); 0 where nothing varies."""
    within, across = _parts(pairs, categories)
    squares = ((within - within.mean()) ** 2).sum() + ((across - across.mean()) ** 2).sum()
    pooled = math.sqrt(float(squares) / (len(within) + len(across) - 2))
    return float(across.mean() - within.mean()) / pooled if pooled > 0 else 0.0


def selectivity(pairs: np.ndarray, categories: Sequence[str], *, permutations: int = 10_000, seed: int) -> Selectivity:
    """The three indices and their test. pairs: dissimilarities, [pair]; categories: [word]."""
    test = permutation_test(pairs, category_dissimilarities(categories), "pearson", permutations=permutations, seed=seed)
    return Selectivity(
        difference=difference_of_means(pairs, categories),
        cohens_d=cohens_d(pairs, categories),
        pearson=test.observed,
        p=test.p,
        null=test.null,
    )


def _parts(pairs: np.ndarray, categories: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    across = category_dissimilarities(categories) == 1
    if across.all() or not across.any():
        raise ValueError("selectivity needs pairs within a category and pairs across two")
    return pairs[~across], pairs[across]
