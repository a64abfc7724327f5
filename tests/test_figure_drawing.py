"""Drawing: short cuts inside Altair, which change no chart, and the engine that compiles and draws."""

from __future__ import annotations

import json
import subprocess
import sys

import altair as alt
import pytest
import vl_convert
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

from scripts.subset_fonts import SYMBOLS_IN_PROSE, WEIGHTS
from sitegen import drawing_engine
from sitegen.figure_files import json_text
from sitegen.vega_parts import RuntimeLacksPartError, require_parts
from tests.support import ROOT

# Shorthands as strings, as classes and as dictionaries, a condition, a value, parameters, and charts within charts that share parts.
CHART = """
import datetime, json, sys
import altair as alt
import numpy as np
from sitegen.quick_altair import take_short_cuts

if sys.argv[1] == "short":
    take_short_cuts()
    take_short_cuts()
param = alt.param(name="cut", value=2)
chart = alt.Chart(alt.NamedData(name="rows")).add_params(param).mark_point().encode(
    x="cosine:Q",
    y=alt.Y("token:N", sort=None),
    color=alt.condition("datum.cosine > cut", alt.value("#123456"), "role:N"),
    opacity=alt.value(0.5),
    size=alt.Size("mean(norm):Q", legend=None),
    tooltip=["token:N", {"field": "cosine", "type": "quantitative"}],
)
rule = chart.encode(x=alt.X("cosine:Q").scale(domain=(np.float32(0.5), np.int64(1)), zero=False).axis(None).title("x"))
dated = rule.encode(alt.Y("token:N").sort("-x").axis(values=np.arange(3), labels=True), detail=[alt.Detail("role:N"), "model:N"])
dated = dated.transform_filter(alt.FieldEqualPredicate(field="day", equal=datetime.date(2026, 1, 2))).interactive(name="pan")
rule = dated.mark_rule().encode(x=alt.value(alt.expr("width")))
pick = alt.selection_point(name="pick", fields=["token"])
panels = [alt.layer(chart, rule, width=width).add_params(pick) for width in (100, 200)]
alone = chart.properties(title="alone", data=alt.Data(values=[{"cosine": 1}]))
both = alt.vconcat(*panels, alt.hconcat(rule, alone)).resolve_scale(color="independent")
panels[0].width = chart.mark = rule.encoding = None  # what was made from them stays as it was
print(json.dumps(both.to_dict(validate=False), sort_keys=True))
"""


def spec(way: str) -> dict:
    command = [sys.executable, "-c", CHART, way]
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_short_cuts_give_the_same_chart():
    """Altair's own way is the reference, in a process of its own."""
    assert spec("short") == spec("long")
    assert '"mean"' in json.dumps(spec("short"))


CLIPPED = {
    "width": 40,
    "height": 30,
    "marks": [
        {"type": "group", "clip": True, "encode": {"enter": {"x": {"value": x}, "width": {"value": 9}, "height": {"value": 9}}}}
        for x in (0, 20)
    ],
}


def test_a_picture_does_not_depend_on_those_drawn_before():
    """Vega numbers the ids of all pictures of a process; which process draws which picture is chance."""
    first, second = (drawing_engine.drawn(CLIPPED) for _ in range(2))
    assert first == second
    for n in (1, 2):
        assert f'id="clip{n}"' in first["svg"]
        assert f'"url(#clip{n})"' in first["svg"]


# --- the engine ----------------------------------------------------------------------------------------------------------------


ROWS = [{"word": word, "cosine": cosine, "image": "<b>"} for word, cosine in (("run", 0.3), ("naïve", -0.1), ("<script>&", 0.7))]


def bars(**changed) -> dict:
    """A small chart as Vega-Lite, with rows by name, a parameter, an expression and clipped marks."""
    colour = alt.Color("word:N").scale(range=["#235a97", "#8a4b08"])
    chart = (
        alt.Chart(alt.NamedData(name="rows"), width=200, height=80)
        .transform_calculate(angle="acos(datum.cosine) * 180 / PI", label="datum.word + ' ' + format(datum.angle, '.1f')")
        .mark_bar(clip=True)
        .encode(x="cosine:Q", y=alt.Y("label:N").sort("-x"), color=alt.condition("datum.cosine > least", alt.value("#123456"), colour))
        .add_params(alt.param(name="least", value=0.2))
    )
    return chart.to_dict() | {"datasets": {"rows": ROWS}} | changed


def test_the_engine_compiles_as_vl_convert_does():
    """Another program that holds Vega-Lite, of the version whose schema Altair has."""
    version = ".".join(alt.SCHEMA_VERSION.lstrip("v").split(".")[:2])
    assert drawing_engine.compiled(bars()) == vl_convert.vegalite_to_vega(bars(), vl_version=version)


def test_the_engine_has_the_vega_lite_of_altairs_schema():
    lock = json.loads((ROOT / "runtime" / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert f"v{lock['node_modules/vega-lite']['version']}" == alt.SCHEMA_VERSION


def test_a_figure_is_what_the_page_runs_and_its_pictures():
    """Rows stand once for both layouts, as they were before Vega wrote into them, and nothing in them is markup."""
    layouts = {"wide": json_text(bars()), "narrow": json_text(bars(width=100))}
    payload, pictures = drawing_engine.figure(layouts, require_parts)
    payload = json.loads(payload)
    assert payload["datasets"] == {"d0": ROWS}
    assert list(payload["specs"]) == list(pictures) == ["wide", "narrow"]
    for layout, spec in payload["specs"].items():
        assert [entry.get("dataset") for entry in spec["data"] if entry["name"] == "rows"] == ["d0"]
        assert "values" not in json.dumps(spec["data"])
        silent = json.loads(layouts[layout])
        silent["config"]["aria"] = False
        assert pictures[layout] == drawing_engine.drawn(drawing_engine.compiled(silent))
        assert "&lt;script&gt;&amp; 45.6" in pictures[layout]["svg"] and "<script" not in pictures[layout]["svg"]
    assert pictures["wide"]["width"] - pictures["narrow"]["width"] == 100


MISTAKES = {
    "a mark that does not exist": (bars(mark="cloud"), "Vega-Lite cannot compile it"),
    "an open bracket": (bars(transform=[{"filter": "(("}]), "Vega-Lite cannot compile it: Unexpected end of input"),
    "an unknown function": (bars(transform=[{"filter": "nearby(datum)"}]), "nearby"),
    "a transform that the page has not": (bars(transform=[{"loess": "cosine", "on": "angle"}]), "loess"),
    "a map": (bars(mark="geoshape", projection={"type": "mercator"}), "rojection|geoshape"),
    "rows from elsewhere": (bars(data={"url": "https://example.org/rows.json"}), "Loading failed https://example.org/rows.json"),
    "rows from a file": (bars(data={"url": "/etc/hostname"}), "Loading failed /etc/hostname"),
}


@pytest.mark.parametrize(("spec", "said"), MISTAKES.values(), ids=MISTAKES)
def test_a_chart_that_cannot_be_drawn_says_why(spec: dict, said: str):
    with pytest.raises(ValueError, match=said):
        drawing_engine.figure({"wide": json_text(spec)}, lambda _: None)
    assert drawing_engine.drawn(CLIPPED)["width"] > 0  # the next one is drawn


ENDLESS = {"signals": [{"name": "found", "update": f"test(/^(a+)+$/, '{40 * 'a'}b')"}]}
HUGE = {"signals": [{"name": "found", "update": "length(sort(sequence(20000000)))"}]}


@pytest.mark.parametrize(("spec", "error", "said"), [
    (ENDLESS, TimeoutError, "not drawn within 1 s"), (HUGE, MemoryError, "more than 100 MB"),
], ids=["endless", "huge"])  # fmt: skip
def test_a_chart_that_never_ends_or_fills_the_memory_is_stopped(monkeypatch: pytest.MonkeyPatch, spec: dict, error: type, said: str):
    """And the next is drawn. An engine of its own, with narrow limits."""
    monkeypatch.setattr(drawing_engine, "TIME_LIMIT", 1.0 if error is TimeoutError else 60.0)
    monkeypatch.setattr(drawing_engine, "MEMORY_LIMIT", 100_000_000)
    drawing_engine._engine.cache_clear()
    with pytest.raises(error, match=said):
        drawing_engine.drawn(spec)
    assert drawing_engine.drawn(CLIPPED)["width"] > 0
    drawing_engine._engine.cache_clear()


def test_texts_are_as_wide_as_in_the_pages_font():
    """The table that pictures are laid out by, against the font files; fontTools is the reference."""
    table = json.loads(drawing_engine.FONT_WIDTHS.read_text(encoding="utf-8"))
    fonts = ROOT / "static" / "fonts"
    signs = TTFont(fonts / "maths.woff2")
    assert table["weights"] == list(WEIGHTS)
    for n, weight in enumerate(WEIGHTS):
        sans = instancer.instantiateVariableFont(TTFont(fonts / "figtree.woff2"), {"wght": weight})
        wanted = {
            chr(code): font["hmtx"][glyph][0] / font["head"].unitsPerEm
            for font in (signs, sans)
            for code, glyph in font.getBestCmap().items()
            if font is sans or chr(code) in SYMBOLS_IN_PROSE
        }
        assert {character: widths[n] for character, widths in table["characters"].items()} == wanted


def width_of(text: str, **style) -> float:
    """How wide the engine finds a text, in ems."""
    size = 1000
    mark = {"type": "text", "encode": {"enter": {"text": {"value": text}, "fontSize": {"value": size}}}}
    for name, value in style.items():
        mark["encode"]["enter"][name] = {"value": value}
    return drawing_engine.drawn({"autosize": "pad", "padding": 0, "width": 0, "height": 0, "marks": [mark]})["width"] / size


@pytest.mark.parametrize(("text", "style", "same_as"), [
    ("é", {}, "e"), ("naïve", {}, "naive"), ("e\u0301", {}, "e"), ("a\u200db", {}, "ab"), ("ab", {"fontStyle": "italic"}, "ab"),
])  # fmt: skip
def test_accents_and_joiners_take_no_room(text: str, style: dict, same_as: str):
    assert width_of(text, **style) == width_of(same_as) > 0


def test_other_signs_and_weights_have_widths_of_their_own():
    """The rule of runtime/measuring-canvas.mjs for what the font does not have, and weights between those that were measured."""
    assert width_of("好") == width_of("😀") == 1
    assert width_of("▲") == width_of("ж") == 0.65
    wide = [width_of("wide words", fontWeight=weight) for weight in (400, 450, 500, 600, "bold", 900)]
    assert wide == sorted(wide) and wide[0] < wide[1] < wide[2] < wide[3] == wide[4] == wide[5]
    assert width_of("wide words", fontWeight="normal") == wide[0]


DATED = alt.Data(values=[{"x": 1, "y": 2, "day": "2026-01-01", "kind": "a"}])
REFUSED = {
    "an axis of time": (lambda chart: chart.mark_line().encode(x="day:T"), "scale 'time'"),
    "slices": (lambda chart: chart.mark_arc().encode(theta="x:Q"), "mark 'arc'"),
    "a curve": (lambda chart: chart.mark_line(interpolate="basis").encode(x="x:Q"), "curve 'basis'"),
    "a density": (lambda chart: chart.mark_area().transform_density("x", as_=["x", "d"]).encode(x="x:Q"), "transform 'kde'"),
    "colours of Vega's own": (lambda chart: chart.mark_point().encode(color="kind:N"), "colours of Vega's own"),
    "a scheme": (lambda chart: chart.mark_point().encode(color=alt.Color("x:Q").scale(scheme="viridis")), "colour scheme 'viridis'"),
    "named colours": (lambda chart: chart.mark_point().encode(color=alt.Color("x:Q").scale(range=["red", "#fff"])), "colours to mix"),
    "a function": (lambda chart: chart.mark_point().transform_calculate(z="sampleNormal(datum.x)"), "function 'sampleNormal'"),
    "a selection": (lambda chart: chart.mark_point().add_params(alt.selection_point()), "selections"),
    "an input": (lambda chart: chart.mark_point().add_params(alt.param(name="p", bind=alt.binding_range())), "inputs"),
    "a link": (lambda chart: chart.mark_point().encode(href="kind:N"), "links in charts"),
    "a file": (lambda chart: alt.Chart("rows.csv").mark_point().encode(x="x:Q"), "data from an address"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_chart_that_needs_more_of_vega_than_readers_get_is_refused(what: str):
    """By name, when the site is built: otherwise it would fail in the reader's browser, where nobody sees it."""
    draw, named = REFUSED[what]
    compiled = drawing_engine.compiled(draw(alt.Chart(DATED)).to_dict())
    with pytest.raises(RuntimeLacksPartError, match=named):
        require_parts(compiled)


def test_what_looks_like_a_call_in_a_text_is_none():
    expression = "replace(datum.x, /of(a)/g, 'sampleNormal(') + max(1, 2)"
    require_parts({"data": [{"name": "rows", "transform": [{"type": "formula", "expr": expression, "as": "y"}]}]})
