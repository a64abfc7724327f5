"""Markdown and its mathematics to HTML."""

from __future__ import annotations

import functools
import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sitegen.allowed_html import Refused, refused
from sitegen.stash import without_placeholders

if TYPE_CHECKING:
    import markdown


MOST_OF_A_SIGN = 2000
_INLINE_MATHS = re.compile(r'<span class="arithmatex">\\\(([^<]*?)\\\)</span>')  # what is inside is escaped
_DISPLAY_MATHS = re.compile(r'<div class="arithmatex">\s*\\\[([^<]*?)\\\]\s*</div>')


@dataclass(frozen=True)
class Heading:
    """A heading of the page and those below it."""

    id: str
    title: str  # HTML
    children: list[Heading]


@functools.cache
def _converter() -> markdown.Markdown:
    # Here, because many builds have nothing to convert; and by class, because by name all installed packages are looked through.
    from markdown import Markdown
    from markdown.extensions.abbr import AbbrExtension
    from markdown.extensions.attr_list import AttrListExtension
    from markdown.extensions.def_list import DefListExtension
    from markdown.extensions.sane_lists import SaneListExtension
    from markdown.extensions.smarty import SmartyExtension
    from markdown.extensions.tables import TableExtension
    from markdown.extensions.toc import TocExtension, slugify
    from pymdownx.arithmatex import ArithmatexExtension
    from pymdownx.highlight import HighlightExtension
    from pymdownx.superfences import SuperFencesCodeExtension

    extensions = [
        TableExtension(),
        AttrListExtension(),
        DefListExtension(),
        AbbrExtension(),
        TocExtension(slugify=lambda text, separator: slugify(without_placeholders(text), separator), toc_depth="2-3"),
        SaneListExtension(),
        # The prose types its quotation marks and dashes itself; only apostrophes and quotes are curled.
        SmartyExtension(smart_dashes=False, smart_ellipses=False),
        SuperFencesCodeExtension(),
        HighlightExtension(use_pygments=True, guess_lang=False),
        ArithmatexExtension(generic=True),
    ]
    return Markdown(extensions=extensions, output_format="html")


def convert(text: str, mathml_of: Callable[[str, bool], str], refuse: Callable[[Refused], None]) -> tuple[str, list[Heading]]:
    """Markdown text as HTML, and its headings of level two and three.

    mathml_of: LaTeX and whether it stands on a line of its own -> MathML. refuse: told of everything that prose may not bring; the
    HTML is then of no use.
    """
    heaps = _heaps(text)
    for heap in heaps:
        refuse(heap)
    if heaps:
        return "", []
    converter = _converter()
    try:
        result = converter.reset().convert(text)
    except RecursionError:
        refuse(Refused("quotations, lists or emphasis stand in each other too deeply", "Take some levels out.", ()))
        return "", []
    result = _aligned(result)
    for fault in refused(result):
        refuse(fault)

    def with_mathml(text: str) -> str:
        text = _DISPLAY_MATHS.sub(lambda m: mathml_of(html.unescape(m[1]).strip(), True), text)
        return _INLINE_MATHS.sub(lambda m: mathml_of(html.unescape(m[1]).strip(), False), text)

    def heading(token: dict[str, Any]) -> Heading:
        return Heading(token["id"], with_mathml(token["html"]), [heading(child) for child in token["children"]])

    headings = [heading(token) for token in converter.toc_tokens]
    return _scrollable(with_mathml(result)), headings


def _heaps(text: str) -> list[Refused]:
    """Signs of which one paragraph holds so many that Markdown, whose time for them grows with the square, would hardly end."""
    return [
        Refused(f"a paragraph holds {paragraph.count(sign):,} times {sign!r}", "Divide it.", (paragraph.strip()[:40], sign * 9, sign))
        for paragraph in (text.split("\n\n") if len(text) > MOST_OF_A_SIGN else ())
        for sign in "[`<"
        if paragraph.count(sign) > MOST_OF_A_SIGN
    ]


def _aligned(result: str) -> str:
    """Columns that Markdown aligns by a style, which the pages' policy forbids: left as all are, right as numbers are."""
    result = re.sub(r'(<t[hd]) style="text-align: left;">', r"\1>", result)
    return re.sub(r'(<t[hd]) style="text-align: right;">', r'\1 class="number">', result)


def _scrollable(result: str) -> str:
    """A table or code wider than a phone scrolls by itself, by keyboard too."""
    opening = '<div class="table-scroll" tabindex="0" role="group" aria-label="Table, scrolls sideways"><table>'
    result = result.replace("<table>", opening).replace("</table>", "</table></div>")
    return result.replace("<pre>", '<pre tabindex="0">')


_CAPTION_PART = re.compile(r"`([^`]+)`|(?<!\S)\*(?=\S)([^*]+)(?<=\S)\*(?![\w*])")


def caption_html(text: str) -> str:
    """A caption as HTML. It is made from data as well as prose, so it knows `code` and *emphasis*, and no more of Markdown."""

    def part(match: re.Match[str]) -> str:
        return f"<code>{match[1]}</code>" if match[1] else f"<em>{match[2]}</em>"

    return re.sub(r"(?<=\w)'", "’", _CAPTION_PART.sub(part, html.escape(text, quote=False)))
