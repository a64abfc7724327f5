"""The lesson's notebook: runs from top to bottom in a folder of its own, and what it finds is what the site shows."""

from __future__ import annotations

import ast
import re

import nbformat
import pytest

from artefacts.envelope import read_artefact
from artefacts.tokens import token_text
from tests.support import ROOT
from tests.support.notebooks import executed, fresh_notebook, outputs_of, printed_by

DATA = ROOT / "content" / "data" / "smollm2-minilm"


def data(name: str):
    return read_artefact(DATA / f"{name}.json")[1]


@pytest.fixture(scope="module")
def notebook() -> nbformat.NotebookNode:
    return fresh_notebook("who-lives-next-door")


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return outputs_of(executed(fresh_notebook("who-lives-next-door"), tmp_path_factory.mktemp("notebook")))


def test_is_a_valid_notebook(notebook: nbformat.NotebookNode) -> None:
    assert notebook.cells[0].cell_type == "markdown"
    assert all(not cell.get("outputs") for cell in notebook.cells)


def test_installs_what_it_imports(notebook: nbformat.NotebookNode) -> None:
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert code[0].startswith("%pip install ")
    imported = {name.split(".")[0] for source in code[1:] for name in re.findall(r"^(?:import|from) (\w+)", source, re.MULTILINE)}
    standard = {"hashlib", "os", "subprocess", "sys", "zipfile", "pathlib"}
    assert imported - standard == set(code[0].split()[2:]) - {"--quiet"}


def test_ends_in_cells_to_change(notebook: nbformat.NotebookNode) -> None:
    begin = next(n for n, cell in enumerate(notebook.cells) if "## Your turn" in cell.source)
    invitations = [cell for cell in notebook.cells[begin:] if cell.cell_type == "code"]
    assert len(invitations) >= 3
    assert all("# <-" in cell.source for cell in invitations)


def test_runs_from_top_to_bottom(outputs: dict[str, str]) -> None:
    silent = [source for source, output in outputs.items() if "print(" in source and not output]
    assert not silent


def test_neighbours_are_the_exported_ones(outputs: dict[str, str]) -> None:
    entry = next(e for e in data("neighbourhoods").entries if (e.role, e.word, e.leading_space) == ("decoder", "Mike", True))
    expected = [(token_text(near.token.raw, "byte_level_bpe"), round(near.cosine, 3)) for near in entry.lists.cosine]
    shown = ast.literal_eval(printed_by(outputs, "def neighbours("))
    assert [token for token, _ in shown] == [token for token, _ in expected]
    assert [cosine for _, cosine in shown] == pytest.approx([cosine for _, cosine in expected], abs=0.0011)


def test_strangers_score_what_the_site_says(outputs: dict[str, str]) -> None:
    exported = next(entry for entry in data("random_pairs").by_model if entry.role == "decoder")
    mean, deviation, percentile = (float(n) for n in re.findall(r"-?\d\.\d+", printed_by(outputs, "default_rng")))
    assert mean == pytest.approx(exported.all_tokens.mean, abs=0.01)
    assert deviation == pytest.approx(exported.all_tokens.standard_deviation, abs=0.01)
    assert percentile == pytest.approx(exported.all_tokens.percentiles["99"], abs=0.01)
    assert "strangers now score 0.00" in printed_by(outputs, "centred = ").replace("-0.00", "0.00")


def test_own_baselines_are_those_of_the_curves(outputs: dict[str, str]) -> None:
    curves = {curve.word: curve.mean for curve in data("similarity_curves").curves if curve.role == "decoder"}
    lines = printed_by(outputs, '" the", " run"').splitlines()
    assert len(lines) == 6
    for line in lines:
        word, mean = re.fullmatch(r"' (\w+)'\s+(-?[\d.]+)", line).groups()
        assert float(mean) == pytest.approx(curves[word], abs=0.0051)


def test_what_its_prose_says_about_water_is_so(outputs: dict[str, str]) -> None:
    """The text announces that taking out the mean brings function words next to a frequent word."""
    after = [line for line in printed_by(outputs, "centred = ").splitlines() if line.startswith("' water' after")]
    neighbours = {token.strip() for token in after[0].split(":", 1)[1].split(", ")}
    assert {"the", "in"} <= neighbours
