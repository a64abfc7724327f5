"""Writes sense_tests: whether vectors fall by the sense of a sentence more than chance allows, for one word and for tokens beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from artefacts.schemas.contexts import SensesOfModel, SenseTests, SplitTest, TokenSenses
from precompute.context.bank_contexts import fitting_sentences, is_mixed, nearest_others, occurrences_in, units
from precompute.context.networks import Reader, readers
from precompute.statistics_of import rounded
from precompute.workspace import Workspace

_EQUAL = 1e-12
"""Scores that differ by less are equal: the split by sense must count as reaching itself."""


def export(work: Workspace) -> SenseTests:
    """For the word, and for every token that all its sentences of one sense share."""
    words = work.words("bank_sentences")
    both = readers(work)
    plain = [sentence for sentence in fitting_sentences(both, words)[0] if not is_mixed(sentence)]
    occurrences = occurrences_in(plain)
    senses = [occurrence.sense for occurrence in occurrences]
    splits = splits_like(senses)
    return SenseTests(
        occurrences=occurrences,
        splits=len(splits),
        by_model=[_of_model(reader, words["word"], [s["text"] for s in plain], senses, splits) for reader in both],
    )


def splits_like(senses: Sequence[str]) -> np.ndarray:
    """[split, thing], number of its group: every way to deal the things into groups as large as the senses, the real one first.

    Groups of one size are not told apart, so 12 things make 12! / (4! 4! 4! 3!) = 5,775 splits into 4, 4 and 4.
    """
    names = sorted(dict.fromkeys(senses), key=senses.count)
    sizes = [senses.count(name) for name in names]
    real = [names.index(sense) for sense in senses]
    found = [real]
    for groups in _dealt(tuple(range(len(senses))), sizes):
        labels = [next(n for n, group in enumerate(groups) if thing in group) for thing in range(len(senses))]
        same = all((labels[i] == labels[j]) == (real[i] == real[j]) for i, j in combinations(range(len(senses)), 2))
        if not same:
            found.append(labels)
    return np.array(found)


def _dealt(things: tuple[int, ...], sizes: Sequence[int], before: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], ...]]:
    """before: the group that was dealt last; one of the same size must begin later, which keeps each split from coming twice."""
    if not sizes:
        yield ()
        return
    for group in combinations(things, sizes[0]):
        if len(before) == len(group) and group[0] < before[0]:
            continue
        left = tuple(thing for thing in things if thing not in group)
        for others in _dealt(left, sizes[1:], group):
            yield (group, *others)


def split_test(scores: np.ndarray) -> SplitTest:
    """An exact randomisation test of the largest score of all layers (Fisher 1935; the maximum as in Nichols & Holmes 2002).

    scores: [layer, split], the real split first. p is the share of splits, the real one among them, whose largest score reaches its.
    """
    best = scores.max(axis=0)
    return SplitTest(
        layer=int(scores[:, 0].argmax()),
        observed=rounded(best[0], 4),
        expected=rounded(best.mean(), 4),
        p=rounded((best >= best[0] - _EQUAL).mean(), 5),
    )


def nearest_scores(cosines: np.ndarray, splits: np.ndarray) -> np.ndarray:
    """[layer, split]: of how many things the nearest other is of their own group; 0 in a layer in which nothing is nearest.

    cosines: [layer, thing, thing].
    """
    found = np.zeros((len(cosines), len(splits)))
    for layer, square in enumerate(cosines):
        nearest = nearest_others(square)
        if nearest is not None:
            found[layer] = (splits[:, nearest] == splits).sum(axis=1)
    return found


def gap_scores(cosines: np.ndarray, splits: np.ndarray) -> np.ndarray:
    """[layer, split]: mean cosine of pairs within a group minus that of pairs across."""
    i, j = np.triu_indices(cosines.shape[1], k=1)
    pairs, within = cosines[:, i, j], splits[:, i] == splits[:, j]
    return pairs @ (within / within.sum(axis=1, keepdims=True)).T - pairs @ (~within / (~within).sum(axis=1, keepdims=True)).T


def _of_model(reader: Reader, word: str, texts: list[str], senses: list[str], splits: np.ndarray) -> SensesOfModel:
    ids = [reader.ids(text) for text in texts]
    own = reader.word_id(word)
    shared = set.intersection(*(set(row[int(reader.role == "decoder") :]) for row in ids)) - {own}
    order = [token for token in dict.fromkeys(ids[0]) if token in shared]  # as they stand in the first sentence
    tested = {token: _cosines(reader, ids, token) for token in (own, *order)}
    found = [
        TokenSenses(
            token=reader.token(token),
            nearest=split_test(nearest_scores(cosines, splits)),
            gap=split_test(gap_scores(cosines, splits)),
        )
        for token, cosines in tested.items()
    ]
    nearest = nearest_others(tested[own][found[0].nearest.layer])
    right = [False] * len(senses) if nearest is None else [senses[other] == sense for other, sense in zip(nearest, senses, strict=True)]
    return SensesOfModel(role=reader.role, word=found[0], others=found[1:], right=right)


def _cosines(reader: Reader, ids: list[list[int]], token: int) -> np.ndarray:
    """[layer, text, text], of the states of the token's last place in each text."""
    states = [reader.run_ids(row).states[:, len(row) - 1 - row[::-1].index(token)] for row in ids]
    vectors = units(np.stack(states, axis=1))
    return vectors @ vectors.transpose(0, 2, 1)
