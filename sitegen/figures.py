"""The figures of a set: drawn in parallel when first needed, kept in the cache by what they were made from."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from concurrent.futures import BrokenExecutor, Future
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artefacts.registry import ARTEFACTS
from charts import figure_files
from problems import ProjectError, did_you_mean
from sitegen.build_cache import BuildCache
from sitegen.code_digest import version_of
from sitegen.figure_drawing import draw_figure
from sitegen.project import Problems, Project, digest
from sitegen.site_data import SetData, token_kinds

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor

_ROOT = Path(__file__).parent.parent
_DRAWING_FILES = (
    "sitegen/drawing_engine.py",
    "sitegen/figure_drawing.py",
    "sitegen/figure_files.py",
    "sitegen/matrix_pictures.py",
    "sitegen/quick_altair.py",
    "sitegen/token_chip.py",
    "sitegen/vega_parts.py",
    "sitegen/font_widths.json",
    "sitegen/vendor/vega-drawing.js",
    "artefacts/tokens.py",
)

_CHART_IMPORT = re.compile(r"^from charts(?:\.([\w.]+))? import (\([^)]*\)|.*)$", re.MULTILINE)
"""`from charts.module import name` or `from charts import module, module`. Parsing whole modules would take most of a warm build."""


@dataclass(frozen=True)
class DrawnFigure:
    """A figure as `figure_drawing.draw_figure` made it, with its place in the project."""

    name: str
    chart_file: Path
    drawn: dict[str, Any]
    key: str

    def __getattr__(self, part: str) -> Any:
        try:
            return self.drawn[part]
        except KeyError:
            raise AttributeError(part) from None


class FigureShop:
    """Draws figures. `start` takes many at once, over several processes; `get` gives one, as soon as it is there."""

    def __init__(self, project: Project, cache: BuildCache, problems: Problems, jobs: int):
        self.project = project
        self.cache = cache
        self.problems = problems
        self.jobs = jobs
        self.drawn_now = 0
        self.only_kept = False  # leave to others what would have to be drawn
        self._figures: dict[tuple[str, str], DrawnFigure | None] = {}
        self._drawing: dict[tuple[str, str], Future[dict[str, Any]]] = {}
        self._workers: ProcessPoolExecutor | None = None
        self._code_keys: dict[str, str] = {}
        self._keys: dict[tuple[str, str], str] = {}
        self._texts: dict[Path, bytes] = {}
        self._imports: dict[Path, list[Path]] = {}
        self._modules: dict[str, Path] = {}
        self._versions = ":".join(f"{p}={version_of(p)}" for p in ("altair", "mini-racer"))

    @functools.cached_property
    def files(self) -> dict[str, Path]:
        """All figures: name -> module."""
        return figure_files(self.project.charts)

    def start(self, wanted: Iterable[tuple[str, SetData]]) -> None:
        """Begin to draw those of these that the cache does not hold, in this order, while the caller goes on."""
        for name, data in wanted:
            known = (name, data.name) in self._figures or (name, data.name) in self._drawing or name not in self.files
            if not known and not self.cache.has(self._key(name, data)):
                self._submit(name, data)

    def get(self, name: str, data: SetData) -> DrawnFigure | None:
        """The figure, or None where a problem with it has been recorded. KeyError with a cure if no figure has that name."""
        if name not in self.files:
            raise KeyError(did_you_mean(name, self.files, "Write charts/<lesson>/<name>.py."))
        if (name, data.name) not in self._figures:
            self._figures[name, data.name] = self._kept(name, data) or (None if self.only_kept else self._drawn(name, data))
        figure = self._figures[name, data.name]
        if figure is None:
            self.problems.met += 1
        return figure

    def close(self) -> None:
        """Let the processes that draw end; what nobody asked for is not drawn any more."""
        if self._workers is not None:
            self._workers.shutdown(wait=False, cancel_futures=True)
            self._workers = None

    def _kept(self, name: str, data: SetData) -> DrawnFigure | None:
        key = self._key(name, data)
        kept = self.cache.get(key) if key else None
        return None if kept is None else DrawnFigure(name, self.files[name], kept, key)

    def _drawn(self, name: str, data: SetData) -> DrawnFigure | None:
        if any(data.is_bad(need) for need in self._known_needs(name)):
            return None
        if (name, data.name) not in self._drawing:
            self._submit(name, data)
        self.drawn_now += 1
        try:
            drawn = self._drawing.pop((name, data.name)).result()
        except ProjectError as error:
            self.problems.extend(error.problems)
            return None
        except BrokenExecutor:
            what = f"the process that drew figure {name!r} ended abruptly"
            self.problems.add(self.files[name], None, what, "Is there enough memory? Try --jobs 1.")
            return None
        key = self._remember_needs(name, data, drawn["needs"])
        self.cache.put(key, drawn)
        return DrawnFigure(name, self.files[name], drawn, key)

    def _submit(self, name: str, data: SetData) -> None:
        if self._workers is None:
            from sitegen.drawing_processes import drawing_processes  # here, because most builds have nothing to draw

            self._workers = drawing_processes(self.jobs)
        try:
            future = self._workers.submit(draw_figure, name, data.folder, self.files[name], self.project.charts, token_kinds(data))
        except BrokenExecutor as error:
            future = Future()
            future.set_exception(error)
        self._drawing[name, data.name] = future

    def key_of(self, name: str, data: SetData) -> str | None:
        """What the figure is made from, as a digest; None if it is not known yet, or there is no such figure."""
        return (self._key(name, data) or None) if name in self.files else None

    def cache_keys_of(self, name: str, data: SetData) -> set[str]:
        """The entries of the cache that a build needs to have the figure without drawing it."""
        return {self._code_key(name), self._key(name, data)}

    # A key needs the names of the artefacts a figure reads, which only its code knows. They are kept under a key of the code alone.

    def _known_needs(self, name: str) -> list[str]:
        return self.cache.get(self._code_key(name)) or []

    def _key(self, name: str, data: SetData) -> str:
        if (name, data.name) not in self._keys:
            needs = self.cache.get(self._code_key(name))
            if needs is None:
                return ""
            self._keys[name, data.name] = self._full_key(name, data, needs)
        self.cache.keep([self._code_key(name)])
        return self._keys[name, data.name]

    def _remember_needs(self, name: str, data: SetData, needs: list[str]) -> str:
        self.cache.put(self._code_key(name), needs)
        return self._full_key(name, data, needs)

    def _full_key(self, name: str, data: SetData, needs: list[str]) -> str:
        modules = sorted({ARTEFACTS.module_of(need) for need in needs if need in ARTEFACTS})
        code = [self._code_key(name), *map(_source_of, modules)]
        return digest("figure", *code, data.name, str(token_kinds(data)), *(data.digest_of(need) for need in needs))

    def _code_key(self, name: str) -> str:
        if name not in self._code_keys:
            sources = [self.files[name], *self._imported_charts(self.files[name])]
            self._code_keys[name] = digest("needs", name, self._shared_code, *map(self._text_of, sources))
        return self._code_keys[name]

    @functools.cached_property
    def _shared_code(self) -> str:
        """A digest of what every drawing depends on. The theme is in force whether or not a chart imports it."""
        theme = self._chart_module("theme")
        sources = [theme, *self._imported_charts(theme), *(_ROOT / file for file in _DRAWING_FILES)]
        return digest(self._versions, *map(self._text_of, sources))

    def _imported_charts(self, file: Path) -> list[Path]:
        """The chart modules that `file` imports, directly or through others, in a fixed order."""
        found: set[Path] = set()
        waiting = {file}
        while waiting:
            waiting |= set(self._imports_of(waiting.pop())) - found
            found |= waiting
        return sorted(found - {file})

    def _imports_of(self, file: Path) -> list[Path]:
        """The chart modules that `file` itself imports. Most are shared by many figures, so each is looked through once."""
        if file not in self._imports:
            found = _CHART_IMPORT.findall(self._text_of(file).decode("utf-8", errors="replace"))
            modules = [module for own, names in found for module in ([own] if own else re.findall(r"\w+", names))]
            self._imports[file] = [path for path in map(self._chart_module, modules) if path.exists()]
        return self._imports[file]

    def _text_of(self, file: Path) -> bytes:
        if file not in self._texts:
            self._texts[file] = file.read_bytes()
        return self._texts[file]

    def _chart_module(self, module: str) -> Path:
        if module not in self._modules:
            self._modules[module] = self._found_module(module)
        return self._modules[module]

    def _found_module(self, module: str) -> Path:
        """The project's own module of that name, or this repository's."""
        file = f"{module.replace('.', '/')}.py"
        own = self.project.charts / file
        return own if own.exists() else _ROOT / "charts" / file


@functools.cache
def _source_of(module: str) -> bytes:
    """The source of one of this repository's modules; many figures share a schema."""
    return (_ROOT / f"{module.replace('.', '/')}.py").read_bytes()
