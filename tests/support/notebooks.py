"""A lesson's notebook run in an empty folder that holds nothing but links to the wheels: in Jupyter itself, or as one program."""

from __future__ import annotations

import warnings
from pathlib import Path

import nbformat
import pytest

from scripts import run_listings
from sitegen.notebooks import notebook_json
from tests.support import ROOT


def fresh_notebook(name: str) -> nbformat.NotebookNode:
    """The notebook of content/notebooks/<name>.py as readers get it. nbformat.ValidationError if it is none."""
    notebook = nbformat.reads(notebook_json(ROOT / "content" / "notebooks" / f"{name}.py"), as_version=4)
    nbformat.validate(notebook)
    return notebook


def executed(notebook: nbformat.NotebookNode, folder: Path) -> nbformat.NotebookNode:
    """The notebook after running it in the folder, from top to bottom. CellExecutionError if a cell fails."""
    run_listings.link_wheels(folder)
    with warnings.catch_warnings(), pytest.MonkeyPatch.context() as patch:
        warnings.simplefilter("ignore")  # of Jupyter's own packages
        from nbclient import NotebookClient

        patch.setenv("WHEELS", str(folder))
        NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(folder)}}).execute()
    return notebook


def outputs_of(notebook: nbformat.NotebookNode) -> dict[str, str]:
    """Source of each code cell -> everything it printed or showed."""
    return {
        cell.source: "".join(o.get("text") or o.get("data", {}).get("text/plain", "") for o in cell.outputs)
        for cell in notebook.cells
        if cell.cell_type == "code"
    }


def printed_by(outputs: dict[str, str], part: str) -> str:
    """What the one cell whose source holds `part` printed."""
    (found,) = [output for source, output in outputs.items() if part in source]
    return found


def printed_as_program(name: str, folder: Path) -> str:
    """What the cells of content/notebooks/<name>.py print, run as one program in the folder: no kernel to start."""
    run_listings.link_wheels(folder)
    return run_listings.run(ROOT / "content" / "notebooks" / f"{name}.py", folder)
