"""What a reader's browser fetches, in bytes over the wire (gzip, with response headers) and in requests. Times: benchmarks/."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.support.browser import DESKTOP, PHONE, Transfer, Visit, visit
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
ALL_DRAWN = """() => [...document.querySelectorAll("[data-figure][data-script]")]
  .every((figure) => figure.querySelector(".figure-canvas.ready canvas"))"""


@pytest.fixture(scope="module")
def lessons(real_site: Path) -> list[Html]:
    return [page for page in BuiltSite(real_site).lessons if not page.path.startswith("sets/")]


Transfers = dict[str, Transfer]


@dataclass(frozen=True)
class Reading:
    """What a browser with an empty cache has fetched of a lesson, at three moments of one visit."""

    lesson: Html
    at_first: Transfers  # before scrolling
    with_a_chart: Transfers  # once the first chart has drawn
    to_the_end: Transfers  # once the lesson has been scrolled through
    charts_drawn: int


@pytest.fixture(scope="module", params=[PHONE, DESKTOP], ids=["phone", "desktop"])
def readings(request: pytest.FixtureRequest, browser, site_server: SiteServer, lessons: list[Html]) -> list[Reading]:
    """Every lesson, read from its top to its end. All charts are drawn on the way, which is why each lesson is read only once."""
    return [read(browser, site_server, lesson, request.param) for lesson in lessons]


def read(browser, server: SiteServer, lesson: Html, size: tuple[int, int]) -> Reading:
    """A lesson read from top to end, each moment once the network is quiet."""
    with visit(browser, server.url + lesson.path.removesuffix("index.html"), size, touch=size == PHONE, count_bytes=True) as opened:
        opened.quiet()
        at_first = fetched(opened)
        opened.page.evaluate(REVEAL_ALL)
        opened.page.locator(f"#{first_chart(lesson)}").scroll_into_view_if_needed()
        opened.until(HAS_CANVAS)
        opened.quiet()
        with_a_chart = fetched(opened)
        opened.scroll_through()
        opened.until(ALL_DRAWN, seconds=30)
        opened.quiet()
        return Reading(lesson, at_first, with_a_chart, fetched(opened), opened.page.locator(".figure-canvas.ready canvas").count())


def fetched(opened: Visit) -> Transfers:
    """The finished transfers as they are now: a visit goes on counting."""
    return {key: replace(transfer) for key, transfer in opened.transfers.items()}


def first_chart(lesson: Html) -> str:
    return lesson.tree.css_first("[data-figure][data-script]").attributes["id"]


def size_of(transfers: Iterable[Transfer]) -> int:
    return sum(t.bytes for t in transfers)


def table(lesson: Html, transfers: Transfers) -> str:
    """All transfers of a lesson, heaviest first, for a failing test to show."""
    rows = sorted(transfers.values(), key=lambda t: -t.bytes)
    return "\n".join([lesson.path, *(f"{t.bytes:8} {t.kind:10} {'by script' if t.by_script else ''} {t.url[:120]}" for t in rows)])


def test_a_lesson_is_readable_with_its_first_picture_for_100_kb(readings: list[Reading]):
    """Everything fetched before scrolling, but scripts: page, styles, fonts, icons, and pictures near the window."""
    for reading in readings:
        spent = size_of(t for t in reading.at_first.values() if t.kind != "Script")
        assert 20 * KB < spent <= READABLE, f"{spent} bytes: {table(reading.lesson, reading.at_first)}"
        requests = [t for t in reading.at_first.values() if not t.url.startswith("data:")]
        assert len(requests) <= REQUESTS_BEFORE_SCROLLING, table(reading.lesson, reading.at_first)


def test_the_first_chart_adds_at_most_180_kb(readings: list[Reading]):
    for reading in readings:
        already = [t for t in reading.at_first.values() if t.by_script]  # a chart near the top has started by itself
        later = [t for key, t in reading.with_a_chart.items() if key not in reading.at_first and t.kind == "Script"]
        added = already + later
        figures = sorted((t.bytes for t in added if "/figures/" in t.url), reverse=True)
        runtime = [t.bytes for t in added if "/figures/" not in t.url]
        assert len(runtime) == 1, table(reading.lesson, reading.with_a_chart)
        # neighbours that came near at the same time count for themselves: the heaviest stands for the first
        assert sum(runtime) + figures[0] <= FIRST_CHART, table(reading.lesson, reading.with_a_chart)


def test_a_lesson_scrolled_to_its_end_costs_at_most_700_kb_and_fetches_nothing_twice(readings: list[Reading]):
    together: dict[str, int] = {}  # address -> bytes: nothing is fetched twice, on one page or on the next (the test below)
    for reading in readings:
        transfers = reading.to_the_end.values()
        together |= {t.url: t.bytes for t in transfers}
        assert size_of(transfers) <= WHOLE_LESSON, table(reading.lesson, reading.to_the_end)
        times_fetched = Counter(t.url for t in transfers if not t.url.startswith(("data:", "blob:")))
        assert {url: n for url, n in times_fetched.items() if n > 1} == {}, reading.lesson.path
        assert reading.charts_drawn == len(reading.lesson.tree.css("[data-figure][data-script]")), reading.lesson.path
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
