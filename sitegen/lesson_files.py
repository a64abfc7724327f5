"""Lesson files: front matter checked, body kept with its place in the file."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sitegen.project import Problems, Project, read_text

_FILE_NAME = re.compile(r"(\d\d)-([a-z0-9]+(?:-[a-z0-9]+)*)\.md")
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?\n)---[ \t]*(?:\n|\Z)", re.DOTALL)


class FrontMatter(BaseModel):
    """What stands at the head of every lesson; all keys are required."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Annotated[str, Field(min_length=1)]
    summary: Annotated[str, Field(min_length=1)]
    learn: Annotated[list[str], Field(min_length=1)]  # what you will learn
    needs: Annotated[list[str], Field(min_length=1)]  # what you need to know before
    minutes: Annotated[int, Field(gt=0)]  # reading time
    date: datetime.date
    updated: datetime.date
    sources: list[str]  # citation keys
    notebook: str | None  # file in content/notebooks/


@dataclass(frozen=True)
class LessonFile:
    path: Path
    number: int
    slug: str
    front: FrontMatter
    body: str
    lines_before_body: int


def read_lessons(project: Project, problems: Problems) -> list[LessonFile]:
    """All lessons in the order of their numbers. Problems: bad names, bad front matter, duplicate slugs or numbers."""
    lessons: list[LessonFile] = []
    for path in sorted((project.content / "lessons").glob("*.md")):
        name = _FILE_NAME.fullmatch(path.name)
        if name is None:
            cure = "Name it two digits, a hyphen, then lower-case words joined by hyphens: 01-first-words.md."
            problems.add(path, None, "its name gives no number and slug", cure)
            continue
        lesson = _read_lesson(path, int(name[1]), name[2], problems)
        if lesson is None:
            continue
        for other in lessons:
            if other.slug == lesson.slug:
                problems.add(path, None, f"its slug {lesson.slug!r} is also that of {other.path.name}", "Rename one of the files.")
            elif other.number == lesson.number:
                problems.add(path, None, f"its number {lesson.number} is also that of {other.path.name}", "Renumber one of the files.")
        lessons.append(lesson)
    if not lessons and not problems.found:
        problems.add(project.content / "lessons", None, "holds no lesson", "Add one, for example 01-first-words.md.")
    return lessons


def _read_lesson(path: Path, number: int, slug: str, problems: Problems) -> LessonFile | None:
    text = read_text(path, problems, "Restore it.")
    if text is None:
        return None
    match = _FRONT_MATTER.match(text)
    if match is None:
        problems.add(path, 1, "has no front matter", "Begin the file with a line '---', the keys README.md lists, and another '---'.")
        return None
    front = read_front_matter(path, match[1], FrontMatter, problems)
    lines_before = text[: match.end()].count("\n")
    return front and LessonFile(path, number, slug, front, text[match.end() :], lines_before)


def read_front_matter(path: Path, text: str, model: type[BaseModel], problems: Problems):
    """YAML front matter as `model`, or None after recording every problem with its line. `text` begins in line 2 of the file."""
    cure = "README.md lists the keys of a lesson; all of them are required."
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        fields = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = f"its front matter is no valid YAML: {getattr(error, 'problem', None) or error}"
        problems.add(path, mark.line + 2 if mark else 1, what, "Correct it; quote texts that hold a colon.")
        return None
    if not isinstance(fields, dict):
        problems.add(path, 2, "its front matter holds no keys", cure)
        return None
    line_of_key = {key.value: key.start_mark.line + 2 for key, _ in node.value}
    repeated = [key for key in line_of_key if [k.value for k, _ in node.value].count(key) > 1]
    for key in repeated:
        problems.add(path, line_of_key[key], f"front matter key {key!r} stands twice", "Keep one of them.")
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        for e in error.errors(include_url=False, include_input=False):
            key = str(e["loc"][0])
            what = {"missing": f"front matter key {key!r} is missing", "extra_forbidden": f"front matter key {key!r} is not known"}.get(
                e["type"], f"front matter key {key!r}: {e['msg'][:1].lower()}{e['msg'][1:]}"
            )
            problems.add(path, line_of_key.get(key, 1), what, cure)
        return None
