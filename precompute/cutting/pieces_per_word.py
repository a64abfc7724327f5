"""Writes pieces_per_word: into how many tokens words are cut, from the most frequent words to rare ones."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from artefacts.schemas.cutting import PiecesOfTokenizer, PiecesPerWord, RankBin
from precompute.progress import track
from precompute.statistics_of import rounded
from precompute.vocabularies import TOKENIZERS
from precompute.workspace import Workspace

SEED = 20250316
BINS = 24
SAMPLE = 800  # words a bin
FIRST_BIN = 50  # words in the first bin; the others are equally wide in the logarithm of the rank
OPTIONS = {"seed": SEED, "bins": BINS, "sample": SAMPLE, "first_bin": FIRST_BIN}

WORD_RULE = "Entries made of letters only; lower case, as the list has them."


def export(work: Workspace) -> PiecesPerWord:
    """Mean number of tokens a word in bins of rank, from a seeded sample of each, for every tokenizer."""
    source, words = ranked_words(work)
    samples = _samples(words)
    return PiecesPerWord(
        source=source,
        word_rule=WORD_RULE,
        seed=SEED,
        bins=[RankBin(first_rank=first + 1, last_rank=last, words=len(sample)) for first, last, sample in samples],
        by_tokenizer=[
            _of_tokenizer(work, name, [[words[i] for i in sample] for _, _, sample in samples])
            for name in track(TOKENIZERS, "cutting words", len(TOKENIZERS))
        ],
    )


def ranked_words(work: Workspace) -> tuple[str, list[str]]:
    """Where the ranks come from, one sentence, and the words from frequent to rare.

    The static vectors' list if the set has one, else the whole words of BERT's vocabulary, whose ids follow frequency roughly.
    """
    if "static" in work.model_set.members:
        model = work.model_set.model("static")
        return f"Ranks are places in the vocabulary of {model.spec.name}, which lists words by frequency.", model.raw_tokens()
    tokens = work.model_set.tokenizer("bert").raw_tokens()
    words = [t for t in tokens if t.isalpha() and len(t) > 1]
    return "Ranks are places among the whole words of BERT's vocabulary, whose order follows frequency roughly.", words


def _samples(words: list[str]) -> list[tuple[int, int, np.ndarray]]:
    """(from, to, sampled positions) of each bin of ranks; a bin without words of letters is left out."""
    generator = np.random.default_rng(SEED)
    first = min(FIRST_BIN, len(words))
    edges = [0, *np.unique(np.geomspace(first, len(words), BINS).round().astype(int)).tolist()]
    letters = np.array([word.isalpha() for word in words])
    samples = []
    for low, high in pairwise(edges):
        found = low + np.flatnonzero(letters[low:high])
        if len(found):
            samples.append((low, high, np.sort(generator.permutation(found)[:SAMPLE])))
    return samples


def _of_tokenizer(work: Workspace, name: str, samples: list[list[str]]) -> PiecesOfTokenizer:
    part: Any = work.model_set.tokenizer(name)
    spaced = part.kind == "byte_level_bpe"

    def counted(capital: bool) -> list[np.ndarray]:
        texts = [[word.capitalize() if capital else word for word in sample] for sample in samples]
        return [np.array([len(part.tokenize(f" {text}" if spaced else text)) for text in found]) for found in texts]

    counts = counted(capital=False)
    best = [np.minimum(lower, capital) for lower, capital in zip(counts, counted(capital=True), strict=True)]
    return PiecesOfTokenizer(
        tokenizer=name,
        name=part.spec.name,
        kind=part.kind,
        leading_space=spaced,
        mean_pieces=[rounded(number.mean(), 4) for number in counts],
        mean_pieces_best_case=[rounded(number.mean(), 4) for number in best],
        whole=[rounded((number == 1).mean(), 4) for number in counts],
    )
