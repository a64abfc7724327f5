"""What the explorers say to those who hear them, as a run with Orca 43 and Chromium on Debian found it to be needed.

Pictures in which arrow keys move a cursor must be list boxes: on a picture or an application without children Orca goes on reading the page
and the keys are never heard of. Each thing is said once, and nothing is said that nobody asked for.
"""

from __future__ import annotations

import pytest

from tests.support.browser import DESKTOP, Visit, visit
from tests.support.site_server import SiteServer
from tests.support.spoken import focused, listen, said

READY = """() => { const root = document.querySelector("[data-token-explorer], [data-attention-explorer], [data-rsa-lab]");
  return root.matches(".live, [data-attention-explorer]") && !root.hasAttribute("aria-busy"); }"""
PICTURES = {
    "explore/tokens/": {"[data-overview] canvas": "[data-overview-readout]"},
    "explore/attention/": {
        "[data-grid=decoder] canvas": "[data-grid=decoder] [data-grid-readout]",
        "[data-panel=encoder] svg.head-picture": None,
    },
    "explore/rsa/": {
        "[data-matrix=first] canvas": "[data-matrix=first] [data-readout]",
        "[data-scatter] canvas": "[data-scatter] [data-readout]",
    },
}


def opened_at(browser, server: SiteServer, address: str):
    return visit(browser, server.url + address, DESKTOP)


def settled(opened: Visit) -> None:
    opened.until(READY, seconds=60)


@pytest.mark.parametrize("address", PICTURES)
def test_arrow_keys_in_pictures_are_heard_and_each_place_is_read_once(browser, site_server: SiteServer, address: str) -> None:
    with opened_at(browser, site_server, address) as opened:
        settled(opened)
        page = opened.page
        for picture, readout in PICTURES[address].items():
            page.locator(picture).scroll_into_view_if_needed()
            opened.quiet()
            listen(page)
            page.locator(picture).focus()
            before = focused(page)
            assert (before["role"], before["active"][0]) == ("listbox", "option"), picture
            assert "Arrow keys" in before["name"]
            for key in ("ArrowRight", "ArrowDown"):
                page.keyboard.press(key)
            opened.quiet()
            after = focused(page)
            assert after["active"] != before["active"], picture
            if readout:
                assert after["active"][1] == page.locator(readout).text_content().strip()
            assert [text for text in said(page) if text in after["active"][1] or after["active"][1] in text] == []  # no live region, too
            page.keyboard.press("Tab")
            assert page.locator(picture).get_attribute("aria-activedescendant") is None  # what is not looked at is not read
        assert opened.problems() == []


def test_a_search_says_how_many_it_finds_once_the_keys_rest(browser, site_server: SiteServer) -> None:
    """A screen reader drops what is said while keys are pressed, and does not repeat what stays as it is."""
    with opened_at(browser, site_server, "explore/tokens/") as opened:
        settled(opened)
        page = opened.page
        listen(page)
        page.locator("#pick-text").focus()
        page.keyboard.type("riv", delay=60)
        opened.until("() => window.__said.length > 0")
        page.wait_for_timeout(200)
        assert said(page) == ["the first 30 tokens found"]
        page.keyboard.press("e")
        opened.until("() => window.__said.length > 0")
        assert said(page)[0].endswith("tokens found")
        page.keyboard.press("ArrowDown")
        assert focused(page)["active"][0] == "option"
        page.keyboard.press("Enter")
        opened.until("() => window.__said.some((text) => text.includes('nearest is'))")
        opened.quiet()
        assert len(said(page)) == 1  # of the new token; not of its map as well
        assert opened.problems() == []


def test_what_changes_on_request_is_said_once(browser, site_server: SiteServer) -> None:
    with opened_at(browser, site_server, "explore/attention/?sentence=money-bank") as opened:
        settled(opened)
        page = opened.page
        listen(page)
        page.locator("[name=change]").nth(1).check()
        opened.until("() => window.__said.length > 0")
        opened.quiet()
        (exchanged,) = said(page)
        assert exchanged.startswith("The vectors that move most: in SmolLM2 ") and "; in MiniLM " in exchanged
        page.get_by_role("button", name="Next sentence").click()
        opened.until("() => window.__said.length > 0")
        opened.quiet()
        (shown,) = said(page)
        assert shown == f"Shown: {page.locator('#sentence-select option:checked').text_content()}"
        assert opened.problems() == []


def test_a_moved_word_and_the_result_are_said(browser, site_server: SiteServer) -> None:
    """The move, the number of pairs, and, after the shuffles, their result: in this order, each once."""
    with opened_at(browser, site_server, "explore/rsa/") as opened:
        settled(opened)
        page = opened.page
        done = "() => document.querySelector('[data-progress-words]').textContent.includes('are done')"
        opened.until(done, seconds=60)
        listen(page)
        page.locator("[data-board] button.board-word").nth(3).click()
        page.get_by_role("button", name="Move to fruit").click()
        opened.until("() => window.__said.some((text) => text.includes('are done'))", seconds=60)
        heard = [text for text in said(page) if "%" not in text]
        assert heard[0].endswith(" is now in fruit.") or heard[1].endswith(" is now in fruit.")
        assert heard[-1].startswith("10,000 shuffles and as many resamples are done. ")
        assert len(heard) == len(set(heard)) <= 4, heard
        assert opened.problems() == []
