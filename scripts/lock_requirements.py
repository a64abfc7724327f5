"""Write requirements-site.lock and requirements.lock: every package that requirements*.txt lead to, at one version, with its hashes.

    python scripts/lock_requirements.py

Needs uv (`pip install uv`) and the package index. The lock holds for every platform and every Python from 3.11.5. torch is left out of
requirements.lock, with what only its builds for GPUs need: which build is right depends on the machine, so no one hash is. pip installs
it afterwards, at the version that requirements.txt pins. tests/test_dependencies.py holds the locks to the requirements.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST_PYTHON = "3.11.5"
LOCKS = {"requirements-site.txt": "requirements-site.lock", "requirements.txt": "requirements.lock"}
BY_MACHINE = re.compile(r"(torch|triton|cuda|nvidia)\b")
HEAD = "# Made by scripts/lock_requirements.py from {source}; do not edit by hand.\n"


def compiled(source: str, uv: str) -> str:
    """What uv finds for the requirements in this file, as text."""
    options = ["--generate-hashes", "--universal", "--python-version", OLDEST_PYTHON, "--quiet", "--no-header"]
    command = [uv, "pip", "compile", source, *options]
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stderr}")
    return done.stdout


def without_builds_for_machines(lock: str) -> str:
    """The lock without torch and the libraries of its builds for GPUs."""
    entries = re.split(r"(?m)^(?=[a-z0-9])", lock)
    return "".join(entry for entry in entries if not BY_MACHINE.match(entry))


def main() -> int:
    """Write both locks."""
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if uv is None:
        raise SystemExit("uv is not here. Install it: pip install uv")
    for source, lock in LOCKS.items():
        (ROOT / lock).write_text(HEAD.format(source=source) + without_builds_for_machines(compiled(source, uv)), encoding="utf-8")
        print(f"written: {lock}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
