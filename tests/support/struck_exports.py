"""Exports that something happens to: `python -m tests.support.struck_exports FOLDER FAULT ARTEFACT,... STEP...`; see `strikes`.

FOLDER holds `models/` and `tiny_sets.toml`. The export that is struck at step 7 writes into FOLDER/7.
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch  # noqa: F401

from precompute import models, run  # noqa: F401
from precompute.__main__ import main as precompute
from precompute.inputs import source_digest
from tests.support.strikes import strike
from tests.tiny_models import TINY_SET, TinyModels


def main() -> None:
    """One export for each step that the command line names."""
    # Once for all, as the imports above: each export begins with a copy of this process.
    for module in ("precompute.norms", "precompute.neighbours"):
        source_digest(module)
    folder, fault, artefacts, *steps = sys.argv[1:]
    tiny = TinyModels.saved_in(Path(folder))
    where = ["--models-dir", str(tiny.models_dir), "--sets-file", str(tiny.sets_file), "--offline"]

    def arguments(step: int) -> list[str]:
        return ["--set", TINY_SET, *where, "--data-dir", f"{folder}/{step}", "--only", *artefacts.split(",")]

    strike(precompute, arguments, fault, [*map(int, steps)])


if __name__ == "__main__":
    main()
