"""Links to a version: what is copied or cited names the version of the site, and a page of another version says so, where one looks."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from tests.support.accessibility import accessibility_problems
from tests.support.browser import DESKTOP, PHONE, visit
from tests.support.built_site import BuiltSite
from tests.support.reader import REVEAL_ALL, draw
from tests.support.site_server import ADDRESS, SiteServer
from tests.tiny_project import TinyProject

OTHER = "9.8.7+0123abcd"
NOTE = ".other-version"


@pytest.fixture(scope="module")
def site(built_once: TinyProject) -> BuiltSite:
    return BuiltSite(built_once.site)


@pytest.fixture(scope="module")
def server(site: BuiltSite) -> Iterator[SiteServer]:
    with SiteServer(site.folder) as running:
        yield running


def version_of(site: BuiltSite, folder: str) -> str:
    """Of a set, as the foot of its pages has it."""
    page = site.page(f"{folder}lessons/first-steps/")
    version = page.tree.css_first("html").attributes["data-version"]
    assert f"version {version}." in page.one(".site-footer")
    return version


def link(server: SiteServer, path: str, version: str, anchor: str = "") -> str:
    return f"{server.url}{path}?version={quote(version, safe='')}{anchor}"


def test_citations_name_the_version_in_words_and_in_the_address(published_once: TinyProject):
    """Of lessons and figures; the address leads to what is cited, in the set that it is cited from."""
    site = BuiltSite(published_once.site)
    cited = 0
    for folder in ("", "sets/other/"):
        version = version_of(site, folder)
        for page in [page for page in site.lessons if page.path.startswith("sets/") is bool(folder)]:
            texts = {node.attributes["data-cite"]: node.parent.parent.parent.parent.parent for node in page.tree.css("[data-cite]")}
            assert texts
            for text in texts:
                words, _, address = text.rpartition(" ")
                assert f"version {version}," in words
                parts = urlsplit(address)
                assert address.startswith(f"{ADDRESS}{page.path.removesuffix('index.html')}?")
                assert parse_qs(parts.query) == {"version": [version]}
                assert parts.fragment in page.ids
                cited += 1
    assert cited == 6


PLACES = {
    "a figure": ("lessons/first-steps/", "#tiny-cosines", "#tiny-cosines .figure-body > :first-child"),
    "a section": ("lessons/first-steps/", "#tokens-and-tables", "#tokens-and-tables + *"),
    "a claim": ("claims/", "#nobody-knows", "#nobody-knows .claim-text > :first-child"),
    "a page": ("lessons/first-steps/", "", "main > :first-child"),
    "a figure's own page": ("lessons/first-steps/figures/tiny-cosines/", "", "main > :first-child"),
    "what is not there": ("models/", "#gone", "main > :first-child"),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_page_of_another_version_says_so_where_the_link_leads(browser, server: SiteServer, site: BuiltSite, place: str):
    """In words, to all readers, with a way to what was corrected; a narrow phone has room for it."""
    path, anchor, where = PLACES[place]
    with visit(browser, link(server, path, OTHER, anchor), PHONE) as opened:
        note = opened.page.locator(NOTE)
        assert note.count() == 1 and note.get_attribute("role") == "status"
        assert opened.page.locator(where).evaluate("(e) => e.className") == NOTE[1:]
        words = note.inner_text()
        assert OTHER in words and version_of(site, "") in words
        assert note.bounding_box()["y"] < PHONE[1], "it is in sight"
        assert opened.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        note.locator("a").click()
        opened.page.wait_for_url(f"{server.url}errata/")
        assert opened.problems() == []


@pytest.mark.parametrize("version", ["", "9.8.7+0123abcd0", "<b>1.2.3</b>", "1.2.3 ", "latest", "javascript:alert(1)"])
def test_what_is_no_version_is_nothing(browser, server: SiteServer, version: str):
    with visit(browser, link(server, "lessons/first-steps/", version)) as opened:
        assert opened.page.locator(NOTE).count() == 0
        assert opened.problems() == []


def test_the_state_comes_with_the_version_and_a_new_state_is_of_this_one(browser, server: SiteServer, site: BuiltSite):
    """And the switch between sets takes the state along, not the version, which is the set's own."""
    address = link(server, "lessons/first-steps/", OTHER) + "&tiny-cosines.least=0.4#tiny-cosines"
    with visit(browser, address, DESKTOP, permissions=["clipboard-read", "clipboard-write"]) as opened:
        page = opened.page
        page.evaluate(REVEAL_ALL)
        draw(opened, "tiny-cosines")
        control = page.locator("#tiny-cosines [data-control=least]")
        assert control.input_value() == "0.4"
        assert page.locator(NOTE).count() == 1
        control.press("ArrowRight")
        opened.until("() => !location.search.includes('version')")
        assert parse_qs(urlsplit(page.url).query) == {"tiny-cosines.least": ["0.5"]}
        page.locator("#tiny-cosines .figure-menu summary").click()
        page.locator("#tiny-cosines [data-action=link]").click()
        opened.until("() => document.querySelector('#tiny-cosines [data-menu-status]').textContent.includes('copied')")
        copied = page.evaluate("navigator.clipboard.readText()")
        assert parse_qs(urlsplit(copied).query) == {"tiny-cosines.least": ["0.5"], "version": [version_of(site, "")]}
        page.goto(copied)
        assert page.locator(NOTE).count() == 0
        page.locator(".set-switch > summary").click()
        page.locator(".set-switch a[href*='/other/']").click()
        page.wait_for_url("**/sets/other/**")
        assert parse_qs(urlsplit(page.url).query) == {"tiny-cosines.least": ["0.5"]}
        assert page.locator(NOTE).count() == 0
        assert opened.problems() == []


@pytest.mark.parametrize("folder", ["", "sets/other/"], ids=["default set", "other set"])
def test_every_claims_link_is_copied_with_the_version_by_keyboard(browser, server: SiteServer, site: BuiltSite, folder: str):
    """To the claim, in the set that is read; the filters of this reader stay behind, and where it is copied it is said."""
    address = f"{server.url}{folder}claims/?verdict=holds"
    with visit(browser, address, PHONE, permissions=["clipboard-read", "clipboard-write"]) as opened:
        page = opened.page
        claims = page.evaluate("[...document.querySelectorAll('.claim')].map((claim) => claim.id)")
        assert claims
        page.locator("[data-claim-reset]").press("Enter")
        for claim in claims:
            button = page.get_by_role("button", name="Copy link to this claim").and_(page.locator(f"[id='{claim}'] button"))
            status = page.locator(f"[id='{claim}'] [role=status]")
            assert status.inner_text() == ""
            button.press("Enter")
            opened.until("(id) => document.querySelector(`[id='${id}'] [role=status]`).textContent === 'Link copied.'", claim)
            parts = urlsplit(page.evaluate("navigator.clipboard.readText()"))
            assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{server.url}{folder}claims/"
            assert parts.fragment == claim
            assert parse_qs(parts.query) == {"version": [version_of(site, folder)]}
            assert page.evaluate("document.activeElement.closest('.claim').id") == claim
        page.goto(parts.geturl())
        assert page.locator(f"[id='{claim}']:target").is_visible()
        assert page.locator(NOTE).count() == 0, "it is of this version"
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        assert opened.problems() == []


def test_without_scripts_a_claim_has_a_plain_link_to_itself(browser, server: SiteServer):
    with visit(browser, f"{server.url}claims/", scripts=False) as opened:
        for claim in opened.page.locator(".claim").all():
            claim.get_by_role("link", name="Link to this claim").click()
            assert urlsplit(opened.page.url).fragment == claim.get_attribute("id")
            assert claim.get_by_role("button").count() == 0


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_words_are_accessible(browser, server: SiteServer, dark: bool):
    with visit(browser, link(server, "lessons/first-steps/", OTHER, "#tiny-cosines"), DESKTOP, dark=dark) as opened:
        found = accessibility_problems(opened, "lessons/first-steps/", but=["target-size"], places=[NOTE])
        assert found + opened.problems() == []
