"""Rendering a lesson's text by itself, without a project around it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from markupsafe import escape
from selectolax.lexbor import LexborHTMLParser

from problems import Problem
from sitegen.claims import CheckedClaim, Claim
from sitegen.glossary import Glossary, Term
from sitegen.lesson_files import FrontMatter, LessonFile
from sitegen.lesson_rendering import RenderedText, Surroundings, TextRenderer
from sitegen.maths import to_mathml
from sitegen.pages import template_environment
from sitegen.project import Problems, Project
from sitegen.references import Reference
from sitegen.verdicts import CheckResult
from tests.tiny_project import ROOT

LINES_BEFORE = 10
FRONT = FrontMatter(
    title="T",
    summary="S",
    learn=["l"],
    needs=["n"],
    minutes=1,
    date=date(2026, 1, 1),
    updated=date(2026, 1, 1),
    sources=[],
    notebook=None,
)
_TEMPLATES = template_environment(Project(ROOT))


def claim(claim_id: str, verdict: str, value: str = "0.1") -> dict[str, CheckedClaim]:
    words = dict.fromkeys(("lesson", "source", "where", "quote", "statement", "check"), "x")
    return {claim_id: CheckedClaim(Claim(id=claim_id, about=["any"], **words), CheckResult(verdict, value, "Because."))}


def render(
    text: str, data: Mapping[str, Any] | None = None, claims: dict[str, CheckedClaim] | None = None
) -> tuple[RenderedText, list[Problem]]:
    """The rendered text and what was found wrong; line numbers count from LINES_BEFORE."""
    problems = Problems(Project(Path("/project")))
    around = Surroundings(
        data=data or {},
        kinds={"decoder": "byte_level_bpe", "encoder": "wordpiece"},
        models={},
        set_facts={"name": "tiny"},
        claims=claims or {},
        references={"first2020": Reference("first2020", "First & Second 2020", "Near and far", escape("x"))},
        glossary=Glossary({"cosine": Term(id="cosine", term="cosine similarity", definition="d")}, {"cosine": 1}),
        get_figure=_no_figure,
        figure_html=lambda figure, number, lesson: "",
        template=lambda name, **values: _TEMPLATES.get_template(name).render(role_names={}, **values),
        listing_html=_no_listing,
        listing_href=_no_listing,
        notebook_html=lambda lesson: "<p>notebook</p>",
        mathml=to_mathml,
    )
    lesson = LessonFile(Path("/project/content/lessons/01-x.md"), 1, "x", FRONT, text, LINES_BEFORE)
    return TextRenderer(around, lesson, problems, "../../").render(text), problems.found


def html_of(text: str, **named: Any) -> str:
    """The HTML of a text that has nothing wrong with it."""
    rendered, problems = render(text, **named)
    assert problems == []
    return rendered.html


def one_problem(text: str, **named: Any) -> Problem:
    """The only problem of a text."""
    _, problems = render(text, **named)
    assert len(problems) == 1, problems
    return problems[0]


def structure(html: str) -> list[tuple[str, dict[str, str | None]]]:
    """Every element of a piece of HTML with its attributes, as a browser's parser sees it."""
    return [(node.tag, dict(node.attributes)) for node in LexborHTMLParser(html).body.traverse()]


def _no_figure(name: str, data: Any) -> None:
    raise KeyError("There is none.")


def _no_listing(name: str, root: str) -> str:
    raise FileNotFoundError("There is none.")
