"""Fixtures that several test files share."""

from __future__ import annotations

import fcntl
import gc
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from precompute.quick_gguf import open_gguf_quickly
from tests.fewer_draws import fewer_draws
from tests.odd_models import ODD_SETS, save_odd_models
from tests.support import ROOT
from tests.support.site_server import ADDRESS
from tests.tiny_models import TINY_SET, TinyModels, save_tiny_models
from tests.tiny_project import TinyProject, copy_project, make_project

# What fails here fails everywhere, and however busy the machine is.
settings.register_profile("the same every time", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("the same every time")

STARTUP = str(ROOT / "tests" / "support" / "startup")


def made_once(tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that `make` fills, once for all processes of a run; whoever comes second waits for the first."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        finished = folder.with_suffix(".made")
        if not finished.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            finished.touch()
    return folder


# --- real site: content/ as it is committed, built once a run ------------------------------------------------------------------


@pytest.fixture(scope="session")
def real_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the site, built by the command that the README gives."""

    def build(folder: Path) -> None:
        command = [sys.executable, str(ROOT / "build.py"), "--out", str(folder / "site")]
        done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.fail(f"the site cannot be built:\n{done.stdout}{done.stderr}", pytrace=False)

    return made_once(tmp_path_factory, "real", build) / "site"


@pytest.fixture(scope="session")
def site_server(real_site: Path) -> Iterator:
    """The real site behind a server with gzip, under a sub-path."""
    from tests.support.site_server import SiteServer

    with SiteServer(real_site) as server:
        yield server


@pytest.fixture(scope="module")  # not longer: while Playwright runs, other tests of the process cannot start an event loop
def browser() -> Iterator:
    """A Chromium that each visit gives a fresh profile."""
    from playwright.sync_api import sync_playwright

    from tests.support.browser import chromium

    with sync_playwright() as playwright, chromium(playwright) as running:
        yield running


# --- tiny project: tests/fixtures/tiny_site with hand-made data, built once a run ----------------------------------------------


@pytest.fixture(scope="session")
def built_once(tmp_path_factory: pytest.TempPathFactory) -> TinyProject:
    """The fixture project and its site. Shared by all tests: look, but do not change."""

    def build(folder: Path) -> None:
        for name in ("templates", "static"):  # copied once, so that nobody's editing gets between two builds
            shutil.copytree(ROOT / name, folder / name)
        outcome = make_project(folder / "project", folder).build("--jobs", "2")
        assert outcome.status == 0, outcome.errors

    return TinyProject(made_once(tmp_path_factory, "tiny", build) / "project", shared=True)


@pytest.fixture(scope="session")
def published_once(built_once: TinyProject, tmp_path_factory: pytest.TempPathFactory) -> TinyProject:
    """The fixture project, built for the address ADDRESS. Shared: look, but do not change."""
    project = copy_project(built_once, tmp_path_factory.mktemp("published") / "project")
    outcome = project.build("--base-url", ADDRESS)
    assert outcome.status == 0, outcome.errors
    return TinyProject(project.folder, shared=True)


@pytest.fixture
def project(built_once: TinyProject, tmp_path: Path) -> TinyProject:
    """A copy of the built project, cache and site included, to break."""
    return copy_project(built_once, tmp_path / "project")


# --- tiny set: small random models with the real tokenizers, exported once a run -------------------------------------------------


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> TinyModels:
    """A random GPT-2 and a random BERT, saved to a folder, and the file that declares their set."""
    return TinyModels.saved_in(made_once(tmp_path_factory, "tiny-models", save_tiny_models))


@pytest.fixture(scope="session")
def exported(tiny: TinyModels, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder that a first export of the tiny set leaves. Shared by all tests: look, but do not change."""

    def export(folder: Path) -> None:
        with pytest.MonkeyPatch.context() as patch:
            fewer_draws(patch.setattr)
            export_set(tiny, TINY_SET, folder)

    return made_once(tmp_path_factory, "tiny-data", export)


def export_set(models: TinyModels, name: str, folder: Path) -> None:
    """Export a set of random models into a folder, as the command does."""
    from precompute.__main__ import main

    where = ["--models-dir", str(models.models_dir), "--sets-file", str(models.sets_file), "--data-dir", str(folder)]
    assert main(["--set", name, "--offline", *where]) == 0


# --- odd sets: random models of odd shapes, exported once a run --------------------------------------------------------------------


@pytest.fixture(scope="session")
def odd(tmp_path_factory: pytest.TempPathFactory) -> TinyModels:
    """Models of five architectures, saved to a folder, and the file that declares their sets."""
    return TinyModels.saved_in(made_once(tmp_path_factory, "odd-models", save_odd_models))


@pytest.fixture(scope="session")
def odd_exported(odd: TinyModels, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the data of all odd sets. Shared by all tests: look, but do not change."""

    def export(folder: Path) -> None:
        with pytest.MonkeyPatch.context() as patch:
            fewer_draws(patch.setattr)
            for name in ODD_SETS:
                export_set(odd, name, folder)

    return made_once(tmp_path_factory, "odd-data", export)


# --- real models: the default set's, opened at most once by each process of a run --------------------------------------------


@pytest.fixture(scope="session")
def real_models():
    """The default set. `real_models.model("decoder").network` is the transformers model; it is kept from test to test."""
    from precompute.models import open_set

    return open_set("smollm2-minilm")


# --- processes and order --------------------------------------------------------------------------------------------------------


def pytest_configure() -> None:
    """GGUF files are opened quickly, here and in the lessons' programs, most of which would spend most of their time on it."""
    open_gguf_quickly()
    others = os.environ.get("PYTHONPATH", "")
    if STARTUP not in others:
        os.environ["PYTHONPATH"] = STARTUP + (os.pathsep + others if others else "")


def pytest_collection_finish() -> None:
    """What thousands of tests and their packages consist of stays until the end; going through it again and again takes long."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


def pytest_xdist_auto_num_workers() -> int:
    """For `-n auto`: one process more than there are cores, since those that drive a browser wait for much of their time.

    Each computes in one thread. They inherit that, and so do the programs they start: processes that all want all cores spend twice the
    processor time on the same sums.
    """
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # where a test asks for two, the other waits without turning in circles
    return (os.cpu_count() or 1) + 1


LONGEST_FIRST = """
browser_sets browser_pages exports page_budgets scores context listings faults_exports charts browser_figures browser_rsa_lab writing
sentences layers faults_build explore_attention neighbours browser_reading whole_site twins models vectors bad_input build
matrix_figures
""".split()
"""Test files, without "test_", that take longest: begun first, so that no process of a run is left alone with one of them."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    place = {f"test_{name}": n for n, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(place)))  # within a file as they stand there
