"""Running the set's networks on a text: tokens, states and attention weights, with positions or the mask taken away if asked for.

The only module that knows how GPT-2, Llama, BERT, RoBERTa, DistilBERT and ALBERT name their parts. torch is imported when a network is
first run.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np

from artefacts.schemas.parts import TokenRef
from precompute.special_tokens import frame_of


@dataclass(frozen=True)
class Run:
    """What a network made of one text.

    states: [layer + 1, token, dim] float32; layer 0 is what enters the first block, the last has been normalised in decoders.
    attention: [layer, head, query, key] float32; every row sums to 1.
    """

    ids: list[int]
    states: np.ndarray
    attention: np.ndarray


class Reader:
    """A member of a set that reads texts. `role` is 'decoder' or 'encoder'."""

    def __init__(self, work: Any, role: str):
        self.role = role
        self.model = work.model_set.model(role)
        self.name = self.model.spec.name
        self._raw = work.once(("raw tokens", role), self.model.raw_tokens)
        self.frame = work.once(("frame", role), lambda: frame_of(self.model))  # ids around a text
        self._runs: dict[Any, Run] = work.once(("runs", role), dict)

    @property
    def network(self) -> Any:
        """The transformers model; opened on first use."""
        return self.model.network

    @property
    def kind(self) -> str:
        """Of its tokens: "byte_level_bpe" or "wordpiece"."""
        return self.model.tokenizer_kind

    @property
    def adds_specials(self) -> bool:
        """Whether something is put before and after a text, as the model was trained."""
        return self.frame is not None

    def ids(self, text: str) -> list[int]:
        """Ids of a text as the network is meant to be given it."""
        ids = self.model.tokenize(text)
        return ids if self.frame is None else [self.frame[0], *ids, self.frame[1]]

    def token(self, token_id: int) -> TokenRef:
        """A token by its id, with its raw spelling."""
        return TokenRef(id=token_id, raw=self._raw[token_id])

    def tokens(self, ids: list[int]) -> list[TokenRef]:
        """[token]: the same for several."""
        return [self.token(i) for i in ids]

    def word_id(self, word: str) -> int | None:
        """The id of a word as it stands inside a text; None if it is several tokens."""
        return self.model.word_token(word, self.kind == "byte_level_bpe")

    def run(self, text: str) -> Run:
        """States and attention of a text; computed once."""
        return self.run_ids(self.ids(text))

    def run_ids(self, ids: list[int], *, positions: bool = True, mask: bool = True) -> Run:
        """positions: False takes the position marks away; mask: False lets a decoder see what follows."""
        key = (tuple(ids), positions, mask)
        if key not in self._runs:
            self._runs[key] = self._computed(ids, positions, mask)
        return self._runs[key]

    def _computed(self, ids: list[int], positions: bool, mask: bool) -> Run:
        import torch

        options: dict[str, Any] = {}
        if not mask:  # a mask of four axes is added to the scores as it is: nothing is hidden
            options["attention_mask"] = torch.zeros(1, 1, len(ids), len(ids))
        if self.role == "decoder":
            options["use_cache"] = False
        without = nullcontext() if positions else without_positions(self.network)
        with torch.inference_mode(), without:
            out = self.network(torch.tensor([ids]), output_hidden_states=True, output_attentions=True, **options)
        states = torch.stack(out.hidden_states)[:, 0].numpy()
        return Run(ids, states, torch.stack(out.attentions)[:, 0].numpy())


def readers(work: Any) -> list[Reader]:
    """Decoder and encoder, in this order."""
    return [work.once(("reader", role), lambda role=role: Reader(work, role)) for role in ("decoder", "encoder")]


def position_table(network: Any) -> Any | None:
    """The learned table of position vectors, an embedding layer; None where a network has none."""
    names = ("position_embeddings", "wpe")
    return next((m for name, m in network.named_modules() if name.split(".")[-1] in names and hasattr(m, "weight")), None)


def position_vectors(network: Any) -> np.ndarray | None:
    """[position, dim] float64, from the first token's on; None where a network has no table. RoBERTa's begins after its padding row."""
    table = position_table(network)
    if table is None:
        return None
    first = 0 if table.padding_idx is None else table.padding_idx + 1
    return table.weight.detach().numpy()[first:].astype(np.float64)


def segment_table(network: Any) -> Any | None:
    """The table of segment vectors; None where a network has none (DistilBERT). RoBERTa's has one row, so that it tells nothing apart."""
    return next((m for name, m in network.named_modules() if name.split(".")[-1] == "token_type_embeddings"), None)


def embedding_norm(network: Any) -> Any | None:
    """The LayerNorm that follows the sum of embeddings (BERT); None where there is none."""
    return next((m for name, m in network.named_modules() if name.endswith("embeddings.LayerNorm")), None)


def rotary_part(network: Any) -> Any | None:
    """The module that makes the angles of rotary positions; None where there is none."""
    return next((m for name, m in network.named_modules() if name.split(".")[-1] == "rotary_emb"), None)


@contextmanager
def without_positions(network: Any) -> Iterator[None]:
    """Position vectors set to zero, rotations by no angle; put back afterwards."""
    import torch

    table, rotary = position_table(network), rotary_part(network)
    kept = None if table is None else table.weight.detach().clone()
    turn = None if rotary is None else rotary.forward

    def no_turn(*args: Any, **named: Any) -> tuple[Any, Any]:
        cosines, sines = turn(*args, **named)
        return torch.ones_like(cosines), torch.zeros_like(sines)

    try:
        if table is not None:
            with torch.no_grad():
                table.weight.zero_()
        if rotary is not None:
            rotary.forward = no_turn
        yield
    finally:
        if table is not None:
            with torch.no_grad():
                table.weight.copy_(kept)
        if rotary is not None:
            del rotary.forward  # the instance's own; the class's is seen again


def blocks(network: Any) -> list[Any]:
    """The network's blocks in the order in which a text passes them. ALBERT's are the same one, again and again."""
    for path in ("model.layers", "transformer.h", "transformer.layer", "encoder.layer"):
        found = _within(network, path)
        if found is not None:
            return list(found)
    groups, count = _within(network, "encoder.albert_layer_groups"), network.config.num_hidden_layers
    if groups is not None and all(len(group.albert_layers) == 1 for group in groups):
        return [groups[n * len(groups) // count].albert_layers[0] for n in range(count)]
    raise TypeError(f"{type(network).__name__} is of no architecture that is known here")


def _within(network: Any, path: str) -> Any | None:
    found = network
    for name in path.split("."):
        found = getattr(found, name, None)
    return found


def attention_part(block: Any) -> Any:
    """The part of a block whose output is added to its input: with BERT and its kin a projection, before the LayerNorm."""
    if hasattr(block, "self_attn"):
        return block.self_attn
    if hasattr(block, "attn"):
        return block.attn
    paths = ("attention.output.dense", "attention.out_lin", "attention.dense")
    return next(part for part in (_within(block, path) for path in paths) if part is not None)


def mlp_part(block: Any) -> Any:
    """The part of a block whose output is added second."""
    if hasattr(block, "mlp"):
        return block.mlp
    paths = ("output.dense", "ffn.lin2", "ffn_output")
    return next(part for part in (_within(block, path) for path in paths) if part is not None)


def projections(block: Any) -> list[tuple[tuple[str, ...], Any]]:
    """(what it makes, module): three matrices in Llama, BERT and its kin, one that makes all three in GPT-2."""
    names = ("query", "key", "value")
    if hasattr(block, "attn"):
        return [(names, block.attn.c_attn)]
    if hasattr(block, "self_attn"):
        part, modules = block.self_attn, ("q_proj", "k_proj", "v_proj")
    elif hasattr(block.attention, "q_lin"):
        part, modules = block.attention, ("q_lin", "k_lin", "v_lin")
    else:
        part, modules = getattr(block.attention, "self", block.attention), names
    return [((name,), getattr(part, module)) for name, module in zip(names, modules, strict=True)]


def normalises_after(block: Any) -> bool:
    """BERT and its kin normalise after each sum (post-norm), GPT-2 and Llama before each part (pre-norm)."""
    return hasattr(block, "attention")
