"""Writes temperatures: one distribution over the next token, sharpened and flattened."""

from __future__ import annotations

from artefacts.schemas.writing import TemperatureCurves, Temperatures
from precompute.softmax import softmax
from precompute.statistics_of import rounded
from precompute.workspace import Workspace
from precompute.writing.language_model import LanguageModel, best, entropy_bits, open_language_model

TEMPERATURES = tuple(n / 10 for n in range(1, 21))
CANDIDATES = 10
OPTIONS = {"temperatures": list(TEMPERATURES), "candidates": CANDIDATES}


def export(work: Workspace) -> Temperatures:
    """The likeliest tokens after each context with their probabilities at each temperature."""
    model = open_language_model(work)
    contexts = work.words("reading_and_writing")["temperature"]["contexts"]
    return Temperatures(
        start=model.start, temperatures=list(TEMPERATURES), contexts=[_curves(model, context) for context in contexts]
    )


def _curves(model: LanguageModel, context: str) -> TemperatureCurves:
    logits = model.logits(model.started(model.ids(context)))[-1]
    chosen = best(softmax(logits), CANDIDATES)
    rows = [softmax(logits, temperature) for temperature in TEMPERATURES]
    return TemperatureCurves(
        context=context,
        candidates=[model.token(i) for i in chosen],
        probabilities=[[rounded(row[i]) for i in chosen] for row in rows],
        rest=[max(0.0, rounded(1 - row[chosen].sum())) for row in rows],
        entropy_bits=[rounded(entropy_bits(row), 4) for row in rows],
    )
