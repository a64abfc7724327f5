"""What was exported of a sentence for the attention explorer, compared number by number with transformers itself."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from artefacts.attention_weights import DEPTH_ERROR, OVERVIEW_ERROR, from_cells, whole
from artefacts.envelope import read_artefact
from artefacts.packing import unpack
from artefacts.schemas.attention_explorer import AttentionFile
from artefacts.tokens import token_text
from precompute.attention.texts import Text, read
from precompute.context.networks import Reader
from precompute.workspace import Workspace
from tests.support import ROOT

DATA = ROOT / "content" / "data" / "smollm2-minilm"
FLOAT_ERROR = 2e-6  # sums of 32 bits on another processor


@cache
def artefact(name: str, folder: Path = DATA) -> Any:
    return read_artefact(folder / f"{name}.json")[1]


def shard(number: int, folder: Path = DATA, name: str = "attention_sentences") -> AttentionFile:
    return AttentionFile.model_validate_json((folder / name / f"{number:04d}.json").read_bytes())


def of_role(entries: Any, role: str) -> Any:
    return next(entry for entry in entries if entry.role == role)


def transformers_itself(work: Workspace, entry: Any, segments: list[int] | None = None, tokens: Any = None) -> Any:
    """The library's own output for the tokens of a sentence."""
    options = {"token_type_ids": torch.tensor([segments])} if segments else {}
    ids = torch.tensor([[token.id for token in tokens or entry.tokens]])
    network = work.model_set.model(entry.role).network
    with torch.inference_mode():
        return network(ids, output_attentions=True, output_hidden_states=True, **options)


def segments_of(entry: Any) -> list[int]:
    """0 up to the first [SEP], 1 after it."""
    first = next((n for n, token in enumerate(entry.tokens) if token.raw == "[SEP]"), len(entry.tokens))
    return [int(n > first) for n in range(len(entry.tokens))]


def weights_of(entry: Any, folder: Path = DATA) -> tuple[np.ndarray, np.ndarray]:
    """[layer, head, query, key] from far, and with both bytes."""
    coarse = unpack(shard(entry.overview, folder).overview.weights)
    fine = np.concatenate([unpack(shard(number, folder).depth.remainders) for number in entry.depth])
    both = whole(coarse, fine)
    return tuple(from_cells(values, len(entry.tokens), entry.causal) for values in (coarse / 255, both))


def compare_sentence(work: Workspace, sentence: Any, folder: Path) -> None:
    """Everything that was exported of a sentence, against the library."""
    for entry in sentence.by_model:
        reader = Reader(work, entry.role)
        text = Text(sentence.text, sentence.second)
        reading = read(reader, text)
        assert reading.ids == [token.id for token in entry.tokens]
        pair = entry.role == "encoder" and sentence.second is not None
        assert reading.segments == (segments_of(entry) if pair else [0] * len(entry.tokens))
        out = transformers_itself(work, entry, reading.segments if entry.role == "encoder" else None)
        theirs = torch.stack(out.attentions)[:, 0].numpy().astype(np.float64)
        coarse, fine = weights_of(entry, folder)
        assert coarse.shape == fine.shape == theirs.shape
        assert np.abs(coarse - theirs).max() <= OVERVIEW_ERROR
        assert np.abs(fine - theirs).max() <= DEPTH_ERROR + FLOAT_ERROR
        if entry.causal:
            assert not theirs[:, :, *np.triu_indices(len(entry.tokens), k=1)].any()
        overview = shard(entry.overview, folder).overview
        entropies = unpack(overview.entropies) / 65_535 * overview.entropy_max
        plain = [[-sum(w * math.log2(w) for row in head for w in row if w > 0) / len(head) for head in layer] for layer in theirs.tolist()]
        assert np.abs(entropies - plain).max() < 1e-3
        mixed = (theirs.mean(axis=1) + np.eye(len(entry.tokens))) / 2
        rolled, product = [], np.eye(len(entry.tokens))
        for layer in mixed:
            product = layer @ product
            rolled.append(product)
        ours = from_cells(unpack(overview.rollout) / 255, len(entry.tokens), entry.causal)
        assert np.abs(ours - np.stack(rolled)).max() <= OVERVIEW_ERROR
        compare_products(entry, theirs, folder)
        for number, offer in zip(entry.changes, sentence.changes, strict=True):
            compare_change(work, entry, out, shard(number, folder).changed, offer, reading.segments)


def compare_products(entry: Any, theirs: np.ndarray, folder: Path) -> None:
    """Queries and keys give the weights of their head again, by the formula alone."""
    for named in entry.products:
        part = shard(named.file, folder).products
        assert (part.layer, part.head) == (named.layer, named.head)
        q = unpack(part.queries) / 32_767 * np.array(part.query_scales)[:, None]
        k = unpack(part.keys) / 32_767 * np.array(part.key_scales)[:, None]
        for query, row in enumerate(theirs[named.layer - 1, named.head - 1]):
            seen = range(query + 1) if entry.causal else range(len(row))
            powers = [math.exp(float(q[query] @ k[key]) / math.sqrt(q.shape[1])) for key in seen]
            made = np.array(powers) / sum(powers)
            assert np.abs(made - row[list(seen)]).max() <= 0.001


def compare_change(work: Workspace, entry: Any, before: Any, changed: Any, offer: Any, segments: list[int]) -> None:
    after = transformers_itself(work, entry, segments if entry.role == "encoder" else None, changed.tokens)
    weights = [torch.stack(out.attentions)[:, 0].numpy().astype(np.float64) for out in (before, after)]
    ours = from_cells(unpack(changed.weights) / 255, len(entry.tokens), entry.causal)
    assert np.abs(ours - weights[1]).max() <= OVERVIEW_ERROR
    elsewhere = np.abs(weights[1] - weights[0]).sum(axis=3).mean(axis=2) / 2
    assert np.abs(np.array(changed.rows_moved) - elsewhere).max() <= 0.0006
    h, other = (torch.stack(out.hidden_states)[:, 0].numpy().astype(np.float64) for out in (before, after))
    moved = np.linalg.norm(other - h, axis=2) / np.linalg.norm(h, axis=2)
    assert np.abs(np.array(changed.movement) - moved).max() <= 0.002
    differ = [n for n, (a, b) in enumerate(zip(entry.tokens, changed.tokens, strict=True)) if a.id != b.id]
    assert changed.changed == differ
    assert differ
    if entry.causal:
        assert not np.array(changed.movement)[:, : differ[0]].any()
    kind = "wordpiece" if entry.role == "encoder" else "byte_level_bpe"
    assert offer.other.lower() in "".join(token_text(token.raw, kind) for token in changed.tokens).lower()
