"""Writes published_similarity: numbers that others printed, brought into the site's data from a hand-made list."""

from __future__ import annotations

from artefacts.schemas.family import PublishedSimilarity, PublishedWay
from precompute.workspace import Workspace

WORD_LIST = "published_similarity"


def export(work: Workspace) -> PublishedSimilarity:
    """The hand-made list as it is, with its source."""
    published = work.words(WORD_LIST)
    return PublishedSimilarity(source=published["source"], tasks=published["tasks"], ways=[PublishedWay(**way) for way in published["way"]])
