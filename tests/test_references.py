"""The bibliography: BibTeX as people write it, shown and cited the same way everywhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from problems import Problem
from sitegen.project import Problems, Project
from sitegen.references import Reference, read_references
from tests.tiny_project import ROOT


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = tmp_path_factory.mktemp("references")
    (project / "content").mkdir()
    return project


def read(folder: Path, text: str) -> tuple[dict[str, Reference], list[Problem]]:
    (folder / "content" / "references.bib").write_text(text, encoding="utf-8")
    problems = Problems(Project(folder))
    return read_references(Project(folder), problems), problems.found


def entry(key: str = "k2020", **fields: str) -> str:
    lines = {"author": "Nash, Ann", "title": "T", "year": "2020"} | fields
    return f"@misc{{{key},\n" + ",\n".join(f"  {name} = {{{value}}}" for name, value in lines.items()) + "\n}\n"


@pytest.mark.parametrize(
    ("authors", "label"),
    [
        ("Nash, Ann", "Nash 2020"),
        ("Ann Nash", "Nash 2020"),
        ("Nash, Ann and Ode, Bo", "Nash & Ode 2020"),
        ("Nash, Ann and Ode, Bo and Poe, Cy", "Nash et al. 2020"),
        ("Nash, Ann and others", "Nash et al. 2020"),
        ("{The Collective}", "The Collective 2020"),
        ("{Barnes and Noble} and Poe, Cy", "Barnes and Noble & Poe 2020"),
        ("{{Barnes and Noble}}", "Barnes and Noble 2020"),
        ("M{\\\"u}ller, J{\\'o}zef", "Müller 2020"),
        ("{\\v{S}}t\\v{e}p{\\'a}nek, Jan", "Štěpánek 2020"),
        ("de Boer, Els", "de Boer 2020"),
    ],
)
def test_works_are_cited_by_their_authors_families(folder: Path, authors: str, label: str):
    """One, two, many, a group in braces, accents in BibTeX's spelling."""
    references, problems = read(folder, entry(author=authors))
    assert problems == []
    assert references["k2020"].label == label


def test_works_that_would_be_cited_alike_get_letters(folder: Path):
    """A reader can tell which of two works of one year is meant, in the text and in the list."""
    same = "".join(entry(key, author="Nash, Ann and Ode, Bo and Poe, Cy") for key in ("first", "second"))
    references, problems = read(folder, same + entry("third", author="Nash, Ann and Qu, Di and Roy, El") + entry("alone"))
    assert problems == []
    assert [references[key].label for key in ("first", "second", "third")] == [f"Nash et al. 2020{letter}" for letter in "abc"]
    assert "(2020b)" in references["second"].html
    assert references["alone"].label == "Nash 2020"


def test_a_reference_shows_what_it_has(folder: Path):
    """Authors, year, title with its link, container, volume and pages, note; a work without a year says so."""
    full = entry(
        author="Nash, Ann and Ode, Bo and Poe, Cy", title="On {GPT-2} \\& others.", journal="J. <Things>", volume="7", pages="1--9",
        doi="10.1/x<y", note="Seen.",
    )  # fmt: skip
    references, problems = read(
        folder, full + "@online{page,\n author = {{Site}},\n title = {Page},\n url = {https://example.org/?a=1&b}\n}"
    )
    assert problems == []
    assert references["k2020"].html == (
        'Ann Nash, Bo Ode &amp; Cy Poe (2020). <cite><a href="https://doi.org/10.1/x&lt;y" rel="noopener">'
        "On GPT-2 &amp; others</a></cite>. "
        "J. &lt;Things&gt;, 7 pp. 1–9. Seen."
    )
    assert references["page"].label == "Site n.d."
    assert 'href="https://example.org/?a=1&amp;b"' in references["page"].html


def test_references_stand_in_the_order_of_their_labels(folder: Path):
    """The list is made once for all pages, whatever the file's order."""
    references, _ = read(folder, entry("b", author="Zoe, A") + entry("c", author="abe, B") + entry("a", author="Moe, C"))
    assert list(references) == ["c", "a", "b"]


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        (entry() + entry(), 6, "two entries have the key 'k2020'"),
        (
            "\n\n@misc{a,\n author = {X,\n title = {Y}\n}\n\n@misc{b, author = {Z}, title = {Q}}",
            3,
            "is no valid BibTeX there: Unexpected block start",
        ),
        ("@misc{a,\n author = {X},\n title = {Y}\n", 1, "is no valid BibTeX there: Unexpectedly reached end of file"),
        ("@misc{a author = {X}}", 1, "is no valid BibTeX there: Expected comma"),
        ("@misc{a,\n author = {X}\n title = {Y}}", 2, "field 'author' of 'a' runs into the next"),
        ("\nmisc{a, author = {X}, title = {Y}}", 2, "holds text between entries that looks like part of one"),
        (
            "@misc{a, author = {X}, author = {Y}, title = {Z}}",
            1,
            "is no valid BibTeX there: Duplicate field keys on entry: 'author'",
        ),
        ("@misc{, author = {X}, title = {Y}}", 1, "'' cannot be a key"),
        ("@misc{a:b/c, author = {X}, title = {Y}}", 1, "'a:b/c' cannot be a key"),
        ("\n@misc{a, author = {}, title = {Y}}", 2, "entry 'a' lacks author"),
        ("@misc{a, year = {2020}}", 1, "entry 'a' lacks author and title"),
        (entry(url="javascript:alert(1)"), 1, "the url of 'k2020' is no web address"),
    ],
)
def test_a_mistake_has_its_line(folder: Path, text: str, line: int, what: str):
    """Whatever cannot be read, or would get lost without a word."""
    _, problems = read(folder, text)
    assert any(problem.line == line and what in problem.what and problem.cure for problem in problems), problems


def test_comments_are_comments(folder: Path):
    """Percent lines, @comment and prose between entries are allowed."""
    text = f"% a comment with {{braces}} and @signs\nSome prose.\n@comment{{more}}\n{entry()}"
    assert list(read(folder, text)[0]) == ["k2020"]
    assert read(folder, text)[1] == []


@given(text=st.text(alphabet='@{}=,"%\\#ab1 \n', max_size=60))
@settings(max_examples=100)
def test_no_text_breaks_the_reader(folder: Path, text: str):
    """Every file is read or refused with a line."""
    _, problems = read(folder, text)
    assert all(problem.line is not None and 1 <= problem.line <= text.count("\n") + 1 for problem in problems)


def test_the_sites_own_bibliography_is_good():
    """No work is lost between the file and the page."""
    problems = Problems(Project(ROOT))
    references = read_references(Project(ROOT), problems)
    assert problems.found == []
    text = (ROOT / "content" / "references.bib").read_text(encoding="utf-8")
    assert len(references) == sum(line.startswith("@") for line in text.split("\n"))
