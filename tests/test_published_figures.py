"""`python -m precompute check`: published figures of GPT-2 and BERT, held against what was exported."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from artefacts.envelope import Envelope, read_artefact, write_artefact
from artefacts.registry import ARTEFACTS
from artefacts.schemas.published import Measurement, PublishedMeasurements
from precompute.__main__ import main
from precompute.acceptance import checks
from precompute.acceptance.checks import Check, figures_about, read_figures, run_checks
from precompute.acceptance.measures import MEASURES, Exported, NotExportedError
from precompute.models import open_set
from problems import ProjectError
from tests.support import ROOT
from tests.tiny_models import TINY_SET, TinyModels

COMMITTED = ROOT / "content" / "data" / "smollm2-minilm"
FIGURES = {figure.id: figure for figure in read_figures()}


def statuses(folder: Path, *names: str) -> dict[str, str]:
    return {check.figure.id: check.status for check in run_checks(folder, [FIGURES[name] for name in names])}


def change(folder: Path, artefact: str, how: Callable[[dict[str, Any]], None]) -> None:
    """Copy an artefact of the committed set into `folder`, with other data."""
    envelope, data = read_artefact(COMMITTED / f"{artefact}.json")
    content = data.model_dump()
    how(content)
    write_artefact(folder / f"{artefact}.json", envelope, ARTEFACTS[artefact].model_validate(content))


# --- the file -------------------------------------------------------------------------------------------------------------------------


def test_every_figure_has_a_source_that_is_listed_and_a_reason() -> None:
    known = set(re.findall(r"^@\w+\{([^,]+),", (ROOT / "content" / "references.bib").read_text(encoding="utf-8"), re.MULTILINE))
    assert {figure.source for figure in FIGURES.values()} <= known
    assert len(FIGURES) == len(read_figures()), "an id stands twice"
    assert set(MEASURES) == {figure.measure for figure in FIGURES.values()}, "a measure that no figure uses"


def test_the_set_of_the_sources_is_asked_everything_and_others_what_is_theirs() -> None:
    assert figures_about(open_set("gpt2-bert")) == list(read_figures())
    about_tokenizers = [figure for figure in read_figures() if set(figure.about) <= {"gpt2 tokenizer", "bert tokenizer"}]
    assert figures_about(open_set("smollm2-minilm")) == about_tokenizers


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ('published = 1\nmeasure = "vocabulary_size"', "figure x: reason: Field required"),
        ('published = 1\nmeasure = "vocabulary_sizes"\nreason = "r"', "Did you mean 'vocabulary_size'"),
        ('published = 1\nmeasure = "vocabulary_size"\nreason = "r"\ntolerence = 1', "figure x: tolerence: Extra inputs"),
    ],
)
def test_a_wrong_entry_is_named(entry: str, expected: str, tmp_path: Path) -> None:
    file = tmp_path / "figures.toml"
    file.write_text(f'[[figures]]\nid = "x"\nabout = ["gpt2"]\nsource = "s"\n{entry}\n')
    with pytest.raises(ProjectError, match=expected):
        read_figures(file)


# --- the real tokenizers ------------------------------------------------------------------------------------------------------------------


def test_figures_of_the_tokenizers_are_found_again_in_the_committed_data(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--set", "smollm2-minilm"]) == 0
    printed = capsys.readouterr().out
    assert "FAIL" not in printed and "not exported" not in printed
    assert "pass         gpt2-ids" in printed


def test_another_vocabulary_fails(tmp_path: Path) -> None:
    def one_further(content: dict[str, Any]) -> None:
        content["tokens"].insert(100, "new")

    change(tmp_path, "vocabulary_gpt2", one_further)
    assert statuses(tmp_path, "gpt2-ids", "gpt2-size") == {"gpt2-ids": "FAIL", "gpt2-size": "FAIL"}


# --- models, by data made for the purpose -------------------------------------------------------------------------------------------------


OWN = [name for name, figure in FIGURES.items() if figure.measure in ("measurement", "measurements")]


@pytest.mark.parametrize("name", OWN)
def test_measurements_pass_within_their_tolerance_and_fail_beyond_it(name: str, tmp_path: Path) -> None:
    figure = FIGURES[name]
    published = figure.published if isinstance(figure.published, list) else [figure.published]
    envelope: Envelope = read_artefact(COMMITTED / "published_measurements.json")[0]
    for factor, expected in ((0.0, "pass"), (0.9, "pass"), (-0.9, "pass"), (1.5, "FAIL"), (-1.5, "FAIL")):
        values = [Measurement(name=n, value=v + factor * figure.tolerance) for n, v in zip(figure.of, published, strict=True)]
        write_artefact(tmp_path / "published_measurements.json", envelope, PublishedMeasurements(measurements=values))
        assert statuses(tmp_path, name) == {name: expected}


def as_gpt2_and_bert(folder: Path) -> None:
    """The committed data with the numbers of GPT-2 and BERT in the places where the figures look for them."""

    def of(content: dict[str, Any], role: str) -> dict[str, Any]:
        return next(m for m in content["by_model"] if m["role"] == role)

    def rows(content: dict[str, Any]) -> None:
        decoder, encoder = of(content, "decoder"), of(content, "encoder")
        decoder["variances"] |= {"mean": 0.02065, "minimum": 0.01}
        encoder["variances"] |= {"mean": 0.001775, "maximum": 0.005}
        decoder["means"]["mean"], encoder["means"]["median"] = 0.0004, -0.0281

    def entries(content: dict[str, Any]) -> None:
        for role, share in (("decoder", 0.4912), ("encoder", 0.0448)):
            model = of(content, role)
            model["share_beyond"][model["thresholds"].index(0.1)] = share

    def facts(content: dict[str, Any]) -> None:
        shapes = {
            "decoder": {"parameters": 124439808, "embedding_parameters": 38597376, "embedding_share": 0.310169, "max_positions": 1024},
            "encoder": {"max_positions": 512},
        }
        for model in content["models"]:
            if model["role"] in shapes:
                model.update({"embedding_dims": 768, "layers": 12, "attention_heads": 12} | shapes[model["role"]])

    def neighbours(content: dict[str, Any]) -> None:
        entry = next(e for e in content["entries"] if (e["role"], e["word"], e["leading_space"]) == ("decoder", "Mike", True))
        entry["token"]["raw"] = "Mike"
        found = zip(entry["lists"]["cosine"], ("ĠMike", "Michael", "Chris", "Jim"), (0.857, 0.6853, 0.6467, 0.6402), strict=False)
        for neighbour, raw, cosine in found:
            neighbour |= {"token": {"id": 1, "raw": raw}, "cosine": cosine}

    def pieces(content: dict[str, Any]) -> None:
        pairs = [p for p in content["pairs"] if p["role"] == "decoder"][:2]
        for pair, (first, second), cosine in zip(pairs, (("ban", "ana"), ("cos", "mic")), (0.28334, 0.24416), strict=True):
            pair |= {"first": {"id": 1, "raw": first}, "second": {"id": 2, "raw": second}, "cosine": cosine}

    def random(content: dict[str, Any]) -> None:
        of(content, "decoder")["all_tokens"]["mean"] = 0.27

    def sinks(content: dict[str, Any]) -> None:
        layers = of(content, "decoder")["layers"]
        layers[0]["first"], layers[9]["first"] = 0.25, 0.9

    def heads(content: dict[str, Any]) -> None:
        model = of(content, "decoder")
        kinds = [kind["kind"] for kind in model["kinds"]]
        for head in model["heads"]:
            if (head["layer"], head["head"]) == (5, 12 if model["heads_in_layer"] >= 12 else model["heads_in_layer"]):
                head["head"], head["scores"][kinds.index("previous")] = 12, 0.999
            if (head["layer"], head["head"]) == (1, 2):
                head["label"], head["label_without_sink"] = None, "duplicate"

    def rogue(content: dict[str, Any]) -> None:
        of(content, "encoder")["named"].append(308)

    def positions(content: dict[str, Any]) -> None:
        content["schemes"][1] |= {"role": "decoder", "kind": "learned", "norm_first": 9.8768, "norm_last": 0.1183}

    def masks(content: dict[str, Any]) -> None:
        content["mask_head"] = True

    def similarities(content: dict[str, Any]) -> None:
        content["left_out"] = []

    changes = {
        "row_statistics": rows,
        "matrix_entries": entries,
        "model_facts": facts,
        "neighbourhoods": neighbours,
        "pair_similarities": pieces,
        "random_pairs": random,
        "attention_sinks": sinks,
        "attention_heads": heads,
        "rogue_dimensions": rogue,
        "position_marks": positions,
        "pretraining_heads": masks,
        "rsa_similarities": similarities,
    }
    for artefact, how in changes.items():
        change(folder, artefact, how)
    for artefact in ("rsa_agreement", "vocabulary_statistics", "token_kinds", "tokenisation_examples"):
        shutil.copy(COMMITTED / f"{artefact}.json", folder)


def test_data_with_the_published_numbers_pass_and_the_committed_ones_fail(tmp_path: Path) -> None:
    """Every figure about the networks and matrices of GPT-2 and BERT: their numbers pass, SmolLM2's and MiniLM's do not."""
    as_gpt2_and_bert(tmp_path)
    asked = [f for f in FIGURES if f not in OWN and not set(FIGURES[f].about) <= {"gpt2 tokenizer", "bert tokenizer"}]
    norms = {"gpt2-norm-the", "gpt2-norm-apple", "bert-norms"}  # packed; see below
    good = statuses(tmp_path, *asked)
    assert {name for name, status in good.items() if status != "pass"} == norms
    same_for_all = {"rsa-ceilings"}  # a formula; the words of the list are the same in every set
    bad = statuses(COMMITTED, *asked)
    assert {name for name, status in bad.items() if status == "pass"} <= same_for_all


def test_norms_are_read_from_the_packed_array() -> None:
    from artefacts.packing import unpack

    ids, marks = Exported(COMMITTED).vocabulary("encoder"), read_artefact(COMMITTED / "token_marks_encoder.json")[1]
    expected = float(unpack(marks.norms)[ids["the"]]) / 65535 * marks.norm_max
    assert MEASURES["norms"](Exported(COMMITTED), "encoder", "the") == [pytest.approx(expected)]
    either = FIGURES["gpt2-norm-the"]
    assert Check(either, [2.9961, 7.0]).status == Check(either, [7.0, 2.9961]).status == "pass"
    assert Check(either, [7.0, 8.0]).status == "FAIL"


# --- what is not exported, and the command -----------------------------------------------------------------------------------------------


def test_what_the_data_lack_is_named_and_is_no_pass(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "gpt2-bert").mkdir()
    shutil.copy(COMMITTED / "vocabulary_gpt2.json", tmp_path / "gpt2-bert")
    assert main(["check", "--set", "gpt2-bert", "--data-dir", str(tmp_path)]) == 1
    printed = capsys.readouterr().out
    assert "pass         gpt2-ids" in printed
    assert "there is no row_statistics.json" in printed
    assert "not exported variance-ratio" in printed
    assert f"gpt2-bert: published figures: 2 pass, {len(FIGURES) - 2} not exported" in printed


def test_a_set_that_was_not_exported_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--set", "gpt2-bert", "--data-dir", str(tmp_path)]) == 1
    assert "python -m precompute --set gpt2-bert" in capsys.readouterr().err


def test_missing_parts_are_told_from_wrong_ones() -> None:
    data = Exported(COMMITTED)
    for measure, of in (("nearest", ("decoder", "nothing", 4)), ("pair_cosines", ("decoder", "x", "y")), ("mask_words", ("no text", "x"))):
        with pytest.raises(NotExportedError):
            MEASURES[measure](data, *of)


def test_a_whole_run_ends_with_the_checks_and_a_part_does_not(
    tiny: TinyModels, exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The random set, then the same asked as if it were gpt2-bert: nothing is to be made, and no random model is GPT-2."""
    shutil.copytree(exported, tmp_path / "data")
    where = ["--models-dir", str(tiny.models_dir), "--sets-file", str(tiny.sets_file), "--data-dir", str(tmp_path / "data")]
    assert main(["--set", TINY_SET, "--offline", *where]) == 0
    printed = capsys.readouterr().out
    assert "FAIL" not in printed and "variance-ratio" not in printed  # its tokenizers are the real ones, its models are not
    assert "published figures: " in printed
    monkeypatch.setattr(checks, "figures_about", lambda model_set: list(read_figures()))
    assert main(["--set", TINY_SET, "--offline", *where, "--only", "norms"]) == 0
    assert main(["--set", TINY_SET, "--offline", *where]) == 1
    printed = capsys.readouterr().out
    assert "0 written" in printed and printed.count("published figures: ") == 1
    assert "FAIL         variance-ratio" in printed
    json.loads((tmp_path / "data" / TINY_SET / "norms.json").read_text(encoding="utf-8"))  # the data stay


# --- the set of the sources, from the Hub's cache --------------------------------------------------------------------------------------

FROM_TOKENIZERS = (
    "vocabulary_gpt2 vocabulary_bert vocabulary_statistics token_kinds tokenisation_examples live_tokenizer_gpt2 live_tokenizer_decoder "
    "same_index source_code"
).split()


def precompute_with_cache(hub: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own: the Hub's client reads where its cache is when it is imported."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("HF_")}
    command = [sys.executable, "-m", "precompute", *arguments]
    return subprocess.run(command, cwd=ROOT, env=kept | {"HF_HOME": str(hub)}, capture_output=True, text=True, check=False, timeout=300)


def test_gpt2_bert_is_exported_offline_from_the_hubs_cache_and_checked(tiny: TinyModels, tmp_path: Path) -> None:
    """Random networks with the real tokenizers, in a cache as the Hub's client lays it out: what is about tokenizers passes."""
    members = open_set("gpt2-bert").members
    for role, folder in (("decoder", "whole-gpt2"), ("encoder", "whole-bert")):
        repository = tmp_path / "hub" / "hub" / f"models--{members[role].hub.replace('/', '--')}"
        shutil.copytree(tiny.models_dir / folder, repository / "snapshots" / members[role].revision)
    where = ["--set", "gpt2-bert", "--offline", "--data-dir", str(tmp_path / "data")]
    done = precompute_with_cache(tmp_path / "hub", *where, "--only", *FROM_TOKENIZERS)
    assert done.returncode == 0, done.stderr
    assert read_artefact(tmp_path / "data" / "gpt2-bert" / "live_tokenizer_decoder.json")[1].same_as == "gpt2"
    checked = precompute_with_cache(tmp_path / "hub", "check", *where)
    assert checked.returncode == 1 and "FAIL" not in checked.stdout, checked.stdout
    tokenizers = [f.id for f in figures_about(open_set("smollm2-minilm"))]
    assert all(f"pass         {name:<28}" in checked.stdout for name in tokenizers)
    (weights,) = (tmp_path / "hub").rglob("models--google-bert*/**/model.safetensors")
    weights.unlink()
    lost = precompute_with_cache(tmp_path / "hub", *where, "--only", "norms", "--force")
    assert lost.returncode == 1
    assert "bert-base-uncased" in lost.stderr and "model.safetensors" in lost.stderr
