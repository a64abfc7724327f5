"""Writes rounding_draws: how far rounding of the size that the copy of a decoder has moves what it says.

The original is not at hand, so nobody can say how far it is from its copy. What can be had are other weights that rounding would make
into just this copy: each number is drawn evenly from those that round to it. They are as far from the copy as the original was, if its
numbers lay evenly between the steps. Changes by chance mostly make a trained network worse, so they do not say on which side it lies.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from artefacts.schemas.writing import RoundingDraw, RoundingDraws
from precompute.statistics_of import rounded
from precompute.workspace import Workspace
from precompute.writing.language_model import LanguageModel, open_language_model, significant, surprisals

SEED, DRAWS = 5, 10
BLOCK = 32  # numbers that share one scale (and, in Q4_1, one offset)
LOOKED_AT = 64  # rows of a matrix, to tell its format
OPTIONS = {"seed": SEED, "draws": DRAWS}


def export(work: Workspace) -> RoundingDraws:
    """A word's probability and the bits of some texts, as the copy has them and with weights drawn anew."""
    model, lists = open_language_model(work), work.words("reading_and_writing")["rounding"]
    matrices = [(weight, format_of(weight.detach().numpy())) for weight in model.network.parameters() if weight.dim() == 2]
    matrices = [(weight, kind) for weight, kind in matrices if kind]
    kept = [weight.detach().clone() for weight, _ in matrices]
    as_it_is, draws, errors = _said(model, lists), [], []
    try:
        for draw in range(DRAWS if matrices else 0):
            errors.append(_put(matrices, [weight.numpy() for weight in kept], draw))
            draws.append(_said(model, lists))
    finally:
        for (weight, _), before in zip(matrices, kept, strict=True):
            weight.data.copy_(before)
    return RoundingDraws(
        context=lists["context"],
        word=lists["word"],
        texts=lists["texts"],
        seed=SEED,
        formats=dict(sorted(Counter(kind for _, kind in matrices).items())),
        relative_error=rounded(np.mean(errors), 4) if errors else None,
        copy_as_it_is=as_it_is,
        draws=draws,
    )


def _said(model: LanguageModel, lists: dict[str, Any]) -> RoundingDraw:
    word = model.ids(f" {lists['word']}")[0]
    row = model.probabilities(model.started(model.ids(lists["context"])))[-1]
    bits = [surprisals(model, model.started(model.ids(text))).sum() for text in lists["texts"]]
    return RoundingDraw(probability=significant(row[word]), total_bits=[rounded(value, 4) for value in bits])


def _put(matrices: list[tuple[Any, str]], kept: list[np.ndarray], draw: int) -> float:
    """Fill the network's matrices with drawn weights. The length of the change over that of the weights."""
    import torch

    changed, whole = 0.0, 0.0
    for number, ((weight, kind), before) in enumerate(zip(matrices, kept, strict=True)):
        drawn = drawn_before_rounding(before, kind, np.random.default_rng([SEED, draw, number]))
        changed += float(np.square(drawn - before, dtype=np.float64).sum())
        whole += float(np.square(before, dtype=np.float64).sum())
        weight.data.copy_(torch.from_numpy(drawn))
    return (changed / whole) ** 0.5


def format_of(matrix: np.ndarray) -> str | None:
    """The GGUF format whose steps the numbers of a matrix [row, column] lie on; None where they lie on no steps of those we know."""
    if matrix.shape[1] % BLOCK:
        return None
    blocks = matrix[:LOOKED_AT].reshape(-1, BLOCK).astype(np.float64)
    for kind in ("Q4_1", "Q8_0"):
        lowest, _, step = _steps(blocks, kind)
        codes = np.divide(blocks - lowest, step, out=np.zeros_like(blocks), where=step > 0)
        if np.abs(codes - np.rint(codes)).max() < 0.01:
            return kind
    return None


def drawn_before_rounding(matrix: np.ndarray, kind: str, generator: np.random.Generator) -> np.ndarray:
    """[row, column] float32: numbers drawn evenly from those that rounding to `kind` makes into `matrix`.

    A block's steps hang on its lowest and highest number, so one of each stays; any other there was drawn from inside.
    """
    blocks = matrix.reshape(-1, BLOCK)
    lowest, highest, step = _steps(blocks, kind)
    shift = (generator.random(blocks.shape, dtype=np.float32) - np.float32(0.5)) * step
    at_top, at_bottom = blocks >= highest - step / 2, blocks <= lowest + step / 2
    shift = np.where(at_top, -np.abs(shift), np.where(at_bottom, np.abs(shift), shift))
    rows = np.arange(len(blocks))
    ends = (np.abs(blocks).argmax(axis=1),) if kind == "Q8_0" else (blocks.argmin(axis=1), blocks.argmax(axis=1))
    for end in ends:
        shift[rows, end] = 0
    return (blocks + shift).astype(np.float32).reshape(matrix.shape)


def _steps(blocks: np.ndarray, kind: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """([block, 1] lowest and highest number that the format can hold, [block, 1] its step), from a block's own numbers.

    Q8_0: whole numbers from -127 to 127 times a step; Q4_1: sixteen steps from the lowest number to the highest (ggml-quants.c).
    """
    if kind == "Q8_0":
        largest = np.abs(blocks).max(axis=1, keepdims=True)
        return -largest, largest, largest / 127
    lowest, highest = blocks.min(axis=1, keepdims=True), blocks.max(axis=1, keepdims=True)
    return lowest, highest, (highest - lowest) / 15
