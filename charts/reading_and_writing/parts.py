"""Parts that the figures of this lesson share: tokens in a grid, numbers of bits, text in lines."""

from __future__ import annotations

import math
import textwrap
from typing import Any

import altair as alt

from charts.palette import light
from charts.reading import fixed, percent
from charts.theme import is_narrow

GRID_GAP = 4  # px between the cells of a grid of tokens
EDGE = 6  # px that a grid leaves free: for the lines around its outer cells, and for the last gap


def grid_columns(width: int) -> int:
    """Tokens in a line of the grid at this width, in px."""
    return 4 if is_narrow(width) else 8


def grid_x(field: str, columns: int, width: int, extra: float = 0) -> alt.X:
    """The place of cell number `field` across a grid; `extra`: px to the right of the cell's left edge."""
    step = (width + GRID_GAP) / columns
    return alt.X(f"{field}:Q", scale=alt.Scale(domain=[0, columns], range=[extra, extra + step * columns]), axis=None)


def placed(chart: alt.Chart, columns: int, field: str = "position") -> alt.Chart:
    """Adds `column` and `line`, the place of a token in the grid."""
    return chart.transform_calculate(column=f"datum.{field} % {columns}", line=f"floor(datum.{field} / {columns})")


def grid_y(height: int, lines: int, extra: float = 0) -> alt.Y:
    """The axis of lines, each `height` px high, below `extra` px."""
    return alt.Y("line:Q", scale=alt.Scale(domain=[0, lines], range=[extra, extra + height * lines]), axis=None)


def bits(value: float) -> str:
    """Such as "3.2 bits"."""
    return f"{fixed(value, 1)} bits"


def chance(probability: float) -> str:
    """A probability for a reader: 33%, 0.5%, 0.011%, 1 in 77,000."""
    if probability >= 0.1:
        return percent(probability)
    if probability >= 0.001:
        return percent(probability, 1)
    if probability <= 0:
        return "0%"
    return f"1 in {significant(1 / probability):,}"


def significant(value: float, digits: int = 2) -> int:
    """A large number to two digits: 77,052 is 77,000."""
    size = 10 ** max(0, math.floor(math.log10(value)) - digits + 1)
    return round(value / size) * size


def legible(text: str) -> str:
    """Line ends and characters that show nothing, made visible."""
    shown = "".join(c if c.isprintable() else "¶" if c == "\n" else "�" for c in text)
    return shown.replace("¶¶", "¶ ¶")


def in_lines(text: str, characters: int, lines: int) -> str:
    """At most so many lines of so many characters, with line feeds between them."""
    wrapped = textwrap.wrap(text, characters, break_long_words=True) or [""]
    return "\n".join(wrapped if len(wrapped) <= lines else [*wrapped[: lines - 1], f"{wrapped[lines - 1][: characters - 1]}…"])


def ink(**conditions: Any) -> alt.Color:
    """The colour of text, or others under conditions."""
    return alt.value(light("ink"), **conditions)
