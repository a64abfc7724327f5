"""Writes next_token_steps and next_word_chances: what the decoder expects at each place of a text, and after a beginning.

The chain rule: the probability of a text is the product of those of its tokens, each given the ones before it. In bits, a sum.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from artefacts.schemas.parts import TokenRef
from artefacts.schemas.writing import (
    FirstWord,
    NextTokenSteps,
    NextWordChances,
    NextWords,
    Opening,
    Openings,
    PlaceEffect,
    Step,
    TextSteps,
    WordChance,
)
from precompute.statistics_of import rounded
from precompute.workspace import Workspace
from precompute.writing.language_model import (
    CHAT,
    LanguageModel,
    entropy_bits,
    open_language_model,
    rank,
    significant,
    surprisals,
    total_variation,
)

CANDIDATES = 8
SENTENCES_PER_TOPIC = 2  # of the search library, to see what a text loses without its start token
FEWEST = 20  # texts that a mean over one place is made of
OPTIONS = {"candidates": CANDIDATES, "sentences_per_topic": SENTENCES_PER_TOPIC, "fewest": FEWEST}


def export_steps(work: Workspace) -> NextTokenSteps:
    """For each place of each text the probable tokens, and the surprisal of the one that comes."""
    model, lists = open_language_model(work), work.words("reading_and_writing")
    topics = work.words("search_sentences")["topics"].values()
    return NextTokenSteps(
        start=model.start,
        even_bits=rounded(math.log2(len(model.raw))),
        texts=[_steps(model, text) for text in lists["chain"]["texts"]],
        garden_path=[_steps(model, text) for text in lists["garden_path"]["texts"]],
        without_start=_without_start(model, [text for topic in topics for text in topic[:SENTENCES_PER_TOPIC]]),
    )


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


def _without_start(model: LanguageModel, texts: list[str]) -> list[PlaceEffect]:
    """For each place that enough texts have: how far the surprisal of its token moves when the start token is left out."""
    if not model.start:
        return []
    changes: dict[int, list[float]] = {}
    for text in texts:
        ids = model.ids(text)
        usual, bare = surprisals(model, model.started(ids))[1:], surprisals(model, ids)
        for place, change in enumerate(bare - usual, start=2):
            changes.setdefault(place, []).append(float(change))
    return [
        PlaceEffect(
            place=place,
            texts=len(found),
            mean_change_bits=rounded(np.abs(found).mean(), 4),
            costlier=rounded((np.array(found) > 0).mean(), 4),
        )
        for place, found in changes.items()
        if len(found) >= FEWEST
    ]


def export_chances(work: Workspace) -> NextWordChances:
    """After each beginning, once with nothing before it and once after each start token that the vocabulary has."""
    model, lists = open_language_model(work), work.words("reading_and_writing")["next_words"]
    starts = [None, model.start, model.token(model.raw.index(CHAT)) if CHAT in model.raw else None]
    kept = [start for n, start in enumerate(starts) if n == 0 or start is not None]
    return NextWordChances(
        by_context=[_chances(model, context, start, lists["words"]) for context in lists["contexts"] for start in kept],
        openings=_openings(model, work.words("reading_and_writing")["openings"]),
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


def _openings(model: LanguageModel, lists: dict[str, Any]) -> Openings:
    """The word after the context with several things in front, and with other first words."""
    context, word = lists["context"], model.ids(f" {lists['word']}")[0]
    marks = [[model.start, model.start]] if model.start else []
    before = [_opening(model, [token.id for token in tokens], None, model.ids(context), word) for tokens in marks]
    for text in lists["before"]:
        together = model.ids(text + context)
        in_front = len(together) - len(model.ids(context))
        before.append(_opening(model, together[:in_front], text, together[in_front:], word))
    starts = [None, model.start] if model.start else [None]
    return Openings(
        context=context,
        word=lists["word"],
        before=before,
        first_words=[found for start in starts for found in _first_words(model, context, start, lists["first_words"], word)],
    )


def _opening(model: LanguageModel, before: list[int], text: str | None, context: list[int], word: int) -> Opening:
    row = model.probabilities([*before, *context])[-1]
    return Opening(
        before=[model.token(i) for i in before],
        text=text,
        probability=significant(row[word]),
        favourite=model.candidates(row, 1)[0],
    )


def _first_words(model: LanguageModel, context: str, start: TokenRef | None, others: list[str], word: int) -> list[FirstWord]:
    """Each other first word compared with the context's own, behind the same start. Words of several tokens are left out."""
    front = [start.id] if start else []
    own, *rest = model.ids(context)
    if model.ids(context.split(maxsplit=1)[0]) != [own]:
        return []
    usual = model.probabilities([*front, own, *rest])
    found = []
    for other in others:
        ids = model.ids(other)
        if len(ids) == 1:
            rows = model.probabilities([*front, *ids, *rest])
            found.append(
                FirstWord(
                    word=other,
                    start=start,
                    probability=significant(rows[-1, word]),
                    moved_at_once=rounded(total_variation(usual[len(front)], rows[len(front)])),
                    moved_at_the_end=rounded(total_variation(usual[-1], rows[-1])),
                )
            )
    return found
