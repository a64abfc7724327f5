"""Writes similarity_curves: each curated word's cosines with its whole vocabulary, sorted, thinned for drawing."""

from __future__ import annotations

import numpy as np

from artefacts.schemas.neighbours import SimilarityCurve, SimilarityCurves
from precompute.progress import track
from precompute.random_pairs import cosines_of_random_pairs
from precompute.space import Space, best_first, cosines_with_all
from precompute.statistics_of import rounded
from precompute.workspace import Workspace

EVERY_RANK_TO = 30
FURTHER_RANKS = 120
OPTIONS = {"every_rank_to": EVERY_RANK_TO, "further_ranks": FURTHER_RANKS}


def export(work: Workspace) -> SimilarityCurves:
    """A curve for each curated word and model in which it is one token."""
    words = work.words("similarity_words")["words"]
    random_99 = {
        space.role: float(np.percentile(cosines_of_random_pairs(space.units.__getitem__, np.arange(len(space))), 99))
        for space in work.spaces()
    }
    curves = []
    for word in track(words, "similarity curves", len(words)):
        for space in work.spaces():
            token_id = work.model_set.model(space.role).word_token(word, space.kind == "byte_level_bpe")
            if token_id is not None:
                curves.append(_curve(space, word, token_id, random_99[space.role]))
    return SimilarityCurves(words=words, curves=curves)


def _curve(space: Space, word: str, token_id: int, random_99: float) -> SimilarityCurve:
    cosines = cosines_with_all(space, token_id)
    order = best_first(cosines, descending=True, leave_out=token_id)
    ranks = thinned_ranks(len(order))
    shown = order[ranks - 1]
    return SimilarityCurve(
        role=space.role,
        word=word,
        token=space.token(token_id),
        ranks=ranks.tolist(),
        cosines=[rounded(c, 5) for c in cosines[shown]],
        tokens=[space.token(i) for i in shown],
        above_random_99=int(np.count_nonzero(cosines[order] > random_99)),
        mean=rounded(cosines[order].mean(dtype=np.float64)),
        standard_deviation=rounded(cosines[order].std(dtype=np.float64)),
    )


def thinned_ranks(last: int) -> np.ndarray:
    """1-based ranks: all up to 30, then evenly spaced in the logarithm up to `last`, both ends included."""
    first = np.arange(1, min(EVERY_RANK_TO, last) + 1)
    if last <= EVERY_RANK_TO:
        return first
    further = np.rint(np.geomspace(EVERY_RANK_TO, last, FURTHER_RANKS + 1)).astype(np.int64)
    return np.unique(np.concatenate([first, further]))
