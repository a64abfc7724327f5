"""Numbers as text that compresses well: in base 64, the first digits of all numbers, then the second ones, then the third."""

from __future__ import annotations

import numpy as np

DIGITS = np.array(list("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"))
WORD = 3  # digits a number
NUMBERS = 64**WORD  # how many there are: 0 to 262,143


def packed_numbers(numbers: np.ndarray) -> str:
    """numbers: [number], integers below NUMBERS. The text has WORD characters a number. Raises ValueError for larger ones."""
    numbers = np.asarray(numbers, dtype=np.int64)
    if numbers.size and not (numbers.min() >= 0 and numbers.max() < NUMBERS):
        raise ValueError(f"only numbers from 0 to {NUMBERS - 1:,} can be packed")
    return "".join("".join(DIGITS[numbers // 64**place % 64]) for place in reversed(range(WORD)))


def unpacked_numbers(text: str) -> np.ndarray:
    """The numbers that `packed_numbers` was given."""
    value = {digit: n for n, digit in enumerate(DIGITS.tolist())}
    digits = np.array([value[c] for c in text], dtype=np.int64).reshape(WORD, -1)
    return digits.T @ 64 ** np.arange(WORD)[::-1]
