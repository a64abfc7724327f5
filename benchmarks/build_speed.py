"""Time builds of the real site: cold, with nothing changed, and after editing one lesson.

    python benchmarks/build_speed.py [--runs 5]

Works on a copy of the project in a temporary folder and runs the command an author runs, start of Python included. Prints the
median of the runs. Where nothing changed, a build looks at the status of every file and ends; after an edit, it makes all that
follows from it and exchanges the whole site. An edit is built at once, as under --serve; a build of files that have been at rest for
two seconds takes some hundredths of a second more, because it is remembered for the next. The first build after a cold one takes
longer than those that follow, which begin with the site before the last. Aims on two cores: cold below 6 s, after editing one lesson
below 0.6 s. Run it on a quiet machine, and not within five minutes of deleting thousands of files, as this program does when it ends:
until then ext4 makes new files so slowly that a cold build can take twice as long. No test asserts times.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.results import record  # noqa: E402

NOT_COPIED = shutil.ignore_patterns(".git", ".venv", ".cache", "node_modules", "__pycache__", "site", "tests", "benchmarks")
AIMS = {"cold": 6.0, "nothing changed": None, "one lesson edited": 0.6}


def timed_build(project: Path) -> float:
    """Seconds of one build of the project. Raises SystemExit with what it printed if it fails."""
    settings = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}  # as an author's machine is
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "build.py"], cwd=project, env=settings, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - started
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    return seconds


def forget_everything(project: Path) -> None:
    """Put the site and the cache aside: the next build is a cold one.

    They are not removed here. A file system that has just deleted thousands of files makes new ones more slowly, which a fresh clone
    would not notice.
    """
    aside = Path(tempfile.mkdtemp(dir=project.parent, prefix="aside-"))
    for made in (".cache", "site"):
        if (project / made).exists():
            (project / made).rename(aside / made)


def edit_a_lesson(project: Path) -> None:
    """Add a sentence to the first lesson."""
    lesson = sorted((project / "content" / "lessons").glob("*.md"))[0]
    with lesson.open("a", encoding="utf-8") as file:
        file.write("\nOne more sentence.\n")


def main() -> int:
    """Time builds of each kind and record them. Exit status."""
    parser = argparse.ArgumentParser(description="Time builds: cold, with nothing changed, one lesson edited.")
    parser.add_argument("--runs", type=int, default=5, help="how often each is timed (default: 5)")
    runs = parser.parse_args().runs
    kinds: dict[str, Callable[[Path], None]] = {
        "cold": forget_everything,
        "nothing changed": lambda project: None,
        "one lesson edited": edit_a_lesson,
    }
    found = {}
    with tempfile.TemporaryDirectory() as temporary:
        project = Path(temporary) / "project"
        shutil.copytree(ROOT, project, ignore=NOT_COPIED)
        timed_build(project)  # compiles the Python files, once
        for kind, prepare in kinds.items():
            seconds = []
            for _ in range(runs):
                prepare(project)
                seconds.append(timed_build(project))
            found[kind] = {"median_s": statistics.median(seconds), "aim_s": AIMS[kind]}
            aim = f", aim {AIMS[kind]} s" if AIMS[kind] else ""
            print(f"{kind:18} {statistics.median(seconds):6.2f} s   ({min(seconds):.2f} to {max(seconds):.2f}{aim})", flush=True)
    record("build_speed", runs=runs, builds=found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
