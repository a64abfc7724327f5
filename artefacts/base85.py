"""Base 85 (RFC 1924's alphabet) a whole array at a time: the same text as Python's base64.b85encode, which goes digit by digit.

Five characters stand for four bytes, the first for the highest power of 85.
"""

from __future__ import annotations

import base64

import numpy as np

_ALPHABET = np.frombuffer(b"".join(base64.b85encode(bytes([0, 0, 0, digit]))[-1:] for digit in range(85)), dtype=np.uint8)
_NO_DIGIT = 255
_POWERS = 85 ** np.arange(4, -1, -1, dtype=np.uint64)


def base85_encoded(data: bytes) -> str:
    """Five characters for each four bytes; what is left over is padded for the sum and told in as many characters less."""
    padding = -len(data) % 4
    words = np.frombuffer(data + bytes(padding), dtype=">u4").astype(np.uint64)
    text = _ALPHABET[words[:, None] // _POWERS % 85].tobytes()
    return text[: len(text) - padding].decode("ascii")


def base85_decoded(text: str) -> bytes:
    """The bytes that `base85_encoded` was given. Raises ValueError for a character that is no digit, and beyond 32 bits."""
    padding = -len(text) % 5
    told = np.frombuffer(text.encode("ascii") + b"~" * padding, dtype=np.uint8)  # "~" is the highest digit
    digits = _DIGIT_OF_CHARACTER[told]
    if (digits == _NO_DIGIT).any():
        raise ValueError("a character that is no digit of base 85")
    words = digits.reshape(-1, 5).astype(np.uint64) @ _POWERS
    if (words >> np.uint64(32)).any():
        raise ValueError("five digits of base 85 that are more than four bytes")
    data = words.astype(">u4").tobytes()
    return data[: len(data) - padding]


def _digits_of_characters() -> np.ndarray:
    digits = np.full(256, _NO_DIGIT, dtype=np.uint8)
    digits[_ALPHABET] = np.arange(85)
    return digits


_DIGIT_OF_CHARACTER = _digits_of_characters()
