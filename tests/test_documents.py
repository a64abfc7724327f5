"""The documents for whoever opens the repository: what they point to is there."""

from __future__ import annotations

import re

import pytest

from tests.support import ROOT

DOCUMENTS = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "BENCHMARKS.md", "CHANGELOG.md"]
MADE = {"site/", "site/index.html", ".cache/", ".cache/spare-site", "assets/", "assets/links/", "spaces.json", "robots.txt"}  # by the build
EXAMPLES = {".lock", "my_sets.toml", "content/redirects.toml", "speechd.py"}  # to be chosen, an ending, may be missing
FILE_OF_AN_EXAMPLE = re.compile(r"<!-- file (\S+) -->")
PLACEHOLDER = re.compile(r"[<>*{}]|NN|DIR|NAME|PAGE")


def paths_named(text: str) -> set[str]:
    """What stands as code and looks like a path of this repository: it has a slash or a known ending, and no placeholder."""
    found = re.findall(r"`([\w.][\w./-]*)`", re.sub(r"(?ms)^```.*?^```", "", text))
    like_paths = [path for path in found if "/" in path or re.search(r"\.(py|md|toml|txt|lock|json|js|css|cff)$", path)]
    return {path for path in like_paths if not PLACEHOLDER.search(path)} - EXAMPLES - set(FILE_OF_AN_EXAMPLE.findall(text))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_linked_files_exist(document: str) -> None:
    links = re.findall(r"\]\((?!https?:|lesson:|page:)([^)#]+)", (ROOT / document).read_text(encoding="utf-8"))
    assert not [link for link in links if not (ROOT / link).exists()]


@pytest.mark.parametrize("document", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_files_named_in_prose_exist(document: str) -> None:
    """A file may be named without its folder, where its neighbours were named before."""
    names = {path.name for path in ROOT.rglob("*") if not {".venv", "node_modules", "site", ".git"} & set(path.parts)}
    missing = []
    for path in paths_named((ROOT / document).read_text(encoding="utf-8")):
        here = (ROOT / path).exists() or (ROOT / "content" / path).exists() or (ROOT / "static" / "js" / "explore" / path).exists()
        if not here and path not in MADE and path.rstrip("/").split("/")[-1] not in names:
            missing.append(path)
    assert not missing


def test_pictures_are_small_and_described() -> None:
    pictures = re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert len(pictures) >= 3
    assert all(len(words) > 10 and (ROOT / file).stat().st_size < 100_000 for words, file in pictures)
