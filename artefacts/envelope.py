"""Reading and writing artefacts: `content/data/<set>/<name>.json`, each an envelope around its data.

    {"schema": "random_pairs", "version": 1, "set": "...", "models": [...], "options": {...},
     "libraries": {...}, "inputs": "sha256:...", "data": {...}}

`inputs` is a digest of everything the data depends on (models, options, word lists, code, library versions); an export whose
inputs have not changed is not computed again. Files hold no path and no clock, so the same inputs give the same bytes.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from artefacts.registry import ARTEFACTS
from artefacts.schemas.parts import Strict
from problems import Problem, ProjectError, did_you_mean

SCHEMA_VERSION = 1
PARTIAL = ".partial"  # ends the names of files that are being written


class ModelIdentity(Strict):
    """Which model exactly: enough to get the same bytes again."""

    role: str
    id: str
    version: str  # "sha256:..." or a hub revision, or "folder sha256:..."
    licence: str
    quantisation: str | None


class Envelope(Strict):
    """What an artefact was made from; see this module's head. schema_name: "schema" in the file. inputs: "sha256:..." of all of it."""

    schema_name: str
    version: int
    set: str
    models: list[ModelIdentity]
    options: dict[str, Any]
    libraries: dict[str, str]
    inputs: str


def dump_json(value: Any) -> str:
    """Compact, ordered as given, NaN refused, non-ASCII kept, one line feed at the end."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"


def write_atomically(path: Path, content: bytes) -> None:
    """Write beside `path`, then rename over it: whoever reads sees the old file or the new one, never half of one.

    Raises ProjectError where the folder cannot be written or the disk is full.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", suffix=PARTIAL, delete=False) as file:
            temporary = Path(file.name)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        raise ProjectError(
            Problem(str(path), None, f"cannot be written: {error.strerror or error}", "Check free space and permissions of the folder.")
        ) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def write_artefact(path: Path, envelope: Envelope, data: Strict) -> None:
    """Check `data` against the schema its envelope names and write both, whole or not at all."""
    expected = ARTEFACTS[envelope.schema_name]
    if type(data) is not expected:
        raise TypeError(f"{envelope.schema_name} holds {expected.__name__}, not {type(data).__name__}")
    checked = expected.model_validate(data.model_dump())
    write_atomically(path, dump_json(_head(envelope) | {"data": checked.model_dump(mode="json")}).encode("utf-8"))


def _head(envelope: Envelope) -> dict[str, Any]:
    fields = envelope.model_dump(mode="json")
    return {"schema": fields.pop("schema_name")} | fields


def read_envelope(path: Path) -> tuple[Envelope, Any]:
    """The checked envelope and the raw data of an artefact file. Raises ProjectError naming file, line and cure."""
    remake = f"Make it again: python -m precompute --set {path.parent.name} --only {path.stem}"
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        known = [p.stem for p in path.parent.glob("*.json")]
        cure = did_you_mean(path.stem, known, remake) if path.stem not in ARTEFACTS else remake
        raise ProjectError(Problem(str(path), None, "there is no such data file", cure)) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ProjectError(Problem(str(path), None, f"cannot be read: {error}", remake)) from error
    try:
        content = json.loads(text, parse_constant=_refuse_constant)
        fields = {key: value for key, value in content.items() if key != "data"}
        fields["schema_name"] = fields.pop("schema")
        raw_data = content["data"]
        return Envelope.model_validate(fields), raw_data
    except json.JSONDecodeError as error:
        what = f"is no complete JSON ({error.msg} at column {error.colno})"
        raise ProjectError(Problem(str(path), error.lineno, what, remake)) from error
    except (KeyError, AttributeError, TypeError) as error:
        raise ProjectError(Problem(str(path), 1, "lacks its envelope (schema, version, set, models, ... and data)", remake)) from error
    except ValidationError as error:
        raise ProjectError(_schema_problems(path, error, remake)) from error
    except ValueError as error:
        raise ProjectError(Problem(str(path), 1, str(error), remake)) from error


def read_artefact(path: Path) -> tuple[Envelope, Strict]:
    """An artefact, checked against its schema. Raises ProjectError naming file, line, field and cure."""
    envelope, raw_data = read_envelope(path)
    remake = f"Make it again: python -m precompute --set {path.parent.name} --only {path.stem}"
    if envelope.schema_name != path.stem or envelope.schema_name not in ARTEFACTS:
        what = f"says it holds {envelope.schema_name!r}, but its name says {path.stem!r}"
        raise ProjectError(Problem(str(path), 1, what, remake))
    if envelope.version != SCHEMA_VERSION:
        what = f"has schema version {envelope.version}, this build reads {SCHEMA_VERSION}"
        raise ProjectError(Problem(str(path), 1, what, remake))
    try:
        return envelope, ARTEFACTS[envelope.schema_name].model_validate(raw_data)
    except ValidationError as error:
        raise ProjectError(_schema_problems(path, error, remake)) from error


def _schema_problems(path: Path, error: ValidationError, cure: str) -> list[Problem]:
    return [
        Problem(str(path), 1, f"field {'.'.join(map(str, e['loc']))}: {e['msg'][:1].lower()}{e['msg'][1:]}", cure)
        for e in error.errors(include_url=False, include_input=False)[:10]
    ]


def _refuse_constant(name: str) -> None:
    raise ValueError(f"holds {name}, which is no number")
