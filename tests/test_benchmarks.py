"""The report of the benchmarks says what they recorded; no test asserts a time."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from benchmarks.report import FOLDER, PARTS, REPORT, report
from tests.support import ROOT

PROGRAMS = sorted(path for path in (ROOT / "benchmarks").glob("*.py") if path.stem not in ("report", "results"))


def test_the_report_is_made_from_what_was_recorded() -> None:
    assert REPORT.read_text(encoding="utf-8") == report(), "run: python benchmarks/results.py"


def test_every_record_is_reported_and_says_where_it_was_measured() -> None:
    records = sorted(FOLDER.glob("*.json"))
    assert {file.stem for file in records} <= set(PARTS)
    for file in records:
        found = json.loads(file.read_text(encoding="utf-8"))
        assert {"processor", "cores", "memory_gib", "system", "python"} == set(found["machine"]) and found["measured_on"], file.name


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_every_benchmark_starts_and_explains_itself(program) -> None:
    done = subprocess.run([sys.executable, program, "--help"], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "usage" in done.stdout, done.stderr
