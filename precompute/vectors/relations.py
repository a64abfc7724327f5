"""Writes word_relations: cosines of synonyms, antonyms and random pairs, and of words of a few categories with each other."""

from __future__ import annotations

import numpy as np

from artefacts.schemas.vectors import RelatedPair, RelationsOfModel, WordClusters, WordRelations
from precompute.statistics_of import mean_ranks, rounded
from precompute.vectors.axes import spread
from precompute.vectors.shared_words import SharedSpace, SharedWords, shared_words
from precompute.workspace import Workspace

RANDOM_PAIRS, RESAMPLES, SEED = 20_000, 10_000, 4
OPTIONS = {"random_pairs": RANDOM_PAIRS, "resamples": RESAMPLES, "seed": SEED}
GROUPS = ("synonyms", "antonyms")


def export(work: Workspace) -> WordRelations:
    """Cosines of all groups of pairs and of categories, in every space that knows the words."""
    shared, lists = shared_words(work), work.words("word_relations")
    pairs, left_out = [], []
    for group in GROUPS:
        for first, second in lists[group]:
            missing = shared.split([first, second])[1]
            left_out += missing
            if not missing:
                cosines = {role: rounded(_cosine(shared, space, first, second), 5) for role, space in shared.spaces.items()}
                pairs.append(RelatedPair(group=group, first=first, second=second, cosines=cosines))
    clusters = _clusters(shared, lists["clusters"], left_out)
    return WordRelations(
        shared_words=len(shared.words),
        pairs=pairs,
        by_model=[_of_model(shared, space, pairs) for space in shared.spaces.values()],
        clusters=clusters,
        left_out=sorted(set(left_out)),
    )


def _cosine(shared: SharedWords, space: SharedSpace, first: str, second: str) -> float:
    return float(space.units[shared.place[first]] @ space.units[shared.place[second]])


def larger_share(first: np.ndarray, second: np.ndarray) -> float:
    """The share of pairs (one of each) in which the first is larger, ties half: the area under the ROC curve; 0.5 if one is empty."""
    if not len(first) or not len(second):
        return 0.5
    ranks = mean_ranks(np.concatenate((first, second)))
    return float((ranks[: len(first)].sum() - len(first) * (len(first) + 1) / 2) / (len(first) * len(second)))


def larger_share_interval(first: np.ndarray, second: np.ndarray) -> tuple[float, float]:
    """The middle 95% of `larger_share` over draws with replacement from both samples: a percentile bootstrap (Efron & Tibshirani 1993)."""
    if not len(first) or not len(second):
        return 0.0, 1.0
    rng = np.random.default_rng(SEED)
    drawn = [larger_share(rng.choice(first, len(first)), rng.choice(second, len(second))) for _ in range(RESAMPLES)]
    low, high = np.percentile(drawn, (2.5, 97.5))
    return float(low), float(high)


def crossed_cosines(shared: SharedWords, space: SharedSpace, pairs: list[RelatedPair]) -> np.ndarray:
    """[pair and another]: cosines of the first word of each pair with the second of every other: strangers as frequent as the pairs."""
    firsts, seconds = (np.array([shared.place[getattr(pair, side)] for pair in pairs], dtype=np.int64) for side in ("first", "second"))
    table = space.units[firsts] @ space.units[seconds].T
    return table[~np.eye(len(pairs), dtype=bool)]


def _of_model(shared: SharedWords, space: SharedSpace, pairs: list[RelatedPair]) -> RelationsOfModel:
    rng = np.random.default_rng(SEED)
    first, second = rng.integers(0, len(space.units), size=(2, RANDOM_PAIRS))
    different = first != second
    random = np.einsum("ij,ij->i", space.units[first[different]], space.units[second[different]])
    members = {group: [pair for pair in pairs if pair.group == group] for group in GROUPS}
    synonyms, antonyms = (np.array([pair.cosines[space.role] for pair in members[group]]) for group in GROUPS)
    crossed = {group: crossed_cosines(shared, space, members[group]) for group in GROUPS}
    low, high = larger_share_interval(synonyms, antonyms)
    return RelationsOfModel(
        role=space.role,
        random=spread(random),
        random_median=rounded(np.median(random), 4),
        synonyms_mean=rounded(synonyms.mean() if len(synonyms) else 0, 4),
        antonyms_mean=rounded(antonyms.mean() if len(antonyms) else 0, 4),
        synonyms_over_random=rounded(larger_share(synonyms, random), 4),
        antonyms_over_random=rounded(larger_share(antonyms, random), 4),
        crossed={group: spread(cosines) for group, cosines in crossed.items() if len(cosines)},
        synonyms_over_crossed=rounded(larger_share(synonyms, crossed["synonyms"]), 4),
        antonyms_over_crossed=rounded(larger_share(antonyms, crossed["antonyms"]), 4),
        synonyms_over_antonyms=rounded(larger_share(synonyms, antonyms), 4),
        synonyms_over_antonyms_low=rounded(low, 4),
        synonyms_over_antonyms_high=rounded(high, 4),
    )


def _clusters(shared: SharedWords, lists: dict[str, list[str]], left_out: list[str]) -> WordClusters:
    categories = {}
    for category, words in lists.items():
        kept, missing = shared.split(words)
        left_out += missing
        if len(kept) > 1:
            categories[category] = kept
    words = [word for kept in categories.values() for word in kept]
    labels = np.array([n for n, kept in enumerate(categories.values()) for _ in kept])
    rows = np.array([shared.place[word] for word in words], dtype=np.int64)
    same = (labels[:, None] == labels[None]) & ~np.eye(len(words), dtype=bool)
    other = labels[:, None] != labels[None]
    cosines, within, across, nearest = {}, {}, {}, {}
    for role, space in shared.spaces.items():
        units = space.units[rows]
        table = units @ units.T
        cosines[role] = [[rounded(x, 3) for x in row] for row in table]
        within[role] = rounded(table[same].mean(), 4) if same.any() else 0.0
        across[role] = rounded(table[other].mean(), 4) if other.any() else 0.0
        np.fill_diagonal(table, -np.inf)
        nearest[role] = int((labels[table.argmax(axis=1)] == labels).sum()) if words else 0
    return WordClusters(categories=categories, cosines=cosines, within=within, across=across, nearest_same=nearest)
