"""Writes layer_selectivity: in which layers words of one category are closer to each other than to the words of others."""

from __future__ import annotations

import numpy as np

from artefacts.schemas.layers import LayerSelectivity, SelectivityLayer, SelectivityOfModel
from precompute.layers.geometry import spread
from precompute.layers.many_layers import cosine_scores, d_of_r, shuffled
from precompute.layers.reference_frame import frames
from precompute.layers.words_in_carriers import LayerVectors, compared, layer_vectors
from precompute.rsa.coefficients import scores
from precompute.rsa.inference import p_value
from precompute.rsa.rdms import category_dissimilarities, pair_cosines
from precompute.statistics_of import rounded
from precompute.workspace import Workspace

PERMUTATIONS = 10_000
SEED = 12
TREATED = ("raw", "standardised")
OPTIONS = {"permutations": PERMUTATIONS, "seed": SEED}


def export(work: Workspace) -> LayerSelectivity:
    """Cohen's d of cosines within and across categories in every layer, by every treatment, with a permutation test of the largest."""
    found = [_of_model(work, vectors, treatment) for vectors in layer_vectors(work) for treatment in TREATED]
    return LayerSelectivity(permutations=PERMUTATIONS, by_model=found)


def _of_model(work: Workspace, vectors: LayerVectors, treatment: str) -> SelectivityOfModel:
    """Larger is more selective: cosines are compared with 1 for a pair of one category and 0 for a pair of two."""
    same = 1 - category_dissimilarities(compared(work).categories)
    kinds = int(same.sum()), int((1 - same).sum())
    by_frame = frames(work, vectors.role)
    means = np.stack([frame.treated(rows, treatment) for frame, rows in zip(by_frame, vectors.mean, strict=True)])
    singles = np.stack([frame.treated(rows, treatment) for frame, rows in zip(by_frame, vectors.in_carriers, strict=True)])
    wanted = scores("pearson", same)
    r, r_carriers = cosine_scores(means) @ wanted, cosine_scores(singles) @ wanted  # [layer], [layer, carrier]
    null = np.concatenate([block @ cosine_scores(means).T for block in shuffled(wanted, PERMUTATIONS, SEED)])  # [permutation, layer]
    largest = d_of_r(null.max(axis=1), *kinds)
    layers = []
    for layer, rows in enumerate(means):
        cosines = pair_cosines(rows)
        layers.append(
            SelectivityLayer(
                layer=layer,
                within=rounded(cosines[same == 1].mean(), 4),
                across=rounded(cosines[same == 0].mean(), 4),
                cohens_d=rounded(d_of_r(r[layer], *kinds), 4),
                cohens_d_carriers=spread(d_of_r(r_carriers[layer], *kinds)),
                pearson=rounded(r[layer], 4),
                p=rounded(p_value(float(r[layer]), null[:, layer]), 6),
            )
        )
    return SelectivityOfModel(
        role=vectors.role,
        treatment=treatment,
        layers=layers,
        null_maximum_95=rounded(np.quantile(largest, 0.95), 4),
        p=rounded(p_value(float(r.max()), null.max(axis=1)), 6),
    )
