"""A text, or a pair of texts, as a model reads it: ids, segments, the stretch of text that each token covers."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from artefacts.tokens import token_bytes
from precompute.context.networks import Reader

Span = tuple[int, int]  # characters: first, and one after the last


@dataclass(frozen=True)
class Text:
    """What is read. A second text makes it a pair."""

    first: str
    second: str | None = None

    @property
    def whole(self) -> str:
        """Both texts with a space between: what a decoder is given."""
        return self.first if self.second is None else f"{self.first} {self.second}"


@dataclass(frozen=True)
class Reading:
    """A text cut for one model. segments: [token], 0 or 1, all 0 but in an encoder that is given a pair."""

    ids: list[int]
    segments: list[int]
    spans: list[Span | None]  # [token]; None for tokens that were added, and for unknown ones


def read(reader: Reader, text: Text) -> Reading:
    """An encoder is given both texts of a pair as it was trained: [CLS] first [SEP] second [SEP]; RoBERTa with </s> twice between them."""
    if not reader.adds_specials or text.second is None:
        ids = reader.ids(text.whole)
        return Reading(ids, [0] * len(ids), spans_of(reader, ids, text.whole))
    before, after = reader.ids(text.first), reader.ids(text.second)[1:]
    if reader.token(before[0]).raw == "<s>":
        after = [before[-1], *after]
    ids = before + after
    offset = len(text.first) + 1
    later = spans_of(reader, after, text.second)
    spans = spans_of(reader, before, text.first) + [span and (span[0] + offset, span[1] + offset) for span in later]
    return Reading(ids, [0] * len(before) + [1] * len(after), spans)


def spans_of(reader: Reader, ids: list[int], text: str) -> list[Span | None]:
    """Which characters of the text each token covers, the space before a word left out."""
    special = set(reader.model.special_ids())
    raw = [None if i in special else reader.token(i).raw for i in ids]
    return _spans_of_bytes(raw, text) if reader.kind == "byte_level_bpe" else _spans_of_pieces(raw, text)


def _spans_of_bytes(raw: list[str | None], text: str) -> list[Span | None]:
    """A byte-level vocabulary spells every byte of the text, so the bytes are counted."""
    character_at = [n for n, character in enumerate(text) for _ in character.encode("utf-8")]
    spans: list[Span | None] = []
    at = 0
    for token in raw:
        length = 0 if token is None else len(token_bytes(token, "byte_level_bpe"))
        covered = character_at[at : at + length]
        at += length
        spans.append(_without_spaces(text, (covered[0], covered[-1] + 1)) if covered else None)
    return spans


def _without_spaces(text: str, span: Span) -> Span | None:
    start, end = span
    while start < end and text[start].isspace():
        start += 1
    return (start, end) if start < end else None


def _spans_of_pieces(raw: list[str | None], text: str) -> list[Span | None]:
    """WordPiece may drop capitals and accents, so the pieces are looked for in the text without either, one after the other."""
    plain = [(letter, n) for n, character in enumerate(text) for letter in _folded(character)]
    letters = "".join(letter for letter, _ in plain)
    spans: list[Span | None] = []
    at = 0
    for token in raw:
        piece = None if token is None else "".join(_folded(token.removeprefix("##") if len(token) > 2 else token))
        found = letters.find(piece, at) if piece else -1
        if found < 0:
            spans.append(None)
            continue
        at = found + len(piece)
        spans.append((plain[found][1], plain[at - 1][1] + 1))
    return spans


def _folded(text: str) -> list[str]:
    """Characters in lower case, without accents and spaces."""
    return [c for c in unicodedata.normalize("NFD", text.lower()) if unicodedata.category(c) != "Mn" and not c.isspace()]


def counterparts(own: list[Span | None], others: list[Span | None]) -> list[int | None]:
    """[token], the token of the other reading that covers most of the same characters, the first of several; None without any."""

    def shared(a: Span, b: Span | None) -> int:
        return 0 if b is None else min(a[1], b[1]) - max(a[0], b[0])

    found: list[int | None] = []
    for span in own:
        lengths = [] if span is None else [shared(span, other) for other in others]
        best = max(lengths, default=0)
        found.append(lengths.index(best) if best > 0 else None)
    return found


def whole_words(text: str, word: str) -> list[int]:
    """Where the word stands in the text, not as a part of a longer one."""

    def inside(a: str, b: str) -> bool:
        return a.isalnum() and b.isalnum()

    places = [n for n in range(len(text)) if text.startswith(word, n)]
    return [n for n in places if not inside(text[n - 1 : n], word[0]) and not inside(word[-1], text[n + len(word) : n + len(word) + 1])]


def token_of_word(reading: Reading, text: str, word: str | None) -> int:
    """The first token that covers the word where it stands last; the middle of the text where none does."""
    places = whole_words(text, word) if word else []
    covering = [n for n, span in enumerate(reading.spans) if span and places and span[0] < places[-1] + len(word) and places[-1] < span[1]]
    return covering[0] if covering else len(reading.ids) // 2
