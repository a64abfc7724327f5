"""A text is compiled and filled in section by section: it reads as in one piece, and an edit compiles the section that it is in."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from types import FunctionType

import pytest

from sitegen import lesson_language
from sitegen.build_cache import BuildCache
from sitegen.compiled_texts import CompiledTexts, sections
from sitegen.lesson_language import LessonEnvironment
from sitegen.project import Project
from sitegen.site import BuildOptions, build_site
from tests.text_rendering import LINES_BEFORE, claim, html_of, one_problem, render
from tests.tiny_project import TinyProject

CLAIM_HOLDS = claim("c", "holds")
LESSON = "content/lessons/01-first-steps.md"
TEXTS = {
    "what a section sets": "{% set x, _y = 1, 2 %}{{ x }}\n\n## B\n\n{{ x }} {{ _y }}{% set x = 3 %}\n\n## C\n\n{{ x }}",
    "what a branch sets": "{% if data.n > 1 %}{% set x = 1 %}{% else %}{% set x = 2 %}{% endif %}\n\n## B\n\n{{ x }}",
    "what a loop sets is gone": "{% set x = 1 %}{% for n in [5, 6] %}{% set x = n %}{% endfor %}\n\n## B\n\n{{ x }}",
    "a namespace": "{% set a = namespace(n=0) %}\n\n## B\n\n{% for n in [5] %}{% set a.n = n %}{% endfor %}\n\n## C\n\n{{ a.n }}",
    "a block of text": "{% set x %}*a*\n{% endset %}\n\n## B\n\n{{ data.n }}",
    "a loop over headings": "{% for n in [1, 2] %}\n\n## H{{ n }}\n\n{{ n }}\n{% endfor %}\n\n## B\n\n{{ data.n }}",
    "a heading in a branch": '{% verdict "c" %}{% holds %}\n## A\n\n{{ data.n }}{% otherwise %}\n## B\n{% endverdict %}\n\n## C\n',
    "a heading in a comment": "One {# a remark\n## no heading\n#} two {{ data.n }}\n\n## B\n",
    "a heading in an answer": '{% question "q" kind="word" ask="?" answer="a" %}\nA\n\n## B\n\n{{ data.n }}{% endquestion %}\n\n## C\n',
    "a comment in code": "```python\n## not a heading\nx = {{ data.n }}\n```\n\n## B\n\n{{ data.n }}",
    "what takes its surroundings": "a\n\n{%- if data.n -%}\n\n## A\n\n{%- endif -%}\n\n## B\n\n{{- data.n -}}\n\n## C\n",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_sections_read_as_one_piece(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "".join(sections(text)) == text
    assert len(sections(text)) > 1
    in_sections = html_of(text, data={"n": 7}, claims=CLAIM_HOLDS)
    monkeypatch.setattr(lesson_language, "sections", lambda whole: [whole])
    assert html_of(text, data={"n": 7}, claims=CLAIM_HOLDS) == in_sections


FAULTS = ["{{ nobody }}", "{{ 1 / 0 }}", "{{ 'x'|number(2) }}", "{{ 1.5 }}", "{% endfor %}", "{{ 'x'|nofilter }}", "{{"]


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_wrong_in_a_later_section_is_told_with_its_line(fault: str) -> None:
    """Unknown names, failing expressions and filters, numbers without a format, and what does not compile at all."""
    assert one_problem(f"First.\n\n## B\n\nText.\n\n## C\n\n{fault} there").line == LINES_BEFORE + 9


def test_each_section_tells_what_is_wrong_with_it() -> None:
    _, problems = render("{{ one }}\n\n## B\n\n{{ two }}\n\n## C\n\n{{ three }}")
    assert [problem.line - LINES_BEFORE for problem in problems] == [1, 5, 9]


def test_a_name_set_in_a_section_is_unknown_before_it() -> None:
    assert one_problem("{{ x }}\n\n## B\n\n{% set x = 1 %}{{ x }}").line == LINES_BEFORE + 1


def programs_of(compiled: CompiledTexts, parts: list[str]) -> tuple[list[str], list[str]]:
    """What the programs of the parts are, and which parts were compiled now."""
    now: list[str] = []
    programs = compiled.programs(
        Path("content/lessons/01-x.md"), parts, lambda part: (now.append(part), compile(repr(part), "<template>", "eval"))[1]
    )
    return [FunctionType(program, {})() for program in programs], now


def test_what_was_compiled_is_not_compiled_again_wherever_it_stands(tmp_path: Path) -> None:
    compiled = CompiledTexts(BuildCache(tmp_path))
    assert programs_of(compiled, ["a", "b", "c"]) == (["a", "b", "c"], ["a", "b", "c"])
    assert programs_of(compiled, ["a", "new", "c"]) == (["a", "new", "c"], ["new"])
    assert programs_of(compiled, ["c", "new", "a", "a"]) == (["c", "new", "a", "a"], [])
    assert programs_of(compiled, ["b"]) == (["b"], ["b"])  # what the text no longer has was forgotten


def test_a_damaged_entry_counts_as_none(tmp_path: Path) -> None:
    """Its programs would be run."""
    compiled = CompiledTexts(BuildCache(tmp_path))
    programs_of(compiled, ["a", "b"])
    [entry] = [path for path in tmp_path.rglob("*") if path.is_file()]
    entry.write_bytes(entry.read_bytes()[:-1] + b"?")
    assert programs_of(compiled, ["a", "b"]) == (["a", "b"], ["a", "b"])


def test_an_edited_lesson_has_one_section_compiled_however_long_ago_it_was_rendered(
    project: TinyProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is kept of a lesson stays as long as the lesson does, though builds in between had no use for it."""
    compiled: list[str] = []
    before = LessonEnvironment.compile
    monkeypatch.setattr(LessonEnvironment, "compile", lambda self, source: (compiled.append(source), before(self, source))[1])

    def build() -> list[str]:
        compiled.clear()
        build_site(Project(project.folder), BuildOptions(project.site, "all", None, 1))
        return list(compiled)

    build()  # whatever the copying of the project made stale
    project.append("content/lessons/02-second-steps.md", "\nOne more sentence.\n")
    build()
    assert build() == []
    project.append(LESSON, "\nOne more sentence.\n")
    [section] = build()
    assert "One more sentence." in section
    text = project.path(LESSON).read_text(encoding="utf-8")
    assert len(section) < len(text) / 2
    page = project.site / "lessons" / "first-steps" / "index.html"
    in_sections = page.read_bytes()
    shutil.rmtree(project.path(".cache"))
    build()
    assert page.read_bytes() == in_sections
    assert re.search(rb"One more sentence\.", in_sections)
