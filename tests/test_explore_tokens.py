"""The data of the token explorer: against scikit-learn, SciPy and brute force on the real models, and within the byte budgets."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import pearsonr
from sklearn.decomposition import PCA
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.neighbors import NearestNeighbors
from tokenizers import normalizers, pre_tokenizers

from artefacts.envelope import read_artefact
from artefacts.packing import dequantise, quantisation_error, unpack
from artefacts.registry import SHARDS
from artefacts.schemas.parts import PackedArray
from artefacts.tokens import token_text
from precompute.explore.character_classes import as_ranges, bert_classes, letters_and_digits
from precompute.explore.detailed_words import ROLES
from precompute.explore.extremes import agreement
from precompute.explore.packed_numbers import packed_numbers, unpacked_numbers
from precompute.explore.static_space import explored_space
from precompute.explore.word_details import flat_map
from precompute.models import open_set
from precompute.neighbours import read_neighbour_ids, read_neighbour_lists
from precompute.shards import read_shards
from precompute.workspace import Workspace
from sitegen.project import Problems, Project
from sitegen.site_data import SetData, token_kinds
from sitegen.token_explorer import spaces_file
from tests.support.hostile_texts import hostile_texts
from tests.support.sorting import smallest

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "content" / "data" / "smollm2-minilm"
GZIP_LEVEL = 6  # what hosts use
VOCABULARY_BUDGET, VOCABULARIES_BUDGET, LOOK_UP_BUDGET = 220_000, 560_000, 12_000


@pytest.fixture(scope="module")
def work() -> Workspace:
    return Workspace(open_set(), DATA, ROOT / "content" / "words")


def read(name: str):
    return read_artefact(DATA / f"{name}.json")[1]


def joined(name: str, field: str, axis: int = 0) -> np.ndarray:
    """A field of all shards of an artefact, one after the other."""
    _, shards = read_shards(DATA / f"{name}.json")
    return np.concatenate([unpack(getattr(SHARDS[name].model_validate_json(shard), field)) for shard in shards.values()], axis)


def sent(content: bytes) -> int:
    """Bytes of a file as they travel."""
    return len(gzip.compress(content, GZIP_LEVEL, mtime=0))


# --- vocabularies ------------------------------------------------------------------------------------------------------------


def test_packed_numbers_come_back_and_too_large_ones_are_refused() -> None:
    numbers = np.array([0, 1, 63, 64, 4095, 4096, 262_143])
    text = packed_numbers(numbers)
    assert len(text) == 3 * len(numbers)
    np.testing.assert_array_equal(unpacked_numbers(text), numbers)
    assert packed_numbers(np.array([], dtype=int)) == ""
    for wrong in (-1, 262_144):
        with pytest.raises(ValueError, match="can be packed"):
            packed_numbers(np.array([wrong]))


@pytest.mark.parametrize("name", ["gpt2", "decoder"])
def test_the_merges_alone_say_the_whole_byte_level_vocabulary(name: str) -> None:
    rules = read(f"live_tokenizer_{name}").byte_pairs
    tokens = {token.id: token.raw for token in rules.atoms}
    pairs = zip(unpacked_numbers(rules.left_ids).tolist(), unpacked_numbers(rules.right_ids).tolist(), strict=True)
    for rank, (left, right) in enumerate(pairs):
        tokens[rules.first_merged_id + rank] = tokens[left] + tokens[right]
    assert [tokens[i] for i in range(len(tokens))] == read(f"vocabulary_{name}").tokens


def test_the_live_wordpiece_vocabulary_is_the_committed_one() -> None:
    assert read("live_tokenizer_bert").word_pieces.tokens.split("\n") == read("vocabulary_bert").tokens


def test_a_tokenizer_that_is_anothers_names_it_and_only_then() -> None:
    same = {name: read(f"live_tokenizer_{name}").same_as for name in ("gpt2", "bert", "decoder", "encoder")}
    assert same == {"gpt2": None, "bert": None, "decoder": None, "encoder": "bert"}
    assert read("vocabulary_encoder").tokens == read("vocabulary_bert").tokens
    texts = [text.encode("utf-8", "ignore").decode("utf-8") for text in hostile_texts(300)]
    encoder, bert = (open_set().tokenizer(name) for name in ("encoder", "bert"))
    assert [encoder.tokenize(text) for text in texts] == [bert.tokenize(text) for text in texts]


def test_ranges_of_characters_are_written_shortly() -> None:
    assert as_ranges([0x41, 0x42, 0x43, 0xAA, 0x10000]) == "41-43 aa 10000"
    assert as_ranges([]) == ""


def characters_of(ranges: str) -> set[str]:
    ends = [[int(end, 16) for end in run.split("-")] for run in ranges.split()]
    return {chr(code) for run in ends for code in range(run[0], run[-1] + 1)}


def test_classes_of_characters_are_those_of_each_asked_by_itself() -> None:
    """They are asked about thousands at a time. Here one by one: the first thousand, some of all others, and both sides of each border."""
    pattern, digit = pre_tokenizers.ByteLevel(add_prefix_space=False), pre_tokenizers.Digits(individual_digits=True)
    split = pre_tokenizers.BertPreTokenizer()
    nothing = {"clean_text": False, "handle_chinese_chars": False, "strip_accents": False, "lowercase": False}
    clean, strip = (normalizers.BertNormalizer(**nothing | {what: True}) for what in ("clean_text", "strip_accents"))
    letters, digits = map(characters_of, letters_and_digits())
    classes = {name: characters_of(ranges) for name, ranges in bert_classes().items()}
    ends = {ord(character) for found in (letters, digits, *classes.values()) for character in found if chr(ord(character) + 1) not in found}
    codes = {*range(1000), *range(0, 0x40000, 53), *range(0xE0000, 0x110000, 997), *ends, *(end + 1 for end in ends)}
    for character in (chr(code) for code in sorted(codes) if not 0xD800 <= code < 0xE000 and code < 0x110000):
        apart = [(start, end) for _, (start, end) in split.pre_tokenize_str(f"a{character}a")]
        alone = {
            "letter": len(pattern.pre_tokenize_str(f"a{character}")) == 1,
            "digit": (1, 2) in [place for _, place in digit.pre_tokenize_str(f"a{character}a")],
            "punctuation": (1, 2) in apart,
            "removed": clean.normalize_str(f"a{character}a") == "aa",
            "accents": strip.normalize_str(f"a{character}a") == "aa",
            "decomposed": strip.normalize_str(f"a{character}a") not in ("aa", f"a{character}a"),
        }
        together = {"letter": character in letters, "digit": character in digits} | {name: character in classes[name] for name in classes}
        assert alone == together, f"U+{ord(character):04X}"


@pytest.fixture(scope="module")
def told() -> bytes:
    """What the build writes beside the page."""
    project = Project(ROOT)
    data = SetData(DATA, Problems(project))
    return spaces_file(data, token_kinds(data))


def test_the_file_beside_the_page_tells_every_static_word(told: bytes) -> None:
    packed = {role: unpack(PackedArray(**ids)).tolist() for role, ids in json.loads(told)["static_words"].items()}
    encoder, decoder = read("vocabulary_encoder").tokens, read("vocabulary_decoder").tokens
    rest = (token_text(decoder[i], "byte_level_bpe").removeprefix(" ").lower() for i in packed["decoder"])
    words = [token_text(encoder[i], "wordpiece") if i < len(encoder) else next(rest) for i in packed["encoder"]]
    assert next(rest, None) is None
    assert words == read("explorer_spaces").static_words.split("\n")


def test_vocabularies_and_a_look_up_keep_their_budgets(told: bytes) -> None:
    """The page fetches one file for tokenizers that are the same; a look-up is the heaviest shard of each kind in each space."""
    names = [name for name in ("gpt2", "bert", "decoder", "encoder") if read(f"live_tokenizer_{name}").same_as is None]
    sizes = {name: sent((DATA / f"live_tokenizer_{name}.json").read_bytes()) for name in names}
    sizes["spaces"] = sent(told)
    assert max(sizes.values()) <= VOCABULARY_BUDGET, sizes
    assert sum(sizes.values()) <= VOCABULARIES_BUDGET, sizes
    heaviest = {
        f"{kind}_{role}": max(sent(file.read_bytes()) for file in list((DATA / f"{kind}_{role}").glob("*.json"))[::17])
        for kind in ("neighbours", "token_facts")
        for role in ROLES
    }
    assert sum(heaviest.values()) <= LOOK_UP_BUDGET, heaviest


# --- neighbours and facts ------------------------------------------------------------------------------------------------------


def test_static_lists_equal_brute_force_among_the_words_that_either_model_has(work: Workspace) -> None:
    space = explored_space(work, "static")
    assert space.raw_tokens == read("explorer_spaces").static_words.split("\n")
    whole = [{space.texts[i].strip().lower() for i in space.whole_words.tolist()} for space in work.spaces()]
    assert set(space.raw_tokens) == (whole[0] | whole[1]) & set(work.model_set.model("static").raw_tokens())
    lists = read_neighbour_lists(DATA / "neighbours_static.json")
    rows = np.sort(np.random.default_rng(3).choice(len(space), 200, replace=False))
    exact = (space.units[rows] @ space.units.T).astype(np.float32)
    exact[np.arange(len(rows)), rows] = -2
    for row, own in enumerate(rows):
        expected = smallest(-exact[row], 20)
        np.testing.assert_array_equal(lists.ids[own], expected)
        np.testing.assert_allclose(lists.cosines[own], exact[row][expected], atol=0.0005 + 1e-7)
    one = rows[0]
    theirs = cosine_similarity(space.vectors[one : one + 1], space.vectors[lists.ids[one]])[0]
    np.testing.assert_allclose(lists.cosines[one], theirs, atol=0.0005 + 1e-6)


@pytest.mark.parametrize("role", ROLES)
def test_facts_of_every_token_are_its_length_its_rank_and_the_lists_it_stands_in(work: Workspace, role) -> None:
    space, index = explored_space(work, role), read(f"token_facts_{role}")
    norm, rank, in_degree, detail = joined(f"token_facts_{role}", "facts", axis=1).astype(np.int64)
    lengths = np.linalg.norm(space.vectors.astype(np.float64), axis=1)
    assert np.abs(dequantise(norm, 0, index.norm_max) - lengths).max() <= quantisation_error(0, index.norm_max) + 1e-9
    assert sorted(rank) == list(range(1, len(space) + 1))
    assert (np.diff(lengths[np.argsort(rank)]) <= 1e-12).all()
    counted = np.bincount(read_neighbour_ids(DATA / f"neighbours_{role}.json").ravel(), minlength=len(space))
    np.testing.assert_array_equal(in_degree, counted)
    ids = unpack(read(f"word_details_{role}").ids)
    np.testing.assert_array_equal(np.flatnonzero(detail), np.sort(ids))
    np.testing.assert_array_equal(detail[ids], np.arange(1, len(ids) + 1))


@pytest.mark.parametrize("role", ROLES)
def test_euclidean_lists_are_scikit_learns_nearest(work: Workspace, role) -> None:
    """Of any token, not of frequent words alone; distances to the digits that are shown."""
    space, step = explored_space(work, role), read(f"neighbours_{role}").distance_step
    lists = read_neighbour_lists(DATA / f"neighbours_{role}.json")
    chosen = np.random.default_rng(4).choice(len(space), 25, replace=False)
    searched = NearestNeighbors(n_neighbors=21, algorithm="brute").fit(space.vectors.astype(np.float64))
    expected, _ = searched.kneighbors(space.vectors[chosen].astype(np.float64))
    for row, own in enumerate(chosen):
        others = np.linalg.norm(space.vectors[lists.euclidean_ids[own]].astype(np.float64) - space.vectors[own], axis=1)
        np.testing.assert_allclose(lists.distances[own], others, atol=step / 2 + 1e-6)
        np.testing.assert_allclose(np.sort(expected[row])[1:], others, atol=1e-4)


@pytest.mark.parametrize("role", ROLES)
def test_maps_are_scikit_learns_principal_components(work: Workspace, role) -> None:
    space, ids = explored_space(work, role), unpack(read(f"word_details_{role}").ids).astype(int)
    maps, percent = joined(f"word_details_{role}", "map"), joined(f"word_details_{role}", "variance_percent")
    by_cosine = read_neighbour_ids(DATA / f"neighbours_{role}.json")
    assert len(ids) == len(maps) == read("explorer_spaces").detailed_words
    for place in np.random.default_rng(4).choice(len(ids), 25, replace=False):
        model = PCA(2, svd_solver="full").fit(space.units[[ids[place], *by_cosine[ids[place]]]])
        points = model.transform(space.units[[ids[place], *by_cosine[ids[place]]]])
        drawn = maps[place] / 127 * np.abs(points).max()
        assert np.abs(np.abs(drawn) - np.abs(points)).max() <= np.abs(points).max() / 127
        assert abs(percent[place] - 100 * model.explained_variance_ratio_.sum()) <= 0.51


def test_equal_vectors_have_a_map_too() -> None:
    points, kept = flat_map(np.zeros((3, 2)))
    assert not points.any()
    assert kept == 1.0


# --- maps and extremes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_the_share_that_a_picture_keeps_is_counted_from_the_picture(work: Workspace, role) -> None:
    space, overview = explored_space(work, role), read(f"word_map_{role}")
    ids = unpack(overview.ids)
    np.testing.assert_array_equal(ids, unpack(read(f"word_details_{role}").ids)[: len(ids)])
    true = NearestNeighbors(n_neighbors=overview.k, metric="cosine", algorithm="brute").fit(space.units[ids]).kneighbors()[1]
    assert (np.sort(unpack(overview.near)) == np.sort(true)).mean() > 0.9999  # equal cosines may be ordered otherwise
    kept = {}
    for method in overview.methods:
        drawn = NearestNeighbors(n_neighbors=overview.k, algorithm="brute").fit(unpack(method.xy).astype(float)).kneighbors()[1]
        kept[method.name] = np.mean([len(set(a) & set(b)) / overview.k for a, b in zip(true.tolist(), drawn.tolist(), strict=True)])
        assert method.kept == pytest.approx(kept[method.name], abs=2e-3)  # equal distances may be ordered otherwise
        assert method.kept > overview.kept_by_chance
    points = PCA(2, svd_solver="full").fit_transform(space.units[ids])
    pca = unpack(next(method for method in overview.methods if method.name == "PCA").xy).astype(float)
    for axis in range(2):
        assert abs(pearsonr(points[:, axis], pca[:, axis]).statistic) > 0.999999


def test_extremes_are_at_the_ends_and_agreement_is_pearsons_r(work: Workspace) -> None:
    extremes = read("explorer_extremes")
    for of_space in extremes.spaces:
        space = explored_space(work, of_space.role)
        lists = {one.name: one.tokens for one in of_space.lists}
        assert [entry.token.id for entry in lists["longest"]] == np.argsort(-space.norms, kind="stable")[:10].tolist()
        assert [entry.token.id for entry in lists["shortest"]] == np.argsort(space.norms, kind="stable")[:10].tolist()
        from_mean = np.linalg.norm(space.vectors - space.vectors.mean(axis=0, dtype=np.float64), axis=1)
        np.testing.assert_allclose([entry.value for entry in lists["centroid"]], np.sort(from_mean)[:10], atol=1e-5)
        best = read_neighbour_lists(DATA / f"neighbours_{of_space.role}.json").cosines[space.whole_words, 0]
        np.testing.assert_allclose([entry.value for entry in lists["isolated"]], np.sort(best)[:10], atol=0.0006)
    decoder, encoder = (explored_space(work, role).units[unpack(read(f"word_details_{role}").ids)] for role in ("decoder", "encoder"))
    place_of = {token: place for place, token in enumerate(unpack(read("word_details_decoder").ids).tolist())}
    for entry in (extremes.most_alike[0], extremes.most_different[0]):
        place = place_of[entry.decoder.id]
        others = np.arange(len(decoder)) != place
        expected = pearsonr((decoder @ decoder[place])[others], (encoder @ encoder[place])[others]).statistic
        assert entry.correlation == pytest.approx(expected, abs=1e-4)
    assert extremes.most_different[0].correlation <= extremes.mean_correlation <= extremes.most_alike[0].correlation


def test_a_space_agrees_with_itself_and_not_with_noise() -> None:
    units = explored_units(0)
    correlations, shared = agreement(units, units, 5)
    np.testing.assert_allclose(correlations, 1)
    assert (shared == 5).all()
    correlations, shared = agreement(units, explored_units(1), 5)
    assert abs(correlations.mean()) < 0.05
    assert shared.mean() < 1.5


def explored_units(seed: int) -> np.ndarray:
    vectors = np.random.default_rng(seed).standard_normal((60, 40))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
