"""Which words of a list can be compared in a set, and their static vectors: those that every space has as a single token.

A word's static vector is the row of its single token, in small letters: with the space before it in a byte-level BPE, bare elsewhere.
A word that is several tokens in one space is left out of all, and named with the spaces that cut it; nothing is averaged quietly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from precompute.workspace import Workspace

WORD_LIST = "rsa_words"
SOURCE_WORDS = "space_furniture_fruit"  # the table of the list that the source uses


@dataclass(frozen=True)
class LeftOut:
    """A word that cannot be compared. pieces: member -> how many tokens it is there, for those where it is not one; 0: not known at all."""

    word: str
    category: str
    pieces: dict[str, int]


@dataclass(frozen=True)
class ComparedWords:
    """words, categories: [word], the categories one after the other as in the list. vectors: member -> [word, dim] float64."""

    words: list[str]
    categories: list[str]
    left_out: list[LeftOut]
    token_ids: dict[str, np.ndarray]
    vectors: dict[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.words)


def source_words(work: Workspace, members: Sequence[str] | None = None) -> ComparedWords:
    """The 34 words of the source on RSA, as far as they can be compared."""
    return compared_words(work, work.words(WORD_LIST)[SOURCE_WORDS], members)


def compared_words(work: Workspace, listed: dict[str, list[str]], members: Sequence[str] | None = None) -> ComparedWords:
    """The words of a list, category -> words, that are a single token in each of these members of the set (all its roles if None)."""
    models = {member: work.model_set.model(member) for member in members or work.model_set.roles}
    kept: list[tuple[str, str, dict[str, int]]] = []
    left_out = []
    for category, words in listed.items():
        for word in words:
            ids = {member: model.word_token(word) for member, model in models.items()}
            missing = [member for member, token in ids.items() if token is None]
            if missing:
                left_out.append(LeftOut(word, category, {member: _pieces(models[member], word) for member in missing}))
            else:
                kept.append((word, category, ids))
    token_ids = {member: np.array([ids[member] for _, _, ids in kept], dtype=np.int64) for member in models}
    return ComparedWords(
        words=[word for word, _, _ in kept],
        categories=[category for _, category, _ in kept],
        left_out=left_out,
        token_ids=token_ids,
        vectors={member: model.token_embeddings()[token_ids[member]].astype(np.float64) for member, model in models.items()},
    )


def _pieces(model, word: str) -> int:
    if model.tokenizer_kind == "words":
        return 0
    return len(model.tokenize(f" {word}" if model.tokenizer_kind == "byte_level_bpe" else word))
