"""Holds exported data against published figures: `python -m precompute check`, and the end of a whole run."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from precompute.acceptance.measures import MEASURES, Exported, NotExportedError
from problems import Problem, ProjectError, did_you_mean

FILE = Path(__file__).with_name("figures.toml")
Number = float | int
Status = Literal["pass", "FAIL", "not exported"]


class Figure(BaseModel):
    """A published figure; figures.toml says what its fields mean."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    about: list[Literal["gpt2", "bert-base-uncased", "gpt2 tokenizer", "bert tokenizer"]] = Field(min_length=1)
    measure: str
    of: list[str | int | float] = Field(default_factory=list)
    published: bool | Number | str | list[Number | str]
    tolerance: float = Field(0, ge=0)
    either: bool = False
    reason: str = Field(min_length=1)
    source: str = Field(min_length=1)


@dataclass(frozen=True)
class Check:
    """A figure and what was found. found: None where the data do not hold it; `missing` says what they lack."""

    figure: Figure
    found: Any
    missing: str = ""

    @property
    def status(self) -> Status:
        """Whether the data say what was published, within the figure's tolerance; "not exported" where they say nothing of it."""
        if self.missing:
            return "not exported"
        return "pass" if _fits(self.figure, self.found) else "FAIL"


@cache
def read_figures(file: Path = FILE) -> tuple[Figure, ...]:
    """All published figures. Raises ProjectError naming each entry that is wrong."""
    try:
        entries = tomllib.loads(file.read_text(encoding="utf-8"))["figures"]
    except (OSError, tomllib.TOMLDecodeError, KeyError) as error:
        raise ProjectError(Problem(str(file), None, f"holds no figures: {error}", "Correct it; its head says what they are.")) from error
    figures, problems = [], []
    for number, entry in enumerate(entries, 1):
        name = entry.get("id", f"number {number}")
        try:
            figure = Figure.model_validate(entry)
        except ValidationError as error:
            found = error.errors(include_url=False, include_input=False)
            problems += [Problem(str(file), None, f"figure {name}: {e['loc'][0]}: {e['msg']}", "Correct the entry.") for e in found]
            continue
        if figure.measure not in MEASURES:
            cure = did_you_mean(figure.measure, MEASURES, "Write it in precompute/acceptance/measures.py.")
            problems.append(Problem(str(file), None, f"figure {name}: there is no measure {figure.measure!r}", cure))
        figures.append(figure)
    if problems:
        raise ProjectError(problems)
    return tuple(figures)


def figures_about(model_set: Any) -> list[Figure]:
    """The figures whose models and tokenizers are all in the set, in their own place."""
    here = {model_set.members[role].key for role in ("decoder", "encoder")}
    keys = {name: spec.key for name, spec in model_set.tokenizers.items()}
    here |= {"gpt2 tokenizer"} if keys.get("gpt2") == "gpt2" else set()
    here |= {"bert tokenizer"} if keys.get("bert") in ("bert", "bert-base-uncased") else set()
    return [figure for figure in read_figures() if set(figure.about) <= here]


def run_checks(folder: Path, figures: Sequence[Figure]) -> list[Check]:
    """folder: of a set's exported data. Raises ProjectError where a file in it is damaged."""
    data = Exported(folder)
    return [_check(data, figure) for figure in figures]


def _check(data: Exported, figure: Figure) -> Check:
    try:
        return Check(figure, MEASURES[figure.measure](data, *figure.of))
    except NotExportedError as error:
        return Check(figure, None, str(error))


def _fits(figure: Figure, found: Any) -> bool:
    if figure.either:
        return any(_close(figure.published, one, figure.tolerance) for one in found)
    if isinstance(figure.published, list):
        return len(found) == len(figure.published) and all(map(_close, figure.published, found, [figure.tolerance] * len(found)))
    return _close(figure.published, found, figure.tolerance)


def _close(published: Any, found: Any, tolerance: float) -> bool:
    if isinstance(published, (bool, str)) or isinstance(found, (bool, str)) or found is None:
        return published == found
    return abs(found - published) <= tolerance + 1e-12  # so that 0.3 - 0.2 is within 0.1


# --- the table -------------------------------------------------------------------------------------------------------------------------


def print_checks(checks: Sequence[Check], set_name: str) -> bool:
    """Print the table; whether all figures were found again."""
    for check in checks:
        figure = check.figure
        allowed = f" ± {figure.tolerance:g}" if figure.tolerance else ""
        found = check.missing or _shown(check.found)
        print(f"{check.status:<13}{figure.id:<28}published {_shown(figure.published)}{allowed}, found {found}")
        if check.status == "FAIL":
            print(f"{'':<13}by {figure.source}; the tolerance: {figure.reason}")
    counts = {status: sum(check.status == status for check in checks) for status in ("pass", "FAIL", "not exported")}
    summed = ", ".join(f"{count} {status}" for status, count in counts.items() if count or status == "pass")
    print(f"{set_name}: published figures: {summed}")
    return counts["pass"] == len(checks)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(_shown, value)) + "]"
    if isinstance(value, bool) or not isinstance(value, float):
        return str(value)
    return f"{value:.5g}"
