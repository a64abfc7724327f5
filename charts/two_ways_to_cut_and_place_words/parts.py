"""What figures of this lesson share: tokenizers that do the same thing stand together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol, TypeVar


class Named(Protocol):
    """Whatever has a name."""

    name: str


Entry = TypeVar("Entry", bound=Named)


def distinct(entries: Iterable[Entry], what: Callable[[Entry], Any]) -> dict[str, Entry]:
    """Display name -> the first of the entries whose `what` is equal; "BERT and MiniLM" where several share one."""
    found: dict[str, Entry] = {}
    for entry in entries:
        same = next((name for name, other in found.items() if what(other) == what(entry)), None)
        if same is None:
            found[entry.name] = entry
        elif entry.name not in same.split(" and "):
            found = {f"{name} and {entry.name}" if name == same else name: other for name, other in found.items()}
    return found
