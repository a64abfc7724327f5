"""Tokens that are no words: patches of an image, residues of a protein."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from artefacts.schemas.parts import Cosine, Strict

TokenUnit = Literal["patch", "residue"]


class OtherTokensOfModel(Strict):
    """One model that reads something else than words, on two inputs that share one token, layer by layer."""

    key: str  # as the set's TOML calls it
    name: str
    unit: TokenUnit
    units: int  # patches or residues of each input
    added: int  # tokens that the model puts around them: [CLS], <eos>
    width: int  # numbers in a token's vector
    unit_values: int  # numbers in a unit before it is embedded: pixels times colours; 1 for a residue, which has an id
    shared: str  # which token both inputs hold, at the same place
    shared_by_layer: list[Cosine] = Field(min_length=2)  # cosine of its two vectors; 0: what enters the first block
    others_by_layer: list[Cosine]  # the same for different tokens of the two inputs, mean: the baseline


class PatchesAndResidues(Strict):
    """Computed for those of the set's optional models that were at hand; empty where none was."""

    by_model: list[OtherTokensOfModel]
