"""The build as a whole, on the fixture project: what it makes, that it makes it again, and what it never destroys."""

from __future__ import annotations

import json
import os
import posixpath
import re
import shutil
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import pytest
from selectolax.lexbor import LexborHTMLParser

from tests.tiny_data import HOSTILE_TEXTS
from tests.tiny_project import TinyProject, make_project, snapshot

FIGURES_OF_A_SET = 3
PAGES_OF_A_SET = {
    "index.html",
    "lessons/first-steps/index.html",
    "lessons/first-steps/figures/tiny-cosines/index.html",
    "lessons/first-steps/figures/tiny-pieces/index.html",
    "lessons/second-steps/index.html",
    "lessons/second-steps/figures/tiny-angles/index.html",
    "claims/index.html",
    "models/index.html",
    "errata/index.html",
    "glossary/index.html",
    "references/index.html",
    "search/index.html",
    "teach/index.html",
    "teach/first-steps/index.html",
}
FIRST = "lessons/first-steps/index.html"


@pytest.fixture(scope="module")
def pages(built_once: TinyProject) -> dict[str, LexborHTMLParser]:
    paths = sorted(built_once.site.rglob("*.html"))
    return {p.relative_to(built_once.site).as_posix(): LexborHTMLParser(p.read_text(encoding="utf-8")) for p in paths}


def drawn_now(printed: str) -> int:
    return int(re.search(r"\((\d+) drawn now\)", printed)[1])


# --- what it makes ----------------------------------------------------------------------------------------------------------------


def test_every_page_of_both_sets_is_made(pages: dict[str, LexborHTMLParser]):
    """The default set at the root, the other whole under sets/<name>/."""
    assert set(pages) == PAGES_OF_A_SET | {f"sets/other/{page}" for page in PAGES_OF_A_SET} | {"404.html", "offline/index.html"}


def test_the_files_beside_the_pages_are_made(built_once: TinyProject):
    """Data, code, listing with its output, notebook, licences, ledger: what pages offer to download."""
    made = set(snapshot(built_once.site))
    figure = "lessons/first-steps/figures/tiny-cosines/tiny-cosines"
    expected = {
        f"{figure}.csv",
        f"{figure}.json",
        f"{figure}.vl.json",
        "code/tiny_cosines.py",
        "listings/tiny_sum.py",
        "LICENSE.txt",
        "NOTICE.txt",
    }
    expected |= {
        "notebooks/first-steps.ipynb",
        "claims/claims.csv",
        "sets/other/claims/claims.csv",
        "manifest.webmanifest",
        ".nojekyll",
    }
    expected |= {f"data/{name}/neighbours_decoder.json" for name in ("tiny", "other")}
    assert expected <= made
    for name in ("tiny", "other"):
        shards = [path for path in made if re.fullmatch(rf"data/{name}/[0-9a-f]{{16}}/neighbours_decoder/0001\.json", path)]
        assert len(shards) == 1, "what pages fetch lies in a folder named by its content"
    assert "sitemap.xml" not in made, "a sitemap needs the site's address"


def test_the_report_says_what_was_made(project: TinyProject):
    """Pages, figures, files, bytes, seconds and the largest page, on the terminal."""
    printed = project.build().printed
    made = snapshot(project.site)
    pages = sum(path.endswith(".html") for path in made)
    assert f"{pages} pages, {2 * FIGURES_OF_A_SET} figures (0 drawn now), " in printed
    assert f"{len(made) - 1:,} files, {sum(map(len, made.values())) / 1e6:.1f} MB" in printed  # less the marker
    assert re.search(r"largest page: \S+, \d+ KB", printed)


def test_every_mechanism_of_a_lesson_leaves_its_mark(pages: dict[str, LexborHTMLParser]):
    """The first lesson uses everything once; nothing of it may be lost on the way."""
    page = pages[FIRST]
    for selector in (
        "figure.figure#tiny-cosines .picture.inline svg",
        "figure.figure#tiny-pieces table .token",
        "a.figref[href='#tiny-cosines']",
        "a.term[href='../../glossary/#cosine-similarity']",
        "a.cite[href='../../references/#first2020']",
        "a.verdict-holds[href='../../claims/#random-pairs-are-unlike']",
        ".question[data-kind=choice][data-reveals=tiny-pieces] math",
        ".question[data-kind=slider] input[type=range][max='90']",
        ".question[data-kind=word][data-answer=Mike]",
        "aside.note em",
        ".prose > p math",
        ".prose math[display=block] mn",
        ".prose .table-scroll table td .token",
        "figure.listing .listing-code",
        "figure.listing .listing-output",
        ".brief math",
        "a[href='../../notebooks/first-steps.ipynb']",
        "a[href='https://example.org/']",
    ):
        assert page.css(selector), selector
    text = page.body.text()
    assert "TinyDecoder has 1,006 tokens, and tiny is its set. Random pairs have a cosine of\n0.10, that is 84°, in 3 pairs." in text
    assert "Branch holds of the verdict." in text
    assert "Branch fails" not in text
    assert [figure.attributes["id"] for figure in page.css("figure.figure")] == ["tiny-cosines", "tiny-pieces"]
    assert page.css_first("a.figref").text() == "Figure 1"
    assert "\ue000" not in re.sub(re.escape("\ue0000\ue001"), "", text)
    assert "{{" not in text.replace("{{ 7 * 7 }}", "").replace("{{␣7␣*␣7␣}}", "")


def test_hostile_texts_are_text_on_every_page(pages: dict[str, LexborHTMLParser]):
    """Tokens that look like markup add no element, and can be read on the page."""
    for page in pages.values():
        assert not page.css("img[src=x], [onerror], a[href^='javascript']")
        assert all(script.attributes.get("src") and not script.text() for script in page.css("script"))
    cells = [cell.text() for cell in pages[FIRST].css(".prose > .table-scroll td:first-child")]
    assert len(cells) == len(HOSTILE_TEXTS)
    for shown, text in zip(cells, HOSTILE_TEXTS, strict=True):
        assert shown == "".join(f"⟨U+{ord(c):04X}⟩" if c in "\u202e\x00\x07" else c for c in text).strip(" ") or shown == text


def test_no_path_of_the_site_is_made_from_a_token(built_once: TinyProject):
    """File names come from slugs, figure names and hashes: nothing that a vocabulary holds, nothing that needs quoting."""
    odd = [path for path in snapshot(built_once.site) if not re.fullmatch(r"[A-Za-z0-9._/-]+", path)]
    assert odd == []


def test_links_are_relative_and_lead_somewhere(built_once: TinyProject, pages: dict[str, LexborHTMLParser]):
    """The site works at any sub-path: no link begins with a slash, and each leads to a file and an anchor that are there."""
    files = set(snapshot(built_once.site))
    checked = 0
    for path, page in pages.items():
        for node in page.css("[href], [src], [data-script], [data-vega]"):
            for name in ("href", "src", "data-script", "data-vega"):
                link = node.attributes.get(name)
                if not link or urlsplit(link).scheme:
                    continue
                if path == "404.html":  # shown under any address, it asks for its script at every depth
                    link = re.sub(r"^(\.\./)+", "", link)
                parts = urlsplit(link)
                assert not link.startswith("/"), f"{path}: {link}"
                target = posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(parts.path))) if parts.path else path
                target = posixpath.normpath(f"{target}/index.html") if parts.path.endswith("/") else target
                assert target in files, f"{path}: {link}"
                if parts.fragment and target in pages:
                    assert pages[target].css(f'[id="{unquote(parts.fragment)}"]'), f"{path}: {link}"
                checked += 1
    assert checked > 400


def test_all_data_of_a_figure_is_in_its_files(built_once: TinyProject):
    """The JSON says what it is, and holds every row."""
    data = json.loads((built_once.site / "lessons/first-steps/figures/tiny-pieces/tiny-pieces.json").read_text(encoding="utf-8"))
    assert {"title", "figure", "set", "models", "artefacts", "licence", "columns", "rows"} <= set(data)
    assert [row["word"] for row in data["rows"][::2]] == list(HOSTILE_TEXTS)


# --- several sets -----------------------------------------------------------------------------------------------------------------


def test_each_set_tells_its_own_truth(pages: dict[str, LexborHTMLParser]):
    """The same lesson takes numbers, verdicts and branches from the data of the set it is rendered for."""
    other = pages[f"sets/other/{FIRST}"].body.text()
    assert "cosine of\n0.60, that is 53°" in other
    assert "Branch fails of the verdict." in other
    assert pages[f"sets/other/{FIRST}"].css("a.verdict-fails")
    for prefix in ("", "sets/other/"):
        ledger = pages[f"{prefix}claims/index.html"].css_first("#random-pairs-are-unlike").text()
        assert re.search(r"Tiny set:\s*holds\s*0\.10", ledger)
        assert re.search(r"Other <set>:\s*does not hold\s*0\.60", ledger)


def test_the_switch_keeps_the_place(pages: dict[str, LexborHTMLParser]):
    """One click shows the same page computed from the other models, and back."""
    for path, page in pages.items():
        links = {link.text(): link.attributes["href"] for link in page.css(".set-switch a")}
        if path in ("404.html", "offline/index.html") or "/figures/" in path:
            continue
        plain = path.removeprefix("sets/other/")
        assert set(links) == {"Tiny set", "Other <set>"}
        for title, wanted in (("Tiny set", plain), ("Other <set>", f"sets/other/{plain}")):
            target = posixpath.normpath(posixpath.join(posixpath.dirname(path), links[title], "index.html"))
            assert target == wanted


def test_another_set_points_search_engines_to_the_default(pages: dict[str, LexborHTMLParser]):
    """A canonical link from each page of another set to the same page of the default one."""
    for path in PAGES_OF_A_SET:
        assert not pages[path].css("link[rel=canonical]")
        link = pages[f"sets/other/{path}"].css_first("link[rel=canonical]").attributes["href"]
        assert posixpath.normpath(posixpath.join("sets/other", posixpath.dirname(path), link, "index.html")) == path


def test_one_set_alone_is_at_the_root(project: TinyProject, tmp_path: Path):
    """--set NAME builds that set, wherever it stands otherwise, without a switch."""
    out = tmp_path / "out"
    outcome = project.build("--set", "other", out=out)
    assert outcome.status == 0, outcome.errors
    assert not (out / "sets").exists()
    assert not (out / "data" / "tiny").exists()
    page = LexborHTMLParser((out / FIRST).read_text(encoding="utf-8"))
    assert "Branch fails of the verdict." in page.body.text()
    assert not page.css(".set-switch")
    assert drawn_now(outcome.printed) == 0


# --- the site's address -----------------------------------------------------------------------------------------------------------


def test_with_an_address_there_are_canonical_links_and_a_sitemap(project: TinyProject, tmp_path: Path):
    """--base-url, with or without its last slash."""
    address = "https://user.github.io/repository"
    assert project.build("--base-url", address).status == 0
    made = snapshot(project.site)
    assert project.build("--base-url", f"{address}/", out=tmp_path / "again").status == 0
    assert snapshot(tmp_path / "again") == made
    for path in PAGES_OF_A_SET:
        for prefix in ("", "sets/other/"):
            page = LexborHTMLParser(made[prefix + path].decode())
            assert page.css_first("link[rel=canonical]").attributes["href"] == f"{address}/{path.removesuffix('index.html')}"
    locations = [node.text for node in ElementTree.fromstring(made["sitemap.xml"]).iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    listed = {path.removesuffix("index.html") for path in PAGES_OF_A_SET if "/figures/" not in path}
    assert locations == sorted(f"{address}/{path}" for path in listed), "canonical pages, each once"
    lesson = LexborHTMLParser(made[FIRST].decode())
    embed = lesson.css_first("#tiny-cosines [data-embed]").attributes["data-embed"]
    assert f'src="{address}/lessons/first-steps/figures/tiny-cosines/"' in embed
    assert f"{address}/lessons/first-steps/" in lesson.css_first(".lesson-foot").text()
    missing = LexborHTMLParser(made["404.html"].decode())
    assert missing.css_first("link[rel=stylesheet]").attributes["href"].startswith("/repository/assets/")


def test_a_notice_is_said_on_the_first_page_and_the_models_page(project: TinyProject):
    """Of both sets, as text; and no longer once a build does not give it."""
    notice = "The second <set> is missing & returns."
    assert project.build("--notice", notice).status == 0
    made = {path: LexborHTMLParser(text.decode()) for path, text in snapshot(project.site).items() if path.endswith(".html")}
    saying = {path: [node.text() for node in page.css(".site-notice")] for path, page in made.items() if page.css(".site-notice")}
    places = {"index.html", "models/index.html", "sets/other/index.html", "sets/other/models/index.html"}
    assert saying == {place: [notice] for place in places}
    assert project.build().status == 0
    assert b"site-notice" not in (project.site / "index.html").read_bytes()


# --- the same again ---------------------------------------------------------------------------------------------------------------


def test_two_builds_are_byte_identical_whatever_surrounds_them(built_once: TinyProject, tmp_path: Path):
    """Nothing depends on folder, number of processes, time zone, locale, hash seed or what the cache holds."""
    other = make_project(tmp_path / "elsewhere" / "project", built_once.folder.parent)
    done = other.build_elsewhere(
        "--jobs",
        "1",
        cwd=tmp_path,
        TZ="Pacific/Kiritimati",
        LC_ALL="C",
        PYTHONUTF8="0",
        PYTHONCOERCECLOCALE="0",
        PYTHONHASHSEED="4242",
    )
    assert done.returncode == 0, done.stderr
    assert drawn_now(done.stdout) == 2 * FIGURES_OF_A_SET
    assert snapshot(other.site) == snapshot(built_once.site)


def test_a_second_build_draws_nothing_and_links_unchanged_files(project: TinyProject):
    """A build after no change is quick and writes next to nothing."""
    assert project.build().status == 0
    before = {path: (project.site / path).stat().st_ino for path in snapshot(project.site)}
    content = snapshot(project.site)
    outcome = project.build()
    assert drawn_now(outcome.printed) == 0
    assert snapshot(project.site) == content
    written = {path for path, inode in before.items() if (project.site / path).stat().st_ino != inode}
    assert written == {".word-spaces-site"}


def test_editing_a_lesson_redraws_nothing_and_changes_only_its_pages(project: TinyProject):
    """Writing prose is quick. The search has the new words, under a new name."""
    before = snapshot(project.site)
    project.append("content/lessons/02-second-steps.md", "\n\nA new sentence.\n")
    outcome = project.build()
    assert outcome.status == 0, outcome.errors
    assert drawn_now(outcome.printed) == 0
    after = snapshot(project.site)
    changed = {path for path in after if after[path] != before.get(path) and not path.startswith("offline/")}
    pages = {path for path in changed if "search-texts." not in path}
    of_each_set = {f"{folder}{page}/index.html" for folder in ("", "sets/other/") for page in ("lessons/second-steps", "search")}
    assert pages == {*of_each_set, "service-worker.js"}
    assert len(changed - pages) == 2


def test_editing_a_chart_redraws_that_chart_for_each_set(project: TinyProject):
    """The other charts come from the cache, and every file of the edited one changes its name, as the search's words do."""
    before = set(snapshot(project.site))
    project.replace("charts/tiny_angles.py", "Random tokens are far from parallel", "Random tokens are nowhere near parallel")
    outcome = project.build()
    assert drawn_now(outcome.printed) == 2
    changed = before ^ set(snapshot(project.site))
    assert changed
    assert all(re.search(r"/tiny-angles|^offline/files\.|/search-texts\.", path) for path in changed)


def test_changed_data_redraws_the_figures_that_read_it(project: TinyProject):
    """Those of that set only; the page says the new number."""
    path = project.path("content/data/other/random_pairs.json")
    data = json.loads(path.read_text(encoding="utf-8"))
    data["data"]["by_model"][0]["all_tokens"]["mean"] = 0.7
    path.write_text(json.dumps(data), encoding="utf-8")
    before = snapshot(project.site)
    outcome = project.build()
    assert drawn_now(outcome.printed) == 2
    after = snapshot(project.site)
    assert b"cosine of TinyDecoder 0.70" in after[f"sets/other/{FIRST}"]
    assert after[FIRST] == before[FIRST]


def test_an_edited_check_counts_at_once(project: TinyProject):
    """Also within the same second and at the same length, where a bytecode file would look fresh."""
    lesson = project.site / "lessons" / "second-steps" / "index.html"
    known = "There is no such model here."
    for reason in ("There is no such model gone.", "There is no such model left.", "There is no such model seen."):
        project.replace("content/claims/first_steps.py", known, reason)
        assert project.build().status == 0
        assert reason in lesson.read_text(encoding="utf-8")
        known = reason


def test_a_cached_build_needs_no_heavy_packages(project: TinyProject):
    """With all figures in the cache, and all pictures for links, no library is imported that opens a model, draws or parses."""
    code = (
        "import sys, build; status = build.main(sys.argv[1:]);"
        "heavy = {'torch', 'transformers', 'altair', 'vl_convert', 'py_mini_racer', 'pandas', 'narwhals', 'PIL', 'fontTools',"
        " 'numpy', 'quickjs', 'bibtexparser', 'yaml', 'markdown'} & set(sys.modules);"
        "print('heavy:', sorted(heavy)); sys.exit(status)"
    )
    address = ("--base-url", "https://user.github.io/repository/")
    assert project.build(*address).status == 0
    done = project.build_elsewhere(*address, code=code)
    assert done.returncode == 0, done.stderr
    assert "heavy: []" in done.stdout


def test_a_cold_build_needs_no_model_library(built_once: TinyProject):
    """Whoever builds the site installs requirements-site.txt and nothing else."""
    code = "import sys, build, charts; charts.load_figures(); print({'torch', 'transformers'} & set(sys.modules))"
    assert built_once.build_elsewhere(code=code).stdout.strip() == "set()"


# --- what it never destroys -------------------------------------------------------------------------------------------------------


def neighbours_of(site: Path) -> set[str]:
    """What else lies in the folder of the site and belongs to a build."""
    return {p.name for p in site.parent.iterdir() if p.name.startswith(site.name) and p != site}


def test_the_swap_leaves_nothing_behind(project: TinyProject):
    """Neither the folder that was built in nor the old site stays."""
    assert project.build().status == 0
    assert neighbours_of(project.site) == set()


def test_a_removed_page_leaves_the_site(project: TinyProject):
    """The site is exchanged whole: nothing of an earlier build survives."""
    project.lesson.unlink()
    project.replace("content/lessons/01-first-steps.md", "[the second](lesson:second-steps/#where-it-goes-on)", "nothing")
    project.replace("content/claims/first_steps.toml", 'lesson = "second-steps"', 'lesson = "first-steps"')
    assert project.build().status == 0
    assert not (project.site / "lessons" / "second-steps").exists()
    assert not any("tiny-angles" in path for path in snapshot(project.site))


def test_a_failed_build_leaves_the_site_as_it_was(project: TinyProject):
    """Nothing is published half-broken."""
    before = snapshot(project.site)
    project.append("content/lessons/02-second-steps.md", "\n{{ nothing }}\n")
    outcome = project.build()
    assert outcome.status == 1
    assert "Nothing was published; the site is as it was." in outcome.errors
    assert snapshot(project.site) == before
    assert neighbours_of(project.site) == set()


def test_a_folder_that_no_build_made_is_not_replaced(project: TinyProject, tmp_path: Path):
    """--out with a typing mistake must not cost anybody's files."""
    out = tmp_path / "photographs"
    out.mkdir()
    (out / "holiday.jpg").write_bytes(b"precious")
    outcome = project.build(out=out)
    assert outcome.status == 1
    assert f"{out}: holds files that no build of this project made" in outcome.errors
    assert snapshot(out) == {"holiday.jpg": b"precious"}


def test_an_empty_folder_is_used(project: TinyProject, tmp_path: Path):
    """An empty folder has nothing to lose."""
    (tmp_path / "empty").mkdir()
    assert project.build(out=tmp_path / "empty").status == 0
    assert snapshot(tmp_path / "empty") == snapshot(project.site)


def test_a_linked_out_folder_stays_a_link(project: TinyProject, tmp_path: Path):
    """The site lands where the link leads."""
    link = tmp_path / "link"
    link.symlink_to(project.site)
    assert project.build(out=link).status == 0
    assert link.is_symlink()
    assert (project.site / "index.html").is_file()


KILLED = """
import os, sys, shutil, pathlib, build
from sitegen import output_folder

class Killing:
    def __init__(self, of, after): self.of, self.left = of, after
    def __call__(self, *args, **named):
        if self.left == 0: os.kill(os.getpid(), 9)
        self.left -= 1
        return self.of(*args, **named)
    def __get__(self, owner, kind): return lambda *args, **named: self(owner, *args, **named)

{patch}
build.main(sys.argv[1:])
"""
MOMENTS = {
    "while writing": "output_folder.OutputFolder.write = Killing(output_folder.OutputFolder.write, 9)",
    "before the swap": "output_folder.OutputFolder.swap = Killing(output_folder.OutputFolder.swap, 0)",
    "before the old site is put away": "output_folder.OutputFolder._put_away = Killing(output_folder.OutputFolder._put_away, 0)",
    "between two renames": "output_folder._exchange = lambda *a: False; pathlib.Path.rename = Killing(pathlib.Path.rename, 1)",
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_build_costs_nothing(project: TinyProject, moment: str):
    """Kill -9 at the worst moments: there is a whole site, and the next build works and clears up."""
    before = snapshot(project.site)
    done = project.build_elsewhere(code=KILLED.format(patch=MOMENTS[moment]))
    assert done.returncode == -9, done.stderr
    assert neighbours_of(project.site) != set()
    if moment == "between two renames":
        assert not project.site.exists(), "this moment should be the one where the old site has another name"
        project.append("content/lessons/02-second-steps.md", "\n{{ nothing }}\n")
        assert project.build().status == 1  # even a build that fails gives the old site its name back
        project.replace("content/lessons/02-second-steps.md", "\n{{ nothing }}\n", "")
    assert snapshot(project.site) == before
    assert project.build().status == 0
    assert snapshot(project.site) == before
    assert neighbours_of(project.site) == set()


def test_a_build_beside_another_is_left_alone(project: TinyProject):
    """Only what a dead process left is cleared away."""
    running = project.site.with_name(f"{project.site.name}.building-{os.getppid()}")
    shutil.copytree(project.site, running)
    assert project.build().status == 0
    assert running.is_dir()


def test_the_build_works_without_a_cache_it_can_write(project: TinyProject):
    """A checkout that cannot be written to still builds."""
    before = snapshot(project.site)
    shutil.rmtree(project.path(".cache"))
    project.path(".cache").write_text("in the way", encoding="utf-8")
    outcome = project.build()
    assert outcome.status == 0, outcome.errors
    assert snapshot(project.site) == before
