"""The language of lessons: what expressions print is text and nothing else; what goes wrong is found with its line."""

from __future__ import annotations

import math
import re
from types import SimpleNamespace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markupsafe import escape
from pydantic import BaseModel
from selectolax.lexbor import LexborHTMLParser

from sitegen.numbers import angle, degrees, in_words, integer, model, number, percent
from sitegen.stash import Stash
from sitegen.token_chip import token_chip, visible_controls
from sitegen.typesetting import typeset
from tests.text_rendering import LINES_BEFORE, claim, html_of, one_problem, render, structure
from tests.tiny_data import HOSTILE_TEXTS

CLAIM_HOLDS = claim("c", "holds")
PLACES = {
    "paragraph": ("Before {{ data.text }} after", "p"),
    "alone": ("{{ data.text }}", "p"),
    "beginning of a line": ("Before\n{{ data.text }} after", "p"),
    "emphasis": ("*{{ data.text }}*", "em"),
    "list": ("- {{ data.text }}\n- other", "li"),
    "table cell": ("| a | b |\n|---|---|\n| {{ data.text }} | c |", "td"),
    "heading": ("## {{ data.text }}", "h2"),
    "quotation": ("> {{ data.text }}", "blockquote"),
    "text of a link": ("[{{ data.text }}](https://example.org/)", "a"),
    "code": ("`{{ data.text }}`", "code"),
    "block of code": ("    x = {{ data.text }}", "code"),
    "aside": ("{% aside %}{{ data.text }}{% endaside %}", "aside p"),
    "answer": ('{% question "q" kind="word" ask="?" answer="a" %}{{ data.text }}{% endquestion %}', ".question-answer p"),
    "question": ('{% question "q" kind="word" ask=data.text answer="a" %}A{% endquestion %}', ".question-ask"),
    "option": (
        '{% question "q" kind="choice" ask="?" options=["no", data.text] answer=0 %}A{% endquestion %}',
        "li:nth-child(2) span",
    ),
    "solution": ('{% exercise "e" ask="?" %}{{ data.text }}{% endexercise %}', ".solution p"),
    "task": ('{% exercise "e" %}{{ data.text }}{% solution %}A{% endexercise %}', ".exercise > p:not(.label)"),
    "task in its tag": ('{% exercise "e" ask=data.text %}A{% endexercise %}', ".exercise > p:not(.label)"),
    "joined": ('{{ "" ~ token("a", "decoder") ~ data.text }}', "p"),
    "set": ("{% set kept %}{{ data.text }}{% endset %}{{ kept }}", "p"),
}
TEXTS = (
    st.text(min_size=1)
    | st.text(alphabet="<>&\"'*_`[](){}!|\\#$~^:-+=.0123456789 \ue000\ue001ab\n", min_size=1)
    | st.sampled_from(HOSTILE_TEXTS)
)


# --- what is printed ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", PLACES)
@given(text=TEXTS)
@example(text="</script><script>alert(1)</script>")
@example(text="\ue0000\ue001")
@example(text="| a | b |\n\n# c\n\n    code")
@example(text="\x00\r\x1b\u202e")
@example(text="0'1 ’GPT-2")
@settings(max_examples=25)
def test_a_printed_text_is_shown_as_it_is_and_changes_nothing_around_it(place: str, text: str):
    """No string of a model becomes markup, Markdown or a change of its surroundings, wherever prose prints it."""
    source, selector = PLACES[place]
    html = html_of(source, data={"text": text})
    shown = LexborHTMLParser(html).css_first(selector).text()
    if place == "question":  # set as all of its words are: with curled apostrophes, and names such as GPT-2 kept in one piece
        html = html.replace(str(typeset(text)), str(escape(text)))
        text, shown = text.replace("’", "'"), shown.replace("’", "'")
    assert structure(html) == structure(html_of(source, data={"text": "x"}))
    if place in ("question", "option", "task in its tag"):
        assert text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "") in (shown, shown.replace("\ufffd", ""))
    else:
        assert visible_controls(text) in shown


SNIPPETS = [
    *(
        "{{ data.text }}",
        "[{{ data.text }}](c)",
        "`{{ data.text }}`",
        "{% aside %}",
        "{% endaside %}",
        "{% aside %}a {{ data.text }}{% endaside %}",
    ),
    "{% question 'q' kind='word' ask='?' answer='a' %}{{ data.text }}{% endquestion %}",
    "{% exercise 'e' ask='?' %}{{ data.text }}{% endexercise %}",
    *("{% exercise 'f' %}", "{% solution %}", "{% endexercise %}"),
    "{% verdict 'c' %}{% holds %}a{% endverdict %}",
    *("{{ 3|number }}", "{{ token('Ġa', 'decoder') }}", "{{ term('cosine') }}", "{{ 0.5 }}", "{{ data.none }}", "{#", "#}", "{%", "}}"),
    *"- ¦1. ¦> ¦# ¦## ¦| ¦```¦`¦*¦**¦_¦$¦$$¦x^2¦[a](b)¦[¦](¦![a](b)¦*[A]: b¦: def¦---¦===¦x¦A".split("¦"),
    *"<div>¦</div>¦<b>¦<!--¦-->¦<¦&amp;¦{: #x .y }".split("¦"),
    *("\n", "\n\n", "    ", "$$\n", "```\n", "```python\n", "| a | b |\n|---|---|\n", "\ue000", "\ue001"),
]


@given(pieces=st.lists(st.sampled_from(SNIPPETS), max_size=25))
@settings(max_examples=200)
def test_any_text_is_rendered_or_blamed_and_its_data_stays_text(pieces: list[str]):
    """No mixture of Markdown, HTML and tags breaks the renderer, and in none of them does data change the structure of the page."""
    text = "".join(pieces)
    hostile = "<b>*x* | ]( `\n\n# $y$ {{ 1 }}"
    rendered, problems = render(text, data={"text": hostile}, claims=CLAIM_HOLDS)
    assert all(problem.line is None or LINES_BEFORE < problem.line <= LINES_BEFORE + 1 + text.count("\n") for problem in problems)
    if not problems:
        plain, _ = render(text, data={"text": "x"}, claims=CLAIM_HOLDS)
        assert [tag for tag, _ in structure(rendered.html)] == [tag for tag, _ in structure(plain.html)]


@pytest.mark.parametrize("raw", HOSTILE_TEXTS)
def test_a_token_is_a_chip_wherever_it_stands(raw: str):
    """A token keeps its shape in a table, where a pipe would end the cell."""
    html = html_of('| a | b |\n|---|---|\n| {{ token(data.raw, "encoder") }} | end |', data={"raw": raw})
    tree = LexborHTMLParser(html)
    assert len(tree.css("td")) == 2
    assert len(tree.css("td .token")) == 1
    assert not tree.css("td img, td script, td a, td em, td strong")


def test_a_chip_shows_spaces_bytes_and_controls():
    """What cannot be seen is marked: space, continuation, half a character, control character."""
    parts = re.compile(r'<span class="token-(\w+)"[^>]*>([^<]*)</span>')
    assert parts.findall(token_chip("ĠMike", "byte_level_bpe")) == [("space", "␣"), ("text", "Mike")]
    assert parts.findall(token_chip("##ing", "wordpiece")) == [("continuation", "##"), ("text", "ing")]
    assert parts.findall(token_chip("âĢ", "byte_level_bpe")) == [("byte", "E2"), ("byte", "80")]
    assert parts.findall(token_chip("Ċ", "byte_level_bpe")) == [("control", "U+000A")]
    assert parts.findall(token_chip("<b>", "byte_level_bpe")) == [("text", "&lt;b&gt;")]


def test_only_the_placeholders_of_a_stash_are_restored():
    """A text that looks like a placeholder, and the lesson's own private-use characters, stay text and end in no loop."""
    stash = Stash("abc")
    kept = stash.keep("<b>kept</b>")
    for other in ("\ue0000\ue001", "\ue000def-0\ue001", "\ue000", "\ue001\ue000"):
        assert stash.restore(f"{other}{kept}") == f"{other}<b>kept</b>"
    assert html_of("A \ue000 and \ue0000\ue001") == "<p>A \ue000 and \ue0000\ue001</p>"


def test_a_block_leaves_no_empty_paragraph_around_it():
    """A figure or an aside inside <p> would be invalid HTML."""
    html = html_of("Before.\n\n{% aside %}Note.{% endaside %}\n\n{% aside %}Two.{% endaside %}\n\nAfter.")
    assert html.count("<aside") == 2
    assert "<p><aside" not in html
    assert "<p></p>" not in html


def test_a_heading_takes_its_anchor_from_its_own_words():
    """An anchor that changed with the data would break links between sets."""
    rendered, problems = render("## The token {{ data.text }} here\n\n### Below", data={"text": "<x>"})
    assert problems == []
    (heading,) = rendered.headings
    assert heading.id == "the-token-here"
    assert [child.id for child in heading.children] == ["below"]
    assert heading.title == "The token &lt;x&gt; here"


def test_a_heading_can_stand_in_the_contents():
    """Formulas are set there too, and a link loses its anchor, because the contents link to the heading."""
    rendered, problems = render("## Why $x^2$ of a {{ term('cosine') }}, [there](https://example.org/)")
    assert problems == []
    (heading,) = rendered.headings
    assert "<math>" in heading.title
    assert "<a" not in heading.title
    assert heading.title.endswith("of a cosine, there")


# --- numbers --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (number(0.4424), "0.44"),
        (number(-0.5, 1), "−0.5"),
        (number(-0.001), "0.00"),
        (number(1234567.891, 1), "1,234,567.9"),
        (integer(49152), "49,152"),
        (integer(-3), "−3"),
        (integer(2.0), "2"),
        (percent(0.287), "29%"),
        (percent(0.0305, 1), "3.0%"),
        (degrees(63.6), "64°"),
        (degrees(angle(0.5)), "60°"),
        (degrees(angle(1.0000001)), "0°"),
        (in_words(0), "zero"),
        (in_words(12), "twelve"),
        (in_words(13), "13"),
        (in_words(-1), "−1"),
    ],
)
def test_numbers_are_printed_in_one_style(shown: str, expected: str):
    """Real minus signs, no negative zero, commas between thousands."""
    assert shown == expected


@given(value=st.floats(allow_nan=False, allow_infinity=False, width=32), decimals=st.integers(0, 6))
@settings(max_examples=100)
def test_a_printed_number_is_the_number_rounded(value: float, decimals: int):
    """Formatting loses digits, never the value."""
    read = float(number(value, decimals).replace(",", "").replace("−", "-"))
    assert math.isclose(read, value, rel_tol=1e-12, abs_tol=0.5 * 10**-decimals * (1 + 1e-9))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_nan_and_infinity_are_refused(value: float):
    """No page says nan."""
    problem = one_problem("one\n\n{{ data.value|number }}", data={"value": value})
    assert problem.line == LINES_BEFORE + 3
    assert "number" in problem.what


def test_an_integer_must_be_whole():
    """Rounding happens on purpose."""
    assert "2.5 is not a whole number" in one_problem("{{ 2.5|integer }}").what


def test_the_entry_of_a_model_is_found_by_role():
    """|model works on artefacts and on lists, and says which role is missing."""

    class Entry(BaseModel):
        role: str
        n: int

    entries = [Entry(role="decoder", n=1), Entry(role="encoder", n=2)]
    assert model(entries, "encoder").n == 2
    assert model(SimpleNamespace(by_model=entries), "decoder").n == 1
    problem = one_problem('{{ (data.entries|model("static")).n }}', data={"entries": entries})
    assert "no entry for the role 'static'" in problem.what


# --- what goes wrong --------------------------------------------------------------------------------------------------------------

CLAIMS = claim("known-claim", "holds")
MISTAKES = {
    "{{ 1 / 3 }}": "prints 0.333",
    "{{ 0.44 }}": "prints 0.44",
    "{{ none }}": "prints None",
    "{{ [1, 2] }}": "prints [1, 2]",
    "{{ true }}": "prints True",
    "{{ fgure('x') }}": "unknown name 'fgure'",
    "{{ data.nothing }}": "unknown number or name 'nothing'",
    "{{ data.found.meen|number }}": "unknown number or name 'meen'",
    "{{ nothing.at.all }}": "unknown name 'nothing'",
    "{% for x in nothing %}{{ x }}{% endfor %}": "unknown name 'nothing'",
    "{% if nothing > 3 %}a{% endif %}": "unknown name 'nothing'",
    "{{ nothing + 1 }}": "unknown name 'nothing'",
    "{{ nothing|number }}": "unknown name 'nothing'",
    "{{ nothing() }}": "unknown name 'nothing'",
    "{{ nothing['x'] }}": "unknown name 'nothing'",
    "{{ ''.__class__ }}": "'__class__' is not allowed",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}": "'__class__' is not allowed",
    "{{ figure.__globals__ }}": "'__globals__' is not allowed",
    "{{ '{0.__class__}'.format(1) }}": "'format' is not allowed",
    "{{ data.found.items.append(1) }}": "append",
    "{% include '/etc/passwd' %}": "{% include %} is not allowed",
    "{% import 'os' as os %}": "{% import %} is not allowed",
    "{{ 1 / 0 }}": "ZeroDivisionError",
    "{{ range(10**9)|list }}": "OverflowError",
    "{{ 'x'|number }}": "|number fails",
    "{{ 3|nubmer(2) }}": "No filter named 'nubmer'",
    "{{ 3 is evne }}": "No test named 'evne'",
    "{{ 3 }": "template error",
    "{% if true %}": "template error",
    "{% verdict 'known-claim' %}{% holds %}a": "template error",
    "{% verdict 'known-claim' %}text{% holds %}a{% endverdict %}": "text stands between",
    "{% verdict 'known-claim' %}{% holds %}a{% holds %}b{% endverdict %}": "stands twice",
    "{% verdict 'known-claim' %}{% fails %}a{% endverdict %}": "has no branch for that (it has fails)",
    "{% verdict 'knwon-claim' %}{% holds %}a{% endverdict %}": "unknown claim 'knwon-claim'",
    "{{ claim('knwon-claim') }}": "unknown claim 'knwon-claim'",
    "{{ claims['knwon-claim'].value }}": "unknown number or name 'knwon-claim'",
    "{{ cite('frist2020') }}": "unknown citation 'frist2020'",
    "{{ term('cosine similarty') }}": "unknown term 'cosine similarty'",
    "{{ token('x', 'decodr') }}": "unknown kind of token 'decodr'",
    "{{ figure('x') }}": "unknown figure 'x'",
    "{{ figref('x') }}": "figref to 'x', which this page does not show",
    "{{ listing('x.py') }}": "unknown listing 'x.py'",
    "{{ notebook() }}": "notebook() in a lesson that names none",
    "$\\frac{1$": "the formula",
    "$\\nonsense{ {{ 3|number(1) }} }$": "the formula",
    "{% question 'q' kind='choise' ask='?' %}a{% endquestion %}": "unknown kind 'choise'",
    "{% question 'q' kind='choice' ask='?' options=['a'] %}a{% endquestion %}": "lacks 'answer'",
    "{% question 'q' kind='choice' ask='?' options=['a'] answer=1 %}a{% endquestion %}": "none of its options",
    "{% question 'q' kind='choice' ask='?' options='ab' answer=1 %}a{% endquestion %}": "no list of texts",
    "{% question 'q' kind='slider' ask='?' minimum=0 maximum=9 step=1 answer=10 %}a{% endquestion %}": "lies outside",
    "{% question 'q' kind='slider' ask='?' minimum=0 maximum=9 step=1 answer='a' %}a{% endquestion %}": "not all numbers",
    "{% question 'q' kind='word' ask='?' answer=' ' %}a{% endquestion %}": "is no word",
    "{% question 'q' kind='word' ask='?' answer='a' anwser='b' %}a{% endquestion %}": "unknown detail 'anwser'",
    "{% question 'q' kind='word' ask='?' answer='a' reveals='x' %}a{% endquestion %}": "reveals 'x', which this page does not show",
    "{% question %}a{% endquestion %}": "TypeError",
    "{% exercise 'e' %}a{% endexercise %}": "exercise 'e' asks nothing",
    "{% exercise 'e' ask='' %}a{% endexercise %}": "exercise 'e' asks nothing",
    "{% exercise 'e' ask=nothing %}a{% endexercise %}": "unknown name 'nothing'",
    "{% exercise 'e' %} {% solution %}a{% endexercise %}": "exercise 'e' asks nothing",
    "{% exercise 'e' ask='?' %} {% endexercise %}": "exercise 'e' has no solution",
    "{% exercise 'e' %}?{% solution %}{% endexercise %}": "exercise 'e' has no solution",
    "{% exercise 'e' ask='?' %}b{% solution %}a{% endexercise %}": "has both ask=... and a {% solution %} tag",
    "{% exercise 'e f' ask='?' %}a{% endexercise %}": "'e f' cannot be the id of an exercise",
    "{% exercise 'e' asks='?' ask='?' %}a{% endexercise %}": "unknown detail 'asks'",
    "{% exercise %}a{% endexercise %}": "TypeError",
    "{% exercise 'e' ask='?' %}a": "template error",
    "{% exercise 'e' %}?{% solution %}a{% solution %}b{% endexercise %}": "template error",
    "{% solution %}": "template error",
    "```python\nx = {{ set.name }}\n```": "an expression stands in highlighted code",
    "{% question 'q' kind='word' ask='?' answer='a' %}a": "template error",
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_with_its_line_and_a_cure(mistake: str):
    """Each mistake an author can make in the text: one problem, in its line, that says what to do."""
    found = SimpleNamespace(mean=0.5, items=(1, 2))
    problem = one_problem(f"First line.\n\n{mistake}\n\nLast line.", data={"found": {"mean": 0.5, "items": found.items}}, claims=CLAIMS)
    assert problem.file == "content/lessons/01-x.md"
    # An open block is noticed where the text ends.
    line = LINES_BEFORE + 3 + mistake.partition("{{")[0].count("\n")
    assert problem.line in ((line, line + 2) if problem.what.startswith("template error") else (line,))
    assert MISTAKES[mistake] in problem.what
    assert problem.cure


@pytest.mark.parametrize(
    ("mistake", "meant"),
    [
        ("{{ fgure('x') }}", "'figure'"),
        ("{{ data.fuond }}", "'found'"),
        ("{{ data.found.meen|number }}", "'mean'"),
        ("{{ 3|nubmer(2) }}", "'number'"),
        ("{{ claim('knwon-claim') }}", "'known-claim'"),
        ("{{ cite('frist2020') }}", "'first2020'"),
        ("{{ term('cosine similarty') }}", "'cosine similarity'"),
        ("{{ token('x', 'decodr') }}", "'decoder'"),
        ("{% question 'q' kind='choise' ask='?' %}a{% endquestion %}", "'choice'"),
    ],
)
def test_a_misspelt_name_is_answered_with_the_near_ones(mistake: str, meant: str):
    """Did you mean?"""
    cure = one_problem(mistake, data={"found": {"mean": 0.5}}, claims=CLAIMS).cure
    assert cure.startswith("Did you mean")
    assert meant in cure


def test_all_mistakes_of_a_text_are_found_at_once():
    """An author mends a lesson in one go, not one mistake a run."""
    kinds = ("unknown", "prints", "|number", "lacks", "figref", "the formula")
    mistakes = [m for m, what in MISTAKES.items() if what.startswith(kinds) and m != "{{ figure('x') }}"]  # that one excuses the figref
    text = "\n\n".join(mistakes)
    _, problems = render(text, data={"found": {"mean": 0.5}}, claims=CLAIMS)
    assert len({problem.line for problem in problems}) == len(mistakes)


@pytest.mark.parametrize(
    ("verdict", "branch"),
    [("holds", "A"), ("holds with a caveat", "B"), ("does not hold", "C"), ("not computed here", "D")],
)
def test_a_verdict_block_shows_the_branch_that_is_true(verdict: str, branch: str):
    """Prose that depends on a verdict says what the set's data says."""
    text = "{% verdict 'c' %}\n{% holds %}A{% caveat %}B{% fails %}C{% otherwise %}D{% endverdict %}"
    assert html_of(text, claims=claim("c", verdict)) == f"<p>{branch}</p>"


def test_a_question_may_stand_only_once():
    """Two questions of one id would share one remembered guess."""
    question = "{% question 'q' kind='word' ask='?' answer='a' %}a{% endquestion %}"
    assert "stands twice" in one_problem(f"{question}\n\n{question}").what


def test_an_exercise_folds_its_solution_and_can_be_linked_to():
    """Both ways to write one; numbered in order, with Markdown, formulas and references in task and solution."""
    rendered, problems = render(
        '{% exercise "by-hand" ask="Is 1 < 2?" %}*Yes.*{% endexercise %}\n\n'
        '{% exercise "in-markdown" %}Take $x$.\n\n- Why {{ 3 }}?{% solution %}{{ term("cosine") }}: $x^2$\n\nDone.{% endexercise %}'
    )
    assert problems == []
    assert [(e.id, e.number) for e in rendered.exercises] == [("by-hand", 1), ("in-markdown", 2)]
    assert rendered.exercises[0].solution == "<p><em>Yes.</em></p>"
    first, second = LexborHTMLParser(rendered.html).css(".exercise")
    assert first.id == "exercise-by-hand"
    assert first.css_first("a").attributes["href"] == "#exercise-by-hand"
    assert first.css_first("a").text() == "Exercise 1"
    assert first.css_first("p:not(.label)").text() == "Is 1 < 2?"
    assert first.css_first("details:not([open]) > p > em").text() == "Yes."
    assert second.css_first("a").text() == "Exercise 2"
    assert second.css_first("li").text() == "Why 3?"
    assert len(second.css(".exercise > p math")) == 1
    assert len(second.css("details > p")) == 2
    assert len(second.css("details math")) == 1


def test_the_task_of_an_exercise_leaves_no_name_behind():
    """An exercise in a loop keeps each round's task, and what the lesson calls `task` stays its own."""
    html = html_of(
        "{% set task = 'mine' %}{% for n in [1, 2] %}{% exercise 'e' ~ n %}Task {{ n }}{% solution %}Solution {{ n }}{% endexercise %}\n"
        "{% endfor %}\n\n{{ task }}"
    )
    assert re.findall(r"(Task|Solution) (\d)", html) == [("Task", "1"), ("Solution", "1"), ("Task", "2"), ("Solution", "2")]
    assert html.endswith("<p>mine</p>")


def test_an_exercise_may_stand_only_once():
    """A link could not tell two exercises of one id apart."""
    exercise = "{% exercise 'e' ask='?' %}a{% endexercise %}"
    assert "exercise 'e' stands twice" in one_problem(f"{exercise}\n\n{exercise}").what


def test_what_a_lesson_can_print_on_purpose():
    """Links to claims, citations, terms, and chips go into the text as they are."""
    html = html_of(
        "{{ claim('c') }} {{ cite('first2020') }} {{ term('Cosine similarity', 'near') }}{{ claims['c'].value }} {{ 3 }} {{ set.name }}",
        claims=claim("c", "does not hold", "<0.1>"),
    )
    assert '<a class="verdict verdict-fails" href="../../claims/#c"' in html
    assert '(<a class="cite" href="../../references/#first2020">First &amp; Second 2020</a>)' in html
    assert '<a class="term" href="../../glossary/#cosine">near</a>' in html
    assert "&lt;0.1&gt; 3 tiny" in html
