"""The colours do what charts/palette.py promises: readable in both themes, told apart by every colour vision and in grey."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from charts.palette import PALETTE, SHAPES, dark_of_light, light

THEMES = {"light": 0, "dark": 1}
GROUNDS = ("paper", "paper-raised", "paper-sunken")
ROLES = ("decoder", "encoder", "static")
TEXTS = ("ink", "ink-soft", "accent", *ROLES, "holds", "caveat", "fails", "open")

# Machado, Oliveira & Fernandes (2009), table 1, severity 1.0; on linear RGB.
COLOUR_VISION = {
    "full": np.eye(3),
    "protanopia": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    "deuteranopia": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]),
    "tritanopia": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]),
}
LUMINANCE = np.array([0.2126, 0.7152, 0.0722])  # of linear sRGB
TO_XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], LUMINANCE, [0.0193339, 0.1191920, 0.9503041]])
DISTINCT = 20.0  # CIE76 difference; about ten times what one can just see
DISTINCT_IN_GREY = 9.0  # difference of CIE lightness, 0..100


def linear(colour: str) -> np.ndarray:
    """Colour as #rrggbb -> linear RGB, [channel] in 0..1."""
    value = np.array([int(colour[n : n + 2], 16) for n in (1, 3, 5)]) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """Contrast ratio of WCAG 2.2, 1..21."""
    darker, lighter = sorted(float(LUMINANCE @ linear(colour)) for colour in (one, other))
    return (lighter + 0.05) / (darker + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    """Linear RGB -> CIE L*, a*, b* (D65)."""
    ratio = TO_XYZ @ np.clip(rgb, 0, 1) / TO_XYZ.sum(axis=1)
    f = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def test_contrast_of_known_pairs():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", TEXTS)
def test_texts_can_be_read_on_every_ground(name: str, theme: str):
    at = THEMES[theme]
    for ground in GROUNDS:
        assert contrast(PALETTE[name][at], PALETTE[ground][at]) >= 4.5, ground


@pytest.mark.parametrize("theme", THEMES)
def test_marks_that_carry_meaning_stand_out(theme: str):
    at = THEMES[theme]
    for ground in GROUNDS:
        assert contrast(PALETTE["baseline"][at], PALETTE[ground][at]) >= 3, ground


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("vision", COLOUR_VISION)
def test_models_are_told_apart_by_every_colour_vision(vision: str, theme: str):
    seen = {role: lab(COLOUR_VISION[vision] @ linear(PALETTE[role][THEMES[theme]])) for role in ROLES}
    for one, other in combinations(ROLES, 2):
        assert np.linalg.norm(seen[one] - seen[other]) >= DISTINCT, (one, other)


@pytest.mark.parametrize("theme", THEMES)
def test_models_are_told_apart_in_grey(theme: str):
    lightness = {role: lab(linear(PALETTE[role][THEMES[theme]]))[0] for role in ROLES}
    for one, other in combinations(ROLES, 2):
        assert abs(lightness[one] - lightness[other]) >= DISTINCT_IN_GREY, (one, other, lightness)


def test_models_differ_in_shape_too():
    assert set(SHAPES) == set(ROLES) and len(set(SHAPES.values())) == len(ROLES)


def test_every_chart_can_be_recoloured():
    dark = dark_of_light()
    assert all(dark[light(name)] == values[1] for name, values in PALETTE.items())
    assert all(colour == colour.lower() and len(colour) == 7 for values in PALETTE.values() for colour in values)
