"""The twenty nearest neighbours of a token of SmolLM2. Another token: python neighbours.py " banana"

Needs: pip install numpy gguf
"""

import sys

import numpy as np
from load_smollm2 import load_smollm2

vectors, tokens = load_smollm2()
word = sys.argv[1] if len(sys.argv) > 1 else " Mike"
if word.replace(" ", "Ġ") not in tokens:
    raise SystemExit(f"{word!r} is not a single token of SmolLM2")

unit = vectors.astype(np.float64)
unit /= np.linalg.norm(unit, axis=1, keepdims=True)
cosines = unit @ unit[tokens.index(word.replace(" ", "Ġ"))]
for place, row in enumerate(np.argsort(-cosines, kind="stable")[1:21], start=1):  # [0] is the token itself
    angle = np.degrees(np.arccos(cosines[row]))
    print(f"{place:2}  {cosines[row]:.3f}  {angle:2.0f}°  {tokens[row].replace('Ġ', '␣')}")
