"""`python -m precompute compare`: what is the same, what moved, how far, and whether the tolerances cover it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from artefacts.envelope import read_artefact
from artefacts.neighbour_lists import lists_of_shard, packed_lists
from artefacts.packing import pack, unpack
from artefacts.registry import ARTEFACTS, SHARDS
from artefacts.schemas.neighbours import NeighbourShard
from artefacts.schemas.parts import PackedArray
from precompute.__main__ import main
from precompute.compare_exports import PACKED, compare_exports, opened_shard
from precompute.tolerances import FILE, Tolerance, read_tolerances
from problems import ProjectError
from tests.support import ROOT

COMMITTED = ROOT / "content" / "data" / "smollm2-minilm"
ARTEFACT_NAMES = ("norms", "random_pairs", "vocabulary_bert", "twins", "attention_maps", "lab_vectors_static", "word_map_static")


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """Some of the committed artefacts, twice; one of them has shards, of which a few are kept."""
    for name in ("one", "other"):
        folder = tmp_path / name
        folder.mkdir()
        for artefact in (*ARTEFACT_NAMES, "own_sentences", "neighbours_static"):
            shutil.copy(COMMITTED / f"{artefact}.json", folder)
        (folder / "neighbours_static").mkdir()
        for number in range(3):
            shutil.copy(COMMITTED / "neighbours_static" / f"{number:04}.json", folder / "neighbours_static")
    return tmp_path / "one", tmp_path / "other"


def change(path: Path, how: Callable[[Any], None]) -> None:
    """Read a JSON file, let `how` change it in place, write it."""
    content = json.loads(path.read_text(encoding="utf-8"))
    how(content)
    path.write_text(json.dumps(content), encoding="utf-8")


def statuses(pair: tuple[Path, Path]) -> dict[str, str]:
    """What is not identical."""
    return {d.artefact: d.status for d in compare_exports(*pair) if d.status != "identical"}


def run(pair: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    status = main(["compare", *map(str, pair)])
    return status, capsys.readouterr().out


def moved(by: float) -> Callable[[Any], None]:
    def move(content: Any) -> None:
        content["data"]["by_model"][1]["all_tokens"]["mean"] += by

    return move


# --- what is within and what is not ----------------------------------------------------------------------------------------------------


def test_the_same_bytes_are_identical(pair, capsys) -> None:
    status, printed = run(pair, capsys)
    assert status == 0
    assert printed.count("identical\n") == len(ARTEFACT_NAMES) + 3  # two with shards, and the sum


def test_a_last_digit_is_within_and_is_named_with_its_reason(pair, capsys) -> None:
    change(pair[1] / "random_pairs.json", moved(1e-5))
    status, printed = run(pair, capsys)
    assert status == 0
    assert "within by_model[].all_tokens.mean: 1 of 2 differ, by 1e-05 at most" in printed
    assert "because Exports are rounded" in printed


def test_more_is_beyond_and_says_where_and_what(pair, capsys) -> None:
    before = json.loads((pair[0] / "random_pairs.json").read_text())["data"]["by_model"][1]["all_tokens"]["mean"]
    change(pair[1] / "random_pairs.json", moved(0.01))
    status, printed = run(pair, capsys)
    assert status == 1
    assert "BEYOND by_model[].all_tokens.mean" in printed
    assert f"furthest by_model[1].all_tokens.mean: {before:.8g} -> {before + 0.01:.8g}" in printed
    assert "1 BEYOND the tolerances" in printed


def test_text_that_changed_is_beyond(pair, capsys) -> None:
    change(pair[1] / "vocabulary_bert.json", lambda c: c["data"]["tokens"].__setitem__(7, "seven"))
    status, printed = run(pair, capsys)
    assert status == 1
    assert "changed tokens[7]: [unused6] -> seven" in printed


def test_a_whole_number_must_not_move_where_nothing_allows_it(pair) -> None:
    change(pair[1] / "random_pairs.json", lambda c: c["data"]["by_model"][0].__setitem__("whole_word_tokens", 1))
    assert statuses(pair) == {"random_pairs": "beyond"}


def test_a_missing_artefact_fails(pair, capsys) -> None:
    (pair[1] / "norms.json").unlink()
    status, printed = run(pair, capsys)
    assert status == 1
    assert f"norms                           MISSING: there is no {pair[1] / 'norms.json'}" in printed


def test_a_value_that_is_gone_and_a_list_that_is_longer_are_beyond(pair) -> None:
    change(pair[1] / "random_pairs.json", lambda c: c["data"]["by_model"][0].pop("mean_row_norm"))
    change(pair[1] / "norms.json", lambda c: c["data"]["by_model"].append(c["data"]["by_model"][0]))
    assert statuses(pair) == {"random_pairs": "beyond", "norms": "beyond"}


def test_the_envelope_is_named_and_fails_nothing(pair, capsys) -> None:
    def older(content: Any) -> None:
        content["libraries"]["numpy"] = "1.26.0"
        content["options"]["seed"] = 5
        content["inputs"] = "sha256:0"

    change(pair[0] / "random_pairs.json", older)
    status, printed = run(pair, capsys)
    assert status == 0
    assert "envelope: library numpy 1.26.0 -> " in printed
    assert "envelope: option seed 5 -> " in printed
    assert "envelope: the digest of all inputs" in printed
    assert "random_pairs                    with the same data" in printed


# --- what is packed, and shards --------------------------------------------------------------------------------------------------------


def nudge(packed: dict[str, Any], by: int, entries: slice) -> None:
    """Add `by` to some entries of a packed array."""
    array = unpack(PackedArray.model_validate(packed))
    array.ravel()[entries] += np.array(by, dtype=array.dtype)
    packed["base64"] = pack(array).base64


def test_packed_arrays_are_compared_number_by_number(pair) -> None:
    change(pair[1] / "attention_maps.json", lambda c: nudge(c["data"]["by_model"][0]["weights"], 1, slice(10, 20)))
    found = next(d for d in compare_exports(*pair) if d.artefact == "attention_maps")
    (weights,) = [f for f in found.fields.values() if f.moved]
    assert (found.status, weights.name, weights.moved, weights.absolute) == ("within", "by_model[].weights[]", 10, 1)
    change(pair[1] / "attention_maps.json", lambda c: nudge(c["data"]["by_model"][0]["weights"], 100, slice(10, 11)))
    assert statuses(pair) == {"attention_maps": "beyond"}


def test_shards_are_compared_and_their_place_is_named(pair, capsys) -> None:
    """Lists of neighbours are compared as what they say, not as the text in which they travel."""
    shard = pair[1] / "neighbours_static" / "0002.json"
    index = read_artefact(pair[1] / "neighbours_static.json")[1]

    def nudge_lists(by: float, place: int) -> None:
        def how(content: dict[str, Any]) -> None:
            lists = lists_of_shard(index, NeighbourShard.model_validate(content))
            lists.cosines[0, place] += by
            content["lists"] = packed_lists(lists, index.tokens, index.distance_step)

        change(shard, how)

    nudge_lists(0.001, 0)
    assert statuses(pair) == {"neighbours_static": "within"}
    nudge_lists(0.05, 0)
    status, printed = run(pair, capsys)
    assert status == 1
    assert "furthest neighbours_static/0002.json: cosines[0]: " in printed


def test_a_missing_shard_is_beyond(pair, capsys) -> None:
    (pair[1] / "neighbours_static" / "0001.json").unlink()
    status, printed = run(pair, capsys)
    assert status == 1
    assert "neighbours_static/0001.json" in printed


def test_few_of_many_may_move_further_where_a_share_says_so() -> None:
    rule = Tolerance(artefacts=["*"], fields=["*"], steps=1, share=0.01, reason="a test")
    from precompute.compare_exports import FieldDifference

    numbers = np.arange(1000)
    for many, good in ((10, True), (11, False)):
        found = FieldDifference("x", rule)
        found.add_numbers("x", numbers, numbers + np.where(numbers < many, 500, 1))
        assert found.within is good


def test_vectors_of_the_lab_are_compared_by_what_is_computed_from_them(pair) -> None:
    """Axes of a rotation may point the other way elsewhere: no cosine changes, though every code does."""

    def turned(content: Any) -> None:
        content["data"]["steps"][1] *= -1

    change(pair[1] / "lab_vectors_static.json", turned)
    found = next(d for d in compare_exports(*pair) if d.artefact == "lab_vectors_static")
    assert found.good and not found.identical

    def stretched(content: Any) -> None:
        content["data"]["steps"][1] *= 1.5

    change(pair[1] / "lab_vectors_static.json", stretched)
    assert statuses(pair) == {"lab_vectors_static": "beyond"}


def test_what_no_rule_compares_is_left_out(pair) -> None:
    change(pair[1] / "word_map_static.json", lambda c: nudge(c["data"]["methods"][1]["xy"], 999, slice(0, 100)))
    assert statuses(pair) == {"word_map_static": "same data"}
    change(pair[1] / "word_map_static.json", lambda c: c["data"]["methods"][1].__setitem__("kept", 0.01))
    assert statuses(pair) == {"word_map_static": "beyond"}


# --- folders and messages --------------------------------------------------------------------------------------------------------------


def test_folders_of_sets_are_compared_set_by_set(pair, tmp_path: Path, capsys) -> None:
    for name, folder in zip(("a", "b"), pair, strict=True):
        shutil.copytree(folder, tmp_path / name / "first")
        shutil.copytree(folder, tmp_path / name / "second")
    change(tmp_path / "b" / "second" / "random_pairs.json", moved(0.01))
    status, printed = run((tmp_path / "a", tmp_path / "b"), capsys)
    assert status == 1
    assert "second: 9 identical" not in printed and "first: 9 identical" in printed
    shutil.rmtree(tmp_path / "a" / "first")
    assert main(["compare", str(tmp_path / "a"), str(tmp_path / "b")]) == 1
    assert f"{tmp_path / 'a' / 'first'}: there is no such set" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("folders", "expected"),
    [
        ([], "was given 0 folders; it takes two"),
        ([str(COMMITTED)], "was given 1 folders; it takes two"),
        ([str(COMMITTED), "nowhere"], "nowhere: is no folder"),
        ([str(ROOT / "templates"), str(ROOT / "templates")], "holds no exported data"),
    ],
)
def test_wrong_folders_are_named(folders: list[str], expected: str, capsys) -> None:
    assert main(["compare", *folders]) == 1
    assert expected in capsys.readouterr().err


def test_folders_are_refused_where_only_a_comparison_takes_them(capsys: pytest.CaptureFixture[str]) -> None:
    """`check DIR` once held the default set's data against the figures, and said nothing of DIR."""
    for command in ("check", "models"):
        with pytest.raises(SystemExit) as ended:
            main([command, "somewhere"])
        assert ended.value.code == 2
        assert "somewhere: only compare takes folders; --set names a set, --data-dir says where the data are" in capsys.readouterr().err


def test_a_file_that_cannot_be_read_is_named(pair, capsys) -> None:
    path = pair[1] / "norms.json"
    path.write_text(path.read_text()[:100])
    assert main(["compare", *map(str, pair)]) == 1
    assert f"{path}:1: is no complete JSON" in capsys.readouterr().err


# --- the tolerances themselves -------------------------------------------------------------------------------------------------------


def test_every_rule_is_used_and_names_artefacts_that_exist() -> None:
    """A rule that an earlier one hides, or that fits nothing, protects nothing."""
    rules = read_tolerances()
    used = set()
    for name in ARTEFACTS:
        fields = {"shard_sha256"} if name in SHARDS else set()
        data = json.loads((COMMITTED / f"{name}.json").read_text(encoding="utf-8"))["data"]
        fields |= fields_of(data)
        shards = sorted((COMMITTED / name).glob("*.json"))
        for shard in shards[:: max(1, len(shards) // 8)] if name in SHARDS else []:
            fields |= fields_of(opened_shard(name, data, json.loads(shard.read_text(encoding="utf-8"))))
        used |= {rules.of(name, field) for field in fields}
    assert [rule.fields_ for rule in rules.rules if rule not in used] == []
    assert all(len(rule.reason) > 20 for rule in rules.rules)


def fields_of(data: Any, name: str = "") -> set[str]:
    """Paths as the comparison names them."""
    if isinstance(data, np.ndarray):
        return {f"{name}[]"}
    if isinstance(data, dict):
        if any(data.keys() == form.model_fields.keys() for form in PACKED):
            return {f"{name}[]"}
        return set().union(*(fields_of(value, f"{name}.{key}" if name else key) for key, value in data.items())) if data else {name}
    if isinstance(data, list):
        return set().union(*(fields_of(value, f"{name}[]") for value in data)) if data else {f"{name}[]"}
    return {name}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[[tolerances]]\nartefacts = ['norms']\nfields = ['*']\nreason = 'x'\n", "has no rule for what no other rule fits"),
        ("[[tolerances]]\nartefacts = ['*']\nfields = ['*']\n", "reason"),
        ("[[tolerances]]\nartefacts = ['*']\nfields = ['*']\nreason = 'x'\nabsolut = 1\n", "absolut"),
        ("tolerances = \n", "holds no tolerances"),
    ],
)
def test_a_wrong_file_of_tolerances_is_named(text: str, expected: str, tmp_path: Path) -> None:
    (tmp_path / FILE.name).write_text(text)
    with pytest.raises(ProjectError, match=expected):
        read_tolerances(tmp_path / FILE.name)
