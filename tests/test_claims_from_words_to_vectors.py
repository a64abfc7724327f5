"""The claims of the note on word vectors: well formed, gone over by hand, and each check at its thresholds."""

from __future__ import annotations

import re
from typing import Any

import pytest

from sitegen.verdicts import VERDICTS, CheckResult
from tests.support.claims import Changed, checks_of, claims_of

CLAIMS = claims_of("from_words_to_vectors")
HOLDS, CAVEAT, FAILS, OPEN = VERDICTS

CHECKS = checks_of("from_words_to_vectors")


@pytest.fixture
def data() -> Changed:
    return Changed()


EXPECTED = {
    "note-dense-vectors": HOLDS,
    "note-words-or-sub-words": CAVEAT,
    "note-high-dimensional": HOLDS,
    "note-similar-placed-close": CAVEAT,
    "note-dissimilar-farther": CAVEAT,
    "note-bridge": HOLDS,
    "note-matrix-shape": HOLDS,
    "note-row-is-a-token": CAVEAT,
    "note-simple-look-up": HOLDS,
    "note-learned-parameter": CAVEAT,
    "note-gpt2-vocabulary": HOLDS,
    "note-gpt2-dimension": HOLDS,
    "note-gpt2-39-million": HOLDS,
    "note-one-of-the-largest-blocks": HOLDS,
    "note-meaning-as-geometry": CAVEAT,
    "note-synonyms-cluster": CAVEAT,
    "note-analogies-as-arithmetic": CAVEAT,
    "note-king-queen": CAVEAT,
    "note-king-queen-from-word2vec": CAVEAT,
    "note-cosine-measures-distance": CAVEAT,
    "note-geometry-from-next-token": CAVEAT,
    "note-prediction-tractable": OPEN,
    "note-similarity-is-predictive": OPEN,
    "note-transformer-explainer": OPEN,
    "note-ft-interactive": OPEN,
}
"""The verdicts on the real set, each gone over by hand."""


def test_every_check_serves_a_claim() -> None:
    named = {claim["check"] for claim in CLAIMS}
    defined = {name for name, value in vars(CHECKS).items() if getattr(value, "__module__", "") == CHECKS.__name__}
    assert named == {name for name in defined if not name.startswith("_")}
    assert len({claim["id"] for claim in CLAIMS}) == len(CLAIMS)


@pytest.mark.parametrize("claim", CLAIMS, ids=[claim["id"] for claim in CLAIMS])
def test_check_runs_on_the_real_set(claim: dict[str, Any], data: Changed) -> None:
    result = getattr(CHECKS, claim["check"])(data)
    assert isinstance(result, CheckResult)
    assert result.verdict == EXPECTED[claim["id"]]
    for text in filter(None, (result.value, result.reason, result.analogue)):
        assert text == text.strip() and text
        assert not re.search(r"[1-9]\.\d{5}|None|\bnan\b|(?<!GPT)-\d", text), f"a raw number: {text}"
    assert result.reason.endswith(".")
    assert re.search(r"line \d+$", claim["where"])


def relations(data: Changed, **fields: float) -> Changed:
    """Some numbers of every space's relations replaced."""
    found = data["word_relations"]
    return data.changed("word_relations", by_model=[entry.model_copy(update=fields) for entry in found.by_model])


@pytest.mark.parametrize(
    ("check", "fields", "verdict"),
    [
        ("similar_placed_close", {"synonyms_over_crossed": 0.9, "antonyms_over_crossed": 0.5}, HOLDS),
        ("similar_placed_close", {"synonyms_over_crossed": 0.7, "antonyms_over_crossed": 0.5}, CAVEAT),
        ("similar_placed_close", {"synonyms_over_crossed": 0.5}, FAILS),
        ("synonyms_cluster", {"synonyms_over_crossed": 0.9, "synonyms_over_antonyms": 0.9}, HOLDS),
        ("synonyms_cluster", {"synonyms_over_crossed": 0.59}, FAILS),
        ("cosine_measures_distance", {"synonyms_over_crossed": 0.9, "synonyms_over_antonyms": 0.8}, HOLDS),
        ("cosine_measures_distance", {"synonyms_over_crossed": 0.5}, FAILS),
        ("geometry_from_next_token", {"synonyms_over_crossed": 0.5}, OPEN),
    ],
)
def test_relations_at_their_thresholds(data: Changed, check: str, fields: dict[str, float], verdict: str) -> None:
    assert getattr(CHECKS, check)(relations(data, **fields)).verdict == verdict


def test_dissimilar_words_are_far_only_without_a_shared_direction(data: Changed) -> None:
    found = data["word_relations"]
    apart = [e.model_copy(update={"random": e.random.model_copy(update={"mean": 0.0})}) for e in found.by_model]
    assert CHECKS.dissimilar_farther(data.changed("word_relations", by_model=apart)).verdict == HOLDS
    clusters = found.clusters.model_copy(update={"within": dict.fromkeys(found.clusters.within, -1.0)})
    assert CHECKS.dissimilar_farther(data.changed("word_relations", clusters=clusters)).verdict == FAILS


def test_geometry_needs_categories_and_names_axes(data: Changed) -> None:
    better = data.by_model("axis_extremes", lambda entry: {"axes_above_directions": 0.4})
    assert CHECKS.meaning_as_geometry(better).verdict == HOLDS
    clusters = data["word_relations"].clusters
    none = clusters.model_copy(update={"nearest_same": dict.fromkeys(clusters.nearest_same, 0)})
    assert CHECKS.meaning_as_geometry(data.changed("word_relations", clusters=none)).verdict == FAILS


def test_analogies_with_and_without_the_rule(data: Changed) -> None:
    found = data["analogies"]
    total = len(found.analogies)

    def scored(left_out: int, kept: int) -> Changed:
        scores = [score.model_copy(update={"right_left_out": left_out, "right_kept": kept}) for score in found.scores]
        return data.changed("analogies", scores=scores)

    assert CHECKS.analogies_as_arithmetic(scored(total, total)).verdict == HOLDS
    assert CHECKS.analogies_as_arithmetic(scored(total // 2, 0)).verdict == FAILS
    king, *others = found.analogies

    def ranked(kept: int, left_out: int) -> Changed:
        spaces = [entry.model_copy(update={"rank_kept": kept, "rank_left_out": left_out}) for entry in king.by_space]
        return data.changed("analogies", analogies=[king.model_copy(update={"by_space": spaces}), *others])

    assert CHECKS.king_queen(ranked(1, 1)).verdict == HOLDS
    assert CHECKS.king_queen(ranked(3, 2)).verdict == FAILS
    assert CHECKS.king_queen(data.changed("analogies", analogies=others)).verdict == OPEN


def test_rows_that_are_equal_or_untrained_are_caveats(data: Changed) -> None:
    clean = data
    for role in ("decoder", "encoder"):
        clean = clean.changed(f"token_marks_{role}", duplicates=0, under_trained=0)
    assert CHECKS.row_is_a_token(clean).verdict == HOLDS
    assert CHECKS.learned_parameter(clean).verdict == HOLDS


def test_the_look_up_must_agree(data: Changed) -> None:
    off = data.by_model("lookups", lambda entry: {"maximum_absolute_difference": 0.1})
    assert CHECKS.simple_look_up(off).verdict == FAILS
    short = data.by_model("lookups", lambda entry: {"dims": entry.rows})
    assert CHECKS.dense_vectors(short).verdict == FAILS


def test_gpt2s_width_is_read_where_gpt2_is(data: Changed) -> None:
    facts = data["model_facts"]
    identity = {"id": "openai-community/gpt2", "embedding_dims": 768, "layers": 12}
    models = [fact.model_copy(update=identity) if fact.role == "decoder" else fact for fact in facts.models]
    assert CHECKS.gpt2_dimension(data.changed("model_facts", models=models)).verdict == HOLDS


def test_sizes_of_gpt2(data: Changed) -> None:
    counts = data["parameter_counts"]

    def with_table(size: int) -> Changed:
        models = [m.model_copy(update={"parts": m.parts | {"token embeddings": size}}) if m.name == "GPT-2" else m for m in counts.models]
        return data.changed("parameter_counts", models=models)

    assert CHECKS.gpt2_39_million(with_table(30_000_000)).verdict == FAILS
    assert CHECKS.one_of_the_largest_blocks(with_table(1_000_000)).verdict == FAILS
    statistics = data["vocabulary_statistics"]
    other = [t.model_copy(update={"size": 50_000}) for t in statistics.tokenizers]
    assert CHECKS.gpt2_vocabulary(data.changed("vocabulary_statistics", tokenizers=other)).verdict == FAILS
    letters = [t.model_copy(update={"letters_only": t.size}) for t in statistics.tokenizers]
    assert CHECKS.words_or_sub_words(data.changed("vocabulary_statistics", tokenizers=letters)).verdict == HOLDS


def test_a_narrow_space_is_not_high_dimensional(data: Changed) -> None:
    assert CHECKS.high_dimensional(data.by_model("axis_extremes", lambda entry: {"dims": 16})).verdict == FAILS
