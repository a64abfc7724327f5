"""What a lesson's expressions may touch, and how much they may do: no files, no network, no code, and no work without end.

Jinja's own sandbox keeps templates from Python's internals, but not from what ordinary objects can do (pydantic's models read files
and unpickle), nor from filling memory or computing for ever. Here everything is refused that is not on a list, and every step of a
loop, call, filter and every character made is counted against `MAX_WORK`, so that the same lesson stops at the same place everywhere.
"""

from __future__ import annotations

import functools
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from jinja2 import TemplateSyntaxError, Undefined, nodes
from jinja2.ext import Extension
from jinja2.filters import make_attrgetter
from jinja2.lexer import Token, TokenStream
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace
from pydantic import BaseModel

MAX_WORK = 20_000_000
"""Units of work in one text: 1 a character that is made, STEP a round of a loop or a call. All of it takes a few seconds."""
STEP = 10
MAX_BITS = 1024
"""Longest whole number, in binary digits: beyond what a float can hold nothing is measured."""

MAX_DEPTH, MAX_LOOPS = 60, 12
"""How deep brackets, operators and blocks, and loops, may stand in each other; Python cannot compile much more."""
TOO_DEEP = "brackets, operators or blocks stand in each other too deeply"

REFUSED_TAGS = frozenset("autoescape block call extends filter from import include macro print with".split())
FILTERS = """abs capitalize count d default first float int last length list lower map max min reject rejectattr reverse select
selectattr sort title trim unique upper""".split()
GLOBALS = ("namespace", "range")
METHODS: list[tuple[type | tuple[type, ...], frozenset[str]]] = [
    (Mapping, frozenset({"get", "items", "keys", "values"})),
    ((list, tuple), frozenset({"count", "index"})),
    (str, frozenset({"capitalize", "count", "endswith", "index", "lower", "startswith", "strip", "title", "upper"})),
]


class TooMuchWorkError(Exception):
    """A text does more than MAX_WORK, or asks for one thing that alone would be more."""


class LessonSandbox(ImmutableSandboxedEnvironment):
    """Jinja that reads fields of data, calls what it is given, and counts its work."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self, **settings: Any):
        self.work = 0
        super().__init__(**settings)
        self.add_extension(_RefusedTags)
        own = {"join": self._join, "replace": self._replace, "round": _round, "sum": self._sum}
        self.filters = {name: self._counted_call(self.filters[name]) for name in FILTERS} | own
        self.tests = {name: self._counted_call(test) for name, test in self.tests.items()}
        self.globals = {name: self.globals[name] for name in GLOBALS}

    # --- what may be touched -------------------------------------------------------------------------------------------

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Fields of data and the listed methods, and nothing that begins with an underscore."""
        if attr.startswith("_"):
            return False
        if isinstance(obj, Undefined):
            return True  # it records what is wrong
        if isinstance(obj, BaseModel):
            return attr in type(obj).model_fields
        if is_dataclass(obj):
            return attr in [field.name for field in fields(obj)]
        if isinstance(obj, LoopContext | Namespace):
            return True
        return any(isinstance(obj, kind) and attr in names for kind, names in METHODS)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Like Jinja's, but never touches what a model of data has besides its fields."""
        if isinstance(obj, BaseModel) and attribute not in type(obj).model_fields and hasattr(type(obj), attribute):
            return self.unsafe_undefined(obj, attribute)  # without touching it
        return super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """The same for `model['field']`."""
        return self.getattr(obj, argument) if isinstance(obj, BaseModel) and isinstance(argument, str) else super().getitem(obj, argument)

    def is_safe_callable(self, obj: Any) -> bool:
        """Functions and methods, never a class: those that can be reached are given, or on the list of methods."""
        functions = (types.FunctionType, types.MethodType, types.BuiltinMethodType, LoopContext, Undefined)
        return isinstance(obj, functions) or obj is Namespace

    def wrap_str_format(self, value: Any) -> None:
        """No `format`: it can write a field a thousand million characters wide."""

    # --- how much may be done ------------------------------------------------------------------------------------------

    def spend(self, units: float) -> None:
        """Count work; raises TooMuchWorkError above MAX_WORK."""
        self.work += units
        if self.work > MAX_WORK:
            raise TooMuchWorkError(f"more than {MAX_WORK:,} steps and characters")

    def call(__self, __context: Any, __obj: Any, *args: Any, **named: Any) -> Any:  # noqa: N805 (Jinja names them so: args may be called anything)
        """Every call of a template comes through here, with what it is given."""
        __self.spend(STEP + weight([*args, *named.values()]))
        return super().call(__context, __obj, *args, **named)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """The operators that can make much out of little."""
        if operator == "%" and isinstance(left, str):
            raise TypeError("% is for numbers here; join texts with ~ and use the filters for numbers")
        if operator == "+":
            self.spend(weight(left) + weight(right))
        if operator in ("*", "**"):
            self.spend(_weight_of_product(operator, left, right))
        return super().call_binop(context, operator, left, right)

    def _counted_call(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """A filter or test that pays for what it goes through."""

        @functools.wraps(function)
        def call(*args: Any, **named: Any) -> Any:
            self.spend(STEP + weight([*args, *named.values()]))
            return function(*args, **named)

        return call

    def _join(self, value: Iterable[Any], separator: str = "", attribute: str | int | None = None) -> str:
        if isinstance(value, Undefined):
            return str(value)  # which says that it is undefined
        parts = value if attribute is None else map(make_attrgetter(self, attribute), value)
        texts = [self._text(part) for part in parts]
        self.spend(len(texts) * len(str(separator)))
        return str(separator).join(texts)

    def _replace(self, value: Any, old: str, new: str, count: int = -1) -> str:
        text, old, new = str(value), str(old), str(new)
        self.spend(STEP + len(text) + (text.count(old) if count < 0 else min(count, text.count(old))) * len(new))
        return text.replace(old, new, count)

    def _sum(self, value: Iterable[Any], attribute: str | int | None = None) -> Any:
        self.spend(STEP + weight(value))
        return sum(value if attribute is None else map(make_attrgetter(self, attribute), value))

    def _text(self, part: Any) -> str:
        """A part of a text that is being put together."""
        if not isinstance(part, str | int | float | Undefined):
            raise TypeError(f"a {type(part).__name__} is no text that could be joined to others")
        text = str(part)
        self.spend(STEP + len(text))
        return text

    # Where Jinja has no hook, the parsed template is changed: `~`, loops, comparisons, keys and slices call these.

    def joined(self, *parts: Any) -> str:
        """What `~` makes."""
        return "".join(map(self._text, parts))

    def counted(self, items: Iterable[Any], characters: int) -> Iterator[Any]:
        """characters: in the body of the loop."""
        for item in items:
            self.spend(STEP + characters)
            yield item

    def weighed(self, value: Any) -> Any:
        """A value that is about to be compared, hashed or cut."""
        self.spend(weight(value))
        return value

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        for node in _nodes_in(tree):
            if isinstance(node, nodes.For):
                characters = sum(len(text.data) for text in node.find_all(nodes.TemplateData))
                node.iter = self._call("counted", node.iter, nodes.Const(characters, lineno=node.lineno, environment=self))
            elif isinstance(node, nodes.Concat):
                node.nodes = [self._call("joined", *node.nodes)]
            elif isinstance(node, nodes.Compare):
                for compared in (node, *node.ops):
                    compared.expr = self._call("weighed", compared.expr)
            elif isinstance(node, nodes.Pair):
                node.key = self._call("weighed", node.key)
            elif isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Slice):
                node.node = self._call("weighed", node.node)
            elif isinstance(node, nodes.Getitem) and not isinstance(node.arg, nodes.Const):
                node.arg = self._call("weighed", node.arg)
        return tree

    def _call(self, method: str, *arguments: nodes.Expr) -> nodes.Call:
        """The call of one of the methods above, as Jinja's parser would have made it."""
        at = {"lineno": arguments[0].lineno, "environment": self}
        return nodes.Call(nodes.EnvironmentAttribute(method, **at), list(arguments), [], None, None, **at)


def _nodes_in(tree: nodes.Template) -> list[nodes.Node]:
    """All nodes below the template; TemplateSyntaxError if they stand in each other too deeply."""
    found: list[nodes.Node] = []
    level: list[tuple[nodes.Node, int]] = [(tree, 0)]  # and in how many loops
    for depth in range(MAX_DEPTH + 1):
        level = [(child, loops + isinstance(child, nodes.For)) for node, loops in level for child in node.iter_child_nodes()]
        too_deep = next((node for node, loops in level if loops > MAX_LOOPS or depth == MAX_DEPTH), None)
        if too_deep is not None:
            raise TemplateSyntaxError(TOO_DEEP, too_deep.lineno)
        found += [node for node, _ in level]
    return found


class _RefusedTags(Extension):
    """Tags by which a template would define or fetch more template."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        begins = False
        for token in stream:
            if begins and token.type == "name" and token.value in REFUSED_TAGS:
                raise TemplateSyntaxError(f"{{% {token.value} %}} is not allowed in a lesson", token.lineno, stream.name, stream.filename)
            begins = token.type == "block_begin"
            yield token


def weight(value: Any, limit: float = MAX_WORK) -> int:
    """Units of work for going through a value, and through what it holds. Counting stops above the limit: a list can hold another twice."""
    total, waiting = 0, [value]
    while waiting and total <= limit:
        part = waiting.pop()
        if isinstance(part, str):
            total += len(part)
        elif isinstance(part, list | tuple | dict):
            total += STEP + STEP * len(part)
            held = (*part, *part.values()) if isinstance(part, dict) else part
            waiting.extend(item for item in held if isinstance(item, str | list | tuple | dict))
        elif isinstance(part, range):
            total += STEP * len(part)
    return total


def _weight_of_product(operator: str, left: Any, right: Any) -> int:
    """Raises ValueError for a whole number of more than MAX_BITS digits: computing it could take for ever."""
    for sequence, times in ((left, right), (right, left)):
        if isinstance(sequence, str | list | tuple) and isinstance(times, int):
            return weight(sequence) * max(times, 0)
    if isinstance(left, int) and isinstance(right, int):
        bits = left.bit_length() * max(right, 1) if operator == "**" else left.bit_length() + right.bit_length()
        if bits > MAX_BITS:
            raise ValueError(f"the result of {operator} has too many digits")
    return 0


def _round(value: float, precision: int = 0, method: str = "common") -> float:
    """Jinja's |round, for precisions that make sense."""
    from jinja2.filters import do_round

    if not -20 <= precision <= 20:
        raise ValueError(f"a precision of {precision} makes no sense")
    return do_round(value, precision, method)
