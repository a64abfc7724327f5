"""One step of attention on three tokens.

Needs nothing but Python. The numbers are those of the lesson's figure, chosen by hand.
"""

import math

tokens = ["the", "river", "bank"]
queries = [[0, 1], [2, 1], [2, 0]]
keys = [[0, 1], [2, 0], [1, 1]]
values = [[0, 0], [3, 1], [1, 1]]


def dot(x, y):
    return sum(a * b for a, b in zip(x, y, strict=True))


def softmax(scores):
    powers = [math.exp(score) for score in scores]
    return [power / sum(powers) for power in powers]


for mask in ("none", "causal"):
    print(f"mask: {mask}")
    for i, token in enumerate(tokens):
        seen = range(i + 1) if mask == "causal" else range(len(tokens))
        scores = [dot(queries[i], keys[j]) / math.sqrt(len(queries[i])) for j in seen]
        weights = softmax(scores)
        mix = [sum(w * values[j][n] for j, w in enumerate(weights)) for n in (0, 1)]
        shares = "  ".join(f"{tokens[j]} {w:.2f}" for j, w in enumerate(weights))
        print(f"  {token:6} mixes {mix[0]:.2f}, {mix[1]:.2f} from  {shares}")
