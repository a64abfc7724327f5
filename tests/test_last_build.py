"""A build that has nothing to do does nothing; whatever differs, however well it hides, has everything built as always."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sitegen import last_build
from sitegen.last_build import LastBuild
from tests.tiny_project import ROOT, TinyProject

LESSON = "content/lessons/a.md"
OPTIONS = ("all", "")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project and its site, small; builds of it are remembered however lately its files changed."""
    for name in (LESSON, "LICENSE", "charts/lesson/figure.py", "templates/page.html", "content/data/set/shards/0.json", "site/index.html"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"old")
    (tmp_path / "static").symlink_to(ROOT / "static" / "css")
    monkeypatch.setattr(last_build, "SETTLED", -60.0)
    return tmp_path


def last(folder: Path, options: tuple[str, ...] = OPTIONS) -> LastBuild:
    return LastBuild(folder, folder / "site", options)


def test_nothing_changed(folder: Path):
    """Known from the second build on, until a build is begun that does not end."""
    assert not last(folder).is_current()
    last(folder).remember()
    assert last(folder).is_current()
    last(folder).forget()
    assert not last(folder).is_current()


def same_times(path: Path, change: Callable[[], object]) -> None:
    """Change a file and give it its old time of change back."""
    before = path.stat()
    change()
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def replaced(path: Path, mtime: int | None = None) -> None:
    """Another file of the same size takes its place by a rename, as old as it or of a time in the past."""
    other = path.with_name("other")
    other.write_bytes(b"new")
    os.utime(other, ns=(0, path.stat().st_mtime_ns if mtime is None else mtime))
    other.rename(path)


CHANGES: dict[str, Callable[[Path], object]] = {
    "longer": lambda folder: (folder / LESSON).write_bytes(b"longer"),
    "same size": lambda folder: (folder / LESSON).write_bytes(b"new"),
    "same size, same time": lambda folder: same_times(folder / LESSON, lambda: (folder / LESSON).write_bytes(b"new")),
    "another of the same size and time": lambda folder: replaced(folder / LESSON),
    "an older one of the same size": lambda folder: replaced(folder / LESSON, 10**18),
    "clock in the past": lambda folder: (folder / LESSON).write_bytes(b"new") and os.utime(folder / LESSON, (1, 1)),
    "deleted": lambda folder: (folder / LESSON).unlink(),
    "renamed": lambda folder: (folder / LESSON).rename(folder / "content/lessons/b.md"),
    "one more": lambda folder: (folder / "content/lessons/b.md").touch(),
    "one more folder": lambda folder: (folder / "content/data/another").mkdir(),
    "licence": lambda folder: (folder / "LICENSE").write_bytes(b"new"),
    "chart": lambda folder: (folder / "charts/lesson/figure.py").write_bytes(b"new"),
    "shard": lambda folder: (folder / "content/data/set/shards/0.json").write_bytes(b"new"),
    "where a link leads": lambda folder: [(folder / "static").unlink(), (folder / "static").symlink_to(ROOT / "static" / "fonts")],
    "a page of the site": lambda folder: (folder / "site/index.html").write_bytes(b"new"),
    "a page of the site gone": lambda folder: (folder / "site/index.html").unlink(),
    "something put into the site": lambda folder: (folder / "site/more.html").touch(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_is_seen(folder: Path, change: Callable[[Path], object]):
    last(folder).remember()
    change(folder)
    assert not last(folder).is_current()


def test_other_options_are_another_build(folder: Path):
    last(folder).remember()
    assert not last(folder, ("all", "https://a.org/")).is_current()
    assert not LastBuild(folder, folder / "elsewhere", OPTIONS).is_current()
    assert last(folder).is_current()


def test_another_package_is_seen(folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch):
    """By the name of its folder, which holds its version."""
    packages = tmp_path_factory.mktemp("python") / "site-packages"
    (packages / "jinja2-1.0.dist-info").mkdir(parents=True)
    monkeypatch.setattr(sys, "path", [*sys.path, str(packages)])
    last(folder).remember()
    assert last(folder).is_current()
    (packages / "jinja2-1.0.dist-info").rename(packages / "jinja2-1.1.dist-info")
    assert not last(folder).is_current()


def test_a_build_of_files_just_changed_is_not_remembered(folder: Path, monkeypatch: pytest.MonkeyPatch):
    """They could change once more within the same step of the clock, as could one that says it comes from the future."""
    monkeypatch.setattr(last_build, "SETTLED", 2.0)
    last(folder).remember()
    assert not last(folder).is_current()
    monkeypatch.setattr(last_build.time, "time", lambda: (folder / LESSON).stat().st_ctime + 3600)
    last(folder).remember()
    assert last(folder).is_current()
    os.utime(folder / LESSON, (2**33, 2**33))
    last(folder).remember()
    assert not last(folder).is_current()


def test_what_changes_during_a_build_is_seen_by_the_next(folder: Path):
    build = last(folder)
    (folder / LESSON).write_bytes(b"new")
    build.remember()
    assert not last(folder).is_current()


def test_a_project_that_is_not_there_is_for_the_build_to_name(tmp_path: Path):
    assert not LastBuild(tmp_path / "nowhere", tmp_path / "site", OPTIONS).is_current()


def test_a_link_that_leads_back_ends(folder: Path):
    (folder / "content" / "loop").symlink_to(folder / "content")
    (folder / "content" / "nothing").symlink_to(folder / "nothing")
    (folder / "content" / "itself").symlink_to("itself")
    last(folder).remember()
    assert last(folder).is_current()


def test_all_that_a_build_reads_is_watched(project: TinyProject):
    """Files of the project and of this repository that a build opens, what it keeps for itself aside."""
    code = """
import os, sys
opened = set()
def hook(event, args):
    if event == "open" and isinstance(args[0], (str, bytes)):
        opened.add(os.path.abspath(os.fsdecode(args[0])))
sys.addaudithook(hook)
import build
status = build.main(sys.argv[1:])
from sitegen.last_build import OF_CODE, OF_PROJECT, ROOT, _sources
from pathlib import Path
project = Path(sys.argv[2]).resolve()
watched = {os.path.realpath(path) for path, _ in [*_sources(project, OF_PROJECT), *_sources(ROOT, OF_CODE)]}
own = [str(project / name) + os.sep for name in (".cache", "site")] + [str(ROOT / ".venv") + os.sep, sys.prefix + os.sep]
shared = [os.path.realpath(project / name) for name in ("templates", "static")]  # which projects of tests link to
for path in map(os.path.realpath, opened):
    ours = path.startswith(tuple(str(top) + os.sep for top in (project, ROOT, *shared))) and os.path.isfile(path)
    if ours and path not in watched and not path.startswith(tuple(own)) and "__pycache__" not in path and "/site.building-" not in path:
        print("not watched:", path)
print("watched:", len(watched), "opened:", len(opened))
sys.exit(status)
"""
    done = project.build_elsewhere("--jobs", "1", code=code)
    assert done.returncode == 0, done.stderr
    assert "watched:" in done.stdout
    assert "not watched" not in done.stdout


def test_the_command_does_nothing_twice(project: TinyProject):
    """It says so, and leaves every file as it is; in a site that somebody changed it mends what it made."""
    code = "import sys; from sitegen import last_build; last_build.SETTLED = -60.0; import build; sys.exit(build.run())"

    def run() -> tuple[str, dict[str, tuple[int, int]]]:
        done = project.build_elsewhere("--jobs", "1", code=code)
        assert done.returncode == 0, done.stderr
        return done.stdout, {str(p): (p.stat().st_ino, p.stat().st_ctime_ns) for p in project.site.rglob("*")}

    run()
    _, made = run()
    said, left = run()
    assert "nothing has changed since the last build" in said
    assert left == made
    page = project.site / "index.html"
    good = page.read_bytes()
    page.write_bytes(b"")
    said, _ = run()
    assert "nothing has changed" not in said
    assert page.read_bytes() == good
