"""Reading artefacts for figures: who the members of a set are, and how numbers and tokens are put into sentences."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from artefacts.schemas.parts import Histogram
from artefacts.tokens import visible_text

ROLES = ("decoder", "encoder")  # in the order in which figures show them


@dataclass(frozen=True)
class Member:
    """A model of the set as figures name it."""

    role: str
    name: str  # "SmolLM2"
    tokenizer_kind: str

    @property
    def heading(self) -> str:
        """Such as "SmolLM2, decoder"."""
        return f"{self.name}, {self.role}"

    @property
    def leading_space(self) -> bool:
        """Whether its whole words are spelled with the space before them."""
        return self.tokenizer_kind == "byte_level_bpe"

    def shown(self, raw: str) -> str:
        """A raw token as readers see it, spaces made visible."""
        return visible_text(raw, self.tokenizer_kind)

    def quoted(self, raw: str) -> str:
        """The same in quotation marks."""
        return f"“{self.shown(raw)}”"


def members(data: Mapping[str, Any]) -> dict[str, Member]:
    """Decoder and encoder of the set, from the artefact `model_facts`."""
    facts = {fact.role: fact for fact in data["model_facts"].models}
    return {role: Member(role, facts[role].name, facts[role].tokenizer_kind) for role in ROLES if role in facts}


def of_role(entries: Iterable[Any], role: str) -> Any | None:
    """The entry about the model in that role, or None."""
    return next((entry for entry in entries if entry.role == role), None)


def filled_bins(histogram: Histogram) -> list[tuple[float, float, int]]:
    """(from, to, count) of each bin, without the empty ones at either end but one, so that a drawn outline comes back to zero."""
    bins = list(zip(histogram.edges, histogram.edges[1:], histogram.counts, strict=False))
    full = [n for n, (_, _, number) in enumerate(bins) if number]
    return bins[max(full[0] - 1, 0) : full[-1] + 2] if full else bins


def angle(cosine: float) -> float:
    """The angle in degrees that a cosine means."""
    return math.degrees(math.acos(max(-1.0, min(1.0, cosine))))


def fixed(value: float, decimals: int = 2) -> str:
    """A number for a sentence, with a real minus sign and no minus zero: -0.004 to two decimals is 0.00."""
    text = f"{value:,.{decimals}f}"
    return text.replace("-", "−") if any(c in "123456789" for c in text) else text.removeprefix("-")


def degrees(cosine: float) -> str:
    """A cosine as a whole number of degrees."""
    return f"{fixed(angle(cosine), 0)}°"


def percent(share: float, decimals: int = 0) -> str:
    """A share, 0 to 1, as a percentage."""
    return f"{fixed(share * 100, decimals)}%"


def millions(number: int) -> str:
    """Parameters in millions: one decimal below a hundred, none above."""
    return fixed(number / 1e6, 1 if number < 1e8 else 0)


def count(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun: 1 variant, 3 variants."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(parts: Iterable[str], last: str = "and") -> str:
    """Parts as a sentence lists them: a, b and c; none for nothing."""
    parts = list(parts)
    if len(parts) < 2:
        return parts[0] if parts else "none"
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def capitalised(sentence: str) -> str:
    """With a capital at its beginning; the rest as it is."""
    return sentence[:1].upper() + sentence[1:]


def rounded(value: float, decimals: int = 4) -> float:
    """For data that is drawn: no more digits than a pixel can show, and no minus zero."""
    return round(value, decimals) + 0.0
