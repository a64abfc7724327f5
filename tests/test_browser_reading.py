"""Ways of reading: keyboard only, themes, questions, no scripts, from disk, on paper, reduced motion, a page that stands still."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.browser import DESKTOP, PHONE, Visit, draw_all_figures, visit
from tests.support.built_site import BuiltSite, Html
from tests.support.reader import guess, questions_of
from tests.support.site_server import SiteServer

LAYOUT_SHIFT = 0.02

# Everything a keyboard must reach: interactive, shown, not inert. Of a group of radio buttons only one is a stop.
REACHABLE = """() => {
  const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")].filter((e) =>
    !e.disabled && e.tabIndex >= 0 && !e.closest("[inert]") && e.checkVisibility({visibilityProperty: true}));
  const radios = new Set();
  const stops = all.filter((e) => e.type !== "radio" || (!radios.has(e.name) && radios.add(e.name)));
  stops.forEach((e, n) => (e.dataset.stop = n));
  return stops.map((e) => `${e.tagName} ${e.id || e.className} ${e.textContent.trim().slice(0, 30)}`);
}"""
FOCUS = """() => {
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  const style = getComputedStyle(e);
  const box = e.getBoundingClientRect();
  const of = e.type === "radio" ? document.querySelector(`[data-stop][name="${e.name}"]`) : e;
  return {
    stop: of.dataset.stop === undefined ? null : Number(of.dataset.stop),
    name: `${e.tagName} ${e.id || e.className} ${e.textContent.trim().slice(0, 30)}`,
    visible: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    inWindow: box.bottom > 0 && box.top < innerHeight && box.width > 0,
  };
}"""


@pytest.fixture(scope="module")
def site(real_site: Path) -> BuiltSite:
    return BuiltSite(real_site)


@pytest.fixture(scope="module")
def lesson(site: BuiltSite) -> Html:
    """The lesson with the most figures."""
    return max(site.lessons, key=lambda page: len(page.tree.css("[data-figure]")))


@pytest.fixture(scope="module")
def address(lesson: Html, site_server: SiteServer) -> str:
    return site_server.url + lesson.path.removesuffix("index.html")


# --- keyboard ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", "claims/", "the lesson"])
def test_tab_reaches_everything_and_focus_can_be_seen(browser, site_server: SiteServer, address: str, path: str):
    url = address if path == "the lesson" else site_server.url + path
    with visit(browser, url, DESKTOP, reduced_motion=True) as opened:
        opened.page.evaluate("for (const d of document.querySelectorAll('details:not(.menu)')) d.open = true")
        expected = opened.page.evaluate(REACHABLE)
        reached, wrong = set(), []
        for _ in range(2 * len(expected) + 20):
            opened.page.keyboard.press("Tab")
            focus = opened.page.evaluate(FOCUS)
            if focus is None:
                break  # through the page, back to the browser
            if focus["stop"] is not None:
                reached.add(focus["stop"])
            if not focus["visible"]:
                wrong.append(f"focus cannot be seen: {focus['name']}")
            if not focus["inWindow"]:
                wrong.append(f"focus is outside the window: {focus['name']}")
        missed = [name for n, name in enumerate(expected) if n not in reached]
        assert expected and not missed and not wrong, (missed, wrong)


def test_the_first_stop_skips_to_the_text(browser, address: str):
    with visit(browser, address) as opened:
        opened.page.keyboard.press("Tab")
        assert opened.page.evaluate("document.activeElement.textContent") == "Skip to the text"
        assert opened.page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
        opened.page.keyboard.press("Enter")
        assert opened.page.evaluate("location.hash") == "#main"


def test_menus_open_and_close_by_keyboard(browser, address: str):
    with visit(browser, address) as opened:
        summary = opened.page.locator(".theme-switch > summary")
        summary.focus()
        opened.page.keyboard.press("Enter")
        assert opened.page.locator(".theme-switch").get_attribute("open") is not None
        opened.page.keyboard.press("Tab")
        assert opened.page.evaluate("document.activeElement.dataset.themeChoice") == "system"
        opened.page.keyboard.press("Escape")
        assert opened.page.locator(".theme-switch").get_attribute("open") is None
        assert opened.page.evaluate("document.activeElement.tagName") == "SUMMARY"


# --- theme ---------------------------------------------------------------------------------------------------------------------

PAPER = "getComputedStyle(document.documentElement).backgroundColor"


def choose_theme(opened: Visit, choice: str) -> None:
    opened.page.locator(".theme-switch > summary").click()
    opened.page.locator(f"[data-theme-choice={choice}]").click()
    opened.page.keyboard.press("Escape")


def test_theme_follows_the_system_until_chosen_and_the_choice_is_remembered(browser, site_server: SiteServer, address: str):
    with visit(browser, address) as opened:
        light = opened.page.evaluate(PAPER)
        opened.page.emulate_media(color_scheme="dark")
        dark = opened.page.evaluate(PAPER)
        assert light != dark
        choose_theme(opened, "light")
        assert opened.page.evaluate(PAPER) == light
        opened.page.reload()
        assert opened.page.evaluate(PAPER) == light
        assert opened.page.locator("[data-theme-choice=light]").get_attribute("aria-pressed") == "true"
        opened.page.goto(site_server.url + "claims/")
        assert opened.page.evaluate(PAPER) == light
        choose_theme(opened, "system")
        assert opened.page.evaluate(PAPER) == dark
        choose_theme(opened, "dark")
        opened.page.emulate_media(color_scheme="light")
        assert opened.page.evaluate(PAPER) == dark
        opened.page.reload()
        assert opened.page.evaluate(PAPER) == dark
        assert opened.problems() == []


# --- questions -----------------------------------------------------------------------------------------------------------------


def test_a_guess_is_asked_for_before_the_answer_shows(browser, address: str, lesson: Html):
    assert questions_of(lesson)
    with visit(browser, address) as opened:
        for question, kind, reveals in questions_of(lesson):
            answer = opened.page.locator(f"#{question} .question-answer")
            assert not answer.is_visible(), question
            if reveals:
                body = opened.page.locator(f"#{reveals} .figure-body")
                assert opened.page.locator(f"#{reveals}.veiled").count() == 1, reveals
                opened.page.locator(f"#{reveals}").scroll_into_view_if_needed()
                opened.page.wait_for_timeout(200)
                assert opened.page.locator(f"#{reveals} canvas").count() == 0, "a veiled figure has drawn"
            if kind == "word":
                opened.page.locator(f"#{question} .commit").click()  # nothing written yet: not accepted
                assert not answer.is_visible(), question
            guess(opened, question, kind)
            assert answer.is_visible(), question
            assert opened.page.locator(f"#{question} .question-outcome").inner_text().startswith("You "), question
            assert not opened.page.locator(f"#{question} form").is_visible(), question
            assert opened.page.evaluate("(id) => document.activeElement.closest(`#${id}`) !== null", question), "focus is lost"
            if reveals:
                assert body.is_visible()
                assert opened.page.locator(f"#{reveals}.veiled, #{reveals} .veil").count() == 0
        said = [opened.page.locator(f"#{question} .question-outcome").inner_text() for question, _, _ in questions_of(lesson)]
        opened.page.reload()
        for (question, _, _), before in zip(questions_of(lesson), said, strict=True):
            assert opened.page.locator(f"#{question} .question-outcome").inner_text() == before, "a guess is forgotten"
        assert opened.problems() == []


def test_nobody_has_to_guess(browser, address: str, lesson: Html):
    with visit(browser, address) as opened:
        for n, (question, _, reveals) in enumerate(questions_of(lesson)):
            # by the question's own button and, where there is one, by the veil's
            place = f"#{reveals} .veil" if reveals and n % 2 else f"#{question}"
            opened.page.locator(f"{place} button", has_text="Show me without guessing").press("Enter")
            assert opened.page.locator(f"#{question} .question-answer").is_visible()
            assert opened.page.locator(f"#{question} .question-outcome").inner_text() == ""
        assert opened.page.locator(".veil").count() == 0
        assert opened.problems() == []


# --- without scripts, from disk, on paper ---------------------------------------------------------------------------------------


BROKEN_PICTURES = """[...document.querySelectorAll('img')].filter((i) => i.checkVisibility() && !(i.complete && i.naturalWidth))
  .map((i) => i.src)"""


def broken_pictures(opened: Visit) -> list[str]:
    return opened.page.evaluate(BROKEN_PICTURES)


def figures_without_a_picture(opened: Visit) -> list[str]:
    """Live figures that do not show exactly one picture of some size."""
    return opened.page.evaluate(
        """() => {
          const shown = (picture) => picture.checkVisibility({visibilityProperty: true}) && picture.offsetHeight > 80;
          const stages = [...document.querySelectorAll("[data-stage]")];
          return stages.filter((stage) => [...stage.querySelectorAll(".picture")].filter(shown).length !== 1)
            .map((stage) => stage.closest("figure").id);
        }"""
    )


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_without_scripts_a_lesson_is_complete(browser, address: str, size, dark):
    with visit(browser, address, size, dark=dark, scripts=False) as opened:
        opened.quiet()
        assert figures_without_a_picture(opened) == []
        assert broken_pictures(opened) == []
        for shown in (".question-answer", ".figure-table > summary", ".figure-menu > summary"):
            places = opened.page.locator(shown)
            assert places.count() and all(place.is_visible() for place in places.all()), shown
        for hidden in (".controls", ".question-form", ".theme-switch", "[data-action]", "[data-copy]", ".veil"):
            assert not any(place.is_visible() for place in opened.page.locator(hidden).all()), hidden
        opened.page.locator(".figure-table > summary").first.click()
        assert opened.page.locator(".figure-table table").first.is_visible()
        assert opened.errors == []


def test_a_lesson_opened_from_disk_works(browser, real_site: Path, lesson: Html):
    with visit(browser, (real_site / lesson.path).as_uri(), DESKTOP) as opened:
        opened.page.evaluate("document.querySelectorAll('[data-no-guess]').forEach((button) => button.click())")
        names = draw_all_figures(opened)
        assert len(names) == len(lesson.tree.css("[data-figure][data-script]"))
        assert opened.page.evaluate("document.fonts.check('16px Literata')")
        control = opened.page.locator("[data-control]").first
        control.select_option(index=1) if control.evaluate("(e) => e.tagName") == "SELECT" else control.press("ArrowRight")
        opened.page.wait_for_timeout(400)
        assert opened.page.locator(".failure").count() == 0
        assert [error for error in opened.errors if "manifest" not in error] == []  # browsers refuse a manifest from disk


def test_on_paper_a_lesson_is_light_and_complete(browser, address: str, tmp_path: Path):
    with visit(browser, address, (800, 1000), dark=True) as opened:
        draw_all_figures(opened)
        opened.page.emulate_media(media="print", color_scheme="dark")
        opened.until(f"() => {PAPER}.match(/\\d+/g).slice(0, 3).every((channel) => channel > 230)")
        assert figures_without_a_picture(opened) == []
        answers = opened.page.locator(".question-answer")
        assert answers.count() and all(answer.is_visible() for answer in answers.all())
        for hidden in ("canvas", ".controls", ".question-form", ".site-header", ".figure-menu", ".veil"):
            assert not any(place.is_visible() for place in opened.page.locator(hidden).all()), hidden
        assert opened.page.pdf(path=tmp_path / "lesson.pdf")[:5] == b"%PDF-"
        opened.until(f"() => !{BROKEN_PICTURES}.length")


def test_reduced_motion_means_no_motion(browser, address: str):
    with visit(browser, address, reduced_motion=True) as opened:
        assert opened.page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
        opened.page.locator("[data-no-guess]").first.click()
        draw_all_figures(opened)
        assert opened.page.evaluate("document.getAnimations().length") == 0


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_nothing_moves_while_a_lesson_loads_and_is_read(browser, address: str, size):
    with visit(browser, address, size, touch=size == PHONE) as opened:
        opened.scroll_through(pause=150)
        opened.quiet()
        shifts = [shift for shift in opened.page.evaluate("window.__shifts") if not shift["recentInput"]]
        assert sum(shift["value"] for shift in shifts) <= LAYOUT_SHIFT, shifts
