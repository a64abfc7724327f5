"""`python -m precompute` on small random models: schemas, same bytes twice, what is skipped, made again and refused."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from artefacts import envelope as envelopes
from artefacts.envelope import dump_json, read_artefact, write_artefact
from artefacts.registry import ARTEFACTS
from artefacts.schemas.measures import Norms
from artefacts.schemas.parts import Histogram
from precompute import run as runs
from precompute.__main__ import main
from precompute.exporters import EXPORTERS
from precompute.inputs import modules_used, source_digest
from precompute.models import open_set
from precompute.one_run import alone_in
from precompute.workspace import Workspace
from problems import ProjectError
from tests.tiny_models import TINY_SET, TinyModels

ROOT = Path(__file__).resolve().parent.parent
WORDS = ROOT / "content" / "words"
COMMITTED = ROOT / "content" / "data" / "smollm2-minilm"


def arguments(tiny: TinyModels, data_dir: Path, *more: str) -> list[str]:
    where = ["--models-dir", str(tiny.models_dir), "--sets-file", str(tiny.sets_file), "--data-dir", str(data_dir)]
    return ["--set", TINY_SET, "--offline", *where, *more]


def in_new_process(tiny: TinyModels, data_dir: Path, *more: str, before: str = "") -> subprocess.CompletedProcess[str]:
    code = f"{before}\nimport sys\nfrom precompute.__main__ import main\nstatus = main(sys.argv[1:])\n"
    code += "print('torch loaded:', 'torch' in sys.modules or 'transformers' in sys.modules)\nsys.exit(status)"
    command = [sys.executable, "-c", code, *arguments(tiny, data_dir, *more)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture
def copied(exported: Path, tmp_path: Path) -> Path:
    """A copy of the exported data that a test may damage."""
    shutil.copytree(exported, tmp_path / "data")
    return tmp_path / "data"


def contents(data_dir: Path) -> dict[str, bytes]:
    """File -> bytes, without the one file that holds measured times."""
    files = (file for file in sorted(data_dir.rglob("*")) if file.is_file() and file.name != "measured_times.json")
    return {str(file.relative_to(data_dir)): file.read_bytes() for file in files}


# --- what is written ------------------------------------------------------------------------------------------------------------


def test_every_artefact_is_written_and_fits_its_schema(exported: Path) -> None:
    assert {e.artefact for e in EXPORTERS} == set(ARTEFACTS)
    assert {file.stem for file in (exported / TINY_SET).glob("*.json")} == set(ARTEFACTS)
    for name in ARTEFACTS:
        envelope, _ = read_artefact(exported / TINY_SET / f"{name}.json")
        assert envelope.set == TINY_SET
        assert envelope.models


def test_nothing_is_left_beside_the_artefacts(exported: Path) -> None:
    assert not list(exported.rglob(".*"))


def test_two_runs_give_the_same_bytes(tiny: TinyModels, exported: Path, tmp_path: Path) -> None:
    done = in_new_process(tiny, tmp_path, before="from tests.fewer_draws import fewer_draws\nfewer_draws(setattr)")
    assert done.returncode == 0, done.stderr
    again, first = contents(tmp_path), contents(exported)
    assert again.keys() == first.keys()
    assert [name for name in first if first[name] != again[name]] == []


def test_data_names_neither_paths_nor_times(tiny: TinyModels, exported: Path) -> None:
    for name, content in contents(exported).items():
        for hint in (str(tiny.models_dir), str(exported), str(ROOT), str(Path.home()) + "/"):
            assert hint.encode() not in content, name


def test_lists_of_a_word_agree_with_the_shards(exported: Path) -> None:
    from precompute.neighbours import read_neighbour_ids

    for data in (exported / TINY_SET, COMMITTED):
        lists = {role: read_neighbour_ids(data / f"neighbours_{role}.json") for role in ("decoder", "encoder")}
        for entry in read_artefact(data / "neighbourhoods.json")[1].entries:
            if entry.token is not None:
                assert [n.token.id for n in entry.lists.cosine] == lists[entry.role][entry.token.id].tolist()


def test_random_models_give_no_verdict_by_accident(exported: Path) -> None:
    pairs = read_artefact(exported / TINY_SET / "random_pairs.json")[1]
    assert all(abs(model.all_tokens.mean) < 0.01 for model in pairs.by_model)
    product = read_artefact(exported / TINY_SET / "matrix_product.json")[1]
    assert all(model.same_top_20 and model.maximum_absolute_difference < 1e-5 for model in product.by_model)


# --- what is left alone, and what is made again -----------------------------------------------------------------------------------


def test_a_second_run_changes_nothing_and_opens_no_model(tiny: TinyModels, copied: Path) -> None:
    before = contents(copied)
    refuse = "import precompute.models as m\nm.Model.token_embeddings = m.Model.raw_tokens = None"
    done = in_new_process(tiny, copied, before=refuse)
    assert done.returncode == 0, done.stderr
    assert "0 written" in done.stdout
    assert "torch loaded: False" in done.stdout
    assert contents(copied) == before


@pytest.mark.parametrize("damage", ["cut short", "removed", "other inputs", "field too much", "NaN"])
def test_a_damaged_artefact_is_made_again(damage: str, tiny: TinyModels, copied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = copied / TINY_SET / "norms.json"
    good = path.read_bytes()
    if damage == "removed":
        path.unlink()
    else:
        content = json.loads(good)
        content["inputs"] = "sha256:0" if damage == "other inputs" else content["inputs"]
        content["data"] |= {"more": 1} if damage == "field too much" else {}
        content["data"]["by_model"][0]["mean"] = math.nan if damage == "NaN" else content["data"]["by_model"][0]["mean"]
        path.write_bytes(good[: len(good) // 2] if damage == "cut short" else json.dumps(content).encode())
    assert main(arguments(tiny, copied, "--only", "norms", "matrix_product")) == 0
    shown = capsys.readouterr().out
    assert "norms                           written" in shown
    assert "matrix_product                  unchanged" in shown
    assert path.read_bytes() == good


def test_a_shard_cut_short_makes_the_lists_out_of_date(tiny: TinyModels, copied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shard = copied / TINY_SET / "neighbours_decoder" / "0003.json"
    shard.write_bytes(shard.read_bytes()[:50])
    assert main(arguments(tiny, copied, "--list")) == 0
    status = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert [name for name, what in status.items() if what == "to be made"] == ["neighbours_decoder"]


def test_times_are_measured_only_when_missing_or_asked_for(tiny: TinyModels, copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from precompute import measured_times

    monkeypatch.setattr(measured_times, "compute", lambda work, role: work.seconds.update({f"neighbours_of_all:{role}": 1.5}))
    path = copied / TINY_SET / "measured_times.json"
    first = path.read_bytes()
    assert main(arguments(tiny, copied, "--only", "measured_times", "norms", "--force")) == 0
    asked = path.read_bytes()
    assert asked != first
    assert read_artefact(path)[1].precompute_seconds.keys() >= {"variants", "norms"}  # the earlier run's seconds are kept
    work = workspace(tiny, copied)
    assert runs.is_up_to_date(next(e for e in EXPORTERS if e.measures_time), work)


def workspace(tiny: TinyModels, data_dir: Path, words_dir: Path = WORDS) -> Workspace:
    models = open_set(TINY_SET, models_dir=tiny.models_dir, sets_file=tiny.sets_file, offline=True)
    return Workspace(models, data_dir / TINY_SET, words_dir)


def test_a_changed_word_list_makes_what_reads_it_out_of_date(tiny: TinyModels, exported: Path, tmp_path: Path) -> None:
    words = shutil.copytree(WORDS, tmp_path / "words")
    (words / "pairs.toml").write_text((words / "pairs.toml").read_text() + "\n# another comment\n")
    work = workspace(tiny, exported, words)
    stale = [exporter.artefact for exporter in EXPORTERS if not runs.is_up_to_date(exporter, work)]
    assert stale == ["pair_similarities", "pair_scatter"]


def test_the_digest_of_code_follows_imports() -> None:
    used = modules_used({"precompute.nearest_neighbours"})
    assert {"precompute.token_marks", "precompute.untrained_tokens", "precompute.space", "artefacts.packing"} <= used
    assert "precompute.norms" not in used
    assert source_digest("precompute.norms") != source_digest("precompute.variants")


def test_committed_data_is_up_to_date() -> None:
    work = Workspace(open_set(), COMMITTED, WORDS)
    stale = [exporter.artefact for exporter in EXPORTERS if not runs.is_up_to_date(exporter, work)]
    assert not stale, "run: python -m precompute"


def test_committed_data_stays_under_30_mb() -> None:
    assert sum(file.stat().st_size for file in COMMITTED.rglob("*") if file.is_file()) < 30e6


# --- what never gets in, and what an interruption leaves --------------------------------------------------------------------


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_nan_and_infinity_never_get_in(value: float, tmp_path: Path) -> None:
    with pytest.raises(ValidationError):
        Histogram(edges=[0.0, value], counts=[1])
    with pytest.raises(ValueError):
        dump_json({"value": value})
    sneaked_in = Norms.model_construct(by_model=[Histogram.model_construct(edges=[value], counts=[])])
    with pytest.raises(ValidationError):
        write_artefact(tmp_path / "norms.json", an_envelope("norms"), sneaked_in)
    assert not list(tmp_path.iterdir())


def an_envelope(name: str) -> envelopes.Envelope:
    return read_artefact(COMMITTED / f"{name}.json")[0]


def test_a_space_with_nan_is_refused() -> None:
    from precompute.space import Space

    with pytest.raises(ValueError, match="NaN"):
        Space("decoder", "made up", "words", ["a"], np.array([[np.nan]], dtype=np.float32), [])


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_an_interrupted_write_leaves_the_old_file(step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    envelope, data = read_artefact(COMMITTED / "norms.json")
    path = tmp_path / "norms.json"
    path.write_text("old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(envelopes.os, "fsync", fail) if step == "fsync" else monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(ProjectError, match="No space left"):
        write_artefact(path, envelope, data)
    assert [file.read_text() for file in tmp_path.iterdir()] == ["old"]


def test_an_interrupted_folder_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "neighbours_decoder"
    runs.replace_folder(folder, {"0000.json": b"old"})
    rename = Path.rename

    def fail_on_the_second(path: Path, target: Path) -> Path:
        if path.name.startswith(".") and target == folder and not path.name.endswith(".old"):
            raise OSError(5, "Input/output error")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", fail_on_the_second)
    with pytest.raises(ProjectError, match="Input/output error"):
        runs.replace_folder(folder, {"0000.json": b"new"})
    assert [(file.name, file.read_bytes()) for file in folder.iterdir()] == [("0000.json", b"old")]
    assert [file.name for file in tmp_path.iterdir()] == [folder.name]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(ProjectError, match=r"shards: cannot be written: (Not a directory|File exists)\n    Check free space"):
        runs.replace_folder(tmp_path / "file" / "shards", {"0000.json": b"{}"})


def test_what_a_killed_run_left_is_put_in_order(tmp_path: Path) -> None:
    (tmp_path / ".neighbours_decoder.abc.partial.old").mkdir()
    (tmp_path / ".neighbours_decoder.abc.partial.old" / "0000.json").write_text("old")
    (tmp_path / ".neighbours_decoder.abc.partial").mkdir()
    (tmp_path / ".norms.json.xyz.partial").write_text("half")
    (tmp_path / ".norms.json.swp").write_text("an editor's")
    runs.tidy(tmp_path)
    assert [str(file.relative_to(tmp_path)) for file in sorted(tmp_path.rglob("*"))] == [
        ".norms.json.swp",
        "neighbours_decoder",
        "neighbours_decoder/0000.json",
    ]


def test_a_second_run_waits_for_the_first_and_finds_its_work_done(tiny: TinyModels, tmp_path: Path) -> None:
    """While a run goes on, another neither removes what it is writing nor writes itself."""
    written = tmp_path / TINY_SET / ".norms.json.abc.partial"
    with alone_in(tmp_path / TINY_SET) as alone:
        assert alone
        written.write_text("half")
        command = [sys.executable, "-m", "precompute", *arguments(tiny, tmp_path, "--only", "norms")]
        second = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert second.stderr.readline() == f"waiting for another run that writes into {tmp_path / TINY_SET}\n"
        assert [file.name for file in (tmp_path / TINY_SET).iterdir()] == [written.name]
        work = workspace(tiny, tmp_path)
        runs.make(next(e for e in EXPORTERS if e.artefact == "norms"), work)
        made = (tmp_path / TINY_SET / "norms.json").read_bytes()
    printed, said = second.communicate()
    assert second.returncode == 0, said
    assert "norms                           unchanged" in printed
    assert {file.name: file.read_bytes() for file in (tmp_path / TINY_SET).iterdir()} == {"norms.json": made}


def test_a_run_that_is_killed_gives_its_folder_back(tmp_path: Path) -> None:
    code = "import sys, time; from pathlib import Path; from precompute.one_run import alone_in\n"
    code += "with alone_in(Path(sys.argv[1])) as alone: print(alone, flush=True); time.sleep(600)"
    holder = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert holder.stdout.readline() == "True\n"
    holder.kill()
    holder.communicate()
    with alone_in(tmp_path) as alone:
        assert alone


def test_without_locks_nothing_of_another_run_is_removed(tiny: TinyModels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some network drives have no locks, Windows has others: then nobody can tell whose a half-written file is."""
    from precompute import one_run

    def refuse(*_: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(one_run.fcntl, "flock", refuse)
    other = tmp_path / TINY_SET / ".norms.json.abc.partial"
    other.parent.mkdir()
    other.write_text("half")
    assert [outcome.what for outcome in runs.run(workspace(tiny, tmp_path), ["norms"])] == ["written"]
    monkeypatch.setattr(one_run, "fcntl", None)
    assert [outcome.what for outcome in runs.run(workspace(tiny, tmp_path), ["norms"])] == ["unchanged"]
    assert other.exists()


# --- messages ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["--only", "norm"], "Did you mean 'norms'"),
        (["--set", "smollm-minilm"], "Did you mean 'smollm2-minilm'"),
        (["--only", "norm", "variant"], "2 problems"),
        (["--models-dir", "nowhere"], "is no folder"),
        (["--sets-file", "nowhere.toml"], "nowhere.toml"),
    ],
)
def test_bad_arguments_are_named_with_their_cure(
    given: list[str], expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*given, "--data-dir", str(tmp_path)]) == 1
    assert expected in capsys.readouterr().err


def test_a_broken_word_list_is_named_with_its_line(tiny: TinyModels, tmp_path: Path) -> None:
    words = shutil.copytree(WORDS, tmp_path / "words")
    (words / "similarity_words.toml").write_text('name = "Mike"\nwords = [\n"a" "b"]\n')
    with pytest.raises(ProjectError, match=r"similarity_words\.toml:3: .*TOML"):
        list(runs.run(workspace(tiny, tmp_path, words), ["norms"]))
    (words / "similarity_words.toml").unlink()
    with pytest.raises(ProjectError, match="similarity_words"):
        list(runs.run(workspace(tiny, tmp_path, words), ["norms"]))


def test_an_unwritable_folder_is_an_error(tiny: TinyModels, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / TINY_SET).write_text("a file where a folder should be")
    assert main(arguments(tiny, tmp_path, "--only", "norms")) == 1
    assert "cannot be written" in capsys.readouterr().err


def test_models_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "--set", "smollm2-minilm"]) == 0
    assert "SmolLM2" in capsys.readouterr().out
