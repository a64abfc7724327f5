"""The processes that draw, beside the one that makes the pages."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor


def drawing_processes(count: int) -> ProcessPoolExecutor:
    """`count` processes for figures and pictures. They end with this one, however it ends."""
    return ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn"), initializer=_begin)


def _begin() -> None:
    """Leave the processors to the process that makes the pages while it has work: else it would end alone, long after this one.

    Look for garbage in cycles after 100,000 objects, not after 700: charts are made of many that are all in use.
    """
    if hasattr(os, "nice"):
        os.nice(5)
    gc.set_threshold(100_000, 20, 20)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a terminal interrupts all processes at once: these end then, and say nothing
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A process that is killed tells its workers nothing: each would wait for work for ever."""
    multiprocessing.parent_process().join()
    os._exit(1)
