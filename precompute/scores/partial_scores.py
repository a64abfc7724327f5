"""Writes partial_scores: what is left of an RSA score once the words' categories, or their frequencies, are known.

Frequency enters a pair in two ways: one word can be more frequent than the other, and both can be rare. The difference of their log ranks
says the one, the sum the other.

A test must keep what is given as it is. Words therefore change places within their category, or among words of similar rank. How often
that test, and the free one, call two spaces agreeing that share nothing else is measured on simulated spaces.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from artefacts.schemas.scores import FalseAlarms, PartialPair, PartialScore, PartialScores
from precompute.rsa.coefficients import coefficient
from precompute.rsa.inference import permutation_test
from precompute.rsa.partial import partial_test, rank_covariates, share_explained
from precompute.rsa.rdms import category_dissimilarities, dissimilarities
from precompute.rsa.words import ComparedWords
from precompute.scores.spaces import COEFFICIENT, PERMUTATIONS, SEED, WORD_LISTS, pairs_of_spaces, published_words, spaces_of_set
from precompute.statistics_of import rounded
from precompute.workspace import Workspace

GIVEN = ("category", "frequency", "both", "ranks", "all")
GROUP_SIZE = 3  # words of similar rank that may change places, in the test given frequency
SIMULATIONS, SIMULATED_PERMUTATIONS, SIMULATED_DIMS = 600, 199, 50
SIMULATED = ("category", "frequency", "ranks")
STRENGTHS = (0.0, 0.5, 1.0, 2.0)  # length of what the covariate adds to a vector, where the noise has length 1
LEVEL = 0.05
LISTS = WORD_LISTS[:1]
OPTIONS = {
    "coefficient": COEFFICIENT,
    "permutations": PERMUTATIONS,
    "seed": SEED,
    "group_size": GROUP_SIZE,
    "simulations": SIMULATIONS,
    "simulated_permutations": SIMULATED_PERMUTATIONS,
    "simulated_dims": SIMULATED_DIMS,
    "strengths": list(STRENGTHS),
    "level": LEVEL,
}


def export(work: Workspace) -> PartialScores:
    """Plain and partial scores of every two spaces, and how often partial tests raise a false alarm on simulated spaces."""
    words = published_words(work)
    spaces = spaces_of_set(work, words)
    vectors = [space.pairs() for space in spaces]
    ranks = ranks_of(work, words)
    covariates = Covariates(words.categories, ranks)
    return PartialScores(
        words=words.words,
        categories=words.categories,
        ranks=ranks.tolist(),
        permutations=PERMUTATIONS,
        by_pair=[_pair(spaces[i].key, spaces[j].key, vectors[i], vectors[j], covariates) for i, j in pairs_of_spaces(spaces)],
        category_and_frequency=rounded(coefficient(COEFFICIENT, covariates.category, covariates.frequency), 4),
        simulations=SIMULATIONS,
        simulated_permutations=SIMULATED_PERMUTATIONS,
        simulated_dims=SIMULATED_DIMS,
        level=LEVEL,
        false_alarms=[false_alarms(given, strength, covariates) for given in SIMULATED for strength in STRENGTHS],
    )


def ranks_of(work: Workspace, words: ComparedWords) -> np.ndarray:
    """[word], from 1 on: the place in the static model's list, from frequent to rare; without one, in the encoder's vocabulary."""
    return words.token_ids["static" if "static" in words.token_ids else "encoder"] + 1


class Covariates:
    """What is known of the words. The groups: [word], who may change places with whom.

    category, frequency: [pair], whether the two words' categories, and how far their log ranks, differ. rarity: [pair], the sum of these.
    """

    def __init__(self, categories: Sequence[str], ranks: np.ndarray):
        self.categories = list(categories)
        self.logs = np.log(ranks.astype(np.float64))
        self.category = category_dissimilarities(categories)
        self.frequency, self.rarity = rank_covariates(ranks)
        self.by_category = self.categories
        self.by_frequency = _equal_groups(self.logs, max(1, len(ranks) // GROUP_SIZE))
        self.by_both = self._halves()

    def given(self, name: str) -> tuple[list[np.ndarray], list[str]]:
        """What one of `GIVEN` holds constant, [pair] each, and the groups that keep it so."""
        return {
            "category": ([self.category], self.by_category),
            "frequency": ([self.frequency], self.by_frequency),
            "both": ([self.category, self.frequency], self.by_both),
            "ranks": ([self.frequency, self.rarity], self.by_frequency),
            "all": ([self.category, self.frequency, self.rarity], self.by_both),
        }[name]

    def _halves(self) -> list[str]:
        """Each category cut in two, the more frequent words and the rarer ones."""
        groups = [""] * len(self.logs)
        for category in dict.fromkeys(self.categories):
            rows = np.array([n for n, c in enumerate(self.categories) if c == category])
            for row, half in zip(rows, _equal_groups(self.logs[rows], 2), strict=True):
                groups[row] = f"{category} {half}"
        return groups


def _equal_groups(values: np.ndarray, number: int) -> list[str]:
    """[value], the group of each: `number` groups of similar values, as equal in size as can be."""
    places = np.empty(len(values), dtype=np.int64)
    places[np.argsort(values, kind="stable")] = np.arange(len(values))
    return [str(place * number // len(values)) for place in places]


def _pair(one: str, other: str, first: np.ndarray, second: np.ndarray, known: Covariates) -> PartialPair:
    raw = permutation_test(first, second, COEFFICIENT, permutations=PERMUTATIONS, seed=SEED)
    found = [_score("nothing", raw.observed, raw.p, raw.p, [len(known.logs)])]
    for given in GIVEN:
        held, groups = known.given(given)
        within, free = (
            partial_test(first, second, held, COEFFICIENT, groups=g, permutations=PERMUTATIONS, seed=SEED) for g in (groups, None)
        )
        found.append(_score(given, within.observed, within.p, free.p, _sizes(groups)))
    return PartialPair(
        first=one,
        second=other,
        with_category=[rounded(coefficient(COEFFICIENT, pairs, known.category), 4) for pairs in (first, second)],
        with_frequency=[rounded(coefficient(COEFFICIENT, pairs, known.frequency), 4) for pairs in (first, second)],
        explained_by_ranks=[rounded(share_explained(pairs, known.frequency, known.rarity), 4) for pairs in (first, second)],
        scores=found,
    )


def _score(given: str, value: float, p: float, p_free: float, sizes: list[int]) -> PartialScore:
    return PartialScore(given=given, value=rounded(value, 4), p=rounded(p, 6), p_free=rounded(p_free, 6), group_sizes=sizes)


def _sizes(groups: Sequence[str]) -> list[int]:
    return [list(groups).count(group) for group in dict.fromkeys(groups)]


# --- simulated spaces that agree in nothing but the covariate --------------------------------------------------------------------


def false_alarms(given: str, strength: float, known: Covariates) -> FalseAlarms:
    """How often two unrelated spaces, both shaped by the covariate, are called agreeing at `LEVEL`."""
    numbers = np.random.default_rng([SEED, SIMULATED.index(given), STRENGTHS.index(strength)])
    held, groups = known.given(given)
    raw, own, hits = [], [], {"free": 0, "within": 0}
    for run in range(SIMULATIONS):
        first, second = (dissimilarities(simulated_space(given, strength, known, numbers)) for _ in range(2))
        raw.append(coefficient(COEFFICIENT, first, second))
        own.append(math.sqrt(share_explained(first, *held)) if len(held) > 1 else coefficient(COEFFICIENT, first, *held))
        for name, g in (("free", None), ("within", groups)):
            test = partial_test(first, second, held, COEFFICIENT, groups=g, permutations=SIMULATED_PERMUTATIONS, seed=run)
            hits[name] += test.p <= LEVEL
    return FalseAlarms(
        given=given,
        strength=strength,
        correlation=rounded(np.mean(raw), 4),
        with_covariate=rounded(np.mean(own), 4),
        free=rounded(hits["free"] / SIMULATIONS, 4),
        within=rounded(hits["within"] / SIMULATIONS, 4),
    )


def simulated_space(given: str, strength: float, known: Covariates, numbers: np.random.Generator) -> np.ndarray:
    """[word, dim]: noise of about length 1, and what the covariate adds, of length `strength`.

    category: a random direction for each category. frequency: a place on an arc, so that the angle between two words grows with the
    difference of their log ranks, at most to a right angle. ranks: the rarer a word, the more of a direction that all words share.
    """
    words = len(known.logs)
    noise = numbers.standard_normal((words, SIMULATED_DIMS)) / math.sqrt(SIMULATED_DIMS)
    directions = numbers.standard_normal((max(2, len(set(known.categories))), SIMULATED_DIMS))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    if given == "category":
        names = list(dict.fromkeys(known.categories))
        return noise + strength * directions[[names.index(category) for category in known.categories]]
    spread = np.ptp(known.logs)
    rarity = (known.logs - known.logs.min()) / (spread if spread > 0 else 1)  # from 0 to 1
    if given == "ranks":
        return noise + strength * rarity[:, None] * directions[0]
    angles = rarity * math.pi / 2
    return noise + strength * (np.cos(angles)[:, None] * directions[0] + np.sin(angles)[:, None] * directions[1])
