"""Draw one figure: run its chart function, compile it to Vega, render its pictures. The slow part of a build.

Altair and the figures' own modules are loaded in worker processes only, and only when the cache has no answer.
"""

from __future__ import annotations

import json
import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from problems import Problem, ProjectError
from sitegen.figure_files import (
    INLINE_TABLE_ROWS,
    PAGE_TABLE_ROWS,
    PREVIEW_ROWS,
    WIDTHS,
    figure_script,
    json_text,
    table_csv,
    table_html,
    table_json,
)
from sitegen.token_chip import visible_controls
from sitegen.vega_parts import require_parts

if TYPE_CHECKING:
    from artefacts.envelope import Envelope
    from artefacts.schemas.parts import TokenizerKind
    from charts.figure import Figure


def draw_figure(name: str, set_folder: Path, chart_file: Path, charts_folder: Path, kinds: dict[str, TokenizerKind]) -> dict[str, Any]:
    """Everything about a figure that depends on its code and data, as plain JSON values.

    kinds: role or tokenizer name -> kind of its tokens, by which the tables show them.
    Raises ProjectError if the chart cannot be loaded, its data is bad, it says too little or it cannot be drawn.
    """
    import charts
    from artefacts.envelope import read_artefact
    from charts.figure import Figure

    with _blamed_on(chart_file, f"figure {name!r} cannot be loaded", "Mend the module."):
        maker = charts.load_figure(chart_file, charts_folder)
    if maker is None:
        cure = "Name its function after the file and decorate it with @figure."
        raise ProjectError(Problem(str(chart_file), None, f"registers no figure {name!r}", cure))
    read = {need: read_artefact(set_folder / f"{need}.json") for need in maker.needs}
    with _blamed_on(chart_file, f"figure {name!r} fails on set {set_folder.name!r}", "Mend the chart or its data."):
        figure = maker.make({need: data for need, (_, data) in read.items()})
        if not isinstance(figure, Figure):
            raise TypeError(f"it returned {figure!r:.60}, not a Figure")
    silent = [part for part in ("title", "caption", "description") if not getattr(figure, part).strip()]
    if silent:
        what = f"figure {name!r} has no {' and no '.join(silent)}"
        raise ProjectError(Problem(str(chart_file), None, what, "A reader who cannot see it needs the words: write them."))
    with _blamed_on(chart_file, f"the table of figure {name!r} cannot be shown", "Mend its columns or rows."):
        envelopes = [envelope for envelope, _ in read.values()]
        drawn = _words(figure) | _numbers(name, figure, set_folder.name, envelopes, kinds) | {"needs": list(maker.needs)}
    if figure.kind == "matrix":
        from sitegen.matrix_pictures import draw_matrices

        with _blamed_on(chart_file, f"the matrices of figure {name!r} cannot be drawn", "Mend its matrices or their view."):
            drawn |= _plain_json(draw_matrices(name, figure))
    if figure.kind == "chart":
        with _blamed_on(chart_file, f"figure {name!r} cannot be drawn on set {set_folder.name!r}", "Mend the chart specification."):
            drawn |= _compile_and_draw(name, figure)
    return drawn


def _words(figure: Figure) -> dict[str, Any]:
    words = {part: visible_controls(getattr(figure, part)) for part in ("title", "caption", "description")}
    controls = [vars(control) for control in figure.all_controls]
    return _plain_json(words | {"roles": list(figure.roles), "controls": controls, "kind": figure.kind})


def _numbers(name: str, figure: Figure, set_name: str, envelopes: list[Envelope], kinds: dict[str, TokenizerKind]) -> dict[str, Any]:
    """The table behind the figure in every form in which it is published."""
    chosen = figure.table.default_rows
    default = [row for row in figure.table.rows if chosen is None or chosen(row)]
    shown = default if len(default) <= INLINE_TABLE_ROWS else default[:PREVIEW_ROWS]
    table = {"columns": [vars(column) for column in figure.table.columns], "rows": figure.table.rows}
    models = {model.model_dump_json(): model.model_dump() for envelope in envelopes for model in envelope.models}
    provenance = {
        "figure": name,
        "set": set_name,
        "models": list(models.values()),
        "artefacts": [envelope.schema_name for envelope in envelopes],
        "licence": "CC-BY-4.0",
    }
    whole = table_html(table, figure.table.rows, figure.title, kinds)  # also where it is too long to publish: it shows what is wrong
    return {
        "csv": table_csv(table),
        "json": table_json(figure.title, table, provenance),
        "table_html": table_html(table, shown, figure.title, kinds),
        "whole_table_html": whole if len(figure.table.rows) <= PAGE_TABLE_ROWS else None,
        "rows": len(figure.table.rows),
        "rows_shown": len(shown),
    }


def _plain_json(value: Any) -> Any:
    """Raises ValueError where NaN or infinity got in."""
    return json.loads(json.dumps(value, allow_nan=False))


@contextmanager
def _blamed_on(chart_file: Path, what: str, cure: str) -> Iterator[None]:
    """Whatever fails in here is the chart's: a problem that names its file and, where the failure passed through it, the line."""
    try:
        yield
    except Exception as error:
        problem = Problem(str(chart_file), _line_in(error, chart_file), f"{what}: {type(error).__name__}: {str(error)[:300]}", cure)
        raise ProjectError(problem) from error


def _line_in(error: BaseException, chart_file: Path) -> int | None:
    if isinstance(error, SyntaxError):
        return error.lineno
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename) == chart_file]
    return lines[-1] if lines else None


def vega_lite(figure: Figure, width: int) -> dict[str, Any]:
    """The specification of a figure's chart for a width in px, with its data."""
    from altair.utils.schemapi import debug_mode

    from sitegen.quick_altair import take_short_cuts

    take_short_cuts()
    with debug_mode(False):  # tests/test_charts.py checks charts against the schema; here it would take a third of the time
        chart = figure.chart(width)
    spec = chart.to_dict(validate=False)
    spec["datasets"] = spec.get("datasets", {}) | figure.datasets
    return spec


def _compile_and_draw(name: str, figure: Figure) -> dict[str, Any]:
    from sitegen import drawing_engine

    layouts = {layout: _visible_json(vega_lite(figure, width)) for layout, width in WIDTHS.items()}
    payload, pictures = drawing_engine.figure(layouts, require_parts)
    return {"vega_lite": layouts["wide"], "script": figure_script(name, payload), "pictures": pictures}


_ESCAPES = re.compile(r"\\[ubf]|[\x7f-\x9f]")
"""How control characters stand in JSON. A reader would not see them, and SVG may not hold them."""


def _visible_json(value: Any) -> str:
    """The value as JSON, with the control characters of its texts made visible. Raises ValueError where NaN or infinity got in."""
    text = json_text(value)
    return text if _ESCAPES.search(text) is None else json_text(_without_controls(value))  # much sooner than by looking at each text


def _without_controls(value: Any) -> Any:
    if isinstance(value, str):
        return visible_controls(value)
    if isinstance(value, dict):
        return {key: _without_controls(inner) for key, inner in value.items()}
    return [_without_controls(inner) for inner in value] if isinstance(value, list | tuple) else value
