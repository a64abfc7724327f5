"""Chosen pairs of tokens: their similarity, and their vectors."""

from __future__ import annotations

from typing import Literal

from artefacts.schemas.parts import Cosine, Role, Strict, TokenRef

PairGroup = Literal["pieces", "related", "unrelated", "variant"]
"""`variant`: one token is another form of the other; in `PairScatter` only."""


class PairOfTokens(Strict):
    """Two tokens and how similar their vectors are."""

    role: Role
    group: PairGroup
    label: str  # "ban + ana", "banana / apple"
    whole: str | None  # the word the pieces make, where group is "pieces"
    first: TokenRef
    second: TokenRef
    cosine: Cosine
    pearson: float
    angle_degrees: float
    rank_of_second: int  # among all other tokens by their cosine with the first; 1: its nearest neighbour
    rank_of_first: int  # the same the other way round


class PairGroupSummary(Strict):
    """The pairs of one group in one model."""

    role: Role
    group: PairGroup
    pairs: int
    mean_cosine: float
    mean_cosine_crossed: float | None  # of each pair's first token with the second of every other pair; None: there is one pair only
    minimum_cosine: float
    maximum_cosine: float
    mean_pearson: float


class PairSimilarities(Strict):
    """Pieces of one word, related words and unrelated words: how similar their vectors are."""

    pairs: list[PairOfTokens]
    summaries: list[PairGroupSummary]
    left_out: list[str]  # "sofa: 2 tokens in SmolLM2"


class PairVectors(Strict):
    """The two vectors of a few pairs, in full, for drawing. Rounded to 1e-4 after cosine and pearson were computed."""

    role: Role
    group: PairGroup
    label: str
    first: TokenRef
    second: TokenRef
    first_vector: list[float]  # [dim]
    second_vector: list[float]  # [dim]
    cosine: Cosine
    pearson: float
    dot_product: float
    first_norm: float
    second_norm: float
    angle_degrees: float


class PairScatter(Strict):
    """The two vectors of a few pairs, coordinate by coordinate."""

    pairs: list[PairVectors]
