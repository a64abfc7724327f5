"""The digest of all that an artefact depends on: models, options, word lists, code, library versions. Opens no model.

Code means the source of the exporter's module and of every module of this project that it imports, directly or not; comments and
docstrings do not count (`precompute.source_text`).
"""

from __future__ import annotations

import ast
import hashlib
import json
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from artefacts.envelope import SCHEMA_VERSION, Envelope, ModelIdentity
from precompute.exporters import Exporter
from precompute.source_text import code_digest
from precompute.workspace import Workspace
from problems import Problem, ProjectError

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("artefacts", "precompute")
# Whoever opens models decides what is exported; exporters never import it, they are handed its result.
LOADER = "precompute.models"
# How a run looks, and where models lie and how they get there: which model it is stands in the digest by itself.
WITHOUT_EFFECT = {"precompute.progress", "precompute.fetch", "precompute.model_files", "precompute.model_specs"}
# Names every schema, so that one more would make all exports stale; an exporter imports those it uses from their own modules.
NOT_FOLLOWED = {"artefacts.registry"}
NOT_COMPARED = "measured, not compared"


def envelope_of(exporter: Exporter, work: Workspace) -> Envelope:
    """The envelope that the exporter's artefact has if it is up to date."""
    models = identities(exporter, work)
    libraries = {name: _version(name) for name in sorted(exporter.libraries)}
    digest = NOT_COMPARED if exporter.measures_time else _digest(exporter, work, models, libraries)
    return Envelope(
        schema_name=exporter.artefact,
        version=SCHEMA_VERSION,
        set=work.model_set.name,
        models=models,
        options=exporter.options,
        libraries=libraries,
        inputs=digest,
    )


def identities(exporter: Exporter, work: Workspace) -> list[ModelIdentity]:
    """The sources, models and tokenizers an exporter reads, each once."""
    found = list(exporter.sources)
    for part in parts_in(exporter, work):
        identity = work.model_set.tokenizer(part).identity()  # a role gives the model, a tokenizer's name the tokenizer
        if identity not in found:
            found.append(identity)
    return found


def parts_in(exporter: Exporter, work: Workspace) -> list[str]:
    """The exporter's parts by their keys in this set, and those of its optional members that are at hand.

    "more" stands for the models that accompany the set: as a part, without the set's optional ones; "static" may be missing.
    """
    models = work.model_set
    without_role = [key for key in models.members if key not in models.roles]
    always_here = [key for key in without_role if key not in models.optional]
    parts = [key for part in exporter.parts for key in (always_here if part == "more" else [part])]
    optional = [key for part in exporter.optional for key in (without_role if part == "more" else [part])]
    at_hand = [key for key in optional if key in models.members and models.model(key).is_here()]
    return [part for part in (*parts, *at_hand) if part != "static" or part in models.members]


def _digest(exporter: Exporter, work: Workspace, models: list[ModelIdentity], libraries: dict[str, str]) -> str:
    names = parts_in(exporter, work)
    parts = {
        "artefact": exporter.artefact,
        "schema_version": SCHEMA_VERSION,
        "set": [work.model_set.name, work.model_set.title, work.model_set.note],
        "members": {name: spec.model_dump(mode="json") for name, spec in work.model_set.members.items() if name in names},
        "tokenizers": {
            name: spec.model_dump(mode="json") for name, spec in work.model_set.tokenizers.items() if name in names
        },
        "models": [identity.model_dump(mode="json") for identity in models],
        "options": exporter.options,
        "libraries": libraries,
        "word_lists": {name: _word_list_digest(work.words_dir / f"{name}.toml") for name in exporter.word_lists},
        "code": source_digest(_module_of(exporter)),
    }
    if exporter.sources:  # how much of them a set made for tests reads
        shorter = work.model_set.twins
        parts["twins"] = shorter.model_dump() if shorter else None
    return f"sha256:{hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()}"


def _module_of(exporter: Exporter) -> str:
    return getattr(exporter.export, "func", exporter.export).__module__


@cache
def source_digest(module: str) -> str:
    """SHA-256 over the code of a module, of the project's modules it imports, and of the loader of models."""
    digest = hashlib.sha256()
    for name in sorted(modules_used({module, LOADER}) - WITHOUT_EFFECT):
        digest.update(f"{name}\n{code_digest(_source_file(name))}\n".encode())
    return digest.hexdigest()


def modules_used(modules: set[str]) -> set[str]:
    """The given modules of this project and all that they import from it."""
    found: set[str] = set()
    waiting = set(modules)
    while waiting:
        name = waiting.pop()
        if name in NOT_FOLLOWED:
            continue
        found.add(name)
        waiting |= _imports(name) - found
    return found


@cache
def _imports(module: str) -> frozenset[str]:
    names = set()
    for node in ast.walk(ast.parse(_source_file(module).read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return frozenset(name for name in names if name.split(".")[0] in PACKAGES and "." in name and _source_file(name).is_file())


def _source_file(module: str) -> Path:
    return ROOT.joinpath(*module.split(".")).with_suffix(".py")


def _word_list_digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise ProjectError(Problem(str(path), None, f"cannot be read: {error.strerror}", "Restore it, or write it.")) from error


@cache  # asked for each export; it reads the package's metadata
def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError as error:
        cure = "Install the requirements: pip install -r requirements.txt"
        raise ProjectError(Problem("requirements.txt", None, f"the package {library} is not installed", cure)) from error
