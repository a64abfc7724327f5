"""What the set's models are: sizes, widths, parameters."""

from __future__ import annotations

from typing import Literal

from artefacts.schemas.parts import Role, Strict, TokenizerKind


class ModelFact(Strict):
    """One member of a set, as the models page and the lessons describe it. None: does not apply."""

    role: Role | Literal["tokenizer"]
    name: str  # short, for prose and legends: "SmolLM2"
    full_name: str  # "SmolLM2-135M-Instruct"
    id: str  # hub id or wheel requirement
    architecture: str
    source: str  # one sentence: where the files come from
    source_url: str
    licence: str  # SPDX id where one exists
    version: str  # "sha256:..." of the wheel or the hub revision
    quantisation: str | None
    tokenizer_kind: TokenizerKind
    vocabulary_size: int
    embedding_dims: int | None
    layers: int | None
    attention_heads: int | None
    key_value_heads: int | None
    positions: str | None  # "learned table", "rotary", ...
    max_positions: int | None
    parameters: int | None  # shared matrices counted once
    embedding_parameters: int | None
    embedding_share: float | None  # of parameters, 0..1
    tied_embeddings: bool | None
    file_bytes: int


class ModelFacts(Strict):
    """What the set's models and tokenizers are: sources, licences, sizes, widths, parameters."""

    set_title: str  # "SmolLM2 and MiniLM"
    note: str  # one or two sentences on what this set is and is not
    models: list[ModelFact]
