"""What an RSA score rests on: which spaces are compared, with whose judgements, on which words, given what, and in how many bits."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from artefacts.schemas.parts import Cosine, Strict

Correlation = float  # from -1 to 1; rounding may leave it a hair outside
Probability = float


class ComparedSpace(Strict):
    """One set of word vectors. role: the part it plays in the set; None for the small models that are trained here."""

    key: str  # "decoder", "cbow-1", or the key of an accompanying model
    name: str  # as figures show it
    role: Literal["decoder", "encoder", "static"] | None
    family: str  # of one family: the same architecture, or the same objective trained on the same text
    dims: int


class SpacePair(Strict):
    """Two spaces and their RSA score: the correlation of their cosine dissimilarities over all pairs of the words."""

    first: str  # keys
    second: str
    shared: Literal["seed", "text", "architecture", "nothing"]
    """What they share beside English. seed: text and objective, all but the seed; text: the text, but not the objective."""
    pearson: Correlation
    spearman: Correlation
    p: Probability  # one-sided, words permuted
    low: Correlation  # percentile interval from a bootstrap over the words, of pearson
    high: Correlation


class Kinship(Strict):
    """The mean RSA score of the pairs of spaces that share as much as each other."""

    shared: Literal["seed", "text", "architecture", "nothing"]
    pairs: int
    mean: Correlation
    least: Correlation
    most: Correlation


class ScoreMatrix(Strict):
    """Every present space against every other, on the words that all of them know."""

    words: list[str]
    categories: list[str]  # of each of `words`
    left_out: list[str]
    permutations: int
    resamples: int
    spaces: list[ComparedSpace]
    pairs: list[SpacePair]
    kinship: list[Kinship]


class RatedPair(Strict):
    """Two words, how alike people find them, and their cosine in each space."""

    a: str
    b: str
    rating: float = Field(ge=0, le=10)
    cosines: list[Cosine]  # in the order of `by_space`


class PeopleScore(Strict):
    """How well one space's cosines order the pairs as people do."""

    space: ComparedSpace
    spearman: Correlation
    p: Probability  # one-sided: the space's words permuted, the ratings left where they are
    p_pairs: Probability  # the same with the ratings permuted over the pairs
    low: Correlation  # percentile interval, words drawn with replacement
    high: Correlation
    low_pairs: Correlation  # the same, pairs drawn
    high_pairs: Correlation
    error_words: float = Field(ge=0)  # standard error: how much the draws of words vary
    error_pairs: float = Field(ge=0)  # of pairs
    error_dyadic: float = Field(ge=0)  # by a formula for pairs that share members


class PeopleDifference(Strict):
    """How much better one space orders the pairs than another that does no better; intervals from the same draws for both."""

    first: str  # keys
    second: str
    difference: float
    low: float  # words drawn
    high: float
    low_pairs: float  # pairs drawn
    high_pairs: float


class PeopleScores(Strict):
    """Spaces against people's ratings of word pairs."""

    source: str  # citation key
    licence: str
    listed: int  # pairs in the collection
    same_word: int  # pairs of a word with itself, left out
    twice: int  # pairs that are listed twice; their mean rating is taken
    left_out: list[str]  # "cucumber, potato": pairs with a word that is no single token, or unknown, somewhere
    words: int  # different words in the pairs that remain
    permutations: int
    resamples: int
    by_space: list[PeopleScore]
    differences: list[PeopleDifference]  # of every two spaces, the better one first
    pairs: list[RatedPair]


class WordInfluence(Strict):
    """What one word adds to a score."""

    word: str
    category: str
    change: float  # of the score when this word is left out


class ScoreWithout(Strict):
    """Two spaces' RSA score, and what each word does to it."""

    first: str
    second: str
    score: Correlation
    low: Correlation  # bootstrap interval over the words
    high: Correlation
    influences: list[WordInfluence]  # in the order of the words


class WordInfluences(Strict):
    """Leave one word out: for each two spaces of the set."""

    words: list[str]
    categories: list[str]
    left_out: list[str]
    by_pair: list[ScoreWithout]


class CategoryScore(Strict):
    """The RSA score over the words of one category."""

    category: str
    words: int
    published: bool  # one of the source's three
    left_out: list[str]
    scores: list[Correlation]  # in the order of the pairs of spaces


class TripleScore(Strict):
    """The scores of all pairs of spaces on the words of three categories."""

    categories: list[str]
    published: bool
    scores: list[Correlation]


class BandSample(Strict):
    """The scores of random sets of words from one band of frequency, lowest and highest five per cent cut off."""

    first_rank: int  # of GloVe's list, from 1 on
    last_rank: int
    words: int  # to draw from
    quantiles: list[list[Correlation]]  # [pair of spaces][5%, 25%, 50%, 75%, 95%]


class WordSamples(Strict):
    """The same two spaces, other words."""

    pairs: list[list[str]]  # [first, second], keys of spaces
    published_words: int
    published_scores: list[Correlation]
    categories: list[CategoryScore]
    triples: list[TripleScore]  # any three categories together
    below_published: list[int]  # of the other triples, how many score less than the published one, by pair of spaces
    pool: int  # words that all spaces know
    samples: int  # random sets of each band
    any_words: BandSample | None  # drawn from all of the pool; None where the pool is too small
    bands: list[BandSample]


class CosineSpread(Strict):
    """Of some pairs of words. quantiles: 5%, 25%, 50%, 75%, 95%."""

    pairs: int
    mean: Cosine
    quantiles: list[Cosine]


class SpaceSelectivity(Strict):
    """How much closer words of one category are in a space."""

    space: ComparedSpace
    within: CosineSpread
    across: CosineSpread
    difference: float
    cohens_d: float
    pearson: Correlation  # of the dissimilarities with the category RDM
    p: Probability  # of all three


class ScoreGap(Strict):
    """RSA on the pairs within categories minus RSA on those across them."""

    value: float
    low: float  # percentile interval, words drawn with replacement
    high: float
    p: Probability  # two-sided: categories dealt out to the words by chance


class ListSelectivity(Strict):
    """One list of words in all spaces of the set. dropped: words taken off the published list."""

    name: Literal["published", "without misfits", "other categories"]
    categories: list[str]
    words: int
    dropped: list[str]
    by_space: list[SpaceSelectivity]
    scores: list[Correlation]  # RSA, in the order of the pairs of spaces
    scores_within: list[Correlation]  # the same on the pairs of words of one category only
    scores_within_less_means: list[Correlation]  # on those pairs, after each category's mean was taken off
    scores_across: list[Correlation]  # and on the pairs of two categories
    within_minus_across: list[ScoreGap]


class CategorySelectivity(Strict):
    """How much closer words of one category are, by three indices with one test, on several lists of words."""

    pairs: list[list[str]]
    permutations: int
    left_out: list[str]
    lists: list[ListSelectivity]


class PartialScore(Strict):
    """An RSA score once something else is known. groups: words change places within their group only; its sizes.

    frequency: the difference of log ranks; both: this and the category; ranks: the difference and the sum; all: these and the category.
    """

    given: Literal["nothing", "category", "frequency", "both", "ranks", "all"]
    value: Correlation
    p: Probability
    p_free: Probability  # words permuted freely: wrong where something is given
    group_sizes: list[int]


class PartialPair(Strict):
    """The scores of two spaces, given nothing, categories and frequencies."""

    first: str
    second: str
    with_category: list[Correlation]  # each space's own correlation with the category RDM
    with_frequency: list[Correlation]  # and with the RDM of differences in log rank
    explained_by_ranks: list[float]  # of the variance of each space's pairs: differences and sums of log ranks together
    scores: list[PartialScore]


class FalseAlarms(Strict):
    """Of simulated pairs of spaces that agree in nothing but the covariate: how many a test at .05 calls agreeing."""

    given: Literal["category", "frequency", "ranks"]
    strength: float  # of the covariate in both spaces
    correlation: Correlation  # mean raw RSA score of the simulated pairs
    with_covariate: Correlation  # mean correlation of one simulated space with the covariate's RDM; of several, the multiple one
    free: float
    within: float


class PartialScores(Strict):
    """What is left of an RSA score once the words' categories, or their frequencies, are known."""

    words: list[str]
    categories: list[str]
    ranks: list[int]  # in the static model's list, from 1 on
    permutations: int
    by_pair: list[PartialPair]
    category_and_frequency: Correlation  # of the two covariates' RDMs
    simulations: int  # for each row below
    simulated_permutations: int
    simulated_dims: int
    level: float
    false_alarms: list[FalseAlarms]


class BitFormat(Strict):
    """The encoder's matrix, kept in one format and read back."""

    name: str  # "Q8_0"
    bits: float  # a number, its share of the block's scale included
    relative_error: float  # |read back - original| / |original|, whole matrix
    largest_change: float  # of a cosine between a sampled word and any other token
    mean_change: float
    change_quantiles: list[float]  # 5%, 25%, 50%, 75%, 95%, 99.9% of the sizes
    same_neighbours: float  # share of the sampled words whose k nearest are the same, in whatever order
    kept_neighbours: float  # mean share of the k nearest that stay
    same_nearest: float  # share whose nearest stays
    score_with_decoder: Correlation  # RSA on the published words
    score_with_original: Correlation


class QuantisedCopies(Strict):
    """What a low-bit format does to the encoder."""

    block: int  # numbers that share a scale
    sampled_words: int
    tokens: int
    k: int
    words: int  # of the RSA
    score: Correlation  # decoder and encoder as they are
    low: Correlation  # its bootstrap interval
    high: Correlation
    decoder_again: float | None  # largest change of an entry when the decoder's matrix is put into its own format once more
    formats: list[BitFormat]
