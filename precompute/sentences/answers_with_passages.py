"""Writes answers_with_passages: search for a sentence that answers a question, put it before the question, and see what the
decoder then thinks of the answer."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from artefacts.schemas.passages import AnsweredQuestion, AnswersWithPassages, AnswerToken, Given, ScoredAnswer
from precompute.sentences.sentence_search import ranking
from precompute.sentences.vectors import WORD_LIST, library, library_vectors, vectors
from precompute.statistics_of import rounded
from precompute.workspace import Workspace


def export(work: Workspace) -> AnswersWithPassages:
    """Bits that the decoder needs for each answer, by what stands before the question: nothing, the found passage, another one.

    And, to see what is mere copying, for the same answer after the found passage and the question of another one.
    """
    queries = work.words(WORD_LIST)["query"]
    questions = [_answered(work, query, [other["question"] for other in queries if other is not query]) for query in queries]
    by_given: dict[Given, list[ScoredAnswer]] = {}
    for scored in (scored for question in questions for scored in question.scored):
        by_given.setdefault(scored.given, []).append(scored)
    return AnswersWithPassages(
        questions=questions,
        mean_bits_after_other_questions=rounded(np.mean([question.bits_after_other_questions for question in questions]), 3),
        mean_bits={given: rounded(np.mean([s.bits for s in scored]), 3) for given, scored in by_given.items()},
        greedy={given: sum(s.greedy for s in scored) for given, scored in by_given.items()},
    )


def prompt_of(passage: str | None, question: str) -> str:
    """What the decoder reads before it answers."""
    return f"{passage}\nQuestion: {question}\nAnswer:" if passage else f"Question: {question}\nAnswer:"


def _answered(work: Workspace, query: dict[str, Any], other_questions: list[str]) -> AnsweredQuestion:
    books = library(work)
    cosines = (vectors(work, "encoder_mean", [query["question"]]) @ library_vectors(work, "encoder_mean").T)[0]
    best = int(ranking(cosines)[0])
    question, answer, found = query["question"], query["answer"], books[best][1]
    passages: dict[Given, str | None] = {"nothing": None, "retrieved": found, "other": _other(books, query)}
    to_others = [_scored(work, "retrieved", found, other, answer).bits for other in other_questions]
    return AnsweredQuestion(
        question=question,
        answer=answer,
        target=query["target"],
        retrieved_cosine=rounded(cosines[best], 5),
        retrieved_is_target=found == query["target"],
        scored=[_scored(work, given, passage, question, answer) for given, passage in passages.items()],
        bits_after_other_questions=rounded(np.mean(to_others), 3),
    )


def _other(books: list[tuple[str, str]], query: dict[str, Any]) -> str:
    """The sentence after the intended one among those of its topic, the first after the last."""
    of_topic = [sentence for topic, sentence in books if topic == query["topic"]]
    return of_topic[(of_topic.index(query["target"]) + 1) % len(of_topic)]


def _scored(work: Workspace, given: Given, passage: str | None, question: str, answer_text: str) -> ScoredAnswer:
    import torch

    model = work.model_set.model("decoder")
    prompt = prompt_of(passage, question)
    before, answer = model.tokenize(prompt), model.tokenize(f" {answer_text}")
    with torch.inference_mode():
        logits = model.network(input_ids=torch.tensor([before + answer])).logits[0].double()
    # The token at place t is foretold by the logits at place t - 1.
    foretelling = torch.log_softmax(logits[len(before) - 1 : -1], dim=-1)
    bits = [-float(row[token]) / math.log(2) for row, token in zip(foretelling, answer, strict=True)]
    raw = model.raw_tokens()
    return ScoredAnswer(
        given=given,
        passage=passage,
        prompt=prompt,
        tokens=[AnswerToken(raw=raw[token], bits=rounded(b, 3)) for token, b in zip(answer, bits, strict=True)],
        bits=rounded(sum(bits), 3),
        greedy=foretelling.argmax(dim=-1).tolist() == answer,
    )
