"""Writes attention_maps and attention_sinks: all weights of the source's sentence, and where weight goes on average."""

from __future__ import annotations

import numpy as np

from artefacts.packing import pack
from artefacts.schemas.attention import AttentionMaps, AttentionOfModel, AttentionSinks, SinkLayer, SinksOfModel
from precompute.context.networks import Reader, Run, readers
from precompute.statistics_of import rounded
from precompute.workspace import Workspace

UNITS = 65_535  # of which a weight is kept as a whole number in 16 bits: the error is below a hundred-thousandth
FEWEST_SEEN = 3  # a query that sees fewer tokens has little choice
OPTIONS = {"units": UNITS}
SINK_OPTIONS = {"fewest_seen": FEWEST_SEEN}


def export_maps(work: Workspace) -> AttentionMaps:
    """All weights of both models for the source's sentence, [layer, head, query, key], packed into 16 bits."""
    text = work.words("bank_sentences")["experiment"]["text"]
    return AttentionMaps(text=text, error_bound=0.5 / UNITS, by_model=[_map_of(reader, text) for reader in readers(work)])


def export_sinks(work: Workspace) -> AttentionSinks:
    """How much weight the ends of a text get in each layer, on average over the sentences."""
    texts = [sentence["text"] for sentence in work.words("bank_sentences")["sentences"]]
    return AttentionSinks(sentences=len(texts), by_model=[_sinks_of(reader, texts) for reader in readers(work)])


def places_of(reader: Reader, ids: list[int]) -> list[int | None]:
    """[token], which word piece of the text it is, from 0; None for tokens that were added around it."""
    added = int(reader.adds_specials)
    return [n - added if added <= n < len(ids) - added else None for n in range(len(ids))]


def _map_of(reader: Reader, text: str) -> AttentionOfModel:
    run = reader.run(text)
    weights = np.rint(run.attention.astype(np.float64) * UNITS).astype(np.uint16)
    return AttentionOfModel(role=reader.role, tokens=reader.tokens(run.ids), places=places_of(reader, run.ids), weights=pack(weights))


def _sinks_of(reader: Reader, texts: list[str]) -> SinksOfModel:
    runs = [reader.run(text) for text in texts]
    queries = [(run, q) for run in runs for q in range(len(run.ids)) if _seen(reader, run, q) >= FEWEST_SEEN]
    rows = np.stack([_kinds(run, q) for run, q in queries]).astype(np.float64)  # [query, kind, layer, head]
    by_head = rows.mean(axis=0)
    alike = [_alike(runs, place) for place in (0, 1)]
    layers = []
    for layer in range(by_head.shape[1]):
        first, last, itself, previous = (rounded(x, 4) for x in by_head[:, layer].mean(axis=1))
        on_first = by_head[0, layer]
        layers.append(
            SinkLayer(
                layer=layer + 1,
                first=first,
                last=last,
                itself=itself,
                previous=previous,
                rest=rounded(max(0.0, 1 - first - last - itself - previous), 4),
                heads_on_first=rounded((on_first > 0.5).mean(), 4),
                busiest_head=int(on_first.argmax()) + 1,
                busiest_head_first=rounded(on_first.max(), 4),
                first_alike=rounded(alike[0][layer + 1], 4),
                second_alike=rounded(alike[1][layer + 1], 4),
            )
        )
    return SinksOfModel(
        role=reader.role,
        first_token=reader.token(reader.frame[0]).raw if reader.frame else "the first token",
        last_token=reader.token(reader.frame[1]).raw if reader.frame else None,
        uniform_first=rounded(np.mean([1 / _seen(reader, run, q) for run, q in queries]), 4),
        layers=layers,
    )


def _alike(runs: list[Run], place: int) -> np.ndarray:
    """[layer + 1], mean cosine of the states at a place over pairs of texts; each token that stands there is taken once per text."""
    states = np.stack([run.states[:, place] for run in runs], axis=1).astype(np.float64)
    unit = states / np.linalg.norm(states, axis=2, keepdims=True)
    cosines = unit @ unit.transpose(0, 2, 1)  # [layer, text, text]
    return np.array([square[np.triu_indices(len(runs), k=1)].mean() for square in cosines])


def _seen(reader: Reader, run: Run, query: int) -> int:
    return query + 1 if reader.role == "decoder" else len(run.ids)


def _kinds(run: Run, query: int) -> np.ndarray:
    """[kind, layer, head]: weight on the first token, the last, the query itself and the one before it, each token counted once."""
    row = run.attention[:, :, query]  # [layer, head, key]
    last = row.shape[2] - 1
    kinds = np.zeros((4, *row.shape[:2]))
    for key in range(row.shape[2]):
        kind = 0 if key == 0 else 2 if key == query else 1 if key == last else 3 if key == query - 1 else None
        if kind is not None:
            kinds[kind] += row[:, :, key]
    return kinds
