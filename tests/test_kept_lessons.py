"""Lessons and teacher's pages are kept from build to build, and rendered again as soon as anything they show has changed."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest

from sitegen import kept_claims
from sitegen.project import Project
from sitegen.set_pages import SetPages
from sitegen.site import BuildOptions, build_site
from tests.tiny_project import TinyProject, snapshot

FIRST, SECOND = "first-steps", "second-steps"
SHEET = "sheet of first-steps"


@pytest.fixture
def build(project: TinyProject, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """Builds the project's default set and returns what was rendered now: slugs of lessons, and sheets for teachers."""
    rendered: list[str] = []
    lesson, sheet = SetPages._lesson, SetPages._sheet
    monkeypatch.setattr(SetPages, "_lesson", lambda self, of: (rendered.append(of.slug), lesson(self, of))[1])
    monkeypatch.setattr(
        SetPages, "_sheet", lambda self, of, *rest: (rendered.append(f"sheet of {of.lesson.slug}"), sheet(self, of, *rest))[1]
    )

    def run() -> list[str]:
        rendered.clear()
        here = Project(project.folder)
        build_site(here, BuildOptions(project.site, "all", None, 1))
        return sorted(set(rendered))

    run()  # whatever the copying of the project made stale
    return run


def test_nothing_changed_nothing_rendered(project: TinyProject, build):
    """And the site is the same, byte for byte."""
    before = snapshot(project.site)
    assert build() == []
    assert snapshot(project.site) == before


def test_an_edited_lesson_is_rendered_alone(project: TinyProject, build):
    project.append(project_lesson(project, SECOND), "\nOne more sentence.\n")
    assert build() == [SECOND]
    assert "One more sentence." in (project.site / "lessons" / SECOND / "index.html").read_text(encoding="utf-8")
    assert build() == []


def test_edit_after_edit_gives_the_site_that_is_made_from_nothing(project: TinyProject, build):
    """Byte for byte, though each build begins with the site before the last and with what was kept."""
    for name in (SECOND, FIRST, SECOND):
        project.append(project_lesson(project, name), "\nOne more sentence.\n")
        build()
    made = snapshot(project.site)
    assert project.path(".cache/spare-site").is_dir()
    shutil.rmtree(project.path(".cache"))
    shutil.rmtree(project.site)
    build()
    assert snapshot(project.site) == made


EDITS = {
    "glossary": ("content/glossary.toml", "\n# a remark\n"),
    "references": ("content/references.bib", "\n"),
    "check of a claim": ("content/claims/first_steps.py", None),
    "name of the site": ("content/site.toml", None),
    "template": ("templates/lesson.html", "<!-- edited -->\n"),
    "style": ("static/css/base.css", "\n.edited { color: inherit }\n"),
}


@pytest.mark.parametrize("what", EDITS)
def test_what_all_lessons_show_makes_all_stale(project: TinyProject, build, what: str):
    """An edit of what every lesson may depend on renders all of them again."""
    name, addition = EDITS[what]
    if name.startswith(("templates", "static")):
        project.own_copy(name.split("/")[0])
    if what == "check of a claim":
        project.replace(name, "The mean cosine says so.", "The mean cosine says otherwise.")
    elif what == "name of the site":
        project.replace(name, 'tagline = "', 'tagline = "Edited. ')
    else:
        project.append(name, addition)
    assert build() == [FIRST, SECOND, SHEET]


def test_a_figure_s_own_page_does_not_depend_on_the_prose(project: TinyProject, build, monkeypatch: pytest.MonkeyPatch):
    """It says when its lesson was updated, in the words to cite it by."""
    rendered: list[str] = []
    page = SetPages._figure_page
    monkeypatch.setattr(SetPages, "_figure_page", lambda self, of, *rest: (rendered.append(of.name), page(self, of, *rest))[1])
    project.append(project_lesson(project, SECOND), "\nOne more sentence.\n")
    build()
    assert rendered == []
    project.replace(project_lesson(project, SECOND), "updated: 2026", "updated: 2031")
    build()
    assert set(rendered) == {"tiny-angles"}
    own = project.site / "lessons" / SECOND / "figures" / "tiny-angles" / "index.html"
    assert "(2031)" in own.read_text(encoding="utf-8")


def test_checks_run_again_only_where_something_they_see_has_changed(project: TinyProject, build, monkeypatch: pytest.MonkeyPatch):
    ran: list[str] = []
    check = kept_claims.check_claims
    monkeypatch.setattr(kept_claims, "check_claims", lambda *args: (ran.append(args[2].name), check(*args))[1])
    project.append(project_lesson(project, SECOND), "\nOne more sentence.\n")
    build()
    assert ran == []
    project.replace("content/claims/first_steps.py", "The mean cosine says so.", "The mean cosine says otherwise.")
    build()
    assert sorted(ran) == sorted(Project(project.folder).sets())
    assert "The mean cosine says otherwise." in (project.site / "claims" / "index.html").read_text(encoding="utf-8")


def test_the_title_of_a_lesson_is_shown_by_its_neighbours(project: TinyProject, build):
    project.replace(project_lesson(project, SECOND), "title: Second", "title: Further")
    assert build() == [FIRST, SECOND, SHEET]


def test_a_figure_makes_only_its_lesson_stale(project: TinyProject, build):
    """Its code; the figure is drawn again, and the lesson that places it rendered."""
    project.replace("charts/tiny_angles.py", "Random tokens are far from parallel", "Random tokens are nowhere near parallel")
    stale = build()
    assert stale and len(stale) == 1


def test_an_edited_sheet_is_rendered_alone(project: TinyProject, build):
    project.append("content/teaching/first-steps.md", "\nOne more sentence.\n")
    assert build() == [SHEET]
    assert "One more sentence." in (project.site / "teach" / FIRST / "index.html").read_text(encoding="utf-8")
    assert build() == []


def test_a_sheet_follows_the_numbers_of_its_lessons_figures(project: TinyProject, build):
    """It cites them, so an edit of the lesson that orders its figures differently makes it stale."""
    lesson, placed = project_lesson(project, FIRST), '{{ figure("tiny-cosines") }}'
    page = project.site / "teach" / FIRST / "index.html"
    assert '#tiny-cosines">Figure 1<' in page.read_text(encoding="utf-8")
    project.replace(lesson, placed, "")
    project.append(lesson, f"\n{placed}\n")
    assert build() == [FIRST, SHEET]
    assert '#tiny-pieces">Figure 1<' in page.read_text(encoding="utf-8")


def test_an_edit_after_a_build_without_rendering_draws_nothing(project: TinyProject, build):
    """What a kept lesson was made from stays in the cache while the lesson does."""
    assert build() == []
    project.append(project_lesson(project, FIRST), "\nOne more sentence.\n")
    report = build_site(Project(project.folder), BuildOptions(project.site, "all", None, 1))
    assert report.figures_drawn == 0


def project_lesson(project: TinyProject, slug: str) -> str:
    (path,) = project.path("content/lessons").glob(f"*-{slug}.md")
    return str(path.relative_to(project.folder))
