"""Writing the site beside the old one, and exchanging the two when all is well."""

from __future__ import annotations

import contextlib
import ctypes
import filecmp
import math
import os
import re
import shutil
from pathlib import Path

from problems import Problem, ProjectError
from sitegen.last_build import SETTLED

MARKER = ".word-spaces-site"
"""A file by which a folder is known to be a site that a build made, so that nothing else is ever deleted."""


class OutputFolder:
    """`with OutputFolder(path) as new:` write into it, then `new.swap()`. Without the swap the old site stays as it was."""

    def __init__(self, target: Path):
        self.target = target.resolve()
        self.building = self.target.with_name(f"{self.target.name}.building-{os.getpid()}")
        self._new_top, self._old_top = f"{self.building}/", f"{self.target}/"
        self._made: set[str] = set()
        self._old: dict[str, dict[str, os.stat_result]] = {}  # folder of the old site -> its files
        self._old_began = -math.inf  # when the build of the old site began, in seconds

    def __enter__(self) -> OutputFolder:
        with _Reported(self.target):
            self._recover()
        if self.target.is_dir() and not _is_ours(self.target):
            what = "holds files that no build of this project made"
            raise ProjectError(Problem(str(self.target), None, what, "Choose another --out folder, or empty this one yourself."))
        if self.target.exists() and not self.target.is_dir():
            raise ProjectError(Problem(str(self.target), None, "is a file, not a folder", "Choose another --out folder."))
        with contextlib.suppress(OSError):
            self._old_began = (self.target / MARKER).stat().st_mtime
        with _Reported(self.building):
            self.building.mkdir(parents=True)
            (self.building / MARKER).write_text("made by build.py; the next build replaces this folder\n", encoding="utf-8")
        return self

    def write(self, path: str, content: bytes) -> None:
        """Write one file of the site. An unchanged file of the old site is linked instead, which is faster."""
        file, old, status = self._places(path)
        same = status is not None and status.st_size == len(content) and _holds(old, content)
        if not (same and _link(old, file)):
            with _Reported(file):
                Path(file).write_bytes(content)

    def copy(self, path: str, source: Path | str, status: os.stat_result | None = None) -> None:
        """Put a copy of a project file into the site. status: the source's, where it is known.

        copy2 keeps the time of change, so that with the size it tells whether the old site has an untouched copy. A time can be set
        back, that of a change of status cannot: a source with which something happened since then is compared byte by byte.
        """
        file, old, of_old = self._places(path)
        if status is None:
            with _Reported(source):
                status = Path(source).stat()
        same = of_old is not None and of_old.st_size == status.st_size and of_old.st_mtime_ns == status.st_mtime_ns
        if same and status.st_ctime >= self._old_began - SETTLED:
            with _Reported(source):
                same = filecmp.cmp(source, old, shallow=False)
        if not (same and _link(old, file)):
            with _Reported(file):
                shutil.copy2(source, file)

    def _places(self, path: str) -> tuple[str, str, os.stat_result | None]:
        """The path to write to, its folder made; the one in the old site; and its status, if it is there.

        Plain strings and one look at each folder: a site has thousands of files.
        """
        folder, _, name = path.rpartition("/")
        if folder not in self._made:
            new = os.path.join(self.building, folder)
            with _Reported(new):
                os.makedirs(new, exist_ok=True)
            self._made.add(folder)
            self._old[folder] = _files_in(os.path.join(self.target, folder))
        return f"{self._new_top}{path}", f"{self._old_top}{path}", self._old[folder].get(name)

    def swap(self) -> None:
        """Exchange the old site for the new one, in one step where the system can, else by two renames."""
        with _Reported(self.target):
            if not self.target.exists():
                self.building.rename(self.target)
            elif _exchange(self.building, self.target):
                pass  # the old site now has the other name, and is deleted on leaving
            else:
                old = self.target.with_name(f"{self.target.name}.old-{os.getpid()}")
                self.target.rename(old)
                try:
                    self.building.rename(self.target)
                except OSError:
                    old.rename(self.target)
                    raise
                _discard(old)

    def _recover(self) -> None:
        """Clear away what a killed build left behind: half a new site, or the old one between two renames."""
        left = re.compile(rf"{re.escape(self.target.name)}\.(building|old)-(\d+)")
        for folder in self.target.parent.glob("*-*") if self.target.parent.is_dir() else []:
            name = left.fullmatch(folder.name)
            if name is None or not _is_ours(folder) or _runs(int(name[2])):
                continue
            if name[1] == "old" and not self.target.exists():
                folder.rename(self.target)
            else:
                _discard(folder)

    def __exit__(self, *error: object) -> None:
        _discard(self.building)


def _is_ours(folder: Path) -> bool:
    """Whether a build made this folder, or it is empty: then it may be replaced."""
    return folder.is_dir() and ((folder / MARKER).is_file() or not any(folder.iterdir()))


def _discard(folder: Path) -> None:
    """Delete a folder of ours, its marker last: what is left of it if that is interrupted is known for ours by the next build."""
    for entry in folder.iterdir() if folder.is_dir() else []:
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        elif entry.name != MARKER:
            with contextlib.suppress(OSError):
                entry.unlink()
    shutil.rmtree(folder, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Give two folders each other's name in one step (renameat2 of Linux); False where that cannot be done."""
    at_working_folder, exchange = -100, 2
    try:
        rename = ctypes.CDLL(None).renameat2
    except (AttributeError, OSError, TypeError):
        return False
    return rename(at_working_folder, os.fsencode(one), at_working_folder, os.fsencode(other), exchange) == 0


def _runs(process: int) -> bool:
    """Whether another process has this number. One with our own number is a dead one that had it before us."""
    if process == os.getpid():
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def _link(old: Path | str, file: Path | str) -> bool:
    """Whether `file` could be made a hard link to `old`; some file systems know none."""
    try:
        os.link(old, file)
    except OSError:
        return False
    return True


def _holds(file: str, content: bytes) -> bool:
    try:
        return Path(file).read_bytes() == content
    except OSError:
        return False


def _files_in(folder: str) -> dict[str, os.stat_result]:
    """Name -> status of the files of a folder; none if it cannot be read."""
    found = {}
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_file(follow_symlinks=False):
                found[entry.name] = entry.stat(follow_symlinks=False)
    return found


class _Reported:
    """Turn an OSError into a problem that names the path and a cure."""

    def __init__(self, path: Path | str):
        self.path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError):
            cure = "Check free space and permissions, or choose another folder with --out."
            what = f"cannot be written: {error.strerror or error}"
            raise ProjectError(Problem(str(error.filename or self.path), None, what, cure)) from error
