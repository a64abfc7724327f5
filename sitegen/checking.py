"""What the checks behind the claims share: finding models in a set's data, grading, and putting results into words.

Numbers, lists and entries by role are put into words as in figures: see charts/reading.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from artefacts.schemas.models import ModelFact
from sitegen.verdicts import CheckResult, Verdict

Data = Mapping[str, Any]

GPT2_IDS = {"gpt2", "openai-community/gpt2"}
BERT_IDS = {"bert-base-uncased", "google-bert/bert-base-uncased"}
GPT2_SHAPE = BERT_SHAPE = (768, 12)  # dimensions and layers of GPT-2 small and BERT base: a random model of that name is not the real one


def facts_by_role(data: Data) -> dict[str, ModelFact]:
    """Decoder and encoder of the set by role."""
    return {fact.role: fact for fact in data["model_facts"].models if fact.role in ("decoder", "encoder")}


def real_gpt2(data: Data) -> ModelFact | None:
    """The set's decoder if it is the real GPT-2 small."""
    fact = facts_by_role(data)["decoder"]
    return fact if fact.id in GPT2_IDS and (fact.embedding_dims, fact.layers) == GPT2_SHAPE else None


def real_bert(data: Data) -> ModelFact | None:
    """The set's encoder if it is the real BERT base."""
    fact = facts_by_role(data)["encoder"]
    return fact if fact.id in BERT_IDS and (fact.embedding_dims, fact.layers) == BERT_SHAPE else None


def plain(value: float) -> str:
    """A small positive number without an exponent, to one digit: 3e-07 is 0.0000003."""
    return f"{value:.{max(0, math.ceil(-math.log10(value)))}f}" if value > 0 else "0"


def each(data: Data, text_of: Callable[[str], str | None]) -> str:
    """ "SmolLM2: 0.44; MiniLM: 0.02", from a function role -> text or None."""
    parts = [(fact.name, text_of(role)) for role, fact in facts_by_role(data).items()]
    return "; ".join(f"{name}: {text}" for name, text in parts if text is not None)


def named(data: Data, role: str, text: str) -> str:
    """What was found in one model, with its name: "SmolLM2: 28 of 49 pairs"."""
    return f"{facts_by_role(data)[role].name}: {text}"


def quoted(text: str) -> str:
    """In typographic quotation marks."""
    return f"“{text}”"


def graded(holds: bool, caveat: bool) -> Verdict:
    """does not hold / holds with a caveat / holds."""
    return "does not hold" if not holds else "holds with a caveat" if caveat else "holds"


def not_computed(why: str, reason: str, analogue: str | None = None) -> CheckResult:
    """The verdict for what this set cannot settle. why: what is missing; analogue: what was seen of these models instead."""
    return CheckResult("not computed here", f"nothing: {why}", reason, analogue)
