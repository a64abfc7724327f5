"""GitHub's workflows: valid by GitHub's own schema, with actions pinned by commit and no more rights than they need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.support import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
TOOLS = Path(sys.executable).parent


def run(*command: str | Path) -> str:
    """What the command says; AssertionError with it where it finds something."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_they_are_workflows_by_githubs_schema() -> None:
    run(TOOLS / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", *WORKFLOWS)


def test_the_linter_finds_nothing() -> None:
    """Among much else: no action that is not pinned by commit, no text of others in a command, no rights for a whole workflow."""
    run(TOOLS / "zizmor", "--offline", "--persona", "pedantic", *WORKFLOWS)


def test_the_linter_would_find_an_action_that_is_not_pinned(tmp_path: Path) -> None:
    pinned = (ROOT / ".github" / "workflows" / "checks.yml").read_text(encoding="utf-8")
    commit = pinned.split("actions/checkout@")[1].split()[0]
    loose = tmp_path / "checks.yml"
    loose.write_text(pinned.replace(commit, "v4"), encoding="utf-8")
    with pytest.raises(AssertionError, match="unpinned"):
        run(TOOLS / "zizmor", "--offline", "--persona", "pedantic", loose)


def test_only_what_publishes_may_write() -> None:
    """And that job runs no code of this repository."""
    jobs = {f"{path.stem} {name}": job for path in WORKFLOWS for name, job in yaml.safe_load(path.read_text())["jobs"].items()}
    writing = {name for name, job in jobs.items() if "write" in job["permissions"].values()}
    assert writing == {"pages publish"}
    assert all("run" not in step for step in jobs["pages publish"]["steps"])


def test_checks_run_what_everybody_runs() -> None:
    steps = yaml.safe_load((ROOT / ".github" / "workflows" / "checks.yml").read_text(encoding="utf-8"))["jobs"]["checks"]["steps"]
    assert [step["run"] for step in steps if "run" in step] == [".ci/run"]
