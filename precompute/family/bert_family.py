"""Writes bert_family: the parameters of BERT and its relatives, counted in networks that are built without weights."""

from __future__ import annotations

from typing import Any

from artefacts.schemas.family import BertFamily, FamilyModel
from precompute.workspace import Workspace

WORD_LIST = "bert_family"


def export(work: Workspace) -> BertFamily:
    """Counts by part for each listed model and for the set's own encoder; shared matrices count once."""
    models = [_counted(entry, _config(entry)) for entry in work.words(WORD_LIST)["model"]]
    own = work.model_set.model("encoder")
    entry = {"name": own.spec.name, "group": "here", "source": None}
    return BertFamily(models=[*models, _counted(entry, own.network.config)])


def _config(entry: dict[str, Any]) -> Any:
    import transformers

    return getattr(transformers, entry["class"])(**entry["sizes"])


def _counted(entry: dict[str, Any], config: Any) -> FamilyModel:
    """Build the network on the device `meta`, which keeps shapes and no numbers, and add up its parameters by what they are for."""
    import torch
    from transformers import AutoModel

    with torch.device("meta"):
        network = AutoModel.from_config(config)
    shapes = {name: tuple(parameter.shape) for name, parameter in network.named_parameters()}
    counts = dict.fromkeys(("token", "factor", "other", "layer", "pooler"), 0)
    for name, parameter in network.named_parameters():
        counts[_part(name)] += parameter.numel()
    vocabulary, embedding_width = next(shape for name, shape in shapes.items() if _part(name) == "token")
    layers = int(config.num_hidden_layers)
    return FamilyModel(
        name=entry["name"],
        group=entry["group"],
        source=entry["source"],
        vocabulary=vocabulary,
        width=int(config.hidden_size),
        embedding_width=embedding_width,
        layers=layers,
        layers_stored=int(getattr(config, "num_hidden_groups", layers)),
        token_parameters=counts["token"],
        factor_parameters=counts["factor"],
        other_embedding_parameters=counts["other"],
        layer_parameters=counts["layer"],
        pooler_parameters=counts["pooler"],
        parameters=sum(counts.values()),
        published_millions=entry.get("published"),
    )


def _part(name: str) -> str:
    """What a parameter is for, from its name in the library."""
    if "word_embeddings" in name or "tok_embeddings" in name:
        return "token"
    if "embedding_hidden_mapping_in" in name:
        return "factor"
    if name.startswith("embeddings."):
        return "other"
    return "pooler" if name.startswith("pooler.") else "layer"
