"""The claims of the lesson where words meet: well formed, and each check at its threshold."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from artefacts.packing import pack, unpack
from artefacts.schemas.exchanges import Spread
from precompute.context.attention_maps import UNITS
from sitegen.verdicts import VERDICTS, CheckResult
from tests.support.claims import artefact, checks_of, claims_of
from tests.tiny_models import TINY_SET

CLAIMS = claims_of("where_words_meet")
HOLDS, CAVEAT, FAILS, OPEN = VERDICTS
NEEDED = (
    "model_facts position_marks word_order attention_step block_updates bank_contexts attention_maps changed_words word_exchanges "
    "patches_and_residues"
).split()

CHECKS = checks_of("where_words_meet")


@pytest.fixture(scope="module")
def real() -> dict[str, Any]:
    return {name: artefact(name) for name in NEEDED}


def verdict(name: str, data: dict[str, Any]) -> str:
    return getattr(CHECKS, name)(data).verdict


def by_model(data: dict[str, Any], name: str, role: str, **fields: Any) -> dict[str, Any]:
    """The data with some fields of one model's entry replaced."""
    entries = [e.model_copy(update=fields) if e.role == role else e for e in data[name].by_model]
    return data | {name: data[name].model_copy(update={"by_model": entries})}


def entry(data: dict[str, Any], name: str, role: str) -> Any:
    return next(e for e in data[name].by_model if e.role == role)


def identified(data: dict[str, Any], role: str, **fields: Any) -> dict[str, Any]:
    facts = data["model_facts"]
    models = [f.model_copy(update=fields) if f.role == role else f for f in facts.models]
    return data | {"model_facts": facts.model_copy(update={"models": models})}


EXPECTED = {
    "static-one-vector": HOLDS,
    "contextual-vector-changes": CAVEAT,
    "every-block-gives-contextual-vectors": CAVEAT,
    "bert-and-gpt2-are-contextual": HOLDS,
    "permutation-invariant": FAILS,
    "position-vector-is-added": CAVEAT,
    "final-is-token-plus-position": HOLDS,
    "sum-carries-identity-and-position": OPEN,
    "gpt2-position-matrix": HOLDS,
    "sinusoidal-is-fixed": CAVEAT,
    "sentence-embedding-is-one-vector": HOLDS,
    "image-patches": HOLDS,
    "protein-residues": CAVEAT,
    "embedding-is-first-stage": HOLDS,
    "tokenisation-gives-ids": HOLDS,
    "attention-updates-every-token": CAVEAT,
    "curricula-milestone": OPEN,
    "weights-show-influence": CAVEAT,
    "weights-show-disambiguation": FAILS,
    "bert-base-is-small": CAVEAT,
    "attention-shape": HOLDS,
    "mean-of-heads-is-simple": CAVEAT,
    "rows-are-queries": HOLDS,
    "bank-river-is-bright": OPEN,
    "bright-cell-reveals-use": CAVEAT,
    "bidirectional-is-why": CAVEAT,
}


def test_every_check_serves_a_claim() -> None:
    assert set(EXPECTED) == {claim["id"] for claim in CLAIMS}
    defined = {name for name, value in vars(CHECKS).items() if getattr(value, "__module__", "") == CHECKS.__name__}
    assert {claim["check"] for claim in CLAIMS} == {name for name in defined if not name.startswith("_")}


@pytest.mark.parametrize("claim", CLAIMS, ids=[claim["id"] for claim in CLAIMS])
@pytest.mark.parametrize("which", ["real", "random"])
def test_check_runs(claim: dict[str, Any], which: str, real: dict[str, Any], request: pytest.FixtureRequest) -> None:
    if which == "real":
        result = getattr(CHECKS, claim["check"])(real)
        assert result.verdict == EXPECTED[claim["id"]]
    else:
        folder = request.getfixturevalue("exported") / TINY_SET
        result = getattr(CHECKS, claim["check"])({name: artefact(name, folder) for name in NEEDED})
    assert isinstance(result, CheckResult)
    assert result.verdict in VERDICTS
    for text in filter(None, (result.value, result.reason, result.analogue)):
        assert text == text.strip() and text
        assert not re.search(r"[1-9]\.\d{5}|None|\bnan\b|(?<!GPT)(?<![\w\-])-\d", text), f"a raw number: {text}"
    assert result.reason.endswith(".")


def test_a_vector_that_does_not_change_is_not_contextual(real: dict[str, Any]) -> None:
    contexts = entry(real, "bank_contexts", "encoder")
    layers = [layer.model_copy(update={"across": 0.995}) for layer in contexts.layers]
    assert verdict("contextual_vector_changes", by_model(real, "bank_contexts", "encoder", layers=layers)) == FAILS


def test_a_decoder_whose_bank_moved_would_lift_the_caveat(real: dict[str, Any]) -> None:
    changed = entry(real, "changed_words", "decoder")
    moved = [r.model_copy(update={"unmoved": [False] * len(r.unmoved)}) for r in changed.replacements]
    assert verdict("contextual_vector_changes", by_model(real, "changed_words", "decoder", replacements=moved)) == HOLDS


def test_added_positions_without_segment_or_rotation_hold(real: dict[str, Any]) -> None:
    marks = real["position_marks"]
    kept = [p for p in marks.recipes[1].parts if p.part in ("token", "position", "sum")]
    plain = [recipe.model_copy(update={"parts": kept, "rotary": False}) for recipe in marks.recipes]
    data = real | {"position_marks": marks.model_copy(update={"recipes": plain})}
    assert verdict("position_vector_is_added", data) == HOLDS
    bare = [r.model_copy(update={"parts": r.parts[:1]}) for r in plain]
    assert verdict("position_vector_is_added", real | {"position_marks": marks.model_copy(update={"recipes": bare})}) == FAILS


def test_real_gpt2_is_judged_by_its_own_parts(real: dict[str, Any]) -> None:
    data = identified(real, "decoder", id="gpt2", embedding_dims=768, layers=12)
    marks = real["position_marks"]
    assert verdict("final_is_token_plus_position", data) == FAILS  # the recipe is still SmolLM2's: the token alone
    parts = [p for p in marks.recipes[1].parts if p.part in ("token", "position", "sum")]
    recipes = [marks.recipes[0].model_copy(update={"parts": parts, "rotary": False}), marks.recipes[1]]
    table = next(s for s in marks.schemes if s.kind == "learned").model_copy(update={"role": "decoder", "dims": 768, "positions": 1024})
    data |= {"position_marks": marks.model_copy(update={"recipes": recipes, "schemes": [*marks.schemes, table]})}
    assert verdict("final_is_token_plus_position", data) == HOLDS
    result = CHECKS.gpt2_position_matrix(data)
    assert (result.verdict, result.value) == (HOLDS, "1,024 × 768")


def with_cell(data: dict[str, Any], weight: float, column: float) -> dict[str, Any]:
    """The encoder's last layer with given weights on "river": from "bank", and from the others."""
    maps, changed = entry(data, "attention_maps", "encoder"), entry(data, "changed_words", "encoder")
    weights = unpack(maps.weights).copy()
    weights[-1, :, :, changed.changed] = round(column * UNITS)
    weights[-1, :, changed.bank, changed.changed] = round(weight * UNITS)
    return by_model(data, "attention_maps", "encoder", weights=pack(weights))


def spread(mean: float, low: float | None = None, high: float | None = None) -> Spread:
    return Spread(mean=mean, low=mean - 0.05 if low is None else low, high=mean + 0.05 if high is None else high)


def agreeing(data: dict[str, Any], role: str, **fields: Any) -> dict[str, Any]:
    """The data with some fields of a model's agreement over the sentences replaced."""
    exchanges = data["word_exchanges"]
    found = [a.model_copy(update=fields) if a.role == role else a for a in exchanges.agreement]
    return data | {"word_exchanges": exchanges.model_copy(update={"agreement": found})}


def brightest_moves_most(data: dict[str, Any]) -> dict[str, Any]:
    """As if the brightest word nearly always were the one that moves a token most, in both models."""
    for role in ("decoder", "encoder"):
        data = agreeing(data, role, brightest_moves_most=spread(0.9), brightest_moves_least=spread(0.0))
    return data


def test_brightness_no_better_than_chance_speaks_against_it(real: dict[str, Any]) -> None:
    data = agreeing(real, "encoder", brightest_moves_most=spread(0.15, 0.05, 0.25), by_chance=0.12)
    assert verdict("bright_cell_reveals_use", data) == FAILS


def test_a_bright_cell_must_stand_out_from_its_column(real: dict[str, Any]) -> None:
    data = brightest_moves_most(real)
    assert verdict("bright_cell_reveals_use", with_cell(data, 0.16, 0.1)) == HOLDS
    assert verdict("bright_cell_reveals_use", with_cell(data, 0.14, 0.1)) == CAVEAT


def test_a_decoder_in_which_the_brightest_moves_least_is_a_caveat(real: dict[str, Any]) -> None:
    data = with_cell(brightest_moves_most(real), 0.16, 0.1)
    data = agreeing(data, "decoder", brightest_moves_least=spread(0.7), by_chance=0.16)
    result = CHECKS.bright_cell_reveals_use(data)
    assert result.verdict == CAVEAT and "moves it least in 70%" in result.reason


def test_and_nearly_always_is_not_half_of_the_time(real: dict[str, Any]) -> None:
    data = agreeing(with_cell(brightest_moves_most(real), 0.16, 0.1), "encoder", brightest_moves_most=spread(0.5))
    assert verdict("bright_cell_reveals_use", data) == CAVEAT


@pytest.mark.parametrize(("weight", "column", "expected"), [(0.3, 0.1, HOLDS), (0.13, 0.12, CAVEAT), (0.05, 0.02, FAILS)])
def test_real_bert_would_be_judged(real: dict[str, Any], weight: float, column: float, expected: str) -> None:
    data = identified(with_cell(real, weight, column), "encoder", id="bert-base-uncased", embedding_dims=768, layers=12)
    assert verdict("bank_river_is_bright", data) == expected


def test_weights_that_rank_like_the_experiment_show_influence(real: dict[str, Any]) -> None:
    data = real
    for role in ("decoder", "encoder"):
        data = agreeing(data, role, attention=spread(0.9))
    assert verdict("weights_show_influence", data) == HOLDS


def test_weights_that_rank_like_nothing_do_not(real: dict[str, Any]) -> None:
    data = agreeing(agreeing(real, "encoder", attention=spread(0.02)), "decoder", attention=spread(-0.4))
    result = CHECKS.weights_show_influence(data)
    assert result.verdict == FAILS
    assert "In SmolLM2 they go against each other. In MiniLM the one does not foretell the other." in result.reason


def test_heads_that_are_all_alike_are_their_mean(real: dict[str, Any]) -> None:
    data = real
    for role in ("decoder", "encoder"):
        weights = unpack(entry(real, "attention_maps", role).weights)
        same = np.repeat(weights[:, :1], weights.shape[1], axis=1)
        data = by_model(data, "attention_maps", role, weights=pack(same))
    assert verdict("mean_of_heads_is_simple", data) == HOLDS


def test_sentences_that_are_not_told_apart(real: dict[str, Any]) -> None:
    data = by_model(real, "bank_contexts", "encoder", sentences_within=0.2, sentences_across=0.3)
    assert verdict("sentence_embedding_is_one_vector", data) == CAVEAT
