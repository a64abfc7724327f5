"""Which edits of a module make exports stale: those of its code and its data, not those of its comments and docstrings."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from precompute import inputs
from precompute.source_text import code_digest, code_of
from tests.support import ROOT

SOURCE = '''\
"""A module.

With an empty line.
"""

import os  # a comment

WIDTH = 3
"""What stands after a name is a string like any other."""
TEXT = """first
second   # no comment

third
"""
SAID = f"""{WIDTH}  # no comment either
{TEXT}"""


class Place:
    """A class."""

    async def path(self, äö="ä#"):  # where it is
        """One line: ä."""; return os.curdir

    def name(self):
        ("in brackets "
         "and in pieces")  # nor this
        def inner():
            r"""Raw."""
            "a string that stands for nothing"
        return "#", inner, 'it''s'
'''


def edited(old: str, new: str) -> str:
    assert old in SOURCE
    return SOURCE.replace(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# a comment", "# another  #"),
        ("  # a comment", ""),
        ("WIDTH = 3", "# on a line of its own\n\nWIDTH = 3   "),
        ("WIDTH = 3", "WIDTH = 3  # ä"),
        ("A module.\n\nWith an empty line.", "Said otherwise: 'ä' # \\\\ "),
        ("A class.", "A class.\n\n    Width: in tokens.\n    "),
        ('    """A class."""\n\n', ""),
        ('"""One line: ä."""', '"""Öne."""'),
        ('"""One line: ä."""', 'u"no more than one line"'),
        ("in brackets ", "in brackets,  "),
        ('"and in pieces"', '"and"\n         # with a comment between\n\n         "in pieces"'),
        ('r"""Raw."""', 'r"""Raw \\d."""'),
        ('\n    def name(self):\n', '\n\n\n    def name(self):  # why\n\n'),
        ("        return \"#\"", "    # dedented\n        return \"#\""),
    ],
)  # fmt: skip
def test_comments_docstrings_and_empty_lines_do_not_count(old: str, new: str):
    assert code_of(edited(old, new)) == code_of(SOURCE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("WIDTH = 3", "WIDTH = 4"),
        ("What stands after", "Whatever stands after"),
        ("second   # no comment\n", "second   # another comment\n"),
        ("second   # no comment\n", "second   # no comment \n"),
        ("second   # no comment\n\n", "second   # no comment\n"),
        ("  # no comment either\n", "  # no comment  either\n"),
        ('third\n"""', 'third\n\n"""'),
        ("that stands for nothing", "that stands for something"),
        ('äö="ä#"', 'äö="a#"'),
        ('return "#"', 'return "# "'),
        ("'it''s'", "'it' 's'"),
        ("    def name", "    async def name"),
        ("        return", "            return"),
    ],
)
def test_code_and_every_other_string_count(old: str, new: str):
    assert code_of(edited(old, new)) != code_of(SOURCE)


def test_what_is_left_is_the_same_program_without_its_docstrings():
    """As Python's own parser sees them."""
    for file in [*ROOT.glob("precompute/*.py"), *ROOT.glob("artefacts/*.py")]:
        source = file.read_text(encoding="utf-8")
        kept = code_of(source)
        tree = ast.parse(source)
        for node in ast.walk(tree):
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node) is not None:
                del node.body[0]
        if all(node.body for node in ast.walk(tree) if isinstance(node, (ast.ClassDef, ast.FunctionDef))):  # else it is no program
            assert ast.dump(ast.parse(kept)) == ast.dump(tree), file
        assert not [line for line in kept.split("\n") if line.lstrip().startswith("# ")], file


def test_explaining_a_module_makes_no_export_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """In the digest that stands in the envelopes."""
    original = ROOT / "precompute" / "space.py"
    copy = tmp_path / "space.py"
    source_file = inputs._source_file
    monkeypatch.setattr(inputs, "_source_file", lambda name: copy if name == "precompute.space" else source_file(name))

    def digest(text: str) -> str:
        copy.write_text(text, encoding="utf-8")
        for kept in (code_digest, inputs.source_digest):
            kept.cache_clear()
        return inputs.source_digest("precompute.norms")

    text = original.read_text(encoding="utf-8")
    as_it_is = digest(text)
    assert digest("# licence\n" + text.replace('"""', '"""More: ', 1)) == as_it_is
    assert digest(text + "\nMORE = 1\n") != as_it_is
    for kept in (code_digest, inputs.source_digest):
        kept.cache_clear()
