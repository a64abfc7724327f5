"""Reading a built site: its pages, and everything a page points to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

HOST = "https://site.test/word-spaces/"  # stands for wherever the site is published

# Attributes whose value a browser fetches, by element; a link's depends on its rel.
RESOURCES = {
    "script": ["src"],
    "img": ["src", "srcset"],
    "source": ["src", "srcset"],
    "iframe": ["src"],
    "embed": ["src"],
    "object": ["data"],
    "video": ["src", "poster"],
    "audio": ["src"],
    "track": ["src"],
    "input": ["src"],
    "use": ["href", "xlink:href"],
    "image": ["href", "xlink:href"],
    "html": ["data-vega", "data-service-worker"],
    "figure": ["data-script", "data-drawer"],
    "div": ["data-worker"],
    "form": ["data-script"],
}
FETCHED_LINKS = {"stylesheet", "icon", "apple-touch-icon", "manifest", "preload", "modulepreload", "prefetch"}
_CSS_URL = re.compile(r"""(?:url\(|@import\s+)["']?([^"')\s]+)""")


@dataclass(frozen=True)
class Html:
    """One page. path: inside the site, such as "lessons/x/index.html"."""

    path: str
    text: str

    @cached_property
    def tree(self) -> LexborHTMLParser:
        return LexborHTMLParser(self.text)

    @property
    def url(self) -> str:
        return HOST + self.path.removesuffix("index.html")

    @cached_property
    def ids(self) -> list[str]:
        return [node.attributes["id"] or "" for node in self.tree.css("[id]")]

    @cached_property
    def resources(self) -> list[str]:
        """What showing or using the page fetches, as written in it."""
        found = []
        for tag, attributes in RESOURCES.items():
            for attribute in attributes:
                for node in self.tree.css(tag):
                    value = node.attributes.get(attribute)
                    found += _of_srcset(value) if value and attribute == "srcset" else [value] if value else []
        return found + [node.attributes["href"] or "" for node in self.tree.css("link[href]") if _is_fetched(node)]

    @cached_property
    def links(self) -> list[str]:
        """Where a reader can go from here."""
        plain = [node for node in self.tree.css("link[href]") if not _is_fetched(node)]
        return [node.attributes["href"] or "" for node in [*self.tree.css("a[href], area[href]"), *plain]]

    def one(self, selector: str) -> str:
        """The text, or for a meta element the content, of the only element that matches."""
        (node,) = self.tree.css(selector)
        return (node.attributes.get("content") or "") if node.tag == "meta" else node.text().strip()


class BuiltSite:
    """A site's folder as the tests look at it."""

    def __init__(self, folder: Path):
        self.folder = folder

    @cached_property
    def files(self) -> set[str]:
        return {p.relative_to(self.folder).as_posix() for p in self.folder.rglob("*") if p.is_file()}

    @cached_property
    def pages(self) -> list[Html]:
        paths = sorted(path for path in self.files if path.endswith(".html"))
        return [Html(path, (self.folder / path).read_text(encoding="utf-8")) for path in paths]

    def page(self, path: str) -> Html:
        return next(page for page in self.pages if page.path == path + "index.html")

    @property
    def lessons(self) -> list[Html]:
        return [page for page in self.pages if re.fullmatch(r"(sets/[^/]+/)?lessons/[^/]+/index\.html", page.path)]

    @property
    def figure_pages(self) -> list[Html]:
        return [page for page in self.pages if "/figures/" in page.path]

    def file_of(self, url: str) -> str | None:
        """The file of the site that a server gives for the address; None outside the site."""
        if not url.startswith(HOST):
            return None
        path = unquote(urlsplit(url).path).removeprefix(unquote(urlsplit(HOST).path))
        return path + "index.html" if path == "" or path.endswith("/") else path

    def resolve(self, page: Html, link: str) -> str:
        return urljoin(page.url, link)

    def read(self, page: Html, link: str) -> bytes:
        """The file that a link of the page leads to."""
        file = self.file_of(self.resolve(page, link))
        assert file in self.files, f"{page.path}: {link} leads nowhere"
        return (self.folder / file).read_bytes()


def _is_fetched(link: LexborNode) -> bool:
    return bool(FETCHED_LINKS & set((link.attributes.get("rel") or "").split()))


def css_urls(text: str) -> list[str]:
    return [url for url in _CSS_URL.findall(text) if not url.startswith("data:")]


def _of_srcset(value: str) -> list[str]:
    return [part.split()[0] for part in value.split(",") if part.strip()]
