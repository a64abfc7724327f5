"""Which characters the `tokenizers` package takes for letters, digits, accents or punctuation: asked of the package itself.

Its tables and a browser's come from different editions of Unicode (its accents and punctuation from 2015), so the page gets the
package's. A class is written as hexadecimal ranges of code points: "41-5a 61-7a aa".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

SURROGATES = range(0xD800, 0xE000)
CHUNK = 1 << 12  # characters asked about at once


@cache
def letters_and_digits() -> tuple[str, str]:
    """What GPT-2's pattern matches as \\p{L} and \\p{N}."""
    from tokenizers import pre_tokenizers

    pattern = pre_tokenizers.ByteLevel(add_prefix_space=False)
    digits = pre_tokenizers.Digits(individual_digits=True)
    letter_codes, digit_codes = [], []
    for codes in _chunks():
        # "a" clings to letters only; a digit is what the package's own rule for digits sets apart
        text = "".join(f"a{chr(c)}!" for c in codes)
        starts = {start for _, (start, _) in pattern.pre_tokenize_str(text)}
        letter_codes += [c for n, c in enumerate(codes) if 3 * n + 1 not in starts]
        apart = {start for piece, (start, _) in digits.pre_tokenize_str(text) if len(piece) == 1}
        digit_codes += [c for n, c in enumerate(codes) if 3 * n + 1 in apart]
    return as_ranges(letter_codes), as_ranges(digit_codes)


@cache
def bert_classes() -> dict[str, str]:
    """What BERT's normaliser removes, what it strips as accents, what it takes apart for that; and what is punctuation."""
    from tokenizers import normalizers, pre_tokenizers

    nothing = {"clean_text": False, "handle_chinese_chars": False, "strip_accents": False, "lowercase": False}
    clean = normalizers.BertNormalizer(**nothing | {"clean_text": True})
    strip = normalizers.BertNormalizer(**nothing | {"strip_accents": True})
    split = pre_tokenizers.BertPreTokenizer()
    found: dict[str, list[int]] = {"removed": [], "accents": [], "decomposed": [], "punctuation": []}
    for codes in _chunks():
        for c, left in zip(codes, _each_alone(clean, codes), strict=True):
            if left == "":
                found["removed"].append(c)
        for c, left in zip(codes, _each_alone(strip, codes), strict=True):
            if left != chr(c):
                found["decomposed" if left else "accents"].append(c)
        text = "".join(f"a{chr(c)}a " for c in codes)
        apart = {start for piece, (start, end) in split.pre_tokenize_str(text) if end - start == 1 and piece != "a"}
        found["punctuation"] += [c for n, c in enumerate(codes) if 4 * n + 1 in apart]
    return {name: as_ranges(codes) for name, codes in found.items()}


def _chunks() -> Iterator[list[int]]:
    """All code points in order, but surrogates and the planes in which nothing is or will be."""
    for start in [*range(0, 0x40000, CHUNK), *range(0xE0000, 0x110000, CHUNK)]:
        codes = [c for c in range(start, start + CHUNK) if c not in SURROGATES]
        if codes:
            yield codes


def _each_alone(normalizer, codes: list[int]) -> list[str]:
    """What becomes of each character between two letters. The bar that divides them here stays what it is."""
    parts = normalizer.normalize_str("".join(f"a{chr(c)}a|" for c in codes if c != ord("|"))).split("|")[:-1]
    if ord("|") in codes:
        parts.insert(codes.index(ord("|")), "a|a")
    return [part[1:-1] for part in parts]


def as_ranges(codes: Iterable[int]) -> str:
    """[65, 66, 67, 170] -> "41-43 aa"."""
    runs: list[list[int]] = []
    for code in codes:
        if runs and runs[-1][1] == code - 1:
            runs[-1][1] = code
        else:
            runs.append([code, code])
    return " ".join(f"{first:x}" if first == last else f"{first:x}-{last:x}" for first, last in runs)
