"""Vendored scripts and fonts: within their budgets, the files that their notices name, and at work under the pages' policy."""

from __future__ import annotations

import base64
import functools
import gzip
import hashlib
import http.server
import io
import json
import re
import shutil
import threading
from pathlib import Path

import altair as alt
import pytest
from fontTools.ttLib import TTFont
from selectolax.lexbor import LexborNode

from charts.palette import PALETTE
from sitegen import vega_parts
from sitegen.drawing_engine import FONT_WIDTHS
from tests.support.built_site import BuiltSite, Html

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "static" / "vendor"
DRAWING = ROOT / "sitegen" / "vendor"  # what draws charts when the site is built; not published
FONTS = ROOT / "static" / "fonts"
CSS = ROOT / "static" / "css"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'"
)


def test_the_runtime_is_within_its_budget():
    assert len(gzip.compress((VENDOR / "vega-runtime.js").read_bytes(), 9, mtime=0)) <= 100_000


def test_the_fonts_are_within_their_budget():
    sizes = {path.name: path.stat().st_size for path in FONTS.glob("*.woff2")}
    assert sum(sizes.values()) <= 60_000, sizes


@pytest.mark.parametrize(
    "notice", [VENDOR / "LICENSES.txt", DRAWING / "LICENSES.txt", FONTS / "OFL.txt"], ids=["published", "drawing", "fonts"]
)
def test_every_file_is_the_one_its_notice_names(notice):
    named = re.findall(r"^  (\S+)  ([0-9a-f]{64})  (\d+)$", notice.read_text(encoding="utf-8"), re.MULTILINE)
    assert {name for name, _, _ in named} == {path.name for path in notice.parent.iterdir()} - {notice.name}
    for name, digest, size in named:
        data = (notice.parent / name).read_bytes()
        assert (hashlib.sha256(data).hexdigest(), len(data)) == (digest, int(size)), f"{name} was changed by hand"


@pytest.mark.parametrize("folder", [VENDOR, DRAWING], ids=["published", "drawing"])
def test_the_notices_agree_with_the_lock_file(folder):
    """So pictures are drawn by the very versions that the pages run."""
    lock = json.loads((ROOT / "runtime" / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for line in re.findall(r"^    from: (.*)$", (folder / "LICENSES.txt").read_text(encoding="utf-8"), re.MULTILINE):
        for name, version in (part.rsplit(" ", 1) for part in line.split(", ")):
            assert lock[f"node_modules/{name}"]["version"] == version, f"{name}: run `node build.mjs` in runtime/"


def test_versions_are_exact_and_no_host_is_named():
    package = json.loads((ROOT / "runtime" / "package.json").read_text(encoding="utf-8"))
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in package["dependencies"].values())
    assert '"resolved"' not in (ROOT / "runtime" / "package-lock.json").read_text(encoding="utf-8")


def test_every_font_file_is_used_and_every_used_file_is_there():
    used = set(re.findall(r'url\("\.\./fonts/([^"]+)"\)', (CSS / "fonts.css").read_text(encoding="utf-8")))
    assert used == {path.name for path in FONTS.glob("*.woff2")}


def test_a_file_has_every_character_that_it_is_fetched_for():
    """Otherwise a page with that character fetches the file and shows another font's sign all the same."""
    rules = re.findall(r'src: url\("\.\./fonts/([^"]+)"\)[^}]*?unicode-range: ([^;]+);', (CSS / "fonts.css").read_text(encoding="utf-8"))
    assert len(rules) >= 4
    for name, ranges in rules:
        ends = [part.removeprefix("U+").split("-") for part in ranges.split(", ")]
        wanted = {code for first, *last in ends for code in range(int(first, 16), int((last or [first])[0], 16) + 1)}
        assert wanted <= set(TTFont(FONTS / name).getBestCmap()), name


@pytest.mark.parametrize("name", ["literata", "literata-italic", "figtree"])
def test_fonts_have_the_characters_of_english_prose(name):
    have = TTFont(FONTS / f"{name}.woff2").getBestCmap()
    assert not [c for c in "".join(map(chr, range(32, 127))) + "–—‘’“”…\N{NO-BREAK SPACE}" if ord(c) not in have]


@pytest.mark.parametrize(("name", "table", "wanted"), [
    ("literata", "GPOS", {"kern"}), ("literata", "GSUB", {"tnum"}), ("figtree", "GSUB", {"tnum"}),
])  # fmt: skip
def test_fonts_keep_the_features_that_show(name, table, wanted):
    features = {record.FeatureTag for record in TTFont(FONTS / f"{name}.woff2")[table].table.FeatureList.FeatureRecord}
    assert wanted <= features


def test_the_maths_font_can_stretch_brackets():
    font = TTFont(FONTS / "maths.woff2")
    stretches = set(font["MATH"].table.MathVariants.VertGlyphCoverage.glyphs)
    assert {font.getBestCmap()[ord(c)] for c in "()[]{}|‖√"} <= stretches


def chart() -> dict:
    """A compiled chart with a slider, a select and a checkbox; log scale, size legend, tooltip on a point, bars."""
    hostile = "<script>alert(1)</script>"
    rows = [{"x": i % 10 + 1, "y": round(10 ** (i / 20), 9), "kind": "ab"[i % 2], "image": hostile} for i in range(60)]
    data = alt.Data(values=rows)
    least, kind, all_ = (alt.param(name=n, value=v) for n, v in (("least", 1), ("kind", "a"), ("all", True)))
    points = (
        alt.Chart(data, width=300, height=200)
        .mark_point(filled=True)
        .encode(
            x="x:Q",
            y=alt.Y("y:Q").scale(type="log"),
            size=alt.Size("x:Q"),
            opacity=alt.condition("datum.x > 5", alt.value(1), alt.value(0.6)),
            tooltip=["x:Q", "y:Q", "image:N"],
        )
        .transform_filter("datum.y >= least && (all || datum.kind == kind)")
    )
    colour = alt.Color("kind:N").scale(range=["#235a97", "#8a4b08"])
    bars = alt.Chart(data, width=300, height=80).mark_bar().encode(x=alt.X("x:Q").bin(maxbins=5), y="count()", color=colour)
    return alt.vconcat(points, bars).add_params(least, kind, all_).to_dict(format="vega")


SCRIPT = """
window.violations = [];
document.addEventListener('securitypolicyviolation', (event) => window.violations.push(event.violatedDirective));
const { View, parse, compiledExpressions, tooltip } = WordSpacesVega;
fetch('chart.json').then((answer) => answer.json()).then((spec) => {
  window.view = new View(parse(spec, null, { ast: true }), {
    expr: compiledExpressions, container: '#stage', hover: true, tooltip,
  });
  return window.view.runAsync();
}).then(() => { window.ready = true; }, (error) => { window.failure = String(error.stack); });
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A page under the site's policy, served from this machine; yields its address."""
    folder = tmp_path_factory.mktemp("vendored")
    for source in (VENDOR / "vega-runtime.js", CSS / "tooltip.css", CSS / "fonts.css"):
        shutil.copy(source, folder)
    (folder / "colours.css").write_text(":root{" + "".join(f"--{name}:{light};" for name, (light, _) in PALETTE.items()) + "}")
    (folder / "chart.json").write_text(json.dumps(chart(), allow_nan=False))
    (folder / "page.js").write_text(SCRIPT)
    (folder / "index.html").write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<title>chart</title><link rel="icon" href="data:,">'
        '<link rel="stylesheet" href="colours.css"><link rel="stylesheet" href="tooltip.css">'
        '<div id="stage"></div><script src="vega-runtime.js"></script><script src="page.js"></script>'
    )
    handler = functools.partial(QuietHandler, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/index.html"
        server.shutdown()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert chromium, "This test needs Chromium: see the README's test command."
    off = ["gpu", "quic", "background-networking", "component-update", "sync"]
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--no-first-run", *(f"--disable-{name}" for name in off)]
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def page(site, browser):
    page = browser.new_page(viewport={"width": 600, "height": 500})
    page.errors = []
    page.on("console", lambda message: page.errors.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.goto(site)
    for _ in range(200):  # wait_for_function needs eval, which the policy forbids
        if page.evaluate("() => Boolean(window.ready || window.failure)"):
            break
        page.wait_for_timeout(50)
    assert page.evaluate("() => window.failure || (window.ready ? '' : 'not ready after 10 s')") == ""
    yield page
    assert page.evaluate("() => window.violations") == []
    assert page.errors == []
    page.close()


# What is drawn: symbols that are data, not those of the legend.
POINTS = """() => {
  const points = (mark) => (mark.marktype === 'symbol' && mark.role === 'mark' ? mark.items : [])
    .concat(...(mark.items || []).map((item) => [].concat(...(item.items || []).map(points))));
  return points(view.scenegraph().root).map((item) => [item.datum.y, item.y]);
}"""

# Where the last of them, one of the largest, is in px of the window.
ON_THE_PAGE = """() => {
  const found = [];
  const look = (mark, x, y) => (mark.items || []).forEach((item) => {
    if (mark.marktype === 'symbol' && mark.role === 'mark') found.push([x + item.x, y + item.y]);
    (item.items || []).forEach((inner) => look(inner, x + (item.x || 0), y + (item.y || 0)));
  });
  look(view.scenegraph().root, ...view.origin());
  const box = document.querySelector('#stage canvas').getBoundingClientRect();
  const [x, y] = found[found.length - 1];
  return [box.x + x, box.y + y];
}"""


def test_a_chart_draws_and_its_signals_redraw_it(page):
    drawn = dict(page.evaluate(POINTS))
    assert len(drawn) == 60
    one, ten, hundred = drawn[1], drawn[10], drawn[100]
    assert one - ten == pytest.approx(ten - hundred)
    assert one - ten > 10, "the scale is logarithmic"
    page.evaluate("async () => { await view.signal('least', 100).runAsync(); }")
    assert len(page.evaluate(POINTS)) == 20
    page.evaluate("async () => { await view.signal('all', false).signal('kind', 'b').runAsync(); }")
    assert len(page.evaluate(POINTS)) == 10


def test_a_tooltip_shows_text_as_text(page):
    x, y = page.evaluate(ON_THE_PAGE)
    page.mouse.move(x, y)
    tooltip = page.locator("#vg-tooltip-element")
    tooltip.wait_for(state="visible", timeout=3000)
    assert "<script>alert(1)</script>" in tooltip.inner_text()
    assert tooltip.locator("img, script, h2").count() == 0
    assert tooltip.locator("td.key").count() == tooltip.locator("td.value").count() == 3
    style = "(e) => [getComputedStyle(e).position, getComputedStyle(e).backgroundColor]"
    assert tooltip.evaluate(style) == ["fixed", "rgb(255, 255, 255)"]


def test_pictures_can_be_saved(page):
    assert page.evaluate("() => view.toImageURL('png', 2)").startswith("data:image/png")
    assert page.evaluate("() => view.toSVG()").startswith("<svg")


def test_a_chart_is_not_blank(page):
    from PIL import Image

    picture = Image.open(io.BytesIO(page.locator("#stage").screenshot())).convert("L")
    assert picture.getextrema()[0] < 160


# Evaluated by the page's own evaluator and by the JavaScript that Vega generates where a policy allows it.
EXPRESSIONS = [
    "1 + 2 * 3 - 4 / 8 % 3",
    "2 < 3 && 3 <= 3 || 4 > 5", "!(1 == '1') || 1 === '1'", "-a + +'4' - ~5", "1 ? 'yes' : a", "0 && a", "{name: a, 'odd key': [a]}",
    "if(a > 2, 'large', 'small')", "1 << 4 | 6 & 3 ^ 1", "8 >> 1 >>> 1", "[1, a, 'x'][1]", "b.inner['deep'].length",
    "pow(2, 10) + round(2.5) + max(1, 7, 3) + min()", "PI + SQRT2", "isNaN(NaN)", "join(slice(sort([3, 1, 2]), 0, 2), '-')",
    "upper(substring('word spaces', 5))", "replace('a-b-c', /-/g, '+') + replace('a-b-c', /-/g, '+')", "test(/^w/, 'word')",
    "format(0.12345, '.3f') + format(1234567, ',')", "length(sequence(1, 5))", "clamp(12, 0, 10)", "toNumber('1e3') + toString(12)",
    "span([3, 9]) + extent([4, 1, 7])[1]", "pad('7', 3, '0', 'left')", "indexof('embedding', 'd')", "isValid(null) ? 1 : isString('x')",
    "merge({one: 1}, {two: 2})", "scale('place', 3) + invert('place', 50) + bandwidth('place')", "data('rows')[1].y + length(data('rows'))",
    "atan2(1, 2) + hypot(3, 4)", "rgb('#ff0000').r", "luminance('#888888')", "a + '\u2212' + b.inner.deep", "truncate('a long word', 6)",
]  # fmt: skip
EVALUATED = """(expressions) => {
  const { View, parse, compiledExpressions } = WordSpacesVega;
  const spec = () => ({
    signals: [{ name: 'a', value: 3 }, { name: 'b', value: { inner: { deep: 'four' } } },
      ...expressions.map((update, n) => ({ name: `e${n}`, update }))],
    data: [{ name: 'rows', values: [{ y: 1 }, { y: 5 }] }],
    scales: [{ name: 'place', type: 'linear', domain: [0, 10], range: [0, 100] }],
  });
  const values = (view) => expressions.map((_, n) => view.run().signal(`e${n}`));
  return [values(new View(parse(spec(), null, { ast: true }), { expr: compiledExpressions })), values(new View(parse(spec())))];
}"""


@pytest.fixture(scope="module")
def permissive(browser):
    """A page without a policy, where Vega's own generated code runs as well."""
    page = browser.new_page()
    page.goto("data:text/html,<!doctype html><title>evaluators</title>")
    page.add_script_tag(content=(VENDOR / "vega-runtime.js").read_text(encoding="utf-8"))
    yield page
    page.close()


def test_expressions_mean_what_vegas_own_code_computes(permissive):
    compiled, generated = permissive.evaluate(EVALUATED, EXPRESSIONS)
    assert all(value is not None for value in generated)
    for expression, ours, theirs in zip(EXPRESSIONS, compiled, generated, strict=True):
        assert ours == theirs, expression


# A scale, a mark and a curve of each kind in charts of their own; the names of those that did not draw what they should.
FAILING = """async ({ scales, marks, curves }) => {
  const { View, parse, compiledExpressions } = WordSpacesVega;
  const numbers = { domain: [1, 10], range: [1, 100] };
  const texts = { domain: ['a', 'b'], range: [0, 100] };
  const cuts = { domain: [5], range: [3, 4] };
  const scale = (type) => ({ name: 'place', type, ...({ threshold: cuts, quantize: { domain: [0, 1], range: [3, 4] } }[type] ??
    (['band', 'ordinal', 'point'].includes(type) ? texts : numbers)) });
  const values = [{ x: 1, y: 2 }, { x: 3, y: 4 }, { x: 5, y: 1 }];
  const encode = (more) => ({ update: { x: { field: 'x' }, y: { field: 'y' }, x2: { value: 9 }, y2: { value: 9 },
    path: { value: 'M1,2L3,4' }, text: { value: 'w' }, stroke: { value: '#123456' }, fill: { value: '#123456' }, ...more } });
  const mark = (type, more = {}) => ({ type, from: { data: 'rows' }, encode: encode(more) });
  const charts = [
    ...scales.map((type) => [type, { scales: [scale(type)], signals: [{ name: 'found', update: "scale('place', domain('place')[0])" }] }]),
    ...marks.map((type) => [type, { data: [{ name: 'rows', values }], marks: [mark(type)] }]),
    ...curves.map((name) => [name, { data: [{ name: 'rows', values }], marks: [mark('line', { interpolate: { value: name } })] }]),
  ];
  const failed = [];
  for (const [name, spec] of charts) {
    try {
      const view = new View(parse(spec, null, { ast: true }), { renderer: 'none', expr: compiledExpressions });
      await view.runAsync();
      const drawn = /#123456|<path|<text/.test(await view.toSVG());
      if (spec.marks ? !drawn : !Number.isFinite(view.signal('found'))) failed.push(name);
    } catch (error) {
      failed.push(`${name}: ${error.message}`);
    }
  }
  return failed;
}"""


def test_what_a_figure_may_use_is_in_the_runtime(permissive):
    """What the build lets through is there for the reader: every name on its lists."""
    transforms, functions = permissive.evaluate(
        "[Object.keys(WordSpacesVega.transforms), Object.keys(WordSpacesVega.codeGenerator.functions)]"
    )
    assert set(transforms) >= vega_parts.TRANSFORMS
    assert set(functions) | {"if"} >= vega_parts.FUNCTIONS
    asked = {"scales": sorted(vega_parts.SCALES), "marks": sorted(vega_parts.MARKS), "curves": sorted(vega_parts.CURVES)}
    assert permissive.evaluate(FAILING, asked) == []
    assert len(permissive.evaluate(FAILING, {"scales": ["time"], "marks": ["arc"], "curves": ["basis"]})) == 3, "the test can fail"


def test_expressions_reach_no_code(permissive):
    """What vega-interpreter forbids stays forbidden."""
    evaluated = """(update) => {
      const { View, parse, compiledExpressions } = WordSpacesVega;
      const signals = [{ name: 'b', value: { inner: {} } }, { name: 'found', update }];
      return typeof new View(parse({ signals }, null, { ast: true }), { expr: compiledExpressions }).run().signal('found');
    }"""
    assert permissive.evaluate(evaluated, "b.inner.constructor") == "function", "the test asks for something that is there"
    assert permissive.evaluate(evaluated, "b.inner.constructor.constructor") == "undefined"


# Every mark of a drawing with where and how it is drawn; what only speeds Vega up is left out.
DRAWN = r"""async ({ spec, controls }) => {
  const { View, parse, compiledExpressions } = WordSpacesVega;
  const evaluators = [[{ ast: true }, { expr: compiledExpressions }], [{}, {}]];
  const views = evaluators.map(([how, options]) => new View(parse(structuredClone(spec), null, how), { renderer: 'none', ...options }));
  const pictures = [];
  for (const change of [{}, ...controls]) {
    for (const view of views) {
      for (const [name, value] of Object.entries(change)) view.signal(name, value);
      await view.runAsync();
    }
    const drawn = await Promise.all(views.map((view) => view.toSVG()));
    pictures.push(drawn.map((svg) => svg.replace(/\b(clip|gradient_)\d+/g, '$1'))); // Vega counts these over all charts of a page
  }
  views.forEach((view) => view.finalize());
  return pictures;
}"""


def test_every_figure_is_drawn_as_vegas_own_code_draws_it(permissive, real_site):
    """At rest and after a change of each control, on a phone's width: the same picture from both evaluators."""
    pages = [page for page in BuiltSite(real_site).figure_pages if page.tree.css_first("[data-script]:not([data-drawer])")]
    assert len(pages) >= 50
    for page in pages:
        payload = json.loads(f"[{read_script(real_site, page)}]")[1]
        spec = payload["specs"]["narrow"]
        fill(spec, payload["datasets"])
        changes = [{control.attributes["data-control"]: far_end(control)} for control in page.tree.css("[data-control]")]
        for ours, theirs in permissive.evaluate(DRAWN, {"spec": spec, "controls": changes}):
            assert ours == theirs, page.path
            assert "<path" in ours or "<text" in ours, page.path


# The page's own faces, as static/css/fonts.css has them, in a page without style sheets.
WITH_FACES = """async (faces) => {
  for (const { family, data, weight } of faces) {
    const face = new FontFace(family, `url(data:font/woff2;base64,${data})`, { weight });
    document.fonts.add(face);
    await face.load();
  }
}"""
LAID_OUT = """async (spec) => {
  const { View, parse, compiledExpressions } = WordSpacesVega;
  return new View(parse(spec, null, { ast: true }), { renderer: 'none', expr: compiledExpressions }).toSVG();
}"""


@pytest.fixture
def page_with_faces(browser):
    """A page with the runtime, in which no text was measured before its faces had come: Vega remembers widths."""
    page = browser.new_page()
    page.goto("data:text/html,<!doctype html><title>layout</title>")
    page.add_script_tag(content=(VENDOR / "vega-runtime.js").read_text(encoding="utf-8"))
    files = [("Figtree", "figtree.woff2", "400 600"), ("Word Spaces Signs", "maths.woff2", "400")]
    page.evaluate(
        WITH_FACES, [{"family": f, "data": base64.b64encode((FONTS / n).read_bytes()).decode(), "weight": w} for f, n, w in files]
    )
    yield page
    page.close()


def test_pictures_are_laid_out_as_the_browser_lays_out_the_charts(page_with_faces, real_site):
    """A build measures labels without a browser, which measures them on a canvas: the same places, so that nothing moves when a chart
    takes the place of its picture. Figures whose labels hold signs that no face of the page has are left out: those depend on the
    machine."""
    known = json.loads(FONT_WIDTHS.read_text(encoding="utf-8"))["characters"]
    compared = 0
    for page in BuiltSite(real_site).figure_pages:
        name = Path(page.path).parent.name
        for picture in sorted(real_site.glob(f"assets/figures/{name}-*-light.*.svg"))[: 2 * (compared < 12)]:
            texts, place = layout_of(picture.read_text(encoding="utf-8"))
            if page.tree.css_first("[data-script]:not([data-drawer])") is None or not known.keys() >= set("".join(texts)):
                continue
            payload = json.loads(f"[{read_script(real_site, page)}]")[1]
            spec = payload["specs"]["wide" if "-wide-" in picture.name else "narrow"]
            fill(spec, payload["datasets"])
            live_texts, live_place = layout_of(page_with_faces.evaluate(LAID_OUT, spec))
            assert live_texts == texts, picture.name
            assert place == pytest.approx(live_place, abs=0.11), picture.name  # pictures keep one decimal
            compared += 1
    assert compared >= 12


def layout_of(svg: str) -> tuple[list[str], list[float]]:
    """All texts of a picture, and its size and the places of all that is placed, in px."""
    size = re.search(r'<svg[^>]*? width="([\d.]+)" height="([\d.]+)"', svg).groups()
    places = re.findall(r"translate\((-?[\d.]+),(-?[\d.]+)\)", svg)
    return re.findall(r"<t(?:ext|span)[^>]*>([^<]+)<", svg), [float(number) for pair in [size, *places] for number in pair]


def read_script(site: Path, page: Html) -> str:
    """What the script of a figure's own page gives to WordSpaces.define."""
    file = (site / page.path).parent / page.tree.css_first("[data-script]").attributes["data-script"]
    return file.read_text(encoding="utf-8").removeprefix("WordSpaces.define(").rstrip().removesuffix(");")


def far_end(control: LexborNode) -> str | float | bool:
    """Another value than the one a control starts with."""
    if control.tag == "select":
        return control.css("option")[-1].attributes["value"]
    if control.attributes["type"] == "checkbox":
        return "checked" not in control.attributes
    return float(control.attributes["max"])


def fill(node: dict, datasets: dict) -> None:
    """The rows put where a spec names a dataset, as static/js/chart.js does."""
    for entry in node.get("data", []):
        if "dataset" in entry:
            entry["values"] = datasets[entry.pop("dataset")]
    for mark in node.get("marks", []):
        fill(mark, datasets)
