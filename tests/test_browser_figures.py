"""Figures in a real browser: they draw, controls change them, the address keeps the state, the menu's files are real."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from selectolax.lexbor import LexborHTMLParser

from tests.support import ROOT
from tests.support.browser import DESKTOP, PHONE, Visit, draw_all_figures, visit
from tests.support.built_site import BuiltSite, Html
from tests.support.reader import (
    DRAWN,
    REVEAL_ALL,
    draw,
    figures_with_controls,
    guess,
    live_figures,
    operate,
    questions_of,
    still,
    value_of,
)
from tests.support.site_server import SiteServer

PAINTED = """(id) => {
  const canvas = document.querySelector(`#${id} .figure-canvas.ready canvas`);
  const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  return data.filter((value, i) => i % 4 === 3 && value > 0).length / (data.length / 4);
}"""
SLUGS = [path.stem.split("-", 1)[1] for path in sorted((ROOT / "content" / "lessons").glob("*.md"))]


@pytest.fixture(scope="module")
def lesson(real_site: Path) -> Html:
    """The lesson with the most figures."""
    return max(BuiltSite(real_site).lessons, key=lambda page: len(page.tree.css("[data-figure]")))


@pytest.fixture(scope="module")
def address(lesson: Html, site_server: SiteServer) -> str:
    return site_server.url + lesson.path.removesuffix("index.html")


@pytest.fixture
def opened(browser, address: str) -> Iterator[Visit]:
    """The lesson with its questions answered. Whatever went wrong by the end of a test fails it."""
    with visit(browser, address, DESKTOP, permissions=["clipboard-read", "clipboard-write"], accept_downloads=True) as page:
        page.page.evaluate(REVEAL_ALL)
        yield page
        assert page.problems() == []


def state_in(url: str) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}


def signal_of(opened: Visit, figure: str, control: str) -> str:
    """What the chart shows: the value of its signal."""
    script = "([id, name]) => String(WordSpaces.figures.of(document.getElementById(id)).view.signal(name))"
    return opened.page.evaluate(script, [figure, control])


# --- every lesson, everything in it --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", SLUGS)
def test_everything_in_a_lesson_can_be_worked(browser, site_server: SiteServer, real_site: Path, slug: str, tmp_path: Path):
    """Each question is answered, each figure drawn, each control changed and reset, and a picture saved; all without a word of protest."""
    lesson = BuiltSite(real_site).page(f"lessons/{slug}/")
    with visit(browser, f"{site_server.url}lessons/{slug}/", DESKTOP, accept_downloads=True) as opened:
        for question, kind, _ in questions_of(lesson):
            guess(opened, question, kind)
            assert opened.page.locator(f"#{question} .question-answer").is_visible(), question
        assert draw_all_figures(opened) == live_figures(lesson)
        for figure, controls in figures_with_controls(lesson).items():
            every_control_changes_its_figure(opened, figure, controls)
        for figure in [node.attributes["id"] for node in lesson.tree.css("[data-drawer]")]:
            every_button_changes_the_matrix(opened, figure)
        a_menu_saves_real_pictures(opened, live_figures(lesson)[-1], tmp_path)
        assert opened.problems() == []


def every_control_changes_its_figure(opened: Visit, figure: str, controls: list[str]) -> None:
    """And the address, until it is reset. One at a time: after another, a change may not show."""
    start = draw(opened, figure)
    reset = opened.page.locator(f"#{figure} [data-reset]")
    assert not reset.is_visible(), figure
    for control in controls:
        operate(opened, figure, control)
        still(opened, figure, unlike=start)
        key = f"{figure}.{control}"
        opened.until("(key) => new URLSearchParams(location.search).has(key)", key)
        reset.click()
        still(opened, figure, like=start)
        opened.until("(key) => !new URLSearchParams(location.search).has(key)", key)
        assert not reset.is_visible(), figure


def every_button_changes_the_matrix(opened: Visit, figure: str) -> None:
    """Zoom in, out and to the whole, and the presets of its range."""
    start = draw(opened, figure)
    opened.page.locator(f"#{figure} [data-matrix-zoom=in]").click()
    near = still(opened, figure, unlike=start)
    opened.page.locator(f"#{figure} [data-matrix-zoom=in]").click()
    still(opened, figure, unlike=near)
    opened.page.locator(f"#{figure} [data-matrix-zoom=out]").click()
    still(opened, figure, like=near)
    opened.page.locator(f"#{figure} [data-matrix-zoom=whole]").click()
    still(opened, figure, like=start)
    for preset in opened.page.locator(f"#{figure} [data-matrix-range]").all():
        preset.click()
        assert value_of(opened, figure, "range") == preset.get_attribute("data-matrix-range")


def a_menu_saves_real_pictures(opened: Visit, figure: str, folder: Path) -> None:
    """As SVG, and as PNG of twice the size."""
    draw(opened, figure)
    open_menu(opened, figure)
    saved = {}
    for kind in ("svg", "png"):
        with opened.page.expect_download() as waiting:
            opened.page.locator(f"#{figure} [data-action={kind}]").click()
        assert waiting.value.suggested_filename == f"{figure}.{kind}"
        saved[kind] = folder / f"{figure}.{kind}"
        waiting.value.save_as(saved[kind])
    svg = LexborHTMLParser(saved["svg"].read_text(encoding="utf-8")).css_first("svg")
    png = saved["png"].read_bytes()
    assert png[:8] == b"\x89PNG\r\n\x1a\n" and png[-8:-4] == b"IEND"
    width = int.from_bytes(png[16:20], "big")
    assert width == pytest.approx(2 * float(svg.attributes["width"]), abs=2), figure
    assert len(svg.css("path, text, rect")) > 5, figure


# --- drawing -------------------------------------------------------------------------------------------------------------------


def test_figures_follow_a_change_of_theme_and_of_width(opened: Visit, lesson: Html):
    name = lesson.tree.css_first("[data-figure][data-script]").attributes["id"]
    light = draw(opened, name)
    opened.page.emulate_media(color_scheme="dark")
    still(opened, name, unlike=light)
    opened.page.emulate_media(color_scheme="light")
    still(opened, name, like=light)
    opened.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    opened.page.locator(f"#{name}").scroll_into_view_if_needed()  # a narrower page is a longer one; what is far away is drawn when it comes
    still(opened, name, unlike=light)
    assert opened.page.locator(f"#{name} canvas").bounding_box()["width"] <= PHONE[0]


def test_a_figure_that_cannot_load_says_so_and_keeps_its_picture(browser, address: str, lesson: Html):
    name = lesson.tree.css_first("[data-figure][data-script]").attributes["id"]
    with visit(browser, address, DESKTOP, block=re.compile(rf"/{name}\.\w+\.js")) as opened:
        opened.page.evaluate(REVEAL_ALL)
        opened.page.locator(f"#{name}").scroll_into_view_if_needed()
        opened.until("(id) => !!document.querySelector(`#${id} .failure`)", name)
        assert "could not be drawn" in opened.page.locator(f"#{name} .failure").inner_text()
        assert opened.page.locator(f"#{name} .picture:visible").count() == 1


# --- controls and state --------------------------------------------------------------------------------------------------------


def one_of_each_control(lesson: Html) -> dict[str, list[str]]:
    """The first figures that together have every kind of control of the lesson."""
    chosen, seen = {}, set()
    for figure, controls in figures_with_controls(lesson).items():
        boxes = lesson.tree.css(f"[id={figure}] [data-control]")
        kinds = {box.attributes.get("type", box.tag) for box in boxes}
        if kinds - seen:
            chosen[figure] = controls
            seen |= kinds
    return chosen


def test_a_chart_waits_for_its_face(browser, site_server: SiteServer):
    """Drawn in another face it would keep that face, and not take its picture's place. A figure whose labels decide its width shows it."""
    figure = "lessons/spaces-that-share-no-axes/figures/twins-turned/"
    with visit(browser, site_server.url + figure, PHONE, touch=True, late=re.compile(r"/figtree[^/]*\.woff2$")) as opened:
        draw_all_figures(opened)
        assert opened.problems() == []


def test_reloading_brings_back_what_was_chosen(opened: Visit, lesson: Html):
    untouched, values = {}, {}
    chosen = one_of_each_control(lesson)
    assert len(chosen) > 1
    for figure, controls in chosen.items():
        untouched[figure] = draw(opened, figure)
        for control in controls:
            operate(opened, figure, control)
        still(opened, figure, unlike=untouched[figure])
        values |= {f"{figure}.{control}": value_of(opened, figure, control) for control in controls}
    opened.until("(n) => [...new URLSearchParams(location.search)].length === n", len(values))
    opened.page.reload()
    assert state_in(opened.page.url) == values
    for figure, before in untouched.items():
        draw(opened, figure)
        still(opened, figure, unlike=before)
        for key, value in values.items():
            name, control = key.split(".")
            if name == figure:
                assert value_of(opened, figure, control) == value
                assert signal_of(opened, figure, control) == value


def test_a_state_that_does_not_exist_is_ignored(browser, address: str, lesson: Html):
    figure, controls = next(iter(figures_with_controls(lesson).items()))
    with visit(browser, f"{address}?{figure}.{controls[0]}=%3Cscript%3E&nonsense=1&a.b.c=%22") as opened:
        draw(opened, figure)
        assert not opened.page.locator(f"#{figure} [data-reset]").is_visible()
        assert opened.problems() == []


def test_what_is_shown_is_said_to_those_who_cannot_see_it(opened: Visit, lesson: Html):
    figure, controls = next(iter(figures_with_controls(lesson).items()))
    draw(opened, figure)
    stage = opened.page.locator(f"#{figure} [data-stage]")
    assert stage.get_attribute("role") == "img"
    operate(opened, figure, controls[0])
    chosen = value_of(opened, figure, controls[0])
    assert chosen in stage.get_attribute("aria-label")
    opened.until("(id) => document.querySelector(`#${id} [data-showing]`).textContent.length > 0", figure)
    assert chosen in opened.page.locator(f"#{figure} [data-showing]").text_content()


# --- the menu --------------------------------------------------------------------------------------------------------------------


def open_menu(opened: Visit, figure: str) -> None:
    opened.page.locator(f"#{figure} .figure-menu > summary").click()


def test_the_menus_links_download_what_they_say(opened: Visit, lesson: Html, tmp_path: Path):
    figure = lesson.tree.css_first("[data-figure][data-script]").attributes["id"]
    open_menu(opened, figure)
    for link in opened.page.locator(f"#{figure} .figure-menu a[download]").all():
        with opened.page.expect_download() as waiting:
            link.click()
        waiting.value.save_as(tmp_path / waiting.value.suggested_filename)
    names = {path.name for path in tmp_path.iterdir() if path.stat().st_size > 100}
    assert names == {f"{figure}.csv", f"{figure}.json", f"{figure}.vl.json", f"{figure.replace('-', '_')}.py"}


def test_copied_link_and_embed_code_keep_the_state(opened: Visit, browser, lesson: Html, address: str):
    figure, controls = next(iter(figures_with_controls(lesson).items()))
    start = draw(opened, figure)
    operate(opened, figure, controls[0])
    still(opened, figure, unlike=start)
    value = value_of(opened, figure, controls[0])
    open_menu(opened, figure)

    def copied(action: str) -> str:
        opened.page.locator(f"#{figure} [data-action={action}]").click()
        opened.until("(id) => document.querySelector(`#${id} [data-menu-status]`).textContent.includes('copied')", figure)
        return opened.page.evaluate("navigator.clipboard.readText()")

    link = copied("link")
    assert link.startswith(address) and link.endswith(f"#{figure}")
    version = lesson.tree.css_first("html").attributes["data-version"]
    assert state_in(link) == {f"{figure}.{controls[0]}": value, "version": version}
    embedded = re.search(r'src="([^"]+)"', copied("embed"))[1].replace("&amp;", "&")
    assert urlsplit(embedded).path.startswith(urlsplit(address).path)
    assert f"version {version}, models:" in copied("cite")
    with visit(browser, link) as elsewhere:
        elsewhere.page.evaluate(REVEAL_ALL)
        draw(elsewhere, figure)
        assert signal_of(elsewhere, figure, controls[0]) == value
        assert elsewhere.page.locator(".other-version").count() == 0, "it is of the version that the link names"
    with visit(browser, embedded) as alone:
        draw(alone, figure)
        assert signal_of(alone, figure, controls[0]) == value
        assert alone.problems() == []


def test_a_figure_works_inside_somebody_elses_page(browser, site_server: SiteServer, lesson: Html, address: str):
    figure = live_figures(lesson)[0]
    page = f"{address}figures/{figure}/"
    path = f"/blog/{figure}.html"
    iframe = f'<iframe src="{page}" width="720" height="640"></iframe>'
    site_server.foreign_pages[path] = f"<!doctype html><title>A blog</title><h1>Look</h1>{iframe}"
    with visit(browser, site_server.origin + path, DESKTOP) as opened:
        frame = next(frame for frame in opened.page.frames if frame.url == page)
        for _ in range(200):
            if frame.evaluate(DRAWN, figure):
                break
            opened.page.wait_for_timeout(50)
        assert frame.evaluate(PAINTED, figure) > 0.01
        assert frame.evaluate("window.__violations") == []
        assert frame.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        assert [e for e in opened.errors if "favicon.ico" not in e and "404" not in e] == []
