"""The picture that stands beside a link to a page where somebody shares it: 1200 x 630 px, as Open Graph has it.

A lesson's shows its title and its first figure. Drawn as SVG and turned into PNG by vl-convert, with the site's own fonts; kept in the
cache by what it is made from. Only a site that knows its address has them: a link to a picture must be whole.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import product
from pathlib import Path

from markupsafe import escape

from charts import palette
from charts.palette import light
from sitegen.build_cache import BuildCache
from sitegen.code_digest import version_of
from sitegen.figures import FigureShop
from sitegen.project import Problems, Project, digest
from sitegen.site_data import SetData

FOLDER = "assets/links/"
COLOURS = 256

WIDTH, HEIGHT = 1200, 630  # px
MARGIN = 64
COLUMN = 460  # px of the text where the figure stands beside it
GAP = 48
SIZES_BESIDE, LINES_BESIDE = (66, 60, 54, 48, 42, 36), 6
SIZES_ABOVE, LINES_ABOVE = (54, 48, 42, 36), 2
SIZES_ALONE, LINES_ALONE = (84, 76, 68, 60, 48, 36), 3
"""Px that a title can have; it gets the first at which it takes few enough lines."""
LEADING = 1.12
SIGN = 300  # px
HEAD = 44  # px of the line with the site's name
SMALL = 26
LARGEST_SCALE = 2.2  # of a figure: more would make its text larger than the title's
FACES = (
    # file, family, weight
    ("figtree.woff2", "Figtree", 400),
    ("figtree.woff2", "Figtree", 600),
    ("literata.woff2", "Literata", 400),
    ("literata-semibold.woff2", "Literata", 600),
)


@dataclass(frozen=True)
class Words:
    """What a picture says. kicker: the small line above the title. note: the small text below it, where there is no figure."""

    site: str
    kicker: str
    title: str
    note: str = ""


@dataclass(frozen=True)
class Figure:
    """One drawing of a figure. width, height: px."""

    svg: str
    width: int
    height: int


def picture_svg(words: Words, figures: list[Figure], fonts: Path) -> str:
    """The picture. figures: drawings of one figure, of which the one is shown that can be shown largest; none for words alone."""
    body = _words_alone(words, fonts) if not figures else _with_figure(words, figures, fonts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{light("paper")}"/>'
        f'<rect width="{WIDTH}" height="10" fill="{light("accent")}"/>{body}</svg>'
    )


def _with_figure(words: Words, figures: list[Figure], fonts: Path) -> str:
    """Beside the title or below it, wherever its text becomes larger."""
    top = MARGIN + HEAD
    size, lines = _title(words.title, WIDTH - 2 * MARGIN, SIZES_ABOVE, LINES_ABOVE, fonts)
    below = top + len(lines) * size * LEADING + 28
    places = {
        "beside": (MARGIN + COLUMN + GAP, MARGIN, WIDTH - 2 * MARGIN - COLUMN - GAP, HEIGHT - 2 * MARGIN),
        "below": (MARGIN, below, WIDTH - 2 * MARGIN, HEIGHT - below - 40),
    }

    def scale_of(choice: tuple[str, Figure]) -> float:
        (_, _, width, height), figure = places[choice[0]], choice[1]
        return min(width / figure.width, height / figure.height, LARGEST_SCALE)

    where, figure = max(product(places, figures), key=scale_of)
    scale = scale_of((where, figure))
    x, y, width, height = places[where]
    x += (width - figure.width * scale) / 2
    if where == "beside":
        size, lines = _title(words.title, COLUMN, SIZES_BESIDE, LINES_BESIDE, fonts)
        y += (height - figure.height * scale) / 2
    drawn = f'<g transform="translate({x:.1f} {y:.1f}) scale({scale:.4f})">{figure.svg}</g>'
    return _head(words) + _lines(lines, size, top + size) + drawn


def _words_alone(words: Words, fonts: Path) -> str:
    width = WIDTH - 2 * MARGIN - SIGN - GAP
    size, lines = _title(words.title, width, SIZES_ALONE, LINES_ALONE, fonts)
    y = MARGIN + HEAD + 70 + size
    note = _wrapped(words.note, width, 32, "Literata", 400, fonts)
    below = y + len(lines) * size * LEADING + 10
    soft = f'font-family="Literata" font-size="32" fill="{light("ink-soft")}"'
    words_below = "".join(f'<text x="{MARGIN}" y="{below + n * 44:.0f}" {soft}>{escape(line)}</text>' for n, line in enumerate(note))
    return _head(words) + _lines(lines, size, y) + words_below + _sign()


def _head(words: Words) -> str:
    text = f'font-family="Figtree" font-size="{SMALL}"'
    kicker = f'<tspan dx="18" font-weight="400" fill="{light("ink-soft")}">{escape(words.kicker)}</tspan>' if words.kicker else ""
    return f'<text x="{MARGIN}" y="{MARGIN + 16}" {text} font-weight="600" fill="{light("accent")}">{escape(words.site)}{kicker}</text>'


def _lines(lines: list[str], size: int, y: float) -> str:
    text = f'font-family="Literata" font-weight="600" font-size="{size}" letter-spacing="{-0.012 * size:.2f}" fill="{light("ink")}"'
    return "".join(f'<text x="{MARGIN}" y="{y + n * size * LEADING:.0f}" {text}>{escape(line)}</text>' for n, line in enumerate(lines))


def _sign() -> str:
    """The site's sign, large: two places and the line between them. As in static/images/favicon.svg, on its grid of 32."""
    x, y = WIDTH - MARGIN - SIGN, (HEIGHT - SIGN) / 2
    return (
        f'<g transform="translate({x} {y}) scale({SIGN / 21.8:.3f}) translate(-4.8 -5.1)">'
        f'<path d="M9 20 22.8 11.8" stroke="{light("ink-soft")}" stroke-width="1.2"/>'
        f'<circle cx="9" cy="20" r="4.2" fill="{light("decoder")}"/>'
        f'<rect x="19" y="8" width="7.6" height="7.6" fill="{light("encoder")}"/></g>'
    )


def _title(text: str, width: float, sizes: tuple[int, ...], most_lines: int, fonts: Path) -> tuple[int, list[str]]:
    """The largest size in px at which the title takes few enough lines of a width in px, and the lines, as even as they can be."""
    text = text.replace("'", "’")
    for size in sizes:
        lines = _wrapped(text, width, size, "Literata", 600, fonts)
        if len(lines) <= most_lines:
            break
    while width > size and len(narrower := _wrapped(text, width - size / 4, size, "Literata", 600, fonts)) == len(lines):
        lines, width = narrower, width - size / 4
    return size, lines


def _wrapped(text: str, width: float, size: float, family: str, weight: int, fonts: Path) -> list[str]:
    """The text in lines of at most a width in px."""
    advance = _advances(fonts / _file_name(family, weight))
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and sum(advance.get(c, 0.6) for c in longer) * size <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


# --- fonts ---------------------------------------------------------------------------------------------------------------------


def _file_name(family: str, weight: int) -> str:
    return f"{family}-{weight}.ttf"


def unpack_fonts(source: Path, folder: Path) -> None:
    """Put the site's fonts into the folder as the renderer wants them: TrueType, one weight a file, named by family and weight."""
    from fontTools.ttLib import TTFont
    from fontTools.varLib import instancer

    for file, family, weight in FACES:
        font = TTFont(source / file, recalcTimestamp=False)
        if "fvar" in font:
            instancer.instantiateVariableFont(font, {"wght": weight}, inplace=True)
        font.flavor = None
        font["OS/2"].usWeightClass = weight
        font["name"].names = []
        for number, text in ((1, family), (2, "Regular"), (4, f"{family} {weight}"), (6, f"{family}-{weight}")):
            font["name"].setName(text, number, 3, 1, 0x409)
        font.save(folder / _file_name(family, weight))


@cache
def _advances(font_file: Path) -> dict[str, float]:
    """Character -> width in ems."""
    from fontTools.ttLib import TTFont

    font = TTFont(font_file, recalcTimestamp=False)
    em, widths = font["head"].unitsPerEm, font["hmtx"]
    return {chr(code): widths[glyph][0] / em for code, glyph in font.getBestCmap().items()}


# --- drawing -------------------------------------------------------------------------------------------------------------------


def draw_picture(words: Words, figures: list[Figure], fonts: Path) -> bytes:
    """The picture as a PNG of at most 256 colours, a third of the bytes.

    Runs in processes of its own: the fonts that it registers stay for all that the process draws.
    """
    import vl_convert
    from PIL import Image

    vl_convert.register_font_directory(str(fonts))
    drawn = Image.open(io.BytesIO(vl_convert.svg_to_png(picture_svg(words, figures, fonts), ppi=72)))
    packed = io.BytesIO()
    drawn.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(packed, "PNG", optimize=True)
    return packed.getvalue()


class LinkPictures:
    """The pictures that pages ask for while they are rendered; drawn together at the end, those that the cache does not hold."""

    def __init__(self, project: Project, cache: BuildCache, shop: FigureShop, problems: Problems, jobs: int):
        self.project = project
        self.cache = cache
        self.shop = shop
        self.problems = problems
        self.jobs = jobs
        self._asked: dict[str, tuple[str, Words, tuple[str, SetData] | None]] = {}  # path -> key, and what it shows

    def ask(self, folder: str, name: str, words: Words, figure: tuple[str, SetData] | None = None) -> str:
        """The path in the site of a picture with these words and, where there is such a figure, the figure."""
        figure_key = self.shop.key_of(*figure) if figure else None
        key = digest("link picture", self._inputs, words.site, words.kicker, words.title, words.note, figure_key or "")
        path = f"{folder}{FOLDER}{name}.{key}.png"
        self._asked[path] = (key, words, figure if figure_key else None)
        return path

    def draw(self) -> dict[str, bytes]:
        """Path in the site -> PNG, of all that were asked for."""
        files: dict[str, bytes] = {}
        missing: list[str] = []
        for path, (key, _, _) in self._asked.items():
            kept = self.cache.get_files(key)
            if kept is None:
                missing.append(path)
            else:
                files[path] = kept[1]["png"]
        for path, png in self._drawn(missing):
            files[path] = png
            self.cache.put_files(self._asked[path][0], None, {"png": png})
        return files

    def _drawn(self, paths: list[str]) -> Iterator[tuple[str, bytes]]:
        if not paths:
            return
        from sitegen.drawing_processes import drawing_processes  # here, because most builds have nothing to draw

        with tempfile.TemporaryDirectory() as folder:
            unpack_fonts(self.project.static / "fonts", Path(folder))
            with drawing_processes(min(self.jobs, len(paths))) as workers:
                running = [workers.submit(draw_picture, self._asked[path][1], self._figures(path), Path(folder)) for path in paths]
                for path, future in zip(paths, running, strict=True):
                    try:
                        yield path, future.result()
                    except (ValueError, OSError, BrokenExecutor) as error:
                        shown = self._asked[path][2]
                        blamed = self.shop.files[shown[0]] if shown else Path(__file__)
                        what = f"the picture {path} for links cannot be drawn: {error}"
                        self.problems.add(blamed, None, what, "Mend the figure, or build without --base-url.")

    def _figures(self, path: str) -> list[Figure]:
        shown = self._asked[path][2]
        drawn = self.shop.get(*shown) if shown else None
        pictures = drawn.drawn.get("pictures", {}) if drawn else {}
        return [Figure(**picture) for picture in pictures.values()]

    @cached_property
    def _inputs(self) -> str:
        """A digest of all that every picture depends on: code, colours, fonts, libraries."""
        files = [Path(__file__), Path(palette.__file__), *(self.project.static / "fonts" / file for file, _, _ in FACES)]
        versions = [f"{package}={version_of(package)}" for package in ("vl-convert-python", "fonttools", "pillow")]
        return digest(*versions, *(file.read_bytes() for file in files))
