"""What was read from YAML, TOML and BibTeX, kept from build to build: parsing them takes longer than most builds have use for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sitegen.build_cache import BuildCache
from sitegen.code_digest import code_digest
from sitegen.project import Problems, digest


class KeptSources:
    """Values by the text that they were read from."""

    def __init__(self, cache: BuildCache):
        self.cache = cache

    def value_of(self, kind: str, text: str, problems: Problems, read: Callable[[], Any]) -> Any:
        """What an earlier build read from the text, or what `read` returns, a JSON value, kept if nothing was wrong with it."""
        key = digest("source", code_digest(), kind, text)
        value = self.cache.get(key)
        if value is None:
            met_before = problems.met
            value = read()
            if problems.met == met_before:
                self.cache.put(key, value)
        return value
