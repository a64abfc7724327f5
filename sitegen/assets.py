"""Style sheets, scripts, fonts and the vendored runtime under names that carry their content's hash."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

import rcssmin
import rjsmin

from charts.palette import PALETTE, dark_of_light
from sitegen.project import Problems, Project, digest


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


def gather_assets(project: Project, problems: Problems) -> Assets:
    """All of static/, ready to publish."""
    assets = Assets()
    for font in sorted((project.static / "fonts").glob("*.woff2")):
        assets.add(font.name, font.read_bytes(), "assets/fonts")
    for runtime in sorted((project.static / "vendor").glob("vega-*.js")):
        assets.add(runtime.name, runtime.read_bytes())
    for picture in sorted((project.static / "images").glob("*")):
        assets.add(picture.name, picture.read_bytes())
    assets.add("site.css", _style_sheet(project, problems, assets).encode("utf-8"))
    assets.add("site.js", _script(project, problems).encode("utf-8"))
    theme = (project.static / "js" / "theme.js").read_text(encoding="utf-8")
    assets.add("theme.js", rjsmin.jsmin(theme).encode("utf-8"))
    return assets


def _in_order(project: Project, problems: Problems, kind: str) -> list[str]:
    """The texts of static/<kind>/, in the order of its order.txt."""
    folder = project.static / kind
    order = folder / "order.txt"
    if not order.exists():
        problems.add(order, None, "does not exist", f"List the .{kind} files there, one a line, in the order they are joined.")
        return []
    names = [line.strip() for line in order.read_text(encoding="utf-8").splitlines() if line.strip() and not line.startswith("#")]
    for n, name in enumerate(names, start=1):
        if not (folder / name).is_file():
            problems.add(order, n, f"names {name!r}, which is not in the folder", "Correct the name or restore the file.")
    forgotten = {p.name for p in folder.glob(f"*.{kind}")} - set(names) - {"theme.js"}
    for name in sorted(forgotten):
        problems.add(order, None, f"does not name {name!r}", "Add it in its place, or delete the file.")
    return [(folder / name).read_text(encoding="utf-8") for name in names if (folder / name).is_file()]


def palette_css() -> str:
    """The colours as CSS variables. Print is always light; a remembered choice beats the system's."""
    light = "".join(f"--{name}:{value[0]};" for name, value in PALETTE.items())
    dark = "".join(f"--{name}:{value[1]};" for name, value in PALETTE.items())
    return (
        f":root{{color-scheme:light;{light}}}\n"
        f"@media screen{{:root[data-theme=dark]{{color-scheme:dark;{dark}}}}}\n"
        f"@media screen and (prefers-color-scheme:dark){{:root:not([data-theme=light]){{color-scheme:dark;{dark}}}}}\n"
    )


def _style_sheet(project: Project, problems: Problems, assets: Assets) -> str:
    css = palette_css() + "\n".join(_in_order(project, problems, "css"))

    def font_url(match: re.Match[str]) -> str:
        name = match[1].rsplit("/", 1)[-1]
        if name not in assets.url:
            problems.add(project.static / "css", None, f"a style sheet asks for the unknown file {name!r}", "Put it into static/fonts/.")
            return match[0]
        return f"url({assets.url[name].removeprefix('assets/')})"

    return rcssmin.cssmin(re.sub(r"""url\(["']?(\.\./[^"')]+)["']?\)""", font_url, css))


def _script(project: Project, problems: Problems) -> str:
    start = f"window.WordSpaces=window.WordSpaces||{{}};WordSpaces.palette={json.dumps(dark_of_light())};\n"
    return start + rjsmin.jsmin("\n".join(_in_order(project, problems, "js")))
