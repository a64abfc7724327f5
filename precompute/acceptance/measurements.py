"""Writes published_measurements: what others have measured on GPT-2 and BERT and no lesson needs, measured in the same way.

Only models of the architecture are measured, and only what their vocabulary has the tokens for.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from artefacts.schemas.published import Measurement, PublishedMeasurements
from precompute.context.networks import Reader, position_vectors, readers
from precompute.space import Space
from precompute.statistics_of import pearson, rounded
from precompute.workspace import Workspace

LAGS = (1, 100, 200)
COMPONENTS, DIMS = 3, 60
# C. McCormick and N. Ryan, "BERT word embeddings tutorial", 2019. All its segment ids are 1.
BANK_TEXT = "After stealing money from the bank vault, the bank robber was seen fishing on the Mississippi river bank."
LAST_LAYERS = 4
OPTIONS = {"lags": list(LAGS), "components": COMPONENTS, "dims": DIMS, "text": BANK_TEXT, "last_layers": LAST_LAYERS}


def export(work: Workspace) -> PublishedMeasurements:
    """Measures what the set's models allow: GPT-2's positions and dot products, BERT's banks, words of both.

    Names are those of figures.toml.
    """
    decoder, encoder = readers(work)
    found: dict[str, float] = {}
    if decoder.model.spec.architecture == "GPT-2":
        found |= dict(_positions(position_vectors(decoder.network)))
        found |= dict(_dot_products(work.space("decoder")))
    if encoder.model.spec.architecture == "BERT":
        found |= dict(_banks(encoder))
    found |= dict(_same_word(*work.spaces()))
    return PublishedMeasurements(measurements=[Measurement(name=name, value=rounded(value)) for name, value in found.items()])


def _positions(table: np.ndarray) -> Iterator[tuple[str, float]]:
    """table: [position, dim]."""
    centred = table - table.mean(axis=0)
    lengths = np.linalg.svd(centred, compute_uv=False) ** 2
    yield "positions: variance of three components", lengths[:COMPONENTS].sum() / lengths.sum()
    by_dim = np.sort(centred.var(axis=0))[::-1]
    yield "positions: variance of sixty dimensions", by_dim[:DIMS].sum() / by_dim.sum()
    units = table / np.linalg.norm(table, axis=1, keepdims=True)
    for lag in LAGS:
        if lag < len(units):
            yield f"positions: cosine at lag {lag}", (units[:-lag] * units[lag:]).sum(axis=1).mean()


def _dot_products(space: Space) -> Iterator[tuple[str, float]]:
    rows = _rows(space, "ĠCalifornia", "California")
    if rows is not None:
        yield "dot product of ĠCalifornia with California", rows[0] @ rows[1]
        yield "dot product of ĠCalifornia with itself", rows[0] @ rows[0]


def _same_word(decoder: Space, encoder: Space) -> Iterator[tuple[str, float]]:
    """The source's comparison: the rows of "the" without a space, axis with axis. Only where there are as many axes."""
    one, other = _rows(decoder, "the"), _rows(encoder, "the")
    if one is not None and other is not None and one.shape == other.shape:
        yield "correlation of the with the", pearson(one[0], other[0])


def _rows(space: Space, *raw: str) -> np.ndarray | None:
    """[token, dim] float64; None where the vocabulary lacks one."""
    place = {token: n for n, token in enumerate(space.raw_tokens)}
    return space.vectors[[place[token] for token in raw]].astype(np.float64) if all(token in place for token in raw) else None


def _banks(reader: Reader) -> Iterator[tuple[str, float]]:
    """Cosines of the tutorial's three banks, each the sum of its states after the last four layers."""
    import torch

    ids, bank = reader.ids(BANK_TEXT), reader.word_id("bank")
    places = [n for n, token in enumerate(ids) if token == bank]
    if len(places) != 3:
        return
    with torch.inference_mode():
        out = reader.network(torch.tensor([ids]), token_type_ids=torch.ones(1, len(ids), dtype=torch.long), output_hidden_states=True)
    vault, robber, river = torch.stack(out.hidden_states[-LAST_LAYERS:]).sum(dim=0)[0, places].numpy().astype(np.float64)
    for name, other in (("vault", vault), ("river", river)):
        yield f"bank: robber and {name}", robber @ other / (np.linalg.norm(robber) * np.linalg.norm(other))
