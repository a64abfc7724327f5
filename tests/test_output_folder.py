"""The output folder: written beside the old site, exchanged whole, and never anybody else's files at risk."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from problems import ProjectError
from sitegen import output_folder
from sitegen.output_folder import MARKER, OutputFolder
from tests.tiny_project import snapshot


def make(target: Path, files: dict[str, bytes], spare: Path | None = None) -> None:
    with OutputFolder(target, spare) as new:
        new.begin_with_spare(files)
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


# --- the spare ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("can_exchange", [True, False])
def test_the_site_before_the_last_is_brought_up_to_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, can_exchange: bool):
    """Each site is what was asked for, whatever the one that it began with held, and what did not change keeps its inode."""
    if not can_exchange:
        monkeypatch.setattr(output_folder, "_exchange", lambda one, other: False)
    site, spare = tmp_path / "out" / "site", tmp_path / "kept" / "spare"
    sites = [
        {"same": b"0", "a/b/c": b"1", "a/d": b"2", "e": b"3"},
        {"same": b"0", "a/b": b"a file where a folder was", "a/d": b"4", "e/f": b"and the other way round"},
        {"same": b"0", "a/b/c": b"5", "a/d": b"2"},
        {"same": b"0"},
        {"same": b"0", "a/b/c": b"1", "a/d": b"4", "e": b"3"},
    ]
    kept = set()
    for files in sites:
        make(site, files, spare)
        assert content(site) == files
        kept.add((site / "same").stat().st_ino)
        assert [p.name for p in site.parent.iterdir()] == ["site"]
    assert content(spare) == sites[-2]
    assert len(kept) == 1


def test_the_site_that_readers_see_is_never_written_into(tmp_path: Path):
    """It shares files with the spare, which the next build changes: those are made anew."""
    site, spare = tmp_path / "site", tmp_path / "spare"
    for text in (b"1", b"1", b"2"):  # by then the site and the spare hold the same files
        make(site, {"a": b"a", "b": text, f"only-{text.decode()}": text}, spare)
    before = content(site)
    with OutputFolder(site, spare) as new:
        new.begin_with_spare(["a", "b"])
        new.write("a", b"other")
        new.write("b", b"other")
        assert content(site) == before
    assert content(site) == before
    assert {p.name for p in tmp_path.iterdir()} == {"site"}, "what was begun is gone; the next build begins with nothing"


def test_what_is_wrong_with_the_spare_is_no_harm(tmp_path: Path):
    """Files altered, added, taken away, exchanged for links or folders: the site is what was asked for."""
    site, spare, source = tmp_path / "site", tmp_path / "spare", tmp_path / "source"
    source.write_bytes(b"copied")
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_bytes(b"mine")

    def build() -> None:
        with OutputFolder(site, spare) as new:
            new.begin_with_spare(["a", "b/c", "b/d", "e", "copy"])
            for path in ("a", "b/c", "b/d", "e"):
                new.write(path, b"1")
            new.copy("copy", source)
            new.swap()

    build()
    build()
    for path in ("a", "b/c", "b/d"):
        (spare / path).unlink()
    (spare / "a").write_bytes(b"2")
    (spare / "b" / "c").symlink_to(precious / "file")
    (spare / "b" / "more").symlink_to(precious)
    (spare / "e").unlink()
    (spare / "e").mkdir()
    (spare / "copy").unlink()
    (spare / "copy").write_bytes(b"lost")
    build()
    assert content(site) == {"a": b"1", "b/c": b"1", "b/d": b"1", "e": b"1", "copy": b"copied"}
    assert (precious / "file").read_bytes() == b"mine"


def test_only_what_a_build_made_is_taken_for_a_spare(tmp_path: Path):
    """What else lies there stays, and the old site is deleted instead of kept."""
    (tmp_path / "spare").mkdir()
    (tmp_path / "spare" / "holiday.jpg").write_bytes(b"precious")
    for text in (b"1", b"2"):
        make(tmp_path / "site", {"a": text}, tmp_path / "spare")
        assert content(tmp_path / "site") == {"a": text}
    assert snapshot(tmp_path / "spare") == {"holiday.jpg": b"precious"}
    assert {p.name for p in tmp_path.iterdir()} == {"site", "spare"}


@pytest.mark.parametrize("left", ["nothing", "another", "the same, changed"])
def test_one_of_two_builds_at_once_gets_the_spare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left: str):
    """The other begins with nothing, or with what the first put there instead, even where it had looked at the one that was there."""
    site, spare, source = tmp_path / "site", tmp_path / "spare", tmp_path / "source"
    source.write_bytes(b"copied")
    os.utime(source, (0, 0))
    monkeypatch.setattr(output_folder, "SETTLED", -60.0)  # a source counts as untouched since the site was made

    def build(text: bytes) -> None:
        with OutputFolder(site, spare) as new:
            new.look_at_spare({"a": b"1", "b": b"0"}, {"copy": (source, source.stat())})
            new.copy_ahead({"copy": (source, source.stat()), "b": (source, source.stat())})
            new.begin_with_spare(["a", "b", "copy"])
            new.write("a", text)
            new.write("b", b"0")
            new.copy("copy", source)
            new.swap()

    build(b"1")
    build(b"2")
    rename = Path.rename

    def too_late(self: Path, target: Path) -> Path:
        if self == spare:
            rename(spare, tmp_path / "taken")
            if left == "another":
                make(spare, {"a": b"another", "c/d": b"more"})
            if left == "the same, changed":  # as it is when others have published it and put it away again
                for name in ("b", "copy", MARKER):
                    (tmp_path / "taken" / name).unlink()
                    (tmp_path / "taken" / name).write_bytes(b"changed")
                rename(tmp_path / "taken", spare)
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", too_late)
    build(b"3")
    assert content(site) == {"a": b"3", "b": b"0", "copy": b"copied"}
    assert content(spare) == {"a": b"2", "b": b"0", "copy": b"copied"}


def test_folders_that_the_spare_lacks_are_made(tmp_path: Path):
    """Also where they were looked for in it."""
    site, spare = tmp_path / "site", tmp_path / "spare"
    files = {"a": b"1"}
    for folder in ("b", "c/d", "c/e"):
        files[f"{folder}/file"] = folder.encode()
        with OutputFolder(site, spare) as new:
            new.look_at_spare(files, {})
            new.begin_with_spare(files)
            for path, text in files.items():
                new.write(path, text)
            new.swap()
        assert content(site) == files


def test_what_was_seen_to_be_right_counts_for_what_was_meant_alone(tmp_path: Path):
    """A path that gets another content after all, or another source, is written."""
    site, spare = tmp_path / "site", tmp_path / "spare"
    one, other = tmp_path / "one", tmp_path / "other"
    for source in (one, other):
        source.write_bytes(source.name.encode())
        os.utime(source, (0, 0))

    def build(text: bytes, source: Path) -> None:
        with OutputFolder(site, spare) as new:
            new.look_at_spare({"a": b"1"}, {"copy": (one, one.stat())})
            new.copy_ahead({"copy": (one, one.stat())})
            new.begin_with_spare(["a", "copy"])
            new.write("a", text)
            new.copy("copy", source)
            new.swap()

    for _ in range(3):
        build(b"1", one)
    build(b"2", other)
    assert content(site) == {"a": b"2", "copy": b"other"}


def test_a_source_that_changed_while_the_spare_was_the_site_is_copied(tmp_path: Path):
    """The spare is two builds old: another content of the same size and time since then is published."""
    site, spare, source = tmp_path / "site", tmp_path / "spare", tmp_path / "source"

    def build(text: bytes) -> bytes:
        source.write_bytes(text)
        os.utime(source, ns=(0, 10**18))
        with OutputFolder(site, spare) as new:
            new.begin_with_spare(["copy"])
            new.copy("copy", source)
            new.swap()
        return (site / "copy").read_bytes()

    for text in (b"first", b"first", b"other", b"third", b"other", b"first"):
        assert build(text) == text
