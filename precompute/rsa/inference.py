"""Is an agreement more than chance, how sure are we of it, and how high could it be?

All of it treats the *words* as the sample. The pairs are not independent (each word is in many), so no test here counts pairs.
Every draw comes from the seed that is given.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from precompute.rsa.coefficients import PRODUCTS, coefficient, scores
from precompute.rsa.rdms import matrix_of, pair_indices, word_count
from precompute.statistics_of import pearson

VALUES_AT_ONCE = 2_000_000
"""Pairs of all permutations or resamples that are worked at together: bounds the memory."""
MIDDLE = (0.025, 0.975)
"""The ends of the middle 95% of draws."""
_EQUAL = 1e-12
"""Values that differ by less are equal: the observed order, drawn again, must count as reaching itself."""


@dataclass(frozen=True)
class PermutationTest:
    """One-sided: how often words with shuffled labels agree at least as well. null: [permutation]."""

    observed: float
    null: np.ndarray

    @property
    def p(self) -> float:
        """One-sided p-value, the observed score among the shuffled ones: never 0."""
        return p_value(self.observed, self.null)


def p_value(observed: float, null: np.ndarray) -> float:
    """(1 + number of null values that reach the observed one) / (1 + number of null values) (Phipson & Smyth 2010)."""
    return float((1 + np.count_nonzero(null >= observed - _EQUAL)) / (1 + len(null)))


def permutation_test(
    first: np.ndarray,
    second: np.ndarray,
    name: str = "pearson",
    *,
    permutations: int = 10_000,
    seed: int,
    groups: Sequence[str] | None = None,
) -> PermutationTest:
    """Permute the words of `second`, rows and columns of its matrix together, and compare with `first` each time.

    first, second: [pair] of the same words; name: a coefficient. groups: [word]; words are exchanged within their group only.
    tau_a is computed one permutation after the other: about a thousand times slower than the others.
    """
    return PermutationTest(coefficient(name, first, second), permutation_null(first, second, name, permutations, seed, groups))


def permutation_null(
    first: np.ndarray, second: np.ndarray, name: str, permutations: int, seed: int, groups: Sequence[str] | None = None
) -> np.ndarray:
    """[permutation], the coefficient after each permutation; see `permutation_test`."""
    words = word_count(second)
    i, j = pair_indices(words)
    matrix = matrix_of(scores(name, second) if name in PRODUCTS else second)
    fixed = scores(name, first) if name in PRODUCTS else first
    found = []
    for orders in permuted_words(words, permutations, seed, groups):
        shuffled = matrix[orders[:, i], orders[:, j]]  # [permutation, pair]
        found.append(shuffled @ fixed if name in PRODUCTS else np.array([coefficient(name, fixed, pairs) for pairs in shuffled]))
    return np.concatenate(found)


def permuted_words(words: int, permutations: int, seed: int, groups: Sequence[str] | None = None) -> Iterator[np.ndarray]:
    """Random orders of the words, [permutation, word], in blocks.

    groups: [word]; a word then takes the place of one of its own group only.
    """
    numbers = np.random.default_rng(seed)
    names = np.zeros(words, dtype=int) if groups is None else np.unique(np.asarray(groups), return_inverse=True)[1]
    places = [np.flatnonzero(names == name) for name in range(names.max() + 1)]
    for size in _block_sizes(permutations, words):
        orders = np.tile(np.arange(words), (size, 1))
        for place in places:
            orders[:, place] = numbers.permuted(orders[:, place], axis=1)
        yield orders


@dataclass(frozen=True)
class Interval:
    """A percentile interval from a bootstrap over words. resampled: [resample]."""

    low: float
    high: float
    resampled: np.ndarray


def bootstrap(
    first: np.ndarray, second: np.ndarray, name: str = "pearson", *, resamples: int = 10_000, seed: int, level: float = 0.95
) -> Interval:
    """Draw as many words with replacement, again and again, and compare the pairs of each draw.

    A word drawn several times makes several copies of its pairs; the pairs of a word with its own copies are dropped, since they would
    agree perfectly (as rsatoolbox does); a draw without pairs counts 0. tau_a takes one resample after the other.

    first, second: [pair]; name: a coefficient.
    """
    resampled = np.concatenate([_resampled(first, second, name, counts) for counts in drawn_words(word_count(first), resamples, seed)])
    low, high = np.quantile(resampled, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high), resampled)


def drawn_words(words: int, resamples: int, seed: int) -> Iterator[np.ndarray]:
    """How often each word is drawn, [resample, word], in blocks."""
    numbers = np.random.default_rng(seed)
    for size in _block_sizes(resamples, words):
        yield numbers.multinomial(words, np.full(words, 1 / words), size=size)


def _block_sizes(draws: int, words: int) -> list[int]:
    block = max(1, VALUES_AT_ONCE // max(1, words * (words - 1) // 2))
    return [min(block, draws - start) for start in range(0, draws, block)]


def _resampled(first: np.ndarray, second: np.ndarray, name: str, counts: np.ndarray) -> np.ndarray:
    """[resample]. A pair stands in a resample as often as the product of its words' counts: these are its weights, [resample, pair]."""
    i, j = pair_indices(counts.shape[1])
    weights = counts[:, i] * counts[:, j]
    if name not in PRODUCTS:
        return np.array([coefficient(name, np.repeat(first, row), np.repeat(second, row)) for row in weights])
    weights = weights.astype(np.float64)
    if name == "pearson":
        return weighted_pearson(first, second, weights)
    ranks = weighted_ranks(first, weights), weighted_ranks(second, weights)
    if name == "spearman":
        return weighted_pearson(*ranks, weights)
    m = weights.sum(axis=1)
    centred = [rank - (m[:, None] + 1) / 2 for rank in ranks]
    return 12 * (weights * centred[0] * centred[1]).sum(axis=1) / np.maximum(m**3 - m, 1)


def weighted_pearson(first: np.ndarray, second: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """[resample], the correlation of pairs that stand as often as their weights [resample, pair] say; 0 where nothing varies.

    first, second: [pair], or [resample, pair] where each resample has its own.
    """
    a, b = first - first.mean(), second - second.mean()  # sums of squares of what lies about 0 lose no digits
    pairs = np.maximum(weights.sum(axis=1), 1)  # one word drawn again and again has none
    sums = [weights @ values if values.ndim == 1 else (weights * values).sum(axis=1) for values in (a, b, a * a, b * b, a * b)]
    mean_a, mean_b, square_a, square_b, product = (total / pairs for total in sums)
    vary_a, vary_b = _variance(square_a, mean_a), _variance(square_b, mean_b)
    size = np.sqrt(vary_a * vary_b)
    return np.where(size > 0, (product - mean_a * mean_b) / np.where(size > 0, size, 1), 0)


def _variance(mean_square: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Exactly 0 where only rounding is left."""
    variance = mean_square - mean**2
    return np.where(variance > _EQUAL * mean_square, variance, 0)


def weighted_ranks(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """[resample, pair]: the mid-ranks of values [pair] of which each stands as often as its weight [resample, pair] says."""
    _, place = np.unique(values, return_inverse=True)
    order = np.argsort(place, kind="stable")
    starts = np.flatnonzero(np.diff(place[order], prepend=-1))
    together = np.add.reduceat(weights[:, order], starts, axis=1)  # [resample, different value]
    return (np.cumsum(together, axis=1) - (together - 1) / 2)[:, place]


def noise_ceiling(pairs: np.ndarray) -> tuple[float, float]:
    """(lower, upper) bound of how well any model can agree with several pair vectors of one thing, [source, pair] (Nili et al. 2014).

    Sources are models that differ in their seed alone, or one model's vectors in several sentences. Lower: each against the mean of the
    others; upper: against the mean of all, itself included; Pearson. Each source is standardised first, so that the mean weighs them alike.
    """
    z = (pairs - pairs.mean(axis=1, keepdims=True)) / pairs.std(axis=1, keepdims=True)
    others = (z.sum(axis=0) - z) / (len(z) - 1)
    lower = np.mean([pearson(one, rest) for one, rest in zip(z, others, strict=True)])
    return float(lower), float(np.mean([pearson(one, z.mean(axis=0)) for one in z]))
