"""Front matter, TOML, BibTeX, notebooks and data by somebody who means harm: an error with file, line and cure, soon; never a script.

Lessons' own text is in test_hostile_lessons.py, honest mistakes in test_bad_input.py.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from selectolax.lexbor import LexborHTMLParser

from problems import Problem
from sitegen.build_cache import BuildCache
from sitegen.lesson_files import FrontMatter, read_front_matter
from sitegen.project import CONTROLS, Problems, Project, parse_toml, read_site_facts, texts_in
from sitegen.references import Reference, read_references
from sitegen.site_data import SetData, check_all_data
from tests.support import ROOT
from tests.support.browser import Visit, draw_all_figures, visit
from tests.support.built_site import BuiltSite
from tests.support.reader import REVEAL_ALL
from tests.support.site_server import SiteServer
from tests.test_bad_input import problems_of
from tests.tiny_project import TinyProject, snapshot

HEAD = {"title": "T", "summary": "S", "learn": "[a]", "needs": "[b]", "minutes": "3", "date": "2026-01-01", "updated": "2026-01-01"}
HEAD |= {"sources": "[]", "notebook": "null"}


def head(before: str = "", **changed: str) -> str:
    """Good front matter but for what is changed, behind other lines."""
    return before + "".join(f"{key}: {value}\n" for key, value in (HEAD | changed).items())


def read_head(text: str) -> tuple[BaseModel | None, list[Problem]]:
    problems = Problems(Project(Path("/project")))
    return read_front_matter(Path("/project/content/lessons/01-x.md"), text, FrontMatter, problems), problems.found


# --- front matter ----------------------------------------------------------------------------------------------------------------

LAUGHS = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 40))
MERGED = "m0: &m0 {k: v}\n" + "".join(f"m{n}: &m{n}\n  <<: [*m{n - 1}, *m{n - 1}]\n" for n in range(1, 60))
NO_ALIAS = "is not used here: write it out"
BOMBS = {
    # name: text, line, what
    "billion laughs": (head(LAUGHS), 3, NO_ALIAS),
    "billion laughs in a title": (head(LAUGHS, title="*a39"), 3, NO_ALIAS),
    "merges of merges": (head(MERGED), 4, NO_ALIAS),
    "a list that holds itself": (head(learn="&a [*a]"), 4, NO_ALIAS),
    "a mapping merged with itself": (head("x: &x {<<: *x}\n"), 2, NO_ALIAS),
    "brackets": (head(learn="[" * 100_000), 2, "recursion"),
    "lists in lists": (head(learn="\n" + "- " * 5000 + "a"), 2, "recursion"),
    "a number of a hundred thousand digits": (head(minutes="1" * 100_000), 6, "digits"),
    "one in base two": (head(minutes="0b" + "1" * 100_000), 6, "'minutes': input should be less than or equal to 1000"),
    "one in base sixty": (head(minutes="1" + ":59" * 5000), 6, "'minutes': input should be less than or equal to 1000"),
    "infinitely many minutes": (head(minutes=".inf"), 6, "'minutes': input should be a finite number"),
    "an object of Python": (head(title='!!python/object/apply:os.system ["true"]'), 2, "could not determine a constructor"),
    "bytes": (head(title="!!binary B2JlbGwH"), 2, "!!binary is not used here"),
    "a bell": (head(title='"a\\ab"'), 2, "the control character U+0007"),
    "a null": (head(summary='"a\\0b"'), 3, "the control character U+0000"),
    "half a character": (head(summary='"a\\ud800b"'), 3, "the control character U+D800"),
    "a null as it is": (head(summary="a\0b"), 3, "unacceptable character #x0000"),
    "a time zone that is none": (head(date="2026-01-01T00:00:00+99:99"), 7, "YAML cannot read"),
    "a moment": (head(date="2026-01-01T12:34:56"), 7, "'date'"),
    "a second document": (head() + "--- \na: b\n", 11, "another document"),
    "a version of YAML to come": ("%YAML 9.9\n---\n" + head(), 2, "no valid YAML"),
}


@pytest.fixture(scope="module")
def exploded() -> dict[str, list]:
    """What reading each bomb comes to, in a process of its own that is stopped should one of them go off."""
    code = (
        "import json, resource, sys\n"
        "resource.setrlimit(resource.RLIMIT_AS, (4_000_000_000, 4_000_000_000))\n"
        "from tests.test_hostile_files import BOMBS, read_head\n"
        "found = {name: [vars(problem) for problem in read_head(text)[1]] for name, (text, _, _) in BOMBS.items()}\n"
        "print(json.dumps(found))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", BOMBS)
def test_front_matter_that_would_explode_is_an_error_in_its_line(exploded: dict[str, list], name: str):
    """At most 4 GB and some seconds for all of them, where one alone could take all memory."""
    _, line, what = BOMBS[name]
    (problem, *_) = exploded[name]
    assert (problem["file"], problem["line"]) == ("content/lessons/01-x.md", line)
    assert what in problem["what"]
    assert problem["cure"]
    assert len(problem["what"]) < 400, "the message is no bomb itself"


# --- TOML ------------------------------------------------------------------------------------------------------------------------

SITE = (ROOT / "content" / "site.toml").read_text(encoding="utf-8")
BAD_TOML = {
    "brackets": (SITE + "x = " + "[" * 5000, 8, "stand in each other too deeply"),
    "tables in tables": (SITE + "x = " + "{a=" * 5000, 8, "stand in each other too deeply"),
    "a key of fifty thousand parts": (SITE + ".".join("a" * 50_000) + " = 1", 8, "a key of too many parts"),
    "a table of as many": (SITE + f"[{'.'.join('a' * 50_000)}]", 8, "a key of too many parts"),
    "a very long name of a table": (SITE + f"[{'.'.join('a' * 900)}]", 8, "'a' is not known"),
    "a number of ten thousand digits": (SITE.replace("2026", "2" * 10_000), 5, "too many digits"),
    "the same in base sixteen": (SITE.replace("2026", "0x" + "f" * 10_000), 5, "'year': input should be less than or equal to 9999"),
    "infinity": (SITE.replace("2026", "inf"), 5, "'year': input should be a finite number"),
    "a number beyond all": (SITE.replace("2026", "1e999"), 5, "'year': input should be a finite number"),
    "a date": (SITE.replace("2026", "2026-01-01"), 5, "'year': input should be a valid integer"),
    "a date that is none": (SITE.replace("2026", "2026-13-45"), 5, "no valid TOML"),
    "a key twice": (SITE + "year = 2026\n", 8, "no valid TOML"),
    "a null": (SITE + 'x = "\0"\n', 8, "the control character U+0000"),
    "a null by its number": (SITE.replace("Word Spaces", "Word\\u0000Spaces", 1), 1, "the control character U+0000"),
    "a bell by its number": (SITE.replace("checked in", "checked\\u0007 in"), 2, "the control character U+0007"),
    "no character at all": (SITE.replace("checked in", "checked\\UFFFFFFFF in"), 2, "no valid TOML"),
    "half a character": (SITE.replace("checked in", "checked\\ud800 in"), 2, "no valid TOML"),
    "a byte order mark in the middle": (SITE + "\ufeffx = 1\n", 8, "no valid TOML"),
}


@pytest.mark.parametrize("name", BAD_TOML)
def test_toml_that_would_explode_is_an_error_in_its_line(tmp_path: Path, name: str):
    text, line, what = BAD_TOML[name]
    (tmp_path / "content").mkdir()
    (tmp_path / "content" / "site.toml").write_text(text, encoding="utf-8")
    problems = Problems(Project(tmp_path))
    assert read_site_facts(Project(tmp_path), problems) is None
    (problem, *_) = problems.found
    assert (problem.file, problem.line, what in problem.what, bool(problem.cure)) == ("content/site.toml", line, True, True), problem
    assert len(problem.what) < 400


def test_a_byte_order_mark_at_the_beginning_does_no_harm(tmp_path: Path):
    (tmp_path / "content").mkdir()
    (tmp_path / "content" / "site.toml").write_text("\ufeff" + SITE, encoding="utf-8")
    problems = Problems(Project(tmp_path))
    assert read_site_facts(Project(tmp_path), problems).year == 2026 and not problems.found


TOML = st.lists(
    st.sampled_from(
        'a b.c [x] [[x]] [[ ]] = \n " \'\'\' """ \\u0007 \\ud800 1 -0x_ 1e999 nan 07:99 2026-13-45 { } , # \t \0 inf'.split(" ")
    )
    | st.text(max_size=3),
    max_size=25,
).map(" ".join)


@given(text=TOML)
@example(text="a = 1" + "0" * 5000)
@example(text="a = [" * 3000)
@settings(max_examples=150)
def test_no_toml_breaks_its_reader(text: str):
    """Parsed without a control character in any text, or refused with a line."""
    problems = Problems(Project(Path("/project")))
    fields = parse_toml(Path("/project/x.toml"), text, problems)
    assert (fields is None) is bool(problems.found)
    assert all(problem.line is None or 1 <= problem.line <= text.count("\n") + 1 for problem in problems.found)
    assert fields is None or not CONTROLS.search(repr(fields).encode().decode("unicode-escape", errors="replace")) or "\\" in text


# --- BibTeX ----------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shelf")
    (folder / "content").mkdir()
    return folder


def read_bib(folder: Path, text: str) -> tuple[dict[str, Reference], list[Problem]]:
    (folder / "content" / "references.bib").write_text(text, encoding="utf-8", errors="replace")
    problems = Problems(Project(folder))
    return read_references(Project(folder), problems), problems.found


def work(**fields: str) -> str:
    lines = {"author": "Nash, Ann", "title": "T", "year": "2020", "url": "https://example.org/"} | fields
    return "@misc{k2020,\n" + ",\n".join(f"  {name} = {{{value}}}" for name, value in lines.items()) + "\n}\n"


NO_ADDRESS, NO_NAME, TEX = "the url of 'k2020' is no web address", "an author of 'k2020' has no name", "holds the TeX command"
BAD_WORKS = {
    "a script as an address": (work(url="javascript:alert(1)"), 1, NO_ADDRESS),
    "one in odd letters behind a space": (work(url=" JaVa\tScRiPt:alert(1)"), 1, NO_ADDRESS),
    "data as an address": (work(url="data:text/html,<script>alert(1)</script>"), 1, NO_ADDRESS),
    "an address that leaves its quotes": (work(url='https://example.org/" onclick="alert(1)'), 1, NO_ADDRESS),
    "an address of two lines": (work(url="https://example.org/\n\njavascript:alert(1)"), 1, NO_ADDRESS),
    "an address of nowhere": (work(url="https://"), 1, NO_ADDRESS),
    "an address without its kind": (work(url="//example.org/"), 1, NO_ADDRESS),
    "a number that is none": (work(doi='"><script>alert(1)</script>'), 1, "the doi of 'k2020' is none"),
    "a file of TeX": (work(title="\\input{/etc/passwd}"), 3, f"{TEX} \\input"),
    "a file of TeX as an author": (work(author="\\include{x}, A"), 2, f"{TEX} \\include"),
    "a command of the shell": (work(title="\\write18{id}"), 3, f"{TEX} \\write"),
    "a definition": (work(title="{\\def\\x{\\x}\\x}"), 3, f"{TEX} \\def"),
    "nobody": (work(author=","), 2 - 1, NO_NAME),
    "nobody and nobody": (work(author="Nash, Ann and and Ode, Bo"), 1, NO_NAME),
    "an author who goes on": (work(author="Nash, Ann and"), 1, NO_NAME),
    "a null": (work(title="a\0b"), 3, "the control character U+0000"),
    "braces that open": ("@misc{" * 5000, 1, "no valid BibTeX"),
    "a brace that closes early": (work(title="a}b"), 4, "looks like part of one"),
}


@pytest.mark.parametrize("name", BAD_WORKS)
def test_a_hostile_work_is_an_error_in_its_line(shelf: Path, name: str):
    text, line, what = BAD_WORKS[name]
    _, problems = read_bib(shelf, text)
    matching = [problem for problem in problems if what in problem.what]
    assert matching, problems
    assert {(problem.file, problem.line) for problem in matching} == {("content/references.bib", line)}, problems
    assert all(problem.cure for problem in problems)


@pytest.mark.parametrize(
    "title",
    ["<script>alert(1)</script>", "$x$ % # ~", "{{{{deep}}}}", "{" * 9999 + "a" + "}" * 9999, "\u202etxt.exe", "a" + " " * 99_999 + "b"],
)
def test_an_odd_title_is_only_text(shelf: Path, title: str):
    references, problems = read_bib(shelf, work(title=title, author="Nash," + " " * 50_000 + "Ann"))
    assert problems == []
    tree = LexborHTMLParser(str(references["k2020"].html))
    assert {node.tag for node in tree.body.traverse()} <= {"body", "cite", "a"}
    assert "{" not in references["k2020"].title
    assert references["k2020"].label == "Nash 2020"


FIELD = st.text(max_size=12) | st.sampled_from(
    ["{", "}", "\\", "and", " and ", ",", '"', "javascript:", "https://x/", "\\input{x}", "<b>", "%"]
)
BIB = st.one_of(
    st.builds(lambda a, t, u: work(author=a, title=t, url=u), FIELD, FIELD, FIELD),
    st.lists(st.sampled_from('@misc{ @string{ @comment{ k, author title url = { } " # , \n'.split(" ")) | FIELD, max_size=20).map(" ".join),
)


@given(text=BIB)
@settings(max_examples=120)
def test_no_bibliography_breaks_its_reader_or_brings_markup(shelf: Path, text: str):
    """Whatever is shown is text and links to the web; whatever is wrong has a line."""
    references, problems = read_bib(shelf, text)
    assert all(problem.line and problem.cure for problem in problems)
    for reference in references.values() if not problems else ():
        tree = LexborHTMLParser(str(reference.html))
        assert {node.tag for node in tree.body.traverse()} <= {"body", "cite", "a"}
        assert all(node.attributes["href"].startswith(("https://", "http://")) for node in tree.css("a"))


# --- control characters and notebooks in a project -------------------------------------------------------------------------------

NOTEBOOK, LESSON = "content/notebooks/first-steps.py", "content/lessons/02-second-steps.md"
CELL = "# %% [markdown]\n# # A title\n#\n# {}\n\n# %%\nprint('<script>in a program it is text</script>')\n"
IN_PROJECT = {
    # name: file, text, line, what
    "a bell in a lesson": (LESSON, "\nA bell: \x07\n", None, "the control character U+0007"),
    "a null in the glossary": ("content/glossary.toml", '\n[[term]]\nid = "n"\nterm = "n\\u0000"\ndefinition = "."\n', None, "U+0000"),
    "a script in a notebook": (NOTEBOOK, CELL.format("<script>alert(1)</script>"), 4, "<script> is not allowed in prose"),
    "a picture in a notebook": (NOTEBOOK, CELL.format('<img src=x onerror="alert(1)">'), 4, "'onerror' is not allowed in prose"),
    "a frame in a notebook": (NOTEBOOK, CELL.format("<iframe src='https://example.org/'></iframe>"), 4, "<iframe> is not allowed"),
    "a link of a notebook that runs": (NOTEBOOK, CELL.format("[x](javascript:alert(1))"), 4, "javascript: is no kind of link"),
}


@pytest.mark.parametrize("name", IN_PROJECT)
def test_it_stops_the_build_and_nothing_is_published(project: TinyProject, name: str):
    """A second build says the same: the cache hides nothing."""
    file, text, line, what = IN_PROJECT[name]
    if file == NOTEBOOK:
        project.path(file).write_text(text, encoding="utf-8")
    else:
        line = project.path(file).read_text(encoding="utf-8").count("\n") + (2 if file == LESSON else 4)
        project.append(file, text)
    before = snapshot(project.site)
    for _ in range(2):
        outcome = project.build()
        assert outcome.status == 1
        matching = [problem for problem in problems_of(outcome.errors) if problem.file == file and what in problem.what]
        assert [problem.line for problem in matching] == [line], outcome.errors
    assert snapshot(project.site) == before


ODD_NAMES = ['a"b<c>.py', "x#y.py", "x?y.py", "x y.py", "x%41.py", "..py", "\u202eyp.x.py"]


def test_a_file_whose_name_means_something_in_an_address_is_named(project: TinyProject):
    """Programs and a notebook that a lesson offers to download."""
    notebook = project.path(f"content/notebooks/{ODD_NAMES[0]}")
    for path in (notebook, *(project.path(f"content/listings/{name}") for name in ODD_NAMES)):
        path.write_text("# %%\nprint(1)\n", encoding="utf-8")
    project.replace(LESSON, "notebook: null", f"notebook: {json.dumps(notebook.name)}")
    project.append(LESSON, "\n{{ notebook() }}\n" + "".join(f"\n{{{{ program({name!r}) }}}}\n" for name in ODD_NAMES))
    outcome = project.build("--set", "tiny")
    assert outcome.status == 1
    found = {problem.file for problem in problems_of(outcome.errors) if "makes no plain address" in problem.what}
    assert found == {f"content/notebooks/{notebook.name}", *(f"content/listings/{name}" for name in ODD_NAMES)}, outcome.errors


# --- data ------------------------------------------------------------------------------------------------------------------------

PAIRS, SHARD = "content/data/tiny/random_pairs.json", "content/data/tiny/neighbours_decoder/0000.json"
BAD_DATA = {
    "a key twice": (PAIRS, '"seed":1', '"seed":1,"seed":2', PAIRS, "holds a key twice"),
    "a key twice in a shard": (SHARD, '"first_id":0', '"first_id":9,"first_id":0', SHARD, "holds a key twice"),
    "no number in a shard": (SHARD, '"first_id":0', '"first_id":NaN', SHARD, "is no valid shard"),
    "a number beyond all": (PAIRS, '"seed":1', '"seed":-1e999', PAIRS, "should be a finite number"),
    "half a character": (PAIRS, "All of them.", "\\ud800", PAIRS, "holds half of a character"),
    "lists in lists": (PAIRS, '"seed":1', '"seed":' + "[" * 100_000 + "]" * 100_000, PAIRS, "is nested too deeply"),
    "lists in lists in a shard": (SHARD, '"first_id":0', '"first_id":' + "[" * 100_000, SHARD, "is no valid shard"),
}


@pytest.mark.parametrize("name", BAD_DATA)
def test_data_that_say_two_things_or_nothing_are_refused(project: TinyProject, name: str):
    file, old, new, blamed, what = BAD_DATA[name]
    project.replace(file, old, new)
    outcome = project.build()
    assert outcome.status == 1
    found = problems_of(outcome.errors)
    assert [problem for problem in found if problem.file == blamed and what in problem.what and "python -m precompute" in problem.cure], (
        found
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["decoder", "50", 1.5, -1, 10**400]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def places_in(value: object, path: tuple = ()) -> Iterator[tuple]:
    """The path of every part of a JSON value."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield from places_in(part, (*path, key))


@pytest.fixture(scope="module")
def good_data(built_once: TinyProject, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict]:
    """Where one artefact is to be written, and the artefact as it should be."""
    folder = tmp_path_factory.mktemp("data") / "tiny"
    folder.mkdir()
    return folder / Path(PAIRS).name, json.loads(built_once.path(PAIRS).read_text(encoding="utf-8"))


@given(draw=st.data())
@settings(max_examples=150)
def test_any_part_of_the_data_may_be_anything(good_data: tuple[Path, dict], draw: st.DataObject):
    """It is taken if the schema knows it, and means what stands there; else an error names the file and how to make it again."""
    path, good = good_data
    content = json.loads(json.dumps(good))
    *above, last = draw.draw(st.sampled_from([place for place in places_in(content) if place]))
    part = content
    for key in above:
        part = part[key]
    part[last] = draw.draw(JSON)
    path.write_text(json.dumps(content), encoding="utf-8")
    problems = Problems(Project(path.parent.parent))
    data = SetData(path.parent, problems)
    check_all_data(data, problems, BuildCache(path.parent.parent / "cache"))
    if problems.found:
        assert {problem.file for problem in problems.found} == {"tiny/random_pairs.json"}
        assert all(problem.line == 1 and "python -m precompute" in problem.cure for problem in problems.found)
        assert all(len(problem.what) < 400 for problem in problems.found)
    else:
        assert not any("\ud800" <= letter <= "\udfff" for text in texts_in(content) for letter in text)
        found = data["random_pairs"].model_dump(mode="json")
        for place in places_in(content["data"]):
            mine, theirs = content["data"], found
            for key in place:
                mine, theirs = mine[key], theirs[key]
            assert mine == theirs or isinstance(mine, dict | list) or float(mine) == theirs, place


HARM = '</script><img src=x onerror="window.harmed=1"><svg onload=\'window.harmed=1\'>\u202e\u2028\u2029{{7*7}}&amp;=1+1,"\n'
FACTS = "content/data/tiny/model_facts.json"


def spoil(value: object, harm: str, key: str = "") -> object:
    """The facts about models with harm in every text that pages show. What decides how something is shown stays."""
    if isinstance(value, dict):
        return {name: spoil(inner, harm, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [spoil(inner, harm, key) for inner in value]
    return value + harm if isinstance(value, str) and key not in ("role", "tokenizer_kind", "source_url") else value


def spoilt(project: TinyProject, harm: str) -> None:
    content = json.loads(project.path(FACTS).read_text(encoding="utf-8"))
    content["data"] = spoil(content["data"], harm)
    project.path(FACTS).write_text(json.dumps(content), encoding="utf-8")


@pytest.fixture(scope="module")
def harmed(built_once: TinyProject, tmp_path_factory: pytest.TempPathFactory) -> BuiltSite:
    """The fixture project with harm in the names of its models and of its set, which titles, charts, tables and files show."""
    from tests.tiny_project import copy_project

    project = copy_project(built_once, tmp_path_factory.mktemp("harmed") / "project")
    spoilt(project, HARM)
    outcome = project.build()
    assert outcome.status == 0, outcome.errors
    return BuiltSite(project.site)


@pytest.fixture(scope="module")
def served(harmed: BuiltSite) -> Iterator[SiteServer]:
    with SiteServer(harmed.folder) as server:
        yield server


HARMLESS = """() => !window.harmed && !document.querySelector("[onerror], [onload], img[src='x'], a[href^='javascript:' i], iframe")"""


@pytest.mark.parametrize("path", ["", "lessons/first-steps/", "lessons/first-steps/figures/tiny-cosines/", "claims/", "models/", "search/"])
def test_hostile_names_from_data_are_text_in_a_browser(browser, served: SiteServer, path: str):
    """In the page, its charts, tables, tooltips and the search; no report of the policy, no new element."""

    def shown(opened: Visit) -> str:
        return opened.page.evaluate("document.documentElement.textContent")

    with visit(browser, served.url + path) as opened:
        opened.page.evaluate(REVEAL_ALL)
        if "first-steps" in path:
            assert "tiny-cosines" in draw_all_figures(opened)
            opened.page.locator("#tiny-cosines canvas").hover(position={"x": 200, "y": 30})
        if path == "search/":
            opened.page.locator("[type=search]").fill("harmed onerror")
            opened.until("document.querySelector('[data-search-status]').textContent")
        assert opened.page.evaluate(HARMLESS)
        assert "window.harmed" in shown(opened)
        assert opened.problems() == []


def test_hostile_names_from_data_are_text_in_files(harmed: BuiltSite):
    """CSV and JSON hold them as they are; scripts, pictures and the manifest hold no end of a script."""
    folder = harmed.folder / "lessons" / "first-steps" / "figures" / "tiny-cosines"
    assert HARM.strip() in json.loads((folder / "tiny-cosines.json").read_text(encoding="utf-8"))["rows"][0]["model"]
    for path in sorted(harmed.files):
        if path.endswith((".svg", ".js")) and ("tiny" in path or "search" in path):
            text = (harmed.folder / path).read_text(encoding="utf-8")
            assert "</script" not in text and "<img" not in text and "\u2028" not in text.replace("\\u2028", ""), path


@pytest.mark.parametrize(("harm", "named"), [("\0", "U+0000"), ("a\x07", "U+0007"), ("\x9f", "U+009F")])
def test_control_characters_in_names_from_data_are_refused(project: TinyProject, harm: str, named: str):
    """Once, not for every page that would show it."""
    spoilt(project, harm)
    outcome = project.build()
    assert outcome.status == 1
    (problem,) = problems_of(outcome.errors)
    assert problem.file == FACTS and named in problem.what and "--set tiny" in problem.cure


def test_control_characters_in_a_chart_can_be_seen(project: TinyProject):
    """Nobody would see them, and SVG may not hold most of them."""
    code = project.path("charts/tiny_angles.py").read_text(encoding="utf-8")
    assert '"role": entry.role, "angle' in code
    code = code.replace('"role": entry.role, "angle', '"role": entry.role + "\\0\\x1b\\x9f\\u202e", "angle')
    project.path("charts/tiny_angles.py").write_text(code, encoding="utf-8")
    outcome = project.build()
    assert outcome.status == 0, outcome.errors
    (picture,) = project.site.glob("assets/figures/tiny-angles-wide-light.*.svg")
    text = picture.read_text(encoding="utf-8")
    assert "decoder⟨U+0000⟩" in text and not CONTROLS.search(text)
    spec = project.path("site/lessons/second-steps/figures/tiny-angles/tiny-angles.vl.json").read_text(encoding="utf-8")
    assert "decoder⟨U+0000⟩⟨U+001B⟩⟨U+009F⟩⟨U+202E⟩" in spec


def test_an_address_from_data_runs_nothing(project: TinyProject):
    content = json.loads(project.path(FACTS).read_text(encoding="utf-8"))
    content["data"]["models"][0]["source_url"] = "javascript:alert(1)"
    project.path(FACTS).write_text(json.dumps(content), encoding="utf-8")
    outcome = project.build()
    assert outcome.status == 1
    assert "javascript: is no kind of link" in outcome.errors
