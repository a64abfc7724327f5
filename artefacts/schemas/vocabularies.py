"""Vocabularies, what they consist of, and how words are cut."""

from __future__ import annotations

from artefacts.schemas.parts import Histogram, Strict, TokenizerKind


class Vocabulary(Strict):
    """All entries of one tokenizer in id order, raw strings."""

    tokenizer: str
    kind: TokenizerKind
    tokens: list[str]
    special_ids: list[int]


class VocabularyCounts(Strict):
    """What the entries of one vocabulary consist of."""

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
    """What the entries of each vocabulary are: words, pieces, odd bytes; and how long they are."""

    tokenizers: list[VocabularyCounts]


class Tokenisation(Strict):
    """A text as one tokenizer cuts it."""

    tokenizer: str  # gpt2, bert, decoder, encoder
    ids: list[int]
    raw: list[str]


class TokenisationExample(Strict):
    """A word as every tokenizer cuts it."""

    word: str
    leading_space: bool
    by_tokenizer: list[Tokenisation]


class TokenisationExamples(Strict):
    """Curated words through every tokenizer, with and without a leading space."""

    tokenizer_names: dict[str, str]  # tokenizer -> display name
    tokenizer_kinds: dict[str, TokenizerKind]
    examples: list[TokenisationExample]
