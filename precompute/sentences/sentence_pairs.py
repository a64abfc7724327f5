"""Writes sentence_pairs and contrastive_batch: how alike two sentences are, by each way of making them one vector."""

from __future__ import annotations

import numpy as np

from artefacts.schemas.sentences import (
    Batch,
    BatchCosines,
    GroupMean,
    MethodCosine,
    PairOfSentences,
    SentenceMethod,
    SentencePairs,
    UnrelatedPairs,
)
from precompute.sentences.vectors import PAIR_LIST, library, library_vectors, methods_of, vectors
from precompute.statistics_of import rounded
from precompute.workspace import Workspace

DIGITS = 5


def export(work: Workspace) -> SentencePairs:
    """Cosines of all pairs by every way of making a sentence one vector."""
    groups = work.words(PAIR_LIST)
    methods = methods_of(work)
    cosines = {(group, method): _cosines(work, method, pairs) for group, pairs in groups.items() for method in methods}
    return SentencePairs(
        methods=methods,
        pairs=[
            PairOfSentences(
                group=group,
                first=first,
                second=second,
                cosines=[MethodCosine(method=method, cosine=rounded(cosines[group, method][n], DIGITS)) for method in methods],
            )
            for group, pairs in groups.items()
            for n, (first, second) in enumerate(pairs)
        ],
        means=[
            GroupMean(group=group, method=method, mean_cosine=rounded(values.mean(), DIGITS)) for (group, method), values in cosines.items()
        ],
        unrelated=[_unrelated(work, method) for method in methods],
    )


def export_batch(work: Workspace) -> Batch:
    """The paraphrases as one batch: first sentences against second ones."""
    pairs = work.words(PAIR_LIST)["paraphrase"]
    first, second = ([pair[side] for pair in pairs] for side in (0, 1))
    return Batch(
        first=first,
        second=second,
        cosines=[
            BatchCosines(
                method=method,
                cosines=[
                    [rounded(cosine, DIGITS) for cosine in row] for row in vectors(work, method, first) @ vectors(work, method, second).T
                ],
            )
            for method in methods_of(work)
        ],
    )


def _cosines(work: Workspace, method: SentenceMethod, pairs: list[list[str]]) -> np.ndarray:
    """[pair] cosine of the two sentences of each pair."""
    first, second = (vectors(work, method, [pair[side] for pair in pairs]) for side in (0, 1))
    return (first * second).sum(axis=1)


def _unrelated(work: Workspace, method: SentenceMethod) -> UnrelatedPairs:
    topics = np.array([topic for topic, _ in library(work)])
    rows = library_vectors(work, method)
    upper = np.triu_indices(len(rows), k=1)
    cosines = (rows @ rows.T)[upper][topics[upper[0]] != topics[upper[1]]]
    low, high = np.percentile(cosines, (1, 99))
    return UnrelatedPairs(
        method=method,
        pairs=len(cosines),
        mean=rounded(cosines.mean(), DIGITS),
        standard_deviation=rounded(cosines.std(), DIGITS),
        percentile_1=rounded(low, DIGITS),
        percentile_99=rounded(high, DIGITS),
    )
