"""The embedding matrices as such: their entries and rows, what two of them share, and whose neighbours are mutual."""

from __future__ import annotations

from artefacts.schemas.parts import Histogram, PackedArray, Role, Strict, TokenRef


class MatrixEntriesOfModel(Strict):
    """sample: [token, dim], uint8: value = entry / 255 * 2 * limit - limit; entries beyond the limit are cut off there."""

    role: Role
    tokens: int
    dims: int
    minimum: float  # of all entries
    maximum: float
    mean: float
    standard_deviation: float
    thresholds: list[float]
    share_beyond: list[float]  # [threshold], of all entries, exact: share whose size is larger
    sample_tokens: list[TokenRef]  # evenly spaced ids
    sample: PackedArray
    limit: float
    error_bound: float  # of a decoded entry inside the limit
    cut_off: int  # entries of the sample beyond the limit


class MatrixEntries(Strict):
    """How large the numbers of the embedding matrices are, and a sample of rows to look at."""

    by_model: list[MatrixEntriesOfModel]


class RowMeasure(Strict):
    """One number for each row, over the whole vocabulary."""

    histogram: Histogram
    minimum: float
    percentile_5: float
    median: float
    percentile_95: float
    maximum: float
    mean: float


class AveragePairCosine(Strict):
    """The average over all pairs of different tokens, exact: (|sum of unit rows|^2 - n) / (n (n - 1))."""

    raw: float
    row_means_removed: float  # Pearson
    mean_vector_removed: float


class RowStatisticsOfModel(Strict):
    """Mean, variance, length and direction of the rows of one matrix."""

    role: Role
    means: RowMeasure  # mean of a row's entries
    variances: RowMeasure  # population variance of a row's entries
    norms: RowMeasure
    cosines_with_mean: RowMeasure  # each row with the mean vector
    average_pair_cosine: AveragePairCosine
    mean_vector_norm: float
    mean_vector_share: float  # |mean vector|^2 / mean of |row|^2, 0..1
    rank_norm_spearman: float | None  # norm against rank in a frequency list, words in it that are single tokens
    rank_mean_cosine_spearman: float | None  # of the same words: cosine with the mean vector against rank
    ranked_words: int


class RowStatistics(Strict):
    """Mean, variance and length of every row, and how much of all rows is one shared vector."""

    rank_source: str | None
    by_model: list[RowStatisticsOfModel]


class TokensAtIndex(Strict):
    """What each vocabulary keeps at one index."""

    id: int
    gpt2: str  # raw
    bert: str
    decoder: str | None  # None: the vocabulary is shorter
    encoder: str | None


class SameIndex(Strict):
    """Which tokens the vocabularies keep at the same place: hardly ever the same one."""

    seed: int
    source_index: int
    drawn_from: list[int]  # first and last id, as in the source's own draw
    draws: list[TokensAtIndex]  # the source's index first
    compared: int  # ids that GPT-2's and BERT's vocabularies both have
    same_string: int  # of these, ids with the same text, markers and case left aside
    same_examples: list[TokensAtIndex]
    shared_words: int  # different words of letters that both vocabularies hold, markers and case left aside


class CorrelationSample(Strict):
    """Correlations of many pairs of rows."""

    count: int
    mean: float
    standard_deviation: float
    histogram: Histogram


class SameWord(Strict):
    """Correlations between rows of two models, under pairings of their dimensions.

    With equal widths the pairing is dimension i with i; with unequal widths there is none, so `dims` dimensions of the wider
    model are chosen arbitrarily, and the first choice is its first `dims`.
    """

    seed: int
    word: str
    decoder_token: TokenRef | None
    encoder_token: TokenRef | None
    decoder_dims: int
    encoder_dims: int
    dims: int  # paired
    widths_equal: bool
    null_standard_deviation: float  # 1 / sqrt(dims - 1)
    published_dims: int
    published_null_standard_deviation: float
    published_source: float  # as the source prints it
    published_rerun: float  # as a public re-run of the same code prints it
    first_pairing: float | None  # r of the word under i with i, or the first `dims`
    pairings: CorrelationSample | None  # r of the word under random pairings
    same_word: CorrelationSample  # all shared words, first pairing
    other_word: CorrelationSample  # the same rows, partners shuffled
    shared_words: int
    space_twin_cosine: float | None  # inside the decoder: the word with and without its space


class MutualOfModel(Strict):
    """How often being a neighbour is returned, in one model."""

    role: Role
    k: int
    by_rank: list[float]  # [rank - 1], share of places at that rank that are returned within the k
    returned: list[int]  # [0..k], tokens of whose k neighbours so many are mutual
    share: float  # of all places
    kept_by_hubs: float  # share of all places that cannot be returned: those in lists of k beyond the k that a token can return
    chance: float  # what random lists of k would return: k / (tokens - 1)
    in_degree_percentiles: dict[str, float]
    one_sided_tokens: list[TokenRef]  # in most lists without returning it
    one_sided_lists: list[int]


class MutualNeighbours(Strict):
    """At which rank being a neighbour is returned, and by whom it never is."""

    by_model: list[MutualOfModel]
