"""What the RSA lab fetches: the words that can be compared, and the vectors of each space, quantised."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from artefacts.schemas.parts import PackedArray, Role, Strict
from artefacts.schemas.rsa import WordLeftOut

Depth = Literal["static", "third", "two_thirds", "last"]
"""static: the row of the word's token; else the state after so much of the network's layers, in sentences."""


class LabCategory(Strict):
    """words: places in the list of all words. A word stands in one category."""

    name: str
    words: list[int]


class LabSet(Strict):
    """Words to begin with. missing: words that the list names and that are no single token everywhere."""

    key: str
    title: str
    note: str
    groups: list[LabCategory]
    missing: list[str]


class LabSpace(Strict):
    """artefact: the file that holds the vectors. layer: the number of blocks that the state has passed; None for rows of tokens."""

    artefact: str
    role: Role
    depth: Depth
    layer: int | None
    layers: int | None  # of the whole network


class LabWords(Strict):
    """What the RSA lab can compare: words that are one token in every space, in categories and ready-made sets, and the spaces."""

    words: list[str]
    categories: list[LabCategory]
    sets: list[LabSet]
    left_out: list[WordLeftOut]
    carriers: list[str]  # {word} stands where the word goes
    most_words: int  # at a time
    spaces: list[LabSpace]


class LabVectors(Strict):
    """Vectors of the lab's words in one space, rotated and quantised; `precompute.lab.quantised_space` says how and why.

    The coordinate of a word on an axis is (code + lowest[axis]) * steps[axis]. Each row is then brought to its length.
    codes: base 85 (RFC 1924) of raw DEFLATE of bytes [axis, word]: each code without its `low_bits[axis]` lowest binary digits, and then,
    of the axes that have such, these digits. Axis 0 is along (1, ..., 1).
    """

    role: Role
    depth: Depth
    words: int
    dims: int  # of the space
    axes: int  # that are kept
    length_max: float = Field(ge=0)  # length = value / 65535 * length_max
    lengths: PackedArray  # [word], uint16
    steps: list[float]  # [axis]
    lowest: list[int]  # [axis]
    low_bits: list[int]  # [axis]
    codes: str
