"""Partial RSA: do two spaces still agree once other matrices, such as the category of the words, are taken into account?

Pearson or Spearman only: under rho_a and tau_a a category RDM does not correlate 1 with itself, so the formula would not hold.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from precompute.rsa.coefficients import scores
from precompute.rsa.inference import PermutationTest, permutation_null
from precompute.rsa.rdms import pair_indices

PARTIAL_COEFFICIENTS = ("pearson", "spearman")


def partial_coefficient(name: str, first: np.ndarray, second: np.ndarray, *given: np.ndarray) -> float:
    """The correlation of two matrices with all of `given` held constant; 0 where these explain one of them wholly. All: [pair].

    Raises ValueError for a coefficient that cannot be taken so.
    """
    if name not in PARTIAL_COEFFICIENTS:
        raise ValueError(f"a partial coefficient is one of {', '.join(PARTIAL_COEFFICIENTS)}, not {name!r}")
    one, other, *held = (scores(name, pairs) for pairs in (first, second, *given))
    among = [[g @ h for h in held] for g in held]
    return float(all_held_constant(one @ other, [one @ g for g in held], [other @ g for g in held], among))


def partial_test(
    first: np.ndarray,
    second: np.ndarray,
    given: Sequence[np.ndarray],
    name: str = "pearson",
    *,
    groups: Sequence[str] | None,
    permutations: int = 10_000,
    seed: int,
) -> PermutationTest:
    """Permute the words of `second` and compute the partial coefficient each time.

    given: matrices to hold constant, [pair] each. groups: [word], usually the categories that made one of them; words change places
    within their group only, so that what the groups explain stays as it is. Free permutation (None) destroys that, too, and rejects far
    too often where `given` explains both.
    """
    observed = partial_coefficient(name, first, second, *given)
    one, *held = (scores(name, pairs) for pairs in (first, *given))

    def with_permuted(pairs: np.ndarray) -> np.ndarray:
        return permutation_null(pairs, second, name, permutations, seed, groups)  # the same seed: the same orders

    among = [[g @ h for h in held] for g in held]
    null = all_held_constant(with_permuted(first), [one @ g for g in held], [with_permuted(pairs) for pairs in given], among)
    return PermutationTest(observed, null)


def all_held_constant(
    both: np.ndarray | float,
    with_first: Sequence[np.ndarray | float],
    with_second: Sequence[np.ndarray | float],
    among: Sequence[Sequence[np.ndarray | float]],
) -> np.ndarray | float:
    """The partial correlation of two variables, several others held constant, from plain correlations: numbers, or arrays of one shape.

    both: of the two; with_first, with_second: [held], of each of them with what is held constant; among: [held, held]. One after the other
    is held constant: partial correlations of the first order take the place of plain ones, and so on, as in any textbook.
    """
    for n in range(len(with_first)):
        first, second, others = with_first[n], with_second[n], among[n]
        both = held_constant(both, first, second)
        with_first = [held_constant(r, first, other) for r, other in zip(with_first, others, strict=True)]
        with_second = [held_constant(r, second, other) for r, other in zip(with_second, others, strict=True)]
        among = [[held_constant(r, a, b) for r, b in zip(row, others, strict=True)] for row, a in zip(among, others, strict=True)]
    return both


def held_constant(both: np.ndarray | float, with_first: np.ndarray | float, with_second: np.ndarray | float) -> np.ndarray:
    """The partial correlation from three plain ones, of numbers or arrays; 0 where the third variable explains one of the two wholly."""
    left = (1 - np.square(with_first)) * (1 - np.square(with_second))
    explained = left < 1e-12
    return np.where(explained, 0, (both - with_first * with_second) / np.sqrt(np.where(explained, 1, left)))


def rank_covariates(ranks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How frequency enters a pair of words: (how far their log ranks differ, the sum of these), [pair] each.

    ranks: [word], from 1 on, from frequent to rare.
    """
    logs = np.log(ranks.astype(np.float64))
    i, j = pair_indices(len(ranks))
    return np.abs(logs[i] - logs[j]), logs[i] + logs[j]


def share_explained(pairs: np.ndarray, *by: np.ndarray) -> float:
    """The share of the variance of `pairs` that a linear regression on the others explains, R squared; 0 without variance. All: [pair]."""
    design = np.column_stack([np.ones(len(pairs)), *by])
    rest = pairs - design @ np.linalg.lstsq(design, pairs)[0]
    spread = pairs - pairs.mean()
    return float(1 - rest @ rest / (spread @ spread)) if spread @ spread > 0 else 0.0
