"""Tokens as HTML: a chip in which leading spaces, odd bytes and control characters can be seen."""

from __future__ import annotations

from markupsafe import Markup

from artefacts.schemas import TokenizerKind
from artefacts.tokens import visible_parts

_SPOKEN = {"space": "space", "continuation": "continues a word", "control": "control character", "byte": "byte"}


def token_chip(raw: str, kind: TokenizerKind) -> Markup:
    """A token of any vocabulary, safe in HTML. Its parts carry classes by which the style sheet tells them apart."""
    parts = Markup("").join(
        Markup('<span class="token-{}"{}>{}</span>').format(
            part.mark, Markup(' title="{}"').format(_SPOKEN[part.mark]) if part.mark in _SPOKEN else "", part.shown
        )
        for part in visible_parts(raw, kind)
    )
    # dir: a right-to-left token must not reorder its neighbours. translate: a page translator would falsify it.
    return Markup('<span class="token" dir="ltr" translate="no">{}</span>').format(parts)
