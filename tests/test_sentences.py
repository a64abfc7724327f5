"""Sentences as vectors, search, passages and BERT's family: numbers against transformers, scikit-learn and torch, on the real models."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from artefacts.envelope import read_artefact
from charts.the_family_and_sentences.in_batch_negatives import chances, loss
from precompute.models import open_set
from precompute.sentences.answers_with_passages import prompt_of
from precompute.sentences.sentence_search import ranking, same_topic
from precompute.sentences.vectors import WORD_LIST, library, library_vectors, methods_of, raw_vectors, vectors, words
from precompute.sentences.word_overlap import K1, B, bm25, content_words, shared_words
from precompute.special_tokens import with_special_tokens
from precompute.workspace import Workspace
from tests.support import ROOT
from tests.support.notebooks import printed_as_program
from tests.tiny_models import TINY_SET, TinyModels

WORDS = ROOT / "content" / "words"
DATA = ROOT / "content" / "data" / "smollm2-minilm"
LESSON = ROOT / "content" / "lessons" / "06-the-family-and-sentences.md"
TOLERANCE = 1e-5


def exported(name: str, folder: Path = DATA) -> Any:
    return read_artefact(folder / f"{name}.json")[1]


@pytest.fixture(scope="module")
def real(real_models: Any, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(real_models, tmp_path_factory.mktemp("data"), WORDS)


@pytest.fixture
def random(tiny: TinyModels, tmp_path: Path) -> Workspace:
    """Small random models, for what would take long with the real decoder."""
    models = open_set(TINY_SET, models_dir=tiny.models_dir, sets_file=tiny.sets_file, offline=True)
    return Workspace(models, tmp_path, WORDS)


# --- one vector for a sentence -------------------------------------------------------------------------------------------------


def by_sentence_transformers(folder: Path, sentences: list[str]) -> np.ndarray:
    """The arithmetic of sentence-transformers for this model: padded batch, mean over the attention mask, length 1."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    network = AutoModel.from_pretrained(folder, local_files_only=True).eval()
    inputs = AutoTokenizer.from_pretrained(folder, local_files_only=True)(sentences, padding=True, return_tensors="pt")
    with torch.inference_mode():
        states = network(**inputs).last_hidden_state
    mask = inputs["attention_mask"].unsqueeze(-1).float()
    means = (states * mask).sum(1) / torch.clamp(mask.sum(1), min=1e-9)
    return torch.nn.functional.normalize(means, p=2, dim=1).numpy()


def test_encoder_vectors_are_those_of_sentence_transformers(real: Workspace):
    sentences = [sentence for _, sentence in library(real)]
    expected = by_sentence_transformers(real.model_set.model("encoder").folder, sentences)
    assert np.abs(library_vectors(real, "encoder_mean") - expected).max() < TOLERANCE


def test_special_tokens_are_the_tokenizers_own(real: Workspace):
    from transformers import AutoTokenizer

    encoder = real.model_set.model("encoder")
    tokenizer = AutoTokenizer.from_pretrained(encoder.folder, local_files_only=True)
    for _, sentence in library(real)[::20]:
        assert with_special_tokens(encoder, sentence) == tokenizer(sentence)["input_ids"]


def test_exported_cosines_are_scikit_learns(real: Workspace):
    from sklearn.metrics.pairwise import cosine_similarity

    folder = real.model_set.model("encoder").folder
    for pair in exported("sentence_pairs").pairs[::4]:
        ours = {cosine.method: cosine.cosine for cosine in pair.cosines}
        first, second = by_sentence_transformers(folder, [pair.first, pair.second])
        assert ours["encoder_mean"] == pytest.approx(cosine_similarity([first], [second])[0, 0], abs=2 * TOLERANCE)
        static = real.model_set.model("static")
        means = [
            np.mean([static.token_embeddings()[static.word_token(word)] for word in words(text)], axis=0, dtype=np.float64)
            for text in (pair.first, pair.second)
        ]
        assert ours["static_mean"] == pytest.approx(cosine_similarity([means[0]], [means[1]])[0, 0], abs=2 * TOLERANCE)


def test_words_in_another_order_are_one_average():
    for pair in exported("sentence_pairs").pairs:
        if pair.group == "same_words":
            assert next(c.cosine for c in pair.cosines if c.method == "static_mean") == pytest.approx(1, abs=TOLERANCE)
            assert sorted(words(pair.first)) == sorted(words(pair.second))


def test_decoder_vectors_are_the_networks_states(random: Workspace):
    import torch

    decoder = random.model_set.model("decoder")
    sentence = library(random)[0][1]
    with torch.inference_mode():
        output = decoder.network(torch.tensor([decoder.tokenize(sentence)]), output_hidden_states=True)
    states = output.hidden_states[-1][0].double().numpy()  # transformers puts the final normalisation's output last
    for method, expected in (("decoder_mean", states[1:].mean(axis=0)), ("decoder_last", states[-1])):
        found = vectors(random, method, [sentence])[0]
        assert np.abs(found - expected / np.linalg.norm(expected)).max() < TOLERANCE


def test_a_set_without_static_vectors_has_one_way_less(random: Workspace):
    assert "static_mean" in methods_of(random)
    del random.model_set.members["static"]
    assert "static_mean" not in methods_of(random)


def test_unrelated_pairs_are_those_of_different_topics(real: Workspace):
    rows, topics = library_vectors(real, "encoder_mean"), [topic for topic, _ in library(real)]
    cosines = [rows[i] @ rows[j] for i in range(200) for j in range(i) if topics[i] != topics[j]]
    band = next(band for band in exported("sentence_pairs").unrelated if band.method == "encoder_mean")
    assert band.pairs == len(cosines) == 19_000
    assert band.mean == pytest.approx(np.mean(cosines), abs=TOLERANCE)
    assert band.percentile_99 == pytest.approx(np.percentile(cosines, 99), abs=TOLERANCE)


# --- search --------------------------------------------------------------------------------------------------------------------


def test_the_library_is_what_its_first_lines_say():
    search = exported("sentence_search")
    assert len(search.library) == len({sentence.text for sentence in search.library}) == 200
    assert len(search.topics) == 20
    for query in search.queries:
        assert search.library[query.target].topic == query.topic
        assert set(query.shared_content_words) == set(content_words(query.text)) & set(content_words(search.library[query.target].text))


def test_hits_and_precision_are_scikit_learns(real: Workspace):
    from sklearn.neighbors import NearestNeighbors

    search = exported("sentence_search")
    topics = np.array([sentence.topic for sentence in search.library])
    rows = library_vectors(real, "encoder_mean")
    nearest = NearestNeighbors(metric="cosine").fit(rows)
    places = nearest.kneighbors(n_neighbors=5, return_distance=False)
    quality = next(q for q in search.quality if q.method == "encoder_mean")
    assert quality.precision_at_5 == pytest.approx((topics[places] == topics[:, None]).mean(), abs=TOLERANCE)
    distances, places = nearest.kneighbors(vectors(real, "encoder_mean", [q.text for q in search.queries]), n_neighbors=5)
    for query, found, far in zip(search.queries, places, distances, strict=True):
        hits = next(r for r in query.results if r.method == "encoder_mean").hits
        assert [hit.score for hit in hits] == pytest.approx(1 - far, abs=2 * TOLERANCE)
        assert {hit.sentence for hit in hits} == set(found.tolist())


@pytest.mark.parametrize("method", ["encoder_mean", "encoder_first", "decoder_mean", "static_mean"])
def test_centred_searches_are_scikit_learns(real: Workspace, method: str):
    """Sentences less the mean of the sentences, queries less the mean of the queries."""
    from sklearn.neighbors import NearestNeighbors
    from sklearn.preprocessing import StandardScaler

    def centred(texts: list[str]) -> np.ndarray:
        return StandardScaler(with_std=False).fit_transform(raw_vectors(real, method, texts))

    search = exported("sentence_search")
    topics = np.array([sentence.topic for sentence in search.library])
    nearest = NearestNeighbors(metric="cosine").fit(centred([sentence.text for sentence in search.library]))
    quality = next(q for q in search.quality if q.method == method)
    places = nearest.kneighbors(n_neighbors=5, return_distance=False)
    assert quality.centred.precision_at_5 == pytest.approx((topics[places] == topics[:, None]).mean(), abs=TOLERANCE)
    found = nearest.kneighbors(centred([query.text for query in search.queries]), n_neighbors=1, return_distance=False)[:, 0]
    assert quality.centred.targets_first == (found == [query.target for query in search.queries]).sum()


def test_the_centred_decoder_is_the_decoder_centred():
    """Two ways to the same number; a search by words has no vectors to centre."""
    by_method = {q.method: q for q in exported("sentence_search").quality}
    assert by_method["decoder_centred"].precision_at_5 == by_method["decoder_mean"].centred.precision_at_5
    assert [method for method, quality in by_method.items() if quality.centred is None] == ["bm25", "shared_words"]


def test_whole_questions_are_asked_for_the_same_sentences(real: Workspace):
    from sklearn.metrics.pairwise import cosine_similarity

    search = exported("sentence_search")
    questions = [query["question"] for query in real.words(WORD_LIST)["query"]]
    by_cosine = cosine_similarity(raw_vectors(real, "encoder_mean", questions), library_vectors(real, "encoder_mean")).argmax(axis=1)
    by_words = bm25(questions, [sentence.text for sentence in search.library]).argmax(axis=1)
    targets = [query.target for query in search.queries]
    for method, found in (("encoder_mean", by_cosine), ("bm25", by_words)):
        quality = next(q for q in search.quality if q.method == method)
        assert quality.questions_first == (found == targets).sum(), method


def test_bm25_by_hand():
    sentences = ["the cat sat", "the dog and the cat ran", "rain"]
    lengths = [2, 3, 1]  # content words
    scores = bm25(["a cat in the rain"], sentences)[0]
    assert content_words(sentences[1]) == ["dog", "cat", "ran"]
    for place, (cats, rains) in enumerate([(1, 0), (1, 0), (0, 1)]):
        norm = K1 * (1 - B + B * lengths[place] / 2)
        cat_idf, rain_idf = math.log(1 + 1.5 / 2.5), math.log(1 + 2.5 / 1.5)
        expected = cat_idf * cats * (K1 + 1) / (cats + norm) + rain_idf * rains * (K1 + 1) / (rains + norm)
        assert scores[place] == pytest.approx(expected)
    assert shared_words(["a cat in the rain"], sentences).tolist() == [[1, 1, 1]]


def test_equal_scores_keep_the_order_of_the_library():
    assert ranking(np.array([0.0, 1.0, 0.0, 1.0 + 1e-12])).tolist() == [1, 3, 0, 2]


def test_chance_is_the_share_of_the_topic():
    """Nine of the other 199 sentences have the topic."""
    for quality in exported("sentence_search").quality:
        assert quality.shuffled_mean == pytest.approx(9 / 199, abs=0.002)
        assert quality.precision_at_5_low <= quality.precision_at_5 <= quality.precision_at_5_high
    topics = np.array(["a", "a", "b"])
    assert same_topic(topics, np.array([[1, 2], [0, 2], [0, 1]]), 2).tolist() == [0.5, 0.5, 0.0]


def test_random_models_find_nothing(exported_tiny: Path):
    search = exported("sentence_search", exported_tiny)
    for quality in search.quality:
        if quality.method.startswith("encoder"):
            assert quality.precision_at_5 < 0.2


@pytest.fixture
def exported_tiny(request: pytest.FixtureRequest) -> Iterator[Path]:
    yield request.getfixturevalue("exported") / TINY_SET


# --- contrastive loss, passages ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scale", [1, 20, 60])
def test_loss_is_torchs(scale: float):
    import torch

    for entry in exported("contrastive_batch").cosines:
        logits = scale * torch.tensor(entry.cosines, dtype=torch.float64)
        expected = torch.nn.functional.cross_entropy(logits, torch.arange(len(logits)))
        assert loss(entry.cosines, scale) == pytest.approx(float(expected), abs=1e-9)
        assert np.allclose(chances(entry.cosines, scale), torch.softmax(logits, dim=1).numpy())


def bits_by_loss(decoder: Any, prompt: str, answer: str) -> float:
    """Surprise at an answer, by the loss that transformers itself computes for its tokens."""
    import torch

    before, tokens = decoder.tokenize(prompt), decoder.tokenize(f" {answer}")
    labels = torch.tensor([[-100] * len(before) + tokens])
    with torch.inference_mode():
        loss = decoder.network(input_ids=torch.tensor([before + tokens]), labels=labels).loss
    return float(loss) * len(tokens) / math.log(2)


def test_surprise_is_the_real_decoders(real: Workspace):
    """Two of the exported answers."""
    decoder = real.model_set.model("decoder")
    question = exported("answers_with_passages").questions[2]
    for scored in question.scored[:2]:
        assert scored.prompt == prompt_of(scored.passage, question.question)
        assert scored.bits == pytest.approx(bits_by_loss(decoder, scored.prompt, question.answer), abs=2e-3)
        assert sum(token.bits for token in scored.tokens) == pytest.approx(scored.bits, abs=2e-3)


def test_surprise_after_other_questions_is_the_real_decoders(real: Workspace):
    """The answer to one question after the passage found for it and each of the other questions."""
    decoder = real.model_set.model("decoder")
    questions = exported("answers_with_passages").questions
    asked = questions[2]
    [found] = [scored.passage for scored in asked.scored if scored.given == "retrieved"]
    others = questions[:2] + questions[3:]
    bits = [bits_by_loss(decoder, prompt_of(found, other.question), asked.answer) for other in others]
    assert asked.bits_after_other_questions == pytest.approx(np.mean(bits), abs=2e-3)


def test_means_are_those_of_the_questions():
    answers = exported("answers_with_passages")
    after_others = [question.bits_after_other_questions for question in answers.questions]
    assert answers.mean_bits_after_other_questions == pytest.approx(np.mean(after_others), abs=1e-3)
    for given, mean in answers.mean_bits.items():
        scored = [s for question in answers.questions for s in question.scored if s.given == given]
        assert mean == pytest.approx(np.mean([s.bits for s in scored]), abs=1e-3)
        assert answers.greedy[given] == sum(s.greedy for s in scored)


# --- the family ----------------------------------------------------------------------------------------------------------------


def test_counts_are_those_of_the_published_networks():
    """Parameter counts that can be looked up, of the networks without a head."""
    known = {"BERT base": 109_482_240, "BERT large": 335_141_888, "RoBERTa base": 124_645_632, "DistilBERT": 66_362_880}
    models = {model.name: model for model in exported("bert_family").models}
    assert {name: models[name].parameters for name in known} == known
    own = next(fact for fact in exported("model_facts").models if fact.role == "encoder")
    assert models[own.name].parameters == own.parameters
    assert models[own.name].token_parameters == own.embedding_parameters


def test_parts_add_up_and_follow_the_formula():
    for model in exported("bert_family").models:
        assert model.token_parameters == model.vocabulary * model.embedding_width
        factor = model.embedding_width * model.width + model.width if model.embedding_width != model.width else 0
        assert model.factor_parameters == factor
        if model.published_millions:
            assert model.parameters / 1e6 == pytest.approx(model.published_millions, rel=0.06)


def test_pieces_are_bert_tokenizers(real: Workspace):
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(real.model_set.model("encoder").folder, local_files_only=True)
    for field in exported("pieces_by_field").fields:
        for cut in field.words:
            assert cut.pieces == tokenizer.tokenize(cut.word)


def test_published_averages_are_those_of_their_tasks():
    """Of Sentence-BERT the paper prints 74.89, where its seven values average 74.86; we keep what is printed."""
    for way in exported("published_similarity").ways:
        assert np.mean(way.scores) == pytest.approx(way.average, abs=0.04)


# --- prose ---------------------------------------------------------------------------------------------------------------------


def test_prose_works_the_example_right():
    """The few numbers that the lesson types are arithmetic, and right."""
    lesson = LESSON.read_text(encoding="utf-8")
    powers = [math.exp(5 * cosine) for cosine in (0.7, 0.3, 0.1)]
    shown = " + ".join(f"{power:.1f}" for power in powers)
    assert f"\\frac{{{powers[0]:.1f}}}{{{shown}}} \\approx {powers[0] / sum(powers):.2f}" in lesson
    assert f"$-\\ln {powers[0] / sum(powers):.2f} \\approx {-math.log(powers[0] / sum(powers)):.2f}$" in lesson
    assert f"\\ln 3 \\approx {math.log(3):.2f}" in lesson
    v, h, e = 50_000, 1_024, 128
    assert f"= {v * h / 1e6:.1f}$ million" in lesson and f"{(v * e + e * h) / 1e6:.1f}$ million" in lesson
    assert f"\\approx {v * h / (v + h):,.0f}$".replace(",", "{,}") in lesson
    small, large = (math.exp(s * 0.9) / (math.exp(s * 0.9) + 2 * math.exp(s * 0.8)) for s in (1, 20))
    assert f"is {small:.2f}, and the loss {-math.log(small):.2f}" in lesson
    assert f"is {large:.2f}, the loss {-math.log(large):.2f}" in lesson


def test_first_row_of_the_listing_is_the_worked_one():
    printed = (ROOT / "content" / "listings" / "contrastive_loss.out.txt").read_text(encoding="utf-8")
    assert re.search(r"scale  5: rows 0\.17 ", printed)


# --- programs ------------------------------------------------------------------------------------------------------------------


def pairs_printed(text: str) -> dict[tuple[str, str], float]:
    """(first, second) -> the first cosine of the line, of every line that ends in two sentences."""
    lines = re.findall(r"^\D*(\d\.\d\d).*?  ([A-Z][^/]+) / (.+)$", text, re.MULTILINE)
    return {(first, second): float(cosine) for cosine, first, second in lines}


def test_programs_print_the_exported_cosines(tmp_path: Path):
    """The notebook is run as a script from an empty folder; of the listing the committed output is read, which has a test of its own."""
    notebook = printed_as_program("the-family-and-sentences", tmp_path)
    listing = (ROOT / "content" / "listings" / "sentence_vectors.out.txt").read_text(encoding="utf-8")
    exact = {
        (pair.first, pair.second): next(c.cosine for c in pair.cosines if c.method == "encoder_mean")
        for pair in exported("sentence_pairs").pairs
    }
    for printed, count in ((pairs_printed(notebook), 4), (pairs_printed(listing), 3)):
        assert len(printed) == count
        for pair, cosine in printed.items():
            assert cosine == pytest.approx(exact[pair], abs=0.0051)
    assert "11,683,584 parameters" in notebook
    first = notebook.splitlines().index("How can I save battery on my mobile?") + 1
    hit = exported("sentence_search").queries[0].results[0].hits[0].score
    assert f"{hit:.2f}  To make the charge" in notebook.splitlines()[first]
