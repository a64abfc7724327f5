"""Draw the icons that cannot be SVG from static/images/favicon.svg: PNG for devices, ICO for old browsers.

    python scripts/draw_icons.py            write them
    python scripts/draw_icons.py --check    compare with the committed ones; status 1 if any differs

A site build does not run this: what it makes is committed. Needs requirements-site.txt.
"""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

import vl_convert
from PIL import Image

IMAGES = Path(__file__).resolve().parent.parent / "static" / "images"
SIGN = IMAGES / "favicon.svg"
GRID = 32  # of the sign
SAFE = 0.72  # of a maskable icon's side: a device may cut off what lies outside the inner circle


def drawn(svg: str, side: int) -> Image.Image:
    """The sign, `side` px wide and high."""
    return Image.open(io.BytesIO(vl_convert.svg_to_png(svg.replace("<svg ", f'<svg width="{side}" height="{side}" ', 1), ppi=72)))


def maskable(svg: str) -> str:
    """The sign, smaller, on a ground that fills the whole square."""
    head, ground, sign = re.fullmatch(r"(<svg [^>]*>)(<rect [^>]*/>)(.*)</svg>\s*", svg, re.DOTALL).groups()
    ground = re.sub(' rx="[^"]*"', "", ground)
    shift = GRID * (1 - SAFE) / 2
    return f'{head}{ground}<g transform="translate({shift:.2f} {shift:.2f}) scale({SAFE})">{sign}</g></svg>'


def icons() -> dict[str, bytes]:
    """File name -> content."""
    svg = SIGN.read_text(encoding="utf-8")
    pictures = {"icon-192.png": drawn(svg, 192), "icon-512.png": drawn(svg, 512), "icon-maskable-512.png": drawn(maskable(svg), 512)}
    pictures["apple-touch-icon.png"] = drawn(maskable(svg), 180)
    files = {name: _saved(picture.quantize(64, dither=Image.Dither.NONE), "PNG", optimize=True) for name, picture in pictures.items()}
    files["favicon.ico"] = _saved(drawn(svg, 32), "ICO", sizes=[(32, 32)])
    return files


def _saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def main() -> int:
    """Write the icons, or compare them with those that are there. Returns the exit status."""
    made = icons()
    if "--check" in sys.argv[1:]:
        differ = [name for name, content in made.items() if not (IMAGES / name).is_file() or (IMAGES / name).read_bytes() != content]
        print("\n".join(f"static/images/{name} differs: run scripts/draw_icons.py" for name in differ) or "The icons are as drawn.")
        return int(bool(differ))
    for name, content in made.items():
        (IMAGES / name).write_bytes(content)
        print(f"static/images/{name}: {len(content):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
