"""Errors a person can act on: which file, which line, what is wrong, what to do about it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong. `file` is relative to the project's folder where it lies inside it."""

    file: str
    line: int | None
    what: str
    cure: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.what}\n    {self.cure}"


class ProjectError(Exception):
    """One or more problems that stop a command. Commands print them all and exit with status 1."""

    def __init__(self, problems: Problem | Iterable[Problem]):
        self.problems = [problems] if isinstance(problems, Problem) else sorted(set(problems), key=_place)
        super().__init__("\n".join(map(str, self.problems)))

    def __reduce__(self) -> tuple[type[ProjectError], tuple[list[Problem]]]:
        # Exceptions are pickled by their message; one that comes back from a worker process must bring its problems.
        return type(self), (self.problems,)


class LeftOutError(ProjectError):
    """Something that cannot be made of the models of this set, and without which the rest stands: it is left out, and the reason told."""


def _place(problem: Problem) -> tuple[str, int, str]:
    return (problem.file, problem.line or 0, problem.what)


def did_you_mean(name: str, known: Iterable[str], otherwise: str) -> str:
    """The cure for an unknown name: its nearest known neighbours, or `otherwise` followed by what is known."""
    known = sorted(known)
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.6)
    if near:
        return f"Did you mean {' or '.join(repr(n) for n in near)}?"
    if not known:
        return otherwise
    return f"{otherwise} Known: {', '.join(known[:20])}{', ...' if len(known) > 20 else ''}."
