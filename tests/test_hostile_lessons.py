"""Lessons by somebody who means harm: they read no file, reach no network, run no code, never end without an error, and bring no script.

What an honest mistake leads to is in test_lesson_language.py.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from artefacts.envelope import read_artefact
from sitegen.allowed_html import ATTRIBUTES, ELEMENTS
from tests.text_rendering import LINES_BEFORE, claim, html_of, one_problem, render
from tests.tiny_data import write_set
from tests.tiny_project import ROOT, TinyProject, snapshot

CLAIMS = claim("c", "holds")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a lesson gets: checked data, which are pydantic's models, and plain values."""
    folder = tmp_path_factory.mktemp("data") / "tiny"
    write_set(folder, "Tiny", 0.1)
    facts = read_artefact(folder / "model_facts.json")[1]
    return {"facts": facts, "text": "<b>", "words": ["a", "b"], "numbers": {"x": 1.5}}


# --- what Python notices ---------------------------------------------------------------------------------------------------------

_watched: list[tuple[str, tuple[Any, ...]]] | None = None
_FORBIDDEN = ("os.", "subprocess.", "socket.", "shutil.", "ctypes.", "pickle.", "marshal.", "urllib.", "pty.", "sys._getframe")
_HARMLESS = {"os.listdir", "os.scandir", "sys._getframe"}  # importing looks into folders; problems look for their line


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _watched is None or event in _HARMLESS:
        return
    elsewhere = event == "open" and not str(arguments[0]).startswith((str(ROOT), sys.prefix, sys.base_prefix, "/usr/lib", "/proc/self"))
    code = event == "exec" and getattr(arguments[0], "co_filename", "") == "<string>"
    if elsewhere or code or event.startswith(_FORBIDDEN):
        _watched.append((event, arguments))


sys.addaudithook(_hook)


@contextmanager
def nothing_happens() -> Iterator[None]:
    """Python's own audit events inside: no file outside of the project, no process, no connection, no unpickling, no code."""
    global _watched  # noqa: PLW0603 (a hook cannot be taken out again)
    _watched = []
    try:
        yield
        assert _watched == []
    finally:
        _watched = None


def test_the_watch_sees_what_it_is_for(tmp_path: Path):
    """A test that could not fail would prove nothing."""
    for harm in (lambda: Path("/etc/hostname").exists() and Path("/etc/passwd").read_bytes(), lambda: __import__("os").system("true")):
        with pytest.raises(AssertionError, match=r"assert \["), nothing_happens():
            harm()


# --- the sandbox -----------------------------------------------------------------------------------------------------------------

PICKLE = "cposix\\nsystem\\n(S'true'\\ntR."
ESCAPES = {
    # Python's internals
    "{{ ''.__class__.__mro__[1].__subclasses__() }}": "'__class__' is not allowed",
    "{{ ''['__class__'] }}": "'__class__' is not allowed",
    "{{ ''['__cla' ~ 'ss__'] }}": "'__class__' is not allowed",
    "{{ data['__class__'] }}": "'__class__' is not allowed",
    "{{ ()|attr('__class__') }}": "No filter named 'attr'",
    "{{ ['']|map(attribute='__class__')|list }}": "prints [",
    "{{ ['']|map(attribute='__class__')|first }}": "'__class__' is not allowed",
    "{{ ['']|map('attr', '__class__')|list }}": "No filter named 'attr'",
    "{% set x = ['']|selectattr('__class__')|list %}": "'__class__' is not allowed",
    "{% set x = ['', '']|sort(attribute='__class__') %}": "'__class__' is not allowed",
    "{{ [1]|sum(attribute='__class__') }}": "'__class__' is not allowed",
    "{{ ['a']|join(attribute='__class__') }}": "'__class__' is not allowed",
    "{{ figure.__globals__ }}": "'__globals__' is not allowed",
    "{{ figure.__self__.around }}": "'__self__' is not allowed",
    "{{ figure.__func__ }}": "'__func__' is not allowed",
    "{{ self.__init__.__globals__ }}": "'__init__' is not allowed",
    "{{ self._TemplateReference__context }}": "is not allowed",
    "{{ namespace.__init__.__globals__ }}": "'__init__' is not allowed",
    "{{ namespace(a=1).__init__ }}": "unknown name '__init__'",
    "{{ range.__globals__ }}": "'__globals__' is not allowed",
    "{% for x in [1] %}{{ loop.__class__ }}{% endfor %}": "'__class__' is not allowed",
    "{% for x in [1] %}{{ loop._iterator.gi_frame }}{% endfor %}": "'_iterator' is not allowed",
    "{{ nothing.__class__ }}": "'__class__' is not allowed",
    "{{ nothing._undefined_obj }}": "'_undefined_obj' is not allowed",
    # what formats and templates could reach
    "{{ '{0.__class__}'.format(1) }}": "'format' is not allowed",
    "{{ '{a.__class__}'.format_map({'a': 1}) }}": "'format_map' is not allowed",
    "{{ ('%s' % data.facts) }}": "% is for numbers",
    "{{ '%s'|format(1) }}": "No filter named 'format'",
    "{{ cycler.__init__.__globals__.os }}": "'__init__' is not allowed",
    "{{ joiner.__init__ }}": "'__init__' is not allowed",
    "{{ lipsum.__globals__['os'].popen('id').read() }}": "unknown name 'lipsum'",
    "{{ dict.mro() }}": "unknown name 'dict'",
    "{{ get_flashed_messages() }}": "unknown name 'get_flashed_messages'",
    "{{ config.items() }}": "unknown name 'config'",
    "{% macro m() %}{{ m.__globals__ }}{% endmacro %}": "{% macro %} is not allowed",
    "{% call m() %}{{ caller }}{% endcall %}": "{% call %} is not allowed",
    "{% include '/etc/passwd' %}": "{% include %} is not allowed",
    "{% include data.facts %}": "{% include %} is not allowed",
    "{% extends 'base.html' %}": "{% extends %} is not allowed",
    "{% import '_macros.html' as m %}": "{% import %} is not allowed",
    "{% from '_macros.html' import legend %}": "{% from %} is not allowed",
    "{% block a %}{% endblock %}": "{% block %} is not allowed",
    "{% filter upper %}a{% endfilter %}": "{% filter %} is not allowed",
    "{% autoescape true %}a{% endautoescape %}": "{% autoescape %} is not allowed",
    # what the objects themselves can do
    "{{ data.facts.parse_file('/etc/passwd') }}": "'parse_file' is not allowed",
    f'{{{{ data.facts.parse_raw("{PICKLE}", proto="pickle", allow_pickle=True) }}}}': "'parse_raw' is not allowed",
    "{{ data.facts['parse_raw'] }}": "'parse_raw' is not allowed",
    "{{ data.facts.model_construct() }}": "'model_construct' is not allowed",
    "{{ data.facts.model_fields }}": "'model_fields' is not allowed",
    "{{ data.facts.copy(update={'note': 'x'}) }}": "'copy' is not allowed",
    "{{ data.facts.json }}": "'json' is not allowed",
    "{{ data.words.append('x') }}": "'append' is not allowed",
    "{{ data.words.sort() }}": "'sort' is not allowed",
    "{{ data.numbers.update({'x': 2}) }}": "'update' is not allowed",
    "{{ data.text.encode('utf-16') }}": "'encode' is not allowed",
    "{{ data.text.join(data.words) }}": "'join' is not allowed",
    "{{ (1).to_bytes(9999999999, 'big') }}": "'to_bytes' is not allowed",
    "{{ claims['c'].__dict__ }}": "'__dict__' is not allowed",
    "{{ figure }}": "an expression prints",
    "{{ data }}": "an expression prints",
    "{{ self }}": "an expression prints",
    # HTML out of what functions make
    "{{ data.text|safe }}": "No filter named 'safe'",
    "{{ data.text|urlize }}": "No filter named 'urlize'",
    "{{ {'onclick': 1}|xmlattr }}": "No filter named 'xmlattr'",
    "{{ token('a', 'decoder')[0] }}": "takes apart",
    "{{ token('a', 'decoder')|upper }}": "takes apart",
    "{{ cite('first2020')[:5] }}": "takes apart",
    "{% question 'q\" onclick=\"x' kind='word' ask='?' answer='a' %}a{% endquestion %}": "cannot be the id of a question",
    "{% question 'q' kind='word' ask='?' answer=token('a', 'decoder') %}a{% endquestion %}": "only the question and its options",
    # files
    "{{ listing('../../../../etc/passwd') }}": "unknown listing",
    "{{ listing('/etc/passwd') }}": "unknown listing",
    "{{ program('../lessons/01-x.md') }}": "unknown listing",
    "{{ figure('../../x') }}": "unknown figure",
}


@pytest.mark.parametrize("attack", ESCAPES)
def test_no_way_leads_out_of_the_sandbox(attack: str, data: dict[str, Any]):
    """Each known escape, and what lessons' own objects would offer, is one problem in its line, and nothing has happened."""
    text = f"First line.\n\n{attack}\n\nLast line."
    render("{{ 1.5|round(1)|number }} $x$" + text, data=data, claims=CLAIMS)  # whatever is loaded when it is first used
    with nothing_happens():
        problem = one_problem(text, data=data, claims=CLAIMS)
    assert problem.line == LINES_BEFORE + 3
    assert ESCAPES[attack] in problem.what
    assert problem.cure


DOUBLED = "{%% set n = namespace(x=%s) %%}{%% for i in range(60) %%}{%% set n.x = %s %%}{%% endfor %%}%s"
TOO_MUCH = "asks for too much"
TOO_DEEP = "stand in each other too deeply"
ENDLESS = {
    "loops in loops": ("{% for a in range(99999) %}" * 3 + "a" + "{% endfor %}" * 3, TOO_MUCH),
    "a long text in a loop": ("{% for a in range(99999) %}" + "word " * 500 + "{% endfor %}", TOO_MUCH),
    "a range": ("{{ range(10**9) }}", "Range too big"),
    "a text repeated": ("{{ 'a' * 10**9 }}", TOO_MUCH),
    "a list repeated": ("{% set x = [0] * 10**9 %}", TOO_MUCH),
    "a repeated list that is joined": ("{{ (['a' * 9999] * 9999)|join }}", TOO_MUCH),
    "a text replaced": ("{{ ('a' * 99999)|replace('a', 'b' * 99999) }}", TOO_MUCH),
    "a power": ("{{ 9 ** (9 ** 9) }}", "too many digits"),
    "a power of a fraction": ("{{ (9.5 ** (9 ** 9))|number }}", "OverflowError"),
    "a number doubled": (DOUBLED % ("2", "n.x * n.x", ""), "too many digits"),
    "a text doubled": (DOUBLED % ("'a'", "n.x ~ n.x", ""), TOO_MUCH),
    "a text added to itself": (DOUBLED % ("'a'", "n.x + n.x", ""), TOO_MUCH),
    "a list doubled": (DOUBLED % ("[1]", "n.x + n.x", ""), TOO_MUCH),
    "a list that holds itself twice, compared": (DOUBLED % ("[1]", "[n.x, n.x]", "{% if n.x == [n.x] %}{% endif %}"), TOO_MUCH),
    "the same, printed": (DOUBLED % ("[1]", "[n.x, n.x]", "{{ n.x }}"), "an expression prints ["),
    "the same, joined": (DOUBLED % ("[1]", "[n.x, n.x]", "{{ n.x|join }}"), "a list is no text"),
    "the same, sorted": (DOUBLED % ("[1]", "[n.x, n.x]", "{{ [n.x, n.x]|sort }}"), TOO_MUCH),
    "the same, given to a function": (DOUBLED % ("(1,)", "(n.x, n.x)", "{{ figure(n.x) }}"), TOO_MUCH),
    "the same, as a key": (DOUBLED % ("(1,)", "(n.x, n.x)", "{% set y = {n.x: 1} %}"), TOO_MUCH),
    "the same, looked up": (DOUBLED % ("(1,)", "(n.x, n.x)", "{% set y = data.numbers[n.x] %}"), TOO_MUCH),
    "a block that holds another twice": (
        "{% set x0 %}abc{% endset %}"
        + "".join(f"{{% set x{i + 1} %}}{{{{ x{i} }}}}{{{{ x{i} }}}}{{% endset %}}" for i in range(60))
        + "{{ x60 }}",
        TOO_MUCH,
    ),
    "notes that hold notes": (
        "{% set x0 %}abc{% endset %}"
        + "".join(f"{{% set x{i + 1} %}}{{% aside %}}{{{{ x{i} }}}}{{{{ x{i} }}}}{{% endaside %}}{{% endset %}}" for i in range(60))
        + "{{ x60 }}",
        TOO_MUCH,
    ),
    "exercises that hold exercises": (
        "{% set x0 %}abc{% endset %}"
        + "".join(
            f"{{% set x{i + 1} %}}{{% exercise 'e{i}' ask='?' %}}{{{{ x{i} }}}}{{{{ x{i} }}}}{{% endexercise %}}{{% endset %}}"
            for i in range(60)
        )
        + "{{ x60 }}",
        TOO_MUCH,
    ),
    "decimals without end": ("{{ 1|number(10**9) }}", "no number of decimals"),
    "decimals in words": ("{{ 1|number('999999999') }}", "no number of decimals"),
    "a precision without end": ("{{ 1.5|round(10**9, 'ceil')|number }}", "makes no sense"),
    "a loop that calls itself": ("{% for x in [1] recursive %}{{ loop([1]) }}{{ loop([1]) }}{% endfor %}", TOO_DEEP),
    "brackets": ("{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}", TOO_DEEP),
    "brackets that stay open": ("{{ " + "[" * 5000, TOO_DEEP),
    "signs": ("{{ " + "-" * 5000 + "1 }}", TOO_DEEP),
    "sums": ("{{ 1" + "+1" * 5000 + " }}", TOO_DEEP),
    "questions of if": ("{{ " + "1 if 1 else " * 500 + "1 }}", TOO_DEEP),
    "many loops": ("{% for a in [1] %}" * 30 + "a" + "{% endfor %}" * 30, TOO_DEEP),
    "many ifs": ("{% if 1 %}" * 300 + "a" + "{% endif %}" * 300, TOO_DEEP),
}


@pytest.mark.parametrize("attack", ENDLESS)
def test_no_expression_goes_on_for_ever_or_fills_the_memory(attack: str, data: dict[str, Any]):
    """Steps and characters are counted, so that it ends with an error in its line, soon, and at the same place on every machine."""
    text, what = ENDLESS[attack]
    problem = one_problem(f"First line.\n\n{text}", data=data, claims=CLAIMS)
    assert problem.line == LINES_BEFORE + 3
    assert what in problem.what
    assert problem.cure


def test_honest_work_is_far_from_the_limit(data: dict[str, Any]):
    """A table of ten thousand cells, with a condition in each."""
    cell = "{% if a * b % 7 == 3 %}{{ (a / 7)|number(3) }}{% endif %} "
    text = f"{{% for a in range(100) %}}{{% for b in range(100) %}}{cell}{{% endfor %}}{{% endfor %}}"
    assert html_of(text, data=data).count(".") > 1000


def test_a_text_that_no_page_could_show_is_refused():
    """Before Markdown takes minutes for it."""
    problem = one_problem("word " * 500_000)
    assert "2,500,000 characters long; 2,000,000 are the most" in problem.what


NAMES = "data claims set models figure figref cite term token range namespace loop self nothing x".split()
ATTRIBUTE_NAMES = """text words numbers facts models x items keys values append format __class__ __globals__ __init__ _x parse_raw
copy startswith index""".split()
CALLED = [*NAMES, "data.facts.copy", "''.format", "data.words.index", "data.numbers.items"]
EXPRESSIONS = st.recursive(
    st.sampled_from([*NAMES, "1", "0.5", "'a'", "'__class__'", "[]", "{}", "none", "true", "''", "-1", "10**99", "'{0.x}'", "data.text"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(ATTRIBUTE_NAMES)).map(lambda p: f"({p[0]}).{p[1]}"),
        st.tuples(inner, inner).map(lambda p: f"({p[0]})[{p[1]}]"),
        st.tuples(inner, inner, inner).map(lambda p: f"({p[0]})[{p[1]}:{p[2]}]"),
        st.tuples(inner, st.sampled_from("+ - * / // % ** ~ == < in and or is".split()), inner).map(lambda p: f"({p[0]}) {p[1]} ({p[2]})"),
        st.tuples(st.sampled_from(CALLED), st.lists(inner, max_size=3)).map(lambda p: f"{p[0]}({', '.join(p[1])})"),
        st.tuples(
            inner, st.sampled_from("first last list join length sum max sort number integer percent model lower map abs int".split())
        ).map(lambda p: f"({p[0]})|{p[1]}"),
        st.tuples(inner, st.sampled_from(ATTRIBUTE_NAMES)).map(lambda p: f"({p[0]})|map(attribute='{p[1]}')|list"),
        st.lists(inner, max_size=3).map(lambda p: f"[{', '.join(p)}]"),
        st.tuples(inner, inner).map(lambda p: f"{{{p[0]}: {p[1]}}}"),
        st.tuples(inner, inner, inner).map(lambda p: f"({p[0]} if {p[1]} else {p[2]})"),
    ),
    max_leaves=8,
)


@given(expression=EXPRESSIONS)
@settings(max_examples=400)
def test_any_expression_is_printed_as_text_or_blamed(data: dict[str, Any], expression: str):
    """However names, attributes, operators, filters and calls are put together: text or a problem in its line, and nothing happens."""
    with nothing_happens():
        rendered, problems = render(f"First line.\n\n{{{{ {expression} }}}}", data=data, claims=CLAIMS)
    assert all(problem.line == LINES_BEFORE + 3 and problem.cure for problem in problems), problems
    if not problems:
        assert {node.tag for node in LexborHTMLParser(rendered.html).body.traverse()} <= {"body", "p", "span", "a"}
        assert " at 0x" not in rendered.html


# --- HTML in prose ---------------------------------------------------------------------------------------------------------------

NO_HTML = {
    "<script>alert(1)</script>": "<script> is not allowed",
    "<SCRIPT SRC=//x.org/a.js></SCRIPT>": "<script> is not allowed",
    "<img src=x onerror=alert(1)>": "attribute 'onerror'",
    "<svg onload=alert(1)></svg>": "<svg> is not allowed",
    '<p onclick="alert(1)">a</p>': "attribute 'onclick'",
    '<p style="position:fixed">a</p>': "attribute 'style'",
    "# Title {: onclick=alert(1) }": "<h1> is not allowed",
    "## Title {: onclick=alert(1) }": "attribute 'onclick'",
    "*a*{: style=color:red }": "attribute 'style'",
    "[a](javascript:alert(1))": "javascript: is no kind of link",
    "[a](JaVaScRiPt:alert(1))": "javascript: is no kind of link",
    "[a](java&#9;script:alert(1))": "javascript: is no kind of link",
    "[a](&#106;avascript:alert(1))": "javascript: is no kind of link",
    "[a](data:text/html,x)": "data: is no kind of link",
    "[a](vbscript:x)": "vbscript: is no kind of link",
    "[a](file:///etc/passwd)": "file: is no kind of link",
    "[a][b]\n\n[b]: javascript:alert(1)": "javascript: is no kind of link",
    '<a href=" &#1;javascript:alert(1)">a</a>': "javascript: is no kind of link",
    '<a href="x" ping="https://x.org">a</a>': "attribute 'ping'",
    "![a](https://x.org/a.png)": "https: is no kind of link",
    "![a](data:image/png;base64,AAAA)": "data: is no kind of link",
    "[a]({{ data.address }})": "an expression stands in the 'href'",
    '[a](https://x.org "{{ data.address }}")': "an expression stands in the 'title'",
    "<iframe src=https://x.org></iframe>": "<iframe> is not allowed",
    "<object data=x></object>": "<object> is not allowed",
    "<embed src=x>": "<embed> is not allowed",
    "<base href=https://x.org>": "<base> is not allowed",
    "<link rel=stylesheet href=https://x.org>": "<link> is not allowed",
    "<meta http-equiv=refresh content=0>": "<meta> is not allowed",
    "<style>a{}</style>": "<style> is not allowed",
    "<form action=https://x.org></form>": "<form> is not allowed",
    "<video src=x autoplay></video>": "<video> is not allowed",
    "<math><mtext>a</mtext></math>": "<math> is not allowed",
    "<template><p></p></template>": "<template> is not allowed",
    "<body onload=alert(1)>": "<body> is not allowed",
    "<b>never closed": "opened and not closed",
    "</div></main>after": "closed and not opened",
    "<details>": "opened and not closed",
}


@pytest.mark.parametrize("attack", NO_HTML)
def test_prose_brings_no_script_style_or_address_of_its_own(attack: str):
    """Nothing that a browser would run, fetch or let change the page around it: each is a problem in its line."""
    _, problems = render(f"First line.\n\n{attack}\n\nLast line.", data={"address": "javascript:alert(1)"})
    assert any(NO_HTML[attack] in problem.what for problem in problems), problems
    assert all(LINES_BEFORE + 3 <= (problem.line or 0) <= LINES_BEFORE + 3 + attack.count("\n") and problem.cure for problem in problems)


@pytest.mark.parametrize(
    "place",
    ["{%% aside %%}%s{%% endaside %%}", "{%% exercise 'e' ask='?' %%}%s{%% endexercise %%}", "- a\n\n    > %s", "| a |\n|---|\n| %s |"],
)
def test_html_is_refused_wherever_it_stands(place: str):
    """In notes, solutions, quotations and cells as in paragraphs."""
    _, problems = render(place % "<img src=x onerror=alert(1)>")
    assert [problem.what for problem in problems] == ["the attribute 'onerror' is not allowed in prose"]


def test_some_html_is_welcome():
    """What Markdown has no signs for, comments, and code that shows HTML."""
    html = html_of("H<sub>2</sub>O<br>and <kbd>a</kbd> <!-- why -->\n\n<details><summary>More</summary>\nText.\n</details>\n\n`<script>`")
    assert {"sub", "br", "kbd", "details"} <= {node.tag for node in LexborHTMLParser(html).body.traverse()}
    assert "<script" not in html


HTML = st.lists(
    st.sampled_from(
        "<|>|</|/>|'|\"|=| |\n|script|img|svg|a|b|p|div|table|td|onerror|onload|href|src|style|javascript:|data:|alert(1)|x|<!--|-->|"
        "<![CDATA[|]]>|<?|&lt;|&#x3c;|&colon;|\x00|\x0c|`|[|](|)|!|{:|}|<x:y|<a/b|"
        "<math>|<title>|<p>|</p>|<b>|</b>|<i title='|* |> ".split("|")
    ),
    max_size=14,
).map("".join)


@given(text=HTML)
@settings(max_examples=400)
def test_whatever_passes_is_on_the_list(text: str):
    """Any mixture of tags, quotes, comments and Markdown: refused, or nothing but listed elements, attributes and links."""
    rendered, problems = render(f"First line.\n\n{text}\n\nLast line.")
    if problems:
        return
    tree = LexborHTMLParser(f"<main>{rendered.html}<wbr id=end></main>")
    assert tree.css_first("#end").parent.tag == "main"
    for node in tree.css_first("main").css("*"):
        assert node.tag in ELEMENTS | {"main"}
        for name, value in node.attributes.items():
            assert name in ATTRIBUTES | {"href", "src", "alt"}, (text, name)
            assert ":" not in (value or "").partition("/")[0] or name not in ("href", "src") or value.startswith(("http", "mailto")), (
                text,
                value,
            )


# --- Markdown that means harm ----------------------------------------------------------------------------------------------------

DEEP = {
    "quotations": "> " * 5000 + "a",
    "emphasis": "*" * 5000 + "a" + "*" * 5000,
    "brackets": "[" * 1000 + "a" + "]" * 1000,
    "brackets and addresses": "[" * 1000 + "a" + "](b)" * 1000,
    "code": "`" * 2000 + "a",
    "lists": "".join("    " * n + "- a\n" for n in range(120)),
    "tags": "<b>" * 2000,
    "formulas": "$" * 5001,
    "a row of cells": "|" * 5000 + "\n|---|\n",
    "attributes": "## a {: " + "a=b " * 3000 + "}",
    "pieces of entities": "&" * 5000 + "#" * 5000,
    "lines under a heading": "a\n" + "=" * 20000,
    "spaces": "a" + " " * 20000 + "b\n" * 200,
    "definitions": "*[" * 1000,
    "comments": "<!--" * 3000,
}


@pytest.mark.parametrize("attack", DEEP)
def test_no_depth_or_length_breaks_markdown(attack: str):
    """Thousands of anything: rendered or blamed. The limit on a test's time stands against patterns that go back for ever."""
    rendered, problems = render(f"First line.\n\n{DEEP[attack]}\n\nLast line.")
    assert "Last line." in rendered.html or problems


def test_heaps_that_markdown_would_take_hours_for_are_refused():
    """Its time grows with the square of these in one paragraph; spread over paragraphs they cost nothing."""
    for sign in "[`<":
        problem = one_problem(f"First.\n\n{sign * 9999}\n\nLast.")
        assert f"a paragraph holds 9,999 times {sign!r}" in problem.what
        assert problem.line == LINES_BEFORE + 3
    assert html_of("[a](https://x.org) `b`\n\n" * 2500).count("<code>") == 2500


# --- files -----------------------------------------------------------------------------------------------------------------------


def test_a_lesson_publishes_nothing_from_outside_content(project: TinyProject, tmp_path: Path):
    """Neither by a path nor by a link: not as a lesson, a listing, its output, or a notebook."""
    secret = tmp_path / "secret.py"
    secret.write_text("# %%\nprint('the secret')\n", encoding="utf-8")
    (project.folder / "outside.py").write_text("# %%\nprint('the secret')\n", encoding="utf-8")
    for link in ("listings/link.py", "listings/tiny_sum.out.txt", "notebooks/link.py", "lessons/03-link.md"):
        path = project.path(f"content/{link}")
        path.unlink(missing_ok=True)
        path.symlink_to(secret)
    lesson = project.lesson.read_text(encoding="utf-8")
    before = snapshot(project.site)
    for name in ("../../outside.py", str(secret), "link.py"):
        project.lesson.write_text(
            lesson.replace("notebook: null", f"notebook: {name}") + f'\n{{{{ listing("{name}") }}}}\n', encoding="utf-8"
        )
        outcome = project.build()
        assert outcome.status == 1
        assert f"unknown notebook '{name}'" in outcome.errors
        assert f"unknown listing '{name}'" in outcome.errors
        assert "content/lessons/03-link.md: is a link that leads out of content/" in outcome.errors
    assert snapshot(project.site) == before
    project.lesson.write_text(lesson, encoding="utf-8")
    project.path("content/lessons/03-link.md").unlink()
    assert project.build().status == 0
    assert not [path for path, content in snapshot(project.site).items() if b"the secret" in content]
