"""What an encoder is given around a text, as it was trained: [CLS] and [SEP] in BERT and its kin, <s> and </s> in RoBERTa."""

from __future__ import annotations

from typing import Any

FRAMES = (("[CLS]", "[SEP]"), ("<s>", "</s>"))


def frame_of(model: Any) -> tuple[int, int] | None:
    """Ids of what stands before and after a text; None for a decoder, and for an encoder whose vocabulary has no such tokens."""
    if model.spec.role != "encoder":
        return None
    raw = model.raw_tokens()
    special = {raw[i]: i for i in model.special_ids()}
    return next(((special[before], special[after]) for before, after in FRAMES if {before, after} <= special.keys()), None)


def with_special_tokens(model: Any, text: str) -> list[int]:
    """The ids of a text as the model is fed."""
    ids, frame = model.tokenize(text), frame_of(model)
    return ids if frame is None else [frame[0], *ids, frame[1]]
