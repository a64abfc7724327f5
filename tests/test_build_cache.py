"""The cache: what was made once is not made again, and damage costs time, nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitegen import last_build, site_data
from sitegen.build_cache import BuildCache
from sitegen.figures import FigureShop
from sitegen.project import Problems, Project
from tests.tiny_project import ROOT, TinyProject, snapshot

KEY = "0123456789abcdef"
VALUE = {"text": "ä</script>\u2028", "numbers": [1, 2.5, None, True]}


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """The file of an entry."""
    BuildCache(tmp_path).put(KEY, VALUE)
    (path,) = [p for p in tmp_path.rglob("*") if p.is_file()]
    return path


def test_a_value_comes_back(kept: Path):
    """Another run finds it; another key finds nothing."""
    cache = BuildCache(kept.parent.parent)
    assert cache.get(KEY) == VALUE
    assert cache.get("f" * 16) is None


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:-1],
        lambda content: content[: len(content) // 2],
        lambda content: b"",
        lambda content: content.partition(b"\n")[0],
        lambda content: content.replace(b"2.5", b"2.6"),
        lambda content: b"0" * 64 + content[64:],
        lambda content: content + b" ",
        lambda content: content.partition(b"\n")[2],
        lambda content: b"\xff\xfe" + content,
    ],
    ids=["last byte", "half", "empty", "no value", "altered", "other checksum", "longer", "no checksum", "not UTF-8"],
)
def test_a_damaged_entry_counts_as_absent(kept: Path, damage):
    """Cut short, altered or replaced: made again, never believed."""
    kept.write_bytes(damage(kept.read_bytes()))
    cache = BuildCache(kept.parent.parent)
    assert cache.get(KEY) is None
    cache.put(KEY, VALUE)
    assert cache.get(KEY) == VALUE


@given(position=st.integers(0, 10_000), bit=st.integers(0, 7))
@settings(max_examples=50)
def test_no_single_bit_can_be_wrong(tmp_path_factory: pytest.TempPathFactory, position: int, bit: int):
    """Whichever bit a disk loses, the value is right or absent."""
    folder = tmp_path_factory.mktemp("cache")
    BuildCache(folder).put(KEY, VALUE)
    path = folder / KEY[:2] / KEY
    content = bytearray(path.read_bytes())
    content[position % len(content)] ^= 1 << bit
    path.write_bytes(content)
    assert BuildCache(folder).get(KEY) is None


def test_an_entry_that_cannot_be_read_or_written_does_no_harm(tmp_path: Path):
    """A folder in the entry's place; a file in the cache's place."""
    (tmp_path / KEY[:2] / KEY).mkdir(parents=True)
    cache = BuildCache(tmp_path)
    assert cache.get(KEY) is None
    cache.put(KEY, VALUE)
    cache.drop_unused()
    (tmp_path / "file").touch()
    BuildCache(tmp_path / "file").put(KEY, VALUE)
    assert BuildCache(tmp_path / "file").get(KEY) is None


def test_what_a_run_had_no_use_for_is_dropped(tmp_path: Path):
    """The cache does not grow with every edit."""
    first = BuildCache(tmp_path)
    for key in ("aa1", "aa2", "bb3"):
        first.put(key, key)
    second = BuildCache(tmp_path)
    second.get("aa1")
    second.put("cc4", "new")
    second.drop_unused()
    assert {p.name for p in tmp_path.rglob("*") if p.is_file()} == {"aa1", "cc4"}


def test_nan_is_not_kept(tmp_path: Path):
    """A value that is no JSON must not come back as something else."""
    with pytest.raises(ValueError, match="JSON"):
        BuildCache(tmp_path).put(KEY, float("nan"))


@pytest.mark.parametrize("module", ["tiny_pieces", "theme", "palette", "figure"])
def test_a_figure_depends_on_its_code_and_on_all_that_it_shares(project: TinyProject, module: str):
    """An edit of its own module, of one it imports, or of the theme, which is in force without being imported."""

    def key() -> str:
        return FigureShop(Project(project.folder), BuildCache(project.folder), Problems(Project(project.folder)), 1)._code_key(
            "tiny-pieces"
        )

    before = key()
    assert key() == before
    own = project.path(f"charts/{module}.py")
    own.write_bytes((own if own.exists() else ROOT / "charts" / own.name).read_bytes() + b"\n# edited\n")
    assert key() != before


def test_damaged_entries_are_made_again(project: TinyProject):
    """The whole build, with every entry cut short: the same site."""
    before = snapshot(project.site)
    for entry in project.path(".cache/build").rglob("*"):
        if entry.is_file():
            entry.write_bytes(entry.read_bytes()[:-7])
    outcome = project.build()
    assert outcome.status == 0, outcome.errors
    assert "(0 drawn now)" not in outcome.printed
    assert snapshot(project.site) == before


def test_files_come_back(tmp_path: Path):
    """Empty files, line feeds and bytes that are no text among them."""
    files = {"a/index.html": b"<p>\n</p>\n", "b.bin": bytes(range(256)), "c": b"", "d": b"\n"}
    BuildCache(tmp_path).put_files(KEY, VALUE, files)
    assert BuildCache(tmp_path).get_files(KEY) == (VALUE, files)
    assert BuildCache(tmp_path).get_files("f" * 16) is None


def test_a_recording_names_the_entries_used_inside_it(tmp_path: Path):
    """And `keep` protects them in a run that has no use for them."""
    first = BuildCache(tmp_path)
    first.put("aa1", 1)
    with first.recording() as keys:
        first.get("aa1")
        first.put("bb2", 2)
    first.put("cc3", 3)
    assert keys == {"aa1", "bb2"}
    second = BuildCache(tmp_path)
    second.keep(keys)
    second.drop_unused()
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == keys


@pytest.mark.parametrize("settled", [2.0, -60.0], ids=["just changed", "settled"])
@pytest.mark.parametrize("how", ["written", "moved into its place"])
def test_no_time_makes_altered_data_good(project: TinyProject, monkeypatch: pytest.MonkeyPatch, settled: float, how: str):
    """Data of the same size and time of change are checked again where anything happened to the file."""
    monkeypatch.setattr(last_build, "SETTLED", settled)
    file = project.path("content/data/tiny/random_pairs.json")
    cache = BuildCache(project.folder / "checked")

    def found() -> list[str]:
        problems = Problems(Project(project.folder))
        site_data.check_all_data(site_data.SetData(file.parent, problems), problems, cache)
        return [problem.what for problem in problems.found]

    assert found() == found() == []
    before, altered = file.stat(), file.read_bytes().replace(b'"version":1', b'"version":7', 1)
    target = file if how == "written" else file.with_name(".other")
    target.write_bytes(altered)
    os.utime(target, ns=(before.st_atime_ns, before.st_mtime_ns))
    target.rename(file)
    assert file.stat().st_size == before.st_size
    assert found() == found() == ["has schema version 7, this build reads 1"]
