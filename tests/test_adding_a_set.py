"""The README's example of a further set, word for word, run with small random models in the places of the two it names."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from artefacts.envelope import read_artefact
from precompute.__main__ import main
from tests.odd_models import save_odd_distilled
from tests.support import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
EXPORTED = ("model_facts", "vocabulary_decoder", "norms", "random_pairs", "information_flow")


def block_after(marker: str) -> str:
    return re.search(rf"<!-- {marker} -->\n```\w+\n(.*?)```", README, re.DOTALL)[1]


def test_the_set_of_the_readme_is_exported_by_the_readmes_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_odd_distilled(tmp_path / "DIR")
    (tmp_path / "my_sets.toml").write_text(block_after("set example"), encoding="utf-8")
    python, module, name, *arguments = shlex.split(block_after("set command").splitlines()[0])
    assert (python, module, name) == ("python", "-m", "precompute")
    monkeypatch.chdir(tmp_path)
    assert main([*arguments, "--offline", "--data-dir", "data", "--only", *EXPORTED]) == 0
    facts = {model.role: model for model in read_artefact(tmp_path / "data" / "distilled" / "model_facts.json")[1].models}
    assert (facts["decoder"].name, facts["encoder"].name, facts["static"].name) == ("DistilGPT-2", "DistilBERT", "GloVe")
    assert {path.stem for path in (tmp_path / "data" / "distilled").glob("*.json")} == set(EXPORTED)


def test_a_set_is_a_dozen_lines() -> None:
    model, chosen = block_after("set example").strip().split("\n\n")
    assert len(model.splitlines()) <= 12 and len(chosen.splitlines()) <= 12


def test_a_line_that_is_missing_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = block_after("set example").splitlines(keepends=True)
    file = tmp_path / "my_sets.toml"
    file.write_text("".join(line for line in lines if not line.startswith(("licence", "encoder"))), encoding="utf-8")
    assert main(["--sets-file", str(file), "--set", "distilled", "--list"]) == 1
    said = capsys.readouterr().err
    assert f"{file}:1: [models.distilgpt2] has no `licence`" in said
    header = file.read_text(encoding="utf-8").splitlines().index("[sets.distilled]") + 1
    assert f"{file}:{header}: [sets.distilled] has no `encoder`" in said
