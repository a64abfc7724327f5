"""Writes token_marks_decoder and token_marks_encoder: by what rule a neighbour can be folded away, and how often each token is one.

Hubs after Radovanović, Nanopoulos & Ivanović 2010, "Hubs in Space": N_k is the number of lists in which a point stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from artefacts.packing import pack, quantise, smallest_unsigned
from artefacts.schemas.neighbours import DuplicateGroup, HubToken, TokenMarks
from artefacts.schemas.parts import Role
from precompute.neighbours import neighbour_table
from precompute.space import Space
from precompute.statistics_of import doubling_histogram, rounded, skewness
from precompute.untrained_tokens import UNDER_TRAINED_COSINE, duplicate_groups, under_trained
from precompute.workspace import Workspace

FLAGS = {"hub": 1, "under-trained": 2, "duplicate": 4, "special": 8}
HUB_FACTOR = 25  # a hub stands in more than this many times the mean number of lists, which is k
TOP_HUBS = 20
OPTIONS = {"hub_factor": HUB_FACTOR, "under_trained_cosine": UNDER_TRAINED_COSINE}

DUPLICATE_RULE = "A duplicate's vector equals another token's bit for bit."


@dataclass(frozen=True)
class Marks:
    """flags: [token], uint8 bit field of `FLAGS`. in_degree: [token], in how many lists each token stands."""

    flags: np.ndarray
    in_degree: np.ndarray
    under_trained_rule: str
    duplicate_groups: list[list[int]]

    def count(self, flag: str) -> int:
        """How many tokens have a flag, one of `FLAGS`."""
        return int(np.count_nonzero(self.flags & FLAGS[flag]))


def marks_of(work: Workspace, role: Role) -> Marks:
    """The marks of all tokens of a model, computed once a run."""
    return work.once(("marks", role), lambda: _marks(work.space(role), neighbour_table(work, role).ids))


def _marks(space: Space, neighbour_ids: np.ndarray) -> Marks:
    in_degree = np.bincount(neighbour_ids.ravel(), minlength=len(space))
    under, duplicates = under_trained(space), duplicate_groups(space.vectors)
    flags = np.zeros(len(space), dtype=np.uint8)
    flags[in_degree > HUB_FACTOR * neighbour_ids.shape[1]] |= FLAGS["hub"]
    flags[under.ids] |= FLAGS["under-trained"]
    flags[[i for group in duplicates for i in group]] |= FLAGS["duplicate"]
    flags[space.special_ids] |= FLAGS["special"]
    return Marks(flags, in_degree, under.rule, duplicates)


def flag_names(flags: int) -> list[str]:
    """The names of the set bits, in the order of `FLAGS`."""
    return [name for name, bit in FLAGS.items() if flags & bit]


def export(work: Workspace, role: Role) -> TokenMarks:
    """Lengths, in-degrees and flags of all tokens of a model, packed, with the rules behind the flags."""
    space, ids, marks = work.space(role), neighbour_table(work, role).ids, marks_of(work, role)
    k, in_degree = ids.shape[1], marks.in_degree
    most_often = np.argsort(-in_degree, kind="stable")[:TOP_HUBS]
    norm_max = float(np.ceil(space.norms.max() * 1e4) / 1e4) or 1.0
    return TokenMarks(
        role=role,
        k=k,
        norms=pack(quantise(space.norms, 0, norm_max)),
        norm_max=norm_max,
        in_degree=pack(in_degree.astype(smallest_unsigned(int(in_degree.max())))),
        flags=pack(marks.flags),
        hub_rule=f"A hub stands in more than {HUB_FACTOR * k:,} of the {len(space):,} lists of {k} neighbours; the mean is {k}.",
        under_trained_rule=marks.under_trained_rule,
        duplicate_rule=DUPLICATE_RULE,
        hub_threshold=HUB_FACTOR * k,
        hubs=marks.count("hub"),
        under_trained=marks.count("under-trained"),
        duplicates=marks.count("duplicate"),
        special=marks.count("special"),
        hub_share_of_places=rounded(in_degree[marks.flags & FLAGS["hub"] > 0].sum() / ids.size),
        never_neighbour=int(np.count_nonzero(in_degree == 0)),
        in_degree_histogram=doubling_histogram(in_degree),
        in_degree_skewness=rounded(skewness(in_degree), 4),
        reciprocal_share=rounded(reciprocal_share(ids)),
        top_hubs=[
            HubToken(token=space.token(i), in_degree=int(in_degree[i]), flags=flag_names(marks.flags[i])) for i in most_often
        ],
        duplicate_groups=[DuplicateGroup(tokens=[space.token(i) for i in group]) for group in marks.duplicate_groups],
    )


def reciprocal_share(ids: np.ndarray) -> float:
    """Of all places j in i's list, the share where i is in j's list too. ids: [token, neighbour]."""
    tokens = len(ids)
    forward = (np.arange(tokens)[:, None] * tokens + ids).ravel()
    backward = (ids * tokens + np.arange(tokens)[:, None]).ravel()
    return float(np.isin(forward, backward).mean())


export_decoder = partial(export, role="decoder")
export_encoder = partial(export, role="encoder")
