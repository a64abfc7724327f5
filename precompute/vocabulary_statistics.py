"""Writes vocabulary_statistics: what the entries of each vocabulary are: words, pieces, twins, odd bytes; and how long they are."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np

from artefacts.schemas.parts import TokenizerKind
from artefacts.schemas.vocabularies import VocabularyCounts, VocabularyStatistics
from artefacts.tokens import is_partial_utf8, token_bytes, token_text
from precompute.progress import track
from precompute.space import PLACEHOLDER
from precompute.statistics_of import integer_histogram
from precompute.vocabularies import TOKENIZERS
from precompute.workspace import Workspace


def export(work: Workspace) -> VocabularyStatistics:
    """Counts and lengths for all tokenizers. Every entry is counted, none is sampled."""
    counts = [_of_tokenizer(work, tokenizer) for tokenizer in track(TOKENIZERS, "counting vocabularies", len(TOKENIZERS))]
    return VocabularyStatistics(tokenizers=counts)


def _of_tokenizer(work: Workspace, tokenizer: str) -> VocabularyCounts:
    part = work.model_set.tokenizer(tokenizer)
    return vocabulary_counts(tokenizer, part.spec.name, part.kind, part.raw_tokens(), set(part.special_ids()))


def vocabulary_counts(tokenizer: str, name: str, kind: TokenizerKind, tokens: list[str], special_ids: set[int]) -> VocabularyCounts:
    """All counts of one vocabulary. tokens: [token], raw."""
    texts = [token_text(raw, kind) for raw in tokens]
    starts_word = [
        not raw.startswith("##") if kind == "wordpiece" else text.startswith(" ") for raw, text in zip(tokens, texts, strict=True)
    ]
    stripped = [text.removeprefix(" ") for text in texts]
    is_word = [word.isalpha() and i not in special_ids for i, word in enumerate(stripped)]
    ordinary = [i for i, raw in enumerate(tokens) if i not in special_ids and not PLACEHOLDER.fullmatch(raw)]
    return VocabularyCounts(
        tokenizer=tokenizer,
        name=name,
        kind=kind,
        size=len(tokens),
        starts_with_space=sum(text.startswith(" ") for text in texts),
        continuation_pieces=sum(kind == "wordpiece" and raw.startswith("##") and len(raw) > 2 for raw in tokens),
        letters_only=sum(is_word),
        space_and_letters=sum(word and text.startswith(" ") for word, text in zip(is_word, texts, strict=True)),
        digits_only=sum(word.isdigit() for word in stripped),
        non_ascii=sum(not token_bytes(raw, kind).isascii() for raw in tokens),
        partial_utf8=sum(is_partial_utf8(raw, kind) for raw in tokens),
        unused=sum(PLACEHOLDER.fullmatch(raw) is not None for raw in tokens),
        special=len(special_ids),
        space_twins=_space_twins(stripped, starts_word, is_word),
        case_twins=_case_twins(stripped, starts_word, is_word),
        lengths_raw=integer_histogram(np.array([len(raw) for raw in tokens])),
        lengths_decoded=integer_histogram(np.array([len(text) for text in texts])),
        lengths_stripped=integer_histogram(np.array([len(stripped[i]) for i in ordinary])),
    )


def _space_twins(words: list[str], starts_word: list[bool], is_word: list[bool]) -> int:
    """How many letter-words exist both as the start of a word and inside one (with and without space, or ##)."""
    seen = [{w for w, start, ok in zip(words, starts_word, is_word, strict=True) if ok and start is side} for side in (True, False)]
    return len(seen[0] & seen[1])


def _case_twins(words: list[str], starts_word: list[bool], is_word: list[bool]) -> int:
    """How many letter-words, with the same space or mark, exist in more than one case."""
    forms: dict[tuple[str, bool], Counter[str]] = defaultdict(Counter)
    for word, start, ok in zip(words, starts_word, is_word, strict=True):
        if ok:
            forms[word.lower(), start][word] += 1
    return sum(len(found) > 1 for found in forms.values())
