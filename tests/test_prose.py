"""Lessons and teachers' sheets read with the real set and with small random models: nothing fails, nothing is left empty or torn."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from sitegen.claims import CheckedClaim, check_claims, load_checks, read_claims
from sitegen.explorers import explorers_of
from sitegen.glossary import read_glossary
from sitegen.lesson_files import LessonFile, lesson_slugs, read_lessons
from sitegen.lesson_rendering import RenderedText, Surroundings, TextRenderer
from sitegen.maths import to_mathml
from sitegen.pages import template_environment
from sitegen.project import Problems, Project
from sitegen.references import read_references
from sitegen.site_data import SetData, token_kinds
from sitegen.teaching import Sheet, SheetRenderer, read_sheets
from tests.tiny_models import TINY_SET
from tests.tiny_project import ROOT

PROJECT = Project(ROOT)
ODD = {
    "an empty place": r"\(\s*\)|“\s*”|\*\*|\[\]|\s:\s*$",
    "a sign after a space": r"\w [,.;:?](?:\s|$)",
    "a sign twice": r",,|;;|(?<!\.)\.\.(?!\.)|,\.",
    "a word twice": r"\b(a|an|is|are|in|to|and|of|it|has) \1\b(?! ,)",
    "a value of Python": r"\b(nan|inf|True|False|Undefined)\b|(?<=[a-z,] )None\b",
}


class Rendering:
    """The texts of one set, without drawing a figure."""

    def __init__(self, folder: Path):
        self.problems = Problems(PROJECT)
        self.data = SetData(folder, self.problems)
        self.lessons = read_lessons(PROJECT, self.problems)
        references = read_references(PROJECT, self.problems)
        ledger = read_claims(PROJECT, self.problems, lesson_slugs(PROJECT), set(references))
        self.claims: dict[str, CheckedClaim] = check_claims(ledger, load_checks(ledger, self.problems), self.data, self.problems)
        models = {fact.role: fact for fact in self.data["model_facts"].models if fact.role != "tokenizer"}
        templates = template_environment(PROJECT)
        self.around = Surroundings(
            data=self.data,
            kinds=token_kinds(self.data),
            models=models,
            set_facts={"name": folder.name, "title": folder.name, "note": "", "is_default": False, "explorers": explorers_of(self.data)},
            claims=self.claims,
            references=references,
            glossary=read_glossary(PROJECT, self.problems, references),
            get_figure=lambda name, data: SimpleNamespace(name=name),
            figure_html=lambda figure, number, lesson: "",
            template=lambda name, **values: templates.get_template(name).render(role_names={}, **values),
            listing_html=lambda name, root: "",
            listing_href=lambda name, root: name,
            notebook_html=lambda lesson: "",
            mathml=to_mathml,
        )
        self.sheets = read_sheets(PROJECT, self.problems, self.lessons)

    def lesson(self, lesson: LessonFile) -> RenderedText:
        return TextRenderer(self.around, lesson, self.problems, "../../").render(lesson.body)

    def sheet(self, sheet: Sheet, figures: list[str]) -> RenderedText:
        return SheetRenderer(self.around, sheet, self.problems, "../../", figures).render(sheet.text.body)


@pytest.fixture(scope="module", params=["real", "random"])
def rendering(request: pytest.FixtureRequest) -> Rendering:
    if request.param == "real":
        return Rendering(ROOT / "content" / "data" / "smollm2-minilm")
    return Rendering(request.getfixturevalue("exported") / TINY_SET)


def odd_places(html: str) -> list[str]:
    """What looks torn in running text; formulas, code, tokens and lists of answers aside."""
    tree = LexborHTMLParser(html)
    for node in tree.css("math, pre, code, .token, .verdict, form, .question-truth, table, .heading-link"):
        node.replace_with("x")
    found = []
    for block in tree.css("p, li, dd, h2, h3"):
        text = re.sub(r"\s+", " ", block.text()).strip()
        found += [f"{what}: …{text[max(0, m.start() - 60) : m.end() + 30]}…" for what, p in ODD.items() for m in [re.search(p, text)] if m]
    return found


def values_of(problems: Problems) -> list[Any]:
    return [(problem.file, problem.line, problem.what) for problem in problems.found]


def test_every_text_can_be_read_with_any_set(rendering: Rendering):
    """No expression fails, every verdict has its branch, and no sentence is left with a hole."""
    odd: list[str] = []
    for lesson in rendering.lessons:
        text = rendering.lesson(lesson)
        odd += [f"{lesson.slug}: {place}" for place in odd_places(text.html)]
        sheet = rendering.sheets.get(lesson.slug)
        if sheet:
            on_sheet = rendering.sheet(sheet, [figure.name for figure in text.figures])
            pages = [on_sheet.html, *(exercise.solution for exercise in on_sheet.exercises)]
            odd += [f"teach/{lesson.slug}: {place}" for page in pages for place in odd_places(page)]
    assert values_of(rendering.problems) == []
    assert odd == []


def test_a_torn_sentence_is_noticed():
    """The test above can fail."""
    assert [place.split(":")[0] for place in odd_places("<p>In it is 3 , which is is ().</p>")] == [
        "an empty place",
        "a sign after a space",
        "a word twice",
    ]
    assert odd_places("<p>It is 3, and <math>x .</math> (see <code>f()</code>).</p>") == []
