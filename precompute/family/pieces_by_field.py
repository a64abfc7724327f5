"""Writes pieces_by_field: into how many pieces BERT's vocabulary of English cuts the words of other fields and other languages."""

from __future__ import annotations

import numpy as np

from artefacts.schemas.family import FieldCut, LanguageCut, PiecesByField, WordCut
from precompute.statistics_of import rounded
from precompute.workspace import Workspace

WORD_LIST = "field_words"
UNKNOWN = "[UNK]"


def export(work: Workspace) -> PiecesByField:
    """Pieces a word for each field, and for one sentence in each language."""
    lists = work.words(WORD_LIST)
    return PiecesByField(
        fields=[_field(work, field, words) for field, words in lists["fields"].items()],
        languages=[_language(work, language, sentence) for language, sentence in lists["languages"].items()],
    )


def _pieces(work: Workspace, text: str) -> list[str]:
    """Raw tokens of BERT's tokenizer, without signs: a full stop is no piece of a word."""
    bert = work.model_set.tokenizer("bert")
    raw = work.once("raw tokens of BERT", bert.raw_tokens)
    pieces = [raw[i] for i in bert.tokenize(text)]
    return [piece for piece in pieces if any(character.isalnum() for character in piece)]


def _field(work: Workspace, field: str, words: list[str]) -> FieldCut:
    cuts = [WordCut(word=word, pieces=_pieces(work, word)) for word in words]
    return FieldCut(
        field=field,
        words=cuts,
        mean_pieces=rounded(np.mean([len(cut.pieces) for cut in cuts]), 4),
        whole=sum(len(cut.pieces) == 1 for cut in cuts),
    )


def _language(work: Workspace, language: str, sentence: str) -> LanguageCut:
    pieces, words = _pieces(work, sentence), sentence.split()
    return LanguageCut(
        language=language,
        sentence=sentence,
        words=len(words),
        pieces=len(pieces),
        unknown=pieces.count(UNKNOWN),
        pieces_per_word=rounded(len(pieces) / len(words), 4),
    )
