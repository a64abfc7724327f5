"""A token's row, found in two ways: by a matrix product and by looking it up.

Needs: pip install numpy gguf
"""

import numpy as np
from load_smollm2 import load_smollm2

vectors, tokens = load_smollm2()
row = tokens.index("Ġking")

one_hot = np.zeros(len(tokens), dtype=np.float32)
one_hot[row] = 1
product = one_hot @ vectors  # 49,152 numbers times 49,152 rows of 576
looked_up = vectors[row]  # no arithmetic at all

print(f"id of ␣king: {row:,}")
print(f"multiplications of the product: {vectors.size:,}")
print("product  begins", *(f"{number:.3f}" for number in product[:5]))
print("look-up  begins", *(f"{number:.3f}" for number in looked_up[:5]))
print("the same bits:", np.array_equal(product, looked_up))
