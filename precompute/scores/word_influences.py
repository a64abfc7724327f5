"""Writes word_influences: how an RSA score changes when one word is left out."""

from __future__ import annotations

import numpy as np

from artefacts.schemas.scores import ScoreWithout, WordInfluence, WordInfluences
from precompute.rsa.coefficients import coefficient
from precompute.rsa.inference import bootstrap
from precompute.rsa.rdms import pair_indices
from precompute.scores.spaces import COEFFICIENT, RESAMPLES, SEED, WORD_LISTS, pairs_of_spaces, published_words, spaces_of_set
from precompute.statistics_of import rounded
from precompute.workspace import Workspace

OPTIONS = {"coefficient": COEFFICIENT, "resamples": RESAMPLES, "seed": SEED}
LISTS = WORD_LISTS[:1]


def export(work: Workspace) -> WordInfluences:
    """Score without each word, for every two spaces of the set, beside the bootstrap interval."""
    words = published_words(work)
    spaces = spaces_of_set(work, words)
    vectors = [space.pairs() for space in spaces]
    by_pair = []
    for i, j in pairs_of_spaces(spaces):
        score = coefficient(COEFFICIENT, vectors[i], vectors[j])
        interval = bootstrap(vectors[i], vectors[j], COEFFICIENT, resamples=RESAMPLES, seed=SEED)
        without = scores_without_each(vectors[i], vectors[j], len(words))
        named = zip(words.words, words.categories, without, strict=True)
        by_pair.append(
            ScoreWithout(
                first=spaces[i].key,
                second=spaces[j].key,
                score=rounded(score, 4),
                low=rounded(interval.low, 4),
                high=rounded(interval.high, 4),
                influences=[WordInfluence(word=word, category=c, change=rounded(value - score, 4)) for word, c, value in named],
            )
        )
    left_out = [entry.word for entry in words.left_out]
    return WordInfluences(words=words.words, categories=words.categories, left_out=left_out, by_pair=by_pair)


def scores_without_each(first: np.ndarray, second: np.ndarray, words: int) -> np.ndarray:
    """[word], the score of the pairs that do not hold the word. first, second: [pair]."""
    i, j = pair_indices(words)
    without = [(i != word) & (j != word) for word in range(words)]
    return np.array([coefficient(COEFFICIENT, first[kept], second[kept]) for kept in without])
