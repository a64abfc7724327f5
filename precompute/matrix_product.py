"""Writes matrix_product: a loop over the vocabulary and one matrix product give the same cosines, in float32, up to rounding."""

from __future__ import annotations

import math

import numpy as np

from artefacts.schemas.measures import MatrixProduct, MatrixProductOfModel
from precompute.space import Space, best_first
from precompute.statistics_of import pearson, rounded
from precompute.workspace import Workspace


def export(work: Workspace) -> MatrixProduct:
    """The largest difference of the two ways, and whether their top-20 lists are the same, for one word of each model."""
    return MatrixProduct(by_model=[_of_model(space, seed_token(work, space)) for space in work.spaces()])


def seed_token(work: Workspace, space: Space) -> int:
    """The name's token as it stands in running text; where it is several tokens, the first curated word that is one."""
    curated, model = work.words("similarity_words"), work.model_set.model(space.role)
    ids = (model.word_token(word, space.kind == "byte_level_bpe") for word in [curated["name"], *curated["words"]])
    return next((i for i in ids if i is not None), len(space) - 1)


def _of_model(space: Space, seed: int) -> MatrixProductOfModel:
    by_loop, by_product = cosines_by_loop(space.vectors, seed), cosines_by_product(space.vectors, seed)
    difference = float(np.abs(by_loop - by_product).max())
    top = [set(best_first(scores, descending=True, leave_out=seed)[:20].tolist()) for scores in (by_loop, by_product)]
    return MatrixProductOfModel(
        role=space.role,
        tokens=len(space),
        dims=space.vectors.shape[1],
        seed_token=space.token(seed),
        maximum_absolute_difference=rounded_up_to_one_digit(difference),
        pearson=rounded(pearson(by_loop, by_product)),
        same_top_20=top[0] == top[1],
    )


def cosines_by_loop(vectors: np.ndarray, seed: int) -> np.ndarray:
    """[token], float32: as source 1 does it, one row after the other."""
    seed_vector = vectors[seed]
    seed_norm = np.linalg.norm(seed_vector)
    cosines = np.zeros(len(vectors), dtype=np.float32)
    for i, vector in enumerate(vectors):
        size = seed_norm * np.linalg.norm(vector)
        cosines[i] = np.sum(seed_vector * vector) / size if size > 0 else 0
    return cosines


def cosines_by_product(vectors: np.ndarray, seed: int) -> np.ndarray:
    """[token], float32: rows normalised, then one matrix product."""
    units = normalised(vectors)
    return units @ units[seed]


def normalised(vectors: np.ndarray) -> np.ndarray:
    """[token, dim], float32 rows of length one; zero rows stay zero."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(norms > 0, norms, 1)


def rounded_up_to_one_digit(value: float) -> float:
    """A bound with one significant digit: 3.2e-07 becomes 4e-07."""
    if value <= 0:
        return 0.0
    exponent = math.floor(math.log10(value))
    return float(f"{math.ceil(value / 10.0**exponent)}e{exponent}")
