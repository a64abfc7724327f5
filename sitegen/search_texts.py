"""What the search of a set looks through: the sections of its lessons, figures, claims, glossary terms, and the names of other pages.

The texts travel as they are, in one script that the search page loads when it is used; the index is made in the browser. That is
smaller than a ready-made index beside the texts, which excerpts need anyway, and a script can be loaded from disk too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from sitegen.figure_files import script_json

KINDS = {"section": "Lesson", "figure": "Figure", "claim": "Claim", "term": "Term", "page": "Page"}
"""Kind of a text -> the label of what is found."""

MOST_CHARACTERS = 360_000
"""Of a set's script. Compressed it is then some 108 KB, so that all that a search fetches stays below 120 KB."""

_BLOCK = re.compile(r"<(?=(?:p|li|ul|ol|dl|dt|dd|tr|td|th|div|blockquote|details|br|h[1-6])\b)")
_HEADINGS = ("h2", "h3")
# Formulas on lines of their own are no words; programs are read in their place; figures are texts of their own; what a reader is to
# guess or to work out is not given away by a search.
_LEFT_OUT = "figure, .math-scroll, .question-form, .question-label, .question-answer, .solution, .verdict, .notebook-link, .heading-link"


@dataclass(frozen=True)
class SearchText:
    """One thing to find. href: below the set's root. place: where it stands, if its title does not say so."""

    kind: str  # of KINDS
    title: str
    href: str
    place: str
    text: str


def plain_text(html: str) -> str:
    """The words of a piece of HTML, with a space between its blocks."""
    body = LexborHTMLParser(_BLOCK.sub(" <", html)).body
    return _words(body) if body else ""


def lesson_texts(html: str, slug: str, title: str, summary: str) -> list[SearchText]:
    """A lesson's beginning, its sections by heading, and its figures, in their order. html: its finished text."""
    body = LexborHTMLParser(_BLOCK.sub(" <", html)).body
    if body is None:
        return []
    page = f"lessons/{slug}/"
    figures = [_figure(node, page, title) for node in body.css("figure[data-figure]")]
    for node in body.css(_LEFT_OUT):
        node.decompose()
    sections: list[tuple[str, str, list[str]]] = [(title, page, [summary])]
    for node in body.iter():
        anchor = node.attributes.get("id")
        if node.tag in _HEADINGS and anchor:
            sections.append((_words(node), f"{page}#{anchor}", []))
        else:
            sections[-1][2].append(_words(node))
    texts = [SearchText("section", name, href, "" if href == page else title, _joined(parts)) for name, href, parts in sections]
    return texts + figures


def _figure(node: LexborNode, page: str, lesson_title: str) -> SearchText:
    title, caption = node.css_first(".figure-title"), node.css_first(".figure-caption")
    text = _words(caption) if caption else ""
    return SearchText("figure", _words(title) if title else "", f"{page}#{node.attributes['id']}", lesson_title, text)


def claim_texts(values: Iterable[dict[str, Any]]) -> list[SearchText]:
    """values: the claims as the ledger shows them."""
    return [
        SearchText("claim", value["statement"], f"claims/#{value['id']}", f"{value['source_label']}: {value['verdict']}", value["reason"])
        for value in values
    ]


def term_texts(definitions: Iterable[tuple[str, str, str]]) -> list[SearchText]:
    """definitions: id, term and definition (HTML) of each entry of the glossary."""
    return [SearchText("term", term, f"glossary/#{term_id}", "", plain_text(html)) for term_id, term, html in definitions]


def within(texts: list[SearchText], most_characters: int) -> list[SearchText]:
    """The texts cut such that their script is at most so many characters: the longest lose their ends, between two words.

    Titles stay, whatever they take. Counted in characters, not in compressed bytes, which differ from one zlib to the next.
    """
    lengths = sorted(len(text.text) for text in texts)
    left = most_characters - (len(search_script(texts)) - sum(lengths))
    for n, length in enumerate(lengths):
        if length * (len(lengths) - n) > left:
            longest = max(left, 0) // (len(lengths) - n)
            return [replace(text, text=_beginning(text.text, longest)) for text in texts]
        left -= length
    return texts


def _beginning(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[:longest].rpartition(" ")[0]


def search_script(texts: list[SearchText]) -> str:
    """The classic script that hands the texts to the search page."""
    rows = [{name: value for name, value in vars(text).items() if value} for text in texts]
    return f"WordSpaces.define({script_json('search-texts')},{script_json({'kinds': KINDS, 'texts': rows})});\n"


def contents_by_lesson(texts: list[SearchText]) -> list[dict[str, Any]]:
    """For the page as it is before anything is searched for: each lesson with its sections and its figures.

    texts: those of the lessons, one lesson after the other.
    """
    lessons: list[dict[str, Any]] = []
    for text in texts:
        if text.kind == "section" and not text.place:
            lessons.append({"title": text.title, "href": text.href, "sections": [], "figures": []})
        else:
            lessons[-1]["sections" if text.kind == "section" else "figures"].append({"title": text.title, "href": text.href})
    return lessons


def _words(node: LexborNode) -> str:
    return " ".join(node.text().split())


def _joined(parts: Iterable[str]) -> str:
    return " ".join(part for part in parts if part)
