"""The errata page: what content/errata.toml says, newest first; an entry that is wrong stops the build with its line."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from tests.support.built_site import BuiltSite
from tests.support.site_server import ADDRESS
from tests.tiny_project import TinyProject

ATOM = "{http://www.w3.org/2005/Atom}"
OLDER = """[[erratum]]
date = 2026-01-02
page = "lessons/second-steps/#tiny-angles"
wrong = "The angle was given as <b>90</b>."
right = "It is another."
version = "0.0.1+0123abcd"

"""
NEWER = OLDER.replace("01-02", "03-04").replace("another", "yet another").replace("lessons/second-steps/#tiny-angles", "claims/")


def test_corrections_are_shown_newest_first_in_every_set(project: TinyProject):
    """As text, with a link to the place, an anchor that stays, and a link from the foot of every page."""
    project.path("content/errata.toml").write_text(OLDER + NEWER, encoding="utf-8")
    outcome = project.build()
    assert outcome.status == 0, outcome.errors
    site = BuiltSite(project.site)
    for folder in ("", "sets/other/"):
        page = site.page(f"{folder}errata/")
        entries = page.tree.css(".errata > li")
        assert [entry.attributes["id"] for entry in entries] == ["erratum-2", "erratum-1"]
        assert [entry.css_first("time").text() for entry in entries] == ["2026-03-04", "2026-01-02"]
        assert "<b>90</b>" in entries[1].text() and not page.tree.css(".errata b")
        assert "0.0.1+0123abcd" in entries[1].text()
        assert entries[1].css_first("a").attributes["href"] == "../lessons/second-steps/#tiny-angles"
        assert [entry.css_first("a").text() for entry in entries] == ["claims/", "Second steps"]
        lesson = site.page(f"{folder}lessons/first-steps/")
        assert "../../errata/" in [link.attributes["href"] for link in lesson.tree.css(".site-footer a")]


def test_where_there_are_none_the_page_says_so(built_once: TinyProject):
    assert "None so far" in BuiltSite(built_once.site).page("errata/").one(".errata-none")


def test_the_feed_tells_of_corrections(project: TinyProject):
    """Each with an address that stays and leads to it, among the lessons by its day."""
    project.path("content/errata.toml").write_text(OLDER + NEWER, encoding="utf-8")
    outcome = project.build("--base-url", ADDRESS)
    assert outcome.status == 0, outcome.errors
    feed = ElementTree.fromstring((project.site / "feed.xml").read_bytes())
    entries = {entry.findtext(f"{ATOM}id"): entry for entry in feed.findall(f"{ATOM}entry")}
    days = [entry.findtext(f"{ATOM}updated")[:10] for entry in entries.values()]
    assert days == sorted(days, reverse=True) and feed.findtext(f"{ATOM}updated").startswith(days[0])
    assert next(iter(entries)) == f"{ADDRESS}errata/#erratum-2"
    anchors = {address.rpartition("#")[2] for address in entries if "#" in address}
    assert anchors == {"erratum-1", "erratum-2"} <= set(BuiltSite(project.site).page("errata/").ids)
    first = entries[f"{ADDRESS}errata/#erratum-1"]
    assert first.findtext(f"{ATOM}title") == "Correction of “Second steps”"
    assert "<b>90</b>" in first.findtext(f"{ATOM}summary") and "It is another." in first.findtext(f"{ATOM}summary")
    assert first.findtext(f"{ATOM}published") == first.findtext(f"{ATOM}updated") == "2026-01-02T00:00:00Z"


MISTAKES = {
    "no date": (OLDER.replace("date = 2026-01-02\n", ""), 1, "key 'date' is missing"),
    "bad date": (OLDER.replace("2026-01-02", '"soon"'), 2, "key 'date'"),
    "unknown key": (OLDER.replace("wrong =", "wrnog ="), 4, "key 'wrnog' is not known"),
    "nothing said": (OLDER.replace('"It is another."', '" "'), 5, "key 'right'"),
    "no version": (OLDER.replace("0.0.1+0123abcd", "lately"), 6, "key 'version'"),
    "another site": (OLDER.replace("lessons/second-steps/#tiny-angles", "https://x.test/"), 3, "key 'page'"),
    "no such place": (OLDER.replace("#tiny-angles", "#tiny-angels"), 3, "no such anchor"),
    "out of order": (NEWER + OLDER, 8, "stands below that of"),
    "syntax": (OLDER + "[[erratum]\n", 8, "is no valid TOML"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_wrong_entry_is_named(project: TinyProject, name: str):
    text, line, what = MISTAKES[name]
    project.path("content/errata.toml").write_text(text, encoding="utf-8")
    outcome = project.build()
    assert outcome.status == 1
    found = re.findall(r"^content/errata\.toml:(\d+): (.*)", outcome.errors, re.MULTILINE)
    assert any(int(at) == line and what in said for at, said in found), outcome.errors
