"""Writes map_corner: why the first vectors of two models agree so little, by treating them in other ways, in both models or in one.

Unlike the treatments of `reference_frame`, one here takes off what the compared words themselves have in common: their own mean. It makes
their mean cosine slightly negative by construction; which pairs lie above it is still the vectors' own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from artefacts.schemas.layers import CornerScore, MapCorner, ResampledScore
from precompute.layers.reference_frame import Frame, frames
from precompute.layers.words_in_carriers import LayerVectors, compared, layer_vectors
from precompute.rsa.inference import MIDDLE, bootstrap
from precompute.rsa.partial import held_constant, partial_coefficient
from precompute.rsa.rdms import category_dissimilarities, pair_cosines
from precompute.statistics_of import pearson, rounded
from precompute.workspace import Workspace

RESAMPLES = 10_000
SEED = 11
ENCODER_LAYER = 0
RAW = ("raw", "raw")
BOTH_NOUNS = ("standardised_nouns_centred", "standardised_nouns_centred")
REMOVED = {"without_few_varied": 0.005, "without_some_varied": 0.05, "without_many_varied": 0.15, "without_many_by_lot": 0.15}
"""Shares of the dimensions that are removed: those in which ordinary tokens vary most, or drawn by lot."""
OPTIONS = {"resamples": RESAMPLES, "seed": SEED, "removed": REMOVED}
WAYS = {  # by layer of the decoder: the treatment of the decoder's vectors, and of the encoder's
    0: (
        RAW,
        ("centred", "centred"),
        ("without_rogue", "without_rogue"),
        ("nouns_centred", "nouns_centred"),
        ("standardised", "standardised"),
        ("standardised", "raw"),
        ("raw", "standardised"),
        *((treatment, "raw") for treatment in REMOVED),
        BOTH_NOUNS,
    ),
    1: (RAW, BOTH_NOUNS),
}


@dataclass(frozen=True)
class Sampled:
    """A score and what it is in each draw of words, [resample]."""

    value: float
    resampled: np.ndarray


def export(work: Workspace) -> MapCorner:
    """Scores of the decoder's layers 0 and 1 with the encoder's layer 0, with and without the categories, and their changes."""
    decoder, encoder = layer_vectors(work)
    category = category_dissimilarities(compared(work).categories)

    def cosines(vectors: LayerVectors, layer: int, treatment: str) -> np.ndarray:
        return pair_cosines(treated(vectors.mean[layer], frames(work, vectors.role)[layer], treatment))

    found = []
    for layer, ways in WAYS.items():
        both = [sampled(cosines(decoder, layer, one), cosines(encoder, ENCODER_LAYER, other), category) for one, other in ways]
        raw = both[0]
        found += [
            CornerScore(
                decoder_layer=layer,
                decoder=of_decoder,
                encoder=of_encoder,
                removed=len(dimensions_removed(frames(work, "decoder")[layer], of_decoder)) if of_decoder in REMOVED else None,
                pearson=_compared(plain, raw[0]),
                given_category=_compared(partial, raw[1]),
            )
            for (of_decoder, of_encoder), (plain, partial) in zip(ways, both, strict=True)
        ]
    return MapCorner(resamples=RESAMPLES, scores=found)


def treated(vectors: np.ndarray, frame: Frame, treatment: str) -> np.ndarray:
    """Vectors [word, dim] as a treatment of `WAYS` has them, float64."""
    if treatment == "nouns_centred":
        return vectors - vectors.mean(axis=0)
    if treatment == "standardised_nouns_centred":
        standardised = frame.treated(vectors, "standardised")
        return standardised - standardised.mean(axis=0)
    if treatment in REMOVED:
        return np.delete(np.asarray(vectors, dtype=np.float64), dimensions_removed(frame, treatment), axis=-1)
    return frame.treated(vectors, treatment)


def dimensions_removed(frame: Frame, treatment: str) -> np.ndarray:
    """The dimensions that a treatment of `REMOVED` removes, one at least."""
    dims = len(frame.deviation)
    by_lot = treatment == "without_many_by_lot"
    order = np.random.default_rng(SEED).permutation(dims) if by_lot else np.argsort(-frame.deviation, kind="stable")
    return order[: max(1, round(REMOVED[treatment] * dims))]


def sampled(first: np.ndarray, second: np.ndarray, category: np.ndarray) -> tuple[Sampled, Sampled]:
    """(the correlation, the partial correlation given the category), [pair] each; the same words are drawn for all."""
    drawn = [bootstrap(*two, resamples=RESAMPLES, seed=SEED).resampled for two in ((first, second), (first, category), (second, category))]
    return (
        Sampled(pearson(first, second), drawn[0]),
        Sampled(partial_coefficient("pearson", first, second, category), held_constant(*drawn)),
    )


def _compared(score: Sampled, raw: Sampled) -> ResampledScore:
    low, high = np.quantile(score.resampled, MIDDLE)
    change_low, change_high = np.quantile(score.resampled - raw.resampled, MIDDLE)
    return ResampledScore(
        value=rounded(score.value, 4),
        low=rounded(low, 4),
        high=rounded(high, 4),
        change=rounded(score.value - raw.value, 4),
        change_low=rounded(change_low, 4),
        change_high=rounded(change_high, 4),
    )
