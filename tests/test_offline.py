"""Reading without a network, in a real browser: what is kept, what a rebuilt site does to it, and that it never gets in the way."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import Error as BrowserError

from sitegen.offline import BY_CONTENT
from tests.support.browser import Visit, draw_all_figures, visit
from tests.support.built_site import BuiltSite
from tests.support.reader import REVEAL_ALL
from tests.support.site_server import SUB_PATH, SiteServer
from tests.tiny_project import TinyProject

FIRST, SECOND = "lessons/first-steps/", "lessons/second-steps/"
ASK = """async (question) => {
  const {active} = await navigator.serviceWorker.ready;
  const {port1, port2} = new MessageChannel();
  const answer = new Promise((resolve) => (port1.onmessage = ({data}) => resolve(data.answer)));
  active.postMessage({ask: question}, [port2]);
  return Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 5000, {}))]); // {}: it was stopped while it was asked
}"""
CACHES = "() => caches.keys()"
KEPT_FILES = """async () => {
  const kept = [];
  for (const name of await caches.keys()) kept.push(...(await (await caches.open(name)).keys()).map(({url}) => url));
  return kept;
}"""
HAS_NO_WORKER = "async () => (await navigator.serviceWorker.getRegistrations()).length === 0 && (await caches.keys()).length === 0"


def build_of(folder: Path) -> str:
    """The build's identifier, as its worker has it."""
    return re.search(r'"build":"([0-9a-f]{16})"', (folder / "service-worker.js").read_text(encoding="utf-8"))[1]


@contextmanager
def reader(browser: Browser, server: SiteServer, path: str) -> Iterator[Visit]:
    """A reader who has opened a page of the site, once it is kept."""
    with visit(browser, server.url + path, offline_worker=True) as opened:
        wait_until_kept(opened, server, path)
        yield opened


def wait_until_kept(opened: Visit, server: SiteServer, path: str) -> None:
    """Until the worker of the build that the server has keeps the page, with no older cache beside its own."""
    caches = [f"word-spaces {server.url} {build_of(server.folder)}"]
    for turn in range(1200):  # a minute: a whole site is fetched anew, on a machine that does other things
        if turn % 400 == 399:
            let_go_of_idle_worker(opened)
        status = opened.page.evaluate(ASK, "status")
        is_kept = status.get("build") == build_of(server.folder) and server.url + path in status["pages"]
        if is_kept and opened.page.evaluate(CACHES) == caches:
            return
        opened.page.wait_for_timeout(50)
    raise AssertionError(f"{path} is not kept: {status}, {opened.page.evaluate(CACHES)}")


def let_go_of_idle_worker(opened: Visit) -> None:
    """Stop the worker if a newer one waits for it. A browser stops one that is idle by itself, but not while a debugger is attached to it,
    as this test is: on a busy machine, an old worker was then waited for without end."""
    if opened.page.evaluate("async () => !!(await navigator.serviceWorker.ready).waiting"):
        session = opened.page.context.new_cdp_session(opened.page)
        session.send("ServiceWorker.enable")
        session.send("ServiceWorker.stopAllWorkers")
        session.detach()


def broken(opened: Visit) -> list[str]:
    """What went wrong, but for requests that found no server."""
    expected = re.compile(r"failed|console error: Failed to load resource")
    return [problem for problem in opened.problems() if not expected.match(problem)]


def draw_charts(opened: Visit) -> list[str]:
    """Draw all charts of the page, those behind a question too, and return their names."""
    opened.page.evaluate(REVEAL_ALL)
    return draw_all_figures(opened)


def changed_copy(project: TinyProject) -> TinyProject:
    """The project with another style, another chart and another number: its build shares neither with the first."""
    project.own_copy("static")
    project.append("static/css/base.css", "\nbody { outline-color: red; }\n")
    project.replace("charts/tiny_cosines.py", "Two random tokens have a cosine of", "Since the rebuild, two random tokens have a cosine of")
    path = project.path("content/data/tiny/random_pairs.json")
    data = json.loads(path.read_text(encoding="utf-8"))
    data["data"]["by_model"][0]["all_tokens"]["mean"] = 0.2
    path.write_text(json.dumps(data), encoding="utf-8")
    return project


@pytest.fixture
def server(built_once: TinyProject) -> Iterator[SiteServer]:
    with SiteServer(built_once.site) as running:
        yield running


@pytest.fixture
def rebuilt(project: TinyProject, tmp_path: Path) -> Path:
    """The site of a later build."""
    outcome = changed_copy(project).build(out=tmp_path / "rebuilt")
    assert outcome.status == 0, outcome.errors
    return tmp_path / "rebuilt"


# --- what is kept --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sub_path", ["/", SUB_PATH])
@pytest.mark.parametrize("set_folder", ["", "sets/other/"])
def test_a_visited_lesson_is_whole_without_a_network(browser, built_once: TinyProject, sub_path: str, set_folder: str):
    """Its charts draw, though the reader never scrolled to them while there was a network. At the host's root and under a path."""
    with SiteServer(built_once.site, sub_path) as server, reader(browser, server, set_folder + FIRST) as opened:
        server.down = True
        opened.page.reload()
        assert opened.page.url == server.url + set_folder + FIRST
        assert "tiny-cosines" in draw_charts(opened)
        assert opened.page.evaluate("document.fonts.check('12px Figtree') && getComputedStyle(document.body).margin === '0px'")
        assert broken(opened) == []


def test_a_page_that_was_never_visited_says_so(browser, server: SiteServer):
    """It names the page, marks what can be read, and leads on once there is a network."""
    with reader(browser, server, FIRST) as opened:
        server.down = True
        opened.page.goto(f"{server.url}{SECOND}?state=1#place")
        opened.until("() => !!document.querySelector('.is-kept')")
        told = opened.page.locator("[data-wanted]")
        assert told.is_visible()
        assert "not kept on this device" in told.inner_text()
        assert opened.page.locator(".is-kept a").evaluate_all("(links) => links.map((a) => a.href)") == [server.url + FIRST]
        server.down = False
        told.locator("a").click()
        opened.page.wait_for_url(f"{server.url}{SECOND}**")
        assert opened.page.locator("h1").inner_text() != "Reading offline"
        assert broken(opened) == []


def test_an_address_outside_the_site_is_named_by_nobody(browser, server: SiteServer):
    """What stands in the address of the page becomes a link to this site's pages only, and never markup."""
    for page in ("../../evil/", "//evil.example/", "<img src=x onerror=alert(1)>"):
        with visit(browser, f"{server.url}offline/?page={page}", offline_worker=True) as opened:
            link = opened.page.locator("[data-wanted] a")
            assert link.evaluate("(a) => a.href").startswith(server.url)
            assert opened.page.locator("img").count() == 0
            assert opened.problems() == []


def test_the_whole_site_is_kept_on_request_and_let_go_again(browser, server: SiteServer, built_once: TinyProject):
    """The page says how much it is; afterwards every page opens without a network; removing leaves the fallback page alone."""
    site = BuiltSite(built_once.site)
    with reader(browser, server, "offline/") as opened:
        page, said = opened.page, opened.page.locator("[data-status]")
        for part in ("pages-tiny", "data-tiny", "pages-other"):
            row = page.locator(f"[data-part={part}]")
            assert re.search(r"[\d.]+ (KB|MB) on this device, in [\d,]+ files", row.inner_text())
            row.locator("[data-keep]").click()
            row.locator("[data-kept]").wait_for(state="visible", timeout=60_000)
            assert "kept" in said.inner_text()
        server.down = True
        for made in site.pages:
            if made.path == "404.html":
                continue
            page.goto(server.url + made.path.removesuffix("index.html"))
            assert page.title() == made.one("title"), made.path
        page.goto(server.url + FIRST)
        draw_charts(opened)
        assert page.evaluate("(address) => fetch(address).then((answer) => answer.ok)", server.url + "data/tiny/random_pairs.json")
        server.down = False
        page.goto(server.url + "offline/")
        page.locator("[data-forget]").click()
        opened.until("() => document.querySelector('[data-status]').textContent.startsWith('Nothing is kept')")
        server.down = True
        page.goto(server.url + FIRST)
        assert page.url == f"{server.url}offline/?page={FIRST.replace('/', '%2F')}"
        assert broken(opened) == []


def test_what_is_said_of_the_size_is_true(built_once: TinyProject):
    """Each part's bytes are those of its files, and the parts together are the site, but for what nobody reads."""
    (listed,) = (built_once.site / "offline").glob("files.*.json")

    def files(tree: dict, folder: str = "") -> Iterator[tuple[str, int]]:
        for name, inside in tree.items():
            if isinstance(inside, int):
                yield folder + (name or "index.html"), inside
            else:
                yield from files(inside, f"{folder}{name}/")

    parts = {part: dict(files(tree)) for part, tree in json.loads(listed.read_text(encoding="utf-8")).items()}
    assert set(parts) == {"pages-tiny", "data-tiny", "pages-other", "data-other"}
    everything = {path: size for part in parts.values() for path, size in part.items()}
    assert all((built_once.site / path).stat().st_size == size for path, size in everything.items())
    unlisted = {path for path in BuiltSite(built_once.site).files - set(everything) if not path.startswith((".", "offline/"))}
    assert unlisted == {"404.html", "service-worker.js"}


# --- a rebuilt site ------------------------------------------------------------------------------------------------------------


def test_a_page_and_all_it_uses_come_from_one_build(browser, server: SiteServer, rebuilt: Path):
    """A page that is open while the site is rebuilt stays of the old build to its last chart; the next is of the new one, and so is
    what is kept; nothing is left of the old build."""
    before = BuiltSite(server.folder).page(FIRST).one("#tiny-cosines .figure-title")
    lesson = BuiltSite(server.folder).page(FIRST)
    old_script = BuiltSite(server.folder).read(lesson, lesson.tree.css_first("#tiny-cosines").attributes["data-script"]).decode("utf-8")
    after = BuiltSite(rebuilt).page(FIRST).one("#tiny-cosines .figure-title")
    assert before != after
    with reader(browser, server, SECOND) as opened:
        opened.page.goto(server.url + FIRST)
        wait_until_kept(opened, server, FIRST)
        old_files = set(opened.page.evaluate(KEPT_FILES))
        opened.page.reload()  # so that no chart has drawn when the site is rebuilt
        server.folder = rebuilt
        assert opened.page.locator("#tiny-cosines .figure-title").inner_text() == before
        draw_charts(opened)
        script = opened.page.locator("#tiny-cosines").evaluate("(figure) => new URL(figure.dataset.script, location.href).href")
        assert script in old_files
        assert opened.page.evaluate("(url) => fetch(url).then((answer) => answer.text())", script) == old_script
        opened.page.goto(server.url + FIRST)
        assert opened.page.locator("#tiny-cosines .figure-title").inner_text() == after
        wait_until_kept(opened, server, FIRST)
        server.down = True
        opened.page.reload()
        assert opened.page.locator("#tiny-cosines .figure-title").inner_text() == after
        assert "tiny-cosines" in draw_charts(opened)
        assert broken(opened) == []
        kept = set(opened.page.evaluate(KEPT_FILES))
        assert server.url + SECOND in kept, "pages that were kept before are kept again, as they are now"
        gone = {url for url in kept if not (rebuilt / file_of(server, url)).is_file()}
        assert gone == set()
        opened.page.goto(server.url + SECOND)
        sheet = opened.page.locator("link[rel=stylesheet]").first.evaluate("(link) => link.href")
        assert (rebuilt / file_of(server, sheet)).is_file()


def test_a_site_that_was_kept_whole_is_whole_after_a_rebuild(browser, server: SiteServer, rebuilt: Path):
    """One visit is enough: every page is then kept as it is now, also those that were never opened; nothing is left of the old build."""
    site = BuiltSite(rebuilt)
    with reader(browser, server, "offline/") as opened:
        part = opened.page.locator("[data-part=pages-tiny]")
        part.locator("[data-keep]").click()
        part.locator("[data-kept]").wait_for(state="visible", timeout=60_000)
        server.folder = rebuilt
        opened.page.goto(server.url + "glossary/")
        wait_until_kept(opened, server, "glossary/")
        assert opened.page.evaluate(ASK, "status")["parts"] == ["pages-tiny"]
        server.down = True
        opened.page.goto(server.url + FIRST)
        assert opened.page.locator("#tiny-cosines .figure-title").inner_text() == site.page(FIRST).one("#tiny-cosines .figure-title")
        assert "tiny-cosines" in draw_charts(opened)
        kept = {file_of(server, url) for url in opened.page.evaluate(KEPT_FILES)} - {"offline/kept"}
        assert not [file for file in kept if not (rebuilt / file).is_file()]
        assert {page.path for page in site.pages if not page.path.startswith("sets/")} - {"404.html"} <= kept
        assert broken(opened) == []


def file_of(server: SiteServer, url: str) -> str:
    path = url.removeprefix(server.url)
    return path + "index.html" if path == "" or path.endswith("/") else path


def test_an_explorer_of_an_earlier_build_gets_no_data_of_a_later_one(browser, real_site: Path, tmp_path: Path):
    """Without the file that it was made with it says that the site was rebuilt; loaded again, it works."""
    data = next((real_site / "data").iterdir()).name
    (version,) = [path.name for path in (real_site / "data" / data).iterdir() if path.is_dir()]
    later = tmp_path / "later"
    shutil.copytree(real_site, later, copy_function=os.link)
    (later / "data" / data / version).rename(later / "data" / data / "0123456789abcdef")
    page = later / "explore" / "tokens" / "index.html"
    text = page.read_text(encoding="utf-8")
    page.unlink()
    page.write_text(text.replace(version, "0123456789abcdef"), encoding="utf-8")
    look_up = "() => WordSpaces.files.numbered('neighbours_decoder', 7).then(() => 'data', (error) => error.message)"
    meant = {"offline_worker": True, "allow_status": (404,)}
    with SiteServer(real_site) as server, visit(browser, server.url + "explore/tokens/", **meant) as opened:
        opened.until("async () => !!(await navigator.serviceWorker.ready).active && !!navigator.serviceWorker.controller")
        server.folder = later
        assert "the site was rebuilt" in opened.page.evaluate(look_up)
        opened.page.reload()
        assert opened.page.evaluate(look_up) == "data"


def test_everything_a_page_uses_has_an_address_of_its_content(real_site: Path):
    """So that no cache between a server and a reader can mix two builds. A page names the manifest and the worker by names that stay."""
    site = BuiltSite(real_site)
    stay = {"manifest.webmanifest", "service-worker.js", None}  # nothing: the missing page also asks for its script above the site
    used = {site.file_of(site.resolve(page, link)) for page in site.pages for link in page.resources} - stay
    assert {file for file in used if not BY_CONTENT.search(f"/{file}")} == set()
    fetched = [json.loads(node.attributes["data-settings"]) for page in site.pages for node in page.tree.css("[data-settings]")]
    folders = {settings[folder] for settings in fetched for folder in ("data", "beside") if folder in settings}
    assert folders
    assert {folder for folder in folders if not BY_CONTENT.search(f"/{folder}")} == set()
    assert [page.path for page in site.pages if BY_CONTENT.search(f"/{page.path}")] == []


# --- out of the way --------------------------------------------------------------------------------------------------------------


def test_other_sites_of_the_host_are_left_alone(browser, built_once: TinyProject):
    """A site at the root of a host also gets to see its neighbours' requests: it neither answers nor keeps them."""
    with SiteServer(built_once.site, "/") as server, reader(browser, server, FIRST) as opened:
        server.foreign_pages["/neighbour/"] = "<title>Neighbour</title><p>data-service-worker="
        opened.page.goto(server.origin + "/neighbour/")
        assert opened.page.title() == "Neighbour"
        assert not [url for url in opened.page.evaluate(KEPT_FILES) if "neighbour" in url]
        server.down = True
        with pytest.raises(BrowserError, match="ERR_"):
            opened.page.goto(server.origin + "/neighbour/second/")


@pytest.mark.parametrize("when", ["from the beginning", "later"])
def test_a_full_device_changes_nothing(browser, server: SiteServer, when: str):
    """Where nothing can be stored, pages are as without a worker: no error, no message."""
    with visit(browser, server.url + "glossary/", offline_worker=True) as opened:
        session = opened.page.context.new_cdp_session(opened.page)
        if when == "later":
            wait_until_kept(opened, server, "glossary/")
        session.send("Storage.overrideQuotaForOrigin", {"origin": server.origin, "quotaSize": 1})
        opened.page.goto(server.url + FIRST)
        draw_charts(opened)
        opened.page.wait_for_timeout(2500)  # until the worker has had its turn
        opened.page.goto(server.url + SECOND)
        draw_charts(opened)
        assert opened.problems() == []


def test_switched_off_it_takes_back_what_it_kept(browser, server: SiteServer, project: TinyProject, tmp_path: Path):
    """offline = false in content/site.toml: the worker that readers have empties its caches and goes, and no page asks for another."""
    project.append("content/site.toml", "\noffline = false\n")
    assert project.build(out=tmp_path / "off").status == 0
    with reader(browser, server, FIRST) as opened:
        server.folder = tmp_path / "off"
        opened.page.goto(server.url + FIRST)
        opened.until(HAS_NO_WORKER)
        assert opened.page.locator("a[href$='offline/']").count() == 0
        opened.page.goto(server.url + SECOND)
        opened.page.wait_for_timeout(2500)
        assert opened.page.evaluate(HAS_NO_WORKER)
        assert opened.problems() == []
