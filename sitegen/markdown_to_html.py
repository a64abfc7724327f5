"""Markdown and its mathematics to HTML."""

from __future__ import annotations

import functools
import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import markdown
from markdown.extensions.toc import slugify

from sitegen.stash import without_placeholders

_EXTENSIONS = [
    "tables",
    "attr_list",
    "def_list",
    "abbr",
    "toc",
    "sane_lists",
    "smarty",
    "pymdownx.superfences",
    "pymdownx.highlight",
    "pymdownx.arithmatex",
]
_SETTINGS: dict[str, dict[str, Any]] = {
    "toc": {"slugify": lambda text, separator: slugify(without_placeholders(text), separator), "toc_depth": "2-3"},
    "pymdownx.highlight": {"use_pygments": True, "guess_lang": False},
    "pymdownx.arithmatex": {"generic": True},
    # The prose types its quotation marks and dashes itself; only apostrophes and quotes are curled.
    "smarty": {"smart_dashes": False, "smart_ellipses": False},
}
_INLINE_MATHS = re.compile(r'<span class="arithmatex">\\\((.*?)\\\)</span>', re.DOTALL)
_DISPLAY_MATHS = re.compile(r'<div class="arithmatex">\s*\\\[(.*?)\\\]\s*</div>', re.DOTALL)


@dataclass(frozen=True)
class Heading:
    """A heading of the page and those below it."""

    id: str
    title: str  # HTML
    children: list[Heading]


@functools.cache
def _converter() -> markdown.Markdown:
    return markdown.Markdown(extensions=_EXTENSIONS, extension_configs=_SETTINGS, output_format="html")


def convert(text: str, mathml_of: Callable[[str, bool], str]) -> tuple[str, list[Heading]]:
    """Markdown text as HTML, and its headings of level two and three.

    mathml_of: LaTeX and whether it stands on a line of its own -> MathML.
    """
    converter = _converter()
    result = converter.reset().convert(text)

    def with_mathml(text: str) -> str:
        text = _DISPLAY_MATHS.sub(lambda m: mathml_of(html.unescape(m[1]).strip(), True), text)
        return _INLINE_MATHS.sub(lambda m: mathml_of(html.unescape(m[1]).strip(), False), text)

    def heading(token: dict[str, Any]) -> Heading:
        return Heading(token["id"], with_mathml(token["html"]), [heading(child) for child in token["children"]])

    headings = [heading(token) for token in converter.toc_tokens]
    return _scrollable(with_mathml(result)), headings


def _scrollable(result: str) -> str:
    """A table or code wider than a phone scrolls by itself, by keyboard too."""
    opening = '<div class="table-scroll" tabindex="0" role="group" aria-label="Table, scrolls sideways"><table>'
    result = result.replace("<table>", opening).replace("</table>", "</table></div>")
    return result.replace("<pre>", '<pre tabindex="0">')
