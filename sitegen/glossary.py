"""The glossary: `content/glossary.toml`, one entry a term of the field."""

from __future__ import annotations

from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict, ValidationError

from sitegen.project import Problems, Project, add_validation_problems, line_of, read_toml


class Term(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    term: str
    definition: str  # Markdown
    see: list[str] = []  # ids of other terms


@dataclass
class Glossary:
    """Terms by id; `used_in` gathers which lessons link to each."""

    terms: dict[str, Term]
    used_in: dict[str, set[str]] = field(default_factory=dict)

    def find(self, name: str) -> Term | None:
        """A term by its id or by its name, whatever its case."""
        wanted = name.casefold()
        return next((t for t in self.terms.values() if wanted in (t.id, t.term.casefold())), None)


def read_glossary(project: Project, problems: Problems) -> Glossary:
    """All terms, in alphabetical order."""
    path = project.content / "glossary.toml"
    fields = read_toml(path, problems, "Restore it; it may be empty.") or {}
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    terms: dict[str, Term] = {}
    for entry in fields.get("term", []):
        try:
            term = Term.model_validate(entry)
        except ValidationError as error:
            add_validation_problems(problems, path, text, error, prefix=f"term {entry.get('id', '?')!r}: ")
            continue
        if term.id in terms:
            problems.add(path, line_of(text, f'id = "{term.id}"'), f"two terms have the id {term.id!r}", "Rename one of them.")
        terms[term.id] = term
    for term in terms.values():
        for other in term.see:
            if other not in terms:
                problems.add(path, line_of(text, f'id = "{term.id}"'), f"term {term.id!r} refers to the unknown {other!r}", "Correct it.")
    return Glossary(dict(sorted(terms.items(), key=lambda item: item[1].term.casefold())))
