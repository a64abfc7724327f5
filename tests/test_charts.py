"""Every figure on the committed data and on random models: its words, its numbers, its controls, its size."""

from __future__ import annotations

import gzip
import html
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import altair as alt
import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artefacts.envelope import read_artefact
from charts import load_figures
from charts.figure import Figure
from charts.palette import PALETTE
from charts.reading import fixed, listed
from charts.theme import NARROW, WIDE
from charts.who_lives_next_door.neighbours_of_a_word import BARE
from charts.who_lives_next_door.norms import CHARACTER, place_labels
from charts.who_lives_next_door.offset_moves_cosine import sums
from sitegen import drawing_engine, figure_drawing
from sitegen.matrix_pictures import draw_matrices, exact_shares
from tests.tiny_models import TINY_SET

ROOT = Path(__file__).resolve().parent.parent
REAL = ROOT / "content" / "data" / "smollm2-minilm"
MAKERS = load_figures()
NAMES = sorted(MAKERS)
LESSON_FIGURES = """neighbours-of-a-word word-pieces offset-moves-cosine two-vectors pairs-against-baseline random-baseline
nearest-angles loop-and-product sorted-similarities variants-by-rank hubs three-measures overlap-of-measures norms""".split()

KB = 1000
SPEC_LIMIT = {"two-vectors": 60 * KB}  # the vectors in full; the others:
SPEC_LIMIT_OTHERS = 30 * KB
PICTURE_LIMIT = {"neighbours-of-a-word": 9 * KB}  # the first picture of the page is inside it
PICTURE_LIMIT_OTHERS = 20 * KB
MARKS_LIMIT = 1200
MATRIX_CELLS_LIMIT, MATRIX_SCRIPT_LIMIT, MATRIX_PICTURE_LIMIT = 100_000, 110 * KB, 60 * KB  # fetched only where one scrolls to it
SMALLEST_TEXT = 11  # px


# --- data and drawing ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def random_data(exported: Path) -> Path:
    """The exports of two small random models with the real tokenizers: a set in which every finding may fail."""
    return exported / TINY_SET


@pytest.fixture(params=["real", "random"])
def folder(request: pytest.FixtureRequest) -> Path:
    return REAL if request.param == "real" else request.getfixturevalue("random_data")


@cache
def artefact(folder: Path, name: str) -> Any:
    return read_artefact(folder / f"{name}.json")[1]


def data_for(name: str, folder: Path = REAL, **changed: Any) -> dict[str, Any]:
    """What the figure needs, with some artefacts exchanged."""
    return {need: changed.get(need) or artefact(folder, need) for need in MAKERS[name].needs}


@cache
def made(name: str, folder: Path = REAL) -> Figure:
    return MAKERS[name].make(data_for(name, folder))


DRAWN = [name for name in NAMES if made(name).kind == "chart"]  # the others are tables, and matrices (tests/test_matrix_figures.py)

MATRICES = [name for name in NAMES if made(name).kind == "matrix"]


@cache
def schema() -> jsonschema_rs.Draft7Validator:
    """Vega-Lite's own. Its references hold characters such as "<", which they must not."""
    whole = alt.load_schema()
    for part in walk(whole):
        if isinstance(part, dict) and isinstance(part.get("$ref"), str):
            part["$ref"] = quote(part["$ref"], safe="#/")
    return jsonschema_rs.Draft7Validator(whole)


@cache
def vega_lite(name: str, folder: Path, width: int) -> dict[str, Any]:
    """The specification that pages get, which keeps to the schema."""
    spec = figure_drawing.vega_lite(made(name, folder), width)
    config = {key: value for key, value in spec["config"].items() if key != "background"}  # none at all is null, which the schema lacks
    assert [f"{error.instance_path}: {error.message[:300]}" for error in schema().iter_errors(spec | {"config": config})] == []
    return spec


@cache
def vega(name: str, folder: Path, width: int) -> dict[str, Any]:
    return drawing_engine.compiled(vega_lite(name, folder, width))


@cache
def picture(name: str, folder: Path = REAL, width: int = WIDE, **state: Any) -> dict[str, Any]:
    """The drawn SVG and its size, with some controls moved; each drawn once."""
    spec = vega(name, folder, width)
    signals = [s | {"value": state[s["name"]]} if s["name"] in state else s for s in spec.get("signals", [])]
    assert not set(state) - {s["name"] for s in signals}
    return drawing_engine.drawn(spec | {"signals": signals, "config": spec.get("config", {}) | {"aria": False}})


def texts(svg: str) -> list[str]:
    """All text of a picture, lines of one label apart, as a reader sees it."""
    return [html.unescape(text) for text in re.findall(r"<t(?:ext|span)[^>]*>([^<]+)</t", svg)]


def walk(value: Any) -> Iterator[Any]:
    yield value
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner)


def default_rows(figure: Figure) -> list[dict[str, Any]]:
    chosen = figure.table.default_rows
    return [row for row in figure.table.rows if chosen is None or chosen(row)]


# --- what every figure keeps ---------------------------------------------------------------------------------------------------


def test_the_lesson_has_its_figures():
    assert set(LESSON_FIGURES) <= set(NAMES)


def test_the_schema_refuses_what_vega_lite_does_not_know():
    chart = {"mark": "point", "data": {"values": []}, "encoding": {"x": {"field": "cosine", "type": "quantitative"}}}
    assert schema().is_valid(chart)
    assert not schema().is_valid(chart | {"mark": "dot"})
    assert not schema().is_valid(chart | {"encoding": {"x": {"feild": "cosine", "type": "quantitative"}}})


@pytest.mark.parametrize("name", NAMES)
def test_words(name: str, folder: Path):
    figure = made(name, folder)
    for part in (figure.title, figure.caption, figure.description):
        assert part.strip() == part and part
        assert "  " not in part and "nan" not in part.lower().split() and "None" not in part
        assert not re.search(r"\d\.\d{5}", part), "a number nobody rounded"
        assert not re.search(r"(?<![\w\-])-\d", part), "a hyphen instead of a minus sign"
    assert 30 <= len(figure.title) <= 170
    assert not figure.title.endswith(".")
    assert "*Where it misleads:*" in figure.caption
    assert len(figure.description) > 100


@pytest.mark.parametrize("name", NAMES)
def test_table(name: str, folder: Path):
    table = made(name, folder).table
    fields = [column.name for column in table.columns]
    assert len(set(fields)) == len(fields) and table.rows
    for row in table.rows:
        assert set(fields) <= set(row)
        json.dumps(row, allow_nan=False)
    for column in table.columns:
        assert re.fullmatch(r"[a-z0-9_]+", column.name)
        if column.kind in ("token", "tokens"):
            kinds = (
                {row[column.tokenizer_kind_column] for row in table.rows}
                if column.tokenizer_kind_column
                else {column.tokenizer_kind}
            )
            assert kinds <= {"byte_level_bpe", "wordpiece", "words"}
    shown = default_rows(made(name, folder))
    assert shown
    assert len(shown) < len(table.rows) or not made(name, folder).controls  # other states have rows of their own


@pytest.mark.parametrize("name", DRAWN)
def test_controls_are_parameters_with_the_same_default(name: str, folder: Path):
    figure = made(name, folder)
    for width in (WIDE, NARROW):
        params = {p["name"]: p["value"] for p in vega_lite(name, folder, width).get("params", [])}
        assert params == {control.name: control.value for control in figure.controls}
        assert {s["name"] for s in vega(name, folder, width).get("signals", [])} >= set(params)
    for control in figure.controls:
        if control.kind == "select":
            assert control.value in [value for value, _ in control.options]
            assert len({value for value, _ in control.options}) == len(control.options)
        if control.kind == "slider":
            assert control.minimum <= control.value <= control.maximum


@pytest.mark.parametrize("name", DRAWN)
def test_tooltips_name_no_markup_fields(name: str):
    for part in walk(vega_lite(name, REAL, WIDE)):
        if isinstance(part, Mapping) and "tooltip" in part:
            tooltips = part["tooltip"] if isinstance(part["tooltip"], list) else [part["tooltip"]]
            names = {tooltip.get("title", tooltip.get("field")) for tooltip in tooltips}
            assert not names & {"image", "title"}
            assert len(names) == len(tooltips)


@pytest.mark.parametrize("name", DRAWN)
def test_colours_come_from_the_palette(name: str):
    """A colour that is no light value of the palette would stay as it is in the dark theme; so would one inside an expression."""
    light = {pair[0] for pair in PALETTE.values()}
    for value in walk([vega(name, REAL, width) for width in (WIDE, NARROW)]):
        if isinstance(value, str) and re.search(r"(?<!#)#[0-9a-fA-F]{3,8}\b", value):  # ##bed is a token
            assert value in light
    drawn = re.findall(r'(?:fill|stroke)="([^"]+)"', picture(name, REAL, WIDE)["svg"])
    assert set(drawn) <= light | {"none", "transparent"}


@pytest.mark.parametrize("name", DRAWN)
@pytest.mark.parametrize(("which", "width"), [("real", WIDE), ("real", NARROW), ("random", NARROW)])
def test_size(name: str, which: str, width: int, request: pytest.FixtureRequest):
    """Random models make other labels: looked at where room is scarce. Their wide charts are drawn by tests/test_browser_sets.py."""
    folder = REAL if which == "real" else request.getfixturevalue("random_data")
    spec = json.dumps(vega(name, folder, width), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    assert len(gzip.compress(spec.encode(), 9)) <= SPEC_LIMIT.get(name, SPEC_LIMIT_OTHERS)
    drawn = picture(name, folder, width)
    assert len(gzip.compress(drawn["svg"].encode(), 9)) <= PICTURE_LIMIT.get(name, PICTURE_LIMIT_OTHERS)
    assert 0.9 * width <= drawn["width"] <= width
    assert len(re.findall(r"<(?:path|text|rect|line|image)\b", drawn["svg"])) <= MARKS_LIMIT
    assert min(float(size) for size in re.findall(r'font-size="([\d.]+)', drawn["svg"])) >= SMALLEST_TEXT


@pytest.mark.parametrize("name", [name for name in DRAWN if made(name).controls])
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_no_control_moves_the_page(name: str, width: int):
    """Whatever the reader chooses, the chart keeps its size, so that nothing below it jumps. Narrow: at each control's last choice."""
    still = picture(name, REAL, width)
    for control in made(name).controls:
        options = [value for value, _ in control.options if value != control.value][:5] or [
            control.maximum if control.kind == "slider" else not control.value
        ]
        for option in options if width == WIDE else options[-1:]:
            moved = picture(name, REAL, width, **{control.name: option})
            assert moved["height"] == still["height"], (control.name, option)
            assert moved["width"] <= width, (control.name, option)
            assert moved["svg"] != still["svg"] or control.name == "fold", (control.name, option)


@pytest.mark.parametrize("name", MATRICES)
def test_matrices(name: str, folder: Path):
    figure = made(name, folder)
    drawn = draw_matrices(name, figure)
    assert len(gzip.compress(drawn["script"].encode(), 9)) <= MATRIX_SCRIPT_LIMIT
    assert sum(matrix.values.size for matrix in figure.matrices) <= MATRIX_CELLS_LIMIT
    for width, layout in ((WIDE, "wide"), (NARROW, "narrow")):
        picture = drawn["pictures"][layout]
        assert picture["width"] == width
        assert len(gzip.compress(picture["svg"].encode(), 9)) <= MATRIX_PICTURE_LIMIT
        assert not figure.matrices[0].row_labels[0] or html.escape(figure.matrices[0].row_labels[0][:5]) in picture["svg"]
    for control in figure.all_controls:
        if control.kind == "slider":
            assert control.minimum <= control.value <= control.maximum
    for preset, edge in figure.matrix_view.presets:
        assert figure.matrix_view.range_step <= edge <= figure.matrix_view.range_maximum, preset
    for matrix in figure.matrices:
        shares = exact_shares(matrix, figure.matrix_view)[0]
        assert shares == sorted(shares, reverse=True) and 0 <= shares[-1] <= shares[0] <= 1


# --- what is drawn is what the table says --------------------------------------------------------------------------------------


def test_neighbours_drawn_are_the_table(folder: Path):
    figure = made("neighbours-of-a-word", folder)
    words = texts(picture("neighbours-of-a-word", folder)["svg"])
    word = figure.controls[0].value
    rows = [row for name, found in figure.datasets.items() if name.endswith("_neighbours") for row in found if row["word"] == word]
    table = default_rows(figure)
    assert sorted(row["cosine"] for row in rows) == sorted(round(row["cosine"], 4) for row in table)
    cut = tuple(word[:-1] for word in words if word.endswith("…"))  # long tokens are shown as far as there is room
    assert all(row["token"] in words or (cut and row["token"].startswith(cut)) for row in rows)
    assert len(table) == 40


def test_folding_hides_what_is_marked_and_says_how_many():
    figure = made("neighbours-of-a-word")
    rows = [row for row in figure.table.rows if row["word"] == "run" and row["model"] == "SmolLM2"]
    marked = [row for row in rows if row["marks"]]
    assert marked
    words = texts(picture("neighbours-of-a-word", word="run", fold=True)["svg"])
    assert any(f"{len(marked)} of {len(rows)} hidden" in text for text in words)
    assert not any("variant" in text for text in words)


def test_a_bare_name_that_is_one_token_is_a_choice_beside_its_published_values(random_data: Path):
    """The random set has GPT-2's tokenizer, in which the bare name is one token, as in the source."""
    figure = made("neighbours-of-a-word", random_data)
    assert BARE in [value for value, _ in figure.controls[0].options]
    assert "“␣Mike” 0.857" in figure.caption
    assert BARE not in [value for value, _ in made("neighbours-of-a-word").controls[0].options]


def test_published_values_stand_beside_computed_ones():
    lists = artefact(REAL, "neighbourhoods")
    facts = artefact(REAL, "model_facts")
    own = next(e for e in lists.entries if e.role == "decoder" and e.word == "Mike" and e.leading_space)
    bare = own.model_copy(update={"leading_space": False})
    others = [e for e in lists.entries if not (e.role == "decoder" and e.word == "Mike" and not e.leading_space)]
    published = [lists.published_name_neighbours[0].model_copy(update={"text": " Kevin", "cosine": 0.7})]
    changed = lists.model_copy(update={"entries": [*others, bare], "published_name_neighbours": published})
    figure = MAKERS["neighbours-of-a-word"].make(
        {"neighbourhoods": changed, "model_facts": facts, "random_pairs": artefact(REAL, "random_pairs")}
    )
    row = next(row for row in figure.table.rows if row["word"] == BARE and row["raw"] == "ĠKevin")
    assert row["published_cosine"] == 0.7
    assert any(row.get("published") == 0.7 for row in figure.datasets["decoder_neighbours"])


def test_offset_is_computed_in_the_chart():
    for offset, target in ((0, "both"), (2, "both"), (5, "both"), (3, "first")):
        words = texts(picture("offset-moves-cosine", offset=offset, target=target)["svg"])
        expected = sums(offset, target)
        angle = math.degrees(math.acos(expected["cosine"]))
        assert f"cosine {expected['cosine']:.2f}, {angle:.0f}°" in words
        assert f"Pearson {expected['pearson']:.2f}" in words
    assert all(abs(sums(offset, "both")["pearson"] - sums(0, "both")["pearson"]) < 1e-12 for offset in range(6))


def test_worked_sums_add_up():
    for row in made("offset-moves-cosine").table.rows:
        if row["dimension"] == "sum":
            assert row["cosine"] == pytest.approx(
                row["product"] / math.sqrt(row["first_squared"] * row["second_squared"]), abs=1e-6
            )
        else:
            assert row["product"] == row["first"] * row["second"]


def test_vectors_give_the_cosine_they_are_labelled_with(folder: Path):
    figure = made("two-vectors", folder)
    for pair in artefact(folder, "pair_scatter").pairs:
        product = sum(a * b for a, b in zip(pair.first_vector, pair.second_vector, strict=True))
        norms = math.hypot(*pair.first_vector) * math.hypot(*pair.second_vector)
        assert product / norms == pytest.approx(pair.cosine, abs=2e-3)
    slots = [value for value, _ in next(c for c in figure.controls if c.name == "pair").options]
    assert {row["pair"] for row in figure.datasets["pairs"]} == set(slots)


def test_bins_drawn_are_the_table(folder: Path):
    figure = made("random-baseline", folder)
    drawn = {(r["role"], r["centred"], r["from_cosine"]): r["percent"] for r in figure.datasets["bins"]}
    table = {(r["role"], r["centred"], r["from_cosine"]): r["percent_of_pairs"] for r in figure.table.rows}
    assert all(percent == pytest.approx(table[key], abs=0.006) for key, percent in drawn.items())
    missing = sum(percent for key, percent in table.items() if key not in drawn)
    assert missing < 4  # percent, over both models and both states: the tails too low to be drawn


def test_angles_drawn_hold_every_word(folder: Path):
    """Bars of unequal width: their areas, not their heights, add up to all words."""
    for role in ("decoder", "encoder"):
        rows = [row for row in made("nearest-angles", folder).table.rows if row["role"] == role]
        area = sum(row["percent_per_degree"] * (row["to_degrees"] - row["from_degrees"]) for row in rows)
        assert area == pytest.approx(100, abs=0.5)


def test_hub_curve_is_the_histogram(folder: Path):
    for role in ("decoder", "encoder"):
        marks = artefact(folder, f"token_marks_{role}")
        points = {row["lists"]: row["tokens"] for row in made("hubs", folder).datasets["counts"] if row["role"] == role}
        assert points[1] == sum(marks.in_degree_histogram.counts) - marks.never_neighbour
        assert sorted(points.values(), reverse=True) == [points[lists] for lists in sorted(points)]
        assert max(points) == marks.top_hubs[0].in_degree


def test_links_join_the_same_token(folder: Path):
    figure = made("three-measures", folder)
    lists = {(row["word"], row["role"], row["column"]): row["token"] for row in figure.datasets["lists"]}
    for link in figure.datasets["links"]:
        left = lists[link["word"], link["role"], link["side"]][link["left"] - 1]
        right = lists[link["word"], link["role"], link["side"] + 1][link["right"] - 1]
        assert left == right


def test_pieces_are_the_tokenizers_own(folder: Path):
    figure = made("word-pieces", folder)
    columns = [column.name for column in figure.table.columns if column.kind == "tokens"]
    examples = artefact(folder, "tokenisation_examples").examples
    assert len(figure.table.rows) == len(examples)
    for row, example in zip(figure.table.rows, examples, strict=True):
        cut = {t.tokenizer: t.raw for t in example.by_tokenizer}
        assert all(row[column].split(" ") == cut[column] for column in columns)


# --- the numbers of the titles, computed once more -----------------------------------------------------------------------------


def _by_role(artefact_name: str, folder: Path) -> list[Any]:
    return [next(e for e in artefact(folder, artefact_name).by_model if e.role == role) for role in ("decoder", "encoder")]


def _mike(folder: Path) -> list[Any]:
    spaced = {"decoder": True, "encoder": False}
    entries = artefact(folder, "neighbourhoods").entries
    return [
        next(e for e in entries if (e.role, e.word, e.leading_space) == (role, "Mike", space)) for role, space in spaced.items()
    ]


def _overlap(entry: Any, measure: str) -> int:
    return len({n.token.id for n in entry.lists.cosine} & {n.token.id for n in getattr(entry.lists, measure)})


def _pieces_and_related(folder: Path, role: str) -> list[str]:
    """One text, or none where no word of the list is made of two pieces."""
    means = {s.group: s.mean_cosine for s in artefact(folder, "pair_similarities").summaries if s.role == role}
    return [f"{fixed(means['pieces'])} against {fixed(means['related'])}"] if "pieces" in means else []


def _times(folder: Path, role: str) -> list[str]:
    times = {t.way: t.milliseconds_median for t in artefact(folder, "measured_times").comparing_one_with_all if t.role == role}
    factors = [times["python loop"] / times[way] for way in ("matrix product", "matrix product, rows normalised beforehand")]
    return [f"{factor:,.0f}" if factor >= 10 else f"{factor:.1f}" for factor in factors]


def _overlaps(entry: Any) -> list[str]:
    return [f"{entry.mean_overlap_cosine_euclidean:.1f}", f"{entry.mean_overlap_cosine_dot:.1f}"]


TITLE_NUMBERS: dict[str, Callable[[Path], list[str]]] = {
    "neighbours-of-a-word": lambda f: [f"{math.degrees(math.acos(e.lists.cosine[0].cosine)):.0f}°" for e in _mike(f)],
    "random-baseline": lambda f: [fixed(e.all_tokens.mean) for e in _by_role("random_pairs", f)],
    "nearest-angles": lambda f: [f"{e.angle_percentiles_degrees['50']:.0f}°" for e in _by_role("nearest_neighbours", f)],
    "pairs-against-baseline": lambda f: [text for role in ("decoder", "encoder") for text in _pieces_and_related(f, role)],
    "loop-and-product": lambda f: [text for role in ("decoder", "encoder") for text in _times(f, role)],
    "sorted-similarities": lambda f: [
        f"{c.above_random_99 or 'none'} of {c.ranks[-1]:,}" for c in artefact(f, "similarity_curves").curves if c.word == "Mike"
    ],
    "variants-by-rank": lambda f: [f"{100 * e.share_by_rank[0]:.0f}%" for e in _by_role("variants", f)],
    "overlap-of-measures": lambda f: [text for e in _by_role("metric_agreement", f) for text in _overlaps(e)],
    "three-measures": lambda f: [str(_overlap(e, m)) for e in _mike(f) for m in ("euclidean", "dot")],
    "two-vectors": lambda f: [fixed(artefact(f, "pair_scatter").pairs[0].cosine)],
}


@pytest.mark.parametrize("name", sorted(TITLE_NUMBERS))
def test_numbers_in_titles(name: str, folder: Path):
    title = made(name, folder).title
    for number in TITLE_NUMBERS[name](folder):
        assert re.search(rf"(?<![\d.]){re.escape(number)}(?!\d)", title), (number, title)


@pytest.mark.parametrize(
    ("correlation", "trend"), [(0.2, "tends to grow with the id"), (-0.2, "tends to fall with the id"), (0.0, "hardly depends on the id")]
)
def test_the_title_of_lengths_says_how_they_go_with_the_id(correlation: float, trend: str):
    lengths = artefact(REAL, "norms")
    changed = [entry.model_copy(update={"spearman_id_norm": correlation}) for entry in lengths.by_model]
    title = MAKERS["norms"].make(data_for("norms", norms=lengths.model_copy(update={"by_model": changed}))).title
    assert title.count(trend) == len(changed)


def test_hubs_title_counts_hubs():
    marks = artefact(REAL, "token_marks_decoder")
    assert made("hubs").title.startswith(f"{marks.hubs} tokens fill {100 * marks.hub_share_of_places:.0f}%")


# --- titles when the data says otherwise ---------------------------------------------------------------------------------------


def test_title_where_neighbours_do_share_a_direction():
    lists = artefact(REAL, "neighbourhoods")
    close = [
        e.model_copy(
            update={"lists": e.lists.model_copy(update={"cosine": [n.model_copy(update={"cosine": 0.99}) for n in e.lists.cosine]})}
        )
        if e.lists
        else e
        for e in lists.entries
    ]
    title = (
        MAKERS["neighbours-of-a-word"]
        .make(data_for("neighbours-of-a-word", neighbourhoods=lists.model_copy(update={"entries": close})))
        .title
    )
    assert "nearly the same direction in SmolLM2 and MiniLM" in title and "8°" in title and "Nobody" not in title


@pytest.mark.parametrize("missing", [("decoder",), ("decoder", "encoder")])
def test_a_name_that_is_no_single_token(missing: tuple[str, ...]):
    lists = artefact(REAL, "neighbourhoods")
    nothing = {"token": None, "lists": None, "norm": None, "pieces": ["M", "ike"]}
    entries = [e.model_copy(update=nothing) if e.role in missing and e.word == "Mike" else e for e in lists.entries]
    changed = lists.model_copy(update={"entries": entries})
    figure = MAKERS["neighbours-of-a-word"].make(data_for("neighbours-of-a-word", neighbourhoods=changed))
    assert ("no single token" in figure.title) == (len(missing) == 2)
    assert "no single token" in figure.description
    assert any("no single token (M and ike)" in row["open"] for row in figure.datasets["status"])
    figure.chart(WIDE).to_dict()
    figure = MAKERS["three-measures"].make(data_for("three-measures", neighbourhoods=changed))
    figure.chart(WIDE).to_dict()
    assert "Mike" not in figure.title if len(missing) == 2 else "SmolLM2" not in figure.title


def test_title_where_random_tokens_are_at_right_angles():
    pairs = artefact(REAL, "random_pairs")
    flat = [e.model_copy(update={"all_tokens": e.centred}) for e in pairs.by_model]
    title = (
        MAKERS["random-baseline"].make(data_for("random-baseline", random_pairs=pairs.model_copy(update={"by_model": flat}))).title
    )
    assert title.startswith("Two random tokens are close to a right angle")


def test_title_where_many_words_have_a_twin():
    nearest = artefact(REAL, "nearest_neighbours")
    many = [e.model_copy(update={"within_18_degrees": e.nearest_whole_words.count // 2}) for e in nearest.by_model]
    changed = nearest.model_copy(update={"by_model": many})
    assert "within 18° for 50%" in MAKERS["nearest-angles"].make(data_for("nearest-angles", nearest_neighbours=changed)).title


def test_title_where_pieces_are_alike():
    exported = artefact(REAL, "pair_similarities")
    alike = [p.model_copy(update={"cosine": 0.95}) if p.group == "pieces" else p for p in exported.pairs]
    changed = exported.model_copy(update={"pairs": alike})
    title = MAKERS["pairs-against-baseline"].make(data_for("pairs-against-baseline", pair_similarities=changed)).title
    assert title.startswith("Pieces of one word are more alike than related words")
    none = exported.model_copy(update={"pairs": [p for p in exported.pairs if p.group != "pieces"]})
    figure = MAKERS["pairs-against-baseline"].make(data_for("pairs-against-baseline", pair_similarities=none))
    assert figure.title.startswith("No word of the list")
    figure.chart(NARROW).to_dict()


def test_title_where_nothing_is_a_hub():
    marks = artefact(REAL, "token_marks_decoder").model_copy(update={"hubs": 0, "hub_share_of_places": 0.0})
    assert MAKERS["hubs"].make(data_for("hubs", token_marks_decoder=marks)).title.startswith("No token of SmolLM2 or MiniLM")


def test_title_where_the_loop_is_not_slower_or_answers_differ():
    product = artefact(REAL, "matrix_product")
    differ = [e.model_copy(update={"maximum_absolute_difference": 0.1}) for e in product.by_model]
    changed = product.model_copy(update={"by_model": differ})
    assert (
        "but not with the same cosines"
        in MAKERS["loop-and-product"].make(data_for("loop-and-product", matrix_product=changed)).title
    )


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_times_of_a_busy_machine_keep_their_labels_in_the_picture(width: int):
    """Runs can differ so much that there is no room for the label on either side of the line."""
    times = artefact(REAL, "measured_times")
    wide = {"milliseconds_min": 0.11, "milliseconds_median": 7.6, "milliseconds_max": 311.1}
    ways = [way.model_copy(update=wide) for way in times.comparing_one_with_all]
    changed = data_for("loop-and-product", measured_times=times.model_copy(update={"comparing_one_with_all": ways}))
    drawn = figure_drawing._compile_and_draw("loop-and-product", MAKERS["loop-and-product"].make(changed))["pictures"]
    assert drawn["wide" if width == WIDE else "narrow"]["width"] <= width


# --- small parts ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "decimals", "shown"),
    [(0.4422, 2, "0.44"), (-0.0357, 2, "−0.04"), (-0.004, 2, "0.00"), (-0.0, 1, "0.0"), (49152, 0, "49,152"), (-10, 0, "−10")],
)
def test_numbers_for_sentences(value: float, decimals: int, shown: str):
    assert fixed(value, decimals) == shown


def test_lists_for_sentences():
    assert [listed(["a", "b", "c"][:n]) for n in range(4)] == ["none", "a", "a and b", "a, b and c"]


coordinates = st.tuples(st.floats(0, 300), st.floats(0, 200), st.text("abc", min_size=1, max_size=9))


@given(st.lists(coordinates, max_size=15))
def test_labels_never_touch(marks: list[tuple[float, float, str]]):
    boxes = []
    for (x, y, text), side in zip(marks, place_labels(marks, 300, 200), strict=True):
        long = len(text) * CHARACTER
        box = {
            "right": (x + 7, y - 7, x + 7 + long, y + 7),
            "left": (x - 7 - long, y - 7, x - 7, y + 7),
            "above": (x - long / 2, y - 20, x + long / 2, y - 6),
            "below": (x - long / 2, y + 6, x + long / 2, y + 20),
        }.get(side)
        if box:
            boxes.append(box)
    for n, a in enumerate(boxes):
        assert a[0] >= 0 and a[2] <= 300 and a[1] >= 0 and a[3] <= 200
        assert not any(a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3] for b in boxes[:n])
