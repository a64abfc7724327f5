"""Angles between random directions, in 2 to 576 dimensions.

Needs: pip install numpy
"""

import numpy as np

rng = np.random.default_rng(seed=1)
for dims in (2, 3, 10, 50, 384, 576):
    first, second = rng.standard_normal((2, 5_000, dims))
    lengths = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    cosines = (first * second).sum(axis=1) / lengths
    within = (np.abs(cosines) < np.cos(np.radians(84))).mean()  # angles from 84 to 96 degrees
    size = np.abs(cosines).mean()
    print(f"{dims:3} dimensions: mean |cos| {size:.3f}; {within:4.0%} within 6° of 90°")
