"""Draw one figure: run its chart function, compile it to Vega, render its pictures. The slow part of a build.

This module and `charts/` are imported in worker processes only, and only when the cache has no answer.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from problems import Problem, ProjectError
from sitegen.figure_files import WIDTHS, figure_script, hoist_datasets


def draw_figure(name: str, set_folder: Path, chart_file: str) -> dict[str, Any]:
    """Everything about a figure that depends on its code and data, as plain JSON values.

    Raises ProjectError if the chart is unknown, its data is bad, it says too little or it cannot be drawn.
    """
    from artefacts.envelope import read_artefact
    from charts import load_figure

    maker = load_figure(name)
    if maker is None:
        raise ProjectError(Problem(chart_file, None, f"registers no figure {name!r}", "Name its function after the file and decorate it with @figure."))
    data = {need: read_artefact(set_folder / f"{need}.json")[1] for need in maker.needs}
    try:
        figure = maker.make(data)
    except Exception as error:
        what = f"figure {name!r} fails on set {set_folder.name!r}: {type(error).__name__}: {error}"
        raise ProjectError(Problem(chart_file, _line_in(error, chart_file), what, "Mend the chart or its data.")) from error
    silent = [part for part in ("title", "caption", "description") if not getattr(figure, part).strip()]
    if silent:
        what = f"figure {name!r} has no {' and no '.join(silent)}"
        raise ProjectError(Problem(chart_file, None, what, "A reader who cannot see it needs the words: write them."))
    rows = figure.table.rows
    chosen = figure.table.default_rows
    drawn = {
        "title": figure.title,
        "caption": figure.caption,
        "description": figure.description,
        "roles": list(figure.roles),
        "controls": [vars(control) for control in figure.controls],
        "table": {"columns": [vars(column) for column in figure.table.columns], "rows": rows},
        "default_rows": [n for n, row in enumerate(rows) if chosen is None or chosen(row)],
        "needs": list(maker.needs),
        "kind": "table" if figure.chart is None else "chart",
    }
    if figure.chart is not None:
        try:
            drawn |= _compile_and_draw(name, figure)
        except Exception as error:
            what = f"figure {name!r} cannot be drawn: {type(error).__name__}: {str(error)[:300]}"
            raise ProjectError(Problem(chart_file, _line_in(error, chart_file), what, "Mend the chart specification.")) from error
    return json.loads(json.dumps(drawn, allow_nan=False))


def _line_in(error: BaseException, chart_file: str) -> int | None:
    lines = []
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.endswith(chart_file):
            lines.append(trace.tb_lineno)
        trace = trace.tb_next
    return lines[-1] if lines else None


def _compile_and_draw(name: str, figure: Any) -> dict[str, Any]:
    import altair
    import vl_convert

    vega_lite: dict[str, Any] = {}
    specs: dict[str, Any] = {}
    pictures: dict[str, Any] = {}
    for layout, width in WIDTHS.items():
        whole = figure.chart(width).to_dict()
        whole["datasets"] = whole.get("datasets", {}) | figure.datasets
        spec = vl_convert.vegalite_to_vega(whole, vl_version=".".join(altair.SCHEMA_VERSION.lstrip("v").split(".")[:2]))
        if layout == "wide":
            vega_lite = whole
        silent = spec | {"config": spec.get("config", {}) | {"aria": False}}  # per-mark labels double a picture's bytes
        specs[layout] = spec
        pictures[layout] = tidy_svg(vl_convert.vega_to_svg(silent))
    datasets = hoist_datasets(specs)
    return {"vega_lite": vega_lite, "script": figure_script(name, specs, datasets), "pictures": pictures}


def tidy_svg(svg: str) -> dict[str, Any]:
    """The picture with shorter numbers and no style attributes, and its size in whole px."""
    svg = re.sub(r"(\d+\.\d\d)\d+", r"\1", svg)
    svg = re.sub(r' style="[^"]*"', "", svg)
    width, height = (round(float(re.search(rf'<svg[^>]*\b{side}="([\d.]+)"', svg)[1])) for side in ("width", "height"))
    return {"svg": svg, "width": width, "height": height}
