"""Links to report an error: on every figure and claim, filled in without scripts, with the state by scripts, none without a repository."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from sitegen.edition import edition_of
from sitegen.project import Problems, Project
from sitegen.site_data import SetData
from tests.support import ROOT
from tests.support.accessibility import accessibility_problems
from tests.support.browser import DESKTOP, visit
from tests.support.built_site import BuiltSite
from tests.support.site_server import SiteServer
from tests.tiny_project import TinyProject, copy_project

REPOSITORY = "https://github.com/somebody/some-spaces"
BASE = "https://somebody.github.io/some-spaces/"
UNVEIL = "document.querySelectorAll('[data-no-guess]').forEach((button) => button.click())"  # figures that a question hides
FORM = ROOT / ".github" / "ISSUE_TEMPLATE" / "error.yml"


@pytest.fixture(scope="module")
def reporting(built_once: TinyProject, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The fixture project's site with a repository and an address."""
    project = copy_project(built_once, tmp_path_factory.mktemp("reporting") / "project")
    outcome = project.build("--repository", REPOSITORY, "--base-url", BASE)
    assert outcome.status == 0, outcome.errors
    return project.site


def fields_of(url: str) -> dict[str, str]:
    assert url.startswith(f"{REPOSITORY}/issues/new?")
    return {name: value for name, (value,) in parse_qs(urlsplit(url).query, strict_parsing=True).items()}


def test_every_figure_and_claim_has_a_link_that_says_where(reporting: Path):
    """On lessons, pages of figures, the first page and the ledger; of each set."""
    site = BuiltSite(reporting)
    links = 0
    for page in site.pages:
        owners = page.tree.css("figure[data-figure], .claim[id]")
        assert len(page.tree.css("[data-report]")) == len(owners), page.path
        edition = re.search(r"version (\S+)\.", page.one(".site-footer")) if page.tree.css_first(".site-footer") else None
        for owner in owners:
            fields = fields_of(owner.css_first("[data-report]").attributes["href"])
            what = "figure" if owner.tag == "figure" else "claim"
            name = owner.attributes["id"]
            assert fields["template"] == FORM.name
            assert fields["part"] == f"{what} {name}"
            assert name in fields["title"]
            assert fields["set"] == ("other" if page.path.startswith("sets/other/") else "tiny")
            assert fields["page"].startswith(BASE) and fields["page"].endswith(f"#{name}")
            target = urlsplit(fields["page"].removeprefix(BASE)).path + "index.html"
            assert name in next(p for p in site.pages if p.path == target).ids
            if edition:
                assert fields["version"] == edition[1]
            links += 1
    assert links >= 8


def test_the_form_has_the_fields_that_links_fill_in(reporting: Path):
    """And is a form by GitHub's own schema."""
    command = [Path(sys.executable).parent / "check-jsonschema", "--builtin-schema", "vendor.github-issue-forms", FORM]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    ids = {field["id"] for field in yaml.safe_load(FORM.read_text(encoding="utf-8"))["body"]}
    page = BuiltSite(reporting).page("lessons/first-steps/")
    fields = fields_of(page.tree.css_first("figure [data-report]").attributes["href"])
    assert ids == (set(fields) - {"template", "title"}) | {"state", "wrong"}


def test_without_a_repository_there_is_no_such_link(built_once: TinyProject):
    assert not [page.path for page in BuiltSite(built_once.site).pages if "data-report" in page.text or "issues/new" in page.text]


def test_the_repository_can_be_named_once_and_must_be_one(project: TinyProject):
    project.append("content/site.toml", f'repository = "{REPOSITORY}"\n')
    assert project.build().status == 0
    assert BuiltSite(project.site).page("claims/").tree.css_first("[data-report]")
    project.replace("content/site.toml", REPOSITORY, "javascript:alert(1)")
    outcome = project.build()
    assert outcome.status == 1
    assert re.search(r"content/site\.toml:\d+: key 'repository'", outcome.errors), outcome.errors
    with pytest.raises(SystemExit):
        project.build("--repository", "github.com/x")


def test_scripts_add_the_state_of_the_figure(browser, reporting: Path):
    """As its permanent link has it; the page is the one that the reader sees."""
    with SiteServer(reporting) as server, visit(browser, server.url + "lessons/first-steps/", DESKTOP) as opened:
        page = opened.page
        page.evaluate(UNVEIL)
        figure = page.locator("figure:has([data-control])").first
        name = figure.get_attribute("id")
        link = figure.locator("[data-report]")
        assert "state" not in fields_of(link.get_attribute("href"))
        control = figure.locator("[data-control]").first
        figure.scroll_into_view_if_needed()
        opened.until("(id) => document.getElementById(id).querySelector('.figure-canvas.ready')", name)
        if control.evaluate("(e) => e.tagName") == "SELECT":
            control.select_option(index=1)
        else:
            control.press("ArrowRight")
        figure.locator(".figure-menu summary").click()
        link.focus()
        fields = fields_of(link.get_attribute("href"))
        key = f"{name}.{control.get_attribute('data-control')}"
        assert fields["state"].startswith(f"{key}=")
        assert fields["page"] == f"{server.url}lessons/first-steps/?{fields['state']}#{name}"
        assert opened.problems() == []


def test_the_links_are_accessible(browser, reporting: Path):
    with SiteServer(reporting) as server:
        for path in ("lessons/first-steps/", "claims/"):
            with visit(browser, server.url + path, DESKTOP, dark=True) as opened:
                if path != "claims/":
                    opened.page.evaluate(UNVEIL)
                    opened.page.locator(".figure-menu summary").first.click()
                found = accessibility_problems(opened, path, but=["target-size"], places=[".figure-menu[open], .claim"])
                assert found + opened.problems() == []


def test_the_version_follows_the_data_and_nothing_else(project: TinyProject):
    """A number that is cited can be found again; a corrected word of the prose leaves it, and all other pages, as they are."""
    folder = project.path("content/data/tiny")
    problems = Problems(Project(project.folder))
    before = edition_of("1.2.3", SetData(folder, problems))
    assert re.fullmatch(r"1\.2\.3\+[0-9a-f]{8}", before)
    file = next(path for path in sorted(folder.glob("*.json")) if path.stem != "measured_times")
    file.write_bytes(file.read_bytes() + b"\n")
    assert edition_of("1.2.3", SetData(folder, problems)) != before
