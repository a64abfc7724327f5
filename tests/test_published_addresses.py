"""Readers' links do not break: what was published stays or leads on, and a build says so where it would not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sitegen.project import Problems, Project
from sitegen.published_addresses import LIST
from sitegen.site import BuildOptions, SiteBuilder
from tests.support import ROOT
from tests.support.accessibility import accessibility_problems
from tests.support.browser import DESKTOP, visit
from tests.support.built_site import BuiltSite
from tests.support.site_server import SiteServer
from tests.tiny_project import TinyProject

SECOND = "content/lessons/02-second-steps.md"
HEADING = "## A heading of its own\n\nSome words.\n"


def redirect(project: TinyProject, source: str, target: str) -> None:
    project.append("content/redirects.toml", f'[[redirect]]\nfrom = "{source}"\nto = "{target}"\n\n')


def rename_second(project: TinyProject) -> None:
    project.path(SECOND).rename(project.path("content/lessons/02-further-steps.md"))
    project.replace("content/claims/first_steps.toml", '"second-steps"', '"further-steps"')
    lesson = project.path("content/lessons/01-first-steps.md")
    lesson.write_text(lesson.read_text(encoding="utf-8").replace("second-steps", "further-steps"), encoding="utf-8")


@pytest.fixture
def published(project: TinyProject) -> TinyProject:
    """The fixture project with one more section, published."""
    project.append(SECOND, f"\n{HEADING}")
    outcome = project.build("--record-addresses")
    assert outcome.status == 0, outcome.errors
    assert re.search(rf"{LIST}: \d+ new", outcome.printed)
    return project


def listed(project: TinyProject) -> list[str]:
    return project.path(f"content/{LIST}").read_text(encoding="utf-8").splitlines()


def problems_of(project: TinyProject, file: str) -> list[tuple[int, str]]:
    """Lines of the file that a build complains of, and what it says; nothing else may be wrong."""
    outcome = project.build()
    assert outcome.status == 1, outcome.printed
    found = re.findall(rf"^content/{re.escape(file)}:(\d+): (.*(?:\n +.*)*)", outcome.errors, re.MULTILINE)
    assert found, outcome.errors
    return [(int(line), what) for line, what in found]


# --- the list ------------------------------------------------------------------------------------------------------------------


def test_every_address_of_the_real_site_is_on_its_list(real_site: Path):
    """So that it is protected from now on. If this fails: python build.py --record-addresses, and commit the list."""
    project = Project(ROOT)
    problems = Problems(project)
    builder = SiteBuilder(project, BuildOptions(real_site, "all", None, 1), problems)
    builder.build()
    assert problems.found == []
    assert set(builder.addresses) - set((ROOT / "content" / LIST).read_text(encoding="utf-8").splitlines()) == set()
    assert len(builder.addresses) > 500


def test_pages_sections_figures_claims_terms_and_exercises_are_recorded_and_stay(published: TinyProject):
    """Each leads somewhere; what nobody would link to is not promised; recording again takes nothing away."""
    addresses = listed(published)
    site = BuiltSite(published.site)
    for address in addresses:
        path, _, anchor = address.partition("#")
        assert not anchor or anchor in site.page(path).ids
    wanted = {"claims/", "lessons/second-steps/", "lessons/second-steps/#a-heading-of-its-own", "lessons/second-steps/#tiny-angles"}
    assert wanted <= set(addresses)
    assert {f"glossary/#{node.attributes['id']}" for node in site.page("glossary/").tree.css(".entry")} <= set(addresses)
    assert {f"claims/#{node.attributes['id']}" for node in site.page("claims/").tree.css(".claim")} <= set(addresses)
    assert not [address for address in addresses if address.endswith(("-title", "-description", "search-field"))]
    published.path(f"content/{LIST}").write_text("".join(f"{a}\n" for a in addresses if a != "claims/"), encoding="utf-8")
    assert published.build("--record-addresses").status == 0
    assert listed(published) == addresses


def test_what_is_gone_stops_the_build(published: TinyProject):
    """With the line of the list, and a cure that names what is near."""
    before = listed(published)
    published.replace(SECOND, "## A heading of its own", "## The heading of its own")
    ((line, what),) = problems_of(published, LIST)
    assert before[line - 1] == "lessons/second-steps/#a-heading-of-its-own"
    assert "has gone" in what and 'to = "lessons/second-steps/#the-heading-of-its-own"' in what
    redirect(published, "lessons/second-steps/#a-heading-of-its-own", "lessons/second-steps/#the-heading-of-its-own")
    assert published.build().status == 0


def test_a_renamed_lesson_needs_one_redirect(published: TinyProject):
    """What lay below it moves with it: anchors, and the pages of its figures. In every set."""
    rename_second(published)
    assert len(problems_of(published, LIST)) >= 3
    redirect(published, "lessons/second-steps/", "lessons/further-steps/")
    outcome = published.build()
    assert outcome.status == 0, outcome.errors
    site = BuiltSite(published.site)
    for folder in ("", "sets/other/"):
        for path, up in (("lessons/second-steps/", "../../"), ("lessons/second-steps/figures/tiny-angles/", "../../../../")):
            page = site.page(folder + path)
            target = up + path.replace("second", "further")
            assert page.tree.css_first("[data-moved-page]").attributes["href"] == target
            assert page.tree.css_first("noscript meta").attributes["content"] == f"0; url={target}"
            assert page.tree.css_first("link[rel=canonical]").attributes["href"] == target
            assert site.file_of(site.resolve(page, target)) in site.files
    assert published.build("--base-url", "https://x.test/").status == 0
    assert "second-steps" not in (published.site / "sitemap.xml").read_text(encoding="utf-8")


MISTAKES = {
    "twice": ([("old/", "claims/"), ("old/", "glossary/")], 5, "redirected twice"),
    "a chain": ([("old/", "older/"), ("older/", "claims/")], 1, 'Write to = "claims/"'),
    "nowhere": ([("old/", "nowhere/")], 1, "leads to 'nowhere/', which is not there"),
    "no such anchor": ([("old/", "claims/#nothing")], 1, "which is not there"),
    "still a page": ([("claims/", "glossary/")], 1, "'claims/' is still a page"),
    "still an anchor": ([("lessons/second-steps/#tiny-angles", "claims/")], 1, "is still there"),
    "an anchor of no page": ([("old/#x", "claims/")], 1, "'old/' is no page"),
    "another site": ([("old/", "https://x.test/")], 3, "key 'to'"),
    "markup": ([("old/<b>/", "claims/")], 2, "key 'from'"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_wrong_redirect_is_named(published: TinyProject, name: str):
    redirects, line, what = MISTAKES[name]
    for source, target in redirects:
        redirect(published, source, target)
    assert any(at == line and what in said for at, said in problems_of(published, "redirects.toml"))


# --- following old links ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def moved(published: TinyProject) -> Path:
    """A lesson under another name, and of the first one a figure and an anchor that never was there, for the sake of an old link."""
    rename_second(published)
    redirect(published, "lessons/second-steps/", "lessons/further-steps/")
    redirect(published, "lessons/first-steps/#old-cosines", "lessons/first-steps/#tiny-cosines")
    redirect(published, "lessons/first-steps/#old-heading", "lessons/further-steps/#a-heading-of-its-own")
    outcome = published.build()
    assert outcome.status == 0, outcome.errors
    return published.site


def test_old_links_lead_on_with_all_they_carry(browser, moved: Path):
    """A page, with query and anchor; an anchor on its page, with the figure's state under its new name; an anchor on another page."""
    links = {
        "lessons/second-steps/?tiny-angles.x=1#tiny-angles": "lessons/further-steps/?tiny-angles.x=1#tiny-angles",
        "lessons/second-steps/figures/tiny-angles/": "lessons/further-steps/figures/tiny-angles/",
        "sets/other/lessons/second-steps/": "sets/other/lessons/further-steps/",
        "lessons/first-steps/?old-cosines.x=1#old-cosines": "lessons/first-steps/?tiny-cosines.x=1#tiny-cosines",
        "lessons/first-steps/#old-heading": "lessons/further-steps/#a-heading-of-its-own",
    }
    with SiteServer(moved) as server:
        for old, new in links.items():
            with visit(browser, server.url + old, DESKTOP) as opened:
                opened.until("(address) => location.href === address && document.readyState === 'complete'", server.url + new)
                assert opened.problems() == []


def test_old_links_lead_on_without_scripts(browser, moved: Path):
    """A page by itself; an anchor by a line that shows only to who asked for it, and is accessible."""
    with SiteServer(moved) as server:
        with visit(browser, server.url + "lessons/second-steps/", DESKTOP, scripts=False) as opened:
            opened.page.wait_for_url("**/lessons/further-steps/")
        with visit(browser, server.url + "lessons/first-steps/#old-heading", DESKTOP, scripts=False) as opened:
            lines = opened.page.locator(".moved")
            assert [line.is_visible() for line in lines.all()] == [False, True]
            lines.last.locator("a").click()
            opened.page.wait_for_url(server.url + "lessons/further-steps/#a-heading-of-its-own")
        moved_js = re.compile(r"site\..*\.js")
        for path in ("lessons/second-steps/", "lessons/first-steps/#old-heading"):
            for dark in (False, True):
                with visit(browser, server.url + path, DESKTOP, dark=dark, block=moved_js) as opened:
                    places = ["h1", ".start"] if "second" in path else [".moved:target"]
                    assert accessibility_problems(opened, path, places=places) == []
