"""Axes, look-up, parameter counts, output scores, relations, analogies, associations: against scikit-learn and transformers."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import bootstrap, ortho_group, permutation_test
from sklearn.decomposition import PCA
from sklearn.metrics import roc_auc_score
from sklearn.metrics.pairwise import cosine_similarity

from artefacts.envelope import read_artefact
from charts.from_words_to_vectors.words_on_a_plane import POINTS, nearest, turned
from precompute.models import ModelSet, open_set
from precompute.vectors.analogies import rank_of
from precompute.vectors.associations import effect_size
from precompute.vectors.axes import LARGEST, extremes, mean_pairwise_cosine
from precompute.vectors.parameter_counts import part_of
from precompute.vectors.relations import larger_share, larger_share_interval
from precompute.vectors.shared_words import SharedWords, shared_words
from precompute.workspace import Workspace
from tests.support import ROOT
from tests.tiny_models import TINY_SET

DATA = ROOT / "content" / "data" / "smollm2-minilm"
WORDS = ROOT / "content" / "words"
ROLES = ("static", "decoder", "encoder")


def committed(name: str) -> Any:
    return read_artefact(DATA / f"{name}.json")[1]


@pytest.fixture(scope="module")
def work(real_models: ModelSet) -> Workspace:
    return Workspace(real_models, DATA, WORDS)


@pytest.fixture(scope="module")
def shared(work: Workspace) -> SharedWords:
    return shared_words(work)


# --- shared words --------------------------------------------------------------------------------------------------------


def test_a_shared_word_has_the_same_text_in_every_space(work: Workspace, shared: SharedWords):
    rng = np.random.default_rng(0)
    raw = {role: work.model_set.model(role).raw_tokens() for role in ROLES}
    for n in rng.choice(len(shared.words), 300, replace=False):
        word = shared.words[n]
        assert raw["static"][shared.spaces["static"].ids[n]] == word
        assert raw["encoder"][shared.spaces["encoder"].ids[n]] == word
        assert raw["decoder"][shared.spaces["decoder"].ids[n]].removeprefix("Ġ").lower() == word
    king = shared.place["king"]
    np.testing.assert_array_equal(
        shared.spaces["decoder"].vectors[king], work.model_set.model("decoder").token_embeddings()[shared.spaces["decoder"].ids[king]]
    )


# --- axes ----------------------------------------------------------------------------------------------------------------


def test_extreme_words_are_the_extremes_of_the_column(shared: SharedWords):
    exported = committed("axis_extremes")
    assert exported.words == len(shared.words)
    for entry in exported.by_model:
        column = shared.spaces[entry.role].vectors[:, 7]
        high = [column[shared.place[word]] for word in entry.high[7].split()]
        assert high == sorted(column, reverse=True)[: exported.shown]
        low = [column[shared.place[word]] for word in entry.low[7].split()]
        assert low == sorted(column)[: exported.shown]


@pytest.mark.parametrize("role", ROLES)
def test_the_plane_is_that_of_scikit_learn(shared: SharedWords, role: str):
    entry = next(e for e in committed("axis_extremes").by_model if e.role == role)
    pca = PCA(2, svd_solver="covariance_eigh").fit(shared.spaces[role].vectors)
    assert entry.plane_variance == pytest.approx(pca.explained_variance_ratio_.sum(), abs=1e-4)


@pytest.mark.parametrize("role", ROLES)
def test_the_largest_columns_are_counted_over_the_whole_matrix(work: Workspace, role: str):
    entry = next(e for e in committed("axis_extremes").by_model if e.role == role)
    matrix = work.model_set.model(role).token_embeddings().astype(np.float64)

    def share_of_largest(squares: np.ndarray) -> float:
        return sum(sorted(squares.tolist(), reverse=True)[:LARGEST]) / squares.sum()

    assert entry.size_in_largest == pytest.approx(share_of_largest((matrix**2).sum(axis=0)), abs=1e-4)
    products = matrix.T @ matrix
    turns = ortho_group.rvs(entry.dims, size=40, random_state=6)
    turned = [share_of_largest((turn.T @ products @ turn).diagonal()) for turn in turns]
    assert entry.size_in_largest_turned == pytest.approx(np.mean(turned), rel=0.1)


def test_mean_pairwise_cosine_is_the_mean_of_all_pairs():
    rng = np.random.default_rng(1)
    points = rng.standard_normal((30, 5))
    units = points / np.linalg.norm(points, axis=1, keepdims=True)
    groups = np.stack([rng.choice(30, 6, replace=False) for _ in range(4)], axis=1)
    for group, value in zip(groups.T, mean_pairwise_cosine(units, groups), strict=True):
        table = cosine_similarity(points[group])
        assert value == pytest.approx(table[np.triu_indices(6, 1)].mean())


def test_extremes_of_equal_numbers_come_in_order():
    low, high = extremes(np.array([[1.0], [0.0], [1.0], [0.0]]), 2)
    assert low[:, 0].tolist() == [1, 3]
    assert high[:, 0].tolist() == [0, 2]


def test_random_axes_are_no_better_than_random_directions(exported: Path):
    for entry in read_artefact(exported / TINY_SET / "axis_extremes.json")[1].by_model:
        assert abs(entry.axes.mean - entry.directions.mean) < 0.05
        assert entry.dims == len(entry.low) == len(entry.high)


# --- look-up and parameters ------------------------------------------------------------------------------------------------


def test_rows_of_the_look_up_are_rows_of_the_matrix(work: Workspace):
    for entry in committed("lookups").by_model:
        matrix = work.model_set.model(entry.role).token_embeddings()
        assert (entry.rows, entry.dims) == matrix.shape
        assert entry.maximum_absolute_difference == 0
        for token, numbers in zip(entry.tokens, entry.numbers, strict=True):
            np.testing.assert_allclose(numbers, matrix[token.id, : len(numbers)], atol=0.00501)


def test_published_sizes_give_the_published_counts():
    models = {model.name: model for model in committed("parameter_counts").models}
    gpt2 = models["GPT-2"]
    assert (gpt2.parts["token embeddings"], gpt2.total) == (38_597_376, 124_439_808)
    assert models["BERT base"].total == 109_482_240
    assert models["BERT large"].total == 335_141_888
    assert models["GPT-2 XL"].total == 1_557_611_200


def test_parts_add_up_to_what_the_models_page_says(exported: Path):
    for folder in (DATA, exported / TINY_SET):
        facts = {fact.role: fact for fact in read_artefact(folder / "model_facts.json")[1].models}
        for model in read_artefact(folder / "parameter_counts.json")[1].models:
            assert sum(model.parts.values()) == model.total
            if model.role:
                assert model.total == facts[model.role].parameters
                assert model.parts["token embeddings"] == facts[model.role].embedding_parameters


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("transformer.wte.weight", "token embeddings"),
        ("embeddings.word_embeddings.weight", "token embeddings"),
        ("model.embed_tokens.weight", "token embeddings"),
        ("transformer.wpe.weight", "other embeddings"),
        ("embeddings.token_type_embeddings.weight", "other embeddings"),
        ("embeddings.LayerNorm.weight", "normalisation"),
        ("transformer.h.0.ln_1.bias", "normalisation"),
        ("model.layers.3.post_attention_layernorm.weight", "normalisation"),
        ("encoder.layer.0.attention.output.dense.weight", "attention"),
        ("transformer.h.0.attn.c_proj.weight", "attention"),
        ("encoder.layer.0.output.dense.weight", "feed-forward"),
        ("model.layers.0.mlp.gate_proj.weight", "feed-forward"),
        ("pooler.dense.bias", "pooler"),
        ("lm_head.weight", "output"),
    ],
)
def test_parameters_are_known_by_their_names(name: str, part: str):
    assert part_of(name) == part


# --- output scores -------------------------------------------------------------------------------------------------------


def check_scores(scores: Any, model: Any) -> None:
    """Scores and probabilities of the exported tokens are transformers' own, to 1e-5 and rounding."""
    import torch

    for prompt in scores.prompts:
        ids = [token.id for token in prompt.tokens]
        assert ids == model.tokenize(prompt.prompt)
        with torch.inference_mode():
            logits = model.network(torch.tensor([ids])).logits[0, -1].double()
        probabilities = logits.softmax(0)
        best = torch.argsort(-logits, stable=True)[: len(prompt.best)]
        assert [token.token.id for token in prompt.best] == best.tolist()
        for token in prompt.best:
            assert token.probability == pytest.approx(float(probabilities[token.token.id]), abs=1e-5)
            assert token.score == pytest.approx(float(logits[token.token.id]), abs=2e-4)
            assert token.score == pytest.approx(token.cosine * token.norm * prompt.vector_norm, rel=2e-3, abs=2e-3)


def test_dot_products_are_the_scores_of_the_real_decoder(work: Workspace):
    scores = committed("output_scores")
    assert scores.tied
    check_scores(scores, work.model_set.model("decoder"))


def test_dot_products_are_the_scores_of_a_random_decoder(tiny: Any, exported: Path):
    models = open_set(TINY_SET, models_dir=tiny.models_dir, sets_file=tiny.sets_file, offline=True)
    check_scores(read_artefact(exported / TINY_SET / "output_scores.json")[1], models.model("decoder"))


# --- relations -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_cosines_of_pairs_and_clusters_are_those_of_scikit_learn(shared: SharedWords, role: str):
    exported, vectors = committed("word_relations"), shared.spaces[role].vectors
    for pair in exported.pairs:
        rows = vectors[[shared.place[pair.first], shared.place[pair.second]]]
        assert pair.cosines[role] == pytest.approx(cosine_similarity(rows)[0, 1], abs=1e-5)
    words = [word for found in exported.clusters.categories.values() for word in found]
    table = cosine_similarity(vectors[[shared.place[word] for word in words]])
    np.testing.assert_allclose(exported.clusters.cosines[role], table, atol=5.1e-4)


def test_shares_of_comparisons_are_areas_under_the_roc_curve():
    rng = np.random.default_rng(2)
    first, second = rng.integers(0, 9, 40) / 9, rng.integers(0, 7, 60) / 9  # with ties
    expected = roc_auc_score([1] * 40 + [0] * 60, np.concatenate((first, second)))
    assert larger_share(first, second) == pytest.approx(expected)
    assert larger_share(first, np.array([])) == 0.5
    exported = committed("word_relations")
    for entry in exported.by_model:
        groups = [[p.cosines[entry.role] for p in exported.pairs if p.group == group] for group in ("synonyms", "antonyms")]
        expected = roc_auc_score([1] * len(groups[0]) + [0] * len(groups[1]), [*groups[0], *groups[1]])
        assert entry.synonyms_over_antonyms == pytest.approx(expected, abs=1e-4)


def test_the_interval_of_a_share_is_scipys_bootstrap():
    rng = np.random.default_rng(3)
    first, second = rng.normal(0.3, 1, 40), rng.normal(0, 1, 40)
    theirs = bootstrap((first, second), larger_share, vectorized=False, paired=False, method="percentile", n_resamples=9999, rng=4)
    assert larger_share_interval(first, second) == pytest.approx(tuple(theirs.confidence_interval), abs=0.01)
    assert larger_share_interval(first, np.array([])) == (0.0, 1.0)
    exported = committed("word_relations")
    for entry in exported.by_model:
        groups = [np.array([p.cosines[entry.role] for p in exported.pairs if p.group == group]) for group in ("synonyms", "antonyms")]
        interval = (entry.synonyms_over_antonyms_low, entry.synonyms_over_antonyms_high)
        assert interval == pytest.approx(larger_share_interval(*groups), abs=1e-4)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("group", ["synonyms", "antonyms"])
def test_strangers_are_all_words_of_a_group_with_partners_of_others(shared: SharedWords, role: str, group: str):
    exported = committed("word_relations")
    pairs = [pair for pair in exported.pairs if pair.group == group]
    entry = next(e for e in exported.by_model if e.role == role)
    places = np.array([[shared.place[pair.first], shared.place[pair.second]] for pair in pairs])
    table = cosine_similarity(shared.spaces[role].vectors[places[:, 0]], shared.spaces[role].vectors[places[:, 1]])
    strangers = [table[i, j] for i in range(len(pairs)) for j in range(len(pairs)) if i != j]
    assert entry.crossed[group].count == len(strangers)
    assert entry.crossed[group].mean == pytest.approx(np.mean(strangers), abs=1e-4)
    assert entry.crossed[group].percentile_95 == pytest.approx(np.percentile(strangers, 95), abs=1e-4)
    expected = roc_auc_score([1] * len(pairs) + [0] * len(strangers), [*np.diag(table), *strangers])
    assert getattr(entry, f"{group}_over_crossed") == pytest.approx(expected, abs=1e-4)


# --- analogies -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_analogies_are_those_of_scikit_learn(shared: SharedWords, role: str):
    units = shared.spaces[role].vectors / np.linalg.norm(shared.spaces[role].vectors, axis=1, keepdims=True)
    for analogy in committed("analogies").analogies[::5]:
        a, b, c, expected = (shared.place[word] for word in (analogy.a, analogy.b, analogy.c, analogy.expected))
        cosines = cosine_similarity((units[b] - units[a] + units[c])[None], units)[0]
        entry = next(e for e in analogy.by_space if e.role == role)
        order = np.argsort(-cosines, kind="stable")
        assert [answer.word for answer in entry.best] == [shared.words[n] for n in order[: len(entry.best)]]
        assert entry.rank_kept == order.tolist().index(expected) + 1
        assert entry.rank_left_out == [n for n in order.tolist() if n not in (a, b, c)].index(expected) + 1
        assert [answer.given for answer in entry.best] == [answer.word in (analogy.a, analogy.b, analogy.c) for answer in entry.best]


@pytest.mark.parametrize("role", ROLES)
def test_controls_of_analogies_are_those_of_scikit_learn(shared: SharedWords, role: str):
    exported, units = committed("analogies"), shared.spaces[role].units
    right = {"near_c": 0, "near_b": 0, "b_plus_c": 0, "only_by_subtracting": 0}
    for analogy in exported.analogies:
        given = [analogy.a, analogy.b, analogy.c]
        b, c = (units[shared.place[word]] for word in given[1:])
        entry = next(e for e in analogy.by_space if e.role == role)
        found = {}
        for name, point in {"near_c": c, "near_b": b, "b_plus_c": b + c}.items():
            order = np.argsort(-cosine_similarity(point[None], units)[0], kind="stable")
            allowed = [word for word in (shared.words[n] for n in order) if word not in given]
            found[name] = allowed[0] == analogy.expected
            assert getattr(entry, f"rank_{name}") == allowed.index(analogy.expected) + 1
            right[name] += found[name]
        right["only_by_subtracting"] += entry.rank_left_out == 1 and not any(found.values())
    score = next(s for s in exported.scores if s.role == role)
    assert right == {name: getattr(score, f"right_{name}") for name in right}


def test_ranks_leave_out_what_they_are_told():
    scores = np.array([0.9, 0.8, 0.7, 0.7])
    assert rank_of(scores, 2, []) == 3
    assert rank_of(scores, 2, [0]) == 2
    assert rank_of(scores, 2, [0, 1]) == 1


def test_king_minus_man_plus_woman():
    """The finding that the lesson tells: king itself is nearest in every space, and queen the nearest of the others."""
    analogy = committed("analogies").analogies[0]
    assert (analogy.b, analogy.expected) == ("king", "queen")
    for entry in analogy.by_space:
        assert (entry.best[0].word, entry.rank_kept, entry.rank_left_out) == ("king", 2, 1)
        assert (entry.rank_whole_vocabulary is None) == (entry.role != "static")


# --- associations --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_occupations_lie_where_the_cosine_says(shared: SharedWords, role: str):
    exported = committed("associations")
    entry = next(e for e in exported.by_space if e.role == role)
    units = shared.spaces[role].units
    direction = units[shared.place["she"]] - units[shared.place["he"]]
    words = [word.word for word in entry.occupations]
    cosines = cosine_similarity(units[[shared.place[word] for word in words]], direction[None])[:, 0]
    np.testing.assert_allclose([word.cosine for word in entry.occupations], cosines, atol=1e-5)
    assert entry.spread == pytest.approx(cosines.std(), abs=1e-5)
    ends = [[word.cosine for word in group] for group in (entry.first_words, entry.second_words)]
    expected = roc_auc_score([1] * len(ends[0]) + [0] * len(ends[1]), [*ends[0], *ends[1]])
    assert entry.definition_right == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("role", ROLES)
def test_couples_are_in_order_where_hers_lies_further_towards_she(work: Workspace, shared: SharedWords, role: str):
    entry = next(e for e in committed("associations").by_space if e.role == role)
    lists, units = work.words("associations"), shared.spaces[role].units
    direction = units[shared.place["she"]] - units[shared.place["he"]]
    wrong = []
    for her, his in zip(lists["first"], lists["second"], strict=True):
        cosines = cosine_similarity(units[[shared.place[her], shared.place[his]]], direction[None])[:, 0]
        if cosines[0] <= cosines[1]:
            wrong.append((her, his))
    assert entry.couples_wrong == wrong
    assert entry.couples == 12


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", ["weat1", "weat6", "weat7"])
def test_association_tests_are_scipys_exact_permutations(work: Workspace, shared: SharedWords, role: str, name: str):
    words = work.words("associations")["tests"][name]
    test = next(t for t in committed("associations").tests if t.name == words["name"])
    entry = next(e for e in test.by_space if e.role == role)
    lists = [words[part] for part in ("first_targets", "second_targets", "first_attributes", "second_attributes")]
    assert test.words_listed == [len(found) for found in lists]
    rows = [[shared.place[word] for word in found if word in shared.place] for found in lists]
    assert test.words == [len(found) for found in rows]
    vectors = shared.spaces[role].vectors
    for space, effect, p in ((vectors, entry.effect, entry.p), (vectors - vectors.mean(axis=0), entry.effect_centred, entry.p_centred)):
        first, second, good, bad = (space[found] for found in rows)
        values = [cosine_similarity(t, good).mean(axis=1) - cosine_similarity(t, bad).mean(axis=1) for t in (first, second)]
        both = np.concatenate(values)
        assert effect == pytest.approx((values[0].mean() - values[1].mean()) / both.std(ddof=1), abs=1e-4)
        exact = permutation_test(
            values, lambda x, y, axis: x.mean(axis) - y.mean(axis), alternative="greater", vectorized=True, n_resamples=np.inf
        )
        assert p == pytest.approx(exact.pvalue, abs=0.015)


def test_effect_size_by_hand():
    assert effect_size(np.array([1.0, 1.0]), np.array([0.0, 0.0])) == pytest.approx(1 / math.sqrt(1 / 3))


def test_random_vectors_show_no_stereotype(exported: Path):
    found = read_artefact(exported / TINY_SET / "associations.json")[1]
    for test in found.tests:
        assert all(0 < entry.p <= 1 and -2 <= entry.effect <= 2 for entry in test.by_space)


# --- the toy plane -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("turn", [0, 40, 90, 350])
def test_turning_keeps_every_distance(turn: int):
    words = list(POINTS)
    for first in words:
        for second in words:
            assert math.dist(turned(POINTS[first], turn), turned(POINTS[second], turn)) == pytest.approx(
                math.dist(POINTS[first], POINTS[second])
            )
    assert nearest("king")[0] == "queen"
    assert turned((1.0, 0.0), 90) == pytest.approx((0.0, -1.0))
