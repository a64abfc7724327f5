"""What a vocabulary entry stands for: its bytes, its text, and a form in which every oddity can be seen.

A byte-level BPE spells each byte as one printable character (a space is `Ġ`), so its entries may be halves of UTF-8
sequences, control characters or markup. WordPiece spells text plainly and marks a continuation with `##`.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache

from artefacts.schemas.parts import TokenizerKind


@cache
def character_of_byte() -> dict[int, str]:
    """The printable character by which byte-level BPE spells each of the 256 bytes.

    Printable Latin-1 bytes stand for themselves, the rest are shifted to U+0100 onwards in order of value.
    Source: Radford et al. 2019 (GPT-2's released vocabulary).
    """
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    shifted = [b for b in range(256) if b not in plain]
    return {b: chr(b) for b in plain} | {b: chr(0x100 + n) for n, b in enumerate(shifted)}


@cache
def _byte_of_character() -> dict[str, int]:
    return {character: byte for byte, character in character_of_byte().items()}


def token_bytes(raw: str, kind: TokenizerKind) -> bytes:
    """The bytes a token contributes to a text. WordPiece's `##` contributes none.

    An entry of a byte-level vocabulary with a character outside the byte alphabet (an added special token) is its own text.
    """
    if kind == "byte_level_bpe":
        try:
            return bytes(map(_byte_of_character().__getitem__, raw))
        except KeyError:
            return raw.encode("utf-8")
    return raw.removeprefix("##").encode("utf-8") if kind == "wordpiece" and len(raw) > 2 else raw.encode("utf-8")


@cache  # an export asks some ten times for each entry of a vocabulary
def token_text(raw: str, kind: TokenizerKind) -> str:
    """The text of a token; bytes that are no valid UTF-8 become U+FFFD."""
    return token_bytes(raw, kind).decode("utf-8", errors="replace")


def is_partial_utf8(raw: str, kind: TokenizerKind) -> bool:
    """Whether the token's bytes are not a whole UTF-8 text on their own."""
    try:
        token_bytes(raw, kind).decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False


@dataclass(frozen=True)
class VisiblePart:
    """A stretch of a token as it is shown. `mark` is 'text', 'space', 'continuation', 'control' or 'byte'."""

    mark: str
    shown: str


# Characters that show nothing, or that change how their neighbours are shown: controls, format characters (bidi, joiners),
# surrogates, private use, unassigned, and every space but the plain one.
_HIDDEN_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_BLANK_LETTERS = "\u115f\u1160\u2800\u3164\uffa0"  # letters by their category, but nothing is drawn


def visible_parts(raw: str, kind: TokenizerKind) -> list[VisiblePart]:
    """How to show a token so that leading spaces, control characters and odd bytes can be seen. Never empty.

    The parts' `shown` strings contain printable characters only; they still need escaping for HTML.
    """
    parts: list[VisiblePart] = []

    def add(mark: str, shown: str) -> None:
        if mark == "text" and parts and parts[-1].mark == "text":
            parts[-1] = VisiblePart("text", parts[-1].shown + shown)
        else:
            parts.append(VisiblePart(mark, shown))

    if kind == "wordpiece" and raw.startswith("##") and len(raw) > 2:
        add("continuation", "##")
    for piece in _decode_keeping_bytes(token_bytes(raw, kind)):
        if isinstance(piece, int):
            add("byte", f"{piece:02X}")
        elif piece == " ":
            add("space", "␣")
        elif unicodedata.category(piece) in _HIDDEN_CATEGORIES or unicodedata.category(piece) == "Zs" or piece in _BLANK_LETTERS:
            add("control", f"U+{ord(piece):04X}")
        elif _joins_what_precedes(piece) and not (parts and parts[-1].mark == "text"):
            add("text", "◌" + piece)  # a combining mark needs something to sit on
        else:
            add("text", piece)
    return parts or [VisiblePart("control", "empty")]


def _joins_what_precedes(character: str) -> bool:
    """Accents and vowel signs, and the vowels and finals of Korean syllables: alone, they would join the markup before them."""
    return unicodedata.category(character).startswith("M") or "\u1160" <= character <= "\u11ff" or "\ud7b0" <= character <= "\ud7ff"


def visible_text(raw: str, kind: TokenizerKind) -> str:
    """`visible_parts` as one plain string, for chart labels, CSV and file names: ` Mike` is `␣Mike`, byte E2 is `⟨E2⟩`."""
    return "".join(p.shown if p.mark in ("text", "space", "continuation") else f"⟨{p.shown}⟩" for p in visible_parts(raw, kind))


def _decode_keeping_bytes(data: bytes) -> list[str | int]:
    """Characters where `data` is valid UTF-8, byte values where it is not."""
    pieces: list[str | int] = []
    for character in data.decode("utf-8", errors="surrogateescape"):
        code = ord(character)
        pieces.append(code - 0xDC00 if 0xDC80 <= code <= 0xDCFF else character)
    return pieces
