"""Data in files of equal size beside an index, `<artefact>/NNNN.json`, so that a page fetches little to look one item up."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from artefacts.envelope import dump_json, read_artefact
from artefacts.schemas.parts import Role, Strict
from artefacts.shard_names import shard_name, shard_number
from problems import Problem, ProjectError


def cut(items: int, shard_items: int, make: Callable[[slice], Strict]) -> dict[str, bytes]:
    """File name -> content. make: the shard of a run of items."""
    starts = range(0, items, shard_items)
    return {
        shard_name(n): dump_json(make(slice(start, min(start + shard_items, items))).model_dump(mode="json")).encode("utf-8")
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


def read_shards(index_path: Path) -> tuple[Any, dict[str, bytes]]:
    """An index and its shard files, by name in the order of their numbers.

    Raises ProjectError where a file is missing, cut short or not the one the index describes.
    """
    _, index = read_artefact(index_path)
    folder = index_path.with_suffix("")
    remake = f"Make it again: python -m precompute --set {index_path.parent.name} --only {index_path.stem}"
    try:
        shards = {shard_name(n): (folder / shard_name(n)).read_bytes() for n in range(index.shards)}
    except OSError as error:
        raise ProjectError(Problem(str(error.filename or folder), None, f"cannot be read: {error.strerror}", remake)) from error
    if digest_of_shards(shards) != index.shard_sha256:
        raise ProjectError(Problem(str(folder), None, "the shards are not those that the index describes", remake))
    return index, shards


def digest_of_shards(shards: dict[str, bytes]) -> str:
    """SHA-256 over all shard files in the order of their numbers."""
    digest = hashlib.sha256()
    for name in sorted(shards, key=shard_number):
        digest.update(shards[name])
    return digest.hexdigest()
