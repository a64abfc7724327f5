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
from xml.etree import ElementTree

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
    root = ElementTree.fromstring(answer["mathml"])
    for element in list(root.iter()):
        _style_to_classes(element)
        _letters_of_the_text_face(element)
        _levels_on_mstyle(element)
    return ElementTree.tostring(root, encoding="unicode", short_empty_elements=False)


def _engine() -> Callable[[str, bool], str]:
    if not hasattr(_engines, "render"):
        context = quickjs.Context()
        context.eval(TEMML.read_text(encoding="utf-8") + _RENDER)
        _engines.context = context  # `render` does not keep it alive
        _engines.render = context.get("render")
    return _engines.render


def _style_to_classes(element: ElementTree.Element) -> None:
    for declaration in filter(None, map(str.strip, element.attrib.pop("style", "").split(";"))):
        if declaration not in _CLASSES:
            raise ValueError(f"needs the inline style {declaration!r}, which the pages' policy forbids: no colours or tags")
        _add_class(element, _CLASSES[declaration])


def _letters_of_the_text_face(element: ElementTree.Element) -> None:
    """A letter by itself is a variable: x in a formula is then the same letter as an italic x in prose.

    MathML would draw it with a character of mathematical italic (or bold), which the vendored fonts lack.
    """
    if element.tag != "mi" or "mathvariant" in element.attrib or len(element.text or "") != 1:
        return
    plain = unicodedata.normalize("NFKC", element.text)
    if not re.fullmatch("[A-Za-z]", plain):
        return
    if element.text == plain:
        _add_class(element, "m-variable")
    elif "MATHEMATICAL BOLD " in unicodedata.name(element.text):
        element.text = plain
        element.set("mathvariant", "normal")
        _add_class(element, "m-bold")


def _levels_on_mstyle(element: ElementTree.Element) -> None:
    """Temml sets the size of its contents on any element; the HTML checker knows that only on <mstyle>."""
    levels = {name: element.attrib.pop(name) for name in ("displaystyle", "scriptlevel") if name in element.attrib}
    if not levels or element.tag in ("math", "mstyle", "mtable"):
        element.attrib.update(levels)
    elif element.tag == "mrow":
        element.tag = "mstyle"
        element.attrib.update(levels)
    else:  # its place is taken by an mstyle that holds it
        inner = ElementTree.Element(element.tag, element.attrib)
        inner.text, inner[:] = element.text, list(element)
        element.clear()
        element.tag = "mstyle"
        element.attrib.update(levels)
        element.append(inner)


def _add_class(element: ElementTree.Element, name: str) -> None:
    classes = element.get("class", "").split()
    if name and name not in classes:
        element.set("class", " ".join([*classes, name]))
