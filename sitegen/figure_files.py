"""A figure's files: pictures for both themes and two widths, the live specification, data as CSV and JSON, tables."""

from __future__ import annotations

import csv
import functools
import io
import json
import re
from collections.abc import Callable
from typing import Any

from markupsafe import escape

from artefacts.schemas.parts import TokenizerKind
from charts.palette import PALETTE, dark_of_light
from sitegen.token_chip import token_chip, visible_controls

INLINE_TABLE_ROWS = 24
PREVIEW_ROWS = 4
"""In a lesson a table of up to 24 rows stands whole, a longer one shows its first 4; the rest costs bytes that few read there."""
PAGE_TABLE_ROWS = 1000
"""The figure's own page shows all rows up to this many; beyond, they are in the CSV."""
WIDTHS = {"wide": 704, "narrow": 328}
"""Total width in px of a figure's two drawings: a desktop column and a phone."""

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_HEX = re.compile("|".join(sorted({re.escape(light) for light, _ in PALETTE.values()})), re.IGNORECASE)


def dark_picture(svg: str) -> str:
    """The picture for the dark theme: every palette colour exchanged."""
    dark = dark_of_light()
    return _HEX.sub(lambda match: dark[match[0].lower()], svg)


def inline_picture(svg: str, prefix: str) -> str:
    """The picture as part of the page: its colours follow the theme, its ids cannot meet others'."""
    names = {light: name for name, (light, _) in reversed(PALETTE.items())}
    svg = _HEX.sub(lambda match: f"var(--{names[match[0].lower()]})", svg)
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}-\1"', svg)
    svg = re.sub(r"url\(#([^()]+)\)", rf"url(#{prefix}-\1)", svg)
    svg = re.sub(r'href="#([^"]+)"', rf'href="#{prefix}-\1"', svg)
    return svg.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)


def json_text(value: Any) -> str:
    """A value as JSON without white space. Raises ValueError where NaN or infinity got in."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def script_json(value: Any) -> str:
    """JSON that may stand inside a script: NaN refused, `<` and the two JavaScript line separators escaped."""
    return _in_script(json_text(value))


def _in_script(text: str) -> str:
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def figure_script(name: str, payload: str) -> str:
    """The classic script that hands a figure to the page when it comes near the viewport. payload: what it needs to draw, as JSON."""
    return f"WordSpaces.define({script_json(name)},{_in_script(payload)});\n"


def table_csv(table: dict[str, Any]) -> str:
    """The whole table as CSV."""
    names = [column["name"] for column in table["columns"]]
    return csv_text(names, [[row.get(name) for name in names] for row in table["rows"]])


def csv_text(names: list[str], rows: list[list[Any]]) -> str:
    """CSV as in RFC 4180. A text that a spreadsheet would run as a formula gets an apostrophe before it.

    One that begins like that behind apostrophes of its own gets another, so that taking one away always gives the text back.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(names)
    writer.writerows([[_csv_cell(value) for value in row] for row in rows])
    return out.getvalue()


def _csv_cell(value: Any) -> Any:
    if isinstance(value, str) and _FORMULA.match(value):
        return "'" + value
    return "" if value is None else value


def table_json(title: str, table: dict[str, Any], provenance: dict[str, Any]) -> str:
    """The whole table as JSON, with what each column means and which models it comes from; one row a line."""
    columns = [{"name": c["name"], "label": c["label"]} for c in table["columns"]]
    head = json.dumps({"title": title, **provenance, "columns": columns}, ensure_ascii=False, allow_nan=False, indent=1)
    one_row = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode  # made once: there are thousands of rows
    rows = ",\n  ".join(map(one_row, table["rows"]))
    return f'{head.removesuffix("}").rstrip()},\n "rows": [\n  {rows}\n ]\n}}\n'


def table_html(table: dict[str, Any], rows: list[dict[str, Any]], caption: str, kinds: dict[str, TokenizerKind]) -> str:
    """An HTML table of some rows. kinds: role or tokenizer name -> kind, for columns that say it by name."""
    columns = table["columns"]
    head = "".join(f'<th scope="col"{_number_class(column)}>{escape(column["label"])}</th>' for column in columns)
    cells = [_cell_of(column, kinds) for column in columns]
    body = "".join([f"<tr>{''.join([cell(row) for cell in cells])}</tr>" for row in rows])
    return f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _number_class(column: dict[str, Any]) -> str:
    return ' class="number"' if column["kind"] in ("number", "integer") else ""


def _cell_of(column: dict[str, Any], kinds: dict[str, TokenizerKind]) -> Callable[[dict[str, Any]], str]:
    """What makes a row's cell of a column. Tables have tens of thousands of cells: what all of a column share is settled once."""
    name, opening = column["name"], f"<td{_number_class(column)}>"
    shown = _shown_in(column, kinds)

    def cell(row: dict[str, Any]) -> str:
        value = row.get(name)
        if value is None:
            return "<td>–</td>"
        if isinstance(value, bool):
            return "<td>yes</td>" if value else "<td>no</td>"
        return f"{opening}{shown(value, row)}</td>"

    return cell


def _shown_in(column: dict[str, Any], kinds: dict[str, TokenizerKind]) -> Callable[[Any, dict[str, Any]], str]:
    if column["kind"] in ("token", "tokens"):
        return lambda value, row: _chips(value, row, column, kinds)
    if column["kind"] == "integer":
        return lambda value, _: f"{int(value):,}"
    if column["kind"] == "number":
        form = f",.{column['decimals']}f"
        return lambda value, _: format(value, form).replace("-", "\u2212")
    return lambda value, _: _text(str(value))


def _chips(value: Any, row: dict[str, Any], column: dict[str, Any], kinds: dict[str, TokenizerKind]) -> str:
    kind = column["tokenizer_kind"] or row[column["tokenizer_kind_column"]]
    tokens = str(value).split(" ") if column["kind"] == "tokens" else [str(value)]
    return " ".join(token_chip(token, kinds.get(kind, kind)) for token in tokens)


@functools.cache  # tables name the same models and words again and again
def _text(value: str) -> str:
    return str(escape(visible_controls(value)))
