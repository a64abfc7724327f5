"""Plain text in pages: escaped, apostrophes curled, names with a hyphen in one piece."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from markupsafe import Markup

from sitegen.typesetting import typeset
from tests.support.built_site import BuiltSite

TEXTS = {
    "GPT-2's <table>": '<span class="whole">GPT-2</span>’s &lt;table&gt;',
    "words' meanings": "words’ meanings",
    "the piece “'s”": "the piece “&#39;s”",  # a token that begins so is no apostrophe
    "all-MiniLM-L6-v2 & a two-way street": 'all-MiniLM-L6-v2 &amp; a two-way street',
    '<b class="GPT-2">': '&lt;b class=&#34;<span class="whole">GPT-2</span>&#34;&gt;',
}


@pytest.mark.parametrize("text", TEXTS)
def test_plain_text_is_escaped_and_set(text: str):
    assert typeset(text) == TEXTS[text]


def test_what_is_html_stays_as_it_is():
    assert typeset(Markup("<em>GPT-2's</em>")) == "<em>GPT-2's</em>"


def test_no_heading_has_a_typewriters_apostrophe(real_site: Path):
    wrong = [
        f"{page.path}: {heading.text()}"
        for page in BuiltSite(real_site).pages
        for heading in page.tree.css("h1:not(.visually-hidden), h2, h3, .figure-title, .standfirst")
        if re.search(r"[A-Za-z]'[a-z]", heading.text())
    ]
    assert wrong == []
