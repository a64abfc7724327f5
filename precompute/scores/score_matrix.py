"""Writes score_matrix: every present space against every other, with test and interval."""

from __future__ import annotations

import numpy as np

from artefacts.schemas.scores import Kinship, ScoreMatrix, SpacePair
from precompute.rsa.coefficients import coefficient
from precompute.rsa.inference import bootstrap, permutation_test
from precompute.scores.spaces import (
    COEFFICIENT,
    PERMUTATIONS,
    RESAMPLES,
    SEED,
    WORD_LISTS,
    WordSpace,
    facts_of_member,
    members_here,
    pairs_of_spaces,
    published_words,
    shared_by,
    small_spaces,
)
from precompute.statistics_of import rounded
from precompute.twins.corpus import IDENTITY
from precompute.workspace import Workspace

OPTIONS = {"coefficient": COEFFICIENT, "permutations": PERMUTATIONS, "resamples": RESAMPLES, "seed": SEED}
LISTS = WORD_LISTS[:1]
SOURCES = (IDENTITY,)


def export(work: Workspace) -> ScoreMatrix:
    """Score, test and interval of every two spaces that are here, on the words that all know."""
    members = members_here(work)
    words = published_words(work, members)
    small, unknown = small_spaces(work, words.words)
    known = np.array([word not in unknown for word in words.words])
    spaces = [WordSpace(facts_of_member(work, key), words.vectors[key][known]) for key in members] + small
    pairs = _compare(spaces)
    return ScoreMatrix(
        words=[word for word in words.words if word not in unknown],
        categories=[c for word, c in zip(words.words, words.categories, strict=True) if word not in unknown],
        left_out=[entry.word for entry in words.left_out] + unknown,
        permutations=PERMUTATIONS,
        resamples=RESAMPLES,
        spaces=[space.facts for space in spaces],
        pairs=pairs,
        kinship=_kinship(pairs),
    )


def _compare(spaces: list[WordSpace]) -> list[SpacePair]:
    vectors = [space.pairs() for space in spaces]
    found = []
    for i, j in pairs_of_spaces(spaces):
        test = permutation_test(vectors[i], vectors[j], COEFFICIENT, permutations=PERMUTATIONS, seed=SEED)
        interval = bootstrap(vectors[i], vectors[j], COEFFICIENT, resamples=RESAMPLES, seed=SEED)
        found.append(
            SpacePair(
                first=spaces[i].key,
                second=spaces[j].key,
                shared=shared_by(spaces[i].facts, spaces[j].facts),
                pearson=rounded(test.observed, 4),
                spearman=rounded(coefficient("spearman", vectors[i], vectors[j]), 4),
                p=rounded(test.p, 6),
                low=rounded(interval.low, 4),
                high=rounded(interval.high, 4),
            )
        )
    return found


def _kinship(pairs: list[SpacePair]) -> list[Kinship]:
    found = []
    for shared in ("seed", "text", "architecture", "nothing"):
        scores = [pair.pearson for pair in pairs if pair.shared == shared]
        if scores:
            mean = rounded(np.mean(scores), 4)
            found.append(Kinship(shared=shared, pairs=len(scores), mean=mean, least=min(scores), most=max(scores)))
    return found
