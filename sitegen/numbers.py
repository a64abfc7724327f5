"""How prose prints numbers: always through one of these filters, so the reader sees one style and the author no stray digits."""

from __future__ import annotations

import math
from typing import Any

from sitegen.lesson_language import Formatted


def number(value: float, decimals: int = 2) -> Formatted:
    """0.4424 -> 0.44; a real minus sign; thousands separated by commas."""
    if not math.isfinite(value := float(value)):
        raise ValueError(f"{value} is no number to print")
    if decimals not in range(21):
        raise ValueError(f"{decimals!r:.20} is no number of decimals to print")
    text = f"{value:,.{decimals}f}"
    return Formatted(text.replace("-", "\u2212") if float(text.replace(",", "")) else text.lstrip("-"))


def integer(value: int) -> Formatted:
    """49152 -> 49,152. A value that is not whole is refused: round it on purpose with |number(0)."""
    if value != int(value):
        raise ValueError(f"{value!r} is not a whole number")
    return Formatted(f"{int(value):,}".replace("-", "\u2212"))


def percent(value: float, decimals: int = 0) -> Formatted:
    """A share between 0 and 1 as per cent: 0.287 -> 29%."""
    return Formatted(f"{number(value * 100, decimals)}%")


def degrees(value: float, decimals: int = 0) -> Formatted:
    """An angle in degrees: 63.6 -> 64°."""
    return Formatted(f"{number(value, decimals)}°")


def angle(cosine: float) -> float:
    """The angle in degrees of a cosine similarity; use with |degrees."""
    return math.degrees(math.acos(max(-1.0, min(1.0, cosine))))


_ONES = "zero one two three four five six seven eight nine ten eleven twelve".split()


def in_words(value: int) -> Formatted:
    """Whole numbers to twelve as words, larger ones as digits."""
    return Formatted(_ONES[value]) if 0 <= value <= 12 else integer(value)


def model(entries: Any, role: str) -> Any:
    """The entry of one model: `data.random_pairs|model("decoder")`. Takes an artefact with `by_model` or a list of entries."""
    found = [entry for entry in getattr(entries, "by_model", entries) if entry.role == role]
    if not found:
        raise ValueError(f"no entry for the role {role!r}")
    return found[0]


FILTERS = {
    "number": number,
    "integer": integer,
    "percent": percent,
    "degrees": degrees,
    "angle": angle,
    "in_words": in_words,
    "model": model,
}
