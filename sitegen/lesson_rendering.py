"""A lesson's Markdown as HTML for one set: fills in data, places figures, questions, claims, citations, terms and listings."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from jinja2 import StrictUndefined
from markupsafe import Markup, escape

from artefacts.registry import ARTEFACTS
from problems import did_you_mean
from sitegen.allowed_html import Refused
from sitegen.claim_places import claim_anchor
from sitegen.claims import CheckedClaim
from sitegen.compiled_texts import CompiledTexts
from sitegen.figures import DrawnFigure
from sitegen.glossary import Glossary
from sitegen.lesson_files import LessonFile
from sitegen.lesson_language import RECORDED, LessonEnvironment, SourceText, current_line
from sitegen.markdown_to_html import Heading, convert
from sitegen.numbers import FILTERS
from sitegen.project import ELEMENT_ID, Problems, digest, line_of
from sitegen.references import Reference
from sitegen.site_data import BadDataError, SetData
from sitegen.stash import Stash
from sitegen.token_chip import token_chip

VERDICT_CLASSES = {"holds": "holds", "holds with a caveat": "caveat", "does not hold": "fails", "not computed here": "open"}
QUESTION_KINDS = {"choice": ("options", "answer"), "slider": ("minimum", "maximum", "step", "answer"), "word": ("answer",)}

LONGEST_TEXT = 2_000_000


@dataclass
class Surroundings:
    """What a text can refer to, the same for every text of a set."""

    data: SetData
    kinds: dict[str, str]  # role or tokenizer name -> tokenizer kind
    models: dict[str, Any]  # role -> ModelFact
    set_facts: dict[str, Any]
    claims: dict[str, CheckedClaim]
    references: dict[str, Reference]
    glossary: Glossary
    get_figure: Callable[[str, SetData], DrawnFigure | None]
    figure_html: Callable[[DrawnFigure, int, LessonFile], str]  # figure, its number, the lesson it stands in
    template: Callable[..., str]  # template name, values -> HTML
    listing_html: Callable[[str, str], str]  # file name, root -> HTML; FileNotFoundError with a cure
    listing_href: Callable[[str, str], str]  # file name, root -> address; the same error
    notebook_html: Callable[[LessonFile], str]
    mathml: Callable[[str, bool], str]
    compiled: CompiledTexts = field(default_factory=CompiledTexts)


@dataclass
class Exercise:
    """Task and solution are HTML, there as soon as the page has been put together."""

    id: str
    number: int
    task: str = ""
    solution: str = ""


@dataclass
class RenderedText:
    """A text as HTML, with all that its page has to know of it."""

    html: str
    headings: list[Heading]
    figures: list[DrawnFigure] = field(default_factory=list)
    questions: int = 0
    exercises: list[Exercise] = field(default_factory=list)
    claims_used: set[str] = field(default_factory=set)
    terms_used: set[str] = field(default_factory=set)
    citations_used: set[str] = field(default_factory=set)


class TextRenderer:
    """Renders one text of one set. The public methods named in `_names` are what the text can call."""

    exercise_template = "_exercise.html"

    def __init__(self, around: Surroundings, lesson: LessonFile, problems: Problems, root: str):
        """root: the relative address of the set's first page from the page being made."""
        self.around = around
        self.lesson = lesson
        self.root = root
        self.source = SourceText(lesson.path, lesson.lines_before_body, problems)
        self.stash = Stash(digest(lesson.body))
        self.result = RenderedText("", [])
        blocks = {"question": self.question, "exercise": self.exercise, "aside": self.aside, "verdict_of": self._verdict_of}
        self.environment = LessonEnvironment(self.source, self.stash, blocks, around.compiled)
        self.environment.add_filters(FILTERS)
        self._recorded = self.environment.undefined(hint=RECORDED, name="")
        self._question_ids: set[str] = set()
        self._claims_linked: Counter[str] = Counter()
        self._figures_without_picture: set[str] = set()

    def render(self, text: str) -> RenderedText:
        """The text as HTML. What is wrong with it has been recorded; its HTML is then of no use."""
        markdown = self.environment.render_text(text, self._names())
        if markdown is not None and len(markdown) > LONGEST_TEXT:
            what = f"the text is {len(markdown):,} characters long; {LONGEST_TEXT:,} are the most that one page can show"
            self.source.problems.add(self.lesson.path, None, what, "Make several of it.")
            markdown = None
        if markdown is None:
            self.result.figures = []  # no text, no figures
        else:
            html, headings = convert(markdown, self._mathml, self._refuse)
            self._refuse_torn(html)
            self.result.html = self.stash.restore(html)
            self.result.headings = [self._finished_heading(heading) for heading in headings]
        return self.result

    def _finished_heading(self, heading: Heading) -> Heading:
        children = [self._finished_heading(child) for child in heading.children]
        title = re.sub(r"</?a\b[^>]*>", "", self.stash.restore(heading.title))  # in the contents it stands inside a link
        return Heading(heading.id, title, children)

    def _names(self) -> dict[str, Any]:
        around = self.around
        return {
            "figure": self.figure,
            "figref": self.figref,
            "claim": self.claim,
            "cite": self.cite,
            "term": self.term,
            "token": self.token,
            "listing": self.listing,
            "program": self.program,
            "notebook": self.notebook,
            "data": _DataForText(around.data, self._recorded),
            "models": around.models,
            "set": around.set_facts,
            "claims": {claim_id: checked.result or self._recorded for claim_id, checked in around.claims.items()},
        }

    # --- what a text can call ------------------------------------------------------------------------------------------

    def figure(self, name: str) -> Markup:
        """Place a figure."""
        try:
            drawn = self.around.get_figure(name, self.around.data)
        except KeyError as error:
            self._problem(f"unknown figure {name!r}", str(error.args[0]))
            drawn = None
        if drawn is None:
            self._figures_without_picture.add(name)  # what is wrong has been recorded
            return Markup("")
        if any(drawn.name == other.name for other in self.result.figures):
            self._problem(f"figure {name!r} stands twice on this page", "Refer to it with figref(...) the second time.")
            return Markup("")
        self.result.figures.append(drawn)
        number = len(self.result.figures)
        return Markup(self.stash.keep(lambda: self.around.figure_html(drawn, number, self.lesson), block=True))

    def figref(self, name: str) -> Markup:
        """'Figure 3' as a link; the figure may come later in the text."""
        line = current_line()

        def link() -> str:
            names = [figure.name for figure in self.result.figures]
            if name in self._figures_without_picture:
                return ""
            if name not in names:
                cure = did_you_mean(name, names, "Place the figure on this page.")
                self.source.add_problem(line, f"figref to {name!r}, which this page does not show", cure)
                return ""
            return f'<a class="figref" href="#{escape(name)}">Figure {names.index(name) + 1}</a>'

        return Markup(self.stash.keep(link))

    def claim(self, claim_id: str) -> Markup:
        """The verdict on a claim, small, linked to the ledger, which links back here."""
        checked = self._checked(claim_id)
        if checked is None or checked.result is None:
            return Markup("")
        verdict = checked.result.verdict
        self._claims_linked[claim_id] += 1
        anchor = claim_anchor(claim_id, self._claims_linked[claim_id])
        link = Markup('<a class="verdict verdict-{}" href="{}claims/#{}" id="{}">{}</a>')
        return self._kept(link.format(VERDICT_CLASSES[verdict], self.root, claim_id, anchor, verdict))

    def cite(self, *keys: str) -> Markup:
        """Author and year, linked to the references."""
        links = []
        for key in keys:
            reference = self.around.references.get(key)
            if reference is None:
                cure = did_you_mean(key, self.around.references, "Add it to content/references.bib.")
                self._problem(f"unknown citation {key!r}", cure)
                continue
            self.result.citations_used.add(key)
            links.append(Markup('<a class="cite" href="{}references/#{}">{}</a>').format(self.root, key, reference.label))
        return self._kept(Markup('<span class="citation">({})</span>').format(Markup("; ").join(links)))

    def term(self, name: str, shown: str | None = None) -> Markup:
        """A term of the glossary, linked; `shown` where the sentence needs another form of it."""
        term = self.around.glossary.find(name)
        if term is None:
            names = [t.term for t in self.around.glossary.terms.values()]
            self._problem(f"unknown term {name!r}", did_you_mean(name, names, "Add it to content/glossary.toml."))
            return Markup("")
        self.result.terms_used.add(term.id)
        return self._kept(Markup('<a class="term" href="{}glossary/#{}">{}</a>').format(self.root, term.id, shown or name))

    def token(self, token: Any, kind: str) -> Markup:
        """A token as a chip: a raw vocabulary string, or an object with `raw`; `kind` names a role, tokenizer or kind."""
        raw = getattr(token, "raw", token)
        known = {**self.around.kinds, "byte_level_bpe": "byte_level_bpe", "wordpiece": "wordpiece", "words": "words"}
        if kind not in known:
            self._problem(f"unknown kind of token {kind!r}", did_you_mean(kind, known, "Name a role, a tokenizer or a kind."))
            return Markup("")
        return self._kept(token_chip(str(raw), known[kind], kind if kind in self.around.models else None))

    def listing(self, name: str) -> Markup:
        """A program from content/listings/ with what it printed."""
        try:
            return Markup(self.stash.keep(self.around.listing_html(name, self.root), block=True))
        except FileNotFoundError as error:
            self._problem(f"unknown listing {name!r}", str(error))
            return Markup("")

    def program(self, name: str) -> Markup:
        """A program from content/listings/ as a link, where showing it would only be in the way."""
        try:
            href = self.around.listing_href(name, self.root)
        except FileNotFoundError as error:
            self._problem(f"unknown listing {name!r}", str(error))
            return Markup("")
        return self._kept(Markup('<a href="{}" download><code>{}</code></a>').format(href, name))

    def notebook(self) -> Markup:
        """The link to this lesson's notebook."""
        if self.lesson.front.notebook is None:
            self._problem("notebook() in a lesson that names none", "Give the front matter key 'notebook' a file name.")
            return Markup("")
        return Markup(self.stash.keep(self.around.notebook_html(self.lesson), block=True))

    def aside(self, body: str) -> str:
        """A margin note."""
        return self.stash.keep(f'<aside class="note">{self._inner(body)}</aside>', block=True)

    def question(self, body: str, question_id: str, *, kind: str, ask: str, reveals: str | None = None, **details: Any) -> str:
        """A question to commit to before the answer (the body) shows."""
        line = current_line()
        allowed = {"options", "minimum", "maximum", "step", "unit", "answer", "accept"}
        if kind not in QUESTION_KINDS:
            self._problem(f"question {question_id!r} is of the unknown kind {kind!r}", did_you_mean(kind, QUESTION_KINDS, "Choose a kind."))
            return ""
        for name in sorted(set(details) - allowed):
            self._problem(f"question {question_id!r} has the unknown detail {name!r}", did_you_mean(name, allowed, "Leave it out."))
        lacking = [name for name in QUESTION_KINDS[kind] if details.get(name) is None]
        for name in lacking:
            self._problem(f"question {question_id!r} of kind {kind!r} lacks {name!r}", f"Add {name}=...")
        if not isinstance(question_id, str) or not re.match(ELEMENT_ID, question_id):
            self._problem(f"{question_id!r:.60} cannot be the id of a question", "Use letters, digits and hyphens, a letter first.")
            return ""
        if question_id in self._question_ids:
            self._problem(f"question {question_id!r} stands twice on this page", "Give it an id of its own.")
        self._question_ids.add(question_id)
        self.result.questions += 1
        unknown = [str(value) for value in [ask, *details.values()] if isinstance(value, StrictUndefined)]  # str records it
        wrong = None if lacking or unknown else _wrong_details(kind, details)
        if any(isinstance(details.get(name), Markup) for name in ("answer", "unit", "accept")):
            wrong = "only the question and its options can hold a token or a link"
        if wrong:
            self._problem(f"question {question_id!r}: {wrong}", "Correct the details of the question.")
        if lacking or unknown or wrong:
            return ""

        def html() -> str:
            names = [figure.name for figure in self.result.figures]
            if reveals is not None and reveals not in names and reveals not in self._figures_without_picture:
                cure = did_you_mean(reveals, names, "Name a figure of this page.")
                self.source.add_problem(line, f"question {question_id!r} reveals {reveals!r}, which this page does not show", cure)
            values = dict.fromkeys(allowed) | details
            plain = {"id": question_id, "kind": kind, "ask": ask, "reveals": reveals, "body": self._inner(body), **values}
            return self.around.template("_question.html", question=plain)

        return self.stash.keep(html, block=True, holds=f"{body}{ask}{details}")

    def exercise(self, solution: str, exercise_id: str, *, ask: str | None = None, task: str | None = None, **details: Any) -> str:
        """A task with its solution folded away. `ask` is plain text; `task` is Markdown: what stands before {% solution %}."""
        name = f"exercise {exercise_id!r}"
        before = self.source.problems.met
        for detail in sorted(details):
            self._problem(f"{name} has the unknown detail {detail!r}", did_you_mean(detail, ["ask"], "Leave it out."))
        if not isinstance(exercise_id, str) or not re.match(ELEMENT_ID, exercise_id):
            self._problem(f"{exercise_id!r} cannot be the id of an exercise", "Use letters, digits and hyphens, a letter first.")
        if any(exercise_id == other.id for other in self.result.exercises):
            self._problem(f"{name} stands twice on this page", "Give it an id of its own.")
        if isinstance(ask, StrictUndefined):
            str(ask)  # records it
        elif ask is not None and task is not None:
            self._problem(f"{name} has both ask=... and a {{% solution %}} tag", "Keep one: ask for plain text, the tag for Markdown.")
        elif not (isinstance(ask, str) and ask) and not (task or "").strip():
            self._problem(f"{name} asks nothing", 'Add ask="...", or write the task before {% solution %}.')
        if not solution.strip():
            self._problem(f"{name} has no solution", "Write it before {% endexercise %}.")
        if self.source.problems.met > before:
            return ""
        exercise = Exercise(exercise_id, len(self.result.exercises) + 1)
        self.result.exercises.append(exercise)

        def html() -> str:
            exercise.task = self._inner(task) if task is not None else str(Markup("<p>{}</p>").format(ask))
            exercise.solution = self._inner(solution)
            return self.around.template(self.exercise_template, exercise=exercise)

        return self.stash.keep(html, block=True, holds=f"{task or ask}{solution}")

    # --- helpers -------------------------------------------------------------------------------------------------------

    def _kept(self, html: Markup) -> Markup:
        """What an expression gets instead of HTML, so that nothing can be cut out of it."""
        return Markup(self.stash.keep(str(html)))

    def _inner(self, text: str) -> str:
        """Markdown inside a block of the page; its headings are not part of the contents."""
        html, _ = convert(text, self._mathml, self._refuse)
        self._refuse_torn(html)
        return self.stash.restore(html)

    def _refuse(self, fault: Refused) -> None:
        self.source.add_problem(fault.line_in(self.lesson.body), fault.what, fault.cure)

    def _refuse_torn(self, html: str) -> None:
        if self.stash.is_torn(html) and "\ue000" not in self.lesson.body:
            block = re.search(r"^```\w.*\n(?:(?!```).*\n)*?.*\{\{", self.lesson.body, re.MULTILINE)
            line = self.lesson.body.count("\n", 0, block.end()) + 1 if block else None
            self.source.add_problem(line, "an expression stands in highlighted code", "Take the language off the code block.")

    def _mathml(self, latex: str, display: bool) -> str:
        latex = self.stash.restore(latex)
        try:
            return self.around.mathml(latex, display)
        except ValueError as error:
            line = _line_of_beginning(self.lesson.body, latex.split("\n")[0])
            self.source.add_problem(line, f"the formula {latex[:60]!r} cannot be set: {error}", "Correct the LaTeX.")
            return ""

    def _checked(self, claim_id: str) -> CheckedClaim | None:
        checked = self.around.claims.get(claim_id)
        if checked is None:
            cure = did_you_mean(claim_id, self.around.claims, "Add it to content/claims/.")
            self._problem(f"unknown claim {claim_id!r}", cure)
            return None
        self.result.claims_used.add(claim_id)
        return checked

    def _verdict_of(self, claim_id: str) -> str | None:
        checked = self._checked(claim_id)
        return checked.result.verdict if checked and checked.result else None

    def _problem(self, what: str, cure: str) -> None:
        self.source.add_problem(current_line(), what, cure)


def _line_of_beginning(text: str, wanted: str) -> int | None:
    """The line of the longest beginning of `wanted` that stands in the text: what follows may be a filled-in number."""
    beginnings = (wanted[:length] for length in range(len(wanted), 0, -1))
    return next((line for line in (line_of(text, beginning) for beginning in beginnings) if line), None)


def _wrong_details(kind: str, details: dict[str, Any]) -> str | None:
    """Why nobody could answer this question, or None."""
    answer = details["answer"]
    if kind == "choice":
        options = details["options"]
        if not isinstance(options, list) or not all(isinstance(option, str) for option in options):
            return "options is no list of texts"
        if isinstance(answer, bool) or answer not in range(len(options)):
            return f"answer={answer!r:.20} is none of its options, which count from 0 to {len(options) - 1}"
    if kind == "slider":
        numbers = [details[name] for name in ("minimum", "maximum", "step", "answer")]
        if not all(isinstance(number, int | float) and math.isfinite(number) for number in numbers):
            return "minimum, maximum, step and answer are not all numbers"
        if not (details["minimum"] <= answer <= details["maximum"] and details["step"] > 0):
            return f"answer={answer!r:.20} lies outside minimum and maximum, or step is not above 0"
    if kind == "word" and not (isinstance(answer, str) and answer.strip()):
        return f"answer={answer!r:.20} is no word"
    return None


class _DataForText(Mapping[str, Any]):
    """The set's artefacts for prose. An unknown name raises KeyError, which becomes an Undefined that records its line."""

    def __init__(self, data: SetData, recorded: Any):
        """recorded: what stands for data that is bad and has been recorded as such."""
        self._data = data
        self._recorded = recorded

    def __getitem__(self, name: str) -> Any:
        if name not in self._data and name not in ARTEFACTS:
            raise KeyError(name)
        try:
            return self._data[name]
        except BadDataError:
            return self._recorded

    def __iter__(self):
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)


def default_mathml(latex: str, display: bool) -> str:
    """MathML of a formula; a wide one scrolls by itself."""
    from sitegen.maths import to_mathml  # here, because builds seldom have a formula to set

    html = to_mathml(latex, display)
    return f'<div class="math-scroll" tabindex="0" role="group" aria-label="Formula">{html}</div>' if display else html
