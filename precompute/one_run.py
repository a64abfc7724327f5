"""One run at a time in a folder of exported data: whoever comes second waits.

The lock is the system's, on the folder itself: it ends with the process that holds it, however that ends, and leaves no file behind.
So whoever holds it knows that hidden files in there belong to no living run.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from precompute.progress import CONSOLE
from problems import Problem, ProjectError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None


@contextmanager
def alone_in(folder: Path) -> Iterator[bool]:
    """Make the folder if it is missing, and hold it; says on standard error that it waits, if it has to.

    Yields whether no other run can be writing there: False where the system or its disk has no such locks. Raises ProjectError for a
    folder that cannot be made or opened.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY) if fcntl else None
    except OSError as error:
        cure = "Check free space and permissions of the folder."
        raise ProjectError(Problem(str(folder), None, f"cannot be written: {error.strerror or error}", cure)) from error
    try:
        yield handle is not None and _locked(handle, folder)
    finally:
        if handle is not None:
            os.close(handle)  # which gives the lock back


def _locked(handle: int, folder: Path) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        CONSOLE.print(f"waiting for another run that writes into {folder}", markup=False, soft_wrap=True)
        fcntl.flock(handle, fcntl.LOCK_EX)
    except OSError:  # some network drives have none
        return False
    return True
