"""Writes own_baselines: how near tokens are to everybody, those beside the name and the hubs, and what else the hubs are.

After Radovanović, Nanopoulos & Ivanović 2010, "Hubs in Space", who find that points near the mean of the data become hubs. Nearness to
the mean is here the mean cosine with all other tokens.
"""

from __future__ import annotations

import numpy as np

from artefacts.schemas.baselines import BaselineOfToken, BaselinesOfModel, HubsOfModel, OwnBaselines
from precompute.exact_neighbours import neighbours_by_cosine
from precompute.neighbourhoods import nearest_without_the_mean
from precompute.neighbours import K
from precompute.space import Space, angle_degrees, best_first
from precompute.statistics_of import mean_ranks, rounded
from precompute.token_marks import FLAGS, HUB_FACTOR, Marks, marks_of
from precompute.workspace import Workspace

WORD_LISTS = ("similarity_words",)


def export(work: Workspace) -> OwnBaselines:
    """For both models, exactly, over the whole vocabulary."""
    return OwnBaselines(by_model=[_of_model(work, space) for space in work.spaces()])


def _of_model(work: Workspace, space: Space) -> BaselinesOfModel:
    baselines = mean_cosines(space.units)
    name = work.model_set.model(space.role).word_token(work.words("similarity_words")["name"], space.kind == "byte_level_bpe")
    nearest = [] if name is None else nearest_without_the_mean(space.centred_units(np.arange(len(space))), name)
    return BaselinesOfModel(
        role=space.role,
        name_neighbours=[BaselineOfToken(token=space.token(i), mean_cosine=rounded(baselines[i])) for i in nearest],
        hubs=hubs_of(space, marks_of(work, space.role), baselines),
    )


def mean_cosines(units: np.ndarray) -> np.ndarray:
    """[token], float64: each row's mean cosine with all others. units: [token, dim], rows of length one, or zero."""
    with_all = units @ units.sum(axis=0)
    with_itself = np.einsum("ij,ij->i", units, units)
    return (with_all - with_itself) / (len(units) - 1)


def hubs_of(space: Space, marks: Marks, baselines: np.ndarray) -> HubsOfModel:
    """What kinds of tokens the hubs are. baselines: [token], each token's mean cosine with all others."""
    is_hub, is_under_trained = (marks.flags & FLAGS[name] > 0 for name in ("hub", "under-trained"))
    under_trained, others = is_hub & is_under_trained, is_hub & ~is_under_trained
    hundredth = max(round(len(space) / 100), 1)
    longest, highest = (best_first(values, descending=True)[:hundredth] for values in (space.norms, baselines))
    shorter = (mean_ranks(space.norms)[others] - 1) / (len(space) - 1)  # the share of the other tokens that are shorter
    first_copies = [group[0] for group in marks.duplicate_groups]
    once, hubs_once = _counted_once(space, marks)
    return HubsOfModel(
        hubs=int(is_hub.sum()),
        under_trained=int(under_trained.sum()),
        under_trained_share_of_places=_share_of_places(marks.in_degree, under_trained),
        others_share_of_places=_share_of_places(marks.in_degree, others),
        others_whole_words=int(others[space.whole_words].sum()),
        others_longer_than=rounded(np.median(shorter)) if len(shorter) else None,
        hundredth=hundredth,
        longest_hubs=int(is_hub[longest].sum()),
        highest_baseline_hubs=int(is_hub[highest].sum()),
        copies=marks.count("duplicate"),
        distinct_rows=len(first_copies),
        distinct_rows_degrees=_largest_angle(space.units[first_copies]),
        hubs_without_copies=int(hubs_once.sum()),
        share_of_places_without_copies=_share_of_places(once, hubs_once),
    )


def _counted_once(space: Space, marks: Marks) -> tuple[np.ndarray, np.ndarray]:
    """In-degrees, and which tokens are hubs, [token] each, when of equal rows only the first stays in the table."""
    later_copies = [i for group in marks.duplicate_groups for i in group[1:]]
    if not later_copies:
        return marks.in_degree, marks.flags & FLAGS["hub"] > 0
    kept = np.delete(np.arange(len(space)), later_copies)
    ids = neighbours_by_cosine(space.units[kept], K, description=f"neighbours of {space.name}'s different rows").ids
    in_degree = np.bincount(ids.ravel(), minlength=len(kept))
    return in_degree, in_degree > HUB_FACTOR * ids.shape[1]


def _share_of_places(in_degree: np.ndarray, which: np.ndarray) -> float:
    """Of all places in all lists. Every place is somebody's, so the in-degrees add up to all."""
    return rounded(in_degree[which].sum() / max(in_degree.sum(), 1))


def _largest_angle(units: np.ndarray) -> float | None:
    """Degrees between the two rows that lie farthest apart; None for fewer than two."""
    return rounded(angle_degrees((units @ units.T).min()), 3) if len(units) > 1 else None
