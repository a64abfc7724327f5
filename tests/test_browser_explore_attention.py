"""The attention explorer in a real browser: the numbers on the screen are Python's, whatever the reader does."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from artefacts.attention_weights import from_cells, whole
from artefacts.envelope import read_artefact
from artefacts.packing import unpack
from artefacts.schemas.attention_explorer import AttentionFile
from precompute.attention.head_scores import LEAST_LEFT, without_sink
from tests.support import ROOT
from tests.support.accessibility import accessibility_problems
from tests.support.browser import DESKTOP, PHONE, Visit, visit
from tests.support.site_server import SiteServer
from tests.support.spoken import told

DATA = ROOT / "content" / "data" / "smollm2-minilm"
PAGE = "explore/attention/"
ROLES = ("decoder", "encoder")
INDEX = read_artefact(DATA / "attention_sentences.json")[1]
HEADS = {scored.role: scored for scored in read_artefact(DATA / "attention_heads.json")[1].by_model}


def sentence(name: str) -> Any:
    return next(one for one in INDEX.sentences if one.name == name)


def entry_of(name: str, role: str) -> Any:
    return next(entry for entry in sentence(name).by_model if entry.role == role)


def shard(number: int) -> AttentionFile:
    return AttentionFile.model_validate_json((DATA / "attention_sentences" / f"{number:04d}.json").read_bytes())


def spread(cells: np.ndarray, entry: Any) -> np.ndarray:
    return from_cells(cells, len(entry.tokens), entry.causal)


def far(entry: Any) -> np.ndarray:
    """[layer, head, query, key], as it travels first."""
    return spread(unpack(shard(entry.overview).overview.weights) / 255, entry)


def near(entry: Any) -> np.ndarray:
    fine = np.concatenate([unpack(shard(number).depth.remainders) for number in entry.depth])
    return spread(whole(unpack(shard(entry.overview).overview.weights), fine), entry)


def opened_at(browser, server: SiteServer, query: str = "", size=DESKTOP, **options):
    return visit(browser, server.url + PAGE + query, size, **options)


def settled(opened: Visit) -> None:
    opened.until(
        """() => { const explorer = document.querySelector("[data-attention-explorer]");
        return explorer.classList.contains("live") && !explorer.hasAttribute("aria-busy"); }"""
    )


def rows_of(opened: Visit, selector: str, cells: str = "td") -> list[list[str]]:
    """The texts of a table's rows, a minus sign as Python reads it."""
    return opened.page.evaluate(
        """([rows, cells]) => [...document.querySelectorAll(rows)].map((row) =>
        [...row.querySelectorAll(cells)].map((cell) => cell.textContent.replace("−", "-")))""",
        [selector, cells],
    )


def shows(rows: list[list[str]], matrix: np.ndarray, causal: bool, digits: int) -> None:
    """The table holds the matrix to the digits shown, and the masked cells say so."""
    assert len(rows) == len(matrix)
    for query, row in enumerate(rows):
        for key, text in enumerate(row):
            if causal and key > query:
                assert text == "masked"
            else:
                assert re.fullmatch(rf"\d\.\d{{{digits}}}", text)
                assert abs(float(text) - matrix[query, key]) <= 0.5 * 10**-digits + 1e-9, (query, key)


def choose(opened: Visit, query: str) -> None:
    """Go to a state as a link does, without loading the page again."""
    opened.page.evaluate("(query) => { history.pushState(null, '', query); dispatchEvent(new PopStateEvent('popstate')); }", query)
    settled(opened)


def test_weights_averages_and_rollout_on_screen_are_pythons(browser, site_server: SiteServer) -> None:
    with opened_at(browser, site_server, "?sentence=trophy&decoder=12.2&encoder=3.12") as opened:
        settled(opened)
        for role, layer, head in (("decoder", 12, 2), ("encoder", 3, 12)):
            entry = entry_of("trophy", role)
            shows(rows_of(opened, f"[data-panel={role}] table tbody tr"), near(entry)[layer - 1, head - 1], entry.causal, 3)
        for of, matrix in {
            "layer": lambda entry, layer: far(entry)[layer - 1].mean(axis=0),
            "all": lambda entry, layer: far(entry).mean(axis=(0, 1)),
            "rollout": lambda entry, layer: spread(unpack(shard(entry.overview).overview.rollout) / 255, entry)[layer - 1],
        }.items():
            opened.page.locator("[data-of]").select_option(of)
            for role, layer in (("decoder", 12), ("encoder", 3)):
                entry = entry_of("trophy", role)
                shows(rows_of(opened, f"[data-panel={role}] table tbody tr"), matrix(entry, layer), entry.causal, 2)
            assert f"of={of}" in opened.page.url
        assert opened.problems() == []


def test_without_the_sink_rows_add_up_to_one_again(browser, site_server: SiteServer) -> None:
    with opened_at(browser, site_server, "?sentence=river-bank&decoder=19.9&encoder=3.10&sink=without") as opened:
        settled(opened)
        for role, layer, head in (("decoder", 19, 9), ("encoder", 3, 10)):
            entry = entry_of("river-bank", role)
            rest, kept = without_sink(near(entry)[None, None, layer - 1, head - 1], 0)
            kept[..., 0] = False
            for query, row in enumerate(rows_of(opened, f"[data-panel={role}] table tbody tr")):
                for key, text in enumerate(row):
                    if entry.causal and key > query:
                        assert text == "masked"
                    elif not kept[0, 0, query]:
                        assert text == "none left"
                    else:
                        assert abs(float(text) - rest[0, 0, query, key]) <= 0.0005 + 1e-9
            assert (role != "decoder") or not kept[0, 0].all()
        words = opened.page.locator("[data-panel=encoder] [data-panel-facts]").text_content()
        assert "Named “the token itself”" in words
        assert f"less than {LEAST_LEFT:.0%}" in opened.page.locator("#heads").locator("xpath=..").text_content()


def test_the_chosen_token_is_chosen_everywhere_and_in_the_other_model(browser, site_server: SiteServer) -> None:
    with opened_at(browser, site_server, "?sentence=moon") as opened:
        settled(opened)
        page = opened.page
        decoder, encoder = (entry_of("moon", role) for role in ROLES)
        men = next(n for n, token in enumerate(decoder.tokens) if token.raw == "Ġmen")
        page.locator("[data-tokens=decoder] button").nth(men).click()
        pressed = "[...document.querySelectorAll('[data-tokens=%s] button')].findIndex((b) => b.ariaPressed === 'true')"
        assert page.evaluate(pressed % "decoder") == men
        assert page.evaluate(pressed % "encoder") == decoder.counterparts[men]
        assert encoder.tokens[decoder.counterparts[men]].raw == "men"
        for role in ROLES:
            chosen = page.locator(f"[data-panel={role}] .cell-label.chosen[data-row]").text_content()
            assert chosen.lstrip("␣") == "men"
            assert "men” →" in page.locator(f"[data-panel={role}] [data-panel-readout]").text_content()
        # a cell, by the keyboard
        page.locator("[data-panel=encoder] svg").focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowLeft")
        row = decoder.counterparts[men] + 1
        assert page.evaluate(pressed % "encoder") == row
        assert page.evaluate(pressed % "decoder") == encoder.counterparts[row]
        assert {"model=encoder", f"token={row}"} < set(page.url.split("?")[1].split("&"))
        # a token that the other model does not have
        page.locator("[data-tokens=encoder] button").first.click()
        assert page.evaluate(pressed % "decoder") == -1
        assert "no token here" in page.locator("[data-panel=decoder] [data-panel-readout]").text_content()
        assert opened.problems() == []


def test_arrow_keys_go_from_head_to_head_and_name_each(browser, site_server: SiteServer) -> None:
    with opened_at(browser, site_server, "?decoder=2.3") as opened:
        settled(opened)
        page = opened.page
        canvas = page.locator("[data-grid=decoder] canvas")
        canvas.focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowUp")
        one = HEADS["decoder"].heads[2 * HEADS["decoder"].heads_in_layer + 1]
        assert (one.layer, one.head) == (3, 2)
        place = [kind.kind for kind in HEADS["decoder"].kinds].index("previous")
        expected = f"layer 3 head 2, previous token, {one.scores[place]:.2f}"
        assert page.locator("[data-grid=decoder] [data-grid-readout]").text_content() == expected
        assert told(opened, "[data-grid=decoder] canvas") == expected
        assert "decoder=3.2" in page.url
        assert page.locator("[data-panel=decoder] [data-panel-title]").text_content() == "Layer 3, head 2"
        # by score: the first thumbnail is the best head, and the table says the same
        page.locator("[data-order]").select_option("previous")
        canvas.focus()
        page.keyboard.press("Home")
        scores = sorted(HEADS["decoder"].heads, key=lambda head: -head.scores[place])
        assert f"decoder={scores[0].layer}.{scores[0].head}" in page.url or page.url.count("decoder=") == 0
        page.keyboard.press("ArrowRight")
        assert f"decoder={scores[1].layer}.{scores[1].head}" in page.url
        page.locator("[data-head-table] > summary").click()
        page.locator("[data-head-table] [data-by=previous]").click()
        firsts = [".".join(row[:2]) for row in rows_of(opened, "[data-head-table] tbody tr", "td, th")[:5]]
        assert firsts == [f"{head.layer}.{head.head}" for head in scores[:5]]
        assert page.locator("[data-head-table] th[aria-sort=descending]").count() == 1
        page.locator("[data-all-heads]").click()
        assert page.locator("[data-head-table] tbody tr").count() == len(scores)
        assert opened.problems() == []


@pytest.mark.parametrize("role", ROLES)
def test_the_arithmetic_gives_the_weight_again(browser, site_server: SiteServer, role: str) -> None:
    entry = entry_of("keys-cabinet", role)
    with opened_at(browser, site_server, "?sentence=keys-cabinet") as opened:
        settled(opened)
        for named in entry.products[:3]:
            query, key = len(entry.tokens) - 2, 1
            choose(opened, f"?sentence=keys-cabinet&model={role}&{role}={named.layer}.{named.head}&token={query}&key={key}")
            ends = "(text) => document.querySelector('[data-arithmetic-title]').textContent.endsWith(text)"
            opened.until(ends, f"layer {named.layer}, head {named.head}")
            opened.until("() => document.querySelector('[data-arithmetic]:not([aria-busy]) tr[aria-current]')")
            rows = rows_of(opened, "[data-arithmetic] > .table-scroll tbody tr")
            part = shard(named.file).products
            q = unpack(part.queries)[query] / 32_767 * part.query_scales[query]
            k = unpack(part.keys) / 32_767 * np.array(part.key_scales)[:, None]
            weights = near(entry)[named.layer - 1, named.head - 1, query]
            scores = [float(q @ vector) / math.sqrt(len(q)) for vector in k]
            seen = range(query + 1) if entry.causal else range(len(k))
            for place, (_, product, score, power, weight) in enumerate(rows):
                assert abs(float(product) - float(q @ k[place])) <= 0.0005 + 1e-6
                if place not in seen:
                    assert score == "masked: -∞"
                    continue
                assert abs(float(score) - scores[place]) <= 0.0005 + 1e-6
                assert abs(float(power) - math.exp(scores[place] - max(scores[n] for n in seen))) <= 0.00005 + 1e-6
                assert abs(float(weight) - weights[place]) <= 0.0015
            dims = opened.page.locator("[data-arithmetic] details tbody tr").count()
            assert dims == len(q)
        assert opened.problems() == []


def test_an_exchanged_word_shows_differences_and_what_moves(browser, site_server: SiteServer) -> None:
    with opened_at(browser, site_server, "?sentence=trophy&decoder=20.3&encoder=5.10") as opened:
        settled(opened)
        page = opened.page
        page.get_by_label("“big” becomes “small”").check()
        opened.until("() => document.querySelector('[data-change-of=encoder] .move-picture')")
        assert "change=small" in page.url
        for role, layer, head in (("decoder", 20, 3), ("encoder", 5, 10)):
            entry = entry_of("trophy", role)
            changed = shard(entry.changes[0]).changed
            difference = spread(unpack(changed.weights) / 255, entry)[layer - 1, head - 1] - near(entry)[layer - 1, head - 1]
            for query, row in enumerate(rows_of(opened, f"[data-panel={role}] table tbody tr")):
                for key, text in enumerate(row):
                    if not (entry.causal and key > query):
                        assert abs(float(text.replace("−", "-")) - difference[query, key]) <= 0.005 + 0.002 + 1e-9
            moved = [[float(text) for text in row] for row in rows_of(opened, f"[data-change-of={role}] tbody tr")]
            assert np.abs(np.array(moved) - np.array(changed.movement)).max() <= 0.005 + 1e-9
            rows = np.array(changed.rows_moved)
            first = page.locator(f"[data-change-of={role}] .end-list li").first
            assert float(first.locator(".end-value").text_content()) == pytest.approx(rows.max(), abs=1e-9)
        still = page.locator("[data-change-of=decoder] .explorer-small").first.text_content()
        assert "do not move at all" in still
        first.get_by_role("button").click()
        where = np.unravel_index(rows.argmax(), rows.shape)
        assert f"encoder={where[0] + 1}.{where[1] + 1}" in page.url
        page.go_back()
        settled(opened)
        assert "change=" not in page.url
        assert opened.problems() == []


def test_everything_stands_in_the_address(browser, site_server: SiteServer) -> None:
    query = "?sentence=cat-chat&decoder=6.7&encoder=2.9&model=encoder&token=3&key=1&show=arcs&of=layer&sink=without&order=duplicate&row=one"
    with opened_at(browser, site_server, query) as opened:
        settled(opened)
        page = opened.page
        assert page.locator("[data-sentence-select]").input_value() == "cat-chat"
        assert page.locator("input[name=show][value=arcs]").is_checked()
        assert page.locator("[data-sink]").is_checked()
        assert page.locator("[data-row-alone]").is_checked()
        assert (page.locator("[data-order]").input_value(), page.locator("[data-of]").input_value()) == ("duplicate", "layer")
        assert page.locator("[data-panel=encoder] path.arc").count() > 3
        assert page.locator("[data-panel=decoder] [data-panel-title]").text_content() == "Layer 6, mean of its heads"
        page.locator("[data-next]").click()
        settled(opened)
        following = INDEX.sentences[([one.name for one in INDEX.sentences].index("cat-chat") + 1) % len(INDEX.sentences)].name
        assert page.locator("[data-sentence-select]").input_value() == following
        page.go_back()
        settled(opened)
        assert page.locator("[data-sentence-select]").input_value() == "cat-chat"
        assert opened.problems() == []


def test_a_link_to_what_is_gone_says_so_and_shows_the_rest(browser, site_server: SiteServer) -> None:
    for query in ("?sentence=gone&decoder=99.1&token=400&encoder=2.9", "?sentence=trophy&change=blue&encoder=2.9&token=x&decoder=a.b"):
        with opened_at(browser, site_server, query) as opened:
            settled(opened)
            words = opened.page.locator("[data-notice]").text_content()
            assert "not here" in words
            assert words.count(",") >= 2
            assert opened.page.locator("[data-panel=encoder] [data-panel-title]").text_content() == "Layer 2, head 9"
            assert opened.problems() == []


def test_a_file_that_fails_says_so_where_it_belongs_and_can_be_tried_again(browser, site_server: SiteServer) -> None:
    entry = entry_of("moon", "encoder")
    with opened_at(browser, site_server) as opened:
        settled(opened)
        page = opened.page
        file = re.compile(f"attention_sentences/{entry.overview:04d}.json")
        page.route(file, lambda route: route.fulfill(status=503, body="down"))
        page.locator("[data-sentence-select]").select_option("moon")
        failure = page.locator("[data-sentence-box] > .failure")
        failure.wait_for()
        assert "503" in failure.text_content()
        page.unroute(file)
        failure.get_by_role("button").click()
        opened.until("() => document.querySelector('[data-tokens=encoder]').textContent.includes('1969')")
        assert page.locator("[data-sentence-box] > .failure").count() == 0
        assert [text for text in opened.problems() if "503" not in text] == []


def test_a_sentence_of_ones_own_is_shown_like_the_others(browser, site_server: SiteServer) -> None:
    """The site as it is after one was added: its list holds the sentence, its files lie in a folder of their own."""
    own = sentence("moon").model_copy(update={"name": "own-1", "shows": "your own", "text": "My <b>moon</b>."})
    index = json.dumps({"data": {"sentences": [own.model_dump(mode="json")]}})

    def page_with_it(route: Any) -> None:
        html = route.fetch().text()
        html = html.replace("&#34;own&#34;: false", "&#34;own&#34;: true")
        html = html.replace("<optgroup", '<option value="own-1">My</option><optgroup', 1)
        route.fulfill(body=html, content_type="text/html")

    with opened_at(browser, site_server) as opened:
        settled(opened)
        page = opened.page
        page.route(re.compile(r"explore/attention/(\?.*)?$"), page_with_it)
        page.route(re.compile(r"own_sentences\.json"), lambda route: route.fulfill(body=index, content_type="application/json"))
        page.route(
            re.compile(r"own_sentences/\d+"),
            lambda route: route.fulfill(body=(DATA / "attention_sentences" / route.request.url.rsplit("/", 1)[1]).read_bytes()),
        )
        page.goto(site_server.url + PAGE + "?sentence=own-1")
        settled(opened)
        assert page.locator("[data-notice]").is_hidden()
        assert page.title().startswith("My <b>moon</b>.")
        assert "1969" in page.locator("[data-tokens=encoder]").text_content()
        opened.until("() => document.querySelector('[data-panel=encoder] [data-panel-readout]').textContent.match(/0\\.\\d{3}|1\\.000/)")
        page.get_by_role("button", name="Next sentence").click()
        settled(opened)
        assert "sentence=own-1" not in page.url
        assert opened.problems() == []


@pytest.mark.parametrize(
    ("size", "dark", "query"),
    [((320, 640), True, "?sentence=trophy&change=small"), (DESKTOP, False, "?sentence=trophy&show=arcs"), (DESKTOP, True, "?change=money")],
    ids=["narrowest, a change", "desktop, arcs", "desktop, a change"],
)
def test_the_page_is_accessible_and_fits(browser, site_server: SiteServer, size, dark: bool, query: str) -> None:
    """In states that the page is not opened in; tests/test_browser_pages.py sees to that one."""
    with opened_at(browser, site_server, query, size=size, dark=dark, touch=size != DESKTOP) as opened:
        settled(opened)
        assert accessibility_problems(opened, query) == []
        assert opened.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
        assert opened.problems() == []


def test_on_a_phone_one_model_at_a_time_is_shown(browser, site_server: SiteServer) -> None:
    with opened_at(browser, site_server, size=PHONE, touch=True) as opened:
        settled(opened)
        visible = """() => [...document.querySelectorAll("[data-of-model]")].filter((box) => box.checkVisibility())
            .map((box) => box.dataset.ofModel).join()"""
        assert opened.page.evaluate(visible) == "decoder,decoder"
        opened.page.locator("label:has(input[name=model][value=encoder])").click()
        assert opened.page.evaluate(visible) == "encoder,encoder"
        size = opened.page.evaluate("() => document.querySelector('[data-grid=encoder] canvas').getBoundingClientRect().width / 12")
        assert size >= 24


def test_without_scripts_and_from_disk_a_head_of_each_model_stands(browser, site_server: SiteServer, real_site: Path) -> None:
    with opened_at(browser, site_server, scripts=False) as opened:
        assert "Scripts are off" in opened.page.content()
        assert opened.page.locator("#cell").is_hidden()
        for role in ROLES:
            entry = INDEX.sentences[0].by_model[ROLES.index(role)]
            layer, head = map(int, re.findall(r"\d+", opened.page.locator(f"[data-panel={role}] [data-panel-title]").text_content()))
            rows = opened.page.locator(f"[data-panel={role}] tbody tr").all()
            texts = [[cell.text_content() for cell in row.locator("td").all()] for row in rows]
            shows(texts, far(entry)[layer - 1, head - 1], entry.causal, 2)
            assert opened.page.locator(f"[data-panel={role}] svg rect").count() == len(entry.tokens) ** 2
    page = browser.new_page()
    page.goto((real_site / PAGE / "index.html").as_uri())
    assert "opened from a folder" in page.locator("[data-notice]").text_content()
    assert page.locator("[data-panel=encoder] tbody tr").count() == len(INDEX.sentences[0].by_model[1].tokens)
    page.close()


def test_a_sentence_and_a_head_keep_their_budgets(browser, site_server: SiteServer) -> None:
    with opened_at(browser, site_server, "?decoder=30.1", count_bytes=True) as opened:
        settled(opened)
        opened.quiet()
        before = set(opened.transfers)
        opened.page.locator("[data-sentence-select]").select_option("sum")
        opened.until("() => document.querySelector('[data-look-for]').textContent.includes('summands')")
        settled(opened)
        opened.quiet()
        spent = [t.bytes for key, t in opened.transfers.items() if key not in before]
        assert 2 <= len(spent) <= 6
        assert max(spent) <= 60_000
        before = set(opened.transfers)
        opened.page.locator("[data-grid=decoder] canvas").focus()
        with opened.page.expect_response("**/data/**"):  # on a busy machine it is asked for late: `quiet` alone may end before
            opened.page.keyboard.press("Home")
        opened.quiet()
        spent = [t.bytes for key, t in opened.transfers.items() if key not in before]
        assert 1 <= len(spent) <= 2
        assert sum(spent) <= 24_000
        fetched = [t.url for t in opened.transfers.values() if "/data/" in t.url]
        assert len(fetched) == len(set(fetched))
