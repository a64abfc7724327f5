"""Spaces that share no axes: the maps, the retrieval, the images; compared with SciPy and scikit-learn, and with what is committed."""

from __future__ import annotations

import math
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import ndimage, stats
from scipy.linalg import orthogonal_procrustes
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.linear_model import Ridge
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.neighbors import NearestNeighbors

from artefacts.envelope import read_artefact
from charts.spaces_that_share_no_axes.one_word_two_spaces import one_word_two_spaces
from charts.spaces_that_share_no_axes.turned_onto_each_other import turned_onto_each_other
from charts.spaces_that_share_no_axes.who_can_be_compared import who_can_be_compared
from precompute.exporters import Exporter
from precompute.inputs import parts_in
from precompute.spaces import axis_directions, changed_images, direct_comparisons, space_alignments
from precompute.spaces.procrustes import best_linear, centred_units, cut_by_pca, halves, mean_cosine, own_ranks, padded, precision, turned
from precompute.spaces.space_alignments import have_relatives
from precompute.spaces.words_in_common import WordSpace, _rows_of_words
from tests.support import ROOT
from tests.support.notebooks import printed_as_program
from tests.tiny_models import TINY_SET

REAL = ROOT / "content" / "data" / "smollm2-minilm"
WORDS = 1200


def data(name: str, folder: Path = REAL):
    return read_artefact(folder / f"{name}.json")[1]


@pytest.fixture(scope="module")
def real_rows(real_models) -> tuple[np.ndarray, np.ndarray]:
    """The rows of some words that are single tokens in both of the set's models, [word, dim] each."""
    decoder, encoder = (real_models.model(role) for role in ("decoder", "encoder"))
    rows = [_rows_of_words(model) for model in (decoder, encoder)]
    words = [word for word in rows[1] if word.isascii() and word.isalpha() and word in rows[0]][:WORDS]
    return tuple(
        model.token_embeddings()[[of[word] for word in words]].astype(np.float64)
        for model, of in zip((decoder, encoder), rows, strict=True)
    )


@pytest.fixture(scope="module")
def prepared(real_rows):
    half = halves(WORDS, np.random.default_rng(0))
    return half, *(centred_units(rows, half.fitted) for rows in real_rows)


# --- the maps --------------------------------------------------------------------------------------------------------------------


def test_halves_share_no_word():
    half = halves(7, np.random.default_rng(0))
    assert sorted([*half.fitted, *half.held_out]) == list(range(7))


def test_padding_keeps_all_cosines(prepared):
    _, wide, narrow = prepared
    first, second = padded(wide[:50], narrow[:50])
    assert first.shape == second.shape == (50, 576)
    np.testing.assert_allclose(cosine_similarity(second), cosine_similarity(narrow[:50]), atol=1e-12)


def test_the_map_is_scipys_and_keeps_lengths_and_angles(prepared):
    half, wide, narrow = prepared
    first, second = padded(wide, narrow)
    after = turned(first, second, half.fitted, half.fitted)
    matrix, _ = orthogonal_procrustes(first[half.fitted], second[half.fitted])
    np.testing.assert_allclose(after, first @ matrix, atol=1e-12)
    np.testing.assert_allclose(cosine_similarity(after[:60]), cosine_similarity(first[:60]), atol=1e-10)


def test_a_known_rotation_is_found_on_words_that_were_not_fitted(prepared):
    half, wide, _ = prepared
    rotation = stats.ortho_group.rvs(40, random_state=1)
    first = centred_units(wide[:, :40], half.fitted)
    second = first @ rotation
    assert mean_cosine(first, second, half.held_out) < 0.3
    assert mean_cosine(turned(first, second, half.fitted, half.fitted), second, half.held_out) == pytest.approx(1, abs=1e-9)


def test_words_paired_by_lot_find_nothing(prepared):
    half, wide, narrow = prepared
    first, second = padded(wide, narrow)
    after = turned(first, second, half.fitted, np.random.default_rng(3).permutation(half.fitted))
    assert abs(mean_cosine(after, second, half.held_out)) < 0.05
    assert precision(own_ranks(after, second, half.held_out), 1) < 0.02


def test_ranks_are_those_of_a_search_for_neighbours(prepared):
    half, wide, narrow = prepared
    first, second = padded(wide, narrow)
    after = turned(first, second, half.fitted, half.fitted)
    ranks = own_ranks(after, second, half.held_out)
    search = NearestNeighbors(n_neighbors=10, metric="cosine", algorithm="brute").fit(second[half.held_out])
    found = search.kneighbors(after[half.held_out], return_distance=False)
    assert precision(ranks, 1) == pytest.approx(np.mean(found[:, 0] == np.arange(len(found))))
    assert precision(ranks, 10) == pytest.approx(np.mean((found == np.arange(len(found))[:, None]).any(axis=1)))
    assert precision(ranks, 1) > 0.3, "the two real spaces are that much alike even on few words"


def test_cutting_is_scikit_learns_pca_up_to_signs(prepared):
    """Rows are centred already, so PCA takes nothing off; a principal direction has no sign of its own, cosines do not see it."""
    half, wide, narrow = prepared
    cut, same = cut_by_pca(wide, narrow[:, :100], half.fitted)
    assert same is not cut and cut.shape == (WORDS, 100)
    basis = PCA(n_components=100, svd_solver="full").fit(wide[half.fitted] - wide[half.fitted].mean(axis=0)).components_
    raw = np.linalg.svd(wide[half.fitted], full_matrices=False)[2][:100]
    # the rows' mean is not exactly zero after they are brought to length 1 again, so the two bases differ by little
    assert np.linalg.svd(basis @ raw.T, compute_uv=False)[:95].min() > 0.98
    np.testing.assert_allclose(np.linalg.norm(cut, axis=1), 1)


def test_the_best_linear_map_is_a_ridge_regression(prepared):
    half, wide, narrow = prepared
    first, second = wide[:, :50], narrow[:, :30]
    found = best_linear(first, second, half.fitted, half.fitted)
    candidates = [
        Ridge(alpha=ridge, fit_intercept=False).fit(first[half.fitted], second[half.fitted]).predict(first)
        for ridge in (0.1, 1.0, 10.0, 100.0)
    ]
    units = [rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in candidates]
    assert min(np.abs(found - rows).max() for rows in units) < 1e-8


def test_a_linear_map_fitted_on_words_paired_by_lot_maps_to_their_partners(prepared):
    half, wide, narrow = prepared
    first, second = wide[:, :50], narrow[:, :30]
    lot = np.random.default_rng(2).permutation(half.fitted)
    exchanged = second.copy()
    exchanged[half.fitted] = second[lot]
    np.testing.assert_allclose(best_linear(first, second, half.fitted, lot), best_linear(first, exchanged, half.fitted, half.fitted))
    assert abs(mean_cosine(best_linear(first, second, half.fitted, lot), second, half.held_out)) < 0.1


def test_relatives_share_their_beginning():
    among = ["planet", "walking", "mouse", "star", "cat", "an"]
    related = dict.fromkeys(["planet", "planets", "planetary", "plan", "walked", "walk", "start", "cats"], True)
    strange = dict.fromkeys(["planetarium", "mice", "car", "ants", "an", "the", "wa"], False)
    words = related | strange
    assert dict(zip(words, have_relatives(list(words), among).tolist(), strict=True)) == words


def test_judged_words_are_looked_for_among_all_held_out_ones():
    """The place of a word depends on all held-out words, whichever of them count."""
    first, second = np.eye(4), np.eye(4)[[0, 1, 3, 2]]
    judged = np.array([True, False, True, False])
    found, others = space_alignments.retrievals(first, second, np.arange(4), [judged, ~judged])
    assert (found.cosine, found.first_place) == (0.5, 0.5)
    assert others == found


# --- number by number ------------------------------------------------------------------------------------------------------------


def space(key: str, kind: str, vectors: np.ndarray) -> WordSpace:
    return WordSpace(key, key, kind, vectors)


def test_correlations_are_scipys():
    numbers = np.random.default_rng(5)
    first, second = numbers.standard_normal((2, 40, 64))
    found = direct_comparisons._correlations(space("a", "twin", first), space("b", "twin", second), np.array([3, 7]))
    expected = [stats.pearsonr(a, b).statistic for a, b in zip(first, second, strict=True)]
    assert found.listed == [round(expected[n], 4) for n in (3, 7)]
    assert found.same_word.mean == pytest.approx(np.mean(expected), abs=1e-5)
    assert found.null_standard_deviation == pytest.approx(1 / math.sqrt(63), abs=1e-5)
    assert sum(found.histogram.counts) == 40


def test_where_widths_differ_there_is_no_correlation():
    numbers = np.random.default_rng(5)
    pair = [space("a", "decoder", numbers.standard_normal((9, 8))), space("b", "encoder", numbers.standard_normal((9, 7)))]
    assert direct_comparisons._correlations(*pair, np.array([0])) is None
    assert direct_comparisons.relation_of(*pair) == "other model"


def test_independent_rows_scatter_as_the_band_says():
    """The standard deviation of r for unrelated rows, by drawing them."""
    numbers = np.random.default_rng(6)
    first, second = numbers.standard_normal((2, 4000, 64))
    found = direct_comparisons._correlations(space("a", "twin", first), space("b", "twin", second), np.array([0]))
    assert found.same_word.standard_deviation == pytest.approx(found.null_standard_deviation, rel=0.05)
    assert found.same_word.beyond == pytest.approx(0.05, abs=0.015)


# --- images ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("named", changed_images.changes(), ids=lambda named: named.key)
def test_changes_that_should_keep_cosines_keep_them_and_the_others_do_not(named):
    images = load_digits().data[:60]
    moved = np.abs(cosine_similarity(named.change(images)) - cosine_similarity(images)).max()
    assert bool(moved < 1e-12) is named.kept


def test_the_blur_is_scipys():
    images = load_digits().images[:20]
    blur = next(named for named in changed_images.changes() if named.key == "blur")
    expected = np.stack([ndimage.uniform_filter(image, 3, mode="constant") for image in images])
    np.testing.assert_allclose(blur.change(images.reshape(20, 64)).reshape(20, 8, 8), expected, atol=1e-12)


def test_committed_images_are_scikit_learns():
    committed, digits = data("changed_images"), load_digits()
    chosen = np.concatenate([np.flatnonzero(digits.target == d)[:3] for d in range(10)])
    assert committed.digits == digits.target[chosen].tolist()
    assert committed.pixels == digits.data[chosen][committed.shown].tolist()
    upper = np.triu_indices(30, 1)
    np.testing.assert_allclose(committed.cosines, cosine_similarity(digits.data[chosen])[upper], atol=5.1e-4)
    rotate = next(change for change in committed.changes if change.key == "rotate")
    after = np.rot90(digits.images[chosen], axes=(1, 2)).reshape(30, 64)
    own = [stats.pearsonr(a, b).statistic for a, b in zip(digits.data[chosen], after, strict=True)]
    np.testing.assert_allclose(rotate.own, own, atol=5.1e-5)


# --- axes ------------------------------------------------------------------------------------------------------------------------


def test_tails_are_scipys_kurtosis_and_variances_average_to_one(real_rows):
    rows = real_rows[1]
    np.testing.assert_allclose(axis_directions.excess_kurtosis(rows), stats.kurtosis(rows, axis=0), atol=1e-9)
    assert axis_directions.relative_variances(rows).mean() == pytest.approx(1)


# --- what is committed -----------------------------------------------------------------------------------------------------------


def test_committed_alignments_hang_together():
    aligned = data("space_alignments")
    assert aligned.words == aligned.fitted_words + aligned.held_out_words == data("direct_comparisons").words
    for pair in aligned.pairs:
        assert pair.by_fitted[-1].cosine == pair.held_out.cosine
        assert pair.fitted >= pair.held_out.cosine >= pair.shuffled.cosine
        assert pair.held_out.cosine == pair.back.cosine, "turning back gives the same cosines"
        # thirds of nearly equal size: they average to the whole
        assert np.mean([third.first_place for third in pair.by_third]) == pytest.approx(pair.held_out.first_place, abs=5e-4)
        assert (pair.cut is None) is (len({s.width for s in aligned.spaces if s.key in (pair.first, pair.second)}) == 1)


def test_twins_are_aligned_as_the_first_export_has_it():
    """Other words, other halves, the same models: the two exports must tell the same story."""
    twins = {(pair.first, pair.second): pair.alignment for pair in data("twins").pairs}
    for pair in data("space_alignments").pairs[:2]:
        assert pair.held_out.cosine == pytest.approx(twins[pair.first, pair.second].cosine, abs=0.05)


def test_committed_cosines_give_the_committed_agreement():
    geometry, twins = data("twin_geometry"), data("twins")
    of = dict(zip(geometry.models, geometry.cosines, strict=True))
    assert geometry.words == twins.words
    for pair in twins.pairs:
        assert stats.pearsonr(of[pair.first], of[pair.second]).statistic == pytest.approx(pair.rsa_pearson, abs=1e-3)


def test_shared_neighbours_average_as_the_counts_say():
    for shared in data("twin_geometry").shared:
        assert sum(n * number for n, number in enumerate(shared.counts)) / sum(shared.counts) == pytest.approx(shared.mean, abs=1e-3)


# --- programs --------------------------------------------------------------------------------------------------------------------


def test_the_listing_of_images_prints_the_exported_numbers():
    """Of the listing the committed output is read, which has a test of its own."""
    printed = (ROOT / "content" / "listings" / "turn_the_digits.out.txt").read_text(encoding="utf-8")
    changes = {change.key: change for change in data("changed_images").changes}
    for name, key in (("rotated", "rotate"), ("transposed", "transpose"), ("blurred", "blur")):
        line = next(line for line in printed.splitlines() if line.startswith(name))
        assert float(re.search(r"r = +(-?[\d.]+)", line)[1]) == pytest.approx(changes[key].own_mean, abs=0.0051)
        moved = re.search(r"up to ([\d.]+)", line)
        assert (float(moved[1]) if moved else 0) == pytest.approx(changes[key].largest_difference, abs=0.0051)


def test_the_notebook_finds_what_the_listing_prints(tmp_path: Path):
    """The notebook is run as a script from an empty folder. Its words are the listing's; the exported ones are others."""
    notebook = printed_as_program("spaces-that-share-no-axes", tmp_path)
    listing = (ROOT / "content" / "listings" / "turn_one_space.out.txt").read_text(encoding="utf-8")

    def found(text: str, start: str) -> tuple[float, float]:
        line = next(line for line in text.splitlines() if line.startswith(start))
        return float(re.search(r"cosine (-?[\d.]+)", line)[1]), float(re.search(r"first ([\d.]+)%", line)[1])

    for start in ("as they are", "paired rightly"):
        assert found(notebook, start) == pytest.approx(found(listing, start), abs=0.51)
    assert "the map keeps all angles: True" in notebook
    exported = next(p for p in data("space_alignments").pairs if (p.first, p.second) == ("decoder", "encoder"))
    assert found(notebook, "paired rightly")[0] == pytest.approx(exported.held_out.cosine, abs=0.05)


# --- any set ---------------------------------------------------------------------------------------------------------------------


def test_random_models_have_nothing_to_turn(exported):
    """Random GPT-2 and BERT: no rotation carries a word to itself."""
    aligned = data("space_alignments", exported / TINY_SET)
    pair = next(p for p in aligned.pairs if (p.first, p.second) == ("decoder", "encoder"))
    assert pair.held_out.first_place < 0.05 and abs(pair.held_out.cosine) < 0.2


@pytest.mark.parametrize("static", [True, False])
def test_accompanying_models_are_compared_and_a_missing_one_is_not(static: bool):
    roles = ("decoder", "encoder", *(("static",) if static else ()))
    members = dict.fromkeys((*roles, "gpt2-medium", "roberta-base"))
    models = SimpleNamespace(members=members, roles=roles, optional=("roberta-base",))
    exporter = Exporter("any", dict, ("decoder", "encoder", "static", "more"))
    assert parts_in(exporter, SimpleNamespace(model_set=models)) == [*roles, "gpt2-medium"]


def test_models_of_equal_width_get_a_direct_comparison():
    numbers = np.random.default_rng(8)
    medium = space("gpt2-medium", "decoder", numbers.standard_normal((30, 1024)))
    large = space("bert-large-uncased", "encoder", numbers.standard_normal((30, 1024)))
    found = direct_comparisons._correlations(medium, large, np.array([1]))
    assert found.null_standard_deviation == pytest.approx(0.03127, abs=1e-5)


def test_retrieval_counts_what_it_says():
    first = np.eye(4)
    second = np.eye(4)[[1, 0, 2, 3]]
    found = space_alignments.retrieval(first, second, np.arange(4))
    assert (found.first_place, found.ten_places, found.cosine) == (0.5, 1.0, 0.5)


def test_figures_of_a_set_whose_models_have_equal_widths():
    """As GPT-2 and BERT have: the pair gets its band, its dots and its place in the menu, and the title speaks of it."""
    direct = data("direct_comparisons")
    twin = direct.pairs[0]
    spaces = [s.model_copy(update={"width": 64}) if s.key in ("decoder", "encoder") else s for s in direct.spaces]
    pairs = [
        p.model_copy(update={"correlations": twin.correlations}) if (p.first, p.second) == ("decoder", "encoder") else p
        for p in direct.pairs
    ]
    rows = direct.coordinates[0].rows
    coordinates = [
        *direct.coordinates,
        *(direct.coordinates[0].model_copy(update={"key": key, "rows": rows}) for key in ("decoder", "encoder")),
    ]
    changed = direct.model_copy(update={"spaces": spaces, "pairs": pairs, "coordinates": coordinates})
    compared = who_can_be_compared({"direct_comparisons": changed})
    assert compared.title.startswith("Where widths agree") and "SmolLM2 and MiniLM" in compared.title
    assert "not defined" not in compared.description.split("SmolLM2 and MiniLM")[1].split(". ")[0]
    drawn = one_word_two_spaces({"direct_comparisons": changed})
    assert ("decoder-encoder", "SmolLM2 and MiniLM") in drawn.controls[0].options
    assert any(row["pair"] == "decoder-encoder" and row["r"] == pytest.approx(1) for row in drawn.datasets["values"])
    wide = [entry.model_copy(update={"rows": [row * 16 for row in entry.rows]}) for entry in coordinates]
    spaces = [s.model_copy(update={"width": s.width * 16}) for s in spaces]
    drawn = one_word_two_spaces({"direct_comparisons": changed.model_copy(update={"coordinates": wide, "spaces": spaces})})
    assert max(len(row["a"]) for row in drawn.datasets["points"]) == 256, "the spaces of 1,024 axes are thinned out"
    assert "only some are drawn" in drawn.caption


def test_a_set_whose_models_are_rotations_of_each_other_is_told_so():
    aligned = data("space_alignments")
    pairs = [
        p.model_copy(update={"held_out": p.held_out.model_copy(update={"cosine": 0.97, "first_place": 1.0})})
        if (p.first, p.second) == ("decoder", "encoder")
        else p
        for p in aligned.pairs
    ]
    figure = turned_onto_each_other({"space_alignments": aligned.model_copy(update={"pairs": pairs})})
    assert "nearly rotations of each other" in figure.title
