"""A project in a temporary folder: the content and charts of tests/fixtures/tiny_site, the templates and static files from here."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import build
from tests.tiny_data import write_set

ROOT = Path(__file__).resolve().parent.parent
FIXTURE = ROOT / "tests" / "fixtures" / "tiny_site"
SETS = {"tiny": ("Tiny set", 0.1), "other": ("Other <set>", 0.6)}
"""Name of each set -> its title and the number that decides the fixture's claim: it holds in the first and fails in the second."""


@dataclass(frozen=True)
class Outcome:
    """What a build in this process ended with."""

    status: int
    printed: str
    errors: str


@dataclass(frozen=True)
class TinyProject:
    folder: Path
    shared: bool = False
    """Whether other tests look at it, perhaps now: then it is not built again, which would change its cache while they copy it."""

    @property
    def site(self) -> Path:
        return self.folder / "site"

    @property
    def lesson(self) -> Path:
        """The second lesson: short, so that a test can write another."""
        return self.folder / "content" / "lessons" / "02-second-steps.md"

    def path(self, name: str) -> Path:
        return self.folder / name

    def replace(self, name: str, old: str, new: str) -> None:
        """Exchange a text that stands exactly once in a file."""
        text = self.path(name).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        self.path(name).write_text(text.replace(old, new), encoding="utf-8")

    def append(self, name: str, text: str) -> None:
        with self.path(name).open("a", encoding="utf-8") as file:
            file.write(text)

    def own_copy(self, name: str) -> None:
        """Turn a folder that projects share ("templates", "static") into a copy that a test may change."""
        shared = self.path(name).resolve()
        self.path(name).unlink()
        shutil.copytree(shared, self.path(name))

    def build(self, *arguments: str, out: Path | None = None) -> Outcome:
        """Build in this process; to `site` unless told otherwise. One process draws the few figures: each has to start."""
        self._is_our_own()
        printed, errors = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(errors):
            status = build.main(["--project", str(self.folder), "--out", str(out or self.site), "--jobs", "1", *arguments])
        return Outcome(status, printed.getvalue(), errors.getvalue())

    def build_elsewhere(
        self, *arguments: str, code: str | None = None, cwd: Path = ROOT, stdout: int = subprocess.PIPE, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Build in a process of its own. code: Python to run instead of build.py; it finds the arguments in sys.argv."""
        if code is None:
            self._is_our_own()
        program = [str(ROOT / "build.py")] if code is None else ["-c", code]
        command = [sys.executable, *program, "--project", str(self.folder), "--out", str(self.site), *arguments]
        settings = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
        return subprocess.run(command, cwd=cwd, env=settings, stdout=stdout, stderr=subprocess.PIPE, text=True, check=False)

    def _is_our_own(self) -> None:
        assert not self.shared, "other tests use this project: build a copy of it (copy_project)"


def make_project(folder: Path, shared: Path = ROOT) -> TinyProject:
    """Assemble the fixture project with the data of both sets; nothing is built yet. shared: where templates and static lie."""
    shutil.copytree(FIXTURE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("templates", "static"):
        (folder / name).symlink_to(shared / name)
    for name, (title, mean) in SETS.items():
        write_set(folder / "content" / "data" / name, title, mean)
    return TinyProject(folder)


def copy_project(project: TinyProject, folder: Path) -> TinyProject:
    """A copy with its cache and its site, which a test may change."""
    shutil.copytree(project.folder, folder, symlinks=True)
    return TinyProject(folder)


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file below a folder: path -> content."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
