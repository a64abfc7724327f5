"""Dot product, norm, cosine and Pearson correlation of two lists, with an offset.

Needs nothing but Python.
"""

import math


def dot(x, y):
    return sum(a * b for a, b in zip(x, y, strict=True))


def norm(x):
    return math.sqrt(dot(x, x))


def cosine(x, y):
    return dot(x, y) / (norm(x) * norm(y))


def centred(x):
    return [value - sum(x) / len(x) for value in x]


def pearson(x, y):
    return cosine(centred(x), centred(y))


x = [2, -1, 0, 1, -3, 1]
y = [1, 2, -2, 0, -1, 0]

print("offset   dot    |x|    |y|  cosine  angle  Pearson")
for offset in (0, 1, 2, 5):
    a = [value + offset for value in x]
    b = [value + offset for value in y]
    angle = math.degrees(math.acos(cosine(a, b)))
    print(f"{offset:6} {dot(a, b):5} {norm(a):6.2f} {norm(b):6.2f}", end=" ")
    print(f"{cosine(a, b):7.2f} {angle:5.0f}° {pearson(a, b):8.2f}")
