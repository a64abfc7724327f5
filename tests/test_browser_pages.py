"""Every page in a real browser, both themes, a narrow phone and a desktop: silent, accessible, no wider than the window."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from playwright.sync_api import Browser

from tests.support.accessibility import COLOURS, DROP_LATER_ROWS, accessibility_problems
from tests.support.browser import DESKTOP, NARROWEST, Visit, draw_all_figures, visit
from tests.support.built_site import BuiltSite, Html
from tests.support.site_server import SiteServer

WIDER_THAN_WINDOW = """() => {
  const page = document.documentElement;
  if (page.scrollWidth <= page.clientWidth) return [];
  const wide = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > page.clientWidth + 1);
  return [`${page.scrollWidth} px`, ...wide.slice(0, 5).map((e) => `${e.tagName} class="${e.className}" id="${e.id}"`)];
}"""
OPEN_EVERYTHING = """() => {
  for (const button of document.querySelectorAll("[data-no-guess]")) button.click();
  for (const details of document.querySelectorAll("details:not(.menu)")) details.open = true;
}"""
# Open the n-th menu and close the others; -1 closes all. Returns how many there are.
OPEN_MENU = """(n) => {
  const menus = document.querySelectorAll("details.menu");
  menus.forEach((menu, i) => (menu.open = i === n));
  return menus.length;
}"""
# Drop the paragraphs, entries, rows, formulas and so on all of whose kinds of elements (name, class, role, and those of what it stands
# in) were there three times before; a list keeps its first choice, without which it has no value. What remains has every colour on every
# ground; those inside pictures are the palette's.
LEAVE_EXAMPLES = """() => {
  const naming = "aria-labelledby aria-describedby aria-controls for".split(" ");
  const named = new Set(naming.flatMap((name) =>
    [...document.querySelectorAll(`[${name}]`)].flatMap((e) => e.getAttribute(name).split(" "))));
  const kind = (e) => `${e.tagName} ${e.getAttribute("class")} ${e.getAttribute("role")}`;
  const seen = {};
  for (const part of document.querySelectorAll("main svg > *")) part.remove();
  for (const block of document.querySelectorAll("main :is(p, li, tr, .entry, math, option:not(:first-child), pre span)")) {
    const elements = [block, ...block.querySelectorAll("*")];
    const kinds = new Set(elements.map((e) => `${kind(e.parentElement)} > ${kind(e)}`));
    if (!elements.some((e) => named.has(e.id)) && [...kinds].every((kind) => seen[kind] >= 3)) block.remove();
    else for (const kind of kinds) seen[kind] = (seen[kind] || 0) + 1;
  }
}"""
AT_REST = "() => !document.querySelector('main [aria-busy=true]')"  # an explorer that waits for its data shows the old ones in grey
REDRAWN = """(theme) => [...document.querySelectorAll("[data-drawn]")].every((stage) => stage.dataset.drawn === theme)"""


@pytest.fixture(scope="module")
def site(real_site) -> BuiltSite:
    return BuiltSite(real_site)


def address(server: SiteServer, page: Html) -> str:
    return server.url + page.path.removesuffix("index.html")


def too_wide(opened: Visit, state: str) -> list[str]:
    return [f"{state}: wider than the window: {text}" for text in opened.page.evaluate(WIDER_THAN_WINDOW)]


def open_up(opened: Visit, page: Html) -> list[str]:
    """Open all that can be opened; what is wrong with the page as it comes, with its questions still asked."""
    found = too_wide(opened, "as it comes")
    if page.tree.css_first("[data-question]"):
        found += accessibility_problems(opened, "before a guess", places=["[data-question]", ".veil"])
    opened.page.evaluate(OPEN_EVERYTHING)
    opened.until(AT_REST)
    return found


def menus(opened: Visit) -> Iterable[str]:
    """Open one menu after the other."""
    for menu in range(opened.page.evaluate(OPEN_MENU, -1)):
        opened.page.evaluate(OPEN_MENU, menu)
        yield f"menu {menu} open"


def meant(page: Html) -> tuple[int, ...]:
    """HTTP errors that are meant: the page for what is not there asks for its script at every depth, also above the site."""
    return (404,) if page.path == "404.html" else ()


def on_a_desktop(browser: Browser, server: SiteServer, pages: list[Html]) -> list[str]:
    """The whole of each page with all rules but those on colours; these, light and dark, on examples of each kind of element it holds.

    The figures of a lesson are drawn at this size by tests/test_browser_figures.py.
    """
    wrong = []
    with visit(browser, None, DESKTOP) as opened:
        for page in pages:
            opened.page.emulate_media(color_scheme="light")
            opened.go_to(address(server, page), allow_status=meant(page))
            found = open_up(opened, page)
            if len(page.tree.css("[data-script]")) == 1:
                draw_all_figures(opened)
            found += too_wide(opened, "all open")
            opened.page.evaluate(DROP_LATER_ROWS)
            found += accessibility_problems(opened, "all open", but=COLOURS["values"])
            opened.page.evaluate(LEAVE_EXAMPLES)
            found += accessibility_problems(opened, "light", COLOURS)
            opened.page.emulate_media(color_scheme="dark")
            opened.until(REDRAWN, "dark")
            found += accessibility_problems(opened, "dark", COLOURS)
            if page.path == "index.html":  # the header's menus are the same on every page
                for state in menus(opened):
                    # an open menu covers what lies below it until it is closed
                    found += accessibility_problems(opened, state, but=["target-size"])
            wrong += [f"{page.path} on a desktop: {problem}" for problem in found + opened.problems()]
    return wrong


def on_a_phone(browser: Browser, server: SiteServer, pages: list[Html]) -> list[str]:
    """Dark, to be touched, 320 px wide: examples of each kind of element with all rules. No menu may make the page wider."""
    wrong = []
    with visit(browser, None, NARROWEST, dark=True, touch=True) as opened:
        for page in pages:
            opened.go_to(address(server, page), allow_status=meant(page))
            found = open_up(opened, page)
            draw_all_figures(opened)
            found += too_wide(opened, "all open")
            for state in menus(opened):
                found += too_wide(opened, state)
            opened.page.evaluate(OPEN_MENU, -1)
            opened.page.evaluate(LEAVE_EXAMPLES)
            found += accessibility_problems(opened, "all open")
            wrong += [f"{page.path} on a phone: {problem}" for problem in found + opened.problems()]
    return wrong


# --- lessons, and all pages but those of the figures --------------------------------------------------------------------------


@pytest.mark.parametrize("look", [on_a_desktop, on_a_phone])
@pytest.mark.parametrize("kind", ["lessons", "others"])
def test_every_page_is_silent_accessible_and_fits(browser, site_server: SiteServer, site: BuiltSite, kind: str, look):
    """Both themes, both sizes, before a guess and after; what depends on neither theme nor size is looked at once."""
    pages = [page for page in site.pages if "/figures/" not in page.path and (page in site.lessons) == (kind == "lessons")]
    assert pages
    assert look(browser, site_server, pages) == []


# --- the page of each figure --------------------------------------------------------------------------------------------------

Kind = tuple[object, ...]


def kinds_of_elements(page: Html) -> set[Kind]:
    """What a page is made of: of each element its name, class, role, type, the names of its attributes, and within what it stands."""
    found = set()
    for node in page.tree.css("body *"):
        if any(inside.tag in ("svg", "math") for inside in ancestors(node)):
            continue
        of = node.attributes
        within = (node.parent.tag, node.parent.attributes.get("class"))
        found.add((node.tag, of.get("class"), of.get("role"), of.get("type"), *sorted(of), *within))
    return found


def ancestors(node) -> Iterable:
    while (node := node.parent) is not None:
        yield node


def examples(pages: list[Html]) -> list[Html]:
    """A few of the pages that hold together every kind of element that occurs on any."""
    left = {page.path: kinds_of_elements(page) for page in pages}
    missing = set().union(*left.values())
    chosen = []
    while missing:
        best = max(pages, key=lambda page: len(left[page.path] & missing))
        chosen.append(best)
        missing -= left[best.path]
    return chosen


def test_figures_of_their_own_page_are_accessible(browser, site_server: SiteServer, site: BuiltSite):
    """On pages that hold together every kind of element of all figures' pages.

    The others differ from them in words and numbers. Their figures stand in the lessons too, where the test above goes over all.
    """
    pages = examples(site.figure_pages)
    assert pages
    assert on_a_desktop(browser, site_server, pages) + on_a_phone(browser, site_server, pages) == []


def test_every_page_of_a_figure_is_silent_and_fits(browser, site_server: SiteServer, site: BuiltSite):
    """Where room is scarcest: 320 px. Every other in the dark."""
    wrong = []
    with visit(browser, None, NARROWEST, touch=True) as opened:
        for n, page in enumerate(site.figure_pages):
            opened.page.emulate_media(color_scheme="dark" if n % 2 else "light")
            opened.go_to(address(site_server, page))
            found = open_up(opened, page)
            draw_all_figures(opened)
            found += too_wide(opened, "all open")
            for state in menus(opened):
                found += too_wide(opened, state)
            wrong += [f"{page.path}: {problem}" for problem in found + opened.problems()]
    assert wrong == []


def test_a_missing_page_shows_the_sites_own(browser, site_server: SiteServer):
    with visit(browser, site_server.url + "nothing-here.html", allow_status=(404,)) as opened:
        assert opened.page.locator("h1").inner_text() == "Nobody lives here."
        assert opened.problems() == []
