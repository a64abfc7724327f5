"""A token embedding space: one model's vocabulary, its vectors, and the exact measures between them.

Exact means: float32 weights, rows normalised and multiplied in float64, the result rounded to float32. Lists are ordered by
the rounded value, ties by id; a token is never in its own list; a zero row has cosine 0 with everything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from artefacts.schemas.parts import Role, TokenizerKind, TokenRef
from artefacts.tokens import token_text

PLACEHOLDER = re.compile(r"\[unused\d+\]")  # entries that BERT's vocabulary keeps free

WHOLE_WORD_RULES: dict[TokenizerKind, str] = {
    "byte_level_bpe": "A whole-word token is a space followed by letters only.",
    "wordpiece": "A whole-word token is letters only, without the mark ##.",
    "words": "A whole-word token is letters only.",
}


@dataclass(frozen=True)
class Space:
    """One model's embedding space.

    raw_tokens: [token], as the vocabulary spells them.
    vectors: [token, dim], float32.
    """

    role: Role
    name: str
    kind: TokenizerKind
    raw_tokens: list[str]
    vectors: np.ndarray
    special_ids: list[int]

    def __post_init__(self) -> None:
        if self.vectors.dtype != np.float32 or self.vectors.ndim != 2 or len(self.vectors) != len(self.raw_tokens):
            raise ValueError(f"{self.name}: {self.vectors.dtype} {self.vectors.shape} does not fit {len(self.raw_tokens)} tokens")
        if not np.isfinite(self.vectors).all():
            raise ValueError(f"{self.name}: the embedding matrix holds NaN or infinity")

    def __len__(self) -> int:
        return len(self.raw_tokens)

    def token(self, token_id: int) -> TokenRef:
        """A token by its id, with its raw spelling."""
        return TokenRef(id=int(token_id), raw=self.raw_tokens[token_id])

    @cached_property
    def norms(self) -> np.ndarray:
        """[token], float64."""
        return row_norms(self.vectors)

    @cached_property
    def units(self) -> np.ndarray:
        """[token, dim], float64: rows of length one; zero rows stay zero."""
        return unit_rows(self.vectors)

    @cached_property
    def mean_vector(self) -> np.ndarray:
        """[dim], float64: the mean of all rows."""
        return self.vectors.mean(axis=0, dtype=np.float64)

    def centred_units(self, ids: np.ndarray) -> np.ndarray:
        """[id, dim], float64: some tokens' rows of length one, after the mean vector of the whole vocabulary is taken off."""
        return unit_rows(self.vectors[ids] - self.mean_vector)

    @cached_property
    def texts(self) -> list[str]:
        """[token], decoded; a leading space is kept."""
        return [token_text(raw, self.kind) for raw in self.raw_tokens]

    @cached_property
    def whole_words(self) -> np.ndarray:
        """Ids of the whole-word tokens, ascending. See `WHOLE_WORD_RULES`."""
        return np.array(
            [i for i, raw in enumerate(self.raw_tokens) if is_whole_word(raw, self.texts[i], self.kind)], dtype=np.int64
        )


def is_whole_word(raw: str, text: str, kind: TokenizerKind) -> bool:
    """Whether a token is a word on its own, by `WHOLE_WORD_RULES`."""
    if kind == "byte_level_bpe":
        return text.startswith(" ") and text[1:].isalpha()
    return text.isalpha() and not (kind == "wordpiece" and raw.startswith("##"))


def row_norms(vectors: np.ndarray) -> np.ndarray:
    """[token], float64 lengths of rows."""
    return np.sqrt(np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64))


def unit_rows(vectors: np.ndarray) -> np.ndarray:
    """[token, dim], float64 rows of length one; zero rows stay zero."""
    norms = row_norms(vectors)
    return vectors.astype(np.float64, copy=False) / np.where(norms > 0, norms, 1)[:, None]


def cosines_with_all(space: Space, token_id: int) -> np.ndarray:
    """[token], float32: exact cosines of one token with the whole vocabulary, itself included."""
    return (space.units @ space.units[token_id]).astype(np.float32)


def distances_to_all(space: Space, token_id: int) -> np.ndarray:
    """[token], float32: exact Euclidean distances."""
    own = space.vectors[token_id].astype(np.float64)
    return np.concatenate([row_norms(rows - own) for rows in _blocks(space)]).astype(np.float32)


def dot_products_with_all(space: Space, token_id: int) -> np.ndarray:
    """[token], float32: exact dot products, the token's own squared length included."""
    own = space.vectors[token_id].astype(np.float64)
    return np.concatenate([rows @ own for rows in _blocks(space)]).astype(np.float32)


def _blocks(space: Space, rows: int = 8192) -> Iterator[np.ndarray]:
    """The vectors in float64, a block of rows at a time: no second copy of the whole matrix."""
    for start in range(0, len(space), rows):
        yield space.vectors[start : start + rows].astype(np.float64)


def best_first(scores: np.ndarray, *, descending: bool, leave_out: int | None = None) -> np.ndarray:
    """Ids ordered by score, ties by id, without `leave_out`."""
    order = np.argsort(-scores if descending else scores, kind="stable")
    return order if leave_out is None else order[order != leave_out]


def angle_degrees(cosine: float | np.ndarray) -> np.ndarray:
    """The angle whose cosine is given, in degrees."""
    return np.degrees(np.arccos(np.clip(cosine, -1, 1)))
