"""Writes twins: what the small models share when only the seed differs, and when the objective does."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from artefacts.schemas.twins import TwinAlignment, TwinModel, TwinNoiseCeiling, TwinPairComparison, Twins
from precompute.correlations import row_correlations
from precompute.rsa.coefficients import coefficient
from precompute.rsa.inference import noise_ceiling
from precompute.rsa.rdms import pair_cosines
from precompute.rsa.words import SOURCE_WORDS, WORD_LIST
from precompute.statistics_of import pearson, rounded
from precompute.twins.comparing import Alignment, align, nearest_of, overlap
from precompute.twins.corpus import IDENTITY
from precompute.twins.models import TWINS, TrainedTwins, Twin, trained
from precompute.twins.training import held_out_loss
from precompute.twins.twin_training import compared_words, recipe_of
from precompute.workspace import Workspace

WORD_LISTS = (WORD_LIST,)
NEIGHBOURS = 10
ASKED, MANY, SEED = 1000, 1000, 7  # words whose neighbours are compared; words of the larger RSA
OPTIONS = {"neighbours": NEIGHBOURS, "words_asked": ASKED, "rsa_many_words": MANY, "seed": SEED}
SOURCES = (IDENTITY,)


def export(work: Workspace) -> Twins:
    """What every two small models share of rows, similarities and neighbours, by what differs in their training."""
    twins = trained(work)
    corpus, place = twins.corpus, twins.corpus.place
    listed = [(word, category) for category, words in work.words(WORD_LIST)[SOURCE_WORDS].items() for word in words]
    known = [(word, category) for word, category in listed if word in place]
    compared = compared_words(corpus, twins.plan)
    numbers = np.random.default_rng(SEED)
    words = np.array([place[word] for word, _ in known])
    samples = _Samples(twins, words, compared.ids, numbers)
    return Twins(
        corpus=corpus.facts(),
        recipe=recipe_of(twins.plan.recipe),
        models=[_model(twin, twins) for twin in TWINS],
        compared_minimum_count=twins.plan.compared_minimum_count,
        compared_types=len(compared),
        neighbours=NEIGHBOURS,
        words=[word for word, _ in known],
        categories=[category for _, category in known],
        left_out=[word for word, _ in listed if word not in place],
        rsa_many_words=len(samples.many),
        pairs=[samples.compare(one, other) for one, other in combinations(TWINS, 2)],
        ceilings=[samples.ceiling(objective) for objective in dict.fromkeys(twin.objective for twin in TWINS)],
        random_overlap=rounded(NEIGHBOURS / (len(compared) - 1), 6),
    )


def _model(twin: Twin, twins: TrainedTwins) -> TwinModel:
    # CBOW's output vectors answer to a mean of words: the loss of single pairs would say little about it
    loss = held_out_loss(twins.corpus, twins.plan.recipe, twins.finished(twin.name)) if twin.objective == "skip-gram" else None
    return TwinModel(name=twin.name, objective=twin.objective, seed=twin.seed, loss=None if loss is None else rounded(loss, 5))


class _Samples:
    """The words on which all pairs of models are compared: the same for each pair."""

    def __init__(self, twins: TrainedTwins, words: np.ndarray, compared: np.ndarray, numbers: np.random.Generator):
        self.words = words  # of the list
        self.seed = int(numbers.integers(2**31))
        vectors = {twin.name: twins.finished(twin.name).vectors.astype(np.float64) for twin in TWINS}
        self.vectors = {name: rows[compared] for name, rows in vectors.items()}  # ids below are rows of these
        self.listed = {name: rows[words] for name, rows in vectors.items()}
        order = numbers.permutation(len(compared))
        self.fitted, self.held_out = order[: len(order) // 2], order[len(order) // 2 :]
        self.many = numbers.permutation(len(compared))[:MANY]
        self.asked = np.sort(numbers.permutation(len(compared))[:ASKED])
        self.nearest = {name: nearest_of(self.asked, rows, NEIGHBOURS) for name, rows in self.vectors.items()}

    def compare(self, one: Twin, other: Twin) -> TwinPairComparison:
        first, second = self.vectors[one.name], self.vectors[other.name]
        listed = [pair_cosines(self.listed[twin.name]) for twin in (one, other)]
        many = [pair_cosines(vectors[self.many]) for vectors in (first, second)]
        return TwinPairComparison(
            first=one.name,
            second=other.name,
            coordinate_correlation=rounded(pearson(first.ravel(), second.ravel()), 5),
            coordinate_correlation_largest_word=rounded(np.abs(row_correlations(self.listed[one.name], self.listed[other.name])).max(), 5),
            neighbourhood_overlap=rounded(overlap(self.nearest[one.name], self.nearest[other.name]), 5),
            rsa_pearson=rounded(coefficient("pearson", *listed), 5),
            rsa_spearman=rounded(coefficient("spearman", *listed), 5),
            rsa_many_pearson=rounded(coefficient("pearson", *many), 5),
            alignment=self._alignment(align(first, second, self.fitted, self.held_out, np.random.default_rng(self.seed))),
        )

    def _alignment(self, found: Alignment) -> TwinAlignment:
        return TwinAlignment(
            fitted_words=len(self.fitted),
            held_out_words=len(self.held_out),
            cosine_before=rounded(found.before, 5),
            cosine=rounded(found.held_out, 5),
            cosine_fitted=rounded(found.fitted, 5),
            cosine_shuffled=rounded(found.shuffled, 5),
        )

    def ceiling(self, objective: str) -> TwinNoiseCeiling:
        names = [twin.name for twin in TWINS if twin.objective == objective]
        lower, upper = noise_ceiling(np.stack([pair_cosines(self.listed[name]) for name in names]))
        return TwinNoiseCeiling(objective=objective, models=len(names), lower=rounded(lower, 5), upper=rounded(upper, 5))
