"""Matrix figures: what the page's script gets, and the picture for those without scripts and for paper.

The picture holds the cells as two small grey PNGs that serve as masks, one for the values above zero and one for those below.
What shows through them are two plain rectangles in palette colours, so that it is recoloured for the dark theme like any chart.
"""

from __future__ import annotations

import base64
import math
import struct
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import escape

from charts.palette import light
from sitegen.figure_files import WIDTHS, script_json

if TYPE_CHECKING:
    from charts.figure import Figure
    from charts.matrix import Matrix, MatrixView

LEFT = {"wide": 118, "narrow": 84}
"""Px for the labels of the rows."""
TOP, BOTTOM = 22, 50
"""Px for the numbers of the columns, and for the colour scale."""
SCALE = 300
"""Px of the colour scale, where there is room."""
LABELLED_ROWS = 26
"""Up to so many rows are high enough for a label each; more share `HEIGHT`."""
ROW_HEIGHT = 16
HEIGHT = {"wide": 400, "narrow": 340}
LABEL = 14
"""Px between two labels, at least."""
CHARACTER = 6.4
"""Mean width in px of a letter of a label."""
FADED = 0.12
"""How much colour an entry keeps that the threshold fades."""
LEVELS = 15
"""Levels of colour in the picture, beside none: half a byte a cell."""
_FONT = 'font-family="Figtree, Word Spaces Signs, system-ui, sans-serif" font-size="12"'


def draw_matrices(name: str, figure: Figure) -> dict[str, Any]:
    """Script and pictures of a figure whose picture is a matrix, as plain JSON values."""
    view = figure.matrix_view
    layouts = {form: _layout(form, figure.matrices, view) for form in WIDTHS}
    first = figure.matrices[0]
    payload = {
        "layouts": layouts,
        "rangeStep": view.range_step,
        "view": {
            "scale": view.scale,
            "column": view.column,
            "thresholdStep": view.threshold_step,
            "faded": FADED,
            "label": LABEL,
            "character": CHARACTER,
        },
        "colours": {part: light(part) for part in ("ink", "ink-soft", "rule", "above-zero", "below-zero", "size")},
        "matrices": [_for_script(matrix, view) for matrix in figure.matrices],
    }
    pictures = {form: _picture(name, form, first, view, layouts[form]) for form in WIDTHS}
    words = {"presets": [list(preset) for preset in view.presets], "share_text": share_text(first, view)}
    return {"script": f"WordSpaces.define({script_json(name)},{script_json(payload)});\n", "pictures": pictures, "matrix": words}


def share_text(matrix: Matrix, view: MatrixView) -> str:
    """How many entries the threshold leaves; static/js/matrix.js says it in the same words."""
    shares, entries = exact_shares(matrix, view)
    number = min(len(shares) - 1, round(view.threshold / view.threshold_step))
    size = "larger in size" if view.scale == "diverging" else "larger"
    decimals = max(0, math.ceil(-math.log10(view.threshold_step) - 1e-9))
    return f"{matrix.label}: {100 * shares[number]:.1f}% of {entries:,} entries are {size} than {view.threshold:.{decimals}f}."


def exact_shares(matrix: Matrix, view: MatrixView) -> tuple[list[float], int]:
    """The share of entries beyond each step of the threshold, and of how many."""
    steps = round(view.threshold_maximum / view.threshold_step) + 1
    if matrix.shares:
        if len(matrix.shares) != steps:
            raise ValueError(f"matrix {matrix.name!r} has {len(matrix.shares)} shares for {steps} steps of the threshold")
        return [round(share, 6) for share in matrix.shares], matrix.entries
    sizes = np.abs(matrix.numbers()) if view.scale == "diverging" else matrix.numbers()
    return [round(float((sizes > n * view.threshold_step).mean()), 6) for n in range(steps)], sizes.size


def _for_script(matrix: Matrix, view: MatrixView) -> dict[str, Any]:
    shares, entries = exact_shares(matrix, view)
    return {
        "name": matrix.name,
        "label": matrix.label,
        "rows": matrix.values.shape[0],
        "columns": matrix.values.shape[1],
        "low": matrix.low,
        "high": matrix.high,
        "decimals": matrix.decimals,
        "labels": matrix.row_labels,
        "entries": entries,
        "shares": shares,
        "base64": base64.b64encode(matrix.values.tobytes()).decode("ascii"),
    }


def _layout(form: str, matrices: list[Matrix], view: MatrixView) -> dict[str, int]:
    rows = max(len(matrix.values) for matrix in matrices)
    height = view.height or (rows * ROW_HEIGHT if rows <= LABELLED_ROWS else HEIGHT[form])
    left = LEFT[form]
    return {
        "width": WIDTHS[form],
        "height": TOP + height + BOTTOM,
        "left": left,
        "top": TOP,
        "plotWidth": WIDTHS[form] - left,
        "plotHeight": height,
        "scaleWidth": min(SCALE, WIDTHS[form] - left),
    }


# --- the picture -------------------------------------------------------------------------------------------------------------------


def opacities(matrix: Matrix, view: MatrixView) -> np.ndarray:
    """How much colour each cell has when nobody has touched the figure: -1 to 1, its sign that of the value. [row, column]"""
    values = matrix.numbers()
    sizes = np.abs(values) if view.scale == "diverging" else np.maximum(values, 0)
    seen = np.minimum(sizes / view.range, 1) * np.where(sizes > view.threshold, 1, FADED if view.threshold else 1)
    return np.copysign(seen, values) if view.scale == "diverging" else seen


def grey_png(levels: np.ndarray, across: int = 1, down: int = 1) -> bytes:
    """A PNG of 16 greys, half a byte a pixel. levels: 0 (black) to 15 (white), [row, column].

    Each cell becomes `across` x `down` pixels, so that a browser that smooths what it enlarges blurs no cell into the next.
    """
    levels = np.repeat(levels, across, axis=1)
    rows, columns = levels.shape
    even = np.zeros((rows, columns + columns % 2), dtype=np.uint8)
    even[:, :columns] = levels
    packed = (even[:, ::2] << 4) | even[:, 1::2]
    lines = np.zeros((rows, down, 1 + packed.shape[1]), dtype=np.uint8)
    lines[:, 0, 1:] = packed  # each line begins with its filter: 0, as it stands
    lines[:, 1:, 0] = 2  # as the line above: nothing is to be added
    header = struct.pack(">IIBBBBB", columns, rows * down, 4, 0, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(lines.tobytes(), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )


def _picture(name: str, form: str, matrix: Matrix, view: MatrixView, layout: dict[str, int]) -> dict[str, Any]:
    width, height = layout["width"], layout["height"]
    place = f'x="{layout["left"]}" y="{layout["top"]}" width="{layout["plotWidth"]}" height="{layout["plotHeight"]}"'
    seen = opacities(matrix, view)
    parts = []
    colours = [("above-zero", 1), ("below-zero", -1)] if view.scale == "diverging" else [("size", 1)]
    for colour, sign in colours:
        levels = np.rint(np.clip(seen * sign, 0, 1) * LEVELS).astype(np.uint8)
        rows, columns = levels.shape
        png = grey_png(levels, math.ceil(layout["plotWidth"] / columns), math.ceil(layout["plotHeight"] / rows))
        data = base64.b64encode(png).decode("ascii")
        picture = f'<image {place} preserveAspectRatio="none" href="data:image/png;base64,{data}"/>'
        parts.append(f'<mask id="{colour}" maskUnits="userSpaceOnUse" {place}>{picture}</mask>')
        parts.append(f'<rect {place} fill="{light(colour)}" mask="url(#{colour})"/>')
    parts += [_frame(layout), *_row_labels(matrix, layout), *_column_numbers(matrix, view, layout), *_colour_scale(view, layout)]
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">{"".join(parts)}</svg>'
    return {"svg": svg, "width": width, "height": height}


def _text(x: float, y: float, text: str, anchor: str = "start", colour: str = "ink-soft") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {_FONT} fill="{light(colour)}">{escape(text)}</text>'


def _frame(layout: dict[str, int]) -> str:
    x, y, w, h = (layout[part] for part in ("left", "top", "plotWidth", "plotHeight"))
    return f'<rect x="{x + 0.5}" y="{y + 0.5}" width="{w - 1}" height="{h - 1}" fill="none" stroke="{light("rule")}"/>'


def _row_labels(matrix: Matrix, layout: dict[str, int]) -> list[str]:
    pitch = layout["plotHeight"] / len(matrix.row_labels)
    room = int((layout["left"] - 10) / CHARACTER)
    found = []
    for row in range(0, len(matrix.row_labels), math.ceil(LABEL / pitch)):
        label = matrix.row_labels[row]
        shown = label if len(label) <= room else f"{label[: room - 1]}…"
        found.append(_text(layout["left"] - 8, layout["top"] + (row + 0.5) * pitch + 4, shown, "end", "ink"))
    return found


def _column_numbers(matrix: Matrix, view: MatrixView, layout: dict[str, int]) -> list[str]:
    columns = matrix.values.shape[1]
    step = tick_step(columns, layout["plotWidth"])
    pitch = layout["plotWidth"] / columns
    numbers = [_text(layout["left"] + (n + 0.5) * pitch, layout["top"] - 7, str(n), "middle") for n in range(0, columns, step)]
    return [_text(layout["left"] - 8, layout["top"] - 7, view.column, "end"), *numbers]


def tick_step(columns: float, width: float) -> int:
    """Columns between two numbered ones: 1, 2 or 5 times a power of ten, at least 48 px apart."""
    least = max(1.0, columns * 48 / width)
    power = 10 ** math.floor(math.log10(least))
    return next(int(factor * power) for factor in (1, 2, 5, 10) if factor * power >= least)


def _colour_scale(view: MatrixView, layout: dict[str, int]) -> list[str]:
    x, y = layout["left"], layout["top"] + layout["plotHeight"] + 12
    signed = view.scale == "diverging"
    left, right = ("below-zero", "above-zero") if signed else ("size", "size")
    width = layout["scaleWidth"]
    stops = [(0, left, 1 if signed else 0), (0.5, left, 0), (0.5, right, 0), (1, right, 1)] if signed else [(0, left, 0), (1, right, 1)]
    drawn = "".join(f'<stop offset="{at}" stop-color="{light(c)}" stop-opacity="{o}"/>' for at, c, o in stops)
    ends = range_words(view.range, view)
    middle = [_text(x + width / 2, y + 26, "0", "middle")] if signed else []
    return [
        f'<linearGradient id="scale">{drawn}</linearGradient>',
        f'<rect x="{x}" y="{y}" width="{width}" height="10" fill="url(#scale)"/>',
        _text(x, y + 26, ends[0]),
        *middle,
        _text(x + width, y + 26, ends[1], "end"),
    ]


def range_words(edge: float, view: MatrixView) -> tuple[str, str]:
    """What the two ends of the colour scale say."""
    shown = f"{edge:.{max(0, math.ceil(-math.log10(view.range_step) - 1e-9))}f}"
    return (f"−{shown} or less", f"{shown} or more") if view.scale == "diverging" else ("0", f"{shown} or more")
