"""Retrieval-augmented generation in its smallest form: what a found passage does to the probability of an answer."""

from __future__ import annotations

from typing import Literal

from artefacts.schemas.parts import Strict

Given = Literal["nothing", "retrieved", "other"]
"""What stands before the question: nothing; the sentence that the search found; another sentence of the intended one's topic."""


class AnswerToken(Strict):
    """One token of an answer and how surprising it is."""

    raw: str  # as the decoder's vocabulary spells it
    bits: float  # surprisal: -log2 of its probability after all that comes before


class ScoredAnswer(Strict):
    """An answer's tokens after one prompt."""

    given: Given
    passage: str | None
    prompt: str
    tokens: list[AnswerToken]
    bits: float  # of the whole answer: the sum
    greedy: bool  # whether always taking the most probable token would write exactly this answer


class AnsweredQuestion(Strict):
    """A question, its answer after each prompt, and what the search found."""

    question: str
    answer: str
    target: str  # the sentence that gives the answer
    retrieved_cosine: float
    retrieved_is_target: bool
    scored: list[ScoredAnswer]
    bits_after_other_questions: float  # of the answer after the found passage and each of the other questions, their mean


class AnswersWithPassages(Strict):
    """Questions answered with and without a passage that a search has found: how surprising the right answer is."""

    questions: list[AnsweredQuestion]
    mean_bits: dict[Given, float]
    mean_bits_after_other_questions: float
    greedy: dict[Given, int]  # how many answers greedy decoding would write
