"""Programs that something happens to, each run in a process of its own.

Python reports every file it opens for writing and every folder and name it makes, moves or removes ("audit events"). At the step of
that number the fault strikes: `kill` ends the process as kill -9 does; `full` lets this and every later step fail as on a full disk;
`read-only` as in a folder that nobody may write to; `none` leaves the run alone. For each step a line of JSON is printed: the exit
status (-9 if killed) and what was printed on standard error. Step 0 counts: it says how many steps an undisturbed run has.
"""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import signal
import sys
import tempfile
from collections.abc import Callable

CHANGES = ("os.rename", "os.mkdir", "os.link", "os.remove", "os.rmdir", "os.truncate", "os.chmod", "os.utime", "shutil.copyfile")


def strike(run: Callable[[list[str]], int], arguments: Callable[[int], list[str]], fault: str, steps: list[int]) -> None:
    """Run once for each step. arguments: of the run that is struck at a step. Whatever `run` imports should be imported before."""
    for step in steps:
        with tempfile.TemporaryFile("w+") as report:
            child = os.fork()
            if child == 0:
                _struck(run, arguments(step), fault, step, report)
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            report.seek(0)
            print(json.dumps({"step": step, "status": status, "said": report.read()}), flush=True)


def _struck(run, arguments: list[str], fault: str, step: int, report: io.TextIOBase) -> None:
    done = 0

    def hook(event: str, given: tuple[object, ...]) -> None:
        nonlocal done
        writes = event == "open" and isinstance(given[2], int) and given[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if not (writes or event in CHANGES):
            return
        done += 1
        if fault == "none" or step == 0 or done < step:
            return
        if fault == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if event not in ("os.remove", "os.rmdir"):  # which a full disk allows
            number = errno.ENOSPC if fault == "full" else errno.EROFS
            raise OSError(number, os.strerror(number))

    errors = io.StringIO()
    status = 70
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(errors):
            sys.addaudithook(hook)
            status = run(arguments)
    except BaseException as error:
        errors.write(f"Traceback: {error!r}")
    report.write(str(done) if step == 0 else errors.getvalue())
    report.flush()
    os._exit(status)
