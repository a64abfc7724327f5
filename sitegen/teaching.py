"""The teacher's pages: for each lesson its objectives, a plan for the time, a worksheet to print, and the answers.

A sheet is `content/teaching/<slug of a lesson>.md`: front matter, then a text in the language of lessons. Its exercises are the
worksheet; their solutions are gathered in an answer key at the end, so that the two can be printed apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from markupsafe import Markup
from pydantic import BaseModel, ConfigDict, Field

from problems import did_you_mean
from sitegen.kept_sources import KeptSources
from sitegen.lesson_files import MOST_MINUTES, LessonFile, Words, read_file_with_front_matter
from sitegen.lesson_rendering import RenderedText, Surroundings, TextRenderer
from sitegen.project import Problems, Project

FOLDER = "content/teaching"
INTRODUCTION = "content/pages/teach.md"


class Step(BaseModel):
    """A part of the class."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    minutes: Annotated[int, Field(gt=0, le=MOST_MINUTES)]
    what: Words  # Markdown


class SheetFrontMatter(BaseModel):
    """What stands at the head of a sheet; all keys are required. The texts are Markdown."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    objectives: Annotated[list[Words], Field(min_length=1)]  # what learners can do afterwards
    prepare: Annotated[list[Words], Field(min_length=1)]  # what the teacher does beforehand
    timing: Annotated[list[Step], Field(min_length=1)]


@dataclass(frozen=True)
class Sheet:
    """The teacher's page of a lesson, as its file says it."""

    lesson: LessonFile  # the lesson it is for
    front: SheetFrontMatter
    text: LessonFile  # the sheet's own text, as the renderer of lessons takes it

    @property
    def title(self) -> str:
        """Of the page."""
        return f"Teaching “{self.lesson.front.title}”"

    @property
    def path(self) -> str:
        """Of the page, below the set's folder."""
        return f"teach/{self.lesson.slug}/"

    @property
    def minutes(self) -> int:
        """How long the whole plan takes."""
        return sum(step.minutes for step in self.front.timing)


def read_sheets(project: Project, problems: Problems, lessons: list[LessonFile], kept: KeptSources | None = None) -> dict[str, Sheet]:
    """Slug -> sheet, in the order of the lessons. Problems: a sheet for no lesson, bad front matter."""
    by_slug = {lesson.slug: lesson for lesson in lessons}
    sheets: dict[str, Sheet] = {}
    for path in sorted((project.folder / FOLDER).glob("*.md")):
        lesson = by_slug.get(path.stem)
        if lesson is None:
            if not problems.found:  # or the lesson may be there, and have something wrong with it
                cure = did_you_mean(path.stem, by_slug, "Give it the slug of the lesson that it is for.")
                problems.add(path, None, f"there is no lesson {path.stem!r} to teach", cure)
            continue
        found = read_file_with_front_matter(path, SheetFrontMatter, problems, kept)
        if found is not None:
            front, body, lines_before = found
            sheets[lesson.slug] = Sheet(lesson, front, LessonFile(path, lesson.number, lesson.slug, lesson.front, body, lines_before))
    return {slug: sheets[slug] for slug in by_slug if slug in sheets}


class SheetRenderer(TextRenderer):
    """Renders a sheet. It refers to the lesson's figures, and shows none of its own."""

    exercise_template = "_worksheet_task.html"

    def __init__(self, around: Surroundings, sheet: Sheet, problems: Problems, root: str, figures: list[str]):
        """figures: names of the lesson's figures, in their order."""
        super().__init__(around, sheet.text, problems, root)
        self.lesson_figures = figures
        self.lesson_body = sheet.lesson.body

    def figure(self, name: str) -> Markup:
        """An error: the page refers to the lesson's figures and has none."""
        self._problem(f"figure {name!r} in a sheet for teachers", f'Refer to the lesson\'s own: {{{{ figref("{name}") }}}}.')
        return Markup("")

    def figref(self, name: str) -> Markup:
        """'Figure 3' of the lesson, as a link."""
        if name not in self.lesson_figures:
            if f'figure("{name}"' in self.lesson_body:
                return Markup("")  # it could not be drawn, which has been recorded
            cure = did_you_mean(name, self.lesson_figures, "Name a figure of the lesson.")
            self._problem(f"figref to {name!r}, which the lesson does not show", cure)
            return Markup("")
        link = Markup('<a class="figref" href="{}lessons/{}/#{}">Figure {}</a>')
        return Markup(self.stash.keep(str(link.format(self.root, self.lesson.slug, name, self.lesson_figures.index(name) + 1))))

    def question(self, body: str, question_id: Any = "", **details: Any) -> str:
        """An error: questions stand in lessons."""
        self._problem(f"question {question_id!r} in a sheet for teachers", "Make it an {% exercise %}.")
        return ""


def index_values(lessons: list[LessonFile], sheets: dict[str, Sheet]) -> list[dict[str, Any]]:
    """What the page /teach/ says about each lesson."""
    return [
        {
            "number": lesson.number,
            "title": lesson.front.title,
            "lesson_href": f"../lessons/{lesson.slug}/",
            "href": f"{lesson.slug}/" if lesson.slug in sheets else None,
            "minutes": sheets[lesson.slug].minutes if lesson.slug in sheets else None,
        }
        for lesson in lessons
    ]


def sheet_values(sheet: Sheet, text: RenderedText, inline: Callable[[str], str], finished: Callable[[str], str]) -> dict[str, Any]:
    """What the template of a sheet shows. inline: a line of Markdown as HTML; finished: resolves the links in rendered HTML."""
    return {
        "lesson_title": sheet.lesson.front.title,
        "slug": sheet.lesson.slug,
        "number": sheet.lesson.number,
        "minutes": sheet.minutes,
        "objectives": [inline(item) for item in sheet.front.objectives],
        "prepare": [inline(item) for item in sheet.front.prepare],
        "timing": [{"minutes": step.minutes, "what": inline(step.what)} for step in sheet.front.timing],
        "body": finished(text.html),
        "answers": [{"id": e.id, "number": e.number, "solution": finished(e.solution)} for e in text.exercises],
    }
