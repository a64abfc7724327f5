"""Notebooks made from percent scripts."""

from __future__ import annotations

import json
import re
from pathlib import Path

from problems import Problem, ProjectError

_CELL = re.compile(r"^# %%(?P<kind> \[markdown\])?.*$", re.MULTILINE)


def notebook_json(script: Path) -> str:
    """A Jupyter notebook (nbformat 4.5) from a script in percent format: `# %%` begins a code cell, `# %% [markdown]` prose.

    Lines of the form `# %pip ...` and `# !...` become notebook commands. Cells carry no outputs: whoever runs it sees their own.
    Raises ProjectError if the script has no cell.
    """
    text = script.read_text(encoding="utf-8")
    marks = list(_CELL.finditer(text))
    if not marks:
        raise ProjectError(Problem(str(script), 1, "has no cell", "Begin each cell with a line '# %%' or '# %% [markdown]'."))
    cells = []
    for n, (mark, following) in enumerate(zip(marks, [*marks[1:], None], strict=True)):
        body = text[mark.end() : following.start() if following else len(text)].strip("\n")
        if mark["kind"]:
            lines = "\n".join(line.removeprefix("#").removeprefix(" ") for line in body.split("\n"))
            cell = {"cell_type": "markdown", "id": f"cell-{n:02}", "metadata": {}, "source": lines}
        else:
            code = re.sub(r"^# (?=[%!])", "", body, flags=re.MULTILINE)
            cell = {"cell_type": "code", "id": f"cell-{n:02}", "metadata": {}, "execution_count": None, "outputs": [], "source": code}
        cell["source"] = cell["source"].splitlines(keepends=True)
        cells.append(cell)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    content = {"cells": cells, "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"
