"""The processes that draw must not outlive the build: each holds a hundred megabytes, and nobody would know where they came from."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.support import ROOT

BUILD = """
import os, signal, time
from sitegen.drawing_processes import drawing_processes
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell that runs the tests in the background has it ignored
if __name__ == "__main__":
    workers = drawing_processes(2)
    begun = set()
    while len(begun) < 2:
        tasks = [workers.submit(os.getpid), workers.submit(time.sleep, 0.1)]
        begun.add(tasks[0].result())
    waits = workers.submit(time.sleep, 600)
    try:
        print("drawing", flush=True)
        waits.result()
    except KeyboardInterrupt:
        print("interrupted")
"""

AHEAD = """
import os, pathlib, threading
from sitegen.drawing_processes import drawing_processes, load_for_drawing
if __name__ == "__main__":
    load_for_drawing()
    begun = pathlib.Path(f"/proc/self/task/{threading.get_native_id()}/children").read_text().split()
    parent = drawing_processes(1).submit(os.getppid).result()
    print(len(begun) > 0 and str(parent) in begun)
"""

LOADING = """
import signal, time
from sitegen.drawing_processes import load_for_drawing
signal.signal(signal.SIGINT, signal.default_int_handler)
if __name__ == "__main__":
    load_for_drawing()
    time.sleep(0.1)  # what loads takes three times as long; before it begins, it is silent anyway
    try:
        print("loading", flush=True)
        time.sleep(600)
    except KeyboardInterrupt:
        print("interrupted")
"""


@pytest.fixture
def building() -> Iterator[subprocess.Popen]:
    """A process with others that draw; they hold its output open for as long as they live."""
    command = [sys.executable, "-c", BUILD]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ | {"PYTHONPATH": "."},
    )
    assert process.stdout.readline() == "drawing\n"
    yield process
    if process.returncode is None:
        os.killpg(process.pid, signal.SIGKILL)


def test_they_end_with_a_build_that_is_killed(building: subprocess.Popen) -> None:
    building.kill()
    building.communicate(timeout=60)


def test_they_end_in_silence_when_a_terminal_interrupts_all(building: subprocess.Popen) -> None:
    """Without a word: the build itself says what became of the site."""
    os.killpg(building.pid, signal.SIGINT)
    assert building.communicate(timeout=60) == ("interrupted\n", "")


def test_it_is_silent_when_interrupted_while_it_loads() -> None:
    command = [sys.executable, "-c", LOADING]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "start_new_session": True}
    with subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": "."}, **streams) as process:
        assert process.stdout.readline() == "loading\n"
        os.killpg(process.pid, signal.SIGINT)
        assert process.communicate(timeout=60) == ("interrupted\n", "")


def test_they_are_copies_of_the_one_that_was_begun_ahead() -> None:
    """Else a first build would load Altair twice, or wait for it while it could read the lessons."""
    done = subprocess.run(
        [sys.executable, "-c", AHEAD], cwd=ROOT, capture_output=True, text=True, check=False, env=os.environ | {"PYTHONPATH": "."}
    )
    assert (done.stdout, done.stderr) == ("True\n", "")
