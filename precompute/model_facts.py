"""Writes model_facts: size, shape, source and licence of every model and tokenizer of the set."""

from __future__ import annotations

from artefacts.schemas.models import ModelFact, ModelFacts
from precompute.progress import track
from precompute.workspace import Workspace

LESSON_ROLES = ("decoder", "encoder", "static")


def export(work: Workspace) -> ModelFacts:
    """The three models of the lessons, then the lone tokenizers. A model that only accompanies them is not opened for its facts."""
    chosen = work.model_set
    parts = [chosen.model(role) for role in LESSON_ROLES if role in chosen.members]
    parts += [part for part in map(chosen.tokenizer, chosen.tokenizers) if part not in parts]
    facts = [_rounded(part.facts()) for part in track(parts, "model facts", len(parts))]
    return ModelFacts(set_title=chosen.title, note=chosen.note, models=facts)


def _rounded(fact: ModelFact) -> ModelFact:
    share = fact.embedding_share
    return fact if share is None else fact.model_copy(update={"embedding_share": round(share, 6)})
