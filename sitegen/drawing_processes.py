"""The processes that draw, beside the one that makes the pages."""

from __future__ import annotations

import gc
import os
from concurrent.futures import ProcessPoolExecutor

from worker_processes import load_ahead, worker_processes

LOADED = ("altair", "py_mini_racer", "sitegen.figure_drawing")
"""What takes long to load, without the modules of charts/: those of a project go before this repository's."""


def drawing_processes(count: int) -> ProcessPoolExecutor:
    """`count` processes for figures and pictures. They end with this one, however it ends."""
    return worker_processes(count, _begin, LOADED)


def load_for_drawing() -> None:
    """Begin with what takes long to load, before it is known what there is to draw."""
    load_ahead(LOADED)


def _begin() -> None:
    """Leave the processors to the process that makes the pages while it has work: else it would end alone, long after this one.

    Look for garbage in cycles after 100,000 objects, not after 700: charts are made of many that are all in use.
    """
    if hasattr(os, "nice"):
        os.nice(5)
    gc.set_threshold(100_000, 20, 20)
