"""Vectors of some words as few bytes, such that their cosines, correlations and distances hardly change.

RSA asks for nothing but products of two vectors, and a rotation leaves all products as they are. So the vectors, at length one, are
rotated: the first axis points along (1, 1, ..., 1), so that leaving it out takes off each vector's own mean, as the correlation measure
does; the others are principal components of what is left. An error e in one vector changes its product with another, y, by e . y: errors
along axis i count as much as the other vectors reach along it. Axis i therefore gets a step in proportion to 1 / sqrt(mean y_i^2), which
spends the bits where they matter ("reverse water-filling" for a weighted error; Cover & Thomas 2006, ch. 10). Codes are written axis by
axis and packed by DEFLATE's Huffman coder, which gives small codes few bits.
"""

from __future__ import annotations

import zlib

import numpy as np

from artefacts.packing import deflated, dequantise, inflated, pack, quantise, unpack
from artefacts.schemas.lab import LabVectors
from precompute.rsa.rdms import pair_cosines
from precompute.space import unit_rows

NOISE = 0.0022
"""Standard deviation of the error of a cosine, in standard deviations of the cosines of all pairs."""
MOST_STEPS = 30_000  # from 0 to the largest coordinate of an axis: a code fits two bytes


def quantised(vectors: np.ndarray, *, noise: float = NOISE) -> dict[str, object]:
    """The fields of `LabVectors` that hold the vectors, [word, dim]."""
    vectors = np.asarray(vectors, dtype=np.float64)
    lengths = np.linalg.norm(vectors, axis=1)
    units = unit_rows(vectors)
    turned = rotated(units)
    reach, largest = np.sqrt((turned**2).mean(axis=0)), np.abs(turned).max(axis=0)
    spread = pair_cosines(units).std() if len(units) > 2 else 0
    target = noise * (spread if spread > 1e-6 else 1)  # where all pairs are alike, there is nothing to be finer than
    step = target * np.sqrt(6 / len(reach)) / np.maximum(reach, 1e-12)  # each product has two errors, each of variance step^2 / 12
    step = np.maximum(step, largest / MOST_STEPS)
    kept = step < 2 * largest  # half a step rounds to 0
    steps = np.array([float(f"{size:.4g}") for size in step[kept]])  # short to write; what is written is what is divided by
    codes = np.rint(turned[:, kept] / steps).astype(np.int64)
    lowest = codes.min(axis=0)
    codes -= lowest
    digits = [int(most).bit_length() for most in codes.max(axis=0)]
    low_bits = np.array([max(0, count - 8) for count in digits], dtype=np.int64)  # the other digits fit a byte
    longest = float(lengths.max())
    return {
        "words": len(vectors),
        "dims": vectors.shape[1],
        "axes": int(kept.sum()),
        "length_max": longest,
        "lengths": pack(quantise(lengths, 0, longest or 1.0)),
        "steps": steps.tolist(),
        "lowest": [int(low) for low in lowest],
        "low_bits": low_bits.tolist(),
        "codes": _deflated(codes.T, low_bits),
    }


def dequantised(packed: LabVectors) -> np.ndarray:
    """[word, axis] float32: the vectors as the page has them, rotated; the first axis holds what a correlation takes off."""
    codes = _inflated(packed)
    turned = (codes + np.array(packed.lowest)[:, None]) * np.array(packed.steps)[:, None]  # [axis, word]
    lengths = dequantise(unpack(packed.lengths), 0, packed.length_max or 1.0)
    return (unit_rows(turned.T) * lengths[:, None]).astype(np.float32)


def rotated(units: np.ndarray) -> np.ndarray:
    """[word, axis], as many axes as dimensions: along (1, ..., 1), then principal components (not centred), from long to short."""
    dims = units.shape[1]
    along = units.sum(axis=1, keepdims=True) / np.sqrt(dims)
    rest = units - along / np.sqrt(dims)
    _, axes = np.linalg.eigh(rest.T @ rest)
    return np.concatenate([along, rest @ axes[:, :0:-1]], axis=1)  # the last of them is (1, ..., 1) again, of which nothing is left


def _deflated(codes: np.ndarray, low_bits: np.ndarray) -> str:
    """Base 85 (RFC 1924) of raw DEFLATE. codes: [axis, word]. The high digits, a byte a code, axis by axis; then the low digits of the
    axes that have any: these are all equally frequent, so it pays to keep them apart.
    """
    high = (codes >> low_bits[:, None]).astype(np.uint8)
    low = (codes & ((1 << low_bits[:, None]) - 1)).astype(np.uint8)[low_bits > 0]
    return deflated(high.tobytes() + low.tobytes(), zlib.Z_HUFFMAN_ONLY)


def _inflated(packed: LabVectors) -> np.ndarray:
    """[axis, word] int64."""
    low_bits = np.array(packed.low_bits, dtype=np.int64)
    flat = np.frombuffer(inflated(packed.codes), dtype=np.uint8)
    planes = flat.reshape(-1, packed.words).astype(np.int64)
    codes = planes[: packed.axes] << low_bits[:, None]
    codes[low_bits > 0] += planes[packed.axes :]
    return codes
