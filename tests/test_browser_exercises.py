"""Exercises and worksheets in a real browser: folded until asked for, reachable by address and by keyboard, complete on paper."""

from __future__ import annotations

import pytest

from tests.support.browser import PHONE, visit
from tests.support.site_server import SiteServer

LESSON = "lessons/who-lives-next-door/"
SHEET = "teach/who-lives-next-door/"


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_solution_unfolds_when_asked_for(browser, site_server: SiteServer, scripts: bool):
    """By keyboard, with scripts and without."""
    with visit(browser, site_server.url + LESSON, PHONE, scripts=scripts) as opened:
        first = opened.page.locator(".exercise").first
        solution = first.locator(".solution > p").first
        assert not solution.is_visible()
        first.locator("summary").focus()
        opened.page.keyboard.press("Enter")
        assert solution.is_visible()
        assert opened.page.locator(".solution[open]").count() == 1
        assert opened.errors == []


def test_an_exercise_has_an_address(browser, site_server: SiteServer):
    """Its number is the link to itself."""
    with visit(browser, site_server.url + LESSON, PHONE) as opened:
        number = opened.page.locator(".exercise-number").nth(1)
        number.click()
        assert opened.page.evaluate("document.querySelector('.exercise:target a').textContent") == number.text_content()


def test_on_paper_solutions_are_there(browser, site_server: SiteServer):
    """A lesson prints them; nobody can unfold paper."""
    with visit(browser, site_server.url + LESSON, (800, 1000)) as opened:
        opened.page.emulate_media(media="print")
        heights = opened.page.evaluate("[...document.querySelectorAll('.solution > p')].map((p) => p.getBoundingClientRect().height)")
        assert len(heights) >= 3
        assert min(heights) > 5


def test_on_paper_worksheet_and_answers_are_sheets_of_their_own(browser, site_server: SiteServer):
    """With room to write below each question; on screen there is none."""
    room = "[...document.querySelectorAll('.task-room')].map((room) => room.getBoundingClientRect().height)"
    breaks = "['worksheet', 'answers'].map((id) => getComputedStyle(document.getElementById(id)).breakBefore)"
    with visit(browser, site_server.url + SHEET, (800, 1000)) as opened:
        assert max(opened.page.evaluate(room)) == 0
        opened.page.emulate_media(media="print")
        assert min(opened.page.evaluate(room)) > 50
        assert opened.page.evaluate(breaks) == ["page", "page"]
