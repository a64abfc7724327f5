"""Writes same_word: do the rows that two models have for one word correlate?

A correlation pairs the dimensions of two vectors. Between two models no pairing is given by anything: training starts from random
numbers. Under independence the correlation of n pairs has mean 0 and standard deviation 1 / sqrt(n - 1).
"""

from __future__ import annotations

import math

import numpy as np

from artefacts.schemas.matrices import CorrelationSample, SameWord
from precompute.correlations import row_correlations
from precompute.space import Space
from precompute.statistics_of import aligned_histogram, pearson, rounded
from precompute.workspace import Workspace

SEED = 20250316
WORD = "the"  # the source's
PAIRINGS = 2000
PUBLISHED_DIMS = 768  # of GPT-2 and BERT
PUBLISHED_SOURCE = 0.15  # printed in the source's text
PUBLISHED_RERUN = -0.0724  # the same two rows (BERT 1996, GPT-2 1169), from a public re-run of the source's code
BIN = 0.01
OPTIONS = {"seed": SEED, "word": WORD, "pairings": PAIRINGS}


def export(work: Workspace) -> SameWord:
    """Pearson correlations of the two rows of each word that both have, over as many dimensions as the narrower has, beside a shuffle."""
    decoder, encoder = work.spaces()
    generator = np.random.default_rng(SEED)
    widths = decoder.vectors.shape[1], encoder.vectors.shape[1]
    dims = min(widths)
    ids = {space.role: work.model_set.model(space.role).word_token(WORD, True) for space in (decoder, encoder)}
    first, second = shared_rows(decoder, encoder)
    partners = generator.permutation(len(second))
    both = ids["decoder"] is not None and ids["encoder"] is not None
    x, y = (space.vectors[ids[space.role]].astype(np.float64) if both else None for space in (decoder, encoder))
    return SameWord(
        seed=SEED,
        word=WORD,
        decoder_token=None if ids["decoder"] is None else decoder.token(ids["decoder"]),
        encoder_token=None if ids["encoder"] is None else encoder.token(ids["encoder"]),
        decoder_dims=widths[0],
        encoder_dims=widths[1],
        dims=dims,
        widths_equal=widths[0] == widths[1],
        null_standard_deviation=rounded(1 / math.sqrt(dims - 1)),
        published_dims=PUBLISHED_DIMS,
        published_null_standard_deviation=rounded(1 / math.sqrt(PUBLISHED_DIMS - 1)),
        published_source=PUBLISHED_SOURCE,
        published_rerun=PUBLISHED_RERUN,
        first_pairing=rounded(pearson(x[:dims], y[:dims])) if both else None,
        pairings=_sample(np.array([pearson(*_paired(x, y, dims, generator)) for _ in range(PAIRINGS)])) if both else None,
        same_word=_sample(row_correlations(first[:, :dims], second[:, :dims])),
        other_word=_sample(row_correlations(first[:, :dims], second[partners, :dims])),
        shared_words=len(first),
        space_twin_cosine=_space_twin_cosine(work, decoder),
    )


def shared_rows(decoder: Space, encoder: Space) -> tuple[np.ndarray, np.ndarray]:
    """[word, dim] twice, float64: rows of the whole words, lower case, that are single tokens in both."""
    ids = [{space.texts[i].removeprefix(" "): int(i) for i in space.whole_words[::-1]} for space in (decoder, encoder)]
    words = [word for word in ids[0] if word in ids[1] and word.islower()]
    return tuple(space.vectors[[of[word] for word in words]].astype(np.float64) for space, of in zip((decoder, encoder), ids, strict=True))


def _paired(x: np.ndarray, y: np.ndarray, dims: int, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Some `dims` dimensions of x in random order, beside some of y."""
    return x[generator.permutation(len(x))[:dims]], y[generator.permutation(len(y))[:dims]]


def _sample(values: np.ndarray) -> CorrelationSample:
    return CorrelationSample(
        count=len(values),
        mean=rounded(values.mean()),
        standard_deviation=rounded(values.std()),
        histogram=aligned_histogram(values, BIN),
    )


def _space_twin_cosine(work: Workspace, space: Space) -> float | None:
    """Cosine of the word with and without its space, where both are single tokens."""
    model = work.model_set.model(space.role)
    ids = [model.word_token(WORD, spaced) for spaced in (True, False)]
    if None in ids or ids[0] == ids[1]:
        return None
    return rounded(space.units[ids[0]] @ space.units[ids[1]])
