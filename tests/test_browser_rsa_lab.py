"""The RSA lab in a real browser: its numbers are SciPy's and rsatoolbox's on the same vectors, and nothing the reader does is lost."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import nbformat
import numpy as np
import pytest
from rsatoolbox.rdm import RDMs, compare
from scipy.cluster.hierarchy import leaves_list as leaves
from scipy.cluster.hierarchy import linkage, optimal_leaf_ordering
from scipy.stats import kendalltau, rankdata, spearmanr

from artefacts.envelope import read_artefact
from precompute.lab.quantised_space import dequantised
from precompute.rsa.coefficients import COEFFICIENTS, category_ceiling, coefficient
from precompute.rsa.inference import _resampled, p_value
from precompute.rsa.partial import partial_coefficient
from precompute.rsa.rdms import category_dissimilarities, dissimilarities, matrix_of
from precompute.rsa.selectivity import cohens_d, difference_of_means
from tests.support import ROOT
from tests.support.accessibility import COLOURS, DROP_LATER_ROWS, accessibility_problems
from tests.support.browser import DESKTOP, PHONE, Visit, is_grey_while_waiting, visit
from tests.support.site_server import SiteServer

DATA = ROOT / "content" / "data" / "smollm2-minilm"
SCRIPTS = ROOT / "static" / "js" / "explore"
NOTEBOOK = ROOT / "content" / "notebooks" / "rsa-lab.py"
PAGE = "explore/rsa/"
THEIRS = {"pearson": "corr", "spearman": "spearman", "rho_a": "rho-a", "tau_a": "tau-a"}  # rsatoolbox's names
FIRST_VIEW_BUDGET = 1_500_000


def read(name: str):
    return read_artefact(DATA / f"{name}.json")[1]


@pytest.fixture(scope="module")
def lab():
    return read("lab_words")


def vectors(code: str, rows: list[int]) -> np.ndarray:
    """The vectors of a space, "d2", as the page has them."""
    spaces = {f"{s.role[0]}{('static', 'third', 'two_thirds', 'last').index(s.depth)}": s.artefact for s in read("lab_words").spaces}
    return dequantised(read(spaces[code]))[rows].astype(np.float64)


def pairs_of(rows: np.ndarray, measure: str) -> np.ndarray:
    return dissimilarities(rows[:, 1:], "cosine") if measure == "correlation" else dissimilarities(rows, measure)


# --- the formulas, without a page --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def formulas(browser) -> Iterator:
    """An empty page with the scripts that compute."""
    page = browser.new_page()
    page.goto("about:blank")
    for name in ("rsa-numbers.js", "rsa-draws.js"):
        page.add_script_tag(path=SCRIPTS / name)
    yield page
    page.close()


def some_pairs(words: int, seed: int, ties: bool = False) -> np.ndarray:
    values = np.random.default_rng(seed).standard_normal(words * (words - 1) // 2)
    return np.round(values, 1) if ties else values


@pytest.mark.parametrize("ties", [False, True], ids=["untied", "tied"])
@pytest.mark.parametrize("words", [4, 13, 40])
def test_coefficients_are_rsatoolboxs_and_scipys(formulas, words: int, ties: bool) -> None:
    one, other = some_pairs(words, 1, ties), some_pairs(words, 2, ties) + some_pairs(words, 1, ties)
    found = formulas.evaluate(
        "([a, b]) => { const x = Float64Array.from(a), y = Float64Array.from(b);"
        " return WordSpaces.rsa.COEFFICIENTS.map((name) => WordSpaces.rsa.coefficient(name, x, y)); }",
        [one.tolist(), other.tolist()],
    )
    expected = [float(compare(RDMs(one[None]), RDMs(other[None]), THEIRS[name]).item()) for name in COEFFICIENTS]
    np.testing.assert_allclose(found, expected, atol=1e-10)
    np.testing.assert_allclose(found, [coefficient(name, one, other) for name in COEFFICIENTS], atol=1e-10)
    assert found[1] == pytest.approx(spearmanr(one, other).statistic)
    if not ties:
        assert found[3] == pytest.approx(kendalltau(one, other).statistic)
    ranks = formulas.evaluate("(a) => Array.from(WordSpaces.rsa.midRanks(Float64Array.from(a)))", one.tolist())
    np.testing.assert_array_equal(ranks, rankdata(one))


def test_constant_values_agree_with_nothing(formulas) -> None:
    found = formulas.evaluate(
        """() => { const { rsa } = WordSpaces, x = new Float64Array(10).fill(0.3), y = Float64Array.from({length: 10}, (_, n) => n);
        return rsa.COEFFICIENTS.flatMap((name) => [rsa.coefficient(name, x, y), rsa.ceiling(name, new Float64Array(10))]); }"""
    )
    assert found == [0] * 8


def test_ceilings_partial_values_and_selectivity_are_the_projects(formulas) -> None:
    groups = [0] * 5 + [1] * 7 + [2] * 4
    names = [str(group) for group in groups]
    model = category_dissimilarities(names)
    one = some_pairs(16, 3) + model
    other = some_pairs(16, 4) + model
    ceilings, partials, index = formulas.evaluate(
        """([groups, a, b]) => { const { rsa } = WordSpaces;
        const [x, y, g] = [Float64Array.from(a), Float64Array.from(b), rsa.categoryPairs(groups)];
        const of = (name, p, q) => rsa.coefficient(name, p, q);
        return [rsa.COEFFICIENTS.map((name) => rsa.ceiling(name, g)),
          ["pearson", "spearman"].map((name) => rsa.partial(of(name, x, y), of(name, x, g), of(name, y, g))),
          rsa.selectivity(x, g)]; }""",
        [groups, one.tolist(), other.tolist()],
    )
    np.testing.assert_allclose(ceilings, [category_ceiling(name, names) for name in COEFFICIENTS], atol=1e-12)
    np.testing.assert_allclose(partials, [partial_coefficient(name, one, other, model) for name in ("pearson", "spearman")], atol=1e-12)
    assert index["cohensD"] == pytest.approx(cohens_d(one, names))
    assert index["difference"] == pytest.approx(difference_of_means(one, names))


@pytest.fixture(scope="module")
def python_draws() -> dict:
    """The notebook's definitions: the same generator of random numbers, written in Python."""
    namespace: dict = {"__name__": "notebook"}
    code = NOTEBOOK.read_text(encoding="utf-8")
    exec(compile(code.split("free_orders = ")[0], str(NOTEBOOK), "exec"), namespace)
    return namespace


def python_orders(draws: dict, words: int, count: int, seed: int, groups: list | None = None) -> np.ndarray:
    draws.update(WORDS=[""] * words, DRAWS=count, SEED=seed)
    return draws["shuffled_orders"](groups)


@pytest.mark.parametrize("name", COEFFICIENTS)
@pytest.mark.parametrize("groups", [None, [0, 1, 0, 2, 1, 0, 2, 0, 1, 0, 2]], ids=["free", "within"])
def test_shuffles_are_those_of_the_same_generator_in_python(formulas, python_draws, name: str, groups: list | None) -> None:
    words, count, seed = 11, 60, 5
    one, other = some_pairs(words, 6), some_pairs(words, 7, ties=True)
    found = formulas.evaluate(
        """([a, b, words, name, permutations, seed, groups]) => {
        const [x, y] = [a, b].map((values) => Float64Array.from(values));
        const draws = WordSpaces.draws.permutationNull(x, y, words, name, { permutations, seed, groups });
        for (;;) { const { value, done } = draws.next();
        if (done) return [Array.from(value), WordSpaces.draws.pValue(0.1, value)]; } }""",
        [one.tolist(), other.tolist(), words, name, count, seed, groups],
    )
    i, j = np.triu_indices(words, 1)
    orders = python_orders(python_draws, words, count, seed, groups)
    if groups:
        assert (np.array(groups)[orders] == groups).all()
    assert (np.sort(orders, axis=1) == np.arange(words)).all() and len({tuple(order) for order in orders.tolist()}) > 50
    expected = [coefficient(name, one, matrix_of(other)[order[i], order[j]]) for order in orders]
    np.testing.assert_allclose(found[0], expected, atol=1e-10)
    assert found[1]["p"] == pytest.approx(p_value(0.1, np.array(expected)))


def test_p_is_never_zero(formulas) -> None:
    assert formulas.evaluate("() => WordSpaces.draws.pValue(2, new Float64Array(10000)).p") == pytest.approx(1 / 10001)


@pytest.mark.parametrize("name", COEFFICIENTS)
def test_resamples_drop_pairs_of_a_word_with_itself_as_the_project_does(formulas, python_draws, name: str) -> None:
    words, count, seed = 9, 50, 8
    one, other = some_pairs(words, 9), some_pairs(words, 9) + some_pairs(words, 10, ties=True)
    found, low, high = formulas.evaluate(
        """([a, b, words, name, resamples, seed]) => {
        const [x, y] = [a, b].map((values) => Float64Array.from(values));
        const draws = WordSpaces.draws.resampled(x, y, words, name, { resamples, seed });
        for (;;) { const { value, done } = draws.next();
        if (done) return [Array.from(value), ...WordSpaces.draws.interval(value, 0.95)]; } }""",
        [one.tolist(), other.tolist(), words, name, count, seed],
    )
    numbers = python_draws["RandomNumbers"](seed)
    counts = np.zeros((count, words), dtype=int)
    for row in counts:
        for _ in range(words):
            row[numbers.below(words)] += 1
    expected = _resampled(one, other, name, counts)
    np.testing.assert_allclose(found, expected, atol=1e-10)
    np.testing.assert_allclose([low, high], np.quantile(expected, [0.025, 0.975]), atol=1e-10)


@pytest.mark.parametrize("words", [3, 12, 60])
def test_the_order_of_clusters_is_as_good_as_scipys(formulas, words: int) -> None:
    """Average linkage, leaves turned so that neighbours are alike. SciPy's order is not always the best that the tree allows."""
    rows = np.random.default_rng(words).standard_normal((words, 5))
    pairs = dissimilarities(rows, "euclidean")
    order = formulas.evaluate("([pairs, words]) => WordSpaces.rsa.clustered(Float64Array.from(pairs), words)", [pairs.tolist(), words])
    assert sorted(order) == list(range(words))
    square, tree = matrix_of(pairs), linkage(pairs, "average")
    theirs = leaves(optimal_leaf_ordering(tree, pairs))
    cost = lambda path: square[path[:-1], path[1:]].sum()  # noqa: E731
    assert cost(np.array(order)) <= cost(theirs) + 1e-9
    place = {word: n for n, word in enumerate(order)}
    members = {n: [n] for n in range(words)}
    for n, (left, right, _, size) in enumerate(tree):  # each cluster of SciPy's tree stands together
        members[words + n] = members[int(left)] + members[int(right)]
        places = [place[word] for word in members[words + n]]
        assert max(places) - min(places) + 1 == size


# --- the page ----------------------------------------------------------------------------------------------------------------


@contextmanager
def opened_at(browser, server: SiteServer, query: str = "", size=DESKTOP, **options) -> Iterator[Visit]:
    with visit(browser, server.url + PAGE + query, size, **options) as opened:
        yield opened


def settled(opened: Visit) -> None:
    """The vectors are here and the numbers drawn."""
    opened.until("() => { const e = document.querySelector('[data-rsa-lab]'); return e.matches('.live') && !e.hasAttribute('aria-busy'); }")


def shuffled(opened: Visit) -> None:
    """The shuffles are done."""
    opened.until("() => document.querySelector('[data-progress-words]').textContent.includes('are done')", seconds=60)


def cells(opened: Visit, table: str) -> dict[str, list[str]]:
    """Rows of a table of numbers by key."""
    return opened.page.evaluate(
        """(table) => Object.fromEntries([...document.querySelectorAll(`[data-${table}] tbody tr`)].map((row) =>
        [row.dataset.row, [...row.querySelectorAll("td")].map((cell) => cell.textContent.replaceAll("−", "-"))]))""",
        table,
    )


def board(opened: Visit) -> list[tuple[str, list[str]]]:
    """Categories and their words as they stand on the page."""
    found = opened.page.evaluate(
        """() => [...document.querySelectorAll("[data-board] .board-group")].map((group) =>
        [group.querySelector(".board-name").value, [...group.querySelectorAll(".board-word")].map((word) => word.textContent)])"""
    )
    return [(name, words) for name, words in found]


def chosen(opened: Visit) -> list[str]:
    return [word for _, words in board(opened) for word in words]


def written(groups: dict[str, list[str]]) -> str:
    return "?words=" + quote("~".join(f"{name}:{'.'.join(words)}" for name, words in groups.items()))


def words_of(lab, key: str) -> tuple[list[int], list[str]]:
    ready = next(one for one in lab.sets if one.key == key)
    return [place for group in ready.groups for place in group.words], [group.name for group in ready.groups for _ in group.words]


def shown(value: float, decimals: int = 3) -> str:
    return f"{value:.{decimals}f}".replace("-0.000", "0.000")


def measured(value: float, measure: str) -> str:
    """A similarity to three decimals, a distance to four digits."""
    return shown(value, max(0, min(3, 3 - int(np.floor(np.log10(value)))))) if measure == "euclidean" else shown(value)


@pytest.mark.parametrize(
    ("key", "first", "second", "measure"),
    [("lesson", "d0", "e0", "cosine"), ("opposites", "d2", "s0", "correlation"), ("hundred", "e3", "d3", "euclidean")],
)
def test_numbers_on_screen_are_pythons(browser, site_server: SiteServer, lab, key: str, first: str, second: str, measure: str) -> None:
    rows, categories = words_of(lab, key)
    one, other = pairs_of(vectors(first, rows), measure), pairs_of(vectors(second, rows), measure)
    model = category_dissimilarities(categories)
    with opened_at(browser, site_server, f"?set={key}&first={first}&second={second}&measure={measure}") as opened:
        settled(opened)
        between = cells(opened, "between")
        theirs = {name: float(compare(RDMs(one[None]), RDMs(other[None]), THEIRS[name]).item()) for name in COEFFICIENTS}
        assert {name: between[name][0] for name in COEFFICIENTS} == {name: shown(value) for name, value in theirs.items()}
        for name in ("pearson", "spearman"):
            assert between[f"partial-{name}"][0] == shown(partial_coefficient(name, one, other, model))
        selectivity = cells(opened, "selectivity")
        assert selectivity["cohens_d"] == [shown(cohens_d(pairs, categories)) for pairs in (one, other)]
        assert selectivity["pearson"] == [shown(coefficient("pearson", pairs, model)) for pairs in (one, other)]
        for kind, number in (("within", 0), ("across", 1)):
            means = [pairs[model == number].mean() for pairs in (one, other)]
            assert selectivity[kind] == [measured(mean if measure == "euclidean" else 1 - mean, measure) for mean in means]
        with_categories = cells(opened, "with-categories")
        for name in COEFFICIENTS:
            expected = [coefficient(name, one, model), coefficient(name, other, model), category_ceiling(name, categories)]
            assert with_categories[name] == [shown(value) for value in expected]
        assert (
            f"{len(rows)} words make {len(one):,} pairs: {int((model == 0).sum()):,} within"
            in opened.page.locator("[data-count]").inner_text()
        )
        assert opened.problems() == []


def test_p_and_interval_on_screen_are_the_notebooks(browser, site_server: SiteServer, lab, python_draws) -> None:
    """10,000 shuffles and resamples in the worker: the same as in Python from the same seed."""
    rows, categories = words_of(lab, "lesson")
    one, other = pairs_of(vectors("e0", rows), "cosine"), pairs_of(vectors("s0", rows), "cosine")
    with opened_at(browser, site_server, "?first=e0&second=s0&shuffle=within") as opened:
        settled(opened)
        shuffled(opened)
        between = cells(opened, "between")
        numbers = [category.split() for category in dict.fromkeys(categories)]
        assert len(numbers) == 3
        orders = python_orders(python_draws, len(rows), 10_000, 11, categories)
        i, j = np.triu_indices(len(rows), 1)
        for name in ("pearson", "spearman"):
            values = python_draws["scores"](name, one), matrix_of(python_draws["scores"](name, other))
            null = np.concatenate([values[1][block[:, i], block[:, j]] @ values[0] for block in np.array_split(orders, 10)])
            assert between[name][1] == f"{p_value(coefficient(name, one, other), null):.4f}"
        random = python_draws["RandomNumbers"](11)
        counts = np.zeros((10_000, len(rows)), dtype=int)
        for row in counts:
            for _ in rows:
                row[random.below(len(rows))] += 1
        low, high = np.quantile(
            np.concatenate([_resampled(one, other, "pearson", block) for block in np.array_split(counts, 10)]), [0.025, 0.975]
        )
        assert between["pearson"][2] == f"{shown(low)} to {shown(high)}"
        assert all(re.fullmatch(r"0\.\d{4}|1\.0000", row[1]) and row[1] != "0.0000" for row in between.values())
        assert "p = (" in opened.page.locator("[data-null-words]").inner_text()
        assert opened.page.locator("[data-progress]").is_hidden()
        assert opened.problems() == []


# --- words in and out ----------------------------------------------------------------------------------------------------------


def test_a_word_moves_by_keyboard_and_back_undoes_it(browser, site_server: SiteServer) -> None:
    with opened_at(browser, site_server) as opened:
        settled(opened)
        page, before = opened.page, board(opened)
        assert [name for name, _ in before] == ["space", "furniture", "fruit"]
        value = cells(opened, "selectivity")["pearson"]
        page.locator(".board-word", has_text="orange").focus()
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Move to space"
        page.keyboard.press("Escape")
        assert page.evaluate("document.activeElement.textContent") == "orange"
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")
        assert dict(board(opened))["space"][-1] == "orange"
        assert page.evaluate("document.activeElement.textContent") == "orange"
        assert "orange is now in space" in page.locator("[data-done]").text_content()
        settled(opened)
        assert "words=" in page.url and cells(opened, "selectivity")["pearson"] != value
        page.keyboard.press("Delete")
        assert "orange" not in chosen(opened)
        page.go_back()
        page.go_back()
        opened.until("() => !location.search")
        assert board(opened) == before and page.locator("#lab-set").input_value() == "lesson"
        assert opened.problems() == []


def test_a_word_is_dragged_into_another_category(browser, site_server: SiteServer) -> None:
    with opened_at(browser, site_server) as opened:
        settled(opened)
        page = opened.page
        word, target = page.locator(".board-word", has_text="moon"), page.locator(".board-group").nth(2)
        word.scroll_into_view_if_needed()
        start, end = word.bounding_box(), target.bounding_box()
        page.mouse.move(start["x"] + 8, start["y"] + 8)
        page.mouse.down()
        page.mouse.move(end["x"] + 60, end["y"] + 30, steps=6)
        assert page.locator(".board-group.over").count() == 1 and page.locator(".board-ghost").inner_text() == "moon"
        page.mouse.up()
        assert dict(board(opened))["fruit"][-1] == "moon" and "moon" not in dict(board(opened))["space"]
        assert page.locator(".board-ghost").count() == 0 and page.locator(".board-panel").count() == 0
        page.locator(".board-word", has_text="star").hover()
        page.mouse.down()
        page.mouse.move(5, 5, steps=4)
        page.mouse.up()  # dropped nowhere: all stays
        assert "star" in dict(board(opened))["space"]
        assert opened.problems() == []


def test_a_finger_that_rests_drags_and_one_that_swipes_scrolls(browser, site_server: SiteServer) -> None:
    with opened_at(browser, site_server, size=PHONE, touch=True) as opened:
        settled(opened)
        page, session = opened.page, opened.page.context.new_cdp_session(opened.page)

        def touch(kind: str, *points: tuple[float, float]) -> None:
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]})

        page.locator(".board-word", has_text="cosmos").scroll_into_view_if_needed()
        word, target = page.locator(".board-word", has_text="cosmos").bounding_box(), page.locator(".board-group").nth(1).bounding_box()
        x, y = word["x"] + 8, word["y"] + 8
        touch("touchStart", (x, y))
        opened.until("() => document.querySelector('.board-ghost')")
        for share in (0.3, 0.6, 1):
            touch("touchMove", (x + (target["x"] + 60 - x) * share, y + (target["y"] + 40 - y) * share))
        touch("touchEnd")
        assert dict(board(opened))["furniture"][-1] == "cosmos"
        before, groups = page.evaluate("scrollY"), board(opened)
        start = page.locator(".board-word", has_text="pear").bounding_box()
        page.evaluate("addEventListener('touchend', () => addEventListener('scrollend', () => { window.atRest = true; }))")
        touch("touchStart", (start["x"] + 5, start["y"] + 5))
        for step in range(1, 9):
            touch("touchMove", (start["x"] + 5, start["y"] + 5 - 30 * step))
        touch("touchEnd")
        opened.until("() => window.atRest")  # a tap on a page that still glides stops it, and does nothing else
        assert page.evaluate("scrollY") > before + 50
        assert board(opened) == groups and page.locator(".board-panel").count() == 0
        for _ in range(5):  # on a busy machine the two halves of a tap may come as far apart as those of a finger that rests
            page.locator(".board-word", has_text="orbit").tap()
            with suppress(AssertionError):
                opened.until("() => document.querySelector('.board-panel')", seconds=3)
                break
        box = page.locator(".board-panel").bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= PHONE[0]
        assert opened.problems() == []


def test_categories_come_and_go_and_back_undoes_it(browser, site_server: SiteServer) -> None:
    with opened_at(browser, site_server) as opened:
        settled(opened)
        page, before = opened.page, board(opened)
        page.locator(".board-remove").nth(1).click()
        assert [name for name, _ in board(opened)] == ["space", "fruit"]
        assert page.evaluate("document.activeElement.value") == "space"
        page.locator("[data-add-group]").click()
        assert board(opened)[2] == ("", []) and page.evaluate("document.activeElement.matches('.board-name')")
        page.locator("[data-random]").click()
        assert len(set(chosen(opened))) == 30
        drawn = board(opened)
        page.locator("[data-clear]").click()
        assert chosen(opened) == []
        page.go_back()
        opened.until("() => document.querySelectorAll('.board-word').length === 30")
        assert board(opened) == drawn
        for _ in range(3):
            page.go_back()
        opened.until("() => !location.search")
        assert board(opened) == before
        assert opened.problems() == []


def test_words_are_found_added_and_kinds_of_words_too(browser, site_server: SiteServer, lab) -> None:
    with opened_at(browser, site_server, written({"few": ["dog", "cat"]})) as opened:
        settled(opened)
        page = opened.page
        page.locator("#lab-find").fill("riv")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        assert board(opened) == [("few", ["dog", "cat", "river"])]
        page.locator("#lab-find").fill("months")
        page.keyboard.press("Enter")
        months = next(category for category in lab.categories if category.name == "months")
        assert board(opened)[1] == ("months", [lab.words[place] for place in months.words])
        page.locator("#lab-find").fill("dog")
        page.keyboard.press("Enter")
        assert "already chosen" in page.locator("[data-lab-found]").text_content()
        page.locator("#lab-find").fill("zzzz")
        assert "No word here" in page.locator("[data-lab-found]").text_content()
        assert opened.problems() == []


ODD = "moon, Moon, sofa\nfruit: pear; apple\tpear\n# animals\n- dog\n🍕, שלום, <b>x</b>, constructor, moon."


def test_a_pasted_list_says_what_is_missing_and_why_and_loses_nothing(browser, site_server: SiteServer) -> None:
    with opened_at(browser, site_server) as opened:
        settled(opened)
        page = opened.page
        page.locator(".lab-paste summary").click()
        page.locator("#lab-paste").fill(ODD)
        page.locator("[data-paste=replace]").click()
        assert board(opened) == [("", ["moon"]), ("fruit", ["pear", "apple"]), ("animals", ["dog"])]
        opened.until("() => document.querySelectorAll('[data-report] li').length === 5")
        report = page.locator("[data-report]").inner_text()
        assert re.search(r"sofa: 2 tokens in SmolLM2 \(.+ · .+\)", report)
        assert "🍕: " in report and "שלום: " in report and "<b>x</b>: " in report and "constructor: " in report
        assert "already chosen: moon, pear" in report
        assert page.locator("#lab-paste").input_value() == ODD
        page.locator("[data-paste=add]").click()
        assert len(chosen(opened)) == 4
        page.locator("#lab-paste").fill(("word " * 2000)[:10_000])
        page.locator("[data-paste=replace]").click()
        opened.until("() => document.querySelector('[data-report]').textContent.includes('of 2000')")
        page.locator("#lab-paste").fill(" ,;\n")
        page.locator("[data-paste=replace]").click()
        assert "no word in the box" in page.locator("[data-report]").inner_text()
        assert opened.problems() == []


def test_more_than_a_hundred_words_are_refused_by_name(browser, site_server: SiteServer, lab) -> None:
    with opened_at(browser, site_server) as opened:
        settled(opened)
        opened.page.locator(".lab-paste summary").click()
        opened.page.locator("#lab-paste").fill(", ".join(lab.words[:103]))
        opened.page.locator("[data-paste=replace]").click()
        assert f"Beyond the limit of 100 words: {', '.join(lab.words[100:103])}." in opened.page.locator("[data-report]").inner_text()
        assert "100 words make 4,950 pairs" in opened.page.locator("[data-count]").inner_text()


@pytest.mark.parametrize(
    ("groups", "said"),
    [({}, "No words make no pair"), ({"a": ["dog"]}, "One word makes no pair"), ({"a": ["dog", "cat"]}, "2 words make 1 pair")],
    ids=["none", "one", "two"],
)
def test_too_few_words_say_so(browser, site_server: SiteServer, groups: dict, said: str) -> None:
    with opened_at(browser, site_server, written(groups) if groups else "?words=") as opened:
        settled(opened)
        assert said in opened.page.locator("[data-count]").inner_text()
        assert cells(opened, "between")["pearson"] == ["–", "–", "–"]
        assert cells(opened, "selectivity")["cohens_d"] == ["–", "–"]
        assert opened.problems() == []


def test_a_link_to_what_is_gone_says_so_and_shows_the_rest(browser, site_server: SiteServer) -> None:
    query = written({"a": ["dog", "cat", "gonezo", "horse", "<img>"]}) + "&first=x9&measure=cosine&order=second"
    with opened_at(browser, site_server, query) as opened:
        settled(opened)
        notice = opened.page.locator("[data-notice]").inner_text()
        assert "gonezo" in notice and "<img>" in notice and "x9" in notice and "The rest of it is shown" in notice
        assert board(opened) == [("a", ["dog", "cat", "horse"])]
        assert opened.page.locator("#lab-order").input_value() == "second"
        assert opened.problems() == []
    with opened_at(browser, site_server, "?set=nothing") as opened:
        settled(opened)
        assert "nothing" in opened.page.locator("[data-notice]").inner_text()
        assert board(opened)[0][0] == "space"


def test_names_of_categories_survive_the_address(browser, site_server: SiteServer) -> None:
    odd = "a:b.c~d%e & “q”"
    with opened_at(browser, site_server, written({"x": ["dog", "cat"], "y": ["car"]})) as opened:
        settled(opened)
        opened.page.locator(".board-name").first.fill(odd)
        opened.page.keyboard.press("Enter")
        opened.until("() => document.querySelector('[data-done]').textContent.includes('is now called')")
        before = board(opened)
        assert before[0] == (odd, ["dog", "cat"])
        opened.page.reload()
        settled(opened)
        assert board(opened) == before
        assert opened.problems() == []


# --- pictures and tables -------------------------------------------------------------------------------------------------------


def test_matrices_and_points_are_read_by_keyboard_and_as_tables(browser, site_server: SiteServer, lab) -> None:
    rows, _ = words_of(lab, "lesson")
    pairs = {code: pairs_of(vectors(code, rows), "cosine") for code in ("d0", "e0")}
    with opened_at(browser, site_server) as opened:
        settled(opened)
        page, names = opened.page, [lab.words[row] for row in rows]
        page.locator("[data-matrix=first] canvas").focus()
        for key in ("ArrowRight", "ArrowDown", "ArrowRight"):
            page.keyboard.press(key)
        expected = matrix_of(1 - pairs["d0"])[1, 2]
        assert page.locator("[data-matrix=first] [data-readout]").inner_text() == f"{names[1]} and {names[2]}: cosine {shown(expected)}"
        page.locator("[data-scatter] canvas").focus()
        page.keyboard.press("ArrowRight")
        text = page.locator("[data-scatter] [data-readout]").inner_text()
        assert text.startswith(f"{names[0]} and {names[1]}: {shown(1 - pairs['d0'][0])} in SmolLM2")
        page.keyboard.press("ArrowRight")
        assert page.locator("[data-scatter] [data-readout]").inner_text() != text
        page.locator("[data-matrix-table] summary").click()
        table = page.locator("[data-matrix-table] table").nth(1)
        table.locator("tbody tr").nth(len(names) - 1).wait_for()  # filled when the browser tells that it was opened
        assert table.locator("tbody tr").count() == len(names)
        shown_cells = table.locator("tbody tr").nth(3).locator("td").all_inner_texts()
        square = matrix_of(1 - pairs["e0"])
        assert [float(cell.replace("−", "-")) for n, cell in enumerate(shown_cells) if n != 3] == pytest.approx(
            np.delete(square[3], 3), abs=0.00501
        )
        page.locator("#lab-order").select_option("second")
        opened.until("() => location.search.includes('order=second')")
        page.locator("[data-pairs-table] summary").click()
        first = page.locator("[data-pairs-table] tbody tr").first
        apart = np.abs(rankdata(pairs["d0"]) - rankdata(pairs["e0"]))
        i, j = np.triu_indices(len(names), 1)
        most = int(apart.argmax())
        assert first.locator("th").inner_text() == f"{names[i[most]]}, {names[j[most]]}"
        drawn = page.evaluate(
            """() => [...document.querySelectorAll(".lab-canvas:not([hidden])")].map((canvas) => {
            const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
            let painted = 0; for (let at = 3; at < pixels.length; at += 4) painted += pixels[at] > 0;
            return painted / (pixels.length / 4); })"""
        )
        assert len(drawn) >= 3 and min(drawn) > 0.02
        assert opened.problems() == []


# --- what is taken away ----------------------------------------------------------------------------------------------------------


def download(opened: Visit, what: str) -> str:
    with opened.page.expect_download() as started:
        opened.page.locator(f"[data-export={what}]").click()
    return Path(started.value.path()).read_text(encoding="utf-8")


def test_exports_hold_the_words_the_matrices_and_the_numbers(browser, site_server: SiteServer, lab) -> None:
    rows, categories = words_of(lab, "numbers")
    names = [lab.words[row] for row in rows]
    one = pairs_of(vectors("d1", rows), "correlation")
    with opened_at(browser, site_server, "?set=numbers&first=d1&measure=correlation") as opened:
        settled(opened)
        shuffled(opened)
        words = list(csv.reader(io.StringIO(download(opened, "words"))))
        assert words[0] == ["word", "category"] and words[1:] == [list(pair) for pair in zip(names, categories, strict=True)]
        matrices = list(csv.reader(io.StringIO(download(opened, "matrices"))))
        square = np.array([[float(cell) for cell in row[1:]] for row in matrices[1 : len(names) + 1]])
        np.testing.assert_allclose(square, matrix_of(one), atol=1e-12)
        assert matrices[0][1:] == names and "correlation" in matrices[0][0] and len(matrices) >= 2 * len(names) + 2
        pairs = list(csv.reader(io.StringIO(download(opened, "pairs"))))
        assert len(pairs) == len(one) + 1
        np.testing.assert_allclose([float(row[3]) for row in pairs[1:]], one, atol=1e-12)
        numbers = json.loads(download(opened, "numbers"))
        assert numbers["words"][0] == {"word": names[0], "category": categories[0]}
        assert numbers["selectivity"]["first"]["cohensD"] == pytest.approx(cohens_d(one, categories))
        assert numbers["between"]["pearson"]["test"]["shuffles"] == 10_000 and len(numbers["between"]["tau_a"]["interval"]) == 2
        assert numbers["spaces"]["first"] | {"dims": 576, "layer": 10} == numbers["spaces"]["first"]
        assert "Word Spaces" in numbers["citation"] and "set=numbers" in numbers["page"]
        assert opened.problems() == []


def test_the_downloaded_notebook_runs_and_finds_the_same_numbers(browser, site_server: SiteServer, tmp_path: Path) -> None:
    with opened_at(
        browser, site_server, written({"a b": ["dog", "cat", "horse", "cow"], "": ["car", "bus", "train", "ship"]}) + "&first=e2"
    ) as opened:
        settled(opened)
        shuffled(opened)
        notebook = json.loads(download(opened, "notebook"))
        between, selectivity = cells(opened, "between"), cells(opened, "selectivity")
        assert opened.problems() == []
    nbformat.validate(nbformat.from_dict(notebook))
    sources = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert not any("page writes this cell" in source for source in sources)
    assert any('WORDS = ["dog","cat","horse"' in source for source in sources)
    namespace: dict = {"__name__": "notebook"}
    fewer = [source.replace("in COEFFICIENTS:  # tau_a takes its time", "in COEFFICIENTS[:2]:") for source in sources]
    fewer = [
        source.replace("counts = drawn_counts()\nfor name in COEFFICIENTS:", "counts = drawn_counts()\nfor name in ['pearson']:")
        for source in fewer
    ]
    assert fewer != sources
    for source in fewer:
        exec(compile(source, "notebook", "exec"), namespace)
    results = namespace["RESULTS"]
    assert {name: between[name][0] for name in COEFFICIENTS} == {name: shown(results["between"][name]["value"]) for name in COEFFICIENTS}
    for name in ("pearson", "spearman"):
        assert between[name][1] == f"{results['between'][name]['p']:.4f}"
        assert between[f"partial-{name}"][:2] == [shown(results["partial"][name]["value"]), f"{results['partial'][name]['p']:.4f}"]
    assert between["pearson"][2] == f"{shown(results['between']['pearson']['low'])} to {shown(results['between']['pearson']['high'])}"
    assert selectivity["cohens_d"] == [shown(one["cohens_d"]) for one in results["selectivity"].values()]
    assert selectivity["p"] == [f"{one['p']:.4f}" for one in results["selectivity"].values()]


def test_the_notebook_runs_as_it_lies_here(capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(NOTEBOOK.read_text(encoding="utf-8"), str(NOTEBOOK), "exec"), {"__name__": "notebook"})
    printed = capsys.readouterr().out
    theirs = dict(re.findall(r"(\w+) +(-?\d\.\d{6}) \(rsatoolbox\)", printed))
    ours = dict(re.findall(r"(\w+) +-?\d\.\d{6} \(rsatoolbox\), (-?\d\.\d{6}) \(here\)", printed))
    assert theirs == ours and set(ours) == set(COEFFICIENTS)


# --- around the page -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "dark"), [((320, 700), False), (PHONE, True), (DESKTOP, False)], ids=["narrow light", "phone dark", "desktop, both themes"]
)
def test_the_page_is_accessible_and_fits(browser, site_server: SiteServer, size, dark: bool) -> None:
    with opened_at(browser, site_server, "?set=opposites", size=size, dark=dark, touch=size == PHONE) as opened:
        settled(opened)
        page = opened.page
        for summary in page.locator("main details > summary").all():
            summary.click()
        page.locator(".board-word").first.click()
        assert page.locator(".board-panel").is_visible()
        page.evaluate(DROP_LATER_ROWS)
        found = accessibility_problems(opened, "dark" if dark else "light")
        if size == DESKTOP:
            page.emulate_media(color_scheme="dark")
            settled(opened)
            found += accessibility_problems(opened, "dark", COLOURS)
        assert found == []
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
        assert opened.problems() == []


def test_without_scripts_and_from_disk_the_lesson_stands_and_says_why(browser, site_server: SiteServer, real_site: Path) -> None:
    inference = read("rsa_inference").tests
    expected = next(test for test in inference if (test.first, test.second, test.coefficient) == ("decoder", "encoder", "pearson"))
    with opened_at(browser, site_server, scripts=False) as opened:
        page = opened.page
        assert "Scripts are off" in page.content()
        row = page.locator("[data-between] tr[data-row=pearson] td").all_inner_texts()
        assert row == [shown(expected.observed), f"{expected.p:.4f}", f"{shown(expected.low)} to {shown(expected.high)}"]
        assert page.locator("svg.lab-still").count() == 3 and page.locator("#lab-set").is_hidden()
        assert page.locator(".board-word").count() == 33
    page = browser.new_page()
    page.goto((real_site / PAGE / "index.html").as_uri())
    assert "opened from a folder" in page.locator("[data-notice]").text_content()
    assert page.locator("svg.lab-still").first.is_visible() and page.locator("#lab-set").is_hidden()
    page.close()


def test_a_file_that_fails_is_said_and_can_be_tried_again(browser, site_server: SiteServer) -> None:
    with opened_at(browser, site_server) as opened:
        settled(opened)
        page = opened.page
        page.route(re.compile("lab_vectors_decoder_last"), lambda route: route.abort())
        page.locator("#lab-first").select_option("d3")
        page.locator("[data-failures] .failure").wait_for()
        assert "could not be loaded" in page.locator("[data-failures]").inner_text()
        page.unroute(re.compile("lab_vectors_decoder_last"))
        page.locator("[data-failures] button").click()
        opened.until("() => document.querySelector('#lab-between-caption').textContent.includes('layer 30')")
        assert page.locator("[data-failures] .failure").count() == 0
        assert all("lab_vectors_decoder_last" in error or "ERR_FAILED" in error for error in opened.problems())


@pytest.mark.parametrize(("query", "grey"), [("", False), ("?first=d3", True)], ids=["first", "other"])
def test_only_pictures_of_other_spaces_go_grey_while_vectors_come(browser, site_server: SiteServer, query: str, grey: bool) -> None:
    """What the page comes with is what it shows at first: on a slow phone it stays readable."""
    with visit(browser, site_server.url + "explore/", DESKTOP) as opened:
        assert is_grey_while_waiting(opened, f"{site_server.url}{PAGE}{query}", "[data-rsa-lab]", re.compile("lab_vectors_")) == grey
        settled(opened)
        assert opened.page.locator(".stale").count() == 0
        assert opened.problems() == []


def test_the_first_view_keeps_its_budget_and_a_space_is_fetched_once(browser, site_server: SiteServer) -> None:
    with opened_at(browser, site_server, count_bytes=True) as opened:
        settled(opened)
        opened.quiet()
        assert opened.bytes() <= FIRST_VIEW_BUDGET
        for code in ("s0", "e0", "s0"):
            opened.page.locator("#lab-second").select_option(code)
            opened.page.wait_for_timeout(200)
        opened.quiet()
        fetched = [t.url for t in opened.transfers.values() if "/data/" in t.url]
        assert len(fetched) == len(set(fetched)) == 4
