"""A digest of the code that reads and renders, which every kept result depends on."""

from __future__ import annotations

import functools
import re
import sys
from importlib.metadata import distribution
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
    versions = [f"{package}={version_of(package)}" for package in _PACKAGES]
    return digest(sys.version, *versions, *(path.read_bytes() for path in code))


@functools.cache
def version_of(package: str) -> str:
    """Of an installed package, looked up rather than parsed out of all that it says of itself. PackageNotFoundError if there is none."""
    found = distribution(package)
    line = re.search(r"^Version: *(\S+)", found.read_text("METADATA") or "", re.MULTILINE)
    return line[1] if line else found.version
