"""Writes parameter_counts: how many numbers of a network belong to what, for published sizes and for the set's own models."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from artefacts.schemas.parts import Role
from artefacts.schemas.vectors import ParameterCounts as Counts
from artefacts.schemas.vectors import ParameterPart, ParametersOfModel
from precompute.workspace import Workspace

# What parameters are called in the architectures that we know, the first match counts.
PARTS: tuple[tuple[str, ParameterPart], ...] = (
    (r"(\bwte|word_embeddings|embed_tokens)\.weight$", "token embeddings"),
    (r"(\bwpe|position_embeddings|token_type_embeddings)\.weight$", "other embeddings"),
    (r"(layernorm|layer_norm|\bln_|norm)[\w.]*$", "normalisation"),
    (r"\bpooler\.", "pooler"),
    (r"(attn|attention)", "attention"),
    (r"(\bmlp\b|intermediate|\boutput\b|ffn)", "feed-forward"),
)
DECODER_OR_ENCODER: tuple[Role, ...] = ("decoder", "encoder")


def export(work: Workspace) -> Counts:
    """Parameters of embeddings, attention, MLPs and the rest, counted from shapes."""
    published = [_published(work, entry) for entry in work.words("vector_examples")["published"]]
    return Counts(models=[*published, *(_member(work, role) for role in DECODER_OR_ENCODER)])


def part_of(name: str) -> ParameterPart:
    """What a parameter belongs to, by its name in transformers; `output` if it is nothing else."""
    return next((part for pattern, part in PARTS if re.search(pattern, name.lower())), "output")


def counted(parameters: Iterable[tuple[str, Any]]) -> dict[ParameterPart, int]:
    """Part -> numbers in it. parameters: (name, tensor), shared tensors once."""
    found: Counter[ParameterPart] = Counter()
    for name, tensor in parameters:
        found[part_of(name)] += tensor.numel()
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def _published(work: Workspace, entry: dict[str, Any]) -> ParametersOfModel:
    """Counted on a network without memory, built from the sizes that a paper gives and the real tokenizer's size."""
    import torch
    from transformers import BertConfig, BertModel, GPT2Config, GPT2LMHeadModel

    vocabulary = len(work.model_set.tokenizer(entry["tokenizer"]).raw_tokens())
    with torch.device("meta"):
        if entry["architecture"] == "decoder":
            sizes = {"n_embd": entry["dims"], "n_layer": entry["layers"], "n_positions": entry["positions"], "n_head": 1}
            network: Any = GPT2LMHeadModel(GPT2Config(vocab_size=vocabulary, **sizes))
        else:
            sizes = {"hidden_size": entry["dims"], "num_hidden_layers": entry["layers"], "intermediate_size": 4 * entry["dims"]}
            config = BertConfig(vocab_size=vocabulary, max_position_embeddings=entry["positions"], num_attention_heads=1, **sizes)
            network = BertModel(config)
    network.tie_weights()
    return _of_network(network, entry["name"], None, entry["source"], entry["architecture"], vocabulary, entry["layers"])


def _member(work: Workspace, role: Role) -> ParametersOfModel:
    model = work.model_set.model(role)
    facts = model.facts()
    return _of_network(model.network, facts.name, role, None, role, facts.vocabulary_size, facts.layers)


def _of_network(
    network: Any, name: str, role: Role | None, source: str | None, architecture: Any, vocabulary: int, layers: int
) -> ParametersOfModel:
    parts = counted(network.named_parameters())
    return ParametersOfModel(
        name=name,
        role=role,
        source=source,
        architecture=architecture,
        vocabulary=vocabulary,
        dims=parts["token embeddings"] // vocabulary,
        layers=layers,
        parts=parts,
        total=sum(parts.values()),
    )
