"""Offline reading: the worker that keeps what a reader visited, and the page where all of the site can be kept.

What a page is made of, and what its scripts fetch, has an address of its content (see `assets.py`, `figures.py`, `published_data.py`);
pages and downloads keep theirs. So the worker (`static/service-worker.js`) needs to know little: the build, by which it names its
cache, and which addresses are this site's. The list of all files is fetched where somebody keeps the whole site.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rjsmin

from sitegen.link_pictures import FOLDER as LINK_PICTURES
from sitegen.pages import size_text
from sitegen.project import Project, digest

WORKER = "service-worker.js"
"""Its name never changes: browsers ask for it again at each visit, and so learn of a new build."""
FOLDER = "offline/"
BY_CONTENT = re.compile(r"[./][0-9a-f]{10,16}[./]")
"""Marks an address of its content: `assets/site.0123456789.css`, `data/<set>/0123456789abcdef/norms.json`. The worker has the same."""
SHARED = ("assets/", "code/", "listings/", "notebooks/")
"""Folders that the pages of all sets use."""
PAGES = "Lessons, figures, claims, glossary and references, with the numbers and the code behind every figure."
DATA = "What the explorers look up: every token’s neighbours, every head’s weights, every vector. And the data files of the models page."
Tree = dict[str, Any]


def worker_script(project: Project, build: str, paths: Iterable[str]) -> bytes:
    """The worker of a build. paths: all files of the site; it leaves alone what lies elsewhere on the same host."""
    site = {"build": build, "names": sorted({path.partition("/")[0] for path in paths} - {"index.html"})}
    script = rjsmin.jsmin((project.static / WORKER).read_text(encoding="utf-8"))
    return f"const SITE={json.dumps(site, separators=(',', ':'))};\n{script}\n".encode()


def worker_that_ends(project: Project) -> bytes:
    """The worker of a site without offline reading: it takes the place of one that browsers still have, empties its caches and goes."""
    return rjsmin.jsmin((project.static / "service-worker-off.js").read_text(encoding="utf-8")).encode()


def build_id(files: dict[str, bytes], copies: dict[str, Path | str], versions: dict[str, str]) -> str:
    """A digest of the whole site. versions: path -> the content's digest, or of a copy what changes with that, where one is known."""
    found = {path: "" if BY_CONTENT.search(f"/{path}") else versions.get(path) or digest(content) for path, content in files.items()}
    found |= {path: versions.get(path) or digest(Path(source).read_bytes()) for path, source in copies.items()}
    return digest(*(part for path in sorted(found) for part in (path, found[path])))


@dataclass(frozen=True)
class Part:
    """Something that a reader can keep. files: path in the site -> bytes."""

    id: str
    title: str
    what: str
    files: dict[str, int]

    def values(self) -> dict[str, Any]:
        """What the page shows of it."""
        size = sum(self.files.values())
        return {"id": self.id, "title": self.title, "what": self.what, "bytes": size, "size": size_text(size), "files": len(self.files)}


def parts_of(sizes: dict[str, int], sets: Iterable[tuple[str, str, str]]) -> list[Part]:
    """The site in parts: of each set the pages with all they need, and its data. sets: name, title, folder ("" or "sets/<name>/")."""
    sets = list(sets)
    found = []
    for name, title, folder in sets:
        of = f", {title}" if len(sets) > 1 else ""
        pages = {path: size for path, size in sizes.items() if _belongs_to_pages(path, folder)}
        found.append(Part(f"pages-{name}", f"All pages{of}", PAGES, pages))
        data = {path: size for path, size in sizes.items() if path.startswith(f"data/{name}/")}
        found.append(Part(f"data-{name}", f"All data{of}", DATA, data))
    return found


def _belongs_to_pages(path: str, folder: str) -> bool:
    """Whether the pages in a set's folder need a file of the site, or a reader of them may want it."""
    if path.startswith((".", "data/")) or path in (WORKER, "404.html") or LINK_PICTURES in path:
        return False
    if not folder:
        return not path.startswith("sets/")
    return path.startswith((folder, *SHARED))


def list_of_files(parts: Iterable[Part]) -> bytes:
    """The files of each part as trees, which are half as long as lists: folder -> what it holds; file -> bytes. Pages by their folders."""
    trees: dict[str, Tree] = {}
    for part in parts:
        root: Tree = {}
        for path, size in sorted(part.files.items()):
            *folders, name = path.split("/")
            here = root
            for folder in folders:
                here = here.setdefault(folder, {})
            here["" if name == "index.html" else name] = size
        trees[part.id] = root
    return json.dumps(trees, separators=(",", ":")).encode()
