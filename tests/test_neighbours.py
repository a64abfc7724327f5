"""The exact neighbour search: against brute force on the real matrices, ties, zero rows, memory, and the committed shards."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.metrics.pairwise import cosine_similarity, euclidean_distances

from artefacts.envelope import read_artefact
from artefacts.neighbour_lists import NeighbourLists, packed_lists, unpacked_lists
from artefacts.packing import deflated
from artefacts.schemas.neighbours import NeighbourShard
from precompute import exact_neighbours as search
from precompute.exact_neighbours import NeighbourTable, neighbours_by_distance
from precompute.models import open_set
from precompute.neighbours import SHARD_TOKENS, read_neighbour_lists
from precompute.shards import read_shards
from precompute.space import unit_rows
from problems import ProjectError
from tests.support.sorting import smallest

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "content" / "data" / "smollm2-minilm"
ROLES = ("decoder", "encoder")


def brute_force(vectors: np.ndarray, rows: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """(ids, cosines) by comparing some rows with all: float64, rounded to float32, descending, ties by id, self left out."""
    units = vectors.astype(np.float64)
    norms = np.sqrt((units**2).sum(axis=1, keepdims=True))
    units /= np.where(norms > 0, norms, 1)
    cosines = (units[rows] @ units.T).astype(np.float32)
    cosines[np.arange(len(rows)), rows] = -2
    ids = np.stack([smallest(-row, k) for row in cosines])
    return ids, np.take_along_axis(cosines, ids, axis=1)


def found(vectors: np.ndarray, k: int = 20, **options) -> NeighbourTable:
    return search.neighbours_by_cosine(unit_rows(vectors.astype(np.float32)), k, **options)


def brute_distances(vectors: np.ndarray, rows: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """(ids, Euclidean distances) in the same way, by SciPy: float64, rounded to float32, ascending, ties by id, self left out.

    SciPy measures those only that scikit-learn, whose matrix product is much sooner, does not find clearly too far away.
    """
    wide = vectors.astype(np.float64)
    rough = euclidean_distances(wide[rows], wide)
    margin = 1e-6 * np.linalg.norm(wide, axis=1).max()  # its error is some 1e-8 of the longest vector
    distances = np.full(rough.shape, np.inf, dtype=np.float32)
    for place, row in enumerate(rows):
        near = np.flatnonzero(rough[place] <= np.partition(rough[place], k)[k] + margin)
        distances[place, near] = cdist(wide[[row]], wide[near])[0]
        distances[place, row] = np.inf
    ids = np.stack([smallest(row, k) for row in distances])
    return ids, np.take_along_axis(distances, ids, axis=1)


@pytest.fixture(scope="module")
def committed() -> dict[str, NeighbourLists]:
    """Role -> all its lists as they are committed."""
    return {role: read_neighbour_lists(DATA / f"neighbours_{role}.json") for role in ROLES}


@pytest.mark.parametrize("role", ROLES)
def test_committed_lists_equal_brute_force_on_500_random_tokens(role: str, committed: dict[str, NeighbourLists]) -> None:
    """Ids and order exactly; cosines to the digits that are shown."""
    vectors, lists = open_set().model(role).token_embeddings(), committed[role]
    rows = np.sort(np.random.default_rng(500).choice(len(vectors), 500, replace=False))
    assert len(lists.ids) == len(vectors)
    for part in np.array_split(rows, 5):
        expected_ids, expected_cosines = brute_force(vectors, part, 20)
        np.testing.assert_array_equal(lists.ids[part], expected_ids)
        np.testing.assert_array_equal(np.rint(lists.cosines[part] * 1000), np.rint(expected_cosines.astype(np.float64) * 1000))


@pytest.mark.parametrize("role", ROLES)
def test_committed_euclidean_lists_equal_brute_force_on_500_random_tokens(role: str, committed: dict[str, NeighbourLists]) -> None:
    vectors, lists = open_set().model(role).token_embeddings(), committed[role]
    step = read_artefact(DATA / f"neighbours_{role}.json")[1].distance_step
    rows = np.sort(np.random.default_rng(501).choice(len(vectors), 500, replace=False))
    for part in np.array_split(rows, 5):
        expected_ids, expected = brute_distances(vectors, part, 20)
        np.testing.assert_array_equal(lists.euclidean_ids[part], expected_ids)
        np.testing.assert_array_equal(np.rint(lists.distances[part] / step), np.rint(expected.astype(np.float64) / step))


@pytest.mark.parametrize("role", ROLES)
def test_cosines_agree_with_scikit_learn(role: str, committed: dict[str, NeighbourLists]) -> None:
    vectors, lists = open_set().model(role).token_embeddings(), committed[role]
    for rows in np.array_split(np.arange(len(vectors)), 1000)[::100]:
        expected = np.take_along_axis(cosine_similarity(vectors[rows], vectors), lists.ids[rows], axis=1)
        np.testing.assert_allclose(lists.cosines[rows], expected, atol=0.0005 + 1e-6)


@pytest.mark.parametrize("role", ROLES)
def test_full_cosines_of_the_curated_words_agree_with_scikit_learn(role: str, committed: dict[str, NeighbourLists]) -> None:
    """Where lists are exported with all their digits; they are the same lists as those of every token."""
    vectors = open_set().model(role).token_embeddings()
    entries = [e for e in read_artefact(DATA / "neighbourhoods.json")[1].entries if e.role == role and e.token is not None]
    assert entries
    expected = cosine_similarity(vectors[[e.token.id for e in entries]], vectors)
    for entry, row in zip(entries, expected, strict=True):
        ids = [n.token.id for n in entry.lists.cosine]
        assert ids == committed[role].ids[entry.token.id].tolist()
        np.testing.assert_allclose([n.cosine for n in entry.lists.cosine], row[ids], atol=1e-4)


def test_shards_cover_every_token_once_and_never_list_a_token_itself(committed: dict[str, NeighbourLists]) -> None:
    for role, lists in committed.items():
        files = read_shards(DATA / f"neighbours_{role}.json")[1]
        firsts = [NeighbourShard.model_validate_json(file).first_id for file in files.values()]
        assert firsts == list(range(0, len(files) * SHARD_TOKENS, SHARD_TOKENS))
        for ids in (lists.ids, lists.euclidean_ids):
            assert (ids != np.arange(len(ids))[:, None]).all()
            assert (np.diff(np.sort(ids, axis=1), axis=1) > 0).all()  # each once
            assert (ids >= 0).all() and (ids < len(ids)).all()


def test_one_look_up_over_all_spaces_stays_under_12_kb() -> None:
    largest = [
        max(len(gzip.compress(file.read_bytes())) for file in (DATA / f"neighbours_{role}").glob("*.json")) for role in ROLES
    ]
    assert sum(largest) <= 12_000


def test_equal_cosines_are_ordered_by_id_even_where_they_cross_the_last_place() -> None:
    generator = np.random.default_rng(1)
    vectors = generator.standard_normal((300, 16)).astype(np.float32)
    vectors[50:110] = vectors[7]  # sixty duplicates: more than any first helping of candidates
    table = found(vectors, k=20)
    assert table.ids[7].tolist() == list(range(50, 70))
    assert table.ids[60].tolist() == [7, *range(50, 60), *range(61, 70)]
    ids, cosines = brute_force(vectors, np.arange(300), 20)
    np.testing.assert_array_equal(table.ids, ids)
    np.testing.assert_array_equal(table.values, cosines)


def test_lists_whose_candidates_float32_cannot_tell_apart_are_enlarged(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(2)
    vectors = generator.standard_normal((400, 32)).astype(np.float32)
    vectors[100:200] = (
        vectors[3] + generator.standard_normal((100, 32)).astype(np.float32) * 1e-4
    )  # cosines within 1e-7 of each other
    asked = []
    original = search._best_of_candidates
    monkeypatch.setattr(search, "_best_of_candidates", lambda *given: asked.append(given[-1]) or original(*given))
    table = found(vectors, k=20)
    assert len(set(asked)) > 1, "the error bound was never put to the test"
    np.testing.assert_array_equal(table.ids, brute_force(vectors, np.arange(400), 20)[0])


def test_float32_scores_lie_within_the_error_bound() -> None:
    for dims in (3, 64, 768):
        units = unit_rows(np.random.default_rng(dims).standard_normal((500, dims)).astype(np.float32))
        scores = units.astype(np.float32) @ units.astype(np.float32).T
        assert np.abs(scores.astype(np.float64) - units @ units.T).max() <= search.cosine_error_bound(dims)


def test_blocked_search_equals_unblocked() -> None:
    vectors = np.random.default_rng(3).standard_normal((700, 24))
    whole = found(vectors, block_bytes=2**40)
    for rows in (1, 37, 256):
        blocked = found(vectors, block_bytes=4 * 700 * rows)
        np.testing.assert_array_equal(blocked.ids, whole.ids)
        np.testing.assert_array_equal(blocked.values, whole.values)


def test_lists_are_right_where_only_the_best_groups_of_a_row_are_searched() -> None:
    """With clusters, duplicates across groups, and a vocabulary that does not fill its last group."""
    generator = np.random.default_rng(5)
    centres = generator.standard_normal((40, 16))
    vectors = (centres[generator.integers(40, size=4_999)] + 0.3 * generator.standard_normal((4_999, 16))).astype(np.float32)
    vectors[::70] = vectors[4_998]
    vectors[:30] = vectors[17]
    assert len(vectors) > search.GROUP * (20 + search.SPARE_CANDIDATES)
    assert len(vectors) % search.GROUP
    table = found(vectors)
    rows = np.concatenate([np.arange(75), generator.choice(4_999, 200, replace=False), np.arange(4_900, 4_999)])
    ids, cosines = brute_force(vectors, rows, 20)
    np.testing.assert_array_equal(table.ids[rows], ids)
    np.testing.assert_array_equal(table.values[rows], cosines)


def test_a_zero_row_has_cosine_0_with_everything() -> None:
    vectors = np.random.default_rng(4).standard_normal((40, 5)).astype(np.float32)
    vectors[10] = 0
    table = found(vectors, k=5)
    assert table.ids[10].tolist() == [0, 1, 2, 3, 4]
    assert not table.values[10].any()


def test_fewer_tokens_than_places_give_shorter_lists() -> None:
    assert found(np.eye(4), k=20).ids.tolist() == [[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]]


@pytest.mark.parametrize("tokens", [250, 65_600])
def test_lists_come_back_from_their_text_whatever_they_hold(tokens: int) -> None:
    """Ids that need one byte, two or three; lists that share none, some or all; a distance of many digits."""
    numbers = np.random.default_rng(tokens)
    ids = np.stack([numbers.permutation(tokens)[:5] for _ in range(9)])
    ids[0, 0] = tokens - 1
    euclidean = np.where(numbers.random(ids.shape) < 0.5, ids[:, ::-1], numbers.integers(0, tokens, ids.shape))
    euclidean[1] = ids[1]
    cosines = -np.sort(-numbers.uniform(-1, 1, ids.shape))
    cosines[0] = [1.0000001, 1, 0.99951, -0.9, -1]
    distances = np.sort(numbers.uniform(0, 9, ids.shape))
    distances[0, 4] = 123_456.789
    text = packed_lists(NeighbourLists(ids, cosines, euclidean, distances), tokens, 0.01)
    back = unpacked_lists(text, 9, 5, tokens, 0.01)
    np.testing.assert_array_equal(back.ids, ids)
    np.testing.assert_array_equal(back.euclidean_ids, euclidean)
    np.testing.assert_allclose(back.cosines, cosines, atol=0.0005 + 1e-9)
    np.testing.assert_allclose(back.distances, distances, atol=0.005 + 1e-9)
    for rows, wrong in ((8, text), (40, text), (9, deflated(b"short")), (9, "Zz1")):
        with pytest.raises(ValueError, match=r"stand where|too few|cannot be inflated"):
            unpacked_lists(wrong, rows, 5, tokens, 0.01)


def test_equal_distances_are_ordered_by_id_and_no_list_is_cut_short() -> None:
    """Duplicates that fill more than a list, vectors that float32 cannot tell apart, a very long one, a zero one, blocks of any size."""
    numbers = np.random.default_rng(11)
    vectors = numbers.standard_normal((400, 16)).astype(np.float32)
    vectors[50:110] = vectors[7]
    vectors[200:300] = vectors[3] + numbers.standard_normal((100, 16)).astype(np.float32) * 1e-4
    vectors[20] *= 1000
    vectors[21] = 0
    ids, distances = brute_distances(vectors, np.arange(400), 20)
    for block in (1, 7, 400):
        table = neighbours_by_distance(vectors, 20, block_bytes=4 * 400 * block)
        np.testing.assert_array_equal(table.ids, ids)
        np.testing.assert_array_equal(table.values, distances)
    assert table.ids[7].tolist() == list(range(50, 70))
    assert neighbours_by_distance(np.eye(3, dtype=np.float32), 20).ids.tolist() == [[1, 2], [0, 2], [0, 1]]


def test_scores_of_distances_lie_within_their_error_bound() -> None:
    for dims in (3, 64, 576):
        vectors = (np.random.default_rng(dims).standard_normal((300, dims)) * np.geomspace(0.1, 9, 300)[:, None]).astype(np.float32)
        wide = vectors.astype(np.float64)
        squares = (wide**2).sum(axis=1)
        scores = vectors @ vectors.T - (squares / 2).astype(np.float32)
        error = np.abs(scores.astype(np.float64) - (wide @ wide.T - squares / 2))
        assert (error <= search.distance_error_bound(dims, squares, squares.max())[:, None]).all()


def test_memory_stays_at_a_block_times_the_vocabulary() -> None:
    """All scores of 24,000 tokens at once would be 2.3 GB."""
    code = (
        "import numpy as np\n"
        "from precompute.exact_neighbours import neighbours_by_cosine\n"
        "units = np.zeros((24_000, 8)); units[np.arange(24_000), np.arange(24_000) % 8] = 1\n"
        "units += np.random.default_rng(0).standard_normal(units.shape); units /= np.linalg.norm(units, axis=1, keepdims=True)\n"
        "neighbours_by_cosine(units, 20)\n"
        # not ru_maxrss: that remembers what the process was forked from
        "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM:')))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(done.stdout) * 1024 < 1.2e9


@pytest.mark.parametrize("damage", ["cut short", "removed", "another"])
def test_damaged_shards_are_detected(damage: str, tmp_path: Path) -> None:
    folder = tmp_path / "neighbours_encoder"
    folder.mkdir()
    for file in (DATA / "neighbours_encoder").glob("*.json"):
        (folder / file.name).hardlink_to(file)
    index = tmp_path / "neighbours_encoder.json"
    index.write_bytes((DATA / index.name).read_bytes())
    read_shards(index)
    victim = folder / "0005.json"
    content = victim.read_bytes()
    victim.unlink()
    if damage != "removed":
        victim.write_bytes(content[:100] if damage == "cut short" else content.replace(b'"first_id":', b'"first_id":1', 1))
    with pytest.raises(ProjectError, match=r"--only neighbours_encoder"):
        read_shards(index)
