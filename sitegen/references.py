"""The bibliography: one BibTeX file, cited by key."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from sitegen.kept_sources import KeptSources
from sitegen.project import ELEMENT_ID, Problems, Project, read_text

_WEB_ADDRESS = re.compile(r"""https?://[A-Za-z0-9.-]+(?::\d+)?(?:[/?#][^\s"<>\\^`{|}]*)?""")
_DOI = re.compile(r"""10\.[0-9.]+/[^\s"]+""")
_ACCENTS = {
    '"': dict(zip("aeiouAOU", "äëïöüÄÖÜ", strict=True)),
    "'": dict(zip("aeiounczsAEIO", "áéíóúńćźśÁÉÍÓ", strict=True)),
    "`": dict(zip("aeiou", "àèìòù", strict=True)),
    "^": dict(zip("aeiou", "âêîôû", strict=True)),
    "~": dict(zip("ano", "ãñõ", strict=True)),
    "c": dict(zip("cCsS", "çÇşŞ", strict=True)),
    "v": dict(zip("cszrenCSZR", "čšžřěňČŠŽŘ", strict=True)),
}


@dataclass(frozen=True)
class Reference:
    """One work. `label` is how prose cites it: "Land & Bartolo 2024"."""

    key: str
    label: str
    title: str
    html: Markup


def read_references(project: Project, problems: Problems, kept: KeptSources | None = None) -> dict[str, Reference]:
    """Citation key -> reference, in the order of authors and years."""
    path = project.content / "references.bib"
    text = read_text(path, problems, "Restore it; it may be empty.")
    if text is None:
        return {}

    def read() -> list[tuple[str, dict[str, str], list[Person], int]]:
        return _entries(text, problems, path)

    works: list[tuple[str, dict[str, str], list[Person]]] = []
    for key, fields, people, line in kept.value_of("references", text, problems, read) if kept else read():
        lacking = [name for name in ("author", "title") if not fields.get(name)]
        if lacking:
            problems.add(path, line, f"entry {key!r} lacks {' and '.join(lacking)}", "Add what is missing.")
            continue
        if not re.match(ELEMENT_ID, key):
            problems.add(path, line, f"{key!r} cannot be a key", "Use letters, digits, hyphens and underscores, a letter first.")
        if "url" in fields and not _WEB_ADDRESS.fullmatch(fields["url"]):
            problems.add(path, line, f"the url of {key!r} is no web address", "Begin it with https://, and write %20 for a space.")
        if "doi" in fields and not _DOI.fullmatch(fields["doi"]):
            problems.add(path, line, f"the doi of {key!r} is none", "Write what follows https://doi.org/, such as 10.18653/v1/D19-1006.")
        if not all(family and "and" not in (f"{given} {family}".split() if given else [family]) for given, family in people):
            problems.add(path, line, f"an author of {key!r} has no name", "Write a name before and after each 'and'.")
        fields.setdefault("year", "n.d.")  # web pages often carry no date
        works.append((key, fields, people))
    _tell_years_apart(works)
    references = {key: Reference(key, _label(fields, people), fields["title"], _html(fields, people)) for key, fields, people in works}
    return dict(sorted(references.items(), key=lambda item: item[1].label.casefold()))


def _tell_years_apart(works: list[tuple[str, dict[str, str], list[Person]]]) -> None:
    """Works that would be cited alike get letters, in the order of the file: 2013a, 2013b."""
    alike: dict[str, list[dict[str, str]]] = {}
    for _, fields, people in works:
        alike.setdefault(_label(fields, people), []).append(fields)
    for same in alike.values():
        for letter, fields in zip("abcdefghijklmnopqrstuvwxyz", same if len(same) > 1 else [], strict=False):
            fields["year"] += letter


def _entries(text: str, problems: Problems, path: Path) -> list[tuple[str, dict[str, str], list[Person], int]]:
    """Key, plain fields, authors and line of each entry."""
    import bibtexparser  # slow to import, so only where the bibliography has to be read
    from bibtexparser.model import DuplicateBlockKeyBlock, ImplicitComment

    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)  # it would say on its own what is recorded here
    library = bibtexparser.parse_string(text)
    for block in library.failed_blocks:
        line = (block.start_line or 0) + 1
        if isinstance(block, DuplicateBlockKeyBlock):
            problems.add(path, line, f"two entries have the key {block.key!r}", "Rename one of them.")
            continue
        reason = getattr(block.error, "abort_reason", None) or str(block.error).split(" Note:")[0] or "it cannot be read"
        problems.add(path, line, f"is no valid BibTeX there: {reason.strip()}", "Correct the entry that begins in this line.")
    for block in library.blocks:
        if isinstance(block, ImplicitComment) and (lost := re.search(r"^[^%\n]*[@={}]", block.comment, re.MULTILINE)):
            line = block.start_line + 1 + block.comment[: lost.start()].count("\n")
            cure = "Is an '@', a comma or a brace missing?"
            problems.add(path, line, "holds text between entries that looks like part of one", cure)
    for entry in library.entries:
        for field in entry.fields:
            line = field.start_line + 1
            if re.search(r"\}\s+\w+\s*=\s*\{", str(field.value)):
                problems.add(path, line, f"field {field.key!r} of {entry.key!r} runs into the next", "Is a comma missing?")
            elif command := re.search(r"\\(?:[A-Za-z]+|.)", _without_known_commands(str(field.value))):
                what = f"field {field.key!r} of {entry.key!r} holds the TeX command {command[0]}, which is not known here"
                problems.add(path, line, what, "Write the character itself; of TeX only accents, \\&, \\o, \\aa and \\ss are known.")
    return [
        (
            entry.key,
            {field.key.lower(): _plain(str(field.value)) for field in entry.fields},
            next((_people(str(field.value)) for field in entry.fields if field.key.lower() == "author"), []),
            entry.start_line + 1,
        )
        for entry in library.entries
    ]


def _plain(value: str) -> str:
    """BibTeX markup to plain text: accents resolved, braces gone."""
    value = _without_known_commands(value).replace("--", "–")
    return re.sub(r"\s+", " ", value.replace("{", "").replace("}", "").replace("\\", "")).strip()


def _without_known_commands(value: str) -> str:
    """Accents, letters and `\\&` as the characters that they stand for."""

    def accent(match: re.Match[str]) -> str:
        return _ACCENTS[match[1]].get(match[2], match[2])

    value = re.sub(r"\{?\\([\"'`^~cv])\s*\{?([A-Za-z])\}?\}?", accent, value)
    return value.replace("{\\o}", "ø").replace("{\\aa}", "å").replace("{\\ss}", "ß").replace("\\&", "&")


Person = tuple[str, str]
"""Given names and family name. A group, written {{The Group}} in BibTeX, has the second only."""


def _people(authors: str) -> list[Person]:
    """The authors of a raw BibTeX field; `others` stays as it is."""
    names, depth, start = [], 0, 0
    authors = " ".join(authors.split())
    for match in re.finditer(r"[{}]| and ", authors):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if depth == 0 and match[0] not in "{}":
            names.append(authors[start : match.start()])
            start = match.end()
    return [_person(name.strip()) for name in [*names, authors[start:]]]


def _person(name: str) -> Person:
    if re.fullmatch(r"\{+[^{}]*\}+", name):
        return "", _plain(name)
    plain = _plain(name)
    if "," in plain:
        family, given = plain.split(",", 1)
        return given.strip(), family.strip()
    given, _, family = plain.rpartition(" ")
    return given, family


def _label(fields: dict[str, str], people: list[Person]) -> str:
    families = fields["shortauthor"].split(" and ") if fields.get("shortauthor") else [family for _, family in people]
    if families[-1] == "others" or len(families) > 2:
        return f"{families[0]} et al. {fields['year']}"
    return f"{' & '.join(families)} {fields['year']}"


def _html(fields: dict[str, str], people: list[Person]) -> Markup:
    authors = [f"{given} {family}".strip() for given, family in people]
    shown = ", ".join(authors[:-1]) + (" & " if len(authors) > 1 else "") + authors[-1]
    shown = shown.replace(" & others", " and others")
    parts = [Markup("{} ({}). ").format(shown, fields["year"])]
    title = fields["title"].rstrip(".")
    url = fields.get("url") or (f"https://doi.org/{fields['doi']}" if "doi" in fields else None)
    linked = Markup('<a href="{}" rel="noopener">{}</a>').format(url, title) if url else Markup.escape(title)
    container = fields.get("journal") or fields.get("booktitle") or fields.get("howpublished") or fields.get("publisher")
    parts.append(Markup("<cite>{}</cite>. ").format(linked))
    if container:
        numbers = " ".join(filter(None, [fields.get("volume"), f"pp. {fields['pages']}" if "pages" in fields else None]))
        parts.append(Markup("{}{}. ").format(container, f", {numbers}" if numbers else ""))
    if "note" in fields:
        parts.append(Markup("{} ").format(fields["note"].rstrip(".") + "."))
    return Markup("").join(parts).strip()
