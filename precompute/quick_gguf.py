"""GGUF files opened sooner, with the same bytes (`benchmarks/decoder_opening.py` says how much sooner).

gguf slices a `np.memmap` for each of a vocabulary's strings, which costs several times what a slice of a plain array does, and calls
itself for each member of an array, to find its type again. And transformers asks gguf for its table of tensor names once for each module
of a network, where the same table is made anew each time.
"""

from __future__ import annotations

import importlib.abc
import importlib.util
import sys
from functools import cache
from types import ModuleType
from typing import Any


def open_gguf_quickly() -> None:
    """Change gguf for this process as soon as somebody imports it, or now if it is imported already."""
    if "gguf" in sys.modules:
        _change(sys.modules["gguf"])
    elif not any(isinstance(finder, _WhenImported) for finder in sys.meta_path):
        sys.meta_path.insert(0, _WhenImported())


class _WhenImported(importlib.abc.MetaPathFinder):
    """Changes gguf right after its own code has run."""

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        """gguf's own spec, with the change behind it; None for all other modules, and where there is no gguf."""
        if name != "gguf":
            return None
        later = sys.meta_path[sys.meta_path.index(self) + 1 :]
        others = (finder.find_spec(name, path, target) for finder in later)
        spec = next((found for found in others if found), None)
        if spec is not None:
            execute = spec.loader.exec_module

            def execute_and_change(module: ModuleType) -> None:
                execute(module)
                _change(module)

            spec.loader.exec_module = execute_and_change
        return spec


def _change(gguf: ModuleType) -> None:
    import numpy as np

    slice_of, parts_of = gguf.GGUFReader._get, gguf.GGUFReader._get_field_parts
    if slice_of.__name__ == "_get_plain":  # changed before
        return

    def _get_plain(self: Any, *where: Any, **options: Any) -> np.ndarray:
        if type(self.data) is np.memmap:
            self.data = self.data.view(np.ndarray)  # the same memory, which the view keeps mapped
        return slice_of(self, *where, **options)

    def _get_field_parts_plain(self: Any, offset: int, kind: int) -> tuple[int, list[np.ndarray], list[int], list[Any]]:
        """Bytes, parts, which of the parts hold the values, types: arrays of strings or numbers at once, all else as gguf does it."""
        if kind != gguf.GGUFValueType.ARRAY or self.byte_order != "I":  # "I": the byte order of this machine
            return parts_of(self, offset, kind)
        member, many = self._get(offset, np.uint32), self._get(offset + 4, np.uint64)
        number = self.gguf_scalar_to_np.get(member[0])
        if not many[0] or (number is None and member[0] != gguf.GGUFValueType.STRING):
            return parts_of(self, offset, kind)
        end, parts, types = offset + 12, [member, many], [gguf.GGUFValueType.ARRAY, gguf.GGUFValueType(member[0])]
        if number is not None:
            members = self._get(end, number, many[0])
            parts.extend(members.reshape(-1, 1))
            return end + members.nbytes - offset, parts, list(range(2, len(parts))), types
        for _ in range(many[0]):
            length, start = self.data[end : end + 8].view(np.uint64), end + 8
            end = start + int(length[0])
            parts += (length, self.data[start:end])
        return end - offset, parts, list(range(3, len(parts), 2)), types

    gguf.GGUFReader._get = _get_plain
    gguf.GGUFReader._get_field_parts = _get_field_parts_plain
    gguf.get_tensor_name_map = cache(gguf.get_tensor_name_map)
