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
    if copied:
        load_ahead(loaded)
    context = multiprocessing.get_context("forkserver" if copied else "spawn")
    return ProcessPoolExecutor(count, mp_context=context, initializer=_begin, initargs=(begin,))


def load_ahead(modules: Sequence[str]) -> None:
    """Let the process that `worker_processes` will copy load these modules while this one goes on, which else would wait for it."""
    if _can_be_copied():
        from multiprocessing import forkserver, resource_tracker  # here, because not every system has them

        multiprocessing.set_forkserver_preload([*modules])
        resource_tracker.ensure_running()  # it unblocks what is blocked
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])  # it would say at length where it was interrupted
        try:
            forkserver.ensure_running()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])


def _can_be_copied() -> bool:
    return "forkserver" in multiprocessing.get_all_start_methods()


def _begin(begin: Callable[[], object] | None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a terminal interrupts all processes at once: these end then, and say nothing
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])  # as the process blocks it that these are copies of
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if begin is not None:
        begin()


def _end_with_parent() -> None:
    """A process that is killed tells its workers nothing: each would wait for work for ever."""
    multiprocessing.parent_process().join()
    os._exit(1)
