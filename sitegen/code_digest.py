"""A digest of the code that reads and renders, which every kept result depends on."""

from __future__ import annotations

import functools
import importlib.metadata
import sys
from pathlib import Path

from sitegen.project import digest

_ROOT = Path(__file__).parent.parent
_PACKAGES = (
    *("jinja2", "markupsafe", "markdown", "pymdown-extensions", "pygments", "pydantic", "quickjs-ng", "pyyaml", "bibtexparser"),
    *("fonttools", "pillow"),  # by which pages name their pictures for links
)


@functools.cache
def code_digest() -> str:
    """Of the code that renders, and of the packages it uses."""
    folders = [*(_ROOT / "sitegen").glob("*.py"), *(_ROOT / "artefacts").rglob("*.py")]
    code = [*sorted(folders), _ROOT / "charts" / "palette.py", _ROOT / "problems.py", _ROOT / "static" / "vendor" / "temml.min.js"]
    versions = [f"{package}={importlib.metadata.version(package)}" for package in _PACKAGES]
    return digest(sys.version, *versions, *(path.read_bytes() for path in code))
