"""Writes category_selectivity: how much closer words of one category are, by three indices with one test, on several lists."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from artefacts.schemas.scores import CategorySelectivity, CosineSpread, ListSelectivity, ScoreGap, SpaceSelectivity
from precompute.rsa.coefficients import coefficient
from precompute.rsa.inference import MIDDLE, drawn_words, p_value, permuted_words, weighted_pearson
from precompute.rsa.rdms import category_dissimilarities, pair_indices
from precompute.rsa.selectivity import selectivity
from precompute.rsa.words import ComparedWords
from precompute.scores.spaces import (
    COEFFICIENT,
    LEVELS,
    PERMUTATIONS,
    RESAMPLES,
    SEED,
    WORD_LISTS,
    WordSpace,
    all_categories,
    facts_of_member,
    pair_keys,
    published_words,
)
from precompute.statistics_of import rounded
from precompute.workspace import Workspace

LISTS = WORD_LISTS
MISFITS = ("ceiling", "wall", "floor")  # parts of a room that the published list counts as furniture
OPTIONS = {"permutations": PERMUTATIONS, "resamples": RESAMPLES, "seed": SEED, "misfits": list(MISFITS), "quantiles": list(LEVELS)}


def export(work: Workspace) -> CategorySelectivity:
    """Three indices with one permutation test on each list of words, and which words were left out."""
    published = published_words(work)
    listed, names = all_categories(work)
    fits = np.array([word not in MISFITS for word in published.words])
    others = np.array([category not in names for category in listed.categories])
    lists = [_list(work, "published", published, np.ones(len(published), dtype=bool))]
    for name, words, rows in (("without misfits", published, fits), ("other categories", listed, others)):
        if not rows.all() and _can_be_tested(words, rows):
            lists.append(_list(work, name, words, rows))
    left_out = {entry.word: None for entry in (*published.left_out, *listed.left_out)}
    return CategorySelectivity(
        pairs=pair_keys(_spaces(work, published, np.ones(len(published), dtype=bool))),
        permutations=PERMUTATIONS,
        left_out=list(left_out),
        lists=lists,
    )


def _can_be_tested(words: ComparedWords, rows: np.ndarray) -> bool:
    """Whether some two of the words share a category, and some do not."""
    kept = [category for category, kept in zip(words.categories, rows, strict=True) if kept]
    return 1 < len(set(kept)) < len(kept)


def _spaces(work: Workspace, words: ComparedWords, rows: np.ndarray) -> list[WordSpace]:
    return [WordSpace(facts_of_member(work, role), words.vectors[role][rows]) for role in work.model_set.roles]


def _list(work: Workspace, name: str, words: ComparedWords, rows: np.ndarray) -> ListSelectivity:
    categories = [category for category, kept in zip(words.categories, rows, strict=True) if kept]
    spaces = _spaces(work, words, rows)
    vectors = [space.pairs() for space in spaces]
    across = category_dissimilarities(categories) == 1
    return ListSelectivity(
        name=name,
        categories=list(dict.fromkeys(categories)),
        words=len(categories),
        dropped=[] if name == "other categories" else [word for word, kept in zip(words.words, rows, strict=True) if not kept],
        by_space=[_of_space(space, pairs, categories) for space, pairs in zip(spaces, vectors, strict=True)],
        scores=_scores(vectors, np.ones(len(across), dtype=bool)),
        scores_within=_scores(vectors, ~across),
        scores_within_less_means=_scores([_less_means(pairs, categories) for pairs in vectors], ~across),
        scores_across=_scores(vectors, across),
        within_minus_across=_gaps(vectors, categories),
    )


def _scores(vectors: list[np.ndarray], kept: np.ndarray) -> list[float]:
    """RSA of each two spaces on some of the pairs. kept: [pair]."""
    return [rounded(coefficient(COEFFICIENT, one[kept], other[kept]), 4) for one, other in combinations(vectors, 2)]


def _less_means(pairs: np.ndarray, categories: list[str]) -> np.ndarray:
    """[pair], those of one category less the mean of all of that category: what is left is no matter of tight and loose categories."""
    i, j = pair_indices(len(categories))
    names = np.asarray(categories)
    left = pairs.copy()
    for category in set(categories):
        within = (names[i] == category) & (names[j] == category)
        if within.any():
            left[within] -= left[within].mean()
    return left


def _gaps(vectors: list[np.ndarray], categories: list[str]) -> list[ScoreGap]:
    """Of each two spaces. The interval is of words drawn anew, the test deals the categories out to the words by chance; each draw and
    each deal is one for all spaces.
    """
    words, across = len(categories), category_dissimilarities(categories) == 1
    i, j = pair_indices(words)
    numbers = np.unique(np.asarray(categories), return_inverse=True)[1]

    def of_all(weights: np.ndarray, across: np.ndarray) -> list[np.ndarray]:
        return [gaps(*two, weights, across) for two in combinations(vectors, 2)]

    drawn, by_chance = [], []
    for counts in drawn_words(words, RESAMPLES, SEED):
        drawn.append(of_all((counts[:, i] * counts[:, j]).astype(np.float64), across))
    for orders in permuted_words(words, PERMUTATIONS, SEED):
        dealt = numbers[orders]
        by_chance.append(of_all(np.ones(1), dealt[:, i] != dealt[:, j]))
    values = np.array(of_all(np.ones((1, len(across))), across))[:, 0]
    return [_gap(*of_two) for of_two in zip(values, np.hstack(drawn), np.hstack(by_chance), strict=True)]


def _gap(value: float, drawn: np.ndarray, by_chance: np.ndarray) -> ScoreGap:
    """drawn, by_chance: [draw]."""
    low, high = np.quantile(drawn, MIDDLE)
    p = p_value(abs(value), np.abs(by_chance))
    return ScoreGap(value=rounded(value, 4), low=rounded(low, 4), high=rounded(high, 4), p=rounded(p, 6))


def gaps(first: np.ndarray, second: np.ndarray, weights: np.ndarray, across: np.ndarray) -> np.ndarray:
    """[draw], RSA on the pairs within categories minus RSA on those across them.

    first, second: [pair]. How often each pair stands in each draw, and whether it is one across categories: [draw, pair], or the same for
    all draws.
    """
    return weighted_pearson(first, second, weights * ~across) - weighted_pearson(first, second, weights * across)


def _of_space(space: WordSpace, pairs: np.ndarray, categories: list[str]) -> SpaceSelectivity:
    found = selectivity(pairs, categories, permutations=PERMUTATIONS, seed=SEED)
    across = category_dissimilarities(categories) == 1
    return SpaceSelectivity(
        space=space.facts,
        within=_spread(1 - pairs[~across]),
        across=_spread(1 - pairs[across]),
        difference=rounded(found.difference, 4),
        cohens_d=rounded(found.cohens_d, 4),
        pearson=rounded(found.pearson, 4),
        p=rounded(found.p, 6),
    )


def _spread(cosines: np.ndarray) -> CosineSpread:
    quantiles = [rounded(value, 4) for value in np.quantile(cosines, LEVELS)]
    return CosineSpread(pairs=len(cosines), mean=rounded(cosines.mean(), 4), quantiles=quantiles)
