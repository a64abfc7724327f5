"""The hand-made word lists: explained, complete, and as the lesson needs them."""

from __future__ import annotations

from pathlib import Path

import pytest

from artefacts.envelope import read_artefact
from precompute.models import open_set
from precompute.word_lists import read_word_list

ROOT = Path(__file__).resolve().parent.parent
WORDS = ROOT / "content" / "words"
DATA = ROOT / "content" / "data" / "smollm2-minilm"


@pytest.mark.parametrize("path", sorted(WORDS.glob("*.toml")), ids=lambda path: path.name)
def test_each_list_says_who_chose_it_and_why(path: Path) -> None:
    head = [line for line in path.read_text(encoding="utf-8").splitlines() if line][:2]
    assert all(line.startswith("#") for line in head)


def test_curated_words_are_single_tokens_in_running_text() -> None:
    models = open_set()
    for word in read_word_list(WORDS / "similarity_words.toml")["words"]:
        for name in ("gpt2", "bert", "decoder", "encoder"):
            part = models.tokenizer(name)
            assert len(part.tokenize(f" {word}" if part.kind == "byte_level_bpe" else word)) == 1, (word, name)


def test_every_listed_neighbour_of_the_name_is_labelled_by_hand() -> None:
    neighbourhoods = read_artefact(DATA / "neighbourhoods.json")[1]
    lists = [entry.lists for entry in neighbourhoods.entries if entry.word == "Mike" and entry.lists]
    assert len(lists) == 2
    unlabelled = [n.token.raw for found in lists for n in [*found.cosine, *found.euclidean, *found.dot] if n.first_name is None]
    assert unlabelled == []
    assert all(share.labelled == neighbourhoods.k for share in neighbourhoods.name_shares)


def test_no_word_is_labelled_twice() -> None:
    labels = read_word_list(WORDS / "first_names.toml")
    everything = labels["first_names"] + labels["other"]
    assert len(everything) == len(set(everything))
    assert all(text == text.lower() for text in everything)


def test_pairs_come_in_about_thirty_a_group_and_none_twice() -> None:
    for model in ("decoder", "encoder"):
        pairs = [pair for pair in read_artefact(DATA / "pair_similarities.json")[1].pairs if pair.role == model]
        for group in ("pieces", "related", "unrelated"):
            labels = [pair.label for pair in pairs if pair.group == group]
            assert 28 <= len(labels) == len(set(labels)) <= 32
    assert any(text.startswith("sofa: 2 tokens") for text in read_artefact(DATA / "pair_similarities.json")[1].left_out)


def test_published_neighbours_are_the_sources() -> None:
    published = read_artefact(DATA / "neighbourhoods.json")[1].published_name_neighbours
    assert [(n.text, n.cosine) for n in published] == [(" Mike", 0.857), ("Michael", 0.685), ("Chris", 0.647), ("Jim", 0.640)]
