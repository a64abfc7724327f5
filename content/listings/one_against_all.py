"""One token against the whole vocabulary, by a loop and by a matrix product.

Needs: pip install numpy gguf
Add --time to see which is faster.
"""

import sys
import time

import numpy as np
from load_smollm2 import load_smollm2

vectors, tokens = load_smollm2()
seed = tokens.index("ĠMike")

# The loop: one row after the other.
start = time.perf_counter()
by_loop = np.zeros(len(vectors), dtype=np.float32)
seed_norm = np.linalg.norm(vectors[seed])
for row, vector in enumerate(vectors):
    by_loop[row] = vector @ vectors[seed] / (np.linalg.norm(vector) * seed_norm)
loop_seconds = time.perf_counter() - start

# The product: all rows to length 1 first, then all dot products at once.
unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
start = time.perf_counter()
by_product = unit @ unit[seed]
product_seconds = time.perf_counter() - start


def nearest(cosines):
    """The rows of the 20 largest cosines; the very largest is the token itself."""
    return np.argsort(-cosines, kind="stable")[1:21].tolist()


def correlation(x, y):
    return np.corrcoef(x, y)[0, 1]


difference = np.abs(by_loop - by_product).max()
print(f"{len(tokens):,} cosines")
print("largest difference below one millionth:", bool(difference < 1e-6))
print(f"correlation of the two lists: {correlation(by_loop, by_product):.3f}")
print(f"correlation if one is doubled: {correlation(by_loop, 2 * by_product):.3f}")
print("the same 20 nearest:", nearest(by_loop) == nearest(by_product))
if "--time" in sys.argv:
    print(f"loop {loop_seconds * 1000:.0f} ms, product {product_seconds * 1000:.1f} ms")
