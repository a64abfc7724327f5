"""Writes next_token_steps and next_word_chances: what the decoder expects at each place of a text, and after a beginning.

The chain rule: the probability of a text is the product of those of its tokens, each given the ones before it. In bits, a sum.
"""

from __future__ import annotations

import math

import numpy as np

from artefacts.schemas.parts import TokenRef
from artefacts.schemas.writing import NextTokenSteps, NextWordChances, NextWords, Step, TextSteps, WordChance
from precompute.statistics_of import rounded
from precompute.workspace import Workspace
from precompute.writing.language_model import CHAT, LanguageModel, entropy_bits, open_language_model, rank, significant

CANDIDATES = 8
OPTIONS = {"candidates": CANDIDATES}


def export_steps(work: Workspace) -> NextTokenSteps:
    """For each place of each text the probable tokens, and the surprisal of the one that comes."""
    model = open_language_model(work)
    texts = work.words("reading_and_writing")["chain"]["texts"]
    return NextTokenSteps(start=model.start, texts=[_steps(model, text) for text in texts])


def _steps(model: LanguageModel, text: str) -> TextSteps:
    """Every token of the text but what has nothing before it."""
    ids = model.started(model.ids(text))
    expected = model.probabilities(ids)
    steps = []
    for place, token in enumerate(ids[1:]):
        row = expected[place]
        steps.append(
            Step(
                token=model.token(token),
                probability=significant(row[token]),
                surprisal_bits=rounded(-math.log2(row[token])),
                rank=rank(row, token),
                entropy_bits=rounded(entropy_bits(row)),
                candidates=model.candidates(row, CANDIDATES),
            )
        )
    return TextSteps(text=text, steps=steps, total_bits=rounded(sum(step.surprisal_bits for step in steps)))


def export_chances(work: Workspace) -> NextWordChances:
    """After each beginning, once with nothing before it and once after each start token that the vocabulary has."""
    model, lists = open_language_model(work), work.words("reading_and_writing")["next_words"]
    starts = [None, model.start, model.token(model.raw.index(CHAT)) if CHAT in model.raw else None]
    kept = [start for n, start in enumerate(starts) if n == 0 or start is not None]
    return NextWordChances(
        by_context=[_chances(model, context, start, lists["words"]) for context in lists["contexts"] for start in kept]
    )


def _chances(model: LanguageModel, context: str, start: TokenRef | None, words: list[str]) -> NextWords:
    ids = [*([start.id] if start else []), *model.ids(context)]
    row = model.probabilities(ids)[-1]
    return NextWords(
        context=context,
        start=start,
        words=[_chance(model, ids, row, word) for word in words],
        candidates=model.candidates(row, CANDIDATES),
    )


def _chance(model: LanguageModel, ids: list[int], row: np.ndarray, word: str) -> WordChance:
    """Of a word with a space before it; the product over its tokens where it is several."""
    pieces = model.ids(f" {word}")
    if len(pieces) == 1:
        only = pieces[0]
        return WordChance(word=word, token=model.token(only), probability=significant(row[only]), rank=rank(row, only))
    expected = model.probabilities([*ids, *pieces[:-1]])[len(ids) - 1 :]
    together = math.prod(float(expected[n, piece]) for n, piece in enumerate(pieces))
    return WordChance(word=word, token=None, probability=significant(together), rank=None)
