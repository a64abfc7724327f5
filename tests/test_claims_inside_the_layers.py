"""The claims about the inside of models: each has its check, and each verdict turns where the data do."""

from __future__ import annotations

import re
from typing import Any

import pytest

from artefacts.schemas.layers import QueriesKeysValues
from sitegen.verdicts import VERDICTS, CheckResult
from tests.support.claims import Changed, checks_of, claims_of

CLAIMS, CHECKS = claims_of("inside_the_layers"), checks_of("inside_the_layers")
REAL = Changed()
HOLDS, CAVEAT, FAILS, OPEN = "holds", "holds with a caveat", "does not hold", "not computed here"
ABOUT_GPT2_XL = ("qkv-largely-uncorrelated", "qkv-rsa-high", "within-exceeds-across")


def verdict(check: str, data: Any = REAL) -> str:
    return getattr(CHECKS, check)(data).verdict


def parts(change: Any) -> Changed:
    """The default set's data with every pair and every part of every layer changed: change(entry) -> fields."""
    found: QueriesKeysValues = REAL["queries_keys_values"]
    layers = [
        layer.model_copy(
            update={
                "pairs": [pair.model_copy(update=change(pair)) for pair in layer.pairs],
                "parts": [part.model_copy(update=change(part)) for part in layer.parts],
            }
        )
        for layer in found.layers
    ]
    return REAL.changed("queries_keys_values", layers=layers)


def moved(spread: Any, by: float) -> Any:
    return spread.model_copy(update={name: getattr(spread, name) + by for name in ("mean", "low", "high")})


def gpt2_xl(data: Changed) -> Changed:
    fields = {"id": "gpt2-xl", "embedding_dims": 1600, "layers": 48}
    return data.entries("model_facts", "models", lambda fact: fact.role == "decoder", **fields)


def test_every_check_serves_a_claim() -> None:
    defined = {name for name, value in vars(CHECKS).items() if getattr(value, "__module__", "") == CHECKS.__name__}
    assert {claim["check"] for claim in CLAIMS} == {name for name in defined if not name.startswith("_")}


@pytest.mark.parametrize("claim", CLAIMS, ids=[claim["id"] for claim in CLAIMS])
def test_check_gives_a_verdict_in_plain_words(claim: dict[str, Any]) -> None:
    result = getattr(CHECKS, claim["check"])(REAL)
    assert isinstance(result, CheckResult) and result.verdict in VERDICTS
    for text in filter(None, (result.value, result.reason, result.analogue)):
        assert text == text.strip() and text
        assert not re.search(r"[1-9]\.\d{5}|None|\bnan\b|(?<!GPT)(?<![\w\-])-\d", text), f"a raw number: {text}"
    assert result.reason.endswith(".")


@pytest.mark.parametrize("claim", [claim for claim in CLAIMS if claim["id"] in ABOUT_GPT2_XL], ids=ABOUT_GPT2_XL)
def test_what_is_said_of_gpt2_xl_is_no_verdict_here_and_one_there(claim: dict[str, Any]) -> None:
    here = getattr(CHECKS, claim["check"])(REAL)
    assert here.verdict == OPEN and here.analogue
    assert getattr(CHECKS, claim["check"])(gpt2_xl(REAL)).verdict != OPEN


def test_reported_findings_could_fail_on_gpt2_xl() -> None:
    published = REAL["queries_keys_values"].published
    none = published.model_copy(update={"direct_word": [0.6] * published.cells, "rsa_word": [0.1] * published.cells})
    data = gpt2_xl(REAL.changed("queries_keys_values", published=none))
    assert (verdict("qkv_largely_uncorrelated", data), verdict("qkv_rsa_high", data)) == (FAILS, FAILS)


def test_conclusions_stand_or_fall_with_the_random_matrices() -> None:
    """The control decides: with random matrices that share nothing, the same trained numbers would be a finding."""
    nothing = parts(lambda e: {"random_rsa": moved(e.random_rsa, -2.0)} if hasattr(e, "random_rsa") else {})
    as_good = parts(lambda e: {"random_rsa": moved(e.rsa, 0.01)} if hasattr(e, "random_rsa") else {})
    assert verdict("high_rsa_means_meaning", nothing) == HOLDS
    assert verdict("high_rsa_means_meaning", as_good) == FAILS


def test_random_matrices_that_correlate_would_make_zero_news() -> None:
    lined_up = parts(lambda e: {"random_direct": moved(e.random_direct, 0.8)} if getattr(e, "random_direct", None) else {})
    assert verdict("uncorrelated_means_idiosyncratic") == FAILS
    assert verdict("uncorrelated_means_idiosyncratic", lined_up) == CAVEAT


def test_separation_must_exceed_that_of_random_matrices() -> None:
    def random(by: float) -> Changed:
        return parts(lambda e: {"random": moved(e.word, by)} if getattr(e, "random", None) else {})

    assert verdict("within_over_across_shows_knowledge", random(-5.0)) == HOLDS
    assert verdict("within_over_across_shows_knowledge", random(1.0)) == FAILS


def test_vectors_that_differ_before_the_word_would_be_words() -> None:
    published = REAL["queries_keys_values"].published
    assert verdict("direct_correlations_compare_words") == FAILS
    seen = REAL.changed("queries_keys_values", published=published.model_copy(update={"different_rows_before": 33}))
    assert verdict("direct_correlations_compare_words", seen) == HOLDS


def test_a_word_that_stays_itself_does_not_change() -> None:
    def still(entry: Any) -> dict[str, Any]:
        one = entry.layers[0].self_similarity  # in which at most its place differs
        return {"layers": [layer.model_copy(update={"self_similarity": one}) for layer in entry.layers]}

    assert verdict("embeddings_change_through_the_stack") == HOLDS
    assert verdict("embeddings_change_through_the_stack", REAL.by_model("layer_geometry", still)) == FAILS


def test_selectivity_is_judged_by_the_test() -> None:
    def data(p_decoder: float, p_encoder: float) -> Changed:
        return REAL.by_model("layer_selectivity", lambda e: {"p": p_decoder if e.role == "decoder" else p_encoder})

    assert verdict("category_selectivity_inside", data(0.001, 0.001)) == HOLDS
    assert verdict("category_selectivity_inside", data(0.001, 0.4)) == CAVEAT
    assert verdict("category_selectivity_inside", data(0.4, 0.4)) == FAILS
