"""Writes vocabulary_gpt2, vocabulary_bert, vocabulary_decoder and vocabulary_encoder: all entries in id order."""

from __future__ import annotations

from functools import partial

from artefacts.schemas.vocabularies import Vocabulary
from precompute.workspace import Workspace

TOKENIZERS = ("gpt2", "bert", "decoder", "encoder")


def export(work: Workspace, tokenizer: str) -> Vocabulary:
    """A whole vocabulary, raw, and which of its entries are special."""
    part = work.model_set.tokenizer(tokenizer)
    return Vocabulary(tokenizer=tokenizer, kind=part.kind, tokens=part.raw_tokens(), special_ids=sorted(part.special_ids()))


export_of = {tokenizer: partial(export, tokenizer=tokenizer) for tokenizer in TOKENIZERS}
