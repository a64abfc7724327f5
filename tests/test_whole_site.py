"""The real site as files: links, validity, policy, figures with all that belongs to them, and what it weighs."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import subprocess
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from selectolax.lexbor import LexborHTMLParser

from scripts.setup_test_tools import find_java, find_vnu
from tests.support import ROOT
from tests.support.built_site import HOST, BuiltSite, css_urls
from tests.support.site_server import SiteServer, gzipped

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'"
)
KB = 1000


@pytest.fixture(scope="module")
def site(real_site: Path) -> BuiltSite:
    return BuiltSite(real_site)


# --- links -------------------------------------------------------------------------------------------------------------------


def test_every_internal_link_and_anchor_leads_somewhere(site: BuiltSite):
    ids = {page.path: set(page.ids) for page in site.pages}
    wrong = []
    for page in site.pages:
        for link in page.links + page.resources:
            address = site.resolve(page, link)
            if not address.startswith(HOST):
                continue
            file = site.file_of(address)
            anchor = unquote(urlsplit(address).fragment)
            if file not in site.files:
                wrong.append(f"{page.path}: {link}")
            elif anchor and file in ids and anchor not in ids[file]:
                wrong.append(f"{page.path}: {link} (no such anchor)")
    assert wrong == []


def test_links_are_relative_so_that_the_site_works_at_any_address(site: BuiltSite):
    wrong = [f"{page.path}: {link}" for page in site.pages for link in page.links + page.resources if link.startswith("/")]
    assert wrong == []


def test_links_to_other_sites_are_https(site: BuiltSite):
    schemes = {"https", "mailto"}
    wrong = [
        f"{page.path}: {link}"
        for page in site.pages
        for link in page.links
        if not site.resolve(page, link).startswith(HOST) and urlsplit(link).scheme not in schemes
    ]
    assert wrong == []


def test_ids_are_unique(site: BuiltSite):
    repeated = {page.path: sorted({i for i in page.ids if page.ids.count(i) > 1}) for page in site.pages}
    assert {path: ids for path, ids in repeated.items() if ids} == {}


def test_style_sheets_and_manifest_find_their_files(site: BuiltSite):
    for css in [file for file in site.files if file.endswith(".css")]:
        for url in css_urls((site.folder / css).read_text(encoding="utf-8")):
            assert site.file_of(urljoin(HOST + css, url)) in site.files, f"{css}: {url}"
    manifest = json.loads((site.folder / "manifest.webmanifest").read_text(encoding="utf-8"))
    for address in [manifest["start_url"], *(icon["src"] for icon in manifest["icons"])]:
        assert site.file_of(urljoin(HOST + "manifest.webmanifest", address)) in site.files


def test_no_asset_is_published_that_nothing_asks_for(site: BuiltSite):
    asked = {site.file_of(site.resolve(page, link)) for page in site.pages for link in page.resources + page.links}
    for css in [file for file in site.files if file.endswith(".css")]:
        asked |= {site.file_of(urljoin(HOST + css, url)) for url in css_urls((site.folder / css).read_text(encoding="utf-8"))}
    manifest = json.loads((site.folder / "manifest.webmanifest").read_text(encoding="utf-8"))
    asked |= {icon["src"] for icon in manifest["icons"]}
    # a lesson's first figure is inline, but its pictures are published too: other pages may show them
    idle = {file for file in site.files if "assets/" in file and not file.endswith(".svg")} - asked
    assert idle == set()


# --- pages -------------------------------------------------------------------------------------------------------------------


def test_html_pictures_and_style_sheet_are_valid(site_server: SiteServer, site: BuiltSite, tmp_path: Path):
    """vnu finds nothing: no error and no warning. The pages come from the server, so that their policy's 'self' means something."""
    java, vnu = find_java(), find_vnu()
    assert java and vnu, "Java or vnu-jar is missing. Run: python scripts/setup_test_tools.py"
    served = [site_server.url + page.path.removesuffix("index.html") for page in site.pages]
    others = [str(site.folder / file) for file in sorted(site.files) if file.endswith((".svg", ".css"))]
    settings = {
        "allow-forbidden-hosts": "true",  # it may read from this machine's own address
        "connection-timeout": "60000",  # ms, and wait for an answer: both cores may be busy with other tests
        "socket-timeout": "60000",
    }
    java_options = ["-Xss2m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]  # so short a run takes half as long when less is compiled
    java_options += [f"-Dnu.validator.servlet.{name}={value}" for name, value in settings.items()]
    messages = []
    for options, addresses in (([], served), (["--also-check-svg", "--also-check-css", "--skip-non-svg"], others)):
        command = [str(java.path), *java_options, "-jar", str(vnu.path)]
        command += ["--format", "json", "--stdout", *options, *addresses]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        messages += json.loads(done.stdout)["messages"]
    # vnu's table of CSS properties does not know MathML Core (display: math, math-depth, math-shift, math-style)
    mathml = re.compile(r"CSS: .*“math(-depth|-shift|-style)?”")
    wrong = [f"{m.get('url')}:{m.get('lastLine')}: {m['message']} {m.get('extract', '')!r}" for m in messages]
    wrong = [line for line in wrong if not mathml.search(line)]
    assert not wrong, "\n".join(wrong)


def test_every_page_states_its_policy_language_title_and_description(site: BuiltSite):
    for page in site.pages:
        assert page.tree.css_first("html").attributes["lang"] == "en", page.path
        assert page.one("meta[http-equiv='Content-Security-Policy']") == POLICY, page.path
        assert page.text.index("Content-Security-Policy") < page.text.index("<script"), page.path
        assert page.one("meta[name=viewport]") == "width=device-width, initial-scale=1", page.path
        assert len(page.one("title")) > 5, page.path
        assert len(page.one("meta[name=description]")) > 10, page.path
        assert page.one("h1"), page.path
        assert page.tree.css_first("meta[charset]").attributes["charset"] == "utf-8", page.path


def test_titles_are_different(site: BuiltSite):
    titles = [page.one("title") for page in site.pages if not page.path.startswith("sets/")]
    assert len(set(titles)) == len(titles)


def test_nothing_inline_runs_or_styles(site: BuiltSite):
    wrong = []
    for page in site.pages:
        for node in page.tree.css("*"):
            if node.tag == "style" or (node.tag == "script" and not node.attributes.get("src")):
                wrong.append(f"{page.path}: <{node.tag}>")
            for name, value in node.attributes.items():
                if name == "style" or name.startswith("on") or (value or "").strip().lower().startswith("javascript:"):
                    wrong.append(f"{page.path}: <{node.tag} {name}={value!r}>")
    for svg in [file for file in site.files if file.endswith(".svg")]:
        tree = LexborHTMLParser((site.folder / svg).read_text(encoding="utf-8"))
        inline = {"script", "style", "foreignobject"}
        wrong += [svg for node in tree.css("svg *") if node.tag in inline or "style" in node.attributes]
    assert wrong == []


def test_nothing_comes_from_a_third_party(site: BuiltSite):
    foreign = []
    for page in site.pages:
        resources = page.resources
        if page.path == "404.html":  # shown under any address, it asks for its script at every depth: above, it asks the same host
            resources = [re.sub(r"^(\.\./)+", "", link) for link in resources]
        foreign += [f"{page.path}: {link}" for link in resources if not site.resolve(page, link).startswith((HOST, "data:"))]
        foreign += [f"{page.path}: form" for form in page.tree.css("form[action]")]
    for file in site.files:
        if file.endswith(".css"):
            text = (site.folder / file).read_text(encoding="utf-8")
            foreign += [f"{file}: {url}" for url in css_urls(text) if urlsplit(url).netloc]
        if file.endswith(".svg"):
            text = (site.folder / file).read_text(encoding="utf-8")
            foreign += [f"{file}: {url}" for url in re.findall(r"""(?:href|src)=["'](?!data:)([^"'#][^"']*)""", text)]
    assert foreign == []


def test_no_file_tells_where_it_was_made(site: BuiltSite):
    """Neither the project's folder, nor a home folder, nor a temporary one."""
    telling = re.compile(rb"(?<![\w.])/(home|root|Users|tmp|var/folders)/\w|" + re.escape(str(ROOT).encode()) + rb"(?=[/\"'\s])")
    text_files = [file for file in site.files if not file.endswith((".woff2", ".png"))]
    assert [file for file in text_files if telling.search((site.folder / file).read_bytes())] == []


# --- figures -----------------------------------------------------------------------------------------------------------------


def figures_of(page):
    return page.tree.css("figure[data-figure]")


def test_every_lesson_has_figures_and_the_first_one_is_in_the_page(site: BuiltSite):
    assert site.lessons
    for lesson in site.lessons:
        charts = [figure for figure in figures_of(lesson) if figure.css_first("[data-stage]")]
        assert charts, lesson.path
        for n, figure in enumerate(charts):
            inline, files = figure.css(".picture.inline svg"), figure.css("img.picture")
            first_of_page = figure.attributes["id"] == figures_of(lesson)[0].attributes["id"]
            assert (len(inline), len(files)) == ((2, 0) if first_of_page else (0, 4)), (lesson.path, n)


def test_every_figure_has_pictures_for_both_themes_and_two_widths(site: BuiltSite):
    for lesson in site.lessons:
        for figure in figures_of(lesson):
            pictures = {tuple(sorted((img.attributes["class"] or "").split())): img for img in figure.css("img.picture")}
            if not pictures:
                continue
            assert set(pictures) == {tuple(sorted(["picture", t, w])) for t in ("light", "dark") for w in ("wide", "narrow")}
            for kind, img in pictures.items():
                text = site.read(lesson, img.attributes["src"]).decode("utf-8")
                assert text.startswith("<svg"), img.attributes["src"]
                assert img.attributes["loading"] == "lazy"
                width, height = int(img.attributes["width"]), int(img.attributes["height"])
                drawn = [float(v) for v in re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', text).groups()]
                assert drawn == pytest.approx([width, height], abs=1), img.attributes["src"]
                assert width <= (704 if "wide" in kind else 328), (figure.attributes["id"], width)


def test_every_figure_is_complete(site: BuiltSite):
    """Title that is a sentence, caption, description, table, CSV, JSON, spec, code, own page, permanent link, embed code."""
    for page in site.lessons + site.figure_pages:
        for figure in figures_of(page):
            where = f"{page.path} {figure.attributes['id']}"
            assert len(figure.css_first(".figure-title").text().split()) >= 4, where
            assert len(figure.css_first(".figure-caption").text()) > 40, where
            described = page.tree.css_first(f"[id='{figure.attributes['id']}-description']")
            assert len(described.text()) > 60, where
            assert re.search(r"\d", described.text()), f"{where}: a description without a number"
            assert 1 <= len(figure.css(".table-scroll tbody tr")) <= 100, where
            names = {Path(a.attributes["href"]).name: a for a in figure.css(".figure-menu a[download]")}
            wanted = [f"{figure.attributes['id']}.csv", f"{figure.attributes['id']}.json"]
            if figure.css_first("[data-stage]") and "data-drawer" not in figure.attributes:  # a matrix has no Vega-Lite spec
                wanted.append(f"{figure.attributes['id']}.vl.json")
            for name in wanted:
                assert site.read(page, names[name].attributes["href"]), where
            (code,) = [a for name, a in names.items() if name.endswith(".py")]
            (source,) = (ROOT / "charts").rglob(Path(code.attributes["href"]).name)
            assert site.read(page, code.attributes["href"]) == source.read_bytes(), where
            own = next(a.attributes["href"] for a in figure.css(".figure-menu a:not([download])"))
            assert b"<figure" in site.read(page, own), where
            link = figure.css_first("[data-action=link]").attributes["data-link"]
            home = site.file_of(site.resolve(page, link))
            assert home in site.files, where
            assert figure.attributes["id"] in next(p for p in site.pages if p.path == home).ids, where
            embedded = re.search(r'src="([^"]+)"', figure.css_first("[data-action=embed]").attributes["data-embed"])[1]
            assert site.file_of(site.resolve(page, embedded)) in site.files, f"{where}: the embed code leads to {embedded}"
            assert "models:" in figure.css_first("[data-action=cite]").attributes["data-cite"], where


def test_csv_and_json_hold_the_same_rows(site: BuiltSite):
    figures = [(lesson, figure) for lesson in site.lessons for figure in figures_of(lesson)]
    for lesson, figure in figures:
        name = figure.attributes["id"]
        links = {Path(a.attributes["href"]).name: a.attributes["href"] for a in figure.css(".figure-menu a[download]")}
        content = json.loads(site.read(lesson, links[f"{name}.json"]), parse_constant=_refuse)
        rows = list(csv.DictReader(io.StringIO(site.read(lesson, links[f"{name}.csv"]).decode("utf-8"), newline="")))
        columns = [column["name"] for column in content["columns"]]
        assert len(columns) == len(set(columns)), name
        assert [len(row) for row in rows] == [len(columns)] * len(rows), name
        assert list(rows[0]) == columns, name
        assert content["models"] or not content["artefacts"], name
        expected = [[_as_csv(row.get(column)) for column in columns] for row in content["rows"]]
        assert [[row[column] for column in columns] for row in rows] == expected, name


def _as_csv(value: object) -> str:
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value  # a spreadsheet would run it as a formula
    return "" if value is None else str(value)


def _refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is no number")


def test_specs_are_vega_lite_without_foreign_data(site: BuiltSite):
    specs = [file for file in site.files if file.endswith(".vl.json")]
    assert specs
    for file in specs:
        spec = json.loads((site.folder / file).read_text(encoding="utf-8"), parse_constant=_refuse)
        assert "vega-lite" in spec["$schema"], file
        assert '"url"' not in json.dumps(spec.get("datasets", {})) and '"data": {"url"' not in json.dumps(spec), file


def test_charts_show_at_most_1200_marks_and_curves_1000_points(site: BuiltSite):
    """Counted in the pictures, which show each chart's first state."""
    for file in [f for f in site.files if f.endswith(".svg") and "assets/figures/" in f]:
        tree = LexborHTMLParser((site.folder / file).read_text(encoding="utf-8"))
        marks = sum(len(group.css("path, text, rect, line")) for group in tree.css(".role-mark"))
        assert marks <= 1200, (file, marks)
        longest = max((len(re.findall("[LMHVhvlm]", path.attributes.get("d") or "")) for path in tree.css("path")), default=0)
        assert longest <= 2100, (file, longest)  # an area runs along its curve twice


def test_figure_scripts_cannot_end_early(site: BuiltSite):
    for file in [f for f in site.files if f.endswith(".js") and "assets/figures/" in f]:
        text = (site.folder / file).read_text(encoding="utf-8")
        assert re.match(r'WordSpaces\.define\("[a-z0-9-]+",\{', text), file
        assert "<" not in text and "\u2028" not in text and "\u2029" not in text, file
        payload = json.loads(text[text.index(",") + 1 : text.rindex(")")], parse_constant=_refuse)
        of_forms = payload["layouts" if "matrices" in payload else "specs"]
        assert "matrices" in payload or set(payload) == {"specs", "datasets"}, file
        assert set(of_forms) == {"wide", "narrow"}, file


# --- weight ------------------------------------------------------------------------------------------------------------------


def test_fonts_weigh_at_most_60_kb(site: BuiltSite):
    sizes = {file: (site.folder / file).stat().st_size for file in site.files if file.endswith((".woff2", ".woff", ".ttf", ".otf"))}
    assert sizes and sum(sizes.values()) <= 60 * 1024, sizes


def test_committed_data_of_a_set_stays_under_30_mb():
    for folder in (ROOT / "content" / "data").iterdir():
        total = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
        assert total < 30e6, (folder.name, total)


def test_looking_up_a_token_in_all_spaces_costs_at_most_12_kb(site: BuiltSite):
    """The heaviest shard of each space, together, with room for response headers."""
    for folder in (site.folder / "data").iterdir():
        heaviest = {}
        for space in sorted(p for p in folder.glob("*/neighbours_*") if p.is_dir()):
            heaviest[space.name] = max(len(gzipped(shard)) for shard in space.glob("*.json"))
        assert heaviest and sum(heaviest.values()) + 300 * len(heaviest) <= 12 * KB, heaviest


def test_all_numbers_of_a_figure_are_at_most_a_linked_page_away(site: BuiltSite):
    for page in site.figure_pages:
        assert max((len(table.css("tbody tr")) for table in page.tree.css("table")), default=0) <= 1000, page.path
        assert len(gzipped(site.folder / page.path)) <= 100 * KB, page.path


def test_sums_are_finite_in_all_published_json(site: BuiltSite):
    def check(value: object, file: str) -> None:
        if isinstance(value, float):
            assert math.isfinite(value), file
        elif isinstance(value, dict):
            for child in value.values():
                check(child, file)
        elif isinstance(value, list):
            for child in value:
                check(child, file)

    for file in [f for f in site.files if f.endswith((".json", ".ipynb", ".webmanifest")) and "/neighbours_" not in f]:
        check(json.loads((site.folder / file).read_text(encoding="utf-8"), parse_constant=_refuse), file)
