"""Words inside the layers: the geometry of each layer, the map between two models' layers, and queries, keys and values."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from artefacts.schemas.parts import Cosine, Role, Strict

Treatment = Literal["raw", "centred", "standardised", "without_rogue"]
"""How vectors were taken: as they are; minus the mean of ordinary tokens of the layer; that, divided by their standard deviation in each
dimension; without the dimensions that add most to the mean cosine of ordinary tokens."""

Share = Annotated[float, Field(ge=0, le=1)]


class Spread(Strict):
    """Mean, lowest and highest of several values; what they range over is said where it is used."""

    mean: float
    low: float
    high: float


class LeftOutWord(Strict):
    """A word that is not compared since some model has no single token for it."""

    word: str
    category: str
    pieces: dict[Role, int]  # tokens it is cut into, where it is not one


class PlacesOfModel(Strict):
    """Where the word stands in the carrier sentences, as a model counts."""

    role: Role
    places: list[int]  # [carrier], place of the word's token in the input, from 0; what is put around a text counts
    alone_is_first: bool  # whether a word alone stands at place 0


class LayerWords(Strict):
    """The words that are compared inside the layers, and the sentences that they are put into."""

    words: list[str]
    categories: list[str]  # [word]
    left_out: list[LeftOutWord]
    carriers: list[str]  # {word} stands where the word goes
    published_carrier: str  # the one carrier of the public code; used for nothing but the comparison with it
    example: str
    by_model: list[PlacesOfModel]


class GeometryLayer(Strict):
    """What the space of one layer is like."""

    layer: int  # 0: what enters the first block
    anisotropy: Cosine  # mean over pairs of different words in different ordinary sentences
    self_similarity: Spread  # of a word with itself in other carriers; spread over words
    example_self_similarity: Cosine
    words_in_carriers: Spread  # mean cosine of different words in the same carrier; spread over carriers
    words_alone: Cosine  # the same, each word the whole text
    norm: float  # mean over ordinary tokens
    norm_alone: float  # mean over words that are the whole text


class GeometryOfModel(Strict):
    """The geometry of all layers of a model. reference_...: the ordinary text that it is measured on."""

    role: Role
    reference_tokens: int
    reference_sentences: int
    layers: list[GeometryLayer]


class LayerGeometry(Strict):
    """What the space of each layer is like: how alike unrelated words are, and a word with itself elsewhere."""

    by_model: list[GeometryOfModel]


class RogueDimension(Strict):
    """A dimension that adds much to the cosine of any two states."""

    dim: int  # from 0
    share: float  # of the mean cosine of ordinary tokens; the shares of all dimensions sum to 1
    mean: float  # of its values over ordinary tokens
    deviation: float
    typical: float  # median size of a value in this layer, over all tokens and dimensions


class RogueLayer(Strict):
    """One layer with and without the dimensions that add most to its cosines."""

    layer: int
    dimensions: list[RogueDimension]  # those with the largest shares
    mean_cosine: dict[Treatment, Cosine]  # of ordinary tokens: different words, different sentences
    words_cosine: dict[Treatment, Cosine]  # of the compared words, averaged over carriers
    nearest_same_category: dict[Treatment, int]  # words whose nearest other word is of their category
    example_nearest: dict[Treatment, str]
    rsa_with_standardised: dict[Treatment, float]  # Pearson of the pair cosines with those of standardised vectors


class RogueOfModel(Strict):
    """The dimensions of a model that add most to cosines, in every layer."""

    role: Role
    dims: int
    named: list[int]  # the dimensions with the largest share in any layer
    shares: list[list[float]]  # [layer][named dimension]
    layers: list[RogueLayer]


class RogueDimensions(Strict):
    """A few dimensions that carry most of a layer's mean cosine, and what is left without them. removed: how many."""

    removed: int
    by_model: list[RogueOfModel]


class MapCell(Strict):
    """One place of the map of layers."""

    decoder_layer: int
    encoder_layer: int
    value: float


class LayerMapOf(Strict):
    """Agreement of every layer of the decoder with every layer of the encoder, [decoder layer][encoder layer]."""

    measure: Literal["rsa", "cka"]  # rsa: Pearson of pair cosines; cka: linear, debiased
    treatment: Treatment
    values: list[list[float]]  # of vectors averaged over carriers
    carriers_low: list[list[float]]  # the same in single carriers: the lowest and the highest
    carriers_high: list[list[float]]
    best: MapCell
    same_depth: float  # mean over encoder layers of the value at the decoder layer of the same relative depth
    null_maximum_95: float  # 95th percentile of the largest cell of the map, over permutations of the words
    null_maximum_mean: float
    p: Share  # of the best cell against the largest cell of permuted maps


class CeilingOfModel(Strict):
    """How well any one matrix could agree with the model's single carriers, [layer]: bounds of Nili et al. 2014."""

    role: Role
    treatment: Treatment
    lower: list[float]
    upper: list[float]


class LayerMap(Strict):
    """How well every layer of the decoder agrees with every layer of the encoder, and what chance would give."""

    permutations: int
    maps: list[LayerMapOf]
    ceilings: list[CeilingOfModel]
    biased_cka_best: float  # the usual estimator at the best raw cell of the debiased one
    biased_cka_of_noise: float  # and what it gives for random numbers of the same shapes


CornerTreatment = Literal[
    "raw",
    "centred",
    "without_rogue",
    "nouns_centred",
    "standardised",
    "standardised_nouns_centred",
    "without_few_varied",
    "without_some_varied",
    "without_many_varied",
    "without_many_by_lot",
]
"""As `Treatment`; nouns_centred: minus the mean of the compared words themselves, after standardising where the name says so; without_..:
so many dimensions removed, those in which ordinary tokens vary most, or as many drawn by lot."""


class ResampledScore(Strict):
    """A score, and how far it differs from that of vectors as they are; low, high: the middle 95% of both, over words drawn anew."""

    value: float
    low: float
    high: float
    change: float
    change_low: float
    change_high: float


class CornerScore(Strict):
    """How well layer 0 of the encoder agrees with one of the first layers of the decoder, each treated in a way of its own."""

    decoder_layer: int
    decoder: CornerTreatment
    encoder: CornerTreatment
    removed: int | None  # dimensions of the decoder, where a treatment removes those that vary most, or some drawn by lot
    pearson: ResampledScore  # of pair cosines
    given_category: ResampledScore  # the partial correlation: the words' category held constant
    explained_by_ranks: Share  # of the variance of the decoder's pair cosines: the difference and the sum of the words' log ids in it


class CornerRanks(Strict):
    """How well layers 0 agree with the words' ranks held constant: the difference and the sum of two words' log ids in the decoder."""

    encoder_explained: Share  # of the variance of the encoder's pair cosines
    pearson: ResampledScore  # the partial correlation, and its change from the plain one
    given_category: ResampledScore  # with the category held constant as well, and its change from that with the category alone


class MapCorner(Strict):
    """Why the first vectors of two models agree so little: what treating them otherwise changes, in both models or in one."""

    resamples: int
    scores: list[CornerScore]
    given_ranks: CornerRanks


class SelectivityLayer(Strict):
    """How much closer words of one category are than words of different ones, in one layer."""

    layer: int
    within: Cosine  # mean cosine of words of one category, vectors averaged over carriers
    across: Cosine
    cohens_d: float
    cohens_d_carriers: Spread  # spread over single carriers
    pearson: float  # with the category RDM
    p: Share


class SelectivityOfModel(Strict):
    """Selectivity in all layers of a model, by one treatment of the vectors."""

    role: Role
    treatment: Treatment
    layers: list[SelectivityLayer]
    null_maximum_95: float  # 95th percentile of the largest d over layers, under permuted labels
    p: Share  # of the largest d


class LayerSelectivity(Strict):
    """In which layers words of one category are closer to each other than to the words of others."""

    permutations: int
    by_model: list[SelectivityOfModel]


class PairAgreement(Strict):
    """Two parts of one layer at the word. All spreads are over carriers, except where it says so."""

    first: str  # query, key, value or input
    second: str
    direct: Spread | None  # Pearson of the numbers themselves, rows side by side; None where one is the input
    rsa: Spread
    rsa_within: float  # mean over carriers, pairs of one category only
    rsa_across: float
    random_direct: Spread | None  # the same for random projections of the same input; spread over seeds, mean over carriers
    random_rsa: Spread
    random_rsa_within: float
    random_rsa_across: float


class PartSelectivity(Strict):
    """Selectivity of a block's input, queries, keys or values."""

    part: str
    word: Spread  # Cohen's d at the word; over carriers
    after: Spread  # at the token after it
    random: Spread | None  # random projections of the same input; over seeds. None for the input itself
    deviation_ratio: float  # SD of cosines across categories over SD within; mean over carriers


class PartsLayer(Strict):
    """Queries, keys and values of one block."""

    layer: int  # from 1: the block
    pairs: list[PairAgreement]
    parts: list[PartSelectivity]
    before_largest_difference: float  # largest difference of any number of q, k, v at the token before, between words


class PublishedProcedure(Strict):
    """The public code's analysis on this decoder, with its one carrier. Means over layers, but counts where it says so."""

    different_rows_before: int  # different vectors among the words' at the token before the word
    direct_before: list[float]  # [layer * pair], Pearson of the numbers at the token before
    direct_word: list[float]
    rsa_word: list[float]
    within_exceeds_across: int  # of layers x pairs
    random_within_exceeds_across: Share  # the same share for random projections, over seeds
    shuffled_within_exceeds_across: Share  # and with shuffled labels
    cells: int


class QueriesKeysValues(Strict):
    """Inside the decoder's attention."""

    heads: int
    key_value_heads: int
    head_dims: int
    rotary: bool
    mapping: list[int]  # [query head], the key/value head that it reads
    seeds: int
    layers: list[PartsLayer]
    null_rsa_95: float  # largest over layers and pairs, of RSA averaged over carriers, words of one side permuted
    null_d_95: float  # largest over layers and parts, of d averaged over carriers, labels permuted
    published: PublishedProcedure
