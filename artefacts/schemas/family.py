"""BERT and the models after it: how many parameters each has, what was published about them, and how BERT's vocabulary cuts other texts."""

from __future__ import annotations

from typing import Literal

from artefacts.schemas.parts import Strict

FamilyGroup = Literal["original", "after", "domain", "languages", "since", "here"]
WayKind = Literal["bert_first", "bert_mean", "static_mean", "sentence_bert"]


class FamilyModel(Strict):
    """One model of the family, its parameters counted by part."""

    name: str
    group: FamilyGroup
    source: str | None  # citation key of where its sizes stand; None for the set's own encoder
    vocabulary: int  # V
    width: int  # H, of the layers
    embedding_width: int  # E, of the token vectors: H unless they are factorised
    layers: int  # how often a text passes through a layer
    layers_stored: int  # how many different ones there are: 1 where all share their parameters
    token_parameters: int  # V x E
    factor_parameters: int  # E x H and its bias: 0 unless factorised
    other_embedding_parameters: int  # positions, segments and their normalisation
    layer_parameters: int  # all stored layers, with a normalisation after the last one
    pooler_parameters: int  # the dense layer over [CLS]
    parameters: int  # the sum
    published_millions: float | None


class BertFamily(Strict):
    """BERT and its relatives, counted in networks that are built without weights."""

    models: list[FamilyModel]


class PublishedWay(Strict):
    """One way of comparing sentences, with the scores that were published for it."""

    name: str
    kind: WayKind
    scores: list[float]  # [task] 100 x Spearman
    average: float


class PublishedSimilarity(Strict):
    """Copied from a paper; nothing is computed."""

    source: str
    tasks: list[str]
    ways: list[PublishedWay]


class WordCut(Strict):
    """A word and its pieces."""

    word: str
    pieces: list[str]  # raw tokens


class FieldCut(Strict):
    """The words of one field, cut by BERT's vocabulary."""

    field: str
    words: list[WordCut]
    mean_pieces: float
    whole: int  # words that are one piece


class LanguageCut(Strict):
    """A sentence in one language, cut by BERT's vocabulary."""

    language: str
    sentence: str
    words: int
    pieces: int  # signs left out
    unknown: int  # pieces that are [UNK]
    pieces_per_word: float


class PiecesByField(Strict):
    """Cut by BERT's real tokenizer."""

    fields: list[FieldCut]
    languages: list[LanguageCut]
