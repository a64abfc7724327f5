"""The ledger as pages show it: the picture of it on the first page, and its links to and from the prose."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from urllib.parse import parse_qs, urldefrag, urlsplit

import pytest

from sitegen.claim_places import ClaimPlace, claim_anchor, claim_places, one_a_section
from sitegen.ledger_picture import PITCH, ROWS, SIZE, ledger_picture, view_box
from tests.support.built_site import BuiltSite, Html

COUNTS = {"holds": 7, "caveat": 4, "fails": 0, "open": 2}


def places_of(path: str) -> list[tuple[int, int]]:
    """Where the marks of a path begin: x, y."""
    return [(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)", path)]


# --- the picture ---------------------------------------------------------------------------------------------------------------


def test_each_claim_has_one_mark_in_a_place_of_its_own():
    picture = ledger_picture(COUNTS)
    assert {verdict: len(places_of(path)) for verdict, path in picture.paths.items()} == {"holds": 7, "caveat": 4, "open": 2}
    cells = [(x // PITCH, y // PITCH) for path in picture.paths.values() for x, y in places_of(path)]
    assert cells == [divmod(n, ROWS) for n in range(13)]
    assert (picture.columns, picture.rows) == (3, ROWS)
    assert view_box(picture.columns, picture.rows) == (2 * PITCH + SIZE, (ROWS - 1) * PITCH + SIZE)


def test_a_source_with_few_claims_takes_no_more_room_than_its_marks():
    picture = ledger_picture({"fails": 2, "open": 1})
    places = [place for path in picture.paths.values() for place in places_of(path)]
    assert (picture.columns, picture.rows) == (1, 3)
    assert max(y for _, y in places) < view_box(picture.columns, picture.rows)[1] == 2 * PITCH + SIZE


def test_verdicts_differ_without_colour():
    shapes = {re.sub(r"^M\d+ \d+", "", ledger_picture({verdict: 1}).paths[verdict]) for verdict in COUNTS}
    assert len(shapes) == len(COUNTS)


def test_a_source_without_claims_has_no_marks():
    picture = ledger_picture(dict.fromkeys(COUNTS, 0))
    assert (picture.columns, picture.rows, picture.paths) == (0, 0, {})


# --- places in the prose ---------------------------------------------------------------------------------------------------------


def test_places_are_found_under_their_headings():
    def link(claim: str, number: int = 1) -> str:
        return f'<a class="verdict verdict-holds" href="../../claims/#{claim}" id="{claim_anchor(claim, number)}">holds</a>'

    heading = '<h2 id="x">Far <em>and</em> near <a class="heading-link" href="#x">#</a></h2>'
    found = claim_places(f"<p>{link('a')}</p>{heading}<p>{link('a', 2)} {link('b')} {link('a', 3)}</p>")
    assert found == [
        ClaimPlace("a", "cites-a", ""),
        ClaimPlace("a", "cites-a-2", "Far and near"),
        ClaimPlace("b", "cites-b", "Far and near"),
        ClaimPlace("a", "cites-a-3", "Far and near"),
    ]
    assert [place.anchor for place in one_a_section(p for p in found if p.claim == "a")] == ["cites-a", "cites-a-2"]


# --- the real site ---------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def site(real_site: Path) -> BuiltSite:
    return BuiltSite(real_site)


@pytest.fixture(scope="module")
def ledger(site: BuiltSite) -> Html:
    return site.page("claims/")


def places_in(lesson: Html) -> list[ClaimPlace]:
    return claim_places(lesson.tree.css_first(".prose").html)


def test_prose_and_ledger_lead_to_each_other(site: BuiltSite, ledger: Html):
    """Every verdict in a lesson leads to its claim, and the claim to the first verdict on it in that section."""
    forth, back = Counter(), Counter()
    for lesson in site.lessons:
        for place in places_in(lesson):
            forth[place.claim, lesson.path, place.section] += 1
    for claim in ledger.tree.css(".claim"):
        for link in claim.css(".claim-cited a"):
            address, anchor = urldefrag(site.resolve(ledger, link.attributes["href"]))
            lesson = next(page for page in site.lessons if page.url == address)
            place = next(place for place in places_in(lesson) if place.anchor == anchor)
            assert place.claim == claim.attributes["id"]
            assert link.text() == (place.section or "the beginning")
            back[place.claim, lesson.path, place.section] += 1
    assert forth and set(forth) == set(back)
    assert set(back.values()) == {1}


def test_the_first_page_counts_and_draws_every_claim(site: BuiltSite, ledger: Html):
    """Source by source and verdict by verdict as the ledger has them; a link leads to just those."""
    claims = Counter((c.attributes["data-source"], c.attributes["data-verdict"]) for c in ledger.tree.css(".claim"))
    counted, drawn = Counter(), Counter()
    for row in site.page("").tree.css(".sources > li"):
        source = parse_qs(urlsplit(row.css_first(".source-name a").attributes["href"]).query)["source"][0]
        for link in row.css(".source-verdicts a"):
            query = parse_qs(urlsplit(link.attributes["href"]).query)
            assert query["source"] == [source]
            counted[source, query["verdict"][0]] = int(re.match(r"\d+", link.text())[0])
        for path in row.css(".claim-marks path"):
            drawn[source, path.attributes["class"].removeprefix("marks-")] = len(places_of(path.attributes["d"]))
    assert counted == drawn == claims


def test_choices_of_the_filters_say_how_many_claims_they_leave(ledger: Html):
    for name in ("verdict", "source", "lesson"):
        there = Counter(claim.attributes[f"data-{name}"] for claim in ledger.tree.css(".claim"))
        options = {o.attributes["value"]: o.text() for o in ledger.tree.css(f"[data-filter={name}] option") if o.attributes["value"]}
        assert {value: int(re.search(r"\((\d+)\)$", text)[1]) for value, text in options.items()} == there | dict.fromkeys(
            options.keys() - there.keys(), 0
        )
