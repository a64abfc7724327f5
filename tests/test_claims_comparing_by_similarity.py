"""The claims about representational similarity analysis: well formed, and each check at its threshold."""

from __future__ import annotations

import re
from typing import Any

import pytest

from artefacts.envelope import read_artefact
from sitegen.verdicts import VERDICTS, CheckResult
from tests.support.claims import Changed, checks_of, claims_of
from tests.tiny_models import TINY_SET

CLAIMS = claims_of("comparing_by_similarity")
CHECKS = checks_of("comparing_by_similarity")
HOLDS, CAVEAT, FAILS, OPEN = VERDICTS
NEEDED = ("model_facts", "rsa_similarities", "rsa_agreement", "rsa_inference")

EXPECTED = {
    "rsa-from-neuroscience": HOLDS,
    "rsa-adapted-step-by-step": CAVEAT,
    "inner-structure-can-be-compared": HOLDS,
    "rsa-within-then-between": HOLDS,
    "relations-can-be-compared": HOLDS,
    "two-steps-cosine-then-correlation": CAVEAT,
    "categories-visible-as-blocks": OPEN,
    "gpt2-cosines-are-stronger": OPEN,
    "pairs-similar-in-both": OPEN,
    "shared-statistical-patterns": OPEN,
    "offsets-matter-within": OPEN,
    "levels-differ-between-models": HOLDS,
    "offset-moves-cosine-not-correlation": HOLDS,
    "cosine-suits-embeddings": CAVEAT,
    "any-measure-works-alike": CAVEAT,
    "called-dissimilarity-analysis": FAILS,
    "categories-not-used": CAVEAT,
    "rsa-robust-to-width": CAVEAT,
    "gpt2-xl-has-1600": HOLDS,
    "rsa-xl-looks-great": OPEN,
    "rsa-in-machine-learning": HOLDS,
    "rsa-is-easy": CAVEAT,
}


def check(identifier: str, data: Any) -> CheckResult:
    (claim,) = [claim for claim in CLAIMS if claim["id"] == identifier]
    return getattr(CHECKS, claim["check"])(data)


def test_every_check_serves_a_claim() -> None:
    assert set(EXPECTED) == {claim["id"] for claim in CLAIMS}
    defined = {name for name, value in vars(CHECKS).items() if getattr(value, "__module__", "") == CHECKS.__name__}
    assert {claim["check"] for claim in CLAIMS} == {name for name in defined if not name.startswith("_")}


@pytest.mark.parametrize("which", ["real", "random"])
@pytest.mark.parametrize("identifier", EXPECTED)
def test_check_runs(identifier: str, which: str, request: pytest.FixtureRequest) -> None:
    if which == "real":
        result = check(identifier, Changed())
        assert result.verdict == EXPECTED[identifier]
    else:
        folder = request.getfixturevalue("exported") / TINY_SET
        result = check(identifier, {name: read_artefact(folder / f"{name}.json")[1] for name in NEEDED})
        assert result.verdict in VERDICTS
    for text in filter(None, (result.value, result.reason, result.analogue)):
        assert text == text.strip() and text
        assert not re.search(r"[1-9]\.\d{5}|None|\bnan\b|(?<!GPT)(?<![\w\-])-\d", text), f"a raw number: {text}"
    assert result.reason.endswith(".")


def test_an_offset_that_changes_the_result_would_matter() -> None:
    data = Changed().entries("rsa_agreement", "agreements", lambda a: a.measure == "correlation", value=0.1)
    assert check("offsets-matter-within", data).verdict == CAVEAT


def test_an_offset_that_changes_nothing_in_bert_does_not_matter() -> None:
    """BERT's tokens have one. Models whose vectors have none to speak of leave it open."""
    bert = {"id": "google-bert/bert-base-uncased", "embedding_dims": 768, "layers": 12}
    data = Changed().entries("model_facts", "models", lambda m: m.role == "encoder", **bert)
    assert check("offsets-matter-within", data).verdict == FAILS


def test_spaces_on_one_level_do_not_differ() -> None:
    assert check("levels-differ-between-models", Changed().by_model("rsa_similarities", lambda e: {"mean": 0.2})).verdict == FAILS


def test_measures_that_agree_need_no_caveat() -> None:
    data = Changed().entries("rsa_agreement", "agreements", lambda a: a.coefficient == "pearson", value=0.3)
    assert check("any-measure-works-alike", data).verdict == HOLDS


def test_what_is_shared_is_told_with_its_p() -> None:
    """For each pair of spaces, whether or not it is beyond chance: lesson 8 calls one of these pairs no firm ground."""
    data = Changed().entries("rsa_inference", "tests", lambda t: {t.first, t.second} == {"decoder", "static"}, p=0.06)
    told = check("shared-statistical-patterns", data).analogue.split("; ")
    assert len(told) == 3
    assert re.match(r"SmolLM2 and GloVe: r = 0\.\d\d \(p = 0\.06, interval ", told[1])


def test_analogues_give_value_test_and_interval() -> None:
    for identifier in ("pairs-similar-in-both", "rsa-xl-looks-great"):
        assert re.search(r"r = 0\.\d\d \(p = 0\.\d+, interval 0\.\d\d to 0\.\d\d\)", check(identifier, Changed()).analogue)
