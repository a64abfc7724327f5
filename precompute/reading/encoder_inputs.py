"""Writes encoder_inputs: texts and pairs as BERT's tokenizer hands them to the model, with special tokens and segments.

The real bert-base-uncased tokenizer, in every set. Format: Devlin et al. 2019, section 3 and figure 2.
"""

from __future__ import annotations

from typing import Any

from artefacts.schemas.parts import TokenRef
from artefacts.schemas.reading import EncoderInput, EncoderInputs
from precompute.workspace import Workspace

SPECIAL = ("[CLS]", "[SEP]", "[MASK]", "[UNK]", "[PAD]")


def export(work: Workspace) -> EncoderInputs:
    """Tokens, segments and special tokens of the listed texts and pairs, by the real BERT's tokenizer."""
    tokenizer = work.model_set.tokenizer("bert")
    raw = tokenizer.raw_tokens()
    row = {name: raw.index(name) for name in SPECIAL}
    return EncoderInputs(
        tokenizer_kind=tokenizer.kind,
        special_tokens=row,
        inputs=[_input(tokenizer, raw, row, entry) for entry in work.words("reading_and_writing")["encoder_inputs"]],
    )


def _input(tokenizer: Any, raw: list[str], row: dict[str, int], entry: dict[str, str]) -> EncoderInput:
    first, second = entry["first"], entry.get("second")
    ids = [row["[CLS]"], *tokenizer.tokenize(first), row["[SEP]"]]
    segments = [0] * len(ids)
    if second is not None:
        more = [*tokenizer.tokenize(second), row["[SEP]"]]
        ids, segments = ids + more, segments + [1] * len(more)
    return EncoderInput(
        name=entry["name"],
        first=first,
        second=second,
        tokens=[TokenRef(id=i, raw=raw[i]) for i in ids],
        segments=segments,
    )
