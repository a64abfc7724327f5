"""One pass of a network that keeps attention, states, and the queries and keys that the attention was made from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from precompute.attention.texts import Reading
from precompute.context.networks import Reader, segment_table
from precompute.layers.capture import capture


@dataclass(frozen=True)
class Pass:
    """What a network made of one text, float32.

    attention: [layer, head, query, key]. states: [layer + 1, token, dim]; in decoders the last has been normalised.
    queries: [layer, token, head, dim], keys: [layer, token, key_value_head, dim]; both rotated where the network rotates them.
    """

    attention: np.ndarray
    states: np.ndarray
    queries: np.ndarray
    keys: np.ndarray


class _Keeping:
    """A network that also returns attention, is told which segment each token belongs to, and keeps what it returned last."""

    def __init__(self, network: Any, segments: list[int]):
        self._network, self._segments = network, segments
        self.last: Any = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._network, name)

    def base_model(self, ids: Any, **options: Any) -> Any:
        if any(self._segments):
            options["token_type_ids"] = ids.new_tensor([self._segments])
        self.last = self._network.base_model(ids, output_attentions=True, **options)
        return self.last


def pass_of(reader: Reader, reading: Reading) -> Pass:
    """Run the network once. Segments are told only to a network that has different vectors for them."""
    import torch

    table = segment_table(reader.network)
    segments = reading.segments if table is not None and len(table.weight) > 1 else [0] * len(reading.ids)
    keeping = _Keeping(reader.network, segments)
    seen = capture(keeping, [reading.ids])
    attention = torch.stack(keeping.last.attentions)[:, 0].numpy()
    return Pass(attention, seen.states[:, 0], seen.queries[:, 0], seen.keys[:, 0])


def attention_of_many(reader: Reader, texts: list[list[int]]) -> Iterator[tuple[list[int], np.ndarray]]:
    """Of each text, by its ids: (ids, [layer, head, query, key]). Texts of equal length run together, the shortest first."""
    import torch

    by_length: dict[int, list[list[int]]] = {}
    for ids in texts:
        by_length.setdefault(len(ids), []).append(ids)
    for length in sorted(by_length):
        together = by_length[length]
        for start in range(0, len(together), 16):
            batch = together[start : start + 16]
            with torch.inference_mode():
                out = reader.network.base_model(torch.tensor(batch), output_attentions=True)
            attention = torch.stack(out.attentions).numpy()  # [layer, text, head, query, key]
            for n, ids in enumerate(batch):
                yield ids, attention[:, n]
