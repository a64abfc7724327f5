"""Writes random_pairs: how similar two tokens are that have nothing to do with each other, the baseline of every cosine."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from artefacts.schemas.neighbours import CosinesByRarity, RandomPairs, RandomPairsOfModel
from precompute.progress import track
from precompute.space import WHOLE_WORD_RULES, Space
from precompute.statistics_of import cosine_distribution, rounded
from precompute.workspace import Workspace

SEED = 20250316
PAIRS = 200_000
BLOCK = 10_000  # pairs at a time
BANDS = (1_000, 2_000, 5_000, 10_000, 20_000)
"""Ids at which one band of whole words ends and the next begins."""
OPTIONS = {"seed": SEED, "pairs": PAIRS, "bands": list(BANDS)}


def export(work: Workspace) -> RandomPairs:
    """Distributions of cosines of seeded random pairs: of all tokens, of whole words, and after subtracting the mean row."""
    spaces = work.spaces()
    return RandomPairs(
        seed=SEED,
        whole_word_rule=" ".join(f"{space.name}: {WHOLE_WORD_RULES[space.kind]}" for space in spaces),
        by_model=[_of_model(space) for space in spaces],
    )


def _of_model(space: Space) -> RandomPairsOfModel:
    everything = np.arange(len(space))
    # A tiny vocabulary may hold no two words; then the words' distribution is that of all tokens.
    words = space.whole_words if len(space.whole_words) > 1 else everything
    rows = space.units.__getitem__
    return RandomPairsOfModel(
        role=space.role,
        all_tokens=cosine_distribution(cosines_of_random_pairs(rows, everything)),
        whole_words=cosine_distribution(cosines_of_random_pairs(rows, words)),
        whole_word_tokens=len(space.whole_words),
        whole_words_by_id=list(_by_rarity(space)),
        centred=cosine_distribution(cosines_of_random_pairs(space.centred_units, everything)),
        mean_vector_norm=rounded(np.linalg.norm(space.mean_vector)),
        mean_row_norm=rounded(space.norms.mean()),
    )


def _by_rarity(space: Space) -> Iterator[CosinesByRarity]:
    """The mean over all pairs of a band, exactly: the squared length of the sum of unit rows holds every pair twice and each row once."""
    for band in np.split(space.whole_words, np.searchsorted(space.whole_words, BANDS)):
        if len(band) > 1:
            total = space.units[band].sum(axis=0)
            mean = (total @ total - len(band)) / (len(band) * (len(band) - 1))
            yield CosinesByRarity(first_id=int(band[0]), last_id=int(band[-1]), tokens=len(band), mean_cosine=rounded(mean))


def cosines_of_random_pairs(units_of: Callable[[np.ndarray], np.ndarray], among: np.ndarray) -> np.ndarray:
    """[pair], float64: cosines of `PAIRS` pairs of two different tokens drawn uniformly from the ids `among`.

    units_of: ids -> [id, dim], rows of length one.
    """
    first, second = random_pairs(len(among))
    steps = [slice(start, start + BLOCK) for start in range(0, PAIRS, BLOCK)]
    return np.concatenate(
        [
            np.einsum("ij,ij->i", units_of(among[first[step]]), units_of(among[second[step]]))
            for step in track(steps, "random pairs", len(steps))
        ]
    )


def random_pairs(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Two arrays [pair] of positions below `size`, never equal within a pair, always the same for the same size."""
    generator = np.random.default_rng(SEED)
    first = generator.integers(0, size, PAIRS)
    second = generator.integers(0, size - 1, PAIRS)
    return first, second + (second >= first)
