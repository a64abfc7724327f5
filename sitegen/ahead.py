"""Work done ahead in copies of this process, while it goes on with other work.

Nothing comes back from a copy but what it leaves in the cache. So a task is something that keeps its result there if nothing was wrong,
and whoever wants the result does the task again where the cache has none: then what is wrong is found here, and said.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Sequence


class Ahead:
    """Tasks that are being done in other processes."""

    def __init__(self, jobs: int):
        """jobs: how many processes may work at once."""
        self.jobs = jobs
        self._processes: list[int] = []

    def start(self, tasks: Sequence[Callable[[], object]]) -> None:
        """Begin with the tasks; where processes cannot be copied, or where others are at work already, do nothing.

        A process with threads is not copied: a copy has only the one that made it, and locks that the others held would stay locked.
        """
        if self.jobs < 2 or not hasattr(os, "fork") or threading.active_count() > 1:
            return
        for share in [tasks[n :: self.jobs] for n in range(min(self.jobs, len(tasks)))]:
            process = os.fork()
            if process == 0:
                try:
                    for task in share:
                        task()
                finally:
                    os._exit(0)  # not by way of what the copied process has yet to do
            self._processes.append(process)

    def wait(self) -> None:
        """Until all tasks are done, or have failed."""
        while self._processes:
            with contextlib.suppress(ChildProcessError):  # ended, and nobody asked how
                os.waitpid(self._processes.pop(), 0)
