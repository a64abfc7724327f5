"""The twenty nearest neighbours of a token of SmolLM2.

Needs: pip install numpy gguf
Another token than " Mike": python neighbours.py " banana"
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

nearest = np.argsort(-cosines, kind="stable")[1:21]  # the first is the token itself
for place, row in enumerate(nearest, start=1):
    angle = np.degrees(np.arccos(cosines[row]))
    shown = tokens[row].replace("Ġ", "␣")
    print(f"{place:2}  {cosines[row]:.3f}  {angle:2.0f}°  {shown}")
