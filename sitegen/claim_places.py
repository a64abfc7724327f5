"""Where a lesson cites its claims, so that the ledger can lead back to the prose."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser

ANCHOR = "cites-"
"""What the id of a claim's link in the prose begins with."""


@dataclass(frozen=True)
class ClaimPlace:
    """One link from the prose to the ledger. section: the heading above it, "" before the first."""

    claim: str
    anchor: str
    section: str


def claim_anchor(claim_id: str, number: int) -> str:
    """The id of the claim's nth link on a page, counted from 1."""
    return f"{ANCHOR}{claim_id}" if number == 1 else f"{ANCHOR}{claim_id}-{number}"


def claim_places(html: str) -> list[ClaimPlace]:
    """All links to claims in a lesson's finished text, in their order."""
    found, section = [], ""
    for node in LexborHTMLParser(html).css(f"h2, a.verdict[id^='{ANCHOR}']"):
        if node.tag == "h2":
            section = _words(node)
        else:
            claim = (node.attributes["href"] or "").partition("#")[2]
            found.append(ClaimPlace(claim, node.attributes["id"] or "", section))
    return found


def _words(heading) -> str:
    for link in heading.css(".heading-link"):
        link.decompose()
    return " ".join(heading.text().split())


def one_a_section(places: Iterable[ClaimPlace]) -> list[ClaimPlace]:
    """The first link of each section: what the ledger lists."""
    first: dict[str, ClaimPlace] = {}
    for place in places:
        first.setdefault(place.section, place)
    return list(first.values())
