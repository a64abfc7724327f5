"""Measure the pages on a slow phone against the budgets, and write benchmarks/page_budgets.json.

    python benchmarks/page_budgets.py [--runs 5] [--site DIR]

The phone: 360 x 740 px, CPU four times slower, 1.6 Mbit/s down, 750 kbit/s up, 150 ms, through the DevTools protocol; every run
with an empty cache, from a local server that sends gzip. Each number is the median of the runs. Times depend on the machine, so
run this on a quiet one; no test asserts them. Bytes and requests have tests (tests/test_page_budgets.py).

What is measured:
  first paint     first contentful paint after the navigation began
  first chart     from the beginning of the navigation until the first chart is live, on pages that open at a chart
  blocking        what long tasks took beyond 50 ms each, until the page is quiet (total blocking time)
  slider, select  from an input event until the chart has been drawn and painted again, the slowest control of its kind
  layout shift    while loading and while scrolling from top to bottom
  bytes           over the wire, before scrolling and after scrolling to the end
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser, sync_playwright  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402

import build  # noqa: E402
from tests.support.browser import PHONE, chromium, draw_all_figures, visit  # noqa: E402
from tests.support.built_site import BuiltSite  # noqa: E402
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
}
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


def open_page(browser: Browser, url: str) -> dict[str, float]:
    """Load, wait until it is quiet, scroll to the end: what the first seconds with a page are like."""
    with visit(browser, url, PHONE, touch=True, slow_phone=True) as opened:
        first_chart = opened.until(HAS_CHART, seconds=60) if "#" in url or opened.page.locator(".page-home").count() else None
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
        opened.scroll_through(pause=300)
        opened.quiet(1000, seconds=60)
        return result | {"layout_shift": opened.page.evaluate(SHIFT), "whole_bytes": opened.bytes()}


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


def measure(browser: Browser, server: SiteServer, site: BuiltSite, runs: int) -> dict[str, Any]:
    pages: dict[str, dict[str, float]] = {}
    controls: dict[str, float] = {}
    lessons = [page for page in site.lessons if not page.path.startswith("sets/")]
    wanted = {"home": ""}
    for lesson in lessons:
        path = lesson.path.removesuffix("index.html")
        wanted[path] = path
        figures = lesson.tree.css("[data-figure][data-script]")
        veiled = {question.attributes["data-reveals"] for question in lesson.tree.css("[data-reveals]")}
        first = next(figure.attributes["id"] for figure in figures if figure.attributes["id"] not in veiled)
        wanted[f"{path}#{first}"] = f"{path}#{first}"
    for name, path in wanted.items():
        print(f"{name}: {runs} runs", file=sys.stderr, flush=True)
        found = [open_page(browser, server.url + path) for _ in range(runs)]
        pages[name] = {key: round(statistics.median(run[key] for run in found), 4) for key in found[0]}
    for lesson in lessons:
        path = lesson.path.removesuffix("index.html")
        print(f"{path}: controls, {runs} runs", file=sys.stderr, flush=True)
        found = [answers(browser, server.url + path) for _ in range(runs)]
        controls |= {key: round(statistics.median(run[key] for run in found), 1) for key in found[0]}
    return {"runs": runs, "budgets": BUDGETS, "pages": pages, "controls_ms": controls}


def report(result: dict[str, Any]) -> None:
    """Print both tables; what is over budget is marked."""
    console = Console()
    measures = [*BUDGETS.keys() - {"slider_ms", "select_ms"}, "requests"]
    table = Table("measure", "budget", *result["pages"], title="Slow phone, medians")
    for measure in sorted(measures):
        budget = BUDGETS.get(measure)
        cells = [page.get(measure) for page in result["pages"].values()]
        table.add_row(measure, _shown(budget), *(_marked(value, budget) for value in cells))
    console.print(table)
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
    parser = argparse.ArgumentParser(description="Measure the pages on a slow phone against the budgets.")
    parser.add_argument("--runs", type=int, default=5, help="how often each page is opened (default: 5)")
    parser.add_argument("--site", type=Path, help="a site that is already built (default: build it now)")
    arguments = parser.parse_args()
    with built(arguments.site) as folder, SiteServer(folder) as server, sync_playwright() as playwright, chromium(playwright) as browser:
        result = measure(browser, server, BuiltSite(folder), arguments.runs)
    RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    report(result)
    print(f"written: {RESULT.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
