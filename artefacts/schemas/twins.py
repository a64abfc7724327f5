"""The small embedding models that are trained for this site: how one's geometry forms, and what models of other seeds share."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from artefacts.schemas.parts import Cosine, Strict

Objective = Literal["skip-gram", "CBOW"]


class TrainingCorpus(Strict):
    """The text that the models read."""

    name: str
    source_url: str
    licence: str
    texts: int  # glosses, each with the words that it explains
    words: int  # running words
    types: int  # different words that the models know: those that occur `minimum_count` times or more
    minimum_count: int
    held_out_texts: int  # never trained on; the loss is measured there


class TrainingRecipe(Strict):
    """How each of the models is trained."""

    width: int
    window: int  # words on either side, at most; drawn anew for each word
    negatives: int  # noise words that weigh on each true pair
    subsampling: float  # of frequent words: a word of relative frequency f is kept with probability sqrt(t / f) + t / f
    learning_rate: float  # of Adagrad
    batch: int
    noise_words: int  # drawn for a batch and shared by its pairs
    epochs: float


class WordCosine(Strict):
    """A neighbour."""

    word: str
    cosine: Cosine


class NeighboursThen(Strict):
    """A word's nearest neighbours at one checkpoint, best first; equal cosines in order of frequency."""

    word: str
    neighbours: list[WordCosine]
    kept: int  # how many of them are among the neighbours at the last checkpoint


class RandomPairCosines(Strict):
    """Cosines of random pairs of different words, the same pairs at each checkpoint."""

    pairs: int
    mean: Cosine
    standard_deviation: float = Field(ge=0)
    percentile_1: Cosine
    percentile_5: Cosine
    percentile_50: Cosine
    percentile_95: Cosine
    percentile_99: Cosine


class TrainingCheckpoint(Strict):
    """A model after part of its training."""

    epochs: float  # passes through the text so far
    loss: float  # nats per true pair with its `negatives` noise words, on the held-out texts; the same pairs at each checkpoint
    mean_norm: float
    neighbours: list[NeighboursThen]  # in the order of `words`
    pair_cosines: list[Cosine]  # in the order of `pairs`
    related_mean: Cosine
    unrelated_mean: Cosine
    random_pairs: RandomPairCosines


class WordPair(Strict):
    """Two words that are followed through the training."""

    a: str
    b: str
    group: Literal["related", "unrelated"]


class TwinTraining(Strict):
    """How the geometry of one small embedding model forms while it is trained: loss, neighbours and cosines at checkpoints.

    Neighbours are looked for, and random pairs drawn, among the `compared_types` words that occur `compared_minimum_count` times or more.
    """

    corpus: TrainingCorpus
    recipe: TrainingRecipe
    objective: Objective
    seed: int
    compared_minimum_count: int
    compared_types: int
    words: list[str]
    word_counts: list[int]  # how often each of `words` occurs in the text
    pairs: list[WordPair]
    checkpoints: list[TrainingCheckpoint]


class TwinModel(Strict):
    """One small model and how it was trained."""

    name: str
    objective: Objective
    seed: int
    loss: float | None  # as in TrainingCheckpoint; None for CBOW, whose loss is of another kind


class TwinAlignment(Strict):
    """Orthogonal Procrustes from the first model to the second: fitted on some words, judged on others that it never saw."""

    fitted_words: int
    held_out_words: int
    cosine_before: Cosine  # mean cosine of a held-out word's two vectors, each space centred, before the rotation
    cosine: Cosine  # and after it
    cosine_fitted: Cosine  # after it, on the words it was fitted on
    cosine_shuffled: Cosine  # held out, after a rotation fitted to randomly paired words: what chance reaches


class TwinPairComparison(Strict):
    """Two models, word by word the same vocabulary."""

    first: str
    second: str
    coordinate_correlation: float  # Pearson r between all coordinates of the same words
    coordinate_correlation_largest_word: float  # the largest size of r of any single word's two vectors
    neighbourhood_overlap: float  # of the k nearest neighbours, the mean share that both models list
    rsa_pearson: float  # of the cosines of all pairs of the words compared
    rsa_spearman: float
    rsa_many_pearson: float  # the same over `rsa_many_words` random words
    alignment: TwinAlignment


class TwinNoiseCeiling(Strict):
    """How well models of one objective can agree: each seed against the mean of the others (lower) and of all (upper)."""

    objective: Objective
    models: int
    lower: float
    upper: float


class Twins(Strict):
    """What small embedding models share that differ in their seed or their objective only: axes, neighbourhoods, geometry."""

    corpus: TrainingCorpus
    recipe: TrainingRecipe
    models: list[TwinModel]
    compared_minimum_count: int
    compared_types: int
    neighbours: int  # k
    words: list[str]  # the words compared by RSA, known to the models
    categories: list[str]  # of each of `words`
    left_out: list[str]  # words of the list that the models do not know
    rsa_many_words: int
    pairs: list[TwinPairComparison]
    ceilings: list[TwinNoiseCeiling]
    random_overlap: float  # the overlap that chance gives: k of the other words
