"""What stands beside a link that somebody shares: a picture of the right size for each page, that says its title and shows its figure."""

from __future__ import annotations

import io
import re
import shutil
from pathlib import Path

import pytest
from PIL import Image, ImageChops
from selectolax.lexbor import LexborHTMLParser

from charts.palette import light
from sitegen.lesson_files import read_lessons
from sitegen.link_pictures import FACES, HEIGHT, MARGIN, WIDTH, Figure, Words, picture_svg, unpack_fonts
from sitegen.project import Problems, Project
from tests.support import ROOT
from tests.support.built_site import BuiltSite, Html
from tests.support.site_server import ADDRESS
from tests.tiny_project import TinyProject, copy_project

FIRST = "lessons/first-steps/"


@pytest.fixture(scope="module")
def fonts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fonts")
    unpack_fonts(ROOT / "static" / "fonts", folder)
    return folder


def said(page: Html, name: str) -> str:
    (meta,) = page.tree.css(f"meta[property='{name}'], meta[name='{name}']")
    return meta.attributes["content"]


def picture_of(project: TinyProject, page: Html) -> Path:
    address = said(page, "og:image")
    assert address.startswith(ADDRESS), "whoever fetches the picture has not got the page's address"
    return project.site / address.removeprefix(ADDRESS)


# --- what pages say ------------------------------------------------------------------------------------------------------------


def test_every_page_says_what_a_link_to_it_shows(published_once: TinyProject):
    """Title, description, kind, address, and a picture that is there, with its size and its words."""
    for page in BuiltSite(published_once.site).pages:
        if page.path == "404.html":
            continue
        assert said(page, "og:title") and said(page, "og:title") in page.one("title"), page.path
        assert said(page, "og:description") == page.one("meta[name=description]")
        assert said(page, "og:site_name") == "Tiny Spaces"
        assert said(page, "og:type") == ("article" if re.search(r"lessons/[^/]+/index.html", page.path) else "website"), page.path
        assert said(page, "og:url") == page.tree.css_first("link[rel=canonical]").attributes["href"]
        assert said(page, "twitter:card") == "summary_large_image"
        assert len(said(page, "og:image:alt")) > 10
        with Image.open(picture_of(published_once, page)) as picture:
            assert picture.format == "PNG"
            assert picture.size == (int(said(page, "og:image:width")), int(said(page, "og:image:height"))) == (1200, 630), page.path


def test_a_lesson_shows_its_own_title_and_figure(published_once: TinyProject):
    """Each lesson of each set has a picture of its own, whose words are the lesson's; the pages of its figures share it."""
    site = BuiltSite(published_once.site)
    pictures = {page.path: picture_of(published_once, page) for page in site.lessons}
    assert len(set(pictures.values())) == len(pictures) == 4
    first = site.page(FIRST)
    alt = said(first, "og:image:alt")
    assert first.one("h1") in alt
    assert first.tree.css_first("#tiny-cosines .figure-title").text().strip() in alt
    assert picture_of(published_once, site.page(f"{FIRST}figures/tiny-cosines/")) == pictures[f"{FIRST}index.html"]
    one, other = (Image.open(pictures[f"{folder}{FIRST}index.html"]).convert("RGB") for folder in ("", "sets/other/"))
    assert ImageChops.difference(one, other).getbbox(), "the sets' numbers differ, and so do their figures"


def test_without_an_address_nothing_is_drawn(built_once: TinyProject):
    """A picture needs a whole address. The words do not."""
    page = BuiltSite(built_once.site).page(FIRST)
    assert said(page, "og:title") == "First steps: every mechanism once"
    assert not page.tree.css("meta[property='og:image'], meta[property='og:url']")
    assert not (built_once.site / "assets" / "links").exists()


def test_pictures_are_small_and_the_same_each_time(published_once: TinyProject, tmp_path: Path):
    """At most 80 KB; drawn again without a cache, the same bytes."""
    drawn = {str(path.relative_to(published_once.site)): path.read_bytes() for path in published_once.site.rglob("assets/links/*")}
    assert len(drawn) == 4 + 1 + 2 + 1, "lessons, the site, first pages, the ledger"
    assert max(map(len, drawn.values())) <= 80_000
    again = copy_project(published_once, tmp_path / "again")
    shutil.rmtree(again.folder / ".cache")
    shutil.rmtree(again.site)
    assert again.build("--base-url", ADDRESS).status == 0
    assert {str(path.relative_to(again.site)): path.read_bytes() for path in again.site.rglob("assets/links/*")} == drawn


def test_the_title_can_be_seen(published_once: TinyProject):
    """Ink where the title stands, the figure's colours where the figure stands, paper at the edges."""
    picture = Image.open(picture_of(published_once, BuiltSite(published_once.site).page(FIRST))).convert("RGB")

    def distance(pixel: tuple[int, ...], colour: str) -> int:
        return max(abs(a - int(colour[n : n + 2], 16)) for a, n in zip(pixel, (1, 3, 5), strict=True))

    def share(box: tuple[int, int, int, int], colour: str) -> float:
        pixels = list(picture.crop(box).get_flattened_data())
        return sum(distance(pixel, colour) <= 4 for pixel in pixels) / len(pixels)

    edges = [picture.getpixel(at) for at in ((10, 620), (1190, 620), (10, 20), (1190, 20))]
    assert max(distance(pixel, light("paper")) for pixel in edges) <= 2
    assert share((MARGIN, 110, 520, 260), light("ink")) > 0.02
    assert share((0, 0, WIDTH, HEIGHT), light("decoder")) > 0.002


# --- layout --------------------------------------------------------------------------------------------------------------------


def texts_of(svg: str) -> list[tuple[float, float, str, str]]:
    """x, y, class of the face and text of each line that is not the figure's."""
    tree = LexborHTMLParser(svg)
    return [
        (float(t.attributes["x"]), float(t.attributes["y"]), f"{t.attributes['font-family']} {t.attributes['font-size']}", t.text())
        for t in tree.css("svg > text")
    ]


@pytest.mark.parametrize("size", [(704, 200), (704, 400), (704, 900), (328, 300), (328, 1200)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_no_title_of_a_lesson_leaves_the_picture_or_meets_the_figure(fonts: Path, size: tuple[int, int]):
    """Every lesson's title with figures of every shape."""
    from PIL import ImageFont

    lessons = read_lessons(Project(ROOT), Problems(Project(ROOT)))
    assert lessons
    for lesson in lessons:
        svg = picture_svg(Words("Word Spaces", "Lesson 10", lesson.front.title), [Figure("<rect/>", *size)], fonts)
        x, y, scale = map(float, re.search(r"translate\(([-\d.]+) ([-\d.]+)\) scale\(([\d.]+)\)", svg).groups())
        assert x >= MARGIN - 1 and x + size[0] * scale <= WIDTH - MARGIN + 1, lesson.slug
        assert y >= MARGIN - 1 and y + size[1] * scale <= HEIGHT - 30, lesson.slug
        lines = [line for line in texts_of(svg) if line[2].startswith("Literata")]
        assert " ".join(line[3] for line in lines) == lesson.front.title.replace("'", "’")
        for left, bottom, face, text in lines:
            face_size = int(face.split()[1])
            right = left + ImageFont.truetype(fonts / "Literata-600.ttf", face_size).getlength(text)
            assert right <= WIDTH - MARGIN + 2, f"{lesson.slug}: {text!r} leaves the picture"
            beside = right <= x
            above = bottom + 0.3 * face_size <= y
            assert beside or above, f"{lesson.slug}: {text!r} meets the figure"


def test_words_of_a_page_without_a_figure_stay_left_of_the_sign(fonts: Path):
    from PIL import ImageFont

    svg = picture_svg(Words("Word Spaces", "", "What word embeddings are & why <they> are checked", "A note. " * 12), [], fonts)
    assert "&lt;they&gt;" in svg
    for left, bottom, face, text in texts_of(svg):
        family, size = face.rsplit(" ", 1)
        weight = 600 if int(size) > 32 else 400
        right = left + ImageFont.truetype(fonts / f"{family}-{weight}.ttf", int(size)).getlength(text)
        assert right < WIDTH - MARGIN - 300 and bottom < HEIGHT - 30, text


def test_the_fonts_are_found_by_their_names(fonts: Path):
    """The renderer asks by family and weight; a face it does not find is replaced without a word."""
    from fontTools.ttLib import TTFont

    for _, family, weight in FACES:
        font = TTFont(io.BytesIO((fonts / f"{family}-{weight}.ttf").read_bytes()))
        assert font["name"].getDebugName(1) == family
        assert font["OS/2"].usWeightClass == weight
        assert "fvar" not in font
