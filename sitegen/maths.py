r"""LaTeX to MathML when the site is built, so that pages need no script for their formulas.

The work is done by Temml (static/vendor/temml.min.js), run by the small QuickJS engine that ships as a wheel: no Node. Temml writes
a few `style` attributes, which the pages' content security policy forbids; `_CLASSES` turns those that ordinary formulas need into
classes (static/css/maths.css draws them), and any other is an error that names the command's style.
"""

from __future__ import annotations

import functools
import json
import re
import threading
import unicodedata
from collections.abc import Callable
from pathlib import Path

import quickjs

TEMML = Path(__file__).resolve().parent.parent / "static" / "vendor" / "temml.min.js"

# The answer travels as JSON: an error is data then, and a string that QuickJS joins lazily arrives whole.
_RENDER = """
function render(latex, display) {
  try {
    const options = { displayMode: display, throwOnError: true, strict: true, trust: false };
    return JSON.stringify({ mathml: temml.renderToString(latex, options) });
  } catch (error) {
    return JSON.stringify({ error: String(error.message) });
  }
}
"""

# One declaration -> the class that stands for it; "" where the stylesheet covers it by an element selector.
_CLASSES: dict[str, str] = {
    "display:block math": "",
    "math-depth:0": "m-accent",
    "padding-left:0em": "m-l0",
    "padding-left:0pt": "m-l0",
    "padding-right:0em": "m-r0",
    "padding-right:0pt": "m-r0",
    "padding-left:1em": "m-l1",
    "padding-right:1em": "m-r1",
    "padding-left:2em": "m-l2",
    "padding-right:2em": "m-r2",
    "padding-left:5.9776pt": "m-lc",  # half of LaTeX's space between the columns of an array
    "padding-right:5.9776pt": "m-rc",
    "padding-left:0.1389em": "m-ls",
    "padding-right:0.1389em": "m-rs",
    "padding:3pt": "m-box",
    "border:1px solid": "m-box",
    "margin-left:-0.1667em": "m-back-thin",
    "margin-left:-0.2222em": "m-back-medium",
    "margin-left:-0.2778em": "m-back-thick",
    "border-left:0.06em solid": "m-rule-left",
    "border-right:0.06em solid": "m-rule-right",
    "border-top:0.06em solid": "m-rule-top",
    "border-bottom:0.06em solid": "m-rule-bottom",
}

# A letter by itself is a variable. MathML would draw it with a character of mathematical italic, which the vendored fonts lack; it
# becomes the italic (or the bold) of the text face, so that x in a formula and x in prose are the same letter.
_VARIABLE = re.compile(r"<mi>([A-Za-z])</mi>")
_BOLD = re.compile("<mi>([\N{MATHEMATICAL BOLD CAPITAL A}-\N{MATHEMATICAL BOLD SMALL Z}])</mi>")

_START_TAG = re.compile(r'<([a-z]+)((?: [a-z:-]+="[^"]*")*)>')
_ATTRIBUTE = re.compile(r' ([a-z:-]+)="([^"]*)"')
_COMBINING_LOW_LINE = "\N{COMBINING LOW LINE}"  # Temml underlines the culprit with it, which terminals garble

_engines = threading.local()  # a QuickJS context may only be used by the thread that made it


@functools.lru_cache(maxsize=4096)
def to_mathml(latex: str, display: bool) -> str:
    r"""MathML of a formula without its dollar signs: a `<math>` element with no style attribute, well-formed as XML and as HTML.

    `display` is true for a formula on a line of its own. Raises ValueError with Temml's message where the LaTeX is wrong (an
    unknown command, an open brace), or where it asks for something that only an inline style could draw (`\textcolor`).
    """
    answer = json.loads(_engine()(latex, display))
    if "error" in answer:
        raise ValueError(answer["error"].replace(_COMBINING_LOW_LINE, "").replace("\n", " ").strip())
    mathml = _START_TAG.sub(_without_style, answer["mathml"])
    mathml = _VARIABLE.sub(r'<mi class="m-variable">\1</mi>', mathml)
    return _BOLD.sub(lambda m: f'<mi class="m-bold" mathvariant="normal">{unicodedata.normalize("NFKC", m[1])}</mi>', mathml)


def _engine() -> Callable[[str, bool], str]:
    if not hasattr(_engines, "render"):
        context = quickjs.Context()
        context.eval(TEMML.read_text(encoding="utf-8") + _RENDER)
        _engines.context = context  # `render` does not keep it alive
        _engines.render = context.get("render")
    return _engines.render


def _without_style(tag: re.Match[str]) -> str:
    attributes = dict(_ATTRIBUTE.findall(tag[2]))
    style = attributes.pop("style", None)
    if style is None:
        return tag[0]
    classes = attributes.pop("class", "").split()
    for declaration in filter(None, map(str.strip, style.split(";"))):
        if declaration not in _CLASSES:
            raise ValueError(f"needs the inline style {declaration!r}, which the pages' policy forbids: no colours or tags")
        if _CLASSES[declaration] and _CLASSES[declaration] not in classes:
            classes.append(_CLASSES[declaration])
    if classes:
        attributes["class"] = " ".join(classes)
    return "<" + tag[1] + "".join(f' {name}="{value}"' for name, value in attributes.items()) + ">"
