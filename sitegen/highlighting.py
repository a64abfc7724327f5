"""Code that a lesson shows, highlighted."""

from __future__ import annotations

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from pygments.token import Comment, Keyword, Name, Number, Operator, String, Text

_COLOURED = (Comment, Keyword, String, Number, Name.Function, Name.Class, Name.Decorator, Operator.Word)


class _LightFormatter(HtmlFormatter):
    """Marks only what the style sheet colours: names and punctuation in spans of their own would double the bytes."""

    def format_unencoded(self, tokensource, outfile):
        light = ((kind if any(kind in coloured for coloured in _COLOURED) else Text, value) for kind, value in tokensource)
        super().format_unencoded(light, outfile)


def highlighted(code: str) -> str:
    """Python as HTML with Pygments' short classes; scrolls by keyboard where it is wider than the page."""
    html = highlight(code, PythonLexer(), _LightFormatter(nowrap=True))
    return f'<pre class="highlight" tabindex="0"><code>{html}</code></pre>'
