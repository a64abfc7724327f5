"""The bibliography: one BibTeX file, cited by key."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass

from markupsafe import Markup

from sitegen.project import ELEMENT_ID, Problems, Project, read_text

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
    html: Markup


def read_references(project: Project, problems: Problems) -> dict[str, Reference]:
    """Citation key -> reference, in the order of authors and years."""
    path = project.content / "references.bib"
    text = read_text(path, problems, "Restore it; it may be empty.")
    if text is None:
        return {}
    references: dict[str, Reference] = {}
    for kind, key, fields, line in _entries(text, problems, path):
        lacking = [name for name in ("author", "title") if not fields.get(name)]
        if lacking:
            problems.add(path, line, f"entry {key!r} lacks {' and '.join(lacking)}", "Add what is missing.")
            continue
        if not re.match(ELEMENT_ID, key):
            problems.add(path, line, f"{key!r} cannot be a key", "Use letters, digits, hyphens and underscores, a letter first.")
        if "url" in fields and not fields["url"].startswith(("https://", "http://")):
            problems.add(path, line, f"the url of {key!r} is no web address", "Begin it with https://.")
        fields.setdefault("year", "n.d.")  # web pages often carry no date
        references[key] = Reference(key, _label(fields), _html(kind, fields))
    return dict(sorted(references.items(), key=lambda item: item[1].label.casefold()))


def _entries(text: str, problems: Problems, path) -> list[tuple[str, str, dict[str, str], int]]:
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
            problems.add(path, line, "holds text between entries that looks like part of one", "Is an '@', a comma or a brace missing?")
    for entry in library.entries:
        for field in entry.fields:
            if re.search(r"\}\s+\w+\s*=\s*\{", str(field.value)):
                line = field.start_line + 1
                problems.add(path, line, f"field {field.key!r} of {entry.key!r} runs into the next", "Is a comma missing?")
    return [
        (e.entry_type, e.key, {f.key.lower(): _plain(str(f.value)) for f in e.fields}, e.start_line + 1) for e in library.entries
    ]


def _plain(value: str) -> str:
    """BibTeX markup to plain text: accents resolved, braces gone."""

    def accent(match: re.Match[str]) -> str:
        return _ACCENTS[match[1]].get(match[2], match[2])

    value = re.sub(r"\{?\\([\"'`^~cv])\s*\{?([A-Za-z])\}?\}?", accent, value)
    value = value.replace("{\\o}", "ø").replace("{\\aa}", "å").replace("{\\ss}", "ß").replace("\\&", "&").replace("--", "–")
    return re.sub(r"\s+", " ", value.replace("{", "").replace("}", "").replace("\\", "")).strip()


def _authors(fields: dict[str, str]) -> list[str]:
    """Authors as 'Given Family'."""
    people = re.split(r"\s+and\s+", fields["author"])
    return [" ".join(reversed([part.strip() for part in person.split(",", 1)])) if "," in person else person for person in people]


def _families(fields: dict[str, str]) -> list[str]:
    people = re.split(r"\s+and\s+", fields["author"])
    return [person.split(",", 1)[0].strip() if "," in person else person.split(" ")[-1] for person in people]


def _label(fields: dict[str, str]) -> str:
    families = fields["shortauthor"].split(" and ") if "shortauthor" in fields else _families(fields)
    if families[-1] == "others":
        names = f"{families[0]} et al."
    elif len(families) > 2:
        names = f"{families[0]} et al."
    else:
        names = " & ".join(families)
    return f"{names} {fields['year']}"


def _html(kind: str, fields: dict[str, str]) -> Markup:
    authors = _authors(fields)
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
