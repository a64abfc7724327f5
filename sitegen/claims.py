"""The claims ledger: what the sources say, checked against each set's data."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from problems import did_you_mean
from sitegen.project import ELEMENT_ID, Problems, Project, read_entries
from sitegen.site_data import BadDataError, SetData
from sitegen.verdicts import VERDICTS, CheckResult


class Claim(BaseModel):
    """One sentence of a source that can be true or false. See `content/claims.toml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=ELEMENT_ID)]
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
    """A claim and what its check found in one set; None where the check failed, of which the problem has been recorded."""

    claim: Claim
    result: CheckResult | None


Ledger = list[tuple[Claim, int]]
"""Claims in their order, each with its line in claims.toml."""


def read_claims(project: Project, problems: Problems, lesson_slugs: set[str], citation_keys: set[str]) -> Ledger:
    """`content/claims.toml`, each claim checked for the lesson and the source it names."""
    path = project.content / "claims.toml"
    ledger = read_entries(path, problems, "claim", Claim)
    seen: set[str] = set()
    for claim, line in ledger:
        if claim.id in seen:
            problems.add(path, line, f"two claims have the id {claim.id!r}", "Rename one of them.")
        seen.add(claim.id)
        if claim.lesson not in lesson_slugs:
            cure = did_you_mean(claim.lesson, lesson_slugs, "Name a lesson by its slug.")
            problems.add(path, line, f"claim {claim.id!r} names the unknown lesson {claim.lesson!r}", cure)
        if claim.source not in citation_keys:
            cure = did_you_mean(claim.source, citation_keys, "Add it to content/references.bib.")
            problems.add(path, line, f"claim {claim.id!r} cites the unknown source {claim.source!r}", cure)
    return ledger


def load_checks(project: Project, problems: Problems) -> ModuleType | None:
    """The module `content/claim_checks.py`, or None after recording why it cannot be loaded."""
    path = project.content / "claim_checks.py"
    module = ModuleType("claim_checks")
    module.__file__ = str(path)
    try:
        # Compiled here rather than imported: a bytecode file can be older than an edit made within the same second.
        exec(compile(path.read_bytes(), str(path), "exec"), vars(module))
    except FileNotFoundError as error:
        if error.filename != str(path):
            raise
        problems.add(path, None, "does not exist", "Restore it; it holds the functions that check the claims.")
        return None
    except Exception as error:
        line = error.lineno if isinstance(error, SyntaxError) else _line_in(error, path)
        problems.add(path, line, f"cannot be loaded: {type(error).__name__}: {error}", "Mend it.")
        return None
    return module


def check_claims(ledger: Ledger, checks: ModuleType | None, data: SetData, project: Project, problems: Problems) -> dict[str, CheckedClaim]:
    """Claim id -> claim and what its check found in this set. Problems name the line of the claim."""
    path = project.content / "claims.toml"
    known = [name for name, value in vars(checks).items() if callable(value) and not name.startswith("_")] if checks else []
    results: dict[str, CheckedClaim] = {}
    for claim, line in ledger:
        result = None
        if claim.check in known:
            result = _run_check(getattr(checks, claim.check), claim, data, project, line, problems)
        elif checks is not None:
            cure = did_you_mean(claim.check, known, "Write the function in content/claim_checks.py.")
            problems.add(path, line, f"claim {claim.id!r} names the unknown check {claim.check!r}", cure)
        results[claim.id] = CheckedClaim(claim, result)
    return results


def _run_check(check: Any, claim: Claim, data: SetData, project: Project, line: int, problems: Problems) -> CheckResult | None:
    path = project.content / "claims.toml"
    try:
        result = check(data)
    except BadDataError:
        return None  # what is wrong with the data has been recorded
    except Exception as error:
        where = _line_in(error, project.content / "claim_checks.py")
        what = f"the check {claim.check!r} of claim {claim.id!r} fails on set {data.name!r}: {type(error).__name__}: {error}"
        place = "content/claim_checks.py" + (f":{where}" if where else "")
        problems.add(path, line, what, f"Mend the check in {place}, or the data it reads.")
        return None
    texts = (result.value, result.reason, result.analogue or "") if isinstance(result, CheckResult) else (None,)
    if not all(isinstance(text, str) for text in texts) or result.verdict not in VERDICTS:
        what = f"the check {claim.check!r} of claim {claim.id!r} returned {result!r:.80}"
        cure = f"Return a CheckResult of texts, with one of the verdicts: {', '.join(VERDICTS)}."
        problems.add(path, line, what, cure)
        return None
    return result


def _line_in(error: BaseException, path: Path) -> int | None:
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return lines[-1] if lines else None
