"""Writes row_statistics: mean, variance and length of every row, and how much of all rows is one shared vector."""

from __future__ import annotations

import numpy as np

from artefacts.schemas.matrices import AveragePairCosine, RowMeasure, RowStatistics, RowStatisticsOfModel
from artefacts.schemas.parts import Histogram
from precompute.cutting.pieces_per_word import ranked_words
from precompute.space import Space, row_norms, unit_rows
from precompute.statistics_of import rounded, spearman
from precompute.workspace import Workspace

BINS = 150
OPTIONS = {"bins": BINS}


def export(work: Workspace) -> RowStatistics:
    """Distributions over all rows of mean, variance, length and cosine with the mean row, and length by frequency where words have ranks.
    """
    source, words = ranked_words(work)
    return RowStatistics(rank_source=source, by_model=[_of_model(space, words) for space in work.spaces()])


def _of_model(space: Space, words: list[str]) -> RowStatisticsOfModel:
    rows = space.vectors.astype(np.float64)
    means = rows.mean(axis=1)
    centre = space.mean_vector
    centre_norm = float(np.linalg.norm(centre))
    cosines = space.units @ (centre / centre_norm if centre_norm > 0 else centre)
    ranks, ids = _ranked_ids(space, words)
    return RowStatisticsOfModel(
        role=space.role,
        means=row_measure(means),
        variances=row_measure(rows.var(axis=1)),
        norms=row_measure(space.norms),
        cosines_with_mean=row_measure(cosines),
        average_pair_cosine=AveragePairCosine(
            raw=rounded(average_pair_cosine(space.units)),
            row_means_removed=rounded(average_pair_cosine(unit_rows(rows - means[:, None]))),
            mean_vector_removed=rounded(average_pair_cosine(unit_rows(rows - centre))),
        ),
        mean_vector_norm=rounded(centre_norm),
        mean_vector_share=rounded(centre_norm**2 / float((row_norms(space.vectors) ** 2).mean())),
        rank_norm_spearman=_with_rank(ranks, space.norms[ids]),
        rank_mean_cosine_spearman=_with_rank(ranks, cosines[ids]),
        ranked_words=len(ranks),
    )


def average_pair_cosine(units: np.ndarray) -> float:
    """The mean cosine of all pairs of different rows, without forming the pairs. units: [token, dim], length one or zero."""
    total = units.sum(axis=0)
    return float((total @ total - (units * units).sum()) / (len(units) * (len(units) - 1)))


def row_measure(values: np.ndarray) -> RowMeasure:
    """values: [token]."""
    low, middle, high = np.percentile(values, (5, 50, 95))
    first, last = float(values.min()), float(values.max())
    edges = np.linspace(first, last if last > first else first + 1, BINS + 1)
    counts, _ = np.histogram(values, bins=edges)
    return RowMeasure(
        histogram=Histogram(edges=[rounded(edge, 8) for edge in edges], counts=counts.tolist()),
        minimum=rounded(first, 8),
        percentile_5=rounded(low, 8),
        median=rounded(middle, 8),
        percentile_95=rounded(high, 8),
        maximum=rounded(last, 8),
        mean=rounded(values.mean(), 8),
    )


def _with_rank(ranks: np.ndarray, values: np.ndarray) -> float | None:
    """Spearman's rank correlation; None with fewer than three words."""
    return rounded(spearman(ranks, values), 5) if len(ranks) > 2 else None


def _ranked_ids(space: Space, words: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Rank and id of the words of the list that are single tokens, in the form they have in running text."""
    token_of = {space.texts[i].removeprefix(" "): int(i) for i in space.whole_words[::-1]}
    found = [(rank, token_of[word]) for rank, word in enumerate(words, start=1) if word in token_of]
    ranks, ids = np.array(found, dtype=np.int64).reshape(-1, 2).T
    return ranks, ids
