"""What the files of a sharded artefact are called, `<artefact>/NNNN.json`, and their order.

Numbers above 9,999 have more digits, so names in the order of the alphabet are not in the order of the shards.
"""

from __future__ import annotations

from pathlib import Path


def shard_name(number: int) -> str:
    """Of the shard of that number, from 0. `files.numbered` of static/js/explore/files.js makes the same."""
    return f"{number:04d}.json"


def shard_number(name: str | Path) -> int:
    """The inverse, of a name or a path; to sort by."""
    return int(Path(name).stem)
