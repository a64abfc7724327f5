"""Front matter: whatever stands there, a lesson is read or its problems are recorded, each with a line."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sitegen.lesson_files import FrontMatter, lesson_slugs, read_front_matter, read_lessons
from sitegen.project import Problems, Project

GOOD = {
    "title": "A title",
    "summary": "A summary.",
    "learn": ["this"],
    "needs": ["that"],
    "minutes": 3,
    "date": datetime.date(2026, 1, 1),
    "updated": datetime.date(2026, 2, 1),
    "sources": ["a2020"],
    "notebook": None,
}
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates() | st.datetimes()
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SCALARS, inner, max_size=3), max_leaves=6
)
FRAGMENTS = st.lists(
    st.sampled_from(
        "title|date|minutes|: |- |\n|  |[|]|{|}|'|\"|>|&a |*a|<<|? |!!int |!!bool |!!timestamp |!!binary |!!set |"
        "!!python/object:os.system |2026-13-45|0x_|0b|1:99|.nan|1e999|~|\t|%|@|`|#".split("|")
    )
    | st.text(max_size=3),
    max_size=25,
).map("".join)


def read(text: str) -> tuple[FrontMatter | None, Problems]:
    problems = Problems(Project(Path("/project")))
    return read_front_matter(Path("/project/content/lessons/01-x.md"), text, FrontMatter, problems), problems


def as_yaml(fields: dict) -> str:
    return yaml.safe_dump(fields, allow_unicode=True)


@given(text=FRAGMENTS)
@example(text="date: 2026-13-45\n")
@example(text="a: !!timestamp x\n")
@example(text="a: " + "[" * 3000)
@example(text="a: 1" + "0" * 5000)
@example(text="? [a]\n: b\n")
@example(text='a: "\\ud800"\n')
@example(text="\x85: ")
@settings(max_examples=150)
def test_no_text_breaks_the_reader(text: str):
    """Front matter is read or refused with file and line; nothing else is ever raised."""
    front, problems = read(text)
    assert front is not None or problems.found
    for problem in problems.found:
        assert problem.file == "content/lessons/01-x.md"
        assert problem.line is not None
        assert 1 <= problem.line <= text.count("\n") + 2
        assert problem.what
        assert problem.cure


@given(key=st.sampled_from([*GOOD, "other"]), value=VALUES)
@settings(max_examples=150)
def test_one_odd_value_is_taken_or_blamed_on_its_key(key: str, value: object):
    """A wrong value is reported once, under its own key and in its own line."""
    text = as_yaml(GOOD | {key: value})
    front, problems = read(text)
    if front is None:
        assert all(f"key {key!r}" in problem.what or "YAML" in problem.what for problem in problems.found)
        lines = [n for n, line in enumerate(text.split("\n"), start=2) if line.startswith(key)]
        assert {problem.line for problem in problems.found} <= {*lines, *range(lines[0], text.count("\n") + 2)}
    else:
        assert problems.found == []


@given(
    title=st.text(
        st.characters(exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"], exclude_characters="\ufeff\ufffe\uffff"), min_size=1
    )
)
@settings(max_examples=50)
def test_any_title_is_read_as_it_stands(title: str):
    """Quotes, colons, markup and other alphabets are the author's right."""
    front, problems = read(as_yaml(GOOD | {"title": title}))
    assert problems.found == []
    assert front.title == title


def test_good_front_matter_is_read():
    """Every key, with its type."""
    front, problems = read(as_yaml(GOOD))
    assert problems.found == []
    assert front.model_dump() == GOOD


@pytest.mark.parametrize("key", GOOD)
def test_every_key_is_required(key: str):
    """A lesson's head is never half empty."""
    front, problems = read(as_yaml({name: value for name, value in GOOD.items() if name != key}))
    assert front is None
    (problem,) = problems.found
    assert problem.what == f"front matter key {key!r} is missing"


def test_windows_line_ends_and_a_byte_order_mark_do_no_harm(tmp_path: Path):
    """Editors on other systems write them; lines are still counted right."""
    folder = tmp_path / "content" / "lessons"
    folder.mkdir(parents=True)
    text = f"---\n{as_yaml(GOOD)}---\nFirst\n\nThird"
    (folder / "01-a.md").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    problems = Problems(Project(tmp_path))
    (lesson,) = read_lessons(Project(tmp_path), problems)
    assert problems.found == []
    assert lesson.body == "First\n\nThird"
    assert lesson.lines_before_body == as_yaml(GOOD).count("\n") + 2


def test_slugs_come_from_names_alone(tmp_path: Path):
    """A lesson that cannot be read still has its address, so that nobody else is blamed for linking to it."""
    folder = tmp_path / "content" / "lessons"
    folder.mkdir(parents=True)
    for name in ("01-good-name.md", "2-bad.md", "03-Bad.md", "04-.md", "05-a--b.md", "06-x.txt"):
        (folder / name).write_text("broken", encoding="utf-8")
    assert lesson_slugs(Project(tmp_path)) == ["good-name"]
