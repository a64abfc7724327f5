"""The figures: one module a figure, named after it, in the folder of its lesson.

Importing the package loads none of them, because a build whose figures are all in the cache has no need of Altair.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from charts.figure import FigureMaker

FOLDER = Path(__file__).parent


def figure_files(folder: Path = FOLDER) -> dict[str, Path]:
    """Figure name -> its module `<lesson>/<name>.py`, known by the decorator in it; shared modules have none."""
    modules = sorted(path for path in folder.rglob("*.py") if path.name != "figure.py" and b"\n@figure(" in path.read_bytes())
    return {path.stem.replace("_", "-"): path for path in modules}


def load_figure(file: Path, folder: Path = FOLDER) -> FigureMaker | None:
    """The figure that the module `file` registers, the theme being in force; None if it registers none of its name.

    folder: the folder `charts/` of the project that the module belongs to; its modules go before those of this repository.
    """
    if str(folder) not in __path__:
        __path__.insert(0, str(folder))
    importlib.import_module("charts.theme")
    importlib.import_module(".".join(("charts", *file.relative_to(folder).with_suffix("").parts)))
    from charts.figure import FIGURES

    return FIGURES.get(file.stem.replace("_", "-"))


def load_figures() -> dict[str, FigureMaker]:
    """All figures of this repository by name."""
    makers = {name: load_figure(file) for name, file in figure_files().items()}
    return {name: maker for name, maker in makers.items() if maker is not None}
