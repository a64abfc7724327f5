"""What the attention explorer fetches: scores of every head, sentences, and files that hold their attention from far and from near.

Weights travel in two parts. An overview holds every weight of a sentence as a byte: weight = byte / 255. A depth file adds what the
byte leaves: weight = (byte + remainder / 254) / 255. Both hold cells only: of a causal model [query, key <= query] row by row, the
others being masked; of another all of [query, key].
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from artefacts.schemas.parts import DeflatedArray, PackedArray, Role, Strict, TokenRef

Share = Annotated[float, Field(ge=0, le=1.000001)]
Kind = Literal["previous", "next", "first", "separator", "self", "duplicate", "broad"]


class ScoreKind(Strict):
    """One way to score heads. uniform: the score of a head that looks at every token it sees alike."""

    kind: Kind
    rule: str
    least: Share  # the score from which a head may be named after it
    queries: int
    uniform: Share
    uniform_without_sink: Share | None  # None: not scored there


class ScoredHead(Strict):
    """Scores in the order of the kinds; None where nothing is left to score."""

    layer: int  # from 1
    head: int  # from 1
    label: Kind | None
    scores: list[Share | None]
    label_without_sink: Kind | None
    scores_without_sink: list[Share | None]
    sink: Share  # mean weight on the sink
    entropy: float  # bits, mean over queries


class NamedHead(Strict):
    """A head that is named after what it does. layer, head: from 0."""

    layer: int
    head: int
    kind: Kind
    without_sink: bool  # it was chosen by its score without the sink


class HeadsOfModel(Strict):
    """The scores of all heads of a model, and what they are called."""

    role: Role
    layers: int
    heads_in_layer: int
    key_value_heads: int
    head_dims: int
    rotary: bool
    sink: Literal["first", "last"]  # which end of the text gets more weight on average
    sink_share: Share
    tokens: int  # of the corpus
    kinds: list[ScoreKind]
    heads: list[ScoredHead]
    named: list[NamedHead]  # whose queries and keys are exported


class AttentionHeads(Strict):
    """Every head's scores over a corpus, and the name that a stated rule gives it."""

    corpus: str
    corpus_sentences: int
    fewest_seen: int  # queries that see fewer tokens are not scored
    times_uniform: float  # a name needs this many times the score of an even spread
    least_left: Share  # rows with less weight than this beside the sink are not scored without it
    by_model: list[HeadsOfModel]


class ChangeOffer(Strict):
    """A word that the reader can exchange for another."""

    word: str
    other: str
    text: str  # the changed text, second included


class HeadFile(Strict):
    """Which file holds a head's attention from near. layer, head: from 0."""

    layer: int
    head: int
    file: int


class SentenceOfModel(Strict):
    """A sentence as one model reads it. Numbers of files are those of the shards."""

    role: Role
    causal: bool
    tokens: list[TokenRef]
    focus: int  # the token that is selected at first
    counterparts: list[int | None]  # [token], the token of the other model that covers the same word; None where none does
    overview: int
    depth: list[int]  # one file for every `layers_in_depth` layers
    layers_in_depth: int
    products: list[HeadFile]
    changes: list[int]  # one file for each of the sentence's changes


class ExplainedSentence(Strict):
    """One sentence of the explorer, or a pair of two."""

    name: str
    shows: str
    text: str
    second: str | None
    look_for: str
    changes: list[ChangeOffer]
    by_model: list[SentenceOfModel]


class AttentionSentences(Strict):
    """The attention of the explorer's sentences: which there are, and which shard holds what."""

    longest: int  # tokens
    overview_error: float  # of a weight
    depth_error: float
    left_out_changes: list[str]  # which would not be equally many tokens
    sentences: list[ExplainedSentence]
    shards: int
    shard_sha256: str


class AttentionOverview(Strict):
    """All heads of one sentence. rollout: to each layer, as the weights are kept. entropies: value / 65535 * entropy_max bits."""

    weights: DeflatedArray  # uint8 [layer, head, cell]
    rollout: PackedArray  # uint8 [layer, cell]
    entropy_max: float
    entropies: PackedArray  # uint16 [layer, head], mean over queries


class AttentionDepth(Strict):
    """What the overview leaves of a run of layers."""

    first_layer: int  # from 1
    remainders: PackedArray  # int8 [layer, head, cell]


class HeadProducts(Strict):
    """Queries and keys of one head as attention multiplies them, after the rotation where there is one.

    A number is value / 32767 times the scale of its vector. score = query . key / sqrt(dims).
    """

    layer: int
    head: int
    key_value_head: int
    queries: PackedArray  # int16 [token, dim]
    query_scales: list[float]
    keys: PackedArray  # int16 [token, dim]
    key_scales: list[float]


class ChangedSentence(Strict):
    """The sentence with another word in it, and how far everything moved."""

    tokens: list[TokenRef]
    changed: list[int]  # places of tokens that differ
    weights: DeflatedArray  # uint8 [layer, head, cell]
    rows_moved: list[list[float]]  # [layer, head], mean over queries of half the summed differences of a row: 0 same, 1 all elsewhere
    movement: list[list[float]]  # [layer + 1, token], |h' - h| / |h|


class AttentionFile(Strict):
    """One shard: it holds one of the four."""

    sentence: str
    role: Role
    overview: AttentionOverview | None = None
    depth: AttentionDepth | None = None
    products: HeadProducts | None = None
    changed: ChangedSentence | None = None
