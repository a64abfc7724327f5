"""Large vocabularies: exact neighbours in one block's memory, ids that no reader cuts to 16 bits, shards of more than four digits."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from artefacts.envelope import SCHEMA_VERSION, Envelope, write_artefact
from artefacts.neighbour_lists import step_of
from artefacts.schemas.explore import LiveTokenizer
from artefacts.schemas.neighbours import NeighbourIndex
from artefacts.tokens import character_of_byte
from precompute import neighbours
from precompute.exact_neighbours import BLOCK_BYTES, NeighbourTable
from precompute.explore import token_facts
from precompute.explore.live_tokenizers import live_tokenizer
from precompute.neighbours import SHARD_TOKENS, K, index_and_shards, read_neighbour_lists
from precompute.run import replace_folder
from precompute.space import Space, unit_rows
from precompute.tokenizer_parts import byte_level_bpe
from precompute.workspace import Workspace
from problems import LeftOutError
from tests.support import ROOT

TOKENS, DIMS = 256_000, 8
SCRIPTS = ROOT / "static" / "js" / "explore"
EXPLORER = "http://explorer.test/"


def vectors() -> np.ndarray:
    return np.random.default_rng(256).standard_normal((TOKENS, DIMS)).astype(np.float32)


def unit_vectors() -> np.ndarray:
    return unit_rows(vectors())


@pytest.mark.parametrize(
    ("search", "rows_of"),
    [("neighbours_by_cosine", unit_vectors), ("neighbours_by_distance", vectors)],
    ids=["by cosine", "by distance"],
)
def test_neighbours_are_exact_in_the_memory_of_one_block(search: str, rows_of: Callable[[], np.ndarray], tmp_path: Path) -> None:
    """Some blocks of the whole search, which takes minutes, in a process of its own. All scores at once would be 262 GB."""
    code = f"""
import sys
import numpy as np
from precompute import exact_neighbours as search
from tests.test_large_vocabulary import {rows_of.__name__}

def kilobytes(name):
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith(name))

chosen = []
def some(starts, *_):
    blocks = [starts[0], starts[len(starts) // 2], starts[-1]]
    chosen.extend(blocks)
    return blocks
search.track = some
search.{search}(np.eye(100, dtype=np.float32 if "{search}" == "neighbours_by_distance" else np.float64), {K})  # loads what it needs
chosen.clear()
given = {rows_of.__name__}()
before = kilobytes("VmRSS:")
table = search.{search}(given, {K})
rows = np.concatenate([np.arange(start, min(start + 30, {TOKENS})) for start in chosen])
np.savez(sys.argv[1], rows=rows, ids=table.ids[rows], values=table.values[rows], added=(kilobytes("VmHWM:") - before) * 1024)
"""
    command = [sys.executable, "-c", code, str(tmp_path / "found.npz")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = np.load(tmp_path / "found.npz")
    copies_of_rows, lists = (4 + 8) * TOKENS * DIMS, 12 * TOKENS * K
    assert int(found["added"]) < 1.5 * BLOCK_BYTES + copies_of_rows + lists
    rows = rows_of().astype(np.float64)
    assert len(found["rows"]) > 80
    for row, ids, values in zip(found["rows"], found["ids"], found["values"], strict=True):
        if search == "neighbours_by_cosine":
            expected = -(rows @ rows[row]).astype(np.float32)
        else:
            expected = np.sqrt(((rows - rows[row]) ** 2).sum(axis=1)).astype(np.float32)
        expected[row] = np.inf
        best = np.argpartition(expected, 3 * K)[: 3 * K]
        best = best[np.lexsort((best, expected[best]))][:K]
        np.testing.assert_array_equal(ids, best)
        np.testing.assert_array_equal(-values if search == "neighbours_by_cosine" else values, expected[best])


@pytest.fixture(scope="module")
def tables() -> tuple[NeighbourTable, NeighbourTable]:
    """Lists by chance, by cosine and by distance, the largest id in both; half of the Euclidean ones are neighbours by cosine, too."""
    numbers = np.random.default_rng(1)
    ids = numbers.integers(TOKENS, size=(TOKENS, K))
    euclidean = np.where(numbers.random((TOKENS, K)) < 0.5, numbers.permuted(ids, axis=1), numbers.integers(TOKENS, size=(TOKENS, K)))
    ids[70_000, 3] = euclidean[65_536, 4] = TOKENS - 1
    cosines = np.linspace(0.999, -0.5, K, dtype=np.float32) - np.linspace(0, 0.4, TOKENS, dtype=np.float32)[:, None]
    return NeighbourTable(ids, cosines), NeighbourTable(euclidean, 3 - cosines)


@pytest.fixture(scope="module")
def data(tables: tuple[NeighbourTable, NeighbourTable]) -> dict[str, bytes]:
    """Path -> content of the shards that the token explorer looks a token up in."""
    space = Space("decoder", "large", "words", [str(n) for n in range(TOKENS)], vectors(), [])
    work = Workspace(model_set=None, data_dir=Path(), words_dir=Path())
    work.once(("space", "decoder"), lambda: space)
    work.once(("neighbours", "decoder"), lambda: tables[0])
    work.once("detailed words", lambda: SimpleNamespace(ids={"decoder": np.array([5, 200_000, TOKENS - 1])}))
    made = {"neighbours_decoder": index_and_shards("decoder", *tables)[1], "token_facts_decoder": token_facts.export(work, "decoder")[1]}
    return {f"{artefact}/{name}": content for artefact, files in made.items() for name, content in files.items()}


def test_the_explorer_looks_up_tokens_beyond_65535(
    tables: tuple[NeighbourTable, NeighbourTable], data: dict[str, bytes], browser
) -> None:
    """The page's own scripts on the export's own files."""
    by_cosine, by_distance = tables
    in_degree = np.bincount(by_cosine.ids.ravel(), minlength=TOKENS)
    lengths = np.sqrt((vectors().astype(np.float64) ** 2).sum(axis=1))
    rank = np.empty(TOKENS, dtype=np.int64)
    rank[np.lexsort((np.arange(TOKENS), -lengths))] = np.arange(1, TOKENS + 1)
    page = page_with(data, browser)
    step = step_of(by_distance.values)
    cut = {"size": TOKENS, "k": K, "shardTokens": SHARD_TOKENS, "distanceStep": step, "factsShardTokens": token_facts.SHARD_TOKENS}
    look_up = """async ([id, cut]) => {
        WordSpaces.files.from("data/", "");
        const space = new WordSpaces.explore.Space({ role: "decoder", normMax: 1, ...cut });
        const { cosine, euclidean } = await space.nearest(id);
        return { has: space.has(id), lists: [cosine, euclidean].map((list) => list.map((other) => other.id)), ...(await space.facts(id)) };
    }"""
    details = {5: 0, 200_000: 1, TOKENS - 1: 2}
    for token in (5, 65_535, 65_536, 70_000, 200_000, TOKENS - 1):
        found = page.evaluate(look_up, [token, cut])
        assert found.pop("has")
        assert found.pop("lists") == [by_cosine.ids[token].tolist(), by_distance.ids[token].tolist()]
        found.pop("norm")
        assert found == {"rank": rank[token], "inDegree": in_degree[token], "detail": details.get(token, -1)}
    page.close()


def page_with(data: dict[str, bytes], browser):
    """An empty page with the explorer's scripts that look tokens up. data: path -> content of what it can fetch."""
    page = browser.new_page()
    page.route(f"{EXPLORER}**", lambda route: route.fulfill(body=data.get(route.request.url.removeprefix(f"{EXPLORER}data/"), b"")))
    page.goto(EXPLORER)
    page.evaluate("window.WordSpaces = {}")
    for name in ("files.js", "spaces.js", "neighbour-lists.js"):
        page.add_script_tag(path=SCRIPTS / name)
    return page


@pytest.fixture
def finely_cut(monkeypatch: pytest.MonkeyPatch) -> tuple[NeighbourTable, NeighbourIndex, dict[str, bytes]]:
    """The lists of 10,040 tokens with a shard for each, so that the last shards have numbers of five digits."""
    monkeypatch.setattr(neighbours, "SHARD_TOKENS", 1)
    tokens = 10_040
    ids = (np.arange(tokens)[:, None] + [1, 2]) % tokens
    cosines = np.linspace(1, 0, tokens, dtype=np.float32)[:, None] - np.array([0, 0.25], dtype=np.float32)
    table = NeighbourTable(ids, cosines)
    return table, *index_and_shards("decoder", table, NeighbourTable(ids[:, ::-1], 3 + cosines[:, ::-1]))


def test_shards_beyond_9999_are_read_in_the_order_of_their_tokens(finely_cut, tmp_path: Path) -> None:
    table, index, shards = finely_cut
    assert len(shards) == 10_040 and sorted(shards) != list(shards)
    replace_folder(tmp_path / "neighbours_decoder", shards)
    envelope = Envelope(
        schema_name="neighbours_decoder", version=SCHEMA_VERSION, set="large", models=[], options={}, libraries={}, inputs="sha256:0"
    )
    write_artefact(tmp_path / "neighbours_decoder.json", envelope, index)
    lists = read_neighbour_lists(tmp_path / "neighbours_decoder.json")
    np.testing.assert_array_equal(lists.ids, table.ids)
    np.testing.assert_array_equal(lists.euclidean_ids, table.ids[:, ::-1])
    np.testing.assert_allclose(lists.cosines, table.values, atol=0.0005 + 1e-7)


def test_the_explorer_finds_shards_beyond_9999(finely_cut, browser) -> None:
    table, index, shards = finely_cut
    page = page_with({f"neighbours_decoder/{name}": content for name, content in shards.items()}, browser)
    look_up = """async ([id, cut]) => {
        WordSpaces.files.from("data/", "");
        return (await new WordSpaces.explore.Space({ role: "decoder", ...cut }).nearest(id)).cosine.map((other) => other.id);
    }"""
    cut = {"size": index.tokens, "k": index.k, "shardTokens": index.shard_tokens, "distanceStep": index.distance_step}
    for token in (7, 1000, 9_999, 10_000, 10_039):
        assert page.evaluate(look_up, [token, cut]) == table.ids[token].tolist()
    page.close()


def test_a_vocabulary_whose_ids_cannot_be_told_has_no_tokenizer_in_the_browser() -> None:
    tokens = [str(n) for n in range(262_145)]
    model = {"type": "BPE", "merges": [], "continuing_subword_prefix": None, "end_of_word_suffix": None, "dropout": None}
    with pytest.raises(LeftOutError, match="262,145 entries, where ids are told up to 262,143"):
        live_tokenizer("decoder", "larger", "byte_level_bpe", tokens, {"model": model, "added_tokens": [], "normalizer": None})


@pytest.fixture(scope="module")
def byte_pairs() -> tuple[LiveTokenizer, object]:
    """A byte-level BPE of 256,000 tokens as the browser gets it, and the package's own."""
    characters = [character_of_byte()[byte] for byte in range(256)]
    letters = [character_of_byte()[byte] for byte in b"abcdefghijklmnopqrstuvwxyz"]
    pairs = [(a, b) for a in characters for b in characters]
    merges = pairs + [(a + b, c) for a in letters for b in letters for c in characters]
    merges += [(a + b, c + d) for a in letters[:20] for b in letters[:20] for c in letters for d in letters][: TOKENS - 256 - len(merges)]
    tokens = characters + [a + b for a, b in merges]
    assert len(set(tokens)) == len(tokens) == TOKENS
    tokenizer = byte_level_bpe({token: n for n, token in enumerate(tokens)}, merges, [])
    live = live_tokenizer("decoder", "large", "byte_level_bpe", tokens, json.loads(tokenizer.to_str()))
    return live, tokenizer


def test_the_browser_cuts_texts_into_tokens_beyond_65535(byte_pairs, browser) -> None:
    live, tokenizer = byte_pairs
    draw = np.random.default_rng(3)
    texts = ["".join(draw.choice(list("abcdefghijklmnopqrst é7"), size)) for size in draw.integers(1, 60, size=300)]
    texts.append("abcd" * 400)
    expected = [tokenizer.encode(text, add_special_tokens=False).ids for text in texts]
    assert max(map(max, expected)) > 200_000
    page = browser.new_page()
    page.goto("about:blank")
    page.evaluate("window.WordSpaces = {}")
    for name in ("bytes.js", "tokenizers.js"):
        page.add_script_tag(path=SCRIPTS / name)
    found, last = page.evaluate(
        """([vocabulary, texts]) => {
        const tokenizer = new WordSpaces.tokenizers.Tokenizer(JSON.parse(vocabulary));
        return [texts.map((text) => tokenizer.encode(text)), tokenizer.tokens[%d]]; }""" % (TOKENS - 1),  # noqa: UP031
        [live.model_dump_json(), texts],
    )
    page.close()
    assert found == expected
    assert last == tokenizer.id_to_token(TOKENS - 1)
