"""Exact nearest neighbours, the marks of odd tokens, the baseline of random pairs, and the neighbourhoods of chosen words."""

from __future__ import annotations

from typing import Literal

from artefacts.schemas.parts import Cosine, Histogram, PackedArray, Role, Strict, TokenRef


class NeighbourIndex(Strict):
    """Where the exact neighbours of every token lie, by cosine and by Euclidean distance. Shard n holds tokens n*shard_tokens onwards.

    Shards are `<artefact>/NNNN.json` (`artefacts.shard_names`). Values there are rounded to the digits that are shown; order and ids are
    exact.
    """

    role: Role
    k: int
    tokens: int
    shard_tokens: int
    shards: int
    shard_sha256: str  # of all shard files, in order
    cosine_step: float
    distance_step: float


class NeighbourShard(Strict):
    """Top-k neighbours of a run of tokens. Not itself an artefact: it belongs to a `NeighbourIndex`."""

    first_id: int
    lists: str  # as `artefacts.neighbour_lists` packs them


class DuplicateGroup(Strict):
    """Tokens whose vectors are equal bit for bit."""

    tokens: list[TokenRef]


class HubToken(Strict):
    """A token that stands in very many lists of neighbours."""

    token: TokenRef
    in_degree: int
    flags: list[str]


class TokenMarks(Strict):
    """Per-token facts by which a list of neighbours can be folded. All counts are exact, over the whole vocabulary."""

    role: Role
    k: int
    norms: PackedArray  # [token], uint16: norm = value / 65535 * norm_max
    norm_max: float
    in_degree: PackedArray  # [token], in how many top-k lists a token stands
    flags: PackedArray  # [token], uint8 bit field: 1 hub, 2 under-trained, 4 duplicate, 8 special
    hub_rule: str  # one sentence each, as shown to the reader
    under_trained_rule: str
    duplicate_rule: str
    hub_threshold: int
    hubs: int
    under_trained: int
    duplicates: int
    special: int
    hub_share_of_places: float  # of all tokens * k places, 0..1
    never_neighbour: int  # tokens that stand in no list
    in_degree_histogram: Histogram  # edges 0, 1, 2, 4, 8, ... and infinity replaced by the maximum + 1
    in_degree_skewness: float  # third standardised moment (Radovanović 2010)
    reciprocal_share: float  # of all neighbour places i->j, share with j->i too
    top_hubs: list[HubToken]  # 20, by in-degree, ties by id
    duplicate_groups: list[DuplicateGroup]


class CosineDistribution(Strict):
    """Cosines and what they mean as angles."""

    count: int
    histogram: Histogram  # of cosine
    mean: float
    standard_deviation: float
    percentiles: dict[str, float]  # "0.1", "1", "5", "25", "50", "75", "95", "99", "99.9" -> cosine


class CosinesByRarity(Strict):
    """Whole words whose ids lie together; ids grow roughly from frequent to rare."""

    first_id: int
    last_id: int
    tokens: int
    mean_cosine: float  # over all pairs of two of them


class RandomPairsOfModel(Strict):
    """How similar two tokens of one model are that have nothing to do with each other."""

    role: Role
    all_tokens: CosineDistribution  # two different tokens drawn uniformly from the vocabulary
    whole_words: CosineDistribution  # the same among whole-word tokens
    whole_word_tokens: int
    whole_words_by_id: list[CosinesByRarity]  # bands of ids that hold two words at least
    centred: CosineDistribution  # all tokens, after subtracting the mean vector
    mean_vector_norm: float
    mean_row_norm: float


class RandomPairs(Strict):
    """How similar two tokens are that have nothing to do with each other: the baseline of every cosine."""

    seed: int
    whole_word_rule: str
    by_model: list[RandomPairsOfModel]


class NearestNeighbourOfModel(Strict):
    """How near the nearest neighbour is, in one model."""

    role: Role
    nearest: CosineDistribution  # each token's single best non-self cosine; whole vocabulary
    nearest_whole_words: CosineDistribution  # whole-word tokens that are neither hub, under-trained, duplicate nor special
    angle_percentiles_degrees: dict[str, float]  # of the angles of nearest_whole_words; "5": 5% of the words have a smaller one
    within_18_degrees: int  # whole words whose nearest neighbour's cosine exceeds 0.95
    random_table_degrees: float  # median angle to the nearest row in a table of this size of independent normal numbers
    alike_table_degrees: float  # the same in a normal one with the mean vector and the covariance of this table


class NearestNeighbours(Strict):
    """How near the nearest neighbour is, for every token, and in degrees for words."""

    by_model: list[NearestNeighbourOfModel]


class Neighbour(Strict):
    """One place of a list of neighbours."""

    token: TokenRef
    cosine: Cosine
    angle_degrees: float
    euclidean_distance: float
    dot_product: float
    norm: float
    in_degree: int
    flags: list[str]  # of "hub", "under-trained", "duplicate", "special"
    rank_by_cosine: int  # 1: the nearest by cosine
    variant: Literal["space", "case", "spelling"] | None  # of the seed; see `Variants`
    first_name: bool | None  # hand label, only in the neighbourhood of the name; None: nobody labelled it


class NeighbourLists(Strict):
    """The nearest tokens of a word by each measure, nearest first."""

    cosine: list[Neighbour]
    euclidean: list[Neighbour]
    dot: list[Neighbour]
    centred: list[Neighbour]  # by cosine, after the mean vector of the vocabulary is taken off every row


class WordNeighbourhood(Strict):
    """Top-20 lists of one curated word in one model; `token` is None where the word is not a single token there."""

    role: Role
    word: str  # as curated: "Mike", "banana"
    leading_space: bool  # byte-level BPE: the token looked up is " word"
    token: TokenRef | None
    pieces: list[str]  # raw, where it is several tokens
    norm: float | None
    lists: NeighbourLists | None
    overlap_cosine_euclidean: int | None  # of k
    overlap_cosine_dot: int | None
    self_rank_by_dot: int | None  # 1: the token itself has the largest dot product with itself


class NameShare(Strict):
    """How many neighbours of the name are first names, as labelled by hand."""

    role: Role
    word: str
    leading_space: bool
    labelled: int  # how many of the k carry a hand label
    first_names: int


class PublishedNeighbour(Strict):
    """A neighbour as the source prints it."""

    text: str
    cosine: float


class Neighbourhoods(Strict):
    """The top-20 lists of a dozen curated words by cosine, Euclidean distance and dot product."""

    k: int
    words: list[str]  # curated, in reading order
    entries: list[WordNeighbourhood]  # word x role (and both spacings for the name), None lists where not one token
    name_shares: list[NameShare]
    published_name_neighbours: list[PublishedNeighbour]  # the source's printed values, GPT-2, bare "Mike"


class SimilarityCurve(Strict):
    """All cosines of one token against its vocabulary (itself left out), sorted downwards, thinned for drawing."""

    role: Role
    word: str
    token: TokenRef
    ranks: list[int]  # 1-based; every rank up to 30, then evenly in the logarithm
    cosines: list[float]
    tokens: list[TokenRef]  # the token at each rank
    above_random_99: int  # how many tokens lie above the 99th percentile of random pairs
    mean: float
    standard_deviation: float  # of the same


class SimilarityCurves(Strict):
    """Each curated word's cosines with its whole vocabulary, sorted, thinned for drawing."""

    words: list[str]
    curves: list[SimilarityCurve]
