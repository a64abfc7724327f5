"""Everything that can be wrong with what an author or an export hands to the build.

Each mistake ends the build with status 1, names file, line, fault and cure, brings no second problem along, and leaves the site.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

import build
from problems import Problem
from tests.tiny_project import TinyProject, snapshot

FIRST = "content/lessons/01-first-steps.md"
SECOND = "content/lessons/02-second-steps.md"
CLAIMS = "content/claims/first_steps.toml"
CHECKS = "content/claims/first_steps.py"
GLOSSARY = "content/glossary.toml"
REFERENCES = "content/references.bib"
FACTS = "content/site.toml"
PAIRS = "content/data/tiny/random_pairs.json"
SHARD = "content/data/tiny/neighbours_decoder/0001.json"

Change = Callable[[TinyProject], None]


@dataclass(frozen=True)
class Mistake:
    """at: the line, or a text whose first line in the changed file is meant; None: the problem has no line."""

    change: Change
    file: str
    at: int | str | None
    what: str
    cure: str
    arguments: tuple[str, ...] = ()


def replace(file: str, old: str, new: str) -> Change:
    return lambda project: project.replace(file, old, new)


def write(file: str, content: str | bytes) -> Change:
    return lambda project: project.path(file).write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))


def append(file: str, text: str) -> Change:
    return lambda project: project.append(file, text)


def text(added: str) -> Change:
    """A paragraph more in the second lesson."""
    return append(SECOND, f"\n{added}\n")


def remove(file: str) -> Change:
    return lambda project: project.path(file).unlink()


def copy(file: str, to: str) -> Change:
    return lambda project: shutil.copy(project.path(file), project.path(to))


def data(change: Callable[[dict], object], file: str = PAIRS) -> Change:
    """Change the JSON of a data file."""

    def edit(project: TinyProject) -> None:
        content = json.loads(project.path(file).read_text(encoding="utf-8"))
        change(content)
        project.path(file).write_text(json.dumps(content), encoding="utf-8")

    return edit


def shared(folder: str, change: Change) -> Change:
    """A change in templates/ or static/, which projects share otherwise."""

    def edit(project: TinyProject) -> None:
        project.own_copy(folder)
        change(project)

    return edit


def problems_of(errors: str) -> list[Problem]:
    """What a build printed, read back."""
    found = re.findall(r"^([^\s:][^:\n]*)(?::(\d+))?: (.+)\n    (.+)$", errors, re.MULTILINE)
    return [Problem(file, int(line) if line else None, what, cure) for file, line, what, cure in found]


ONLY_FRONT = "README.md lists the keys"
BAD_FRONT_MATTER = {
    "no front matter": Mistake(write(SECOND, "Only text.\n"), SECOND, 1, "has no front matter", "'---'"),
    "front matter without an end": Mistake(write(SECOND, "---\ntitle: x\n"), SECOND, 1, "has no front matter", "'---'"),
    "front matter that is a list": Mistake(write(SECOND, "---\n- title\n---\n"), SECOND, 2, "holds no keys", ONLY_FRONT),
    "front matter that is empty": Mistake(write(SECOND, "---\n\n---\n"), SECOND, 2, "holds no keys", ONLY_FRONT),
    "YAML syntax": Mistake(replace(SECOND, "minutes: 1", "minutes: [1"), SECOND, "date: 2026", "no valid YAML", "quote texts"),
    "YAML with a colon": Mistake(replace(SECOND, "title: Second", "title: a: b"), SECOND, "title: a", "no valid YAML", "colon"),
    "impossible date": Mistake(replace(SECOND, "date: 2026-01-02\nu", "date: 2026-13-45\nu"), SECOND, "2026-13", "YAML cannot read", ""),
    "date that is none": Mistake(replace(SECOND, "date: 2026-01-02\nu", "date: soon\nu"), SECOND, "soon", "'date': input should be", ""),
    "no title": Mistake(replace(SECOND, "title: Second steps\n", ""), SECOND, 1, "front matter key 'title' is missing", ONLY_FRONT),
    "blank title": Mistake(replace(SECOND, "Second steps", "' '"), SECOND, "title:", "'title': string should have at least 1", ""),
    "unknown key": Mistake(
        replace(SECOND, "sources:", "minuts: 3\nsources:"), SECOND, "minuts", "key 'minuts' is not known", "Did you mean 'minutes'"
    ),
    "key twice": Mistake(replace(SECOND, "sources:", "minutes: 3\nsources:"), SECOND, "minutes: 3", "'minutes' stands twice", "Keep one"),
    "minutes in words": Mistake(
        replace(SECOND, "minutes: 1", "minutes: one"), SECOND, "minutes:", "'minutes': input should be a valid integer", ""
    ),
    "no minutes": Mistake(replace(SECOND, "minutes: 1", "minutes: 0"), SECOND, "minutes:", "'minutes': input should be greater than 0", ""),
    "nothing to learn": Mistake(replace(SECOND, "[how to go back]", "[]"), SECOND, "learn:", "'learn': list should have at least 1", ""),
    "learn with a number": Mistake(
        replace(SECOND, "[how to go back]", "[a, 2]"), SECOND, "learn:", "'learn', item 2: input should be a valid string", ""
    ),
    "unknown source": Mistake(
        replace(SECOND, "sources: []", "sources: [frist2020]"),
        SECOND,
        "sources:",
        "unknown citation 'frist2020' in 'sources'",
        "Did you mean 'first2020'",
    ),
    "unknown notebook": Mistake(
        replace(SECOND, "notebook: null", "notebook: first-step.py"),
        SECOND,
        "notebook:",
        "unknown notebook 'first-step.py'",
        "Did you mean 'first-steps.py'",
    ),
    "formula in a need": Mistake(
        replace(SECOND, 'needs: ["the', 'needs: ["$\\\\nonsense$ the'),
        SECOND,
        "nonsense",
        "the formula '\\\\nonsense' cannot be set",
        "LaTeX",
    ),
    "broken link in a need": Mistake(
        replace(SECOND, 'lesson:first-steps/)"]', 'lesson:frist-steps/)"]'),
        SECOND,
        "frist",
        "broken link 'lesson:frist-steps/'",
        "Did you mean 'lessons/first-steps/'",
    ),
}
BAD_FILES = {
    "duplicate slug": Mistake(
        copy(SECOND, "content/lessons/03-second-steps.md"),
        "content/lessons/03-second-steps.md",
        None,
        "its slug 'second-steps' is also that of 02-second-steps.md",
        "Rename",
    ),
    "duplicate number": Mistake(
        copy(SECOND, "content/lessons/02-third-steps.md"),
        "content/lessons/02-third-steps.md",
        None,
        "its number 2 is also that of 02-second-steps.md",
        "Renumber",
    ),
    "bad file name": Mistake(
        copy(SECOND, "content/lessons/3-Third.md"),
        "content/lessons/3-Third.md",
        None,
        "gives no number and slug",
        "01-first-words.md",
    ),
    "lesson that is not UTF-8": Mistake(
        lambda p: p.path(SECOND).write_bytes(p.path(SECOND).read_bytes() + b"\ncaf\xe9\n"), SECOND, 20, "is not UTF-8", "UTF-8"
    ),
    "no lesson": Mistake(
        lambda p: shutil.rmtree(p.path("content/lessons")), "content/lessons", None, "holds no lesson", "01-first-words.md"
    ),
    "a notice edited by hand": Mistake(write("NOTICE", "Nothing here.\n"), "NOTICE", None, "lists no packages", "write_notices.py"),
    "no licence": Mistake(remove("LICENSE"), "LICENSE", None, "does not exist", "Restore"),
    "no page on rebuilding": Mistake(remove("content/pages/rebuild.md"), "content/pages/rebuild.md", None, "does not exist", "Restore"),
    "broken link on rebuilding": Mistake(
        append("content/pages/rebuild.md", "\n[x](page:clams/)\n"),
        "content/pages/rebuild.md",
        "clams",
        "broken link 'page:clams/'",
        "Did you mean 'claims/'",
    ),
    "listing that is not UTF-8": Mistake(
        write("content/listings/tiny_sum.py", b"#\n# caf\xe9\n"), "content/listings/tiny_sum.py", 2, "is not UTF-8", "UTF-8"
    ),
    "notebook without a cell": Mistake(
        write("content/notebooks/first-steps.py", "print(1)\n"), "content/notebooks/first-steps.py", 1, "has no cell", "# %%"
    ),
    "notebook that is not UTF-8": Mistake(
        write("content/notebooks/first-steps.py", b"# %%\n# caf\xe9\n"),
        "content/notebooks/first-steps.py",
        2,
        "is not UTF-8",
        "UTF-8",
    ),
}
BAD_TEXT = {
    "unknown chart": Mistake(
        text('{{ figure("tiny-cosine") }}'),
        SECOND,
        '("tiny-cosine")',
        "unknown figure 'tiny-cosine'",
        "Did you mean 'tiny-cosines'",
    ),
    "figure twice": Mistake(text('{{ figure("tiny-angles") }}'), SECOND, 20, "stands twice on this page", "figref"),
    "unknown claim": Mistake(
        text('{{ claim("nobody-knew") }}'), SECOND, "nobody-knew", "unknown claim 'nobody-knew'", "Did you mean 'nobody-knows'"
    ),
    "unknown term": Mistake(text('{{ term("vectro") }}'), SECOND, "vectro", "unknown term 'vectro'", "Did you mean 'vector'"),
    "unknown citation": Mistake(
        text('{{ cite("second2012") }}'), SECOND, "second2012", "unknown citation 'second2012'", "Did you mean 'second2021'"
    ),
    "unknown number": Mistake(text("{{ data.random_pairs.sede }}"), SECOND, "sede", "unknown number or name 'sede'", "Did you mean 'seed'"),
    "unknown artefact": Mistake(
        text("{{ data.random_pears.seed }}"),
        SECOND,
        "pears",
        "unknown number or name 'random_pears'",
        "Did you mean 'random_pairs'",
    ),
    "unknown model": Mistake(
        text("{{ models.decodre.name }}"), SECOND, "decodre", "unknown number or name 'decodre'", "Did you mean 'decoder'"
    ),
    "unknown listing": Mistake(
        text('{{ listing("tiny_sun.py") }}'), SECOND, "tiny_sun", "unknown listing 'tiny_sun.py'", "Did you mean 'tiny_sum.py'"
    ),
    "no notebook": Mistake(text("{{ notebook() }}"), SECOND, "notebook()", "in a lesson that names none", "front matter key 'notebook'"),
    "unknown figref": Mistake(
        text('{{ figref("tiny-cosines") }}'),
        SECOND,
        "figref(",
        "figref to 'tiny-cosines', which this page does not show",
        "Did you mean 'tiny-angles'",
    ),
    "unknown reveals": Mistake(
        replace(FIRST, 'reveals="tiny-pieces"', 'reveals="tiny-piece"'),
        FIRST,
        'tiny-piece"',
        "reveals 'tiny-piece', which this page does not show",
        "Did you mean 'tiny-pieces'",
    ),
    "verdict without its branch": Mistake(
        replace(FIRST, "{% fails %}Branch *fails* of the verdict.\n{% otherwise %}Branch *otherwise* of the verdict.\n", ""),
        FIRST,
        "{% verdict",
        "is 'does not hold', but its block has no branch for that (it has holds)",
        "Add {% fails %}",
    ),
    "broken link to a lesson": Mistake(
        text("[x](lesson:frist-steps/)"),
        SECOND,
        "frist",
        "broken link 'lesson:frist-steps/': there is no such page",
        "Did you mean 'lessons/first-steps/'",
    ),
    "broken link to a page": Mistake(
        text("[x](page:model/)"), SECOND, "page:model/", "broken link 'page:model/'", "Did you mean 'models/'"
    ),
    "broken relative link": Mistake(text("[x](../nowhere.html)"), SECOND, "nowhere", "broken link '../nowhere.html'", "Correct the link"),
    "broken anchor elsewhere": Mistake(
        text("[x](lesson:first-steps/#a-figur)"), SECOND, "a-figur)", "that page has no such anchor", "Did you mean 'a-figure'"
    ),
    "broken anchor here": Mistake(
        text("[x](#where-it-gose-on)"), SECOND, "gose", "that page has no such anchor", "Did you mean 'where-it-goes-on'"
    ),
    "link of an unknown kind": Mistake(text("[x](javascript:alert)"), SECOND, "javascript", "javascript: is no kind of link", "https://"),
    "duplicate id": Mistake(text("## One {: #same }\n\n## Two {: #same }"), SECOND, "{: #same }", "have the id 'same'", "Rename"),
    "template syntax": Mistake(text("a\nb\n{{ 1 + }}"), SECOND, "1 + }}", "template error", "Correct"),
    "block without an end": Mistake(text("{% if true %}"), SECOND, 20, "template error", "Correct"),
    "expression that fails": Mistake(text("{{ 1 / 0 }}"), SECOND, "1 / 0", "an expression fails: ZeroDivisionError", "Correct"),
    "sandbox violation": Mistake(text("{{ ''.__class__ }}"), SECOND, "__class__", "'__class__' is not allowed in a lesson", "README.md"),
    "raw float": Mistake(
        text("{{ data.random_pairs.by_model[0].mean_row_norm }}"), SECOND, "mean_row_norm", "an expression prints 1.0", "|number(2)"
    ),
    "formula": Mistake(text("$\\frac{1}{$"), SECOND, "\\frac", "the formula '\\\\frac{1}{' cannot be set", "LaTeX"),
    "question that nobody can answer": Mistake(
        replace(FIRST, "answer=1 reveals", "answer=2 reveals"), FIRST, '"far" kind', "answer=2 is none of its options", "Correct"
    ),
    "exercise without a solution": Mistake(
        text('{% exercise "why" ask="Why?" %}{% endexercise %}'), SECOND, '"why"', "exercise 'why' has no solution", "{% endexercise %}"
    ),
    "verdict of an unknown claim": Mistake(
        text('{% verdict "nobody-knew" %}{% holds %}a{% endverdict %}'),
        SECOND,
        "nobody-knew",
        "unknown claim 'nobody-knew'",
        "Did you mean",
    ),
}
BAD_LEDGER = {
    "TOML syntax": Mistake(append(GLOSSARY, "\n[[term]\n"), GLOSSARY, "[[term]\n"[:7] + "\n", "is no valid TOML", "Correct the syntax"),
    "unknown key of a claim": Mistake(
        replace(CLAIMS, "note = ", "notte = "),
        CLAIMS,
        "notte",
        "claim 'nobody-knows': key 'notte' is not known",
        "Did you mean 'note'",
    ),
    "missing key of a claim": Mistake(
        replace(CLAIMS, 'where = "Section 2"\n', ""), CLAIMS, 12, "claim 'nobody-knows': key 'where' is missing", "Add where"
    ),
    "wrong type in a claim": Mistake(
        replace(CLAIMS, 'about = ["BERT"]', 'about = "BERT"'),
        CLAIMS,
        'about = "BERT"',
        "key 'about': input should be a valid list",
        "proper value",
    ),
    "id that cannot be an anchor": Mistake(
        append(GLOSSARY, '\n[[term]]\nid = "two words"\nterm = "x"\ndefinition = "x"\n'),
        GLOSSARY,
        "two words",
        "key 'id': string should match",
        "",
    ),
    "duplicate term": Mistake(
        append(GLOSSARY, '\n[[term]]\nid = "vector"\nterm = "x"\ndefinition = "x"\n'),
        GLOSSARY,
        12,
        "two terms have the id 'vector'",
        "Rename",
    ),
    "unknown see": Mistake(
        replace(GLOSSARY, 'see = ["vector"]', 'see = ["vectro"]'),
        GLOSSARY,
        1,
        "refers to the unknown 'vectro'",
        "Did you mean 'vector'",
    ),
    "unknown citation in the glossary": Mistake(
        append(GLOSSARY, 'cite = ["frist2020"]\n'),
        GLOSSARY,
        7,
        "term 'vector' has the unknown citation 'frist2020'",
        "Did you mean 'first2020'",
    ),
    "misspelt list of terms": Mistake(
        append(GLOSSARY, '\n[[trem]]\nid = "x"\n'), GLOSSARY, "[[trem]]", "'trem' is not known", "Did you mean 'term'"
    ),
    "formula in the glossary": Mistake(
        replace(GLOSSARY, "A list of numbers.", "A list $\\\\nonsense$."),
        GLOSSARY,
        7,
        "the formula '\\\\nonsense' cannot be set",
        "LaTeX",
    ),
    "broken link in the glossary": Mistake(
        replace(GLOSSARY, "lesson:first-steps/", "lesson:frist-steps/"),
        GLOSSARY,
        "frist",
        "broken link 'lesson:frist-steps/'",
        "Did you mean 'lessons/first-steps/'",
    ),
    "claim about an unknown lesson": Mistake(
        replace(CLAIMS, 'lesson = "second-steps"', 'lesson = "secnd-steps"'),
        CLAIMS,
        12,
        "names the unknown lesson 'secnd-steps'",
        "Did you mean 'second-steps'",
    ),
    "claim of an unknown source": Mistake(
        replace(CLAIMS, 'source = "second2021"', 'source = "second2012"'),
        CLAIMS,
        12,
        "cites the unknown source 'second2012'",
        "Did you mean 'second2021'",
    ),
    "claim with an unknown check": Mistake(
        replace(CLAIMS, 'check = "nobody_knows"', 'check = "nobody_knew"'),
        CLAIMS,
        12,
        "names the unknown check 'nobody_knew'",
        "Did you mean 'nobody_knows'",
    ),
    "duplicate claim": Mistake(
        replace(CLAIMS, 'id = "nobody-knows"', 'id = "random-pairs-are-unlike"\n#'),
        CLAIMS,
        12,
        "two claims have the id 'random-pairs-are-unlike'",
        "Rename",
    ),
    "no checks": Mistake(remove(CHECKS), CHECKS, None, "does not exist", "Restore"),
    "checks with a syntax error": Mistake(append(CHECKS, "\ndef (:\n"), CHECKS, "def (:", "cannot be loaded: SyntaxError", "Mend"),
    "checks that cannot be imported": Mistake(
        append(CHECKS, "\nimport nothing_of_that_name\n"), CHECKS, "nothing_of", "cannot be loaded: ModuleNotFoundError", "Mend"
    ),
    "check that fails": Mistake(
        replace(CHECKS, "def nobody_knows(data):\n", "def nobody_knows(data):\n    1 / 0\n"),
        CLAIMS,
        12,
        "the check 'nobody_knows' of claim 'nobody-knows' fails on set 'tiny': ZeroDivisionError",
        f"{CHECKS}:12",
    ),
    "check that returns nothing": Mistake(
        replace(CHECKS, '    return CheckResult("not', '    CheckResult("not'), CLAIMS, 12, "returned None", "Return a CheckResult"
    ),
    "check with an unknown verdict": Mistake(
        replace(CHECKS, '"not computed here"', '"perhaps"'), CLAIMS, 12, "returned CheckResult(verdict='perhaps'", "does not hold"
    ),
    "check whose value is no text": Mistake(
        replace(CHECKS, '"not computed here", ""', '"not computed here", 0.5'),
        CLAIMS,
        12,
        "value=0.5",
        "Return a CheckResult of texts",
    ),
    "BibTeX syntax": Mistake(
        replace(REFERENCES, "title = {A page},", "title = {A page,"),
        REFERENCES,
        "@online",
        "is no valid BibTeX there",
        "Correct the entry",
    ),
    "reference without a title": Mistake(
        append(REFERENCES, "\n@online{third2022,\n  author = {X}\n}\n"),
        REFERENCES,
        "third2022",
        "entry 'third2022' lacks title",
        "Add",
    ),
    "duplicate reference": Mistake(
        append(REFERENCES, "\n@online{first2020,\n  author = {X}, title = {Y}\n}\n"),
        REFERENCES,
        17,
        "two entries have the key 'first2020'",
        "Rename",
    ),
    "no site facts": Mistake(remove(FACTS), FACTS, None, "does not exist", "Restore"),
    "unknown key of the site": Mistake(append(FACTS, 'titel = "x"\n'), FACTS, "titel", "key 'titel' is not known", "Did you mean 'title'"),
    "site facts of the wrong type": Mistake(
        replace(FACTS, "year = 2026", 'year = "soon"'), FACTS, "year", "key 'year': input should be a valid integer", "proper value"
    ),
}
BAD_DATA = {
    "data that fails its schema": Mistake(
        data(lambda c: c["data"]["by_model"][0].update(whole_word_tokens="many")),
        PAIRS,
        1,
        "field by_model.0.whole_word_tokens: input should be a valid integer",
        "python -m precompute --set tiny --only random_pairs",
    ),
    "data with an unknown field": Mistake(
        data(lambda c: c["data"].update(sede=1)), PAIRS, 1, "field sede: extra inputs are not permitted", "precompute"
    ),
    "data without a field": Mistake(data(lambda c: c["data"].pop("seed")), PAIRS, 1, "field seed: field required", "precompute"),
    "data that is cut short": Mistake(
        lambda p: p.path(PAIRS).write_bytes(p.path(PAIRS).read_bytes()[:-40]), PAIRS, 1, "is no complete JSON", "precompute"
    ),
    "data that is empty": Mistake(write(PAIRS, b""), PAIRS, 1, "is no complete JSON", "precompute"),
    "data that is not UTF-8": Mistake(write(PAIRS, b'{"schema": "\xff"}'), PAIRS, None, "cannot be read", "precompute"),
    "data with NaN": Mistake(
        data(lambda c: c["data"]["by_model"][0].update(mean_row_norm=float("nan"))),
        PAIRS,
        1,
        "holds NaN, which is no number",
        "precompute",
    ),
    "data with infinity": Mistake(
        data(lambda c: c["data"]["by_model"][0].update(mean_row_norm=float("inf"))),
        PAIRS,
        1,
        "holds Infinity, which is no number",
        "precompute",
    ),
    "data with a number too large": Mistake(
        lambda p: p.replace(PAIRS, '"seed":1', '"seed":1e999'),
        PAIRS,
        1,
        "field seed: input should be a finite number",
        "precompute",
    ),
    "data without an envelope": Mistake(write(PAIRS, b"[]"), PAIRS, 1, "lacks its envelope", "precompute"),
    "data under another's name": Mistake(
        data(lambda c: c.update(schema="norms")), PAIRS, 1, "says it holds 'norms', but its name says 'random_pairs'", "precompute"
    ),
    "data of another version": Mistake(data(lambda c: c.update(version=99)), PAIRS, 1, "has schema version 99", "precompute"),
    "data that is missing": Mistake(
        remove(PAIRS), PAIRS, None, "there is no such data file", "python -m precompute --set tiny --only random_pairs"
    ),
    "data that nobody knows": Mistake(
        copy(PAIRS, "content/data/tiny/random_pears.json"),
        "content/data/tiny/random_pears.json",
        None,
        "no artefact is named 'random_pears'",
        "Delete",
    ),
    "shard of another index": Mistake(
        replace(SHARD, '"first_id":4', '"first_id":5'),
        "content/data/tiny/neighbours_decoder.json",
        1,
        "are not the ones it was written with",
        "--only neighbours_decoder",
    ),
    "shard that is missing": Mistake(
        remove(SHARD),
        "content/data/tiny/neighbours_decoder.json",
        1,
        "are not the ones it was written with (1 found)",
        "--only neighbours_decoder",
    ),
    "shard too many": Mistake(
        copy(SHARD, SHARD.replace("1.json", "2.json")),
        "content/data/tiny/neighbours_decoder.json",
        1,
        "are not the ones it was written with (3 found)",
        "precompute",
    ),
    "set without model facts": Mistake(
        remove("content/data/other/model_facts.json"),
        "content/data/other/model_facts.json",
        None,
        "there is no such data file",
        "--set other --only model_facts",
    ),
    "set with an odd name": Mistake(
        lambda p: shutil.copytree(p.path("content/data/tiny"), p.path("content/data/Tiny two")),
        "content/data/Tiny two",
        None,
        "'Tiny two' is no name for a set",
        "small letters",
    ),
    "set that does not exist": Mistake(
        lambda p: None, "content/data", None, "there is no set named 'tinny'", "Did you mean 'tiny'", ("--set", "tinny")
    ),
    "no data at all": Mistake(
        lambda p: shutil.rmtree(p.path("content/data")), "content/data", None, "holds no exported data", "python -m precompute"
    ),
    "default set without data": Mistake(
        replace(FACTS, '"tiny"', '"tinny"'), FACTS, "default_set", "the default set 'tinny' has no data", "Did you mean 'tiny'"
    ),
}
BAD_DRESS = {
    "template syntax": Mistake(
        shared("templates", replace("templates/_question.html", "{% set unit", "{% sett unit")),
        "templates/_question.html",
        "sett unit",
        "template error: Encountered unknown tag 'sett'",
        "Correct",
    ),
    "unknown name in a template": Mistake(
        shared("templates", replace("templates/claims.html", "{{ claim.reason|typeset }}", "{{ claim.raeson|typeset }}")),
        "templates/claims.html",
        "raeson",
        "has no attribute 'raeson'",
        "Correct",
    ),
    "missing template": Mistake(
        shared("templates", remove("templates/glossary.html")),
        "templates/glossary.html",
        None,
        "there is no such template",
        "Restore",
    ),
    "missing font": Mistake(
        shared("static", append("static/css/base.css", "\n@font-face { src: url(../fonts/zapf.ttf); }\n")),
        "static/css/base.css",
        "zapf",
        "asks for the unknown file 'zapf.ttf'",
        "Put it into static/fonts/",
    ),
    "style sheet that is missing": Mistake(
        shared("static", append("static/css/order.txt", "figrue.css\n")),
        "static/css/order.txt",
        "figrue.css",
        "names 'figrue.css', which is not in the folder",
        "Did you mean 'figure.css'",
    ),
    "style sheet that is forgotten": Mistake(
        shared("static", write("static/css/more.css", "a {}")), "static/css/order.txt", None, "does not name 'more.css'", "Add it"
    ),
    "no script for the theme": Mistake(
        shared("static", remove("static/js/theme.js")), "static/js/theme.js", None, "does not exist", "Restore"
    ),
    "no chart runtime": Mistake(
        shared("static", remove("static/vendor/vega-runtime.js")),
        "static/vendor/vega-runtime.js",
        None,
        "does not exist",
        "Restore",
    ),
    "script that is not UTF-8": Mistake(
        shared("static", write("static/js/core.js", b"// caf\xe9")), "static/js/core.js", 1, "is not UTF-8", "UTF-8"
    ),
}
MISTAKES = {
    f"{group}: {name}": mistake
    for group, mistakes in {
        "front matter": BAD_FRONT_MATTER,
        "files": BAD_FILES,
        "text": BAD_TEXT,
        "ledger": BAD_LEDGER,
        "data": BAD_DATA,
        "dress": BAD_DRESS,
    }.items()
    for name, mistake in mistakes.items()
}
FOLLOWED_BY_OTHERS = {
    "files: no lesson",  # claims then name lessons that are not there
    "ledger: TOML syntax",  # terms of the file are unknown
    "ledger: unknown key of a claim",
    "ledger: missing key of a claim",
    "ledger: wrong type in a claim",
    "ledger: BibTeX syntax",
    "ledger: misspelt list of terms",
    "ledger: duplicate claim",
}
"""Mistakes that take away what other files refer to, so that more than one problem is true."""


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_and_the_site_stays(project: TinyProject, name: str):
    """Status 1, file, line, what, cure; nothing else blamed; the site byte for byte as it was."""
    mistake = MISTAKES[name]
    mistake.change(project)
    before = snapshot(project.site)
    outcome = project.build(*mistake.arguments)
    assert outcome.status == 1, outcome.printed
    found = problems_of(outcome.errors)
    matching = [problem for problem in found if problem.file == mistake.file and mistake.what in problem.what]
    assert matching, outcome.errors
    (problem,) = matching
    assert problem.line == line_at(project, mistake), outcome.errors
    assert mistake.cure in problem.cure
    assert {(other.file, other.line) for other in found} == {(problem.file, problem.line)} or name in FOLLOWED_BY_OTHERS, outcome.errors
    assert outcome.errors.endswith("Nothing was published; the site is as it was.\n")
    assert project.build(*mistake.arguments).errors == outcome.errors, "what a failed build kept must not hide the mistake from the next"
    assert snapshot(project.site) == before


def line_at(project: TinyProject, mistake: Mistake) -> int | None:
    if not isinstance(mistake.at, str):
        return mistake.at
    before, found, _ = project.path(mistake.file).read_text(encoding="utf-8").partition(mistake.at)
    assert found, f"{mistake.at!r} does not stand in {mistake.file}"
    return before.count("\n") + 1


# --- several at once -------------------------------------------------------------------------------------------------------------


def test_all_problems_of_a_run_are_listed(project: TinyProject, tmp_path: Path):
    """An author mends in one go: lessons, ledger, data, bibliography and even the output folder, sorted by file and line."""
    replace(SECOND, "minutes: 1", "minutes: one")(project)
    append(FIRST, '\n{{ figure("tiny-cosine") }}\n\n{{ nothing }}\n\n{{ 0.5 }}\n')(project)
    replace(CLAIMS, 'check = "nobody_knows"', 'check = "nobody_knew"')(project)
    append(REFERENCES, "\n@online{third2022,\n  author = {X}\n}\n")(project)
    replace(SHARD, '"first_id":4', '"first_id":5')(project)
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    outcome = project.build(out=tmp_path / "file")
    found = problems_of(outcome.errors)
    names = {(problem.file, problem.what.split(":")[0]) for problem in found}
    assert names == {
        (SECOND, "front matter key 'minutes'"),
        (FIRST, "unknown figure 'tiny-cosine'"),
        (FIRST, "unknown name 'nothing'"),
        (FIRST, "an expression prints 0.5"),
        (CLAIMS, "claim 'nobody-knows' names the unknown check 'nobody_knew'"),
        (REFERENCES, "entry 'third2022' lacks title"),
        (
            "content/data/tiny/neighbours_decoder.json",
            "its 2 shards in neighbours_decoder/ are not the ones it was written with (2 found)",
        ),
        (str(tmp_path / "file"), "is a file, not a folder"),
    }
    assert found == sorted(found, key=lambda problem: (problem.file, problem.line or 0, problem.what))
    assert f"{len(found)} problems. Nothing was published" in outcome.errors


def test_links_are_checked_beside_other_mistakes_in_lessons(project: TinyProject):
    """A broken link is listed with the rest; links to the lesson that could not be read are not blamed."""
    replace(SECOND, "title: Second steps\n", "")(project)
    append(FIRST, "\n[x](page:clams/) and [y](lesson:second-steps/figures/tiny-angles/)\n\n{{ nothing }}\n")(project)
    found = problems_of(project.build().errors)
    assert [problem.what.split(":")[0] for problem in found if problem.file == FIRST] == [
        "broken link 'page",
        "unknown name 'nothing'",
    ]
    assert [problem.what for problem in found if problem.file != FIRST] == ["front matter key 'title' is missing"]


def test_wrong_shards_are_found_again(project: TinyProject):
    """What a failed run has seen is not taken for good by the next one."""
    replace(SHARD, '"first_id":4', '"first_id":5')(project)
    for _ in range(2):
        outcome = project.build()
        assert outcome.status == 1
        assert "are not the ones it was written with" in outcome.errors
    replace(SHARD, '"first_id":5', '"first_id":4')(project)
    assert project.build().status == 0


# --- where to --------------------------------------------------------------------------------------------------------------------


def test_a_folder_that_cannot_be_made_is_a_problem(project: TinyProject, tmp_path: Path):
    """Root may write anywhere, so these are places where nobody can: below a file, in /proc, and a file itself."""
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    for out, what in (
        (tmp_path / "file" / "site", "cannot be written"),
        (Path("/proc/nothing/site"), "cannot be written"),
        (tmp_path / "file", "is a file, not a folder"),
    ):
        outcome = project.build(out=out)
        assert outcome.status == 1
        (problem,) = problems_of(outcome.errors)
        assert str(out).startswith(problem.file) or problem.file.startswith(str(out))
        assert what in problem.what
        assert "--out" in problem.cure
    assert (tmp_path / "file").read_text(encoding="utf-8") == "in the way"


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("--jobs", "0"), "'0' is no number of processes"),
        (("--serve", "70000"), "'70000' is no port"),
        (("--serve", "0", "--record-addresses"), "give one of them"),
        (("--jobs", "many"), "'many' is no number of processes"),
        (("--base-url", "user.github.io"), "'user.github.io' is no address of a site"),
        (("--base-url", 'https://x.org/"onload'), "is no address of a site"),
        (("--colour", "red"), "unrecognized arguments: --colour red"),
    ],
)
def test_a_wrong_argument_is_refused(built_once: TinyProject, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], what: str):
    """Status 2 and what to write instead, before anything is read."""
    with pytest.raises(SystemExit) as stopped:
        build.main(["--project", str(built_once.folder), *arguments])
    assert stopped.value.code == 2
    assert what in capsys.readouterr().err


# --- charts ----------------------------------------------------------------------------------------------------------------------

HEAD = """from charts.figure import Column, Figure, Table, figure
import altair as alt

TABLE = Table([Column("a", "a", "number")], [{"a": 1.0}])
WORDS = {"title": "t", "caption": "c", "description": "d", "table": TABLE}


"""
CHARTS = {
    # name: code, line, what, cure
    "silent": (
        "@figure(needs=())\ndef silent(data):\n    return Figure(**WORDS | {'description': ' '})\n",
        None,
        "has no description",
        "write them",
    ),
    "failing": (
        "@figure(needs=())\ndef failing(data):\n    return 1 / 0\n",
        10,
        "fails on set 'other': ZeroDivisionError",
        "Mend the chart",
    ),
    "broken": ("@figure(needs=())\ndef broken(data:\n", 9, "cannot be loaded: SyntaxError", "Mend the module"),
    "importing": (
        "import nothing_of_that_name\n@figure(needs=())\ndef importing(data):\n    pass\n",
        8,
        "cannot be loaded: ModuleNotFoundError",
        "Mend",
    ),
    "misnamed": (
        "@figure(needs=())\ndef another_name(data):\n    pass\n",
        None,
        "registers no figure 'misnamed'",
        "Name its function after the file",
    ),
    "empty": ("@figure(needs=())\ndef empty(data):\n    pass\n", None, "it returned None, not a Figure", "Mend the chart"),
    "not-a-number": (
        "@figure(needs=())\ndef not_a_number(_):\n    return Figure(**WORDS | {'table': Table(TABLE.columns, [{'a': 1e999}])})\n",
        None,
        "the table of figure 'not-a-number' cannot be shown: ValueError",
        "Mend its columns or rows",
    ),
    "wordy": (
        "@figure(needs=())\ndef wordy(data):\n    return Figure(**WORDS | {'table': Table(TABLE.columns, [{'a': 'many'}])})\n",
        None,
        "the table of figure 'wordy' cannot be shown: ValueError",
        "Mend its columns or rows",
    ),
    "undrawable": (
        "def chart(width):\n    return alt.Chart(alt.Data(values=[])).mark_bar().transform_filter('((')\n\n\n"
        "@figure(needs=())\ndef undrawable(data):\n    return Figure(**WORDS, chart=chart)\n",
        None,
        "figure 'undrawable' cannot be drawn on set 'other': ValueError",
        "Mend the chart specification",
    ),
    "hungry": (
        "@figure(needs=('norms',))\ndef hungry(data):\n    return Figure(**WORDS)\n",
        None,
        "there is no such data file",
        "python -m precompute --set other --only norms",
    ),
}


def test_everything_that_can_be_wrong_with_charts(project: TinyProject):
    """One run names each bad chart with its file, line and cure, draws the good ones, and leaves the site."""
    for name, (code, *_) in CHARTS.items():
        project.path(f"charts/{name.replace('-', '_')}.py").write_text(HEAD + code, encoding="utf-8")
        project.append(SECOND, f'\n{{{{ figure("{name}") }}}}\n\n{{{{ figref("{name}") }}}}\n')
    before = snapshot(project.site)
    outcome = project.build("--set", "other")
    assert outcome.status == 1
    found = problems_of(outcome.errors)
    for name, (_, line, what, cure) in CHARTS.items():
        file = "content/data/other/norms.json" if name == "hungry" else f"charts/{name.replace('-', '_')}.py"
        matching = [problem for problem in found if problem.file == file]
        assert len(matching) == 1, f"{file}: {outcome.errors}"
        (problem,) = matching
        assert (problem.line, what in problem.what, cure in problem.cure) == (line, True, True), problem
    assert len(found) == len(CHARTS), outcome.errors
    assert project.build("--set", "other").errors == outcome.errors
    assert snapshot(project.site) == before


def test_a_figure_that_failed_is_there_once_it_is_mended(project: TinyProject):
    """The lesson without its figure, which the failed build made, must not come back."""
    before = snapshot(project.site)
    project.replace("charts/tiny_angles.py", "def tiny_angles(data", "def tiny_angles(_, data")
    project.append(SECOND, "\nMore.\n")
    assert project.build().status == 1
    project.replace("charts/tiny_angles.py", "def tiny_angles(_, data", "def tiny_angles(data")
    assert project.build().status == 0
    page = "lessons/second-steps/index.html"
    assert snapshot(project.site)[page].replace(b"<p>More.</p>\n", b"") == before[page]
