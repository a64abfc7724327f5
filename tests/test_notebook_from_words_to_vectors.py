"""The notebook of the lesson on vectors: runs from top to bottom in a folder of its own, and finds what the site shows."""

from __future__ import annotations

import ast
import re

import pytest

from artefacts.envelope import read_artefact
from tests.support import ROOT
from tests.support.notebooks import executed, fresh_notebook, outputs_of, printed_by

DATA = ROOT / "content" / "data" / "smollm2-minilm"


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return outputs_of(executed(fresh_notebook("from-words-to-vectors"), tmp_path_factory.mktemp("notebook")))


def test_every_printing_cell_prints(outputs: dict[str, str]) -> None:
    assert not [source for source, output in outputs.items() if "print(" in source and not output]
    assert sum("# <-" in source for source in outputs) >= 3


def test_queen_wins_by_the_rule_only(outputs: dict[str, str]) -> None:
    barred, kept = (ast.literal_eval(line.split(":", 1)[1].strip()) for line in printed_by(outputs, "def analogy(").splitlines())
    assert (barred[0], kept[:2]) == ("queen", ["king", "queen"])


def test_cosines_are_the_exported_ones(outputs: dict[str, str]) -> None:
    exported = {(p.first, p.second): p.cosines["decoder"] for p in read_artefact(DATA / "word_relations.json")[1].pairs}
    found = re.findall(r"^(\w+) +(\w+) +(\d\.\d\d)$", printed_by(outputs, "def cosine("), re.MULTILINE)
    known = [(exported[a, b], float(cosine)) for a, b, cosine in found if (a, b) in exported]
    assert len(known) == 4
    assert all(mine == pytest.approx(theirs, abs=0.0051) for mine, theirs in known)
