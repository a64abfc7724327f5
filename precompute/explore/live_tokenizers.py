"""Writes live_tokenizer_gpt2, _bert, _decoder and _encoder: vocabularies in the form in which the browser cuts text with them.

A token of a byte-level BPE is the two tokens that its merge joins, so the merges say the whole vocabulary. A model whose tokenizer is
GPT-2's or BERT's has no vocabulary of its own here.
"""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from artefacts.schemas.explore import BytePairRules, LiveTokenizer, WordPieceRules
from artefacts.schemas.parts import TokenizerKind, TokenRef
from precompute.explore.character_classes import bert_classes, letters_and_digits
from precompute.explore.packed_numbers import NUMBERS, packed_numbers
from precompute.vocabularies import TOKENIZERS
from precompute.workspace import Workspace
from problems import LeftOutError, Problem

KIN = {"decoder": "gpt2", "encoder": "bert"}  # whose tokenizer a model may have taken over
RULES = ("special_tokens", "taking_space_before", "taking_space_after", "byte_pairs", "word_pieces")


def export(work: Workspace, tokenizer: str) -> LiveTokenizer:
    """The rules of a tokenizer, or whose they are. Raises LeftOutError where it does what the browser's does not know how to do."""
    own = _whole(work, tokenizer)
    kin = KIN.get(tokenizer)
    if kin is None or any(getattr(own, rule) != getattr(_whole(work, kin), rule) for rule in RULES):
        return own
    nothing = {"special_tokens": [], "taking_space_before": [], "taking_space_after": [], "byte_pairs": None, "word_pieces": None}
    return own.model_copy(update={"same_as": kin} | nothing)


def _whole(work: Workspace, tokenizer: str) -> LiveTokenizer:
    """The tokenizer with all its rules."""

    def make() -> LiveTokenizer:
        part = work.model_set.tokenizer(tokenizer)
        return live_tokenizer(tokenizer, part.spec.name, part.kind, part.raw_tokens(), settings_of(part))

    return work.once(("live tokenizer", tokenizer), make)


def settings_of(part: Any) -> dict[str, Any]:
    """What the `tokenizers` package says of a tokenizer, as in a tokenizer.json. part: what `ModelSet.tokenizer` returns."""
    return json.loads(part.library_tokenizer.to_str())


def live_tokenizer(key: str, name: str, kind: TokenizerKind, tokens: list[str], settings: dict[str, Any]) -> LiveTokenizer:
    """tokens: all entries in id order. Raises LeftOutError where it does something that the browser's does not know how to do."""
    model = settings["model"]
    added = settings["added_tokens"]
    unusual = [entry["content"] for entry in added if entry["single_word"]]
    if unusual:
        raise _unknown(key, f"special tokens that are matched as whole words only ({', '.join(unusual)})")
    return LiveTokenizer(
        tokenizer=key,
        name=name,
        kind=kind,
        size=len(tokens),
        same_as=None,
        special_tokens=[TokenRef(id=entry["id"], raw=entry["content"]) for entry in added],
        taking_space_before=[entry["id"] for entry in added if entry["lstrip"]],
        taking_space_after=[entry["id"] for entry in added if entry["rstrip"]],
        byte_pairs=_byte_pairs(key, settings, model, tokens) if model["type"] == "BPE" else None,
        word_pieces=_word_pieces(key, settings, model, tokens) if model["type"] == "WordPiece" else None,
    )


def _byte_pairs(key: str, settings: dict[str, Any], model: dict[str, Any], tokens: list[str]) -> BytePairRules:
    if settings["normalizer"] is not None or any(model[name] for name in ("continuing_subword_prefix", "end_of_word_suffix", "dropout")):
        raise _unknown(key, "a normalizer or marks at the ends of words")
    if len(tokens) > NUMBERS:
        raise _unknown(key, f"{len(tokens):,} entries, where ids are told up to {NUMBERS - 1:,}")
    id_of = {token: i for i, token in enumerate(tokens)}
    made = [id_of[left + right] for left, right in model["merges"]]
    in_order = made == list(range(made[0], made[0] + len(made)))
    made_ids = set(made)
    letters, digits = letters_and_digits()
    return BytePairRules(
        atoms=[TokenRef(id=i, raw=token) for i, token in enumerate(tokens) if i not in made_ids],
        left_ids=packed_numbers([id_of[left] for left, _ in model["merges"]]),
        right_ids=packed_numbers([id_of[right] for _, right in model["merges"]]),
        first_merged_id=made[0] if in_order else None,
        merged_ids=None if in_order else packed_numbers(made),
        split_digits=_splits_digits(key, settings["pre_tokenizer"]),
        letters=letters,
        digits=digits,
    )


def _splits_digits(key: str, pre_tokenizer: dict[str, Any]) -> bool:
    steps = pre_tokenizer["pretokenizers"] if pre_tokenizer["type"] == "Sequence" else [pre_tokenizer]
    bytes_step = steps[-1]
    digits = [step for step in steps[:-1] if step == {"type": "Digits", "individual_digits": True}]
    plain = bytes_step["type"] == "ByteLevel" and bytes_step["use_regex"] and not bytes_step["add_prefix_space"]
    if not plain or len(digits) != len(steps) - 1:
        raise _unknown(key, "another way to cut text before the merges than GPT-2's, with or without single digits")
    return bool(digits)


def _word_pieces(key: str, settings: dict[str, Any], model: dict[str, Any], tokens: list[str]) -> WordPieceRules:
    normalizer = settings["normalizer"]
    if normalizer["type"] != "BertNormalizer" or settings["pre_tokenizer"]["type"] != "BertPreTokenizer":
        raise _unknown(key, "another way to cut text into words than BERT's")
    if any("\n" in token for token in tokens):
        raise _unknown(key, "a line feed in a token")
    strips = normalizer["strip_accents"]
    return WordPieceRules(
        tokens="\n".join(tokens),
        unknown_token=model["unk_token"],
        continuation=model["continuing_subword_prefix"],
        longest_word=model["max_input_chars_per_word"],
        lowercase=normalizer["lowercase"],
        strip_accents=normalizer["lowercase"] if strips is None else strips,
        clean_text=normalizer["clean_text"],
        chinese_apart=normalizer["handle_chinese_chars"],
        **bert_classes(),
    )


def _unknown(key: str, what: str) -> LeftOutError:
    return LeftOutError(Problem(f"tokenizer {key}", None, f"has {what}", "Teach static/js/explore/tokenizers.js, then the export."))


export_of = {tokenizer: partial(export, tokenizer=tokenizer) for tokenizer in TOKENIZERS}
