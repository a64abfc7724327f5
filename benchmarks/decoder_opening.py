"""Time how the default set's decoder is opened from its GGUF file, with and without `precompute.quick_gguf`.

    python benchmarks/decoder_opening.py [--runs 3]

What is timed are the vocabulary and token vectors, read straight from the file, and the network, opened by transformers. Each in a
process of its own, in turn, after the imports that both need; medians of the runs. Run it on a quiet machine; no test asserts times.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.results import record, versions  # noqa: E402

OPENED = {
    "vocabulary and token vectors": "model.raw_tokens(); model.token_embeddings()",
    "network": "model.network",
}
PROGRAM = """
import sys, time
import gguf, tokenizers
if "network" in sys.argv[2]: import torch, transformers
from precompute.models import open_set
from precompute.quick_gguf import open_gguf_quickly
if sys.argv[1] == "quick": open_gguf_quickly()
model = open_set().model("decoder")
model.folder  # fetched, if it is not here, before the clock starts
started = time.perf_counter()
exec(sys.argv[2])
print(time.perf_counter() - started)
"""


def seconds(how: str, expression: str) -> float:
    """Seconds until a part of the decoder is there. how: "quick" or "plain". Raises CalledProcessError."""
    command = [sys.executable, "-c", PROGRAM, how, expression]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


def main() -> None:
    """Measure, print and record."""
    parser = argparse.ArgumentParser(description="Time how the decoder is opened, with and without quick_gguf.")
    parser.add_argument("--runs", type=int, default=3, help="how often each is timed (default: 3)")
    options = parser.parse_args()
    found = {}
    for what, expression in OPENED.items():
        runs = [{how: seconds(how, expression) for how in ("quick", "plain")} for _ in range(options.runs)]
        found[what] = {how: round(statistics.median(run[how] for run in runs), 2) for how in ("quick", "plain")}
        print(f"{what:<30}{found[what]['quick']:6.2f} s, without it {found[what]['plain']:6.2f} s")
    record("decoder_opening", runs=options.runs, seconds=found, versions=versions("gguf", "transformers", "numpy"))


if __name__ == "__main__":
    main()
