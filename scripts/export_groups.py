"""Share the exports of a set of models out among several machines, and put together what they made.

    python scripts/export_groups.py groups SET [--groups N]     one line of JSON, for the matrix of a workflow
    python scripts/export_groups.py merge FOLDER SET            what the groups made, into content/data/SET; status 1 if it is not whole

Each group is exported by `python -m precompute --set SET --only ...` into a folder of its own below FOLDER. Neighbours in the list stay
together: they share models and what is computed from them. Until all is there, content/data/ stays as it is: a set in part is no set.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GROUPS = 12
DONE = "done.txt"
LISTED = re.compile(r"(\w+?)\s*(?:up to date|to be made|left out: .*)")


def exports(set_name: str) -> list[str]:
    """The artefacts of the set, in the order in which they are made; asks no network."""
    command = [sys.executable, "-m", "precompute", "--set", set_name, "--list", "--offline"]
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return [LISTED.fullmatch(line)[1] for line in done.stdout.splitlines()]


def shared_out(artefacts: list[str], groups: int) -> list[list[str]]:
    """The artefacts in order, in so many groups (or fewer), whose sizes differ by one at most."""
    groups = min(groups, len(artefacts))
    ends = [len(artefacts) * n // groups for n in range(groups + 1)]
    return [artefacts[start:end] for start, end in pairwise(ends)]


def merge(folder: Path, wanted: list[str], target: Path) -> list[str]:
    """Put the parts below `folder` together as `target`, unless some of the wanted artefacts were not come to. Returns these.

    Each part says in `DONE` which artefacts it came to; one of them may have left an artefact out, where a model does not allow it.
    """
    parts = {artefact: done.parent for done in sorted(folder.glob(f"*/{DONE}")) for artefact in done.read_text(encoding="utf-8").split()}
    missing = [artefact for artefact in wanted if artefact not in parts]
    if not missing:
        target.mkdir(parents=True, exist_ok=True)
        for artefact in wanted:
            shards, file = parts[artefact] / artefact, parts[artefact] / f"{artefact}.json"
            if shards.is_dir():
                shutil.copytree(shards, target / artefact, dirs_exist_ok=True)
            if file.is_file():
                shutil.copy2(file, target / file.name)
    return missing


def main(arguments: list[str] | None = None) -> int:
    """Print the groups, or put their data together. Returns the exit status."""
    parser = argparse.ArgumentParser(description="Share exports out among machines.")
    commands = parser.add_subparsers(dest="command", required=True)
    listing = commands.add_parser("groups", help="the exports of a set in groups, as JSON")
    listing.add_argument("set", metavar="SET")
    listing.add_argument("--groups", type=int, default=GROUPS, metavar="N", help=f"how many (default: {GROUPS})")
    merging = commands.add_parser("merge", help="put together what the groups made")
    merging.add_argument("folder", type=Path, metavar="FOLDER")
    merging.add_argument("set", metavar="SET")
    options = parser.parse_args(arguments)
    artefacts = exports(options.set)
    if options.command == "groups":
        groups = shared_out(artefacts, options.groups)
        print(json.dumps([{"name": f"{n:02}", "artefacts": " ".join(group)} for n, group in enumerate(groups, start=1)]))
        return 0
    missing = merge(options.folder, artefacts, ROOT / "content" / "data" / options.set)
    if missing:
        print(f"{options.set}: {len(missing)} of {len(artefacts)} exports are missing, among them {missing[0]}", file=sys.stderr)
    return int(bool(missing))


if __name__ == "__main__":
    sys.exit(main())
