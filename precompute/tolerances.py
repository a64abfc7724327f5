"""How far the numbers of two exports may lie apart, field by field, as tolerances.toml declares it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from problems import Problem, ProjectError

FILE = Path(__file__).with_name("tolerances.toml")


class Tolerance(BaseModel):
    """One rule; tolerances.toml says what its fields mean."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    artefacts: tuple[str, ...] = Field(min_length=1)
    fields_: tuple[str, ...] = Field(min_length=1, alias="fields")
    absolute: float = Field(0, ge=0)
    relative: float = Field(0, ge=0)
    steps: int = Field(0, ge=0)
    share: float = Field(0, ge=0, lt=1)
    text: bool = False
    compared: bool = True
    reason: str = Field(min_length=1)

    def fits(self, artefact: str, field: str) -> bool:
        """Whether the rule is about a field of an artefact. field: a path with list places left out."""
        return _any_fits(self.artefacts, artefact) and _any_fits(self.fields_, field)

    def __str__(self) -> str:
        """What is allowed, in words."""
        allowed = [f"{self.absolute:g}"] if self.absolute else []
        allowed += [f"{self.relative:g} of its size"] if self.relative else []
        parts = [" + ".join(allowed)] if allowed else []
        parts += [f"{self.steps} step{'s' * (self.steps != 1)}"] if self.steps else []
        parts += [f"for {self.share:.2%} of the numbers anything"] if self.share else []
        return " or ".join(parts) or "nothing"


@dataclass(frozen=True)
class Tolerances:
    """All rules, in the order in which they are tried; the last one fits everything."""

    rules: tuple[Tolerance, ...]

    def of(self, artefact: str, field: str) -> Tolerance:
        """The first rule that fits."""
        return next(rule for rule in self.rules if rule.fits(artefact, field))


@cache
def read_tolerances(file: Path = FILE) -> Tolerances:
    """The rules of a file. Raises ProjectError naming the rule that is wrong; so does a file whose last rule does not fit everything."""
    try:
        rules = tuple(Tolerance.model_validate(rule) for rule in tomllib.loads(file.read_text(encoding="utf-8"))["tolerances"])
    except (OSError, tomllib.TOMLDecodeError, KeyError, ValidationError) as error:
        cure = "Correct it; its head says what a rule is."
        raise ProjectError(Problem(str(file), None, f"holds no tolerances: {error}", cure)) from error
    if not rules or (rules[-1].artefacts, rules[-1].fields_) != (("*",), ("*",)):
        cure = 'Let the last rule have artefacts = ["*"] and fields = ["*"].'
        raise ProjectError(Problem(str(file), None, "has no rule for what no other rule fits", cure))
    return Tolerances(rules)


def _any_fits(patterns: tuple[str, ...], name: str) -> bool:
    return any(fnmatchcase(name, pattern.replace("[]", "[[]]")) for pattern in patterns)
