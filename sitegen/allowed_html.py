"""What prose may bring into a page: a short list of elements and attributes, and links to pages. Everything else is refused.

Markdown lets HTML through, and `{: ... }` gives any attribute. The pages' policy would stop scripts and styles in a browser; here they
never get that far. Values from data cannot get here at all: see stash.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

ELEMENTS = frozenset(
    "a abbr b bdi bdo blockquote br cite code dd del details dfn div dl dt em h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q rp rt ruby"
    " s samp small span strong sub summary sup table tbody td th thead tr u ul var wbr".split()
)
ATTRIBUTES = frozenset("class colspan dir id lang open rowspan scope start tabindex title translate".split())
LINKS = {"a": "href", "img": "src"}
SCHEMES = {"a": frozenset({"http", "https", "mailto", "lesson", "page"}), "img": frozenset[str]()}
OTHERS = {"a": frozenset({"rel"}), "img": frozenset({"alt", "width", "height"})}

_ALWAYS = ("html", "head", "body", "-comment")
"""What the parser adds, and comments."""
_BEGIN, _END = "word-spaces-begin", "word-spaces-end"
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):")
_SKIPPED = re.compile(r"[\x00-\x20]+")
"""Browsers leave out tabs, line feeds and leading controls of an address, so `java\\tscript:` is `javascript:`."""


@dataclass(frozen=True)
class Refused:
    """written: how what is refused may begin in the source, for finding its line."""

    what: str
    cure: str
    written: tuple[str, ...]

    def line_in(self, source: str) -> int | None:
        """The line of the source where it stands, as far as that can be told."""
        text = "\n" + source.lower()
        places = [(text.find(written.lower()), written) for written in self.written if written]
        return next((text.count("\n", 0, at) + written.startswith("\n") for at, written in places if at >= 0), None)


def refused(html: str) -> Iterator[Refused]:
    """Everything in a piece of HTML that prose may not bring."""
    if "<" not in html:
        return
    # A browser reads the piece inside a page: one that closes more than it opens, or leaves something open, changes what follows.
    tree = LexborHTMLParser(f'<div id="{_BEGIN}">{html}<wbr id="{_END}"></div>')
    end = tree.css_first(f"#{_END}")
    if end is None or end.parent is None or end.parent.attributes.get("id") != _BEGIN:
        yield Refused("an HTML element or comment is opened and not closed, or closed and not opened", "Mend it, or use Markdown.", ("<",))
    for node in tree.root.traverse():
        if node.attributes.get("id") not in (_BEGIN, _END):
            yield from _refused_of(node)


def _refused_of(node: LexborNode) -> Iterator[Refused]:
    tag = node.tag or ""
    if tag not in ELEMENTS and not (tag in _ALWAYS and not node.attributes):
        yield Refused(f"<{tag}> is not allowed in prose", "Use Markdown, or the functions that README.md lists.", (f"<{tag}", "\n# ", "<"))
        return
    for name, value in node.attributes.items():
        if "\ue000" in (value or ""):
            yield Refused(f"an expression stands in the {name[:40]!r} of <{tag}>", "Write it out: data belongs into the text.", ("{{",))
        elif name == LINKS.get(tag):
            scheme = _SCHEME.match(_SKIPPED.sub("", value or "").lower())
            if scheme and scheme[1] not in SCHEMES[tag]:
                cure = "Begin it with lesson:, page:, https:// or mailto:, or with nothing for a place on this site."
                yield Refused(f"broken link {(value or '')[:80]!r}: {scheme[1]}: is no kind of link", cure, (value or "", scheme[1], "&#"))
        elif name not in ATTRIBUTES and name not in OTHERS.get(tag, ()):
            yield Refused(f"the attribute {name[:40]!r} is not allowed in prose", "Leave it out.", (f"{name}=", name))
