"""What the search looks through: all there is to find, each with an address that leads there, within its budget."""

from __future__ import annotations

import json
import re
from html import escape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.search_texts import MOST_CHARACTERS, SearchText, lesson_texts, plain_text, search_script, within
from tests.support.built_site import BuiltSite, Html
from tests.support.site_server import gzipped
from tests.tiny_project import TinyProject

KB = 1000


@pytest.fixture(scope="module")
def site(real_site: Path) -> BuiltSite:
    return BuiltSite(real_site)


def search_pages(site: BuiltSite) -> list[Html]:
    """One a set."""
    return [page for page in site.pages if re.fullmatch(r"(sets/[^/]+/)?search/index\.html", page.path)]


def texts_of(site: BuiltSite, page: Html) -> list[dict[str, str]]:
    """What the script of a search page's texts hands over."""
    script = site.read(page, page.tree.css_first("[data-search]").attributes["data-script"]).decode("utf-8")
    name, payload = re.fullmatch(r'WordSpaces\.define\("([\w-]+)",(.*)\);\n', script).groups()
    assert name == "search-texts"
    return json.loads(payload)["texts"]


def target_of(site: BuiltSite, page: Html, text: dict[str, str]) -> tuple[str, str]:
    """File and anchor of what is found."""
    root = page.tree.css_first("[data-search]").attributes["data-root"]
    path, _, anchor = text["href"].partition("#")
    return site.file_of(site.resolve(page, root + path)), anchor


def test_every_result_has_a_target(site: BuiltSite):
    ids = {page.path: set(page.ids) for page in site.pages}
    for page in search_pages(site):
        for text in texts_of(site, page):
            file, anchor = target_of(site, page, text)
            assert file in ids, text
            assert not anchor or anchor in ids[file], text


def test_every_section_figure_claim_and_term_can_be_found(site: BuiltSite):
    """Once each, by its name; and every lesson and explorer by its title."""
    selectors = {
        "section": ".prose > :is(h2, h3)[id]",
        "figure": ".prose > figure[data-figure]",
        "claim": ".claim[id]",
        "term": ".glossary .entry[id]",
    }
    for page in search_pages(site):
        folder = page.path.removesuffix("search/index.html")
        found: dict[str, list[tuple[str, str]]] = {kind: [] for kind in selectors}
        for text in texts_of(site, page):
            file, anchor = target_of(site, page, text)
            assert text["title"], text
            if anchor:
                found[text["kind"]].append((file, anchor))
            else:
                assert text["title"] in next(p for p in site.pages if p.path == file).one("title"), text
        of_set = [p for p in site.pages if p.path.startswith(folder) and (folder or not p.path.startswith("sets/"))]
        files = [p for p in of_set if re.fullmatch(rf"{folder}(lessons/[^/]+|claims|glossary)/index\.html", p.path)]
        for kind, selector in selectors.items():
            there = [(p.path, node.attributes["id"]) for p in files for node in p.tree.css(selector)]
            assert there and sorted(found[kind]) == sorted(there), kind
        whole = {target_of(site, page, text)[0] for text in texts_of(site, page) if "#" not in text["href"]}
        assert whole >= {p.path for p in of_set if re.fullmatch(rf"{folder}(lessons|explore|teach)/[^/]+/index\.html", p.path)}


def test_all_that_a_search_fetches_is_within_its_budget(site: BuiltSite):
    """Library, script and texts. Lessons fetch none of it."""
    for page in search_pages(site):
        own = {script.attributes["src"] for script in page.tree.css("head script[src]")}
        lesson = {Path(script.attributes["src"]).name for script in site.lessons[0].tree.css("script[src]")}
        fetched = [src for src in own if Path(src).name not in lesson]
        assert len(fetched) == 2, fetched
        fetched.append(page.tree.css_first("[data-search]").attributes["data-script"])
        sizes = {Path(link).name: len(gzipped(site.folder / site.file_of(site.resolve(page, link)))) for link in fetched}
        assert sum(sizes.values()) <= 120 * KB, sizes


def test_answers_and_solutions_are_not_given_away(site: BuiltSite):
    (page,) = [page for page in search_pages(site) if page.path == "search/index.html"]
    everything = " ".join(text.get("text", "") for text in texts_of(site, page))
    hidden = 0
    for lesson in site.lessons:
        for node in lesson.tree.css(".solution, .question-answer"):
            for block in node.css("p:not(.question-truth)"):
                words = " ".join(block.text().split())
                hidden += len(words) > 60
                assert len(words) <= 60 or words not in everything, words
    assert hidden > 10


def test_each_set_searches_its_own_words(built_once: TinyProject):
    """The verdict of the fixture's claim differs between its sets."""
    site = BuiltSite(built_once.site)
    verdicts = {}
    for page in search_pages(site):
        verdicts[page.path] = [text["place"] for text in texts_of(site, page) if text["kind"] == "claim"]
        assert {site.file_of(site.resolve(page, link)) for link in page.resources} <= site.files
    assert len(verdicts) == 2
    assert len(set(map(tuple, verdicts.values()))) == 2


def test_a_lesson_is_cut_at_its_headings():
    html = (
        '<p>Before <em>all</em>.</p>'
        '<h2 id="one">One <a class="heading-link" href="#one">#</a></h2><p>First</p><ul><li>a</li><li>b</li></ul>'
        '<h3 id="two">A &lt; B</h3><p>Second, it <a class="verdict" href="#">holds</a>.</p><div class="listing">code</div>'
        '<figure data-figure="f" id="f"><p class="figure-title">A title</p><div class="figure-caption"><p>Caption.</p></div></figure>'
    )
    assert lesson_texts(html, "x", "Lesson", "Summary.") == [
        SearchText("section", "Lesson", "lessons/x/", "", "Summary. Before all."),
        SearchText("section", "One", "lessons/x/#one", "Lesson", "First a b"),
        SearchText("section", "A < B", "lessons/x/#two", "Lesson", "Second, it . code"),
        SearchText("figure", "A title", "lessons/x/#f", "Lesson", "Caption."),
    ]


WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


TERMS = st.builds(SearchText, st.just("term"), WORDS, st.just("glossary/#x"), st.just(""), WORDS)


@given(st.lists(TERMS, max_size=20), st.integers(0, 4000))
def test_texts_are_cut_to_the_budget_from_their_ends(texts: list[SearchText], most: int):
    """What fits stays; what does not loses the ends of the longest, never a title; shorter texts are not touched."""
    cut = within(texts, most)
    bare = len(search_script([SearchText(t.kind, t.title, t.href, t.place, "") for t in texts]))
    assert len(search_script(cut)) <= most or not any(t.text for t in cut) or len(search_script(texts)) <= most
    assert bare <= len(search_script(cut)) <= len(search_script(texts))
    if len(search_script(texts)) <= most:
        assert cut == texts
    longest = max((len(t.text) for t in cut), default=0)
    for before, after in zip(texts, cut, strict=True):
        assert (after.title, after.href) == (before.title, before.href)
        assert before.text.startswith(after.text)
        assert after.text == before.text or len(before.text) > longest


def test_the_committed_texts_need_no_cutting(site: BuiltSite):
    """As long as they do not, every word of the lessons is found; when they do, shorten MOST_CHARACTERS' neighbours, not this test."""
    for page in search_pages(site):
        assert len(search_script([SearchText(**{"place": "", "text": "", **text}) for text in texts_of(site, page)])) < MOST_CHARACTERS


@given(WORDS)
def test_no_text_can_leave_its_script(text: str):
    """Whatever a title holds: it cannot end the script's element, should one ever inline it, nor its line."""
    script = search_script([SearchText("term", text, "x", "", text)])
    assert "<" not in script and "\u2028" not in script and "\u2029" not in script
    payload = script.removeprefix('WordSpaces.define("search-texts",').removesuffix(");\n")
    assert json.loads(payload)["texts"][0].get("title", "") == text


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60))
def test_plain_text_is_what_a_reader_sees(text: str):
    assert plain_text(f"<div>{escape(text)}</div><p>and <em>m</em>ore") == " ".join(f"{text} and more".split())
