"""How an encoder is fed and trained, and who can see whom: inputs, masks, pairs, and a change that spreads."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from artefacts.schemas.parts import Role, Strict, TokenizerKind, TokenRef

Probability = Annotated[float, Field(ge=0, le=1)]


class FlowOfModel(Strict):
    """What moves when one token of a sentence is replaced by another, with everything else left as it is."""

    role: Role
    tokens: list[TokenRef]  # [position], special tokens included
    replacements: list[TokenRef]  # [position] what the token there was replaced with
    changes: list[list[float]]  # [replaced, observed]: |new - old| / |old| of the last layer's vector; 0 means the same bits
    layers: int
    attention_blocks: int  # attention modules in the network: one a layer, or two where there is cross-attention
    cross_attention: bool


class InformationFlow(Strict):
    """One token of a sentence is replaced: at which positions the last layer's vectors change, in decoder and encoder."""

    sentence: str
    by_model: list[FlowOfModel]
    target: list[str]  # the sentence in another language, word by word: an example for the two-part machine, from no model


class EncoderInput(Strict):
    """A text, or a pair of texts, as BERT's tokenizer hands it to the model. All lists: [position]."""

    name: str
    first: str
    second: str | None
    tokens: list[TokenRef]
    segments: list[int]  # 0 or 1


class EncoderInputs(Strict):
    """Texts and pairs as BERT's tokenizer hands them to the model, with special tokens and segments."""

    tokenizer_kind: TokenizerKind
    special_tokens: dict[str, int]  # "[CLS]" -> id
    inputs: list[EncoderInput]


MaskingKind = Literal["masked", "random", "kept"]


class MaskedPosition(Strict):
    """A position that BERT's training chooses, and what became of it."""

    position: int
    kind: MaskingKind
    shown: TokenRef  # what the model is given there


class MaskingCount(Strict):
    """Totals after so many draws of the same text."""

    draws: int
    tokens: int  # ordinary tokens, special ones left out
    selected: int
    masked: int
    random: int
    kept: int


class MaskingDraws(Strict):
    """The same text through transformers' DataCollatorForLanguageModeling, again and again."""

    text: str
    tokens: list[TokenRef]  # [position], special tokens included
    seed: int
    probability: Probability  # nominal, of being selected
    mask_probability: Probability  # nominal, of the selected
    random_probability: Probability
    draws: list[list[MaskedPosition]]  # the first draws, in full
    counts: list[MaskingCount]  # after 10, 100, ... draws
    selected_per_draw: list[int]  # [n]: in how many of all draws n tokens were selected
    original_rule: int  # how many tokens BERT's own program selects in this text: always the same number


class Prediction(Strict):
    """A word and its probability."""

    text: str
    probability: Probability


class MaskExample(Strict):
    """What a model puts in place of [MASK]."""

    text: str  # with one [MASK]
    predictions: list[Prediction]  # best first


class PairExample(Strict):
    """Two sentences, and how probably the second follows the first."""

    first: str
    second: str
    is_next: Probability | None  # None where no head was asked


class PretrainingHeads(Strict):
    """What the heads of BERT's pre-training say: the set's own where its encoder has them, else what has been published."""

    model: str  # whose predictions these are
    mask_head: bool  # whether the set's encoder has that head, so that `masks` was computed here
    pair_head: bool
    masks: list[MaskExample]
    pairs: list[PairExample]
