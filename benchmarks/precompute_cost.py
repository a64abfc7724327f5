"""Measure exports of the default set: the first lesson's and the vocabularies alone, all, and all again with nothing changed.

    python benchmarks/precompute_cost.py [--set NAME] [--models-dir DIR] [--keep DIR]

Exports into a temporary folder; the models must be in the cache already, or they are fetched before the clock starts. The small models
that are trained here are trained in the run. Aims on two cores: the first lesson's exports at most 5 minutes and 4 GB; all at most 25
minutes and 6 GB; nothing changed, below 5 seconds. Memory is the largest sum over all processes of the run, looked at four times a
second, next to the largest single process as the system saw it. Run it on a quiet machine; no test asserts times.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.results import record  # noqa: E402
from charts import load_figures  # noqa: E402
from precompute.fetch import cache_folder  # noqa: E402

FIRST_LESSON = "who_lives_next_door"
FOR_EVERY_TOKEN = ["neighbours_decoder", "neighbours_encoder", "vocabulary_statistics"]
FOR_EVERY_TOKEN += [f"vocabulary_{tokenizer}" for tokenizer in ("decoder", "encoder", "gpt2", "bert")]
LOOK_EVERY_SECONDS = 0.25


def exports_of_first_lesson() -> list[str]:
    """What the figures of the lesson on similarity read, and what stands in the data for every token of the vocabularies."""
    makers = [maker for maker in load_figures().values() if maker.make.__module__.startswith(f"charts.{FIRST_LESSON}.")]
    read = {need for maker in makers for need in maker.needs}
    return sorted(read | set(FOR_EVERY_TOKEN))


def resident_bytes(process: int) -> int:
    """Resident memory of a process and all its descendants now. Pages that they share are counted for each."""
    total = 0
    waiting = [process]
    while waiting:
        number = waiting.pop()
        try:
            status = Path(f"/proc/{number}/status").read_text(encoding="ascii", errors="replace")
            total += next((int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS:")), 0)
            for task in Path(f"/proc/{number}/task").iterdir():
                waiting += map(int, (task / "children").read_text(encoding="ascii").split())
        except OSError:
            continue  # ended in between
    return total


def cache_without_trained_models(folder: Path) -> Path:
    """A cache that leads to all that was fetched, and knows no small models yet, so that these are trained in the run."""
    kept = cache_folder()
    folder.mkdir()
    for part in kept.iterdir():
        if part.name != "twins":
            (folder / part.name).symlink_to(part)
    return folder


def run(command: list[str], cache: Path | None = None) -> tuple[float, int]:
    """Seconds and peak bytes of a command, which may print as it likes. cache: instead of the usual folder."""
    environment = os.environ | ({"WORD_SPACES_CACHE": str(cache)} if cache else {})
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, env=environment)
    peak = [0]
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(LOOK_EVERY_SECONDS):
            peak[0] = max(peak[0], resident_bytes(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    status = process.wait()
    seconds = time.perf_counter() - started
    ended.set()
    watcher.join()
    if status:
        raise SystemExit(status)
    return seconds, peak[0]


def main() -> int:
    """Export in processes of their own and record seconds and memory. Exit status."""
    parser = argparse.ArgumentParser(description="Measure a full export: seconds and memory.")
    parser.add_argument("--set", default="smollm2-minilm", help="which set of models (default: smollm2-minilm)")
    parser.add_argument("--models-dir", help="folder with one subfolder per model, in place of the Hub")
    parser.add_argument("--keep", type=Path, help="folder to copy the exported data to, to compare it or to commit it")
    arguments = parser.parse_args()
    command = [sys.executable, "-m", "precompute", "--set", arguments.set]
    command += ["--models-dir", arguments.models_dir] if arguments.models_dir else []
    with tempfile.TemporaryDirectory() as temporary:
        run([*command, "--data-dir", f"{temporary}/fetch", "--only", "model_facts"])
        first = [*command, "--data-dir", f"{temporary}/first", "--only", *exports_of_first_lesson()]
        first_seconds, first_peak = run(first)
        full = [*command, "--data-dir", f"{temporary}/data"]
        cache = cache_without_trained_models(Path(temporary) / "cache")
        seconds, peak = run(full, cache)
        again, _ = run(full, cache)
        if arguments.keep:
            shutil.copytree(f"{temporary}/data", arguments.keep, dirs_exist_ok=True)
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    figures = {
        "first lesson and vocabularies": {"value": first_seconds, "unit": "s", "aim": 300},
        "memory of these, all processes together": {"value": first_peak / 1e9, "unit": "GB", "aim": 4},
        "full export": {"value": seconds, "unit": "s", "aim": 1500},
        "memory, all processes together": {"value": peak / 1e9, "unit": "GB", "aim": 6},
        "memory, largest process": {"value": largest / 1e9, "unit": "GB", "aim": 6},
        "nothing changed": {"value": again, "unit": "s", "aim": 5},
    }
    for name, figure in figures.items():
        print(f"{name:40} {figure['value']:7.2f} {figure['unit']:3} (aim {figure['aim']})")
    record("precompute_cost", set=arguments.set, figures=figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
