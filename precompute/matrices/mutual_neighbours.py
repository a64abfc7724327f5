"""Writes mutual_neighbours: at which rank being a neighbour is returned, and by whom it never is."""

from __future__ import annotations

import numpy as np

from artefacts.schemas.matrices import MutualNeighbours, MutualOfModel
from precompute.neighbours import neighbour_table
from precompute.space import Space
from precompute.statistics_of import rounded
from precompute.workspace import Workspace

SHOWN = 10
PERCENTILES = (5, 25, 50, 75, 95, 99)
OPTIONS = {"shown": SHOWN}


def export(work: Workspace) -> MutualNeighbours:
    """Ranks in the neighbours' own lists, over all lists of both models."""
    return MutualNeighbours(by_model=[_of_model(space, neighbour_table(work, space.role).ids) for space in work.spaces()])


def _of_model(space: Space, ids: np.ndarray) -> MutualOfModel:
    tokens, k = ids.shape
    returned = returned_places(ids)
    in_degree = np.bincount(ids.ravel(), minlength=tokens)
    one_sided = in_degree - returned.sum(axis=1)  # a token returns exactly as many places as are returned to it
    most = np.argsort(-one_sided, kind="stable")[:SHOWN]
    return MutualOfModel(
        role=space.role,
        k=k,
        by_rank=[rounded(share) for share in returned.mean(axis=0)],
        returned=np.bincount(returned.sum(axis=1), minlength=k + 1).tolist(),
        share=rounded(returned.mean()),
        kept_by_hubs=rounded(kept_by_hubs(in_degree, k)),
        chance=rounded(k / (tokens - 1), 8),
        in_degree_percentiles={
            str(p): rounded(value, 2) for p, value in zip(PERCENTILES, np.percentile(in_degree, PERCENTILES), strict=True)
        },
        one_sided_tokens=[space.token(i) for i in most],
        one_sided_lists=one_sided[most].tolist(),
    )


def kept_by_hubs(in_degree: np.ndarray, k: int) -> float:
    """The share of all places, 0..1, that cannot be returned because who stands there stands in more than k lists.

    in_degree: [token], in how many lists of k it stands. Hubs as in Radovanovic, Nanopoulos and Ivanovic (2010).
    """
    return float(np.maximum(in_degree - k, 0).sum() / in_degree.sum())


def returned_places(ids: np.ndarray) -> np.ndarray:
    """[token, rank], bool: whether the neighbour at that rank has the token in its own list. ids: [token, neighbour]."""
    tokens = len(ids)
    own = np.arange(tokens)[:, None]
    return np.isin((own * tokens + ids).ravel(), (ids * tokens + own).ravel()).reshape(ids.shape)
