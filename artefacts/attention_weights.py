"""Attention weights as bytes from far and with a second byte from near."""

from __future__ import annotations

import numpy as np

FAR, NEAR = 255, 254
OVERVIEW_ERROR = 0.002  # half a byte's step is 0.00196
DEPTH_ERROR = 0.00001  # half a step of the remainder is 0.0000077


def cells(weights: np.ndarray, causal: bool) -> np.ndarray:
    """[..., cell] of [..., query, key]: the lower triangle row by row where a mask hides the rest, else everything."""
    tokens = weights.shape[-1]
    if causal:
        return weights[..., *np.tril_indices(tokens)]
    return weights.reshape(*weights.shape[:-2], tokens * tokens)


def from_cells(values: np.ndarray, tokens: int, causal: bool) -> np.ndarray:
    """The inverse of `cells`; masked cells are 0."""
    if not causal:
        return values.reshape(*values.shape[:-1], tokens, tokens)
    whole = np.zeros((*values.shape[:-1], tokens, tokens), dtype=values.dtype)
    whole[..., *np.tril_indices(tokens)] = values
    return whole


def far(weights: np.ndarray) -> np.ndarray:
    """uint8: weight * 255, rounded. The error of byte / 255 is at most `OVERVIEW_ERROR`."""
    return np.clip(np.rint(np.asarray(weights, dtype=np.float64) * FAR), 0, FAR).astype(np.uint8)


def near(weights: np.ndarray) -> np.ndarray:
    """int8: what `far` leaves, in 254ths of its step."""
    exact = np.asarray(weights, dtype=np.float64) * FAR
    return np.clip(np.rint((exact - np.rint(exact)) * NEAR), -127, 127).astype(np.int8)


def whole(far_bytes: np.ndarray, near_bytes: np.ndarray) -> np.ndarray:
    """Weights from both bytes, float64, with an error of at most `DEPTH_ERROR`."""
    return (far_bytes.astype(np.float64) + near_bytes.astype(np.float64) / NEAR) / FAR
