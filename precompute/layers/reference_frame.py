"""How the words of a layer can be looked at: as they are, or freed of what ordinary tokens of that layer share.

Mean, spread and rogue dimensions come from ordinary tokens in ordinary sentences, never from the words that are compared, so that no
treatment can make the compared words more alike or less alike by construction.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from precompute.layers.words_in_carriers import ReferenceStates, reference_states
from precompute.space import unit_rows
from precompute.workspace import Workspace

TREATMENTS = ("raw", "centred", "standardised", "without_rogue")
ROGUE = 3  # dimensions that are removed: "one to three coordinates dominate" (Timkey & van Schijndel 2021)
OPTIONS = {"rogue": ROGUE}


@dataclass(frozen=True)
class Frame:
    """What the ordinary tokens of one layer share. mean, deviation, contributions: [dim] float64.

    contributions: what each dimension adds to the mean cosine of two ordinary tokens; they sum to that mean.
    """

    mean: np.ndarray
    deviation: np.ndarray
    contributions: np.ndarray

    @property
    def mean_cosine(self) -> float:
        """Of two ordinary tokens of the layer: the sum of what its dimensions contribute."""
        return float(self.contributions.sum())

    @property
    def by_contribution(self) -> np.ndarray:
        """Dimensions, the one that adds most first; ties by index."""
        return np.argsort(-self.contributions, kind="stable")

    def treated(self, vectors: np.ndarray, treatment: str, rogue: int = ROGUE) -> np.ndarray:
        """Vectors [.., dim] as one of `TREATMENTS` has them, float64. A dimension that does not vary stays 0 when standardised."""
        vectors = np.asarray(vectors, dtype=np.float64)
        if treatment == "raw":
            return vectors
        if treatment == "centred":
            return vectors - self.mean
        if treatment == "standardised":
            spread = np.where(self.deviation > 0, self.deviation, np.inf)
            return (vectors - self.mean) / spread
        if treatment == "without_rogue":
            return np.delete(vectors, self.by_contribution[:rogue], axis=-1)
        raise ValueError(f"there is no treatment {treatment!r}; there are {', '.join(TREATMENTS)}")


def kin(reference: ReferenceStates) -> csr_array:
    """[token, token] of 0 and 1: the pairs that say nothing about unrelated words, of one word or of one sentence. A few in a hundred."""
    same = (reference.ids[:, None] == reference.ids) | (reference.sentences[:, None] == reference.sentences)
    return csr_array(same.astype(np.float64))


def contributions(vectors: np.ndarray, left_out: csr_array) -> np.ndarray:
    """[dim], mean over pairs of u_i v_i / (|u| |v|): what dimension i adds to the mean cosine (Timkey & van Schijndel 2021, eq. 3).

    vectors: [token, dim]; left_out: [token, token] of 0 and 1, symmetric, the pairs that do not count (`kin`).
    """
    units = unit_rows(np.asarray(vectors, dtype=np.float64))
    all_pairs, without = units.sum(axis=0) ** 2, (units * (left_out @ units)).sum(axis=0)
    return (all_pairs - without) / (len(units) ** 2 - left_out.sum())


def frames(work: Workspace, role: str) -> list[Frame]:
    """[layer + 1]."""
    return work.once(("frames", role), lambda: _frames(reference_states(work, role)))


def _frames(reference: ReferenceStates) -> list[Frame]:
    left_out = kin(reference)
    return [
        Frame(layer.mean(axis=0, dtype=np.float64), layer.std(axis=0, dtype=np.float64), contributions(layer, left_out))
        for layer in reference.states
    ]
