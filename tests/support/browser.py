"""A browser that notices everything: each visit records console errors, CSP violations, failed and foreign requests, and bytes."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Playwright

from scripts.setup_test_tools import find_chromium, find_headless_shell

NARROWEST = (320, 640)
PHONE = (360, 740)
DESKTOP = (1440, 900)
FLAGS = """--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update
--disable-sync --font-render-hinting=none --disable-software-rasterizer""".split()

# Runs before any script of the page; the page's CSP does not apply to it.
_WATCH = """
(() => {
  window.__violations = [];
  document.addEventListener("securitypolicyviolation", (e) =>
    window.__violations.push(`${e.violatedDirective} ${e.blockedURI} ${e.sourceFile || ""}:${e.lineNumber} ${e.sample}`));
  window.__shifts = [];
  window.__longTasks = [];
  try {
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries())
        window.__shifts.push({value: entry.value, time: entry.startTime, recentInput: entry.hadRecentInput,
          nodes: entry.sources.map((s) => s.node ? (s.node.id || s.node.className || s.node.nodeName) : "?").join(", ")});
    }).observe({type: "layout-shift", buffered: true});
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) window.__longTasks.push({start: entry.startTime, duration: entry.duration});
    }).observe({type: "longtask", buffered: true});
  } catch (error) { /* an old browser */ }
})();
"""


# Scroll by a part of the window, and let it be seen. Where the window then is, and how far it could be; null if no frame came in 5 s.
_STEP = """async ([step, pause]) => {
  window.scrollBy(0, window.innerHeight * step);
  for (let frame = 0; frame < 2; frame++) {
    const late = new Promise((resolve) => setTimeout(resolve, 5000, "late"));
    if ((await Promise.race([new Promise(requestAnimationFrame), late])) === "late") return null;
  }
  if (pause) await new Promise((resolve) => setTimeout(resolve, pause));
  return [window.scrollY, document.documentElement.scrollHeight - window.innerHeight];
}"""


@dataclass
class Transfer:
    """One finished request as it went over the wire. bytes: headers and compressed body; 0 from the cache."""

    url: str
    kind: str  # Document, Stylesheet, Script, Font, Image, ...
    bytes: int = 0
    finished: bool = False
    by_script: bool = False  # asked for by a running script rather than by the page's HTML or CSS


@dataclass
class Visit:
    """An open page and everything that went wrong in it."""

    page: Page
    origin: str = ""
    allow_status: tuple[int, ...] = ()  # HTTP errors that are meant
    errors: list[str] = field(default_factory=list)
    transfers: dict[str, Transfer] = field(default_factory=dict)

    def go_to(self, url: str, allow_status: tuple[int, ...] = ()) -> None:
        """Open a page. Of the one before it, the browser keeps the files; what was stored or went wrong is gone."""
        if self.origin:
            self.page.evaluate("localStorage.clear(); sessionStorage.clear()")
        parts = urlsplit(url)
        self.origin, self.allow_status = f"{parts.scheme}://{parts.netloc}", allow_status
        self.errors.clear()
        self.page.goto(url, wait_until="load")

    def problems(self) -> list[str]:
        """What must be empty for every page."""
        violations = [] if self.page.is_closed() else self.page.evaluate("window.__violations || []")
        return self.errors + [f"CSP: {text}" for text in violations]

    def until(self, expression: str, argument: Any = None, seconds: float = 15) -> Any:
        """Poll until the expression is true in the page; return its value. (wait_for_function needs eval, which a CSP forbids.)"""
        end = time.monotonic() + seconds
        while True:
            value = self.page.evaluate(expression, argument)
            if value:
                return value
            if time.monotonic() > end:
                raise AssertionError(f"not true within {seconds} s: {expression} ({self.page.url}); {self.problems()}")
            self.page.wait_for_timeout(30)

    def quiet(self, milliseconds: int = 250, seconds: float = 20) -> None:
        """Wait until nothing has been requested for a while."""
        end = time.monotonic() + seconds
        seen, since = -1, time.monotonic()
        while True:
            open_now = [t.url for t in self.transfers.values() if not t.finished]
            if open_now or seen != len(self.transfers):
                seen, since = len(self.transfers), time.monotonic()
            elif time.monotonic() - since > milliseconds / 1000:
                return
            if time.monotonic() > end:
                raise AssertionError(f"not quiet within {seconds} s ({self.page.url}): {open_now}")
            self.page.wait_for_timeout(30)

    def scroll_through(self, step: float = 0.7, pause: int = 0) -> None:
        """From top to bottom as a reader does, in steps of a part of the window, each seen for two frames and `pause` milliseconds more.

        A browser tells a page what has come near the window with each frame, however busy the machine is.
        """
        self.page.evaluate("document.documentElement.style.scrollBehavior = 'auto'; window.scrollTo(0, 0)")
        at, end, without_frame = -1, 0, 0
        while at < end - 2 or at < 0:
            seen = self.page.evaluate(_STEP, [step, pause])
            if seen is None:  # once in hundreds of readings, on a busy machine, Chromium has none to come
                without_frame += 1
                assert without_frame < 3, f"no frames beyond {at} px ({self.page.url}); {self.problems()}"
                self.page.screenshot()  # has it make one
                continue
            before, (at, end) = at, seen
            assert at > before, f"it does not scroll beyond {at} of {end} px ({self.page.url}); {self.problems()}"

    def bytes(self, *, but: set[str] = frozenset()) -> int:
        """What was transferred so far, without requests of the kinds in `but`."""
        return sum(t.bytes for t in self.transfers.values() if t.kind not in but)


# What is wrong with a figure that has drawn: [id, theme] -> texts. It must take its picture's place, in the theme of the page.
_MISDRAWN = """([id, theme]) => {
  const stage = document.querySelector(`#${id} [data-stage]`);
  const canvas = stage.querySelector(".figure-canvas.ready canvas");
  const [place, drawn] = [stage, canvas].map((e) => e.getBoundingClientRect());
  const wrong = [];
  if (stage.dataset.drawn !== theme) wrong.push(`drawn for the theme ${stage.dataset.drawn}`);
  if (drawn.width > place.width + 1) wrong.push("chart is wider than its place");
  // where both are shrunk to fit, each is by its own width, which Vega does not round as the picture does
  const rounding = Math.max(2, 0.015 * place.height);
  if (Math.abs(drawn.height - place.height) > rounding) wrong.push(`chart and picture differ in height: ${drawn.height}, ${place.height}`);
  const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  let painted = 0;
  for (let i = 3; i < pixels.length; i += 16) painted += pixels[i] > 0; // every fourth
  if (painted < 0.01 * (pixels.length / 16)) wrong.push("blank");
  return wrong;
}"""


def draw_all_figures(opened: Visit, seconds: float = 30) -> list[str]:
    """Scroll to each live figure, wait until it has drawn, and return their names.

    A chart that fails, is blank, or does not take exactly the place of its picture is an error of the visit. Figures still veiled
    by a question are left alone.
    """
    page = opened.page
    theme = "dark" if page.evaluate("WordSpaces.theme.isDark()") else "light"
    names = page.evaluate("[...document.querySelectorAll('[data-figure][data-script]:not(.veiled)')].map((e) => e.id)")
    for name in names:
        page.evaluate("(id) => document.getElementById(id).scrollIntoView({behavior: 'instant', block: 'center'})", name)
        state = opened.until(
            """(id) => { const figure = document.getElementById(id);
            if (figure.querySelector(".failure")) return figure.querySelector(".failure").textContent;
            return figure.querySelector(".figure-canvas.ready canvas") ? "drawn" : ""; }""",
            name,
            seconds,
        )
        wrong = page.evaluate(_MISDRAWN, [name, theme]) if state == "drawn" else [state]
        opened.errors += [f"figure {name}: {what}" for what in wrong]
    return names


def is_grey_while_waiting(opened: Visit, url: str, explorer: str, data: re.Pattern) -> bool:
    """Open an explorer and hold its data back for a while: whether anything that it shows is grey meanwhile. Then let the data come."""
    page, held = opened.page, []
    page.route(data, lambda route: held.append(route))  # noqa: PLW0108  Playwright cannot wrap a built-in method
    page.goto(url)
    opened.until("(explorer) => document.querySelector(`${explorer}[aria-busy]`)", explorer)
    page.wait_for_timeout(500)
    assert held, f"{url} asked for nothing like {data.pattern}"
    grey = page.locator(".stale").count() > 0
    for route in held:
        route.continue_()
    page.unroute_all(behavior="wait")
    return grey


@contextmanager
def chromium(playwright: Playwright, *, whole: bool = False) -> Iterator[Browser]:
    """The system's browser. Fails by name where there is none.

    whole: the browser that people have, to measure times in it; its headless shell, if it is at hand, does for everything else.
    """
    found = None if whole else find_headless_shell()
    found = found or find_chromium()
    if found is None:
        raise RuntimeError("There is no Chromium here. Run: python scripts/setup_test_tools.py")
    browser = playwright.chromium.launch(executable_path=str(found.path), args=FLAGS)
    try:
        yield browser
    finally:
        browser.close()


@contextmanager
def visit(
    browser: Browser,
    url: str | None,
    size: tuple[int, int] = DESKTOP,
    *,
    dark: bool = False,
    scripts: bool = True,
    touch: bool = False,
    reduced_motion: bool = False,
    storage: Any = None,
    count_bytes: bool = False,
    slow_phone: bool = False,
    allow_status: tuple[int, ...] = (),
    block: re.Pattern | None = None,
    late: re.Pattern | None = None,
    offline_worker: bool = False,
    **options: Any,
) -> Iterator[Visit]:
    """Open `url` in a fresh profile. None: nothing yet; `go_to` then opens pages one after the other, for half of what profiles cost.

    size: of the window in CSS px. storage: a profile's storage state. count_bytes: fill `transfers` from the DevTools protocol.
    slow_phone: CPU 4 times slower, 1.6 Mbit/s down, 750 kbit/s up, 150 ms. allow_status: HTTP errors that are meant.
    block: requests that fail. late: requests that are answered a second later. offline_worker: whether the site's service worker is let
    in; it would answer instead of the server whose answers most tests count. options: of Playwright's new_context.
    """
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        java_script_enabled=scripts,
        has_touch=touch,
        is_mobile=touch,
        reduced_motion="reduce" if reduced_motion else "no-preference",
        storage_state=storage,
        service_workers="allow" if offline_worker else "block",
        **options,
    )
    try:
        context.add_init_script(_WATCH)
        page = context.new_page()
        if block:
            page.route(block, lambda route: route.abort())
        if late:
            page.route(late, lambda route: (time.sleep(1), route.continue_()))
        opened = Visit(page)
        _listen(opened)
        if count_bytes or slow_phone:
            _count(opened, slow_phone)
        if url:
            opened.go_to(url, allow_status)
        yield opened
    finally:
        context.close()


def _listen(opened: Visit) -> None:
    """Record console errors, uncaught errors, HTTP errors and requests to anywhere else."""
    page = opened.page

    def on_console(message: Any) -> None:
        expected = opened.allow_status and "the server responded with a status of" in message.text
        expected = expected or message.text == "Service Worker registration blocked by Playwright"  # see `visit`
        if message.type in ("error", "warning") and not expected:
            opened.errors.append(f"console {message.type}: {message.text}")

    def on_request(request: Any) -> None:
        if not request.url.startswith((opened.origin, "data:", "blob:", "about:")):
            opened.errors.append(f"request to another origin: {request.url}")

    def on_response(response: Any) -> None:
        if response.status >= 400 and response.status not in opened.allow_status:
            opened.errors.append(f"HTTP {response.status}: {response.url}")

    def on_failure(request: Any) -> None:
        if request.failure != "net::ERR_ABORTED":  # that is a page being left while something is still on its way
            opened.errors.append(f"failed: {request.url} {request.failure}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: opened.errors.append(f"uncaught: {error}"))
    page.on("request", on_request)
    page.on("response", on_response)
    page.on("requestfailed", on_failure)


def _count(opened: Visit, slow_phone: bool) -> None:
    """Fill `opened.transfers` from the DevTools protocol, and slow the page down where asked."""
    session = opened.page.context.new_cdp_session(opened.page)
    session.send("Network.enable")

    def on_request(event: dict[str, Any]) -> None:
        by_script = event["initiator"]["type"] == "script"
        opened.transfers[event["requestId"]] = Transfer(event["request"]["url"], event.get("type", "Other"), by_script=by_script)

    def on_finished(event: dict[str, Any]) -> None:
        transfer = opened.transfers.get(event["requestId"])
        if transfer:
            transfer.bytes, transfer.finished = int(event["encodedDataLength"]), True

    def on_failed(event: dict[str, Any]) -> None:
        if event["requestId"] in opened.transfers:
            opened.transfers[event["requestId"]].finished = True

    announced: dict[str, int] = {}  # by the head of an answer

    def on_head(event: dict[str, Any]) -> None:
        headers = {name.lower(): value for name, value in event["headers"].items()}
        announced[event["requestId"]] = len(event.get("headersText", "")) + int(headers.get("content-length", 0))

    def on_worker(worker: Any) -> None:
        """A page is not told of the end of its worker's script."""
        for key, transfer in opened.transfers.items():
            if transfer.url == worker.url and not transfer.finished:
                transfer.bytes, transfer.finished = announced.get(key, 0), True

    opened.page.on("worker", on_worker)
    session.on("Network.responseReceivedExtraInfo", on_head)
    session.on("Network.requestWillBeSent", on_request)
    session.on("Network.loadingFinished", on_finished)
    session.on("Network.loadingFailed", on_failed)
    if slow_phone:
        session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
        bits = {"downloadThroughput": 1.6e6 / 8, "uploadThroughput": 750e3 / 8, "latency": 150}
        session.send("Network.emulateNetworkConditions", {"offline": False, **bits})
