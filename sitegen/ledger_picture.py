"""The ledger in small, for the first page: source after source, a mark for each claim, in the shape and colour of its verdict.

The marks fill columns from top to bottom, verdict after verdict, so that each verdict is a band whose width is its share.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

ROWS = 5
PITCH = 16  # from mark to mark, px
SIZE = 12  # of a mark, px

# Four shapes that differ without colour: a full square, half of one, a cross, a ring.
_SHAPES: dict[str, Callable[[int, int], str]] = {
    "holds": lambda x, y: f"M{x} {y}h{SIZE}v{SIZE}h-{SIZE}z",
    "caveat": lambda x, y: f"M{x} {y}l{SIZE} {SIZE}h-{SIZE}z",
    "fails": lambda x, y: f"M{x + 1} {y + 1}l{SIZE - 2} {SIZE - 2}m0 {2 - SIZE}l{2 - SIZE} {SIZE - 2}",
    "open": lambda x, y: f"M{x + 2} {y + SIZE // 2}a4 4 0 1 0 8 0a4 4 0 1 0-8 0z",
}


@dataclass(frozen=True)
class Picture:
    """paths: class of the verdict -> data of an SVG path with all its marks; verdicts without a claim are left out."""

    columns: int
    rows: int  # fewer than ROWS where there are fewer claims
    paths: dict[str, str]


def ledger_picture(counts: Mapping[str, int]) -> Picture:
    """counts: class of each verdict -> number of claims, in the order in which they are drawn."""
    paths: dict[str, str] = {}
    drawn = 0
    for verdict, number in counts.items():
        places = [divmod(place, ROWS) for place in range(drawn, drawn + number)]
        if places:
            paths[verdict] = "".join(_SHAPES[verdict](column * PITCH, row * PITCH) for column, row in places)
        drawn += number
    return Picture(math.ceil(drawn / ROWS), min(drawn, ROWS), paths)


def view_box(columns: int, rows: int) -> tuple[int, int]:
    """Width and height in px of a picture with room for so many columns and rows."""
    return columns * PITCH - (PITCH - SIZE), rows * PITCH - (PITCH - SIZE)
