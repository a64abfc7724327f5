"""What of a module's source text decides what it does: all but comments, docstrings, and the blanks and empty lines around them.

A digest of it stays the same while a module is merely explained better. It does not depend on the version of Python that reads it.
"""

from __future__ import annotations

import ast
import hashlib
import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HAVE_DOCSTRINGS = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
# From Python 3.12 on, f-strings (from 3.14, t-strings) are several tokens; before, one like any other string.
OPENS_A_STRING = {getattr(tokenize, name, None) for name in ("FSTRING_START", "TSTRING_START")} - {None}
CLOSES_A_STRING = {getattr(tokenize, name, None) for name in ("FSTRING_END", "TSTRING_END")} - {None}


@dataclass(frozen=True, order=True)
class Span:
    """From one place in a text up to another. Lines count from 0, columns are characters from 0."""

    first_line: int
    first_column: int
    last_line: int
    last_column: int

    def holds(self, other: Span) -> bool:
        """Whether the other lies within."""
        starts_before = (self.first_line, self.first_column) <= (other.first_line, other.first_column)
        return starts_before and (other.last_line, other.last_column) <= (self.last_line, self.last_column)


@cache
def code_digest(file: Path) -> str:
    """SHA-256 of `code_of` a Python file. Raises OSError, SyntaxError."""
    return hashlib.sha256(code_of(file.read_text(encoding="utf-8")).encode("utf-8")).hexdigest()


def code_of(source: str) -> str:
    """The source without comments and docstrings, blanks at the ends of lines, and empty lines; strings are left as they are.

    Raises SyntaxError for what is no Python.
    """
    lines = source.split("\n")
    docstrings = list(_docstrings(source, lines))
    comments, strings = (
        [span for span in spans if not any(docstring.holds(span) for docstring in docstrings)] for spans in _comments_and_strings(source)
    )
    for span in sorted([*comments, *docstrings], reverse=True):  # from the end, so that places before stay where they are
        head, tail = lines[span.first_line][: span.first_column], lines[span.last_line][span.last_column :]
        lines[span.first_line] = head + tail
        for line in range(span.first_line + 1, span.last_line + 1):
            lines[line] = ""
    # A line that ends inside of a string is data to its end.
    data = {line for span in strings for line in range(span.first_line, span.last_line)}
    kept = (line if n in data else line.rstrip() for n, line in enumerate(lines))
    return "\n".join(line for n, line in enumerate(kept) if line or n in data)


def _docstrings(source: str, lines: list[str]) -> Iterator[Span]:
    """What `ast.get_docstring` would find. `ast` counts columns in bytes."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, HAVE_DOCSTRINGS) and node.body and ast.get_docstring(node, clean=False) is not None:
            text = node.body[0]
            first, last = text.lineno - 1, text.end_lineno - 1
            yield Span(first, _characters(lines[first], text.col_offset), last, _characters(lines[last], text.end_col_offset))


def _characters(line: str, count: int) -> int:
    return len(line.encode("utf-8")[:count].decode("utf-8"))


def _comments_and_strings(source: str) -> tuple[list[Span], list[Span]]:
    """All comments; all strings, each piece of those written one after the other."""
    comments, strings = [], []
    opened: list[tuple[int, int]] = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            comments.append(_span(token.start, token.end))
        elif token.type == tokenize.STRING:
            strings.append(_span(token.start, token.end))
        elif token.type in OPENS_A_STRING:
            opened.append(token.start)
        elif token.type in CLOSES_A_STRING:
            strings.append(_span(opened.pop(), token.end))
    return comments, strings


def _span(start: tuple[int, int], end: tuple[int, int]) -> Span:
    return Span(start[0] - 1, start[1], end[0] - 1, end[1])
