"""The data of the RSA lab: its words, its layer vectors, and how little quantising moves any number, on the real models' vectors."""

from __future__ import annotations

import gzip
from collections import defaultdict
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import cdist

from artefacts.envelope import read_artefact
from artefacts.schemas.lab import LabVectors, LabWords
from precompute.context.networks import readers
from precompute.lab import exports as lab
from precompute.lab.layer_states import layers_of, template, vectors_of
from precompute.lab.quantised_space import NOISE, dequantised, quantised
from precompute.lab.words import lab_words, ready_sets
from precompute.layers.words_in_carriers import carriers
from precompute.models import open_set
from precompute.rsa.coefficients import COEFFICIENTS, coefficient
from precompute.rsa.inference import bootstrap, permutation_test
from precompute.rsa.rdms import category_dissimilarities, dissimilarities, pair_cosines
from precompute.rsa.selectivity import cohens_d
from precompute.workspace import Workspace
from problems import ProjectError
from sitegen.rsa_lab import DRAWS
from tests.support import ROOT
from tests.tiny_models import TINY_SET, TinyModels

DATA = ROOT / "content" / "data" / "smollm2-minilm"
BOUND = 0.005  # what quantising may change, in any number of 20 words or more
DISK_BUDGET, FILE_BUDGET = 5_800_000, 800_000
DEPTHS = ("static", *lab.DEEP)
SPACES = [*((role, depth) for role in ("decoder", "encoder") for depth in DEPTHS), ("static", "static")]


def read(name: str):
    return read_artefact(DATA / f"{name}.json")[1]


def name_of(role: str, depth: str) -> str:
    return "lab_vectors_static" if role == "static" else f"lab_vectors_{role}_{depth}"


@pytest.fixture(scope="module")
def work(real_models) -> Workspace:
    return Workspace(real_models, DATA, ROOT / "content" / "words")


@pytest.fixture(scope="module")
def words() -> LabWords:
    return read("lab_words")


@pytest.fixture(scope="module")
def tiny_work(tiny: TinyModels, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    models = open_set(TINY_SET, sets_file=tiny.sets_file, models_dir=tiny.models_dir)
    return Workspace(models, tmp_path_factory.mktemp("tiny-lab"), ROOT / "content" / "words")


def pairs_of(rows: np.ndarray, measure: str) -> np.ndarray:
    """Dissimilarities of dequantised vectors: their first axis is what a correlation takes off."""
    rows = rows.astype(np.float64)
    return dissimilarities(rows[:, 1:], "cosine") if measure == "correlation" else dissimilarities(rows, measure)


# --- the words ---------------------------------------------------------------------------------------------------------------


def test_every_word_is_one_token_in_every_space_and_there_are_many(work: Workspace, words: LabWords) -> None:
    assert len(words.words) == len(set(words.words)) >= 1_500
    for role in work.model_set.roles:
        model = work.model_set.model(role)
        assert [word for word in words.words if model.word_token(word) is None] == []
    placed = [place for category in words.categories for place in category.words]
    assert sorted(placed) == list(range(len(words.words)))  # each in one category
    assert lab_words(work).words == words.words


def test_ready_made_sets_begin_with_the_lessons_and_fit_the_page(work: Workspace, words: LabWords) -> None:
    lesson = words.sets[0]
    similarities = read("rsa_similarities")
    assert [words.words[place] for group in lesson.groups for place in group.words] == similarities.words
    assert lesson.missing == [entry.word for entry in similarities.left_out] == ["sofa"]
    assert {"animals", "countries", "verbs", "numbers", "opposites"} <= {ready.key for ready in words.sets}
    for ready in words.sets:
        chosen = [place for group in ready.groups for place in group.words]
        assert len(chosen) == len(set(chosen)) and 20 <= len(chosen) <= words.most_words == 100
        assert all(group.words and group.name for group in ready.groups) and ready.note.endswith((".", "?"))
    assert [ready.key for ready in ready_sets(work)] == [ready.key for ready in words.sets]


# --- layer vectors -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["decoder", "encoder"])
def test_layer_vectors_are_means_of_the_states_at_the_word_in_whole_sentences(tiny_work: Workspace, role: str) -> None:
    """The decoder's are computed from the beginning of each sentence alone, many words at a time; here every sentence is read whole."""
    chosen = lab_words(tiny_work).words[:70:23]  # more than a batch apart
    reader = next(one for one in readers(tiny_work) if one.role == role)
    found = vectors_of(tiny_work, role, chosen)
    for depth, layer in layers_of(len(reader.run("a b").states) - 1).items():
        for word, vector in zip(chosen, found[depth], strict=True):
            states = []
            for carrier in carriers(tiny_work):
                ids = reader.ids(carrier.replace("{word}", word))
                place = template(reader, carrier, chosen)[1]
                assert place > 0 and ids[place] == reader.word_id(word)
                states.append(reader.run_ids(ids).states[layer, place])
            np.testing.assert_allclose(vector, np.mean(states, axis=0), atol=2e-5)


def test_a_carrier_that_begins_with_the_word_is_refused(tiny_work: Workspace) -> None:
    reader = readers(tiny_work)[0]
    with pytest.raises(ProjectError, match="cannot be found"):
        template(reader, "{word} is the word.", lab_words(tiny_work).words[:3])


def test_committed_layers_are_those_of_the_lesson_on_layers(words: LabWords) -> None:
    """Selectivity of the lesson's words in the same layers, computed by other code from unquantised states."""
    lesson = read("layer_words")
    rows = [words.words.index(word) for word in lesson.words]
    across = category_dissimilarities(lesson.categories) == 1
    for space in words.spaces:
        if space.layer is None:
            continue
        exported = next(m for m in read("layer_selectivity").by_model if (m.role, m.treatment) == (space.role, "raw")).layers[space.layer]
        pairs = pairs_of(dequantised(read(space.artefact))[rows], "cosine")
        assert 1 - pairs[~across].mean() == pytest.approx(exported.within, abs=BOUND)
        assert 1 - pairs[across].mean() == pytest.approx(exported.across, abs=BOUND)
        assert cohens_d(pairs, lesson.categories) == pytest.approx(exported.cohens_d, abs=BOUND)


def test_at_least_three_layers_of_each_network_and_their_numbers(words: LabWords) -> None:
    layers = {role: [space.layer for space in words.spaces if space.role == role] for role in ("decoder", "encoder", "static")}
    assert layers == {"decoder": [None, 10, 20, 30], "encoder": [None, 2, 4, 6], "static": [None]}
    assert len(words.carriers) >= 8 and not any(carrier.startswith("{word}") for carrier in words.carriers)


# --- quantising ------------------------------------------------------------------------------------------------------------------


@given(arrays(np.float64, st.tuples(st.integers(1, 12), st.integers(2, 9)), elements=st.floats(-50, 50, width=32)), st.floats(0.001, 0.1))
@settings(max_examples=60)
def test_vectors_come_back_whatever_they_are(vectors: np.ndarray, noise: float) -> None:
    packed = LabVectors(role="static", depth="static", **quantised(vectors, noise=noise))
    back = dequantised(packed)
    assert back.shape == (len(vectors), packed.axes) and np.isfinite(back).all()
    lengths = np.linalg.norm(vectors, axis=1)
    shown = np.linalg.norm(back.astype(np.float64), axis=1)
    kept = shown > 0  # a vector so short that nothing of it is left
    np.testing.assert_allclose(shown[kept], lengths[kept], atol=float(lengths.max()) / 65535 + 1e-4)


def test_errors_of_cosines_are_as_large_as_it_says() -> None:
    numbers = np.random.default_rng(7)
    vectors = numbers.standard_normal((300, 40)) * np.geomspace(5, 0.05, 40) + numbers.standard_normal(40)
    back = dequantised(LabVectors(role="static", depth="static", **quantised(vectors, noise=0.01)))
    exact = pair_cosines(vectors)
    assert (pair_cosines(back) - exact).std() / exact.std() == pytest.approx(0.01, rel=0.15)
    centred = vectors - vectors.mean(axis=1, keepdims=True)
    np.testing.assert_allclose(pair_cosines(back[:, 1:]), pair_cosines(centred), atol=0.05 * exact.std())


def test_packing_is_the_same_every_time() -> None:
    vectors = np.random.default_rng(3).standard_normal((50, 12))
    assert quantised(vectors) == quantised(vectors.copy())


@pytest.fixture(scope="module")
def exact_and_sent(work: Workspace, words: LabWords) -> dict[tuple[str, str], tuple[np.ndarray, np.ndarray]]:
    """Space -> (vectors before quantising, as the page has them) of the same words: a sample, so that the networks read little."""
    sample = np.sort(np.random.default_rng(17).choice(len(words.words), 60, replace=False))
    chosen = [words.words[place] for place in sample]
    found = {}
    for role in ("decoder", "encoder"):
        for depth, vectors in vectors_of(work, role, chosen).items():
            found[role, depth] = vectors
    for role in work.model_set.roles:
        found[role, "static"] = lab_words(work).vectors[role][sample]
    return {space: (found[space], dequantised(read(name_of(*space)))[sample]) for space in SPACES}


def test_the_sample_is_what_was_sent(exact_and_sent) -> None:
    """Rotated: the same lengths and the same distances."""
    for exact, sent in exact_and_sent.values():
        ours = cdist(exact, exact)
        np.testing.assert_allclose(cdist(sent, sent), ours, atol=0.02 * ours.max())


def test_with_twenty_words_or_more_no_number_moves_by_more_than_the_bound(exact_and_sent) -> None:
    """Coefficients, agreement with categories, p values and intervals over many random sets of words, with as many draws as the page makes.

    With fewer draws an end of an interval is one resample or the next, and jumps from one to the other.
    """
    numbers = np.random.default_rng(29)
    moved: dict[str, list[float]] = defaultdict(list)

    def note(what: str, one: float, other: float) -> None:
        moved[what].append(abs(one - other))

    for draw in range(18):
        size = int(numbers.choice([20, 20, 27, 40]))
        rows = numbers.choice(60, size, replace=False)
        categories = [str(n) for n in numbers.integers(0, 4, size)]
        model = category_dissimilarities(categories)
        measure = ("cosine", "correlation", "euclidean")[draw % 3]
        both = {
            space: (dissimilarities(exact[rows], measure), pairs_of(sent[rows], measure)) for space, (exact, sent) in exact_and_sent.items()
        }
        for one, other in combinations(both, 2):
            for name in COEFFICIENTS:
                note(name, *(coefficient(name, both[one][n], both[other][n]) for n in (0, 1)))
        for exact, sent in both.values():
            for name in COEFFICIENTS:
                note(f"{name} with categories", coefficient(name, exact, model), coefficient(name, sent, model))
            ours, theirs = cohens_d(exact, categories), cohens_d(sent, categories)
            moved["cohens_d"].append(abs(ours - theirs) / max(1.0, abs(ours)))
        one, other = (list(both)[n] for n in numbers.choice(len(both), 2, replace=False))
        name = ("pearson", "spearman")[draw % 2]
        tests = [permutation_test(both[one][n], both[other][n], name, permutations=DRAWS, seed=draw) for n in (0, 1)]
        note(f"p of {name}", tests[0].p, tests[1].p)
        intervals = [bootstrap(both[one][n], both[other][n], name, resamples=DRAWS, seed=draw) for n in (0, 1)]
        note(f"interval of {name}", intervals[0].low, intervals[1].low)
        note(f"interval of {name}", intervals[0].high, intervals[1].high)
        tests = [permutation_test(both[one][n], model, "pearson", permutations=DRAWS, seed=draw) for n in (0, 1)]
        note("p of selectivity", tests[0].p, tests[1].p)
    worst = {what: round(max(sizes), 4) for what, sizes in moved.items()}
    assert max(worst.values()) <= BOUND, worst
    assert len(moved["pearson"]) == 18 * 36


def test_static_numbers_of_the_lesson_are_within_the_bound(words: LabWords) -> None:
    """All that the lesson on RSA exports of its words, computed from what the page has."""
    rows = [words.words.index(word) for word in read("rsa_similarities").words]
    category = category_dissimilarities(read("rsa_similarities").categories)
    sent = {role: dequantised(read(name_of(role, "static")))[rows] for role in ("decoder", "encoder", "static")}
    for entry in read("rsa_agreement").agreements:
        first = pairs_of(sent[entry.first], entry.measure)
        second = category if entry.second == "category" else pairs_of(sent[entry.second], entry.measure)
        assert coefficient(entry.coefficient, first, second) == pytest.approx(entry.value, abs=BOUND), entry


# --- budgets ---------------------------------------------------------------------------------------------------------------------


def test_files_keep_their_budgets() -> None:
    files = sorted(DATA.glob("lab_*.json"))
    assert len(files) == len(SPACES) + 1
    assert sum(file.stat().st_size for file in files) <= DISK_BUDGET
    sent = {file.name: len(gzip.compress(file.read_bytes(), 6, mtime=0)) for file in files}
    assert max(sent.values()) <= FILE_BUDGET, sent


def test_the_tiny_set_has_a_lab_too(exported: Path) -> None:
    found: LabWords = read_artefact(exported / TINY_SET / "lab_words.json")[1]
    assert len(found.words) > 100 and found.sets
    for space in found.spaces:
        vectors: LabVectors = read_artefact(exported / TINY_SET / f"{space.artefact}.json")[1]
        assert vectors.words == len(found.words) and np.isfinite(dequantised(vectors)).all()
    assert read_artefact(exported / TINY_SET / "lab_words.json")[0].options == {} and NOISE > 0
