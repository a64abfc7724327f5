"""Hubs, duplicates and under-trained tokens by their stated rules, on made-up spaces and on the committed data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from artefacts.envelope import read_artefact
from artefacts.packing import dequantise, unpack
from precompute.models import open_set
from precompute.neighbours import read_neighbour_ids
from precompute.space import Space, row_norms
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
