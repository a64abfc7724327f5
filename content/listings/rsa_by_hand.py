"""Representational similarity analysis of four words in two made-up planes.

Needs nothing but Python.
"""

import math
from itertools import combinations

first = {"moon": (5, 0), "star": (4, 3), "apple": (0, 5), "pear": (-3, 4)}
second = {"moon": (-5, 0), "star": (-2.4, 0.7), "apple": (-3, 4), "pear": (0, 5)}


def cosine(a, b):
    return sum(x * y for x, y in zip(a, b, strict=True)) / (math.hypot(*a) * math.hypot(*b))


def pearson(xs, ys):
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    return cosine([x - mean_x for x in xs], [y - mean_y for y in ys])


# step one: how alike is each pair, inside each space?
pairs = list(combinations(first, 2))
in_first = [cosine(first[a], first[b]) for a, b in pairs]
in_second = [cosine(second[a], second[b]) for a, b in pairs]
for (a, b), x, y in zip(pairs, in_first, in_second, strict=True):
    print(f"{a + ', ' + b:12} {x:5.2f} {y:5.2f}")

# step two: do the two lists rise and fall together?
print(f"RSA          {pearson(in_first, in_second):.3f}")
