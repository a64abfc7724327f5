"""Drawing takes short cuts inside Altair; they change no chart."""

from __future__ import annotations

import json
import subprocess
import sys

import altair as alt
import pytest
import vl_convert

from sitegen.figure_drawing import tidy_svg
from sitegen.vega_parts import RuntimeLacksPartError, require_parts
from tests.support import ROOT

# Shorthands as strings, as classes and as dictionaries, a condition, a value, parameters, and charts within charts that share parts.
CHART = """
import json, sys
import altair as alt
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
rule = chart.mark_rule().encode(x=alt.value(alt.expr("width")))
pick = alt.selection_point(name="pick", fields=["token"])
panels = [alt.layer(chart, rule, width=width).add_params(pick) for width in (100, 200)]
both = alt.vconcat(*panels, alt.hconcat(rule, chart.properties(title="alone"))).resolve_scale(color="independent")
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
    first, second = (vl_convert.vega_to_svg(CLIPPED) for _ in range(2))
    assert first != second
    tidied = tidy_svg(first)["svg"]
    assert tidied == tidy_svg(second)["svg"]
    for n in (1, 2):
        assert f'id="clip{n}"' in tidied
        assert f'"url(#clip{n})"' in tidied


ROWS = alt.Data(values=[{"x": 1, "y": 2, "day": "2026-01-01", "kind": "a"}])
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
    compiled = vl_convert.vegalite_to_vega(draw(alt.Chart(ROWS)).to_dict())
    with pytest.raises(RuntimeLacksPartError, match=named):
        require_parts(compiled)


def test_what_looks_like_a_call_in_a_text_is_none():
    expression = "replace(datum.x, /of(a)/g, 'sampleNormal(') + max(1, 2)"
    require_parts({"data": [{"name": "rows", "transform": [{"type": "formula", "expr": expression, "as": "y"}]}]})
