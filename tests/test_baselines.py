"""What a cosine is set beside: strangers of the same kind, of the same rarity, and rows of random tables. Against scikit-learn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics.pairwise import cosine_similarity

from artefacts.envelope import read_artefact
from precompute.models import open_set
from precompute.nearest_neighbours import _median_nearest_angle, _random_rows, _rows_like
from precompute.own_baselines import mean_cosines

DATA = Path(__file__).resolve().parent.parent / "content" / "data" / "smollm2-minilm"
ROLES = ("decoder", "encoder")


def data(name: str):
    return read_artefact(DATA / f"{name}.json")[1]


def of_role(entries, role: str):
    return next(entry for entry in entries if entry.role == role)


@pytest.fixture(scope="module")
def vectors() -> dict[str, np.ndarray]:
    return {role: open_set().model(role).token_embeddings() for role in ROLES}


@pytest.mark.parametrize("role", ROLES)
def test_partners_stand_where_all_cosines_in_order_put_them(role: str, vectors: dict[str, np.ndarray]) -> None:
    pairs = [pair for pair in data("pair_similarities").pairs if pair.role == role][::6]
    assert {pair.group for pair in pairs} == {"pieces", "related", "unrelated"}
    ranked = [(pair.first.id, pair.second.id, pair.rank_of_second) for pair in pairs]
    ranked += [(pair.second.id, pair.first.id, pair.rank_of_first) for pair in pairs]
    seeds = [seed for seed, _, _ in ranked]
    wide = vectors[role].astype(np.float64)
    for (seed, other, rank), cosines in zip(ranked, cosine_similarity(wide[seeds], wide), strict=True):
        order = np.argsort(-cosines, kind="stable")
        place = np.flatnonzero(order[order != seed] == other)[0] + 1
        assert abs(place - rank) <= 2  # cosines that are equal to the last bits may change places


@pytest.mark.parametrize("role", ROLES)
def test_crossed_pairs_are_all_pairs_but_those_that_belong_together(role: str, vectors: dict[str, np.ndarray]) -> None:
    exported = data("pair_similarities")
    for summary in (s for s in exported.summaries if s.role == role):
        pairs = [pair for pair in exported.pairs if (pair.role, pair.group) == (role, summary.group)]
        first, second = ([getattr(pair, which).id for pair in pairs] for which in ("first", "second"))
        crossed = cosine_similarity(vectors[role][first].astype(np.float64), vectors[role][second])
        expected = (crossed.sum() - np.trace(crossed)) / (len(pairs) * (len(pairs) - 1))
        assert summary.mean_cosine_crossed == pytest.approx(expected, abs=1e-5)
        assert summary.mean_cosine == pytest.approx(np.trace(crossed) / len(pairs), abs=1e-5)


@pytest.mark.parametrize("role", ROLES)
def test_a_band_of_ids_has_the_mean_of_all_its_pairs(role: str, vectors: dict[str, np.ndarray]) -> None:
    entry = of_role(data("random_pairs").by_model, role)
    space_ids = _whole_words(role)
    assert sum(band.tokens for band in entry.whole_words_by_id) == len(space_ids) == entry.whole_word_tokens
    band = min(entry.whole_words_by_id, key=lambda band: band.tokens)
    ids = [i for i in space_ids if band.first_id <= i <= band.last_id]
    assert len(ids) == band.tokens
    cosines = cosine_similarity(vectors[role][ids].astype(np.float64))
    assert band.mean_cosine == pytest.approx(cosines[np.triu_indices(len(ids), 1)].mean(), abs=1e-5)


def _whole_words(role: str) -> list[int]:
    """By the rule that the data states, applied here once more."""
    model = open_set().model(role)
    texts = [raw.replace("Ġ", " ") for raw in model.raw_tokens()]
    if role == "encoder":
        return [i for i, text in enumerate(texts) if text.isalpha()]
    decoded = [model.library_tokenizer.decode([i]) for i in range(len(texts))]
    return [i for i, text in enumerate(decoded) if text[:1] == " " and text[1:].isalpha()]


def test_a_random_table_like_another_has_its_mean_and_its_covariance() -> None:
    """And is normal otherwise: nothing of who is near whom is left."""
    numbers = np.random.default_rng(7)
    real = (numbers.laplace(size=(20_000, 6)) @ numbers.normal(size=(6, 6)) + numbers.normal(size=6)).astype(np.float32)
    drawn = _rows_like(real, _random_rows(real.shape))
    assert drawn.shape == real.shape and drawn.dtype == np.float32
    size = np.abs(np.cov(real.T)).max()
    np.testing.assert_allclose(drawn.mean(axis=0), real.mean(axis=0), atol=0.05 * np.sqrt(size))
    np.testing.assert_allclose(np.cov(drawn.T), np.cov(real.T), atol=0.05 * size)
    assert np.abs(stats.kurtosis(drawn)).max() < 0.2 < stats.kurtosis(real).max()


def test_the_nearest_row_is_that_of_brute_force() -> None:
    rows = np.random.default_rng(8).normal(size=(400, 5)).astype(np.float32)
    cosines = cosine_similarity(rows.astype(np.float64)) - 2 * np.eye(len(rows))
    expected = np.median(np.degrees(np.arccos(np.clip(cosines.max(axis=1), -1, 1))))
    assert _median_nearest_angle(rows) == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize("role", ROLES)
def test_length_and_id_among_whole_words(role: str, vectors: dict[str, np.ndarray]) -> None:
    ids = _whole_words(role)
    expected = stats.spearmanr(ids, np.linalg.norm(vectors[role][ids].astype(np.float64), axis=1)).statistic
    assert of_role(data("norms").by_model, role).spearman_id_norm_whole_words == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("role", ROLES)
def test_lists_without_the_mean_are_those_of_centred_rows(role: str, vectors: dict[str, np.ndarray]) -> None:
    centred = vectors[role].astype(np.float64) - vectors[role].mean(axis=0, dtype=np.float64)
    entries = [e for e in data("neighbourhoods").entries if e.role == role and e.lists][::4]
    for entry in entries:
        cosines = cosine_similarity(centred[[entry.token.id]], centred)[0]
        cosines[entry.token.id] = -2
        assert [n.token.id for n in entry.lists.centred] == np.argsort(-cosines, kind="stable")[: len(entry.lists.centred)].tolist()
        assert [n.rank_by_cosine for n in entry.lists.cosine] == list(range(1, len(entry.lists.cosine) + 1))


def test_a_mean_cosine_leaves_out_the_token_itself_even_if_it_has_no_direction() -> None:
    rows = np.random.default_rng(9).normal(size=(50, 7)) + 0.5
    rows[3] = 0
    cosines = cosine_similarity(rows)
    np.fill_diagonal(cosines, np.nan)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    np.testing.assert_allclose(mean_cosines(rows / np.where(lengths > 0, lengths, 1)), np.nanmean(cosines, axis=1), atol=1e-12)


@pytest.mark.parametrize("role", ROLES)
def test_neighbours_of_the_name_have_the_mean_of_all_their_cosines(role: str, vectors: dict[str, np.ndarray]) -> None:
    found = of_role(data("own_baselines").by_model, role).name_neighbours
    hoods = [e for e in data("neighbourhoods").entries if (e.role, e.word) == (role, "Mike") and e.lists]
    assert [b.token for b in found] == [n.token for n in hoods[0].lists.centred]
    wide = vectors[role].astype(np.float64)
    ids = [b.token.id for b in found]
    cosines = cosine_similarity(wide[ids], wide)
    cosines[np.arange(len(ids)), ids] = np.nan
    np.testing.assert_allclose([b.mean_cosine for b in found], np.nanmean(cosines, axis=1), atol=1e-5)
