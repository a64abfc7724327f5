"""How long the explorers take to answer, on a desktop and with a processor four times slower.

    python benchmarks/explorer_answers.py [--runs 3] [--site DIR]

From the event until what it asks for stands in the page and the browser has painted. Medians of runs, each in a fresh page, files of the
page itself being there already; files that an answer fetches come from a local server. Aims: 100 ms on a desktop, 200 ms on a phone. Run
it on a quiet machine; no test asserts times.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser, sync_playwright  # noqa: E402

from benchmarks.page_budgets import built  # noqa: E402
from benchmarks.results import record  # noqa: E402
from tests.support.browser import DESKTOP, PHONE, chromium, visit  # noqa: E402
from tests.support.site_server import SiteServer  # noqa: E402

AIM_MS = {"desktop": 100, "phone": 200}
SLOWER = {"desktop": 1, "phone": 4}

ENTERED_BEFORE = ("#cut-text",)  # a second before somebody types into it: its files are fetched then
HELP = """() => {
  window.answer = (act, shown) => new Promise((resolve) => {
    const before = shown();
    const started = performance.now();
    act();
    const look = () => {
      if (shown() === before && performance.now() - started < 8000) return setTimeout(look, 1);
      requestAnimationFrame(() => setTimeout(() => resolve(shown() === before ? null : performance.now() - started)));
    };
    look();
  });
  window.say = (selector, value, event = "input") => {
    const field = document.querySelector(selector);
    field.focus();
    field.value = value;
    field.dispatchEvent(new Event(event, { bubbles: true }));
  };
  window.press = (selector, key) => document.querySelector(selector).dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  window.stepIn = (role) => document.querySelectorAll(`[data-column=${role}] button.near-button`)[3].click();
  window.textOf = (selector) => [...document.querySelectorAll(selector)].map((found) => found.textContent).join();
}"""

# explorer -> (what tells that it is ready, {action: (what the reader does, what then changes)})
EXPLORERS: dict[str, tuple[str, dict[str, tuple[str, str]]]] = {
    "tokens": (
        "document.querySelectorAll('[data-column=decoder] button.near-button').length > 3",
        {
            "first letter typed": ("say('#cut-text', document.querySelector('#cut-text').value + ' cat')", "textOf('[data-cut-count]')"),
            "another word typed": ("say('#cut-text', document.querySelector('#cut-text').value + ' dog')", "textOf('[data-cut-count]')"),
            "token looked for": ("say('#pick-text', 'ri')", "textOf('[data-pick] [role=status], #pick-list')"),
            "step to a neighbour": ("stepIn('decoder')", "textOf('[data-column=decoder] .near-list')"),
            "another step": ("stepIn('encoder')", "textOf('[data-column=encoder] .near-list')"),
        },
    ),
    "attention": (
        "(e => e.classList.contains('live') && !e.hasAttribute('aria-busy'))(document.querySelector('[data-attention-explorer]'))",
        {
            "another head": (
                "press('[data-grid=decoder] canvas', 'ArrowRight')",
                'location.href + textOf("[data-attention-explorer] [role=status]")',
            ),
            "sink taken out": ("document.querySelector('[data-sink]').click()", "document.querySelector('[data-sink]').checked"),
            "sink put back": ("document.querySelector('[data-sink]').click()", "document.querySelector('[data-sink]').checked"),
            "heads in another order": (
                "say('[data-order]', 'previous', 'change')",
                "location.href",
            ),
        },
    ),
    "rsa": (
        "document.querySelector('[data-rsa-lab]').matches('.live') && textOf('[data-progress-words]').includes('are done')",
        {
            "another measure": ("say('#lab-measure', 'euclidean', 'change')", "textOf('[data-row]')"),
            "words in order of clusters": ("say('#lab-order', 'first', 'change')", "location.href"),
            "another set of words": (
                "say('#lab-set', document.querySelector('#lab-set').options[3].value, 'change')", "textOf('[data-board]')"
            ),
        },
    ),
}


def answers(browser: Browser, url: str, device: str, ready: str, actions: dict[str, tuple[str, str]]) -> dict[str, float]:
    """Action -> milliseconds, on one device.

    ready: a JavaScript condition; actions: name -> (what starts it, what shows that it is done).
    """
    size = DESKTOP if device == "desktop" else PHONE
    with visit(browser, url, size, touch=device == "phone") as opened:
        opened.page.evaluate(HELP)
        opened.until(f"() => {ready}", seconds=60)
        opened.scroll_through()
        opened.quiet(1000, seconds=60)
        for field in ENTERED_BEFORE:
            opened.page.evaluate("(field) => document.querySelector(field)?.focus()", field)
            opened.page.wait_for_timeout(1000)
        opened.page.context.new_cdp_session(opened.page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER[device]})
        found = {}
        for name, (act, shown) in actions.items():
            found[name] = opened.page.evaluate(f"() => answer(() => {{ {act} }}, () => {shown})")
            if found[name] is None:
                raise SystemExit(f"{url}: {name}: nothing changed")
            opened.page.wait_for_timeout(1000)
        return found


def main() -> int:
    """Time all explorers on both devices and record the medians. Exit status."""
    parser = argparse.ArgumentParser(description="How long the explorers take to answer.")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--site", type=Path, help="a site that is already built (default: build it now)")
    arguments = parser.parse_args()
    medians: dict[str, dict[str, dict[str, float]]] = {}
    with (
        built(arguments.site) as folder,
        SiteServer(folder) as server,
        sync_playwright() as playwright,
        chromium(playwright, whole=True) as browser,
    ):
        for explorer, (ready, actions) in EXPLORERS.items():
            for device in SLOWER:
                runs = [answers(browser, f"{server.url}explore/{explorer}/", device, ready, actions) for _ in range(arguments.runs)]
                found = {name: statistics.median(run[name] for run in runs) for name in actions}
                medians.setdefault(explorer, {})[device] = found
                print(explorer, device, {name: round(value) for name, value in found.items()}, flush=True)
        version = browser.version
    record("explorer_answers", runs=arguments.runs, aim_ms=AIM_MS, milliseconds=medians, chromium=version)
    return 0


if __name__ == "__main__":
    sys.exit(main())
