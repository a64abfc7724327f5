"""Exact neighbours: seconds, share of the machine's matrix-product peak and memory as the vocabulary and the width grow, and the same
lists from scikit-learn and FAISS.

    python benchmarks/neighbour_cost.py [--sizes 30000x384 50000x576 ...] [--largest] [--no-peers]

The rows are random, float64, of length one; k is 20. The peak is the best of several float32 products of one block of rows with the
whole vocabulary, by the library that the export uses, with as many threads. Memory is what a process holds at most while it works,
less what it held with the rows in hand; each size runs in a process of its own. Aims: at least 60% of the peak; memory that does not
grow with the vocabulary beyond one block of scores and the rows in float32. --largest adds a vocabulary of 256,000 at the full width of
576: 75 million million multiplications and additions, about ten minutes on two cores, and 3 GB. FAISS (`pip install faiss-cpu`) must be
installed for the comparison. Run it on a quiet machine; no test asserts times.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.results import record, versions  # noqa: E402

K = 20
SIZES = ("30000x64", "50000x64", "150000x64", "256000x64", "30000x384", "50000x576", "50000x768")
LARGEST = "256000x576"
COMPARED = "30000x384"
LOOK_EVERY_SECONDS = 0.02
PEAK_TRIES = 5


def unit_rows(tokens: int, dims: int) -> np.ndarray:
    """[token, dim], float64, of length one."""
    rows = np.random.default_rng(0).standard_normal((tokens, dims))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


def resident_bytes() -> int:
    """What this process holds in memory now."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS:"))


class PeakMemory:
    """The most that this process held while the block ran, beyond what it held before."""

    def __enter__(self) -> PeakMemory:
        self.before = self.most = resident_bytes()
        self._ended = threading.Event()
        self._watcher = threading.Thread(target=self._watch)
        self._watcher.start()
        return self

    def _watch(self) -> None:
        while not self._ended.wait(LOOK_EVERY_SECONDS):
            self.most = max(self.most, resident_bytes())

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._watcher.join()
        self.added_bytes = max(self.most, resident_bytes()) - self.before


def peak_flops(rows: np.ndarray) -> float:
    """Multiplications and additions a second of the plain product of one block of rows with all rows."""
    import torch

    from precompute.exact_neighbours import BLOCK_BYTES

    block = max(1, min(len(rows), BLOCK_BYTES // (4 * len(rows))))
    right = torch.from_numpy(rows).to(torch.float32)
    left = right[:block].clone()
    out = torch.empty((block, len(rows)))
    seconds = []
    for _ in range(PEAK_TRIES):
        started = time.perf_counter()
        torch.matmul(left, right.T, out=out)
        seconds.append(time.perf_counter() - started)
    return 2 * block * len(rows) * rows.shape[1] / min(seconds)


def ours(tokens: int, dims: int) -> dict[str, float]:
    """Seconds, share of the peak and memory of this project's search over random rows."""
    from precompute.exact_neighbours import neighbours_by_cosine

    rows = unit_rows(tokens, dims)
    peak = peak_flops(rows)
    neighbours_by_cosine(rows[:500], K)  # starts the threads
    with PeakMemory() as memory:
        started = time.perf_counter()
        neighbours_by_cosine(rows, K)
        seconds = time.perf_counter() - started
    reached = 2 * tokens**2 * dims / seconds
    return {
        "tokens": tokens,
        "dims": dims,
        "seconds": seconds,
        "peak_gflops": peak / 1e9,
        "share_of_peak": reached / peak,
        "added_bytes": memory.added_bytes,
        "float32_rows_bytes": 4 * tokens * dims,
        "lists_bytes": 12 * tokens * K,
    }


def by_scikit_learn(tokens: int, dims: int) -> dict[str, float]:
    """Seconds of scikit-learn's brute-force search by cosine, float32."""
    from sklearn.neighbors import NearestNeighbors

    rows = unit_rows(tokens, dims).astype(np.float32)
    started = time.perf_counter()
    NearestNeighbors(n_neighbors=K + 1, algorithm="brute", metric="cosine", n_jobs=-1).fit(rows).kneighbors(rows)
    return {"seconds": time.perf_counter() - started}


def by_faiss(tokens: int, dims: int) -> dict[str, float]:
    """Seconds of FAISS's exact index of inner products, float32."""
    import faiss

    rows = unit_rows(tokens, dims).astype(np.float32)
    started = time.perf_counter()
    index = faiss.IndexFlatIP(dims)
    index.add(rows)
    index.search(rows, K + 1)
    return {"seconds": time.perf_counter() - started}


WAYS = {"ours": ours, "scikit-learn": by_scikit_learn, "faiss": by_faiss}


def in_its_own_process(way: str, size: str) -> dict[str, float]:
    """What one way measures at one size, such as "30000x384"."""
    done = subprocess.run([sys.executable, __file__, "--one", way, size], stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> int:
    """Measure all sizes, and the peers at one, and record them. Exit status."""
    parser = argparse.ArgumentParser(description="What exact neighbours cost.")
    parser.add_argument("--sizes", nargs="+", default=SIZES, metavar="TOKENSxDIMS")
    parser.add_argument("--largest", action="store_true", help=f"{LARGEST}, too")
    parser.add_argument("--no-peers", action="store_true", help="leave scikit-learn and FAISS out")
    parser.add_argument("--one", nargs=2, metavar=("WAY", "SIZE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        way, size = arguments.one
        print(json.dumps(WAYS[way](*map(int, size.split("x")))))
        return 0
    sizes = []
    for size in [*arguments.sizes, *([LARGEST] if arguments.largest else [])]:
        sizes.append(in_its_own_process("ours", size))
        print({key: round(value, 3) for key, value in sizes[-1].items()}, flush=True)
    compared = {}
    for way in [] if arguments.no_peers else WAYS:
        compared[way] = in_its_own_process(way, COMPARED)["seconds"]
        print(f"{COMPARED} {way}: {compared[way]:.2f} s", flush=True)
    record(
        "neighbours", k=K, sizes=sizes, compared_size=COMPARED, compared_seconds=compared,
        versions=versions("torch", "numpy", *([] if arguments.no_peers else ["scikit-learn", "faiss-cpu"])),
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
