"""One pass of texts through a network that keeps what the lesson looks at: states, and the queries, keys and values of every block.

The names of the parts are those of transformers' Llama, GPT-2 and BERT. Queries and keys of a network with rotary positions are kept
as attention multiplies them: after the rotation.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from precompute.context.networks import blocks, rotary_part


@dataclass(frozen=True)
class Capture:
    """What some texts left behind, all float32.

    states: [layer + 1, text, token, dim]; layer 0 is what enters the first block, the last has been normalised in decoders.
    inputs: [layer, text, token, dim], what the three matrices of a block are given: in GPT-2 and Llama the normalised state.
    queries: [layer, text, token, head, head_dim].
    keys, values: [layer, text, token, key_value_head, head_dim]. With grouped queries (Ainslie et al. 2023) there are fewer of these
        heads: query head h reads key/value head h // (heads // key_value_heads).
    """

    states: np.ndarray
    inputs: np.ndarray
    queries: np.ndarray
    keys: np.ndarray
    values: np.ndarray


def capture(network: Any, ids: list[list[int]]) -> Capture:
    """Run texts of equal length, [text][token], through a network of transformers (Llama, GPT-2 or BERT) in one batch."""
    import torch

    head_count = network.config.num_attention_heads
    seen: list[dict[str, Any]] = [{} for _ in blocks(network)]
    with torch.inference_mode(), _watched(network, seen):
        out = network.base_model(torch.tensor(ids), output_hidden_states=True)  # without the output layer, which nobody needs here
        for block in seen:
            head_dim = block["query"].shape[-1] // head_count
            for name in ("query", "key", "value"):
                block[name] = block[name].unflatten(-1, (-1, head_dim))
            if rotary_part(network) is not None:
                block["query"], block["key"] = _rotated(network, block["query"], block["key"])
    found = {name: torch.stack([block[name] for block in seen]).numpy() for name in ("input", "query", "key", "value")}
    return Capture(torch.stack(out.hidden_states).numpy(), found["input"], found["query"], found["key"], found["value"])


@contextmanager
def _watched(network: Any, seen: list[dict[str, Any]]) -> Iterator[None]:
    """While this lasts, every pass writes into seen[layer] what the projections are given and put out, [text, token, dim]."""
    handles = [
        projection.register_forward_hook(_keep(names, kept))
        for block, kept in zip(blocks(network), seen, strict=True)
        for names, projection in _projections(block)
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _keep(names: tuple[str, ...], kept: dict[str, Any]) -> Any:
    def hook(module: Any, inputs: tuple[Any, ...], output: Any) -> None:
        kept["input"] = inputs[0]
        kept.update(zip(names, output.chunk(len(names), dim=-1), strict=True))

    return hook


def _projections(block: Any) -> list[tuple[tuple[str, ...], Any]]:
    """(what it makes, module): three matrices in Llama and BERT, one that makes all three in GPT-2."""
    if hasattr(block, "self_attn"):
        part = block.self_attn
        return [(("query",), part.q_proj), (("key",), part.k_proj), (("value",), part.v_proj)]
    if hasattr(block, "attn"):
        return [(("query", "key", "value"), block.attn.c_attn)]
    part = block.attention.self
    return [(("query",), part.query), (("key",), part.key), (("value",), part.value)]


def _rotated(network: Any, queries: Any, keys: Any) -> tuple[Any, Any]:
    """Both turned by their places, as Llama's attention turns them. queries, keys: [text, token, head, head_dim]."""
    import torch
    from transformers.models.llama.modeling_llama import apply_rotary_pos_emb

    cosines, sines = rotary_part(network)(queries, torch.arange(queries.shape[1])[None])
    return apply_rotary_pos_emb(queries, keys, cosines, sines, unsqueeze_dim=2)
