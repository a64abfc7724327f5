"""Every internal link of the finished pages leads somewhere, anchor included."""

from __future__ import annotations

import posixpath
from urllib.parse import unquote, urlsplit

from selectolax.lexbor import LexborHTMLParser

from problems import did_you_mean
from sitegen.project import Problems

_ATTRIBUTES = {"a": "href", "link": "href", "img": "src", "script": "src", "source": "srcset", "iframe": "src"}


class PageLinks:
    """The links and the anchors of one page."""

    def __init__(self, html: str):
        tree = LexborHTMLParser(html)
        self.anchors = {node.attributes["id"] for node in tree.css("[id]")}
        self.repeated = sorted(_repeated([node.attributes["id"] or "" for node in tree.css("[id]")]))
        self.links = sorted(
            {node.attributes.get(attribute) or "" for tag, attribute in _ATTRIBUTES.items() for node in tree.css(f"{tag}[{attribute}]")}
            | {node.attributes.get("data-script") or "" for node in tree.css("[data-script]")}
        )


def _repeated(names: list[str]) -> set[str]:
    return {name for name in names if names.count(name) > 1}


def check_links(pages: dict[str, PageLinks], files: set[str], sources: dict[str, str], problems: Problems) -> None:
    """Record each internal link that leads nowhere.

    pages: path of each page in the site ("lessons/x/index.html") -> its links. files: all paths of the site.
    sources: path of a page -> the project file that an author would mend.
    """
    for path, page in pages.items():
        source = sources.get(path, path)
        for name in page.repeated:
            problems.add(source, None, f"two elements of {path} have the id {name!r}", "Rename a heading, a figure or a question.")
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc or not link:
                continue
            target = posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(parts.path))) if parts.path else path
            if parts.path.endswith("/") or target == ".":
                target = posixpath.normpath(posixpath.join(target, "index.html"))
            if target not in files:
                known = [posixpath.dirname(p) + "/" for p in files if p.endswith("/index.html")]
                cure = did_you_mean(posixpath.dirname(target) + "/", known, "Correct the link.")
                problems.add(source, None, f"broken link {link!r} in {path}", cure)
            elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].anchors:
                cure = did_you_mean(unquote(parts.fragment), pages[target].anchors, "Correct the part after '#'.")
                problems.add(source, None, f"link {link!r} in {path}: that page has no such anchor", cure)
