"""Builds on bad days: killed at any moment, disks that fill up, folders that cannot be written, damaged files, odd surroundings.

The old site stays byte for byte, or the new one is whole; the next build works; what is wrong is said with a cure. Single moments of
the swap are in test_build.py and test_output_folder.py.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tiny_project import ROOT, TinyProject, copy_project, make_project, snapshot


def struck(project: TinyProject, fault: str, *steps: int) -> list[dict]:
    """What builds end with that a fault strikes at these steps; see tests/support/struck_builds.py."""
    command = [sys.executable, "-m", "tests.support.struck_builds", str(project.folder), fault, *map(str, steps)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def edited(project: TinyProject) -> None:
    """So that there is something to write."""
    project.append("content/lessons/02-second-steps.md", "\n\nA new sentence.\n")
    project.replace("content/site.toml", 'version = "', 'version = "9.')


def spread(project: TinyProject, many: int) -> list[int]:
    """Steps over the whole of a build, more closely at its end, where the sites change places."""
    shutil.copytree(project.path(".cache"), project.folder.with_name("cache"))
    twin = copy_project(project, project.folder.with_name("counted"))
    (counted,) = struck(twin, "kill", 0)
    shutil.rmtree(twin.folder)
    steps = int(counted["said"])
    assert steps > 50
    return sorted({1, 2, 3, *range(1, steps, max(1, steps // many)), *range(steps - 6, steps + 1)})


def forget(project: TinyProject) -> None:
    """Give the project back the cache that it had when its steps were counted, so that the next build has as many."""
    for left in project.folder.glob("site.*"):
        shutil.rmtree(left)
    shutil.rmtree(project.path(".cache"))
    shutil.copytree(project.folder.with_name("cache"), project.path(".cache"))


@pytest.fixture(scope="module")
def new_site(built_once: TinyProject, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The site after the edit."""
    project = copy_project(built_once, tmp_path_factory.mktemp("new") / "project")
    edited(project)
    assert project.build().status == 0
    return snapshot(project.site)


def test_killed_at_any_moment(project: TinyProject, new_site: dict[str, bytes]):
    """After each kill there is one whole site, old or new, and the next build makes the new one and leaves nothing beside it."""
    old = snapshot(project.site)
    for notice in ("one", "two"):  # so that there is a spare of other pages to begin with
        assert project.build("--notice", notice).status == 0
    assert project.build().status == 0
    assert snapshot(project.site) == old
    edited(project)
    steps = spread(project, 8)
    seen = set()
    for step in steps:
        forget(project)
        (outcome,) = struck(project, "kill", step)
        if outcome["status"] != -9:
            assert seen == {"old", "new"}
            continue  # links to the new site's files make it shorter
        site = snapshot(project.site)
        assert site in (old, new_site), f"step {step}"
        seen.add("old" if site == old else "new")
    assert seen == {"old", "new"}
    forget(project)
    struck(project, "kill", steps[len(steps) // 2])
    assert len([*project.folder.glob("site.*")]) == 1
    assert project.build().status == 0
    assert snapshot(project.site) == new_site
    assert [path.name for path in project.folder.iterdir() if path.name.startswith("site")] == ["site"]


@pytest.mark.parametrize(("fault", "said"), [("full", "No space left on device"), ("read-only", "Read-only file system")])
def test_a_disk_that_cannot_be_written_from_some_moment_on(project: TinyProject, new_site: dict[str, bytes], fault: str, said: str):
    """The old site stays and the problem names the disk, or, where only the cache was hit, the new site is whole."""
    old = snapshot(project.site)
    edited(project)
    steps = spread(project, 6)
    failed = 0
    for step in steps:
        forget(project)
        (outcome,) = struck(project, fault, step)
        assert outcome["status"] in (0, 1), outcome
        if outcome["status"] == 1:
            failed += 1
            assert said in outcome["said"], outcome
            assert "Check free space and permissions" in outcome["said"]
            assert "Nothing was published" in outcome["said"]
    assert failed >= 5
    assert snapshot(project.site) in (old, new_site)
    assert project.build().status == 0
    assert snapshot(project.site) == new_site
    assert [path.name for path in project.folder.iterdir() if path.name.startswith("site")] == ["site"]


def test_a_limit_on_the_size_of_files_is_no_harm(project: TinyProject):
    """A real limit of the system, which every write in the process runs into: the cache does without, the site does not."""
    old = snapshot(project.site)
    edited(project)
    shutil.rmtree(project.path(".cache"))
    code = "import resource, sys, build; resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000)); sys.exit(build.main(sys.argv[1:]))"
    shutil.rmtree(project.path("site/assets"))  # or the large files would only be linked
    old = snapshot(project.site)
    done = project.build_elsewhere("--jobs", "1", code=f"if __name__ == '__main__':\n  {code}")
    assert done.returncode == 1, done.stdout
    assert "cannot be written: File too large" in done.stderr
    assert "Traceback" not in done.stderr
    assert snapshot(project.site) == old


DAMAGES = {
    "half": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "empty": lambda path: path.write_bytes(b""),
    "junk": lambda path: path.write_bytes(b"\x00\xff\xfe\x80" * 100),
    "folder": lambda path: (path.unlink(), path.mkdir()),
    "circle": lambda path: (path.unlink(), path.symlink_to(path.name)),
    "deep": lambda path: path.write_text("[" * 20_000, encoding="utf-8"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_every_input_file_damaged(built_once: TinyProject, project: TinyProject, damage: str):
    """Each file of the content in turn: an error that names a file and a cure, or a site; never a traceback; the old site stays."""
    old = snapshot(project.site)
    files = [path.relative_to(project.folder) for path in sorted(project.path("content").rglob("*")) if path.is_file()]
    refused = 0
    for name in files:
        path = project.folder / name
        kept = path.read_bytes()
        DAMAGES[damage](path)
        outcome = project.build(out=project.folder / "trial")
        if outcome.status:
            refused += 1
            assert "Nothing was published" in outcome.errors, name
            assert not (project.folder / "trial").exists()
        shutil.rmtree(project.folder / "trial", ignore_errors=True)
        path.rmdir() if path.is_dir() else path.unlink()
        path.write_bytes(kept)
    assert refused > len(files) // 2
    assert project.build().status == 0
    assert snapshot(project.site) == old


@pytest.mark.parametrize("where", [".cache", "charts"])
def test_the_cache_damaged_as_a_whole(project: TinyProject, where: str):
    """A file in place of its folder, or every entry replaced by another's: the same site."""
    old = snapshot(project.site)
    if where == ".cache":
        entries = [path for path in sorted(project.path(".cache").rglob("*")) if path.is_file()]
        contents = [path.read_bytes() for path in entries]
        for path, content in zip(entries, contents[1:] + contents[:1], strict=True):
            path.write_bytes(content)
    else:
        for path in project.path("charts").glob("*.py"):
            os.utime(path, (2**32, 2**32))  # a clock that was ahead
    outcome = project.build()
    assert outcome.status == 0, outcome.errors
    assert snapshot(project.site) == old


def test_two_builds_at_once(project: TinyProject, new_site: dict[str, bytes]):
    """Both into one folder: both succeed or say why not, and the site is whole."""
    edited(project)
    command = [sys.executable, str(ROOT / "build.py"), "--project", str(project.folder), "--out", str(project.site), "--jobs", "1"]
    running = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    ended = [(build.communicate(), build.returncode) for build in running]
    assert all(status == 0 for _, status in ended), ended
    assert snapshot(project.site) == new_site
    assert [path.name for path in project.folder.iterdir() if path.name.startswith("site")] == ["site"]


def test_whoever_listened_has_gone(project: TinyProject):
    """`build.py | head -0`: the site is made, nothing is said against it, and the next build knows of it."""
    edited(project)
    for _ in range(2):
        reading, writing = os.pipe()
        os.close(reading)
        done = project.build_elsewhere(stdout=writing)
        os.close(writing)
        assert (done.returncode, done.stderr) == (0, "")
    assert "A new sentence" in (project.site / "lessons/second-steps/index.html").read_text(encoding="utf-8")


def test_spaces_unicode_and_windows_line_ends(built_once: TinyProject, tmp_path: Path):
    """A folder with spaces and other alphabets, and every text with carriage returns and a byte order mark: the same site."""
    other = make_project(tmp_path / "Räume für ⟨Wörter⟩ 'и' \"so\"" / "pro ject", built_once.folder.parent)
    for path in other.path("content").rglob("*"):
        if path.suffix in (".md", ".toml", ".bib"):
            path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    settings = {"TZ": "Asia/Kathmandu", "LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "SOURCE_DATE_EPOCH": "1"}
    done = other.build_elsewhere("--jobs", "1", cwd=tmp_path, **settings)
    assert done.returncode == 0, done.stderr
    assert snapshot(other.site) == snapshot(built_once.site)


def test_three_hundred_lessons_and_one_of_five_thousand_lines(project: TinyProject):
    """All are made, in the order of their numbers, and a second build makes none of them again."""
    text = project.lesson.read_text(encoding="utf-8")
    head = text[: text.index("---\n", 4) + 4]
    for number in range(3, 301):
        body = f"A *lesson* {{{{ cite('first2020') }}}} with $x_{{{number}}}$.\n"
        path = project.path(f"content/lessons/{number:02}-lesson-{number}.md")
        path.write_text(head.replace("Second steps", f"Lesson {number}") + body, encoding="utf-8")
    long = "".join(f"## Heading {n}\n\nA sentence with {{{{ {n} }}}} and $y$.\n\n\n" for n in range(1000))
    path.write_text(head.replace("Second steps", "The last") + long, encoding="utf-8")
    outcome = project.build("--set", "tiny")
    assert outcome.status == 0, outcome.errors
    home = (project.site / "index.html").read_text(encoding="utf-8")
    assert re.findall(r'href="lessons/lesson-(\d+)/"', home) == [str(number) for number in range(3, 301)]
    page = (project.site / "lessons" / "lesson-300" / "index.html").read_text(encoding="utf-8")
    assert page.count("<math") == 1000
    before = snapshot(project.site)
    assert "(0 drawn now)" in project.build("--set", "tiny").printed
    assert snapshot(project.site) == before
