"""Makes static/fonts/*.woff2, static/fonts/OFL.txt, static/css/fonts.css and sitegen/font_widths.json from the full fonts.

    (cd runtime && npm ci) && python scripts/subset_fonts.py            write them
    (cd runtime && npm ci) && python scripts/subset_fonts.py --check    compare with the committed ones; status 1 if any differs

A site build does not run this: what it makes is committed. Needs fonttools and brotli; with the versions of TOOLS the bytes are the
committed ones. Literata and Figtree come from npm packages pinned in runtime/package-lock.json; STIX Two Math, which npm does not
carry, from inside a wheel, checked against its SHA-256.

What is kept: the characters English prose needs, kerning (of the upright text face, where it shows), tabular and lining
figures. Accented letters are in files of their own that a browser fetches only where a page has one. Formulas need a font with
stretching brackets; letters in them are Literata's. The sign of a space in a token, which nearly every page has, is drawn here, in the
face of figures and chips, so that the font for formulas is fetched for formulas and rare signs only.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import io
import json
import logging
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from fontTools import subset
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables.otTables import NO_VARIATION_INDEX
from fontTools.varLib import instancer

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ROOT / "runtime" / "node_modules" / "@fontsource-variable"
FONTS = ROOT / "static" / "fonts"
CSS = ROOT / "static" / "css" / "fonts.css"
WIDTHS = ROOT / "sitegen" / "font_widths.json"
TOOLS = {"fonttools": "4.68.0", "brotli": "1.2.1"}

MATHS_WHEEL = "ziamath==0.13"
MATHS_WHEEL_SHA256 = "67a9b9714101fc90c2d6d0328e578f3ac311fb007644f2bbb9314ba2bc1c1459"
MATHS_FILE = "ziamath/fonts/STIXTwoMath-Regular.ttf"

ASCII = "".join(map(chr, range(0x20, 0x7F)))
PROSE = ASCII + "\N{NO-BREAK SPACE}–—‘’“”…"
SIGNS = "×÷−±°·•§½"
SPACE = "␣"
ACCENTED = "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝßàáâãäåæçèéêëìíîïñòóôõöøùúûüýÿŒœı"
CENTRAL = "ćčěęğłńřśšūžŁŠŽ"  # of names that lessons cite
PLAIN = "".join(c for c in PROSE if c not in "#$*<=>@[\\]^_`{|}~")  # what emphasis and headings need
SEMIBOLD = PLAIN + "°×−"  # headings state numbers

STRETCHING = "()[]{}|‖√∑∏⟨⟩⏞⏟\u00af\u02c6\u02dc"
OPERATORS = "+−=<>±×·⋅≤≥≈≠∼∈∞∂°′⋯∀∪∩⊆→←↑↓ℝ"
GREEK = "".join(chr(0x1D6FC + "αβγδεζηθικλμνξοπρςστυφχψω".index(c)) for c in "αβγδεθλμπρστφ") + "ΔΣΩ"
SYMBOLS_IN_PROSE = "′≤≥≈≠∼∈∞→←↑↓√∑ℝ"  # the text faces do not have them


@dataclass(frozen=True)
class Face:
    """One file and its @font-face. `weight` is one weight, or a range that stays variable."""

    file: str
    family: str
    source: str  # path under node_modules/@fontsource-variable/, or "maths"
    characters: str
    weight: int | tuple[int, int] = 400
    italic: bool = False
    features: tuple[str, ...] = ("kern", "liga")
    only: str = ""  # characters it is used for; "": all


FIGURES = ("kern", "liga", "tnum", "lnum")  # digits of one height, and of one width where asked for

FACES = [
    Face("literata.woff2", "Literata", "literata/files/literata-latin-wght-normal.woff2", PROSE + SIGNS, features=FIGURES),
    Face(
        "literata-italic.woff2",
        "Literata",
        "literata/files/literata-latin-wght-italic.woff2",
        PROSE,
        italic=True,
        features=("liga",),
    ),
    Face("literata-semibold.woff2", "Literata", "literata/files/literata-latin-wght-normal.woff2", SEMIBOLD, weight=600),
    Face("literata-accented.woff2", "Literata", "literata/files/literata-latin-wght-normal.woff2", ACCENTED, only=ACCENTED),
    Face("literata-central.woff2", "Literata", "literata/files/literata-latin-ext-wght-normal.woff2", CENTRAL, only=CENTRAL),
    Face(
        "figtree.woff2",
        "Figtree",
        "figtree/files/figtree-latin-wght-normal.woff2",
        PROSE + SIGNS + SPACE,
        weight=(400, 600),
        features=("tnum", "lnum"),
    ),
    Face("maths.woff2", "Word Spaces Math", "maths", STRETCHING + OPERATORS + GREEK, features=()),
]
# All files together stay within 60 KB; tests/test_vendored.py holds the limit.

WEIGHTS = (400, 500, 600)  # Figtree's own: its masters are at the ends, and it bends once between them

# Average width of a character of English text, in ems, by the weighting of @capsizecss/metrics 4.3.0 for all fonts alike.
WIDTH = {"Literata": 0.480, "Figtree": 0.449}
# Fonts that most machines have, by which name to ask for them, and the same average width. The package has no DejaVu: its widths are
# ours times the ratio of both over the letters of the lessons.
LOCAL = {
    "Literata": {
        "Georgia": (("Georgia", "Gelasio"), 913 / 2048),
        "Noto Serif": (("Noto Serif",), 0.481),
        "Times": (("Times New Roman", "Liberation Serif"), 832 / 2048),
        "DejaVu Serif": (("DejaVu Serif",), 0.520),
    },
    "Figtree": {
        "Arial": (("Arial", "Liberation Sans"), 913 / 2048),
        "Roboto": (("Roboto",), 911 / 2048),
        "DejaVu Sans": (("DejaVu Sans",), 0.511),
    },
}
MONO = ("SFMono-Regular", "SF Mono", "Menlo", "Consolas", "Cascadia Mono", "DejaVu Sans Mono", "Liberation Mono")


def maths_font() -> bytes:
    """STIX Two Math, out of the pinned wheel."""
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
        subprocess.run([*pip, "--dest", folder, MATHS_WHEEL], check=True, stderr=subprocess.PIPE)
        (wheel,) = Path(folder).glob("*.whl")
        found = hashlib.sha256(wheel.read_bytes()).hexdigest()
        if found != MATHS_WHEEL_SHA256:
            raise SystemExit(f"{wheel.name}: SHA-256 is {found}, expected {MATHS_WHEEL_SHA256}; look at it before you trust it.")
        return zipfile.ZipFile(wheel).read(MATHS_FILE)


def open_source(face: Face, maths: bytes) -> TTFont:
    """The font that a face is made from. maths: the bytes of the font for formulas."""
    if face.source == "maths":
        return TTFont(io.BytesIO(maths), recalcTimestamp=False)
    path = PACKAGES / face.source
    if not path.exists():
        raise SystemExit(f"{path.relative_to(ROOT)} is missing: run `npm ci` in runtime/ first.")
    return TTFont(path, recalcTimestamp=False)


def cut(face: Face, maths: bytes) -> bytes:
    """The subset as WOFF2."""
    font = open_source(face, maths)
    if face.source == "maths":
        keep_few_sizes(font)
    if SPACE in face.characters:
        draw_space_sign(font)
    missing = [c for c in face.characters if ord(c) not in font.getBestCmap()]
    if missing:
        raise SystemExit(f"{face.file}: {face.source} has no {' '.join(missing)}; take them out of the list, or from another font.")
    options = subset.Options(layout_features=list(face.features), hinting=False, notdef_outline=True, name_IDs=[0, 1, 2])
    options.drop_tables += ["DSIG"] if isinstance(face.weight, tuple) else ["DSIG", "STAT"]
    cutter = subset.Subsetter(options)
    cutter.populate(text=face.characters)
    cutter.subset(font)
    if "fvar" in font:
        font = instancer.instantiateVariableFont(font, {"wght": face.weight})
    font.flavor = "woff2"
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()


def keep_few_sizes(font: TTFont, sizes: int = 3) -> None:
    """STIX draws each bracket in up to thirteen sizes; the first few are enough, larger ones are assembled from pieces."""
    variants = font["MATH"].table.MathVariants
    for construction in [*variants.VertGlyphConstruction, *variants.HorizGlyphConstruction]:
        construction.MathGlyphVariantRecord = construction.MathGlyphVariantRecord[:sizes]
        construction.VariantCount = len(construction.MathGlyphVariantRecord)


def draw_space_sign(font: TTFont) -> None:
    """An open box for tokens, alike in all weights: other fonts' have ticks so low that, in a chip, it reads as an underscore."""
    assert font["head"].unitsPerEm == 1000
    left, right, bottom, top, stroke = 50, 510, -140, 200, 62
    pen = TTGlyphPen(None)
    inner_left, inner_right, floor = left + stroke, right - stroke, bottom + stroke
    outline = [(left, top), (inner_left, top), (inner_left, floor), (inner_right, floor), (inner_right, top)]
    outline += [(right, top), (right, bottom), (left, bottom)]
    pen.moveTo(outline[0])
    for point in outline[1:]:
        pen.lineTo(point)
    pen.closePath()
    name = "uni2423"
    font.ensureDecompiled()
    font.setGlyphOrder([*font.getGlyphOrder(), name])
    font["glyf"][name] = pen.glyph()
    font["hmtx"][name] = (left + right, left)
    font["gvar"].variations[name] = []
    font["HVAR"].table.AdvWidthMap.mapping[name] = NO_VARIATION_INDEX
    for table in font["cmap"].tables:
        table.cmap[ord(SPACE)] = name


def ranges(characters: str) -> str:
    """A CSS unicode-range."""
    runs: list[list[int]] = []
    for code in sorted(map(ord, set(characters))):
        if runs and code == runs[-1][1] + 1:
            runs[-1][1] = code
        else:
            runs.append([code, code])
    return ", ".join(f"U+{first:X}" if first == last else f"U+{first:X}-{last:X}" for first, last in runs)


def percent(share: float) -> str:
    """A share as CSS writes it."""
    return f"{100 * share:.2f}%".replace(".00%", "%")


def font_face(family: str, **descriptors: str) -> str:
    """One `@font-face` rule."""
    lines = [f'font-family: "{family}";', *(f"{name.replace('_', '-')}: {value};" for name, value in descriptors.items())]
    return "@font-face {\n  " + "\n  ".join(lines) + "\n}"


def web_face(face: Face) -> str:
    """The rule of a face that the site serves."""
    optional = {"unicode_range": ranges(face.only)} if face.only else {}
    return font_face(
        face.family,
        font_style="italic" if face.italic else "normal",
        font_weight=" ".join(map(str, face.weight)) if isinstance(face.weight, tuple) else str(face.weight),
        font_display="swap",
        src=f'url("../fonts/{face.file}") format("woff2")',
        **optional,
    )


def local_faces(family: str, file: bytes) -> dict[str, str]:
    """A face for each local font that can stand in, scaled to the width and height of ours; by family name."""
    font = TTFont(io.BytesIO(file))
    unit, line = font["head"].unitsPerEm, font["hhea"]
    faces = {}
    for name, (sources, width) in LOCAL[family].items():
        scale = WIDTH[family] / width
        faces[f"{family} like {name}"] = font_face(
            f"{family} like {name}",
            src=", ".join(f'local("{source}")' for source in sources),
            size_adjust=percent(scale),
            ascent_override=percent(line.ascent / unit / scale),
            descent_override=percent(-line.descent / unit / scale),
            line_gap_override=percent(line.lineGap / unit / scale),
        )
    return faces


def stylesheet(files: dict[str, bytes]) -> str:
    """fonts.css: the served faces, and the system's own at the width of ours for the time before they arrive."""
    serif, sans = local_faces("Literata", files["literata.woff2"]), local_faces("Figtree", files["figtree.woff2"])

    def names(*families: str) -> str:
        return ", ".join(f'"{family}"' for family in families)

    maths = 'url("../fonts/maths.woff2") format("woff2")'
    figtree = 'url("../fonts/figtree.woff2") format("woff2")'
    signs = "\n\n".join(
        font_face("Word Spaces Signs", font_display="swap", src=src, unicode_range=ranges(used))
        for src, used in ((maths, SYMBOLS_IN_PROSE), (figtree, SPACE))
    )
    stacks = {
        "serif": f"{names('Literata', *serif, 'Word Spaces Signs')}, serif",
        "sans": f"{names('Figtree', *sans, 'Word Spaces Signs')}, sans-serif",
        "mono": f"ui-monospace, {names(*MONO)}, monospace",
        "maths": f"{names('Word Spaces Math', 'Literata', *serif, 'STIX Two Math', 'Cambria Math')}, math",
    }
    parts = [
        "/* Made by scripts/subset_fonts.py; do not edit by hand. */",
        *map(web_face, FACES),
        "/* The signs that the text faces lack, in prose. */\n" + signs,
        "/* Local fonts, scaled to the width and height of ours, so that nothing moves when ours arrive. */",
        *serif.values(),
        *sans.values(),
        ":root {\n" + "".join(f"  --{name}: {stack};\n" for name, stack in stacks.items()) + "}",
    ]
    return "\n\n".join(parts) + "\n"


def widths(files: dict[str, bytes]) -> str:
    """How wide the characters of charts are, in ems, as JSON: for the pictures that a build lays out without a browser.

    `weights`: those at which the charts' font is measured; it is even between them. `characters`: character -> width at each. Signs
    that this font lacks are those of "Word Spaces Signs", which has one weight.
    """
    sans = next(face for face in FACES if face.family == "Figtree")
    signs = advances(TTFont(io.BytesIO(files["maths.woff2"])))
    at_weight = [advances(instancer.instantiateVariableFont(TTFont(io.BytesIO(files[sans.file])), {"wght": w})) for w in WEIGHTS]
    table = {character: [signs[character]] * len(WEIGHTS) for character in SYMBOLS_IN_PROSE if character in signs}
    table |= {character: [widths[character] for widths in at_weight] for character in at_weight[0]}
    lines = ",\n".join(f" {json.dumps(character)}: {json.dumps(table[character])}" for character in sorted(table))
    return f'{{"weights": {json.dumps(WEIGHTS)}, "characters": {{\n{lines}\n}}}}\n'


def advances(font: TTFont) -> dict[str, float]:
    """Character -> width in ems."""
    em, widths = font["head"].unitsPerEm, font["hmtx"]
    return {chr(code): widths[glyph][0] / em for code, glyph in font.getBestCmap().items()}


def licence(files: dict[str, bytes], maths: bytes) -> str:
    """OFL.txt: the files with their hashes, what they were made from, and the licence."""
    parts = ["Fonts in this folder", "", "Subsets made by scripts/subset_fonts.py; do not edit by hand."]
    parts += ["", "Files (SHA-256, bytes):"]
    parts += [f"  {name}  {hashlib.sha256(data).hexdigest()}  {len(data)}" for name, data in files.items()]
    parts += ["", "Made from:"]
    texts = []
    for package in ("literata", "figtree"):
        text = (PACKAGES / package / "LICENSE").read_text(encoding="utf-8").replace("\r\n", "\n")
        first, rest = text.split("\n", 1)  # the first line repeats its notice for every file
        version = TTFont(PACKAGES / package / "files" / f"{package}-latin-wght-normal.woff2")["name"].getDebugName(5)
        parts.append(f"  {package.title()}, {version}. {first.split(')')[0]})")
        texts.append(rest.strip())
    names = TTFont(io.BytesIO(maths))["name"]
    parts.append(f"  {names.getDebugName(1)}, {names.getDebugName(5)}. {names.getDebugName(0)}")
    return "\n".join([*parts, "", "-" * 78, "", texts[0], ""])


def make() -> dict[Path, bytes]:
    """Every file of static/fonts/ and its style sheet: path -> content."""
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    maths = maths_font()
    files = {face.file: cut(face, maths) for face in FACES}
    out = {FONTS / name: data for name, data in files.items()}
    out[FONTS / "OFL.txt"] = licence(files, maths).encode()
    out[CSS] = stylesheet(files).encode()
    out[WIDTHS] = widths(files).encode()
    return out


def main() -> int:
    """The command: write them, or with --check say which differ."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="compare with the committed files, write nothing")
    check = parser.parse_args().check
    for name, version in TOOLS.items():
        if (have := importlib.metadata.version(name)) != version:
            print(f"{name} is {have}, the committed files were made with {version}: other bytes are likely.", file=sys.stderr)
    made = make()
    differ = [path for path, data in made.items() if not path.exists() or path.read_bytes() != data]
    if check:
        for path in differ:
            print(f"DIFFERS  {path.relative_to(ROOT)}")
        return 1 if differ else 0
    FONTS.mkdir(parents=True, exist_ok=True)
    for path, data in made.items():
        path.write_bytes(data)
        print(f"{path.relative_to(ROOT)}: {len(data)} bytes")
    print(f"fonts: {sum(len(data) for path, data in made.items() if path.suffix == '.woff2')} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
