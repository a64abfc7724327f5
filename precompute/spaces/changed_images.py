"""Writes changed_images: handwritten digits, all turned, shuffled or spoiled in the same way.

The images are those of scikit-learn's `load_digits`, which ships with the library: 8 x 8 pixels from 0 to 16, a part of the
Optical Recognition of Handwritten Digits data set (Alpaydin and Kaynak 1998).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np

from artefacts.envelope import ModelIdentity
from artefacts.schemas.spaces import ChangedImages, ImageChange
from precompute.correlations import row_correlations
from precompute.spaces.procrustes import centred_units, halves, mean_cosine, turned, unit_rows
from precompute.statistics_of import pearson, rounded
from precompute.workspace import Workspace

SIDE, PER_DIGIT = 8, 3
SEED, HALVES_SEED = 64, 65
STRONGER, BRIGHTER = 4.0, 8.0
OPTIONS = {"per_digit": PER_DIGIT, "seed": SEED, "halves_seed": HALVES_SEED, "stronger": STRONGER, "brighter": BRIGHTER}
LICENCE = "CC BY 4.0"
URL = "https://archive.ics.uci.edu/dataset/80/optical+recognition+of+handwritten+digits"
SOURCES = (
    ModelIdentity(
        role="images", id="scikit-learn, load_digits", version=f"in version {version('scikit-learn')}", licence=LICENCE, quantisation=None
    ),
)

Change = Callable[[np.ndarray], np.ndarray]
"""All images as rows, [image, pixel], to all of them changed."""


@dataclass(frozen=True)
class NamedChange:
    """Something that is done to all images alike. kept: whether distances between images stay what they were."""

    key: str
    label: str
    kept: bool
    change: Change


def changes() -> list[NamedChange]:
    """Four that keep all lengths and angles, and three that do not. What is drawn by lot is the same for every image."""
    numbers = np.random.default_rng(SEED)
    pixels = SIDE * SIDE
    order = numbers.permutation(pixels)
    orthogonal = np.linalg.qr(numbers.standard_normal((pixels, pixels)))[0]
    strength = np.where(numbers.permutation(pixels) < pixels // 4, STRONGER, 1.0)
    return [
        NamedChange("rotate", "rotate by 90°", True, _on_squares(lambda images: np.rot90(images, axes=(1, 2)))),
        NamedChange("transpose", "transpose: swap rows and columns", True, _on_squares(lambda images: images.transpose(0, 2, 1))),
        NamedChange("shuffle", "shuffle the pixels", True, lambda images: images[:, order]),
        NamedChange("orthogonal", "a random orthogonal map", True, lambda images: images @ orthogonal),
        NamedChange("stronger", f"make a quarter of the pixels {STRONGER:g} times as strong", False, lambda images: images * strength),
        NamedChange("blur", "blur: mean of 3 × 3 pixels", False, _on_squares(_blurred)),
        NamedChange("brighter", f"brighten: add {BRIGHTER:g} to every pixel", False, lambda images: images + BRIGHTER),
    ]


def _on_squares(change: Change) -> Change:
    """A change of [image, row, column] as one of [image, pixel]."""
    return lambda images: change(images.reshape(-1, SIDE, SIDE)).reshape(len(images), -1)


def _blurred(images: np.ndarray) -> np.ndarray:
    """Each pixel the mean of itself and its eight neighbours; beyond the edge there is no ink."""
    framed = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    return sum(framed[:, row : row + SIDE, column : column + SIDE] for row in range(3) for column in range(3)) / 9


def export(work: Workspace) -> ChangedImages:
    """Cosines of 8 x 8 digits (scikit-learn's copy of the UCI set) before and after each change, and examples to look at."""
    from sklearn.datasets import load_digits

    collection = load_digits()
    everything, targets = collection.data.astype(np.float64), collection.target
    chosen = np.concatenate([np.flatnonzero(targets == digit)[:PER_DIGIT] for digit in range(10)])
    images = everything[chosen]
    shown = list(range(0, len(chosen), PER_DIGIT))
    before = _cosines(images)
    return ChangedImages(
        source="Optical Recognition of Handwritten Digits, as scikit-learn carries it",
        source_url=URL,
        licence=LICENCE,
        side=SIDE,
        total=len(everything),
        digits=targets[chosen].tolist(),
        shown=shown,
        pixels=_rows(images[shown]),
        cosines=[rounded(cosine, 3) for cosine in before],
        changes=[_changed(named, images, everything, before, shown) for named in changes()],
    )


def _changed(named: NamedChange, images: np.ndarray, everything: np.ndarray, before: np.ndarray, shown: list[int]) -> ImageChange:
    after = named.change(images)
    cosines = _cosines(after)
    own = row_correlations(images, after)
    others = [row_correlations(images, np.roll(after, shift, axis=0)).mean() for shift in range(1, len(images))]
    half = halves(len(everything), np.random.default_rng(HALVES_SEED))
    first, second = centred_units(everything, half.fitted), centred_units(named.change(everything), half.fitted)
    return ImageChange(
        key=named.key,
        label=named.label,
        kept=named.kept,
        own=[rounded(r, 4) for r in own],
        own_mean=rounded(own.mean(), 4),
        other_mean=rounded(np.mean(others), 4),
        cosines=[rounded(cosine, 3) for cosine in cosines],
        largest_difference=rounded(np.abs(cosines - before).max(), 6),
        cosine_correlation=rounded(pearson(before, cosines), 5),
        found_before=rounded(mean_cosine(first, second, half.held_out), 4),
        found=rounded(mean_cosine(turned(first, second, half.fitted, half.fitted), second, half.held_out), 5),
        shown=_rows(after[shown]),
    )


def _cosines(images: np.ndarray) -> np.ndarray:
    """Of all pairs, the upper triangle row by row."""
    units = unit_rows(images)
    return (units @ units.T)[np.triu_indices(len(units), 1)]


def _rows(images: np.ndarray) -> list[list[float]]:
    return [[rounded(value, 1) for value in image] for image in images]
