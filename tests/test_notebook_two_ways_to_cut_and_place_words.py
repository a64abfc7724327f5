"""The notebook of the lesson on vocabularies: runs from top to bottom, and what it finds is what the site shows."""

from __future__ import annotations

import pytest

from artefacts.envelope import read_artefact
from tests.support import ROOT
from tests.support.notebooks import printed_as_program

DATA = ROOT / "content" / "data" / "smollm2-minilm"


def data(name: str):
    return read_artefact(DATA / f"{name}.json")[1]


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What its cells print, run as one program in a folder with nothing but the wheels."""
    return printed_as_program("two-ways-to-cut-and-place-words", tmp_path_factory.mktemp("notebook"))


def test_its_merges_are_the_figures(printed: str):
    word = data("cutting_steps").words[0]
    assert word.word == " tokenization"
    for state in word.merges:
        assert f"{state.rank or '':>6} {' '.join(state.pieces)}\n" in printed
    assert str([(match.piece, len(match.tried) + 1) for match in word.matches]) in printed


def test_its_numbers_are_the_exported_ones(printed: str):
    names = {"decoder": "SmolLM2", "encoder": "MiniLM"}
    for entry, rows in zip(data("matrix_entries").by_model, data("row_statistics").by_model, strict=True):
        share = entry.share_beyond[entry.thresholds.index(0.1)]
        name = names[entry.role]
        variance = f"mean variance of a row {rows.variances.mean:.5f}"
        assert f"{name}: ({entry.tokens}, {entry.dims}), {share:.1%} beyond 0.1, {variance}" in printed
        pair = rows.average_pair_cosine
        assert f"{name}: {pair.raw:.3f}, then {pair.mean_vector_removed:.3f}" in printed
    assert "GPT-2 as spelled:  [5, 4, 6]" in printed and "BERT as spelled:   [6, 5, 7]" in printed
