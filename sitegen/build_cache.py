"""A content-addressed cache: what a key made once is not made again. Losing or damaging it costs time, nothing else."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any


class BuildCache:
    """JSON values by key. Each entry carries a checksum of its key and value: what is cut short, altered or another's counts as absent."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.used: set[str] = set()
        self._recordings: list[set[str]] = []
        self.began_empty = next(folder.glob("*"), None) is None
        """Whether no build had kept anything when this one began."""

    def get(self, key: str) -> Any | None:
        """What was put under the key; None if nothing was, or if it cannot be read any more."""
        kept, start = self._read(key)
        return None if kept is None else json.loads(kept[start:])

    def has(self, key: str) -> bool:
        """Whether there is an entry under the key, which may turn out to be damaged."""
        return bool(key) and self._path(key).exists()

    def put(self, key: str, value: Any) -> None:
        """Keep a JSON value. A cache that cannot be written costs time, never a build."""
        self._write(key, json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8"))

    def get_files(self, key: str) -> tuple[Any, dict[str, bytes]] | None:
        """A value and the files that were kept with it: path -> content."""
        kept, start = self._read(key)
        if kept is None:
            return None
        end = kept.index(b"\n", start)
        value, lengths = json.loads(kept[start:end])
        files, start = {}, end + 1
        for path, length in lengths:
            files[path] = kept[start : start + length]
            start += length
        return value, files

    def put_files(self, key: str, value: Any, files: dict[str, bytes]) -> None:
        """Keep a JSON value together with files: name -> content."""
        lengths = [(path, len(content)) for path, content in files.items()]
        head = json.dumps([value, lengths], ensure_ascii=False, allow_nan=False).encode("utf-8")
        self._write(key, b"\n".join((head, b"".join(files.values()))))

    def keep(self, keys: Iterable[str]) -> None:
        """Count these entries as used in this run, though nobody asked for them."""
        for key in keys:
            self._use(key)

    @contextlib.contextmanager
    def recording(self) -> Iterator[set[str]]:
        """The keys that are used inside the block."""
        keys: set[str] = set()
        self._recordings.append(keys)
        try:
            yield keys
        finally:
            self._recordings.pop()

    def drop_unused(self) -> None:
        """Forget what this run had no use for, once a build has succeeded."""
        for path in self.folder.glob("*/*"):
            if path.name not in self.used:
                with contextlib.suppress(OSError):  # the site is already in place; what cannot be deleted does no harm
                    path.unlink()

    def _use(self, key: str) -> None:
        self.used.add(key)
        for keys in self._recordings:
            keys.add(key)

    def _read(self, key: str) -> tuple[bytes | None, int]:
        """What the entry's file holds, if it is as it was written, and where in it the value begins. Megabytes are not copied."""
        self._use(key)
        try:
            kept = self._path(key).read_bytes()
        except OSError:
            return None, 0
        start = kept.find(b"\n") + 1
        return (kept, start) if _checksum(key, memoryview(kept)[start:]) == kept[: start - 1] else (None, 0)

    def _write(self, key: str, text: bytes) -> None:
        self._use(key)
        path = self._path(key)
        unfinished = path.with_name(f".{key}.{os.getpid()}")
        try:  # not forced onto the disk: that takes longer than most of the work, and the checksum tells what a crash cut short
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished.write_bytes(_checksum(key, text) + b"\n" + text)
            unfinished.replace(path)
        except OSError:  # a read-only checkout builds without a cache
            with contextlib.suppress(OSError):
                unfinished.unlink()

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / key


def _checksum(key: str, text: bytes | memoryview) -> bytes:
    hasher = hashlib.sha256(key.encode("utf-8") + b"\n")
    hasher.update(text)
    return hasher.hexdigest().encode("ascii")
