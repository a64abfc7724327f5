"""Writes word_samples: the score of the same spaces on other words: other categories, and random words of a given frequency."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np

from artefacts.schemas.scores import BandSample, CategoryScore, TripleScore, WordSamples
from artefacts.tokens import token_text
from precompute.rsa.coefficients import coefficient
from precompute.rsa.rdms import dissimilarities
from precompute.rsa.words import ComparedWords
from precompute.scores.spaces import (
    COEFFICIENT,
    FEWEST_WORDS,
    LEVELS,
    SEED,
    WORD_LISTS,
    all_categories,
    pair_keys,
    published_words,
    spaces_of_set,
)
from precompute.statistics_of import rounded
from precompute.workspace import Workspace

LISTS = WORD_LISTS
SAMPLES = 500  # random sets of words of each band
EDGES = (1, 500, 1000, 2000, 4000, 8000, 16_000, 32_000, 400_000)  # ranks in the static model's list
OPTIONS = {"coefficient": COEFFICIENT, "samples": SAMPLES, "edges": list(EDGES), "seed": SEED, "quantiles": list(LEVELS)}

Vectors = list[np.ndarray]  # [space][word, dim], the same words in each


def export(work: Workspace) -> WordSamples:
    """Scores on triples of categories and on random words by band of frequency, all drawn from one seed."""
    published = published_words(work)
    spaces = spaces_of_set(work, published)
    listed, names = all_categories(work)
    triples = _triples(work, listed, names)
    scores = _scores([space.vectors for space in spaces])
    pool, ranks = word_pool(work)
    numbers = np.random.default_rng(SEED)
    bands = [_band(pool, ranks, low, high, len(published), numbers) for low, high in pairwise(EDGES)]
    return WordSamples(
        pairs=pair_keys(spaces),
        published_words=len(published),
        published_scores=_plain(scores),
        categories=_categories(work, listed, names),
        triples=triples,
        below_published=[sum(t.scores[n] < score for t in triples if not t.published) for n, score in enumerate(_plain(scores))],
        pool=len(ranks),
        samples=SAMPLES,
        any_words=_band(pool, ranks, 1, int(ranks.max(initial=1)) + 1, len(published), numbers),
        bands=[band for band in bands if band is not None],
    )


def _categories(work: Workspace, listed: ComparedWords, published: list[str]) -> list[CategoryScore]:
    found = []
    for category in dict.fromkeys(listed.categories):
        rows = np.array([c == category for c in listed.categories])
        if rows.sum() >= FEWEST_WORDS:
            found.append(
                CategoryScore(
                    category=category,
                    words=int(rows.sum()),
                    published=category in published,
                    left_out=[entry.word for entry in listed.left_out if entry.category == category],
                    scores=_plain(_scores(_rows_of(work, listed, rows))),
                )
            )
    return found


def _triples(work: Workspace, listed: ComparedWords, published: list[str]) -> list[TripleScore]:
    """Each three categories of which enough words can be compared."""
    sizes = {category: listed.categories.count(category) for category in dict.fromkeys(listed.categories)}
    names = [category for category, size in sizes.items() if size >= FEWEST_WORDS]
    found = []
    for three in combinations(names, 3):
        rows = np.isin(listed.categories, three)
        vectors = _rows_of(work, listed, rows)
        found.append(TripleScore(categories=list(three), published=set(three) == set(published), scores=_plain(_scores(vectors))))
    return found


def _rows_of(work: Workspace, listed: ComparedWords, rows: np.ndarray) -> Vectors:
    return [listed.vectors[role][rows] for role in work.model_set.roles]


def _scores(vectors: Vectors) -> list[float]:
    """The score of each two spaces."""
    pairs = [dissimilarities(rows) for rows in vectors]
    return [coefficient(COEFFICIENT, pairs[i], pairs[j]) for i, j in combinations(range(len(pairs)), 2)]


def _plain(scores: list[float]) -> list[float]:
    return [rounded(score, 4) for score in scores]


def word_pool(work: Workspace) -> tuple[Vectors, np.ndarray]:
    """(vectors, ranks): all words in small letters, of two letters or more, that are one token in every space of the set.

    ranks: [word], from 1 on: the place in the static model's list, which goes from frequent to rare; without such a model, in the
    encoder's vocabulary, which roughly does.
    """
    roles = work.model_set.roles
    models = {role: work.model_set.model(role) for role in roles}
    ids: dict[str, dict[str, int]] = {}
    for role, model in models.items():
        spaced = model.tokenizer_kind == "byte_level_bpe"
        ids[role] = {}
        for token_id, raw in enumerate(model.raw_tokens()):
            text = token_text(raw, model.tokenizer_kind)
            word = text.removeprefix(" ")
            plain = len(word) > 1 and word.isascii() and word.isalpha() and word == word.lower() and not raw.startswith("##")
            if plain and (text != word) == spaced:
                ids[role].setdefault(word, token_id)
    shared = [word for word in ids["encoder"] if all(word in known for known in ids.values())]
    rows = {role: np.array([known[word] for word in shared], dtype=np.int64) for role, known in ids.items()}
    vectors = [models[role].token_embeddings()[rows[role]].astype(np.float64) for role in roles]
    return vectors, rows["static" if "static" in roles else "encoder"] + 1


def _band(vectors: Vectors, ranks: np.ndarray, low: int, high: int, words: int, numbers: np.random.Generator) -> BandSample | None:
    """Random sets of `words` words of rank `low` or more and below `high`; None where the band holds fewer than twice as many."""
    pool = np.flatnonzero((ranks >= low) & (ranks < high))
    if len(pool) < 2 * words:
        return None
    drawn = [numbers.choice(pool, words, replace=False) for _ in range(SAMPLES)]
    scores = np.array([_scores([rows[chosen] for rows in vectors]) for chosen in drawn])  # [sample, pair of spaces]
    quantiles = np.quantile(scores, LEVELS, axis=0).T
    return BandSample(
        first_rank=int(ranks[pool].min()),
        last_rank=int(ranks[pool].max()),
        words=len(pool),
        quantiles=[_plain(row) for row in quantiles],
    )
