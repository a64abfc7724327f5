"""Writes twin_geometry: cosines of pairs of words, and neighbours, in small models of other seeds and of another objective."""

from __future__ import annotations

import numpy as np

from artefacts.schemas.spaces import NeighboursIn, NeighboursOfWord, SharedNeighbours, TwinGeometry
from precompute.rsa.rdms import pair_cosines
from precompute.rsa.words import SOURCE_WORDS, WORD_LIST
from precompute.statistics_of import rounded
from precompute.twins.comparing import nearest_of
from precompute.twins.corpus import IDENTITY
from precompute.twins.models import TWINS, trained
from precompute.twins.twin_training import compared_words
from precompute.workspace import Workspace

WORD_LISTS = ("twins", WORD_LIST)
SOURCES = (IDENTITY,)
K, ASKED, SEED = 10, 1000, 12
MODELS = ("skip-gram-1", "skip-gram-2", "cbow-1")  # whose neighbours are shown, and counted against the first
OPTIONS = {"neighbours": K, "words_asked": ASKED, "seed": SEED}


def export(work: Workspace) -> TwinGeometry:
    """Cosines of the same pairs in two models, and overlaps of neighbour lists, over seeded samples of words."""
    twins, lists = trained(work), work.words("twins")
    place = twins.corpus.place
    known = [(word, category) for category, words in work.words(WORD_LIST)[SOURCE_WORDS].items() for word in words if word in place]
    listed = np.array([place[word] for word, _ in known], dtype=np.int64)
    compared = compared_words(twins.corpus, twins.plan).ids
    names = [twins.corpus.vocabulary[n] for n in compared]
    vectors = {name: twins.finished(name).vectors[compared].astype(np.float64) for name in MODELS}
    asked = np.sort(np.random.default_rng(SEED).permutation(len(compared))[:ASKED])
    found = {name: nearest_of(asked, rows, K) for name, rows in vectors.items()}
    row_of = {word: n for n, word in enumerate(names)}
    shown = [word for word in dict.fromkeys([*lists["words"], "planet", "chair"]) if word in row_of]
    return TwinGeometry(
        models=[twin.name for twin in TWINS],
        words=[word for word, _ in known],
        categories=[category for _, category in known],
        cosines=[
            [rounded(cosine, 4) for cosine in pair_cosines(twins.finished(twin.name).vectors[listed].astype(np.float64))] for twin in TWINS
        ],
        k=K,
        asked=len(asked),
        chance=rounded(K * K / (len(compared) - 1), 4),
        neighbours=[
            NeighboursOfWord(word=word, by_model=[_neighbours(name, rows, row_of[word], names) for name, rows in vectors.items()])
            for word in shown
        ],
        shared=[_shared(MODELS[0], name, found) for name in MODELS[1:]],
    )


def _neighbours(model: str, vectors: np.ndarray, row: int, names: list[str]) -> NeighboursIn:
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    cosines = units @ units[row]
    nearest = nearest_of(np.array([row]), vectors, K)[0]
    best = sorted(nearest.tolist(), key=lambda n: (-cosines[n], n))
    return NeighboursIn(model=model, words=[names[n] for n in best], cosines=[rounded(cosines[n], 3) for n in best])


def _shared(first: str, second: str, found: dict[str, np.ndarray]) -> SharedNeighbours:
    shared = [len(np.intersect1d(one, other)) for one, other in zip(found[first], found[second], strict=True)]
    counts = np.bincount(shared, minlength=K + 1)
    return SharedNeighbours(first=first, second=second, counts=counts.tolist(), mean=rounded(np.mean(shared), 4))
