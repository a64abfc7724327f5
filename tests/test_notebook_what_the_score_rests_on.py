"""The notebook of the lesson on what a score rests on: runs from top to bottom, and what it finds is what the site shows."""

from __future__ import annotations

import re

import pytest

from tests.support.claims import artefact
from tests.support.notebooks import printed_as_program

PAIR = ("encoder", "static")


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What its cells print, run as one program in a folder with nothing but the wheels."""
    return printed_as_program("what-the-score-rests-on", tmp_path_factory.mktemp("notebook"))


def of_pair(entries: list):
    return next(entry for entry in entries if (entry.first, entry.second) == PAIR)


def test_its_score_and_its_words_are_the_exported_ones(printed: str) -> None:
    scores = of_pair(artefact("word_influences").by_pair)
    assert f"{len(scores.influences)} words: {scores.score:.3f}" in printed
    changes = dict(re.findall(r"without (\w+) +([+-]\d\.\d+)", printed))
    exported = {influence.word: influence.change for influence in scores.influences}
    assert len(changes) == 6
    assert all(float(change) == pytest.approx(exported[word], abs=6e-4) for word, change in changes.items())


def test_its_partial_score_is_the_exported_one(printed: str) -> None:
    given = next(score for score in of_pair(artefact("partial_scores").by_pair).scores if score.given == "category")
    assert f"given the category: {given.value:.3f}, p = 0.001" in printed


def test_its_last_cells_answer(printed: str) -> None:
    assert "not known" not in printed
    assert re.search(r"\d+ words; median \d\.\d\d, from", printed)
    assert re.search(r"15 steps: 0\.\d{3} instead of", printed)
