"""The formulas of representational similarity analysis, against rsatoolbox, SciPy and scikit-learn, on the bundled models' vectors."""

from __future__ import annotations

from itertools import combinations_with_replacement, permutations
from pathlib import Path

import numpy as np
import pytest
from rsatoolbox.data import Dataset
from rsatoolbox.inference import bootstrap_sample_pattern
from rsatoolbox.inference.noise_ceiling import boot_noise_ceiling
from rsatoolbox.rdm import RDMs, calc_rdm, compare, get_categorical_rdm
from scipy import stats
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import squareform
from sklearn.metrics import pairwise_distances

from artefacts.envelope import read_artefact
from precompute.rsa import category_tests, cka, coefficients, inference, partial, rdms, selectivity, words
from precompute.rsa.coefficients import COEFFICIENTS, category_ceiling, coefficient
from precompute.rsa.rdms import MEASURES, category_dissimilarities, dissimilarities
from precompute.statistics_of import pearson
from precompute.workspace import Workspace
from tests.tiny_models import TINY_SET

ROOT = Path(__file__).resolve().parent.parent
THEIRS = {"pearson": "corr", "spearman": "spearman", "rho_a": "rho-a", "tau_a": "tau-a"}  # rsatoolbox's names
PAIRS = (("decoder", "encoder"), ("decoder", "static"), ("encoder", "static"))
SOURCE_SIZES = (10, 13, 11)  # words of the source in its three categories, "sofa" among the second


def categories_of(sizes: tuple[int, ...]) -> list[str]:
    return [name for name, size in zip("abcdefgh", sizes, strict=False) for _ in range(size)]


def rsatoolbox_value(name: str, first: np.ndarray, second: np.ndarray) -> float:
    return float(compare(RDMs(first[None]), RDMs(second[None]), THEIRS[name]).item())


@pytest.fixture(scope="module")
def work(real_models) -> Workspace:
    return Workspace(real_models, ROOT / "content" / "data" / "smollm2-minilm", ROOT / "content" / "words")


@pytest.fixture(scope="module")
def compared(work: Workspace) -> words.ComparedWords:
    return words.source_words(work)


@pytest.fixture(scope="module")
def cosine_rdms(compared: words.ComparedWords) -> dict[str, np.ndarray]:
    return {role: dissimilarities(vectors) for role, vectors in compared.vectors.items()}


# --- the words ---------------------------------------------------------------------------------------------------------------------


def test_words_are_those_that_every_space_has_as_one_token(work: Workspace, compared: words.ComparedWords):
    listed = work.words("rsa_words")["space_furniture_fruit"]
    assert {name: len(of_it) for name, of_it in listed.items()} == dict(zip(("space", "furniture", "fruit"), SOURCE_SIZES, strict=True))
    assert [(out.word, out.category, out.pieces) for out in compared.left_out] == [("sofa", "furniture", {"decoder": 2})]
    assert len(compared) == 33 and list(compared.vectors) == list(work.model_set.roles)
    for role, raw in (("decoder", "Ġ{}"), ("encoder", "{}"), ("static", "{}")):
        model = work.model_set.model(role)
        names = model.raw_tokens()
        assert [names[token] for token in compared.token_ids[role]] == [raw.format(word) for word in compared.words]
        assert (compared.vectors[role] == model.token_embeddings()[compared.token_ids[role]]).all()


def test_words_of_chosen_members_only(work: Workspace):
    both = words.source_words(work, ("encoder", "static"))
    assert len(both) == 34 and both.left_out == [] and set(both.vectors) == {"encoder", "static"}
    unknown = words.compared_words(work, {"odd": ["sofa", "qzqzqz"]}, ("encoder", "static"))
    assert unknown.words == ["sofa"] and unknown.left_out[0].pieces["static"] == 0 and unknown.left_out[0].pieces["encoder"] > 1


# --- step one ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("role", ["decoder", "encoder", "static"])
def test_dissimilarities_agree_with_scikit_learn(compared: words.ComparedWords, role: str, measure: str):
    ours = rdms.matrix_of(dissimilarities(compared.vectors[role], measure))
    assert np.allclose(ours, pairwise_distances(compared.vectors[role], metric=measure), atol=1e-6, rtol=0)


def test_dissimilarities_agree_with_rsatoolbox(compared: words.ComparedWords):
    vectors = compared.vectors["encoder"]
    theirs = calc_rdm(Dataset(vectors), method="correlation").dissimilarities[0]
    assert np.allclose(dissimilarities(vectors, "correlation"), theirs, atol=1e-6, rtol=0)
    squared = calc_rdm(Dataset(vectors), method="euclidean").dissimilarities[0] * vectors.shape[1]  # rsatoolbox divides by the width
    assert np.allclose(dissimilarities(vectors, "euclidean") ** 2, squared, atol=1e-6, rtol=0)
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    squared = calc_rdm(Dataset(units), method="euclidean").dissimilarities[0] * vectors.shape[1]
    assert np.allclose(2 * dissimilarities(vectors, "cosine"), squared, atol=1e-6, rtol=0)


def test_pairs_stand_row_by_row():
    matrix = np.arange(16.0).reshape(4, 4)
    assert rdms.pairs_of(matrix).tolist() == [1, 2, 3, 6, 7, 11]
    pairs = np.arange(1.0, 7)
    assert (rdms.matrix_of(pairs) == squareform(pairs)).all()
    assert np.diag(rdms.matrix_of(pairs, diagonal=1)).tolist() == [1, 1, 1, 1]
    assert [rdms.word_count(np.zeros(n)) for n in (1, 3, 6, 561)] == [2, 3, 4, 34]
    for wrong in (2, 4, 560):
        with pytest.raises(ValueError, match="one for each pair"):
            rdms.matrix_of(np.zeros(wrong))


def test_a_measure_that_does_not_exist_is_named():
    with pytest.raises(ValueError, match="there is no measure 'manhattan'"):
        dissimilarities(np.eye(3), "manhattan")


def test_category_rdm_agrees_with_rsatoolbox():
    names = categories_of(SOURCE_SIZES)
    theirs = get_categorical_rdm(np.unique(names, return_inverse=True)[1]).dissimilarities[0]
    ours = category_dissimilarities(names)
    assert (ours == theirs).all() and (len(ours), ours.sum()) == (561, 383)


# --- step two ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("name", COEFFICIENTS)
def test_coefficients_agree_with_rsatoolbox(compared: words.ComparedWords, name: str, measure: str):
    found = {role: dissimilarities(vectors, measure) for role, vectors in compared.vectors.items()}
    found["category"] = category_dissimilarities(compared.categories)
    for (one, first), (other, second) in combinations_with_replacement(found.items(), 2):
        assert coefficient(name, first, second) == pytest.approx(rsatoolbox_value(name, first, second), abs=1e-6), (one, other)


def test_coefficients_agree_with_scipy(cosine_rdms):
    one, other = cosine_rdms["decoder"], cosine_rdms["static"]
    assert coefficient("pearson", one, other) == pytest.approx(stats.pearsonr(one, other).statistic, abs=1e-9)
    assert coefficient("spearman", one, other) == pytest.approx(stats.spearmanr(one, other).statistic, abs=1e-9)
    assert coefficient("tau_a", one, other) == pytest.approx(stats.kendalltau(one, other).statistic, abs=1e-9)  # no ties here


def test_a_constant_side_agrees_with_nothing_and_odd_input_is_refused():
    one, constant = np.arange(6.0), np.full(6, 0.1)
    assert [coefficient(name, one, constant) for name in COEFFICIENTS] == [0, 0, 0, 0]
    with pytest.raises(ValueError, match="cannot be compared"):
        coefficient("pearson", one, one[:5])
    with pytest.raises(ValueError, match="no coefficient 'kappa'"):
        coefficient("kappa", one, one)


@pytest.mark.parametrize(("sizes", "tau_a", "rho_a"), [(SOURCE_SIZES, 0.434, 0.650), ((10, 12, 11), 0.432, 0.647)])
def test_reachable_ceilings_with_34_and_33_words(sizes: tuple[int, ...], tau_a: float, rho_a: float):
    names = categories_of(sizes)
    assert category_ceiling("tau_a", names) == pytest.approx(tau_a, abs=5e-4)
    assert category_ceiling("rho_a", names) == pytest.approx(rho_a, abs=5e-4)
    assert category_ceiling("pearson", names) == 1


def test_no_untied_values_reach_more_than_the_ceiling():
    names, numbers = categories_of((4, 3, 3)), np.random.default_rng(0)
    model = category_dissimilarities(names)
    for name in COEFFICIENTS:
        ceiling = category_ceiling(name, names)
        tried = [coefficient(name, model + noise * numbers.random(45), model) for noise in (1e-3, 0.5, 2) for _ in range(50)]
        assert max(tried) <= ceiling + 1e-9 and max(tried) == pytest.approx(ceiling, abs=1e-5)
    assert [category_ceiling(name, ["a"] * 5) for name in COEFFICIENTS] == [0, 0, 0, 0]


# --- inference -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", COEFFICIENTS)
def test_null_is_that_of_shuffled_matrices(cosine_rdms, name: str):
    one, other = cosine_rdms["decoder"], cosine_rdms["encoder"]
    null = inference.permutation_null(one, other, name, 60, seed=4)
    (orders,) = inference.permuted_words(33, 60, seed=4)
    matrix = RDMs(other[None])
    for value, order in list(zip(null, orders, strict=True))[::6]:
        assert sorted(order) == list(range(33))
        shuffled = matrix.get_matrices()[0][np.ix_(order, order)]
        assert value == pytest.approx(rsatoolbox_value(name, one, squareform(shuffled, checks=False)), abs=1e-6)


def test_permutation_test_finds_what_is_there_and_nothing_else(cosine_rdms):
    found = inference.permutation_test(cosine_rdms["encoder"], cosine_rdms["static"], seed=1)
    assert len(found.null) == 10_000 and found.p == 1 / 10_001 and abs(found.null.mean()) < 0.01
    numbers = np.random.default_rng(0)
    ps = [
        inference.permutation_test(*(dissimilarities(numbers.normal(size=(12, 20))) for _ in range(2)), permutations=199, seed=n).p
        for n in range(300)
    ]
    rejected = np.mean(np.array(ps) <= 0.05)
    assert stats.binomtest(int(rejected * 300), 300, 0.05).pvalue > 0.01 and 0.4 < np.mean(ps) < 0.6


def test_p_counts_the_observed_order_itself():
    assert inference.p_value(1.0, np.array([0.0, 0.5, 1.0 - 1e-15, 2.0])) == 3 / 5
    one = np.arange(3.0)
    assert inference.permutation_test(one, one, permutations=600, seed=0).p == pytest.approx(1 / 6, abs=0.05)  # 3! orders of three words


def test_permutation_within_groups_stays_within_them():
    names = np.array(categories_of((4, 1, 5)))
    blocks = list(inference.permuted_words(10, 300, seed=2, groups=names))
    orders = np.concatenate(blocks)
    assert orders.shape == (300, 10) and (names[orders] == names).all()
    assert len(np.unique(orders, axis=0)) > 250
    again = np.concatenate(list(inference.permuted_words(10, 300, seed=2, groups=names)))
    assert (orders == again).all() and (orders != np.concatenate(list(inference.permuted_words(10, 300, seed=3, groups=names)))).any()


def test_blocks_change_no_draw_count(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(inference, "VALUES_AT_ONCE", 100)
    assert [len(block) for block in inference.permuted_words(5, 23, seed=0)] == [10, 10, 3]
    assert sum(len(block) for block in inference.drawn_words(5, 23, seed=0)) == 23


@pytest.mark.parametrize("name", COEFFICIENTS)
def test_resamples_are_those_of_rsatoolbox(cosine_rdms, name: str):
    """rsatoolbox draws words and marks the pairs of a word with its own copies as missing; we weigh the pairs. Both must agree."""
    one, other = RDMs(cosine_rdms["decoder"][None]), RDMs(cosine_rdms["encoder"][None])
    np.random.seed(3)  # rsatoolbox draws from numpy's old generator
    for _ in range(8):
        drawn, index = bootstrap_sample_pattern(one)
        counts = np.bincount(index, minlength=33)[None]
        ours = inference._resampled(cosine_rdms["decoder"], cosine_rdms["encoder"], name, counts)[0]
        same = other.subsample_pattern("index", index)
        kept = np.isfinite(drawn.dissimilarities[0])
        theirs = rsatoolbox_value(name, drawn.dissimilarities[0][kept], same.dissimilarities[0][kept])
        assert ours == pytest.approx(theirs, abs=1e-6)


def test_weighted_correlations_are_those_of_repeated_pairs():
    """Also of values that lie far from 0, where sums of squares lose digits; 0 where there are no pairs, or nothing varies."""
    numbers = np.random.default_rng(3)
    weights = numbers.integers(3, size=(6, 40))
    weights[0], weights[1] = 0, np.arange(40) == 7
    first, second = 1e6 + numbers.normal(size=(2, 40))
    for one in (first, np.tile(first, (6, 1))):  # the same in each draw, or each draw's own
        found = inference.weighted_pearson(one, second, weights)
        assert found[:2].tolist() == [0, 0]
        repeated = [stats.pearsonr(np.repeat(first, row), np.repeat(second, row))[0] for row in weights[2:]]
        assert found[2:] == pytest.approx(repeated, abs=1e-9)
    assert inference.weighted_pearson(np.full(40, 0.1), second, weights).tolist() == [0] * 6


def test_weighted_ranks_are_ranks_of_repeated_values():
    values, weights = np.array([0.3, 0.1, 0.3, 0.9]), np.array([[2, 1, 1, 3], [0, 1, 4, 1]])
    for row, found in zip(weights, inference.weighted_ranks(values, weights), strict=True):
        assert (np.repeat(found, row) == stats.rankdata(np.repeat(values, row))).all()


def test_interval_covers_the_value_and_repeats_itself(cosine_rdms):
    one, other = cosine_rdms["encoder"], cosine_rdms["static"]
    found = inference.bootstrap(one, other, seed=5, resamples=2000)
    assert found.low < coefficient("pearson", one, other) < found.high < 1
    assert np.mean((found.resampled >= found.low) & (found.resampled <= found.high)) == pytest.approx(0.95, abs=0.005)
    assert (found.resampled == inference.bootstrap(one, other, seed=5, resamples=2000).resampled).all()
    narrow = inference.bootstrap(one, other, seed=5, resamples=2000, level=0.5)
    assert found.low < narrow.low < narrow.high < found.high


def test_noise_ceiling_agrees_with_rsatoolbox():
    numbers = np.random.default_rng(0)
    truth = numbers.normal(size=528)
    sources = truth + numbers.normal(scale=0.5, size=(4, 528))
    lower, upper = inference.noise_ceiling(sources)
    assert 0.8 < lower < upper < 1
    assert (lower, upper) == pytest.approx([np.mean(bound) for bound in boot_noise_ceiling(RDMs(sources), "corr")], abs=1e-6)
    assert inference.noise_ceiling(np.stack([truth, truth * 2 + 1])) == pytest.approx((1, 1))


# --- selectivity and partial RSA -------------------------------------------------------------------------------------------------------


def test_selectivity_agrees_with_scipy(compared: words.ComparedWords, cosine_rdms):
    across = category_dissimilarities(compared.categories) == 1
    for pairs in cosine_rdms.values():
        found = selectivity.selectivity(pairs, compared.categories, permutations=999, seed=0)
        similarities = 1 - pairs
        assert found.difference == pytest.approx(similarities[~across].mean() - similarities[across].mean(), abs=1e-9)
        t = stats.ttest_ind(pairs[across], pairs[~across]).statistic  # d is t, in other units
        assert found.cohens_d == pytest.approx(t * np.sqrt(1 / across.sum() + 1 / (~across).sum()), abs=1e-9)
        assert found.pearson == pytest.approx(stats.pointbiserialr(across, pairs).statistic, abs=1e-9)


def test_the_three_indices_share_one_test():
    names, numbers = np.array(categories_of((4, 4, 4))), np.random.default_rng(8)
    pairs = dissimilarities(numbers.normal(size=(12, 6)) + np.eye(12, 6))
    nulls = {
        index: np.array([index(pairs, names[order]) for order in np.concatenate(list(inference.permuted_words(12, 400, seed=6)))])
        for index in (selectivity.difference_of_means, selectivity.cohens_d)
    }
    found = selectivity.selectivity(pairs, names, permutations=400, seed=6)
    observed = {selectivity.difference_of_means: found.difference, selectivity.cohens_d: found.cohens_d}
    ours = {index: inference.p_value(observed[index], null) for index, null in nulls.items()}
    # shuffling the words of one matrix or of the other gives the same null in the long run, not draw by draw
    assert ours[selectivity.difference_of_means] == ours[selectivity.cohens_d] == pytest.approx(found.p, abs=0.06)
    order = np.argsort(nulls[selectivity.difference_of_means])
    assert (np.diff(nulls[selectivity.cohens_d][order]) >= -1e-9).all()


def test_selectivity_needs_pairs_of_both_kinds():
    for names in (["a"] * 4, list("abcd")):
        with pytest.raises(ValueError, match="pairs within a category"):
            selectivity.selectivity(np.arange(6.0), names, permutations=10, seed=0)


@pytest.mark.parametrize("held", [1, 2, 3])
@pytest.mark.parametrize("name", partial.PARTIAL_COEFFICIENTS)
def test_partial_correlation_is_that_of_residuals(compared: words.ComparedWords, cosine_rdms, name: str, held: int):
    noise = np.random.default_rng(4).normal(size=len(cosine_rdms["decoder"]))
    given = [category_dissimilarities(compared.categories), cosine_rdms["decoder"] + 0.1 * noise, cosine_rdms["encoder"] - noise][:held]
    values = [stats.rankdata(v) if name == "spearman" else v for v in (cosine_rdms["decoder"], cosine_rdms["encoder"], *given)]
    design = np.column_stack([np.ones(len(noise)), *values[2:]])
    residuals = [v - design @ np.linalg.lstsq(design, v)[0] for v in values[:2]]
    ours = partial.partial_coefficient(name, cosine_rdms["decoder"], cosine_rdms["encoder"], *given)
    assert ours == pytest.approx(stats.pearsonr(*residuals).statistic, abs=1e-9)


def test_partial_null_permutes_one_matrix_and_refuses_rank_coefficients(cosine_rdms, compared: words.ComparedWords):
    one, other = cosine_rdms["decoder"], cosine_rdms["encoder"]
    given = category_dissimilarities(compared.categories)
    noise = np.random.default_rng(4).normal(size=len(one))
    test = partial.partial_test(one, other, [given, one + noise], groups=compared.categories, permutations=20, seed=9)
    (orders,) = inference.permuted_words(33, 20, seed=9, groups=compared.categories)
    for value, order in zip(test.null, orders, strict=True):
        shuffled = rdms.pairs_of(rdms.matrix_of(other)[np.ix_(order, order)])
        assert value == pytest.approx(partial.partial_coefficient("pearson", one, shuffled, given, one + noise), abs=1e-9)
    with pytest.raises(ValueError, match="not 'rho_a'"):
        partial.partial_coefficient("rho_a", one, other, given)
    assert partial.partial_coefficient("pearson", given, one, given) == 0


def test_within_category_permutation_keeps_its_level_where_free_permutation_does_not():
    """Two spaces that share their categories and nothing else: given the category, nothing is left to find."""
    names, numbers, rejected = categories_of((8, 8, 8)), np.random.default_rng(1), {"within": 0, "free": 0}
    given = category_dissimilarities(names)
    centres = np.unique(names, return_inverse=True)[1]
    for n in range(120):
        one, other = (dissimilarities(numbers.normal(size=(3, 10))[centres] + numbers.normal(size=(24, 10))) for _ in range(2))
        for kind, groups in (("within", names), ("free", None)):
            rejected[kind] += partial.partial_test(one, other, [given], groups=groups, permutations=199, seed=n).p <= 0.05
    assert stats.binomtest(rejected["within"], 120, 0.05).pvalue > 0.01
    assert rejected["free"] > 0.15 * 120


# --- CKA -----------------------------------------------------------------------------------------------------------------------------


def test_linear_cka_agrees_with_rsatoolbox(compared: words.ComparedWords):
    for one, other in PAIRS:
        squared = [RDMs((dissimilarities(compared.vectors[role], "euclidean") ** 2)[None]) for role in (one, other)]
        theirs = compare(*squared, "cosine_cov").item()
        assert cka.linear_cka(compared.vectors[one], compared.vectors[other]) == pytest.approx(theirs, abs=1e-6)


def test_linear_cka_is_its_definition_in_features(compared: words.ComparedWords):
    x, y = (v - v.mean(axis=0) for v in (compared.vectors["encoder"], compared.vectors["static"]))
    by_features = np.linalg.norm(y.T @ x) ** 2 / (np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y))
    assert cka.linear_cka(compared.vectors["encoder"], compared.vectors["static"]) == pytest.approx(by_features, abs=1e-9)


def test_debiased_cka_is_near_zero_where_nothing_is_shared_and_the_usual_one_is_not():
    numbers = np.random.default_rng(0)
    draws = [(numbers.normal(size=(34, 576)), numbers.normal(size=(34, 384))) for _ in range(60)]
    usual, debiased = (np.array([of(*draw) for draw in draws]) for of in (cka.linear_cka, cka.debiased_cka))
    assert usual.mean() == pytest.approx(0.93, abs=0.01)
    assert abs(debiased.mean()) < 3 * debiased.std() / np.sqrt(60) and debiased.std() < 0.1


def test_debiased_hsic_is_the_average_over_four_different_words():
    """Song et al. 2012 define it as a U-statistic: the mean of a kernel over all ordered quadruples of different items."""
    numbers = np.random.default_rng(2)
    k, m = (cka._without_diagonal(cka._inner_products(numbers.normal(size=(6, 3)))) for _ in range(2))
    quadruples = list(permutations(range(6), 4))
    mean = np.mean([k[i, j] * (m[i, j] + m[q, r] - 2 * m[i, q]) for i, j, q, r in quadruples])
    assert cka._unbiased_hsic(k, m) == pytest.approx(mean, abs=1e-12)


def test_cka_ignores_rotation_and_size_and_refuses_three_words(compared: words.ComparedWords):
    vectors = compared.vectors["static"]
    turned = 3 * vectors @ stats.ortho_group.rvs(vectors.shape[1], random_state=0)
    for of in (cka.linear_cka, cka.debiased_cka):
        assert of(vectors, turned) == pytest.approx(1, abs=1e-9)
        assert of(vectors, np.ones((33, 4))) == 0
    with pytest.raises(ValueError, match="four words"):
        cka.debiased_cka(vectors[:3], vectors[:3])


def test_spearman_and_pearson_are_those_of_the_site(cosine_rdms):
    """`coefficients` and `statistics_of` must not drift apart: other exports use the latter."""
    assert coefficients.coefficient("pearson", *list(cosine_rdms.values())[:2]) == pytest.approx(
        pearson(*list(cosine_rdms.values())[:2]), abs=1e-12
    )


# --- what is exported --------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def exports() -> dict[str, object]:
    folder = ROOT / "content" / "data" / "smollm2-minilm"
    return {name: read_artefact(folder / f"rsa_{name}.json")[1] for name in ("similarities", "agreement", "inference")}


def test_exported_words_and_cosines_are_those_of_the_models(exports, compared: words.ComparedWords):
    found = exports["similarities"]
    assert (found.words, found.categories) == (compared.words, compared.categories)
    assert (found.listed, found.listed_pairs, found.listed_within) == (34, 561, 178)
    assert (found.pairs, found.within, found.across) == (528, 166, 362)
    for space in found.by_model:
        theirs = 1 - rdms.pairs_of(pairwise_distances(compared.vectors[space.role], metric="cosine"))
        assert np.allclose(space.cosines, theirs, atol=1e-6, rtol=0)
        same = category_dissimilarities(compared.categories) == 0
        expected = (theirs.mean(), theirs.std(), theirs[same].mean(), theirs[~same].mean())
        assert (space.mean, space.standard_deviation, space.within_mean, space.across_mean) == pytest.approx(expected, abs=1e-6)


def test_the_clustered_order_has_neighbours_at_least_as_alike_as_the_plain_one(exports, compared: words.ComparedWords):
    for space in exports["similarities"].by_model:
        assert sorted(space.clustered) == list(range(len(compared)))
        square = rdms.matrix_of(np.array(space.cosines), diagonal=1)
        together = square[space.clustered[:-1], space.clustered[1:]].sum()
        plain = leaves_list(linkage(1 - np.array(space.cosines), method="average"))
        assert together > square[plain[:-1], plain[1:]].sum() - 1e-9
        nearest = (square - 3 * np.eye(len(square))).argmax(axis=1)
        assert space.nearest_same == sum(compared.categories[n] == compared.categories[m] for n, m in enumerate(nearest))


def test_every_exported_agreement_is_rsatoolboxs(exports, compared: words.ComparedWords):
    category = get_categorical_rdm(np.unique(compared.categories, return_inverse=True)[1]).dissimilarities[0]
    assert len(exports["agreement"].agreements) == 6 * len(MEASURES) * len(COEFFICIENTS)
    for entry in exports["agreement"].agreements:
        pair = [
            category if role == "category" else rdms.pairs_of(pairwise_distances(compared.vectors[role], metric=entry.measure))
            for role in (entry.first, entry.second)
        ]
        assert entry.value == pytest.approx(rsatoolbox_value(entry.coefficient, *pair), abs=1e-6)


def test_agreement_of_some_pairs_is_scipys(exports, compared: words.ComparedWords):
    same = category_dissimilarities(compared.categories) == 0
    chosen = {"all": same | True, "within": same, "across": ~same}
    cosines = {role: rdms.pair_cosines(vectors) for role, vectors in compared.vectors.items()}
    for entry in exports["agreement"].by_kind:
        one, other = (cosines[role][chosen[entry.kind]] for role in (entry.first, entry.second))
        assert entry.pairs == len(one)
        assert entry.pearson == pytest.approx(stats.pearsonr(one, other).statistic, abs=1e-6)
        assert (entry.deviation_first, entry.deviation_second) == pytest.approx((one.std(), other.std()), abs=1e-6)


def test_exported_tests_hang_together(exports):
    values = {(a.first, a.second, a.coefficient): a.value for a in exports["agreement"].agreements if a.measure == "cosine"}
    for test in exports["inference"].tests:
        assert test.observed == values[test.first, test.second, test.coefficient]
        assert test.p == pytest.approx((1 + test.reached) / (1 + test.permutations), abs=1e-7)
        assert test.low < test.observed < test.high
        assert (test.permutations >= 10_000) == (test.coefficient != "tau_a")
        for histogram, draws in ((test.null, test.permutations), (test.resampled, test.resamples)):
            assert (histogram is not None) == (test.coefficient == "pearson")
            assert histogram is None or sum(histogram.counts) == draws


def test_naive_tests_are_scipys(exports, cosine_rdms, compared: words.ComparedWords):
    both = cosine_rdms | {"category": category_dissimilarities(compared.categories)}
    for entry in exports["inference"].naive:
        theirs = stats.pearsonr(both[entry.first], both[entry.second], alternative="greater")
        assert entry.log10_p == pytest.approx(np.log10(theirs.pvalue), abs=1e-3)
        interval = stats.pearsonr(both[entry.first], both[entry.second]).confidence_interval(0.95)
        assert (entry.low, entry.high) == pytest.approx((interval.low, interval.high), abs=1e-6)
        null = inference.permutation_null(both[entry.first], both[entry.second], "pearson", 2000, seed=99)
        assert entry.false_alarms == pytest.approx((null >= entry.critical).mean(), abs=0.025)


# --- words that stay in their category ----------------------------------------------------------------------------------------------


def two_small_spaces() -> tuple[np.ndarray, np.ndarray, list[str]]:
    numbers = np.random.default_rng(5)
    return rdms.dissimilarities(numbers.normal(size=(9, 4))), rdms.dissimilarities(numbers.normal(size=(9, 6))), list("aaaabbbcc")


@pytest.mark.parametrize("kind", category_tests.KINDS)
def test_words_that_change_places_in_their_category_are_compared_as_by_scipy(kind: str):
    first, second, names = two_small_spaces()
    test = category_tests.category_test(first, second, names, kind, permutations=200, seed=3)
    i, j = np.triu_indices(9, 1)
    same = np.array([names[a] == names[b] for a, b in zip(i, j, strict=True)])
    chosen = {"all": same | True, "within": same, "across": ~same}[kind]
    assert test.observed == pytest.approx(stats.pearsonr(first[chosen], second[chosen]).statistic)
    orders = np.concatenate(list(inference.permuted_words(9, 200, 3, names)))
    square = rdms.matrix_of(second)
    theirs = [stats.pearsonr(first[chosen], square[np.ix_(order, order)][i, j][chosen]).statistic for order in orders]
    assert test.null == pytest.approx(np.array(theirs), abs=1e-9)
    assert test.p == (1 + sum(value >= test.observed - 1e-9 for value in theirs)) / 201


def test_the_two_sided_p_is_scipys():
    numbers = np.random.default_rng(8)
    one, other = numbers.normal(size=(2, 6))
    theirs = stats.permutation_test(
        (one,), lambda values: stats.pearsonr(values, other).statistic, permutation_type="pairings", n_resamples=np.inf
    )
    ours = category_tests.KindTest(float(theirs.statistic), theirs.null_distribution)
    # all 720 orders stand in SciPy's null, which counts the real one once only
    assert ours.p_two_sided * (1 + 720) - 2 == pytest.approx(theirs.pvalue * 720)


@pytest.mark.parametrize("kind", category_tests.KINDS)
def test_words_drawn_within_their_category_are_compared_as_copied_words_would_be(kind: str):
    first, second, names = two_small_spaces()
    counts = category_tests.drawn_within(names, 150, seed=4)
    assert [counts[:, [n for n, name in enumerate(names) if name == group]].sum(axis=1).tolist() for group in "abc"] == [
        [4] * 150,
        [3] * 150,
        [2] * 150,
    ]
    theirs = []
    squares = rdms.matrix_of(first), rdms.matrix_of(second)
    for row in counts:
        words = np.repeat(np.arange(9), row)
        pairs = [
            (a, b)
            for n, a in enumerate(words)
            for b in words[n + 1 :]
            if a != b and kind in ("all", "within" if names[a] == names[b] else "across")
        ]
        values = [[square[a, b] for a, b in pairs] for square in squares]
        varies = all(np.ptp(v) > 1e-9 for v in values) if pairs else False
        theirs.append(stats.pearsonr(*values).statistic if varies else 0.0)
    found = category_tests.category_bootstrap(first, second, names, kind, resamples=150, seed=4)
    assert found.resampled == pytest.approx(np.array(theirs), abs=1e-6)
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(theirs, [0.025, 0.975])), abs=1e-6)


def test_exported_tests_within_categories_are_those_of_each_two_spaces_and_kind(exports):
    values = {(a.first, a.second, a.kind): a.pearson for a in exports["agreement"].by_kind}
    found = {(t.first, t.second, t.kind): t for t in exports["inference"].within_categories}
    assert set(found) == set(values)
    for key, test in found.items():
        assert test.observed == values[key]
        assert test.low < test.observed < test.high
        assert test.p_two_sided <= min(1.0, 2 * test.p) + 1e-7


def test_random_spaces_give_no_finding_by_accident(exported: Path):
    found = read_artefact(exported / TINY_SET / "rsa_inference.json")[1]
    between = [test for test in found.tests if test.second != "category" and test.coefficient == "pearson"]
    assert len(between) == 3 and all(test.p > 0.01 for test in between)
