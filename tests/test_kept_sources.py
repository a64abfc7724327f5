"""Front matter, TOML and BibTeX are parsed once; a kept value is as good as a read one, and faults are found every time."""

from __future__ import annotations

from pathlib import Path

import pytest

from sitegen import lesson_files, project, references
from sitegen.build_cache import BuildCache
from sitegen.claims import read_claims
from sitegen.glossary import read_glossary
from sitegen.kept_sources import KeptSources
from sitegen.lesson_files import lesson_slugs, read_lessons
from sitegen.project import Problems, Project
from sitegen.references import read_references
from sitegen.teaching import read_sheets
from tests.tiny_project import ROOT, TinyProject

HERE = Project(ROOT)


def everything(here: Project, problems: Problems, kept: KeptSources | None) -> list:
    """All that is kept, as this repository has it."""
    lessons = read_lessons(here, problems, kept)
    works = read_references(here, problems, kept)
    ledger = read_claims(here, problems, lesson_slugs(here), set(works), kept)
    return [lessons, works, read_glossary(here, problems, works, kept), ledger, read_sheets(here, problems, lessons, kept)]


def test_what_was_kept_is_what_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Dates, lists and lines included; and the second time nothing is parsed."""
    problems = Problems(HERE)
    read = everything(HERE, problems, None)
    assert everything(HERE, problems, KeptSources(BuildCache(tmp_path))) == read
    for module, parser in ((lesson_files, "read_front_matter"), (project, "parse_toml"), (references, "_entries")):
        monkeypatch.delattr(module, parser)
    assert everything(HERE, problems, KeptSources(BuildCache(tmp_path))) == read
    assert problems.met == 0


def test_faults_are_found_again(project: TinyProject):
    """The same problems at the same lines, however often a source is read."""
    project.append("content/glossary.toml", "\n[[term]]\nid = 5\n")
    project.append("content/references.bib", "\n@book{lacking, title = {T}\n")
    project.replace("content/lessons/02-second-steps.md", "minutes:", "minuets:")
    kept = KeptSources(BuildCache(project.folder / "kept"))
    found = []
    for _ in range(2):
        problems = Problems(Project(project.folder))
        everything(problems.project, problems, kept)
        found.append(problems.found)
    assert {Path(problem.file).name for problem in found[0]} >= {"glossary.toml", "references.bib", "02-second-steps.md"}
    assert found[0] == found[1]
