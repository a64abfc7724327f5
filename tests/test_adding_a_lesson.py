"""The README's example of a lesson with a figure and a claim, word for word, built in a small project."""

from __future__ import annotations

import json
import re

import pytest

from tests.support import ROOT
from tests.support.built_site import BuiltSite
from tests.tiny_project import TinyProject

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"<!-- (file|append) (\S+) -->\n```\w+\n(.*?)```\n", README, re.DOTALL)


@pytest.fixture
def followed(project: TinyProject) -> TinyProject:
    """Somebody has done what the README says."""
    for how, name, text in BLOCKS:
        path = project.path(name)
        path.parent.mkdir(exist_ok=True)
        path.write_text((path.read_text(encoding="utf-8") if how == "append" else "") + text, encoding="utf-8")
    return project


def test_the_lesson_of_the_readme_builds_with_its_figure_and_its_claim(followed: TinyProject):
    """In both sets of the project; its figure is drawn, its claim is judged and stands in the ledger."""
    assert [name for _, name, _ in BLOCKS] == [
        "content/lessons/11-how-far-is-far.md",
        "charts/how_far_is_far/mean_of_pairs.py",
        "content/claims/how_far_is_far.toml",
        "content/claims/how_far_is_far.py",
        "content/references.bib",
    ]
    outcome = followed.build()
    assert outcome.status == 0, outcome.errors
    site = BuiltSite(followed.site)
    for folder, name in (("", "tiny"), ("sets/other/", "other")):
        page = site.page(f"{folder}lessons/how-far-is-far/")
        assert page.one("h1") == "How far is far?"
        assert page.tree.css_first("figure#mean-of-pairs svg")
        assert "Where it misleads:" in page.one("#mean-of-pairs .figure-caption")
        assert len(page.one("#mean-of-pairs-description")) > 100, "as tests/test_charts.py asks of every figure"
        pairs = json.loads(followed.path(f"content/data/{name}/random_pairs.json").read_text(encoding="utf-8"))["data"]["by_model"]
        means = {entry["role"]: entry["all_tokens"]["mean"] for entry in pairs}
        assert f"have a cosine of {means['decoder']:.2f} on average" in page.one(".prose")
        assert f"do not stand at right angles: decoder {means['decoder']:.2f}" in page.one(".prose")
        assert "does not hold" in site.page(f"{folder}claims/").one("#tokens-at-right-angles .claim-verdict")
        assert "Doe" in site.page(f"{folder}references/").one("#doe2026angles")


def test_each_mistake_in_it_would_be_named(followed: TinyProject):
    """As a stranger makes them: a name misspelt in one place of the example."""
    followed.replace("content/lessons/11-how-far-is-far.md", 'figure("mean-of-pairs")', 'figure("mean-of-pear")')
    followed.replace("content/claims/how_far_is_far.toml", 'check = "tokens_at', 'check = "token_at')
    outcome = followed.build()
    assert outcome.status == 1
    assert "unknown figure 'mean-of-pear'" in outcome.errors and "Did you mean 'mean-of-pairs'" in outcome.errors
    assert "unknown check 'token_at_right_angles'" in outcome.errors and "Did you mean 'tokens_at_right_angles'" in outcome.errors
