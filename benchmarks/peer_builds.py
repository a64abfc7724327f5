"""Build the same pages and charts with this project, MkDocs Material and Pelican: seconds, and bytes of a first page.

    python benchmarks/peer_builds.py [--runs 3]

The pages are the site's own (home, lessons, teacher's pages, explorers' static defaults, claims, models, glossary, references), turned
into Markdown once, before the clock starts. The others get them ready: no data to fill in, no claims to check, no formulas to compile,
no page for each figure, no notebooks, no matrices. Their charts are made by benchmarks/peers/make_charts.py, a plain script on all
cores, and drawn in the browser by vega-embed, from files beside the page. So whoever is compared does less than this project does.

  cold      nothing is there but the sources
  warm      the same command again with nothing changed; the others keep their charts, and Pelican its pages; this project looks at
            the size, times and inode of every source and of every file of the site, and ends
  page      what a browser transfers for one page with an empty cache, gzip, not scrolled: the first page, and a lesson

Builds run in turn, so that what else the machine does meets all alike; the numbers are medians. Aims: cold at most 1.0 and warm at most
0.1 of the faster of the others; the first page at most half of the lighter. Needs PyPI and npm. No test asserts times.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from markdownify import markdownify  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402
from selectolax.lexbor import LexborHTMLParser  # noqa: E402

from benchmarks.build_speed import NOT_COPIED, forget_everything, timed_build  # noqa: E402
from benchmarks.results import record, versions  # noqa: E402
from tests.support.browser import chromium, visit  # noqa: E402
from tests.support.site_server import SiteServer  # noqa: E402

PEERS = Path(__file__).parent / "peers"
SET = "smollm2-minilm"
LESSON = "lessons/who-lives-next-door/"
LIBRARIES = ("vega/build/vega.min.js", "vega-lite/build/vega-lite.min.js", "vega-embed/build/vega-embed.min.js")
MKDOCS = """site_name: Word Spaces
theme: {{name: material, font: false}}
markdown_extensions: [attr_list, md_in_html, tables, footnotes, toc, pymdownx.highlight, pymdownx.superfences]
extra_javascript: [{scripts}]
"""
PELICAN = """SITENAME = "Word Spaces"
PATH = "content"
OUTPUT_PATH = "site"
STATIC_PATHS = ["charts", "js"]
PAGE_PATHS = ["pages"]
PAGE_URL = "{slug}/"
PAGE_SAVE_AS = "{slug}/index.html"
PAGINATED_TEMPLATES = {}
FEED_ALL_ATOM = None
CATEGORY_FEED_ATOM = None
RELATIVE_URLS = True
INDEX_SAVE_AS = "all.html"
CACHE_CONTENT = True
LOAD_CONTENT_CACHE = True
CONTENT_CACHING_LAYER = "generator"
"""


@dataclass(frozen=True)
class Page:
    """One page as another generator gets it."""

    path: str  # "" or "lessons/x/"
    title: str
    markdown: str


@dataclass(frozen=True)
class Generator:
    """How one generator builds the site, starts afresh, and where it puts it."""

    build: Callable[[], float]  # seconds
    forget: Callable[[], None]
    site: Path


def page_of(path: str, html: str, root: str) -> Page:
    """The page's own text as Markdown. A chart becomes its picture inside a place for the live one; everything else is text."""
    tree = LexborHTMLParser(html)
    main = tree.css_first("main")
    for node in main.css("script, style, svg, .controls, template, nav"):
        node.decompose()
    for figure in main.css("[data-figure]"):
        if (stage := figure.css_first("[data-stage]")) is not None:
            name = figure.attributes["data-figure"]
            stage.replace_with(LexborHTMLParser(f"<p>@@{name if figure.attributes.get('data-script') else ''}@@</p>").css_first("p"))
    text = markdownify(main.html, heading_style="ATX")

    def place(found: re.Match) -> str:
        name = found[1].replace("\\", "")
        picture = f'<img src="{root}charts/{name}.wide.svg" alt="{name}">'
        return f'<div data-spec="{root}charts/{name}.json">{picture}</div>' if name else ""

    return Page(path, tree.css_first("title").text(), re.sub(r"@@(.*?)@@", place, text))


def pages_of(site: Path, root: Callable[[str], str]) -> list[Page]:
    """The pages of a built site as Markdown. root: from a page's path to the way back to the first page."""
    files = [file for file in sorted(site.rglob("index.html")) if "figures" not in file.parts]
    paths = ["" if file.parent == site else f"{file.parent.relative_to(site).as_posix()}/" for file in files]
    return [page_of(path, file.read_text(encoding="utf-8"), root(path)) for path, file in zip(paths, files, strict=True)]


def run(command: list[str | Path], cwd: Path) -> None:
    """Run a command. Raises SystemExit with what it printed if it fails."""
    settings = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}  # as an author's machine is
    done = subprocess.run(command, cwd=cwd, env=settings, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}\n{done.stdout[-3000:]}{done.stderr[-3000:]}")


def timed(*commands: list[str | Path], cwd: Path) -> float:
    """Seconds that the commands take, one after the other."""
    started = time.perf_counter()
    for command in commands:
        run(command, cwd)
    return time.perf_counter() - started


def environment(folder: Path, requirements: Path) -> Path:
    """The Python of a new environment with these packages."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    run([python, "-m", "pip", "install", "-q", "-r", requirements], ROOT)
    return python


def ours(project: Path) -> Generator:
    """This project, copied into a folder."""
    shutil.copytree(ROOT, project, ignore=NOT_COPIED)
    return Generator(lambda: timed_build(project), lambda: forget_everything(project), project / "site")


def charts_command(project: Path, out: Path) -> list[str | Path]:
    """The command that draws the charts for a peer."""
    return [sys.executable, PEERS / "make_charts.py", project, project / "content" / "data" / SET, out]


def copy_libraries(modules: Path, folder: Path) -> list[str]:
    """Copy Vega's scripts as a peer embeds them; their file names in the order in which they load."""
    folder.mkdir(parents=True)
    names = [Path(shutil.copy(modules / library, folder)).name for library in LIBRARIES]
    shutil.copy(PEERS / "embed.js", folder)
    return [*names, "embed.js"]


def forgetter(*folders: Path) -> Callable[[], None]:
    """A function that removes these folders."""
    def forget() -> None:
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)

    return forget


def mkdocs(folder: Path, python: Path, modules: Path, project: Path, built: Path) -> Generator:
    """MkDocs Material with the same pages and charts. built: the site that they come from."""
    docs = folder / "docs"
    scripts = copy_libraries(modules, docs / "js")
    (folder / "mkdocs.yml").write_text(MKDOCS.format(scripts=", ".join(f"js/{name}" for name in scripts)), encoding="utf-8")
    for page in pages_of(built, lambda path: "../" * path.count("/")):
        file = docs / page.path / "index.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"---\ntitle: {page.title!r}\n---\n{page.markdown}", encoding="utf-8")
    commands = charts_command(project, docs / "charts"), [python, "-m", "mkdocs", "build", "-q"]
    return Generator(lambda: timed(*commands, cwd=folder), forgetter(docs / "charts", folder / "site"), folder / "site")


def pelican(folder: Path, python: Path, modules: Path, project: Path, built: Path) -> Generator:
    """Pelican with the same pages and charts. built: the site that they come from."""
    content = folder / "content"
    scripts = copy_libraries(modules, content / "js")
    (folder / "pelicanconf.py").write_text(PELICAN, encoding="utf-8")
    (content / "pages").mkdir()
    for page in pages_of(built, lambda path: "../" * max(path.count("/"), 0)):
        name = page.path.strip("/") or "index"
        root = "../" * page.path.count("/")
        tags = "\n".join(f'<script src="{root}js/{script}"></script>' for script in scripts)
        head = f"Title: {page.title}\nSlug: {name}\n" + ("url: index.html\nsave_as: index.html\n" if name == "index" else "")
        (content / "pages" / f"{name.replace('/', '--')}.md").write_text(f"{head}\n{page.markdown}\n\n{tags}\n", encoding="utf-8")
    commands = charts_command(project, content / "charts"), [python, "-m", "pelican", "-q", "-s", "pelicanconf.py"]
    forget = forgetter(content / "charts", folder / "site", folder / "cache")
    return Generator(lambda: timed(*commands, cwd=folder), forget, folder / "site")


def transferred(site: Path, paths: list[str]) -> dict[str, int]:
    """Bytes over the wire for each page."""
    with SiteServer(site) as server, sync_playwright() as playwright, chromium(playwright) as browser:
        found = {}
        for path in paths:
            with visit(browser, server.url + path, count_bytes=True) as opened:
                opened.quiet(1500, seconds=60)
                found[path or "first page"] = opened.bytes()
        return found


def main() -> int:
    """Build by all generators in turn, and record seconds and bytes. Exit status."""
    parser = argparse.ArgumentParser(description="The same site by this project, MkDocs Material and Pelican.")
    parser.add_argument("--runs", type=int, default=3, help="how often each builds (default: 3)")
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        shutil.copy(PEERS / "package.json", folder)
        run(["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund"], folder)
        modules = folder / "node_modules"
        project = folder / "project"
        generators = {"word-spaces": ours(project)}
        generators["word-spaces"].build()  # compiles the Python files, once, and gives the pages
        for name, make in {"mkdocs-material": mkdocs, "pelican": pelican}.items():
            (folder / name).mkdir()
            python = environment(folder / f"{name}-venv", PEERS / f"{name}.txt")
            generators[name] = make(folder / name, python, modules, project, generators["word-spaces"].site)
            generators[name].build()
        seconds: dict[str, dict[str, list[float]]] = {name: {"cold": [], "warm": []} for name in generators}
        for _ in range(runs):
            for name, generator in generators.items():
                generator.forget()
                for kind in ("cold", "warm"):
                    seconds[name][kind].append(generator.build())
                    print(f"{name:16} {kind}  {seconds[name][kind][-1]:6.2f} s", flush=True)
        bytes_of = {name: transferred(generator.site, ["", LESSON]) for name, generator in generators.items()}
        print(bytes_of)
        medians = {name: {kind: statistics.median(found) for kind, found in kinds.items()} for name, kinds in seconds.items()}
        pins = "\n".join(file.read_text(encoding="utf-8") for file in sorted(PEERS.glob("*.txt")))
        pinned = re.findall(r"^([\w-]+)\S*?==(\S+)", pins, re.MULTILINE)
    record("peer_builds", runs=runs, seconds=medians, bytes=bytes_of, versions=dict(pinned) | versions("altair", "vl-convert-python"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
