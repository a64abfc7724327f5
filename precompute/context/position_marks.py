"""Writes position_marks: sinusoidal, learned and rotary marks, how alike they are by distance, and what is added to what."""

from __future__ import annotations

from typing import Any

import numpy as np

from artefacts.schemas.positions import AddedVector, InputRecipe, PositionMarks, PositionScheme
from precompute.context.networks import Reader, embedding_norm, position_vectors, readers, rotary_part, segment_table
from precompute.statistics_of import rounded
from precompute.workspace import Workspace

SHOWN_POSITIONS = 16
SHOWN_DIMS = 16
LAGS = 128
SINUSOIDAL_BASE = 10_000.0  # Vaswani et al. 2017, section 3.5
OPTIONS = {"shown_positions": SHOWN_POSITIONS, "shown_dims": SHOWN_DIMS, "lags": LAGS}


def export(work: Workspace) -> PositionMarks:
    """Cosines of marks by distance for each scheme that the models have, and for the sinusoidal one of Vaswani et al. 2017."""
    both = readers(work)
    width = both[1].model.token_embeddings().shape[1]
    schemes = [_sinusoidal(width)]
    for reader in both:
        vectors = position_vectors(reader.network)
        if vectors is not None:
            schemes.append(_learned(reader, vectors))
        if rotary_part(reader.network) is not None:
            schemes.append(_rotary(reader))
    text = work.words("bank_sentences")["experiment"]["text"]
    return PositionMarks(schemes=schemes, recipes=[_recipe(reader, text) for reader in both])


def sinusoidal_vectors(positions: int, width: int, base: float = SINUSOIDAL_BASE) -> np.ndarray:
    """[position, dim]: sine in even dimensions, cosine in odd ones, of position / base^(2i/width). Vaswani et al. 2017."""
    angles = np.arange(positions)[:, None] * base ** (-np.arange(0, width, 2) / width)
    vectors = np.empty((positions, 2 * angles.shape[1]))
    vectors[:, 0::2], vectors[:, 1::2] = np.sin(angles), np.cos(angles)
    return vectors[:, :width]


def cosines_by_lag(vectors: np.ndarray, lags: list[int]) -> list[float]:
    """[lag], mean cosine of rows so many apart."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return [rounded((unit[: len(unit) - lag] * unit[lag:]).sum(axis=1).mean(), 4) for lag in lags]


def _shown(vectors: np.ndarray) -> dict[str, list]:
    """Some positions and dimensions, evenly spread, on a scale from -1 to 1."""
    positions = list(range(min(SHOWN_POSITIONS, len(vectors))))
    dims = sorted({round(i) for i in np.linspace(0, vectors.shape[1] - 1, min(SHOWN_DIMS, vectors.shape[1]))})
    part = vectors[np.ix_(positions, dims)]
    part = part / np.abs(part).max()
    return {"shown_positions": positions, "shown_dims": dims, "marks": [[rounded(x, 3) for x in row] for row in part]}


def _norms(vectors: np.ndarray) -> dict[str, float]:
    norms = np.linalg.norm(vectors, axis=1)
    return {"norm_first": rounded(norms[0], 4), "norm_mean": rounded(norms.mean(), 4), "norm_last": rounded(norms[-1], 4)}


def _sinusoidal(width: int) -> PositionScheme:
    vectors = sinusoidal_vectors(512, width)
    lags = list(range(LAGS))
    return PositionScheme(
        kind="sinusoidal",
        role=None,
        name="Transformer of 2017",
        dims=width,
        positions=None,
        base=SINUSOIDAL_BASE,
        lags=lags,
        similarity=cosines_by_lag(vectors, lags),
        **_shown(vectors),
        **_norms(vectors),
    )


def _learned(reader: Reader, vectors: np.ndarray) -> PositionScheme:
    lags = list(range(min(LAGS, len(vectors))))
    return PositionScheme(
        kind="learned",
        role=reader.role,
        name=reader.name,
        dims=vectors.shape[1],
        positions=len(vectors),
        base=None,
        lags=lags,
        similarity=cosines_by_lag(vectors, lags),
        **_shown(vectors),
        **_norms(vectors),
    )


def _rotary(reader: Reader) -> PositionScheme:
    """The angles that the network itself uses: each pair of numbers of q and k is turned by position * frequency."""
    frequencies = rotary_part(reader.network).inv_freq.detach().numpy().astype(np.float64)
    angles = np.arange(LAGS)[:, None] * frequencies
    vectors = np.empty((LAGS, 2 * len(frequencies)))
    vectors[:, 0::2], vectors[:, 1::2] = np.sin(angles), np.cos(angles)
    lags = list(range(LAGS))
    config = reader.network.config
    base = getattr(config, "rope_theta", None) or (getattr(config, "rope_parameters", None) or {}).get("rope_theta")
    return PositionScheme(
        kind="rotary",
        role=reader.role,
        name=reader.name,
        dims=vectors.shape[1],
        positions=None,
        base=None if base is None else float(base),
        lags=lags,
        similarity=[rounded(np.cos(lag * frequencies).mean(), 4) for lag in lags],
        **_shown(vectors),
        norm_first=None,
        norm_mean=None,
        norm_last=None,
    )


def _recipe(reader: Reader, text: str) -> InputRecipe:
    """Norms of what is added up before the first block, for the tokens of a text."""
    ids = reader.ids(text)
    parts = {"token": reader.model.token_embeddings()[ids].astype(np.float64)}
    vectors, segments, norm = (part(reader.network) for part in (position_vectors, segment_table, embedding_norm))
    if vectors is not None:
        parts["position"] = vectors[: len(ids)]
    if segments is not None:
        parts["segment"] = np.repeat(segments.weight.detach().numpy()[:1].astype(np.float64), len(ids), axis=0)
    if len(parts) > 1:
        parts["sum"] = np.sum(list(parts.values()), axis=0)
    if norm is not None:
        states = reader.run_ids(ids).states[0].astype(np.float64)
        # ALBERT widens what it has normalised before the first block
        parts["normalised"] = states if states.shape == parts["sum"].shape else _normalised(norm, parts["sum"])
    added = [AddedVector(part=name, mean_norm=rounded(np.linalg.norm(v, axis=1).mean(), 4)) for name, v in parts.items()]
    return InputRecipe(role=reader.role, text=text, parts=added, rotary=rotary_part(reader.network) is not None)


def _normalised(norm: Any, vectors: np.ndarray) -> np.ndarray:
    import torch

    with torch.inference_mode():
        return norm(torch.from_numpy(vectors.astype(np.float32))).numpy().astype(np.float64)
