r"""Formulas: right structure, well-formed, no inline style, errors that say what is wrong."""

import re
import subprocess
import sys

import pytest
from lxml import etree

from sitegen.maths import TEMML, to_mathml

FORMULAS = {
    "cosine": r"\cos(x, y) = \frac{x \cdot y}{\lVert x \rVert \, \lVert y \rVert}",
    "norm": r"\left\lVert x \right\rVert_2 = \sqrt{\sum_{i=1}^{d} x_i^2}",
    "pearson": r"r = \frac{\sum_i (x_i - \bar x)(y_i - \bar y)}{\sqrt{\sum_i (x_i - \bar x)^2}\,\sqrt{\sum_i (y_i - \bar y)^2}}",
    "softmax": r"\operatorname{softmax}(z)_i = \frac{e^{z_i}}{\sum_{j=1}^{n} e^{z_j}}",
    "limits": r"\operatorname*{arg\,max}_{w \in V} \cos(w, q)",
    "aligned": r"\begin{aligned} a &= b + c \\ &= d \end{aligned}",
    "cases": r"f(x) = \begin{cases} 1 & x > 0 \\ 0 & \text{otherwise} \end{cases}",
    "matrix": r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}",
    "ruled array": r"\begin{array}{c|c} a & b \\ \hline c & d \end{array}",
    "attention": r"\operatorname{softmax}\!\left(\frac{QK^\top}{\sqrt{d_k}}\right) V",
    "letters": r"\mathbf{W} \in \mathbb{R}^{n \times d},\quad \theta = \arccos \rho,\quad \mathcal{L}",
    "accents": r"\hat{x},\ \vec{v},\ \overline{ab},\ \tilde{y}",
    "underbrace": r"\underbrace{a + b}_{\text{sum}}",
    "big": r"\bigl( \textstyle\sum_i x_i \bigr)^2 \approx 0.44",
    "less than": r"a < b \land b > c \;\&\; d",
    "boxed": r"\boxed{a \! b}",
    "smallmatrix": r"\left(\begin{smallmatrix} 1 & 0 \\ 0 & 1 \end{smallmatrix}\right)",
    "angle": r"\theta = \arccos(0.5) = 60^\circ",
}


def parse(name: str, display: bool = True) -> etree._Element:
    return etree.fromstring(to_mathml(FORMULAS[name], display))


@pytest.mark.parametrize("display", [True, False])
@pytest.mark.parametrize("name", FORMULAS)
def test_is_well_formed_and_has_no_inline_style(name, display):
    text = to_mathml(FORMULAS[name], display)
    root = etree.fromstring(text)
    assert root.tag == "math"
    assert (root.get("display") == "block") is display
    assert not root.xpath(".//@style")
    assert root.xpath("not(.//merror)")
    assert not re.search(r"&(?!amp;|lt;|gt;|quot;|#)", text), "raw ampersand"


def test_a_fraction_has_two_parts_and_norms_are_fences():
    root = parse("cosine")
    assert len(root.xpath(".//mfrac/*")) == 2
    assert root.xpath("count(.//mo[.='‖'])") == 4


def test_limits_stand_under_the_operator():
    (under,) = parse("limits").xpath(".//munder")
    assert re.sub(r"\s", "", under[0].xpath("string()")) == "argmax"
    assert under[1].xpath("string()") == "w∈V"


def test_a_sum_has_its_limits_above_and_below():
    (sum_,) = etree.fromstring(to_mathml(r"\sum_{j=1}^{n} z_j", True)).xpath(".//munderover")
    assert [part.xpath("string()") for part in sum_] == ["∑", "j=1", "n"]


@pytest.mark.parametrize(("name", "rows", "cells"), [("aligned", 2, 4), ("cases", 2, 4), ("matrix", 2, 4)])
def test_tables_have_their_rows_and_cells(name, rows, cells):
    root = parse(name)
    assert root.xpath("count(.//mtr)") == rows
    assert root.xpath("count(.//mtd)") == cells


def test_brackets_around_a_matrix_stretch():
    assert parse("matrix").xpath("count(.//mo[@stretchy='true'][.='(' or .=')'])") == 2


def test_rules_and_accents_become_classes():
    assert parse("ruled array").xpath("count(.//mtd[contains(@class, 'm-rule-right')])") == 2
    assert parse("ruled array").xpath("count(.//mtd[contains(@class, 'm-rule-bottom')])") == 2
    assert "m-accent" in to_mathml(FORMULAS["accents"], False)


def test_letters_are_those_of_the_text_face():
    assert '<mi class="m-variable">x</mi>' in to_mathml("x", False)
    assert '<mi mathvariant="normal" class="m-bold">W</mi>' in to_mathml(r"\mathbf{W}", False)
    assert to_mathml(r"\cos x", False).count("m-variable") == 1


def test_sizes_stand_on_elements_that_the_html_checker_allows():
    for latex in FORMULAS.values():
        for element in etree.fromstring(to_mathml(latex, True)).iter():
            assert element.tag in ("math", "mstyle", "mtable") or not {"displaystyle", "scriptlevel"} & set(element.keys())


def test_less_than_is_escaped():
    assert "&lt;" in to_mathml("a < b", False)
    assert "<script" not in to_mathml(r"\text{<script>alert(1)</script>}", False)


@pytest.mark.parametrize(
    ("latex", "message"),
    [
        (r"\frac{1", "Unexpected end of input"),
        (r"\cosin x", r"\\cosin"),
        (r"\begin{aligned} x", r"\\end"),
        ("a}", "Expected 'EOF'"),
        (r"\textcolor{red}{x}", "inline style 'color:"),
        (r"x \tag{1}", "inline style"),
    ],
)
def test_bad_input_is_an_error(latex, message):
    with pytest.raises(ValueError, match=message) as caught:
        to_mathml(latex, True)
    assert "\n" not in str(caught.value)


def test_every_class_has_a_rule():
    css = (TEMML.parent.parent / "css" / "maths.css").read_text()
    for name in FORMULAS:
        for classes in parse(name).xpath(".//@class"):
            for known in (c for c in classes.split() if c.startswith("m-")):
                assert f".{known} " in css


def test_works_in_several_threads():
    from concurrent.futures import ThreadPoolExecutor

    to_mathml.cache_clear()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda i: to_mathml(f"x_{{{i}}}", False), range(40)))
    assert len(set(answers)) == 40


def test_needs_no_node():
    code = "import sys, os; os.environ['PATH'] = ''; from sitegen.maths import to_mathml; print(to_mathml('x', False))"
    done = subprocess.run([sys.executable, "-c", code], cwd=TEMML.parent.parent.parent, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("<math>")
