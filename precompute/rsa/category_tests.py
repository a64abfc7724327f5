"""How much of an agreement do the categories bring? Tests and intervals that leave each word in its category.

Words chosen by category make two spaces agree as soon as both keep the categories apart. A shuffle that exchanges words within their
category keeps that, and asks only for what lies beyond it; a draw within categories keeps the shares of the kinds as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from precompute.rsa.coefficients import scores
from precompute.rsa.inference import Interval, PermutationTest, p_value, permuted_words, weighted_pearson
from precompute.rsa.rdms import category_dissimilarities, matrix_of, pair_indices

KINDS = ("all", "within", "across")
FEWEST = 3
"""Fewer pairs have no correlation worth a test."""


@dataclass(frozen=True)
class KindTest(PermutationTest):
    """Pearson's r over the pairs of one kind; null: [permutation], r after words changed places within their category."""

    @property
    def p_two_sided(self) -> float:
        """Twice the smaller tail, at most 1, as `scipy.stats.permutation_test` has it: the null need not lie about 0."""
        return min(1.0, 2 * min(self.p, p_value(-self.observed, -self.null)))


def pairs_of_kind(categories: Sequence[str], kind: str) -> np.ndarray:
    """[pair] of bool: all pairs, those within a category, or those across two."""
    across = category_dissimilarities(categories) == 1
    return {"all": np.ones_like(across), "within": ~across, "across": across}[kind]


def category_test(first: np.ndarray, second: np.ndarray, categories: Sequence[str], kind: str, *, permutations: int, seed: int) -> KindTest:
    """Exchange the words of `second` within their category only, and correlate the pairs of this kind each time.

    first, second: [pair]; categories: [word]. Such a shuffle takes pairs of a kind to pairs of that kind, so that their mean and spread
    stay, and r remains a product of standardised values.
    """
    chosen = pairs_of_kind(categories, kind)
    one, other = _standardised(first, chosen), _standardised(second, chosen)
    i, j = pair_indices(len(categories))
    matrix = matrix_of(other)
    null = [matrix[orders[:, i], orders[:, j]] @ one for orders in permuted_words(len(categories), permutations, seed, categories)]
    return KindTest(float(one @ other), np.concatenate(null))


def _standardised(pairs: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """[pair]: Pearson scores of those chosen, 0 elsewhere."""
    found = np.zeros(len(pairs))
    found[chosen] = scores("pearson", pairs[chosen])
    return found


def category_bootstrap(
    first: np.ndarray, second: np.ndarray, categories: Sequence[str], kind: str, *, resamples: int, seed: int, level: float = 0.95
) -> Interval:
    """Draw as many words of each category as it has, with replacement, and correlate the pairs of this kind each time.

    A stratified bootstrap (Davison & Hinkley 1997, section 3.2). Pairs of a word with its own copies are dropped. first, second: [pair].
    """
    i, j = pair_indices(len(categories))
    counts = drawn_within(categories, resamples, seed)
    resampled = weighted_pearson(first, second, (counts[:, i] * counts[:, j] * pairs_of_kind(categories, kind)).astype(np.float64))
    low, high = np.quantile(resampled, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high), resampled)


def drawn_within(categories: Sequence[str], resamples: int, seed: int) -> np.ndarray:
    """How often each word is drawn, [resample, word]: each category keeps its number of words."""
    numbers, names = np.random.default_rng(seed), np.asarray(categories)
    counts = np.zeros((resamples, len(names)), dtype=np.int64)
    for name in dict.fromkeys(categories):
        places = np.flatnonzero(names == name)
        counts[:, places] = numbers.multinomial(len(places), np.full(len(places), 1 / len(places)), size=resamples)
    return counts
