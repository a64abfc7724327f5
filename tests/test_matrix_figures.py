"""Matrices on a canvas: the picture, what the page's script gets, and every control in Chromium."""

from __future__ import annotations

import base64
import re
import shutil
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from charts.figure import Column, Figure, Table
from charts.matrix import Matrix, MatrixView, matrix_bytes
from charts.palette import light
from sitegen.matrix_pictures import draw_matrices, exact_shares, grey_png, opacities, share_text, tick_step
from tests.support.accessibility import accessibility_problems
from tests.support.browser import DESKTOP, PHONE, Visit, visit
from tests.support.site_server import SiteServer
from tests.tiny_project import TinyProject, make_project

NUMBERS = np.random.default_rng(0)
WIDE = NUMBERS.normal(0, 0.1, (60, 400))
SMALL = NUMBERS.normal(0, 0.05, (20, 30))
CHART = Path(__file__).parent / "fixtures" / "tiny_matrix.py"
ROOT = Path(__file__).resolve().parent.parent


def figure_of(*matrices: Matrix, **view: object) -> Figure:
    words = {"title": "A", "caption": "B", "description": "C", "table": Table([Column("a", "a")], [{"a": 1}])}
    return Figure(**words, matrices=list(matrices), matrix_view=MatrixView(**view))


def matrix(values: np.ndarray = WIDE, low: float = -0.4, high: float = 0.4, **more: object) -> Matrix:
    return Matrix("wide", "The wide one", matrix_bytes(values, low, high), low, high, [f"row {n}" for n in range(len(values))], **more)


def read_grey_png(png: bytes) -> np.ndarray:
    """Pixels of a PNG of 16 greys whose lines stand as they are or repeat the one above; checks every checksum."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    at, parts = 8, {}
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        kind, data = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        assert struct.unpack(">I", png[at + 8 + length : at + 12 + length]) == (zlib.crc32(kind + data),)
        parts[kind] = data
        at += 12 + length
    columns, rows, depth, colour, *rest = struct.unpack(">IIBBBBB", parts[b"IHDR"])
    assert (depth, colour, rest) == (4, 0, [0, 0, 0]) and list(parts) == [b"IHDR", b"IDAT", b"IEND"]
    lines = np.frombuffer(zlib.decompress(parts[b"IDAT"]), dtype=np.uint8).reshape(rows, -1).copy()
    for row, line in enumerate(lines):
        assert line[0] in (0, 2)
        if line[0] == 2:
            line[1:] += lines[row - 1, 1:]
    pixels = np.stack([lines[:, 1:] >> 4, lines[:, 1:] & 15], axis=-1).reshape(rows, -1)
    return pixels[:, :columns]


def cells(pixels: np.ndarray) -> np.ndarray:
    """One pixel of each cell of a picture of WIDE; all pixels of a cell are equal."""
    down, across = (size // cells for size, cells in zip(pixels.shape, WIDE.shape, strict=True))
    found = pixels[::down, ::across]
    assert (np.repeat(np.repeat(found, down, axis=0), across, axis=1) == pixels).all()
    return found


# --- numbers and pictures ------------------------------------------------------------------------------------------------------


def test_bytes_are_at_most_half_a_step_off():
    made = matrix()
    inside = np.abs(WIDE) <= 0.4
    assert np.abs(made.numbers() - WIDE)[inside].max() <= made.step / 2 + 1e-12
    assert made.decimals == 3
    assert set(matrix_bytes(np.array([[-9.0, 9.0]]), -1, 1)[0]) == {0, 255}


@pytest.mark.parametrize("shape", [(1, 1), (3, 4), (5, 7)])
def test_png_holds_its_levels(shape: tuple[int, int]):
    levels = np.random.default_rng(1).integers(0, 16, shape).astype(np.uint8)
    assert (read_grey_png(grey_png(levels)) == levels).all()


@pytest.mark.parametrize("threshold", [0.0, 0.1])
def test_picture_shows_the_values(threshold: float):
    figure = figure_of(matrix(), range=0.2, threshold=threshold)
    picture = draw_matrices("a-matrix", figure)["pictures"]["wide"]
    pngs = [base64.b64decode(data) for data in re.findall(r'href="data:image/png;base64,([^"]+)"', picture["svg"])]
    above, below = (cells(read_grey_png(png)).astype(float) / 15 for png in pngs)
    expected = np.clip(WIDE / 0.2, -1, 1)
    if threshold:
        clear = np.abs(np.abs(WIDE) - threshold) > 0.002
        assert (np.abs(above - below)[clear & (np.abs(WIDE) < threshold)] <= 0.07).all()
        expected = np.where(np.abs(WIDE) > threshold, expected, 0)
    else:
        clear = np.ones_like(WIDE, dtype=bool)
    assert np.abs(above - below - expected)[clear].max() < 0.08
    colours = set(re.findall(r'(?:fill|stroke|stop-color)="(#[^"]+)"', picture["svg"]))
    assert colours == {light(name) for name in ("above-zero", "below-zero", "ink", "ink-soft", "rule")}
    assert "row 0" in picture["svg"] and "−0.2 or less" in picture["svg"]
    assert opacities(figure.matrices[0], figure.matrix_view).min() >= -1


def test_sizes_have_one_colour():
    figure = figure_of(matrix(np.abs(WIDE), 0, 0.4), scale="sequential", range=0.2)
    svg = draw_matrices("a", figure)["pictures"]["narrow"]["svg"]
    assert light("size") in svg and light("below-zero") not in svg and svg.count("<image") == 1


def test_shares_are_exact_or_counted():
    view = MatrixView(threshold_step=0.05, threshold_maximum=0.2, threshold=0.1)
    counted, entries = exact_shares(matrix(), view)
    assert entries == WIDE.size and len(counted) == 5
    assert counted[2] == pytest.approx((np.abs(WIDE) > 0.1).mean(), abs=0.01)
    given = matrix(entries=1_000_000, shares=[1, 0.9, 0.49, 0.1, 0])
    assert share_text(given, view) == "The wide one: 49.0% of 1,000,000 entries are larger in size than 0.10."
    with pytest.raises(ValueError, match="3 shares for 5 steps"):
        exact_shares(matrix(entries=9, shares=[1, 0.5, 0]), view)


@pytest.mark.parametrize(
    "wrong",
    [
        {"values": WIDE},
        {"row_labels": ["one"]},
        {"low": 1.0},
        {"high": float("nan")},
        {"entries": 5},
    ],
)
def test_a_matrix_that_makes_no_sense_is_refused(wrong: dict):
    good = vars(matrix())
    with pytest.raises(ValueError, match="matrix 'wide'"):
        Matrix(**good | wrong)


def test_numbered_columns_stand_apart():
    assert [tick_step(columns, 586) for columns in (4, 30, 400, 4096)] == [1, 5, 50, 500]


# --- in the browser --------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> TinyProject:
    """The fixture project with a matrix in its second lesson, behind the first figure."""
    project = make_project(tmp_path_factory.mktemp("matrix") / "project")
    shutil.copy(CHART, project.folder / "charts" / "tiny_matrix.py")
    placed = '{{ figure("tiny-angles") }}'
    project.replace("content/lessons/02-second-steps.md", placed, placed + '\n\n{{ figure("tiny-matrix") }}')
    outcome = project.build()
    assert outcome.status == 0, outcome.errors
    return project


@pytest.fixture(scope="module")
def server(site: TinyProject) -> Iterator[SiteServer]:
    with SiteServer(site.site) as running:
        yield running


@pytest.fixture
def opened(browser, server: SiteServer) -> Iterator[Visit]:
    with visit(browser, server.url + "lessons/second-steps/", DESKTOP, accept_downloads=True) as page:
        draw(page)
        yield page
        assert page.problems() == []


def draw(page: Visit) -> None:
    page.page.evaluate("document.getElementById('tiny-matrix').scrollIntoView({behavior: 'instant', block: 'center'})")
    page.until("() => !!document.querySelector('#tiny-matrix .figure-canvas.ready canvas')")


def colour(opened: Visit, row: int, column: int, rows: int, columns: int) -> list[int]:
    """The pixel in the middle of a cell of the whole matrix: red, green, blue, opacity."""
    script = """([across, down]) => {
      const canvas = document.querySelector('#tiny-matrix canvas');
      const view = WordSpaces.figures.of(canvas).view;
      const {left, top, plotWidth, plotHeight, width} = view.layout;
      const scale = canvas.width / width;
      const pixel = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
      const [x, y] = [left + across * plotWidth, top + down * plotHeight].map((place) => Math.floor(place * scale));
      pixel.drawImage(canvas, -x, -y);
      return [...pixel.getImageData(0, 0, 1, 1).data];
    }"""
    return opened.page.evaluate(script, [(column + 0.5) / columns, (row + 0.5) / rows])


def words(opened: Visit, part: str) -> str:
    return opened.page.locator(f"#tiny-matrix [data-matrix={part}]").inner_text()


def choose(opened: Visit, control: str, value: str) -> None:
    box = opened.page.locator(f"#tiny-matrix [data-control={control}]")
    script = "(e, value) => { e.value = value; e.dispatchEvent(new Event('input', {bubbles: true})); }"
    box.evaluate(script, value)
    opened.page.wait_for_timeout(120)


def test_cells_have_the_colour_of_their_values(opened: Visit):
    choose(opened, "matrix", "small")
    for threshold in ("0", "0.05"):
        choose(opened, "threshold", threshold)
        for row, column in [(0, 0), (3, 7), (10, 29), (19, 15)]:
            value = float(np.round((SMALL[row, column] + 0.4) / 0.8 * 255) / 255 * 0.8 - 0.4)
            red, green, blue, opacity = colour(opened, row, column, *SMALL.shape)
            expected = min(abs(value) / 0.3, 1) * (1 if abs(value) > float(threshold) else 0.12)
            assert opacity / 255 == pytest.approx(expected, abs=0.02)
            if opacity > 40:
                name = light("above-zero" if value > 0 else "below-zero")
                wanted = [int(name[n : n + 2], 16) for n in (1, 3, 5)]
                assert np.abs(np.array([red, green, blue]) - wanted).max() <= 8


def test_only_a_page_with_a_matrix_fetches_its_drawer(browser, server: SiteServer):
    with visit(browser, server.url + "lessons/first-steps/", DESKTOP) as page:
        page.scroll_through()
        page.quiet()
        assert page.page.evaluate("WordSpaces.matrix === undefined")
    with visit(browser, server.url + "lessons/second-steps/figures/tiny-matrix/", DESKTOP) as page:
        draw(page)
        assert page.page.evaluate("!!WordSpaces.matrix && window.WordSpacesVega === undefined")
        assert page.page.locator("link[rel=preload][as=script]").count() == 0
        assert page.problems() == []


def test_share_beyond_the_threshold(opened: Visit):
    step = round(0.8 / 255, 5)
    read_back = np.clip(np.rint((WIDE + 0.4) / 0.8 * 255), 0, 255) / 255 * 0.8 - 0.4
    assert step < 0.004
    for threshold in ("0.1", "0.2"):
        choose(opened, "threshold", threshold)
        share = (np.abs(read_back) > float(threshold)).mean()
        expected = f"The wide one: {100 * share:.1f}% of 24,000 entries are larger in size than {float(threshold):.2f}."
        assert words(opened, "share") == expected
    choose(opened, "matrix", "small")
    assert words(opened, "share") == "The small one: 50.0% of 10,000 entries are larger in size than 0.20."
    opened.until("() => new URLSearchParams(location.search).get('tiny-matrix.threshold') === '0.2'")


def test_presets_set_the_range(opened: Visit):
    opened.page.locator("#tiny-matrix [data-matrix-range='0.1']").click()
    assert opened.page.locator("#tiny-matrix [data-control=range]").input_value() == "0.1"
    opened.until("() => new URLSearchParams(location.search).get('tiny-matrix.range') === '0.1'")
    opened.page.locator("#tiny-matrix [data-reset]").click()
    opened.until("() => !location.search")


def test_keyboard_moves_zooms_and_reads(opened: Visit):
    canvas = opened.page.locator("#tiny-matrix canvas")
    canvas.focus()
    keyboard = opened.page.keyboard

    def reads(row: int, column: int) -> None:
        value = matrix().numbers()[row, column]
        shown = f"{value:.3f}".replace("-", "−")
        opened.until("(text) => document.querySelector('[data-matrix=readout]').textContent === text", reading(row, column, shown))

    keyboard.press("ArrowDown")
    reads(0, 0)
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "PageDown"):
        keyboard.press(key)
    reads(11, 2)
    keyboard.press("Shift+ArrowRight")
    reads(11, 12)
    for _ in range(5):
        keyboard.press("+")
    keyboard.press("End")
    reads(11, 399)
    place = opened.page.evaluate("WordSpaces.figures.of(document.querySelector('#tiny-matrix canvas')).view.window")
    assert place["width"] < 60 and place["x"] + place["width"] == pytest.approx(400)
    opened.until("() => (new URLSearchParams(location.search).get('tiny-matrix.view') || '').includes('_7.59')")
    opened.page.reload()
    draw(opened)
    again = opened.page.evaluate("WordSpaces.figures.of(document.querySelector('#tiny-matrix canvas')).view.window")
    assert again == pytest.approx(place, abs=0.5)
    opened.page.locator("#tiny-matrix [data-matrix-zoom=whole]").click()
    opened.until("() => !location.search.includes('view')")
    assert opened.page.locator("#tiny-matrix [data-matrix-zoom=whole]").is_disabled()


def reading(row: int, column: int, value: str) -> str:
    return f"␣word {row}, dimension {column}: {value}"


def test_pointer_reads_zooms_and_pans(opened: Visit):
    box = opened.page.locator("#tiny-matrix canvas").bounding_box()
    layout = opened.page.evaluate("WordSpaces.figures.of(document.querySelector('#tiny-matrix canvas')).view.layout")

    def at(row: float, column: float) -> tuple[float, float]:
        across = layout["left"] + (column + 0.5) / 400 * layout["plotWidth"]
        return box["x"] + across, box["y"] + layout["top"] + (row + 0.5) / 60 * layout["plotHeight"]

    mouse = opened.page.mouse
    mouse.move(*at(30, 200))
    shown = f"{matrix().numbers()[30, 200]:.3f}".replace("-", "−")
    opened.until("(text) => document.querySelector('[data-matrix=readout]').textContent === text", reading(30, 200, shown))
    zoom = "() => WordSpaces.figures.of(document.querySelector('#tiny-matrix canvas')).view.place.zoom"
    top = opened.page.evaluate("scrollY")
    mouse.wheel(0, -200)
    opened.page.wait_for_timeout(250)
    assert opened.page.evaluate(zoom) == 1  # the page scrolled
    assert opened.page.evaluate("scrollY") != top
    opened.page.evaluate("(y) => window.scrollTo({top: y, behavior: 'instant'})", top)
    opened.page.locator("#tiny-matrix canvas").focus()
    mouse.move(*at(30, 201))
    mouse.wheel(0, -200)
    opened.until(zoom.replace("zoom", "zoom > 1.3"))
    mouse.wheel(0, -200)
    opened.page.wait_for_timeout(150)
    before = opened.page.evaluate("WordSpaces.figures.of(document.querySelector('#tiny-matrix canvas')).view.window")
    assert before["x"] < 201 < before["x"] + before["width"]
    mouse.down()
    mouse.move(at(30, 201)[0] - 60, at(30, 201)[1], steps=4)
    mouse.up()
    after = opened.page.evaluate("WordSpaces.figures.of(document.querySelector('#tiny-matrix canvas')).view.window")
    assert after["x"] > before["x"] + 5
    assert after["y"] == pytest.approx(before["y"], abs=0.01)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_canvas_takes_the_place_of_its_picture(browser, server: SiteServer, size, dark):
    with visit(browser, server.url + "lessons/second-steps/", size, dark=dark) as page:
        draw(page)
        stage, canvas = (page.page.locator(f"#tiny-matrix {part}").bounding_box() for part in ("[data-stage]", "canvas"))
        assert canvas["height"] == pytest.approx(stage["height"], abs=2)
        assert canvas["width"] <= stage["width"] + 1
        assert page.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.problems() == []


def test_saved_pictures(opened: Visit, tmp_path: Path):
    opened.page.locator("#tiny-matrix .figure-menu > summary").click()
    for kind in ("svg", "png"):
        with opened.page.expect_download() as waiting:
            opened.page.locator(f"#tiny-matrix [data-action={kind}]").click()
        waiting.value.save_as(tmp_path / f"matrix.{kind}")
    svg = (tmp_path / "matrix.svg").read_text(encoding="utf-8")
    assert 'href="data:image/png;base64,' in svg and "␣word 0" in svg and "</script>" not in svg
    assert (tmp_path / "matrix.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


def test_without_scripts_the_picture_and_the_words_are_there(browser, server: SiteServer):
    with visit(browser, server.url + "lessons/second-steps/", DESKTOP, scripts=False) as page:
        assert page.page.locator("#tiny-matrix .picture:visible").count() == 1
        assert not page.page.locator("#tiny-matrix .matrix-tools").is_visible()
        assert "larger in size than 0.00" in words(page, "share")


def test_axe_finds_nothing(opened: Visit):
    assert accessibility_problems(opened, "as it is drawn", places=["#tiny-matrix"]) == []


def test_two_fingers_zoom_and_one_pans_what_is_zoomed(browser, server: SiteServer):
    with visit(browser, server.url + "lessons/second-steps/", PHONE, touch=True) as page:
        draw(page)
        box = page.page.locator("#tiny-matrix canvas").bounding_box()
        fingers = page.page.context.new_cdp_session(page.page)
        middle = (box["x"] + 200, box["y"] + 150)

        def touch(kind: str, *places: tuple[float, float]) -> None:
            points = [{"x": x, "y": y, "id": n} for n, (x, y) in enumerate(places)]
            fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
            page.page.wait_for_timeout(30)

        def place() -> dict[str, float]:
            return page.page.evaluate("({...WordSpaces.figures.of(document.querySelector('#tiny-matrix canvas')).view.place})")

        def apart(distance: float) -> list[tuple[float, float]]:
            return [(middle[0] - distance, middle[1]), (middle[0] + distance, middle[1])]

        touch("touchStart", *apart(20))
        for distance in (30, 40, 50, 60):
            touch("touchMove", *apart(distance))
        touch("touchEnd")
        zoomed = place()
        assert zoomed["zoom"] == pytest.approx(3, abs=0.4)
        page.page.wait_for_timeout(100)
        touch("touchStart", middle)
        for step in (10, 20, 30, 40):
            touch("touchMove", (middle[0] - step, middle[1]))
        touch("touchEnd")
        assert place()["x"] > zoomed["x"] + 0.02 and place()["zoom"] == zoomed["zoom"]
        assert page.problems() == []
