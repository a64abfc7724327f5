"""Markdown to HTML: what lessons use of it, and MathML in place of formulas."""

from __future__ import annotations

import re
from html import unescape

import pytest
from selectolax.lexbor import LexborHTMLParser

from sitegen.allowed_html import Refused
from sitegen.markdown_to_html import convert
from tests.text_rendering import html_of


def formula(latex: str, display: bool) -> str:
    return f"[{latex}|{'display' if display else 'inline'}]"


def never(fault: Refused) -> None:
    raise AssertionError(fault)


def html(text: str) -> str:
    return convert(text, formula, never)[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$a < b$ & c", "<p>[a < b|inline] &amp; c</p>"),
        (r"\(a_1 * b_2 * c_3\)", "<p>[a_1 * b_2 * c_3|inline]</p>"),
        ("It costs 5 $ or 6 $ there.", "<p>It costs 5 $ or 6 $ there.</p>"),
        ("$$\na \\\\ b\n$$", "[a \\\\ b|display]"),
        ("`$a$`", "<p><code>$a$</code></p>"),
        ('*It\'s* "so"', "<p><em>It’s</em> “so”</p>"),
        ("a -- b ... c", "<p>a -- b ... c</p>"),
        ("- one\n\n1. two", "<ul>\n<li>one</li>\n</ul>\n<ol>\n<li>two</li>\n</ol>"),
        ("[a](https://example.org/){: rel=noopener }", '<p><a href="https://example.org/" rel="noopener">a</a></p>'),
        ("snake_case_name", "<p>snake_case_name</p>"),
    ],
)
def test_markdown_as_lessons_use_it(text: str, expected: str):
    """Formulas reach the typesetter whole and nothing else is taken for one."""
    assert unescape(html(text)).replace("\n", "") == unescape(expected).replace("\n", "")


def test_formulas_become_mathml():
    """A page needs no script for its formulas, and keeps neither LaTeX nor dollar signs."""
    page = html_of("Inline $\\cos\\alpha$.\n\n$$\n\\frac{a}{b}\n$$")
    tree = LexborHTMLParser(page)
    assert [node.attributes.get("display") for node in tree.css("math")] == [None, "block"]
    assert "$" not in page
    assert "style=" not in page


def test_a_formula_may_hold_a_number_from_data():
    """Numbers in formulas are computed too."""
    assert re.search(r"<mn>0\.44</mn>", html_of("$x = {{ data.x|number(2) }}$", data={"x": 0.4424}))


def test_a_wide_table_scrolls_by_itself_and_by_keyboard():
    """No page scrolls sideways at 320 px."""
    tree = LexborHTMLParser(html("| a | b |\n|---|---|\n| 1 | 2 |"))
    region = tree.css_first("div.table-scroll")
    assert region.attributes["tabindex"] == "0"
    assert region.attributes["role"] in ("region", "group")
    assert region.attributes["aria-label"]
    assert len(tree.css("div.table-scroll > table")) == 1


def test_code_is_highlighted_by_classes():
    """The policy of the pages forbids style attributes."""
    block = html('```python\nprint("<b>")\n```')
    assert 'class="nb"' in block
    assert "&lt;b&gt;" in block
    assert "style=" not in block


def test_headings_have_anchors_and_make_the_contents():
    """Second and third level, in order, with the anchors they have in the page."""
    page, headings = convert("## One & two\n\n### Below\n\n#### Too deep\n\n## One & two\n\n## Own {: #mine }", formula, never)
    assert [(h.id, [c.id for c in h.children]) for h in headings] == [("one-two", ["below"]), ("one-two_1", []), ("mine", [])]
    assert re.findall(r'<h[23] id="([^"]+)"', page) == ["one-two", "below", "one-two_1", "mine"]


def test_texts_do_not_leak_into_each_other():
    """References and anchors of one text mean nothing in the next: pages are rendered in any order."""
    html("[x]: https://example.org/\n\n*[HTML]: language\n\n## Same")
    assert html("[x] HTML\n\n## Same") == '<p>[x] HTML</p>\n<h2 id="same">Same</h2>'
