"""Writes attention_step: one block with one head on three tokens, in numbers small enough to follow by hand."""

from __future__ import annotations

import math

import numpy as np

from artefacts.schemas.attention import AttentionStep, MaskedStep
from precompute.softmax import softmax
from precompute.statistics_of import rounded
from precompute.workspace import Workspace

# Chosen by hand so that the numbers stay small and "bank" looks at "river". Nothing here was learned.
TOKENS = ["the", "river", "bank"]
INPUTS = [[1, 0, 0, 0], [0, 2, 0, 1], [0, 1, 1, 0]]  # [token, dim]
QUERY = [[0, 1], [1, 0], [1, 0], [0, 1]]  # [dim, head dim]
KEY = [[0, 1], [1, 0], [0, 1], [0, 0]]
VALUE = [[0, 0], [1, 0], [0, 1], [1, 1]]
OUTPUT = [[0, 1, 0, 0], [0, 0, -1, 1]]  # [head dim, dim]
FIRST_MLP = [[1, 0, 0], [0, 1, 0], [0, -1, 1], [0, 0, 1]]  # [dim, hidden dim]
SECOND_MLP = [[0, 0, 0, 1], [0, 1, 0, 0], [1, 0, 0, 0]]  # [hidden dim, dim]
EPSILON = 1e-5  # keeps LayerNorm from dividing by zero


def export(work: Workspace) -> AttentionStep:
    """Scaled dot-product attention (Vaswani et al. 2017, eq. 1) in float64, with every number on the way."""
    x, wq, wk, wv = (np.array(m, dtype=np.float64) for m in (INPUTS, QUERY, KEY, VALUE))
    q, k, v = x @ wq, x @ wk, x @ wv
    scale = math.sqrt(wq.shape[1])
    return AttentionStep(
        tokens=TOKENS,
        inputs=INPUTS,
        query_matrix=QUERY,
        key_matrix=KEY,
        value_matrix=VALUE,
        output_matrix=OUTPUT,
        first_mlp_matrix=FIRST_MLP,
        second_mlp_matrix=SECOND_MLP,
        queries=_plain(q),
        keys=_plain(k),
        values=_plain(v),
        products=_plain(q @ k.T),
        scale=rounded(scale, 6),
        steps=[_step(x, q @ k.T / scale, v, causal) for causal in (False, True)],
    )


def layer_norm(x: np.ndarray) -> np.ndarray:
    """Each row with mean 0 and standard deviation 1 (gain 1, bias 0)."""
    return (x - x.mean(axis=-1, keepdims=True)) / np.sqrt(x.var(axis=-1, keepdims=True) + EPSILON)


def _step(x: np.ndarray, scores: np.ndarray, v: np.ndarray, causal: bool) -> MaskedStep:
    seen = np.tril(np.ones_like(scores, dtype=bool)) if causal else np.ones_like(scores, dtype=bool)
    weights = softmax(np.where(seen, scores, -np.inf))
    mixed = weights @ v
    update = mixed @ np.array(OUTPUT, dtype=np.float64)
    normalised = layer_norm(x + update)
    hidden = np.maximum(normalised @ np.array(FIRST_MLP, dtype=np.float64), 0)
    mlp = hidden @ np.array(SECOND_MLP, dtype=np.float64)
    return MaskedStep(
        mask="causal" if causal else "none",
        scores=[[rounded(s, 6) if ok else None for s, ok in zip(*row, strict=True)] for row in zip(scores, seen, strict=True)],
        weights=_plain(weights),
        mixed=_plain(mixed),
        update=_plain(update),
        after_attention=_plain(x + update),
        normalised=_plain(normalised),
        hidden=_plain(hidden),
        mlp=_plain(mlp),
        after_mlp=_plain(normalised + mlp),
        output=_plain(layer_norm(normalised + mlp)),
    )


def _plain(values: np.ndarray) -> list[list[float]]:
    return [[rounded(x, 6) for x in row] for row in values]
