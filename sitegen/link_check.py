"""Every internal link of the finished pages leads somewhere, anchor included."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

from selectolax.lexbor import LexborHTMLParser

from problems import did_you_mean
from sitegen.project import Problems

_ATTRIBUTES = {"a": "href", "link": "href", "img": "src", "script": "src", "source": "srcset", "iframe": "src"}
_OUTSIDE = {"http", "https", "mailto", "data"}

Place = tuple[str, int | None, str]
"""Where an author would mend a link: file, line, and the link as it is written there."""


@dataclass(frozen=True)
class PageLinks:
    """The links and the anchors of one page, sorted. repeated: anchors that more than one element has."""

    links: list[str]
    anchors: list[str]
    repeated: list[str]

    @classmethod
    def of(cls, html: str) -> PageLinks:
        """The links and anchors of a page."""
        tree = LexborHTMLParser(html)
        ids = Counter(node.attributes["id"] or "" for node in tree.css("[id]"))
        links = {node.attributes.get(name) or "" for tag, name in _ATTRIBUTES.items() for node in tree.css(f"{tag}[{name}]")}
        scripts = {node.attributes.get(name) or "" for name in ("data-script", "data-drawer") for node in tree.css(f"[{name}]")}
        return cls(sorted(links | scripts), sorted(ids), sorted(name for name, times in ids.items() if times > 1))


def check_links(
    pages: dict[str, PageLinks],
    files: set[str],
    place_of: Callable[[str, str], Place],
    problems: Problems,
    unsure: frozenset[str] = frozenset(),
) -> None:
    """Record each internal link that leads nowhere.

    pages: path of each page in the site ("lessons/x/index.html") -> its links. files: all paths of the site.
    place_of: page and link (or id) -> where to mend it. unsure: pages that are not as they will be once their own problems are
    mended, so that links to them, their anchors and what lies below them are not judged.
    """
    folders = tuple(path.removesuffix("index.html") for path in unsure)
    good: set[tuple[str, str]] = set()  # links that lead somewhere; pages have many in common
    for path, page in pages.items():
        for name in page.repeated:
            file, line, _ = place_of(path, name)
            page_of = "the page" if line else path
            problems.add(file, line, f"two elements of {page_of} have the id {name!r}", "Rename a heading, a figure or a question.")
        for link in page.links:
            place = _without_dots(path, link)
            if place in good:
                continue
            fault = _fault(link, path, pages, files, folders)
            if fault is None:
                good.add(place)
            else:
                file, line, written = place_of(path, link)
                here = "" if line else f" in {path}"
                problems.add(file, line, f"broken link {written!r}{here}: {fault[0]}", fault[1])


def _without_dots(path: str, link: str) -> tuple[str, str]:
    """A link as the outermost folder on its way would have it: ../a in x/y/index.html is a in x. One within a page is that page's."""
    if not link or link[0] in "#?":
        return path, link
    folder = path.rpartition("/")[0]
    while folder and link.startswith("../"):
        folder, link = folder.rpartition("/")[0], link[3:]
    return folder, link


def _fault(link: str, path: str, pages: dict[str, PageLinks], files: set[str], folders: tuple[str, ...]) -> tuple[str, str] | None:
    """What is wrong with a link of a page, and the cure; None if nothing is."""
    try:
        parts = urlsplit(link)
    except ValueError as error:
        return str(error), "Correct the address."
    if parts.scheme:
        known = "Begin it with lesson:, page:, https:// or mailto:, or with nothing for a place on this site."
        return None if parts.scheme in _OUTSIDE else (f"{parts.scheme}: is no kind of link", known)
    if parts.netloc:
        return "it has no scheme", "Begin it with https://."
    return _fault_inside(parts, path, pages, files, folders)


def _fault_inside(
    parts: SplitResult, path: str, pages: dict[str, PageLinks], files: set[str], folders: tuple[str, ...]
) -> tuple[str, str] | None:
    target = posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(parts.path))) if parts.path else path
    if parts.path.endswith("/") or target == ".":
        target = posixpath.normpath(posixpath.join(target, "index.html"))
    if target.startswith(folders):
        return None
    if target not in files:
        wanted = target.removesuffix("index.html")
        known = [p.removesuffix("index.html") for p in files if p.endswith("/index.html")]
        return "there is no such page", did_you_mean(wanted if wanted.endswith("/") else f"{wanted}/", known, "Correct the link.")
    anchor = unquote(parts.fragment)
    if anchor and target in pages and anchor not in pages[target].anchors:
        return "that page has no such anchor", did_you_mean(anchor, pages[target].anchors, "Correct the part after '#'.")
    return None
