"""Writes quantised_copies: the encoder's matrix put into the decoder's 8-bit format and into a 4-bit one, and what that moves."""

from __future__ import annotations

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType
from gguf.quants import dequantize, quantize

from artefacts.schemas.scores import BitFormat, QuantisedCopies
from precompute.rsa.coefficients import coefficient
from precompute.rsa.inference import bootstrap
from precompute.rsa.rdms import dissimilarities
from precompute.scores.spaces import COEFFICIENT, RESAMPLES, SEED, WORD_LISTS, published_words
from precompute.space import Space, unit_rows
from precompute.statistics_of import rounded
from precompute.workspace import Workspace

FORMATS = ("Q8_0", "Q4_1")
BLOCK = 32  # numbers that share one scale (and, in Q4_1, one offset)
SAMPLED, NEIGHBOURS = 1000, 20
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95, 0.999)
LISTS = WORD_LISTS[:1]
OPTIONS = {
    "coefficient": COEFFICIENT,
    "resamples": RESAMPLES,
    "seed": SEED,
    "formats": list(FORMATS),
    "sampled": SAMPLED,
    "neighbours": NEIGHBOURS,
    "quantiles": list(LEVELS),
}


def export(work: Workspace) -> QuantisedCopies:
    """Changes of vectors, neighbours and scores by quantisation, with the interval of the score beside them."""
    words = published_words(work)
    encoder, decoder = work.space("encoder"), work.space("decoder")
    sampled = np.sort(np.random.default_rng(SEED).choice(encoder.whole_words, min(SAMPLED, len(encoder.whole_words)), replace=False))
    before = _cosines(encoder.vectors, sampled)
    theirs, ours = (dissimilarities(words.vectors[role]) for role in ("decoder", "encoder"))
    interval = bootstrap(theirs, ours, COEFFICIENT, resamples=RESAMPLES, seed=SEED)
    own_format = work.model_set.model("decoder").spec.quantisation
    return QuantisedCopies(
        block=BLOCK,
        sampled_words=len(sampled),
        tokens=len(encoder),
        k=NEIGHBOURS,
        words=len(words),
        score=rounded(coefficient(COEFFICIENT, theirs, ours), 6),
        low=rounded(interval.low, 4),
        high=rounded(interval.high, 4),
        decoder_again=_change_of_decoder(decoder) if own_format and "Q8_0" in own_format else None,
        formats=[_format(name, encoder, sampled, before, words.token_ids["encoder"], theirs, ours) for name in FORMATS],
    )


def read_back(matrix: np.ndarray, name: str) -> np.ndarray:
    """[token, dim] float32: the matrix in a GGUF format, and out of it again.

    Rows are cut into blocks. A row that is no whole number of blocks is filled up with its last value for the time being, which changes
    neither the largest nor the smallest number of a block.
    """
    kind = GGMLQuantizationType[name]
    dims = matrix.shape[1]
    filled = np.pad(matrix, ((0, 0), (0, -dims % BLOCK)), mode="edge")
    return dequantize(quantize(np.ascontiguousarray(filled), kind), kind)[:, :dims]


def _change_of_decoder(decoder: Space) -> float:
    again = read_back(decoder.vectors, "Q8_0")
    return float(f"{np.abs(again - decoder.vectors).max():.3g}")


def _cosines(matrix: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """[row, token], float32: exact cosines of some rows with all; a row's own is -2, below any other."""
    units = unit_rows(matrix)
    cosines = (units[rows] @ units.T).astype(np.float32)
    cosines[np.arange(len(rows)), rows] = -2
    return cosines


def _nearest(cosines: np.ndarray) -> np.ndarray:
    """[row, k], ids, best first, ties by id."""
    if cosines.shape[1] <= NEIGHBOURS:
        return np.argsort(-cosines, axis=1, kind="stable")
    least = np.partition(cosines, -NEIGHBOURS, axis=1)[:, -NEIGHBOURS]
    found = []
    for row, bound in zip(cosines, least, strict=True):
        candidates = np.flatnonzero(row >= bound)  # by id; more than are wanted where the last ones are equal
        found.append(candidates[np.argsort(-row[candidates], kind="stable")][:NEIGHBOURS])
    return np.stack(found)


def _format(
    name: str, encoder: Space, sampled: np.ndarray, before: np.ndarray, ids: np.ndarray, theirs: np.ndarray, ours: np.ndarray
) -> BitFormat:
    """before: [row, token] cosines of the original; ids: [word] of the RSA; theirs, ours: [pair] of decoder and encoder."""
    copy = read_back(encoder.vectors, name)
    after = _cosines(copy, sampled)
    others = np.ones(before.shape, dtype=bool)
    others[np.arange(len(sampled)), sampled] = False
    changes = np.abs(after - before)[others].astype(np.float64)
    first, second = _nearest(before), _nearest(after)
    kept = np.array([len(np.intersect1d(a, b)) for a, b in zip(first, second, strict=True)]) / first.shape[1]
    pairs = dissimilarities(copy[ids])
    size, packed = GGML_QUANT_SIZES[GGMLQuantizationType[name]]
    error = np.linalg.norm(copy.astype(np.float64) - encoder.vectors) / np.linalg.norm(encoder.vectors.astype(np.float64))
    return BitFormat(
        name=name,
        bits=packed * 8 / size,
        relative_error=rounded(error, 6),
        largest_change=rounded(changes.max(), 6),
        mean_change=rounded(changes.mean(), 7),
        change_quantiles=[rounded(value, 7) for value in np.quantile(changes, LEVELS)],
        same_neighbours=rounded((kept == 1).mean(), 4),
        kept_neighbours=rounded(kept.mean(), 5),
        same_nearest=rounded((first[:, 0] == second[:, 0]).mean(), 4),
        score_with_decoder=rounded(coefficient(COEFFICIENT, theirs, pairs), 6),
        score_with_original=rounded(coefficient(COEFFICIENT, ours, pairs), 6),
    )
