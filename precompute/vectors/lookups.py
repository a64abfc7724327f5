"""Writes lookups: a few rows of decoder and encoder, and how far a one-hot product is from the row it should give."""

from __future__ import annotations

import math

import numpy as np

from artefacts.schemas.vectors import LookupExample, Lookups
from precompute.space import Space
from precompute.statistics_of import rounded
from precompute.workspace import Workspace

COLUMNS = 4
OPTIONS = {"columns": COLUMNS}


def export(work: Workspace) -> Lookups:
    """A few rows of each model, and how far a one-hot product is from the rows at most."""
    return Lookups(by_model=[_example(work, space) for space in work.spaces()])


def _example(work: Workspace, space: Space) -> LookupExample:
    model = work.model_set.model(space.role)
    asked = {word: model.word_token(word, space.kind == "byte_level_bpe") for word in work.words("vector_examples")["lookup"]}
    ids = {word: token_id for word, token_id in asked.items() if token_id is not None}
    return LookupExample(
        role=space.role,
        rows=len(space),
        dims=space.vectors.shape[1],
        words=list(ids),
        tokens=[space.token(n) for n in ids.values()],
        numbers=[[rounded(x, 2) for x in space.vectors[n, :COLUMNS]] for n in ids.values()],
        maximum_absolute_difference=max(_difference(space, n) for n in ids.values()),
    )


def _difference(space: Space, token_id: int) -> float:
    one_hot = np.zeros(len(space), dtype=np.float32)
    one_hot[token_id] = 1
    largest = float(np.abs(one_hot @ space.vectors - space.vectors[token_id]).max())
    if largest == 0:
        return 0.0
    step = 10.0 ** math.floor(math.log10(largest))  # as a bound: rounded up to one digit
    return rounded(math.ceil(largest / step) * step, 12)
