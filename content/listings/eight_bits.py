"""The decoder's 8-bit format, by hand: what is left of three vectors, and of the angles between them.

Needs: pip install numpy
"""

import numpy as np

BLOCK = 32  # so many numbers share one scale


def through_eight_bits(vector):
    """GGUF's Q8_0: each block keeps its largest size, in 16 bits, and 32 whole numbers from -127 to 127."""
    blocks = vector.astype(np.float32).reshape(-1, BLOCK)
    scale = np.abs(blocks).max(axis=1, keepdims=True) / np.float32(127)
    whole = np.round(blocks / np.where(scale > 0, scale, 1))
    return (whole * scale.astype(np.float16)).astype(np.float32).reshape(-1)


def cosine(x, y):
    return float(x @ y / np.sqrt((x @ x) * (y @ y)))


numbers = np.random.default_rng(0)
shared = numbers.standard_normal(384)
vectors = {name: shared * part + numbers.standard_normal(384) for name, part in (("one", 2), ("two", 1), ("three", 0))}

for a, b in (("one", "two"), ("one", "three"), ("two", "three")):
    x, y = vectors[a], vectors[b]
    before, after = cosine(x, y), cosine(through_eight_bits(x), through_eight_bits(y))
    print(f"{a:3} and {b:5}: cosine {before:.4f} before, {after:.4f} after, moved by {abs(after - before):.4f}")
