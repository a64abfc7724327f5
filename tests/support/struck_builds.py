"""Builds that something happens to: `python -m tests.support.struck_builds PROJECT FAULT STEP...`; see `strikes`."""

from __future__ import annotations

import sys

import build
import sitegen.site  # noqa: F401 (once for all: each build begins with a copy of this process)
from tests.support.strikes import strike


def main() -> None:
    """One build for each step that the command line names."""
    project, fault, *steps = sys.argv[1:]
    strike(build.main, lambda _: ["--project", project, "--out", f"{project}/site", "--jobs", "1"], fault, [*map(int, steps)])


if __name__ == "__main__":
    main()
