"""Writes rsa_inference: is the agreement of two spaces more than chance, how sure is it, and what does a test of single pairs say?"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations

import numpy as np
from scipy import stats

from artefacts.schemas.rsa import AgreementTest, CategoryTest, NaiveTest, RsaInference
from precompute.rsa.category_tests import FEWEST, KINDS, category_bootstrap, category_test, pairs_of_kind
from precompute.rsa.coefficients import COEFFICIENTS, PRODUCTS
from precompute.rsa.inference import Interval, PermutationTest, bootstrap, permutation_test
from precompute.rsa.rdms import category_dissimilarities, dissimilarities
from precompute.rsa.words import WORD_LIST, source_words
from precompute.statistics_of import aligned_histogram, rounded
from precompute.workspace import Workspace

WORD_LISTS = (WORD_LIST,)
DRAWS, SLOW_DRAWS, SEED = 10_000, 1_000, 11  # tau_a is computed draw by draw: fewer
LEVEL, ALPHA = 0.95, 0.05
BIN = 0.01
DIGITS = 7
OPTIONS = {"draws": DRAWS, "draws_of_tau_a": SLOW_DRAWS, "seed": SEED, "level": LEVEL, "alpha": ALPHA, "bin": BIN}


def export(work: Workspace) -> RsaInference:
    """Permutation test, bootstrap interval over words, and the naive test over pairs, for every two spaces and coefficient."""
    found = source_words(work)
    rdms = {role: dissimilarities(vectors, "cosine") for role, vectors in found.vectors.items()}
    tests, naive = [], []
    for first, second, one, other in _compared(rdms, category_dissimilarities(found.categories)):
        for name in COEFFICIENTS:
            draws = DRAWS if name in PRODUCTS else SLOW_DRAWS
            test = permutation_test(one, other, name, permutations=draws, seed=SEED)
            interval = bootstrap(one, other, name, resamples=draws, seed=SEED, level=LEVEL)
            tests.append(_test(first, second, name, test, interval))
            if name == "pearson":
                naive.append(naive_test(first, second, len(one), test))
    within = [
        _within_categories(first, second, kind, rdms, found.categories)
        for first, second in combinations(rdms, 2)
        for kind in KINDS
        if np.count_nonzero(pairs_of_kind(found.categories, kind)) >= FEWEST
    ]
    return RsaInference(words=len(found), level=LEVEL, tests=tests, naive=naive, within_categories=within)


def _compared(rdms: dict[str, np.ndarray], category: np.ndarray) -> Iterator[tuple[str, str, np.ndarray, np.ndarray]]:
    for first, second in combinations(rdms, 2):
        yield first, second, rdms[first], rdms[second]
    for first, one in rdms.items():
        yield first, "category", one, category


def _test(first: str, second: str, name: str, test: PermutationTest, interval: Interval) -> AgreementTest:
    drawn = name == "pearson"
    return AgreementTest(
        first=first,
        second=second,
        coefficient=name,
        observed=rounded(test.observed, DIGITS),
        permutations=len(test.null),
        reached=round(test.p * (1 + len(test.null))) - 1,
        p=rounded(test.p, 8),
        null_mean=rounded(test.null.mean(), DIGITS),
        null_deviation=rounded(test.null.std(), DIGITS),
        null_largest=rounded(test.null.max(), DIGITS),
        null=aligned_histogram(test.null, BIN) if drawn else None,
        resamples=len(interval.resampled),
        low=rounded(interval.low, DIGITS),
        high=rounded(interval.high, DIGITS),
        resampled=aligned_histogram(interval.resampled, BIN) if drawn else None,
    )


def _within_categories(first: str, second: str, kind: str, rdms: dict[str, np.ndarray], categories: list[str]) -> CategoryTest:
    both = rdms[first], rdms[second]
    test = category_test(*both, categories, kind, permutations=DRAWS, seed=SEED)
    interval = category_bootstrap(*both, categories, kind, resamples=DRAWS, seed=SEED, level=LEVEL)
    return CategoryTest(
        first=first,
        second=second,
        kind=kind,
        observed=rounded(test.observed, DIGITS),
        permutations=len(test.null),
        p=rounded(test.p, 8),
        p_two_sided=rounded(test.p_two_sided, 8),
        null_mean=rounded(test.null.mean(), DIGITS),
        null_deviation=rounded(test.null.std(), DIGITS),
        resamples=len(interval.resampled),
        low=rounded(interval.low, DIGITS),
        high=rounded(interval.high, DIGITS),
    )


def naive_test(first: str, second: str, pairs: int, test: PermutationTest) -> NaiveTest:
    """What Pearson's own test would say of so many *independent* pairs, and how often it says so of words that were shuffled.

    For n independent pairs without correlation r sqrt((n - 2) / (1 - r^2)) has Student's t-distribution with n - 2 degrees of freedom.
    """
    free = pairs - 2
    t = test.observed * math.sqrt(free / (1 - test.observed**2))
    critical_t = stats.t.ppf(1 - ALPHA, free)
    critical = critical_t / math.sqrt(free + critical_t**2)
    half = stats.norm.ppf((1 + LEVEL) / 2) / math.sqrt(pairs - 3)
    z = math.atanh(test.observed)
    return NaiveTest(
        first=first,
        second=second,
        pairs=pairs,
        log10_p=rounded(stats.t.logsf(t, free) / math.log(10), 4),
        deviation=rounded(1 / math.sqrt(pairs - 1), DIGITS),
        critical=rounded(critical, DIGITS),
        false_alarms=rounded((test.null >= critical).mean(), 6),
        low=rounded(math.tanh(z - half), DIGITS),
        high=rounded(math.tanh(z + half), DIGITS),
    )
