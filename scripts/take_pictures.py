"""Take the README's pictures of the site again, into docs/.

    python scripts/take_pictures.py [--site DIR]

Opens a built site (default: built now) in Chromium and keeps what a reader sees first, in few colours so that the files stay small.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from PIL import Image  # noqa: E402
from playwright.sync_api import Browser, sync_playwright  # noqa: E402

import build  # noqa: E402
from tests.support.browser import chromium, visit  # noqa: E402
from tests.support.site_server import SiteServer  # noqa: E402

FOLDER = ROOT / "docs"
COLOURS = 128


@dataclass(frozen=True)
class Picture:
    """name: of the file; path: of the page; focus: what is brought to the top of the window before the picture."""

    name: str
    path: str
    dark: bool = False
    focus: str | None = None
    size: tuple[int, int] = (1180, 760)


PICTURES = (
    Picture("first-page", "", size=(1180, 1240)),
    Picture("lesson", "lessons/who-lives-next-door/", focus="#two-vectors"),
    Picture("attention-explorer", "explore/attention/", dark=True, focus="[data-grid=decoder]"),
)


def take(browser: Browser, site: str, picture: Picture) -> bytes:
    """The picture as PNG."""
    with visit(browser, site + picture.path, picture.size, dark=picture.dark) as opened:
        if picture.focus:
            opened.page.locator(picture.focus).first.evaluate("(e) => e.scrollIntoView({block: 'start', behavior: 'instant'})")
        opened.quiet(1500, seconds=60)
        shot = Image.open(io.BytesIO(opened.page.screenshot())).convert("RGB")
    small = io.BytesIO()
    shot.quantize(COLOURS, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
    return small.getvalue()


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description="Take the README's pictures again.")
    parser.add_argument("--site", type=Path, help="a site that is already built (default: build it now)")
    given = parser.parse_args().site
    with tempfile.TemporaryDirectory() as temporary:
        site = given or Path(temporary) / "site"
        if given is None and build.main(["--out", str(site)]):
            return 1
        with SiteServer(site) as server, sync_playwright() as playwright, chromium(playwright) as browser:
            for picture in PICTURES:
                content = take(browser, server.url, picture)
                (FOLDER / f"{picture.name}.png").write_bytes(content)
                print(f"docs/{picture.name}.png: {len(content) / 1000:.0f} KB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
