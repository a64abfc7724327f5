"""The claims ledger: what the sources say, checked against each set's data."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from problems import did_you_mean
from sitegen.project import Problems, Project, add_validation_problems, line_of, read_toml
from sitegen.site_data import SetData
from sitegen.verdicts import VERDICTS, CheckResult


class Claim(BaseModel):
    """One sentence of a source that can be true or false. See `content/claims.toml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    lesson: str  # slug
    source: str  # citation key
    where: str  # section or line of the source
    quote: str  # a few of its words
    statement: str  # the claim in our words
    published: str | None = None  # the value the source gives
    about: list[str]  # which models; ["any"] for claims about every model
    check: str  # function in content/claim_checks.py
    note: str | None = None


@dataclass(frozen=True)
class CheckedClaim:
    claim: Claim
    result: CheckResult


def read_claims(project: Project, problems: Problems, lesson_slugs: set[str], citation_keys: set[str]) -> list[Claim]:
    """`content/claims.toml` in its order, each claim checked for the lesson and the source it names."""
    path = project.content / "claims.toml"
    fields = read_toml(path, problems, "Restore it; it may be empty.")
    if fields is None:
        return []
    text = path.read_text(encoding="utf-8")
    claims: list[Claim] = []
    for entry in fields.get("claim", []):
        line = line_of(text, f'id = "{entry.get("id")}"')
        try:
            claim = Claim.model_validate(entry)
        except ValidationError as error:
            add_validation_problems(problems, path, text, error, prefix=f"claim {entry.get('id', '?')!r}: ")
            continue
        if any(claim.id == other.id for other in claims):
            problems.add(path, line, f"two claims have the id {claim.id!r}", "Rename one of them.")
        if claim.lesson not in lesson_slugs:
            cure = did_you_mean(claim.lesson, lesson_slugs, "Name a lesson by its slug.")
            problems.add(path, line, f"claim {claim.id!r} names the unknown lesson {claim.lesson!r}", cure)
        if claim.source not in citation_keys:
            cure = did_you_mean(claim.source, citation_keys, "Add it to content/references.bib.")
            problems.add(path, line, f"claim {claim.id!r} cites the unknown source {claim.source!r}", cure)
        claims.append(claim)
    return claims


def load_checks(project: Project, problems: Problems) -> ModuleType | None:
    """The module `content/claim_checks.py`, or None after recording why it cannot be loaded."""
    path = project.content / "claim_checks.py"
    specification = importlib.util.spec_from_file_location("claim_checks", path)
    module = importlib.util.module_from_spec(specification)
    try:
        specification.loader.exec_module(module)
    except FileNotFoundError:
        problems.add(path, None, "does not exist", "Restore it; it holds the functions that check the claims.")
        return None
    except Exception as error:
        problems.add(path, getattr(error, "lineno", None), f"cannot be loaded: {type(error).__name__}: {error}", "Mend it.")
        return None
    return module


def check_claims(claims: list[Claim], checks: ModuleType | None, data: SetData, project: Project, problems: Problems) -> dict[str, CheckedClaim]:
    """Claim id -> claim and what its check found in this set. Problems name the line of the claim."""
    path = project.content / "claims.toml"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    known = [name for name, value in vars(checks).items() if callable(value) and not name.startswith("_")] if checks else []
    results: dict[str, CheckedClaim] = {}
    for claim in claims:
        line = line_of(text, f'id = "{claim.id}"')
        if checks is None:
            continue
        if claim.check not in known:
            cure = did_you_mean(claim.check, known, "Write the function in content/claim_checks.py.")
            problems.add(path, line, f"claim {claim.id!r} names the unknown check {claim.check!r}", cure)
            continue
        result = _run_check(getattr(checks, claim.check), claim, data, path, line, problems)
        if result is not None:
            results[claim.id] = CheckedClaim(claim, result)
    return results


def _run_check(check: Any, claim: Claim, data: SetData, path: Path, line: int | None, problems: Problems) -> CheckResult | None:
    try:
        result = check(data)
    except Exception as error:
        what = f"the check {claim.check!r} of claim {claim.id!r} fails on set {data.name!r}: {type(error).__name__}: {error}"
        problems.add(path, line, what, "Mend the check in content/claim_checks.py, or the data it reads.")
        return None
    if not isinstance(result, CheckResult) or result.verdict not in VERDICTS:
        what = f"the check {claim.check!r} of claim {claim.id!r} returned {result!r:.80}"
        problems.add(path, line, what, f"Return a CheckResult with one of the verdicts: {', '.join(VERDICTS)}.")
        return None
    return result
