"""Search by words alone: how many a query and a sentence share, and BM25, which counts rare words more and long sentences less."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np

from precompute.sentences.vectors import words

K1, B = 1.2, 0.75
OPTIONS = {"bm25_k1": K1, "bm25_b": B}
# Words that carry no topic. A search engine would have such a list, too.
STOP_WORDS = frozenset(
    """a about after again all an and any are as at be because been before by can could did do does for from had has have he her
    here his how i if in into is it its last like me more most my no not of off on once one or our out over she should so than
    that the their them then there they this to too two under until up was we were what when where which while who why will with
    without you your""".split()
)


def content_words(sentence: str) -> list[str]:
    """The words of a sentence, in lower case, without those that every sentence has."""
    return [word for word in words(sentence) if word not in STOP_WORDS]


def shared_words(queries: list[str], sentences: list[str]) -> np.ndarray:
    """[query, sentence] number of different content words that both have."""
    sets = [set(content_words(sentence)) for sentence in sentences]
    return np.array([[len(set(content_words(query)) & other) for other in sets] for query in queries], dtype=np.float64)


def bm25(queries: list[str], sentences: list[str]) -> np.ndarray:
    """[query, sentence] BM25 scores over content words, with the never negative idf ln(1 + (N - n + 0.5) / (n + 0.5)).

    Source: Robertson & Zaragoza 2009, section 3; the idf as in Lucene.
    """
    documents = [Counter(content_words(sentence)) for sentence in sentences]
    lengths = np.array([sum(document.values()) for document in documents], dtype=np.float64)
    relative = lengths / lengths.mean() if lengths.any() else lengths
    holding = Counter(word for document in documents for word in document)
    scores = np.zeros((len(queries), len(sentences)))
    for row, query in enumerate(queries):
        for word in dict.fromkeys(content_words(query)):
            idf = math.log(1 + (len(documents) - holding[word] + 0.5) / (holding[word] + 0.5))
            times = np.array([document[word] for document in documents], dtype=np.float64)
            scores[row] += idf * times * (K1 + 1) / (times + K1 * (1 - B + B * relative))
    return scores
