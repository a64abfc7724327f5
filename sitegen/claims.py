"""The claims ledger: what the sources say, checked against each set's data."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from problems import did_you_mean
from sitegen.kept_sources import KeptSources
from sitegen.project import ELEMENT_ID, Problems, Project, read_entries
from sitegen.site_data import BadDataError, SetData
from sitegen.verdicts import VERDICTS, CheckResult


class Claim(BaseModel):
    """One sentence of a source that can be true or false. See `content/claims/`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=ELEMENT_ID)]
    lesson: str  # slug
    source: str  # citation key
    where: str  # section or line of the source
    quote: str  # a few of its words
    statement: str  # the claim in our words
    published: str | None = None  # the value the source gives
    about: list[str]  # which models; ["any"] for claims about every model
    check: str  # function in the Python file beside the claims
    note: str | None = None


@dataclass(frozen=True)
class LedgerEntry:
    """A claim with the file and the line where it stands."""

    claim: Claim
    file: Path
    line: int

    @property
    def checks_file(self) -> Path:
        """The Python file that holds its check: of the same name, beside it."""
        return self.file.with_suffix(".py")


@dataclass(frozen=True)
class CheckedClaim:
    """A claim and what its check found in one set; None where the check failed, of which the problem has been recorded."""

    claim: Claim
    result: CheckResult | None


Ledger = list[LedgerEntry]
"""Claims in their order: lesson after lesson, each as its file has them."""


def read_claims(
    project: Project, problems: Problems, lesson_order: list[str], citation_keys: set[str], kept: KeptSources | None = None
) -> Ledger:
    """`content/claims/*.toml`, each claim checked for the lesson and the source it names."""
    ledger: Ledger = []
    ids: set[str] = set()
    for path in sorted((project.content / "claims").glob("*.toml")):
        for claim, line in read_entries(path, problems, "claim", Claim, kept):
            ledger.append(LedgerEntry(claim, path, line))
            if claim.id in ids:
                problems.add(path, line, f"two claims have the id {claim.id!r}", "Rename one of them.")
            ids.add(claim.id)
            if claim.lesson not in lesson_order:
                cure = did_you_mean(claim.lesson, lesson_order, "Name a lesson by its slug.")
                problems.add(path, line, f"claim {claim.id!r} names the unknown lesson {claim.lesson!r}", cure)
            if claim.source not in citation_keys:
                cure = did_you_mean(claim.source, citation_keys, "Add it to content/references.bib.")
                problems.add(path, line, f"claim {claim.id!r} cites the unknown source {claim.source!r}", cure)
    place = {slug: n for n, slug in enumerate(lesson_order)}
    return sorted(ledger, key=lambda entry: place.get(entry.claim.lesson, len(place)))


Checks = dict[Path, ModuleType]


def load_checks(ledger: Ledger, problems: Problems) -> Checks:
    """The Python files beside the claims. One that cannot be loaded is left out after recording why."""
    files = dict.fromkeys(entry.checks_file for entry in ledger)
    modules = {file: _load(file, problems) for file in files}
    return {file: module for file, module in modules.items() if module is not None}


def _load(path: Path, problems: Problems) -> ModuleType | None:
    module = ModuleType(f"claims_{path.stem}")
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


def check_claims(ledger: Ledger, checks: Checks, data: SetData, problems: Problems) -> dict[str, CheckedClaim]:
    """Claim id -> claim and what its check found in this set. Problems name the line of the claim."""
    return {entry.claim.id: CheckedClaim(entry.claim, _checked(entry, checks, data, problems)) for entry in ledger}


def _checked(entry: LedgerEntry, checks: Checks, data: SetData, problems: Problems) -> CheckResult | None:
    module = checks.get(entry.checks_file)
    if module is None:
        return None  # why it cannot be loaded has been recorded
    known = [name for name, value in vars(module).items() if callable(value) and not name.startswith("_")]
    name = entry.claim.check
    if name in known:
        return _run_check(getattr(module, name), entry, data, problems)
    cure = did_you_mean(name, known, f"Write the function in {problems.project.name_of(entry.checks_file)}.")
    problems.add(entry.file, entry.line, f"claim {entry.claim.id!r} names the unknown check {name!r}", cure)
    return None


def _run_check(check: Any, entry: LedgerEntry, data: SetData, problems: Problems) -> CheckResult | None:
    claim = entry.claim
    try:
        result = check(data)
    except BadDataError:
        return None  # what is wrong with the data has been recorded
    except Exception as error:
        where = _line_in(error, entry.checks_file)
        what = f"the check {claim.check!r} of claim {claim.id!r} fails on set {data.name!r}: {type(error).__name__}: {error}"
        place = problems.project.name_of(entry.checks_file) + (f":{where}" if where else "")
        problems.add(entry.file, entry.line, what, f"Mend the check in {place}, or the data it reads.")
        return None
    texts = (result.value, result.reason, result.analogue or "") if isinstance(result, CheckResult) else (None,)
    if not all(isinstance(text, str) for text in texts) or result.verdict not in VERDICTS:
        what = f"the check {claim.check!r} of claim {claim.id!r} returned {result!r:.80}"
        cure = f"Return a CheckResult of texts, with one of the verdicts: {', '.join(VERDICTS)}."
        problems.add(entry.file, entry.line, what, cure)
        return None
    return result


def _line_in(error: BaseException, path: Path) -> int | None:
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return lines[-1] if lines else None
