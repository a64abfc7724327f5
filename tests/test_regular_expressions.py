"""No regular expression of the build takes time that grows with the square of its text, or worse: texts may be long."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

try:
    from re import _constants as parts
    from re import _parser as parser
except ImportError:  # older Pythons
    import sre_constants as parts
    import sre_parse as parser

from tests.support import ROOT

METHODS = {"match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"}
LENGTH = 300_000
"""Characters: what is linear takes milliseconds for so many; what is quadratic, a minute or more."""
SECONDS = 100
"""For all texts of one expression, on a machine that is busy with other things too."""

_MATCH_ALL = """
import json, re, sys
for pattern, flags, method, text, times in json.load(sys.stdin):
    whole = text * times + "\\0"
    compiled = re.compile(pattern, flags)
    list(compiled.finditer(whole)) if method == "search" else getattr(compiled, method)(whole)
"""


def sources() -> list[Path]:
    return sorted([*ROOT.glob("sitegen/*.py"), *ROOT.glob("charts/**/*.py"), *ROOT.glob("artefacts/**/*.py"), ROOT / "build.py"])


def expressions() -> Iterator[tuple[str, str, int, str]]:
    """Place, pattern, flags and how it is used: "match", "fullmatch", or "search" for all that look for it anywhere."""
    for path in sources():
        code = path.read_text(encoding="utf-8")
        tree = ast.parse(code)
        assigned = [node for node in ast.walk(tree) if isinstance(node, ast.Assign) and _is_name(node.targets[0])]
        names = {id(node.value): node.targets[0].id for node in assigned}
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            of_re = isinstance(call.func, ast.Attribute) and _is_name(call.func.value) and call.func.value.id == "re"
            if not of_re or call.func.attr not in {*METHODS, "compile"} or not isinstance(call.args[0], ast.Constant):
                continue
            flags = {node.attr for node in ast.walk(call) if isinstance(node, ast.Attribute) and node.attr.isupper()}
            used = {call.func.attr}
            if call.func.attr == "compile":
                used = set(re.findall(rf"\b{names.get(id(call), '')}\.(\w+)\(", code)) & METHODS
            method = used.pop() if used in ({"match"}, {"fullmatch"}) else "search"
            bits = sum(int(getattr(re, flag)) for flag in flags if hasattr(re, flag))
            yield f"{path.relative_to(ROOT)}:{call.lineno}", call.args[0].value, bits, method


def _is_name(node: ast.AST) -> bool:
    return isinstance(node, ast.Name)


def texts_for(pattern: str, flags: int) -> set[str]:
    """Pieces that, repeated, keep each unbounded repetition of the pattern busy: alone, and behind what must come before it."""
    pieces = set()
    for before, repeated in _repetitions(parser.parse(pattern, flags), ""):
        pieces |= {repeated, before + repeated}
    return pieces - {""}


def _repetitions(tree: list, before: str) -> Iterator[tuple[str, str]]:
    for n, (kind, value) in enumerate(tree):
        here = before + _example(tree[:n])
        if kind in (parts.MAX_REPEAT, parts.MIN_REPEAT, parts.POSSESSIVE_REPEAT):
            inner = list(value[2])
            if value[1] is parts.MAXREPEAT:
                single = len(inner) == 1 and inner[0][0] is parts.IN
                yield from ((here, one) for one in (_members(inner[0][1]) if single else [_example(inner)]))
            yield from _repetitions(inner, here)
        elif kind is parts.SUBPATTERN:
            yield from _repetitions(value[3], here)
        elif kind is parts.BRANCH:
            for branch in value[1]:
                yield from _repetitions(branch, here)
        elif kind in (parts.ASSERT, parts.ASSERT_NOT):
            yield from _repetitions(value[1], here)


def _example(tree: list) -> str:
    """A text that the parts of a pattern match."""
    found = ""
    for kind, value in tree:
        if kind is parts.LITERAL:
            found += chr(value)
        elif kind is parts.NOT_LITERAL:
            found += "a" if value != ord("a") else "b"
        elif kind is parts.ANY:
            found += "a"
        elif kind is parts.IN:
            found += _members(value)[0]
        elif kind in (parts.MAX_REPEAT, parts.MIN_REPEAT, parts.POSSESSIVE_REPEAT):
            found += _example(value[2]) * value[0]
        elif kind is parts.SUBPATTERN:
            found += _example(value[3])
        elif kind is parts.BRANCH:
            found += _example(value[1][0])
    return found


_OF_CATEGORY = {
    parts.CATEGORY_SPACE: " ", parts.CATEGORY_DIGIT: "1", parts.CATEGORY_WORD: "a",
    parts.CATEGORY_NOT_SPACE: "a", parts.CATEGORY_NOT_DIGIT: "a", parts.CATEGORY_NOT_WORD: "-",
}  # fmt: skip


def _members(items: list) -> list[str]:
    """One character for each part of a class."""
    named = [
        _OF_CATEGORY[value] if kind is parts.CATEGORY else chr(value if kind is parts.LITERAL else value[0])
        for kind, value in items
        if kind is not parts.NEGATE
    ]
    if items[0][0] is not parts.NEGATE:
        return named
    return [one for one in "a <1-[(`*\n" if one not in named]


def end_in_time(cases: list[tuple[str, int, str, str, int]], seconds: int) -> bool:
    try:
        command = [sys.executable, "-c", _MATCH_ALL]
        subprocess.run(command, input=json.dumps(cases), text=True, timeout=seconds, check=True, capture_output=True)
    except subprocess.TimeoutExpired:
        return False
    return True


def test_long_texts_take_no_longer_than_their_length_asks():
    cases, places = [], {}
    for place, pattern, flags, method in expressions():
        places[pattern] = place
        cases += [(pattern, flags, method, piece, LENGTH // len(piece)) for piece in sorted(texts_for(pattern, flags))]
    assert len(places) > 30 and len(cases) > 60, "the expressions are found"
    if not end_in_time(cases, SECONDS):  # which of them it is, is worth the time only now
        slow = {places[case[0]]: case[0] for case in cases if not end_in_time([case], SECONDS // 10)}
        raise AssertionError(f"too slow on {LENGTH:,} characters: {slow}")


@pytest.mark.parametrize("pattern", [r"\s*\n", r"(a+)+b"])
def test_the_texts_would_find_a_slow_expression(pattern: str):
    """With a text as long as is needed to see it soon."""
    length = 3_000_000
    cases = [(pattern, 0, "search", piece, length // len(piece)) for piece in texts_for(pattern, 0)]
    assert not end_in_time(cases, 1)
