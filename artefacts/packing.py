"""Dense integer arrays as text, and fractions as integers with a stated error bound."""

from __future__ import annotations

import base64
import zlib

import numpy as np

from artefacts.base85 import base85_decoded, base85_encoded
from artefacts.schemas.parts import DeflatedArray, PackedArray


def pack(values: np.ndarray) -> PackedArray:
    """Pack an unsigned or signed 8-, 16- or 32-bit integer array, any shape, as little-endian base64."""
    return PackedArray(**_form(values), base64=base64.b64encode(_little_endian(values)).decode("ascii"))


def pack_deflated(values: np.ndarray) -> DeflatedArray:
    """The same for an array that is worth compressing. Browsers take a moment longer to unpack it."""
    return DeflatedArray(**_form(values), deflated=deflated(_little_endian(values)))


def unpack(packed: PackedArray | DeflatedArray) -> np.ndarray:
    """The array that `pack` or `pack_deflated` was given. Raises ValueError if bytes and shape disagree."""
    told = inflated(packed.deflated) if isinstance(packed, DeflatedArray) else base64.b64decode(packed.base64, validate=True)
    flat = np.frombuffer(told, dtype=np.dtype(packed.dtype).newbyteorder("<"))
    return flat.reshape(packed.shape).astype(packed.dtype)


def _form(values: np.ndarray) -> dict[str, object]:
    return {"dtype": values.dtype.name, "shape": list(values.shape)}


def _little_endian(values: np.ndarray) -> bytes:
    return np.ascontiguousarray(values).astype(values.dtype.newbyteorder("<"), copy=False).tobytes()


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


def deflated(data: bytes, strategy: int = zlib.Z_DEFAULT_STRATEGY) -> str:
    """Base 85 (RFC 1924) of raw DEFLATE: for bytes that this makes shorter. Browsers inflate it themselves."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15, 9, strategy)
    return base85_encoded(deflate.compress(data) + deflate.flush())


def inflated(text: str) -> bytes:
    """The bytes that `deflated` was given. Raises ValueError for other text."""
    try:
        return zlib.decompress(base85_decoded(text), -15)
    except zlib.error as error:
        raise ValueError(f"cannot be inflated: {error}") from error
