"""The output folder: written beside the old site, exchanged whole, and never anybody else's files at risk."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from problems import ProjectError
from sitegen import output_folder
from sitegen.output_folder import MARKER, OutputFolder
from tests.tiny_project import snapshot


def make(target: Path, files: dict[str, bytes]) -> None:
    with OutputFolder(target) as new:
        for path, content in files.items():
            new.write(path, content)
        new.swap()


def content(target: Path) -> dict[str, bytes]:
    return {path: text for path, text in snapshot(target).items() if path != MARKER}


@pytest.mark.parametrize("can_exchange", [True, False])
def test_the_new_site_takes_the_place_of_the_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, can_exchange: bool):
    """In one step where the system can, by two renames where it cannot; nothing of the old one is left, inside or beside."""
    if not can_exchange:
        monkeypatch.setattr(output_folder, "_exchange", lambda one, other: False)
    target = tmp_path / "deep" / "site"
    make(target, {"a/b.html": b"1", "c": b"2"})
    make(target, {"c": b"3", "d": b"4"})
    assert content(target) == {"c": b"3", "d": b"4"}
    assert [p.name for p in target.parent.iterdir()] == ["site"]


def test_two_folders_exchange_their_names_or_nothing_happens(tmp_path: Path):
    """Where the system can, there is no moment without a site; where it cannot, it says so."""
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    done = output_folder._exchange(tmp_path / "one", tmp_path / "other")
    assert (tmp_path / "one" / "other").exists() == (tmp_path / "other" / "one").exists() == done
    assert not output_folder._exchange(tmp_path / "one", tmp_path / "nothing")


def test_without_a_swap_the_old_site_stays(tmp_path: Path):
    """Also when the build ends in an exception."""
    make(tmp_path / "site", {"a": b"1"})
    with pytest.raises(RuntimeError), OutputFolder(tmp_path / "site") as new:
        new.write("a", b"2")
        raise RuntimeError
    assert content(tmp_path / "site") == {"a": b"1"}
    assert [p.name for p in tmp_path.iterdir()] == ["site"]


def test_the_old_site_is_back_if_the_second_rename_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A swap that cannot be finished is undone."""
    make(tmp_path / "site", {"a": b"1"})
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if ".building-" in self.name:
            raise PermissionError(13, "Permission denied", str(self))
        return rename(self, target)

    monkeypatch.setattr(output_folder, "_exchange", lambda one, other: False)
    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(ProjectError, match="cannot be written: Permission denied"):
        make(tmp_path / "site", {"a": b"2"})
    assert content(tmp_path / "site") == {"a": b"1"}


@pytest.mark.parametrize("can_link", [True, False])
def test_an_unchanged_file_is_linked_where_links_are_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, can_link: bool):
    """Saves time; on a file system without hard links the file is written instead."""
    source = tmp_path / "source"
    source.write_bytes(b"copied")

    def build(text: bytes) -> dict[str, int]:
        with OutputFolder(tmp_path / "site") as new:
            new.write("same", b"same")
            new.write("other", text)
            new.copy("copy", source)
            new.swap()
        return {name: (tmp_path / "site" / name).stat().st_ino for name in ("same", "other", "copy")}

    first = build(b"1")
    if not can_link:
        monkeypatch.setattr(os, "link", lambda *names: (_ for _ in ()).throw(PermissionError(1, "Operation not permitted")))
    second = build(b"2")
    assert [first[name] == second[name] for name in ("same", "other", "copy")] == [can_link, False, can_link]
    assert content(tmp_path / "site") == {"same": b"same", "other": b"2", "copy": b"copied"}


def test_a_copy_follows_its_source(tmp_path: Path):
    """A source that changed, if only in its time, is copied again; the source itself is never linked into the site."""
    source = tmp_path / "source"
    for text in (b"first", b"again", b"longer text"):
        source.write_bytes(text)
        os.utime(source, ns=(0, len(text) * 10**9 + text[0]))
        with OutputFolder(tmp_path / "site") as new:
            new.copy("copy", source)
            new.swap()
        assert (tmp_path / "site" / "copy").read_bytes() == text
        assert (tmp_path / "site" / "copy").stat().st_ino != source.stat().st_ino


@pytest.mark.parametrize("name", ["file", "folder", "link"])
def test_nothing_is_replaced_that_no_build_made(tmp_path: Path, name: str):
    """A file, a folder with files, and a link to one."""
    (tmp_path / "file").write_bytes(b"precious")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").write_bytes(b"precious")
    (tmp_path / "link").symlink_to(tmp_path / "folder")
    before = snapshot(tmp_path)
    with pytest.raises(ProjectError) as refused:
        make(tmp_path / name, {"a": b"1"})
    (problem,) = refused.value.problems
    assert problem.file == str((tmp_path / name).resolve())
    assert "--out" in problem.cure
    assert snapshot(tmp_path) == before


def test_leftovers_of_dead_builds_are_cleared_away(tmp_path: Path):
    """Of this site only, made by a build only, and of processes that no longer run only."""
    dead, alive = 2**22 + 1, os.getppid()  # no process number reaches the first
    for name in (
        f"site.building-{dead}",
        f"site.old-{dead}",
        f"site.building-{os.getpid()}",
        f"site.building-{alive}",
        f"other.old-{dead}",
    ):
        make(tmp_path / "made", {"a": b"1"})
        (tmp_path / "made").rename(tmp_path / name)
    (tmp_path / f"site.building-{dead}9").mkdir()
    (tmp_path / f"site.building-{dead}8").mkdir()
    (tmp_path / f"site.building-{dead}8" / "mine.txt").touch()
    make(tmp_path / "site", {"a": b"2"})
    assert content(tmp_path / "site") == {"a": b"2"}
    assert {p.name for p in tmp_path.iterdir()} == {"site", f"site.building-{alive}", f"other.old-{dead}", f"site.building-{dead}8"}


def test_a_site_caught_between_two_renames_comes_back(tmp_path: Path):
    """The old site waits under another name; whatever the next build does first, it gives the name back."""
    make(tmp_path / "site", {"a": b"1"})
    (tmp_path / "site").rename(tmp_path / f"site.old-{2**22 + 1}")
    with OutputFolder(tmp_path / "site"):
        assert content(tmp_path / "site") == {"a": b"1"}
    assert [p.name for p in tmp_path.iterdir()] == ["site"]


def test_no_time_makes_an_old_copy_stand_for_a_new_source(tmp_path: Path):
    """Another content of the same size and time, written into the source or moved into its place, is published."""
    source = tmp_path / "source"

    def build() -> bytes:
        with OutputFolder(tmp_path / "site") as new:
            new.copy("copy", source)
            new.swap()
        return (tmp_path / "site" / "copy").read_bytes()

    source.write_bytes(b"first")
    os.utime(source, ns=(0, 10**18))
    assert build() == b"first"
    source.write_bytes(b"other")
    os.utime(source, ns=(0, 10**18))
    assert build() == b"other"
    another = tmp_path / "another"
    another.write_bytes(b"third")
    os.utime(another, ns=(0, 10**18))
    another.rename(source)
    assert build() == b"third"
