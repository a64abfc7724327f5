"""The teacher's pages: a sheet a lesson, its questions on the worksheet, their solutions in the answer key."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from sitegen.lesson_files import lesson_slugs
from sitegen.project import Project
from tests.tiny_project import ROOT, TinyProject

SHEET = "content/teaching/first-steps.md"
PAGE = "teach/first-steps/index.html"


def page(site: Path, name: str) -> LexborHTMLParser:
    return LexborHTMLParser((site / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize(("folder", "name"), [("", "tiny"), ("sets/other/", "other")])
def test_a_sheet_gives_questions_and_answers_apart(built_once: TinyProject, folder: str, name: str):
    """The worksheet shows no solution; the answers carry the numbers of the set that the page belongs to."""
    tree = page(built_once.site, folder + PAGE)
    tasks = tree.css(".task")
    assert [task.css_first("p:not(.label)").text() for task in tasks] == ["What is 1 < 2?", "What is the mean of all tokens?"]
    assert not tree.css(".task details, .task .answer")
    answers = tree.css("#answers ~ .answer")
    assert [answer.css_first("a").attributes["href"] for answer in answers] == [f"#{task.id}" for task in tasks]
    data = json.loads((built_once.folder / f"content/data/{name}/random_pairs.json").read_text(encoding="utf-8"))
    mean = next(entry for entry in data["data"]["by_model"] if entry["role"] == "decoder")["all_tokens"]["mean"]
    assert answers[1].css_first("p:not(.label)").text() == f"It is {mean:.2f}."


def test_a_sheet_refers_to_the_figures_of_its_lesson(built_once: TinyProject):
    """With the numbers that they have there, and links that lead there; so do links to other pages, in tasks and in answers."""
    tree = page(built_once.site, PAGE)
    lesson = page(built_once.site, "lessons/first-steps/index.html")
    figures = [figure.id for figure in lesson.css("figure.figure")]
    links = {link.attributes["href"]: link.text() for link in tree.css("a.figref")}
    expected = {f"../../lessons/first-steps/#{name}": f"Figure {n}" for n, name in enumerate(figures, start=1)}
    assert links == expected
    assert tree.css_first(".answer a[href='../../claims/']") is not None
    assert not tree.css("figure.figure")


def test_a_sheet_says_how_long_it_takes(built_once: TinyProject):
    """The minutes of the steps, added up, on the sheet and on the page that lists all."""
    assert "15 minutes in class" in page(built_once.site, PAGE).css_first(".byline").text()
    items = page(built_once.site, "teach/index.html").css(".teach-list li")
    assert len(items) == 2
    assert "15 minutes" in items[0].text()
    assert items[0].css_first(".teach-title a").attributes["href"] == "first-steps/"
    assert items[1].css_first(".teach-title a") is None


def test_every_page_leads_to_the_teachers_page(built_once: TinyProject):
    """The footer names it."""
    for path in ("index.html", "lessons/first-steps/index.html", "sets/other/claims/index.html"):
        links = [link.attributes.get("href") or "" for link in page(built_once.site, path).css(".site-footer a")]
        assert any(link.endswith("teach/") for link in links), path


Change = Callable[[TinyProject], None]


def replace(old: str, new: str) -> Change:
    return lambda project: project.replace(SHEET, old, new)


MISTAKES: dict[str, tuple[Change, str, int | None, str, str]] = {
    "sheet of an unknown lesson": (
        lambda project: project.path(SHEET).rename(project.path("content/teaching/frist-steps.md")),
        "content/teaching/frist-steps.md",
        None,
        "there is no lesson 'frist-steps' to teach",
        "Did you mean 'first-steps'",
    ),
    "unknown key": (replace("prepare:", "prepair:"), SHEET, 1, "front matter key 'prepare' is missing", "README.md lists the keys"),
    "minutes in words": (replace("minutes: 5", "minutes: five"), SHEET, 4, "'timing', item 1: input should be", "README.md"),
    "figure of another lesson": (
        replace('figref("tiny-pieces")', 'figref("tiny-piece")'),
        SHEET,
        8,
        "figref to 'tiny-piece', which the lesson does not show",
        "Did you mean 'tiny-pieces'",
    ),
    "figure of its own": (replace('figref("tiny-pieces")', 'figure("tiny-pieces")'), SHEET, 8, "figure 'tiny-pieces' in a sheet", "figref"),
    "broken link": (replace("page:claims/", "page:clams/"), SHEET, None, "broken link", "Did you mean"),
    "unknown number": (replace("all_tokens.mean|", "all_tokens.meen|"), SHEET, 14, "unknown number or name 'meen'", "'mean'"),
    "no introduction": (
        lambda project: project.path("content/pages/teach.md").unlink(),
        "content/pages/teach.md",
        None,
        "",
        "Restore it",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_in_a_sheet_is_named_with_its_line_and_a_cure(project: TinyProject, name: str):
    """As for lessons: nothing half-broken is published."""
    change, file, line, what, cure = MISTAKES[name]
    change(project)
    outcome = project.build()
    assert outcome.status == 1
    place = file if line is None else f"{file}:{line}: "
    assert place in outcome.errors
    assert what in outcome.errors
    assert cure in outcome.errors


def test_every_lesson_of_this_site_can_be_taught():
    """A sheet for each lesson, five questions or more on it."""
    project = Project(ROOT)
    sheets = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "content" / "teaching").glob("*.md")}
    assert set(sheets) == set(lesson_slugs(project))
    assert {slug: text.count("{% exercise ") for slug, text in sheets.items() if text.count("{% exercise ") < 5} == {}
