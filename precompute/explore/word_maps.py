"""Writes word_map_decoder, _encoder and _static: the most frequent words of a space in two dimensions, by two methods.

Each picture comes with the share of true neighbours that it keeps, so that a reader sees what it loses.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from artefacts.packing import pack, smallest_unsigned
from artefacts.schemas.explore import MapMethod, WordMap
from artefacts.schemas.parts import Role
from precompute.explore.detailed_words import ROLES, WORDS, detailed_words
from precompute.explore.principal_components import principal_components
from precompute.explore.static_space import explored_space
from precompute.statistics_of import rounded
from precompute.workspace import Workspace

DRAWN = WORDS
STATIC_WORDS_EACH = 7  # a set of few static words draws fewer: one for so many,
DRAWN_LEAST = 50  # but so many
K = 8
SEED = 20250316
PERPLEXITY = 30
DIMS_BEFORE = 50  # principal components that t-SNE works on, as its authors advise
OPTIONS = {
    "drawn": DRAWN,
    "static_words_each": STATIC_WORDS_EACH,
    "drawn_least": DRAWN_LEAST,
    "k": K,
    "seed": SEED,
    "perplexity": PERPLEXITY,
    "dims_before": DIMS_BEFORE,
    "words": WORDS,
}


def export(work: Workspace, role: Role) -> WordMap:
    """Places in the plane by principal components and t-SNE (van der Maaten & Hinton 2008), and how many neighbours each keeps."""
    space = explored_space(work, role)
    drawn = min(DRAWN, max(DRAWN_LEAST, len(explored_space(work, "static")) // STATIC_WORDS_EACH))
    ids = detailed_words(work).ids[role][:drawn]
    units = space.units[ids]
    k = min(K, len(ids) - 1)
    true = nearest(units, k)
    return WordMap(
        role=role,
        ids=pack(ids.astype(smallest_unsigned(len(space) - 1))),
        k=k,
        near=pack(true.astype(smallest_unsigned(len(ids) - 1))),
        kept_by_chance=rounded(k / (len(ids) - 1)),
        methods=[
            _method("PCA", "The first two principal components of the vectors at length one.", principal_components(units, 2)[0], true),
            _method("t-SNE", f"scikit-learn, perplexity {PERPLEXITY}, from {DIMS_BEFORE} principal components.", tsne(units), true),
        ],
    )


def _method(name: str, settings: str, points: np.ndarray, true: np.ndarray) -> MapMethod:
    low = points.min(axis=0)
    longer = (points - low).max() or 1
    xy = np.rint((points - low) / longer * 65535).astype(np.uint16)
    return MapMethod(name=name, settings=settings, xy=pack(xy), kept=rounded(kept_share(xy.astype(np.float64), true)))


def kept_share(points: np.ndarray, true: np.ndarray) -> float:
    """Mean share of each row of `true` ([word, k]) that is among the k nearest in the picture. points: [word, 2]."""
    k = true.shape[1]
    squares = ((points[:, None] - points[None]) ** 2).sum(axis=2)
    np.fill_diagonal(squares, np.inf)
    drawn = np.argsort(squares, axis=1, kind="stable")[:, :k]
    return float(np.mean([len(set(a) & set(b)) / k for a, b in zip(drawn.tolist(), true.tolist(), strict=True)]))


def nearest(units: np.ndarray, k: int) -> np.ndarray:
    """[word, k]: the most similar other words by cosine, among those given."""
    cosines = units @ units.T
    np.fill_diagonal(cosines, -np.inf)
    return np.argsort(-cosines, axis=1, kind="stable")[:, :k]


def tsne(units: np.ndarray) -> np.ndarray:
    """[word, 2]: t-SNE (van der Maaten & Hinton 2008), seeded, begun from the first two principal components."""
    from sklearn.manifold import TSNE

    reduced = principal_components(units, min(DIMS_BEFORE, *units.shape))[0].astype(np.float32)
    perplexity = min(PERPLEXITY, (len(units) - 1) / 4)
    return TSNE(2, perplexity=perplexity, init="pca", random_state=SEED, n_jobs=1).fit_transform(reduced).astype(np.float64)


export_of = {role: partial(export, role=role) for role in ROLES}
