"""Python runs this first in every process that tests start: tests/conftest.py puts this folder on their PYTHONPATH."""

import importlib.util
from pathlib import Path

_path = Path(__file__).resolve().parents[3] / "precompute" / "quick_gguf.py"  # by its path: the programs must not find this project
_specification = importlib.util.spec_from_file_location("quick_gguf", _path)
_module = importlib.util.module_from_spec(_specification)
_specification.loader.exec_module(_module)
_module.open_gguf_quickly()
