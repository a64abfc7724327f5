"""What a lesson's Markdown can say beyond Markdown: the sandboxed Jinja environment, its tags, and errors with their line."""

from __future__ import annotations

import re
import reprlib
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Any, ClassVar

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, nodes, pass_context
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.sandbox import SecurityError
from jinja2.utils import missing
from markupsafe import Markup, escape

from problems import did_you_mean
from sitegen.compiled_texts import CompiledTexts, sections
from sitegen.lesson_sandbox import STEP, TOO_DEEP, LessonSandbox, TooMuchWorkError, weight
from sitegen.project import Problems
from sitegen.stash import Stash
from sitegen.token_chip import visible_controls

BRANCHES = {"holds": "holds", "caveat": "holds with a caveat", "fails": "does not hold", "not_computed": "not computed here"}
"""Tag of a verdict block -> the verdict it is for. `otherwise` takes those without a tag of their own."""


CORRECT_IT = "Correct the {{ ... }} or {% ... %} there."


class Formatted(str):
    """Text made by one of our number filters: digits, signs and separators, so Markdown and formulas may see it."""

    __slots__ = ()


@dataclass
class SourceText:
    """The prose being rendered: its file, and how many lines of front matter stand before it."""

    path: Path
    lines_before: int
    problems: Problems

    def add_problem(self, line: int | None, what: str, cure: str) -> None:
        """Record what is wrong with this text. line: of its body; None where only the file is known."""
        self.problems.add(self.path, None if line is None else line + self.lines_before, what, cure)


class Section(Template):
    """A section of a text, rendered by itself."""

    lines_before = 0  # how many lines of the text stand before it

    def line_of(self, program_line: int) -> int:
        """The line of the text for a line of the program that Jinja made of it."""
        return self.lines_before + self.get_corresponding_lineno(program_line)


def current_line() -> int | None:
    """The line of the text that is being rendered right now, seen from a function that it calls."""
    frame = sys._getframe(1)
    while frame is not None:
        section = frame.f_globals.get("__jinja_template__")
        if isinstance(section, Section):
            return section.line_of(frame.f_lineno)
        frame = frame.f_back
    return None


class LessonEnvironment(LessonSandbox):
    """Jinja for prose: prints protected from Markdown, our own tags and filters, and every problem recorded with its line."""

    template_class = Section

    def __init__(self, source: SourceText, stash: Stash, blocks: dict[str, Callable[..., str]], compiled: CompiledTexts):
        """blocks: 'question', 'aside' and 'exercise' renderers, and 'verdict_of' (claim id -> verdict or None when unknown)."""
        self.lesson_source = source
        self.lesson_compiled = compiled
        self.lesson_stash = stash
        self.lesson_blocks = blocks
        self.lesson_names: list[str] = []
        super().__init__(
            undefined=_recording_undefined(source, self.lesson_names),
            # Given the context, so that Jinja calls it for constants too when the text is rendered and its line is known.
            finalize=pass_context(lambda context, value: self._protect(value)),
            extensions=[VerdictTag, QuestionTag, AsideTag, ExerciseTag],
            keep_trailing_newline=True,
            auto_reload=False,
            optimized=False,  # or constants would be filtered before there is a line to name
        )

    def render_text(self, text: str, names: dict[str, Any]) -> str | None:
        """The text with its expressions filled in; None after recording why that failed."""
        source = self.lesson_source
        self.lesson_names[:] = names
        self.work = 0
        try:
            return self._fill_in(text, names)
        except TemplateSyntaxError as error:
            source.add_problem(error.lineno, f"template error: {error.message}", self._cure_of(error))
        except SecurityError as error:
            source.add_problem(_line_of(error), f"not allowed in a lesson: {error}", "Use the functions that README.md lists.")
        except TooMuchWorkError as error:
            cure = "Compute it in the export, or make the loop or the text smaller."
            source.add_problem(_line_of(error), f"an expression asks for too much: {error}", cure)
        except TemplateError as error:
            source.add_problem(_line_of(error), f"template error: {error}", CORRECT_IT)
        except RecursionError as error:
            source.add_problem(_line_of(error), f"template error: {TOO_DEEP}", "Write it in steps, with {% set ... %}.")
        except Exception as error:  # a lesson's expression can fail in any way; all of them are the author's to mend
            what = f"an expression fails: {type(error).__name__}: {error}"
            source.add_problem(_line_of(error), what, CORRECT_IT)
        return None

    def _fill_in(self, text: str, names: dict[str, Any]) -> str:
        """Section by section; what one sets, those after it can use."""
        names, made, lines_before = dict(names), [], 0
        for section_text, program in self._programs(text):
            section = self.template_class.from_code(self, program, self.make_globals(None))
            section.lines_before = lines_before
            context = section.new_context(names)
            made += section.root_render_func(context)
            names |= context.vars
            lines_before += section_text.count("\n")
        return "".join(made)

    def _programs(self, text: str) -> list[tuple[str, CodeType]]:
        """Each section with its program. The text is one section if a heading stands inside a block, or if it cannot be compiled, which
        is then said with its line in the text.
        """
        parts = sections(text)
        try:
            programs = self.lesson_compiled.programs(self.lesson_source.path, parts, self.compile)
        except Exception:
            return [(text, self.compile(text))]
        return list(zip(parts, programs, strict=True))

    def _protect(self, value: Any) -> Any:
        """What an expression may print: placeholders of HTML made here, text (escaped), whole numbers, formatted numbers."""
        stash = self.lesson_stash
        if isinstance(value, Formatted):
            return value
        if isinstance(value, StrictUndefined):
            return str(value)  # records the problem
        if isinstance(value, Markup) and value and not stash.is_placeholder(value):
            what = "an expression takes apart what a function has made"
            self.lesson_source.add_problem(current_line(), what, "Print it whole, without filters.")
            return ""
        if isinstance(value, str):
            text = str(value) if isinstance(value, Markup) else stash.keep(str(escape(visible_controls(value))))
            self.spend(stash.size_of(text))
            return text
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        what = f"an expression prints {reprlib.repr(value):.60}"
        cure = "Give the number a format, such as |number(2)." if isinstance(value, float) else "Print text or a number."
        self.lesson_source.add_problem(current_line(), what, cure)
        return ""

    def add_filters(self, filters: dict[str, Callable[..., Any]]) -> None:
        """Filters of our own. One that fails is recorded with its line, and the text goes on, so that one run finds them all."""
        self.filters.update({name: self._recorded(name, of) for name, of in filters.items()})

    def _recorded(self, name: str, of: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            if args and isinstance(args[0], StrictUndefined):
                str(args[0])  # records it, if that has not been done
                return self.undefined(hint=RECORDED, name=name)
            self.spend(STEP + weight([*args, *named.values()]))
            try:
                return of(*args, **named)
            except Exception as error:
                self.lesson_source.add_problem(current_line(), f"|{name} fails: {error}", CORRECT_IT)
                return self.undefined(hint=RECORDED, name=name)

        return call

    def _cure_of(self, error: TemplateSyntaxError) -> str:
        unknown = re.search(r"No (filter|test) named '(\w+)'", error.message or "")
        return did_you_mean(unknown[2], self.filters if unknown[1] == "filter" else self.tests, CORRECT_IT) if unknown else CORRECT_IT


def _line_of(error: BaseException) -> int | None:
    """Where in the text it was raised, or what Jinja was reading or compiling then."""
    line = None
    for frame, number in traceback.walk_tb(error.__traceback__):
        at = frame.f_locals
        if frame.f_code.co_filename == "<template>":
            section = frame.f_globals.get("__jinja_template__")
            line = section.line_of(number) if section else number
        elif isinstance(at.get("self"), Parser):
            line = at["self"].stream.current.lineno
        elif isinstance(at.get("node"), nodes.Node):
            line = at["node"].lineno
    return line


RECORDED = ""
"""Hint of an Undefined that stands for something of which the problem has been recorded already."""


def _recording_undefined(source: SourceText, names: list[str]) -> type[StrictUndefined]:
    """An Undefined that records each use with its line and goes on, so that one run finds every unknown name.

    names: what a text can use, filled before it is rendered.
    """

    class Unknown(StrictUndefined):
        def _record(self) -> None:
            if self._undefined_hint == RECORDED:
                return
            name = str(self._undefined_name)
            owner = self._undefined_obj
            if isinstance(self._undefined_exception, type) and issubclass(self._undefined_exception, SecurityError):
                source.add_problem(current_line(), f"{name!r} is not allowed in a lesson", "Use the functions that README.md lists.")
                return
            known = names if owner is missing else _names_of(owner)
            what = f"unknown name {name!r}" if owner is missing or not known else f"unknown number or name {name!r}"
            source.add_problem(
                current_line(), what, did_you_mean(name, known, "Check the spelling; README.md lists what a lesson can use.")
            )

        def __getattr__(self, name: str) -> Any:
            if name.startswith("__"):
                raise AttributeError(name)
            self._record()
            return Unknown(hint=RECORDED, name=name)

        def __str__(self) -> str:
            self._record()
            return ""

        def __iter__(self):
            self._record()
            return iter(())

        def __len__(self) -> int:
            self._record()
            return 0

        def __bool__(self) -> bool:
            self._record()
            return False

        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            self._record()
            return Unknown(hint=RECORDED, name=self._undefined_name)

        def __getitem__(self, key: Any) -> Any:
            self._record()
            return Unknown(hint=RECORDED, name=str(key))

        def __float__(self) -> float:
            self._record()
            return 0.0

        def __int__(self) -> int:
            self._record()
            return 0

        def _zero(self, *others: Any) -> int:
            self._record()
            return 0

        __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = __neg__ = _zero
        __lt__ = __le__ = __gt__ = __ge__ = __eq__ = __ne__ = _zero
        __hash__ = None

    return Unknown


def _names_of(owner: Any) -> list[str]:
    fields = getattr(type(owner), "model_fields", None) or getattr(type(owner), "__dataclass_fields__", None)
    if fields:
        return list(fields)
    try:
        return [str(k) for k in owner] if hasattr(owner, "keys") else []
    except TypeError:
        return []


class VerdictTag(Extension):
    """{% verdict "id" %}{% holds %}...{% caveat %}...{% fails %}...{% not_computed %}...{% otherwise %}...{% endverdict %}

    Renders the branch of the verdict that occurs in this set; a branch missing for it is a problem.
    """

    tags: ClassVar[set[str]] = {"verdict"}

    def parse(self, parser: Parser) -> nodes.Node:
        """The tag as an output of the branch for the claim's verdict. TemplateSyntaxError where it is torn."""
        line = next(parser.stream).lineno
        claim_id = parser.parse_expression()
        ends = tuple(f"name:{name}" for name in [*BRANCHES, "otherwise", "endverdict"])
        before = parser.parse_statements(ends)
        if any(not _is_blank(node) for node in before):
            parser.fail("text stands between {% verdict %} and its first branch", line)
        branches: dict[str, list[nodes.Node]] = {}
        while (tag := next(parser.stream)).value != "endverdict":
            if tag.value in branches:
                parser.fail(f"the branch {{% {tag.value} %}} stands twice", tag.lineno)
            branches[tag.value] = parser.parse_statements(ends)
        otherwise = branches.pop("otherwise", None)
        names = nodes.Const(sorted(branches))
        rest: list[nodes.Node] = otherwise or [nodes.ExprStmt(self.call_method("_missing", [claim_id, names], lineno=line), lineno=line)]
        for name, body in branches.items():
            test = self.call_method("_occurs", [claim_id, nodes.Const(name)], lineno=line)
            rest = [nodes.If(test, body, [], rest, lineno=line)]
        return rest[0] if len(rest) == 1 else nodes.Scope(rest, lineno=line)

    def _occurs(self, claim_id: str, branch: str) -> bool:
        return self.environment.lesson_blocks["verdict_of"](claim_id) == BRANCHES[branch]

    def _missing(self, claim_id: str, branches: list[str]) -> None:
        verdict = self.environment.lesson_blocks["verdict_of"](claim_id)
        if verdict is None:
            return  # unknown claim: recorded where it was looked up
        tag = next(tag for tag, of in BRANCHES.items() if of == verdict)
        self.environment.lesson_source.add_problem(
            current_line(),
            f"the verdict on {claim_id!r} is {verdict!r}, but its block has no branch for that (it has {', '.join(branches) or 'none'})",
            f"Add {{% {tag} %}} or {{% otherwise %}} with the sentence that is true then.",
        )


class QuestionTag(Extension):
    """{% question "id" kind="choice" ask="..." ... %}Markdown answer{% endquestion %}"""

    tags: ClassVar[set[str]] = {"question"}
    renderer = "question"

    def parse(self, parser: Parser) -> nodes.Node | list[nodes.Node]:
        """The tag as a call of its renderer with what stands inside. TemplateSyntaxError where it is torn."""
        tag = next(parser.stream)
        positional, named = self._details(parser, tag.lineno)
        body = parser.parse_statements((f"name:end{tag.value}",), drop_needle=True)
        return nodes.CallBlock(self.call_method("_render", positional, named, lineno=tag.lineno), [], [], body, lineno=tag.lineno)

    def _details(self, parser: Parser, line: int) -> tuple[list[nodes.Expr], list[nodes.Keyword]]:
        """What stands in the tag after its name: values, and values with a name."""
        positional: list[nodes.Expr] = []
        named: list[nodes.Keyword] = []
        while not parser.stream.current.test("block_end"):
            if parser.stream.current.test("name") and parser.stream.look().test("assign"):
                name = next(parser.stream).value
                next(parser.stream)
                named.append(nodes.Keyword(name, parser.parse_expression(), lineno=line))
            else:
                positional.append(parser.parse_expression())
            parser.stream.skip_if("comma")
        return positional, named

    def _render(self, *args: Any, caller: Callable[[], str], **named: Any) -> str:
        return self.environment.lesson_blocks[self.renderer](caller(), *args, **named)


class AsideTag(QuestionTag):
    """{% aside %}margin note in Markdown{% endaside %}"""

    tags: ClassVar[set[str]] = {"aside"}
    renderer = "aside"


class ExerciseTag(QuestionTag):
    """{% exercise "id" ask="..." %}Markdown solution{% endexercise %}, or, where the task needs Markdown of its own,
    {% exercise "id" %}Markdown task{% solution %}Markdown solution{% endexercise %}
    """

    tags: ClassVar[set[str]] = {"exercise"}
    renderer = "exercise"

    def parse(self, parser: Parser) -> list[nodes.Node]:
        """The tag as a call of its renderer with task and solution. TemplateSyntaxError where it is torn."""
        tag = next(parser.stream)
        line = tag.lineno
        positional, named = self._details(parser, line)
        body = parser.parse_statements(("name:solution", "name:endexercise"))
        before: list[nodes.Node] = []
        if next(parser.stream).value == "solution":
            # The task is kept in a variable of its own, and the solution is the block that the call is made with.
            kept = parser.free_identifier(line)
            before = [nodes.AssignBlock(kept, None, body, lineno=line)]
            named.append(nodes.Keyword("task", kept, lineno=line))
            body = parser.parse_statements(("name:endexercise",), drop_needle=True)
        call = self.call_method("_render", positional, named, lineno=line)
        return [*before, nodes.CallBlock(call, [], [], body, lineno=line)]


def _is_blank(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Output) and all(isinstance(n, nodes.TemplateData) and not n.data.strip() for n in node.nodes)
