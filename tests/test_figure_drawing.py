"""Drawing takes short cuts inside Altair; they change no chart."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.support import ROOT

# Shorthands as strings, as classes and as dictionaries, a condition, a value, and a parameter.
CHART = """
import json, sys
import altair as alt
from altair.utils import schemapi
from sitegen.figure_drawing import _hash_schemas_once

if sys.argv[1] == "short":
    _hash_schemas_once()
    _hash_schemas_once()
    assert schemapi._FromDict.__name__ == "Remembering"
param = alt.param(name="cut", value=2)
chart = alt.Chart(alt.NamedData(name="rows")).add_params(param).mark_point().encode(
    x="cosine:Q",
    y=alt.Y("token:N", sort=None),
    color=alt.condition("datum.cosine > cut", alt.value("#123456"), "role:N"),
    opacity=alt.value(0.5),
    size=alt.Size("mean(norm):Q", legend=None),
    tooltip=["token:N", {"field": "cosine", "type": "quantitative"}],
)
both = alt.layer(chart, chart.mark_rule().encode(x=alt.value(alt.expr("width"))))
print(json.dumps(both.to_dict(validate=False), sort_keys=True))
"""


def spec(way: str) -> dict:
    command = [sys.executable, "-c", CHART, way]
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_schemas_hashed_once_give_the_same_chart():
    """Altair's own way is the reference, in a process of its own."""
    assert spec("short") == spec("long")
    assert '"mean"' in json.dumps(spec("short"))
