"""The charts of this project as an author of another generator would make them: one script that runs before the build.

    python make_charts.py PROJECT SET_FOLDER OUT

For each chart: its Vega-Lite specification, a picture at both widths, its rows as CSV. All cores; a chart whose files are newer than
everything it could depend on is kept, as make would. Matrices, which this project draws itself, are left out.
"""

from __future__ import annotations

import csv
import json
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

PROJECT, SET_FOLDER, OUT = (Path(argument).resolve() for argument in sys.argv[1:4])
sys.path.insert(0, str(PROJECT))


def make(item: tuple[str, Path]) -> None:
    """Write a figure's table as CSV, its charts as SVG and one as Vega-Lite. item: its name and its file."""
    import vl_convert

    import charts
    from artefacts.envelope import read_artefact

    name, file = item
    maker = charts.load_figure(file, PROJECT / "charts")
    figure = maker.make({need: read_artefact(SET_FOLDER / f"{need}.json")[1] for need in maker.needs})
    with (OUT / f"{name}.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, [column.name for column in figure.table.columns], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(figure.table.rows)
    if figure.chart is None:
        return
    for layout, width in (("narrow", 328), ("wide", 704)):
        spec = figure.chart(width).to_dict()
        spec["datasets"] = spec.get("datasets", {}) | figure.datasets
        (OUT / f"{name}.{layout}.svg").write_text(vl_convert.vegalite_to_svg(spec, vl_version="6.4"), encoding="utf-8")
    (OUT / f"{name}.json").write_text(json.dumps(spec), encoding="utf-8")


def main() -> None:
    """Make those that are missing, or older than the newest file of code or data."""
    from charts import figure_files

    OUT.mkdir(parents=True, exist_ok=True)
    sources = [*(PROJECT / "charts").rglob("*.py"), *SET_FOLDER.glob("*.json")]
    newest = max(path.stat().st_mtime for path in sources)
    figures = figure_files(PROJECT / "charts")
    stale = [item for item in figures.items() if not (made := OUT / f"{item[0]}.csv").exists() or made.stat().st_mtime < newest]
    if not stale:
        return
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as workers:
        list(workers.map(make, stale))


if __name__ == "__main__":
    main()
