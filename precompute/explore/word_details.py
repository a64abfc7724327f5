"""Writes word_details_decoder, _encoder and _static: a map of the neighbourhood of frequent words."""

from __future__ import annotations

from functools import partial

import numpy as np

from artefacts.packing import pack, smallest_unsigned
from artefacts.schemas.explore import WordDetailsIndex, WordDetailsShard
from artefacts.schemas.parts import Role
from precompute.explore.detailed_words import ROLES, WORDS, detailed_words
from precompute.explore.principal_components import principal_components
from precompute.explore.static_space import explored_neighbours, explored_space
from precompute.shards import cut, index_fields
from precompute.workspace import Workspace

SHARD_WORDS = 64
OPTIONS = {"words": WORDS, "shard_words": SHARD_WORDS}


def export(work: Workspace, role: Role) -> tuple[WordDetailsIndex, dict[str, bytes]]:
    """The index and its shards, in the order of the detailed words."""
    space, ids = explored_space(work, role), detailed_words(work).ids[role]
    maps = [flat_map(space.units[[i, *explored_neighbours(work, role).ids[i]]]) for i in ids]
    points = np.stack([points for points, _ in maps])
    variance = np.rint([100 * kept for _, kept in maps]).astype(np.uint8)

    def shard(part: slice) -> WordDetailsShard:
        return WordDetailsShard(role=role, first_item=part.start, map=pack(points[part]), variance_percent=pack(variance[part]))

    shards = cut(len(ids), SHARD_WORDS, shard)
    fields = index_fields(role, len(ids), SHARD_WORDS, shards)
    return WordDetailsIndex(**fields, ids=pack(ids.astype(smallest_unsigned(len(space) - 1)))), shards


def flat_map(units: np.ndarray) -> tuple[np.ndarray, float]:
    """([point, 2] int8, share of variance kept): principal components of some unit vectors.

    The same picture as classical scaling of their distances. The largest coordinate becomes 127.
    """
    points, kept = principal_components(units, 2)
    return np.rint(points / (np.abs(points).max() or 1) * 127).astype(np.int8), kept


export_of = {role: partial(export, role=role) for role in ROLES}
