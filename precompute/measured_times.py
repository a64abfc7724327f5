"""Writes measured_times: how long the loop and the matrix product take on this machine.

Different on every run, so outside all identity checks.
"""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from artefacts.envelope import read_artefact
from artefacts.schemas.times import MeasuredTimes, TimedWay
from precompute.matrix_product import cosines_by_loop, cosines_by_product, normalised, seed_token
from precompute.neighbours import compute
from precompute.progress import track
from precompute.space import Space
from precompute.workspace import SPACE_ROLES, Workspace
from problems import ProjectError

REPEATS_OF_LOOP = 5
REPEATS_OF_PRODUCT = 30


def export(work: Workspace) -> MeasuredTimes:
    """Seconds on this machine, with its name; the seconds of an earlier run's exports are kept."""
    import torch

    for role in SPACE_ROLES:
        if f"neighbours_of_all:{role}" not in work.seconds:
            compute(work, role)
    return MeasuredTimes(
        machine=machine(),
        threads=torch.get_num_threads(),
        comparing_one_with_all=[way for space in work.spaces() for way in _ways(space, seed_token(work, space))],
        neighbours_of_all_seconds={role: round(work.seconds[f"neighbours_of_all:{role}"], 2) for role in SPACE_ROLES},
        precompute_seconds=_former_seconds(work) | {name: round(s, 2) for name, s in work.seconds.items() if ":" not in name},
    )


def machine() -> str:
    """Cores and processor, as in "2 cores, AMD EPYC 7763"."""
    cores = os.cpu_count() or 1
    return f"{cores} core{'s' * (cores != 1)}, {_processor()}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(named, "") or platform.processor() or platform.machine()


def _ways(space: Space, seed: int) -> list[TimedWay]:
    units = normalised(space.vectors)
    ways: list[tuple[str, Callable[[], object], int]] = [
        ("python loop", lambda: cosines_by_loop(space.vectors, seed), REPEATS_OF_LOOP),
        ("matrix product", lambda: cosines_by_product(space.vectors, seed), REPEATS_OF_PRODUCT),
        ("matrix product, rows normalised beforehand", lambda: units @ units[seed], REPEATS_OF_PRODUCT),
    ]
    return [_timed(space, way, run, repeats) for way, run, repeats in track(ways, f"timing {space.name}", len(ways))]


def _timed(space: Space, way: str, run: Callable[[], object], repeats: int) -> TimedWay:
    run()  # once unmeasured, so that caches and threads are warm
    milliseconds = []
    for _ in range(repeats):
        started = time.perf_counter()
        run()
        milliseconds.append((time.perf_counter() - started) * 1000)
    return TimedWay(
        role=space.role,
        way=way,
        milliseconds_median=round(statistics.median(milliseconds), 3),
        milliseconds_min=round(min(milliseconds), 3),
        milliseconds_max=round(max(milliseconds), 3),
        repeats=repeats,
    )


def _former_seconds(work: Workspace) -> dict[str, float]:
    """What an earlier run measured for exports that this run left alone."""
    try:
        return read_artefact(work.data_dir / "measured_times.json")[1].precompute_seconds
    except ProjectError:
        return {}
