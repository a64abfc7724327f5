"""A tenth of GPT-2's and of BERT's vocabulary, cut out so that what is left still cuts words as the whole does.

Byte-level BPE: the first merges, and all merges that lead to the words that are kept; a word reaches its token by the same steps, because
the merge that goes first is never one that was left out. WordPiece: the words that are kept, the letters, and the first pieces.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from precompute.tokenizer_parts import BERT_SPECIAL, byte_level_bpe
from precompute.word_lists import read_word_list

WORDS_DIR = Path(__file__).resolve().parent.parent / "content" / "words"
WORDS, FIRST_MERGES, PIECES, PLACEHOLDERS = 2000, 1500, 400, 8


@dataclass(frozen=True)
class BytePairs:
    """vocabulary: raw token -> id; merges: in the order of their ranks. Ids are as in GPT-2: bytes, merges, <|endoftext|>."""

    vocabulary: dict[str, int]
    merges: list[tuple[str, str]]


def frequent_words(bert_entries: list[str], number: int = WORDS) -> list[str]:
    """The first whole words of BERT's vocabulary, which are frequent ones."""
    return [word for word in bert_entries if word.isascii() and word.isalpha() and len(word) > 1][:number]


def listed_words() -> list[str]:
    """Words of the first lesson, capitals and all, and of the attention explorer's sentences, which must not become too long."""
    sentences = (WORDS_DIR / "attention_sentences.toml").read_text(encoding="utf-8")
    return [*read_word_list(WORDS_DIR / "similarity_words.toml")["words"], *dict.fromkeys(re.findall(r"[A-Za-z]+", sentences))]


def small_byte_pairs(vocabulary_file: Path, merges_file: Path, words: Iterable[str], first_merges: int = FIRST_MERGES) -> BytePairs:
    """Out of GPT-2's vocab.json and merges.txt; each word is kept with a space before it and without one, where it is a token there."""
    ids = json.loads(vocabulary_file.read_text(encoding="utf-8"))
    lines = merges_file.read_text(encoding="utf-8").split("\n")
    merges = [tuple(line.split(" ")) for line in lines if line and not line.startswith("#version")]
    whole = byte_level_bpe(ids, merges, ["<|endoftext|>"])
    made_by = {"".join(merge): merge for merge in reversed(merges)}
    kept = {"".join(merge) for merge in merges[:first_merges]}
    waiting = [token for word in words for text in (word, f" {word}") if len(found := whole.encode(text).tokens) == 1 for token in found]
    while waiting:
        token = waiting.pop()
        if token in made_by and token not in kept:
            kept.add(token)
            waiting += made_by[token]
    remaining = [merge for merge in merges if "".join(merge) in kept]
    tokens = [*sorted((t for t in ids if len(t) == 1), key=ids.get), *("".join(merge) for merge in remaining), "<|endoftext|>"]
    return BytePairs({token: n for n, token in enumerate(dict.fromkeys(tokens))}, remaining)


def small_wordpiece(entries: list[str], words: Iterable[str]) -> list[str]:
    """Out of BERT's vocabulary in id order: some placeholders, special tokens, ASCII alone and as pieces, words, the first pieces."""
    wanted = {*BERT_SPECIAL, *(word.lower() for word in words), *entries[1 : 1 + PLACEHOLDERS]}
    wanted |= {entry for entry in entries if len(entry.removeprefix("##")) == 1 and entry.isascii()}
    wanted |= set([entry for entry in entries if entry.startswith("##") and entry.isascii() and len(entry) > 3][:PIECES])
    return [entry for entry in entries if entry in wanted]
