"""The claims of the lesson on what a score rests on: well formed, and each check at its threshold."""

from __future__ import annotations

import re
from typing import Any

import pytest

from artefacts.envelope import read_artefact
from sitegen.verdicts import VERDICTS, CheckResult
from tests.support.claims import Changed, checks_of, claims_of
from tests.tiny_models import TINY_SET

CLAIMS = claims_of("what_the_score_rests_on")
CHECKS = checks_of("what_the_score_rests_on")
HOLDS, CAVEAT, FAILS, OPEN = VERDICTS
NEEDED = ("model_facts", "score_matrix", "category_selectivity", "partial_scores")

EXPECTED = {
    "three-semantic-categories": CAVEAT,
    "shared-structure-is-semantic": OPEN,
}


def test_every_check_serves_a_claim() -> None:
    assert set(EXPECTED) == {claim["id"] for claim in CLAIMS}
    defined = {name for name, value in vars(CHECKS).items() if getattr(value, "__module__", "") == CHECKS.__name__}
    assert {claim["check"] for claim in CLAIMS} == {name for name in defined if not name.startswith("_")}


@pytest.mark.parametrize("claim", CLAIMS, ids=[claim["id"] for claim in CLAIMS])
@pytest.mark.parametrize("which", ["real", "random"])
def test_check_runs(claim: dict[str, Any], which: str, request: pytest.FixtureRequest) -> None:
    if which == "real":
        result = getattr(CHECKS, claim["check"])(Changed())
        assert result.verdict == EXPECTED[claim["id"]]
    else:
        folder = request.getfixturevalue("exported") / TINY_SET
        result = getattr(CHECKS, claim["check"])({name: read_artefact(folder / f"{name}.json")[1] for name in NEEDED})
    assert isinstance(result, CheckResult)
    assert result.verdict in VERDICTS
    for text in filter(None, (result.value, result.reason, result.analogue)):
        assert text == text.strip() and text
        assert not re.search(r"[1-9]\.\d{5}|None|\bnan\b|(?<!GPT)(?<![\w\-])-\d", text), f"a raw number: {text}"
    assert result.reason.endswith(".")


def with_the_sources_models() -> Changed:
    """The numbers are still those of the set's own models: only the names are the source's."""
    ids = {"decoder": "openai-community/gpt2-medium", "encoder": "google-bert/bert-large-uncased"}
    facts = [fact.model_copy(update={"id": ids.get(fact.role, fact.id)}) for fact in Changed()["model_facts"].models]
    return Changed().changed("model_facts", models=facts)


def test_misfits_that_matter_are_said_to() -> None:
    lists = Changed()["category_selectivity"].lists
    moved = [entry.model_copy(update={"scores": [score + 0.1 for score in entry.scores]}) if n else entry for n, entry in enumerate(lists)]
    assert "depends" in CHECKS.three_semantic_categories(Changed().changed("category_selectivity", lists=moved)).reason
    assert "does not hang" in CHECKS.three_semantic_categories(Changed()).reason
    assert CHECKS.three_semantic_categories(Changed().changed("category_selectivity", lists=lists[:1])).verdict == OPEN


@pytest.mark.parametrize(
    ("frequency", "both", "verdict"), [(0.01, 0.01, HOLDS), (0.01, 0.2, CAVEAT), (0.2, 0.2, FAILS)], ids=["both", "one", "none"]
)
def test_shared_structure_is_what_is_left(frequency: float, both: float, verdict: str) -> None:
    data = with_the_sources_models()
    p = {"ranks": frequency, "all": both}
    pairs = [
        pair.model_copy(
            update={"scores": [s.model_copy(update={"p": p.get(s.given, s.p), "value": abs(s.value) + 0.01}) for s in pair.scores]}
        )
        for pair in data["partial_scores"].by_pair
    ]
    assert CHECKS.shared_structure_is_semantic(data.changed("partial_scores", by_pair=pairs)).verdict == verdict
