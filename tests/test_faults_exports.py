"""Exports on bad days: killed at any moment, disks that fill up, folders that cannot be written, damaged files, odd surroundings.

Every file is the old one or the new one, never half of one; the next run makes what is missing and leaves nothing beside it; what is
wrong is said with a cure. Two artefacts stand for all: one of a file, and one of an index with a folder of shards. That a build refuses
shards that are not their index's is in test_bad_input.py.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from artefacts.envelope import read_artefact
from precompute.__main__ import main
from precompute.shards import digest_of_shards, read_shards
from problems import ProjectError
from tests.support import ROOT
from tests.tiny_models import TINY_SET, TinyModels
from tests.tiny_project import snapshot

SINGLE, SHARDED = "norms", "neighbours_encoder"


def arguments(models: TinyModels, data_dir: Path, *only: str) -> list[str]:
    where = ["--models-dir", str(models.models_dir), "--sets-file", str(models.sets_file), "--data-dir", str(data_dir)]
    return ["--set", TINY_SET, "--offline", *where, "--only", *(only or (SINGLE, SHARDED))]


@pytest.fixture(scope="module")
def whole(tiny: TinyModels, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as an undisturbed run leaves it."""
    folder = tmp_path_factory.mktemp("whole")
    assert main(arguments(tiny, folder)) == 0
    return folder


@pytest.fixture(scope="module")
def outdated(whole: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same from other inputs, with other shards: what a run finds that has everything to do."""
    folder = tmp_path_factory.mktemp("outdated") / "data"
    shutil.copytree(whole, folder)
    data = folder / TINY_SET
    for shard in (data / SHARDED).glob("*.json"):
        shard.write_bytes(shard.read_bytes().replace(b"encoder", b"decoder"))
    for name in (SINGLE, SHARDED):
        content = json.loads((data / f"{name}.json").read_bytes())
        content["inputs"] = "sha256:0"
        if name == SHARDED:
            content["data"]["shard_sha256"] = digest_of_shards({p.name: p.read_bytes() for p in (data / name).iterdir()})
        (data / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    read_shards(data / f"{SHARDED}.json")
    return folder


class Struck:
    """Exports that a fault strikes, each with a data folder of its own that holds outdated data."""

    def __init__(self, folder: Path, tiny: TinyModels, outdated: Path):
        self.folder, self.outdated = folder, outdated
        for name in (tiny.models_dir.name, tiny.sets_file.name):
            (folder / name).symlink_to(tiny.models_dir.with_name(name))

    def data(self, step: int) -> Path:
        return self.folder / str(step)

    def strike(self, fault: str, steps: list[int]) -> list[dict]:
        """What the runs end with; see tests/support/strikes.py."""
        for step in steps:
            if not self.data(step).exists():
                shutil.copytree(self.outdated, self.data(step))
        command = [sys.executable, "-m", "tests.support.struck_exports", str(self.folder), fault, f"{SINGLE},{SHARDED}", *map(str, steps)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def moments(self, many: int) -> list[int]:
        """The first step, the last ones, where the index is written, and so many of those between."""
        (counted,) = self.strike("kill", [0])
        steps = int(counted["said"])
        assert steps > 50
        return sorted({1, *random.Random(0).sample(range(2, steps - 3), many), *range(steps - 3, steps + 1)})


@pytest.fixture
def struck(tmp_path: Path, tiny: TinyModels, outdated: Path, whole: Path) -> Struck:
    """`whole`: by then the cache holds the digests of the models' folders, so that every run has as many steps."""
    return Struck(tmp_path, tiny, outdated)


def state_of(data: Path, outdated: Path, whole: Path) -> str:
    """What a reader of the data finds: "old", "new", or "between", where the index says that the shards are not its own."""
    for name in (SINGLE, SHARDED):
        content = (data / TINY_SET / f"{name}.json").read_bytes()
        assert content in [(folder / TINY_SET / f"{name}.json").read_bytes() for folder in (outdated, whole)]
        read_artefact(data / TINY_SET / f"{name}.json")
    try:
        read_shards(data / TINY_SET / f"{SHARDED}.json")
    except ProjectError as error:
        assert f"--only {SHARDED}" in str(error)
        return "between"
    files = {path: content for path, content in snapshot(data).items() if "/." not in path}
    return "old" if files == snapshot(outdated) else "new" if files == snapshot(whole) else "partly new"


def test_killed_at_any_moment(struck: Struck, outdated: Path, whole: Path) -> None:
    """Every file is whole, and the next run ends as if nothing had been."""
    steps = struck.moments(4)
    assert {outcome["status"] for outcome in struck.strike("kill", steps)} == {-9}
    seen = {state_of(struck.data(step), outdated, whole) for step in steps}
    assert seen >= {"old", "partly new", "between"}
    assert any("/." in path for step in steps for path in snapshot(struck.data(step))), "nobody was killed while writing"
    assert {outcome["status"] for outcome in struck.strike("none", steps)} == {0}
    for step in steps:
        assert snapshot(struck.data(step)) == snapshot(whole), f"step {step}"


@pytest.mark.parametrize(("fault", "said"), [("full", "No space left on device"), ("read-only", "Read-only file system")])
def test_a_disk_that_cannot_be_written_from_some_moment_on(
    struck: Struck, outdated: Path, whole: Path, fault: str, said: str
) -> None:
    """The problem names the file and the disk, nothing half-written counts, and the next run makes the rest."""
    steps = struck.moments(2)[:-1]  # the last one takes a name away, which every disk allows
    for outcome in struck.strike(fault, steps):
        assert outcome["status"] == 1, outcome
        assert f"cannot be written: {said}" in outcome["said"]
        assert str(struck.data(outcome["step"])) in outcome["said"]
        assert "Check free space and permissions" in outcome["said"]
    assert {state_of(struck.data(step), outdated, whole) for step in steps} <= {"old", "partly new", "between"}
    middle = steps[1]
    assert [outcome["status"] for outcome in struck.strike("none", [middle])] == [0]
    assert snapshot(struck.data(middle)) == snapshot(whole)


DAMAGES = {
    "half": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "empty": lambda path: path.write_bytes(b""),
    "junk": lambda path: path.write_bytes(b"\x00\xff\xfe\x80" * 100),
    "folder": lambda path: (path.unlink(), path.mkdir()),
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", [f"{SINGLE}.json", f"{SHARDED}.json", f"{SHARDED}/0001.json"])
def test_damaged_data_is_never_used_and_made_again(
    damage: str, name: str, tiny: TinyModels, whole: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A damaged file counts as out of date; a folder in its place is nobody's to remove, and is named."""
    shutil.copytree(whole, tmp_path / "data")
    path = tmp_path / "data" / TINY_SET / name
    DAMAGES[damage](path)
    status, said = main(arguments(tiny, tmp_path / "data")), capsys.readouterr()
    if damage == "folder" and "/" not in name:
        assert status == 1
        assert f"{path}: cannot be written: Is a directory" in said.err
        return
    assert status == 0, said.err
    assert said.out.count("unchanged") == 1
    assert snapshot(tmp_path / "data") == snapshot(whole)


@pytest.mark.parametrize("damage", ["half", "empty", "junk"])
@pytest.mark.parametrize(
    ("file", "artefact"),
    [
        ("tiny-bert/config.json", "model_facts"),
        ("tiny-bert/model.safetensors", SINGLE),
        ("tiny-bert/vocab.txt", SINGLE),
        ("tiny-gpt2/tokenizer.json", SINGLE),
        ("tiny-static/vectors.npy", "neighbours_static"),
        ("tiny-static/words.parquet", "neighbours_static"),
    ],
)
def test_a_damaged_model_is_named_with_its_cure(
    file: str, artefact: str, damage: str, tiny: TinyModels, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No library's traceback, and no numbers from half a vocabulary."""
    models = TinyModels(tmp_path / "models", tiny.sets_file)
    models.models_dir.mkdir()
    for folder in tiny.models_dir.iterdir():
        (models.models_dir / folder.name).symlink_to(folder)
    victim = models.models_dir / file
    victim.parent.unlink()
    shutil.copytree(tiny.models_dir / victim.parent.name, victim.parent)
    DAMAGES[damage](victim)
    assert main(arguments(models, tmp_path / "data", artefact)) == 1
    said = capsys.readouterr().err
    assert f"{victim.parent}: the files of the model {victim.parent.name} are damaged: " in said
    assert "Copy the model's files into it again." in said
    assert not snapshot(tmp_path / "data")


def test_vectors_that_are_no_numbers_are_damage(tiny: TinyModels, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import numpy as np

    models = TinyModels(shutil.copytree(tiny.models_dir, tmp_path / "models"), tiny.sets_file)
    vectors = np.load(models.models_dir / "tiny-static" / "vectors.npy")
    vectors[3, 4] = np.nan
    np.save(models.models_dir / "tiny-static" / "vectors.npy", vectors)
    assert main(arguments(models, tmp_path / "data", "neighbours_static")) == 1
    assert "are damaged: its token vectors hold NaN or infinity" in capsys.readouterr().err


@pytest.mark.parametrize("damage", [*DAMAGES, "no folder"])
def test_a_damaged_cache_costs_time_and_nothing_else(
    damage: str, tiny: TinyModels, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The notes about which models lie in which folders: models are known again, and data stay up to date."""
    cache = tmp_path / "cache"
    monkeypatch.setenv("WORD_SPACES_CACHE", str(cache))
    assert main(arguments(tiny, shutil.copytree(whole, tmp_path / "data"))) == 0
    notes = list((cache / "folders").glob("*.json"))
    assert len(notes) == len({"tiny-gpt2", "tiny-bert"})
    for note in notes:
        DAMAGES["half" if damage == "no folder" else damage](note)
    if damage == "no folder":
        shutil.rmtree(cache)
        cache.write_text("a file in its place")
    capsys.readouterr()
    assert main(arguments(tiny, tmp_path / "data")) == 0
    assert capsys.readouterr().out.count("unchanged") == 2
    assert snapshot(tmp_path / "data") == snapshot(whole)


def test_a_folder_that_nobody_may_write_to_is_enough_where_nothing_is_to_be_done(tiny: TinyModels, whole: Path, tmp_path: Path) -> None:
    """Where something is, here in the system's own file system that not even root can write to, the folder is named."""
    folder = Path("/proc/self")
    done = subprocess.run(
        [sys.executable, "-m", "precompute", *arguments(tiny, folder, SINGLE)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert f"{folder / TINY_SET}: cannot be written: " in done.stderr
    assert "Traceback" not in done.stderr
    shutil.copytree(whole, tmp_path / "data")
    before = snapshot(tmp_path / "data")
    for path in [*(tmp_path / "data").rglob("*"), tmp_path / "data"]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        assert main(arguments(tiny, tmp_path / "data")) == 0
    finally:
        for path in [tmp_path / "data", *(tmp_path / "data").rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)
    assert snapshot(tmp_path / "data") == before


def test_three_runs_at_once_end_well(tiny: TinyModels, outdated: Path, whole: Path, tmp_path: Path) -> None:
    """The first makes everything, the others wait and find it done."""
    shutil.copytree(outdated, tmp_path / "data")
    command = [sys.executable, "-m", "precompute", *arguments(tiny, tmp_path / "data")]
    running = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    ended = [(run.communicate(), run.returncode) for run in running]
    assert [status for _, status in ended] == [0, 0, 0], ended
    assert sum(printed.count(" written  ") for (printed, _), _ in ended) == 2
    assert snapshot(tmp_path / "data") == snapshot(whole)


def test_odd_surroundings_give_the_same_bytes(tiny: TinyModels, outdated: Path, whole: Path, tmp_path: Path) -> None:
    """A path with spaces and other alphabets, another language, time zone and working folder; files from a clock that was ahead."""
    folder = tmp_path / "Räume für ⟨Wörter⟩ 'и' \"so\""
    models = TinyModels(shutil.copytree(tiny.models_dir, folder / "mo dels"), folder / "Mengen ä.toml")
    shutil.copy(tiny.sets_file, models.sets_file)
    shutil.copytree(outdated, folder / "da ta")
    in_a_hundred_years = time.time() + 100 * 365 * 86_400
    for path in folder.rglob("*"):
        os.utime(path, (in_a_hundred_years, in_a_hundred_years))
    settings = {"TZ": "Asia/Kathmandu", "LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "7"}
    command = [sys.executable, "-m", "precompute", *arguments(models, folder / "da ta")]
    done = subprocess.run(command, cwd=tmp_path, env=os.environ | settings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert snapshot(folder / "da ta") == snapshot(whole)
