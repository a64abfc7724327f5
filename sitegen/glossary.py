"""The glossary: `content/glossary.toml`, one entry a term of the field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from problems import did_you_mean
from sitegen.kept_sources import KeptSources
from sitegen.project import ELEMENT_ID, Problems, Project, read_entries


class Term(BaseModel):
    """An entry of `content/glossary.toml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=ELEMENT_ID)]
    term: str
    definition: str  # Markdown
    see: list[str] = []  # ids of other terms
    cite: list[str] = []  # keys of references.bib


@dataclass
class Glossary:
    """Terms by id; `used_in` gathers which lessons link to each."""

    terms: dict[str, Term]
    lines: dict[str, int]  # id -> line in glossary.toml
    used_in: dict[str, set[str]] = field(default_factory=dict)

    def find(self, name: str) -> Term | None:
        """A term by its id or by its name, whatever its case."""
        wanted = name.casefold()
        return next((t for t in self.terms.values() if wanted in (t.id, t.term.casefold())), None)


def read_glossary(project: Project, problems: Problems, references: Mapping[str, object], kept: KeptSources | None = None) -> Glossary:
    """All terms, in alphabetical order. references: by key, what a term may cite."""
    path = project.content / "glossary.toml"
    entries = read_entries(path, problems, "term", Term, kept)
    terms: dict[str, Term] = {}
    for term, line in entries:
        if term.id in terms:
            problems.add(path, line, f"two terms have the id {term.id!r}", "Rename one of them.")
        terms[term.id] = term
    for term, line in entries:
        for other in term.see:
            if other not in terms:
                cure = did_you_mean(other, terms, "Name another term by its id.")
                problems.add(path, line, f"term {term.id!r} refers to the unknown {other!r}", cure)
        for key in term.cite:
            if key not in references:
                cure = did_you_mean(key, references, "Add it to content/references.bib.")
                problems.add(path, line, f"term {term.id!r} has the unknown citation {key!r}", cure)
    in_order = sorted(terms.values(), key=lambda term: term.term.casefold())
    return Glossary({term.id: term for term in in_order}, {term.id: line for term, line in entries})
