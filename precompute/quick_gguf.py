"""GGUF files opened sooner, with the same bytes (`benchmarks/decoder_opening.py` says how much sooner).

gguf slices a `np.memmap` for each of a vocabulary's strings, which costs several times what a slice of a plain array does. And
transformers asks gguf for its table of tensor names once for each module of a network, where the same table is made anew each time.
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

    slice_of = gguf.GGUFReader._get
    if slice_of.__name__ == "_get_plain":  # changed before
        return

    def _get_plain(self: Any, *where: Any, **options: Any) -> np.ndarray:
        if type(self.data) is np.memmap:
            self.data = self.data.view(np.ndarray)  # the same memory, which the view keeps mapped
        return slice_of(self, *where, **options)

    gguf.GGUFReader._get = _get_plain
    gguf.get_tensor_name_map = cache(gguf.get_tensor_name_map)
