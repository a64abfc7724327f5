"""Writes nearest_neighbours: how near the nearest neighbour is, for every token, and in degrees for words."""

from __future__ import annotations

import numpy as np

from artefacts.schemas.neighbours import NearestNeighbourOfModel, NearestNeighbours
from artefacts.schemas.parts import Role
from precompute.neighbours import neighbour_table
from precompute.space import angle_degrees
from precompute.statistics_of import cosine_distribution, percentiles_of
from precompute.token_marks import marks_of
from precompute.workspace import Workspace

SAME_DIRECTION = 0.95  # 18 degrees


def export(work: Workspace) -> NearestNeighbours:
    """Distributions of the largest cosine of each token, over the whole vocabulary and over whole words."""
    return NearestNeighbours(by_model=[_of_model(work, space.role) for space in work.spaces()])


def _of_model(work: Workspace, role: Role) -> NearestNeighbourOfModel:
    space = work.space(role)
    nearest = neighbour_table(work, role).values[:, 0].astype(np.float64)
    flags = marks_of(work, role).flags
    words = space.whole_words[flags[space.whole_words] == 0]
    of_words = nearest[words] if len(words) else nearest
    return NearestNeighbourOfModel(
        role=role,
        nearest=cosine_distribution(nearest),
        nearest_whole_words=cosine_distribution(of_words),
        angle_percentiles_degrees=percentiles_of(angle_degrees(of_words)),
        within_18_degrees=int(np.count_nonzero(of_words > SAME_DIRECTION)),
    )
