"""Which characters the `tokenizers` package takes for letters, digits, accents or punctuation: asked of the package itself.

Its tables and a browser's come from different editions of Unicode (its accents and punctuation from 2015), so the page gets the
package's. A class is written as hexadecimal ranges of code points: "41-5a 61-7a aa".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

SURROGATES = range(0xD800, 0xE000)
CHUNK = 1 << 12  # characters asked about at once
BAR = ord("|")


@cache
def letters_and_digits() -> tuple[str, str]:
    """What GPT-2's pattern matches as \\p{L} and \\p{N}."""
    from tokenizers import pre_tokenizers

    pattern = pre_tokenizers.ByteLevel(add_prefix_space=False)
    digits = pre_tokenizers.Digits(individual_digits=True)
    letter_codes, digit_codes = [], []
    for codes in _chunks():
        text = "".join(map(chr, codes))
        # characters that the pattern leaves together are of one kind: the first of them tells; "a" clings to letters only
        runs = [codes[start:end] for start, end in _places(pattern, text)]
        apart = {start for start, _ in _places(pattern, "".join(f"a{chr(run[0])}!" for run in runs))}
        letter_codes += [code for n, run in enumerate(runs) if 3 * n + 1 not in apart for code in run]
        # a digit is what the package's own rule for digits sets apart; what stands alone by chance does so between letters no more
        alone = [codes[start] for start, end in _places(digits, text) if end - start == 1]
        set_apart = set(_places(digits, "".join(f"a{chr(code)}!" for code in alone)))
        digit_codes += [code for n, code in enumerate(alone) if (3 * n + 1, 3 * n + 2) in set_apart]
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
        found["removed"] += [code for code, left in _changed(clean, codes) if left == ""]
        for code, left in _changed(strip, codes):
            found["decomposed" if left else "accents"].append(code)
        alone = [codes[start] for start, end in _places(split, "".join(map(chr, codes))) if end - start == 1]
        apart = set(_places(split, "".join(f"a{chr(code)}a " for code in alone)))
        found["punctuation"] += [code for n, code in enumerate(alone) if (4 * n + 1, 4 * n + 2) in apart]
    return {name: as_ranges(codes) for name, codes in found.items()}


def _chunks() -> Iterator[list[int]]:
    """All code points in order, but surrogates and the planes in which nothing is or will be."""
    for start in [*range(0, 0x40000, CHUNK), *range(0xE0000, 0x110000, CHUNK)]:
        codes = [c for c in range(start, start + CHUNK) if c not in SURROGATES]
        if codes:
            yield codes


def _places(pre_tokenizer, text: str) -> list[tuple[int, int]]:
    """Where the pieces begin and end into which a text is cut."""
    return [place for _, place in pre_tokenizer.pre_tokenize_str(text)]


def _changed(normalizer, codes: list[int]) -> Iterator[tuple[int, str]]:
    """The characters that become something else between two letters, and what. The bar that divides them here stays what it is."""
    told = "".join(f"a{chr(c)}a|" for c in codes if c != BAR)
    made = normalizer.normalize_str(told)
    if made != told:
        for code, part in zip((c for c in codes if c != BAR), made.split("|")[:-1], strict=True):
            if part[1:-1] != chr(code):
                yield code, part[1:-1]


def as_ranges(codes: Iterable[int]) -> str:
    """[65, 66, 67, 170] -> "41-43 aa"."""
    runs: list[list[int]] = []
    for code in codes:
        if runs and runs[-1][1] == code - 1:
            runs[-1][1] = code
        else:
            runs.append([code, code])
    return " ".join(f"{first:x}" if first == last else f"{first:x}-{last:x}" for first, last in runs)
