"""Vocabulary entries: their text agrees with the tokenizers' own decoders, and whatever they hold can be seen and does no harm."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import decoders

from artefacts.tokens import character_of_byte, is_partial_utf8, token_bytes, token_text, visible_parts, visible_text
from precompute.models import open_set

VOCABULARIES = ("gpt2", "bert", "decoder", "encoder")
# Shows nothing or moves its neighbours about: controls, format and bidi characters, surrogates, private use, line separators.
HARMFUL = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def is_shown_plainly(text: str) -> bool:
    return all(unicodedata.category(c) not in HARMFUL and (unicodedata.category(c) != "Zs" or c == " ") for c in text)


@pytest.mark.parametrize("name", VOCABULARIES)
def test_texts_of_all_entries_agree_with_the_tokenizers_decoder(name: str) -> None:
    part = open_set().tokenizer(name)
    special = set(part.special_ids())
    decoder = decoders.ByteLevel() if part.kind == "byte_level_bpe" else decoders.WordPiece(cleanup=False)
    for token_id, raw in enumerate(part.raw_tokens()):
        if token_id in special:
            assert token_text(raw, part.kind) == raw
        elif part.kind == "byte_level_bpe":
            assert token_text(raw, part.kind) == decoder.decode([raw])
        else:  # a continuation loses its mark only after something that it continues
            assert token_text(raw, part.kind) == (decoder.decode(["a", raw])[1:] if raw.startswith("##") and len(raw) > 2 else raw)


@pytest.mark.parametrize("name", VOCABULARIES)
def test_all_entries_can_be_seen(name: str) -> None:
    part = open_set().tokenizer(name)
    for raw in part.raw_tokens():
        shown = visible_text(raw, part.kind)
        assert shown
        assert is_shown_plainly(shown), (raw, shown)


@given(st.binary(min_size=1, max_size=12))
def test_any_bytes_survive_the_byte_alphabet(data: bytes) -> None:
    raw = "".join(character_of_byte()[byte] for byte in data)
    assert token_bytes(raw, "byte_level_bpe") == data
    assert token_text(raw, "byte_level_bpe") == data.decode("utf-8", errors="replace")
    shown = visible_text(raw, "byte_level_bpe")
    assert shown and is_shown_plainly(shown)
    assert is_partial_utf8(raw, "byte_level_bpe") == ("\ufffd" in data.decode("utf-8", errors="replace") and not _holds_fffd(data))


def _holds_fffd(data: bytes) -> bool:
    try:
        return "\ufffd" in data.decode("utf-8")
    except UnicodeDecodeError:
        return False


@given(st.text(min_size=1, max_size=10), st.sampled_from(["byte_level_bpe", "wordpiece", "words"]))
def test_any_entry_can_be_seen(raw: str, kind: str) -> None:
    shown = visible_text(raw, kind)
    assert shown and is_shown_plainly(shown)
    assert all(part.mark in {"text", "space", "continuation", "control", "byte"} for part in visible_parts(raw, kind))


def test_the_byte_alphabet_is_one_printable_character_a_byte() -> None:
    alphabet = character_of_byte()
    assert sorted(alphabet) == list(range(256))
    assert len(set(alphabet.values())) == 256
    assert all(is_shown_plainly(c) and c != " " for c in alphabet.values())
    assert alphabet[0x20] == "Ġ" and alphabet[0x0A] == "Ċ"


@pytest.mark.parametrize(
    ("raw", "kind", "shown"),
    [
        ("ĠMike", "byte_level_bpe", "␣Mike"),
        ("ĊĊ", "byte_level_bpe", "⟨U+000A⟩⟨U+000A⟩"),
        ("âĢ", "byte_level_bpe", "⟨E2⟩⟨80⟩"),
        ("</script>", "byte_level_bpe", "</script>"),
        ("##ing", "wordpiece", "##ing"),
        ("##", "wordpiece", "##"),
        ("a\u202eb", "wordpiece", "a⟨U+202E⟩b"),
        ("\u0301", "wordpiece", "◌\u0301"),
        ("", "wordpiece", "⟨empty⟩"),
    ],
)
def test_oddities_are_marked(raw: str, kind: str, shown: str) -> None:
    assert visible_text(raw, kind) == shown
