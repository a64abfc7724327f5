"""The token explorer in a real browser: what it writes on the screen is what Python computes, whatever the reader does."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from artefacts.envelope import read_artefact
from artefacts.packing import unpack
from precompute.explore.static_space import explored_space
from precompute.models import open_set
from precompute.neighbours import read_neighbour_ids
from precompute.space import Space, angle_degrees
from precompute.variants import kind_of_variant
from precompute.workspace import Workspace
from tests.support.accessibility import COLOURS, DROP_LATER_ROWS, accessibility_problems
from tests.support.browser import DESKTOP, PHONE, Visit, is_grey_while_waiting, visit
from tests.support.site_server import SiteServer

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "content" / "data" / "smollm2-minilm"
PAGE = "explore/tokens/"


@pytest.fixture(scope="module")
def work() -> Workspace:
    return Workspace(open_set(), DATA, ROOT / "content" / "words")


@pytest.fixture(scope="module")
def tokenizers() -> dict:
    """The `tokenizers` package's."""
    return {name: open_set().tokenizer(name) for name in ("gpt2", "bert", "decoder")}


def read(name: str):
    return read_artefact(DATA / f"{name}.json")[1]


# --- the page ----------------------------------------------------------------------------------------------------------------


def opened_at(browser, server: SiteServer, query: str = "", size=DESKTOP, **options):
    return visit(browser, server.url + PAGE + query, size, **options)


def settled(opened: Visit) -> None:
    """All lists have come."""
    opened.until(
        """() => { const explorer = document.querySelector("[data-token-explorer]");
        return explorer.classList.contains("live") && !explorer.hasAttribute("aria-busy"); }"""
    )


def rows(opened: Visit, role: str) -> list[dict]:
    """The list of a column as it is read: rank, token, number, angle."""
    return opened.page.evaluate(
        """(role) => [...document.querySelectorAll(`[data-column=${role}] .near`)].map((row) => ({
        rank: Number(row.querySelector(".near-rank").textContent), token: row.querySelector("[data-token]").dataset.token,
        value: row.querySelector(".near-value").textContent, angle: row.querySelector(".near-angle").textContent}))""",
        role,
    )


def expected_rows(space: Space, token_id: int, ids: np.ndarray) -> list[dict]:
    """All neighbours of a token, as the page should write them."""
    found = []
    for rank, other in enumerate(ids[token_id].tolist(), start=1):
        cosine = float(space.units[token_id] @ space.units[other])
        found.append({"rank": rank, "token": f"{space.role[0]}{other}", "value": cosine, "angle": float(angle_degrees(cosine))})
    return found


def agrees(row: dict, expected: dict) -> bool:
    value, angle = float(row["value"].replace("−", "-")), float(row["angle"].rstrip("°"))
    # half a unit of the last digit shown; the angle is that of the cosine in thousandths
    close = abs(value - expected["value"]) <= 0.0005 + 1e-6 and abs(angle - expected["angle"]) <= 0.5 + 0.2
    return close and (row["rank"], row["token"]) == (expected["rank"], expected["token"])


def test_lists_lengths_and_ranks_on_screen_are_pythons(browser, site_server: SiteServer, work: Workspace) -> None:
    for word in ("coffee", "paris", "quickly"):
        tokens = {
            role: work.model_set.model(role).word_token(word if role == "encoder" or word != "paris" else "Paris")
            for role in ("decoder", "encoder")
        }
        with opened_at(browser, site_server, f"?token=d{tokens['decoder']}&folded=shown") as opened:
            settled(opened)
            for role, token_id in tokens.items():
                space, ids = work.space(role), read_neighbour_ids(DATA / f"neighbours_{role}.json")
                shown = rows(opened, role)
                assert len(shown) == 20
                wrong = [pair for pair in zip(shown, expected_rows(space, token_id, ids), strict=True) if not agrees(*pair)]
                assert wrong == []
                facts = opened.page.locator(f"[data-column={role}] .column-facts").text_content()
                longer = int((space.norms > space.norms[token_id]).sum())
                assert f"length {space.norms[token_id]:.3f} (place {longer + 1:,} of {len(space):,}, longest first)" in facts
                assert f"in {int((ids == token_id).sum()):,} list" in facts
            assert len(rows(opened, "static")) == 20
            assert opened.problems() == []


def test_folding_says_how_many_it_folds_and_shows_them_on_demand(browser, site_server: SiteServer, work: Workspace) -> None:
    with opened_at(browser, site_server) as opened:
        settled(opened)
        page, space = opened.page, work.space("decoder")
        seed = work.model_set.model("decoder").word_token("coffee")
        ids = read_neighbour_ids(DATA / "neighbours_decoder.json")[seed].tolist()
        flags = unpack(read("token_marks_decoder").flags)
        folded = [other for other in ids if kind_of_variant(space, seed, other) or flags[other]]
        assert folded
        assert [row["token"] for row in rows(opened, "decoder")] == [f"d{other}" for other in ids if other not in folded]
        note = page.locator("[data-column=decoder] .near-note").text_content()
        assert sum(map(int, re.findall(r"\d+", note))) == len(folded)
        page.locator("[data-column=decoder] [data-fold]").click()
        opened.until("() => document.querySelectorAll('[data-column=decoder] .near').length === 20")
        assert "folded=shown" in page.url
        assert opened.problems() == []


def test_euclidean_lists_are_pythons_for_any_token_in_every_space(browser, site_server: SiteServer, work: Workspace) -> None:
    """A frequent word and its counterparts, and a piece of a word that no list of words has."""
    models = {role: work.model_set.model(role) for role in ("decoder", "encoder", "static")}
    spaces = {role: explored_space(work, role) for role in models}
    piece = spaces["decoder"].raw_tokens.index("ization")
    coffee = {role: models[role].word_token("coffee") for role in ("decoder", "encoder")}
    coffee["static"] = spaces["static"].raw_tokens.index("coffee")
    for asked, expected in ((coffee["decoder"], coffee), (piece, {"decoder": piece})):
        with opened_at(browser, site_server, f"?token=d{asked}&by=euclidean&folded=shown") as opened:
            settled(opened)
            for role, seed in expected.items():
                vectors = spaces[role].vectors.astype(np.float64)
                distances = np.linalg.norm(vectors - vectors[seed], axis=1).astype(np.float32)
                distances[seed] = np.inf
                nearest = np.argsort(distances, kind="stable")[:20]
                shown = rows(opened, role)
                assert [row["token"] for row in shown] == [f"{role[0]}{i}" for i in nearest]
                digits = 3 if read(f"neighbours_{role}").distance_step < 0.01 else 2
                exact = [float(distances[i]) for i in nearest]
                assert {len(row["value"].split(".")[1]) for row in shown} == {digits}
                norms = np.linalg.norm(vectors, axis=1)
                mean = next(one for one in read("explorer_spaces").spaces if one.role == role).baseline.mean
                usual = np.sqrt(norms[seed] ** 2 + norms.mean() ** 2 - 2 * norms[seed] * norms.mean() * mean)
                axis = opened.page.locator(f"[data-column={role}] .near-axis").text_content()
                assert abs(float(re.search(r"(\d+\.\d\d)\.$", axis)[1]) - usual) <= 0.0055
                np.testing.assert_allclose([float(row["value"]) for row in shown], exact, atol=0.5 * 10**-digits + 1e-6)
            assert opened.problems() == []


def test_walking_leaves_a_trail_and_the_back_button_retraces_it(browser, site_server: SiteServer) -> None:
    with opened_at(browser, site_server) as opened:
        settled(opened)
        page = opened.page
        start = page.locator("[data-column=decoder] .column-token > .token").text_content()
        for _ in range(2):
            page.locator("[data-column=decoder] button.near-button").nth(1).click()
            settled(opened)
        opened.until("() => document.querySelectorAll('[data-trail] li').length === 3")
        there, address = page.locator("[data-column=decoder] .column-token > .token").text_content(), page.url
        assert page.locator("[data-trail] li").first.text_content() == start
        page.reload()
        settled(opened)
        opened.until("(text) => document.querySelector('[data-column=decoder] .column-token > .token')?.textContent === text", there)
        assert page.url == address
        page.go_back()
        page.go_back()
        opened.until("(text) => document.querySelector('[data-column=decoder] .column-token > .token')?.textContent === text", start)
        assert page.locator("[data-trail]").is_hidden()
        page.go_forward()
        opened.until("() => document.querySelectorAll('[data-trail] li').length === 2")
        page.locator("[data-trail] button").first.click()
        opened.until("(text) => document.querySelector('[data-column=decoder] .column-token > .token')?.textContent === text", start)
        assert opened.problems() == []


def test_a_token_is_found_by_beginning_part_and_id_from_the_keyboard(browser, site_server: SiteServer) -> None:
    with opened_at(browser, site_server) as opened:
        settled(opened)
        page, field = opened.page, opened.page.locator("#pick-text")
        for asked, expected in (("riv", "riv"), ("#4321", None), ("ppines", "ppines")):
            field.fill(asked)
            opened.until("() => !document.getElementById('pick-list').hidden")
            first = page.locator("#pick-list [role=option]").first
            if expected:
                assert expected in first.text_content().lower()
            else:
                assert "#4321" in first.text_content()
            page.keyboard.press("ArrowDown")
            assert first.get_attribute("aria-selected") == "true"
            assert field.get_attribute("aria-activedescendant") == first.get_attribute("id")
            wanted = re.search(r"#(\d+)$", first.text_content())[1]
            page.keyboard.press("Enter")
            opened.until(
                "(text) => document.querySelector('[data-column=decoder] .column-facts')?.textContent.startsWith(text)",
                f"id {int(wanted):,} ",
            )
            assert f"token=d{wanted}" in page.url
        field.fill("zzzzqqqq")
        opened.until("() => document.querySelector('[data-pick] [role=status]').textContent.startsWith('No token')")
        assert page.locator("#pick-list").is_hidden()
        assert opened.problems() == []


ODD = {
    "empty": "",
    "long": "word 🙂 " * 1_500,
    "rtl": "שלום \u202eabc",
    "controls": "\x00\x01\x7f\u200b",
    "spaces": " " * 128,
    "markup": "<img src=x onerror=alert(1)>",
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_odd_texts_are_cut_as_python_cuts_them(browser, site_server: SiteServer, tokenizers: dict, text: str) -> None:
    with opened_at(browser, site_server) as opened:
        settled(opened)
        # as typing would: a textarea drops nothing but turns returns into line feeds
        opened.page.evaluate(
            "(text) => { const area = document.getElementById('cut-text'); area.value = text; area.dispatchEvent(new Event('input')); }",
            text,
        )
        opened.page.wait_for_timeout(150)
        for name, tokenizer in tokenizers.items():
            expected = tokenizer.tokenize(text)
            row = f"[data-cut-by=live_tokenizer_{name}]"
            opened.until(
                "([row, count]) => document.querySelector(`${row} [data-cut-count]`).textContent.startsWith(count)",
                [row, f"{len(expected):,} token"],
            )
            shown = opened.page.locator(row).get_attribute("data-ids").split()
            assert [int(i) for i in shown] == expected[:2000]
        width = opened.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert width == 0
        assert opened.problems() == []


def test_a_link_whose_token_is_gone_says_so_and_shows_the_rest(browser, site_server: SiteServer) -> None:
    for query in ("?token=d99999999&text=hello", "?token=nonsense&trail=x.y.&by=magic&space=moon&map=a.b&text=hello"):
        with opened_at(browser, site_server, query) as opened:
            settled(opened)
            said = opened.page.locator("[data-notice]").text_content()
            assert "there is no token" in said
            assert all(value in said for value in ("magic", "moon", "a.b") if value in query)
            assert opened.page.locator("#cut-text").input_value() == "hello"
            assert opened.page.locator("[data-column=decoder] .near").count() > 5
            assert opened.problems() == []


def test_a_list_that_fails_to_load_says_so_in_its_column_and_can_be_tried_again(browser, site_server: SiteServer) -> None:
    with opened_at(browser, site_server) as opened:
        settled(opened)
        page = opened.page
        page.route(re.compile("neighbours_encoder/"), lambda route: route.fulfill(status=503, body="down"))
        page.locator("[data-column=decoder] button.near-button").nth(3).click()
        failure = page.locator("[data-column=encoder] .failure")
        failure.wait_for()
        assert "503" in failure.text_content()
        assert page.locator("[data-column=decoder] .near").count() > 5
        page.unroute(re.compile("neighbours_encoder/"))
        failure.get_by_role("button").click()
        opened.until("() => document.querySelectorAll('[data-column=encoder] .near').length > 5")
        assert page.locator("[data-column=encoder] .failure").count() == 0
        assert [text for text in opened.problems() if "503" not in text] == []


ALL_FAILED = """(places) => places.every((place) =>
  [...document.querySelectorAll(place)].every((element) => element.querySelector(":scope > .failure")))"""


def test_whatever_file_fails_is_told_where_it_is_needed_and_comes_at_the_next_try(browser, site_server: SiteServer) -> None:
    needed = {
        "/spaces.json": ["[data-column] [data-column-body]", "[data-overview]"],
        "live_tokenizer_gpt2": ["[data-cut-by=live_tokenizer_gpt2]"],
        "word_details_": ["[data-map]"],
        "word_map_": ["[data-overview]"],
    }
    with visit(browser, site_server.url + "explore/", DESKTOP) as opened:
        page = opened.page
        for name, places in needed.items():
            failing = re.compile(re.escape(name))
            page.route(failing, lambda route: route.fulfill(status=503, body="down"))
            page.goto(f"{site_server.url}{PAGE}?text=some+words&by=euclidean")
            page.locator("[data-map]").scroll_into_view_if_needed()
            page.locator("[data-overview]").scroll_into_view_if_needed()
            opened.until(ALL_FAILED, places)
            assert page.locator(".failure").count() == sum(page.locator(f"{place} > .failure").count() for place in places), name
            page.unroute(failing)
            while page.locator(".failure").count():
                page.locator(".failure button").first.click()
                opened.until("() => !document.querySelector('.failure button:disabled')")
                settled(opened)
            assert page.locator("[data-column] .near").count() > 40
            # the keyboard goes on where it was, once what the button began has ended: lists come first, maps a breath later
            opened.until("() => document.activeElement !== document.body")
        assert [text for text in opened.problems() if "503" not in text] == []


def test_maps_say_what_they_keep(browser, site_server: SiteServer, work: Workspace) -> None:
    with opened_at(browser, site_server) as opened:
        settled(opened)
        page = opened.page
        page.locator("[data-map]").scroll_into_view_if_needed()
        opened.until("() => document.querySelectorAll('[data-map-picture] circle.map-target').length === 21")
        kept = int(page.locator("[data-map-words]").get_attribute("data-kept"))
        seed = work.model_set.model("decoder").word_token("coffee")
        place = unpack(read("word_details_decoder").ids).tolist().index(seed)
        in_shard = read("word_details_decoder").shard_items
        shard = json.loads((DATA / "word_details_decoder" / f"{place // in_shard:04d}.json").read_text(encoding="utf-8"))
        from artefacts.schemas.explore import WordDetailsShard

        points = unpack(WordDetailsShard.model_validate(shard).map)[place % in_shard].astype(float)
        away = ((points[1:] - points[0]) ** 2).sum(axis=1)
        assert kept == len(set(np.argsort(away, kind="stable")[:5]) & set(range(5)))
        page.locator("[data-overview]").scroll_into_view_if_needed()
        opened.until("() => document.querySelector('[data-overview-words]').textContent.includes('keeps')")
        tsne = next(method for method in read("word_map_decoder").methods if method.name == "t-SNE")
        assert f"keeps {tsne.kept * 100:.1f}%" in page.locator("[data-overview-words]").text_content()
        drawn = read("word_map_decoder")
        own, points = unpack(drawn.ids).tolist().index(seed), unpack(tsne.xy).astype(float)
        away = ((points - points[own]) ** 2).sum(axis=1)
        away[own] = np.inf
        near = set(np.argsort(away, kind="stable")[: drawn.k]) & set(unpack(drawn.near)[own].tolist())
        assert int(page.locator("[data-overview-words]").get_attribute("data-kept")) == len(near)
        page.locator("#overview-role").select_option("encoder")
        page.locator("#overview-method").select_option("PCA")
        pca = next(method for method in read("word_map_encoder").methods if method.name == "PCA")
        opened.until("(text) => document.querySelector('[data-overview-words]').textContent.includes(text)", f"keeps {pca.kept * 100:.1f}%")
        assert "map=encoder.PCA" in page.url
        page.locator("[data-overview] canvas").focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        word = opened.until("() => document.querySelector('[data-overview-readout]').textContent")
        page.keyboard.press("Enter")
        opened.until("(word) => document.querySelector('[data-column=encoder] .column-token > .token')?.textContent === word", word)
        assert opened.problems() == []


@pytest.mark.parametrize(("query", "grey"), [("", False), ("?by=euclidean", True)], ids=["first", "other"])
def test_only_the_lists_of_another_token_go_grey_while_new_ones_come(browser, site_server: SiteServer, query: str, grey: bool) -> None:
    """Who waits for what the page already shows waits for nothing: on a slow phone the first lists stay readable."""
    with visit(browser, site_server.url + "explore/", DESKTOP) as opened:
        assert is_grey_while_waiting(opened, f"{site_server.url}{PAGE}{query}", "[data-token-explorer]", re.compile("neighbours_")) == grey
        settled(opened)
        assert opened.page.locator(".stale").count() == 0
        assert opened.problems() == []


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_page_is_accessible_and_fits(browser, site_server: SiteServer, size) -> None:
    """In both themes, maps and all."""
    with opened_at(browser, site_server, size=size, touch=size == PHONE) as opened:
        settled(opened)
        opened.scroll_through()
        opened.until("() => document.querySelectorAll('[data-map-picture] circle.map-target').length === 21")
        opened.page.evaluate(DROP_LATER_ROWS)
        found = accessibility_problems(opened, "light")
        opened.page.emulate_media(color_scheme="dark")
        settled(opened)
        assert found + accessibility_problems(opened, "dark", COLOURS) == []
        opened.page.set_viewport_size({"width": 320, "height": 640} if size == PHONE else {"width": 768, "height": 1024})
        assert opened.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
        assert opened.problems() == []


def test_on_a_phone_one_list_at_a_time_is_shown_and_chosen(browser, site_server: SiteServer) -> None:
    with opened_at(browser, site_server, size=PHONE, touch=True) as opened:
        settled(opened)
        visible = (
            "() => [...document.querySelectorAll('[data-column]')].filter((c) => c.checkVisibility()).map((c) => c.dataset.column).join()"
        )
        assert opened.page.evaluate(visible) == "decoder"
        opened.page.locator("label:has(input[name=space][value=static])").click()
        assert opened.page.evaluate(visible) == "static"
        assert "space=static" in opened.page.url


def test_without_scripts_and_from_disk_the_example_stands_and_says_why(
    browser, site_server: SiteServer, real_site: Path, tokenizers: dict
) -> None:
    with opened_at(browser, site_server, scripts=False) as opened:
        page = opened.page
        assert "Scripts are off" in page.content()
        assert page.locator("[data-column] .near").count() == 60
        assert page.locator("#map").is_hidden()
        tokens = page.locator("[data-cut-by=live_tokenizer_gpt2] .cut-id").all_text_contents()
        assert [int(i) for i in tokens] == tokenizers["gpt2"].tokenize(read("explorer_spaces").example_text)
    page = browser.new_page()
    page.goto((real_site / PAGE / "index.html").as_uri())
    assert "opened from a folder" in page.locator("[data-notice]").text_content()
    assert page.locator("[data-column] .near").count() == 60
    page.close()


def test_a_vocabulary_is_fetched_once_and_a_walk_stays_small(browser, site_server: SiteServer) -> None:
    with opened_at(browser, site_server, count_bytes=True) as opened:
        settled(opened)
        opened.quiet()
        fetched = [t.url for t in opened.transfers.values() if "/data/" in t.url or t.url.endswith("/spaces.json")]
        assert len(fetched) == len(set(fetched))
        vocabularies = sum(t.bytes for t in opened.transfers.values() if "live_tokenizer" in t.url or t.url.endswith("/spaces.json"))
        assert 300_000 < vocabularies <= 560_000
        before = set(opened.transfers)
        opened.page.locator("[data-column=decoder] button.near-button").nth(2).click()
        opened.quiet()
        spent = [t for key, t in opened.transfers.items() if key not in before]
        assert 3 <= len(spent) <= 6, [t.url for t in spent]
        assert sum(t.bytes for t in spent) <= 12_000 + 300 * len(spent)  # headers aside
