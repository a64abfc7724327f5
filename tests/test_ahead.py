"""Lessons are rendered in copies of the process, which leave them in the cache; what is wrong with them is said all the same."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from sitegen.ahead import Ahead
from tests.tiny_project import ROOT, TinyProject, snapshot

LESSON = "content/lessons/02-second-steps.md"
WHERE = """
import os, sys, build
from sitegen.set_pages import SetPages
lesson = SetPages._lesson
def told(self, of):
    with open(os.path.join(sys.argv[2], "rendered"), "a") as file:
        file.write(f"{of.slug} {'here' if os.getpid() == here else 'elsewhere'}\\n")
    return lesson(self, of)
SetPages._lesson, here = told, os.getpid()
if __name__ == "__main__":
    sys.exit(build.main(sys.argv[1:]))
"""
SIX_TASKS = """
import os, pathlib, sys
from sitegen.ahead import Ahead
def task(name):
    pathlib.Path(sys.argv[1], name).write_text(str(os.getpid()))
    if name == "2":
        raise ValueError
ahead = Ahead(3)
ahead.start([lambda name=name: task(name) for name in "012345"])
ahead.wait()
print("waited")
"""


def rendered(project: TinyProject, *arguments: str, status: int = 0) -> tuple[list[str], str]:
    """Build in a process of its own; where lessons were rendered, and what was said."""
    (project.folder / "rendered").write_text("")
    done = project.build_elsewhere(*arguments, code=WHERE)
    assert done.returncode == status, done.stderr
    return sorted((project.folder / "rendered").read_text().splitlines()), done.stderr


def test_tasks_are_done_when_they_have_been_waited_for(tmp_path: Path):
    """More of them than processes, one of which fails: those of the other processes are done. In a process that has no threads."""
    done = subprocess.run([sys.executable, "-c", SIX_TASKS, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("waited\n", "")
    made = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert set(made) == set("01234")
    assert made["0"] == made["3"] != made["1"] == made["4"] != made["2"]


def test_one_job_or_a_process_with_threads_does_nothing_ahead(tmp_path: Path):
    """A copy of a process with threads could wait for ever for a lock that one of them held."""
    ahead = Ahead(1)
    ahead.start([(tmp_path / "one job").touch])
    ahead.wait()
    ended = threading.Event()
    thread = threading.Thread(target=ended.wait)
    thread.start()
    ahead = Ahead(2)
    ahead.start([(tmp_path / "threads").touch])
    ahead.wait()
    ended.set()
    thread.join()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_site_is_the_same_however_lessons_are_rendered(project: TinyProject, jobs: int):
    """Of both sets, in this process or in two others; a build from nothing is the judge."""
    project.append(LESSON, "\nOne more sentence.\n")
    lessons, _ = rendered(project, "--jobs", str(jobs))
    assert lessons == [f"second-steps {'here' if jobs == 1 else 'elsewhere'}"] * 2
    made = snapshot(project.site)
    shutil.rmtree(project.path(".cache"))
    shutil.rmtree(project.site)
    assert project.build().status == 0
    assert snapshot(project.site) == made


def test_what_is_wrong_with_a_lesson_is_said_once(project: TinyProject):
    """It is rendered again where somebody listens; so is one whose figure the other process would have to draw."""
    project.append(LESSON, "\n{{ nothing }}\n")
    lessons, said = rendered(project, "--jobs", "2", status=1)
    assert lessons == ["second-steps elsewhere", "second-steps elsewhere", "second-steps here", "second-steps here"]
    assert said.count("unknown name 'nothing'") == 1
    assert "1 problem." in said


def test_a_figure_that_is_not_kept_is_not_drawn_ahead(project: TinyProject):
    """One that a lesson names in a way in which it is found only when the lesson is rendered."""
    project.replace("charts/tiny_angles.py", "Random tokens are far from parallel", "Random tokens are nowhere near parallel")
    project.replace(LESSON, 'figure("tiny-angles")', 'figure("tiny" ~ "-angles")')
    lessons, _ = rendered(project, "--jobs", "2")
    assert lessons == ["second-steps elsewhere", "second-steps elsewhere", "second-steps here", "second-steps here"]
    assert "nowhere near parallel" in (project.site / "lessons" / "second-steps" / "index.html").read_text(encoding="utf-8")
