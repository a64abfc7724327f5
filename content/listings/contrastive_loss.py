"""The loss of one small batch: three sentences, three partners.

Needs nothing but Python.
"""

from math import exp, log

cosines = [  # made up; row: a sentence, column: a partner, diagonal: its own
    [0.7, 0.3, 0.1],
    [0.2, 0.6, 0.4],
    [0.1, 0.5, 0.4],  # its own partner is not the nearest
]
for scale in (1, 5, 20):
    losses = []
    for n, row in enumerate(cosines):
        powers = [exp(scale * cosine) for cosine in row]
        losses.append(-log(powers[n] / sum(powers)))
    rows = "  ".join(f"{loss:.2f}" for loss in losses)
    print(f"scale {scale:2}: rows {rows}, mean {sum(losses) / 3:.2f}")
