"""Finished HTML that must pass through Markdown untouched.

Whatever an expression in a lesson prints is replaced by a placeholder of two private-use characters and a number; after Markdown
has run, the placeholders are replaced by what they stand for. So no value from data can become Markdown or markup.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_PLACEHOLDER = re.compile("\ue000(\\d+)\ue001")
_ALONE_IN_PARAGRAPH = re.compile("<p>\\s*((?:\ue000\\d+\ue001\\s*)+)</p>")

Finished = str | Callable[[], str]


class Stash:
    def __init__(self) -> None:
        self._kept: list[tuple[Finished, bool]] = []

    def keep(self, html: Finished, block: bool = False) -> str:
        """A placeholder for `html`, which may be a function called when all of the page is known.

        block: it is not allowed inside a paragraph, so a paragraph that holds nothing else is taken away.
        """
        self._kept.append((html, block))
        placeholder = f"\ue000{len(self._kept) - 1}\ue001"
        return f"\n\n{placeholder}\n\n" if block else placeholder

    def restore(self, html: str) -> str:
        """Put everything back, also what was kept inside something kept."""

        def unwrap(match: re.Match[str]) -> str:
            numbers = [int(n) for n in _PLACEHOLDER.findall(match[1])]
            return match[1] if all(self._kept[n][1] for n in numbers) else match[0]

        while "\ue000" in html:
            html = _ALONE_IN_PARAGRAPH.sub(unwrap, html)
            html = _PLACEHOLDER.sub(self._finished, html)
        return html

    def _finished(self, match: re.Match[str]) -> str:
        html = self._kept[int(match[1])][0]
        return html() if callable(html) else html


def without_placeholders(text: str) -> str:
    """Text as it is used for anchors: what was kept leaves no trace."""
    return _PLACEHOLDER.sub("", text)
