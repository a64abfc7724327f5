"""Finished HTML that must pass through Markdown untouched.

Whatever an expression in a lesson prints is replaced by a placeholder: two private-use characters, and between them the stash's
seed and a number. After Markdown has run, the placeholders are replaced by what they stand for, so no value from data can become
Markdown or markup. The seed is a digest of the lesson, which no token can know, so nothing in the data is taken for a placeholder.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_ANY_PLACEHOLDER = re.compile("\ue000[0-9a-f]+-\\d+\ue001")

Finished = str | Callable[[], str]


class Stash:
    """HTML kept away from Markdown: a text gets a mark in its place, which `restore` exchanges for it."""

    def __init__(self, seed: str):
        """seed: hexadecimal digits."""
        self._kept: list[tuple[Finished, bool]] = []
        self._sizes: list[int] = []
        self._seed = seed
        self._placeholder = re.compile(f"\ue000{seed}-(\\d+)\ue001")
        self._alone_in_paragraph = re.compile(f"<p>\\s*((?:\ue000{seed}-\\d+\ue001\\s*)+)</p>")

    def keep(self, html: Finished, block: bool = False, holds: str = "") -> str:
        """A placeholder for `html`, which may be a function called when all of the page is known.

        block: it is not allowed inside a paragraph, so a paragraph that holds nothing else is taken away.
        holds: of a function, the text that it will put into what it makes.
        """
        self._kept.append((html, block))
        self._sizes.append(self.size_of(holds if callable(html) else html))
        placeholder = f"\ue000{self._seed}-{len(self._kept) - 1}\ue001"
        return f"\n\n{placeholder}\n\n" if block else placeholder

    def size_of(self, text: str) -> int:
        """Characters of a text when everything in it has been put back: what is kept can hold placeholders of what was kept before."""
        return len(text) + sum(self._sizes[int(n)] for n in self._placeholder.findall(text)) if "\ue000" in text else len(text)

    def is_placeholder(self, text: str) -> bool:
        """Whether the text is one placeholder and nothing else, white space apart."""
        return self._placeholder.fullmatch(text.strip()) is not None

    def is_torn(self, html: str) -> bool:
        """Whether something took a placeholder apart, so that it could not be restored."""
        return "\ue000" in self._placeholder.sub("", html)

    def restore(self, html: str) -> str:
        """Put everything back, also what was kept inside something kept."""

        def unwrap(match: re.Match[str]) -> str:
            numbers = [int(n) for n in self._placeholder.findall(match[1])]
            return match[1] if all(self._kept[n][1] for n in numbers) else match[0]

        while self._placeholder.search(html):
            html = self._alone_in_paragraph.sub(unwrap, html)
            html = self._placeholder.sub(self._finished, html)
        return html

    def _finished(self, match: re.Match[str]) -> str:
        html = self._kept[int(match[1])][0]
        return html() if callable(html) else html


def without_placeholders(text: str) -> str:
    """Text as it is used for anchors: what was kept leaves no trace."""
    return _ANY_PLACEHOLDER.sub("", text)
