"""Writes neighbours_static: the exact neighbours among the static vectors of words that are a token of either model."""

from __future__ import annotations

from artefacts.schemas.neighbours import NeighbourIndex
from precompute.exact_neighbours import neighbours_by_distance
from precompute.explore.static_space import explored_neighbours, explored_space
from precompute.neighbours import K, index_and_shards
from precompute.workspace import Workspace


def export(work: Workspace) -> tuple[NeighbourIndex, dict[str, bytes]]:
    """The artefact and its shard files, by file name."""
    by_distance = neighbours_by_distance(explored_space(work, "static").vectors, K, description="static words by distance")
    return index_and_shards("static", explored_neighbours(work, "static"), by_distance)
