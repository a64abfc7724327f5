"""Two thousand figures in one build: all there, in their order, in bounded memory. Most are tables: it is the number that is tested."""

from __future__ import annotations

import re

import pytest

from tests.support.built_site import BuiltSite
from tests.tiny_project import TinyProject

FIGURES, DRAWN, LESSONS = 2000, 8, 40
MOST_MEMORY = 300_000_000  # bytes; an interpreter with nothing to do takes a tenth of it

CHART = '''"""One of many figures."""

from charts.figure import Column, Figure, Table, figure
{imports}

@figure(needs=("random_pairs",))
def {function}(data):
    mean = data["random_pairs"].by_model[0].all_tokens.mean
    rows = [{{"name": "{function}", "value": round(mean + {n}, 2)}}]
    return Figure(
        title="Number {n}",
        caption="One of many.",
        description=f"One value, {{rows[0]['value']}}.",
        table=Table([Column("name", "name"), Column("value", "value", "number", 2)], rows),
        roles=("decoder",),
        {chart}
    )
'''
ALTAIR = "import altair as alt\n"
BARS = 'chart=lambda width: alt.Chart(alt.Data(values=rows)).mark_bar().encode(x="value:Q").properties(width=width - 60, height=20),'
MEASURED = r"""
import pathlib, re, sys, build
status = build.main(sys.argv[1:])
# not resource.getrusage: what it calls a process's most memory begins with that of the one which started it
print("bytes:", int(re.search(r"VmHWM:\s*(\d+) kB", pathlib.Path("/proc/self/status").read_text())[1]) * 1024)
sys.exit(status)
"""


def name_of(n: int) -> str:
    return f"many-{n:04}"


def add_figures(project: TinyProject) -> None:
    """Lessons of as many figures each, the first figures of all of them charts."""
    first = project.lesson.read_text(encoding="utf-8")
    front = first[: first.index("---\n", 4) + 4]
    each = FIGURES // LESSONS
    for lesson in range(LESSONS):
        figures = [name_of(n) for n in range(lesson * each, (lesson + 1) * each)]
        text = front.replace("Second steps", f"Lesson {lesson}") + "".join(
            f'\n## Part {name}\n\n{{{{ figure("{name}") }}}}\n\nSee {{{{ figref("{name}") }}}}.\n' for name in figures
        )
        project.path(f"content/lessons/{lesson + 3:02}-many-{lesson}.md").write_text(text, encoding="utf-8")
    for n in range(FIGURES):
        has_chart = n % (FIGURES // DRAWN) == 0
        parts = {"imports": ALTAIR if has_chart else "", "chart": BARS if has_chart else ""}
        code = CHART.format(function=name_of(n).replace("-", "_"), n=n, **parts)
        project.path(f"charts/{name_of(n).replace('-', '_')}.py").write_text(code, encoding="utf-8")


@pytest.fixture
def many(project: TinyProject) -> TinyProject:
    add_figures(project)
    return project


def test_two_thousand_figures_are_built_in_bounded_memory(many: TinyProject):
    """Each on its lesson, on a page of its own and in its files."""
    done = many.build_elsewhere("--set", "tiny", "--jobs", "2", code=MEASURED)
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(re.search(r"bytes: (\d+)", done.stdout)[1]) < MOST_MEMORY
    site = BuiltSite(many.site)
    each = FIGURES // LESSONS
    for lesson in (0, LESSONS // 2, LESSONS - 1):
        page = site.page(f"lessons/many-{lesson}/")
        names = [figure.attributes["id"] for figure in page.tree.css("figure[data-figure]")]
        assert names == [name_of(n) for n in range(lesson * each, (lesson + 1) * each)]
        labels = [node.text() for node in page.tree.css(".figure-label > a")]
        assert labels == [f"Figure {n}" for n in range(1, each + 1)]
    wanted = {
        f"lessons/many-{n // each}/figures/{name_of(n)}/{file}" for n in range(FIGURES) for file in ("index.html", f"{name_of(n)}.csv")
    }
    assert wanted <= site.files
    assert sum(path.startswith("assets/figures/many-") and path.endswith(".js") for path in site.files) == DRAWN
    last = name_of(FIGURES - 1)
    csv = (many.site / f"lessons/many-{LESSONS - 1}/figures/{last}/{last}.csv").read_text(encoding="utf-8")
    assert f"{FIGURES - 1}.1" in csv
