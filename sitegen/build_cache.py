"""A content-addressed cache: what a key made once is not made again. Losing or damaging it costs time, nothing else."""

from __future__ import annotations

import contextlib
import hashlib
import json
from pathlib import Path
from typing import Any

from artefacts.envelope import write_atomically
from problems import ProjectError


class BuildCache:
    """JSON values by key. Each entry carries a checksum of its value, so a truncated or altered one counts as absent."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.used: set[Path] = set()

    def get(self, key: str) -> Any | None:
        path = self._path(key)
        self.used.add(path)
        try:
            checksum, _, text = path.read_bytes().partition(b"\n")
        except OSError:
            return None
        if hashlib.sha256(text).hexdigest().encode("ascii") != checksum:
            return None
        return json.loads(text)

    def put(self, key: str, value: Any) -> None:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")
        path = self._path(key)
        self.used.add(path)
        with contextlib.suppress(ProjectError):  # a read-only checkout builds without a cache
            write_atomically(path, hashlib.sha256(text).hexdigest().encode("ascii") + b"\n" + text)

    def drop_unused(self) -> None:
        """Forget what this run had no use for, once a build has succeeded."""
        for path in self.folder.glob("*/*"):
            if path not in self.used:
                with contextlib.suppress(OSError):  # the site is already in place; what cannot be deleted does no harm
                    path.unlink()

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / key
