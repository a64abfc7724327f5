"""The search in a real browser: what it finds and how it ranks it, by keyboard, from an address, under attack, without scripts."""

from __future__ import annotations

import random
import re
import string
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.support.accessibility import accessibility_problems
from tests.support.browser import DESKTOP, NARROWEST, PHONE, Visit, visit
from tests.support.built_site import BuiltSite
from tests.support.site_server import SiteServer
from tests.test_browser_pages import too_wide
from tests.tiny_project import TinyProject

FIELD, RESULTS, TITLES = "#search-field", "[data-search-results]", "[data-search-results] .found-title"
HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    ".* [a-z]+ (?<x>.) \\ $& ^$ {1,}",
    "__proto__ constructor hasOwnProperty toString",
    "\u202e\u0000\ud83d \u0301\u0301 ﷽",
    "' OR 1=1 --",
    "a" * 5000,
    "attention " * 900,
]


@pytest.fixture(scope="module")
def terms(real_site: Path) -> list[str]:
    """The glossary's, as they are written there."""
    return [node.text().strip() for node in BuiltSite(real_site).page("glossary/").tree.css(".glossary dt")]


def ask(opened: Visit, query: str) -> list[str]:
    """Type it all at once; the titles of what is then found, once it has been announced."""
    opened.page.locator("[data-search-status]").evaluate("(e) => (e.textContent = '')")
    opened.page.locator(FIELD).fill(query)
    opened.until("document.querySelector('[data-search-status]').textContent")
    return opened.page.locator(TITLES).all_inner_texts()


def test_the_search_comes_when_it_is_used(browser, site_server: SiteServer):
    """A lesson fetches nothing of it; the page that searches, within its budget over the wire."""
    with visit(browser, site_server.url + "lessons/who-lives-next-door/", DESKTOP, count_bytes=True) as opened:
        opened.quiet()
        before = {t.url for t in opened.transfers.values()}
        assert not [url for url in before if "search" in url]
        opened.page.locator(".search-link").click()
        opened.page.wait_for_url("**/search/")
        assert ask(opened, "cosine")
        spent = [t for t in opened.transfers.values() if t.url not in before and t.kind == "Script"]
        assert {re.sub(r"\..*", "", Path(t.url).name) for t in spent} == {"minisearch", "search", "search-texts"}
        assert sum(t.bytes for t in spent) <= 120_000 + 300 * len(spent)  # headers aside
        assert opened.problems() == []


def test_a_term_is_found_first_by_its_name_and_with_a_typing_error(
    browser, site_server: SiteServer, real_site: Path, terms: list[str]
):
    """Seeded samples; one letter left out, doubled, exchanged for another, anywhere in a word of five letters or more.

    What is then another word of the site is no error: who types "wins" is shown where somebody wins, and not "twins".
    """
    rng = random.Random(6)
    texts = [page.tree.body.text(separator=" ") for page in BuiltSite(real_site).lessons]
    words_of_lessons = {word for text in texts for word in re.findall(r"[a-z]+", text.lower())}
    with visit(browser, site_server.url + "search/", DESKTOP) as opened:
        for term in rng.sample(terms, 12):
            assert ask(opened, term)[0] == term
        words = [term for term in terms if re.fullmatch(r"[a-z]{5,}", term)]
        for word in rng.sample(words, 12):
            at = rng.randrange(len(word))
            other = rng.choice(string.ascii_lowercase.replace(word[at], ""))
            for wrong in (word[:at] + word[at + 1 :], word[:at] + word[at] + word[at:], word[:at] + other + word[at + 1 :]):
                assert wrong in words_of_lessons or word in ask(opened, wrong), (word, wrong)
        assert opened.problems() == []


FORMS = {
    "hubness": {"hub", "hubs"},
    "hubs": {"hubness"},
    "similarities": {"similarity"},
    "rotating": {"rotated", "rotate", "rotates"},
    "measures": {"measure", "measured", "measuring"},
    "embeddings": {"embed", "embedded", "embeds"},
    "exactly": {"exact"},
}


def test_a_word_is_found_and_marked_in_its_other_forms(browser, site_server: SiteServer):
    """Plurals and the endings -ness, -ing, -ed and -ly, in the lessons."""
    with visit(browser, site_server.url + "search/", DESKTOP) as opened:
        for asked, others in FORMS.items():
            ask(opened, asked)
            more = opened.page.locator("[data-search-more]")
            if more.is_visible():
                more.click()
            marked = {word.lower() for word in opened.page.locator(f"{RESULTS} mark").all_inner_texts()}
            assert marked & others, (asked, marked)
            assert "Lesson" in opened.page.locator(f"{RESULTS} .label").all_text_contents(), asked
        assert opened.problems() == []


def test_two_letters_may_be_exchanged_in_a_short_word(browser, site_server: SiteServer, terms: list[str]):
    """Where Levenshtein's distance is already two: "vecotr". Seeded samples."""
    rng = random.Random(7)
    words = sorted(term for term in terms if re.fullmatch(r"[a-z]{5,7}", term))
    with visit(browser, site_server.url + "search/", DESKTOP) as opened:
        for word in rng.sample(words, 8):
            at = rng.choice([n for n in range(len(word) - 1) if word[n] != word[n + 1]])
            wrong = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
            assert word in ask(opened, wrong), (word, wrong)
        assert opened.problems() == []


def test_ranking_excerpts_and_labels(browser, site_server: SiteServer):
    """A title before a text, an exact word before a similar one; what matched is marked; every result says what it is."""
    with visit(browser, site_server.url + "search/", DESKTOP) as opened:
        page = opened.page
        titles = ask(opened, "attention sink")
        in_title = [bool(re.search(r"\bsinks?\b", title)) for title in titles]
        assert in_title[0] and in_title == sorted(in_title, reverse=True)
        marked = {word.lower() for word in page.locator(f"{RESULTS} mark").all_inner_texts()}
        assert marked and marked <= {"attention", "attentions", "sink", "sinks"}
        labels = page.locator(f"{RESULTS} .label").all_text_contents()
        assert len(labels) == len(titles) and set(labels) <= {"Lesson", "Figure", "Claim", "Term", "Page"}
        assert page.locator(f"{RESULTS} .found-text mark").count()
        for kind, query in {"Figure": "pools on the first", "Claim": "king queen", "Page": "any token", "Lesson": "house by house"}.items():
            ask(opened, query)
            assert kind in page.locator(f"{RESULTS} .label").all_text_contents(), query
        half = ask(opened, "procrus")
        assert half[0] == "Procrustes", "a word is found while it is typed"
        assert opened.problems() == []


def test_many_results_come_in_two_helpings(browser, site_server: SiteServer):
    with visit(browser, site_server.url + "search/?q=layer", PHONE) as opened:
        opened.until("document.querySelector('[data-search-status]').textContent")
        page = opened.page
        at_once, total = page.locator(TITLES).count(), int(re.search(r"\d+", page.locator("[data-search-status]").inner_text())[0])
        more = page.locator("[data-search-more]")
        assert more.inner_text() == f"Show {total - at_once} more"
        more.press("Enter")
        assert page.locator(TITLES).count() == total and not more.is_visible()
        assert page.evaluate("[...document.querySelectorAll('.found-title')].indexOf(document.activeElement)") == at_once
        assert opened.problems() == []


def test_by_keyboard_from_a_lesson_and_back(browser, site_server: SiteServer):
    with visit(browser, site_server.url + "lessons/where-words-meet/", DESKTOP) as opened:
        page = opened.page
        page.keyboard.press("/")
        page.wait_for_url("**/search/")
        focused = "document.activeElement.id || document.activeElement.textContent"
        assert page.evaluate(focused) == "search-field"
        opened.until("window.WordSpacesSearch")
        page.keyboard.type("rogue dim/")
        assert page.locator(FIELD).input_value() == "rogue dim/", "the key must not be taken from who is typing"
        opened.until("document.querySelector('[data-search-status]').textContent")
        titles = page.locator(TITLES).all_inner_texts()
        page.keyboard.press("ArrowDown")
        assert page.evaluate(focused) == titles[0]
        page.keyboard.press("ArrowDown")
        assert page.evaluate(focused) == titles[1]
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowUp")
        assert page.evaluate(focused) == "search-field"
        page.keyboard.press("Enter")
        assert page.evaluate(focused) == titles[0]
        page.keyboard.press("Escape")
        assert page.evaluate(focused) == "search-field"
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")
        page.wait_for_url("**/glossary/#*")
        assert page.locator(":target").is_visible()
        page.go_back()
        opened.until("document.querySelectorAll('.found-title').length")
        assert page.locator(TITLES).all_inner_texts() == titles, "the address keeps what was searched for"
        assert opened.problems() == []


def test_the_key_can_be_turned_off(browser, site_server: SiteServer):
    """As WCAG 2.1.4 asks of a key that is a single character."""
    with visit(browser, site_server.url + "search/", DESKTOP) as opened:
        page = opened.page
        page.locator("[data-search-key]").uncheck()
        page.goto(site_server.url + "claims/")
        page.keyboard.press("/")
        page.wait_for_timeout(200)
        assert page.url.endswith("/claims/")
        page.goto(site_server.url + "search/")
        assert not page.locator("[data-search-key]").is_checked()
        page.locator("[data-search-key]").check()
        page.locator("h1").click()
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.id") == "search-field"
        assert opened.problems() == []


@pytest.mark.parametrize("query", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_query_is_only_words(browser, site_server: SiteServer, query: str):
    """In the address and typed: nothing becomes markup, nothing throws, no request, an answer."""
    with visit(browser, site_server.url + "search/?q=" + quote(query, errors="replace"), DESKTOP) as opened:
        page = opened.page
        opened.until("document.querySelector('[data-search-status]').textContent")
        assert len(page.locator(FIELD).input_value()) <= 200
        page.locator(FIELD).fill("")
        page.locator(FIELD).evaluate("(field, text) => { field.value = text; field.dispatchEvent(new Event('input')); }", query)
        opened.until("document.querySelector('[data-search-status]').textContent.length > 3")
        inside = page.evaluate("[...document.querySelectorAll('.search-results *, .search-status *')].map((e) => e.tagName)")
        assert set(inside) <= {"LI", "P", "SPAN", "A", "MARK"}
        assert too_wide(opened, "results") == []
        assert opened.problems() == []


def test_results_are_announced_and_accessible_in_both_themes(browser, site_server: SiteServer):
    for size, dark in ((DESKTOP, False), (NARROWEST, True)):
        with visit(browser, site_server.url + "search/", size, dark=dark) as opened:
            status = opened.page.locator("[data-search-status]")
            assert status.get_attribute("role") == "status"
            ask(opened, "hubness cosine")
            assert re.search(r"^\d+ results? for “hubness cosine”$", status.inner_text())
            found = accessibility_problems(opened, "results") + too_wide(opened, "results")
            ask(opened, "zzzzqqqq")
            assert status.inner_text().startswith("Nothing here has “zzzzqqqq”")
            assert found + accessibility_problems(opened, "nothing") + opened.problems() == []


def test_texts_that_do_not_come_are_tried_again(browser, site_server: SiteServer):
    lost = re.compile(r"search-texts")
    with visit(browser, site_server.url + "search/", DESKTOP, block=lost) as opened:
        page = opened.page
        page.locator(FIELD).fill("cosine")
        assert "could not be loaded" in page.locator(".failure").inner_text()
        page.unroute(lost)
        assert ask(opened, "cosines")
        assert page.locator(".failure").count() == 0


def test_without_scripts_everything_is_there_by_name(browser, site_server: SiteServer):
    with visit(browser, site_server.url, DESKTOP, scripts=False) as opened:
        page = opened.page
        page.locator(".search-link").click()
        assert "Scripts are off" in page.locator(".explorer-notice").inner_text()
        assert not page.locator(FIELD).is_visible()
        page.locator(".by-name summary").first.click()
        page.locator(".by-name-lesson[open] a").nth(2).click()
        page.wait_for_url("**/lessons/**")
        assert page.locator(":target").is_visible()


def test_from_disk_it_searches_too(browser, real_site: Path):
    with visit(browser, (real_site / "search" / "index.html").as_uri(), DESKTOP) as opened:
        assert ask(opened, "Procrustes")[0] == "Procrustes"


def overlap(a: dict[str, float], b: dict[str, float]) -> bool:
    return all(a[at] < b[at] + b[size] and b[at] < a[at] + a[size] for at, size in (("x", "width"), ("y", "height")))


@pytest.mark.parametrize("width", [320, 345, 346, 360, 420, 768])
def test_nothing_in_the_header_lies_on_anything_else(browser, built_once: TinyProject, width: int):
    """With two sets whose names are as long as those of real models."""
    parts = ".wordmark, .search-link, .set-switch > summary, .theme-switch > summary, .site-nav a"
    with SiteServer(built_once.site) as server, visit(browser, server.url, (width, 640)) as opened:
        opened.page.locator(".set-switch > summary").evaluate("(e) => (e.lastChild.textContent = 'SmolLM2 and MiniLM')")
        boxes = [part.bounding_box() for part in opened.page.locator(parts).all()]
        assert [(a, b) for n, a in enumerate(boxes) for b in boxes[n + 1 :] if overlap(a, b)] == []
        assert too_wide(opened, f"{width} px") == []
