"""Writing the site beside the old one, and exchanging the two when all is well."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from problems import Problem, ProjectError

MARKER = ".word-spaces-site"
"""A file by which a folder is known to be a site that a build made, so that nothing else is ever deleted."""


class OutputFolder:
    """`with OutputFolder(path) as new:` write into it, then `new.swap()`. Without the swap the old site stays as it was."""

    def __init__(self, target: Path):
        self.target = target.resolve()
        self.building = self.target.with_name(f"{self.target.name}.building-{os.getpid()}")
        self._made: set[str] = set()
        self._old = self.target.with_name(f"{self.target.name}.old-{os.getpid()}")

    def __enter__(self) -> OutputFolder:
        if self.target.is_dir() and any(self.target.iterdir()) and not (self.target / MARKER).exists():
            what = "holds files that no build of this project made"
            raise ProjectError(Problem(str(self.target), None, what, "Choose another --out folder, or empty this one yourself."))
        if self.target.exists() and not self.target.is_dir():
            raise ProjectError(Problem(str(self.target), None, "is a file, not a folder", "Choose another --out folder."))
        with _reported(self.building):
            self.building.mkdir(parents=True)
            (self.building / MARKER).write_text("made by build.py; the next build replaces this folder\n", encoding="utf-8")
        return self

    def write(self, path: str, content: bytes) -> None:
        """Write one file of the site. An unchanged file of the old site is linked instead, which is faster."""
        file = self._place(path)
        old = self.target / path
        with _reported(self.building / path):
            if _same(old, content):
                os.link(old, file)
            else:
                Path(file).write_bytes(content)

    def copy(self, path: str, source: Path | str) -> None:
        """Put a copy of a project file into the site."""
        file = self._place(path)
        old = os.path.join(self.target, path)
        with _reported(self.building / path):
            if _unchanged_copy(old, source):
                os.link(old, file)
            else:
                shutil.copy2(source, file)

    def _place(self, path: str) -> str:
        """The path to write to, its folder made. Plain strings: a site has thousands of files."""
        folder = os.path.join(self.building, os.path.dirname(path))
        if folder not in self._made:
            with _reported(Path(folder)):
                os.makedirs(folder, exist_ok=True)
            self._made.add(folder)
        return os.path.join(self.building, path)

    def swap(self) -> None:
        """Exchange the old site for the new one: two renames, and the old one is back if the second fails."""
        with _reported(self.target):
            if self.target.exists():
                self.target.rename(self._old)
            try:
                self.building.rename(self.target)
            except OSError:
                if self._old.exists():
                    self._old.rename(self.target)
                raise
        shutil.rmtree(self._old, ignore_errors=True)

    def __exit__(self, *error: object) -> None:
        shutil.rmtree(self.building, ignore_errors=True)


def _same(old: Path, content: bytes) -> bool:
    try:
        return old.stat().st_size == len(content) and old.read_bytes() == content
    except OSError:
        return False


def _unchanged_copy(old: str, source: Path | str) -> bool:
    """Whether `old` is an untouched copy: copy2 keeps the time of change, so size and time tell."""
    try:
        a, b = os.stat(old), os.stat(source)
    except OSError:
        return False
    return (a.st_size, a.st_mtime_ns) == (b.st_size, b.st_mtime_ns)


class _reported:
    """Turn an OSError into a problem that names the path and a cure."""

    def __init__(self, path: Path):
        self.path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError):
            cure = "Check free space and permissions, or choose another folder with --out."
            what = f"cannot be written: {error.strerror or error}"
            raise ProjectError(Problem(str(error.filename or self.path), None, what, cure)) from error
