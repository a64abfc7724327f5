"""Processes that work beside this one, and end with it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor


def worker_processes(count: int, begin: Callable[[], object] | None = None, loaded: Sequence[str] = ()) -> ProcessPoolExecutor:
    """`count` processes that wait for work and end with this one, however it ends. begin: what each of them does first.

    loaded: modules that all of them need. Where the system can copy processes, one loads these, once for as long as this process lives,
    and each of the others begins as a copy of it.
    """
    copied = bool(loaded) and _can_be_copied()
    context = multiprocessing.get_context("forkserver" if copied else "spawn")
    if copied:
        context.set_forkserver_preload([*loaded])
    return ProcessPoolExecutor(count, mp_context=context, initializer=_begin, initargs=(begin,))


def load_ahead(modules: Sequence[str]) -> None:
    """Let the process that `worker_processes` will copy load these modules while this one goes on, which else would wait for it."""
    if _can_be_copied():
        from multiprocessing import forkserver  # here, because not every system has it

        multiprocessing.set_forkserver_preload([*modules])
        forkserver.ensure_running()


def _can_be_copied() -> bool:
    return "forkserver" in multiprocessing.get_all_start_methods()


def _begin(begin: Callable[[], object] | None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a terminal interrupts all processes at once: these end then, and say nothing
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if begin is not None:
        begin()


def _end_with_parent() -> None:
    """A process that is killed tells its workers nothing: each would wait for work for ever."""
    multiprocessing.parent_process().join()
    os._exit(1)
