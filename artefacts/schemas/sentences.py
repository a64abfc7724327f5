"""Sentences as single vectors: how alike pairs of them are, and what a search by them finds."""

from __future__ import annotations

from typing import Literal

from artefacts.schemas.parts import Cosine, Strict

SentenceMethod = Literal["encoder_mean", "encoder_first", "decoder_mean", "decoder_centred", "decoder_last", "static_mean"]
"""How a sentence becomes one vector; precompute/sentences/vectors.py says each in full."""

SearchMethod = Literal[
    "encoder_mean", "encoder_first", "decoder_mean", "decoder_centred", "decoder_last", "static_mean", "bm25", "shared_words"
]
"""The same, and two that compare words and need no vectors."""

SentencePairGroup = Literal["paraphrase", "same_words", "negation", "same_topic"]


class MethodCosine(Strict):
    """A cosine by one way of making a sentence a vector."""

    method: SentenceMethod
    cosine: Cosine


class PairOfSentences(Strict):
    """Two sentences and how alike they are by each way."""

    group: SentencePairGroup
    first: str
    second: str
    cosines: list[MethodCosine]


class GroupMean(Strict):
    """The mean cosine of a group of pairs by one way."""

    group: SentencePairGroup
    method: SentenceMethod
    mean_cosine: float


class UnrelatedPairs(Strict):
    """The baseline: all pairs of library sentences with different topics."""

    method: SentenceMethod
    pairs: int
    mean: float
    standard_deviation: float
    percentile_1: float
    percentile_99: float


class SentencePairs(Strict):
    """How alike two sentences are, by each way of making them one vector."""

    methods: list[SentenceMethod]
    pairs: list[PairOfSentences]
    means: list[GroupMean]
    unrelated: list[UnrelatedPairs]


class Batch(Strict):
    """Pairs that belong together, as one step of contrastive training sees them: each first sentence against every second one."""

    first: list[str]  # [pair]
    second: list[str]  # [pair]
    cosines: list[BatchCosines]


class BatchCosines(Strict):
    """The cosines of all first with all second sentences of a batch."""

    method: SentenceMethod
    cosines: list[list[Cosine]]  # [first, second]; the pairs stand on the diagonal


class LibrarySentence(Strict):
    """One sentence that can be found."""

    topic: str
    text: str


class Hit(Strict):
    """A sentence that was found."""

    sentence: int  # place in the library
    score: float  # cosine, BM25 score, or number of shared words


class QueryResults(Strict):
    """What one method finds for a query."""

    method: SearchMethod
    hits: list[Hit]  # best first; equal scores in the order of the library
    target_rank: int  # 1: the intended sentence came first


class Query(Strict):
    """What is searched for, and the sentence that it is meant to find."""

    text: str
    topic: str
    target: int  # place in the library
    shared_content_words: list[str]  # words that the query shares with its target, stop words left out
    results: list[QueryResults]


class CentredQuality(Strict):
    """The same vectors, each less the mean of its kind: of all sentences, or of all queries."""

    precision_at_5: float
    targets_first: int


class SearchQuality(Strict):
    """How well a method finds sentences of the same topic, with every library sentence as a query against all others."""

    method: SearchMethod
    precision_at_1: float  # share of nearest sentences that have the query's topic
    precision_at_5: float
    precision_at_9: float  # each topic has nine others
    precision_at_5_low: float  # 95% interval: topics drawn with replacement
    precision_at_5_high: float
    shuffled_mean: float  # precision at 5 with the topics dealt out anew, on average
    shuffled_highest: float  # and the highest of all deals
    p_value: float  # (1 + deals at least as good) / (1 + deals)
    targets_first: int  # of the hand-written queries: those whose intended sentence came first
    targets_in_five: int
    mean_reciprocal_rank: float
    questions_first: int  # the same sentences asked for by whole questions, which borrow more of their words: those that came first
    centred: CentredQuality | None  # None for a search by words


class SentenceSearch(Strict):
    """What a search over a small library finds, by vectors and by words, and how often it is on the right topic."""

    library: list[LibrarySentence]
    topics: list[str]
    hits_kept: int
    queries: list[Query]
    quality: list[SearchQuality]
    deals: int  # how often the topics were dealt out anew
    seed: int


Batch.model_rebuild()
