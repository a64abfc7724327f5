"""One run over one set: which artefacts are out of date, making them, and what was done."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from artefacts.envelope import PARTIAL, Envelope, read_artefact, read_envelope, write_artefact
from artefacts.registry import SHARDS
from precompute.exporters import EXPORTERS, Exporter
from precompute.inputs import envelope_of
from precompute.one_run import alone_in
from precompute.progress import CONSOLE
from precompute.shards import read_shards
from precompute.workspace import Workspace
from problems import LeftOutError, Problem, ProjectError, did_you_mean

READ_BY_OTHERS = ("neighbours_decoder", "neighbours_encoder", "attention_heads")
MOVED_ASIDE = ".old"  # a folder of shards for the moment in which another takes its place


@dataclass(frozen=True)
class Outcome:
    """What a run did with one artefact."""

    artefact: str
    what: str  # "written", "unchanged" or "left out"
    bytes: int  # of the file and its shards
    seconds: float
    reason: str = ""  # why it is left out


def chosen_exporters(only: Iterable[str] | None) -> list[Exporter]:
    """The exporters named, in the order they are made; all of them if `only` is empty. Raises ProjectError for unknown names."""
    known = {exporter.artefact: exporter for exporter in EXPORTERS}
    asked = list(only or known)
    problems = [
        Problem("--only", None, f"there is no artefact {name!r}", did_you_mean(name, known, "Name one that exists."))
        for name in asked
        if name not in known
    ]
    if problems:
        raise ProjectError(problems)
    return [exporter for name, exporter in known.items() if name in asked]


def run(work: Workspace, only: Iterable[str] | None = None, *, force: bool = False) -> Iterator[Outcome]:
    """Make what is out of date, in order; yields an `Outcome` after each artefact. Waits while another run writes the set's data.

    only: artefacts to look at. measured_times is measured anew when it is named here, otherwise only when it is missing.
    force: make everything, up to date or not (measured_times excepted).
    """
    chosen = chosen_exporters(only)
    # All at the start: whoever edits code while a run goes on must not have the new code's digest beside the old code's numbers.
    for exporter in chosen:
        if is_for(exporter, work):
            expected_envelope(exporter, work)
    with alone_in(work.data_dir) as alone:
        if alone:
            tidy(work.data_dir)
        yield from _made_where_needed(work, chosen, set(only or ()), force)


def _made_where_needed(work: Workspace, chosen: list[Exporter], named: set[str], force: bool) -> Iterator[Outcome]:
    exporters = [exporter for exporter in chosen if is_for(exporter, work)]
    for exporter in chosen:
        if exporter not in exporters:
            yield left_out(exporter, work, f"the set {work.model_set.name} has no static vectors")
    for exporter in EXPORTERS:  # what others read, too, needs not be computed for them where it is good
        to_be_made = force and exporter in exporters
        if exporter.artefact in READ_BY_OTHERS and not to_be_made and is_up_to_date(exporter, work):
            work.current.add(exporter.artefact)
    for exporter in exporters:
        started = time.perf_counter()
        wanted = exporter.artefact in named if exporter.measures_time else force
        if not wanted and (exporter.artefact in work.current or is_up_to_date(exporter, work)):
            yield Outcome(exporter.artefact, "unchanged", bytes_of(work.data_dir, exporter.artefact), time.perf_counter() - started)
            continue
        try:
            make(exporter, work)
        except LeftOutError as error:
            yield left_out(exporter, work, "; ".join(f"{problem.file} {problem.what}" for problem in error.problems))
            continue
        yield Outcome(exporter.artefact, "written", bytes_of(work.data_dir, exporter.artefact), time.perf_counter() - started)


def is_for(exporter: Exporter, work: Workspace) -> bool:
    """Whether the set has what the exporter cannot do without."""
    return "static" in work.model_set.members or not exporter.needs_static


def left_out(exporter: Exporter, work: Workspace, reason: str) -> Outcome:
    """Nothing is made, and what an earlier run made of other models goes: pages must not show it beside what these models give."""
    path = work.data_dir / f"{exporter.artefact}.json"
    path.unlink(missing_ok=True)
    if exporter.artefact in SHARDS:
        shutil.rmtree(path.with_suffix(""), ignore_errors=True)
    return Outcome(exporter.artefact, "left out", 0, 0.0, reason)


def is_up_to_date(exporter: Exporter, work: Workspace) -> bool:
    """Whether the artefact is there, whole, valid, and made from the inputs that there are now."""
    path = work.data_dir / f"{exporter.artefact}.json"
    try:
        if exporter.artefact in SHARDS:
            envelope = read_envelope(path)[0]
            read_shards(path)
        else:
            envelope = read_artefact(path)[0]
    except ProjectError:
        return False
    return exporter.measures_time or envelope == expected_envelope(exporter, work)


def expected_envelope(exporter: Exporter, work: Workspace) -> Envelope:
    """The envelope of an artefact that is up to date, as it was when the run began."""
    return work.once(("envelope", exporter.artefact), lambda: envelope_of(exporter, work))


def make(exporter: Exporter, work: Workspace) -> None:
    """Compute one artefact and write it, shards first: an index is never there without its shards."""
    envelope = expected_envelope(exporter, work)
    started = time.perf_counter()
    with CONSOLE.status(f"making {exporter.artefact}"):
        result = exporter.export(work)
    work.seconds[exporter.artefact] = time.perf_counter() - started
    path = work.data_dir / f"{exporter.artefact}.json"
    if isinstance(result, tuple):
        data, shards = result
        assert exporter.artefact in SHARDS
        replace_folder(path.with_suffix(""), shards)
    else:
        data = result
    write_artefact(path, envelope, data)
    work.current.add(exporter.artefact)


def replace_folder(folder: Path, files: dict[str, bytes]) -> None:
    """Write `files` beside `folder`, then put them in its place. Raises ProjectError; the old folder stays until the last step."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}.", suffix=PARTIAL))
    except OSError as error:
        raise _cannot_be_written(folder, error) from error
    old = fresh.with_name(f"{fresh.name}{MOVED_ASIDE}")
    try:
        for name, content in files.items():
            (fresh / name).write_bytes(content)
        fresh.chmod(0o755)
        if folder.exists():
            folder.rename(old)
        fresh.rename(folder)
    except OSError as error:
        raise _cannot_be_written(folder, error) from error
    finally:
        with suppress(OSError):  # else the next run puts it back
            if old.exists() and not folder.exists():
                old.rename(folder)
        for leftover in (fresh, old):
            shutil.rmtree(leftover, ignore_errors=True)


def _cannot_be_written(folder: Path, error: OSError) -> ProjectError:
    cure = "Check free space and permissions of the folder."
    return ProjectError(Problem(str(folder), None, f"cannot be written: {error.strerror or error}", cure))


def tidy(data_dir: Path) -> None:
    """Remove what a run left behind that was killed while it wrote, and put back a folder that it had just moved aside.

    For whoever is `alone_in` the folder: it cannot tell what a living run is writing.
    """
    for leftover in sorted(data_dir.glob(".*.*")):
        folder = data_dir / leftover.name[1:].split(".")[0]
        with suppress(OSError):  # what cannot be written is said when something is to be written
            if leftover.suffix == MOVED_ASIDE and not folder.exists():
                leftover.rename(folder)
            elif leftover.suffix in (PARTIAL, MOVED_ASIDE):
                shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()


def bytes_of(data_dir: Path, artefact: str) -> int:
    """Size of an artefact's file and of its shards."""
    path = data_dir / f"{artefact}.json"
    return path.stat().st_size + sum(file.stat().st_size for file in path.with_suffix("").glob("*.json"))
