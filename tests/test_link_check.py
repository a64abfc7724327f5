"""The link check: every kind of internal link, and what an author is told about a broken one."""

from __future__ import annotations

from pathlib import Path

import pytest

from problems import Problem
from sitegen.link_check import PageLinks, check_links
from sitegen.project import Problems, Project

PAGE = "lessons/one/index.html"
FILES = {PAGE, "lessons/two/index.html", "index.html", "sets/x/index.html", "claims/claims.csv", "assets/a b.svg", "404.html"}


def check(html: str, unsure: frozenset[str] = frozenset(), line: int | None = 7) -> list[Problem]:
    problems = Problems(Project(Path("/project")))
    pages = {PAGE: PageLinks.of(html), "lessons/two/index.html": PageLinks.of("<h2 id='caf\u00e9'>x</h2><p id='two'>")}
    check_links(pages, FILES, lambda page, link: ("content/lessons/01-one.md", line, link), problems, unsure)
    return problems.found


@pytest.mark.parametrize(
    "link",
    "../two/ ../two/index.html ../two/#two ../two/#caf%C3%A9 ../two/?x.y=1#two #here ../../ ./ ../../sets/x/ "
    "../../claims/claims.csv ../../assets/a%20b.svg https://example.org/x#y http://example.org mailto:a@example.org".split(),
)
def test_good_links_pass(link: str):
    """Relative ones in every spelling, and whatever leads elsewhere by a known way."""
    assert check(f'<h2 id="here">x</h2><a href="{link}">x</a>') == []


@pytest.mark.parametrize(
    ("link", "what", "cure"),
    [
        ("../tow/", "broken link '../tow/': there is no such page", "Did you mean 'lessons/two/'"),
        ("../two", "there is no such page", "Did you mean 'lessons/two/'"),
        ("/lessons/two/", "there is no such page", ""),
        ("../two/#twoo", "that page has no such anchor", "Did you mean 'two'"),
        ("#nowhere", "that page has no such anchor", "Correct the part after '#'"),
        ("../../../outside/", "there is no such page", ""),
        ("../../assets/c.svg", "there is no such page", ""),
        ("javascript:alert(1)", "javascript: is no kind of link", "https://"),
        ("lesson:two/", "lesson: is no kind of link", "lesson:"),
        ("//example.org/", "it has no scheme", "https://"),
        ("http://[broken", "", "Correct the address"),
    ],
)
def test_broken_links_are_named(link: str, what: str, cure: str):
    """The link as written, why it is broken, and what is near."""
    (problem,) = check(f'<a href="{link}">x</a>')
    assert (problem.file, problem.line) == ("content/lessons/01-one.md", 7)
    assert what in problem.what
    assert link in problem.what
    assert cure in problem.cure


@pytest.mark.parametrize(
    "html",
    [
        '<img src="x.svg">',
        '<script src="x.js"></script>',
        '<link rel="stylesheet" href="x.css">',
        '<iframe src="x/"></iframe>',
        '<figure data-script="x.js"></figure>',
        '<source srcset="x.svg">',
    ],
)
def test_not_only_anchors_are_followed(html: str):
    """A missing picture, script or style sheet is a broken page too."""
    assert len(check(html)) == 1


def test_an_id_stands_only_once():
    """The second of two equal ids cannot be linked to."""
    (problem,) = check('<p id="a"></p><p id="b"></p><p id="a"></p>')
    assert "have the id 'a'" in problem.what


def test_a_problem_without_a_line_names_the_page():
    """Where the source does not show the link, the page that does is named."""
    (problem,) = check('<a href="nowhere/">x</a>', line=None)
    assert problem.what.startswith(f"broken link 'nowhere/' in {PAGE}")


def test_links_to_unsure_pages_are_not_judged():
    """A page that will change once its own problems are mended gives nobody the blame."""
    html = '<a href="../two/#gone">x</a><a href="../two/figures/y/">x</a><a href="../three/">x</a>'
    assert len(check(html)) == 3
    assert check(html, frozenset({"lessons/two/index.html", "lessons/three/index.html"})) == []
