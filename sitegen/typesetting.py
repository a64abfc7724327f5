"""Plain text that people wrote, as HTML that looks set: titles, summaries, the words of claims and questions."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

_APOSTROPHE_OR_NAME = re.compile(r"(?<=\w)&#39;|\b[A-Za-z]+-\d\w*")


def typeset(text: str) -> Markup:
    """Escaped, with curled apostrophes, and names such as GPT-2 in one piece on a line. What is HTML already stays as it is."""
    if isinstance(text, Markup):
        return text

    def set_part(found: re.Match[str]) -> str:
        return "’" if found[0] == "&#39;" else f'<span class="whole">{found[0]}</span>'

    return Markup(_APOSTROPHE_OR_NAME.sub(set_part, escape(text)))
