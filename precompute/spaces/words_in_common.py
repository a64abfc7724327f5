"""The words that all spaces of a set know as one token, the small models trained here included, with their rows in each.

A word is small ASCII letters, two or more: the entry itself in WordPiece and among static vectors, the entry with a space before it
in byte-level BPE, and in the small models a word that occurs often enough to have been moved by training, or is one of the words listed
in content/words/twins.toml. A space is a model of the set in its role, one that accompanies it (`more` in the TOML), or a small model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from precompute.rsa.words import SOURCE_WORDS, WORD_LIST
from precompute.twins.models import TWINS, trained
from precompute.twins.twin_training import compared_words
from precompute.workspace import Workspace

WORD_LISTS = (WORD_LIST,)
PARTS = ("decoder", "encoder", "static", "more")
LIBRARIES = ("numpy", "gguf", "safetensors", "tokenizers", "torch")
Kind = Literal["decoder", "encoder", "static", "twin"]


@dataclass(frozen=True)
class WordSpace:
    """The rows of one model that belong to the words in common, [word, dim] float64."""

    key: str  # "decoder", "gpt2-medium", "skip-gram-1"
    name: str
    kind: Kind
    vectors: np.ndarray

    @property
    def width(self) -> int:
        """Numbers a word has."""
        return self.vectors.shape[1]


@dataclass(frozen=True)
class WordsInCommon:
    """The words, and each space's rows of them, [word, dim]."""

    words: list[str]  # from frequent to rare in the text of the small models
    spaces: dict[str, WordSpace]  # by key: roles, accompanying models, small models

    def rows_of(self, words: list[str]) -> np.ndarray:
        """Ids of those of `words` that are known, in the given order."""
        place = {word: n for n, word in enumerate(self.words)}
        return np.array([place[word] for word in words if word in place], dtype=np.int64)


def words_in_common(work: Workspace) -> WordsInCommon:
    """Found once a run; trains the small models where the cache does not have them."""
    return work.once("words in common", lambda: _find(work))


def model_keys(work: Workspace) -> list[str]:
    """Roles and accompanying models of the set, without the optional ones."""
    return [key for key in work.model_set.members if key not in work.model_set.optional]


def _find(work: Workspace) -> WordsInCommon:
    models = {key: work.model_set.model(key) for key in model_keys(work)}
    rows = {key: _rows_of_words(model) for key, model in models.items()}
    twins = trained(work)
    vocabulary = twins.corpus.vocabulary
    place = twins.corpus.place
    listed = [place[word] for words in work.words(WORD_LIST)[SOURCE_WORDS].values() for word in words if word in place]
    known = sorted({*compared_words(twins.corpus, twins.plan).ids.tolist(), *listed})
    words = [word for word in (vocabulary[n] for n in known) if _is_plain(word) and all(word in of for of in rows.values())]
    spaces = {
        key: WordSpace(key, model.spec.name, model.spec.role, _taken(model.token_embeddings(), [rows[key][word] for word in words]))
        for key, model in models.items()
    }
    for twin in TWINS:
        vectors = _taken(twins.finished(twin.name).vectors, [place[word] for word in words])
        spaces[twin.name] = WordSpace(twin.name, twin_name(twin.objective, twin.seed), "twin", vectors)
    return WordsInCommon(words, spaces)


def twin_name(objective: str, seed: int) -> str:
    """How a small model is called in sentences."""
    return f"{objective}, seed {seed}"


def _taken(matrix: np.ndarray, ids: list[int]) -> np.ndarray:
    return matrix[np.array(ids, dtype=np.int64)].astype(np.float64)


def _is_plain(word: str) -> bool:
    return len(word) > 1 and word.isascii() and word.isalpha()


def _rows_of_words(model) -> dict[str, int]:
    """Word -> row, the first one where an entry stands there twice."""
    space = "Ġ" if model.tokenizer_kind == "byte_level_bpe" else ""
    found: dict[str, int] = {}
    for row, raw in enumerate(model.raw_tokens()):
        if raw.startswith(space):
            found.setdefault(raw.removeprefix(space), row)
    return found
