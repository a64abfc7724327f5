"""`build.py --serve`: pages carry the reload script, a change is rebuilt, a broken change keeps the last good site."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.tiny_project import ROOT, TinyProject

PATIENCE_SECONDS = 60


class Served:
    def __init__(self, project: TinyProject, address: str):
        self.project = project
        self.address = address

    def get(self, path: str) -> str:
        with urllib.request.urlopen(self.address + path, timeout=10) as answer:
            return answer.read().decode("utf-8")

    def wait_until(self, seen: Callable[[], bool]) -> None:
        """Look again and again; gives up after a minute, which no machine should need."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not seen():
            assert time.monotonic() < deadline, "the change was never served"
            time.sleep(0.1)


def command_to_serve(project: TinyProject, port: int) -> list[str]:
    return [sys.executable, str(ROOT / "build.py"), "--project", str(project.folder), "--out", str(project.site), "--serve", str(port)]


@contextmanager
def serving(project: TinyProject, after_build: Callable[[], None] = lambda: None) -> Iterator[Served]:
    """after_build: called at each line that the first build prints, all of them at its end."""
    with subprocess.Popen(command_to_serve(project, 0), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        lines = []
        for line in process.stdout:
            lines.append(line)
            if found := re.search(r"http://127\.0\.0\.1:\d+/", line):
                break
            after_build()
        else:
            pytest.fail(f"no address was printed:\n{''.join(lines)}")
        try:
            yield Served(project, found[0])
        finally:
            process.terminate()


@pytest.fixture
def served(project: TinyProject) -> Iterator[Served]:
    with serving(project) as served:
        yield served


def test_a_page_asks_for_new_builds(served: Served) -> None:
    """Without the script in the page nothing would reload; it must not be part of the published file."""
    page = served.get("lessons/second-steps/")
    assert '<script src="/__reload.js" defer></script>' in page
    assert "__reload" not in (served.project.site / "lessons/second-steps/index.html").read_text(encoding="utf-8")
    assert "/__builds" in served.get("__reload.js")


def test_a_change_is_rebuilt_and_counted(served: Served) -> None:
    """Saving a lesson must reach the open page: its text is served, and the number that pages watch goes up."""
    before = int(served.get("__builds"))
    served.project.lesson.write_text(served.project.lesson.read_text(encoding="utf-8") + "\n\nA new closing word.\n", encoding="utf-8")
    served.wait_until(lambda: "A new closing word." in served.get("lessons/second-steps/"))
    served.wait_until(lambda: int(served.get("__builds")) > before)


def test_a_change_during_the_first_build_is_not_lost(project: TinyProject) -> None:
    """A lesson saved before the page is first opened must not wait for its next save."""
    good = project.lesson.read_text(encoding="utf-8")
    with serving(project, after_build=lambda: project.lesson.write_text(good + "\n\nSaved early.\n", encoding="utf-8")) as served:
        served.wait_until(lambda: "Saved early." in served.get("lessons/second-steps/"))


def test_a_broken_change_keeps_the_last_good_site(served: Served) -> None:
    """A typing error while writing must not take the page away; mending it must bring the change."""
    good = served.project.lesson.read_text(encoding="utf-8")
    served.project.lesson.write_text(good + "\n\n{{ figure('no-such-figure') }}\n", encoding="utf-8")
    time.sleep(1)  # the failing build has no visible effect to wait for
    assert "<h1" in served.get("lessons/second-steps/")
    served.project.lesson.write_text(good + "\n\nMended.\n", encoding="utf-8")
    served.wait_until(lambda: "Mended." in served.get("lessons/second-steps/"))


def test_a_port_that_is_taken_is_said_before_anything_is_built(project: TinyProject) -> None:
    shutil.rmtree(project.site)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(command_to_serve(project, port), capture_output=True, text=True, check=False)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr == f"port {port}: Address already in use\n    Choose another: python build.py --serve {port + 1}\n"
    assert not project.site.exists()
