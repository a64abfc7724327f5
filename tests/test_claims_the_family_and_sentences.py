"""The claims of the lesson on sentences: each is well formed, and each check returns its verdicts where the data call for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from artefacts.schemas.parts import Strict
from sitegen.verdicts import VERDICTS, CheckResult
from tests.support import ROOT
from tests.support.claims import artefact, checks_of, claims_of

NAME = "the_family_and_sentences"
CLAIMS = claims_of("the_family_and_sentences")
HOLDS, CAVEAT, FAILS, OPEN = VERDICTS
NEEDED = ("model_facts", "bert_family", "sentence_search", "published_similarity")

CHECKS = checks_of("the_family_and_sentences")


@pytest.fixture(scope="module")
def data() -> dict[str, Strict]:
    return {name: artefact(name) for name in NEEDED}


def with_model(data: Mapping[str, Any], name: str, **fields: Any) -> dict[str, Any]:
    """One model of the family changed."""
    models = [m.model_copy(update=fields) if m.name == name else m for m in data["bert_family"].models]
    return {**data, "bert_family": data["bert_family"].model_copy(update={"models": models})}


def with_average(data: Mapping[str, Any], kind: str, average: float) -> dict[str, Any]:
    """One published average changed."""
    ways = [w.model_copy(update={"average": average}) if w.kind == kind else w for w in data["published_similarity"].ways]
    return {**data, "published_similarity": data["published_similarity"].model_copy(update={"ways": ways})}


def with_encoder(data: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    models = [m.model_copy(update=fields) if m.role == "encoder" else m for m in data["model_facts"].models]
    return {**data, "model_facts": data["model_facts"].model_copy(update={"models": models})}


def as_bert(data: Mapping[str, Any]) -> dict[str, Any]:
    return with_encoder(data, id="google-bert/bert-base-uncased", name="BERT", embedding_dims=768, layers=12)


# --- the ledger ----------------------------------------------------------------------------------------------------------------


def test_claims_and_checks_belong_together():
    checks = [
        name
        for name, function in vars(CHECKS).items()
        if isinstance(function, Callable) and getattr(function, "__module__", "") == CHECKS.__name__ and not name.startswith("_")
    ]
    assert sorted(claim["check"] for claim in CLAIMS) == sorted(checks)
    assert {claim["lesson"] for claim in CLAIMS} == {NAME.replace("_", "-")}
    assert {claim["source"] for claim in CLAIMS} == {"kojaku-bertgpt"}


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim["id"])
def test_every_check_returns_a_verdict_in_words(claim: dict[str, Any], data: dict[str, Strict]):
    for setting in (data, as_bert(data)):
        result = getattr(CHECKS, claim["check"])(setting)
        assert isinstance(result, CheckResult) and result.verdict in VERDICTS
        assert result.value and result.reason.endswith(".")
        assert "nan" not in result.reason.split() and not (result.analogue or "").endswith(".")


def test_every_claim_is_shown_in_the_lesson():
    lesson = (ROOT / "content" / "lessons" / "06-the-family-and-sentences.md").read_text(encoding="utf-8")
    for claim in CLAIMS:
        assert f'{{{{ claim("{claim["id"]}") }}}}' in lesson


# --- thresholds ----------------------------------------------------------------------------------------------------------------


def test_cls_is_judged_by_what_was_published(data: dict[str, Strict]):
    glove = next(way.average for way in data["published_similarity"].ways if way.kind == "static_mean")
    assert CHECKS.cls_is_a_summary(data).verdict == FAILS
    assert CHECKS.cls_is_a_summary(with_average(data, "bert_first", glove)).verdict == HOLDS
    mean = next(way.average for way in data["published_similarity"].ways if way.kind == "bert_mean")
    assert CHECKS.cls_embeds_the_whole_text(data).verdict == CAVEAT
    assert CHECKS.cls_embeds_the_whole_text(with_average(data, "bert_first", mean)).verdict == HOLDS


def test_only_the_real_bert_speaks_for_itself(data: dict[str, Strict]):
    """Another encoder gives an analogue and never a value; a random one in a folder of BERT's name is another."""
    for setting in (data, with_encoder(data, id="google-bert/bert-base-uncased", embedding_dims=16, layers=2)):
        result = CHECKS.cls_is_a_summary(setting)
        assert "ours" not in result.value and "cannot judge" in result.analogue
    result = CHECKS.cls_is_a_summary(as_bert(data))
    assert "ours, BERT: " in result.value and result.analogue is None


@pytest.mark.parametrize(("share", "verdict"), [(0.574, FAILS), (0.576, HOLDS), (0.624, HOLDS), (0.626, FAILS)])
def test_forty_per_cent_smaller(data: dict[str, Strict], share: float, verdict: str):
    base = next(model for model in data["bert_family"].models if model.name == "BERT base")
    changed = with_model(data, "DistilBERT", parameters=round(base.parameters * share))
    assert CHECKS.distilbert_40_smaller(changed).verdict == verdict


def test_albert_is_counted(data: dict[str, Strict]):
    assert CHECKS.albert_reduces_parameters(data).verdict == CAVEAT
    assert CHECKS.albert_reduces_parameters(with_model(data, "ALBERT base", parameters=200_000_000)).verdict == FAILS
    small = with_model(with_model(data, "ALBERT base", layers=6), "ALBERT xxlarge", parameters=100_000_000)
    assert CHECKS.albert_reduces_parameters(small).verdict == HOLDS
    assert CHECKS.albert_factorises(data).verdict == HOLDS
    assert CHECKS.albert_factorises(with_model(data, "ALBERT base", embedding_width=768)).verdict == FAILS
    assert CHECKS.albert_shares_layers(data).verdict == HOLDS
    assert CHECKS.albert_shares_layers(with_model(data, "ALBERT base", layers_stored=12)).verdict == FAILS


def test_times_are_never_judged(data: dict[str, Strict]):
    assert CHECKS.distilbert_60_faster(data).verdict == OPEN
