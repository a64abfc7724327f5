"""Writes axis_directions: are a space's axes any different from directions drawn by lot?

If axes meant nothing at all, a space would look the same from any turned set of axes: as much variance along each, as few words that
stick out of any. Both are measured along the axes and along as many random directions at right angles to each other.
"""

from __future__ import annotations

import numpy as np

from artefacts.schemas.spaces import AxesOfSpace, AxisDirections
from precompute.spaces.direct_comparisons import compared_space
from precompute.spaces.words_in_common import WordSpace, words_in_common
from precompute.statistics_of import rounded
from precompute.twins.corpus import IDENTITY
from precompute.workspace import Workspace

SOURCES = (IDENTITY,)
SEED = 14
OPTIONS = {"seed": SEED}


def export(work: Workspace) -> AxisDirections:
    """Statistics of the words along axes and along random directions, for every space."""
    common = words_in_common(work)
    spaces = [space for space in common.spaces.values() if space.kind != "twin" or space.key == "skip-gram-1"]
    return AxisDirections(
        words=len(common.words), spaces=[compared_space(space) for space in spaces], by_space=[_directions(space) for space in spaces]
    )


def _directions(space: WordSpace) -> AxesOfSpace:
    numbers = np.random.default_rng(SEED)
    turned = space.vectors @ np.linalg.qr(numbers.standard_normal((space.width, space.width)))[0]
    axes, random = relative_variances(space.vectors), relative_variances(turned)
    return AxesOfSpace(
        key=space.key,
        axes=[rounded(value, 3) for value in np.sort(axes)[::-1]],
        random=[rounded(value, 3) for value in np.sort(random)[::-1]],
        largest_axis=int(np.argmax(axes)),
        tail=rounded(excess_kurtosis(space.vectors).max(), 2),
        random_tail=rounded(excess_kurtosis(turned).max(), 2),
    )


def relative_variances(vectors: np.ndarray) -> np.ndarray:
    """[axis], variance over words as a multiple of the mean over axes."""
    variances = vectors.var(axis=0)
    return variances / variances.mean()


def excess_kurtosis(vectors: np.ndarray) -> np.ndarray:
    """[axis], fourth standardised moment over words, less the normal distribution's 3."""
    centred = vectors - vectors.mean(axis=0)
    return (centred**4).mean(axis=0) / vectors.var(axis=0) ** 2 - 3
