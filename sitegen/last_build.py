"""Whether there is nothing to build: every file that a build reads, and every one that the last build wrote, is as it was then.

Told by what the system says of the files, as git does, not by reading them: a file is the same if its size, its times of change and
its inode are. The time of a change of status (ctime) cannot be set back, so that neither a copied time nor an older file moved into
place misleads. Imports little, because it runs before everything else.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KEPT = ".cache"
"""Folder of a project for what one build keeps for the next."""
OF_PROJECT = ("charts", "static", "templates", "content")
OF_CODE = ("artefacts", "charts", "sitegen", "static/vendor")
"""Folders that a build reads, of the project and of this repository; of both, also the files at the top."""
SETTLED = 2.0
"""Seconds. A file that changed so shortly before a build could change again without its time, which some systems give in steps of two
seconds: such a build is not remembered."""

Found = tuple[str, os.stat_result | None]
"""The path of a file and its status; of a folder, or of what cannot be asked, the path alone."""


class LastBuild:
    """What is remembered of the last build with the same options."""

    def __init__(self, project: Path, out: Path, options: Iterable[str]):
        """To be made before the build begins to read. options: all else that the site depends on."""
        self.project = project.resolve()
        self.out = out.resolve()
        self._record = self.project / KEPT / "last-build" / _digest([str(self.project), str(self.out), *options])
        self._began = time.time()
        self._read: str | None = None  # a digest of all that is read; None where something changed just now
        lines = []
        for path, status in itertools.chain(_sources(self.project, OF_PROJECT), _sources(ROOT, OF_CODE)):
            if status and not is_settled(status, self._began):
                return  # no build that was remembered had seen that, nor will this one be
            lines.append(_line(path, status))
        self._read = _digest([sys.version, sys.prefix, *_packages(), *lines])

    def is_current(self) -> bool:
        """Whether a build would find everything as the last one did, and left it."""
        if self._read is None:
            return False
        try:
            read, wrote = self._record.read_text(encoding="ascii").split()
        except (OSError, ValueError):
            return False
        return read == self._read and wrote == self._written()

    def remember(self) -> None:
        """To be called when the build has succeeded."""
        if self._read is not None:
            with contextlib.suppress(OSError):  # a read-only checkout is built every time
                self._record.parent.mkdir(parents=True, exist_ok=True)
                self._record.write_text(f"{self._read} {self._written()}", encoding="ascii")

    def forget(self) -> None:
        """To be called before a build begins."""
        with contextlib.suppress(OSError):
            self._record.unlink()

    def _written(self) -> str:
        """A digest of the site as it lies there."""
        return _digest(itertools.starmap(_line, _all_below(str(self.out))))


def is_settled(status: os.stat_result, now: float) -> bool:
    """Whether a file can no longer change without its times. now: when it was looked at, in seconds."""
    return max(status.st_mtime, status.st_ctime) < now - SETTLED


def _sources(top: Path, folders: tuple[str, ...]) -> Iterator[Found]:
    for path in sorted(top.glob("[!.]*")):
        with contextlib.suppress(OSError):
            if path.is_file():
                yield str(path), path.stat()
    for folder in folders:
        yield from _all_below(str(top / folder))


def _all_below(folder: str, above: tuple[tuple[int, int], ...] = ()) -> Iterator[Found]:
    """The folder, if it is there, and all files and folders in it, links followed, sorted: backwards, so that lessons come before data,
    of which there are thousands of files.

    above: the folders on the way here, in case a link leads back to one. Plain strings: there are thousands.
    """
    try:
        status = Path(folder).stat()
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name, reverse=True)
    except OSError:
        return
    yield folder, None
    here = (status.st_dev, status.st_ino)
    for entry in entries if here not in above else ():
        try:
            is_folder = entry.is_dir()
            status = None if is_folder else entry.stat()
        except OSError:  # a link to nothing or to itself, or what has gone meanwhile
            is_folder, status = False, None
        if not is_folder:
            yield entry.path, status
        elif entry.name != "__pycache__":
            yield from _all_below(entry.path, (*above, here))


def _packages() -> list[str]:
    """Names and versions of all installed packages, as their folders have them."""
    places = [Path(path) for path in sys.path if path.endswith("site-packages")]
    return [path.name for place in places for path in sorted(place.glob("*.dist-info"))]


def _line(path: str, status: os.stat_result | None) -> str:
    return f"{path} {status.st_size} {status.st_mtime_ns} {status.st_ctime_ns} {status.st_ino}" if status else path


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()
