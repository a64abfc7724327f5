"""Every page in a real browser, both themes, phone and desktop: silent, accessible, no wider than the window."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.support.browser import DESKTOP, PHONE, Visit, draw_all_figures, visit
from tests.support.built_site import BuiltSite, Html
from tests.support.site_server import SiteServer

WCAG = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "resultTypes": ["violations"],  # only these are worked out in full, which halves the time
    "preload": False,  # the style sheet is already there
}
NARROWEST = (320, 640)

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
# The hundredth row of a table is built like the eighth; axe takes its time over each.
DROP_LATER_ROWS = "document.querySelectorAll('tbody tr:nth-child(n+9)').forEach((row) => row.remove())"


@pytest.fixture(scope="module")
def pages(real_site: Path) -> list[Html]:
    return BuiltSite(real_site).pages


def address(server: SiteServer, page: Html) -> str:
    return server.url + page.path.removesuffix("index.html")


def accessibility_problems(opened: Visit, state: str, *but: str) -> list[str]:
    """What axe finds, one line a place, without the rules in `but`."""
    options = WCAG | {"rules": {rule: {"enabled": False} for rule in but}}
    return [
        f"{state}: {rule['id']}: {rule['help']}: {node['target']} {'; '.join(check['message'] for check in node.get('any', []))}"
        for rule in Axe().run(opened.page, options=options).response["violations"]
        for node in rule["nodes"][:3]
    ]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_every_page_is_silent_and_accessible(browser, site_server: SiteServer, pages: list[Html], size, dark):
    """A figure's own page shows what its lesson shows, so it is opened once: every other on a light phone, the rest on a dark desktop."""
    wrong: list[str] = []
    for n, page in enumerate(pages):
        if "/figures/" in page.path and (size == PHONE, dark) != ((True, False) if n % 2 else (False, True)):
            continue
        found = []
        with visit(browser, address(site_server, page), size, dark=dark) as opened:
            if page.tree.css_first("[data-question]") and dark != (size == PHONE):
                found += accessibility_problems(opened, "before a guess")
            opened.page.evaluate(OPEN_EVERYTHING)
            draw_all_figures(opened)
            found += [f"wider than the window: {text}" for text in opened.page.evaluate(WIDER_THAN_WINDOW)]
            opened.page.evaluate(DROP_LATER_ROWS)
            found += accessibility_problems(opened, "all open")
            if page.path == "index.html":  # the menus are the same on every page
                for menu in range(opened.page.evaluate(OPEN_MENU, -1)):
                    opened.page.evaluate(OPEN_MENU, menu)
                    # an open menu covers what lies below it until it is closed
                    found += accessibility_problems(opened, f"menu {menu} open", "target-size")
            wrong += [f"{page.path}: {problem}" for problem in found + opened.problems()]
    assert not wrong, "\n".join(wrong)


def test_nothing_is_wider_than_320_px(browser, site_server: SiteServer, pages: list[Html]):
    wrong = []
    for page in pages:
        with visit(browser, address(site_server, page), NARROWEST, touch=True) as opened:
            wrong += [f"{page.path}: {text}" for text in opened.page.evaluate(WIDER_THAN_WINDOW)]
            opened.page.evaluate(OPEN_EVERYTHING)
            if "/figures/" not in page.path:  # the same chart was drawn in its lesson, in a narrower column
                draw_all_figures(opened)
            wrong += [f"{page.path}, all open: {text}" for text in opened.page.evaluate(WIDER_THAN_WINDOW)]
            for menu in range(opened.page.evaluate(OPEN_MENU, -1)):
                opened.page.evaluate(OPEN_MENU, menu)
                wrong += [f"{page.path}, menu {menu} open: {text}" for text in opened.page.evaluate(WIDER_THAN_WINDOW)]
    assert not wrong, "\n".join(wrong)


def test_a_missing_page_shows_the_sites_own(browser, site_server: SiteServer):
    with visit(browser, site_server.url + "nothing-here.html", allow_status=(404,)) as opened:
        assert opened.page.locator("h1").inner_text() == "Nobody lives here."
        assert opened.problems() == []
