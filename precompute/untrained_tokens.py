"""Which tokens were hardly ever seen in training, told from their vectors alone.

After Land & Bartolo 2024, "Fishing for Magikarp", section 3: rows that training never moved lie close together, so a row near known
untrained ones, once the mean of the vocabulary is taken off, was hardly moved either. Their threshold is chosen per model and
checked by prompting; ours is one number for all, set in the gap that it leaves in MiniLM between 0.7 and 0.85.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from artefacts.tokens import token_bytes
from precompute.space import PLACEHOLDER, Space

UNDER_TRAINED_COSINE = 0.8
NEVER_IN_UTF8 = {0xC0, 0xC1, *range(0xF5, 0x100)}
BLOCK = 8192  # rows looked at together, so that no copy of the whole matrix is made


@dataclass(frozen=True)
class UnderTrained:
    """ids: ascending. rule: one sentence, as shown to the reader."""

    ids: np.ndarray
    rule: str


def under_trained(space: Space) -> UnderTrained:
    """The under-trained tokens; none where no reference is known, or where the reference tokens do not lie together."""
    kinds = _untrained_kinds(space)
    reference = _all_of(kinds)
    if not reference:
        return _nobody("none is known to be untrained")
    centre = space.centred_units(np.array(reference)).mean(axis=0)
    centre /= np.linalg.norm(centre) or 1
    likeness = np.concatenate(
        [space.centred_units(np.arange(start, min(start + BLOCK, len(space)))) @ centre for start in range(0, len(space), BLOCK)]
    )
    if np.median(likeness[reference]) < UNDER_TRAINED_COSINE:
        return _nobody(f"the {len(reference):,} that are known to be untrained do not lie together")
    rule = (
        f"An under-trained token has, once the mean vector is taken off, a cosine of at least {UNDER_TRAINED_COSINE} with the mean "
        f"direction of the {len(reference):,} tokens taken to be untrained: {_told(kinds)}."
    )
    return UnderTrained(np.flatnonzero(likeness >= UNDER_TRAINED_COSINE), rule)


def untrained(space: Space) -> list[int]:
    """Tokens taken to be untrained: `[unusedN]`, lone bytes that UTF-8 never uses, and rows equal to another token's.

    Two rows that training had moved, each for its own reasons, would not be equal to the last bit.
    """
    return _all_of(_untrained_kinds(space))


def _all_of(kinds: dict[str, set[int]]) -> list[int]:
    return sorted(set().union(*kinds.values()))


def _untrained_kinds(space: Space) -> dict[str, set[int]]:
    return {
        "placeholders such as [unused0]": {i for i, raw in enumerate(space.raw_tokens) if PLACEHOLDER.fullmatch(raw)},
        "single bytes that UTF-8 never uses": _impossible_bytes(space),
        "copies of another token's row": {i for group in duplicate_groups(space.vectors) for i in group},
    }


def _told(kinds: dict[str, set[int]]) -> str:
    """How many there are of each kind; one that is of two kinds is counted with the first."""
    parts, seen = [], set()
    for kind, ids in kinds.items():
        if ids - seen:
            parts.append(f"{len(ids - seen):,} {kind}")
        seen |= ids
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def duplicate_groups(vectors: np.ndarray) -> list[list[int]]:
    """Groups of two or more tokens whose rows are bit-identical, each ascending, ordered by first id."""
    groups: dict[bytes, list[int]] = defaultdict(list)
    for token_id, row in enumerate(np.ascontiguousarray(vectors)):
        groups[row.tobytes()].append(token_id)
    return sorted(group for group in groups.values() if len(group) > 1)


def _impossible_bytes(space: Space) -> set[int]:
    if space.kind != "byte_level_bpe":
        return set()
    single = {i: raw for i, raw in enumerate(space.raw_tokens) if len(raw) == 1}
    return {i for i, raw in single.items() if token_bytes(raw, space.kind)[0] in NEVER_IN_UTF8}


def _nobody(reason: str) -> UnderTrained:
    return UnderTrained(np.array([], dtype=np.int64), f"No token is marked under-trained: {reason}.")
