"""Ways of making a sentence one vector, as this lesson's figures name and colour them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from artefacts.schemas.models import ModelFact
from charts.palette import SHAPES, light

WORDS_ONLY = ("bm25", "shared_words")


@dataclass(frozen=True)
class Way:
    """One method of `SentenceMethod` or `SearchMethod`."""

    method: str
    name: str  # "MiniLM, mean of tokens"
    model: str  # "MiniLM"
    role: str | None  # None for searches by words

    @property
    def colour(self) -> str:
        """That of the model that makes the vectors; a quiet one for others."""
        return light(self.role or "ink-soft")

    @property
    def shape(self) -> str:
        """That of the model that makes the vectors; a diamond for others."""
        return SHAPES[self.role] if self.role else "diamond"


_OF_VECTORS = {
    "mean": "mean of tokens",
    "first": "first token alone",
    "centred": "mean, centred",
    "last": "last token",
}


def first_alone(encoder: ModelFact) -> str:
    """What the encoder's first token is called, on its own: [CLS] in a WordPiece vocabulary."""
    return "[CLS] alone" if encoder.tokenizer_kind == "wordpiece" else _OF_VECTORS["first"]


def ways(data: Mapping[str, Any], methods: list[str]) -> dict[str, Way]:
    """Method -> way, in the order given."""
    facts = {fact.role: fact for fact in data["model_facts"].models if fact.role != "tokenizer"}
    names = {role: fact.name for role, fact in facts.items()}
    found = {}
    for method in methods:
        if method in WORDS_ONLY:
            found[method] = Way(method, {"bm25": "BM25, rare words", "shared_words": "shared words"}[method], "words", None)
            continue
        role, pooling = method.split("_")
        kind = "mean of words" if role == "static" else _OF_VECTORS[pooling]
        if pooling == "first":
            kind = first_alone(facts[role])
        found[method] = Way(method, f"{names[role]}, {kind}", names[role], role)
    return found


def present_roles(found: Mapping[str, Way]) -> tuple[str, ...]:
    """The roles that are shown, in the order of the legend."""
    roles = {way.role for way in found.values()}
    return tuple(role for role in ("decoder", "encoder", "static") if role in roles)
