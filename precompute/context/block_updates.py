"""Writes block_updates: how long a token's vector is before each block, and how long is what attention and MLP add to it."""

from __future__ import annotations

from typing import Any

import numpy as np

from artefacts.schemas.attention import BlockUpdate, BlockUpdates, BlockUpdatesOfModel
from precompute.context.networks import Reader, attention_part, blocks, mlp_part, normalises_after, readers
from precompute.statistics_of import rounded
from precompute.workspace import Workspace


def export(work: Workspace) -> BlockUpdates:
    """Lengths of residual stream and updates of every token of the sentence, block by block, in both models."""
    words = work.words("bank_sentences")
    text, word = words["experiment"]["text"], words["word"]
    return BlockUpdates(text=text, by_model=[_of_model(reader, text, word) for reader in readers(work)])


def _of_model(reader: Reader, text: str, word: str) -> BlockUpdatesOfModel:
    ids = reader.ids(text)
    place = ids.index(reader.word_id(word))
    found = parts_of_blocks(reader.network, ids)
    after_norm = normalises_after(blocks(reader.network)[0])
    layers, gap = [], 0.0
    for n, part in enumerate(found, start=1):
        before, attention, mlp, after = (part[name][place].astype(np.float64) for name in ("in", "attention", "mlp", "out"))
        if not after_norm:
            gap = max(gap, float(np.linalg.norm(before + attention + mlp - after) / np.linalg.norm(after)))
        norms = {name: rounded(np.linalg.norm(x), 3) for name, x in (("before", before), ("attention", attention), ("mlp", mlp))}
        layers.append(
            BlockUpdate(
                layer=n,
                **norms,
                after=rounded(np.linalg.norm(after), 3),
                cosine=rounded(before @ after / np.linalg.norm(before) / np.linalg.norm(after), 4),
                first_token_after=rounded(np.linalg.norm(part["out"][0]), 3),
            )
        )
    return BlockUpdatesOfModel(
        role=reader.role,
        token=reader.token(ids[place]),
        place=place,
        first_token=reader.token(ids[0]),
        normalises_after=after_norm,
        largest_gap=rounded(gap, 4),
        layers=layers,
    )


def parts_of_blocks(network: Any, ids: list[int]) -> list[dict[str, np.ndarray]]:
    """[layer] of in, attention, mlp, out: [token, dim] each, before any final normalisation."""
    import torch

    seen: dict[str, list[np.ndarray]] = {name: [] for name in ("in", "out", "attention", "mlp")}

    def first(value: Any) -> np.ndarray:
        return (value[0] if isinstance(value, tuple) else value).detach()[0].numpy().copy()

    def whole(_: Any, given: Any, out: Any) -> None:
        seen["in"].append(first(given))
        seen["out"].append(first(out))

    def attention(_: Any, given: Any, out: Any) -> None:
        seen["attention"].append(first(out))

    def mlp(_: Any, given: Any, out: Any) -> None:
        seen["mlp"].append(first(out))

    handles = []
    for block in dict.fromkeys(blocks(network)):  # ALBERT's one block is watched once, and passed several times
        for part, hook in ((block, whole), (attention_part(block), attention), (mlp_part(block), mlp)):
            handles.append(part.register_forward_hook(hook))
    try:
        with torch.inference_mode():
            network(torch.tensor([ids]))
    finally:
        for handle in handles:
            handle.remove()
    return [dict(zip(seen, made, strict=True)) for made in zip(*seen.values(), strict=True)]
