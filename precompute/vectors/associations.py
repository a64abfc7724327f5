"""Writes associations: occupations on a direction between two words, and association tests, in all spaces of the set.

The direction follows Bolukbasi et al. (2016), the tests Caliskan et al. (2017). Both are descriptions of vectors made from texts.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from artefacts.schemas.vectors import (
    Agreement,
    AssociationInSpace,
    Associations,
    AssociationTest,
    DirectionInSpace,
    ProjectedWord,
)
from precompute.space import unit_rows
from precompute.statistics_of import pearson, rounded, spearman
from precompute.vectors.axes import spread
from precompute.vectors.relations import larger_share
from precompute.vectors.shared_words import SharedSpace, SharedWords, shared_words
from precompute.workspace import Workspace

DIRECTIONS, PERMUTATIONS, LEAST_WORDS, SEED = 2_000, 10_000, 6, 5
OPTIONS = {"directions": DIRECTIONS, "permutations": PERMUTATIONS, "least_words": LEAST_WORDS, "seed": SEED}


def export(work: Workspace) -> Associations:
    """Projections of occupations, and WEAT effect sizes with their permutation test (Caliskan et al. 2017), in every space."""
    shared, lists = shared_words(work), work.words("associations")
    poles, left_out = lists["poles"], []
    kept = {}
    for name in ("occupations", "first", "second"):
        kept[name], missing = shared.split(lists[name])
        left_out += missing
    directions = []
    if not shared.split(poles)[1] and all(kept.values()):
        couples = [couple for couple in zip(lists["first"], lists["second"], strict=True) if not shared.split(list(couple))[1]]
        directions = [_direction(shared, space, poles, kept, couples) for space in shared.spaces.values()]
    agreement = [
        Agreement(
            first=one.role,
            second=two.role,
            pearson=rounded(pearson([w.cosine for w in one.occupations], [w.cosine for w in two.occupations]), 4),
        )
        for one, two in combinations(directions, 2)
    ]
    tests = [_test(shared, test, left_out) for test in lists["tests"].values()]
    return Associations(
        poles=poles,
        by_space=directions,
        agreement=agreement,
        tests=[test for test in tests if test is not None],
        left_out=sorted(set(left_out)),
    )


def _direction(
    shared: SharedWords, space: SharedSpace, poles: list[str], kept: dict[str, list[str]], couples: list[tuple[str, str]]
) -> DirectionInSpace:
    """Cosines with the difference of two unit vectors. Random directions are differences of two random shared words.

    couples: (word of the first pole, word of the second), such as mother and father.
    """
    rows = {name: np.array([shared.place[word] for word in words]) for name, words in kept.items()}
    first, second = (space.units[shared.place[pole]] for pole in poles)
    direction = unit_rows((first - second)[None])[0]
    cosines = {name: space.units[found] @ direction for name, found in rows.items()}
    rng = np.random.default_rng(SEED)
    ends = np.stack([rng.choice(len(shared.words), 2, replace=False) for _ in range(DIRECTIONS)])
    random = space.units[rows["occupations"]] @ unit_rows(space.units[ends[:, 0]] - space.units[ends[:, 1]]).T
    spreads = random.std(axis=0)
    own = float(cosines["occupations"].std())
    projected = {
        name: sorted(
            (ProjectedWord(word=word, cosine=rounded(cosine, 5)) for word, cosine in zip(words, cosines[name], strict=True)),
            key=lambda word: (-word.cosine, word.word),
        )
        if name != "occupations"
        else [ProjectedWord(word=word, cosine=rounded(cosine, 5)) for word, cosine in zip(words, cosines[name], strict=True)]
        for name, words in kept.items()
    }
    along = dict(zip(shared.words, space.units @ direction, strict=True))
    return DirectionInSpace(
        role=space.role,
        occupations=projected["occupations"],
        first_words=projected["first"],
        second_words=projected["second"],
        spread=rounded(own, 5),
        random_spreads=spread(spreads),
        random_share=rounded((1 + (spreads >= own).sum()) / (1 + DIRECTIONS), 5),
        random_band=rounded(np.percentile(np.abs(random - random.mean(axis=0)), 95), 5),
        spearman_id=rounded(spearman(cosines["occupations"], space.ids[rows["occupations"]]), 4),
        definition_right=rounded(larger_share(cosines["first"], cosines["second"]), 4),
        couples=len(couples),
        couples_wrong=[couple for couple in couples if along[couple[0]] <= along[couple[1]]],
    )


def _test(shared: SharedWords, test: dict, left_out: list[str]) -> AssociationTest | None:
    lists, listed = [], []
    for name in ("first_targets", "second_targets", "first_attributes", "second_attributes"):
        kept, missing = shared.split(test[name])
        left_out += missing
        listed.append(len(test[name]))
        lists.append(np.array([shared.place[word] for word in kept], dtype=np.int64))
    if min(len(found) for found in lists) < LEAST_WORDS:
        return None
    spaces = [_association(space, lists) for space in shared.spaces.values()]
    return AssociationTest(
        name=test["name"],
        targets=test["targets"],
        attributes=test["attributes"],
        words=[len(found) for found in lists],
        words_listed=listed,
        by_space=spaces,
    )


def effect_size(first: np.ndarray, second: np.ndarray) -> float:
    """Difference of means in standard deviations of all values together (n - 1), after Caliskan et al. (2017)."""
    return float((first.mean() - second.mean()) / np.concatenate((first, second)).std(ddof=1))


def _association(space: SharedSpace, lists: list[np.ndarray]) -> AssociationInSpace:
    """The test with the vectors as they are, and after their mean is taken off."""
    effect, p = association_test(space.units, lists)
    effect_centred, p_centred = association_test(space.centred_units, lists)
    return AssociationInSpace(role=space.role, effect=effect, p=p, effect_centred=effect_centred, p_centred=p_centred)


def association_test(units: np.ndarray, lists: list[np.ndarray]) -> tuple[float, float]:
    """(effect size, one-sided p). units: [word, dim]; lists: rows of first targets, second targets, first and second attributes.

    The p-value permutes which targets are first; (1 + as large) / (1 + permutations).
    """
    first, second, good, bad = (units[rows] for rows in lists)
    targets = np.concatenate((first, second))
    values = (targets @ good.T).mean(axis=1) - (targets @ bad.T).mean(axis=1)
    own = values[: len(first)].sum()
    rng = np.random.default_rng(SEED)
    sums = np.array([rng.permutation(values)[: len(first)].sum() for _ in range(PERMUTATIONS)])
    effect = rounded(effect_size(values[: len(first)], values[len(first) :]), 4)
    return effect, rounded((1 + (sums >= own - 1e-12).sum()) / (1 + PERMUTATIONS), 6)
