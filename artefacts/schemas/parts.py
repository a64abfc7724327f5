"""What all artefacts are made of: the strict base class, packed arrays, histograms, tokens, and the names of roles."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Role = Literal["decoder", "encoder", "static"]
"""The part a model plays in a set. `static` is the static-vector model (GloVe)."""

TokenizerKind = Literal["byte_level_bpe", "wordpiece", "words"]
Cosine = Annotated[float, Field(ge=-1.000001, le=1.000001)]


class Strict(BaseModel):
    """Base of all parts of an artefact: no unknown fields, no NaN, no infinity, not changeable after reading."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True, defer_build=True)


class PackedArray(Strict):
    """A dense integer array as base64 of little-endian values in C order; `packing.unpack` gives it back."""

    dtype: Literal["uint8", "uint16", "uint32", "int8", "int16", "int32"]
    shape: list[int]
    base64: str


class DeflatedArray(Strict):
    """The same as base 85 (RFC 1924) of raw DEFLATE, where that is shorter; `packing.unpack` gives it back, too."""

    dtype: Literal["uint8", "uint16", "uint32", "int8", "int16", "int32"]
    shape: list[int]
    deflated: str


class Histogram(Strict):
    """counts[i] values lie in [edges[i], edges[i + 1]); the last bin includes its right edge."""

    edges: list[float]
    counts: list[int]


class TokenRef(Strict):
    """A vocabulary entry: its row and its string exactly as the vocabulary spells it (`ĠMike`, `##ing`)."""

    id: int
    raw: str
