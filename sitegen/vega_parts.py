"""What of Vega the page's runtime holds, and whether a compiled chart asks for more.

The bundle (runtime/vega-entry.mjs, stubs.mjs) has what charts here use. A chart that needs anything else would be drawn at build time and
fail in the reader's browser, so it does not build. tests/test_vendored.py holds these lists to the bundle.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

TRANSFORMS = frozenset(
    "aggregate bin collect extent filter flatten fold formula impute joinaggregate lookup stack window".split(),
)
MARKS = frozenset("area group line path rect rule symbol text".split())
SCALES = frozenset("band identity linear log ordinal point pow quantize sqrt symlog threshold".split())
CURVES = frozenset("linear linear-closed monotone step step-after step-before".split())
FUNCTIONS = frozenset(
    """
    abs acos asin atan atan2 ceil clamp cos exp floor hypot if isFinite isNaN log max min pow random round sin sqrt tan
    isArray isBoolean isDate isDefined isNumber isObject isRegExp isString isTuple isValid parseFloat parseInt toBoolean toNumber toString
    length lower regexp replace split substring test trim truncate upper format pad
    clampRange extent flush indexof inrange join lastindexof lerp merge peek pluck reverse sequence slice sort span
    bandspace bandwidth copy domain invert range scale data indata contrast luminance rgb group item view x xy y
    """.split(),
)
PALETTES = frozenset("category diverging heatmap ordinal ramp".split())  # ranges of colours that Vega has names for
EXPRESSIONS = frozenset("expr init signal test update".split())  # keys of a spec that hold an expression

_TEXT = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|(?<=[(,])\s*/(?:[^/\\]|\\.)+/")  # and regular expressions
_CALL = re.compile(r"(?<![\w$.])([A-Za-z_$][\w$]*)\s*\(")
_HEX = re.compile(r"#[0-9a-fA-F]{3,8}")


class RuntimeLacksPartError(ValueError):
    """A chart asks for a part of Vega that readers do not get."""


def require_parts(spec: dict[str, Any]) -> None:
    """Raises RuntimeLacksPartError, naming all of them, where a compiled Vega spec asks for parts that the page's runtime lacks."""
    missing = sorted(set(_missing(spec)))
    if missing:
        cure = "draw it otherwise, or add it in runtime/ and sitegen/vega_parts.py"
        raise RuntimeLacksPartError(f"pages have no {', no '.join(missing)}: {cure}")


def _missing(node: dict[str, Any]) -> Iterator[str]:
    """Of a spec, or of a group mark with a scope of its own."""
    for data in node.get("data", []):
        if "url" in data:
            yield "data from an address"
        if data.get("format", {}).get("type", "json") != "json":
            yield f"reader of {data['format']['type']}"
        yield from _unknown("transform", (step["type"] for step in data.get("transform", [])), TRANSFORMS)
    for scale in node.get("scales", []):
        yield from _missing_of_scale(scale)
    for signal in node.get("signals", []):
        if "bind" in signal:
            yield "inputs of Vega's own (a figure has controls)"
        if signal.get("on"):
            yield "selections or signals of events (a figure has controls)"
    if node.get("projections"):
        yield "maps"
    for mark in node.get("marks", []):
        yield from _unknown("mark", [mark["type"]], MARKS)
        yield from _unknown("transform", (step["type"] for step in mark.get("transform", [])), TRANSFORMS)
        for channels in mark.get("encode", {}).values():
            curve = channels.get("interpolate", {})
            if isinstance(curve, dict) and "value" in curve:
                yield from _unknown("curve", [curve["value"]], CURVES)
            if "href" in channels:
                yield "links in charts"
        yield from _missing(mark)
    yield from _unknown("function", _called({key: part for key, part in node.items() if key not in ("marks", "data")}), FUNCTIONS)
    yield from _unknown("function", _called([data.get("transform") for data in node.get("data", [])]), FUNCTIONS)


def _missing_of_scale(scale: dict[str, Any]) -> Iterator[str]:
    yield from _unknown("scale", [scale.get("type", "linear")], SCALES)
    colours = scale.get("range")
    if isinstance(colours, dict) and isinstance(colours.get("scheme"), str):
        yield f"colour scheme {colours['scheme']!r} (name the palette's colours)"
    if isinstance(colours, str) and colours in PALETTES:
        yield "colours of Vega's own (name the palette's)"
    mixed = scale.get("type", "linear") not in ("ordinal", "quantize", "threshold") and isinstance(colours, list)
    if mixed and any(isinstance(colour, str) and not _HEX.fullmatch(colour) for colour in colours):
        yield "colours to mix but those that are written as #rrggbb"
    mixing = scale.get("interpolate", "rgb")
    if mixing not in ("rgb", {"type": "rgb"}):
        yield "mixing of colours but in RGB"


def _unknown(kind: str, names: Any, known: frozenset[str]) -> Iterator[str]:
    return (f"{kind} {name!r}" for name in names if name not in known)


def _called(node: Any) -> Iterator[str]:
    """The functions that the expressions in a part of a spec call."""
    if isinstance(node, dict):
        for key, part in node.items():
            if key in EXPRESSIONS and isinstance(part, str):
                yield from _CALL.findall(_TEXT.sub("''", part))
            else:
                yield from _called(part)
    elif isinstance(node, list):
        for part in node:
            yield from _called(part)
