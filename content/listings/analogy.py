"""a is to b as c is to what? With the given words kept.

Needs: pip install numpy gguf
Another question than man, king, woman: python analogy.py france paris japan
"""

import sys

import numpy as np
from load_smollm2 import load_smollm2

vectors, tokens = load_smollm2()
rows = {}  # word -> row; of two spellings the one with the smaller id
for row, token in enumerate(tokens):
    word = token.removeprefix("Ġ")
    if word != token and word.isascii() and word.isalpha() and word[1:]:
        rows.setdefault(word.lower(), row)
words = list(rows)
unit = vectors[list(rows.values())].astype(np.float64)
unit /= np.linalg.norm(unit, axis=1, keepdims=True)

a, b, c = sys.argv[1:4] if len(sys.argv) > 3 else ("man", "king", "woman")
target = unit[words.index(b)] - unit[words.index(a)] + unit[words.index(c)]
cosines = unit @ (target / np.linalg.norm(target))

print(f"{b} - {a} + {c}, among {len(words):,} words")
for place, n in enumerate(np.argsort(-cosines)[:6], start=1):
    given = " (given)" if words[n] in (a, b, c) else ""
    print(f"{place}  {cosines[n]:.3f}  {words[n]}{given}")
