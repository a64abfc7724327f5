"""One word in many sentences, layer by layer."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from artefacts.schemas.parts import Cosine, Role, Strict, TokenRef

Share = Annotated[float, Field(ge=0, le=1)]


class Occurrence(Strict):
    """One place where the word stands."""

    text: str
    sense: str
    mixed: bool  # words of another sense stand in the sentence, too
    clue: str  # where the telling words stand: before, after, both
    number: int  # 1 for the first time the word stands in the sentence


class ContextLayer(Strict):
    """Cosines of one word's states in many sentences, in one layer."""

    layer: int  # 0: what enters the first block
    within: Cosine  # mean over pairs of one sense; sentences with words of two senses left out, as below
    across: Cosine
    other_words: Cosine  # mean over pairs of different words of different sentences: the layer's baseline
    nearest_same_sense: int | None  # occurrences whose nearest other has the same sense; None where all are one vector
    leanings: list[float]  # [occurrence in a mixed sentence], mean cosine with its own sense minus that with the nearest other sense
    cosines: list[Cosine]  # all pairs of occurrences, the upper triangle row by row


class ContextsOfModel(Strict):
    """One word's states in many sentences, in all layers of a model."""

    role: Role
    places: list[int]  # [occurrence], place of the word's token in the input
    layers: list[ContextLayer]
    sentences_within: Cosine  # mean cosine of the means of the last states, sentences of one sense
    sentences_across: Cosine


class BankContexts(Strict):
    """One word in sentences of several senses: how alike its states are within a sense and across senses, layer by layer."""

    word: str
    plain: int  # how many occurrences stand in sentences of one sense: the first so many of `occurrences`
    occurrences: list[Occurrence]
    left_out: list[str]  # sentences in which the word is several tokens
    by_model: list[ContextsOfModel]


class SplitTest(Strict):
    """The largest score of all layers, beside its largest scores when the sentences are split in every other way."""

    layer: int  # the first that has it
    observed: float
    expected: float  # mean over splits
    p: Share  # share of splits that reach it, the real one among them


class TokenSenses(Strict):
    """One token's states in sentences of several senses: whether they fall by sense."""

    token: TokenRef
    nearest: SplitTest  # of how many sentences the nearest other is of the same sense
    gap: SplitTest  # mean cosine within senses minus across


class SensesOfModel(Strict):
    """The word, and for comparison the tokens that all sentences share, each at its last place in a sentence."""

    role: Role
    word: TokenSenses
    others: list[TokenSenses]  # a decoder's first place is left out
    right: list[bool]  # [occurrence], whether the word's nearest other has its sense, in the layer of `word.nearest`


class SenseTests(Strict):
    """Exact tests of whether a word's states, and those of tokens beside it, fall by the sense of the sentence."""

    occurrences: list[Occurrence]  # in sentences of one sense
    splits: int  # ways to split the sentences into groups as large as the senses
    by_model: list[SensesOfModel]
