"""ALBERT's first saving: a table of V x H numbers against two thinner ones, V x E and E x H, for every E."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from charts.figure import Column, Control, Figure, Table, figure
from charts.layout import controlled, note, one, rows, stacked
from charts.palette import light
from charts.reading import fixed, percent
from charts.theme import SMALL, TEXT, is_narrow

MODEL = "ALBERT base"
WIDTHS = (768, 1024, 4096)
STEP, LARGEST = 16, 1024


def _table(vocabulary: int) -> Table:
    lines = [
        {
            "h": str(width),
            "e": e,
            "one_table_millions": vocabulary * width / 1e6,
            "two_tables_millions": (vocabulary * e + e * width) / 1e6,
            "share": (vocabulary * e + e * width) / (vocabulary * width),
        }
        for width in WIDTHS
        for e in (16, 32, 64, 128, 256, 512, 768, 1024)
    ]
    return Table(
        [
            Column("h", "H"),
            Column("e", "E", "integer"),
            Column("one_table_millions", "V × H, millions", "number", 2),
            Column("two_tables_millions", "V × E + E × H, millions", "number", 2),
            Column("share", "of it", "number", 3),
        ],
        lines,
        default_rows=lambda row: row["h"] == str(WIDTHS[0]),
    )


def _reading(v: int) -> str:
    """The sums at the chosen E and H, as an expression of the chart."""
    two, whole = f"({v} * e + e * toNumber(h))", f"({v} * toNumber(h))"
    return (
        f"'V × E + E × H = ' + format({two} / 1e6, '.2f') + ' million, ' + format({two} / {whole}, '.0%')"
        f" + ' of V × H = ' + format({whole} / 1e6, '.2f')"
    )


@figure(needs=("bert_family",))
def factorised_embedding(data: Mapping[str, Any]) -> Figure:
    model = next(model for model in data["bert_family"].models if model.name == MODEL)
    v, h, e = model.vocabulary, model.width, model.embedding_width
    two, whole = v * e + e * h, v * h

    def chart(width: int) -> alt.TopLevelMixin:
        height = 190 if is_narrow(width) else 230
        two_tables = f"({v} * datum.e + datum.e * toNumber(h)) / 1e6"
        x = alt.X(
            "e:Q",
            scale=alt.Scale(domain=[0, LARGEST], nice=False),
            axis=alt.Axis(title="E, the width of the token vectors", titleAnchor="end", values=[0, 128, 256, 512, 768, 1024]),
        )
        y = alt.Y("m:Q", scale=alt.Scale(domainMin=0), axis=alt.Axis(title="millions of parameters", tickCount=5))
        line = rows("widths").transform_calculate(m=two_tables).mark_line(color=light("accent")).encode(x=x, y=y)
        level = one().transform_calculate(m=f"{v} * toNumber(h) / 1e6").mark_rule(color=light("ink-soft"), strokeDash=[5, 4]).encode(y=y)
        here = one().transform_calculate(e="e", m=f"({v} * e + e * toNumber(h)) / 1e6")
        dot = here.mark_point(size=110, shape="diamond", color=light("accent")).encode(x=x, y=y)
        reading = (
            here.transform_calculate(text=_reading(v))
            .mark_text(
                align="left", baseline="alphabetic", fontSize=SMALL if is_narrow(width) else TEXT, fontWeight=600, color=light("accent")
            )
            .encode(x=alt.XValue(-34), y=alt.YValue(-34), text="text:N")
        )
        dashes = note("dashed: one table, V × H", 8, 12)
        view = stacked(line, level, dot, reading, dashes, width=width - 54, height=height)
        return controlled(view, e=e, h=str(h))

    return Figure(
        title=f"With vectors of {e} instead of {h} numbers, {v:,} tokens cost {percent(two / whole)} of the parameters",
        caption=(
            f"V is the size of the vocabulary ({v:,}), H the width of the layers, E the width of the token vectors. One table costs "
            "V × H. Two, a narrow one and one that widens it, cost V × E + E × H. Move E, and find where the saving ends; for a "
            "wide network there is more to save. *Where it misleads:* the two tables together can only make vectors that lie in "
            "E dimensions, however wide the layers are; that this is enough is a finding, not arithmetic."
        ),
        description=(
            f"For H = {h} one table has {fixed(whole / 1e6)} million parameters. With E = {e} two tables have {fixed(two / 1e6)} "
            f"million. The two cost the same at E = V × H / (V + H) = {fixed(v * h / (v + h), 0)}, just below H; beyond it, two "
            f"tables cost more than one. For H = 4096 and E = {e} they cost {percent((v * e + e * 4096) / (v * 4096))} of one."
        ),
        table=_table(v),
        chart=chart,
        datasets={"widths": [{"e": n} for n in range(0, LARGEST + 1, STEP)]},
        controls=[
            Control("e", "E, width of token vectors", "slider", e, minimum=STEP, maximum=LARGEST, step=STEP),
            Control("h", "H, width of layers", "select", str(h), options=[(str(n), f"{n:,}") for n in WIDTHS]),
        ],
    )
