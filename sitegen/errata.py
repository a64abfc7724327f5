"""What was published and was wrong: `content/errata.toml`, one entry a correction, shown at /errata/.

    [[erratum]]
    date = 2026-12-01                       # of the correction
    page = "lessons/inside-the-layers/#best-cells"
    wrong = "What the page said."
    right = "What it says now, and how the error came about if that helps."
    version = "0.1.0+1f0c93ab"              # the last version in which it stood: see the foot of the pages
"""

from __future__ import annotations

import datetime
from itertools import pairwise
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from sitegen.project import Problems, Project, read_entries
from sitegen.published_addresses import ADDRESS

FILE = "errata.toml"
Text = Annotated[str, Field(min_length=1, pattern=r"\S")]


class Erratum(BaseModel):
    """One correction. page: address below a set's folder. version: the last one in which the error stood."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    date: datetime.date
    page: Annotated[str, Field(pattern=ADDRESS)]
    wrong: Text
    right: Text
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+(\+[0-9a-f]{8})?$")]


def read_errata(project: Project, problems: Problems) -> list[Erratum]:
    """All corrections, the oldest first: new ones are written at the end, so that the number of each, its anchor, stays."""
    path = project.content / FILE
    if not path.exists():
        return []
    entries = read_entries(path, problems, "erratum", Erratum)
    for (before, _), (after, line) in pairwise(entries):
        if after.date < before.date:
            problems.add(path, line, f"the erratum of {after.date} stands below that of {before.date}", "Write new ones at the end.")
    return [erratum for erratum, _ in entries]
