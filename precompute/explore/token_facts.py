"""Writes token_facts_decoder, _encoder and _static: length, rank of length and in-degree of every token, in shards."""

from __future__ import annotations

from functools import partial

import numpy as np

from artefacts.packing import pack_deflated, quantise, smallest_unsigned
from artefacts.schemas.explore import TokenFactsIndex, TokenFactsShard
from artefacts.schemas.parts import Role
from precompute.explore.detailed_words import ROLES, detailed_words
from precompute.explore.static_space import explored_neighbours, explored_space
from precompute.shards import cut, index_fields
from precompute.workspace import Workspace

SHARD_TOKENS = 96
COLUMNS = ["norm", "norm_rank", "in_degree", "detail"]  # norm_rank 1: the longest. detail: 1 + place among the detailed words, or 0


def export(work: Workspace, role: Role) -> tuple[TokenFactsIndex, dict[str, bytes]]:
    """The index and its shards: [column, token] with the columns of `COLUMNS`, in the smallest integers that hold them."""
    space = explored_space(work, role)
    norm_max = float(np.ceil(space.norms.max() * 1e4) / 1e4) or 1.0
    columns = [
        quantise(space.norms, 0, norm_max),
        ranks(space.norms),
        np.bincount(explored_neighbours(work, role).ids.ravel(), minlength=len(space)),
        places(detailed_words(work).ids[role], len(space)),
    ]
    facts = np.stack([column.astype(np.int64) for column in columns])
    facts = facts.astype(smallest_unsigned(int(facts.max())))

    def shard(part: slice) -> TokenFactsShard:
        return TokenFactsShard(role=role, first_id=part.start, facts=pack_deflated(facts[:, part]))

    shards = cut(len(space), SHARD_TOKENS, shard)
    return TokenFactsIndex(**index_fields(role, len(space), SHARD_TOKENS, shards), norm_max=norm_max, columns=COLUMNS), shards


def ranks(norms: np.ndarray) -> np.ndarray:
    """[token]: 1 for the longest; of equal ones the smaller id comes first."""
    order = np.argsort(-norms, kind="stable")
    found = np.empty(len(norms), dtype=np.int64)
    found[order] = np.arange(1, len(norms) + 1)
    return found


def places(ids: np.ndarray, tokens: int) -> np.ndarray:
    """[token]: 1 + its place in `ids`; 0 for those that are not there."""
    found = np.zeros(tokens, dtype=np.int64)
    found[ids] = np.arange(1, len(ids) + 1)
    return found


export_of = {role: partial(export, role=role) for role in ROLES}
