"""GitHub's workflows: valid by GitHub's own schema, with actions pinned by commit and no more rights than they need."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from precompute.exporters import EXPORTERS
from scripts import export_groups
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


# --- the exports of the set from the Hub -----------------------------------------------------------------------------------------


def test_every_export_of_the_set_is_in_one_group() -> None:
    """In the order in which they are made, groups of about one size, as JSON that a matrix takes."""
    done = run(sys.executable, ROOT / "scripts" / "export_groups.py", "groups", "gpt2-bert")
    groups = json.loads(done)
    assert len(groups) == len({group["name"] for group in groups}) == export_groups.GROUPS
    assert [artefact for group in groups for artefact in group["artefacts"].split()] == [exporter.artefact for exporter in EXPORTERS]


@pytest.mark.parametrize(("artefacts", "groups"), [(1, 12), (12, 12), (13, 12), (115, 12)])
def test_groups_differ_by_one_export_at_most(artefacts: int, groups: int) -> None:
    shared = export_groups.shared_out([str(n) for n in range(artefacts)], groups)
    assert [name for group in shared for name in group] == [str(n) for n in range(artefacts)]
    assert max(map(len, shared)) - min(map(len, shared)) <= 1
    assert len(shared) == min(artefacts, groups)


def test_a_set_is_put_together_whole_or_not_at_all(tmp_path: Path) -> None:
    """Shards with their index, from the group whose they are; where a group is missing, nothing is put anywhere."""
    for group, done in (("exports-01", "norms"), ("exports-02", "neighbours_decoder word_map_static")):
        (tmp_path / group).mkdir()
        (tmp_path / group / export_groups.DONE).write_text(f"{done}\n", encoding="utf-8")
        (tmp_path / group / "norms.json").write_text(group, encoding="utf-8")  # in the second group from another run
    for name in ("neighbours_decoder.json", "neighbours_decoder/0000.json", "neighbours_decoder/0001.json"):
        (tmp_path / "exports-02" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "exports-02" / name).touch()
    target = tmp_path / "data" / "set"
    wanted = ["norms", "neighbours_decoder", "word_map_static"]  # the last was left out: its group came to it
    assert export_groups.merge(tmp_path, [*wanted, "twins"], target) == ["twins"]
    assert not target.exists()
    assert export_groups.merge(tmp_path, wanted, target) == []
    files = {path.relative_to(target).as_posix() for path in target.rglob("*.json")}
    assert files == {"norms.json", "neighbours_decoder.json", "neighbours_decoder/0000.json", "neighbours_decoder/0001.json"}
    assert (target / "norms.json").read_text(encoding="utf-8") == "exports-01"


@pytest.mark.parametrize(
    ("fails", "why"),
    [("", ""), ("merge", "could not be reached"), ("check", "were not found again in its data")],
    ids=["all is well", "the Hub is out of reach", "a published figure is missed"],
)
def test_a_set_that_is_in_part_or_misses_published_figures_is_left_out_and_the_site_says_so(tmp_path: Path, fails: str, why: str) -> None:
    """The script of the workflow, with a Python that writes down what it is asked, and one of whose answers is no."""
    (tmp_path / "scripts").mkdir()
    shutil.copy2(ROOT / "scripts" / "build_for_pages", tmp_path / "scripts")
    data = tmp_path / "content" / "data"
    for name in ("gpt2-bert", "committed"):  # the first as `merge` leaves it
        (data / name).mkdir(parents=True)
    python = tmp_path / "python"
    python.write_text(
        f"#!{sys.executable}\nimport json, sys\nopen({str(tmp_path / 'asked')!r}, 'a').write(json.dumps(sys.argv[1:]) + '\\n')\n"
        f"sys.exit(int({fails!r} in sys.argv))\n",
        encoding="utf-8",
    )
    python.chmod(0o755)
    command = [tmp_path / "scripts" / "build_for_pages", "gpt2-bert", "parts", "https://user.github.io/r/", "https://github.com/user/r"]
    (tmp_path / "output").touch()
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "GITHUB_OUTPUT": str(tmp_path / "output")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    merging, *checking, building = map(json.loads, (tmp_path / "asked").read_text(encoding="utf-8").splitlines())
    assert merging == ["scripts/export_groups.py", "merge", "parts", "gpt2-bert"]
    assert checking == ([] if fails == "merge" else [["-m", "precompute", "check", "--set", "gpt2-bert"]])
    assert building[:3] == ["build.py", "--set", "all"]
    assert ("--notice" in building) is bool(fails)
    assert {path.name for path in data.iterdir()} == ({"committed"} if fails else {"gpt2-bert", "committed"})
    assert (tmp_path / "output").read_text(encoding="utf-8") == ("left_out=gpt2-bert\n" if fails else "")
    if fails:
        notice = building[building.index("--notice") + 1]
        assert "gpt2-bert" in notice and why in notice


@pytest.mark.parametrize("left_out", ["", "gpt2-bert"])
def test_a_run_that_left_out_a_set_fails_beside_publishing(left_out: str) -> None:
    """The last job runs what it says, and publishing does not wait for it."""
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "pages.yml").read_text(encoding="utf-8"))["jobs"]
    assert jobs["build"]["outputs"] == {"left_out": "${{ steps.site.outputs.left_out }}"}
    (building,) = [step for step in jobs["build"]["steps"] if step.get("id") == "site"]
    assert building["run"].startswith("scripts/build_for_pages ")
    assert jobs["publish"]["needs"] == jobs["whole"]["needs"] == "build"
    (step,) = jobs["whole"]["steps"]
    assert step["env"] == {"LEFT_OUT": "${{ needs.build.outputs.left_out }}"}
    done = subprocess.run(["bash", "-ec", step["run"]], env={"LEFT_OUT": left_out}, capture_output=True, text=True, check=False)
    assert done.returncode == bool(left_out)
    assert left_out in done.stdout


def test_nothing_that_is_checked_may_fail_without_a_word() -> None:
    """Only the download, where there may be nothing to download."""
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "pages.yml").read_text(encoding="utf-8"))["jobs"]
    loose = [step.get("uses", step.get("run", "")) for job in jobs.values() for step in job["steps"] if "continue-on-error" in step]
    assert [use.partition("@")[0] for use in loose] == ["actions/download-artifact"]


def test_the_site_is_built_and_published_whatever_became_of_the_exports() -> None:
    """One group that fails stops neither the others nor the site."""
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "pages.yml").read_text(encoding="utf-8"))["jobs"]
    assert jobs["export"]["strategy"]["fail-fast"] is False
    assert jobs["build"]["if"] == "${{ !cancelled() }}"
    assert jobs["publish"]["if"] == "${{ !cancelled() && needs.build.result == 'success' }}"
    (download,) = [step for step in jobs["build"]["steps"] if "download-artifact" in step.get("uses", "")]
    assert download["continue-on-error"] is True
