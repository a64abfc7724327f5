"""Two exports of one set side by side: what is the same, what moved and how far, what a tolerance does not cover.

Bytes that are equal are not looked into. Packed arrays are compared number by number, shards like their index, the lab's quantised vectors
by what is computed from them. Fields are paths in the data with list places left out, `by_model[].layers[].mean`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from artefacts.envelope import Envelope, read_envelope
from artefacts.neighbour_lists import lists_of_shard
from artefacts.packing import unpack
from artefacts.registry import ARTEFACTS, SHARDS
from artefacts.schemas.lab import LabVectors
from artefacts.schemas.neighbours import NeighbourIndex, NeighbourShard
from artefacts.schemas.parts import DeflatedArray, PackedArray
from precompute.tolerances import Tolerance, Tolerances, read_tolerances
from problems import Problem, ProjectError

PACKED = (PackedArray, DeflatedArray)  # forms of arrays in the data


@dataclass
class FieldDifference:
    """What moved in one field. compared: numbers and texts looked at; beyond: those that the tolerance does not cover."""

    name: str
    tolerance: Tolerance
    compared: int = 0
    moved: int = 0
    beyond: int = 0
    absolute: float = 0.0  # largest difference of two numbers
    relative: float = 0.0  # largest difference, of the larger one's size
    worst: str = ""  # where that is, and what stands there in either export
    texts: int = 0  # texts, or missing values, that differ
    text: str = ""  # the first of them

    @property
    def within(self) -> bool:
        """Whether all that moved is covered by the tolerance."""
        return (self.tolerance.text or not self.texts) and self.beyond <= self.tolerance.share * self.compared

    def add_numbers(self, place: str, one: np.ndarray, other: np.ndarray) -> None:
        """[number] each, integers or floats."""
        self.compared += one.size
        different = np.flatnonzero(one != other)
        if not len(different):
            return
        a, b = one[different].astype(np.float64), other[different].astype(np.float64)
        sizes, gaps = np.maximum(np.abs(a), np.abs(b)), np.abs(a - b)
        whole = one.dtype.kind in "iu" and other.dtype.kind in "iu"
        allowed = self.tolerance.steps if whole else self.tolerance.absolute + self.tolerance.relative * sizes
        self.moved += len(different)
        self.beyond += int((gaps > allowed).sum())
        self.relative = max(self.relative, float((gaps / sizes).max()))
        largest = int(gaps.argmax())
        if gaps[largest] > self.absolute:
            self.absolute = float(gaps[largest])
            at = place if one.size == 1 else f"{place}[{different[largest]}]"
            self.worst = f"{at}: {one[different[largest]]:.8g} -> {other[different[largest]]:.8g}"

    def add_text(self, place: str, one: Any, other: Any) -> None:
        """Compare two texts, or two values of which one is missing."""
        self.compared += 1
        if one == other and type(one) is type(other):
            return
        self.moved += 1
        self.texts += 1
        self.text = self.text or f"{place}: {_short(one)} -> {_short(other)}"

    def lines(self) -> Iterator[str]:
        """What a person reads about it."""
        if not self.moved:
            return
        verdict = "within" if self.within else "BEYOND"
        head = f"    {verdict} {self.name}: {self.moved:,} of {self.compared:,} differ"
        numbers = self.moved - self.texts
        if numbers:
            head += f", by {self.absolute:.3g} at most, {self.relative:.3g} of the size; allowed: {self.tolerance}"
        yield head
        if numbers and not self.within:
            yield f"        furthest {self.worst}"
        if self.texts:
            yield f"        changed {self.text}" + (f" (and {self.texts - 1:,} more)" if self.texts > 1 else "")
        yield f"        because {self.tolerance.reason}" if self.within else f"        the rule: {self.tolerance.reason}"


@dataclass
class ArtefactDifference:
    """What moved in one artefact. status: "identical", "same data", "within", "beyond", "missing" or "not compared"."""

    artefact: str
    missing: str = ""  # what only one of the exports has
    identical: bool = False
    envelope: list[str] = field(default_factory=list)  # what differs there, in words
    fields: dict[str, FieldDifference] = field(default_factory=dict)
    left_out: set[str] = field(default_factory=set)  # fields that no rule compares

    @property
    def status(self) -> str:
        """One of "missing", "identical", "beyond", "within", "not compared" or "same data"."""
        if self.missing:
            return "missing"
        if self.identical:
            return "identical"
        if any(not found.within for found in self.fields.values()):
            return "beyond"
        if any(found.moved for found in self.fields.values()):
            return "within"
        return "not compared" if self.left_out and not self.fields else "same data"

    @property
    def good(self) -> bool:
        """Whether nothing is missing or beyond its tolerance."""
        return self.status not in ("beyond", "missing")


def compare_exports(one: Path, other: Path, tolerances: Tolerances | None = None) -> list[ArtefactDifference]:
    """Two folders of exported data, artefact by artefact in the registry's order.

    one, other: folders of a set, which hold `<artefact>.json`. Raises ProjectError for folders that hold none, and unreadable files.
    """
    rules = tolerances or read_tolerances()
    found = [_artefacts_of(folder) for folder in (one, other)]
    known = [name for name in ARTEFACTS if name in found[0] | found[1]]
    return [_compare_artefact(name, one, other, rules) for name in [*known, *sorted((found[0] | found[1]) - set(known))]]


def sets_in(one: Path, other: Path) -> list[tuple[str, Path, Path]]:
    """(name, folder, folder) of each set to compare: the folders themselves, or the sets that lie in them.

    Raises ProjectError where one export has a set that the other lacks.
    """
    for folder in (one, other):
        if not folder.is_dir():
            raise ProjectError(Problem(str(folder), None, "is no folder", "Give two folders of exported data."))
    if _artefacts_of(one, empty=True) or _artefacts_of(other, empty=True):
        return [(one.resolve().name, one, other)]
    names = [{p.name for p in folder.iterdir() if p.is_dir() and _artefacts_of(p, empty=True)} for folder in (one, other)]
    problems = [
        Problem(str(lacking / name), None, "there is no such set", f"Export it, or compare {whole / name} with something else.")
        for here, there, whole, lacking in ((*names, one, other), (*reversed(names), other, one))
        for name in sorted(here - there)
    ]
    if problems or not names[0]:
        cure = "Give folders that hold <artefact>.json, or folders of such folders: python -m precompute writes content/data/<set>."
        raise ProjectError(problems or Problem(str(one), None, "holds no exported data", cure))
    return [(name, one / name, other / name) for name in sorted(names[0])]


def _artefacts_of(folder: Path, empty: bool = False) -> set[str]:
    names = {path.stem for path in folder.glob("*.json")}
    if not names and not empty:
        raise ProjectError(Problem(str(folder), None, "holds no exported data", "Give the folder of a set: it holds <artefact>.json."))
    return names


def _compare_artefact(name: str, one: Path, other: Path, rules: Tolerances) -> ArtefactDifference:
    paths = [folder / f"{name}.json" for folder in (one, other)]
    difference = ArtefactDifference(name)
    absent = [path for path in paths if not path.is_file()]
    if absent:
        difference.missing = f"there is no {absent[0]}"
        return difference
    files = [_files_of(path) for path in paths]
    if files[0].keys() == files[1].keys() and all(files[0][key].read_bytes() == files[1][key].read_bytes() for key in files[0]):
        difference.identical = True
        return difference
    (first, data), (second, others) = (read_envelope(path) for path in paths)
    difference.envelope = list(_envelope_differences(first, second))
    walk = _Walk(name, rules, difference)
    walk.compare("", "", _opened(name, data), _opened(name, others))
    if name in SHARDS:
        for key in sorted((files[0].keys() | files[1].keys()) - {name}):
            shards = [opened_shard(name, index, _read_shard(of.get(key))) for index, of in zip((data, others), files, strict=True)]
            walk.compare("", f"{key}: ", *shards)
    return difference


def _files_of(path: Path) -> dict[str, Path]:
    """The file of an artefact and its shards, by name."""
    shards = sorted(path.with_suffix("").glob("*.json")) if path.stem in SHARDS else []
    return {path.stem: path, **{f"{path.stem}/{shard.name}": shard for shard in shards}}


def _read_shard(path: Path | None) -> Any:
    if path is None:
        return None
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        cure = f"Make it again: python -m precompute --set {path.parent.parent.name} --only {path.parent.name}"
        raise ProjectError(Problem(str(path), None, f"cannot be read: {error}", cure)) from error


def _opened(name: str, data: Any) -> Any:
    """The data as they are, or, of vectors that travel rotated and deflated, what can be computed from them."""
    if ARTEFACTS.get(name) is not LabVectors:
        return data
    from precompute.lab.quantised_space import dequantised
    from precompute.space import unit_rows

    packed = LabVectors.model_validate(data)
    vectors = dequantised(packed)
    units = unit_rows(vectors)
    facts = {"role": packed.role, "depth": packed.depth, "words": packed.words, "dims": packed.dims}
    return facts | {"cosines": units @ units.T, "lengths": np.linalg.norm(vectors, axis=1)}


def opened_shard(name: str, index: Any, shard: Any) -> Any:
    """A shard as it is, or, of lists of neighbours that travel as text, their ids and values."""
    if ARTEFACTS.get(name) is not NeighbourIndex or shard is None:
        return shard
    opened = NeighbourShard.model_validate(shard)
    return {"first_id": opened.first_id} | vars(lists_of_shard(NeighbourIndex.model_validate(index), opened))


def _envelope_differences(one: Envelope, other: Envelope) -> Iterator[str]:
    """Each thing that differs, in words."""
    for name in ("schema_name", "version", "set"):
        if getattr(one, name) != getattr(other, name):
            yield f"{name} {getattr(one, name)} -> {getattr(other, name)}"
    for what, a, b in (("library", one.libraries, other.libraries), ("option", one.options, other.options)):
        for key in sorted(a.keys() | b.keys()):
            if a.get(key) != b.get(key):
                yield f"{what} {key} {_short(a.get(key))} -> {_short(b.get(key))}"
    models = [{f"{m.role} {m.id}": f"{m.version}, quantised: {m.quantisation}" for m in envelope.models} for envelope in (one, other)]
    for key in sorted(models[0].keys() | models[1].keys()):
        if models[0].get(key) != models[1].get(key):
            yield f"model {key} {_short(models[0].get(key))} -> {_short(models[1].get(key))}"
    if one.inputs != other.inputs:
        yield "the digest of all inputs, code and word lists among them"


class _Walk:
    """Goes through two pieces of data at once and notes differences field by field."""

    def __init__(self, artefact: str, rules: Tolerances, difference: ArtefactDifference):
        self.artefact, self.rules, self.difference = artefact, rules, difference

    def compare(self, name: str, place: str, one: Any, other: Any) -> None:
        """name: the field, without list places; place: the same with them."""
        if isinstance(one, dict) and isinstance(other, dict):
            form = next((form for form in PACKED if one.keys() == other.keys() == form.model_fields.keys()), None)
            if form:
                self._arrays(f"{name}[]", place, *(unpack(form.model_validate(packed)) for packed in (one, other)))
                return
            for key in [*one, *(key for key in other if key not in one)]:
                inner = f"{name}.{key}" if name else key
                self.compare(inner, f"{place}.{key}" if name else f"{place}{key}", one.get(key), other.get(key))
        elif isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
            self._arrays(f"{name}[]", place, one, other)
        elif isinstance(one, list) and isinstance(other, list):
            self._lists(name, place, one, other)
        elif _is_number(one) and _is_number(other):
            self._noted(name, lambda found: found.add_numbers(place, np.array([one]), np.array([other])))
        else:
            self._noted(name, lambda found: found.add_text(place, one, other))

    def _lists(self, name: str, place: str, one: list, other: list) -> None:
        if len(one) != len(other):
            self._noted(f"{name}[]", lambda found: found.add_text(place, f"{len(one)} entries", f"{len(other)} entries"))
        elif one and all(map(_is_number, one)) and all(map(_is_number, other)):
            self._arrays(f"{name}[]", place, np.array(one), np.array(other))
        else:
            for n, (a, b) in enumerate(zip(one, other, strict=True)):
                self.compare(f"{name}[]", f"{place}[{n}]", a, b)

    def _arrays(self, name: str, place: str, one: np.ndarray, other: np.ndarray) -> None:
        if one.shape != other.shape:
            self._noted(name, lambda found: found.add_text(place, f"shape {one.shape}", f"shape {other.shape}"))
        else:
            self._noted(name, lambda found: found.add_numbers(place, one.ravel(), other.ravel()))

    def _noted(self, name: str, note) -> None:
        if name not in self.difference.fields:
            rule = self.rules.of(self.artefact, name)
            if not rule.compared:
                self.difference.left_out.add(name)
                return
            self.difference.fields[name] = FieldDifference(name, rule)
        note(self.difference.fields[name])


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _short(value: Any) -> str:
    text = "nothing" if value is None else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


# --- the command -----------------------------------------------------------------------------------------------------------------------


def print_comparison(one: Path, other: Path) -> bool:
    """Print what moved between two exports; whether all of it lies within the tolerances."""
    good = True
    for name, first, second in sets_in(one, other):
        found = compare_exports(first, second)
        print(f"{name}: {first} -> {second}")
        for difference in found:
            for line in _lines(difference):
                print(line)
        good = all(difference.good for difference in found) and good
        counts = {status: sum(d.status == status for d in found) for status in _STATUSES}
        print(f"{name}: " + ", ".join(f"{count} {_STATUSES[status]}" for status, count in counts.items() if count))
    return good


_STATUSES = {
    "identical": "identical",
    "same data": "with the same data",
    "within": "within the tolerances",
    "not compared": "not compared",
    "beyond": "BEYOND the tolerances",
    "missing": "MISSING",
}


def _lines(difference: ArtefactDifference) -> Iterator[str]:
    yield f"{difference.artefact:<32}{_STATUSES[difference.status]}" + (f": {difference.missing}" if difference.missing else "")
    for line in difference.envelope:
        yield f"    envelope: {line}"
    for found in difference.fields.values():
        yield from found.lines()
