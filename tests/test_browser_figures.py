"""Figures in a real browser: they draw, controls change them, the address keeps the state, the menu's files are real."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from selectolax.lexbor import LexborHTMLParser

from tests.support.browser import DESKTOP, PHONE, Visit, draw_all_figures, visit
from tests.support.built_site import BuiltSite, Html
from tests.support.site_server import SiteServer

REVEAL_ALL = "document.querySelectorAll('[data-no-guess]').forEach((button) => button.click())"
# A chart as a quarter-size grey picture on white, so that a trace of antialiasing left by a redraw does not count as a change.
PICTURE = """(id) => {
  const canvas = document.querySelector(`#${id} .figure-canvas.ready canvas`);
  if (!canvas || !canvas.width) return null;
  const small = document.createElement("canvas");
  small.width = canvas.width / 4;
  small.height = canvas.height / 4;
  const context = small.getContext("2d", {willReadFrequently: true});
  context.fillStyle = "#fff";
  context.fillRect(0, 0, small.width, small.height);
  context.drawImage(canvas, 0, 0, small.width, small.height);
  const data = context.getImageData(0, 0, small.width, small.height).data;
  let grey = ""; // a character a pixel travels faster than a number
  for (let i = 0; i < data.length; i += 4) grey += String.fromCharCode((2 * data[i] + 5 * data[i + 1] + data[i + 2]) / 8);
  return grey;
}"""
VISIBLE_DIFFERENCE = 20  # of 255
DRAWN = "(id) => !!document.querySelector(`#${id} .figure-canvas.ready canvas`)"
PAINTED = """(id) => {
  const canvas = document.querySelector(`#${id} .figure-canvas.ready canvas`);
  const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  let painted = 0;
  for (let i = 3; i < data.length; i += 4) painted += data[i] > 0;
  return painted / (data.length / 4);
}"""


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


def differ(one: str, other: str) -> bool:
    if one == other or len(one) != len(other):
        return one != other
    return max(abs(a - b) for a, b in zip(one.encode("latin-1"), other.encode("latin-1"), strict=True)) > VISIBLE_DIFFERENCE


def draw(opened: Visit, figure: str) -> str:
    """Scroll to the figure, wait until it stands still, and return its picture."""
    opened.page.evaluate("(id) => document.getElementById(id).scrollIntoView({behavior: 'instant', block: 'center'})", figure)
    opened.until(DRAWN, figure)
    return still(opened, figure)


def still(opened: Visit, figure: str, unlike: str | None = None, like: str | None = None) -> str:
    """The picture once two looks in a row are the same, and it differs from `unlike` or equals `like` where given."""
    before = None
    for _ in range(150):
        opened.page.wait_for_timeout(80)
        now = opened.page.evaluate(PICTURE, figure)
        at_rest = now is not None and now == before
        if at_rest and (unlike is None or differ(now, unlike)) and (like is None or not differ(now, like)):
            return now
        before = now
    wanted = "change" if unlike is not None else "come back to what it showed" if like is not None else "come to rest"
    raise AssertionError(f"{figure} does not {wanted} ({opened.page.url}); {opened.problems()}")


def figures_with_controls(lesson: Html) -> dict[str, list[str]]:
    return {
        node.attributes["id"]: [control.attributes["data-control"] for control in node.css("[data-control]")]
        for node in lesson.tree.css("[data-figure][data-script]")
        if node.css("[data-control]")
    }


def state_in(url: str) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}


def operate(opened: Visit, figure: str, control: str) -> None:
    """Change a control by the keyboard, as its kind is changed."""
    box = opened.page.locator(f"#{figure} [data-control={control}]")
    box.focus()
    kind = box.evaluate("(e) => e.type || e.tagName.toLowerCase()")
    if kind == "checkbox":
        opened.page.keyboard.press("Space")
    elif kind == "range":
        for _ in range(8):
            opened.page.keyboard.press("ArrowRight")
    else:
        # the last option is the one least like the first
        box.select_option(index=box.evaluate("(e) => e.options.length") - 1)


# --- drawing -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_every_figure_draws_in_the_place_of_its_picture(browser, address: str, lesson: Html, size, dark):
    with visit(browser, address, size, dark=dark) as opened:
        opened.page.evaluate(REVEAL_ALL)
        names = draw_all_figures(opened)
        assert names == [node.attributes["id"] for node in lesson.tree.css("[data-figure][data-script]")]
        for name in names:
            assert opened.page.evaluate(PAINTED, name) > 0.01, f"{name} is blank"
            assert opened.page.locator(f"#{name} [data-stage]").get_attribute("data-drawn") == ("dark" if dark else "light")
            stage, canvas = (opened.page.locator(f"#{name} {part}").bounding_box() for part in ("[data-stage]", "canvas"))
            assert canvas["width"] <= stage["width"] + 1, name
            assert canvas["height"] == pytest.approx(stage["height"], abs=2), f"{name}: chart and picture differ in height"
        assert opened.problems() == []


def test_figures_follow_a_change_of_theme_and_of_width(opened: Visit, lesson: Html):
    name = lesson.tree.css_first("[data-figure][data-script]").attributes["id"]
    light = draw(opened, name)
    opened.page.emulate_media(color_scheme="dark")
    dark = still(opened, name, unlike=light)
    opened.page.emulate_media(color_scheme="light")
    assert not differ(still(opened, name, unlike=dark), light)
    opened.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
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


def test_every_control_changes_its_figure_and_the_address_and_reset_undoes_it(opened: Visit, lesson: Html):
    assert figures_with_controls(lesson)
    for figure, controls in figures_with_controls(lesson).items():
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


def test_reloading_brings_back_what_was_chosen(opened: Visit, lesson: Html):
    untouched, values = {}, {}
    for figure, controls in figures_with_controls(lesson).items():
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


def value_of(opened: Visit, figure: str, control: str) -> str:
    """What the control says."""
    box = opened.page.locator(f"#{figure} [data-control={control}]")
    return box.evaluate("(e) => e.type === 'checkbox' ? String(e.checked) : e.value")


def signal_of(opened: Visit, figure: str, control: str) -> str:
    """What the chart shows: the value of its signal."""
    script = "([id, name]) => String(WordSpaces.figures.of(document.getElementById(id)).view.signal(name))"
    return opened.page.evaluate(script, [figure, control])


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


def test_every_menu_saves_real_pictures(opened: Visit, lesson: Html, tmp_path: Path):
    for node in lesson.tree.css("[data-figure][data-script]"):
        figure = node.attributes["id"]
        draw(opened, figure)
        open_menu(opened, figure)
        saved = {}
        for kind in ("svg", "png"):
            with opened.page.expect_download() as waiting:
                opened.page.locator(f"#{figure} [data-action={kind}]").click()
            assert waiting.value.suggested_filename == f"{figure}.{kind}"
            saved[kind] = tmp_path / f"{figure}.{kind}"
            waiting.value.save_as(saved[kind])
        svg = LexborHTMLParser(saved["svg"].read_text(encoding="utf-8")).css_first("svg")
        png = saved["png"].read_bytes()
        assert png[:8] == b"\x89PNG\r\n\x1a\n" and png[-8:-4] == b"IEND"
        width = int.from_bytes(png[16:20], "big")
        assert width == pytest.approx(2 * float(svg.attributes["width"]), abs=2), figure
        assert len(svg.css("path, text, rect")) > 5, figure


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
    assert state_in(link) == {f"{figure}.{controls[0]}": value}
    embedded = re.search(r'src="([^"]+)"', copied("embed"))[1].replace("&amp;", "&")
    assert urlsplit(embedded).path.startswith(urlsplit(address).path)
    assert "models:" in copied("cite")
    with visit(browser, link) as elsewhere:
        elsewhere.page.evaluate(REVEAL_ALL)
        draw(elsewhere, figure)
        assert signal_of(elsewhere, figure, controls[0]) == value
    with visit(browser, embedded) as alone:
        draw(alone, figure)
        assert signal_of(alone, figure, controls[0]) == value
        assert alone.problems() == []


def test_a_figure_works_inside_somebody_elses_page(browser, site_server: SiteServer, lesson: Html, address: str):
    for node in lesson.tree.css("[data-figure][data-script]")[:3]:
        figure = node.attributes["id"]
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
