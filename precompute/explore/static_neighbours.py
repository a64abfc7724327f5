"""Writes neighbours_static: the exact cosine neighbours among the static vectors of words that are a token of either model."""

from __future__ import annotations

from artefacts.packing import pack, quantisation_error, quantise, smallest_unsigned
from artefacts.schemas.neighbours import NeighbourIndex, NeighbourShard
from precompute.explore.shards import cut
from precompute.explore.static_space import explored_neighbours
from precompute.neighbours import SHARD_TOKENS, digest_of_shards
from precompute.workspace import Workspace


def export(work: Workspace) -> tuple[NeighbourIndex, dict[str, bytes]]:
    table = explored_neighbours(work, "static")
    ids = table.ids.astype(smallest_unsigned(len(table.ids) - 1))
    cosines = quantise(table.cosines, -1, 1)

    def shard(part: slice) -> NeighbourShard:
        return NeighbourShard(role="static", first_id=part.start, neighbour_ids=pack(ids[part]), cosines=pack(cosines[part]))

    shards = cut(len(ids), SHARD_TOKENS, shard)
    index = NeighbourIndex(
        role="static",
        k=ids.shape[1],
        tokens=len(ids),
        shard_tokens=SHARD_TOKENS,
        shards=len(shards),
        shard_sha256=digest_of_shards(shards),
        cosine_error_bound=quantisation_error(-1, 1),
    )
    return index, shards
