"""Dense integer arrays as text, and fractions as integers with a stated error bound."""

from __future__ import annotations

import base64

import numpy as np

from artefacts.schemas.parts import PackedArray


def pack(values: np.ndarray) -> PackedArray:
    """Pack an unsigned or signed 8-, 16- or 32-bit integer array, any shape, as little-endian base64."""
    little_endian = np.ascontiguousarray(values).astype(values.dtype.newbyteorder("<"), copy=False)
    return PackedArray(
        dtype=values.dtype.name, shape=list(values.shape), base64=base64.b64encode(little_endian.tobytes()).decode("ascii")
    )


def unpack(packed: PackedArray) -> np.ndarray:
    """The array that `pack` was given. Raises ValueError if bytes and shape disagree."""
    flat = np.frombuffer(base64.b64decode(packed.base64, validate=True), dtype=np.dtype(packed.dtype).newbyteorder("<"))
    return flat.reshape(packed.shape).astype(packed.dtype)


def smallest_unsigned(maximum: int) -> np.dtype:
    """The smallest unsigned integer type that holds `maximum`: uint8, uint16 or uint32."""
    return next(np.dtype(t) for t in ("uint8", "uint16", "uint32") if maximum <= np.iinfo(t).max)


def quantise(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Map [low, high] linearly onto uint16; the error is at most `quantisation_error(low, high)`."""
    scaled = (np.asarray(values, dtype=np.float64) - low) / (high - low) * 65535
    return np.clip(np.rint(scaled), 0, 65535).astype(np.uint16)


def dequantise(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """The inverse of `quantise`, as float64."""
    return values.astype(np.float64) / 65535 * (high - low) + low


def quantisation_error(low: float, high: float) -> float:
    """The largest error of `quantise` followed by `dequantise`: half a step."""
    return (high - low) / 65535 / 2
