"""Measurements that no page shows: they are made to be held against what others have published."""

from __future__ import annotations

from artefacts.schemas.parts import Strict


class Measurement(Strict):
    """One number, by the name that precompute/acceptance/figures.toml uses."""

    name: str
    value: float


class PublishedMeasurements(Strict):
    """Named as precompute/acceptance/figures.toml asks for them. Empty where the set has no model of the architecture."""

    measurements: list[Measurement]
