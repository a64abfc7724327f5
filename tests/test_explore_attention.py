"""The attention explorer's data: every weight is transformers' own to the stated error, scores plain sums, nobody's sentence is lost."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from artefacts.attention_weights import DEPTH_ERROR, OVERVIEW_ERROR, cells, far, from_cells, near, whole
from artefacts.envelope import read_artefact
from artefacts.tokens import token_text
from precompute.__main__ import main
from precompute.attention.head_scores import (
    LEAST_LEFT,
    TIMES_UNIFORM,
    Scores,
    entropy_bits,
    label_of,
    looks,
    sink_of,
    without_sink,
)
from precompute.attention.own_texts import of_file
from precompute.attention.sentences import exchanged
from precompute.attention.texts import Text, counterparts, read, spans_of, token_of_word, whole_words
from precompute.context.networks import Reader
from precompute.models import open_set
from precompute.workspace import Workspace
from problems import ProjectError
from sitegen.attention_explorer import explorer_downloads, explorer_values
from sitegen.explorer_inputs import ExplorerInputs
from sitegen.project import Problems, Project
from sitegen.site_data import SetData
from tests.support import ROOT
from tests.support.explained_sentences import DATA, artefact, compare_sentence, of_role, shard, weights_of
from tests.support.notebooks import printed_as_program
from tests.tiny_models import TINY_SET, TinyModels

WORDS = ROOT / "content" / "words"
ROLES = ("decoder", "encoder")
GZIP_LEVEL = 6  # what hosts use
OVERVIEW_BUDGET, HEAD_BUDGET, ALL_BUDGET = 60_000, 24_000, 4_000_000


@pytest.fixture(scope="module")
def work(real_models) -> Workspace:
    return Workspace(model_set=real_models, data_dir=DATA, words_dir=WORDS)


@pytest.fixture(scope="module")
def tiny_data(tiny: TinyModels, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the explorer's exports of the random set alone. Shared: look, but do not change."""
    folder = tmp_path_factory.mktemp("tiny-attention")
    assert main(arguments(tiny, folder, "--only", "attention_heads", "attention_sentences", "own_sentences")) == 0
    return folder


@pytest.fixture(scope="module")
def tiny_work(tiny: TinyModels, tiny_data: Path) -> Workspace:
    models = open_set(TINY_SET, models_dir=tiny.models_dir, sets_file=tiny.sets_file, offline=True)
    return Workspace(models, tiny_data / TINY_SET, WORDS)


# --- weights -------------------------------------------------------------------------------------------------------------------


def test_every_number_of_the_random_set_is_transformers_own(tiny_work: Workspace) -> None:
    """Learned positions, no grouped keys, one matrix for queries, keys and values."""
    index = artefact("attention_sentences", tiny_work.data_dir)
    for sentence in index.sentences[::4] + index.sentences[-2:]:
        compare_sentence(tiny_work, sentence, tiny_work.data_dir)


def test_two_bytes_hold_a_weight_to_the_stated_error() -> None:
    weights = np.concatenate([np.linspace(0, 1, 100_001), np.random.default_rng(0).random(1000) ** 8])
    assert np.abs(far(weights) / 255 - weights).max() <= OVERVIEW_ERROR
    assert np.abs(whole(far(weights), near(weights)) - weights).max() <= DEPTH_ERROR
    square = np.tril(np.random.default_rng(1).random((2, 3, 5, 5)))
    assert (from_cells(cells(square, True), 5, True) == square).all()
    assert cells(square, True).shape == (2, 3, 15)
    assert (from_cells(cells(square, False), 5, False) == square).all()


# --- sentences -----------------------------------------------------------------------------------------------------------------


def test_there_are_enough_sentences_none_too_long_single_and_in_pairs() -> None:
    index = artefact("attention_sentences")
    assert len(index.sentences) >= 24
    assert sum(one.second is not None for one in index.sentences) >= 3
    assert sum(bool(one.changes) for one in index.sentences) >= 8
    assert all(len(entry.tokens) <= index.longest == 22 for one in index.sentences for entry in one.by_model)
    assert len({one.name for one in index.sentences}) == len({one.text for one in index.sentences}) == len(index.sentences)
    shown = {one.shows for one in index.sentences}
    assert {"agreement", "negation", "two senses of bank", "repeated words", "code", "another language", "numbers"} <= shown


def test_bytes_stay_within_the_budgets() -> None:
    sizes: dict[str, list[int]] = {}
    for sentence in artefact("attention_sentences").sentences:
        for entry in sentence.by_model:
            one_head = max(sent(number) for number in entry.depth) + max(sent(part.file) for part in entry.products)
            sizes.setdefault("overview", []).extend(sent(number) for number in [entry.overview, *entry.changes])
            sizes.setdefault("head", []).append(one_head)
    assert max(sizes["overview"]) <= OVERVIEW_BUDGET
    assert max(sizes["head"]) <= HEAD_BUDGET
    files = [DATA / f"{name}.json" for name in ("attention_heads", "attention_sentences", "own_sentences")]
    files += (DATA / "attention_sentences").glob("*.json")
    assert sum(file.stat().st_size for file in files) <= ALL_BUDGET


def sent(number: int) -> int:
    return len(gzip.compress((DATA / "attention_sentences" / f"{number:04d}.json").read_bytes(), GZIP_LEVEL, mtime=0))


SPANNED = ("Zoë’s café isn’t open, naïve?", "for i in range(10): print(i)", "  two  spaces ", "日本 ok 🙂!", "Der Hund schläft.")


@pytest.mark.parametrize("text", SPANNED)
@pytest.mark.parametrize("role", ROLES)
def test_tokens_cover_what_the_tokenizers_library_says(tiny_work: Workspace, role: str, text: str) -> None:
    reader = Reader(tiny_work, role)
    tokenizer = tiny_work.model_set.model(role).library_tokenizer
    encoded = tokenizer.encode(text, add_special_tokens=False)
    for token, ours, (start, end) in zip(encoded.tokens, spans_of(reader, encoded.ids, text), encoded.offsets, strict=True):
        trimmed = start + len(text[start:end]) - len(text[start:end].lstrip())
        expected = (trimmed, end) if trimmed < end else None
        assert ours == (None if token == "[UNK]" else expected), (token, text)


def test_counterparts_are_the_tokens_of_the_same_word() -> None:
    own = [(0, 3), (4, 8), (8, 11), None, (12, 14)]
    others = [None, (0, 3), (4, 11), (11, 12), (12, 13), (13, 14)]
    assert counterparts(own, others) == [1, 2, 2, None, 4]
    assert counterparts(others, own) == [None, 0, 1, None, 4, 4]
    for sentence in artefact("attention_sentences").sentences:
        first, second = sentence.by_model
        for entry, other in ((first, second), (second, first)):
            kinds = {"decoder": "byte_level_bpe", "encoder": "wordpiece"}
            for token, place in zip(entry.tokens, entry.counterparts, strict=True):
                if token.raw in ("[CLS]", "[SEP]"):
                    assert place is None
                elif place is not None and sentence.shows != "another language":
                    a, b = (token_text(t.raw, kinds[e.role]).strip().lower() for t, e in ((token, entry), (other.tokens[place], other)))
                    assert a in b or b in a


def test_words_are_found_whole_and_the_last_one_is_taken(tiny_work: Workspace) -> None:
    text = "It fits: a bit of it."
    assert whole_words(text, "it") == [18]
    assert whole_words(text, ":") == [7]
    reader = Reader(tiny_work, "encoder")
    reading = read(reader, Text(text))
    assert reader.token(reading.ids[token_of_word(reading, text, "it")]).raw == "it"
    assert token_of_word(reading, text, "absent") == len(reading.ids) // 2
    assert exchanged(Text("a bit of it", "it is"), "it", "that") == Text("a bit of that", "it is")
    assert exchanged(Text("a bit", "it is"), "it", "that") == Text("a bit", "that is")
    with pytest.raises(ValueError, match="does not stand"):
        exchanged(Text("a bit"), "it", "that")


# --- scores and names ------------------------------------------------------------------------------------------------------------


def plain_scores(work: Workspace, reader: Reader, kinds: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Scores by a plain loop, one row at a time: kind -> [layer, head]."""
    sentences = [" ".join(filter(None, (s["text"], s.get("second")))) for s in work.words("attention_sentences")["sentence"]]
    sentences += [text for texts in work.words("search_sentences")["topics"].values() for text in texts]
    totals: dict[str, Any] = dict.fromkeys(kinds, 0.0)
    counts = dict.fromkeys(kinds, 0)
    for text in sentences:
        ids = reader.ids(text)
        with torch.inference_mode():
            out = reader.network(torch.tensor([ids]), output_attentions=True)
        attention = torch.stack(out.attentions)[:, 0].numpy().astype(np.float64)
        mark = [n > 0 and is_mark(reader, i) for n, i in enumerate(ids)]
        for query in range(3 if reader.role == "decoder" else 1, len(ids)):
            seen = range(query + 1) if reader.role == "decoder" else range(len(ids))
            keys = {
                "previous": [query - 1] if query > 1 else [],
                "first": [0],
                "self": [query] if not mark[query] else [],
                "separator": [k for k in seen if mark[k]] if not mark[query] else [],
                "duplicate": [k for k in seen if k not in (0, query) and ids[k] == ids[query]] if not mark[query] else [],
            }
            for kind in kinds:
                if keys[kind]:
                    totals[kind] = totals[kind] + attention[:, :, query, keys[kind]].sum(axis=2)
                    counts[kind] += 1
    return {kind: totals[kind] / counts[kind] for kind in kinds}


def is_mark(reader: Reader, token_id: int) -> bool:
    text = token_text(reader.token(token_id).raw, reader.kind).strip()
    return text == "[SEP]" or (bool(text) and not any(c.isalnum() or c in "=+<>|~^$`" or c == "�" for c in text))


def compare_scores(work: Workspace, role: str, kinds: tuple[str, ...], folder: Path) -> None:
    scored = of_role(artefact("attention_heads", folder).by_model, role)
    for kind, expected in plain_scores(work, Reader(work, role), kinds).items():
        place = [entry.kind for entry in scored.kinds].index(kind)
        ours = np.array([one.scores[place] for one in scored.heads]).reshape(expected.shape)
        assert np.abs(ours - expected).max() < 2e-4, kind


KINDS = ("previous", "first", "self", "separator", "duplicate")


def test_scores_of_the_encoder_by_a_plain_loop(work: Workspace) -> None:
    compare_scores(work, "encoder", KINDS, DATA)


def test_scores_of_a_causal_model_by_a_plain_loop(tiny_work: Workspace) -> None:
    compare_scores(tiny_work, "decoder", KINDS, tiny_work.data_dir)


def test_random_heads_get_no_name_but_broad(tiny_work: Workspace) -> None:
    """Nobody trained them: in short sentences they look at something, too, and a name for that would be an artefact."""
    for scored in artefact("attention_heads", tiny_work.data_dir).by_model:
        assert {one.label for one in scored.heads} <= {"broad", None}


def scores_of(weights: np.ndarray, reader: Reader, ids: list[int]) -> tuple[dict, dict]:
    scores = Scores()
    scores.add(weights[None, None], looks(reader, ids), np.ones((1, 1, len(ids)), dtype=bool))
    values = {kind: scores.of_head(kind, 0, 0) for kind in scores.sums}
    return values, {kind: scores.uniform(kind) for kind in scores.sums}


@pytest.mark.parametrize("role", ROLES)
def test_an_even_spread_scores_what_is_said_of_it_and_a_pure_head_is_named(tiny_work: Workspace, role: str) -> None:
    reader = Reader(tiny_work, role)
    ids = reader.ids("The cat sat, and the cat slept, and the cat ran off.")
    visible = np.tril(np.ones((len(ids), len(ids)))) if role == "decoder" else np.ones((len(ids), len(ids)))
    values, uniform = scores_of(visible / visible.sum(axis=1, keepdims=True), reader, ids)
    assert values == pytest.approx(uniform, abs=1e-3)
    assert label_of(values, uniform) == "broad"
    targets = looks(reader, ids).targets
    for kind in set(targets) - {"broad"}:
        pure = np.where(targets[kind] & (visible > 0), 1.0, 1e-9) * visible
        values, uniform = scores_of(pure / pure.sum(axis=1, keepdims=True), reader, ids)
        assert values[kind] > 0.99
        assert label_of(values, uniform) == kind


def test_names_follow_the_rule_that_is_stated() -> None:
    heads = artefact("attention_heads")
    assert heads.times_uniform == TIMES_UNIFORM
    for scored in heads.by_model:
        kinds = [entry.kind for entry in scored.kinds]
        for one in scored.heads:
            for label, scores, even in (
                (one.label, one.scores, "uniform"),
                (one.label_without_sink, one.scores_without_sink, "uniform_without_sink"),
            ):
                reached = {
                    entry.kind: score
                    for entry, score in zip(scored.kinds, scores, strict=True)
                    if score is not None and score >= entry.least and (entry.kind == "broad" or score >= 2 * getattr(entry, even))
                }
                others = {kind: score for kind, score in reached.items() if kind != "broad"}
                expected = max(others, key=others.get) if others else "broad" if reached else None
                assert label == expected
        for named in scored.named:
            place = kinds.index(named.kind)
            label, scores = ("label_without_sink", "scores_without_sink") if named.without_sink else ("label", "scores")
            same = [one for one in scored.heads if getattr(one, label) == named.kind]
            best = max(getattr(one, scores)[place] for one in same)
            chosen = next(one for one in same if (one.layer, one.head) == (named.layer, named.head))
            assert getattr(chosen, scores)[place] == best or named.without_sink
        assert len(scored.named) <= 6


def test_the_sink_is_taken_out_and_rows_add_up_to_one_again() -> None:
    rng = np.random.default_rng(0)
    weights = rng.dirichlet(np.ones(6), size=(2, 3, 6))
    weights[0, 0, 4] = [0.995, 0.001, 0.001, 0.001, 0.001, 0.001]
    rest, kept = without_sink(weights, 0)
    assert not kept[0, 0, 4]
    assert not rest[0, 0, 4].any()
    assert kept.sum() == 35
    assert rest.sum(axis=3)[kept] == pytest.approx(np.ones(35))
    row = weights[1, 2, 3]
    assert rest[1, 2, 3] == pytest.approx([0, *(row[1:] / (1 - row[0]))])
    assert artefact("attention_heads").least_left == LEAST_LEFT
    assert sink_of([([], weights)])[0] in ("first", "last")
    late = np.zeros((1, 1, 5, 5))
    late[..., -1] = 1
    assert sink_of([([], late)]) == ("last", 1.0)
    assert entropy_bits(np.array([[0.5, 0.5, 0, 0], [1, 0, 0, 0]])) == pytest.approx([1, 0])


# --- sentences of one's own --------------------------------------------------------------------------------------------------------


@pytest.fixture
def copied(tiny_data: Path, tmp_path: Path) -> Path:
    shutil.copytree(tiny_data, tmp_path / "data")
    return tmp_path / "data"


def arguments(tiny: TinyModels, data_dir: Path, *more: str) -> list[str]:
    where = ["--models-dir", str(tiny.models_dir), "--sets-file", str(tiny.sets_file), "--data-dir", str(data_dir)]
    return ["--set", TINY_SET, "--offline", *where, *more]


def own(folder: Path) -> Any:
    return read_artefact(folder / TINY_SET / "own_sentences.json")[1]


def test_own_sentences_are_added_and_outlive_everything(tiny: TinyModels, tiny_work: Workspace, copied: Path, capsys) -> None:
    assert own(copied).sentences == []
    assert main(arguments(tiny, copied, "--sentence", "The bat flew  out.")) == 0
    shown = capsys.readouterr().out
    assert main(arguments(tiny, copied, "--sentence", "Is it late?", "It is late.")) == 0
    assert main(arguments(tiny, copied, "--sentence", "The bat flew out.")) == 0  # it is there already
    added = own(copied).sentences
    assert [(one.text, one.second) for one in added] == [("The bat flew out.", None), ("Is it late?", "It is late.")]
    assert f"?sentence={added[0].name}" in shown
    data = Workspace(tiny_work.model_set, copied / TINY_SET, WORDS)
    for sentence in added:
        for entry in sentence.by_model:
            assert shard(entry.overview, data.data_dir, "own_sentences").sentence == sentence.name
    before = (copied / TINY_SET / "own_sentences.json").read_bytes()
    assert main(arguments(tiny, copied, "--only", "own_sentences", "attention_sentences", "--force")) == 0
    assert (copied / TINY_SET / "own_sentences.json").read_bytes() == before
    stale = json.loads(before)
    stale["inputs"], stale["data"]["more"] = "sha256:0", 1  # as an older version wrote it
    (copied / TINY_SET / "own_sentences.json").write_text(json.dumps(stale), encoding="utf-8")
    assert main(arguments(tiny, copied, "--only", "own_sentences")) == 0
    assert (copied / TINY_SET / "own_sentences.json").read_bytes() == before


def test_own_sentences_are_listed_on_the_page(tiny: TinyModels, copied: Path) -> None:
    assert main(arguments(tiny, copied, "--sentence", "Is it late?", "It is late.")) == 0
    data = SetData(copied / TINY_SET, Problems(Project(ROOT)))
    kinds = {"decoder": "byte_level_bpe", "encoder": "wordpiece"}
    names = {"decoder": "a", "encoder": "b"}
    inputs = ExplorerInputs(data, ROOT / "content", kinds, names, "../data/", "title", scripts={}, citation="")
    values = explorer_values(inputs)
    (listed,) = values["groups"][-1]["sentences"]
    assert (values["groups"][-1]["shows"], listed.text, listed.second) == ("your own", "Is it late?", "It is late.")
    assert json.loads(values["settings_json"])["own"]
    assert list(explorer_downloads(inputs)) == [values["notebook"]]


@pytest.mark.parametrize(
    ("texts", "what", "cure"),
    [
        (["word " * 23], "is 23 tokens in tiny GPT-2", "Take out about 1"),
        (["one two three"] * 3, "was given 3 texts", "Put quotes around it"),
        ([" "], "was given 1 texts", "Put quotes"),
        (["x"], "is 1 token in tiny GPT-2", "longer"),
    ],
    ids=["too long", "three", "nothing", "too short"],
)
def test_a_sentence_that_cannot_be_added_is_refused_with_a_cure(
    tiny: TinyModels, copied: Path, capsys, texts, what: str, cure: str
) -> None:
    before = (copied / TINY_SET / "own_sentences.json").read_bytes()
    assert main(arguments(tiny, copied, "--sentence", *texts)) == 1
    told = capsys.readouterr().err
    assert what in told
    assert cure in told
    assert (copied / TINY_SET / "own_sentences.json").read_bytes() == before


def test_a_damaged_file_of_own_sentences_is_never_written_over(tiny: TinyModels, copied: Path, capsys) -> None:
    path = copied / TINY_SET / "own_sentences.json"
    path.write_text('{"data": {"sentences": [{"text": "All I ha', encoding="utf-8")
    with pytest.raises(ProjectError, match="somebody added"):
        of_file(path)
    assert main(arguments(tiny, copied, "--sentence", "The bat flew out.")) == 1
    assert main(arguments(tiny, copied, "--only", "own_sentences")) == 1
    assert "Repair it" in capsys.readouterr().err
    assert path.read_text(encoding="utf-8").endswith("All I ha")


# --- the notebook ------------------------------------------------------------------------------------------------------------------


def test_the_notebook_shows_the_weights_of_the_page(tmp_path: Path) -> None:
    printed = printed_as_program("attention-of-a-sentence", tmp_path)
    assert "largest difference below 0.00001: True" in printed
    sentence = next(one for one in artefact("attention_sentences").sentences if one.name == "river-bank")
    for role, layer, head in (("decoder", 17, 1), ("encoder", 1, 3)):
        entry = of_role(sentence.by_model, role)
        _, fine = weights_of(entry)
        for row in fine[layer - 1, head - 1]:
            assert " ".join(f"{weight:7.2f}" for weight in row) in printed
