"""Many draws of the masking beside the nominal shares, and how many tokens of a text each draw selects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.reading import MaskingCount, MaskingDraws
from charts.figure import Column, Control, Figure, Table, figure
from charts.layout import controlled, note, one, panels, rows, stacked
from charts.palette import light
from charts.reading import listed, percent, rounded
from charts.theme import SMALL, TEXT, is_narrow

PLOT = 190  # px
RULES = ("masked", "random", "kept")
LAST = "10000"


def shares(counted: MaskingCount, drawn: MaskingDraws) -> list[dict[str, Any]]:
    """Observed and nominal share of each rule, of the selected; and of the selected, of all tokens."""
    kept = 1 - drawn.mask_probability - drawn.random_probability
    of_selected = zip(RULES, (drawn.mask_probability, drawn.random_probability, kept), strict=True)
    lines = [("selected", counted.selected, counted.tokens, drawn.probability)]
    lines += [(rule, getattr(counted, rule), counted.selected, nominal) for rule, nominal in of_selected]
    return [
        {"rule": rule, "count": number, "of": of, "share": number / of if of else 0.0, "nominal": nominal}
        for rule, number, of, nominal in lines
    ]


def _bars(height: int) -> alt.LayerChart:
    rules = ["selected", *RULES]
    names = {"selected": "selected, of all", "masked": "[MASK], of selected", "random": "random", "kept": "kept"}
    y = alt.Y("rule:N", sort=rules, axis=None, scale=alt.Scale(domain=rules, paddingInner=0.25))
    chosen = rows("counts").transform_filter("datum.draws == draws")
    x = alt.X("share:Q", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%", tickCount=5, title=None, grid=True))
    tooltip = [
        alt.Tooltip("count:Q", title="tokens", format=",d"),
        alt.Tooltip("share:Q", title="share", format=".2%"),
        alt.Tooltip("nominal:Q", title="nominal", format=".0%"),
    ]
    hue = alt.condition("datum.rule == 'selected'", alt.value(light("baseline")), alt.value(light("accent")))
    bars = chosen.mark_bar(height=18, yOffset=8).encode(x=x, y=y, color=hue, tooltip=tooltip)
    ticks = chosen.mark_tick(color=light("ink"), thickness=2, size=26, yOffset=8).encode(x="nominal:Q", y=y)
    labels = (
        chosen.transform_calculate(
            name=f"{{{', '.join(f'{rule}: {shown!r}' for rule, shown in names.items())}}}[datum.rule]"
            " + ': ' + format(datum.share, '.1%')"
        )
        .mark_text(align="left", baseline="bottom", yOffset=-5, fontSize=SMALL)
        .encode(x=alt.XValue(1), y=y, text="name:N")
    )
    return stacked(bars, ticks, labels, height=height)


def _histogram(drawn: MaskingDraws, height: int) -> alt.LayerChart:
    x = alt.X(
        "selected:O", axis=alt.Axis(title="tokens selected in a draw", labelAngle=0, titlePadding=6), scale=alt.Scale(paddingInner=0.15)
    )
    y = alt.Y("share:Q", axis=alt.Axis(format="%", tickCount=4, title=None))
    bars = rows("sizes").mark_bar(color=light("baseline")).encode(
        x=x,
        y=y,
        tooltip=[alt.Tooltip("selected:O", title="selected"), alt.Tooltip("draws:Q", title="draws", format=",d")],
    )
    fixed_rule = (
        one(selected=drawn.original_rule).mark_point(shape="triangle-down", size=90, color=light("ink"), yOffset=-12).encode(
            x="selected:O", y=alt.YValue(14)
        )
    )
    text = note(f"Share of draws; ▼ BERT's own program: always {drawn.original_rule}", 0, -12, fontSize=TEXT - 1)
    return stacked(bars, fixed_rule, text, height=height)


def _chart(drawn: MaskingDraws, width: int) -> alt.TopLevelMixin:
    height = PLOT
    return controlled(
        panels([_bars(height), _histogram(drawn, height)], width, left=34, right=8, gap=24, below=44 if is_narrow(width) else 28),
        draws=LAST,
    )


@figure(needs=("masking_draws",))
def masking_counts(data: Mapping[str, Any]) -> Figure:
    drawn = data["masking_draws"]
    by_draws = {str(counted.draws): shares(counted, drawn) for counted in drawn.counts}
    last, total = by_draws[LAST], sum(drawn.selected_per_draw)
    none, same = drawn.selected_per_draw[0] / total, drawn.selected_per_draw[drawn.original_rule] / total
    found = [
        {"draws": draws, "rule": line["rule"], "count": line["count"], "of": line["of"]}
        | {"share": rounded(line["share"]), "nominal": rounded(line["nominal"])}
        for draws, lines in by_draws.items()
        for line in lines
    ]
    sizes = [
        {"selected": n, "draws": number, "share": rounded(number / total)} for n, number in enumerate(drawn.selected_per_draw)
    ]
    said = listed(f"{line['rule']} {percent(line['share'], 1)}" for line in last)
    return Figure(
        title=(
            f"Of the selected, {percent(last[1]['share'], 1)} became [MASK], {percent(last[2]['share'], 1)} another token, "
            f"{percent(last[3]['share'], 1)} stayed"
        ),
        caption=(
            "Left, the counts of the library's own collator (bars) beside the nominal shares (strokes), after as many draws as you "
            f"choose. Right, how many tokens of this text a draw selects. Because the collator decides about each token by itself, "
            f"{percent(none, 1)} of its draws select none at all, and {percent(same)} just the {drawn.original_rule} that BERT's own "
            "program always takes. *Where it misleads:* a random token that happens to be the old one is counted as kept; that is one "
            "case in tens of thousands."
        ),
        description=f"After {int(LAST):,} draws: {said}. Draws that select no token: {percent(none, 1)}.",
        table=Table(
            [
                Column("draws", "draws"),
                Column("rule", "what happened"),
                Column("count", "tokens", "integer"),
                Column("of", "of so many", "integer"),
                Column("share", "share", "number", 4),
                Column("nominal", "nominal", "number", 2),
            ],
            found,
            default_rows=lambda row: row["draws"] == LAST,
        ),
        chart=lambda width: _chart(drawn, width),
        datasets={"counts": found, "sizes": sizes},
        controls=[
            Control("draws", "Draws", "select", LAST, options=[(draws, f"{int(draws):,}") for draws in reversed(by_draws)]),
        ],
    )
