"""The words that all spaces of a set have as one token: only these can be compared in all of them alike.

A shared word is a whole-word token of the encoder, in small ASCII letters, of two letters or more, that the decoder has as one token
with a space before it, and that is among the static vectors if the set has any. A byte-level vocabulary keeps small and capital letter
apart; of the two spellings that it may have, the one with the smaller id is taken, which roughly is the more frequent ("Paris", "king").
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from artefacts.schemas.parts import Role
from precompute.space import unit_rows
from precompute.workspace import SPACE_ROLES, Workspace

LESSON_ROLES: tuple[Role, ...] = ("static", *SPACE_ROLES)  # in the order in which the lesson compares them


@dataclass(frozen=True)
class SharedSpace:
    """The rows of one model that belong to the shared words. ids: [word]; vectors: [word, dim] float64."""

    role: Role
    ids: np.ndarray
    vectors: np.ndarray

    @cached_property
    def units(self) -> np.ndarray:
        """[word, dim]: rows of length one."""
        return unit_rows(self.vectors)

    @cached_property
    def centred_units(self) -> np.ndarray:
        """[word, dim]: rows of length one, after the mean of the shared words is taken off."""
        return unit_rows(self.vectors - self.vectors.mean(axis=0))


@dataclass(frozen=True)
class SharedWords:
    """The words that every model of the set has as one token, and the spaces with their rows."""

    words: list[str]
    spaces: dict[Role, SharedSpace]

    @cached_property
    def place(self) -> dict[str, int]:
        """Word -> its row in every space."""
        return {word: n for n, word in enumerate(self.words)}

    def split(self, words: list[str]) -> tuple[list[str], list[str]]:
        """(those that are shared words, those that are not), each in the given order."""
        return [w for w in words if w in self.place], [w for w in words if w not in self.place]


def shared_words(work: Workspace) -> SharedWords:
    """The shared words in the order of the encoder's vocabulary, with their rows in all spaces of the set."""
    return work.once("shared_words", lambda: _find(work))


def _find(work: Workspace) -> SharedWords:
    roles = [role for role in LESSON_ROLES if role in work.model_set.members]
    models = {role: work.model_set.model(role) for role in roles}
    lookups = {role: {raw: n for n, raw in reversed(list(enumerate(model.raw_tokens())))} for role, model in models.items()}
    found: dict[str, dict[Role, int]] = {}
    for word in lookups["encoder"]:
        if len(word) < 2 or not (word.isascii() and word.isalpha() and word == word.lower()):
            continue
        ids = {role: _id_of(word, lookups[role], models[role].tokenizer_kind) for role in roles}
        if None not in ids.values():
            found[word] = ids
    words = sorted(found, key=lambda word: found[word]["encoder"])
    spaces = {}
    for role in roles:
        ids = np.array([found[word][role] for word in words], dtype=np.int64)
        spaces[role] = SharedSpace(role, ids, models[role].token_embeddings()[ids].astype(np.float64))
    return SharedWords(words, spaces)


def _id_of(word: str, lookup: dict[str, int], kind: str) -> int | None:
    if kind != "byte_level_bpe":
        return lookup.get(word)
    ids = [lookup[spelling] for spelling in (f"Ġ{word}", f"Ġ{word.capitalize()}") if spelling in lookup]
    return min(ids, default=None)
