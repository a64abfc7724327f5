"""One pass of texts through a network that keeps what the lesson looks at: states, and the queries, keys and values of every block.

Queries and keys of a network with rotary positions are kept as attention multiplies them: after the rotation.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from precompute.context.networks import blocks, projections, rotary_part


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
    """Run texts of equal length, [text][token], through a network of transformers in one batch."""
    import torch

    head_count = network.config.num_attention_heads
    with torch.inference_mode(), _watched(network) as seen:
        out = network.base_model(torch.tensor(ids), output_hidden_states=True)  # without the output layer, which nobody needs here
        head_dim = seen["query"][0].shape[-1] // head_count
        for name in ("query", "key", "value"):
            seen[name] = [made.unflatten(-1, (-1, head_dim)) for made in seen[name]]
        if rotary_part(network) is not None:
            turned = [_rotated(network, query, key) for query, key in zip(seen["query"], seen["key"], strict=True)]
            seen["query"], seen["key"] = map(list, zip(*turned, strict=True))
    found = {name: torch.stack(made).numpy() for name, made in seen.items()}
    return Capture(torch.stack(out.hidden_states).numpy(), found["input"], found["query"], found["key"], found["value"])


@contextmanager
def _watched(network: Any) -> Iterator[dict[str, list[Any]]]:
    """While this lasts, a pass appends, block by block, what the projections are given and put out: each [text, token, dim].

    ALBERT's one block is watched once, and passed several times.
    """
    seen: dict[str, list[Any]] = {name: [] for name in ("input", "query", "key", "value")}
    handles = [
        projection.register_forward_hook(_keep(names, seen))
        for block in dict.fromkeys(blocks(network))
        for names, projection in projections(block)
    ]
    try:
        yield seen
    finally:
        for handle in handles:
            handle.remove()


def _keep(names: tuple[str, ...], seen: dict[str, list[Any]]) -> Any:
    def hook(module: Any, inputs: tuple[Any, ...], output: Any) -> None:
        if "query" in names:  # all projections of a block are given the same
            seen["input"].append(inputs[0])
        for name, made in zip(names, output.chunk(len(names), dim=-1), strict=True):
            seen[name].append(made)

    return hook


def _rotated(network: Any, queries: Any, keys: Any) -> tuple[Any, Any]:
    """Both turned by their places, as Llama's attention turns them. queries, keys: [text, token, head, head_dim]."""
    import torch
    from transformers.models.llama.modeling_llama import apply_rotary_pos_emb

    cosines, sines = rotary_part(network)(queries, torch.arange(queries.shape[1])[None])
    return apply_rotary_pos_emb(queries, keys, cosines, sines, unsqueeze_dim=2)
