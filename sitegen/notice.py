"""What of others the site carries and is made with, as NOTICE lists it."""

from __future__ import annotations

import re
from dataclasses import dataclass

_GROUP = re.compile(r"(?m)^(.+)\n-+\n\n((?:.+\n)+)")
_PART = re.compile(r"(?m)^([^(\n]+) (\S+) \((.+)\)$")


@dataclass(frozen=True)
class NoticeGroup:
    """What belongs together in NOTICE, such as the packages that build the site."""

    title: str
    parts: list[tuple[str, str, str]]  # name, version, licence


def notice_groups(text: str) -> list[NoticeGroup]:
    """The groups of NOTICE in its order. ValueError with a cure if it holds none, as when it was edited by hand."""
    groups = [NoticeGroup(title, _PART.findall(parts)) for title, parts in _GROUP.findall(text)]
    if not groups or not all(group.parts for group in groups):
        raise ValueError("lists no packages with version and licence. Run scripts/write_notices.py.")
    return groups
