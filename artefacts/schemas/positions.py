"""How models mark positions, and what they can tell about order without the marks."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from artefacts.schemas.parts import Role, Strict, TokenRef

Share = Annotated[float, Field(ge=-1.000001, le=1.000001)]


class PositionScheme(Strict):
    """One way to mark positions. `role` is None for a scheme that is computed from its formula alone."""

    kind: Literal["sinusoidal", "learned", "rotary"]
    role: Role | None
    name: str  # "Transformer, 2017" or the model's name
    dims: int  # numbers a mark has; rotary: numbers of a head that are turned
    positions: int | None  # rows of the table; None: no end
    base: float | None  # of the frequencies base^(-2i/dims); None for a learned table
    shown_positions: list[int]
    shown_dims: list[int]
    marks: list[list[Share]]  # [shown position, shown dim], divided by the largest size among them
    lags: list[int]
    similarity: list[Share]  # [lag]; vectors: mean cosine of marks so far apart; rotary: what a turn by the lag leaves of q . q
    norm_first: float | None  # of the position vectors; None for rotary
    norm_mean: float | None
    norm_last: float | None


class AddedVector(Strict):
    """One vector of the sum that enters the first block, or the result of the sum or of its normalisation."""

    part: Literal["token", "position", "segment", "sum", "normalised"]
    mean_norm: float  # over the tokens of the text


class InputRecipe(Strict):
    """What is added up to what enters a model's first block, for one token of a text."""

    role: Role
    text: str
    parts: list[AddedVector]
    rotary: bool  # positions enter inside attention instead


class PositionMarks(Strict):
    """Sinusoidal, learned and rotary marks of position, how alike they are by distance, and what is added to what."""

    schemes: list[PositionScheme]
    recipes: list[InputRecipe]


class OrderCondition(Strict):
    """The same tokens in two orders through one network."""

    positions: bool
    mask: bool  # a decoder's; True for an encoder, which has none
    difference: list[float]  # [layer], mean over tokens of |h' - h| / |h|, each token compared with itself at its new place
    maximum_difference: float  # last layer, largest absolute difference of any number
    largest_number: float  # last layer, largest absolute value: what the difference is to be compared with


class OrderOfModel(Strict):
    """What two exchanged words change in one model, with and without what tells their places."""

    role: Role
    tokens: list[TokenRef]
    swapped: list[TokenRef]
    conditions: list[OrderCondition]


class WordOrder(Strict):
    """Two words of a sentence change places: whether states only change places with them, or change themselves."""

    text: str
    swap: list[str]
    by_model: list[OrderOfModel]
