"""Writes space_alignments: can one space be turned onto another? Orthogonal Procrustes, judged on words that it never saw.

All pairs of spaces are compared on the same words, in the same halves, so that the small models' numbers stand beside the others'.
Held-out words that look like a form of a fitted word are new as words, but hardly as vectors; the others are also judged by themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from artefacts.schemas.spaces import FittedOn, Landing, Retrieval, SpaceAlignment, SpaceAlignments
from precompute.rsa.words import SOURCE_WORDS, WORD_LIST
from precompute.spaces.direct_comparisons import compared_space, relation_of
from precompute.spaces.procrustes import (
    Halves,
    best_linear,
    centred_units,
    cut_by_pca,
    halves,
    mean_cosine,
    own_ranks,
    padded,
    precision,
    turned,
)
from precompute.spaces.words_in_common import WordsInCommon, WordSpace, words_in_common
from precompute.statistics_of import rounded
from precompute.twins.corpus import IDENTITY
from precompute.workspace import Workspace

SOURCES = (IDENTITY,)
SEED = 13
FEWER = (250, 500, 1000, 2000)  # words that the map is fitted on, beside half of all
LANDINGS, NEAREST = 12, 5
STEM, ENDING = 3, 3  # letters: two words are relatives if they begin with the same STEM or more, and at most ENDING follow in each
OPTIONS = {"seed": SEED, "fewer": list(FEWER), "nearest": NEAREST, "stem": STEM, "ending": ENDING}


def export(work: Workspace) -> SpaceAlignments:
    """How near words that no map was fitted on come to themselves in the other space. Orthogonal Procrustes: Schönemann 1966."""
    common = words_in_common(work)
    spaces = common.spaces
    half = halves(len(common.words), np.random.default_rng(SEED))
    models = [space for space in spaces.values() if space.kind != "twin"]
    pairs = [(spaces["skip-gram-1"], spaces[key]) for key in ("skip-gram-2", "cbow-1")]
    pairs += [(spaces["skip-gram-1"], space) for space in models if space.kind == "static"]
    pairs += combinations(models, 2)
    listed = [word for words in work.words(WORD_LIST)[SOURCE_WORDS].values() for word in words]
    looked_up = [row for row in common.rows_of(listed).tolist() if row in set(half.held_out.tolist())][:LANDINGS]
    strangers = ~have_relatives([common.words[row] for row in half.held_out], [common.words[row] for row in half.fitted])
    return SpaceAlignments(
        words=len(common.words),
        fitted_words=len(half.fitted),
        held_out_words=len(half.held_out),
        stranger_words=int(strangers.sum()),
        spaces=[compared_space(space) for space in {space.key: space for pair in pairs for space in pair}.values()],
        pairs=[_aligned(first, second, common, half, strangers, looked_up) for first, second in pairs],
    )


def _aligned(
    one: WordSpace, other: WordSpace, common: WordsInCommon, half: Halves, strangers: np.ndarray, looked_up: list[int]
) -> SpaceAlignment:
    narrow = [centred_units(space.vectors, half.fitted) for space in (one, other)]
    first, second = padded(*narrow)
    after = turned(first, second, half.fitted, half.fitted)
    everyone = np.ones(len(half.held_out), dtype=bool)
    held_out, *by_third, of_strangers = retrievals(after, second, half.held_out, [everyone, *_thirds(half.held_out), strangers])
    lot = np.random.default_rng(SEED).permutation(half.fitted)
    by_lot = turned(first, second, half.fitted, lot)
    cut = None
    if one.width != other.width:
        a, b = cut_by_pca(*narrow, half.fitted)
        cut = retrieval(turned(a, b, half.fitted, half.fitted), b, half.held_out)
    return SpaceAlignment(
        first=one.key,
        second=other.key,
        relation=relation_of(one, other),
        before=rounded(mean_cosine(first, second, half.held_out), 4),
        fitted=rounded(mean_cosine(after, second, half.fitted), 4),
        held_out=held_out,
        back=retrieval(second, after, half.held_out),
        shuffled=retrieval(by_lot, second, half.held_out),
        cut=cut,
        by_third=by_third,
        strangers=of_strangers,
        linear=retrieval(best_linear(*narrow, half.fitted, half.fitted), narrow[1], half.held_out),
        linear_shuffled=retrieval(best_linear(*narrow, half.fitted, lot), narrow[1], half.held_out),
        by_fitted=[_fitted_on(first, second, half, words) for words in (*FEWER, len(half.fitted)) if words <= len(half.fitted)],
        landings=[_landing(row, after, second, half.held_out, common.words) for row in looked_up],
    )


def _thirds(held_out: np.ndarray) -> list[np.ndarray]:
    """[held-out word] of bool for each third: words are numbered from frequent to rare."""
    return [np.isin(held_out, third) for third in np.array_split(np.sort(held_out), 3)]


def have_relatives(words: Sequence[str], among: Sequence[str]) -> np.ndarray:
    """[word], whether one of `among` looks like another form of it: planets like planet, but also start like star; not mice like mouse."""
    known = {stem for word in among for stem in _stems(word)}
    return np.array([not known.isdisjoint(_stems(word)) for word in words], dtype=bool)


def _stems(word: str) -> list[str]:
    return [word[:letters] for letters in range(max(STEM, len(word) - ENDING), len(word) + 1)]


def retrieval(first: np.ndarray, second: np.ndarray, held_out: np.ndarray) -> Retrieval:
    """Each held-out word looked for among all of them. first, second: [word, dim], row by row the same words."""
    return retrievals(first, second, held_out, [np.ones(len(held_out), dtype=bool)])[0]


def retrievals(first: np.ndarray, second: np.ndarray, held_out: np.ndarray, groups: Sequence[np.ndarray]) -> list[Retrieval | None]:
    """The same for groups of held-out words, each word still looked for among all of them; None for a group without words.

    groups: [held-out word] of bool each.
    """
    ranks = own_ranks(first, second, held_out)
    return [
        Retrieval(
            cosine=rounded(mean_cosine(first, second, held_out[group]), 4),
            first_place=rounded(precision(ranks[group], 1), 4),
            ten_places=rounded(precision(ranks[group], 10), 4),
        )
        if group.any()
        else None
        for group in groups
    ]


def _fitted_on(first: np.ndarray, second: np.ndarray, half: Halves, words: int) -> FittedOn:
    rows = half.fitted[:words]
    found = retrieval(turned(first, second, rows, rows), second, half.held_out)
    return FittedOn(words=words, cosine=found.cosine, first_place=found.first_place)


def _landing(row: int, first: np.ndarray, second: np.ndarray, held_out: np.ndarray, words: list[str]) -> Landing:
    candidates = np.sort(held_out)
    cosines = second[candidates] @ first[row]
    best = candidates[np.argsort(-cosines, kind="stable")]
    return Landing(word=words[row], nearest=[words[n] for n in best[:NEAREST]], rank=int(np.flatnonzero(best == row)[0]) + 1)
