"""Numbers about the embedding matrices, against NumPy, scikit-learn and transformers on the bundled models."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr, truncnorm
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.neighbors import NearestNeighbors

from artefacts.envelope import read_artefact
from artefacts.packing import unpack
from precompute.correlations import row_correlations
from precompute.matrices.matrix_entries import from_bytes, to_bytes
from precompute.matrices.mutual_neighbours import kept_by_hubs, returned_places
from precompute.matrices.row_statistics import average_pair_cosine
from precompute.matrices.source_code import truncated_normal_spread
from precompute.models import open_set
from precompute.space import unit_rows
from tests.support import ROOT

DATA = ROOT / "content" / "data" / "smollm2-minilm"
RANDOM = np.random.default_rng(7)


def data(name: str):
    return read_artefact(DATA / f"{name}.json")[1]


def of_role(name: str, role: str):
    return next(entry for entry in data(name).by_model if entry.role == role)


@pytest.fixture(scope="module")
def matrices() -> dict[str, np.ndarray]:
    models = open_set()
    return {role: models.model(role).token_embeddings() for role in ("decoder", "encoder")}


def test_the_encoder_matrix_is_what_transformers_looks_up(matrices):
    from transformers import BertModel

    network = BertModel.from_pretrained(open_set().model("encoder").folder)
    assert np.array_equal(network.embeddings.word_embeddings.weight.detach().numpy(), matrices["encoder"])


@pytest.mark.parametrize("role", ["decoder", "encoder"])
def test_shares_beyond_are_counts_of_the_whole_matrix(role: str, matrices):
    entry = of_role("matrix_entries", role)
    for threshold in (0.0, 0.1, 0.15, 0.5):
        share = entry.share_beyond[entry.thresholds.index(threshold)]
        assert share == pytest.approx((np.abs(matrices[role]) > np.float32(threshold)).mean(), abs=1e-7)
    assert (entry.tokens, entry.dims) == matrices[role].shape


@pytest.mark.parametrize("role", ["decoder", "encoder"])
def test_the_picture_holds_the_rows_within_its_error(role: str, matrices):
    entry = of_role("matrix_entries", role)
    rows = matrices[role][[token.id for token in entry.sample_tokens]].astype(np.float64)
    inside = np.abs(rows) <= entry.limit
    assert np.abs(from_bytes(unpack(entry.sample), entry.limit) - rows)[inside].max() <= entry.error_bound + 1e-8  # which is rounded
    assert np.count_nonzero(~inside) == entry.cut_off


def test_bytes_and_back():
    values = RANDOM.uniform(-1, 1, 1000)
    assert np.abs(from_bytes(to_bytes(values, 1.0), 1.0) - values).max() <= 1 / 255
    assert from_bytes(to_bytes(np.array([-5.0, 5.0]), 1.0), 1.0) == pytest.approx([-1, 1])


@pytest.mark.parametrize("role", ["decoder", "encoder"])
def test_row_statistics(role: str, matrices):
    entry, rows = of_role("row_statistics", role), matrices[role].astype(np.float64)
    assert entry.variances.mean == pytest.approx(rows.var(axis=1).mean(), abs=1e-7)
    assert entry.means.median == pytest.approx(np.median(rows.mean(axis=1)), abs=1e-7)
    assert entry.norms.maximum == pytest.approx(np.linalg.norm(rows, axis=1).max(), abs=1e-6)
    assert sum(entry.variances.histogram.counts) == len(rows)
    mean = rows.mean(axis=0)
    sample = rows[RANDOM.choice(len(rows), 300, replace=False)]
    cosines = cosine_similarity(sample, mean[None])[:, 0]
    assert (cosines >= entry.cosines_with_mean.minimum - 1e-6).all() and (cosines <= entry.cosines_with_mean.maximum + 1e-6).all()
    assert entry.mean_vector_share == pytest.approx(mean @ mean / (rows**2).sum(axis=1).mean(), abs=1e-5)


@pytest.mark.parametrize("role", ["decoder", "encoder"])
def test_what_goes_with_the_rank_of_a_word_is_scipys(role: str, matrices):
    """Each word of the list that is a single token, looked up one by one."""
    entry, rows = of_role("row_statistics", role), matrices[role].astype(np.float64)
    models = open_set()
    id_of = {token: i for i, token in enumerate(models.tokenizer(role).raw_tokens())}
    mark = "Ġ" if role == "decoder" else ""
    found = [
        (rank, id_of[mark + word])
        for rank, word in enumerate(models.model("static").raw_tokens(), start=1)
        if word.isascii() and word.isalpha() and len(word) > 1 and mark + word in id_of
    ]
    ranks, ids = zip(*found, strict=True)
    cosines = cosine_similarity(rows[list(ids)], rows.mean(axis=0)[None])[:, 0]
    assert abs(len(ranks) - entry.ranked_words) < 0.01 * entry.ranked_words  # the list's rules keep a few words more
    assert entry.rank_mean_cosine_spearman == pytest.approx(spearmanr(ranks, cosines).statistic, abs=0.01)
    assert entry.rank_norm_spearman == pytest.approx(spearmanr(ranks, np.linalg.norm(rows[list(ids)], axis=1)).statistic, abs=0.01)


def test_average_over_all_pairs_is_the_average_of_all_pairs():
    rows = RANDOM.normal(0.3, 1, (80, 12))
    cosines = cosine_similarity(rows)
    pairs = cosines[np.triu_indices(len(rows), 1)]
    assert average_pair_cosine(unit_rows(rows)) == pytest.approx(pairs.mean(), abs=1e-10)


def test_average_pair_cosine_agrees_with_random_pairs():
    for role in ("decoder", "encoder"):
        sampled = next(entry for entry in data("random_pairs").by_model if entry.role == role).all_tokens
        exact = of_role("row_statistics", role).average_pair_cosine.raw
        assert abs(exact - sampled.mean) < 5 * sampled.standard_deviation / np.sqrt(sampled.count)


def test_row_correlations_are_numpys():
    first, second = RANDOM.normal(size=(5, 30)), RANDOM.normal(size=(5, 30))
    expected = [np.corrcoef(a, b)[0, 1] for a, b in zip(first, second, strict=True)]
    assert row_correlations(first, second) == pytest.approx(expected, abs=1e-12)
    assert row_correlations(np.ones((1, 4)), np.arange(4.0)[None]) == pytest.approx([0])


def test_correlations_between_models_are_those_of_chance(matrices):
    same = data("same_word")
    the = [matrices[role][token.id][: same.dims] for role, token in (("decoder", same.decoder_token), ("encoder", same.encoder_token))]
    assert same.first_pairing == pytest.approx(np.corrcoef(*the)[0, 1], abs=1e-5)
    assert not same.widths_equal and same.dims == 384
    assert same.null_standard_deviation == pytest.approx(383**-0.5, abs=1e-6)
    for sample in (same.pairings, same.same_word, same.other_word):
        assert abs(sample.mean) < 0.01 and sample.standard_deviation == pytest.approx(same.null_standard_deviation, rel=0.05)


def test_rows_at_the_same_index():
    index = data("same_index")
    tokens = {name: data(f"vocabulary_{name}").tokens for name in ("gpt2", "bert", "decoder")}
    assert index.draws[0].id == 15_000
    for found in (*index.draws, *index.same_examples):
        assert (found.gpt2, found.bert, found.decoder) == tuple(tokens[name][found.id] for name in ("gpt2", "bert", "decoder"))
    assert all(index.drawn_from[0] <= found.id <= index.drawn_from[1] for found in index.draws)
    assert len({found.id for found in index.draws}) == len(index.draws)


def test_returned_places_are_scikit_learns():
    rows = RANDOM.normal(size=(60, 5))
    k = 6
    search = NearestNeighbors(n_neighbors=k + 1, metric="cosine", algorithm="brute").fit(rows)
    ids = search.kneighbors(return_distance=False)[:, :k]
    graph = np.zeros((len(rows), len(rows)), dtype=bool)
    graph[np.arange(len(rows))[:, None], ids] = True
    assert np.array_equal(returned_places(ids), np.take_along_axis(graph & graph.T, ids, axis=1))


def test_places_kept_by_hubs_are_counted_one_by_one():
    ids = [[1, 2], [2, 0], [1, 0], [1, 0], [1, 2]]  # token 1 stands in four lists and can return two
    lists = [sum(token in row for row in ids) for token in range(len(ids))]
    expected = sum(n - 2 for n in lists if n > 2) / sum(lists)
    assert kept_by_hubs(np.bincount(np.ravel(ids), minlength=len(ids)), 2) == pytest.approx(expected)
    for role in ("decoder", "encoder"):
        entry, marks = of_role("mutual_neighbours", role), unpack(data(f"token_marks_{role}").in_degree)
        beyond = sum(int(n) - entry.k for n in marks if n > entry.k)
        assert entry.kept_by_hubs == pytest.approx(beyond / (entry.k * len(marks)), abs=1e-6)
        assert entry.kept_by_hubs < 1 - entry.share


def test_mutual_neighbours_agree_with_the_marks():
    for role in ("decoder", "encoder"):
        entry, marks = of_role("mutual_neighbours", role), data(f"token_marks_{role}")
        assert entry.share == pytest.approx(marks.reciprocal_share, abs=1e-6)
        assert np.mean(entry.by_rank) == pytest.approx(entry.share, abs=1e-6)
        assert sum(entry.returned) == len(unpack(marks.in_degree))
        places = sum(entry.returned) * entry.k
        assert sum(n * tokens for n, tokens in enumerate(entry.returned)) == pytest.approx(entry.share * places, rel=1e-4)


@pytest.mark.parametrize("cut", [0.5, 1.0, 2.0, 4.0])
def test_spread_of_a_truncated_normal_distribution_is_scipys(cut: float):
    assert truncated_normal_spread(cut) == pytest.approx(truncnorm(-cut, cut).std(), rel=1e-9)


def test_the_source_code_steps():
    code = data("source_code")
    steps = {step.id: step for step in code.steps}
    assert [step.id for step in code.steps if not step.runs] == ["encoder"]
    assert all(step.as_printed is not False for step in code.steps)
    assert steps["the_gpt2"].found == "1169" and steps["the_bert"].found == "1996"
    starts = {a.name: a.authors_initial_standard_deviation for a in code.architectures}
    assert starts == pytest.approx({"GPT-2": 0.02, "BERT": truncnorm(-2, 2, scale=0.02).std()}, abs=1e-6)
    assert {(a.name, a.rows, a.dims) for a in code.architectures} == {("GPT-2", 50_257, 768), ("BERT", 30_522, 768)}
