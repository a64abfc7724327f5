"""The tokenizers of the models behind one small interface, built with the `tokenizers` library alone: no torch, no transformers.

A part has `kind`, `raw_tokens()`, `special_ids()`, `tokenize(text)` and `word_token(word, leading_space)`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from artefacts.schemas.parts import TokenizerKind


class SubwordTokenizer:
    """Byte-level BPE or WordPiece."""

    def __init__(self, kind: TokenizerKind, tokenizer: Any):
        """`tokenizer`: a tokenizers.Tokenizer. Truncation and padding, which some files switch on, are switched off."""
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self.kind = kind
        self.library_tokenizer = tokenizer

    def raw_tokens(self) -> list[str]:
        """[token] vocabulary entries in id order, spelled as in the file (`ĠMike`, `##ing`)."""
        return list(self._raw_tokens)

    @cached_property
    def _raw_tokens(self) -> list[str]:
        return [self.library_tokenizer.id_to_token(i) for i in range(self.library_tokenizer.get_vocab_size())]

    def special_ids(self) -> list[int]:
        """Ids of the entries that stand for no text ([CLS], <|endoftext|>, ...), ascending."""
        return sorted(i for i, token in self.library_tokenizer.get_added_tokens_decoder().items() if token.special)

    def tokenize(self, text: str) -> list[int]:
        """Ids of `text`, without the special tokens that a model adds around it."""
        return self.library_tokenizer.encode(text, add_special_tokens=False).ids

    def word_token(self, word: str, leading_space: bool = True) -> int | None:
        """The id of `word` if it is a single token, else None. WordPiece marks no spaces: there `leading_space` changes nothing."""
        spaced = leading_space and self.kind == "byte_level_bpe"
        ids = self.tokenize(f" {word}" if spaced else word)
        return ids[0] if len(ids) == 1 and ids[0] not in self._special else None

    @cached_property
    def _special(self) -> frozenset[int]:
        return frozenset(self.special_ids())


class WordList:
    """The vocabulary of a static-vector model: lower-case words, each with one vector."""

    kind: TokenizerKind = "words"

    def __init__(self, words: Sequence[str]):
        self._words = list(words)
        self._id_of = {word: i for i, word in enumerate(self._words)}

    def raw_tokens(self) -> list[str]:
        """[word] in id order (GloVe: by descending frequency)."""
        return list(self._words)

    def special_ids(self) -> list[int]:
        """None: every entry is a word."""
        return []

    def tokenize(self, text: str) -> list[int]:
        """Ids of the words of `text`, split at spaces and lower-cased; unknown words are left out."""
        return [self._id_of[word] for word in text.lower().split() if word in self._id_of]

    def word_token(self, word: str, leading_space: bool = True) -> int | None:
        """The id of `word`, or None if it is unknown. `leading_space` changes nothing."""
        return self._id_of.get(word.lower())


def byte_level_bpe(
    vocabulary: dict[str, int], merges: Sequence[tuple[str, str]], special: Sequence[str], split_digits: bool = False
):
    """GPT-2's kind of tokenizer. `special` entries are matched whole; with `split_digits` each digit is a piece of its own.

    Returns a tokenizers.Tokenizer. Source: Radford et al. 2019.
    """
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=list(merges)))
    pieces = pre_tokenizers.ByteLevel(add_prefix_space=False)
    digits = pre_tokenizers.Digits(individual_digits=True)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([digits, pieces]) if split_digits else pieces
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, normalized=False, special=True) for token in special])
    return tokenizer


def wordpiece(vocabulary: Sequence[str], special: Sequence[str], lowercase: bool = True):
    """BERT's tokenizer from its vocabulary in id order. Returns a tokenizers.Tokenizer. Source: Devlin et al. 2019."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers

    ids = {token: i for i, token in enumerate(vocabulary)}
    tokenizer = Tokenizer(models.WordPiece(vocab=ids, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.add_special_tokens([AddedToken(token, normalized=False, special=True) for token in special])
    return tokenizer


BERT_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
GPT2_SPECIAL = ("<|endoftext|>",)


def read_vocabulary_files(vocabulary: Path, merges: Path | None, special: Sequence[str], lowercase: bool = True):
    """A tokenizers.Tokenizer from vocab.json and merges.txt (byte-level BPE), or from vocab.txt (WordPiece)."""
    if merges is None:
        return wordpiece(vocabulary.read_text(encoding="utf-8").rstrip("\n").split("\n"), special, lowercase)
    lines = merges.read_text(encoding="utf-8").split("\n")
    pairs = [tuple(line.split(" ")) for line in lines if line and not line.startswith("#version")]
    return byte_level_bpe(json.loads(vocabulary.read_text(encoding="utf-8")), pairs, special)


def read_folder_tokenizer(folder: Path, kind: TokenizerKind, lowercase: bool | None) -> SubwordTokenizer:
    """The tokenizer of a model folder: tokenizer.json, else vocab.json and merges.txt, else vocab.txt."""
    from tokenizers import Tokenizer

    if (folder / "tokenizer.json").is_file():
        return SubwordTokenizer(kind, Tokenizer.from_file(str(folder / "tokenizer.json")))
    if kind == "byte_level_bpe":
        return SubwordTokenizer(kind, read_vocabulary_files(folder / "vocab.json", folder / "merges.txt", GPT2_SPECIAL))
    if lowercase is None:
        settings = folder / "tokenizer_config.json"
        lowercase = json.loads(settings.read_text(encoding="utf-8")).get("do_lower_case", True) if settings.is_file() else True
    return SubwordTokenizer(kind, read_vocabulary_files(folder / "vocab.txt", None, BERT_SPECIAL, lowercase))
