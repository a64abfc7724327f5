"""Where a set's data files lie in the site.

Every artefact is at an address that stays, `data/<set>/<artefact>.json`, for people and programs. What the scripts of a page fetch lies
in a folder named by its content, `data/<set>/<version>/`, shards included: a page that is still open when the site is rebuilt either
gets the data that it was made with or none, on any server and whatever caches lie between.
"""

from __future__ import annotations

from collections.abc import Iterable

from artefacts.registry import SHARDS
from sitegen.explorers import EXPLORERS
from sitegen.project import digest
from sitegen.site_data import SetData


def fetched_folder(data: SetData) -> str:
    """The folder of the site for what pages of the set fetch. An index holds the hash of its shards, so artefacts tell all."""
    return f"data/{data.name}/{digest('fetched', *(part for name in _fetched(data) for part in (name, data.digest_of(name))))}/"


def published_paths(data: SetData, files: Iterable[str]) -> dict[str, str]:
    """Path in the site -> path below the set's folder, for the set's `files`. What pages fetch and people link to is there twice."""
    fetched, folder = set(_fetched(data)), fetched_folder(data)
    paths = {}
    for file in files:
        artefact, slash, _ = file.removesuffix(".json").partition("/")
        if artefact in fetched:
            paths[folder + file] = file
        if not slash:
            paths[f"data/{data.name}/{file}"] = file
    return paths


def _fetched(data: SetData) -> list[str]:
    """The artefacts that pages fetch, where the set has them."""
    names = {name for explorer in EXPLORERS for name in (*explorer.needs, *explorer.may_fetch)} | set(SHARDS)
    return [name for name in data if name in names]
