"""What a figure is: a finding, a picture, its words, its numbers and the reader's controls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import altair as alt

from charts.matrix import Matrix, MatrixView

Value = str | int | float | bool | None


@dataclass(frozen=True)
class Column:
    """One column of the table behind a figure. `unit` and `decimals` are for reading; CSV and JSON hold the full value.

    `kind` is "token" for a raw vocabulary string and "tokens" for several, separated by single spaces (no vocabulary spells a
    token with a plain space); both are shown as chips and need `tokenizer_kind` or, where it differs by row,
    `tokenizer_kind_column`, the name of a field of the row that need not be a column.
    """

    name: str  # field name in CSV and JSON, with unit: "angle_degrees"
    label: str
    kind: Literal["text", "number", "integer", "token", "tokens"] = "text"
    decimals: int = 3
    tokenizer_kind: str | None = None
    tokenizer_kind_column: str | None = None


@dataclass(frozen=True)
class Table:
    """A figure's numbers as its page and its CSV file show them."""

    columns: list[Column]
    rows: list[dict[str, Value]]
    default_rows: Callable[[dict[str, Value]], bool] | None = None  # which rows the untouched figure shows; None: all


@dataclass(frozen=True)
class Control:
    """Something the reader can change. `name` is the name of a top-level parameter of the chart (`alt.param(name=...)`)."""

    name: str
    label: str
    kind: Literal["select", "slider", "checkbox"]
    value: Value  # where it stands when nobody has touched it
    options: list[tuple[str, str]] = field(default_factory=list)  # select: (value, shown)
    minimum: float = 0
    maximum: float = 1
    step: float = 0.1
    unit: str = ""


@dataclass(frozen=True)
class Figure:
    """Everything a page needs to show a finding. Text fields are plain text; tokens in them are already made visible.

    Rows belong into `datasets`, not into the chart: Altair copies and checks inline rows again with every layer, which takes
    seconds for a few hundred of them.
    """

    title: str  # a sentence that states the finding, made from the data
    caption: str  # how to read it, and where it misleads; may use *emphasis* and `code` of Markdown
    description: str  # what a person who cannot see it needs, made from the data
    table: Table
    chart: Callable[[int], alt.TopLevelMixin] | None = (
        None  # total width in px (328 or 704) -> chart; None: the table is the picture
    )
    datasets: dict[str, list[dict[str, Value]]] = field(default_factory=dict)  # what `alt.NamedData(name)` in the chart stands for
    controls: list[Control] = field(default_factory=list)
    roles: tuple[str, ...] = ()  # whose models it shows: for the legend
    matrices: list[Matrix] = field(default_factory=list)  # instead of a chart: drawn cell by cell, one at a time
    matrix_view: MatrixView = field(default_factory=MatrixView)

    @property
    def kind(self) -> Literal["chart", "matrix", "table"]:
        """What the page draws."""
        if self.chart is not None:
            return "chart"
        return "matrix" if self.matrices else "table"

    @property
    def all_controls(self) -> list[Control]:
        """The author's controls; a matrix brings its own."""
        return [*self.controls, *_matrix_controls(self.matrices, self.matrix_view)] if self.kind == "matrix" else self.controls


def _matrix_controls(matrices: list[Matrix], view: MatrixView) -> list[Control]:
    """Which matrix, where its colours end, and the size that the others must exceed to stay visible."""
    options = [(matrix.name, matrix.label) for matrix in matrices]
    select = [Control("matrix", "Matrix", "select", options[0][0], options=options)] if len(options) > 1 else []
    sign = "±" if view.scale == "diverging" else ""
    edge = {"minimum": view.range_step, "maximum": view.range_maximum, "step": view.range_step}
    beyond = {"minimum": 0, "maximum": view.threshold_maximum, "step": view.threshold_step}
    return [
        *select,
        Control("range", f"Full colour at {sign}".rstrip(), "slider", view.range, **edge),
        Control("threshold", "Fade entries up to", "slider", view.threshold, **beyond),
    ]


@dataclass(frozen=True)
class FigureMaker:
    """A registered figure: `make(data)` builds it; `data[name]` is the checked data of the artefact `name`."""

    name: str
    needs: tuple[str, ...]
    make: Callable[[Mapping[str, Any]], Figure]


FIGURES: dict[str, FigureMaker] = {}


def figure(*, needs: tuple[str, ...]) -> Callable[[Callable[[Mapping[str, Any]], Figure]], Callable[[Mapping[str, Any]], Figure]]:
    """Register a function as the figure named after it (`sorted_similarities` -> `sorted-similarities`).

    needs: names of the artefacts it reads; it is given these and no others.
    """

    def register(make: Callable[[Mapping[str, Any]], Figure]) -> Callable[[Mapping[str, Any]], Figure]:
        name = make.__name__.replace("_", "-")
        if name in FIGURES:
            raise ValueError(f"two figures are named {name}")
        FIGURES[name] = FigureMaker(name, needs, make)
        return make

    return register
