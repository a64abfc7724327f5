"""What was timed: the only artefact that differs from run to run."""

from __future__ import annotations

from typing import Literal

from artefacts.schemas.parts import Role, Strict


class TimedWay(Strict):
    """How long one way of computing a word's cosines took."""

    role: Role
    way: Literal["python loop", "matrix product", "matrix product, rows normalised beforehand"]
    milliseconds_median: float
    milliseconds_min: float
    milliseconds_max: float
    repeats: int


class MeasuredTimes(Strict):
    """Measured, so different on every run and machine: outside all identity checks, and never in a verdict."""

    machine: str  # cores and processor name, nothing that identifies a person
    threads: int
    comparing_one_with_all: list[TimedWay]
    neighbours_of_all_seconds: dict[str, float]  # role -> seconds for the exact full-vocabulary search
    precompute_seconds: dict[str, float]  # artefact -> seconds
