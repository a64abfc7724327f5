"""Writes map_corner: why the first vectors of two models agree so little, by treating them in other ways, in both models or in one.

Also whether the reason is how rare the words are, with that held constant: the difference and the sum of the words' log ranks.

Unlike the treatments of `reference_frame`, one here takes off what the compared words themselves have in common: their own mean. It makes
their mean cosine slightly negative by construction; which pairs lie above it is still the vectors' own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from artefacts.schemas.layers import CornerRanks, CornerScore, MapCorner, ResampledScore
from precompute.layers.reference_frame import Frame, frames
from precompute.layers.words_in_carriers import LayerVectors, compared, layer_vectors
from precompute.rsa.inference import MIDDLE, drawn_words, weighted_pearson
from precompute.rsa.partial import all_held_constant, partial_coefficient, rank_covariates, share_explained
from precompute.rsa.rdms import category_dissimilarities, pair_cosines, pair_indices
from precompute.statistics_of import rounded
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
    words = compared(work)
    category = category_dissimilarities(words.categories)
    ranks = rank_covariates(words.token_ids["decoder"] + 1)  # ids go roughly from frequent to rare, because merges do
    drawn = drawn_pairs(len(words.words))

    def cosines(vectors: LayerVectors, layer: int, treatment: str) -> np.ndarray:
        return pair_cosines(treated(vectors.mean[layer], frames(work, vectors.role)[layer], treatment))

    found, as_they_are = [], {}
    for layer, ways in WAYS.items():
        treated_pairs = [(cosines(decoder, layer, one), cosines(encoder, ENCODER_LAYER, other)) for one, other in ways]
        both = [(sampled(drawn, *pairs), sampled(drawn, *pairs, category)) for pairs in treated_pairs]
        raw = both[0]
        as_they_are[layer] = treated_pairs[0], raw
        found += [
            CornerScore(
                decoder_layer=layer,
                decoder=of_decoder,
                encoder=of_encoder,
                removed=len(dimensions_removed(frames(work, "decoder")[layer], of_decoder)) if of_decoder in REMOVED else None,
                pearson=_compared(plain, raw[0]),
                given_category=_compared(partial, raw[1]),
                explained_by_ranks=rounded(share_explained(pairs[0], *ranks), 4),
            )
            for (of_decoder, of_encoder), (plain, partial), pairs in zip(ways, both, treated_pairs, strict=True)
        ]
    pairs, (plain, partial) = as_they_are[0]
    given_ranks = CornerRanks(
        encoder_explained=rounded(share_explained(pairs[1], *ranks), 4),
        pearson=_compared(sampled(drawn, *pairs, *ranks), plain),
        given_category=_compared(sampled(drawn, *pairs, category, *ranks), partial),
    )
    return MapCorner(resamples=RESAMPLES, scores=found, given_ranks=given_ranks)


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


def drawn_pairs(words: int) -> np.ndarray:
    """[resample, pair], how often each pair stands in each draw of as many words: the same for all that is compared."""
    i, j = pair_indices(words)
    return np.concatenate([counts[:, i] * counts[:, j] for counts in drawn_words(words, RESAMPLES, SEED)]).astype(np.float64)


def sampled(drawn: np.ndarray, first: np.ndarray, second: np.ndarray, *held: np.ndarray) -> Sampled:
    """The correlation of first and second, [pair], with all of `held` held constant, and what it is in each draw."""

    def in_draws(one: np.ndarray, other: np.ndarray) -> np.ndarray:
        return weighted_pearson(one, other, drawn)

    among = [[in_draws(g, h) for h in held] for g in held]
    resampled = all_held_constant(in_draws(first, second), [in_draws(first, g) for g in held], [in_draws(second, g) for g in held], among)
    return Sampled(partial_coefficient("pearson", first, second, *held), resampled)


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
