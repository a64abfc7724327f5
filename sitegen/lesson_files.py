"""Lesson files: front matter checked, body kept with its place in the file."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from problems import did_you_mean
from sitegen.kept_sources import KeptSources
from sitegen.project import Problems, Project, read_text

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]

MOST_MINUTES = 1000
_FILE_NAME = re.compile(r"(\d\d\d?)-([a-z0-9]+(?:-[a-z0-9]+)*)\.md")
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?\n)---[ \t]*(?:\n|\Z)", re.DOTALL)


class FrontMatter(BaseModel):
    """What stands at the head of every lesson; all keys are required."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Words
    summary: Words
    learn: Annotated[list[Words], Field(min_length=1)]  # what you will learn
    needs: Annotated[list[Words], Field(min_length=1)]  # what you need to know before
    minutes: Annotated[int, Field(gt=0, le=MOST_MINUTES)]  # reading time
    date: datetime.date
    updated: datetime.date
    sources: list[str]  # citation keys
    notebook: str | None  # file in content/notebooks/


@dataclass(frozen=True)
class LessonFile:
    """A lesson as it was read: front matter, text, and where the text begins."""

    path: Path
    number: int
    slug: str
    front: FrontMatter
    body: str
    lines_before_body: int


def _files(project: Project) -> list[Path]:
    """In the order of their numbers: 99 stands before 100."""
    return sorted((project.content / "lessons").glob("*.md"), key=lambda path: (len(path.name.partition("-")[0]), path.name))


def lesson_slugs(project: Project) -> list[str]:
    """The slugs that the file names give, in the lessons' order, whether or not the lessons can be read."""
    names = [_FILE_NAME.fullmatch(path.name) for path in _files(project)]
    return [name[2] for name in names if name]


def read_lessons(project: Project, problems: Problems, kept: KeptSources | None = None) -> list[LessonFile]:
    """All lessons in the order of their numbers. Problems: bad names, bad front matter, duplicate slugs or numbers."""
    lessons: list[LessonFile] = []
    for path in _files(project):
        name = _FILE_NAME.fullmatch(path.name)
        if name is None:
            cure = "Name it two or three digits, a hyphen, then lower-case words joined by hyphens: 01-first-words.md."
            problems.add(path, None, "its name gives no number and slug", cure)
            continue
        lesson = _read_lesson(path, int(name[1]), name[2], problems, kept)
        if lesson is None:
            continue
        for other in lessons:
            if other.slug == lesson.slug:
                problems.add(path, None, f"its slug {lesson.slug!r} is also that of {other.path.name}", "Rename one of them.")
            if other.number == lesson.number:
                problems.add(path, None, f"its number {lesson.number} is also that of {other.path.name}", "Renumber one of them.")
        lessons.append(lesson)
    if not lessons and not problems.found:
        problems.add(project.content / "lessons", None, "holds no lesson", "Add one, for example 01-first-words.md.")
    return lessons


def _read_lesson(path: Path, number: int, slug: str, problems: Problems, kept: KeptSources | None) -> LessonFile | None:
    found = read_file_with_front_matter(path, FrontMatter, problems, kept)
    return found and LessonFile(path, number, slug, *found)


def read_file_with_front_matter(path: Path, model: type[BaseModel], problems: Problems, kept: KeptSources | None = None):
    """Front matter as `model`, body, and the number of lines before the body; None after recording what is wrong."""
    text = read_text(path, problems, "Restore it.")
    if text is None:
        return None
    if not path.resolve().is_relative_to(problems.project.content.resolve()):
        problems.add(path, None, "is a link that leads out of content/", "Put the file itself there.")
        return None
    match = _FRONT_MATTER.match(text)
    if match is None:
        cure = "Begin the file with a line '---', the keys README.md lists, and another '---'."
        problems.add(path, 1, "has no front matter", cure)
        return None
    front = _kept_front_matter(path, match[1], model, problems, kept) if kept else read_front_matter(path, match[1], model, problems)
    return front and (front, text[match.end() :], text[: match.end()].count("\n"))


def _kept_front_matter(path: Path, text: str, model: type[BaseModel], problems: Problems, kept: KeptSources):
    def read() -> dict[str, Any] | None:
        front = read_front_matter(path, text, model, problems)
        return front and front.model_dump(mode="json")

    fields = kept.value_of(f"front matter {model.__name__}", text, problems, read)
    return None if fields is None else model.model_validate(fields)


def read_front_matter(path: Path, text: str, model: type[BaseModel], problems: Problems):
    """YAML front matter as `model`, or None after recording every problem with its line. `text` begins in line 2 of the file."""
    import yaml  # here, because builds seldom have to parse any

    from sitegen.front_matter_yaml import Loader

    cure = "README.md lists the keys; all of them are required."
    try:
        loader = Loader(text)
        node = loader.get_single_node()
        fields = loader.construct_document(node) if node else None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = _line_at(text, mark.index if mark else getattr(error, "position", 0))
        what = f"its front matter is no valid YAML: {str(getattr(error, 'problem', None) or error).splitlines()[0]}"
        problems.add(path, line, what, "Correct it; quote texts that hold a colon.")
        return None
    except (ValueError, LookupError, AttributeError, TypeError, RecursionError) as error:
        # PyYAML's own conversions fail like this, for instance at the date 2026-13-45.
        problems.add(path, _line_of_bad_value(text), f"its front matter holds a value that YAML cannot read: {error}", cure)
        return None
    if not isinstance(fields, dict) or not isinstance(node, yaml.MappingNode):
        problems.add(path, 2, "its front matter holds no keys", cure)
        return None
    line_of_key: dict[str, int] = {}
    for key, _ in node.value:
        if str(key.value) in line_of_key:
            problems.add(path, _line_at(text, key.start_mark.index), f"front matter key {key.value!r} stands twice", "Keep one of them.")
        line_of_key[str(key.value)] = _line_at(text, key.start_mark.index)
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        for e in error.errors(include_url=False, include_input=False):
            key = str(e["loc"][0])
            if e["type"] == "missing":
                problems.add(path, 1, f"front matter key {key!r} is missing", cure)
            elif e["type"] in ("extra_forbidden", "invalid_key"):
                near = did_you_mean(key, model.model_fields, cure)
                problems.add(path, line_of_key.get(key, 1), f"front matter key {key!r} is not known", near)
            else:
                item = "".join(f", item {n + 1}" for n in e["loc"][1:] if isinstance(n, int))
                what = f"front matter key {key!r}{item}: {e['msg'][:1].lower()}{e['msg'][1:]}"
                problems.add(path, line_of_key.get(key, 1), what, cure)
        return None


def _line_at(text: str, place: int) -> int:
    """The line of the file in which a place of its front matter stands. YAML's own count takes U+0085 and others for the end of a line."""
    return text.count("\n", 0, place) + 2


def _line_of_bad_value(text: str) -> int:
    """The line of the first value that PyYAML's own conversions fail on; 2 if none does by itself."""
    import yaml

    try:
        for key, value in yaml.compose(text, Loader=yaml.SafeLoader).value:
            try:
                yaml.safe_load(yaml.serialize(value))
            except Exception:
                return _line_at(text, key.start_mark.index)
    except Exception:
        return 2
    return 2
