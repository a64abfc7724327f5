"""The same words in spaces that share no axes: coordinates, neighbourhoods, cosines; images turned in known ways; spaces turned onto
each other; and whether a space's axes are any different from other directions in it.

A space is named by its key: the role of a model of the set, the key of one that accompanies it, or the name of a small model.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from artefacts.schemas.parts import Cosine, Histogram, Strict

SpaceKind = Literal["decoder", "encoder", "static", "twin"]
Relation = Literal["other seed", "other objective", "other model"]


class ComparedSpace(Strict):
    """A space and what pages call it."""

    key: str
    name: str
    kind: SpaceKind
    width: int


class CorrelationSummary(Strict):
    """Pearson r of two rows, over many words."""

    mean: float
    standard_deviation: float
    beyond: float  # share of words whose r is larger in size than 1.96 standard deviations of independent rows


class CoordinateCorrelations(Strict):
    """Axis n of one space is paired with axis n of the other."""

    null_standard_deviation: float  # of r for independent rows: 1 / sqrt(width - 1)
    same_word: CorrelationSummary  # all words in common
    other_word: CorrelationSummary  # the same rows, each with another word's
    histogram: Histogram  # of r, same word
    listed: list[float]  # [word of `listed`]


class DirectComparison(Strict):
    """The rows of the same words in two spaces, coordinate by coordinate. first, second: keys."""

    first: str
    second: str
    relation: Relation
    correlations: CoordinateCorrelations | None  # None where the widths differ: there are no pairs of coordinates


class CoordinatesOfSpace(Strict):
    """The rows of a few words in one space."""

    key: str
    rows: list[list[float]]  # [word of `shown`, axis]


class DirectComparisons(Strict):
    """Which spaces can be compared number by number, and what comes of it."""

    words: int  # in common
    listed: list[str]
    categories: list[str]  # of each of `listed`
    left_out: list[str]  # words of the list that not all spaces have as one token
    shown: list[str]  # words whose coordinates are here
    spaces: list[ComparedSpace]
    coordinates: list[CoordinatesOfSpace]  # of the spaces that have a partner of equal width
    pairs: list[DirectComparison]


class NeighboursIn(Strict):
    """A word's neighbours in one model."""

    model: str
    words: list[str]  # best first
    cosines: list[Cosine]


class NeighboursOfWord(Strict):
    """A word's neighbours in several models."""

    word: str
    by_model: list[NeighboursIn]


class SharedNeighbours(Strict):
    """Of the k neighbours of a word in one model, how many the other lists, too."""

    first: str
    second: str
    counts: list[int]  # [0..k], words with so many shared neighbours
    mean: float


class TwinGeometry(Strict):
    """What small models of another seed or objective agree on: cosines of pairs, and neighbours."""

    models: list[str]
    words: list[str]
    categories: list[str]
    cosines: list[list[Cosine]]  # [model, pair of words], the upper triangle row by row
    k: int
    asked: int  # words whose neighbours are counted
    chance: float  # shared neighbours that random lists would have, mean
    neighbours: list[NeighboursOfWord]
    shared: list[SharedNeighbours]


class ImageChange(Strict):
    """One way to change all images alike. Correlations and cosines are between images as lists of pixels."""

    key: str
    label: str
    kept: bool  # made to keep all lengths and angles
    own: list[float]  # [image], r of an image with itself after the change
    own_mean: float
    other_mean: float  # of an image with every other image after the change
    cosines: list[Cosine]  # of all pairs after the change
    largest_difference: float = Field(ge=0)  # of a pair's cosine from what it was
    cosine_correlation: float  # Pearson r of the pairs' cosines before and after
    found_before: Cosine  # mean cosine of held-out images with themselves after the change, centred
    found: Cosine  # the same after an orthogonal map was fitted on the other half of all images
    shown: list[list[float]]  # [shown image, pixel] after the change


class ChangedImages(Strict):
    """Handwritten digits, all changed in the same way: coordinates go, cosines stay, or not."""

    source: str
    source_url: str
    licence: str
    side: int
    total: int  # images in the collection; half of them fit the map
    digits: list[int]  # [image]
    shown: list[int]  # images that are drawn, one a digit
    pixels: list[list[float]]  # [shown image, pixel], 0 to 16
    cosines: list[Cosine]  # of all pairs, the upper triangle row by row
    changes: list[ImageChange]


class Retrieval(Strict):
    """How near a word's turned vector lies to its own vector in the other space, over held-out words."""

    cosine: Cosine  # mean
    first_place: float  # share of words whose own vector is the nearest of all held-out ones
    ten_places: float  # or among the ten nearest


class FittedOn(Strict):
    """How well a map does that was fitted on so many words."""

    words: int
    cosine: Cosine
    first_place: float


class Landing(Strict):
    """Where one held-out word lies after the map: the nearest words of the other space, among the held-out ones."""

    word: str
    nearest: list[str]
    rank: int  # of its own vector, from 1


class SpaceAlignment(Strict):
    """An orthogonal map from the first space to the second, fitted on some words, judged on others."""

    first: str
    second: str
    relation: Relation
    before: Cosine  # mean cosine of a held-out word's two rows, zeros appended where widths differ, centred
    fitted: Cosine  # after the map, on the words that it was fitted on
    held_out: Retrieval
    back: Retrieval  # looked for in the first space
    shuffled: Retrieval  # after a map fitted on words paired by lot
    by_third: list[Retrieval]  # the most frequent third of the held-out words, the next, the rarest; looked for among all held-out words
    strangers: Retrieval | None  # those held-out words alone that look like no form of a fitted one; None if there are none
    cut: Retrieval | None  # the wider space cut to the width of the narrower by PCA; None where the widths are equal
    linear: Retrieval  # after the best linear map of any kind
    linear_shuffled: Retrieval  # the same fitted on words paired by lot
    by_fitted: list[FittedOn]  # the map fitted on fewer words, judged on the same
    landings: list[Landing]


class SpaceAlignments(Strict):
    """Whether one space can be turned onto another: orthogonal maps, judged on words that they were not fitted on."""

    words: int
    fitted_words: int
    held_out_words: int
    stranger_words: int  # held-out words that look like no form of a fitted one
    spaces: list[ComparedSpace]
    pairs: list[SpaceAlignment]


class AxesOfSpace(Strict):
    """Variance along each axis as a share of what an average axis has, and along as many random directions at right angles."""

    key: str
    axes: list[float]  # largest first
    random: list[float]
    largest_axis: int  # its index, from 0
    tail: float  # largest excess kurtosis along an axis: how much a few words stick out of it
    random_tail: float


class AxisDirections(Strict):
    """Are axes different from other directions of the same space?"""

    words: int
    spaces: list[ComparedSpace]
    by_space: list[AxesOfSpace]
