"""What the tests of the claims share: a lesson's claims, their checks, and the committed data with parts of it exchanged."""

from __future__ import annotations

import importlib.util
import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, Self

from artefacts.envelope import read_artefact
from artefacts.registry import ARTEFACTS
from artefacts.schemas.parts import Strict
from tests.support import ROOT

DATA = ROOT / "content" / "data" / "smollm2-minilm"
FOLDER = ROOT / "content" / "claims"


def claims_of(lesson: str) -> list[dict[str, Any]]:
    """The claims of a lesson as its file has them. lesson: its slug with underscores, as the file is named."""
    return tomllib.loads((FOLDER / f"{lesson}.toml").read_text(encoding="utf-8"))["claim"]


def checks_of(lesson: str) -> ModuleType:
    """The module with the checks of a lesson's claims."""
    specification = importlib.util.spec_from_file_location(f"checks_{lesson}", FOLDER / f"{lesson}.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@cache
def artefact(name: str, folder: Path = DATA) -> Strict:
    """An artefact of the default set or of another folder, read once."""
    return read_artefact(folder / f"{name}.json")[1]


class Changed(Mapping[str, Strict]):
    """The default set's data with some artefacts exchanged; read when first asked for."""

    def __init__(self, changes: Mapping[str, Strict] | None = None):
        self._changes = dict(changes or {})

    def __getitem__(self, name: str) -> Strict:
        return self._changes.get(name) or artefact(name)

    def __iter__(self) -> Iterator[str]:
        return iter(ARTEFACTS)

    def __len__(self) -> int:
        return len(ARTEFACTS)

    def with_(self, **changes: Strict) -> Self:
        return type(self)(self._changes | changes)

    def changed(self, name: str, **fields: Any) -> Self:
        """Some fields of one artefact replaced."""
        return self.with_(**{name: self[name].model_copy(update=fields)})

    def by_model(self, name: str, change: Callable[[Any], dict[str, Any]]) -> Self:
        """Fields of each entry of an artefact's `by_model` replaced: change(entry) -> fields."""
        return self.changed(name, by_model=[entry.model_copy(update=change(entry)) for entry in self[name].by_model])

    def entries(self, name: str, field: str, where: Callable[[Any], bool], **fields: Any) -> Self:
        """Fields of some entries of a list replaced."""
        found = [entry.model_copy(update=fields) if where(entry) else entry for entry in getattr(self[name], field)]
        return self.changed(name, **{field: found})
