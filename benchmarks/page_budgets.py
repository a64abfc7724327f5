"""Measure the pages on a slow phone against the budgets; write benchmarks/page_budgets.json and, from it, BENCHMARKS.md.

    python benchmarks/page_budgets.py [--runs 3] [--site DIR] [--only PAGE ...] [--no-controls]

    --only home                          the first page
    --only who-lives-next-door           a lesson, opened at its top and at its first chart, and its controls
    --only who-lives-next-door#hubs      a lesson opened at this figure

What is measured now replaces what the JSON file says of these pages; the rest of the file stays.

The phone: 360 x 740 px, CPU four times slower, 1.6 Mbit/s down, 750 kbit/s up, 150 ms, through the DevTools protocol; every run
with an empty cache, from a local server that sends gzip. Each number is the median of the runs. Times by the clock depend on what
else the machine does, so run this on a quiet one; no test asserts them. Time on the processor (cpu_...) is taken from a trace of
the page's main thread in visits that are not slowed down: it hardly changes with the load, so two versions can be compared
anywhere. Bytes and requests have tests (tests/test_page_budgets.py).

What is measured:
  first paint     first contentful paint after the navigation began
  first chart     from the beginning of the navigation until the first chart is live, on pages that open at a chart
  blocking        what long tasks took beyond 50 ms each, until the page is quiet (total blocking time)
  slider, select  from an input event until the chart has been drawn and painted again, the slowest control of its kind
  layout shift    while loading and while scrolling from top to bottom
  bytes           over the wire, before scrolling and after scrolling to the end; shared: files that all pages have in common
  cpu             of the main thread: until the first paint, until the page is quiet, of its longest task, and what tasks four
                  times as long as they were would take beyond 50 ms each
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser, sync_playwright  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402

import build  # noqa: E402
from benchmarks.report import write_report  # noqa: E402
from tests.support.browser import PHONE, Visit, chromium, draw_all_figures, visit  # noqa: E402
from tests.support.built_site import BuiltSite, Html  # noqa: E402
from tests.support.site_server import SiteServer  # noqa: E402

RESULT = Path(__file__).with_suffix(".json")
BUDGETS = {
    "first_paint_ms": 800,
    "first_chart_ms": 2200,
    "blocking_ms": 400,
    "slider_ms": 200,
    "select_ms": 200,
    "layout_shift": 0.02,
    "readable_bytes": 100_000,
    "first_chart_bytes": 180_000,
    "whole_bytes": 700_000,
    "all_lessons_bytes": 3_000_000,
}
SLOWER = 4  # times, the phone's processor
LONG_TASK_MS = 50
HAS_CHART = "() => document.querySelector('.figure-canvas.ready canvas') ? performance.now() : 0"
FIRST_PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime || 0"
BLOCKING = "() => window.__longTasks.reduce((sum, task) => sum + Math.max(0, task.duration - 50), 0)"
SHIFT = "() => window.__shifts.filter((shift) => !shift.recentInput).reduce((sum, shift) => sum + shift.value, 0)"
REVEAL_ALL = "document.querySelectorAll('[data-no-guess]').forEach((button) => button.click())"

# One change of a control: until the chart shows it and the browser has painted.
ANSWER = """async ([id, name, change]) => {
  const figure = WordSpaces.figures.of(document.getElementById(id));
  const input = document.getElementById(`${id}--${name}`);
  const frame = () => new Promise(requestAnimationFrame);
  if (input.type === "range") input.value = Number(input.min) + change * (Number(input.max) - Number(input.min));
  else if (input.type === "checkbox") input.checked = !input.checked;
  else input.selectedIndex = Math.min(input.options.length - 1, Math.round(change * input.options.length));
  await frame();
  const started = performance.now();
  input.dispatchEvent(new Event("input", {bubbles: true}));
  await figure.view.runAsync();
  while (figure.applying) await new Promise((resolve) => setTimeout(resolve));
  await frame();
  await new Promise((resolve) => setTimeout(resolve));
  return performance.now() - started;
}"""


@contextmanager
def built(folder: Path | None) -> Iterator[Path]:
    """The given site, or one built now."""
    if folder:
        yield folder
        return
    with tempfile.TemporaryDirectory() as temporary:
        out = Path(temporary) / "site"
        if build.main(["--out", str(out)]):
            raise SystemExit(1)
        yield out


def opens_at_a_chart(opened: Visit) -> bool:
    """Whether a chart is what the visitor sees first: on the first page, and by a link to a figure."""
    return "#" in opened.page.url or opened.page.locator(".page-home").count() > 0


def open_page(browser: Browser, url: str) -> dict[str, float]:
    """Load and wait until it is quiet; a lesson opened at its top is scrolled to its end as well."""
    with visit(browser, url, PHONE, touch=True, slow_phone=True) as opened:
        first_chart = opened.until(HAS_CHART, seconds=60) if opens_at_a_chart(opened) else None
        opened.quiet(1000, seconds=60)
        result = {
            "first_paint_ms": opened.page.evaluate(FIRST_PAINT),
            "blocking_ms": opened.page.evaluate(BLOCKING),
            "readable_bytes": opened.bytes(but={"Script"}),
            "requests": sum(not t.url.startswith("data:") for t in opened.transfers.values()),
        }
        if first_chart:
            added = [t.bytes for t in opened.transfers.values() if t.by_script and t.kind == "Script"]
            result |= {"first_chart_ms": first_chart, "first_chart_bytes": sum(sorted(added)[-2:])}
        if "#" in url:
            return result
        opened.page.evaluate(REVEAL_ALL)
        opened.scroll_through(pause=300)
        opened.quiet(1000, seconds=60)
        shared = sum(t.bytes for t in opened.transfers.values() if "/assets/" in t.url and "/assets/figures/" not in t.url)
        return result | {"layout_shift": opened.page.evaluate(SHIFT), "whole_bytes": opened.bytes(), "shared_bytes": shared}


def processor_time(browser: Browser, url: str) -> dict[str, float]:
    """What the page's main thread costs in a visit that is not slowed down."""
    session = browser.new_browser_cdp_session()
    events: list[dict[str, Any]] = []
    ended: list[bool] = []
    session.on("Tracing.dataCollected", lambda part: events.extend(part["value"]))
    session.on("Tracing.tracingComplete", lambda _: ended.append(True))
    session.send("Tracing.start", {"transferMode": "ReportEvents", "traceConfig": {"includedCategories": ["toplevel", "loading"]}})
    with visit(browser, url, PHONE, touch=True, count_bytes=True) as opened:
        if opens_at_a_chart(opened):
            opened.until(HAS_CHART, seconds=60)
        opened.quiet(1000, seconds=60)
        session.send("Tracing.end")
        while not ended:
            opened.page.wait_for_timeout(50)
    session.detach()
    paint = next(event for event in events if event["name"] == "firstContentfulPaint")
    tasks = [
        event
        for event in events
        if event["name"] == "ThreadControllerImpl::RunTask" and (event["pid"], event["tid"]) == (paint["pid"], paint["tid"])
    ]
    took = [(event["ts"], event.get("tdur", 0) / 1000) for event in tasks]
    return {
        "cpu_to_first_paint_ms": sum(ms for start, ms in took if start <= paint["ts"]),
        "cpu_ms": sum(ms for _, ms in took),
        "cpu_longest_task_ms": max(ms for _, ms in took),
        "cpu_blocking_ms": sum(max(0, SLOWER * ms - LONG_TASK_MS) for _, ms in took),
    }


def answers(browser: Browser, url: str) -> dict[str, float]:
    """Milliseconds that each control takes to change its chart: "figure.control (kind)" -> slowest of a few changes."""
    slowest = {}
    with visit(browser, url, PHONE, touch=True, slow_phone=True) as opened:
        opened.page.evaluate(REVEAL_ALL)
        for figure in draw_all_figures(opened, seconds=60):
            opened.page.evaluate("(id) => document.getElementById(id).scrollIntoView({behavior: 'instant', block: 'center'})", figure)
            opened.page.wait_for_timeout(500)
            inputs = opened.page.locator(f"#{figure} [data-control]")
            for name, kind in inputs.evaluate_all("(all) => all.map((i) => [i.dataset.control, i.type])"):
                opened.page.evaluate(ANSWER, [figure, name, 0.9])  # the first change compiles what later ones reuse
                changes = [0.3, 0.7, 0.5]
                slowest[f"{figure}.{name} ({kind})"] = max(opened.page.evaluate(ANSWER, [figure, name, c]) for c in changes)
    return slowest


def wanted_pages(site: BuiltSite, only: list[str]) -> dict[str, str]:
    """Name -> path of the pages to open: all, or those that `only` names by slug, with or without a figure."""
    pages = {"home": ""}
    for lesson in lessons_of(site):
        path = lesson.path.removesuffix("index.html")
        figures = lesson.tree.css("[data-figure][data-script]")
        veiled = {question.attributes["data-reveals"] for question in lesson.tree.css("[data-reveals]")}
        first = next(figure.attributes["id"] for figure in figures if figure.attributes["id"] not in veiled)
        slug = slug_of(lesson)
        pages |= {slug: path, f"{slug}#{first}": f"{path}#{first}"}
    for name in only:
        slug, _, figure = name.partition("#")
        if slug not in pages:
            raise SystemExit(f"no page is named {slug!r}; there are: {', '.join(name for name in pages if '#' not in name)}")
        if figure:
            pages[name] = pages[slug] + f"#{figure}"
    return {name: path for name, path in pages.items() if not only or name in only or name.partition("#")[0] in only}


def lessons_of(site: BuiltSite) -> list[Html]:
    """The default set's lessons."""
    return [page for page in site.lessons if not page.path.startswith("sets/")]


def slug_of(lesson: Html) -> str:
    """The lesson's part of its address."""
    return lesson.path.split("/")[-2]


def medians(found: Iterable[dict[str, float]], decimals: int) -> dict[str, float]:
    """Measure -> median over several visits that measured the same."""
    found = list(found)
    return {key: round(statistics.median(run[key] for run in found), decimals) for key in found[0]}


def measure(
    browser: Browser, server: SiteServer, site: BuiltSite, runs: int, only: list[str], with_controls: bool, before: dict[str, Any]
) -> dict[str, Any]:
    """Open the pages and work the controls; what was measured before is kept for pages that `only` leaves out."""
    pages: dict[str, dict[str, float]] = dict(before.get("pages", {}))
    controls: dict[str, float] = dict(before.get("controls_ms", {}))
    wanted = wanted_pages(site, only)
    for name, path in wanted.items():
        print(f"{name}: {runs} runs", file=sys.stderr, flush=True)
        url = server.url + path
        pages[name] = medians((open_page(browser, url) | processor_time(browser, url) for _ in range(runs)), 4)
    for lesson in lessons_of(site) if with_controls else []:
        if slug_of(lesson) in wanted:
            print(f"{slug_of(lesson)}: controls, {runs} runs", file=sys.stderr, flush=True)
            url = server.url + lesson.path.removesuffix("index.html")
            controls |= medians((answers(browser, url) for _ in range(runs)), 1)
    return {"runs": runs, "budgets": BUDGETS, "pages": pages, "all_lessons": all_lessons(site, pages), "controls_ms": controls}


def all_lessons(site: BuiltSite, pages: dict[str, dict[str, float]]) -> dict[str, float]:
    """Bytes of the lessons measured so far: each with an empty cache, and as one reader gets them, what they share only once."""
    measured = [pages[slug] for lesson in lessons_of(site) if (slug := slug_of(lesson)) in pages]
    if not measured:
        return {}
    whole = sum(page["whole_bytes"] for page in measured)
    own = whole - sum(page["shared_bytes"] for page in measured)
    return {"lessons": len(measured), "empty_cache_bytes": whole, "one_reader_bytes": own + max(page["shared_bytes"] for page in measured)}


def report(result: dict[str, Any]) -> None:
    """Print both tables; what is over budget is marked."""
    console = Console()
    measures = sorted({measure for page in result["pages"].values() for measure in page})
    table = Table("page", *measures, title="Slow phone, medians")
    table.add_row("budget", *(_shown(BUDGETS.get(measure)) for measure in measures), end_section=True)
    for name, page in result["pages"].items():
        table.add_row(name, *(_marked(page.get(measure), BUDGETS.get(measure)) for measure in measures))
    console.print(table)
    if result["all_lessons"]:
        lessons, empty, reader = result["all_lessons"].values()
        shown = _marked(reader, BUDGETS["all_lessons_bytes"])
        console.print(f"{lessons} lessons: {shown} bytes for one reader of all, {_shown(empty)} if each began with an empty cache")
    table = Table("control", "budget ms", "ms", title="Until a chart has answered")
    for name, value in sorted(result["controls_ms"].items(), key=lambda item: -item[1]):
        table.add_row(name, "200", _marked(value, BUDGETS["slider_ms"]))
    console.print(table)


def _shown(value: float | None) -> str:
    return "" if value is None else f"{value:,.3f}" if value < 1 else f"{value:,.0f}"


def _marked(value: float | None, budget: float | None) -> str:
    over = value is not None and budget is not None and value > budget
    return f"[bold red]{_shown(value)} over[/]" if over else _shown(value)


def main() -> int:
    """Measure, write the file, and say which budget is missed. Exit status."""
    parser = argparse.ArgumentParser(description="Measure the pages on a slow phone against the budgets.")
    parser.add_argument("--runs", type=int, default=3, help="how often each page is opened (default: 3)")
    parser.add_argument("--site", type=Path, help="a site that is already built (default: build it now)")
    parser.add_argument("--only", nargs="+", default=[], metavar="PAGE", help="home, the slug of a lesson, or slug#figure")
    parser.add_argument("--no-controls", action="store_true", help="do not measure sliders and selects")
    arguments = parser.parse_args()
    before = json.loads(RESULT.read_text(encoding="utf-8")) if arguments.only and RESULT.exists() else {}
    with (
        built(arguments.site) as folder,
        SiteServer(folder) as server,
        sync_playwright() as playwright,
        chromium(playwright, whole=True) as browser,
    ):
        site = BuiltSite(folder)
        result = measure(browser, server, site, arguments.runs, arguments.only, not arguments.no_controls, before)
    RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    report(result)
    print(f"written: {RESULT.relative_to(ROOT)}")
    write_report()
    return 0


if __name__ == "__main__":
    sys.exit(main())
