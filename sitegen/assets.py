"""Style sheets, scripts, fonts and the vendored runtime under names that carry their content's hash."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

import rcssmin
import rjsmin

from charts.palette import PALETTE, dark_of_light
from problems import did_you_mean
from sitegen.project import Problems, Project, digest, read_text

SEPARATE = {
    "css": {"pages.css", "explore.css"},
    "js": {"theme.js", "matrix.js", "claims.js", "keep-offline.js", "lost.js", "search.js"},
}
"""Files that are not joined with the others: pages.css is for pages that are no lesson, explore.css for explorers, theme.js runs before
the first paint, matrix.js is fetched where there is a matrix, and claims.js, keep-offline.js, lost.js and search.js belong to the
pages /claims/, /offline/, 404.html and /search/. An explorer's own scripts lie in js/explore/, where <page>.txt lists those that are
joined for it; css/explore/<page>.css is a sheet of its own, where it has one."""


@dataclass
class Assets:
    """Path in the site -> content, and how templates find each: `url["site.css"]` = "assets/site.<hash>.css"."""

    files: dict[str, bytes] = field(default_factory=dict)
    url: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, content: bytes, folder: str = "assets") -> str:
        """Keep `content` under a hashed name made from `name` ("site.css") and return its path in the site."""
        stem, _, extension = name.rpartition(".")
        path = f"{folder}/{stem}.{digest(content)[:10]}.{extension}"
        self.files[path] = content
        self.url[name] = path
        return path


_INDISPENSABLE = (
    *(f"images/{name}" for name in ("favicon.svg", "favicon.ico", "apple-touch-icon.png")),
    *(f"images/{name}" for name in ("icon-192.png", "icon-512.png", "icon-maskable-512.png")),
    *(f"js/{name}" for name in sorted(SEPARATE["js"])),
    "service-worker.js",
    "service-worker-off.js",
    "vendor/minisearch.js",
    "vendor/temml.min.js",
    "vendor/vega-runtime.js",
)


def gather_assets(project: Project, problems: Problems) -> Assets | None:
    """All of static/, ready to publish; None after recording that a part without which there is no page is missing."""
    missing = [name for name in _INDISPENSABLE if not (project.static / name).is_file()]
    for name in missing:
        problems.add(project.static / name, None, "does not exist", "Restore it from the repository.")
    assets = Assets()
    for font in sorted((project.static / "fonts").glob("*.woff2")):
        assets.add(font.name, font.read_bytes(), "assets/fonts")
    for name in ("vega-runtime.js", "minisearch.js"):
        if f"vendor/{name}" not in missing:
            assets.add(name, (project.static / "vendor" / name).read_bytes())
    for picture in sorted((project.static / "images").glob("*")):
        assets.add(picture.name, picture.read_bytes())
    assets.add("site.css", _style_sheet(project, problems, assets).encode("utf-8"))
    for name in sorted(SEPARATE["css"]):
        if (project.static / "css" / name).is_file():
            assets.add(name, rcssmin.cssmin((project.static / "css" / name).read_text(encoding="utf-8")).encode("utf-8"))
    assets.add("site.js", _script(project, problems).encode("utf-8"))
    if missing:
        return None
    for listed in sorted((project.static / "js" / "explore").glob("*.txt")):
        script = "\n".join(text for _, text in _listed_files(listed, "js", problems))
        assets.add(f"explore-{listed.stem}.js", rjsmin.jsmin(script).encode("utf-8"))
    for sheet in sorted((project.static / "css" / "explore").glob("*.css")):
        assets.add(f"explore-{sheet.name}", rcssmin.cssmin(sheet.read_text(encoding="utf-8")).encode("utf-8"))
    for name in sorted(SEPARATE["js"]):
        assets.add(name, rjsmin.jsmin((project.static / "js" / name).read_text(encoding="utf-8")).encode("utf-8"))
    return assets


def _in_order(project: Project, problems: Problems, kind: str) -> list[tuple[Path, str]]:
    """The files of static/<kind>/ and their texts, in the order of its order.txt."""
    folder = project.static / kind
    files = _listed_files(folder / "order.txt", kind, problems)
    forgotten = {p.name for p in folder.glob(f"*.{kind}")} - {path.name for path, _ in files} - SEPARATE[kind]
    if files:
        for name in sorted(forgotten):
            problems.add(folder / "order.txt", None, f"does not name {name!r}", "Add it in its place, or delete the file.")
    return files


def _listed_files(order: Path, kind: str, problems: Problems) -> list[tuple[Path, str]]:
    """The files that a list beside them names, one a line, and their texts."""
    folder = order.parent
    listed = read_text(order, problems, f"List the .{kind} files there, one a line, in the order they are joined.")
    files: list[tuple[Path, str]] = []
    for n, line in enumerate((listed or "").split("\n"), start=1):
        name = line.strip()
        if not name or name.startswith("#"):
            continue
        if not (folder / name).is_file():
            known = [p.name for p in folder.glob(f"*.{kind}")]
            problems.add(order, n, f"names {name!r}, which is not in the folder", did_you_mean(name, known, "Restore the file."))
            continue
        text = read_text(folder / name, problems, "Restore it.")
        files.append((folder / name, text or ""))
    return files


def palette_css() -> str:
    """The colours as CSS variables. Print is always light; a remembered choice beats the system's."""
    light = "".join(f"--{name}:{value[0]};" for name, value in PALETTE.items())
    dark = "".join(f"--{name}:{value[1]};" for name, value in PALETTE.items())
    return (
        f":root{{color-scheme:light;{light}}}\n"
        f"@media screen{{:root[data-theme=dark]{{color-scheme:dark;{dark}}}}}\n"
        f"@media screen and (prefers-color-scheme:dark){{:root:not([data-theme=light]){{color-scheme:dark;{dark}}}}}\n"
    )


_FILE_URL = re.compile(r"""url\(["']?(\.\./[^"'()]+)["']?\)""")


def _style_sheet(project: Project, problems: Problems, assets: Assets) -> str:
    def with_hashed_names(path: Path, css: str) -> str:
        def url(match: re.Match[str]) -> str:
            name = match[1].rsplit("/", 1)[-1]
            if name in assets.url:
                return f"url({assets.url[name].removeprefix('assets/')})"
            line = css.count("\n", 0, match.start()) + 1
            cure = did_you_mean(name, assets.url, "Put it into static/fonts/.")
            problems.add(path, line, f"asks for the unknown file {name!r}", cure)
            return match[0]

        return _FILE_URL.sub(url, css)

    parts = [with_hashed_names(path, css) for path, css in _in_order(project, problems, "css")]
    return rcssmin.cssmin(palette_css() + "\n".join(parts))


def _script(project: Project, problems: Problems) -> str:
    start = f"window.WordSpaces=window.WordSpaces||{{}};WordSpaces.palette={json.dumps(dark_of_light())};\n"
    return start + rjsmin.jsmin("\n".join(script for _, script in _in_order(project, problems, "js")))
