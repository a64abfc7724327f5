"""Representational similarity analysis of the static vectors: similarities within each space, agreement of spaces, and how sure it is."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from artefacts.schemas.parts import Cosine, Histogram, Role, Strict

Measure = Literal["cosine", "correlation", "euclidean"]
Coefficient = Literal["pearson", "spearman", "rho_a", "tau_a"]
PairKind = Literal["all", "within", "across"]
Correlation = Annotated[float, Field(ge=-1.000001, le=1.000001)]
Share = Annotated[float, Field(ge=0, le=1)]


class WordLeftOut(Strict):
    """A word that is no single token in some spaces. pieces: space -> how many tokens it is there; 0: not known at all."""

    word: str
    category: str
    pieces: dict[Role, int]


class SpaceSimilarities(Strict):
    """One space. Pairs stand row by row: (0,1), (0,2), ..., (1,2), ..."""

    role: Role
    dims: int
    cosines: list[Cosine]  # [pair]
    mean: Cosine
    standard_deviation: float
    within_mean: Cosine | None  # None: there is no such pair
    across_mean: Cosine | None
    nearest_same: int  # words whose nearest other word of the list is of their category
    clustered: list[int]  # places of the words in the order of a clustering: average linkage, optimal leaf ordering


class RsaSimilarities(Strict):
    """Step one: cosine similarities of all pairs of the words, in each space."""

    words: list[str]
    categories: list[str]  # [word]
    listed: int  # words of the list, those left out included
    left_out: list[WordLeftOut]
    pairs: int
    within: int  # pairs whose words share their category
    across: int
    listed_pairs: int
    listed_within: int
    by_model: list[SpaceSimilarities]


class Agreement(Strict):
    """Two spaces, or one and the categories, compared by one measure and one coefficient."""

    first: Role
    second: Role | Literal["category"]
    measure: Measure
    coefficient: Coefficient
    value: Correlation


class AgreementOfKind(Strict):
    """Pearson correlation of two spaces' cosines over some of the pairs, and how much these vary. None where nothing can be said."""

    first: Role
    second: Role
    kind: PairKind
    pairs: int
    pearson: Correlation | None
    deviation_first: float
    deviation_second: float


class Ceiling(Strict):
    """The most that untied values can reach against the categories."""

    coefficient: Coefficient
    value: Correlation
    value_listed: Correlation  # if no word had to be left out


class SameWord(Strict):
    """Whether the coordinates of two spaces can be correlated directly at all: only where the widths are equal."""

    first: Role
    second: Role
    dims_first: int
    dims_second: int


class RsaAgreement(Strict):
    """Step two: every pair of spaces, every measure, every coefficient."""

    agreements: list[Agreement]
    by_kind: list[AgreementOfKind]
    ceilings: list[Ceiling]
    widths: list[SameWord]


class AgreementTest(Strict):
    """One agreement (cosine in step one), its permutation test, and a bootstrap interval over words."""

    first: Role
    second: Role | Literal["category"]
    coefficient: Coefficient
    observed: Correlation
    permutations: int
    reached: int  # permutations that agree at least as well
    p: Share
    null_mean: float
    null_deviation: float
    null_largest: Correlation
    null: Histogram | None  # for Pearson
    resamples: int
    low: Correlation
    high: Correlation
    resampled: Histogram | None  # for Pearson


class NaiveTest(Strict):
    """What comes out if the pairs are counted as if they were independent; Pearson, one-sided."""

    first: Role
    second: Role | Literal["category"]
    pairs: int
    log10_p: float
    deviation: float  # that it expects of r where nothing is shared
    critical: Correlation  # r from which it says p <= 0.05
    false_alarms: Share  # shuffled words, which share nothing, of which it says so
    low: Correlation  # its 95% interval (Fisher's z)
    high: Correlation


class CategoryTest(Strict):
    """Pearson's r of two spaces over pairs of one kind, where words change places, and are drawn anew, within their category only."""

    first: Role
    second: Role
    kind: PairKind
    observed: Correlation
    permutations: int
    p: Share  # one-sided: shuffles that agree at least as well
    p_two_sided: Share  # twice the smaller tail
    null_mean: Correlation  # what the categories alone bring
    null_deviation: float
    resamples: int
    low: Correlation  # each category drawn with replacement
    high: Correlation


class RsaInference(Strict):
    """Whether the agreement of two spaces is more than chance, how sure it is, and what a test of single pairs says."""

    words: int
    level: Share  # of the intervals
    tests: list[AgreementTest]
    naive: list[NaiveTest]
    within_categories: list[CategoryTest]  # for each two spaces, the kinds that have enough pairs
