"""Which small models there are, and their trained vectors: made when first asked for, kept in the cache, never in the repository.

    <cache>/twins/<name>-<first 16 of a digest>.npz    the snapshots of one model

The digest covers all that decides the vectors: the text, the recipe, the code that trains, numpy's and torch's versions.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from concurrent.futures import BrokenExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path

import numpy as np

from artefacts.schemas.twins import Objective
from precompute.fetch import cache_folder
from precompute.progress import CONSOLE
from precompute.source_text import code_digest
from precompute.twins import corpus as corpora
from precompute.twins import training
from precompute.twins.corpus import WORDNET, Corpus, make_corpus, read_glosses
from precompute.twins.package import package_files
from precompute.twins.training import Recipe, Snapshot
from precompute.workspace import Workspace
from problems import Problem, ProjectError
from worker_processes import worker_processes

WORKERS = 2
"""Models trained at the same time, one thread each."""


@dataclass(frozen=True)
class Twin:
    """One model to train."""

    name: str
    objective: Objective
    seed: int
    checkpoints: tuple[float, ...] = ()


TWINS = (
    Twin("skip-gram-1", "skip-gram", 1, (0, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2)),
    *(Twin(f"skip-gram-{seed}", "skip-gram", seed) for seed in (2, 3, 4)),
    *(Twin(f"cbow-{seed}", "CBOW", seed) for seed in (1, 2)),
)


@dataclass(frozen=True)
class Plan:
    """How much is read and how long is trained. A set of models made for tests may ask for less (`twins` in its TOML)."""

    texts: int | None = None  # so many, evenly spread over all; None: all
    minimum_count: int = 5
    recipe: Recipe = field(default_factory=Recipe)

    @property
    def compared_minimum_count(self) -> int:
        """Words that occur so often are compared; rarer ones have hardly been moved by training."""
        return 4 * self.minimum_count


def plan_of(work: Workspace) -> Plan:
    """What the set asks for, which is everything unless its TOML says otherwise."""
    asked = work.model_set.twins
    return Plan() if asked is None else Plan(asked.texts, asked.minimum_count, Recipe(epochs=asked.epochs))


@dataclass(frozen=True)
class TrainedTwins:
    """The text and all models trained on it; snapshots[name] are a model's, the last being the finished one."""

    corpus: Corpus
    plan: Plan
    snapshots: dict[str, list[Snapshot]]

    def finished(self, name: str) -> Snapshot:
        """A model as it is after its last epoch."""
        return self.snapshots[name][-1]


def corpus_of(work: Workspace) -> Corpus:
    """The text as the plan asks for it, fetched if need be. Raises ProjectError."""
    return work.once("twins corpus", lambda: _read_corpus(plan_of(work), work.model_set.offline))


def trained(work: Workspace, twins: tuple[Twin, ...] = TWINS) -> TrainedTwins:
    """These models, from the cache or trained now, two at a time. Raises ProjectError."""
    plan, corpus = plan_of(work), corpus_of(work)
    files = {twin: cache_file(twin, corpus, plan.recipe) for twin in twins}
    found = {twin: read_snapshots(file) for twin, file in files.items()}
    missing = [twin for twin in twins if found[twin] is None]
    if missing:
        CONSOLE.print(f"training {len(missing)} small embedding models, {plan.recipe.epochs:g} times through {corpus.words:,} words")
        with worker_processes(min(WORKERS, len(missing))) as workers:
            running = [workers.submit(_train_into, files[twin], corpus, plan.recipe, twin) for twin in missing]
            for twin, future in zip(missing, running, strict=True):
                try:
                    future.result()
                except BrokenExecutor as error:
                    what = "the process that trained this small model ended abruptly"
                    cure = "Is there enough memory? Run it again: models that are trained are kept."
                    raise ProjectError(Problem(twin.name, None, what, cure)) from error
                found[twin] = read_snapshots(files[twin])
    return TrainedTwins(corpus, plan, {twin.name: snapshots for twin, snapshots in found.items()})


def _read_corpus(plan: Plan, offline: bool) -> Corpus:
    texts = list(read_glosses(package_files(WORDNET, offline)))
    if plan.texts is not None:
        texts = texts[:: max(1, len(texts) // plan.texts)]
    return make_corpus(texts, plan.minimum_count)


def _train_into(file: Path, corpus: Corpus, recipe: Recipe, twin: Twin) -> None:
    """In a process of its own."""
    write_snapshots(file, training.train(corpus, recipe, twin.objective, twin.seed, twin.checkpoints))


# --- the cache -----------------------------------------------------------------------------------------------------------------


def cache_file(twin: Twin, corpus: Corpus, recipe: Recipe) -> Path:
    """Where the snapshots of a model are kept: the name holds a digest of all that decides them."""
    digest = hashlib.sha256()
    for array in (corpus.ids, corpus.text_of, corpus.counts):
        digest.update(array.tobytes())
    settings = {"twin": asdict(twin), "recipe": asdict(recipe), "numpy": version("numpy"), "torch": version("torch")}
    digest.update(json.dumps(settings, sort_keys=True).encode())
    for module in (training, corpora):
        digest.update(code_digest(Path(module.__file__)).encode())
    return cache_folder() / "twins" / f"{twin.name}-{digest.hexdigest()[:16]}.npz"


def write_snapshots(file: Path, snapshots: list[Snapshot]) -> None:
    """Raises ProjectError where the cache cannot be written; a file under its final name is whole."""
    temporary = file.with_name(f".{file.stem}.{os.getpid()}.npz")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        arrays = {f"{part}{n}": getattr(snapshot, part) for n, snapshot in enumerate(snapshots) for part in ("vectors", "outputs")}
        np.savez(temporary, epochs=np.array([snapshot.epochs for snapshot in snapshots]), **arrays)
        temporary.replace(file)
    except OSError as error:
        cure = "Make room, or set WORD_SPACES_CACHE to a folder that can be written."
        raise ProjectError(Problem(str(file), None, f"cannot be written: {error.strerror or error}", cure)) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def read_snapshots(file: Path) -> list[Snapshot] | None:
    """What `write_snapshots` kept; None if there is nothing that can be used."""
    try:
        with file.open("rb") as opened, np.load(opened) as kept:
            return [Snapshot(float(epochs), kept[f"vectors{n}"], kept[f"outputs{n}"]) for n, epochs in enumerate(kept["epochs"])]
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return None
