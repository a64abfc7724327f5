"""Writes neighbours_static: the exact cosine neighbours among the static vectors of words that are a token of either model."""

from __future__ import annotations

from artefacts.schemas.neighbours import NeighbourIndex
from precompute.explore.static_space import explored_neighbours
from precompute.neighbours import index_and_shards
from precompute.workspace import Workspace


def export(work: Workspace) -> tuple[NeighbourIndex, dict[str, bytes]]:
    """The artefact and its shard files, by file name."""
    return index_and_shards("static", explored_neighbours(work, "static"))
