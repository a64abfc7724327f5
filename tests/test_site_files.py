"""What machines read of the whole site, and that it works wherever it is put: at a host's root, under a path, on the plainest server."""

from __future__ import annotations

import datetime
import functools
import io
import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

from tests.support import ROOT
from tests.support.browser import draw_all_figures, visit
from tests.support.built_site import BuiltSite
from tests.support.reader import REVEAL_ALL
from tests.support.site_server import ADDRESS, SiteServer
from tests.tiny_project import TinyProject

ATOM = "{http://www.w3.org/2005/Atom}"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture(scope="module")
def published(published_once: TinyProject) -> BuiltSite:
    """The tiny site, built for an address."""
    return BuiltSite(published_once.site)


# --- files for machines --------------------------------------------------------------------------------------------------------


def test_the_feed_is_what_atom_asks_for(published: BuiltSite):
    """RFC 4287: an id, a title and a moment for the feed and for each entry, an author, absolute addresses that lead to pages."""
    feed = ElementTree.fromstring((published.folder / "feed.xml").read_bytes())
    assert feed.tag == f"{ATOM}feed"
    assert feed.findtext(f"{ATOM}author/{ATOM}name")
    own = {link.attrib["rel"]: link.attrib["href"] for link in feed.findall(f"{ATOM}link")}
    assert own == {"alternate": ADDRESS, "self": f"{ADDRESS}feed.xml"}
    entries = feed.findall(f"{ATOM}entry")
    lessons = [page for page in published.lessons if not page.path.startswith("sets/")]
    assert len(entries) == len(lessons) == 2
    for part in (feed, *entries):
        assert part.findtext(f"{ATOM}id").startswith(ADDRESS)
        assert part.findtext(f"{ATOM}title").strip()
        assert datetime.datetime.fromisoformat(part.findtext(f"{ATOM}updated")).tzinfo is not None
    for entry in entries:
        (link,) = entry.findall(f"{ATOM}link")
        path = link.attrib["href"].removeprefix(ADDRESS)
        assert entry.findtext(f"{ATOM}id") == ADDRESS + path, "an id that stays"
        assert entry.findtext(f"{ATOM}title") == published.page(path).one("h1")
        assert entry.findtext(f"{ATOM}published") <= entry.findtext(f"{ATOM}updated") <= feed.findtext(f"{ATOM}updated")
        assert len(entry.findtext(f"{ATOM}summary")) > 10
    moments = [entry.findtext(f"{ATOM}updated") for entry in entries]
    assert moments == sorted(moments, reverse=True)
    assert all(page.tree.css_first("link[type='application/atom+xml']") for page in published.pages)


def test_the_sitemap_says_when_a_lesson_changed(published: BuiltSite):
    """From its front matter; nothing is said of pages whose day nobody knows."""
    urls = ElementTree.fromstring((published.folder / "sitemap.xml").read_bytes()).findall(f"{SITEMAP}url")
    changed = {url.findtext(f"{SITEMAP}loc").removeprefix(ADDRESS): url.findtext(f"{SITEMAP}lastmod") for url in urls}
    assert changed["lessons/first-steps/"] == "2026-02-01"
    assert changed[""] == max(day for path, day in changed.items() if path.startswith("lessons/"))
    assert changed["glossary/"] is None
    canonical = {page.tree.css_first("link[rel=canonical]").attributes["href"] for page in published.pages if page.path != "404.html"}
    assert {ADDRESS + path for path in changed} <= canonical
    assert f"Sitemap: {ADDRESS}sitemap.xml\n" in (published.folder / "robots.txt").read_text(encoding="utf-8")


def test_the_manifest_names_icons_of_the_sizes_it_says(published: BuiltSite):
    """Among them one for old devices and one that may be cut to a circle; the pages name the ones that browsers ask for."""
    manifest = json.loads((published.folder / "manifest.webmanifest").read_text(encoding="utf-8"))
    assert {"name", "short_name", "start_url", "scope", "id", "display", "theme_color", "background_color"} <= set(manifest)
    for icon in manifest["icons"]:
        if icon["type"] == "image/png":
            with Image.open(io.BytesIO((published.folder / icon["src"]).read_bytes())) as picture:
                assert f"{picture.width}x{picture.height}" == icon["sizes"]
    assert {(icon["sizes"], icon["purpose"]) for icon in manifest["icons"]} >= {
        ("192x192", "any"),
        ("512x512", "any"),
        ("512x512", "maskable"),
    }
    page = published.page("")
    kinds = {link.attributes["href"].rsplit(".", 1)[1] for link in page.tree.css("link[rel=icon], link[rel=apple-touch-icon]")}
    assert kinds == {"ico", "svg", "png"}


def test_the_icons_are_those_that_the_script_draws():
    """From the one sign: nobody has changed one by hand."""
    done = subprocess.run([sys.executable, str(ROOT / "scripts" / "draw_icons.py"), "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_page_for_what_is_not_there_is_no_page_of_its_own(published: BuiltSite):
    """Search engines neither list it nor take it for the first page."""
    (page,) = [page for page in published.pages if page.path == "404.html"]
    assert page.one("meta[name=robots]") == "noindex"
    assert not page.tree.css("link[rel=canonical], meta[property='og:url']")
    assert (published.folder / ".nojekyll").is_file(), "else GitHub would leave out files"


# --- wherever it is put --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["nothing-here", "lessons/first-steps/figures/gone/", "a/b/c/d.html"])
def test_the_page_for_what_is_not_there_works_at_any_depth(browser, published: BuiltSite, path: str):
    """A host shows it under the address that was asked for: its style is there, and its links lead home."""
    with SiteServer(published.folder) as server, visit(browser, server.url + path, allow_status=(404,)) as opened:
        assert opened.page.evaluate("getComputedStyle(document.querySelector('.lost')).paddingTop") != "0px"
        assert opened.page.locator(".theme-switch summary").is_visible(), "scripts run"
        assert opened.page.locator(".lost-search a").evaluate("(link) => link.href") == f"{server.url}search/"
        opened.page.locator("a.start").click()
        opened.page.wait_for_url(server.url)
        assert opened.problems() == []


@pytest.mark.parametrize("path", ["nothing-here", "a/b/c/d.html", "sets/other/lessons/first-steps/figures/gone/"])
def test_a_site_that_does_not_know_its_address_finds_it_from_there(browser, built_once: TinyProject, path: str):
    """It asks for a script at each depth; the one that is there puts styles, scripts and links right. Without scripts, words help."""
    with SiteServer(built_once.site) as server:
        with visit(browser, server.url + path, allow_status=(404,)) as opened:
            assert opened.page.get_by_text("take the end off the address").count() == 0
            opened.until("() => getComputedStyle(document.querySelector('.lost')).paddingTop !== '0px'")
            summary = opened.page.locator(".theme-switch summary")
            summary.click()
            opened.until("() => document.querySelector('.theme-switch').open")
            assert opened.page.locator(".lost-search a").evaluate("(link) => link.href") == f"{server.url}search/"
            opened.page.locator("a.start").click()
            opened.page.wait_for_url(server.url)
            assert opened.problems() == []
        with visit(browser, server.url + path, allow_status=(404,), scripts=False) as opened:
            assert opened.page.get_by_text("take the end off the address").is_visible()


@contextmanager
def plain_server(folder: Path) -> Iterator[str]:
    """`python -m http.server`: no compression, no 404.html, types by file name."""

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.mark.parametrize("below", ["", "deep/er/"])
def test_it_works_on_the_plainest_server(browser, published: BuiltSite, tmp_path: Path, below: str):
    """Also below another path than the address that it was built for: from the first page to a lesson and its chart, in both sets."""
    shutil.copytree(published.folder, tmp_path / "host" / below, dirs_exist_ok=True)
    with plain_server(tmp_path / "host") as address, visit(browser, address + below) as opened:
        for folder in ("", "sets/other/"):
            opened.page.goto(address + below + folder)
            opened.page.locator("a[href='lessons/first-steps/']").first.click()
            opened.page.wait_for_url(f"{address}{below}{folder}lessons/first-steps/")
            opened.page.evaluate(REVEAL_ALL)
            assert "tiny-cosines" in draw_all_figures(opened)
        assert opened.problems() == []


def test_no_link_needs_a_server_that_redirects(published: BuiltSite):
    """Each leads to a file or ends in the slash of a folder: not every server adds it, and without it relative links lead astray."""
    wrong = [
        f"{page.path}: {link}"
        for page in published.pages
        for link in page.links
        if (file := published.file_of(published.resolve(page, link))) is not None
        and page.path != "404.html"
        and file not in published.files
    ]
    assert wrong == []
