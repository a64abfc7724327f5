"""Turn, shuffle and blur images: what becomes of pixels, what of cosines?

Needs: pip install numpy scikit-learn
"""

import numpy as np
from sklearn.datasets import load_digits

digits = load_digits()
first = [np.flatnonzero(digits.target == d)[:3] for d in range(10)]
images = digits.images[np.concatenate(first)]  # [image, row, column]: three of each
order = np.random.default_rng(0).permutation(64)


def shuffled(images):
    return images.reshape(-1, 64)[:, order].reshape(-1, 8, 8)


def blurred(images):
    framed = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    parts = [framed[:, r : r + 8, c : c + 8] for r in range(3) for c in range(3)]
    return sum(parts) / 9


def cosines(images):
    rows = images.reshape(len(images), -1)
    units = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return units @ units.T


for name, after in (
    ("rotated", np.rot90(images, axes=(1, 2))),
    ("transposed", images.transpose(0, 2, 1)),
    ("shuffled", shuffled(images)),
    ("blurred", blurred(images)),
):
    pairs = zip(images, after, strict=True)
    own = np.mean([np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in pairs])
    moved = np.abs(cosines(after) - cosines(images)).max()
    text = "none" if moved < 1e-9 else f"up to {moved:.2f}"
    print(f"{name + ':':12} pixels r = {own:5.2f}, cosines change: {text}")
