"""The figures of the lessons: one module a figure, named after it.

Importing the package loads none of them, because a build whose figures are all in the cache has no need of Altair.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from charts.figure import FigureMaker

SHARED_MODULES = {"__init__", "figure", "layout", "palette", "reading", "theme"}
"""Modules that are no figure."""


def load_figure(name: str) -> FigureMaker | None:
    """The figure of that name, after importing its module and the theme; None if the module registers none of that name."""
    from charts.figure import FIGURES

    importlib.import_module("charts.theme")
    importlib.import_module(f"charts.{name.replace('-', '_')}")
    return FIGURES.get(name)


def load_figures() -> dict[str, FigureMaker]:
    """All figures by name."""
    names = sorted(p.stem.replace("_", "-") for p in Path(__file__).parent.glob("*.py") if p.stem not in SHARED_MODULES)
    makers = {name: load_figure(name) for name in names}
    return {name: maker for name, maker in makers.items() if maker is not None}
