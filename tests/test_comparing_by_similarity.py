"""The lesson on representational similarity analysis: its programs, its notebook and its figures say what the exports say."""

from __future__ import annotations

import re
import subprocess
import sys

import numpy as np
import pytest

from artefacts.envelope import read_artefact
from charts.comparing_by_similarity import parts, rsa_by_hand, why_correlation
from tests.support import ROOT
from tests.support.notebooks import executed, fresh_notebook, outputs_of, printed_by

DATA = ROOT / "content" / "data" / "smollm2-minilm"


def data(name: str):
    return read_artefact(DATA / f"{name}.json")[1]


def agreement() -> float:
    return parts.agreement_of(data("rsa_agreement"), "decoder", "encoder")


# --- programs ------------------------------------------------------------------------------------------------------------------------


def test_the_program_by_hand_is_the_figure() -> None:
    program = ROOT / "content" / "listings" / "rsa_by_hand.py"
    printed = subprocess.run([sys.executable, program], capture_output=True, text=True, check=True).stdout.splitlines()
    found = [tuple(float(number) for number in line.split()[2:]) for line in printed[:-1]]
    assert np.allclose(found, rsa_by_hand.six(), atol=0.0051, rtol=0)
    assert float(printed[-1].split()[1]) == pytest.approx(rsa_by_hand.rsa(), abs=5e-4)


def test_the_program_with_real_models_finds_what_is_exported() -> None:
    printed = (ROOT / "content" / "listings" / "rsa_two_models.out.txt").read_text(encoding="utf-8")
    found, similarities = re.search(r"RSA over (\d+) pairs: r = ([\d.]+)", printed), data("rsa_similarities")
    assert int(found[1]) == similarities.pairs and float(found[2]) == pytest.approx(agreement(), abs=5e-4)
    assert f"{len(similarities.words)} words; left out: {', '.join(word.word for word in similarities.left_out)}\n" in printed
    assert re.search(r"p = 0\.0001$", printed.strip())


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return outputs_of(executed(fresh_notebook("comparing-by-similarity"), tmp_path_factory.mktemp("notebook")))


def test_the_notebook_finds_what_is_exported(outputs: dict[str, str]) -> None:
    assert not [source for source, output in outputs.items() if "print(" in source and not output]
    assert sum("# <-" in source for source in outputs) >= 3
    assert float(printed_by(outputs, 'print(f"r = {r:.4f}")').split("= ")[1]) == pytest.approx(agreement(), abs=1e-4)
    means = re.findall(r"cosine ([\d.]+) within a category, ([\d.]+) across", printed_by(outputs, "def cosines("))
    spaces = data("rsa_similarities").by_model[:2]
    found = [tuple(map(float, pair)) for pair in means]
    assert np.allclose(found, [(s.within_mean, s.across_mean) for s in spaces], atol=6e-4, rtol=0)
    test = parts.of_pair(data("rsa_inference").tests, "decoder", "encoder", coefficient="pearson")
    interval = re.search(r"from ([\d.]+) to ([\d.]+)", printed_by(outputs, "def drawn_anew(")).groups()
    assert [float(end) for end in interval] == pytest.approx([test.low, test.high], abs=0.02)  # another seed, fewer draws
    spread = float(re.search(r"spread ([\d.]+)", printed_by(outputs, "def shuffled(")).group(1))
    assert spread == pytest.approx(test.null_deviation, abs=0.005)


# --- figures --------------------------------------------------------------------------------------------------------------------------


def test_turning_changes_nothing_by_hand_and_squeezing_does() -> None:
    assert [rsa_by_hand.rsa(turn) for turn in (10, 90, 250)] == pytest.approx([rsa_by_hand.rsa()] * 3, abs=1e-12)
    assert rsa_by_hand.rsa(squeeze=80) < rsa_by_hand.rsa() - 0.05
    turned = rsa_by_hand.changed(rsa_by_hand.SECOND["moon"], 90)
    assert turned == pytest.approx((0, -5), abs=1e-9)


def test_shifting_moves_the_cosine_of_two_lists_and_not_pearson() -> None:
    first, second = (np.array(space.cosines) for space in data("rsa_similarities").by_model[:2])
    found = [why_correlation.measures(first, second, shift) for shift in (-0.6, 0, 0.6)]
    assert [entry["pearson"] for entry in found] == pytest.approx([agreement()] * 3, abs=1e-6)
    assert found[0]["cosine"] < 0 < found[1]["cosine"] < found[2]["cosine"]
    assert found[0]["difference"] - found[2]["difference"] == pytest.approx(1.2)


@pytest.mark.parametrize(
    ("log10", "text"), [(-0.5686, "0.27"), (-1.4101, "0.039"), (-2.826, "0.0015"), (-11.139, "7 × 10⁻¹²"), (-76.66, "2 × 10⁻⁷⁷")]
)
def test_small_p_values_are_written_as_a_person_would(log10: float, text: str) -> None:
    assert parts.small_p(log10) == text


def test_p_of_the_smallest_size_keeps_its_digit() -> None:
    assert [parts.p_text(p) for p in (1 / 10_001, 0.05, 1.0)] == ["0.0001", "0.05", "1.00"]
