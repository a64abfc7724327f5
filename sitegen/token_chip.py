"""Tokens as HTML: a chip in which leading spaces, odd bytes and control characters can be seen."""

from __future__ import annotations

import functools
import unicodedata

from markupsafe import Markup, escape

from artefacts.schemas.parts import TokenizerKind
from artefacts.tokens import visible_parts

_SPOKEN = {"space": "space", "continuation": "continues a word", "control": "control character", "byte": "byte"}


@functools.cache  # tables name the same tokens again and again
def token_chip(raw: str, kind: TokenizerKind, role: str | None = None) -> Markup:
    """A token of any vocabulary, safe in HTML. Its parts carry classes by which the style sheet tells them apart.

    role: the chip takes that model's colour.
    """
    parts = ""
    for part in visible_parts(raw, kind):
        title = f' title="{_SPOKEN[part.mark]}"' if part.mark in _SPOKEN else ""
        parts += f'<span class="token-{part.mark}"{title}>{escape(part.shown)}</span>'
    # dir: a right-to-left token must not reorder its neighbours. translate: a page translator would falsify it.
    classes = f"token role-{role}" if role else "token"
    return Markup(f'<span class="{classes}" dir="ltr" translate="no">{parts}</span>')


def visible_controls(text: str) -> str:
    """Text with control characters, and those that turn the direction of reading, shown as `⟨U+202E⟩`; line feeds and tabs stay."""
    if text.isprintable():
        return text
    return "".join(f"⟨U+{ord(c):04X}⟩" if _is_hidden_control(c) else c for c in text)


def _is_hidden_control(character: str) -> bool:
    return (unicodedata.category(character) == "Cc" and character not in "\n\t") or character in _TURNING


_TURNING = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
