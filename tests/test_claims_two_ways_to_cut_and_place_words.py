"""The claims about GPT-2's and BERT's vocabularies and matrices: each check returns each of its verdicts where the data call for it."""

from __future__ import annotations

from typing import Any

import pytest

from sitegen.verdicts import VERDICTS
from tests.support.claims import Changed, checks_of, claims_of

NAME = "two_ways_to_cut_and_place_words"
CLAIMS = claims_of("two_ways_to_cut_and_place_words")
HOLDS, CAVEAT, FAILS, OPEN = VERDICTS

CHECKS = checks_of("two_ways_to_cut_and_place_words")


@pytest.fixture
def data() -> Changed:
    return Changed()


def verdict(data: Changed, check: str) -> str:
    return getattr(CHECKS, check)(data).verdict


def as_the_real_pair(data: Changed) -> Changed:
    """The set as if its models were GPT-2 small and BERT base."""
    names = {
        "decoder": {"id": "openai-community/gpt2", "name": "GPT-2", "embedding_dims": 768, "layers": 12},
        "encoder": {"id": "google-bert/bert-base-uncased", "name": "BERT", "embedding_dims": 768, "layers": 12},
    }
    models = [fact.model_copy(update=names.get(fact.role, {})) for fact in data["model_facts"].models]
    return data.changed("model_facts", models=models)


def anybody(_: Any) -> bool:
    return True


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim["id"])
def test_every_claim_is_checked_on_the_committed_data(claim: dict[str, Any], data: Changed):
    result = getattr(CHECKS, claim["check"])(data)
    assert result.verdict in VERDICTS
    for text in (result.value, result.reason, result.analogue):
        assert text is None or (text.strip() == text and text and "None" not in text and "nan" not in text)
    assert result.reason.endswith(".")


def test_expected_verdicts(data: Changed):
    found = {claim["id"]: verdict(data, claim["check"]) for claim in CLAIMS}
    assert {name for name, was in found.items() if was == OPEN} == {
        "objectives-make-the-difference",
        "index-15000-uncorrelated",
        "same-words-often-correlate",
    }
    for name in ("entries-within-a-tenth", "range-for-stability", "the-correlates-015", "variance-slightly-higher", "encoder-attribute"):
        assert found[name] == FAILS
    for name in ("vocabulary-sizes", "bpe-and-wordpiece", "matrix-shapes", "words-in-768-dimensions"):
        assert found[name] == HOLDS


def test_every_claim_names_its_line():
    assert all("line" in claim["where"] and claim["note"].endswith(".") for claim in CLAIMS)


def test_dense_vectors_that_are_not(data: Changed):
    assert verdict(data, "every_dimension_is_used") == CAVEAT
    alone = data.entries("row_statistics", "by_model", anybody, mean_vector_share=0.01)
    assert verdict(alone, "every_dimension_is_used") == CAVEAT  # how efficiently is not measured, whatever the mean vector is
    empty = alone.entries("matrix_entries", "by_model", anybody, share_beyond=[0.5] * 101)
    assert verdict(empty, "every_dimension_is_used") == FAILS


def test_meaning(data: Changed):
    assert verdict(data, "distance_goes_with_meaning") == CAVEAT
    flat = data.entries("pair_similarities", "pairs", anybody, cosine=0.3)
    assert verdict(flat, "distance_goes_with_meaning") == FAILS
    assert verdict(data.changed("pair_similarities", pairs=[]), "distance_goes_with_meaning") == OPEN


def test_fragmentation(data: Changed):
    assert verdict(data, "size_decides_fragmentation") == CAVEAT
    worse = data.entries("pieces_per_word", "by_tokenizer", lambda e: e.tokenizer == "bert", mean_pieces=[9.0] * 24)
    assert verdict(worse, "size_decides_fragmentation") == HOLDS


def test_lengths(data: Changed):
    def lengths(changed: Any, **fields: Any) -> Changed:
        return data.changed(
            "token_kinds",
            tokenizers=[
                entry.model_copy(update={"lengths": [by.model_copy(update=fields) for by in entry.lengths]})
                for entry in changed["token_kinds"].tokenizers
            ],
        )

    assert verdict(lengths(data, peaks=[4, 5, 6]), "lengths_peak_at_4_to_6") == HOLDS
    assert verdict(lengths(data, peaks=[9, 10, 11]), "lengths_peak_at_4_to_6") == FAILS
    assert verdict(lengths(data, mean=4.5, peaks=[4, 5, 6]), "peak_is_the_average_subword") == FAILS
    assert verdict(lengths(data, mean=6.0), "length_can_be_measured") == HOLDS


def test_code(data: Changed):
    def step(name: str, **fields: Any) -> Changed:
        return data.entries("source_code", "steps", lambda s: s.id == name, **fields)

    assert verdict(step("encoder", runs=True, found="50,257 keys"), "encoder_attribute") == HOLDS
    assert verdict(step("order", found="True"), "enumeration_is_the_id") == HOLDS
    assert verdict(step("wte", runs=False), "weights_are_parameters") == FAILS
    assert verdict(step("wte", as_printed=False), "matrix_shapes") == FAILS
    assert verdict(step("the_bert", as_printed=False), "the_ids") == FAILS
    limited = data.entries("source_code", "architectures", anybody, largest_norm_enforced=True)
    assert verdict(limited, "range_for_stability") == CAVEAT
    apart = data.entries("source_code", "architectures", lambda a: a.name == "BERT", authors_initial_standard_deviation=0.5)
    assert verdict(apart, "variance_from_initialisation") == HOLDS


def test_what_both_real_matrices_would_settle(data: Changed):
    real = as_the_real_pair(data)
    assert verdict(real, "entries_within_a_tenth") == FAILS
    small = real.entries("matrix_entries", "by_model", anybody, share_beyond=[0.01] * 101)
    assert verdict(small, "entries_within_a_tenth") == HOLDS
    assert verdict(small, "picture_shows_the_range") == HOLDS
    assert verdict(real, "variance_slightly_higher") == FAILS
    variances = data["row_statistics"].by_model[0].variances
    alike = real.entries("row_statistics", "by_model", anybody, variances=variances)
    assert verdict(alike, "variance_slightly_higher") == FAILS  # equal is not higher
    higher = alike.entries(
        "row_statistics", "by_model", lambda e: e.role == "decoder", variances=variances.model_copy(update={"mean": variances.mean * 1.2})
    )
    assert verdict(higher, "variance_slightly_higher") == HOLDS


def test_same_word_with_both_real_matrices(data: Changed):
    real = as_the_real_pair(data)
    assert verdict(real, "index_15000_uncorrelated") == CAVEAT
    assert verdict(real, "uncorrelated_because_other_word") == FAILS
    assert verdict(real, "same_words_often_correlate") == FAILS
    assert verdict(real, "the_correlates_015") == FAILS
    together = data["same_word"].same_word.model_copy(update={"mean": 0.4})
    found = real.changed("same_word", same_word=together, first_pairing=0.15)
    assert verdict(found, "uncorrelated_because_other_word") == HOLDS
    assert verdict(found, "same_words_often_correlate") == CAVEAT
    assert verdict(found, "the_correlates_015") == HOLDS
    assert verdict(found, "correlation_shows_shared_meaning") == OPEN


def test_index_15000(data: Changed):
    index = data["same_index"]
    assert verdict(data, "index_15000_is_another_word") == CAVEAT
    whole = index.draws[0].model_copy(update={"bert": "lip"})
    other = data.changed("same_index", draws=[whole, *index.draws[1:]], same_string=0)
    assert verdict(other, "index_15000_is_another_word") == HOLDS
    same = data.changed("same_index", draws=[whole.model_copy(update={"bert": "consume"}), *index.draws[1:]])
    assert verdict(same, "index_15000_is_another_word") == FAILS
