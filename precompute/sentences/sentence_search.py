"""Writes sentence_search: what a search over the library finds, by vectors and by words, and how often it is on the right topic."""

from __future__ import annotations

from typing import Any

import numpy as np

from artefacts.schemas.sentences import (
    CentredQuality,
    Hit,
    LibrarySentence,
    Query,
    QueryResults,
    SearchMethod,
    SearchQuality,
    SentenceMethod,
    SentenceSearch,
)
from precompute.sentences.vectors import WORD_LIST, library, library_vectors, methods_of, vectors, vectors_less_their_mean
from precompute.sentences.word_overlap import bm25, content_words, shared_words
from precompute.statistics_of import rounded
from precompute.workspace import Workspace

HITS = 5
DEALS = 999  # how often the topics are dealt out anew, and how often topics are drawn for the interval
SEED = 6
BY_WORDS = {"bm25": bm25, "shared_words": shared_words}
OPTIONS = {"hits": HITS, "deals": DEALS, "seed": SEED}


def export(work: Workspace) -> SentenceSearch:
    """The first hits of each query by each method, and how many are on its topic."""
    books = library(work)
    queries = work.words(WORD_LIST)["query"]
    topics = np.array([topic for topic, _ in books])
    scores = {method: _scores(work, method, [q["text"] for q in queries]) for method in search_methods(work)}
    return SentenceSearch(
        library=[LibrarySentence(topic=topic, text=text) for topic, text in books],
        topics=list(dict.fromkeys(topics.tolist())),
        hits_kept=HITS,
        queries=[_query(n, query, books, scores) for n, query in enumerate(queries)],
        quality=[_quality(work, method, topics, queries, scores[method]) for method in scores],
        deals=DEALS,
        seed=SEED,
    )


def search_methods(work: Workspace) -> list[SearchMethod]:
    """Ways by vectors, then the two by words."""
    return [*methods_of(work), *BY_WORDS]


def _scores(work: Workspace, method: SearchMethod, queries: list[str]) -> np.ndarray:
    """[query, sentence] larger is better."""
    if method in BY_WORDS:
        return BY_WORDS[method](queries, [sentence for _, sentence in library(work)])
    return vectors(work, method, queries) @ library_vectors(work, method).T


def ranking(scores: np.ndarray) -> np.ndarray:
    """[..., sentence] places from the best score to the worst. Scores that differ by rounding alone count as equal, and equal
    ones keep the order of the library."""
    return np.argsort(-np.round(scores, 9), axis=-1, kind="stable")


def _target(query: dict[str, Any], books: list[tuple[str, str]]) -> int:
    return books.index((query["topic"], query["target"]))


def _target_ranks(queries: list[dict[str, Any]], books: list[tuple[str, str]], scores: np.ndarray) -> list[int]:
    return [int(np.flatnonzero(ranking(row) == _target(q, books))[0]) + 1 for q, row in zip(queries, scores, strict=True)]


def _query(n: int, query: dict[str, Any], books: list[tuple[str, str]], scores: dict[SearchMethod, np.ndarray]) -> Query:
    in_target = set(content_words(query["target"]))
    results = []
    for method, all_scores in scores.items():
        order = ranking(all_scores[n])
        hits = [Hit(sentence=int(i), score=rounded(all_scores[n, i], 5)) for i in order[:HITS]]
        results.append(QueryResults(method=method, hits=hits, target_rank=_target_ranks([query], books, all_scores[n : n + 1])[0]))
    return Query(
        text=query["text"],
        topic=query["topic"],
        target=_target(query, books),
        shared_content_words=sorted(set(content_words(query["text"])) & in_target),
        results=results,
    )


def _quality(
    work: Workspace, method: SearchMethod, topics: np.ndarray, queries: list[dict[str, Any]], of_queries: np.ndarray
) -> SearchQuality:
    """Of every library sentence as a query against all others, and of the hand-written queries, whose scores are given."""
    books = library(work)
    nearest = _nearest_others(_scores(work, method, [sentence for _, sentence in books]))
    target_ranks = _target_ranks(queries, books, of_queries)
    of_questions = _scores(work, method, [query["question"] for query in queries])
    of_sentence = same_topic(topics, nearest, 5)
    means = {topic: of_sentence[topics == topic].mean() for topic in dict.fromkeys(topics.tolist())}
    rng = np.random.default_rng(SEED)
    drawn = rng.choice(list(means.values()), size=(DEALS, len(means))).mean(axis=1)
    dealt = np.array([same_topic(rng.permutation(topics), nearest, 5).mean() for _ in range(DEALS)])
    low, high = np.percentile(drawn, (2.5, 97.5))
    return SearchQuality(
        method=method,
        precision_at_1=rounded(same_topic(topics, nearest, 1).mean(), 5),
        precision_at_5=rounded(of_sentence.mean(), 5),
        precision_at_9=rounded(same_topic(topics, nearest, 9).mean(), 5),
        precision_at_5_low=rounded(low, 5),
        precision_at_5_high=rounded(high, 5),
        shuffled_mean=rounded(dealt.mean(), 5),
        shuffled_highest=rounded(dealt.max(), 5),
        p_value=rounded((1 + int((dealt >= of_sentence.mean()).sum())) / (1 + DEALS), 5),
        targets_first=sum(rank == 1 for rank in target_ranks),
        targets_in_five=sum(rank <= HITS for rank in target_ranks),
        mean_reciprocal_rank=rounded(np.mean([1 / rank for rank in target_ranks]), 5),
        questions_first=sum(rank == 1 for rank in _target_ranks(queries, books, of_questions)),
        centred=None if method in BY_WORDS else _centred_quality(work, method, topics, queries),
    )


def _centred_quality(work: Workspace, method: SentenceMethod, topics: np.ndarray, queries: list[dict[str, Any]]) -> CentredQuality:
    books = library(work)
    sentences = vectors_less_their_mean(work, method, [sentence for _, sentence in books])
    of_queries = vectors_less_their_mean(work, method, [query["text"] for query in queries]) @ sentences.T
    nearest = _nearest_others(sentences @ sentences.T)
    return CentredQuality(
        precision_at_5=rounded(same_topic(topics, nearest, 5).mean(), 5),
        targets_first=sum(rank == 1 for rank in _target_ranks(queries, books, of_queries)),
    )


def _nearest_others(scores: np.ndarray) -> np.ndarray:
    """[sentence, place] the others from the best score to the worst. scores: [sentence, sentence], whose diagonal is overwritten."""
    np.fill_diagonal(scores, -np.inf)
    return ranking(scores)[:, :-1]


def same_topic(topics: np.ndarray, nearest: np.ndarray, k: int) -> np.ndarray:
    """[sentence] share of its k nearest that have its topic."""
    return (topics[nearest[:, :k]] == topics[:, None]).mean(axis=1)
