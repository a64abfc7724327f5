"""Which edition of the site a page is of: the project's version and a digest of the set's data, so that a number can be found again.

It depends on the data alone, for it stands on every page: with the prose in it, one corrected word would change all pages. A lesson says
by its own date when its text was last changed.
"""

from __future__ import annotations

from sitegen.project import digest
from sitegen.site_data import SetData

_NO_PART = {"measured_times"}
"""Artefacts that differ from run to run, by the clock, while all results are the same."""


def edition_of(version: str, data: SetData) -> str:
    """Such as "0.1.0+1f0c93ab", written like a version with build metadata (semver.org)."""
    parts = (part for name in data if name not in _NO_PART for part in (name, data.digest_of(name)))
    return f"{version}+{digest('edition', *parts)[:8]}"
