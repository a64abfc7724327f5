"""Our correlations, moments and histograms against SciPy and NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from precompute.space import angle_degrees
from precompute.statistics_of import (
    aligned_histogram,
    cosine_distribution,
    doubling_histogram,
    integer_histogram,
    mean_ranks,
    pearson,
    rounded,
    skewness,
    spearman,
)

SAMPLE = np.random.default_rng(0).standard_normal((2, 500))


def test_correlations_agree_with_scipy() -> None:
    first, second = SAMPLE[0], SAMPLE[0] + SAMPLE[1]
    assert pearson(first, second) == pytest.approx(stats.pearsonr(first, second).statistic, abs=1e-12)
    assert spearman(first, second) == pytest.approx(stats.spearmanr(first, second).statistic, abs=1e-12)
    tied = np.repeat([3, 1, 2], 100)
    assert spearman(tied, first[:300]) == pytest.approx(stats.spearmanr(tied, first[:300]).statistic, abs=1e-12)


def test_pearson_ignores_an_offset_and_cosine_does_not() -> None:
    first, second = SAMPLE
    assert pearson(first + 100, second + 100) == pytest.approx(pearson(first, second), abs=1e-9)


def test_a_constant_vector_correlates_with_nothing() -> None:
    assert pearson(np.ones(5), np.arange(5)) == 0


@given(arrays(np.int64, st.integers(1, 40), elements=st.integers(-5, 5)))
def test_ranks_agree_with_scipy(values: np.ndarray) -> None:
    np.testing.assert_allclose(mean_ranks(values), stats.rankdata(values))


def test_skewness_agrees_with_scipy() -> None:
    values = np.random.default_rng(1).exponential(size=1000)
    assert skewness(values) == pytest.approx(stats.skew(values), abs=1e-9)
    assert skewness(np.ones(4)) == 0


@given(arrays(np.float64, st.integers(1, 50), elements=st.floats(-1, 1)))
def test_every_value_is_counted_in_its_bin(values: np.ndarray) -> None:
    histogram = aligned_histogram(values, 0.02)
    assert sum(histogram.counts) == len(values)
    assert len(histogram.edges) == len(histogram.counts) + 1
    assert all(edge * 50 == pytest.approx(round(edge * 50)) for edge in histogram.edges)


@given(arrays(np.int64, st.integers(1, 50), elements=st.integers(0, 5000)))
def test_integer_bins(values: np.ndarray) -> None:
    for histogram in (integer_histogram(values), doubling_histogram(values)):
        assert sum(histogram.counts) == len(values)
        assert histogram.edges == sorted(set(histogram.edges))
    doubling = doubling_histogram(values)
    assert doubling.counts[0] == np.count_nonzero(values == 0)
    assert doubling.edges[-1] == max(values.max() + 1, 1)


def test_summary_of_cosines_agrees_with_numpy() -> None:
    cosines = np.tanh(SAMPLE[0])
    summary = cosine_distribution(cosines)
    assert summary.mean == pytest.approx(cosines.mean(), abs=1e-6)
    assert summary.standard_deviation == pytest.approx(cosines.std(), abs=1e-6)
    assert summary.percentiles["99"] == pytest.approx(np.percentile(cosines, 99), abs=1e-6)


def test_angles() -> None:
    np.testing.assert_allclose(angle_degrees(np.array([1, 0.5, 0, -1, 1.0000001])), [0, 60, 90, 180, 0], atol=1e-9)


def test_rounding_leaves_no_minus_zero() -> None:
    assert str(rounded(-1e-9)) == "0.0"
