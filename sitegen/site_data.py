"""The exported data of one set, read and checked when a page first asks for it."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import re
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from artefacts.envelope import Envelope, read_artefact
from artefacts.registry import ARTEFACTS, SHARDS
from artefacts.schemas.parts import Strict
from problems import Problem, ProjectError
from sitegen.build_cache import BuildCache
from sitegen.last_build import is_settled
from sitegen.project import Problems, digest


class BadDataError(KeyError):
    """Raised instead of giving data whose problem has been recorded."""


class SetData(Mapping[str, Strict]):
    """Artefact name -> checked data. A bad file is recorded once, with its line and cure, and then raises BadDataError, a KeyError."""

    def __init__(self, folder: Path, problems: Problems, cache: BuildCache | None = None):
        """cache: keeps the digests of files that do not change."""
        self.folder = folder
        self.name = folder.name
        self._problems = problems
        self._cache = cache
        self._read: dict[str, tuple[Envelope, Strict]] = {}
        self._bad: set[str] = set()
        self._digests: dict[str, str] = {}
        self._stamped: dict[str, list[Any]] = {}  # artefact -> its stamp and its digest, if it will not change without its stamp

    def __getitem__(self, name: str) -> Strict:
        return self._load(name)[1]

    def envelope(self, name: str) -> Envelope:
        """What an artefact says of itself."""
        return self._load(name)[0]

    def __iter__(self) -> Iterator[str]:
        return (name for name in ARTEFACTS if self.path(name).is_file())

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name in ARTEFACTS and self.path(name).is_file()

    def is_bad(self, name: str) -> bool:
        """Whether the artefact cannot be used; the problem is then recorded."""
        try:
            self._load(name)
        except BadDataError:
            return True
        return False

    @functools.cached_property
    def files(self) -> dict[str, os.stat_result]:
        """The set's data files, shards included, sorted: path below the set's folder -> its status."""
        return dict(_data_files(self.folder))

    def path(self, name: str) -> Path:
        """The file of an artefact."""
        return self.folder / f"{name}.json"

    def digest_of(self, name: str) -> str:
        """A hash of the file's bytes; 'absent' if there is none that can be read."""
        if name not in self._digests:
            try:
                self._digests[name] = self._digest_of_file(name)
            except OSError:
                self._digests[name] = "absent"
        return self._digests[name]

    def _digest_of_file(self, name: str) -> str:
        status, now = self.path(name).stat(), time.time()
        known, found = self._kept_digests.get(name, ([], ""))
        if known != (stamp := _stamp(status)):
            found = digest(self.path(name).read_bytes())
        if is_settled(status, now):
            self._stamped[name] = [stamp, found]
        return found

    @functools.cached_property
    def _kept_digests(self) -> dict[str, list[Any]]:
        return (self._cache and self._cache.get(self._digests_key)) or {}

    @property
    def _digests_key(self) -> str:
        return digest("digests of data", str(self.folder))

    def keep_digests(self) -> None:
        """Keep those that were asked for."""
        if self._cache is not None and self._stamped != self._kept_digests:
            self._cache.put(self._digests_key, self._stamped)

    def _load(self, name: str) -> tuple[Envelope, Strict]:
        if name in self._bad:
            self._problems.met += 1
            raise BadDataError(name)
        if name not in self._read:
            try:
                self._read[name] = read_artefact(self.path(name))
            except ProjectError as error:
                self._bad.add(name)
                self._problems.extend(error.problems)
                raise BadDataError(name) from error
            except RecursionError as error:
                self._bad.add(name)
                remake = f"Make it again: python -m precompute --set {self.name} --only {name}"
                self._problems.add(self.path(name), 1, "is nested too deeply to be data", remake)
                raise BadDataError(name) from error
        return self._read[name]


def token_kinds(data: SetData) -> dict[str, str]:
    """Role or tokenizer name -> kind of its tokens. Every set carries the real GPT-2 and BERT tokenizers."""
    kinds = {fact.role: fact.tokenizer_kind for fact in data["model_facts"].models if fact.role != "tokenizer"}
    return {"gpt2": "byte_level_bpe", "bert": "wordpiece", **kinds}


def _data_files(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Path below the folder and status of each data file.

    Plain strings and one look at each folder, because there are thousands. Temporary files of a running export are left out.
    """
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from ((f"{entry.name}/{path}", status) for path, status in _data_files(Path(entry.path)))
        elif entry.name.endswith(".json") and entry.is_file():
            yield entry.name, entry.stat()


def check_all_data(data: SetData, problems: Problems, cache: BuildCache) -> list[str]:
    """Check every data file of the set against its schema and return their paths below the set's folder, shards included.

    A file is checked again only when its size, its times of change or its inode differ from the last run that found it good, and where it
    changed so shortly before that run that it could have changed once more without its times.
    """
    began = time.time()
    key = digest("checked data", data.name, str(data.folder), contract_digest())
    known_good: dict[str, list[int]] = cache.get(key) or {}
    good: dict[str, list[int]] = {}
    seen: dict[str, _Shards] = defaultdict(_Shards)
    for relative, status in data.files.items():
        stamp = _stamp(status)
        if known_good.get(relative) == stamp or _check_file(relative, data, problems, seen):
            good[relative] = stamp if is_settled(status, began) else []
    if good != known_good:
        for name in SHARDS:
            if not _check_shards(name, data, problems, seen[name]):
                good.pop(f"{name}.json", None)  # so that the next run checks them again
        cache.put(key, good)
    return list(data.files)


class _Shards:
    """Those of an artefact that have been read, one after the other."""

    def __init__(self) -> None:
        self.number = 0
        self.hasher = hashlib.sha256()

    def add(self, content: bytes) -> None:
        self.number += 1
        self.hasher.update(content)


def _stamp(status: os.stat_result) -> list[int]:
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]


@functools.cache
def contract_digest() -> str:
    """Of the code that says what data files may hold."""
    folder = Path(__file__).parent.parent / "artefacts"
    return digest(*(p.read_bytes() for p in sorted(folder.rglob("*.py"))))


def _check_file(relative: str, data: SetData, problems: Problems, seen: dict[str, _Shards]) -> bool:
    """Whether a file is as it should be; a problem is recorded if not. seen: is given what shards hold."""
    remake = f"Make it again: python -m precompute --set {data.name}"
    folder, _, _ = relative.rpartition("/")
    path = data.folder / relative
    if not folder:
        if path.stem not in ARTEFACTS:
            problems.add(path, None, f"no artefact is named {path.stem!r}", "Delete the file or add its schema to artefacts/registry.py.")
            return False
        try:
            data[path.stem]
        except KeyError:
            return False
        if fault := _fault_of(path.read_text(encoding="utf-8")):
            problems.add(path, 1, fault, f"{remake} --only {path.stem}")
        return fault is None
    try:
        with open(path, "rb", buffering=0) as file:  # of thousands, which a Path would open more slowly
            text = file.readall()
        seen[folder].add(text)
        content = _json_of(text.decode("utf-8"))
        SHARDS[folder].model_validate(content.get("data", content))
        return True
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, ValidationError) as error:
        problems.add(path, 1, f"is no valid shard of {folder}: {str(error).splitlines()[0]}", remake)
        return False


def _fault_of(text: str) -> str | None:
    """What Python's reader of JSON takes without a word. The rest is said where data are read."""
    try:
        _json_of(text)
    except _SilentFaultError as fault:
        return str(fault)
    except (ValueError, RecursionError):
        return None
    return None


def _json_of(text: str) -> Any:
    """The value. Raises ValueError, also for what Python's reader takes without a word: a key twice, half of a character."""
    content = json.loads(text, object_pairs_hook=_without_doubles)
    if _HALF.search(text):
        try:
            json.dumps(content, ensure_ascii=False).encode("utf-8")
        except UnicodeEncodeError:
            raise _SilentFaultError("holds half of a character (a lone surrogate)") from None
    return content


_HALF = re.compile(r"\\u[dD][89a-fA-F]")


class _SilentFaultError(ValueError):
    """Something is wrong that Python's reader of JSON takes without a word."""


def _without_doubles(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise _SilentFaultError("holds a key twice, of which all but the last would be lost")
    return fields


def _check_shards(name: str, data: SetData, problems: Problems, seen: _Shards) -> bool:
    """Whether the shards on disk are those that their index was written with; a problem is recorded if not.

    seen: those that have just been read, which need not be read again if they are all.
    """
    if name not in data:
        return True
    try:
        index = data[name]
    except KeyError:
        return False
    shards = [data.folder / path for path in data.files if path.startswith(f"{name}/")]
    if seen.number != len(shards):
        seen = _Shards()
        for shard in shards:
            seen.add(shard.read_bytes())
    if len(shards) != index.shards or seen.hasher.hexdigest() != index.shard_sha256.removeprefix("sha256:"):
        what = f"its {index.shards} shards in {name}/ are not the ones it was written with ({len(shards)} found)"
        cure = f"Make them again: python -m precompute --set {data.name} --only {name}"
        problems.extend([Problem(str(data.path(name)), 1, what, cure)])
        return False
    return True
