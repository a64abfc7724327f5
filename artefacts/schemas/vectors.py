"""What the coordinates of word vectors are and are not: axes, the look-up, sizes, output scores, relations, analogies, associations.

A *shared word* is a word that is one token in the decoder and in the encoder and, where the set has static vectors, one of their words:
only such words can be compared in all spaces alike. See `precompute.vectors.shared_words`.
"""

from __future__ import annotations

from typing import Literal

from artefacts.schemas.parts import Cosine, Role, Strict, TokenRef

# --- axes ------------------------------------------------------------------------------------------------------------------


class Spread(Strict):
    """A sample of numbers in short."""

    count: int
    mean: float
    percentile_5: float
    percentile_95: float


class AxesOfModel(Strict):
    """Extreme words of every dimension, and whether they have more in common than those of directions drawn at random.

    low, high: [dim], shared words with the smallest and the largest number in that column, most extreme first, separated by spaces.
    axes, directions, word_sets: how alike `group` extreme words (or words drawn at random) are to the judge, another model's space:
    mean pairwise cosine after centring. One value an end of an axis or direction.
    """

    role: Role
    dims: int
    low: list[str]
    high: list[str]
    judge: Role
    axes: Spread
    directions: Spread
    word_sets: Spread
    axes_above_directions: float  # share of ends of axes above the 95th percentile of the ends of random directions
    plane_variance: float  # 0..1, share of the shared words' variance that the best two directions (principal components) keep
    plane_neighbours: float  # of a word's ten nearest shared words (Euclidean), the share that stays among the ten nearest in the plane
    size_in_largest: float  # 0..1, share of the whole matrix's squared numbers that stands in its `largest` largest columns
    size_in_largest_turned: float  # the same after a random turn of all vectors; mean of a hundred turns


class AxisExtremes(Strict):
    """The extreme words of every dimension, and whether they mean more than those of directions drawn at random."""

    words: int  # shared words
    shown: int  # words listed at each end
    group: int  # words compared at each end
    largest: int  # columns counted in `size_in_largest`
    by_model: list[AxesOfModel]


# --- the look-up -----------------------------------------------------------------------------------------------------------


class LookupExample(Strict):
    """A few rows of a model's matrix, the first numbers of each: for a product that fits on a page."""

    role: Role
    rows: int
    dims: int
    words: list[str]
    tokens: list[TokenRef]  # [word]
    numbers: list[list[float]]  # [word, column], rounded to what is shown
    maximum_absolute_difference: float  # between one-hot product and row, over the words, in float32 with the whole matrix


class Lookups(Strict):
    """A few rows of decoder and encoder, and how far a one-hot product is from the row it should give."""

    by_model: list[LookupExample]


# --- parameters ------------------------------------------------------------------------------------------------------------

ParameterPart = Literal["token embeddings", "other embeddings", "attention", "feed-forward", "normalisation", "pooler", "output"]


class ParametersOfModel(Strict):
    """Parameters of one network by what they belong to; shared matrices are counted once."""

    name: str
    role: Role | None  # of a member of the set; None for a published configuration
    source: str | None  # citation key of who published the sizes; None for a member of the set
    architecture: Literal["decoder", "encoder"]
    vocabulary: int
    dims: int
    layers: int
    parts: dict[ParameterPart, int]
    total: int


class ParameterCounts(Strict):
    """How many numbers of a network belong to what, for published sizes and for the set's own models."""

    models: list[ParametersOfModel]


# --- output scores ---------------------------------------------------------------------------------------------------------


class ScoredToken(Strict):
    """A token with the score that the decoder gives it as the next one, and what the score is made of."""

    token: TokenRef
    score: float  # dot product of the last vector with the token's row
    norm: float  # length of the row
    cosine: Cosine
    probability: float  # softmax over the whole vocabulary
    rank_by_cosine: int


class ScoredPrompt(Strict):
    """The best next tokens after a prompt."""

    prompt: str
    tokens: list[TokenRef]
    vector_norm: float  # length of the last position's vector after the final normalisation
    best: list[ScoredToken]  # largest scores, in order
    maximum_absolute_difference: float  # between our dot products and the network's own scores, over the vocabulary; rounded up


class OutputScores(Strict):
    """The decoder's scores for the next token: dot products of its last vector with the rows of a matrix."""

    tied: bool  # whether the rows are those of the input matrix
    vocabulary: int
    prompts: list[ScoredPrompt]


# --- synonyms, antonyms, clusters -------------------------------------------------------------------------------------------

RelationGroup = Literal["synonyms", "antonyms"]


class RelatedPair(Strict):
    """Two words and their cosine in each space."""

    group: RelationGroup
    first: str
    second: str
    cosines: dict[Role, float]


class RelationsOfModel(Strict):
    """How synonyms and antonyms compare with each other and with strangers.

    random: pairs of different shared words. crossed: the first word of each pair with the second of every other of its group, which are
    as frequent as the pairs themselves. x_over_y: share of (x pair, y pair) in which the x pair has the larger cosine, crossed pairs
    being those of the same group. low, high: the middle 95% of that share when the pairs are drawn anew, with replacement.
    """

    role: Role
    random: Spread
    random_median: float
    synonyms_mean: float
    antonyms_mean: float
    synonyms_over_random: float
    antonyms_over_random: float
    crossed: dict[RelationGroup, Spread]
    synonyms_over_crossed: float
    antonyms_over_crossed: float
    synonyms_over_antonyms: float
    synonyms_over_antonyms_low: float
    synonyms_over_antonyms_high: float


class WordClusters(Strict):
    """Words of a few categories, each with each."""

    categories: dict[str, list[str]]
    cosines: dict[Role, list[list[float]]]  # [word, word], words in the order of `categories`
    within: dict[Role, float]  # mean cosine of two words of one category
    across: dict[Role, float]
    nearest_same: dict[Role, int]  # words whose nearest of the other words is of their own category


class WordRelations(Strict):
    """Cosines of synonyms, antonyms and random pairs, and of words of a few categories with each other."""

    shared_words: int
    pairs: list[RelatedPair]
    by_model: list[RelationsOfModel]
    clusters: WordClusters
    left_out: list[str]


# --- analogies -------------------------------------------------------------------------------------------------------------


class Answer(Strict):
    """A word near the computed point."""

    word: str
    cosine: Cosine
    given: bool  # whether it is one of the three words of the question


class AnalogyInSpace(Strict):
    """best: the candidates nearest to b - a + c (unit vectors), the three given words included.

    Ranks of the expected word count from 1: with the given words kept, with them left out, and, with them left out, by nearness to c
    alone, to b alone, and to b + c, which subtracts nothing.
    """

    role: Role
    best: list[Answer]
    rank_kept: int
    rank_left_out: int
    rank_near_c: int
    rank_near_b: int
    rank_b_plus_c: int
    rank_whole_vocabulary: int | None  # given words left out, among all words of the model; static vectors only


class Analogy(Strict):
    """a is to b as c is to expected."""

    kind: str
    a: str
    b: str
    c: str
    expected: str
    by_space: list[AnalogyInSpace]


class AnalogyScore(Strict):
    """How many analogies a space gets right: with the given words kept and left out; by less than the sum; and by nothing less than it.

    right_near_c, right_near_b, right_b_plus_c: by the word nearest to c, to b, to b + c. right_only_by_subtracting: with the given words
    left out, but by none of these three.
    """

    role: Role
    right_kept: int
    right_left_out: int
    right_near_c: int
    right_near_b: int
    right_b_plus_c: int
    right_only_by_subtracting: int


class Analogies(Strict):
    """a is to b as c is to what? The words nearest to b - a + c, with the given words kept and left out."""

    candidates: int
    analogies: list[Analogy]
    scores: list[AnalogyScore]
    left_out: list[str]


# --- associations ----------------------------------------------------------------------------------------------------------


class ProjectedWord(Strict):
    """A word on a direction."""

    word: str
    cosine: Cosine  # with the direction; positive is the side of the first pole


class DirectionInSpace(Strict):
    """Words on the direction from one word to another, beside directions between two words drawn at random."""

    role: Role
    occupations: list[ProjectedWord]
    first_words: list[ProjectedWord]  # words that mean the first pole by definition ("mother")
    second_words: list[ProjectedWord]
    spread: float  # standard deviation of the occupations' cosines
    random_spreads: Spread
    random_share: float  # random directions along which the occupations spread at least as far
    random_band: float  # 95% of occupations' cosines with random directions, after centring, are smaller in size
    spearman_id: float  # rank correlation of the occupations' cosines with their ids, which roughly run from frequent to rare
    definition_right: float  # share of (any first word, any second word) with the first further towards the first pole
    couples: int  # first words with their own second words ("mother", "father")
    couples_wrong: list[tuple[str, str]]  # couples whose first word does not lie further towards the first pole


class Agreement(Strict):
    """How alike two spaces place the occupations."""

    first: Role
    second: Role
    pearson: float  # of the occupations' cosines


class AssociationInSpace(Strict):
    """An association test in one space; centred: after the mean of the shared words is taken off."""

    role: Role
    effect: float  # Caliskan's effect size: a difference of means in standard deviations, between -2 and 2
    p: float  # one-sided, by permuting the target words
    effect_centred: float
    p_centred: float


class AssociationTest(Strict):
    """Whether the first targets lie nearer to the first attributes than the second targets do (WEAT)."""

    name: str
    targets: list[str]  # two names
    attributes: list[str]
    words_listed: list[int]  # in the published lists, in the same order as `words`
    words: list[int]  # used, in the order first targets, second targets, first attributes, second attributes
    by_space: list[AssociationInSpace]


class Associations(Strict):
    """Occupations on a direction between two words, and association tests, in all spaces of the set."""

    poles: list[str]  # two words: "she", "he"
    by_space: list[DirectionInSpace]
    agreement: list[Agreement]
    tests: list[AssociationTest]
    left_out: list[str]
