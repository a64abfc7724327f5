"""Writes neighbours_decoder and neighbours_encoder: the exact top-20 cosine neighbours of every token, in shards.

A page fetches one shard of one model to look up one word, so a shard holds few tokens.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np

from artefacts.envelope import dump_json, read_artefact
from artefacts.packing import pack, quantisation_error, quantise, smallest_unsigned, unpack
from artefacts.schemas.neighbours import NeighbourIndex, NeighbourShard
from artefacts.schemas.parts import Role
from precompute.exact_neighbours import NeighbourTable, exact_neighbours
from precompute.space import Space
from precompute.workspace import Workspace
from problems import Problem, ProjectError

K = 20
SHARD_TOKENS = 32


def export(work: Workspace, role: Role) -> tuple[NeighbourIndex, dict[str, bytes]]:
    """The artefact and its shard files, by file name."""
    table = work.once(("neighbours", role), lambda: compute(work, role))
    shards = dict(_shard_files(role, table))
    index = NeighbourIndex(
        role=role,
        k=table.ids.shape[1],
        tokens=len(table.ids),
        shard_tokens=SHARD_TOKENS,
        shards=len(shards),
        shard_sha256=digest_of_shards(shards),
        cosine_error_bound=quantisation_error(-1, 1),
    )
    return index, shards


export_decoder = partial(export, role="decoder")
export_encoder = partial(export, role="encoder")


def neighbour_table(work: Workspace, role: Role) -> NeighbourTable:
    """All lists of a role. Written shards are used where this run found them up to date."""
    return work.once(("neighbours", role), lambda: _read_or_compute(work, role))


def _read_or_compute(work: Workspace, role: Role) -> NeighbourTable:
    space = work.space(role)
    if work.is_current(f"neighbours_{role}"):
        ids = read_neighbour_ids(work.data_dir / f"neighbours_{role}.json")
        return NeighbourTable(ids, cosines_of_pairs(space, ids))
    return compute(work, role)


def compute(work: Workspace, role: Role) -> NeighbourTable:
    """The exact search, timed."""
    space = work.space(role)
    started = time.perf_counter()
    table = exact_neighbours(space.units, K, description=f"neighbours of {space.name}'s {len(space):,} tokens")
    work.seconds[f"neighbours_of_all:{role}"] = time.perf_counter() - started
    return table


def cosines_of_pairs(space: Space, ids: np.ndarray) -> np.ndarray:
    """[token, neighbour], float32: exact cosines of each token with the tokens of its list."""
    return np.stack(
        [np.einsum("ij,ij->i", space.units, space.units[ids[:, place]]).astype(np.float32) for place in range(ids.shape[1])], axis=1
    )


def read_shards(index_path: Path) -> tuple[NeighbourIndex, dict[str, bytes]]:
    """An index and its shard files. Raises ProjectError where a file is missing, cut short or not the one the index describes."""
    _, index = read_artefact(index_path)
    folder = index_path.with_suffix("")
    remake = f"Make it again: python -m precompute --set {index_path.parent.name} --only {index_path.stem}"
    try:
        shards = {f"{n:04d}.json": (folder / f"{n:04d}.json").read_bytes() for n in range(index.shards)}
    except OSError as error:
        raise ProjectError(Problem(str(error.filename or folder), None, f"cannot be read: {error.strerror}", remake)) from error
    if digest_of_shards(shards) != index.shard_sha256:
        raise ProjectError(Problem(str(folder), None, "the shards are not those that the index describes", remake))
    return index, shards


def read_neighbour_ids(index_path: Path) -> np.ndarray:
    """[token, neighbour] ids from the shards of an index."""
    _, shards = read_shards(index_path)
    return np.concatenate(
        [unpack(NeighbourShard.model_validate_json(shards[name]).neighbour_ids) for name in sorted(shards)]
    ).astype(np.int64)


def digest_of_shards(shards: dict[str, bytes]) -> str:
    """SHA-256 over all shard files in the order of their names."""
    digest = hashlib.sha256()
    for name in sorted(shards):
        digest.update(shards[name])
    return digest.hexdigest()


def _shard_files(role: Role, table: NeighbourTable) -> Iterator[tuple[str, bytes]]:
    id_type = smallest_unsigned(len(table.ids) - 1)
    ids, cosines = table.ids.astype(id_type), quantise(table.cosines, -1, 1)
    for number, first in enumerate(range(0, len(ids), SHARD_TOKENS)):
        part = slice(first, first + SHARD_TOKENS)
        shard = NeighbourShard(role=role, first_id=first, neighbour_ids=pack(ids[part]), cosines=pack(cosines[part]))
        yield f"{number:04d}.json", dump_json(shard.model_dump(mode="json")).encode("utf-8")
