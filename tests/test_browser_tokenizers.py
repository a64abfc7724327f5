"""The explorer's scripts that need no page, in a real browser: they cut, show and compare tokens exactly as Python does."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers

from artefacts.envelope import read_artefact
from artefacts.tokens import token_text, visible_text
from precompute.explore.live_tokenizers import live_tokenizer
from precompute.models import open_set
from precompute.neighbours import read_neighbour_ids
from precompute.variants import kind_of_variant
from precompute.workspace import Workspace
from tests.support.hostile_texts import hostile_texts

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "content" / "data" / "smollm2-minilm"
SCRIPTS = ROOT / "static" / "js" / "explore"
RANDOM_TEXTS = 2_200


@pytest.fixture(scope="module")
def work() -> Workspace:
    return Workspace(open_set(), DATA, ROOT / "content" / "words")


@pytest.fixture(scope="module")
def scripts(browser) -> Iterator:
    """An empty page with the explorer's modules that need no page."""
    page = browser.new_page()
    page.goto("about:blank")
    page.evaluate("window.WordSpaces = {}")
    for name in ("bytes.js", "tokenizers.js", "shown.js", "variants.js"):
        page.add_script_tag(path=SCRIPTS / name)
    yield page
    page.close()


def read(name: str):
    return read_artefact(DATA / f"{name}.json")[1]


def as_a_browser_reads(text: str) -> str:
    """Surrogates that stand in pairs are characters; those left alone count as U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def edges(ranges: str) -> list[str]:
    """The characters at both ends of each range of a class, and those just outside."""
    codes = {int(code, 16) + step for code in re.split("[ -]", ranges) for step in (-1, 0, 1)}
    return [chr(code) for code in sorted(codes) if 0 <= code < 0x110000 and not 0xD800 <= code < 0xE000]


@pytest.mark.parametrize("name", ["gpt2", "bert", "decoder"])
def test_the_browser_cuts_as_the_tokenizers_package_does(scripts, name: str) -> None:
    """On more than 2,000 odd texts, and on every character at which the package's classes of characters begin or end."""
    live = read(f"live_tokenizer_{name}")
    rules = (live.byte_pairs or live.word_pieces).model_dump()
    classes = [rules[key] for key in ("letters", "digits", "removed", "accents", "decomposed", "punctuation") if key in rules]
    corners = [f"a{c}b {c}{c} 1{c}" for text in classes for c in edges(text)]
    texts = [*hostile_texts(RANDOM_TEXTS), *dict.fromkeys(corners), "x" * 10_000, "ab" * 5_000, " " * 10_000, "é漢 " * 3_000]
    assert len(set(texts)) > 2_000
    tokenizer = open_set().tokenizer(name)
    expected = [tokenizer.tokenize(as_a_browser_reads(text)) for text in texts]
    # as JSON text, because half a surrogate pair does not survive the way into the browser otherwise
    found = scripts.evaluate(
        """([vocabulary, texts]) => {
        const tokenizer = new WordSpaces.tokenizers.Tokenizer(JSON.parse(vocabulary));
        return JSON.parse(texts).map((text) => tokenizer.encode(text)); }""",
        [live.model_dump_json(), json.dumps(texts)],
    )
    wrong = [(text[:40], a[:12], b[:12]) for text, a, b in zip(texts, found, expected, strict=True) if a != b]
    assert wrong == []


def as_roberta(name: str) -> tuple[Tokenizer, list[str]]:
    """GPT-2's merges with ids in an order of their own, special tokens first, and a <mask> that takes the white space before it: RoBERTa's
    tokenizer, but for which id each entry has. Also one that takes the white space after it. With all entries in id order.
    """
    vocabulary, merges = open_set().tokenizer(name).files
    entries = [token for token in json.loads(vocabulary.read_text(encoding="utf-8")) if token != "<|endoftext|>"]
    np.random.default_rng(8).shuffle(entries)
    tokens = ["<s>", "<pad>", "</s>", "<unk>", *entries, "<mask>", "<after>"]
    pairs = [tuple(line.split(" ")) for line in merges.read_text(encoding="utf-8").split("\n")[1:] if line]
    tokenizer = Tokenizer(models.BPE(vocab={token: i for i, token in enumerate(tokens)}, merges=pairs))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    plain = [AddedToken(token, special=True) for token in tokens[:4]]
    taking = [AddedToken("<mask>", special=True, lstrip=True), AddedToken("<after>", special=True, rstrip=True)]
    tokenizer.add_special_tokens([*plain, *taking])
    return tokenizer, tokens


def test_a_byte_level_vocabulary_in_any_order_is_cut_as_the_tokenizers_package_does(scripts) -> None:
    tokenizer, tokens = as_roberta("gpt2")
    live = live_tokenizer("encoder", "RoBERTa's form", "byte_level_bpe", tokens, json.loads(tokenizer.to_str()))
    assert live.byte_pairs.first_merged_id is None
    odd = ["a \t<mask> b", " <mask>\u3000<mask>", "<mask>", "x  <after> \n y", "<after> <mask>", "\ufeff<mask>", "</s><s> <pad>"]
    odd.append("\x85<mask>\x85")
    texts = [*odd, *hostile_texts(RANDOM_TEXTS), "é漢 " * 3_000]
    expected = [tokenizer.encode(as_a_browser_reads(text), add_special_tokens=False).ids for text in texts]
    found, entries = scripts.evaluate(
        """([vocabulary, texts]) => {
        const tokenizer = new WordSpaces.tokenizers.Tokenizer(JSON.parse(vocabulary));
        return [JSON.parse(texts).map((text) => tokenizer.encode(text)), tokenizer.tokens]; }""",
        [live.model_dump_json(), json.dumps(texts)],
    )
    assert entries == tokens
    wrong = [(text[:40], a[:12], b[:12]) for text, a, b in zip(texts, found, expected, strict=True) if a != b]
    assert wrong == []


@pytest.mark.parametrize("name", ["gpt2", "bert", "decoder"])
def test_every_token_is_shown_as_python_shows_it(scripts, name: str) -> None:
    vocabulary = read(f"vocabulary_{name}")
    plain, texts = scripts.evaluate(
        """([tokens, kind]) => ["plain", "text"].map((how) => tokens.map((raw) => WordSpaces.shown[how](raw, kind)))""",
        [vocabulary.tokens, vocabulary.kind],
    )
    assert plain == [visible_text(raw, vocabulary.kind) for raw in vocabulary.tokens]
    assert texts == [token_text(raw, vocabulary.kind) for raw in vocabulary.tokens]


@pytest.mark.parametrize("role", ["decoder", "encoder"])
def test_variants_are_pythons(scripts, work: Workspace, role) -> None:
    """On the whole lists of 1,500 tokens."""
    space, ids = work.space(role), read_neighbour_ids(DATA / f"neighbours_{role}.json")
    seeds = np.random.default_rng(5).choice(space.whole_words, 1_500, replace=False).tolist()
    pairs = [(seed, other) for seed in seeds for other in ids[seed].tolist()]
    expected = [kind_of_variant(space, seed, other) for seed, other in pairs]
    assert {"space", "case", "spelling", None} >= set(expected)
    assert sum(kind is not None for kind in expected) > 500
    texts = [[space.texts[i].removeprefix(" ") for i in pair] for pair in pairs]
    assert scripts.evaluate("(pairs) => pairs.map(([a, b]) => WordSpaces.kindOfVariant(a, b))", texts) == expected
