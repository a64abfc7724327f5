"""Writes layer_map: how well every layer of the decoder agrees with every layer of the encoder, and what chance would give."""

from __future__ import annotations

import numpy as np

from artefacts.schemas.layers import CeilingOfModel, LayerMap, LayerMapOf, MapCell
from precompute.layers.many_layers import cosine_scores, kernel_scores, largest_cells
from precompute.layers.reference_frame import TREATMENTS, frames
from precompute.layers.words_in_carriers import LayerVectors, layer_vectors
from precompute.rsa.cka import linear_cka
from precompute.rsa.inference import noise_ceiling, p_value
from precompute.statistics_of import rounded
from precompute.workspace import Workspace

PERMUTATIONS = 10_000
SEED = 11
OPTIONS = {"permutations": PERMUTATIONS, "seed": SEED}
SCORES = {"rsa": cosine_scores, "cka": kernel_scores}
# A mean that is taken off does not change CKA, which centres by itself; and with the rogue dimensions gone it says little of its own.
TREATED = {"rsa": TREATMENTS, "cka": ("raw", "standardised")}


def export(work: Workspace) -> LayerMap:
    """Scores [decoder layer, encoder layer] by RSA and linear CKA for each treatment, and the ceilings of both models.

    CKA after Kornblith et al. 2019.
    """
    both = layer_vectors(work)
    maps, ceilings = [], []
    for measure, treatments in TREATED.items():
        for treatment in treatments:
            means, singles = zip(*(_scores(work, vectors, measure, treatment) for vectors in both), strict=True)
            maps.append(_map_of(measure, treatment, means, singles))
            if measure == "rsa":
                ceilings += [_ceiling(vectors.role, treatment, single) for vectors, single in zip(both, singles, strict=True)]
    best = next(m for m in maps if (m.measure, m.treatment) == ("cka", "raw")).best
    chosen = [vectors.mean[layer] for vectors, layer in zip(both, (best.decoder_layer, best.encoder_layer), strict=True)]
    numbers = np.random.default_rng(SEED)
    return LayerMap(
        permutations=PERMUTATIONS,
        maps=maps,
        ceilings=ceilings,
        biased_cka_best=rounded(linear_cka(*chosen), 4),
        biased_cka_of_noise=rounded(linear_cka(*(numbers.standard_normal(rows.shape) for rows in chosen)), 4),
    )


def _scores(work: Workspace, vectors: LayerVectors, measure: str, treatment: str) -> tuple[np.ndarray, np.ndarray]:
    """([layer, pair] of vectors averaged over carriers, [carrier, layer, pair] of single carriers)."""
    means, singles = [], []
    for layer, frame in enumerate(frames(work, vectors.role)):
        singles.append(SCORES[measure](frame.treated(vectors.in_carriers[layer], treatment)))
        means.append(SCORES[measure](frame.treated(vectors.mean[layer], treatment)))
    return np.stack(means), np.stack(singles, axis=1)


def _map_of(measure: str, treatment: str, means: tuple[np.ndarray, ...], singles: tuple[np.ndarray, ...]) -> LayerMapOf:
    values = means[0] @ means[1].T
    by_carrier = singles[0] @ singles[1].transpose(0, 2, 1)
    row, column = np.unravel_index(values.argmax(), values.shape)
    null = largest_cells(*means, PERMUTATIONS, SEED)
    return LayerMapOf(
        measure=measure,
        treatment=treatment,
        values=_table(values),
        carriers_low=_table(by_carrier.min(axis=0)),
        carriers_high=_table(by_carrier.max(axis=0)),
        best=MapCell(decoder_layer=int(row), encoder_layer=int(column), value=rounded(values[row, column], 4)),
        same_depth=rounded(np.mean([values[same_depth(column, *values.shape), column] for column in range(values.shape[1])]), 4),
        null_maximum_95=rounded(np.quantile(null, 0.95), 4),
        null_maximum_mean=rounded(null.mean(), 4),
        p=rounded(p_value(float(values[row, column]), null), 6),
    )


def same_depth(encoder_layer: int, decoder_states: int, encoder_states: int) -> int:
    """The decoder's layer whose share of its depth is nearest to the encoder layer's; both counts include layer 0."""
    return round(encoder_layer / (encoder_states - 1) * (decoder_states - 1))


def _ceiling(role: str, treatment: str, singles: np.ndarray) -> CeilingOfModel:
    bounds = [_bounds(singles[:, layer]) for layer in range(singles.shape[1])]
    return CeilingOfModel(role=role, treatment=treatment, lower=[low for low, _ in bounds], upper=[high for _, high in bounds])


def _bounds(pairs: np.ndarray) -> tuple[float, float]:
    """pairs: [carrier, pair]. Without position vectors all carriers are alike before the first block: the ceiling is 1."""
    lower, upper = noise_ceiling(pairs)
    return rounded(lower, 4), rounded(upper, 4)


def _table(values: np.ndarray) -> list[list[float]]:
    return [[rounded(value, 4) for value in row] for row in values]
