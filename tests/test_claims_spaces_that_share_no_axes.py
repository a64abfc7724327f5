"""The claims of the lesson on spaces that share no axes: each well formed, and each check with its verdicts where data call for them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from artefacts.envelope import read_artefact
from sitegen.verdicts import VERDICTS, CheckResult
from tests.support.claims import Changed, checks_of, claims_of
from tests.tiny_models import TINY_SET

NAME = "spaces_that_share_no_axes"
CLAIMS = claims_of(NAME)
CHECKS = checks_of(NAME)
HOLDS, CAVEAT, FAILS, OPEN = VERDICTS
NEEDED = """model_facts twins direct_comparisons twin_geometry changed_images space_alignments axis_directions token_kinds source_code
vocabulary_gpt2 vocabulary_bert""".split()

EXPECTED = {
    "models-process-numbers": HOLDS,
    "each-word-is-a-coordinate": CAVEAT,
    "several-thousand-dimensions": CAVEAT,
    "smallest-gpt2-has-768": CAVEAT,
    "these-models-have-1024": HOLDS,
    "dimensions-not-human-crafted": CAVEAT,
    "axes-mean-nothing": CAVEAT,
    "embeddings-key-to-safety": OPEN,
    "all-models-have-an-embedding-layer": HOLDS,
    "training-changes-vectors": CAVEAT,
    "same-training-other-vectors": CAVEAT,
    "cannot-compare-directly": CAVEAT,
    "banana-differs-relations-stay": HOLDS,
    "tokenizer-picks-rows": HOLDS,
    "shapes-of-large-matrices": HOLDS,
    "shape-is-vocabulary-and-width": HOLDS,
    "bert-whole-words-gpt2-subwords": CAVEAT,
    "equal-width-is-comparable": FAILS,
    "thirty-four-words": HOLDS,
    "words-are-single-tokens": HOLDS,
    "space-comes-from-byte-pairs": CAVEAT,
    "eighteen-by-1024": FAILS,
    "shared-axes-would-correlate": CAVEAT,
    "direct-correlations-are-zero": OPEN,
    "rest-is-noise": OPEN,
    "direct-needs-same-axes": HOLDS,
    "start-random-then-trained": CAVEAT,
    "rotated-seven": CAVEAT,
    "many-images-complete-the-analogy": HOLDS,
    "not-simply-rotated": CAVEAT,
    "distinct-but-shared": CAVEAT,
    "bert-for-classification": FAILS,
    "unequal-widths-give-errors": HOLDS,
}


def verdict(check: str, data: Any) -> str:
    return getattr(CHECKS, check)(data).verdict


def with_pair(data: Changed, artefact: str, first: str, second: str, **fields: Any) -> Changed:
    """Some fields of the entry about two spaces replaced."""
    return data.entries(artefact, "pairs", lambda pair: (pair.first, pair.second) == (first, second), **fields)


def with_words_alike(data: Changed, mean: float) -> Changed:
    """The twins' rows of the same word correlating `mean` on average."""
    found = data["direct_comparisons"].pairs[0].correlations
    same = found.same_word.model_copy(update={"mean": mean})
    return data.entries(
        "direct_comparisons",
        "pairs",
        lambda pair: pair.relation == "other seed",
        correlations=found.model_copy(update={"same_word": same}),
    )


def with_rotation(cosine: float, first_place: float) -> Changed:
    """A decoder turned onto an encoder with this outcome."""
    data = Changed()
    pair = next(p for p in data["space_alignments"].pairs if (p.first, p.second) == ("decoder", "encoder"))
    held_out = pair.held_out.model_copy(update={"cosine": cosine, "first_place": first_place})
    return with_pair(data, "space_alignments", "decoder", "encoder", held_out=held_out)


def with_large_models(mean: float, beyond: float) -> Changed:
    """A set that holds GPT-2 medium and BERT large, whose words correlate so."""
    data = Changed()
    direct = data["direct_comparisons"]
    found = direct.pairs[0].correlations
    same = found.same_word.model_copy(update={"mean": mean, "beyond": beyond})
    pair = direct.pairs[0].model_copy(
        update={
            "first": "gpt2-medium",
            "second": "bert-large-uncased",
            "relation": "other model",
            "correlations": found.model_copy(update={"same_word": same, "null_standard_deviation": 0.03127}),
        }
    )
    spaces = [
        direct.spaces[0].model_copy(update={"key": key, "name": key, "kind": kind, "width": 1024})
        for key, kind in (("gpt2-medium", "decoder"), ("bert-large-uncased", "encoder"))
    ]
    return data.changed("direct_comparisons", pairs=[*direct.pairs, pair], spaces=[*direct.spaces, *spaces])


def test_every_check_serves_a_claim() -> None:
    assert set(EXPECTED) == {claim["id"] for claim in CLAIMS}
    defined = {name for name, value in vars(CHECKS).items() if getattr(value, "__module__", "") == CHECKS.__name__}
    assert {claim["check"] for claim in CLAIMS} == {name for name in defined if not name.startswith("_")}
    assert {claim["source"] for claim in CLAIMS} == {"cohen2026explore"}


@pytest.mark.parametrize("claim", CLAIMS, ids=[claim["id"] for claim in CLAIMS])
@pytest.mark.parametrize("which", ["real", "random"])
def test_check_runs(claim: dict[str, Any], which: str, request: pytest.FixtureRequest) -> None:
    data: Any = Changed()
    if which == "random":
        folder: Path = request.getfixturevalue("exported") / TINY_SET
        data = {name: read_artefact(folder / f"{name}.json")[1] for name in NEEDED}
    result = getattr(CHECKS, claim["check"])(data)
    assert isinstance(result, CheckResult) and result.verdict in VERDICTS
    if which == "real":
        assert result.verdict == EXPECTED[claim["id"]]
    for text in filter(None, (result.value, result.reason, result.analogue)):
        assert text == text.strip()
        assert not re.search(r"\d\.\d{5}|None|\bnan\b|(?<!GPT)(?<!CBOW)(?<![\w\-])-\d", text), f"a raw number: {text}"
    assert result.reason.endswith(".")


@pytest.mark.parametrize(("mean", "expected"), [(0.0, FAILS), (0.8, HOLDS)])
def test_equal_width_would_mean_something_if_axes_agreed(mean: float, expected: str) -> None:
    data = with_words_alike(Changed(), mean)
    assert verdict("equal_width_is_comparable", data) == expected


def test_vectors_that_came_out_the_same_would_refute_the_source() -> None:
    data = with_words_alike(Changed(), 0.95)
    assert verdict("same_training_other_vectors", data) == FAILS
    assert verdict("cannot_compare_directly", data) == FAILS


@pytest.mark.parametrize(
    ("cosine", "first_place", "rotated", "shared"),
    [(0.95, 1.0, FAILS, FAILS), (0.4, 0.97, CAVEAT, CAVEAT), (0.2, 0.35, HOLDS, CAVEAT), (0.0, 0.0003, HOLDS, FAILS)],
)
def test_rotations_are_judged_by_cosine_and_sharing_by_retrieval(cosine: float, first_place: float, rotated: str, shared: str) -> None:
    data = with_rotation(cosine, first_place)
    assert verdict("not_simply_rotated", data) == rotated
    assert verdict("distinct_but_shared", data) == shared


@pytest.mark.parametrize(
    ("mean", "beyond", "zero", "noise"), [(0.001, 0.05, HOLDS, HOLDS), (0.02, 0.08, HOLDS, CAVEAT), (0.2, 0.9, FAILS, FAILS)]
)
def test_the_large_models_would_be_judged(mean: float, beyond: float, zero: str, noise: str) -> None:
    data = with_large_models(mean, beyond)
    assert verdict("direct_correlations_are_zero", data) == zero
    assert verdict("rest_is_noise", data) == noise
    assert CHECKS.these_models_have_1024(data).value == "1,024 and 1,024"


def test_a_random_model_of_that_name_is_not_the_large_one() -> None:
    data = with_large_models(0.2, 0.9)
    narrow = [
        space.model_copy(update={"width": 24}) if space.key in ("gpt2-medium", "bert-large-uncased") else space
        for space in data["direct_comparisons"].spaces
    ]
    assert verdict("direct_correlations_are_zero", data.changed("direct_comparisons", spaces=narrow)) == OPEN


def test_a_word_that_is_several_tokens_is_found() -> None:
    data = Changed()
    tokens = [token for token in data["vocabulary_gpt2"].tokens if token != "Ġlime"]
    result = CHECKS.words_are_single_tokens(data.changed("vocabulary_gpt2", tokens=tokens))
    assert (result.verdict, result.value) == (FAILS, "33 of 34 in both real vocabularies")


def test_images_whose_cosines_moved_would_break_the_analogy() -> None:
    data = Changed().entries("changed_images", "changes", lambda change: change.key == "rotate", largest_difference=0.1)
    assert verdict("rotated_seven", data) == FAILS
    assert verdict("many_images_complete_the_analogy", data) == FAILS


def test_words_that_are_near_in_some_models_only_do_not_keep_their_relation() -> None:
    data = Changed()
    rows = data["twin_geometry"].cosines
    changed = [[-cosine for cosine in rows[0]], *rows[1:]]
    assert verdict("banana_differs_relations_stay", data.changed("twin_geometry", cosines=changed)) == FAILS
