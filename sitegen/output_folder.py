"""Writing the site beside the old one, and exchanging the two when all is well.

A site has thousands of files, of which an edit changes a few. So the old site is kept as a spare, in the project's cache, and the next
build brings that up to date instead of beginning with nothing. Its files are mostly hard links to those of the site that readers see
then, so a file is never written in place: what differs is unlinked and made anew.
"""

from __future__ import annotations

import contextlib
import ctypes
import math
import os
import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from problems import Problem, ProjectError
from sitegen.last_build import SETTLED

MARKER = ".word-spaces-site"
"""A file by which a folder is known to be a site that a build made, so that nothing else is ever deleted."""


class OutputFolder:
    """`with OutputFolder(path) as new:` write into it, then `new.swap()`. Without the swap the old site stays as it was."""

    def __init__(self, target: Path, spare: Path | None = None):
        """spare: where an old site is kept, for the next build to begin with; None: it is deleted."""
        self.target = target.resolve()
        self.building = self.target.with_name(f"{self.target.name}.building-{os.getpid()}")
        self.spare = spare
        self._began_ns: int | None = None  # by the clock of the file system
        self._folders: set[str] = set()  # that are there
        self._there = _Site(self.building, looked_at=True)  # what the spare brought: nothing yet
        self._seen: tuple[object, dict[str, dict[str, os.stat_result | None]], dict[str, object]] = (None, {}, {})
        """Of the spare, when it was looked at: its version, its files, and what those hold that are right."""
        self._right: dict[str, object] = {}
        self._old = _Site(self.target)

    def __enter__(self) -> OutputFolder:
        with _Reported(self.target):
            self._recover()
        if self.target.is_dir() and not _is_ours(self.target):
            what = "holds files that no build of this project made"
            raise ProjectError(Problem(str(self.target), None, what, "Choose another --out folder, or empty this one yourself."))
        if self.target.exists() and not self.target.is_dir():
            raise ProjectError(Problem(str(self.target), None, "is a file, not a folder", "Choose another --out folder."))
        self._old.began = _began(self.target)
        self._begin_empty()
        return self

    def _begin_empty(self) -> None:
        with _Reported(self.building):
            self.building.mkdir(parents=True)
            self._mark()

    def _mark(self) -> None:
        """The marker's time says when the build began, also where it is written later."""
        marker = self.building / MARKER
        marker.unlink(missing_ok=True)
        marker.write_text("made by build.py; the next build replaces this folder\n", encoding="utf-8")
        if self._began_ns is None:
            self._began_ns = marker.stat().st_mtime_ns
        os.utime(marker, ns=(self._began_ns, self._began_ns))

    def look_at_spare(self, files: Mapping[str, bytes], copies: Mapping[str, tuple[Path | str, os.stat_result]]) -> None:
        """See what the spare has, and which of these files it has as they should be. That can be done before all are known.

        files: path -> content. copies: path -> source and its status.
        """
        if self.spare is not None:
            with contextlib.suppress(OSError):
                version = _version_of(self.spare)
                spare = _Site(self.spare)
                spare.look()
                right: dict[str, object] = {path: content for path, content in files.items() if spare.has(path, content)}
                right |= {path: source for path, (source, status) in copies.items() if spare.has_copy(path, source, status)}
                self._seen = (version, spare.files, right)

    def copy_ahead(self, copies: Mapping[str, tuple[Path | str, os.stat_result]]) -> None:
        """Put these copies into the site before all that it will have is known; where there is a spare to begin with, do nothing."""
        if not self._has_spare():
            for path, (source, status) in copies.items():
                self.copy(path, source, status)
                self._right[path] = source

    def _has_spare(self) -> bool:
        return self.spare is not None and (self.spare / MARKER).is_file()

    def begin_with_spare(self, paths: Iterable[str]) -> None:
        """Begin with the spare, if there is one, rid of all that is not among the paths that will be written.

        To be called before anything is written, but for what is copied ahead. The rename makes the spare this build's alone, and what a
        killed build leaves of it is cleared away like any half of a site.
        """
        if not self._has_spare():
            return
        _discard(self.building)  # which holds its marker, and what was copied ahead if the spare is another build's
        self._right, self._folders = {}, set()
        try:
            self.spare.rename(self.building)
        except OSError:  # on another disk, or another build was faster
            self._begin_empty()
            return
        with _Reported(self.building):
            version, files, right = self._seen
            if version == _version_of(self.building):
                self._there.files, self._right = files, right
            else:  # it was not looked at, or it is another build's
                self._there.look()
            self._there.began = _began(self.building)
            self._mark()
            self._clear_of_all_but({MARKER, *paths})

    def _clear_of_all_but(self, wanted: set[str]) -> None:
        """Delete from what the spare brought all files that are not wanted, and all folders without one that is."""
        self._folders = {""}
        for path in wanted:
            while (path := path.rpartition("/")[0]) and path not in self._folders:
                self._folders.add(path)
        for folder, files in self._there.files.items():
            if folder in self._folders:
                for name in [name for name, status in files.items() if status is None or _joined(folder, name) not in wanted]:
                    os.unlink(self._there.path(_joined(folder, name)))
                    del files[name]
            elif folder.rpartition("/")[0] in self._folders:
                shutil.rmtree(self._there.path(folder))
        self._folders &= self._there.files.keys()

    def write(self, path: str, content: bytes) -> None:
        """Write one file of the site."""
        if self._right.get(path) is content:
            return
        self._put(path, lambda site: site.has(path, content), lambda file: Path(file).write_bytes(content))

    def copy(self, path: str, source: Path | str, status: os.stat_result | None = None) -> None:
        """Put a copy of a project file into the site, with its time of change. status: the source's, where it is known."""
        if self._right.get(path) == source:
            return
        with _Reported(source):
            of_source = status or Path(source).stat()
            self._put(path, lambda site: site.has_copy(path, source, of_source), lambda file: _copy(source, file, of_source))

    def _put(self, path: str, is_in: Callable[[_Site], bool], make: Callable[[str], object]) -> None:
        """A file as the spare has it, or else a link to the one in the old site, which is faster than making it, or a new one.

        is_in: whether a site has it as it should be.
        """
        folder = path.rpartition("/")[0]
        if folder not in self._folders:
            with _Reported(new := os.path.join(self.building, folder)):
                os.makedirs(new, exist_ok=True)
            self._folders.add(folder)
        file = self._there.path(path)
        if self._there.status(path) is not None or path in self._right:
            if is_in(self._there):
                return
            with _Reported(file):
                os.unlink(file)
        if not (is_in(self._old) and _link(self._old.path(path), file)):
            with _Reported(file):
                make(file)

    def swap(self) -> None:
        """Exchange the old site for the new one, in one step where the system can, else by two renames."""
        with _Reported(self.target):
            if not self.target.exists():
                self.building.rename(self.target)
            elif _exchange(self.building, self.target):
                self._put_away(self.building)  # which is now the name of the old site
            else:
                old = self.target.with_name(f"{self.target.name}.old-{os.getpid()}")
                self.target.rename(old)
                try:
                    self.building.rename(self.target)
                except OSError:
                    old.rename(self.target)
                    raise
                self._put_away(old)

    def _put_away(self, old: Path) -> None:
        """Keep an old site as the spare, or delete it."""
        if self.spare is not None:
            with contextlib.suppress(OSError):  # another disk, or another build's spare is there already
                self.spare.parent.mkdir(parents=True, exist_ok=True)
                old.rename(self.spare)
                return
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


class _Site:
    """The files of an old site, or of the spare. Plain strings and one look at each folder: there are thousands."""

    def __init__(self, top: Path, looked_at: bool = False):
        """looked_at: whether `files` tells of all folders; else of those that were asked for."""
        self.began = -math.inf  # when the build of it began, in seconds
        self.files: dict[str, dict[str, os.stat_result | None]] = {}  # of each folder
        self._top = str(top)
        self._looked_at = looked_at

    def path(self, path: str) -> str:
        """Where one of its files lies."""
        return f"{self._top}/{path}"

    def look(self) -> None:
        """See all that it has. OSError if that cannot be done."""
        self.began, self.files = _began(Path(self._top)), _all_files_in(self._top)
        self._looked_at = True

    def status(self, path: str) -> os.stat_result | None:
        """Of one of its files; None if it has none there."""
        folder, _, name = path.rpartition("/")
        if folder not in self.files:
            if self._looked_at:
                return None
            self.files[folder] = _files_in(os.path.join(self._top, folder))
        return self.files[folder].get(name)

    def has(self, path: str, content: bytes) -> bool:
        """Whether it has a file with this content."""
        status = self.status(path)
        return status is not None and status.st_size == len(content) and _holds(self.path(path), content)

    def has_copy(self, path: str, source: Path | str, of_source: os.stat_result) -> bool:
        """Whether it has an untouched copy. OSError if the source cannot be read.

        Told by size and time of change, which copy2 keeps. A time can be set back, that of a change of status cannot: a source with
        which something happened since the site was begun is compared byte by byte.
        """
        status = self.status(path)
        if status is None or status.st_size != of_source.st_size or status.st_mtime_ns != of_source.st_mtime_ns:
            return False
        return of_source.st_ctime < self.began - SETTLED or _holds(self.path(path), Path(source).read_bytes())


def _began(site: Path) -> float:
    """When the build of a site began, as its marker says."""
    try:
        return (site / MARKER).stat().st_mtime
    except OSError:
        return -math.inf


def _version_of(site: Path) -> tuple[int, int]:
    """Differs between any two states of any two sites: each build writes a marker of its own. OSError if there is none."""
    status = (site / MARKER).stat()
    return status.st_ino, status.st_ctime_ns


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


_COPIED_AT_ONCE = 2**20  # bytes; nearly all files are smaller


def _copy(source: Path | str, file: str, of_source: os.stat_result) -> None:
    """Copy a file and its time of change, and nothing else that shutil's copy2 sees to: thousands of files, in two thirds of the time."""
    with open(source, "rb", buffering=0) as reading, open(file, "xb") as writing:
        shutil.copyfileobj(reading, writing, _COPIED_AT_ONCE)
    os.utime(file, ns=(of_source.st_atime_ns, of_source.st_mtime_ns))


def _holds(file: str, content: bytes) -> bool:
    try:
        return Path(file).read_bytes() == content
    except OSError:
        return False


def _all_files_in(top: str) -> dict[str, dict[str, os.stat_result | None]]:
    """Each folder below the top, the outer ones first -> name and status of its files; None for what is neither file nor folder."""
    found: dict[str, dict[str, os.stat_result | None]] = {}
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        files = found[folder] = {}
        with os.scandir(os.path.join(top, folder)) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(_joined(folder, entry.name))
                else:
                    files[entry.name] = entry.stat(follow_symlinks=False) if entry.is_file(follow_symlinks=False) else None
    return found


def _joined(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


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
