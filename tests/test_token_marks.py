"""Hubs, duplicates and under-trained tokens by their stated rules, on made-up spaces and on the committed data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from sklearn.neighbors import NearestNeighbors

from artefacts.envelope import read_artefact
from artefacts.packing import dequantise, unpack
from artefacts.tokens import token_text
from precompute import own_baselines
from precompute.exact_neighbours import neighbours_by_cosine
from precompute.models import open_set
from precompute.neighbours import read_neighbour_ids
from precompute.own_baselines import hubs_of, mean_cosines
from precompute.space import Space, is_whole_word, row_norms, unit_rows
from precompute.token_marks import FLAGS, _marks, flag_names, reciprocal_share
from precompute.untrained_tokens import duplicate_groups, under_trained, untrained

DATA = Path(__file__).resolve().parent.parent / "content" / "data" / "smollm2-minilm"
ROLES = ("decoder", "encoder")


def space_of(vectors: np.ndarray, raw: list[str] | None = None, kind: str = "wordpiece") -> Space:
    return Space("encoder", "made up", kind, raw or [f"t{i}" for i in range(len(vectors))], vectors.astype(np.float32), [0])


def random_vectors(rows: int, dims: int = 30) -> np.ndarray:
    return np.random.default_rng(rows).standard_normal((rows, dims)).astype(np.float32)


def test_duplicates_are_equal_to_the_last_bit() -> None:
    vectors = random_vectors(10)
    vectors[[3, 7]] = vectors[1]
    vectors[5] = np.nextafter(vectors[4], np.float32(np.inf))
    assert duplicate_groups(vectors) == [[1, 3, 7]]


def test_tokens_near_untrained_ones_are_marked() -> None:
    vectors = random_vectors(200)
    vectors[:20] = 5 + vectors[:20] / 10  # placeholders, and two like them
    raw = [f"[unused{i}]" for i in range(18)] + [f"t{i}" for i in range(182)]
    found = under_trained(space_of(vectors, raw))
    assert found.ids.tolist() == list(range(20))
    assert "18 tokens taken to be untrained" in found.rule


def test_nobody_is_marked_where_nothing_is_known_or_the_known_do_not_lie_together() -> None:
    vectors = random_vectors(100)
    assert not len(under_trained(space_of(vectors)).ids)
    scattered = under_trained(space_of(vectors, [f"[unused{i}]" for i in range(50)] + ["t"] * 50))
    assert not len(scattered.ids)
    assert "do not lie together" in scattered.rule


def test_bytes_that_utf8_never_uses_are_taken_to_be_untrained() -> None:
    space = space_of(random_vectors(4), ["À", "ÿ", "a", "Ġa"], kind="byte_level_bpe")  # spelled so: bytes C0 and FF
    assert untrained(space) == [0, 1]


def test_hubs_stand_in_more_than_25_k_lists() -> None:
    ids = np.full((61, 1), 7)  # lists of one neighbour: 26 hold token 5, 25 hold token 6, ten hold token 7
    ids[:26], ids[26:51] = 5, 6
    marks = _marks(space_of(random_vectors(61)), ids)
    assert marks.in_degree[5] == 26
    assert flag_names(marks.flags[5]) == ["hub"]
    assert flag_names(marks.flags[6]) == []
    assert flag_names(marks.flags[0]) == ["special"]


def star(copies: int) -> np.ndarray:
    """40 rows around a longer centre, all nearer to it than to each other; the centre stands first, so many times."""
    around = np.column_stack([np.full(40, 0.8), 0.6 * np.eye(40)])
    centre = 2 * np.eye(41)[:1]
    return np.concatenate([np.repeat(centre, copies, axis=0), around])


def test_of_equal_rows_one_is_left_when_hubs_are_counted_without_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Against scikit-learn's neighbours, in a table whose centre stands three times."""
    monkeypatch.setattr(own_baselines, "K", 1)
    space = space_of(star(copies=3))
    marks = _marks(space, neighbours_by_cosine(space.units, 1).ids)
    assert marks.duplicate_groups == [[0, 1, 2]]
    found = hubs_of(space, marks, mean_cosines(space.units))
    in_degree, is_hub = own_baselines._counted_once(space, marks)
    brute = NearestNeighbors(n_neighbors=1, metric="cosine").fit(space.vectors[2:].astype(np.float64)).kneighbors(return_distance=False)
    np.testing.assert_array_equal(in_degree[1:], np.bincount(brute.ravel(), minlength=41)[1:])
    assert (in_degree[0], is_hub.nonzero()[0].tolist()) == (40, [0])
    assert (found.copies, found.distinct_rows, found.distinct_rows_degrees, found.hubs_without_copies) == (3, 1, None, 1)
    assert found.share_of_places_without_copies == pytest.approx(40 / 41, abs=1e-6)


def test_without_copies_nothing_is_counted_anew() -> None:
    space = space_of(star(copies=1))
    marks = _marks(space, neighbours_by_cosine(space.units, 1).ids)
    found = hubs_of(space, marks, mean_cosines(space.units))
    assert (found.hubs, found.hubs_without_copies, found.others_share_of_places) == (1, 1, pytest.approx(40 / 41, abs=1e-6))
    assert (found.hundredth, found.longest_hubs, found.highest_baseline_hubs) == (1, 1, 1)


@pytest.mark.parametrize("role", ROLES)
def test_committed_kinds_of_hubs_are_those_counted_one_by_one(role: str) -> None:
    entries = read_artefact(DATA / "own_baselines.json")[1].by_model
    found = next(entry for entry in entries if entry.role == role).hubs
    marks = read_artefact(DATA / f"token_marks_{role}.json")[1]
    model = open_set().model(role)
    vectors, raw, kind = model.token_embeddings(), model.raw_tokens(), model.tokenizer_kind
    in_degree, flags = unpack(marks.in_degree), unpack(marks.flags)
    hubs = [i for i in range(len(raw)) if "hub" in flag_names(flags[i])]
    odd = [i for i in hubs if "under-trained" in flag_names(flags[i])]
    others = [i for i in hubs if i not in odd]
    places = len(raw) * marks.k
    assert (found.hubs, found.under_trained, found.copies) == (len(hubs), len(odd), marks.duplicates)
    assert found.under_trained_share_of_places == pytest.approx(sum(int(in_degree[i]) for i in odd) / places, abs=1e-6)
    assert found.others_share_of_places == pytest.approx(sum(int(in_degree[i]) for i in others) / places, abs=1e-6)
    assert found.others_whole_words == sum(is_whole_word(raw[i], token_text(raw[i], kind), kind) for i in others)
    lengths = row_norms(vectors)
    assert found.hundredth == round(len(raw) / 100)
    assert found.longest_hubs == len(set(hubs) & set(np.argsort(-lengths, kind="stable")[: found.hundredth].tolist()))
    baselines = unit_rows(vectors) @ unit_rows(vectors).mean(axis=0)  # with the token itself, which adds the same to each
    assert found.highest_baseline_hubs == len(set(hubs) & set(np.argsort(-baselines)[: found.hundredth].tolist()))
    shorter = [stats.percentileofscore(lengths, lengths[i], kind="strict") / 100 for i in others]
    assert found.others_longer_than == (pytest.approx(np.median(shorter), abs=1e-4) if others else None)
    rows = np.unique(vectors[[i for group in marks.duplicate_groups for i in (t.id for t in group.tokens)]], axis=0)
    assert found.distinct_rows == len(rows)
    if len(rows) > 1:
        units = unit_rows(rows)
        assert found.distinct_rows_degrees == pytest.approx(np.degrees(np.arccos((units @ units.T).min())), abs=0.002)


def test_reciprocal_share() -> None:
    assert reciprocal_share(np.array([[1], [0], [0]])) == pytest.approx(2 / 3)


@pytest.mark.parametrize("role", ROLES)
def test_committed_marks_agree_with_the_committed_lists(role: str) -> None:
    marks = read_artefact(DATA / f"token_marks_{role}.json")[1]
    ids = read_neighbour_ids(DATA / f"neighbours_{role}.json")
    in_degree = unpack(marks.in_degree)
    np.testing.assert_array_equal(in_degree, np.bincount(ids.ravel(), minlength=len(ids)))
    assert in_degree.sum() == ids.size
    hubs = unpack(marks.flags) & FLAGS["hub"] > 0
    np.testing.assert_array_equal(hubs, in_degree > marks.hub_threshold)
    assert (marks.hubs, marks.never_neighbour) == (hubs.sum(), (in_degree == 0).sum())
    assert marks.hub_share_of_places == pytest.approx(in_degree[hubs].sum() / ids.size, abs=1e-6)
    assert sum(marks.in_degree_histogram.counts) == len(ids)
    assert marks.top_hubs[0].in_degree == in_degree.max()


@pytest.mark.parametrize("role", ROLES)
def test_committed_norms_lie_within_their_error_bound(role: str) -> None:
    marks = read_artefact(DATA / f"token_marks_{role}.json")[1]
    norms = row_norms(open_set().model(role).token_embeddings())
    assert np.abs(dequantise(unpack(marks.norms), 0, marks.norm_max) - norms).max() <= marks.norm_max / 65535 / 2 + 1e-9


def test_pieces_that_berts_tokenizer_never_makes_are_found_untrained() -> None:
    """An independent check of the rule: BERT splits Chinese characters and punctuation off before it looks for pieces."""
    vocabulary = read_artefact(DATA / "vocabulary_encoder.json")[1].tokens
    flags = unpack(read_artefact(DATA / "token_marks_encoder.json")[1].flags)
    never_made = [i for i, raw in enumerate(vocabulary) if raw.startswith("##") and "\u4e00" <= raw[2:3] <= "\u9fff"]
    assert len(never_made) > 200
    assert np.mean(flags[never_made] & FLAGS["under-trained"] > 0) == 1
