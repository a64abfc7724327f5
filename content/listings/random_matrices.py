"""Thirty made-up words in three groups, and two matrices of random numbers: number by number nothing in common, yet the same geometry.

Needs: pip install numpy
Other matrices: python random_matrices.py 7
"""

import sys

import numpy as np

numbers = np.random.default_rng(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
WORDS, GROUPS, DIMS, WIDTH = 30, 3, 576, 192

group = np.arange(WORDS) % GROUPS
centres = numbers.normal(size=(GROUPS, DIMS))
words = centres[group] + numbers.normal(size=(WORDS, DIMS))  # [word, dim]: its group's centre, and as much of its own


def pair_cosines(vectors):
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return (units @ units.T)[np.triu_indices(WORDS, 1)]


queries = words @ numbers.normal(size=(DIMS, WIDTH))  # "queries" and "keys" that nobody trained
keys = words @ numbers.normal(size=(DIMS, WIDTH))

pairs = np.triu_indices(WORDS, 1)
same = group[pairs[0]] == group[pairs[1]]
print(f"number by number, queries with keys: r = {np.corrcoef(queries.ravel(), keys.ravel())[0, 1]:.2f}")
print(f"pair by pair (RSA):                  r = {np.corrcoef(pair_cosines(queries), pair_cosines(keys))[0, 1]:.2f}")
for name, vectors in (("words", words), ("queries", queries), ("keys", keys)):
    cosines = pair_cosines(vectors)
    print(f"{name:7}  same group {cosines[same].mean():.2f}  other group {cosines[~same].mean():.2f}")
