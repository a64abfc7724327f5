"""Builds that something happens to, each in a process of its own: `python -m tests.support.struck_builds PROJECT FAULT STEP...`.

Python reports every file it opens for writing and every folder and name it makes, moves or removes ("audit events"). At the step of
that number the fault strikes: `kill` ends the process as kill -9 does; `full` lets this and every later step fail as on a full disk;
`read-only` as in a folder that nobody may write to. Prints a line of JSON for each step: the exit status (-9 if killed) and what was
printed on standard error. STEP 0 counts: it prints how many steps an undisturbed build has.
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

CHANGES = ("os.rename", "os.mkdir", "os.link", "os.remove", "os.rmdir", "os.truncate", "os.chmod", "os.utime", "shutil.copyfile")


def main() -> None:
    """One build for each step that the command line names."""
    project, fault, *steps = sys.argv[1:]
    import build
    import sitegen.site  # noqa: F401  once for all: each build begins with a copy of this process

    for step in map(int, steps):
        with tempfile.TemporaryFile("w+") as report:
            child = os.fork()
            if child == 0:
                _struck(build.main, ["--project", project, "--out", f"{project}/site", "--jobs", "1"], fault, step, report)
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
        if step == 0 or done < step:
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


if __name__ == "__main__":
    main()
