"""Notebooks made from percent scripts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from problems import Problem, ProjectError

_CELL = re.compile(r"^# %%(?P<kind> \[markdown\])?.*$", re.MULTILINE)


def notebook_json(script: Path) -> str:
    """A Jupyter notebook (nbformat 4.5) from a script in percent format: `# %%` begins a code cell, `# %% [markdown]` prose.

    Lines of the form `# %pip ...` and `# !...` become notebook commands. Cells carry no outputs: whoever runs it sees their own.
    Raises ProjectError if the script has no cell.
    """
    found = list(_cells(script.read_text(encoding="utf-8")))
    if not found:
        raise ProjectError(Problem(str(script), 1, "has no cell", "Begin each cell with a line '# %%' or '# %% [markdown]'."))
    cells = []
    for n, (is_prose, source) in enumerate(found):
        if is_prose:
            cell = {"cell_type": "markdown", "id": f"cell-{n:02}", "metadata": {}, "source": source}
        else:
            code = re.sub(r"^# (?=[%!])", "", source, flags=re.MULTILINE)
            cell = {"cell_type": "code", "id": f"cell-{n:02}", "metadata": {}, "execution_count": None, "outputs": [], "source": code}
        cell["source"] = cell["source"].splitlines(keepends=True)
        cells.append(cell)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    content = {"cells": cells, "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def prose_of_notebook(text: str) -> str:
    """The Markdown of all prose cells of a script in percent format."""
    return "\n\n".join(source for is_prose, source in _cells(text) if is_prose)


def _cells(text: str) -> Iterator[tuple[bool, str]]:
    """Each cell: whether it is prose, and its source, prose without the comment signs."""
    marks = list(_CELL.finditer(text))
    for mark, following in zip(marks, [*marks[1:], None], strict=False):
        body = text[mark.end() : following.start() if following else len(text)].strip("\n")
        if mark["kind"]:
            body = "\n".join(line.removeprefix("#").removeprefix(" ") for line in body.split("\n"))
        yield bool(mark["kind"]), body
