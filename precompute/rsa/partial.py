"""Partial RSA: do two spaces still agree once a third matrix, such as the category of the words, is taken into account?

Pearson or Spearman only: under rho_a and tau_a a category RDM does not correlate 1 with itself, so the formula would not hold.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from precompute.rsa.coefficients import scores
from precompute.rsa.inference import PermutationTest, permutation_null

PARTIAL_COEFFICIENTS = ("pearson", "spearman")


def partial_coefficient(name: str, first: np.ndarray, second: np.ndarray, given: np.ndarray) -> float:
    """(r_12 - r_1g r_2g) / sqrt((1 - r_1g^2)(1 - r_2g^2)); 0 where `given` explains one of them wholly. first, second, given: [pair].

    Raises ValueError for a coefficient that cannot be taken so.
    """
    if name not in PARTIAL_COEFFICIENTS:
        raise ValueError(f"a partial coefficient is one of {', '.join(PARTIAL_COEFFICIENTS)}, not {name!r}")
    one, other, third = (scores(name, pairs) for pairs in (first, second, given))
    return float(held_constant(one @ other, one @ third, other @ third))


def partial_test(
    first: np.ndarray,
    second: np.ndarray,
    given: np.ndarray,
    name: str = "pearson",
    *,
    groups: Sequence[str] | None,
    permutations: int = 10_000,
    seed: int,
) -> PermutationTest:
    """Permute the words of `second` and compute the partial coefficient each time.

    groups: [word], usually the categories that made `given`; words change places within their group only, so that what the groups explain
    stays as it is. Free permutation (None) destroys that, too, and rejects far too often where `given` explains both.
    """
    observed = partial_coefficient(name, first, second, given)
    with_first = permutation_null(first, second, name, permutations, seed, groups)
    with_given = permutation_null(given, second, name, permutations, seed, groups)  # the same orders: the same seed
    return PermutationTest(observed, held_constant(with_first, float(scores(name, first) @ scores(name, given)), with_given))


def held_constant(both: np.ndarray | float, with_first: np.ndarray | float, with_second: np.ndarray | float) -> np.ndarray:
    """The partial correlation from three plain ones, of numbers or arrays; 0 where the third variable explains one of the two wholly."""
    left = (1 - np.square(with_first)) * (1 - np.square(with_second))
    explained = left < 1e-12
    return np.where(explained, 0, (both - with_first * with_second) / np.sqrt(np.where(explained, 1, left)))
