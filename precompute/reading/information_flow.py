"""Writes information_flow: one token of a sentence is replaced, and the last layer's vectors of all positions are compared.

A mask is a promise about a program; this is the experiment that shows whether it is kept. Where a position may not look at the
replaced token, its vector keeps every bit.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from artefacts.schemas.parts import Role, TokenRef
from artefacts.schemas.reading import FlowOfModel, InformationFlow
from precompute.special_tokens import with_special_tokens
from precompute.statistics_of import rounded
from precompute.workspace import Workspace

ROLES: tuple[Role, ...] = ("decoder", "encoder")


def export(work: Workspace) -> InformationFlow:
    """How far the last layer's vectors move, |h' - h| / |h| for each [replaced position, position], in both models."""
    words = work.words("reading_and_writing")
    sentence = words["flow_sentence"]
    by_model = [_flow(role, work.model_set.model(role), sentence, words["flow_replacements"]) for role in ROLES]
    return InformationFlow(sentence=sentence, by_model=by_model, target=words["flow_target"])


def _flow(role: Role, model: Any, sentence: str, replacements: list[str]) -> FlowOfModel:
    raw = model.raw_tokens()
    ids = with_special_tokens(model, sentence)
    others = [i for i in (model.word_token(word.strip(), leading_space=True) for word in replacements) if i is not None]
    chosen = [next(other for other in others if other != token) for token in ids]
    before = last_vectors(model.network, ids)
    changes = []
    for position, other in enumerate(chosen):
        after = last_vectors(model.network, [*ids[:position], other, *ids[position + 1 :]])
        relative = np.linalg.norm(after - before, axis=1) / np.linalg.norm(before, axis=1)
        changes.append([_at_least_visible(value) for value in relative])
    blocks, cross = attention_blocks(model.network)
    return FlowOfModel(
        role=role,
        tokens=[TokenRef(id=i, raw=raw[i]) for i in ids],
        replacements=[TokenRef(id=i, raw=raw[i]) for i in chosen],
        changes=changes,
        layers=model.network.config.num_hidden_layers,
        attention_blocks=blocks,
        cross_attention=cross,
    )


def last_vectors(network: Any, ids: list[int]) -> np.ndarray:
    """[position, dim] float64: the vectors after the last layer. One text at a time, so that all runs have the same shape."""
    import torch

    with torch.inference_mode():
        states = network(torch.tensor([ids]), output_hidden_states=True).hidden_states[-1]
    return states[0].double().numpy()


def attention_blocks(network: Any) -> tuple[int, bool]:
    """How many attention modules a network has, one inside another counted once, and whether any looks at another sequence."""
    names = [name for name, module in network.named_modules() if type(module).__name__.endswith("Attention")]
    outer = [name for name in names if not any(name.startswith(f"{other}.") for other in names)]
    return len(outer), any("cross" in name.lower() or "encoder_attn" in name for name in outer)


def _at_least_visible(value: float) -> float:
    """Rounded, but what is not exactly zero stays above zero."""
    return max(rounded(value, 6), 1e-6) if value > 0 else 0.0
