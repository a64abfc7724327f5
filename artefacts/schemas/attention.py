"""What attention does: one step in small numbers, what a block adds, the weights of a sentence, and experiments on it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from artefacts.schemas.parts import Cosine, PackedArray, Role, Strict, TokenRef

Matrix = list[list[float]]
Weight = Annotated[float, Field(ge=0, le=1.000001)]


class MaskedStep(Strict):
    """One block in small numbers, from the scores on. None stands for a masked score."""

    mask: Literal["none", "causal"]
    scores: list[list[float | None]]  # [query, key], scaled, masked
    weights: list[list[Weight]]  # [query, key]
    mixed: Matrix  # [token, head dim], weights times values
    update: Matrix  # [token, dim], what is added
    after_attention: Matrix  # [token, dim], input + update
    normalised: Matrix  # LayerNorm of it
    hidden: Matrix  # [token, hidden dim], the MLP's first layer after ReLU
    mlp: Matrix  # [token, dim], what the MLP adds
    after_mlp: Matrix
    output: Matrix  # LayerNorm of it


class AttentionStep(Strict):
    """A block with one head, numbers chosen by hand. Order of BERT: normalise after each sum."""

    tokens: list[str]
    inputs: Matrix  # [token, dim]
    query_matrix: Matrix  # [dim, head dim]
    key_matrix: Matrix
    value_matrix: Matrix
    output_matrix: Matrix  # [head dim, dim]
    first_mlp_matrix: Matrix  # [dim, hidden dim]
    second_mlp_matrix: Matrix  # [hidden dim, dim]
    queries: Matrix  # [token, head dim]
    keys: Matrix
    values: Matrix
    products: Matrix  # [query, key], before scaling
    scale: float  # square root of head dim
    steps: list[MaskedStep]


class BlockUpdate(Strict):
    """Norms of a token's vector on its way through one block."""

    layer: int  # from 1
    before: float
    attention: float  # of what attention adds
    mlp: float  # of what the MLP adds
    after: float
    cosine: float  # of the vectors before and after
    first_token_after: float  # norm of the first token's vector after the block


class BlockUpdatesOfModel(Strict):
    """The lengths along one token's way through a model's blocks."""

    role: Role
    token: TokenRef
    place: int
    first_token: TokenRef
    normalises_after: bool  # after each sum (BERT), or before each part (GPT-2, Llama)
    largest_gap: float  # |before + attention + mlp - after| / |after|, largest over layers; 0 for post-norm, where it is not defined
    layers: list[BlockUpdate]


class BlockUpdates(Strict):
    """How long a token's vector is before each block, and how long is what attention and MLP add to it."""

    text: str
    by_model: list[BlockUpdatesOfModel]


class AttentionOfModel(Strict):
    """All attention weights of one model for a text."""

    role: Role
    tokens: list[TokenRef]
    places: list[int | None]  # place of the word in the text, None for tokens that were added
    weights: PackedArray  # uint16 [layer, head, query, key], in 65,535ths


class AttentionMaps(Strict):
    """All attention weights of decoder and encoder for the source's sentence.

    weight = value / 65,535, within error_bound.
    """

    text: str
    error_bound: float
    by_model: list[AttentionOfModel]


class SinkLayer(Strict):
    """Mean weights over sentences, heads and queries; queries that see fewer than three tokens are left out."""

    layer: int
    first: Weight  # on the first token ([CLS] in an encoder that adds it)
    last: Weight  # on the last token of the input ([SEP]); decoders: on the token itself where it is last, so nearly nothing
    itself: Weight
    previous: Weight
    rest: Weight
    heads_on_first: Weight  # share of heads that give the first token more than half of their weight on average
    busiest_head: int
    busiest_head_first: Weight
    first_alike: Cosine  # mean cosine of the states of different first words after this layer; decoders: the sink; encoders: [CLS]
    second_alike: Cosine  # the same for whatever stands next: what to compare with


class SinksOfModel(Strict):
    """How much weight the ends of a text get in each layer of a model, averaged over heads and texts."""

    role: Role
    first_token: str  # how the first token is named: "[CLS]" or "the first token"
    last_token: str | None  # "[SEP]", or None where nothing is added at the end
    uniform_first: Weight  # what the first token would get if every visible token got the same
    layers: list[SinkLayer]


class AttentionSinks(Strict):
    """Where attention goes on average: to the ends of a text, in every layer of both models."""

    sentences: int
    by_model: list[SinksOfModel]


class Replacement(Strict):
    """One word put in place of another, and how far the states move."""

    word: str
    movement: Matrix  # [layer, token], |h' - h| / |h|
    unmoved: list[bool]  # [token], whether its states of all layers are the same to the last bit


class Influence(Strict):
    """What one token's last state owes to each token it sees, by three measures, itself left out."""

    query: int  # place in `tokens`
    keys: list[int]
    attention: list[Weight]  # last layer, mean of heads
    rollout: list[Weight]  # attention rollout to the last layer
    movement: list[float]  # |h' - h| / |h| in the last layer, mean over what stood in the key's place
    spearman_attention: float | None  # of attention and movement, over keys; None for fewer than four keys
    spearman_rollout: float | None


class ChangedWordsOfModel(Strict):
    """What exchanging a word moves in one model. places: of tokens in the text, None for those that were added."""

    role: Role
    tokens: list[TokenRef]
    places: list[int | None]
    changed: int  # place in `tokens` of the word that is replaced
    bank: int
    replacements: list[Replacement]
    influences: list[Influence]


class ChangedWords(Strict):
    """A word of a sentence is replaced by others of the same length in tokens: whose states move, and whose cannot."""

    text: str
    change: str
    left_out: list[str]
    by_model: list[ChangedWordsOfModel]
