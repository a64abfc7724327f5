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
from precompute.rsa.inference import bootstrap
from precompute.rsa.partial import held_constant, partial_coefficient
from precompute.rsa.rdms import category_dissimilarities, pair_cosines
from precompute.statistics_of import pearson, rounded
from precompute.workspace import Workspace

RESAMPLES = 10_000
SEED = 11
OPTIONS = {"resamples": RESAMPLES, "seed": SEED}
ENCODER_LAYER = 0
MIDDLE = (0.025, 0.975)
RAW = ("raw", "raw")
BOTH_NOUNS = ("standardised_nouns_centred", "standardised_nouns_centred")
WAYS = {  # by layer of the decoder: the treatment of the decoder's vectors, and of the encoder's
    0: (
        RAW,
        ("centred", "centred"),
        ("without_rogue", "without_rogue"),
        ("nouns_centred", "nouns_centred"),
        ("standardised", "standardised"),
        ("standardised", "raw"),
        ("raw", "standardised"),
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
    return frame.treated(vectors, treatment)


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
