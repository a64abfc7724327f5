"""The programs that Jinja makes of texts, kept from build to build section by section: an edit compiles the section that it is in."""

from __future__ import annotations

import marshal
import re
from collections.abc import Callable
from pathlib import Path
from types import CodeType

from sitegen.build_cache import BuildCache
from sitegen.code_digest import code_digest
from sitegen.project import digest

_SECTION = re.compile(r"^(?=## )", re.MULTILINE)


def sections(text: str) -> list[str]:
    """The text cut before each heading of the second level; joined again they are the text."""
    return _SECTION.split(text)


class CompiledTexts:
    """Programs by the text's file and the section's content."""

    def __init__(self, cache: BuildCache | None = None):
        """cache: where they are kept; without one, every section is compiled each time."""
        self._cache = cache

    def programs(self, path: Path, parts: list[str], compile_part: Callable[[str], CodeType]) -> list[CodeType]:
        """The program of each part. Raises what `compile_part` raises; nothing new is kept then."""
        if self._cache is None:
            return [compile_part(part) for part in parts]
        key = digest("compiled text", code_digest(), *path.parts[-2:])
        _, known = self._cache.get_files(key) or (None, {})
        digests = [digest(part) for part in parts]
        found = {name: known.get(name) or marshal.dumps(compile_part(part)) for name, part in zip(digests, parts, strict=True)}
        if found.keys() != known.keys():
            self._cache.put_files(key, None, found)
        return [marshal.loads(found[name]) for name in digests]  # the cache has checked that they are as they were written
