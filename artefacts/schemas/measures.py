"""What neighbours are made of, what a measure hides, and the loop beside the matrix product."""

from __future__ import annotations

from artefacts.schemas.parts import Role, Strict, TokenRef


class VariantsOfModel(Strict):
    """How many neighbours are the word itself in another spelling, in one model."""

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
    """How many neighbours are the seed again, with another space, case or spelling."""

    space_rule: str
    case_rule: str
    spelling_rule: str
    by_model: list[VariantsOfModel]


class MetricAgreementOfModel(Strict):
    """How many neighbours stay under another measure, in one model."""

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
    """How many neighbours stay when Euclidean distance or the dot product takes the place of cosine."""

    seed: int
    by_model: list[MetricAgreementOfModel]


class NormBin(Strict):
    """Percentiles of the lengths of a run of rows."""

    first_id: int
    last_id: int
    percentile_5: float
    percentile_50: float
    percentile_95: float


class WordNorm(Strict):
    """The length of one word's row."""

    word: str
    token: TokenRef
    norm: float


class NormsOfModel(Strict):
    """How long the rows of one matrix are."""

    role: Role
    order: str  # what the id order means here, one sentence
    minimum: float
    mean: float
    maximum: float
    spearman_id_norm: float
    spearman_id_norm_whole_words: float  # the same among whole-word tokens alone
    bins: list[NormBin]  # 48 equal runs of ids
    words: list[WordNorm]
    shortest: list[WordNorm]  # 10 whole-word tokens
    longest: list[WordNorm]


class Norms(Strict):
    """How long the vectors are, over the vocabulary's order and for the curated words."""

    by_model: list[NormsOfModel]


class MatrixProductOfModel(Strict):
    """The two ways of computing a word's cosines, in one model."""

    role: Role
    tokens: int
    dims: int
    seed_token: TokenRef
    maximum_absolute_difference: float  # loop against matrix product, float32; as a bound: rounded up to one digit
    pearson: float  # of the two lists of cosines
    same_top_20: bool


class MatrixProduct(Strict):
    """A loop over the vocabulary and one matrix product give the same cosines, up to rounding."""

    by_model: list[MatrixProductOfModel]
