"""Writes pretraining_heads: what BERT's two heads say, where the set's encoder has them; else what others have published.

A model that was taken further, such as a sentence encoder, has lost both heads: they are not in its file.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from artefacts.schemas.reading import MaskExample, PairExample, Prediction, PretrainingHeads
from artefacts.tokens import token_text
from precompute.statistics_of import rounded
from precompute.workspace import Workspace

TOP = 5
# The model card of bert-base-uncased prints these; it is cited where they are shown.
PUBLISHED_MODEL = "bert-base-uncased"
PUBLISHED = {
    "Hello I'm a [MASK] model.": {
        "fashion": 0.1073106899857521,
        "role": 0.08774490654468536,
        "new": 0.05338378623127937,
        "super": 0.04667217284440994,
        "fine": 0.027095865458250046,
    }
}


def export(work: Workspace) -> PretrainingHeads:
    """Predictions for masked words and pairs of sentences; where the encoder's file lacks a head, published numbers that say so."""
    words, encoder = work.words("reading_and_writing"), work.model_set.model("encoder")
    network, mask_head, pair_head = open_heads(encoder.folder) if has_heads(encoder.folder) else (None, False, False)
    pairs = [tuple(pair) for pair in words["pair_head"]["pairs"]]
    return PretrainingHeads(
        model=encoder.spec.name if mask_head else PUBLISHED_MODEL,
        mask_head=mask_head,
        pair_head=pair_head,
        masks=[_fill(network, encoder, text) for text in words["mask_head"]["texts"]] if mask_head else _published(),
        pairs=[
            PairExample(first=first, second=second, is_next=_is_next(network, encoder, first, second) if pair_head else None)
            for first, second in pairs
        ],
    )


def _published() -> list[MaskExample]:
    return [
        MaskExample(text=text, predictions=[Prediction(text=word, probability=rounded(p)) for word, p in words.items()])
        for text, words in PUBLISHED.items()
    ]


def has_heads(folder: Path) -> bool:
    """Whether the model's own configuration says that it was saved with BERT's head for masked words."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    named = config.get("architectures") or []
    return config.get("model_type") == "bert" and any(name in ("BertForMaskedLM", "BertForPreTraining") for name in named)


def open_heads(folder: Path) -> tuple[Any, bool, bool]:
    """(network with both heads, whether the file has the head for masked words, whether it has the one for pairs)."""
    import torch
    from transformers import BertForPreTraining

    network, info = BertForPreTraining.from_pretrained(folder, local_files_only=True, dtype=torch.float32, output_loading_info=True)
    missing = set(info["missing_keys"])
    return network.eval(), "cls.predictions.transform.dense.weight" not in missing, "cls.seq_relationship.weight" not in missing


def _fill(network: Any, encoder: Any, text: str) -> MaskExample:
    """The most probable tokens in place of [MASK]."""
    import torch

    raw, ids, _ = _ids(encoder, text, None)
    place = ids.index(raw.index("[MASK]"))
    with torch.inference_mode():
        logits = network(torch.tensor([ids])).prediction_logits[0, place]
    probabilities = torch.softmax(logits.double(), dim=-1).numpy()
    best = sorted(range(len(probabilities)), key=lambda i: (-probabilities[i], i))[:TOP]
    kind = encoder.tokenizer_kind
    shown = [Prediction(text=token_text(raw[i], kind), probability=rounded(probabilities[i])) for i in best]
    return MaskExample(text=text, predictions=shown)


def _is_next(network: Any, encoder: Any, first: str, second: str) -> float:
    """The probability of the first label, which is "is next" in BERT's own program."""
    import torch

    _, ids, segments = _ids(encoder, first, second)
    with torch.inference_mode():
        logits = network(torch.tensor([ids]), token_type_ids=torch.tensor([segments])).seq_relationship_logits[0]
    return rounded(torch.softmax(logits.double(), dim=-1)[0].item())


def _ids(encoder: Any, first: str, second: str | None) -> tuple[list[str], list[int], list[int]]:
    """(vocabulary, ids with special tokens, segments)."""
    raw = encoder.raw_tokens()
    cls, sep = raw.index("[CLS]"), raw.index("[SEP]")
    ids = [cls, *encoder.tokenize(first), sep]
    segments = [0] * len(ids)
    if second is not None:
        more = [*encoder.tokenize(second), sep]
        ids, segments = ids + more, segments + [1] * len(more)
    return raw, ids, segments
