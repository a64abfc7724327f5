"""What exporters are given: the set's models as embedding spaces, the word lists, and what one exporter computes for another.

Nothing is loaded before it is asked for, so a run that finds everything up to date never opens a model.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from artefacts.schemas.parts import Role
from precompute.space import Space
from precompute.word_lists import read_word_list

Result = TypeVar("Result")
SPACE_ROLES: tuple[Role, ...] = ("decoder", "encoder")


@dataclass
class Workspace:
    """One run over one set. `model_set` is what `precompute.models.open_set` returns."""

    model_set: Any
    data_dir: Path  # of this set: holds its artefacts and shards
    words_dir: Path
    seconds: dict[str, float] = field(default_factory=dict)  # what took how long in this run
    current: set[str] = field(default_factory=set)  # artefacts that this run found up to date, or wrote
    _made: dict[Any, Any] = field(default_factory=dict)

    def once(self, key: Any, make: Callable[[], Result]) -> Result:
        """Whatever `make` returned the first time it was called under `key`."""
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]

    def is_current(self, artefact: str) -> bool:
        """Whether this run found the artefact up to date, or wrote it: then others may read it."""
        return artefact in self.current

    def space(self, role: Role) -> Space:
        """The embedding space of the decoder or the encoder; opened on first use."""
        return self.once(("space", role), lambda: self._open_space(role))

    def spaces(self) -> list[Space]:
        """Decoder and encoder, in this order."""
        return [self.space(role) for role in SPACE_ROLES]

    def words(self, name: str) -> dict[str, Any]:
        """The word list `content/words/<name>.toml`."""
        return read_word_list(self.words_dir / f"{name}.toml")

    def _open_space(self, role: Role) -> Space:
        model = self.model_set.model(role)
        return Space(
            role=role,
            name=model.spec.name,
            kind=model.tokenizer_kind,
            raw_tokens=model.raw_tokens(),
            vectors=model.token_embeddings(),
            special_ids=sorted(model.special_ids()),
        )
