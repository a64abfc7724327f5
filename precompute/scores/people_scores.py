"""Writes people_scores: which space orders pairs of words as people do.

The test permutes the words of a space, not the pairs: a space has a cosine for any two words, so its words can change names while the
ratings stay where they are. Shuffled ratings would forget that many pairs share a word. Both are exported, to be compared.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from artefacts.schemas.scores import ComparedSpace, PeopleDifference, PeopleScore, PeopleScores, RatedPair
from precompute.rsa.coefficients import scores
from precompute.rsa.inference import MIDDLE, drawn_words, p_value, permuted_words, weighted_pearson, weighted_ranks
from precompute.scores.spaces import PERMUTATIONS, RESAMPLES, SEED, facts_of_member, small_spaces
from precompute.space import unit_rows
from precompute.statistics_of import mean_ranks, rounded, spearman
from precompute.twins.corpus import IDENTITY
from precompute.workspace import Workspace

LISTS = ("wordsim353",)
OPTIONS = {"permutations": PERMUTATIONS, "resamples": RESAMPLES, "seed": SEED}
SOURCES = (IDENTITY,)


@dataclass(frozen=True)
class Ratings:
    """People's mean ratings. words: each once; first, second: [pair], places in `words`; ratings: [pair]."""

    words: list[str]
    first: np.ndarray
    second: np.ndarray
    ratings: np.ndarray

    def kept(self, known: set[str]) -> Ratings:
        """The pairs of which both words are known."""
        rows = [
            (self.words[i], self.words[j], rating)
            for i, j, rating in zip(self.first, self.second, self.ratings, strict=True)
            if self.words[i] in known and self.words[j] in known
        ]
        return ratings_of(rows)


def ratings_of(rows: list[tuple[str, str, float]]) -> Ratings:
    """Pairs as they are listed, each once."""
    words = list(dict.fromkeys(word for a, b, _ in rows for word in (a, b)))
    place = {word: n for n, word in enumerate(words)}
    first, second = (np.array([place[row[n]] for row in rows], dtype=np.int64) for n in (0, 1))
    return Ratings(words, first, second, np.array([rating for _, _, rating in rows], dtype=np.float64))


def listed_ratings(rows: list[list]) -> tuple[Ratings, int, int]:
    """(ratings, pairs of a word with itself, pairs listed twice). A pair listed twice, in whatever order, counts once with its mean."""
    same = [row for row in rows if row[0] == row[1]]
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    for a, b, rating in rows:
        if a != b:
            key = (a, b) if (b, a) not in found else (b, a)
            found[key].append(rating)
    twice = sum(len(several) > 1 for several in found.values())
    return ratings_of([(a, b, float(np.mean(several))) for (a, b), several in found.items()]), len(same), twice


def export(work: Workspace) -> PeopleScores:
    """Spearman correlations of cosines with people's ratings, over the pairs that all spaces know.

    The ratings are those of WordSim-353 (Finkelstein et al. 2002).
    """
    collection = work.words("wordsim353")
    listed, same_word, twice = listed_ratings(collection["pairs"])
    roles = work.model_set.roles
    models = {role: work.model_set.model(role) for role in roles}
    ids = {word: {role: model.word_token(word) for role, model in models.items()} for word in listed.words}
    in_models = [word for word in listed.words if None not in ids[word].values()]
    _, unknown = small_spaces(work, in_models)
    ratings = listed.kept(set(in_models) - set(unknown))
    spaces = [
        (facts_of_member(work, role), model.token_embeddings()[[ids[word][role] for word in ratings.words]].astype(np.float64))
        for role, model in models.items()
    ]
    spaces += [(space.facts, space.vectors) for space in small_spaces(work, ratings.words)[0]]
    cosines = [_cosines(vectors) for _, vectors in spaces]
    drawn = [Draws.of(matrix[ratings.first, ratings.second], ratings) for matrix in cosines]
    by_space = [_score(facts, matrix, ratings, draws) for (facts, _), matrix, draws in zip(spaces, cosines, drawn, strict=True)]
    best_first = sorted(range(len(by_space)), key=lambda n: -by_space[n].spearman)
    kept = {(ratings.words[i], ratings.words[j]) for i, j in zip(ratings.first, ratings.second, strict=True)}
    names = [(listed.words[i], listed.words[j]) for i, j in zip(listed.first, listed.second, strict=True)]
    return PeopleScores(
        source=collection["source"],
        licence=collection["licence"],
        listed=len(collection["pairs"]),
        same_word=same_word,
        twice=twice,
        left_out=[f"{a}, {b}" for a, b in names if (a, b) not in kept],
        words=len(ratings.words),
        permutations=PERMUTATIONS,
        resamples=RESAMPLES,
        by_space=by_space,
        differences=[_difference(by_space[i], by_space[j], drawn[i], drawn[j]) for i, j in combinations(best_first, 2)],
        pairs=[
            RatedPair(
                a=ratings.words[i],
                b=ratings.words[j],
                rating=rounded(rating, 3),
                cosines=[rounded(matrix[i, j], 3) for matrix in cosines],
            )
            for i, j, rating in zip(ratings.first, ratings.second, ratings.ratings, strict=True)
        ],
    )


def _cosines(vectors: np.ndarray) -> np.ndarray:
    """[word, word]."""
    units = unit_rows(vectors)
    return units @ units.T


@dataclass(frozen=True)
class Draws:
    """A score when words are drawn anew, and when pairs are, [resample]; the same draws for every space."""

    words: np.ndarray
    pairs: np.ndarray

    @classmethod
    def of(cls, own: np.ndarray, ratings: Ratings) -> Draws:
        """own: [pair]."""
        return cls(resampled(own, ratings, over="words"), resampled(own, ratings, over="pairs"))


def _score(facts: ComparedSpace, cosines: np.ndarray, ratings: Ratings, drawn: Draws) -> PeopleScore:
    own = cosines[ratings.first, ratings.second]
    observed = spearman(own, ratings.ratings)
    by_words, by_pairs = np.quantile(drawn.words, MIDDLE), np.quantile(drawn.pairs, MIDDLE)
    return PeopleScore(
        space=facts,
        spearman=rounded(observed, 4),
        p=rounded(p_value(observed, word_null(cosines, ratings)), 6),
        p_pairs=rounded(p_value(observed, pair_null(own, ratings)), 6),
        low=rounded(by_words[0], 4),
        high=rounded(by_words[1], 4),
        low_pairs=rounded(by_pairs[0], 4),
        high_pairs=rounded(by_pairs[1], 4),
        error_words=rounded(drawn.words.std(), 4),
        error_pairs=rounded(drawn.pairs.std(), 4),
        error_dyadic=rounded(dyadic_error(own, ratings), 4),
    )


def dyadic_error(own: np.ndarray, ratings: Ratings) -> float:
    """Standard error of the score by what each pair does to it, counting together the pairs that share a word.

    The cluster-robust estimate for dyads (Aronow, Samii & Assenova 2015), with influences from leaving out one pair at a time. own: [pair].
    """
    pairs = len(own)
    whole = spearman(own, ratings.ratings)
    others = [spearman(np.delete(own, n), np.delete(ratings.ratings, n)) for n in range(pairs)]
    influences = (pairs - 1) * (whole - np.array(others))
    members = np.stack([ratings.first, ratings.second])
    shared = (members[:, None, :, None] == members[None, :, None, :]).any(axis=(0, 1))  # [pair, pair]
    return float(np.sqrt(max(influences @ shared @ influences, 0)) / pairs)


def _difference(one: PeopleScore, other: PeopleScore, of_one: Draws, of_other: Draws) -> PeopleDifference:
    low, high = np.quantile(of_one.words - of_other.words, MIDDLE)
    low_pairs, high_pairs = np.quantile(of_one.pairs - of_other.pairs, MIDDLE)
    return PeopleDifference(
        first=one.space.key,
        second=other.space.key,
        difference=rounded(one.spearman - other.spearman, 4),
        low=rounded(low, 4),
        high=rounded(high, 4),
        low_pairs=rounded(low_pairs, 4),
        high_pairs=rounded(high_pairs, 4),
    )


def word_null(cosines: np.ndarray, ratings: Ratings) -> np.ndarray:
    """[permutation], Spearman between the ratings and the cosines of renamed words. cosines: [word, word]."""
    fixed = scores("spearman", ratings.ratings)
    found = []
    for orders in permuted_words(len(ratings.words), PERMUTATIONS, SEED):
        for order in orders:
            found.append(float(scores("spearman", cosines[order[ratings.first], order[ratings.second]]) @ fixed))
    return np.array(found)


def pair_null(own: np.ndarray, ratings: Ratings) -> np.ndarray:
    """[permutation], the same with the ratings shuffled over the pairs. own: [pair]."""
    fixed, moving = scores("spearman", own), scores("spearman", ratings.ratings)
    numbers = np.random.default_rng(SEED)
    return np.array([fixed @ numbers.permutation(moving) for _ in range(PERMUTATIONS)])


def resampled(own: np.ndarray, ratings: Ratings, over: str) -> np.ndarray:
    """[resample], Spearman in each draw. over: 'words' (a pair stands as often as the product of its words) or 'pairs'. own: [pair]."""
    drawn = len(ratings.words) if over == "words" else len(own)
    found = []
    for counts in drawn_words(drawn, RESAMPLES, SEED):
        weights = (counts[:, ratings.first] * counts[:, ratings.second] if over == "words" else counts).astype(np.float64)
        ranks = [weighted_ranks(mean_ranks(values), weights) for values in (own, ratings.ratings)]
        found.append(weighted_pearson(*ranks, weights))
    return np.concatenate(found)
