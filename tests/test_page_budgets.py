"""What a reader's browser fetches, in bytes over the wire (gzip, with response headers) and in requests. Times: benchmarks/."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.browser import DESKTOP, PHONE, Visit, visit
from tests.support.built_site import BuiltSite, Html
from tests.support.site_server import SiteServer

KB = 1000  # the stricter reading of the budgets
READABLE = 100 * KB
FIRST_CHART = 180 * KB
WHOLE_LESSON = 700 * KB
ALL_LESSONS = 3000 * KB  # for a reader of all of them, whose browser keeps what it has fetched
REQUESTS_BEFORE_SCROLLING = 20

REVEAL_ALL = "document.querySelectorAll('[data-no-guess]').forEach((button) => button.click())"
HAS_CANVAS = "() => !!document.querySelector('.figure-canvas.ready canvas')"


@pytest.fixture(scope="module")
def lessons(real_site: Path) -> list[Html]:
    return [page for page in BuiltSite(real_site).lessons if not page.path.startswith("sets/")]


sizes = pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])


@contextmanager
def reading(browser, server: SiteServer, lesson: Html, size: tuple[int, int]) -> Iterator[Visit]:
    """A lesson opened with an empty cache, once the network is quiet."""
    with visit(browser, server.url + lesson.path.removesuffix("index.html"), size, touch=size == PHONE, count_bytes=True) as opened:
        opened.quiet()
        yield opened


def table(opened: Visit) -> str:
    """All transfers, heaviest first, for a failing test to show."""
    rows = sorted(opened.transfers.values(), key=lambda t: -t.bytes)
    return "\n".join(f"{t.bytes:8} {t.kind:10} {'by script' if t.by_script else ''} {t.url[:120]}" for t in rows)


@sizes
def test_a_lesson_is_readable_with_its_first_picture_for_100_kb(browser, site_server: SiteServer, lessons: list[Html], size):
    """Everything fetched before scrolling, but scripts: page, styles, fonts, icons, and pictures near the window."""
    for lesson in lessons:
        with reading(browser, site_server, lesson, size) as opened:
            spent = opened.bytes(but={"Script"})
            assert 20 * KB < spent <= READABLE, f"{lesson.path}: {spent} bytes\n{table(opened)}"
            requests = [t for t in opened.transfers.values() if not t.url.startswith("data:")]
            assert len(requests) <= REQUESTS_BEFORE_SCROLLING, table(opened)


@sizes
def test_the_first_chart_adds_at_most_180_kb(browser, site_server: SiteServer, lessons: list[Html], size):
    for lesson in lessons:
        with reading(browser, site_server, lesson, size) as opened:
            before = set(opened.transfers)
            already = [t for t in opened.transfers.values() if t.by_script]  # a chart near the top has started by itself
            first = lesson.tree.css_first("[data-figure][data-script]").attributes["id"]
            opened.page.evaluate(REVEAL_ALL)
            opened.page.locator(f"#{first}").scroll_into_view_if_needed()
            opened.until(HAS_CANVAS)
            opened.quiet()
            added = already + [t for key, t in opened.transfers.items() if key not in before and t.kind == "Script"]
            figures = sorted((t.bytes for t in added if "/figures/" in t.url), reverse=True)
            runtime = [t.bytes for t in added if "/figures/" not in t.url]
            assert len(runtime) == 1, table(opened)
            # neighbours that came near at the same time count for themselves: the heaviest stands for the first
            assert sum(runtime) + figures[0] <= FIRST_CHART, table(opened)


@sizes
def test_a_lesson_scrolled_to_its_end_costs_at_most_700_kb_and_fetches_nothing_twice(
    browser, site_server: SiteServer, lessons: list[Html], size
):
    together: dict[str, int] = {}  # address -> bytes: nothing is fetched twice, on one page or on the next (the test below)
    for lesson in lessons:
        with reading(browser, site_server, lesson, size) as opened:
            opened.page.evaluate(REVEAL_ALL)
            opened.scroll_through(pause=120)
            opened.quiet()
            spent = opened.bytes()
            together |= {t.url: t.bytes for t in opened.transfers.values()}
            assert spent <= WHOLE_LESSON, f"{lesson.path}: {spent} bytes\n{table(opened)}"
            fetched = Counter(t.url for t in opened.transfers.values() if not t.url.startswith(("data:", "blob:")))
            assert {url: n for url, n in fetched.items() if n > 1} == {}
            drawn = opened.page.locator(".figure-canvas.ready canvas").count()
            assert drawn == len(lesson.tree.css("[data-figure][data-script]"))
    assert 6 * 50 * KB < sum(together.values()) <= ALL_LESSONS


def test_a_second_page_fetches_nothing_that_the_first_had(browser, site_server: SiteServer, lessons: list[Html]):
    with visit(browser, site_server.url + lessons[0].path.removesuffix("index.html"), count_bytes=True) as opened:
        opened.quiet()
        before = dict(opened.transfers)
        had = {t.url for t in before.values()}
        opened.page.goto(site_server.url + "models/")
        opened.quiet()
        again = [t.url for key, t in opened.transfers.items() if key not in before and t.url in had and t.bytes]
        assert again == []
