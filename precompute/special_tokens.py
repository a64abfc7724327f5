"""What an encoder is given around a text."""

from __future__ import annotations

from typing import Any

FIRST, LAST = "[CLS]", "[SEP]"


def with_special_tokens(model: Any, text: str) -> list[int]:
    """The ids of a text as the model is fed: between [CLS] and [SEP] where the vocabulary has them."""
    raw, ids = model.raw_tokens(), model.tokenize(text)
    return [raw.index(FIRST), *ids, raw.index(LAST)] if FIRST in raw and LAST in raw else ids
