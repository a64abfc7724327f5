"""The real lessons over other sets: small random models of odd shapes, the nastiest tokens put into the lists of the first of them."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import pytest

from artefacts.envelope import read_artefact, write_artefact
from artefacts.schemas.neighbours import Neighbourhoods
from artefacts.schemas.parts import TokenRef
from artefacts.tokens import character_of_byte, visible_parts, visible_text
from precompute.models import open_set
from precompute.neighbours import read_neighbour_lists
from sitegen.figure_files import PREVIEW_ROWS
from tests.odd_models import ODD_SETS
from tests.support import ROOT
from tests.support.browser import DESKTOP, PHONE, Visit, draw_all_figures, visit
from tests.support.built_site import HOST, BuiltSite, Html
from tests.support.reader import REVEAL_ALL, draw
from tests.support.site_server import SiteServer
from tests.tiny_models import TinyModels

pytestmark = pytest.mark.timeout(1800)  # the first of these tests waits until all sets have been exported and built

HOSTILE_SET = ODD_SETS[0]
FIGURE = "neighbours-of-a-word"  # its list, table, tooltips and files show the tokens of a neighbourhood


def spelled(content: bytes) -> str:
    """Bytes as a byte-level vocabulary spells them."""
    return "".join(character_of_byte()[byte] for byte in content)


HOSTILE = {
    "byte_level_bpe": [
        spelled(content)
        for content in (
            b"</script><script>alert(1)</script>",
            b"<img src=x onerror=alert(2)>",
            b" \" onmouseover='alert(3)' `",
            b"\xe2\x80\xaetxt.exe",  # U+202E: what follows is shown from right to left
            b"\xe2\x80",  # half a character
            b"\n\t\x00",
            b"&lt;b&gt;&amp;",
            b"=1+1",
            b"{{ 7 * 7 }}${7*7}",
            b"\xe2\x80\xa8",  # a line separator, which JavaScript takes for the end of a line
        )
    ],
    "wordpiece": [
        "##</script>",
        "<svg/onload=alert(4)>",
        "\u200b",  # a space of no width
        "a" * 60,
        "##\u0301",  # an accent with nothing to sit on
        "[unused7]",
        "-1",
        "@x",
        "javascript:alert(5)",
        "#",
    ],
}


def make_hostile(data: Path) -> None:
    """Put the nastiest tokens at the head of every list of the exported neighbourhoods."""
    path = data / "neighbourhoods.json"
    envelope, lists = read_artefact(path)
    kinds = {fact.role: fact.tokenizer_kind for fact in read_artefact(data / "model_facts.json")[1].models}
    content = lists.model_dump()
    for entry in content["entries"]:
        for neighbours in (entry["lists"] or {}).values():
            for neighbour, raw in zip(neighbours, HOSTILE[kinds[entry["role"]]], strict=False):
                neighbour["token"] = TokenRef(id=neighbour["token"]["id"], raw=raw).model_dump()
    write_artefact(path, envelope, Neighbourhoods.model_validate(content))


@pytest.fixture(scope="module")
def site(odd_exported: Path, tmp_path_factory: pytest.TempPathFactory) -> BuiltSite:
    """The real content with the committed set and the odd ones, of which the first is hostile."""
    project = tmp_path_factory.mktemp("sets")
    for name in ("templates", "static", "charts", "LICENSE", "LICENSE-CONTENT", "NOTICE", ".cache"):
        (project / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "content", project / "content", ignore=shutil.ignore_patterns("data"))
    for folder in (ROOT / "content" / "data").iterdir():
        shutil.copytree(folder, project / "content" / "data" / folder.name, copy_function=shutil.copy2)
    for name in ODD_SETS:
        shutil.copytree(odd_exported / name, project / "content" / "data" / name)
    make_hostile(project / "content" / "data" / HOSTILE_SET)
    command = [sys.executable, str(ROOT / "build.py"), "--project", str(project), "--out", str(project / "site")]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(f"the real content does not build with random sets:\n{done.stdout}{done.stderr}", pytrace=False)
    return BuiltSite(project / "site")


@pytest.fixture(scope="module")
def server(site: BuiltSite):
    with SiteServer(site.folder) as running:
        yield running


@pytest.fixture(scope="module")
def lesson(site: BuiltSite) -> Html:
    """The hostile set's lesson that shows the neighbours."""
    return next(page for page in site.lessons if page.path.startswith(f"sets/{HOSTILE_SET}/") and FIGURE in page.ids)


def address(server: SiteServer, page: Html) -> str:
    return server.url + page.path.removesuffix("index.html")


# --- two sets side by side -----------------------------------------------------------------------------------------------------


MISSING = {"odd-equal": set(), "odd-narrow": {"explore/tokens/index.html"}, "odd-bytes": set()}
"""Pages that a set does not have: without static vectors no tokens explorer."""


def test_every_page_exists_in_all_sets_and_points_to_the_default(site: BuiltSite):
    paths = {page.path for page in site.pages if page.path not in ("404.html", "offline/index.html")}
    default = {path for path in paths if not path.startswith("sets/")}
    for name in ODD_SETS:
        theirs = {path.removeprefix(f"sets/{name}/") for path in paths if path.startswith(f"sets/{name}/")}
        assert theirs == default - MISSING[name]
    for page in site.pages:
        for link in page.links + page.resources:
            target = site.resolve(page, link)
            file = site.file_of(target)
            assert file is None or file in site.files, f"{page.path}: {link}"
            anchor = unquote(urlsplit(target).fragment)
            if anchor and target.startswith(HOST):
                assert anchor in next(p for p in site.pages if p.path == file).ids, f"{page.path}: {link}"


def test_pages_of_another_set_are_silent_and_their_figures_draw(browser, server: SiteServer, site: BuiltSite):
    """On a dark phone, where room is scarce; then the window is made as wide as a desktop's. Teacher's pages draw nothing themselves."""
    wrong = []
    pages = [page for page in site.pages if page.path.startswith("sets/") and not re.search("/(figures|teach)/", page.path)]
    with visit(browser, None, PHONE, dark=True) as opened:
        for page in pages:
            opened.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
            opened.go_to(address(server, page))
            opened.page.evaluate(REVEAL_ALL)
            draw_all_figures(opened)
            for width, height in (PHONE, DESKTOP):
                opened.page.set_viewport_size({"width": width, "height": height})
                if opened.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                    wrong.append(f"{page.path}: wider than a window of {width} px")
            wrong += [f"{page.path}: {problem}" for problem in opened.problems()]
    assert not wrong, "\n".join(wrong)


def test_the_switch_keeps_page_place_and_state(browser, server: SiteServer, lesson: Html):
    default = lesson.path.removeprefix(f"sets/{HOSTILE_SET}/").removesuffix("index.html")
    with visit(browser, f"{server.url}{default}?random-baseline.centred=true", reduced_motion=True) as opened:
        opened.page.evaluate(REVEAL_ALL)
        opened.page.evaluate("document.getElementById('random-baseline').scrollIntoView({behavior: 'instant', block: 'start'})")
        opened.page.wait_for_timeout(100)
        opened.page.mouse.move(DESKTOP[0] / 2, DESKTOP[1] / 2)
        opened.page.mouse.wheel(0, -120)  # the header comes back as soon as one scrolls up
        opened.until("() => document.querySelector('.set-switch').getBoundingClientRect().top >= 0")
        opened.page.locator(".set-switch > summary").click()
        opened.page.locator(f".set-switch a[href*='/{HOSTILE_SET}/']").click()
        opened.until("() => location.pathname.includes('/sets/')")
        opened.page.wait_for_load_state("load")
        assert urlsplit(opened.page.url).path == urlsplit(address(server, lesson)).path
        assert urlsplit(opened.page.url).query == "random-baseline.centred=true"
        assert opened.page.locator("#random-baseline [data-control=centred]").is_checked()
        top = opened.page.evaluate("document.getElementById('random-baseline').getBoundingClientRect().top")
        assert abs(top) < DESKTOP[1], f"the switch loses the place: {opened.page.url}"
        assert opened.problems() == []


def test_the_switch_takes_the_text_into_the_other_sets_explorer_and_no_id_of_this_ones_vocabulary(browser, server: SiteServer):
    with visit(browser, f"{server.url}explore/tokens/?token=d300&trail=d301", DESKTOP) as opened:
        opened.page.locator("#cut-text").fill("naïve cafés")
        opened.until("() => location.search.includes('text=')")
        opened.page.locator(".set-switch > summary").click()
        opened.page.locator(f".set-switch a[href*='/{HOSTILE_SET}/']").click()
        opened.until("() => location.pathname.includes('/sets/')")
        opened.page.wait_for_load_state("load")
        opened.until("() => document.querySelectorAll('[data-column=decoder] button.near-button').length")
        assert urlsplit(opened.page.url).path.endswith(f"/sets/{HOSTILE_SET}/explore/tokens/")
        assert opened.page.locator("#cut-text").input_value() == "naïve cafés"
        assert urlsplit(opened.page.url).query.startswith("text=")
        assert "token=" not in opened.page.url
        assert opened.problems() == []


def switched(opened: Visit, to: str) -> None:
    """Choose another set and wait until its page is there."""
    opened.page.evaluate("window.scrollTo(0, 0)")
    opened.page.locator(".set-switch > summary").click()
    opened.page.locator(f".set-switch a[href*='/{to}/']").click()
    opened.until(f"() => location.pathname.includes('/{to}/')")
    opened.page.wait_for_load_state("load")


def test_the_switch_takes_a_sentence_and_no_number_of_a_head_into_the_other_sets_attention(browser, server: SiteServer):
    with visit(browser, f"{server.url}explore/attention/?sentence=trophy&decoder=12.7&token=3&sink=without", DESKTOP) as opened:
        opened.until("() => document.querySelector('[data-attention-explorer] canvas')")
        switched(opened, "odd-equal")
        opened.until("() => document.querySelector('[data-attention-explorer] canvas')")
        query = dict(parse_qsl(urlsplit(opened.page.url).query))
        assert query == {"sentence": "trophy", "sink": "without"}
        assert opened.page.locator("[data-notice]").is_hidden()
        assert opened.problems() == []


def test_a_vocabulary_whose_ids_follow_no_merges_has_a_tokens_explorer(
    browser, server: SiteServer, odd: TinyModels, odd_exported: Path
) -> None:
    """RoBERTa's form as the encoder, beside GPT-2's as the decoder: texts are cut, and words are found in both."""
    models = open_set("odd-bytes", models_dir=odd.models_dir, sets_file=odd.sets_file, offline=True)
    text = "The river bank <mask> is wet"
    lists = read_neighbour_lists(odd_exported / "odd-bytes" / "neighbours_encoder.json")
    with visit(browser, f"{server.url}sets/odd-bytes/explore/tokens/?text={quote(text)}&folded=shown", DESKTOP) as opened:
        opened.until("() => document.querySelector('[data-token-explorer].live:not([aria-busy]) [data-column=encoder] .near')")
        cut = opened.page.locator("[data-cut-by=live_tokenizer_encoder] .cut-id").all_text_contents()
        assert [int(i.replace(",", "")) for i in cut] == models.tokenizer("encoder").tokenize(text)
        facts = opened.page.locator("[data-column=encoder] .column-facts").text_content()
        own = int(re.search(r"id ([\d,]+)", facts)[1].replace(",", ""))
        near = opened.page.locator("[data-column=encoder] [data-token]").evaluate_all("(found) => found.map((one) => one.dataset.token)")
        assert near == [f"e{i}" for i in lists.ids[own]]
        assert opened.problems() == []


def test_the_switch_takes_words_into_the_other_sets_lab_which_names_those_it_lacks(browser, server: SiteServer):
    """“galaxy” is no single token there: the lab goes on with the others."""
    with visit(browser, f"{server.url}explore/rsa/?words=sky:sun.star.door.window.galaxy", DESKTOP) as opened:
        opened.until("() => document.querySelector('[data-notice]').hidden && document.querySelectorAll('main canvas').length")
        switched(opened, "odd-narrow")
        opened.until("() => document.querySelectorAll('main canvas').length && !document.querySelector('[data-notice]').hidden")
        assert urlsplit(opened.page.url).path.endswith("/sets/odd-narrow/explore/rsa/")
        assert opened.page.locator("[data-notice]").inner_text().endswith("the word galaxy. The rest of it is shown.")
        assert dict(parse_qsl(urlsplit(opened.page.url).query))["words"].startswith("sky:sun.star.door.window")
        assert opened.problems() == []


def test_the_switch_keeps_the_place_in_an_explorer(browser, server: SiteServer):
    """The section that is read, by its heading."""
    with visit(browser, f"{server.url}explore/attention/", DESKTOP, reduced_motion=True) as opened:
        opened.until("() => document.querySelector('[data-attention-explorer] canvas')")
        place = opened.page.evaluate(
            """() => {
              const heading = [...document.querySelectorAll(".explorer h2[id]")].at(-2);
              heading.scrollIntoView({behavior: "instant", block: "start"});
              setTimeout(() => document.querySelector(".set-switch a[href*='/odd-equal/']").click());
              return heading.id;
            }"""
        )
        opened.page.wait_for_url(re.compile("/odd-equal/"))
        assert urlsplit(opened.page.url).fragment == place


def test_a_set_says_which_explorers_its_models_do_not_allow(site: BuiltSite):
    pages = {page.path: page for page in site.pages}
    text = pages["sets/odd-narrow/explore/index.html"].tree.text()
    assert "is not made for these models. It needs static word vectors" in text
    assert "is not made for these models" not in pages["explore/index.html"].tree.text()


# --- hostile tokens ------------------------------------------------------------------------------------------------------------


def shown(kind: str) -> set[str]:
    """How a page must show them: every oddity as characters one can see."""
    return {visible_text(raw, kind) for raw in HOSTILE[kind]}


@pytest.fixture
def opened(browser, server: SiteServer, lesson: Html):
    with visit(browser, address(server, lesson), DESKTOP, accept_downloads=True) as page:
        alerts: list[str] = []
        page.page.on("dialog", lambda dialog: (alerts.append(dialog.message), dialog.dismiss()))
        page.page.evaluate(REVEAL_ALL)
        draw(page, FIGURE)
        yield page
        assert alerts == []
        assert page.page.evaluate("document.querySelectorAll('img[src=x], svg[onload], [onerror], [onmouseover]').length") == 0
        assert page.problems() == []


def test_tokens_are_shown_and_not_run_in_tables_and_descriptions(opened: Visit):
    text = opened.page.locator(f"#{FIGURE} .figure-table").text_content().replace("␣", " ")
    for raw in HOSTILE["byte_level_bpe"][:PREVIEW_ROWS]:  # the table's preview begins with the decoder's list
        assert _as_chip(raw) in text, raw
    assert "\u202e" not in opened.page.content(), "a control character is in the page itself"
    assert "\x00" not in opened.page.content()


def _as_chip(raw: str) -> str:
    """A token's text as the page's chips have it: odd bytes without the brackets that plain text needs, spaces as spaces."""
    return "".join(part.shown for part in visible_parts(raw, "byte_level_bpe")).replace("␣", " ")


def test_tokens_are_shown_and_not_run_in_tooltips(opened: Visit):
    """Move over the chart, row by row, and read what appears."""
    read = opened.page.evaluate(
        """(id) => {
          const canvas = document.querySelector(`#${id} .figure-canvas.ready canvas`);
          const box = canvas.getBoundingClientRect();
          const read = [];
          for (let y = box.top + 4; y < box.bottom; y += 6) for (let x = box.left + 4; x < box.right; x += 6) {
            canvas.dispatchEvent(new PointerEvent("pointermove", {clientX: x, clientY: y, bubbles: true}));
            const tooltip = document.querySelector("#vg-tooltip-element.visible");
            if (tooltip) read.push(tooltip.innerText);
          }
          return read.join("\\n");
        }""",
        FIGURE,
    )
    missing = {text for kind in HOSTILE for text in shown(kind) if text not in read}
    assert not missing, read[:2000]


def test_tokens_are_safe_in_saved_pictures_and_files(opened: Visit, site: BuiltSite, lesson: Html, tmp_path: Path):
    opened.page.locator(f"#{FIGURE} .figure-menu > summary").click()
    with opened.page.expect_download() as waiting:
        opened.page.locator(f"#{FIGURE} [data-action=svg]").click()
    waiting.value.save_as(tmp_path / "saved.svg")
    svg = (tmp_path / "saved.svg").read_text(encoding="utf-8")
    assert "<script" not in svg and "<img" not in svg and "&lt;img" in svg
    folder = lesson.path.removesuffix("index.html") + f"figures/{FIGURE}/{FIGURE}"
    raw = {row["raw"] for row in json.loads((site.folder / f"{folder}.json").read_text(encoding="utf-8"))["rows"]}
    assert set(HOSTILE["byte_level_bpe"]) | set(HOSTILE["wordpiece"]) <= raw
    rows = list(csv.DictReader(io.StringIO((site.folder / f"{folder}.csv").read_text(encoding="utf-8"), newline="")))
    cells = {row["raw"] for row in rows}
    assert {"'=1+1", "'-1", "'@x"} <= cells, "a spreadsheet would run these"
    script = next(n.attributes["data-script"] for n in lesson.tree.css(f"[id='{FIGURE}']"))
    code = site.read(lesson, script).decode("utf-8")
    assert "<" not in code and "\u2028" not in code
