"""Matrices too large for a chart: what a figure says about one, and how it is first seen."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

import numpy as np


@dataclass(frozen=True)
class Matrix:
    """One matrix, drawn cell by cell on a plain canvas.

    `values` are bytes: 0 stands for `low` or less, 255 for `high` or more, evenly between (`matrix_bytes` makes them).
    `shares` are exact, of the whole matrix that the rows shown are taken from: shares[n] is the share (0..1) of its `entries`
    entries that exceed n times the view's `threshold_step`, in size where the scale is diverging. Left out, they are counted here.
    """

    name: str  # in the address
    label: str  # in the menu and in sentences: "SmolLM2's embedding matrix"
    values: np.ndarray  # uint8 [row, column]
    low: float
    high: float
    row_labels: list[str]  # one a row; tokens made visible (charts.reading.Member.shown)
    entries: int = 0  # of the whole matrix; 0: those shown
    shares: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.values.dtype != np.uint8 or self.values.ndim != 2 or not self.values.size:
            raise ValueError(f"the values of matrix {self.name!r} are {self.values.dtype} {self.values.shape}, not uint8 [row, column]")
        if len(self.row_labels) != len(self.values):
            raise ValueError(f"matrix {self.name!r} has {len(self.values)} rows and {len(self.row_labels)} labels")
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise ValueError(f"the values of matrix {self.name!r} cannot reach from {self.low} to {self.high}")
        if bool(self.shares) != bool(self.entries):
            raise ValueError(f"matrix {self.name!r} has exact shares without the number of entries, or the other way round")

    @property
    def step(self) -> float:
        """What two neighbouring bytes differ by; a value read back is at most half of it off."""
        return (self.high - self.low) / 255

    @property
    def decimals(self) -> int:
        """As many as `step` allows."""
        return max(0, math.ceil(-math.log10(self.step)))

    def numbers(self) -> np.ndarray:
        """The values read back, float64 [row, column]."""
        return self.low + self.values * self.step


@dataclass(frozen=True)
class MatrixView:
    """How a figure's matrices are first seen, and how far the reader can go. All ranges are in the unit of the values."""

    scale: Literal["diverging", "sequential"] = "diverging"  # signed values around zero, or sizes from zero on
    column: str = "dimension"  # what a column is; they are counted from 0
    range: float = 1.0  # where the colour is full
    range_step: float = 0.1
    range_maximum: float = 1.0
    presets: tuple[tuple[str, float], ...] = ()  # (what the button says, range)
    threshold: float = 0.0  # entries up to this size are faded
    threshold_step: float = 0.1
    threshold_maximum: float = 1.0
    height: int = 0  # px of the cells together; 0: chosen by the number of rows


def matrix_bytes(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Floats [row, column] as the bytes of a `Matrix`: low or less is 0, high or more is 255."""
    return np.clip(np.rint((np.asarray(values, dtype=np.float64) - low) / (high - low) * 255), 0, 255).astype(np.uint8)
