"""Cutting step by step, pieces by rarity, kinds of entries: against the real tokenizers, and against counts made another way."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artefacts.envelope import read_artefact
from precompute.cutting.cutting_steps import bpe_steps, merge_ranks, merged, wordpiece_steps
from precompute.cutting.token_kinds import kind_of, kinds_of_vocabulary, twins_of
from precompute.models import open_set
from tests.support import ROOT

DATA = ROOT / "content" / "data" / "smollm2-minilm"
LETTERS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=14)


def data(name: str):
    return read_artefact(DATA / f"{name}.json")[1]


@pytest.fixture(scope="module")
def gpt2():
    return open_set().tokenizer("gpt2")


@pytest.fixture(scope="module")
def bert():
    return open_set().tokenizer("bert")


@pytest.fixture(scope="module")
def ranks(gpt2) -> dict[tuple[str, str], int]:
    return merge_ranks(gpt2.library_tokenizer)


def test_merges_come_from_the_real_table_in_its_order(gpt2, ranks):
    lines = gpt2.files[1].read_text(encoding="utf-8").split("\n")[1:]
    pairs = [tuple(line.split(" ")) for line in lines if line]
    assert [ranks[pair] for pair in pairs] == list(range(1, 50_001))


@settings(max_examples=60)
@given(word=LETTERS, space=st.booleans())
def test_both_algorithms_end_where_the_real_tokenizers_do(gpt2, bert, ranks, word: str, space: bool):
    text = f" {word}" if space else word
    real = [gpt2.raw_tokens()[i] for i in gpt2.tokenize(text)]
    assert bpe_steps(text, ranks)[-1].pieces == real
    vocabulary = set(bert.raw_tokens())
    assert [step.piece for step in wordpiece_steps(word, vocabulary)] == [bert.raw_tokens()[i] for i in bert.tokenize(word)]


def test_a_merge_joins_all_its_occurrences_without_overlap():
    assert merged(list("aaa"), ("a", "a")) == (["aa", "a"], [0])
    assert merged(list("abxab"), ("a", "b")) == (["ab", "x", "ab"], [0, 2])


def test_longest_match_tries_from_the_longest():
    (first, second) = wordpiece_steps("abc", {"a", "##bc", "##b"})
    assert (first.piece, first.tried, first.rest) == ("a", ["abc", "ab"], "bc")
    assert (second.piece, second.tried, second.rest) == ("##bc", [], "")
    assert wordpiece_steps("abq", {"a", "##b"}) == []


def test_exported_steps_end_at_the_tokens():
    steps = data("cutting_steps")
    assert steps.merge_table == 50_000
    for word in steps.words:
        assert word.merges[-1].pieces == word.bpe_tokens
        assert [match.piece for match in word.matches] == word.wordpiece_tokens
        for before, after in zip(word.merges, word.merges[1:], strict=False):
            assert "".join(before.pieces) == "".join(after.pieces) and len(after.pieces) == len(before.pieces) - len(after.places)
            assert all(after.pieces[place] == after.merged for place in after.places)


def test_pieces_per_word_is_what_transformers_counts():
    """The last bin's mean, recounted with transformers' own tokenizer on the same words."""
    from precompute.cutting import pieces_per_word

    words = open_set().model("static").raw_tokens()
    low, _, sample = pieces_per_word._samples(words)[12]
    pieces = data("pieces_per_word")
    assert pieces.bins[12].first_rank == low + 1 and pieces.bins[12].words == len(sample)
    from transformers import BertTokenizer, GPT2Tokenizer

    vocabulary, merges = open_set().tokenizer("gpt2").files
    tokenizers = {
        "gpt2": (GPT2Tokenizer(str(vocabulary), str(merges)), " "),
        "bert": (BertTokenizer(str(open_set().tokenizer("bert").files[0])), ""),
    }
    for name, (tokenizer, space) in tokenizers.items():
        counts = [len(tokenizer.encode(space + words[i], add_special_tokens=False)) for i in sample]
        entry = next(e for e in pieces.by_tokenizer if e.tokenizer == name)
        assert sum(counts) / len(counts) == pytest.approx(entry.mean_pieces[12], abs=1e-4)
        assert counts.count(1) / len(counts) == pytest.approx(entry.whole[12], abs=1e-4)
        assert all(best <= mean for best, mean in zip(entry.mean_pieces_best_case, entry.mean_pieces, strict=True))


def test_kinds_are_a_partition_and_agree_with_the_other_counts():
    statistics = {entry.tokenizer: entry for entry in data("vocabulary_statistics").tokenizers}
    for entry in data("token_kinds").tokenizers:
        other = statistics[entry.tokenizer]
        kinds = {kind.kind: kind.tokens for kind in entry.kinds}
        assert sum(kinds.values()) == entry.size == other.size
        assert (kinds["placeholder"], kinds["special"], kinds["part of a character"]) == (other.unused, other.special, other.partial_utf8)
        assert entry.letter_entries == other.letters_only
        assert entry.space_twins == 2 * other.space_twins  # both sides of each pair are counted
        raw = next(by for by in entry.lengths if by.definition == "raw")
        assert sum(raw.lengths.counts) + raw.longer == entry.size


def test_lengths_that_the_source_counts():
    """Its own program, on the real vocabularies, gives these three most common lengths."""
    for name, peaks in (("gpt2", [5, 4, 6]), ("bert", [6, 5, 7])):
        vocabulary = json.loads((DATA / f"vocabulary_{name}.json").read_text(encoding="utf-8"))["data"]["tokens"]
        entry = next(e for e in data("token_kinds").tokenizers if e.tokenizer == name)
        raw = next(by for by in entry.lengths if by.definition == "raw")
        assert raw.peaks == peaks
        assert raw.mean == pytest.approx(sum(map(len, vocabulary)) / len(vocabulary), abs=1e-4)


@pytest.mark.parametrize(
    ("raw", "tokenizer", "special", "kind"),
    [
        ("[CLS]", "wordpiece", True, "special"),
        ("[unused7]", "wordpiece", False, "placeholder"),
        ("##ing", "wordpiece", False, "continues a word"),
        ("the", "wordpiece", False, "starts a word"),
        ("##", "wordpiece", False, "signs and blanks"),
        ("Ġthe", "byte_level_bpe", False, "starts a word"),
        ("ization", "byte_level_bpe", False, "continues a word"),
        ("ĠZÃ¼rich", "byte_level_bpe", False, "starts a word"),
        ("Ã", "byte_level_bpe", False, "part of a character"),
        ("忠", "wordpiece", False, "letters of other scripts"),
        ("Ġ1920", "byte_level_bpe", False, "digits"),
        ("7th", "wordpiece", False, "signs and blanks"),
    ],
)
def test_kind_of_an_entry(raw: str, tokenizer: str, special: bool, kind: str):
    assert kind_of(raw, tokenizer, special) == kind


def test_twins():
    tokens = ["Ġcat", "cat", "ĠCat", "dog", "7"]
    found = twins_of(tokens, "byte_level_bpe", set())
    assert found == {"space_twins": 2, "case_twins": 2, "twins": 3, "distinct_words": 2, "letter_entries": 4}


def test_a_vocabulary_without_words():
    counted = kinds_of_vocabulary("x", "X", "wordpiece", ["[PAD]", "!"], {0})
    assert sum(kind.tokens for kind in counted.kinds) == 2 and counted.letter_entries == 0
