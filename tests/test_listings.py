"""The lessons' programs: each runs by itself on the real files, prints what is committed, and agrees with the exported data."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import math
import re
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from artefacts.envelope import read_artefact
from artefacts.tokens import visible_text
from charts.who_lives_next_door.offset_moves_cosine import FIRST, SECOND, sums
from scripts import run_listings
from tests.support import ROOT

DATA = ROOT / "content" / "data" / "smollm2-minilm"
LISTINGS = sorted(path.name for path in run_listings.programs())


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheels")
    run_listings.link_wheels(folder)
    return folder


@pytest.fixture(scope="module")
def printed_by(wheels: Path) -> Callable[..., str]:
    """Program name and arguments -> what it prints; each is run once."""
    outputs: dict[tuple[str, ...], str] = {}

    def run(*command: str) -> str:
        if command not in outputs:
            outputs[command] = run_listings.run(run_listings.LISTINGS / command[0], wheels, *command[1:])
        return outputs[command]

    return run


def data(name: str):
    return read_artefact(DATA / f"{name}.json")[1]


@pytest.mark.parametrize("name", LISTINGS)
def test_prints_what_is_committed(name: str, printed_by: Callable[..., str]) -> None:
    committed = (run_listings.LISTINGS / name).with_suffix(".out.txt").read_text(encoding="utf-8")
    assert printed_by(name) == committed, "run: python scripts/run_listings.py"


@pytest.mark.parametrize("name", LISTINGS)
def test_says_what_it_does_and_needs(name: str) -> None:
    docstring = (run_listings.LISTINGS / name).read_text(encoding="utf-8").split('"""')[1]
    assert re.search(r"^Needs( nothing but Python|: pip install )", docstring, re.MULTILINE)


def test_every_listing_is_shown_or_linked_in_a_lesson() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "content" / "lessons").glob("*.md")]
    named = [name for text in texts for name in re.findall(r'\{\{ (?:listing|program)\("(.+?)"\) \}\}', text)]
    assert sorted(set(named)) == LISTINGS


def test_a_program_names_what_it_needs_beside_it(real_site: Path) -> None:
    """Every lesson that shows a program which imports another links that other one where the program stands."""
    for path in (ROOT / "content" / "lessons").glob("*.md"):
        page = HTMLParser((real_site / "lessons" / path.stem.partition("-")[2] / "index.html").read_text(encoding="utf-8"))
        for name in re.findall(r'\{\{ listing\("(.+?)"\) \}\}', path.read_text(encoding="utf-8")):
            code = ast.parse((run_listings.LISTINGS / name).read_text(encoding="utf-8"))
            imported = {node.module for node in ast.walk(code) if isinstance(node, ast.ImportFrom)}
            imported |= {alias.name for node in ast.walk(code) if isinstance(node, ast.Import) for alias in node.names}
            beside = sorted(f"{module}.py" for module in imported if f"{module}.py" in LISTINGS)
            shown = page.css_first(f"#listing-{name.replace('.', '-').replace('_', '-')}")
            links = shown.css(".listing-name ~ a")
            assert [link.text() for link in links] == beside, name
            assert all((real_site / "lessons" / "x" / link.attributes["href"]).resolve().is_file() for link in links), name


@pytest.mark.parametrize("word", ["Mike", "the"])
def test_neighbours_are_the_exported_ones(word: str, printed_by: Callable[..., str]) -> None:
    entry = next(e for e in data("neighbourhoods").entries if (e.role, e.word, e.leading_space) == ("decoder", word, True))
    arguments = [] if word == "Mike" else [f" {word}"]
    expected = [
        f"{place:2}  {near.cosine:.3f}  {near.angle_degrees:2.0f}°  {near.token.raw.replace('Ġ', '␣')}"
        for place, near in enumerate(entry.lists.cosine, start=1)
    ]
    assert printed_by("neighbours.py", *arguments).splitlines() == expected


def test_neighbours_of_a_word_that_is_no_token(wheels: Path) -> None:
    with pytest.raises(RuntimeError, match="' sofa' is not a single token of SmolLM2"):
        run_listings.run(run_listings.LISTINGS / "neighbours.py", wheels, " sofa")


def test_word_pieces_are_the_exported_ones(printed_by: Callable[..., str]) -> None:
    pieces = {
        (example.word, example.leading_space): {
            t.tokenizer: " + ".join(visible_text(raw, "byte_level_bpe" if t.tokenizer == "gpt2" else "wordpiece") for raw in t.raw)
            for t in example.by_tokenizer
        }
        for example in data("tokenisation_examples").examples
    }
    rows = [re.split(r"\s{2,}", line.strip()) for line in printed_by("word_pieces.py").splitlines()[1:]]
    assert len(rows) == 8
    for text, gpt2, bert in rows:
        expected = pieces[text.removeprefix("␣"), text.startswith("␣")]
        assert (gpt2, bert) == (expected["gpt2"], expected["bert"])


def test_loop_and_product_agree_as_exported(printed_by: Callable[..., str]) -> None:
    exported = next(entry for entry in data("matrix_product").by_model if entry.role == "decoder")
    text = printed_by("one_against_all.py")
    assert f"{exported.tokens:,} cosines" in text
    assert ("the same 20 nearest: True" in text) is exported.same_top_20
    assert ("largest difference below one millionth: True" in text) is (exported.maximum_absolute_difference < 1e-6)
    assert f"correlation of the two lists: {exported.pearson:.3f}" in text


def test_size_is_the_exported_one(printed_by: Callable[..., str]) -> None:
    decoder = next(model for model in data("model_facts").models if model.role == "decoder")
    assert printed_by("load_smollm2.py").startswith(f"{decoder.vocabulary_size:,} tokens, {decoder.embedding_dims} dimensions\n")


# --- the worked example: the same numbers in program, figure and prose -----------------------------------------------------


def test_worked_example_is_that_of_the_figure(printed_by: Callable[..., str]) -> None:
    code = (run_listings.LISTINGS / "cosine_and_pearson.py").read_text(encoding="utf-8")
    assert re.search(r"^x = (.+)$", code, re.MULTILINE)[1] == str([int(n) for n in FIRST])
    assert re.search(r"^y = (.+)$", code, re.MULTILINE)[1] == str([int(n) for n in SECOND])
    for line in printed_by("cosine_and_pearson.py").splitlines()[1:]:
        offset, dot, first_norm, second_norm, cosine, angle, pearson = (float(n) for n in line.replace("°", "").split())
        expected = sums(offset, "both")
        assert dot == expected["product"]
        assert first_norm == pytest.approx(math.sqrt(expected["first_squared"]), abs=0.005)
        assert second_norm == pytest.approx(math.sqrt(expected["second_squared"]), abs=0.005)
        assert cosine == pytest.approx(expected["cosine"], abs=0.005)
        assert angle == pytest.approx(math.degrees(math.acos(expected["cosine"])), abs=0.5)
        assert pearson == pytest.approx(expected["pearson"], abs=0.005)


def test_prose_works_the_example_right() -> None:
    """The few numbers that the lesson types are arithmetic on the made-up lists, and right."""
    lesson = (ROOT / "content" / "lessons" / "03-who-lives-next-door.md").read_text(encoding="utf-8")
    as_typed = [", ".join(f"{n:g}" for n in numbers) for numbers in (FIRST, SECOND)]
    assert f"x = ({as_typed[0]})" in lesson and f"y = ({as_typed[1]})" in lesson
    products = " ".join(f"{'-' if p < 0 else '+'} {abs(p):g}" for p in (a * b for a, b in zip(FIRST, SECOND, strict=True)))
    start, moved = sums(0, "both"), sums(2, "both")
    assert f"x_i\\, y_i = {products.removeprefix('+ ')} = {start['product']:g}" in lesson
    assert " + ".join(f"{a * a:g}" for a in FIRST) + f"}} = {math.sqrt(start['first_squared']):g}$$" in lesson
    assert f"\\sqrt{{{start['second_squared']:g}}} \\approx {math.sqrt(start['second_squared']):.2f}" in lesson
    assert f"\\approx {start['cosine']:.2f}$$" in lesson
    assert f"\\theta = \\arccos {start['cosine']:.2f} \\approx {math.degrees(math.acos(start['cosine'])):.0f}°" in lesson
    for numbers in (FIRST, SECOND):
        assert f"$({', '.join(f'{n + 2:g}' for n in numbers)})$" in lesson
    assert f"Their dot product is {moved['product']:g}, their norms are" in lesson
    assert f"$\\sqrt{{{moved['first_squared']:g}}}$ and $\\sqrt{{{moved['second_squared']:g}}}$" in lesson
    product_of_squares = moved["first_squared"] * moved["second_squared"]
    assert f"{moved['product']:g} / \\sqrt{{{product_of_squares:g}}} \\approx {moved['cosine']:.2f}$" in lesson
    assert round(start["pearson"], 2) == round(moved["pearson"], 2) == round(start["cosine"], 2)


# --- the helper that fetches the wheels -------------------------------------------------------------------------------------


@pytest.fixture
def helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The module load_smollm2, with an empty folder for its wheels."""
    monkeypatch.setenv("WHEELS", str(tmp_path / "wheels"))
    specification = importlib.util.spec_from_file_location("load_smollm2", run_listings.LISTINGS / "load_smollm2.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def make_wheel(folder: Path) -> str:
    """Write a small wheel as pip would leave it; returns its SHA-256."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "some_package-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("some_package/data.txt", "content")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_helper_asks_pip_once_then_uses_what_is_there(helper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands = []

    def pip(command: list[str], check: bool) -> None:
        commands.append(command)
        make_wheel(tmp_path / "wheels")

    monkeypatch.setattr(subprocess, "run", pip)
    sha256 = make_wheel(tmp_path / "elsewhere")
    for _ in range(2):
        folder = helper.unpacked("some-package==1.0", sha256)
        assert (folder / "some_package" / "data.txt").read_text() == "content"
    assert len(commands) == 1
    assert commands[0][1:4] == ["-m", "pip", "download"] and "--no-deps" in commands[0] and commands[0][-1] == "some-package==1.0"


def test_helper_refuses_another_file(helper, tmp_path: Path) -> None:
    make_wheel(tmp_path / "wheels")
    with pytest.raises(SystemExit, match="is not the file that was expected"):
        helper.unpacked("some-package==1.0", "0" * 64)
    assert not (tmp_path / "wheels" / "unpacked").exists()


# --- inside the layers -----------------------------------------------------------------------------------------------------


def test_layer_vectors_are_the_exported_ones(printed_by: Callable[..., str]) -> None:
    """The same sentences, the same word, the same mean cosine with itself in every layer."""
    carriers = data("layer_words").carriers
    code = (run_listings.LISTINGS / "layer_vectors.py").read_text(encoding="utf-8")
    assert re.findall(r'^    "(.+ \{\} .+)",$', code, re.MULTILINE) == [text.replace("{word}", "{}") for text in carriers]
    exported = next(entry for entry in data("layer_geometry").by_model if entry.role == "encoder")
    rows = [line.split() for line in printed_by("layer_vectors.py").splitlines()[1:]]
    assert [int(row[0]) for row in rows] == [layer.layer for layer in exported.layers]
    for row, layer in zip(rows, exported.layers, strict=True):
        assert float(row[1]) == pytest.approx(layer.example_self_similarity, abs=0.0051)


@pytest.mark.parametrize("seed", ["0", "7"])
def test_random_matrices_keep_pairs_and_not_numbers(seed: str, printed_by: Callable[..., str]) -> None:
    numbers, pairs = (float(r) for r in re.findall(r"r = (-?\d\.\d\d)", printed_by("random_matrices.py", *([seed] if seed != "0" else []))))
    assert abs(numbers) < 0.1 and pairs > 0.9
