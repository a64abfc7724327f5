"""Items cut into files of equal size, so that a page fetches little to look one item up."""

from __future__ import annotations

from collections.abc import Callable

from artefacts.envelope import dump_json
from artefacts.schemas.parts import Role, Strict
from precompute.neighbours import digest_of_shards


def cut(items: int, shard_items: int, make: Callable[[slice], Strict]) -> dict[str, bytes]:
    """File name -> content. make: the shard of a run of items."""
    starts = range(0, items, shard_items)
    return {
        f"{n:04d}.json": dump_json(make(slice(start, min(start + shard_items, items))).model_dump(mode="json")).encode("utf-8")
        for n, start in enumerate(starts)
    }


def index_fields(role: Role, items: int, shard_items: int, shards: dict[str, bytes]) -> dict[str, object]:
    """The fields of a `ShardIndex`."""
    return {
        "role": role,
        "items": items,
        "shard_items": shard_items,
        "shards": len(shards),
        "shard_sha256": digest_of_shards(shards),
    }
