"""CSV and JSON of tables: what is read back is what was written, and a spreadsheet runs none of it."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from sitegen.figure_files import csv_text, script_json, table_csv, table_html, table_json
from sitegen.pages import claims_csv
from tests.tiny_data import HOSTILE_TEXTS
from tests.tiny_project import TinyProject

DANGEROUS = ["=1+1", "+1", "-1+cmd", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x","y")']
CELLS = st.text(st.characters(exclude_categories=["Cs"])) | st.text(alphabet="=+-@'\"\t\r\n,;a1", max_size=8)


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def unguarded(cell: str) -> str:
    """A cell without the apostrophe that keeps it from being run."""
    return cell[1:] if re.match(r"'+[=+\-@\t\r]", cell) else cell


@given(rows=st.lists(st.lists(CELLS, min_size=2, max_size=2), max_size=5))
@settings(max_examples=200)
def test_texts_read_back_as_they_were(rows: list[list[str]]):
    """Quotes, commas, line ends and leading apostrophes all survive."""
    header, *found = read(csv_text(["a", "b"], rows))
    assert header == ["a", "b"]
    assert [[unguarded(cell) for cell in row] for row in found] == rows


@given(cell=CELLS)
@settings(max_examples=200)
def test_no_text_begins_like_a_formula(cell: str):
    """A token such as =1+1 stays a token in a spreadsheet."""
    _, (shown,) = read(csv_text(["a"], [[cell or "x"]]))
    assert not shown.startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.mark.parametrize("text", DANGEROUS)
def test_formulas_are_made_harmless(text: str):
    """In data and in the ledger, which quotes its sources."""
    assert read(csv_text(["a"], [[text]]))[1] == ["'" + text]
    claim = dict.fromkeys("id lesson source where quote statement published verdict value reason analogue note".split()) | {
        "about": [text]
    }
    assert read(claims_csv([claim | {"quote": text}]))[1][4:8:3] == ["'" + text, "'" + text]


def test_numbers_keep_their_full_value_and_their_sign():
    """A negative number is no formula; nothing is rounded for reading."""
    values = [-0.123456789012345, 1e-9, -3, 2.0, True, None]
    assert read(csv_text(["v"], [[value] for value in values]))[1:] == [
        ["-0.123456789012345"],
        ["1e-09"],
        ["-3"],
        ["2.0"],
        ["True"],
        [""],
    ]


def test_lines_end_as_the_standard_says():
    """RFC 4180."""
    assert csv_text(["a", "b"], [["x,y", 'say "hi"']]) == 'a,b\r\n"x,y","say ""hi"""\r\n'


def table(texts: list[str]) -> dict:
    column = {
        "name": "text",
        "label": "Text & more",
        "kind": "text",
        "decimals": 3,
        "tokenizer_kind": None,
        "tokenizer_kind_column": None,
    }
    token = column | {"name": "token", "kind": "token", "tokenizer_kind": "decoder"}
    return {"columns": [column, token], "rows": [{"text": text, "token": text.replace(" ", "Ġ") or "x"} for text in texts]}


@given(texts=st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), max_size=4))
@settings(max_examples=100)
def test_a_table_means_the_same_in_all_its_forms(texts: list[str]):
    """CSV and JSON hold the exact texts, HTML shows as many rows and no markup of theirs."""
    made = table(texts)
    assert [unguarded(row[0]) for row in read(table_csv(made))[1:]] == texts
    assert [row["text"] for row in json.loads(table_json("t", made, {}))["rows"]] == texts
    page = LexborHTMLParser(str(table_html(made, made["rows"], "<caption>", {"decoder": "byte_level_bpe"})))
    assert len(page.css("tbody tr")) == len(texts)
    assert {node.tag for node in page.css("td *")} <= {"span"}
    assert page.css_first("caption").text() == "<caption>"


@given(
    value=st.recursive(
        st.text(), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=5
    )
)
@settings(max_examples=100)
def test_json_in_a_script_cannot_end_it(value: object):
    """`</script>`, `<!--` and the two line separators of JavaScript are spelled out; the value is the same."""
    text = script_json(value)
    assert json.loads(text) == value
    assert not re.search("[<\u2028\u2029]", text)


def test_the_files_of_the_site_read_back(built_once: TinyProject):
    """The hostile texts of the fixture, from the published CSV."""
    path = built_once.site / "lessons/first-steps/figures/tiny-pieces/tiny-pieces.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [unguarded(row["word"]) for row in rows[::2]] == list(HOSTILE_TEXTS)
    with (built_once.site / "claims" / "claims.csv").open(encoding="utf-8", newline="") as file:
        quotes = [row["quote"] for row in csv.DictReader(file)]
    assert quotes == ['\'=HYPERLINK("x") they are unlike, <b>really</b>', "who knows"]
