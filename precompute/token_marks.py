"""Writes token_marks_decoder and token_marks_encoder: by what rule a neighbour can be folded away, and how often each token is one.

Under-trained tokens after Land & Bartolo 2024, "Fishing for Magikarp", section 3: rows that were never updated end up near each
other, so a row that lies near known untrained rows, once the mean of the vocabulary is taken off, was hardly trained either.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import partial

import numpy as np

from artefacts.packing import pack, quantise, smallest_unsigned
from artefacts.schemas import DuplicateGroup, HubToken, Role, TokenMarks
from artefacts.tokens import token_bytes
from precompute.neighbours import neighbour_table
from precompute.space import Space
from precompute.statistics_of import doubling_histogram, rounded, skewness
from precompute.workspace import Workspace

FLAGS = {"hub": 1, "under-trained": 2, "duplicate": 4, "special": 8}
HUB_FACTOR = 25  # a hub stands in more than this many times the mean number of lists, which is k
UNDER_TRAINED_COSINE = 0.8
NEVER_IN_UTF8 = {0xC0, 0xC1, *range(0xF5, 0x100)}
TOP_HUBS = 20

OPTIONS = {"hub_factor": HUB_FACTOR, "under_trained_cosine": UNDER_TRAINED_COSINE}

DUPLICATE_RULE = "A duplicate's vector equals another token's bit for bit."


def marks_of(work: Workspace, role: Role) -> tuple[np.ndarray, np.ndarray]:
    """(flags, in_degree): [token], uint8 bit field of `FLAGS`, and in how many lists each token stands."""
    return work.once(("marks", role), lambda: _marks(work.space(role), neighbour_table(work, role).ids))


def _marks(space: Space, neighbour_ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    in_degree = np.bincount(neighbour_ids.ravel(), minlength=len(space))
    flags = np.zeros(len(space), dtype=np.uint8)
    flags[in_degree > HUB_FACTOR * neighbour_ids.shape[1]] |= FLAGS["hub"]
    flags[under_trained(space)[0]] |= FLAGS["under-trained"]
    flags[[i for group in duplicate_groups(space.vectors) for i in group]] |= FLAGS["duplicate"]
    flags[space.special_ids] |= FLAGS["special"]
    return flags, in_degree


def flag_names(flags: int) -> list[str]:
    """The names of the set bits, in the order of `FLAGS`."""
    return [name for name, bit in FLAGS.items() if flags & bit]


def duplicate_groups(vectors: np.ndarray) -> list[list[int]]:
    """Groups of two or more tokens whose rows are bit-identical, each ascending, ordered by first id."""
    groups: dict[bytes, list[int]] = defaultdict(list)
    for token_id, row in enumerate(np.ascontiguousarray(vectors)):
        groups[row.tobytes()].append(token_id)
    return sorted(group for group in groups.values() if len(group) > 1)


def never_trained(space: Space) -> list[int]:
    """Tokens that no text can have trained: `[unusedN]`, lone bytes that UTF-8 never uses, and rows equal to another's."""
    placeholders = [i for i, raw in enumerate(space.raw_tokens) if re.fullmatch(r"\[unused\d+\]", raw)]
    impossible_bytes = [
        i
        for i, raw in enumerate(space.raw_tokens)
        if space.kind == "byte_level_bpe" and len(raw) == 1 and token_bytes(raw, space.kind)[0] in NEVER_IN_UTF8
    ]
    duplicates = [i for group in duplicate_groups(space.vectors) for i in group]
    return sorted({*placeholders, *impossible_bytes, *duplicates})


def under_trained(space: Space) -> tuple[np.ndarray, str]:
    """Ids of the under-trained tokens, ascending, and the rule in one sentence."""
    reference = never_trained(space)
    if not reference:
        return np.array(
            [], dtype=np.int64
        ), "No token is marked under-trained: this vocabulary has none that is known never to be trained."
    directions = space.centred_units
    centre = directions[reference].mean(axis=0)
    likeness = directions @ (centre / (np.linalg.norm(centre) or 1))
    if np.median(likeness[reference]) < UNDER_TRAINED_COSINE:
        return np.array([], dtype=np.int64), (
            f"No token is marked under-trained: the {len(reference):,} that no text can have trained do not lie together."
        )
    rule = (
        f"An under-trained token has, once the mean vector is taken off, a cosine of at least {UNDER_TRAINED_COSINE} with the mean "
        f"direction of the {len(reference):,} tokens that no text can have trained ([unusedN], bytes UTF-8 never uses, duplicates)."
    )
    return np.flatnonzero(likeness >= UNDER_TRAINED_COSINE), rule


def export(work: Workspace, role: Role) -> TokenMarks:
    space, ids = work.space(role), neighbour_table(work, role).ids
    k = ids.shape[1]
    flags, in_degree = marks_of(work, role)
    hubs = np.flatnonzero(flags & FLAGS["hub"])
    order = np.lexsort((np.arange(len(space)), -in_degree))[:TOP_HUBS]
    norm_max = float(np.ceil(space.norms.max() * 1e4) / 1e4) or 1.0
    return TokenMarks(
        role=role,
        k=k,
        norms=pack(quantise(space.norms, 0, norm_max)),
        norm_max=norm_max,
        in_degree=pack(in_degree.astype(smallest_unsigned(int(in_degree.max())))),
        flags=pack(flags),
        hub_rule=f"A hub stands in more than {HUB_FACTOR * k} of the {len(space):,} lists of {k} neighbours; the mean is {k}.",
        under_trained_rule=under_trained(space)[1],
        duplicate_rule=DUPLICATE_RULE,
        hub_threshold=HUB_FACTOR * k,
        hubs=len(hubs),
        under_trained=int(np.count_nonzero(flags & FLAGS["under-trained"])),
        duplicates=int(np.count_nonzero(flags & FLAGS["duplicate"])),
        special=len(space.special_ids),
        hub_share_of_places=rounded(in_degree[hubs].sum() / ids.size),
        never_neighbour=int(np.count_nonzero(in_degree == 0)),
        in_degree_histogram=doubling_histogram(in_degree),
        in_degree_skewness=rounded(skewness(in_degree), 4),
        reciprocal_share=rounded(reciprocal_share(ids)),
        top_hubs=[HubToken(token=space.token(i), in_degree=int(in_degree[i]), flags=flag_names(flags[i])) for i in order],
        duplicate_groups=[DuplicateGroup(tokens=[space.token(i) for i in group]) for group in duplicate_groups(space.vectors)],
    )


def reciprocal_share(ids: np.ndarray) -> float:
    """Of all places j in i's list, the share where i is in j's list too. ids: [token, neighbour]."""
    tokens = len(ids)
    forward = (np.arange(tokens)[:, None] * tokens + ids).ravel()
    backward = (ids * tokens + np.arange(tokens)[:, None]).ravel()
    return float(np.isin(forward, backward).mean())


export_decoder = partial(export, role="decoder")
export_encoder = partial(export, role="encoder")
