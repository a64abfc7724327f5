"""Writes rsa_agreement: step two, how well the spaces agree, by every measure and coefficient, and with the categories of the words."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from artefacts.schemas.rsa import Agreement, AgreementOfKind, Ceiling, RsaAgreement, SameWord
from precompute.rsa.coefficients import COEFFICIENTS, category_ceiling, coefficient
from precompute.rsa.rdms import MEASURES, category_dissimilarities, dissimilarities, pair_cosines
from precompute.rsa.words import SOURCE_WORDS, WORD_LIST, source_words
from precompute.statistics_of import rounded
from precompute.workspace import Workspace

WORD_LISTS = (WORD_LIST,)
DIGITS = 7
"""So many that a value read back agrees with one computed from the vectors to a millionth."""


def export(work: Workspace) -> RsaAgreement:
    """Coefficients of every two spaces, and of each with the category matrix, by every measure."""
    found = source_words(work)
    category = category_dissimilarities(found.categories)
    listed = [name for name, words in work.words(WORD_LIST)[SOURCE_WORDS].items() for _ in words]
    agreements = []
    for measure in MEASURES:
        rdms = {role: dissimilarities(vectors, measure) for role, vectors in found.vectors.items()}
        compared = [*combinations(rdms, 2), *((role, "category") for role in rdms)]
        for first, second in compared:
            other = category if second == "category" else rdms[second]
            agreements += [
                Agreement(first=first, second=second, measure=measure, coefficient=name, value=_value(name, rdms[first], other))
                for name in COEFFICIENTS
            ]
    cosines = {role: pair_cosines(vectors) for role, vectors in found.vectors.items()}
    kinds = {"all": category >= 0, "within": category == 0, "across": category == 1}
    widths = {role: vectors.shape[1] for role, vectors in found.vectors.items()}
    return RsaAgreement(
        agreements=agreements,
        by_kind=[
            _of_kind(first, second, kind, cosines[first][chosen], cosines[second][chosen])
            for first, second in combinations(cosines, 2)
            for kind, chosen in kinds.items()
        ],
        ceilings=[
            Ceiling(
                coefficient=name,
                value=rounded(category_ceiling(name, found.categories), DIGITS),
                value_listed=rounded(category_ceiling(name, listed), DIGITS),
            )
            for name in COEFFICIENTS
        ],
        widths=[
            SameWord(first=first, second=second, dims_first=widths[first], dims_second=widths[second])
            for first, second in combinations(widths, 2)
        ],
    )


def _value(name: str, first: np.ndarray, second: np.ndarray) -> float:
    return rounded(coefficient(name, first, second), DIGITS)


def _of_kind(first: str, second: str, kind: str, one: np.ndarray, other: np.ndarray) -> AgreementOfKind:
    few = len(one) < 3
    return AgreementOfKind(
        first=first,
        second=second,
        kind=kind,
        pairs=len(one),
        pearson=None if few else _value("pearson", one, other),
        deviation_first=0 if few else rounded(one.std(), DIGITS),
        deviation_second=0 if few else rounded(other.std(), DIGITS),
    )
