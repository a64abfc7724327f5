"""Exports of random models that draw less often: their numbers mean nothing, and drawing is most of what such an export would cost."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

# module of precompute -> its constants, and what they are for random models
FEWER = {
    "explore.word_maps": {"DRAWN": 60},
    "layers.map_corner": {"RESAMPLES": 200},
    "rsa.agreement_tests": {"DRAWS": 200, "SLOW_DRAWS": 50},
    "scores.category_selectivity": {"PERMUTATIONS": 200, "RESAMPLES": 200},
    "scores.partial_scores": {"PERMUTATIONS": 200, "SIMULATIONS": 10},
    "scores.people_scores": {"PERMUTATIONS": 200, "RESAMPLES": 200},
    "scores.quantised_copies": {"RESAMPLES": 200},
    "scores.score_matrix": {"PERMUTATIONS": 200, "RESAMPLES": 200},
    "scores.word_influences": {"RESAMPLES": 200},
}


def fewer_draws(put: Callable[[object, str, object], None]) -> None:
    """Set how often exports draw. put: `setattr`, or that of a pytest.MonkeyPatch."""
    for name, values in FEWER.items():
        module = import_module(f"precompute.{name}")
        for constant, value in values.items():
            getattr(module, constant)  # a constant of another name would change nothing
            put(module, constant, value)
