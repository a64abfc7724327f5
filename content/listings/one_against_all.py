"""One token against the whole vocabulary: a loop, and a matrix product. They agree; add --time to see which is faster.

Needs: pip install numpy gguf
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

nearest = [np.argsort(-cosines, kind="stable")[1:21].tolist() for cosines in (by_loop, by_product)]  # [0] is the token itself
print(f"{len(tokens):,} cosines")
print(f"largest difference below one millionth: {bool(np.abs(by_loop - by_product).max() < 1e-6)}")
print(f"correlation of the two lists: {np.corrcoef(by_loop, by_product)[0, 1]:.3f}")
print(f"correlation if one list is doubled: {np.corrcoef(by_loop, 2 * by_product)[0, 1]:.3f}")
print(f"the same 20 nearest: {nearest[0] == nearest[1]}")
if "--time" in sys.argv:
    print(f"loop {loop_seconds * 1000:.0f} ms, product {product_seconds * 1000:.1f} ms")
