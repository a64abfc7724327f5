"""What every lesson of this site has: guesses before figures, its limits, a summary, exercises with solutions, terms and sources."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.tiny_project import ROOT

LESSONS = sorted((ROOT / "content" / "lessons").glob("*.md"))
CLOSING = ["What this does not show", "In short", "Exercises"]


@pytest.fixture(scope="module", params=LESSONS, ids=lambda path: path.stem)
def text(request: pytest.FixtureRequest) -> str:
    path: Path = request.param
    return path.read_text(encoding="utf-8")


def test_it_says_what_it_does_not_show_sums_up_and_sets_exercises(text: str):
    """Three sections, in this order, towards the end."""
    headings = re.findall(r"^## (.+?)(?: *\{:.*\})?$", text, re.MULTILINE)
    assert [heading for heading in headings if heading in CLOSING] == CLOSING
    after = re.search(r"^## In short\n+(.+)", text, re.MULTILINE)
    assert re.match(r"1\. |- |\{[%#]", after[1]), "the summary is a list right below its heading"


def test_it_asks_before_it_shows(text: str):
    """Two guesses or more, and three to five exercises, each with a solution."""
    questions = re.findall(r'\{%-? question "', text)
    exercises = re.findall(r'\{%-? exercise "', text)
    assert len(questions) >= 2
    assert 3 <= len(exercises) <= 5
    first_figure = text.index("{{ figure(")
    assert text.index("{% question ") < first_figure or "?" in text[:first_figure], "the lesson opens with a question"


def test_it_names_terms_and_sources(text: str):
    """Words of the field lead to the glossary, statements of others to the references."""
    assert len(set(re.findall(r'term\("([^"]+)"', text))) >= 5
    assert len(set(re.findall(r'cite\("([^"]+)"', text))) >= 1
    assert len(set(re.findall(r'claim\("([^"]+)"', text))) >= 1
    assert re.search(r"\{\{ listing\(", text), "code stands beside the figures"
