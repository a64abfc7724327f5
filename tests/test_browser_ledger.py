"""The claims ledger in a real browser: filters, the address that keeps them, the way to the prose and back, no scripts."""

from __future__ import annotations

import re

from tests.support.browser import DESKTOP, PHONE, visit
from tests.support.site_server import SiteServer

SHOWN = "document.querySelectorAll('.claim:not([hidden])').length"
QUERY = "(wanted) => JSON.stringify([...new URLSearchParams(location.search)].sort()) === JSON.stringify(wanted)"


def number_in(text: str) -> int:
    return int(re.search(r"\d+", text)[0])


def test_each_filter_leaves_what_it_says_by_keyboard(browser, site_server: SiteServer):
    """Arrow keys go through all choices; each is announced with its number, and kept in the address."""
    with visit(browser, site_server.url + "claims/", DESKTOP) as opened:
        page, status = opened.page, opened.page.locator("[data-claim-count]")
        total = page.evaluate(SHOWN)
        assert status.get_attribute("role") == "status" and number_in(status.inner_text()) == total
        for name in ("verdict", "source", "lesson"):
            box, left = page.locator(f"[data-filter={name}]"), 0
            for option in box.locator("option").all()[1:]:
                box.press("ArrowDown")
                value, words = option.get_attribute("value"), option.inner_text()
                assert box.input_value() == value
                shown = page.evaluate(SHOWN)
                assert words.endswith(f"({shown})")
                assert status.inner_text() == f"{shown} of {total} claims"
                left += shown
            opened.until(QUERY, [[name, value]])
            assert left == total
            page.locator("[data-claim-reset]").press("Enter")
            assert page.evaluate(SHOWN) == total
            assert page.evaluate("document.activeElement.dataset.filter") == "verdict", "the focus is lost with the button"
            opened.until(QUERY, [])
        assert opened.problems() == []


def test_filters_combine_and_the_address_brings_them_back(browser, site_server: SiteServer):
    with visit(browser, site_server.url + "claims/", PHONE) as opened:
        page = opened.page
        of_claim = page.evaluate("({...document.querySelector('.claim:last-child').dataset})")
        wanted = [[name, of_claim[name]] for name in ("lesson", "source", "verdict")]
        for name, value in wanted:
            page.locator(f"[data-filter={name}]").select_option(value)
        opened.until(QUERY, wanted)
        left = page.evaluate(SHOWN)
        alike = "".join(f"[data-{name}='{value}']" for name, value in wanted)
        assert 0 < left == page.locator(f".claim{alike}:visible").count()
        assert page.locator(".ledger-part:visible").count() == 1, "lessons without a claim keep their heading"
        page.reload()
        assert page.evaluate(SHOWN) == left
        hidden = page.locator(".claim[hidden]").first.get_attribute("id")
        page.goto(f"{page.url}#{hidden}")
        assert page.locator(f"[id='{hidden}']").is_visible(), "a link to one claim must find it"
        opened.until(QUERY, [])
        assert opened.problems() == []


def test_the_first_pages_numbers_lead_to_those_claims(browser, site_server: SiteServer):
    with visit(browser, site_server.url, DESKTOP) as opened:
        link = opened.page.locator(".source-verdicts a").last
        number = number_in(link.inner_text())
        link.press("Enter")
        opened.page.wait_for_url("**/claims/?**")
        assert opened.page.evaluate(SHOWN) == number
        assert opened.problems() == []


def test_from_the_ledger_to_the_prose_and_back(browser, site_server: SiteServer):
    with visit(browser, site_server.url + "claims/", DESKTOP) as opened:
        page = opened.page
        claim = page.locator(".claim:has(.claim-cited)").first.get_attribute("id")
        page.locator(f"[id='{claim}'] .claim-cited a").first.press("Enter")
        page.wait_for_url("**/lessons/**")
        assert page.locator("a.verdict:target").is_visible()
        opened.until("() => { const y = document.querySelector(':target').getBoundingClientRect().top; return y > 0 && y < innerHeight; }")
        page.locator("a.verdict:target").press("Enter")
        page.wait_for_url("**/claims/#*")
        assert page.evaluate("document.querySelector(':target').id") == claim
        assert opened.problems() == []


def test_without_scripts_the_ledger_shows_every_claim(browser, site_server: SiteServer):
    """And a list of the lessons to jump to, in place of the filters."""
    with visit(browser, site_server.url + "claims/?verdict=fails", scripts=False) as opened:
        claims = opened.page.locator(".claim")
        assert claims.count() and all(claim.is_visible() for claim in claims.all())
        assert not opened.page.locator("[data-claim-filters]").is_visible()
        assert not opened.page.locator("[data-claim-reset]").is_visible()
        last = opened.page.locator(".ledger-parts a").last
        last.click()
        top = opened.page.locator(".ledger-lesson").last.bounding_box()["y"]
        assert 0 <= top < DESKTOP[1]
