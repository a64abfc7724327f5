"""What every exported JSON file holds: one pydantic model an artefact, named axes and units in the field names.

`ARTEFACTS` at the foot maps an artefact's name (the file name without `.json`) to its model. Every number must be finite;
unknown fields are refused, on writing and on reading.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Role = Literal["decoder", "encoder", "static"]
"""The part a model plays in a set. `static` is the static-vector model (GloVe)."""

TokenizerKind = Literal["byte_level_bpe", "wordpiece", "words"]
Metric = Literal["cosine", "euclidean", "dot"]
Cosine = Annotated[float, Field(ge=-1.000001, le=1.000001)]


class Strict(BaseModel):
    """Base of all parts of an artefact: no unknown fields, no NaN, no infinity, not changeable after reading."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True, defer_build=True)


class PackedArray(Strict):
    """A dense integer array as base64 of little-endian values in C order; `packing.unpack` gives it back."""

    dtype: Literal["uint8", "uint16", "uint32", "int8", "int16", "int32"]
    shape: list[int]
    base64: str


class Histogram(Strict):
    """counts[i] values lie in [edges[i], edges[i + 1]); the last bin includes its right edge."""

    edges: list[float]
    counts: list[int]


class TokenRef(Strict):
    """A vocabulary entry: its row and its string exactly as the vocabulary spells it (`ĠMike`, `##ing`)."""

    id: int
    raw: str


# --- models and vocabularies -------------------------------------------------------------------------------------------


class ModelFact(Strict):
    """One member of a set, as the models page and the lessons describe it. None: does not apply."""

    role: Role | Literal["tokenizer"]
    name: str  # short, for prose and legends: "SmolLM2"
    full_name: str  # "SmolLM2-135M-Instruct"
    id: str  # hub id or wheel requirement
    architecture: str
    source: str  # one sentence: where the files come from
    source_url: str
    licence: str  # SPDX id where one exists
    version: str  # "sha256:..." of the wheel or the hub revision
    quantisation: str | None
    tokenizer_kind: TokenizerKind
    vocabulary_size: int
    embedding_dims: int | None
    layers: int | None
    attention_heads: int | None
    key_value_heads: int | None
    positions: str | None  # "learned table", "rotary", ...
    max_positions: int | None
    parameters: int | None  # shared matrices counted once
    embedding_parameters: int | None
    embedding_share: float | None  # of parameters, 0..1
    tied_embeddings: bool | None
    file_bytes: int


class ModelFacts(Strict):
    set_title: str  # "SmolLM2 and MiniLM"
    note: str  # one or two sentences on what this set is and is not
    models: list[ModelFact]


class Vocabulary(Strict):
    """All entries of one tokenizer in id order, raw strings."""

    tokenizer: str
    kind: TokenizerKind
    tokens: list[str]
    special_ids: list[int]


class VocabularyCounts(Strict):
    tokenizer: str
    name: str  # "GPT-2", "BERT (uncased)", ...
    kind: TokenizerKind
    size: int
    starts_with_space: int  # byte-level BPE: decoded text begins with a space; wordpiece: 0
    continuation_pieces: int  # wordpiece: '##'; byte-level BPE: 0
    letters_only: int  # decoded, markers stripped: at least one character, all letters
    space_and_letters: int  # a space, then only letters (byte-level BPE)
    digits_only: int
    non_ascii: int  # decoded text has a character (or byte) outside ASCII
    partial_utf8: int  # bytes that are no whole UTF-8 text on their own
    unused: int  # '[unusedN]' and the like
    special: int
    space_twins: int  # letter-words that exist both with and without leading space; wordpiece: both bare and as a "##" piece
    case_twins: int  # letter-words (same space) that exist in more than one case
    lengths_raw: Histogram  # characters of the vocabulary string as spelled
    lengths_decoded: Histogram  # characters of the decoded text, leading space counted
    lengths_stripped: Histogram  # without space or '##' marker, [unusedN] and special dropped


class VocabularyStatistics(Strict):
    tokenizers: list[VocabularyCounts]


class Tokenisation(Strict):
    tokenizer: str  # gpt2, bert, decoder, encoder
    ids: list[int]
    raw: list[str]


class TokenisationExample(Strict):
    word: str
    leading_space: bool
    by_tokenizer: list[Tokenisation]


class TokenisationExamples(Strict):
    tokenizer_names: dict[str, str]  # tokenizer -> display name
    tokenizer_kinds: dict[str, TokenizerKind]
    examples: list[TokenisationExample]


# --- neighbours --------------------------------------------------------------------------------------------------------


class NeighbourIndex(Strict):
    """Where the exact cosine neighbours of every token lie. Shard n holds tokens n*shard_tokens onwards.

    Shards are `<artefact>/NNNN.json`. Cosines there are uint16: cosine = value / 65535 * 2 - 1.
    """

    role: Role
    k: int
    tokens: int
    shard_tokens: int
    shards: int
    shard_sha256: str  # of all shard files, in order
    cosine_error_bound: float


class NeighbourShard(Strict):
    """Top-k neighbours of a run of tokens. Not itself an artefact: it belongs to a `NeighbourIndex`."""

    role: Role
    first_id: int
    neighbour_ids: PackedArray  # [token, neighbour]
    cosines: PackedArray  # [token, neighbour], uint16


class DuplicateGroup(Strict):
    tokens: list[TokenRef]


class HubToken(Strict):
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


class RandomPairsOfModel(Strict):
    role: Role
    all_tokens: CosineDistribution  # two different tokens drawn uniformly from the vocabulary
    whole_words: CosineDistribution  # the same among whole-word tokens
    whole_word_tokens: int
    centred: CosineDistribution  # all tokens, after subtracting the mean vector
    mean_vector_norm: float
    mean_row_norm: float


class RandomPairs(Strict):
    seed: int
    whole_word_rule: str
    by_model: list[RandomPairsOfModel]


class NearestNeighbourOfModel(Strict):
    role: Role
    nearest: CosineDistribution  # each token's single best non-self cosine; whole vocabulary
    nearest_whole_words: CosineDistribution  # whole-word tokens that are neither hub, under-trained, duplicate nor special
    angle_percentiles_degrees: dict[str, float]  # of the angles of nearest_whole_words; "5": 5% of the words have a smaller one
    within_18_degrees: int  # whole words whose nearest neighbour's cosine exceeds 0.95


class NearestNeighbours(Strict):
    by_model: list[NearestNeighbourOfModel]


class Neighbour(Strict):
    token: TokenRef
    cosine: Cosine
    angle_degrees: float
    euclidean_distance: float
    dot_product: float
    norm: float
    in_degree: int
    flags: list[str]  # of "hub", "under-trained", "duplicate", "special"
    variant: Literal["space", "case", "spelling"] | None  # of the seed; see `Variants`
    first_name: bool | None  # hand label, only in the neighbourhood of the name; None: nobody labelled it


class NeighbourLists(Strict):
    cosine: list[Neighbour]
    euclidean: list[Neighbour]
    dot: list[Neighbour]


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
    role: Role
    word: str
    leading_space: bool
    labelled: int  # how many of the k carry a hand label
    first_names: int


class PublishedNeighbour(Strict):
    text: str
    cosine: float


class Neighbourhoods(Strict):
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


class SimilarityCurves(Strict):
    words: list[str]
    curves: list[SimilarityCurve]


# --- pairs -------------------------------------------------------------------------------------------------------------

PairGroup = Literal["pieces", "related", "unrelated", "variant"]
"""`variant`: one token is another form of the other; in `PairScatter` only."""


class PairOfTokens(Strict):
    role: Role
    group: PairGroup
    label: str  # "ban + ana", "banana / apple"
    whole: str | None  # the word the pieces make, where group is "pieces"
    first: TokenRef
    second: TokenRef
    cosine: Cosine
    pearson: float
    angle_degrees: float


class PairGroupSummary(Strict):
    role: Role
    group: PairGroup
    pairs: int
    mean_cosine: float
    minimum_cosine: float
    maximum_cosine: float
    mean_pearson: float


class PairSimilarities(Strict):
    pairs: list[PairOfTokens]
    summaries: list[PairGroupSummary]
    left_out: list[str]  # "sofa: 2 tokens in SmolLM2"


class PairVectors(Strict):
    """The two vectors of a few pairs, in full, for drawing. Rounded to 1e-4 after cosine and pearson were computed."""

    role: Role
    group: PairGroup
    label: str
    first: TokenRef
    second: TokenRef
    first_vector: list[float]  # [dim]
    second_vector: list[float]  # [dim]
    cosine: Cosine
    pearson: float
    dot_product: float
    first_norm: float
    second_norm: float
    angle_degrees: float


class PairScatter(Strict):
    pairs: list[PairVectors]


# --- what neighbours are made of, and what the measure hides -----------------------------------------------------------


class VariantsOfModel(Strict):
    role: Role
    seeds: int  # whole-word tokens counted
    k: int
    mean_space: float  # per list of k
    mean_case: float
    mean_spelling: float
    mean_any: float
    share_by_rank: list[float]  # [rank], share of seeds whose neighbour at that rank is any variant
    lists_with_any: float  # share of seeds with at least one variant


class Variants(Strict):
    space_rule: str
    case_rule: str
    spelling_rule: str
    by_model: list[VariantsOfModel]


class MetricAgreementOfModel(Strict):
    role: Role
    sample: int
    k: int
    mean_overlap_cosine_euclidean: float  # of k
    mean_overlap_cosine_dot: float
    overlap_cosine_euclidean: list[int]  # [overlap 0..k], number of sampled tokens
    overlap_cosine_dot: list[int]
    distinct_neighbours_cosine: int  # different tokens over all sampled lists
    distinct_neighbours_euclidean: int
    distinct_neighbours_dot: int
    not_own_nearest_by_dot: int  # sampled tokens for which some other token has a larger dot product than itself
    mean_norm_neighbours_cosine: float
    mean_norm_neighbours_euclidean: float
    mean_norm_neighbours_dot: float


class MetricAgreement(Strict):
    seed: int
    by_model: list[MetricAgreementOfModel]


class NormBin(Strict):
    first_id: int
    last_id: int
    percentile_5: float
    percentile_50: float
    percentile_95: float


class WordNorm(Strict):
    word: str
    token: TokenRef
    norm: float


class NormsOfModel(Strict):
    role: Role
    order: str  # what the id order means here, one sentence
    minimum: float
    mean: float
    maximum: float
    spearman_id_norm: float
    bins: list[NormBin]  # 48 equal runs of ids
    words: list[WordNorm]
    shortest: list[WordNorm]  # 10 whole-word tokens
    longest: list[WordNorm]


class Norms(Strict):
    by_model: list[NormsOfModel]


class MatrixProductOfModel(Strict):
    role: Role
    tokens: int
    dims: int
    seed_token: TokenRef
    maximum_absolute_difference: float  # loop against matrix product, float32; as a bound: rounded up to one digit
    pearson: float  # of the two lists of cosines
    same_top_20: bool


class MatrixProduct(Strict):
    by_model: list[MatrixProductOfModel]


class TimedWay(Strict):
    role: Role
    way: Literal["python loop", "matrix product", "matrix product, rows normalised beforehand"]
    milliseconds_median: float
    milliseconds_min: float
    milliseconds_max: float
    repeats: int


class MeasuredTimes(Strict):
    """Measured, so different on every run and machine: outside all identity checks, and never in a verdict."""

    machine: str  # cores and processor name, nothing that identifies a person
    threads: int
    comparing_one_with_all: list[TimedWay]
    neighbours_of_all_seconds: dict[str, float]  # role -> seconds for the exact full-vocabulary search
    precompute_seconds: dict[str, float]  # artefact -> seconds


ARTEFACTS: dict[str, type[Strict]] = {
    "model_facts": ModelFacts,
    "vocabulary_gpt2": Vocabulary,
    "vocabulary_bert": Vocabulary,
    "vocabulary_decoder": Vocabulary,
    "vocabulary_encoder": Vocabulary,
    "vocabulary_statistics": VocabularyStatistics,
    "tokenisation_examples": TokenisationExamples,
    "neighbours_decoder": NeighbourIndex,
    "neighbours_encoder": NeighbourIndex,
    "token_marks_decoder": TokenMarks,
    "token_marks_encoder": TokenMarks,
    "random_pairs": RandomPairs,
    "nearest_neighbours": NearestNeighbours,
    "neighbourhoods": Neighbourhoods,
    "similarity_curves": SimilarityCurves,
    "pair_similarities": PairSimilarities,
    "pair_scatter": PairScatter,
    "variants": Variants,
    "metric_agreement": MetricAgreement,
    "norms": Norms,
    "matrix_product": MatrixProduct,
    "measured_times": MeasuredTimes,
}
