"""Write NOTICE and sbom.cdx.json: what the site contains and what makes it, with versions and licences.

    python scripts/write_notices.py

Python packages are those of requirements.lock, with the licence that each installed package states, and torch, which is pinned outside
of it; scripts and fonts are read from the LICENSES.txt and OFL.txt beside them, the HTML checker from the npm lock in tests/tools/, models
and texts from what the exported data of each set say they were made from. The bill of materials is CycloneDX 1.6 without time and serial
number, so that the same inputs give the same bytes. tests/test_dependencies.py holds both to the locks.
"""

from __future__ import annotations

import importlib.metadata
import json
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from packaging.markers import Marker

ROOT = Path(__file__).resolve().parent.parent
WHERE = {"sys_platform": "linux", "platform_system": "Linux", "platform_machine": "x86_64", "python_version": "3.11",
         "python_full_version": "3.11.5", "implementation_name": "cpython", "platform_python_implementation": "CPython"}
"""The machine whose packages are listed: CI's."""
UNSTATED = {"axe-playwright-python": "MIT", "quickjs-ng": "MIT"}
"""Licences that a package's files hold but its metadata do not name."""
BY_CLASSIFIER = {
    "Apache Software License": "Apache-2.0", "BSD License": "BSD-3-Clause", "MIT License": "MIT", "ISC License (ISCL)": "ISC",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0", "Python Software Foundation License": "PSF-2.0",
}
ENTRY = re.compile(r"(?m)^([a-z0-9._-]+)==([^\s;]+)(?: ; ([^\\\n]+))? *\\$")


@dataclass(frozen=True)
class Part:
    """Something of others that the project uses."""

    name: str
    version: str
    licence: str
    purl: str | None = None
    hashes: list[str] = field(default_factory=list)  # SHA-256; those of Python packages, one a platform, are in the locks


def locked(lock: str) -> list[tuple[str, str]]:
    """Name and version of each package of a lock that CI's machine installs."""
    return [
        (name, version)
        for name, version, marker in ENTRY.findall((ROOT / lock).read_text(encoding="utf-8"))
        if not marker or Marker(marker).evaluate(WHERE)
    ]


def python_packages(lock: str) -> list[Part]:
    """The packages of a lock, with the licences that they state."""
    return [Part(name, version, licence_of(name), f"pkg:pypi/{name}@{version}") for name, version in locked(lock)]


def torch() -> Part:
    """The one package that is pinned and in no lock: which build of it is right depends on the machine."""
    pinned = re.search(r"(?m)^torch==([\w.]+)$", (ROOT / "requirements.txt").read_text(encoding="utf-8"))
    return Part("torch", pinned[1], licence_of("torch"), f"pkg:pypi/torch@{pinned[1]}")


def licence_of(package: str) -> str:
    """What the installed package says. Raises SystemExit where it says nothing that is understood, or is not installed."""
    try:
        metadata = importlib.metadata.metadata(package)
    except importlib.metadata.PackageNotFoundError:
        raise SystemExit(f"{package} is in the lock but not installed. Install: pip install -r requirements.lock") from None
    if stated := metadata.get("License-Expression"):
        return stated
    classifiers = [entry.split(" :: ")[-1] for entry in metadata.get_all("Classifier") or [] if entry.startswith("License")]
    known = [BY_CLASSIFIER[entry] for entry in classifiers if entry in BY_CLASSIFIER]
    named = (metadata.get("License") or "").strip()
    found = " AND ".join(known) or UNSTATED.get(package) or (named if named and "\n" not in named and len(named) < 40 else "")
    if not found:
        raise SystemExit(f"{package} does not say its licence. Look into its files and add it to UNSTATED in {Path(__file__).name}.")
    return {"Apache 2.0": "Apache-2.0", "Apache 2.0 License": "Apache-2.0"}.get(found, found)


def vendored(folder: str = "static/vendor") -> list[Part]:
    """The npm packages inside the scripts of a folder, as the notice beside them lists them."""
    text = (ROOT / folder / "LICENSES.txt").read_text(encoding="utf-8")
    found = re.findall(r"(?m)^(@?[a-z0-9/_-]+) (\d[\w.]*) \(([\w.-]+)\)$", text)
    return [Part(name, version, licence, f"pkg:npm/{name.replace('@', '%40')}@{version}") for name, version, licence in found]


def fonts() -> list[Part]:
    """Those that static/fonts/ is made from, as the notice beside them lists them."""
    text = (ROOT / "static" / "fonts" / "OFL.txt").read_text(encoding="utf-8")
    found = re.findall(r"(?m)^  ([\w ]+), Version ([\w.]+)\b.*\(https://github.com/([\w/-]+)\)$", text)
    return [Part(name, version, "OFL-1.1", f"pkg:github/{repository.lower()}@{version}") for name, version, repository in found]


def tools_of_tests() -> list[Part]:
    """What the tests run beside Python packages, by the lock that scripts/setup_test_tools.py installs from."""
    lock = json.loads((ROOT / "tests" / "tools" / "package-lock.json").read_text(encoding="utf-8"))
    packages = {path.removeprefix("node_modules/"): found for path, found in lock["packages"].items() if path}
    return [Part(name, found["version"], found["license"], f"pkg:npm/{name}@{found['version']}") for name, found in packages.items()]


def models() -> list[Part]:
    """The models and tokenizers that the exported data of all sets were made from, and the text that their small models were trained on."""
    found = {}
    for name in ("model_facts", "twins"):
        for file in sorted((ROOT / "content" / "data").glob(f"*/{name}.json")):
            for model in json.loads(file.read_text(encoding="utf-8"))["models"]:
                hashes = re.findall(r"^sha256:([0-9a-f]{64})$", model["version"])
                found[model["id"]] = Part(model["id"], model["version"], model["licence"], None, hashes)
    return list(found.values())


def notice(groups: dict[str, list[Part]]) -> str:
    """The text of NOTICE. groups: title -> parts."""
    lines = [
        "Word Spaces", "",
        "Code: MIT (LICENSE). Prose, figures and data made here: CC BY 4.0 (LICENSE-CONTENT).",
        "What follows belongs to others. Made by scripts/write_notices.py; do not edit by hand.",
    ]
    for title, parts in groups.items():
        lines += ["", title, "-" * len(title), ""]
        lines += [f"{part.name} {part.version} ({part.licence})" for part in parts]
    return "\n".join(lines) + "\n"


def bill_of_materials(groups: dict[str, list[Part]]) -> dict[str, Any]:
    """CycloneDX 1.6."""
    components = {part.name: component(part) for parts in groups.values() for part in parts}
    project = {"type": "application", "name": "word-spaces", "licenses": [{"license": {"id": "MIT"}}]}
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json", "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "metadata": {"component": project}, "components": list(components.values()),
    }


def component(part: Part) -> dict[str, Any]:
    """A part as CycloneDX lists it."""
    made = {
        "type": "library" if part.purl else "machine-learning-model",
        "bom-ref": part.purl or part.name,
        "name": part.name,
        "version": part.version,
        "licenses": [{"expression": part.licence} if " " in part.licence else {"license": {"name": part.licence}}],
    }
    if part.purl:
        made["purl"] = part.purl
    if part.hashes:
        made["hashes"] = [{"alg": "SHA-256", "content": found} for found in part.hashes]
    return made


def main() -> int:
    """The command."""
    packages = python_packages("requirements-site.lock")
    names = {part.name for part in packages}
    published = vendored()
    build = [*packages, *(part for part in vendored("sitegen/vendor") if part not in published)]
    exports = [part for part in python_packages("requirements.lock") if part.name not in names]
    groups = {
        "In the published site: scripts and fonts": [*published, *fonts()],
        "What its numbers are computed from: models, tokenizers and a text": models(),
        "What builds it": build,
        "What exports the data and runs the tests": [*sorted([*exports, torch()], key=lambda part: part.name), *tools_of_tests()],
    }
    (ROOT / "NOTICE").write_text(notice(groups), encoding="utf-8")
    (ROOT / "sbom.cdx.json").write_text(json.dumps(bill_of_materials(groups), indent=1) + "\n", encoding="utf-8")
    print(f"written: NOTICE, sbom.cdx.json ({sum(map(len, groups.values()))} parts)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
