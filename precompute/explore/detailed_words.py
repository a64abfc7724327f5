"""The frequent words for which the token explorer has more than lists: a map of their neighbourhood."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from artefacts.schemas.parts import Role
from precompute.explore.static_space import explored_space
from precompute.vectors.shared_words import shared_words
from precompute.workspace import SPACE_ROLES, Workspace

WORDS = 3600
ROLES: tuple[Role, ...] = (*SPACE_ROLES, "static")


@dataclass(frozen=True)
class DetailedWords:
    """words: from frequent to rare. ids: role -> [word], tokens of `explored_space`."""

    words: list[str]
    ids: dict[Role, np.ndarray]


def detailed_words(work: Workspace) -> DetailedWords:
    """The most frequent of the words that every model of the set has as one token, by the order of the static vectors."""
    return work.once("detailed words", lambda: _choose(work))


def _choose(work: Workspace) -> DetailedWords:
    shared = shared_words(work)
    row_of = {word: n for n, word in enumerate(explored_space(work, "static").raw_tokens)}
    chosen = sorted((word for word in shared.words if word in row_of), key=row_of.__getitem__)[:WORDS]
    places = [shared.place[word] for word in chosen]
    ids = {role: shared.spaces[role].ids[places] for role in SPACE_ROLES}
    return DetailedWords(chosen, ids | {"static": np.array([row_of[word] for word in chosen], dtype=np.int64)})
