"""Where the build's inputs lie, and the list of problems a run collects before it gives up."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from problems import Problem, ProjectError, did_you_mean
from sitegen.last_build import KEPT

if TYPE_CHECKING:
    from sitegen.kept_sources import KeptSources

Entry = TypeVar("Entry", bound=BaseModel)
ELEMENT_ID = r"^[A-Za-z][A-Za-z0-9_-]*$"
"""What may stand as an element's id in a page and, unchanged, in a link to it."""
REPOSITORY = r"^https://[A-Za-z0-9.-]+/[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$"
"""The address of a repository on GitHub, or on a server of its own that runs GitHub."""


class SiteFacts(BaseModel):
    """`content/site.toml`: what is true of the whole site."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    tagline: str
    author: str
    version: str
    year: Annotated[int, Field(ge=1990, le=9999)]
    default_set: str
    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")]
    repository: Annotated[str, Field(pattern=REPOSITORY)] | None = None  # where readers report errors; None: they cannot
    offline: bool = True  # whether browsers may keep pages; false takes back what they have kept


@dataclass(frozen=True)
class Project:
    """The folders a build reads. `folder` is the repository, or a test's copy of it."""

    folder: Path

    @property
    def content(self) -> Path:
        """Lessons, claims, glossary, references."""
        return self.folder / "content"

    @property
    def data(self) -> Path:
        """Exported data, a folder a set."""
        return self.content / "data"

    @property
    def templates(self) -> Path:
        """Jinja templates of the pages."""
        return self.folder / "templates"

    @property
    def static(self) -> Path:
        """Style sheets, scripts, fonts and vendored files."""
        return self.folder / "static"

    @property
    def charts(self) -> Path:
        """The figures."""
        return self.folder / "charts"

    @property
    def cache(self) -> Path:
        """What builds keep for the next one."""
        return self.folder / KEPT / "build"

    @property
    def spare_site(self) -> Path:
        """The site as it was before the last build, for the next one to begin with."""
        return self.folder / KEPT / "spare-site"

    def name_of(self, path: Path) -> str:
        """A path as problems name it: relative to the project where possible."""
        return str(path.relative_to(self.folder)) if path.is_relative_to(self.folder) else str(path)

    def files_of(self, folder: str, pattern: str) -> dict[str, Path]:
        """Name -> path of the files of a folder of content/ that a lesson may name; links that lead out of content/ are not among them."""
        content = self.content.resolve()
        found = sorted((self.content / folder).glob(pattern))
        return {path.name: path for path in found if path.is_file() and path.resolve().is_relative_to(content)}

    def sets(self) -> list[str]:
        """Names of the sets that have exported data."""
        if not self.data.is_dir():
            return []
        return sorted(p.name for p in self.data.iterdir() if p.is_dir() and not p.name.startswith("."))


@dataclass
class Problems:
    """Collects what is wrong, so that a run can list all of it at once."""

    project: Project
    found: list[Problem] = field(default_factory=list)
    met: int = 0  # how often something was wrong, also where it had been recorded before: what is made then must not be kept
    _known: set[tuple[str, int | None, str]] = field(default_factory=set)

    def add(self, file: Path | str, line: int | None, what: str, cure: str) -> None:
        """Record a problem; see `problems.Problem`."""
        self.met += 1
        name = self.project.name_of(file) if isinstance(file, Path) else file
        what = " ".join(part.strip() for part in what.split("\n") if part.strip())  # messages of libraries can have many lines
        if (name, line, what) not in self._known:
            self._known.add((name, line, what))
            self.found.append(Problem(name, line, what, cure))

    def extend(self, problems: Iterable[Problem]) -> None:
        """Record several."""
        for problem in problems:
            path = Path(problem.file)
            self.add(path if path.is_absolute() else problem.file, problem.line, problem.what, problem.cure)

    def stop_if_any(self) -> None:
        """Raise ProjectError with everything found so far."""
        if self.found:
            raise ProjectError(self.found)


CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""Characters that neither HTML nor XML may hold. One in a title would make the whole feed unreadable."""


def control_in(text: str) -> str | None:
    """The first character of the text that no page may hold, as it is called: "U+0007"; None if there is none."""
    found = CONTROLS.search(text)
    return f"U+{ord(found[0]):04X}" if found else None


def read_text(path: Path, problems: Problems, cure: str) -> str | None:
    """The file's text with line feeds only, or None after recording why it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        if (control := CONTROLS.search(text)) is None:
            return text
        what = f"holds the control character {control_in(text)}, which no page may have"
        problems.add(path, text.count("\n", 0, control.start()) + 1, what, "Delete it; your editor may not show it.")
    except FileNotFoundError:
        problems.add(path, None, "does not exist", cure)
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        problems.add(path, line, f"is not UTF-8 (byte {error.start})", "Save the file as UTF-8.")
    except OSError as error:
        problems.add(path, None, f"cannot be read: {error.strerror}", "Check its permissions.")
    return None


def parse_toml(path: Path, text: str, problems: Problems) -> dict | None:
    """The parsed text, or None after recording what is wrong and in which line."""
    for n, line in enumerate(text.split("\n"), start=1):
        if line.partition("=")[0].count(".") > MOST_PARTS_OF_A_KEY:  # tomllib's time grows with their square
            problems.add(path, n, "holds a key of too many parts", "Take some of its dots out; a text goes behind an equals sign.")
            return None
    try:
        fields = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = getattr(error, "lineno", None) or _line_in_message(str(error))
        problems.add(path, line, f"is no valid TOML: {error}", "Correct the syntax there.")
        return None
    except RecursionError:
        line = _line_with_most(text, r"[\[{]")
        problems.add(path, line, "holds lists or tables that stand in each other too deeply", "Take some levels out.")
        return None
    except ValueError:  # of Python's own, which tomllib lets through
        problems.add(path, _line_with_most(text, r"\d"), "holds a number with too many digits", "Write fewer; a text goes in quotes.")
        return None
    control = next(filter(None, map(control_in, texts_in(fields))), None)
    if control is not None:
        line = next((n for n, row in enumerate(text.split("\n"), start=1) if _ESCAPED_CONTROL.search(row)), None)
        problems.add(path, line, f"holds the control character {control}, which no page may have", "Take the escape out.")
        return None
    return fields


MOST_PARTS_OF_A_KEY = 1000
_ESCAPED_CONTROL = re.compile(r"\\(?:[bf]|u00[01789]|uFFF[EF]|U000000[01789]|U0000FFF[EF])", re.IGNORECASE)


def texts_in(value: object) -> Iterator[str]:
    """All texts in plain data, such as parsed TOML, keys too. Without recursion: `[a.a.a...]` is as deep as the line is long."""
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            yield part
        elif isinstance(part, dict):
            waiting += [*part, *part.values()]
        elif isinstance(part, list):
            waiting += part


def _line_with_most(text: str, sign: str) -> int:
    """The first line in which what the expression matches stands most often."""
    counts = [len(re.findall(sign, line)) for line in text.split("\n")]
    return counts.index(max(counts)) + 1


def _line_in_message(message: str) -> int | None:
    # Python 3.11 says the place only in the message: "... (at line 3, column 7)"
    words = message.replace(",", " ").replace(")", " ").split()
    return int(words[words.index("line") + 1]) if "line" in words else None


def line_of(text: str, wanted: str) -> int | None:
    """The first line of `text` that holds `wanted`; None if none does."""
    return next((n for n, line in enumerate(text.split("\n"), start=1) if wanted in line), None)


def line_of_key(text: str, key: str, start: int = 1) -> int | None:
    """The first line, at or after the line `start`, that gives the key (or table) a value in TOML."""
    given = re.compile(rf"""\s*(\[+\s*)?["']?{re.escape(key)}["']?\s*[=\].]""")
    lines = text.split("\n")
    return next((n for n in range(start, len(lines) + 1) if given.match(lines[n - 1])), None)


def digest(*parts: bytes | str) -> str:
    """A short content hash for file names and cache keys: 16 hexadecimal digits of SHA-256."""
    hasher = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8") if isinstance(part, str) else part
        hasher.update(len(data).to_bytes(8, "big") + data)
    return hasher.hexdigest()[:16]


def read_site_facts(project: Project, problems: Problems) -> SiteFacts | None:
    """`content/site.toml`, checked; None after recording problems."""
    path = project.content / "site.toml"
    text = read_text(path, problems, "Restore it; it holds the site's title and its default set.")
    fields = None if text is None else parse_toml(path, text, problems)
    if fields is None:
        return None
    try:
        return SiteFacts.model_validate(fields)
    except ValidationError as error:
        add_validation_problems(problems, path, text, error, SiteFacts)
        return None


def add_validation_problems(
    problems: Problems, path: Path, text: str, error: ValidationError, model: type[BaseModel], start: int = 1, prefix: str = ""
) -> None:
    """Record each field a pydantic model refused, with the line where its key stands, at or after the line `start`."""
    for e in error.errors(include_url=False, include_input=False):
        key = str(e["loc"][0]) if e["loc"] else ""
        line = line_of_key(text, key, start) or start
        if e["type"] == "missing":
            problems.add(path, start, f"{prefix}key {key!r} is missing", f"Add {key} = ... there.")
        elif e["type"] == "extra_forbidden":
            cure = did_you_mean(key, model.model_fields, "Leave it out.")
            problems.add(path, line, f"{prefix}key {key!r} is not known", cure)
        else:
            problems.add(path, line, f"{prefix}key {key!r}: {e['msg'][:1].lower()}{e['msg'][1:]}", f"Give {key!r} a proper value.")


def read_entries(path: Path, problems: Problems, name: str, model: type[Entry], kept: KeptSources | None = None) -> list[tuple[Entry, int]]:
    """The entries `[[name]]` of a TOML file that holds nothing else, each with the line where it begins; bad ones are recorded."""
    text = read_text(path, problems, "Restore it; it may be empty.")
    if text is None:
        return []
    if kept is None:
        return _entries_in(path, text, problems, name, model)

    def read() -> list[tuple[dict[str, Any], int]]:
        return [(entry.model_dump(mode="json"), line) for entry, line in _entries_in(path, text, problems, name, model)]

    return [(model.model_validate(entry), line) for entry, line in kept.value_of(f"entries {name}", text, problems, read)]


def _entries_in(path: Path, text: str, problems: Problems, name: str, model: type[Entry]) -> list[tuple[Entry, int]]:
    fields = parse_toml(path, text, problems)
    if fields is None:
        return []
    for key in fields:
        if key != name:
            cure = did_you_mean(key, [name], f"Only [[{name}]] belongs here.")
            problems.add(path, line_of_key(text, key) or 1, f"{key!r} is not known", cure)
    entries = fields.get(name, [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        problems.add(path, line_of_key(text, name) or 1, f"{name!r} is no list of tables", f"Write [[{name}]] above each entry.")
        return []
    starts = [n for n, line in enumerate(text.split("\n"), start=1) if re.match(rf"\s*\[\[\s*{name}\s*\]\]", line)]
    starts += [1] * (len(entries) - len(starts))  # entries written as one inline array
    read = []
    for fields_of_one, start in zip(entries, starts, strict=False):
        try:
            read.append((model.model_validate(fields_of_one), start))
        except ValidationError as error:
            prefix = f"{name} {fields_of_one.get('id', '?')!r}: "
            add_validation_problems(problems, path, text, error, model, start, prefix)
    return read
