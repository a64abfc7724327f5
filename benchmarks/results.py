"""What the benchmarks found: one JSON file each in benchmarks/results/, with the machine, and BENCHMARKS.md made from all of them.

    python benchmarks/results.py        write BENCHMARKS.md again
"""

from __future__ import annotations

import datetime
import importlib.metadata
import json
import os
import platform
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.report import FOLDER, write_report  # noqa: E402


def machine() -> dict[str, Any]:
    """The machine and what runs on it, for whoever compares."""
    facts = Path("/proc/cpuinfo").read_text(encoding="utf-8") if Path("/proc/cpuinfo").exists() else ""
    model = next((line.split(":", 1)[1].strip() for line in facts.splitlines() if line.startswith("model name")), platform.processor())
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": platform.freedesktop_os_release()["PRETTY_NAME"] if sys.platform == "linux" else platform.system(),
        "python": platform.python_version(),
    }


def versions(*packages: str) -> dict[str, str]:
    """Package -> installed version. Raises PackageNotFoundError."""
    return {package: importlib.metadata.version(package) for package in packages}


def record(name: str, **measured: Any) -> None:
    """Keep what a benchmark found, and write the report again."""
    FOLDER.mkdir(exist_ok=True)
    kept = {"measured_on": datetime.date.today().isoformat(), "machine": machine(), **measured}
    (FOLDER / f"{name}.json").write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    print(f"written: benchmarks/results/{name}.json")
    write_report()


if __name__ == "__main__":
    write_report()
