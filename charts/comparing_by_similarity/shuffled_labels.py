"""The permutation test: what r would be if the words of one space had each other's labels, and what a test of single pairs expects."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.rsa import AgreementTest, NaiveTest
from charts.comparing_by_similarity.parts import filled_step, of_pair, p_text, pair_name, small_p, space_pairs, spaces
from charts.figure import Column, Control, Figure, Table, figure
from charts.layout import controlled, key, one, rows, stacked
from charts.palette import light
from charts.reading import Member, count, fixed, percent
from charts.theme import TEXT, is_narrow

Found = dict[str, tuple[str, AgreementTest, NaiveTest]]


def found_tests(data: Mapping[str, Any], members: dict[str, Member]) -> Found:
    """"decoder-encoder" -> (what is compared, its test, the naive test), spaces with each other first, then with the categories."""
    exported = data["rsa_inference"]
    compared = [*space_pairs(members), *((role, "category") for role in members)]
    return {
        f"{first}-{second}": (
            pair_name(members, first, second),
            of_pair(exported.tests, first, second, coefficient="pearson"),
            of_pair(exported.naive, first, second),
        )
        for first, second in compared
    }


def most_doubtful(found: Found) -> str:
    """The two spaces whose agreement the shuffled words reach most often."""
    return max((name for name in found if "category" not in name), key=lambda name: found[name][1].p)


def _chart(found: Found, start: str, width: int) -> alt.TopLevelMixin:
    tests = [test for _, test, _ in found.values()]
    low = math.floor(min(test.null.edges[0] for test in tests) * 5) / 5
    high = math.ceil(max([test.observed for test in tests] + [test.null.edges[-1] for test in tests]) * 5) / 5
    left, height = 34, 230
    x_scale = alt.Scale(domain=[low, high], nice=False, zero=False)
    axis = alt.Axis(title="r", titleAnchor="end", format=".1f", tickCount=6)
    x = alt.X("r:Q", scale=x_scale, axis=axis)
    most = max(100 * n / test.permutations for test in tests for n in test.null.counts)
    y_scale = alt.Scale(domain=[0, math.ceil(most)], nice=False)
    y = alt.Y("percent:Q", scale=y_scale, axis=alt.Axis(title=None, tickCount=4, labelExpr="datum.label + '%'"))

    def of_chosen(dataset: str) -> alt.Chart:
        return rows(dataset).transform_filter("datum.pair == pair")

    area = of_chosen("null").mark_area(interpolate="step-after", color=light("baseline"), fillOpacity=0.45)
    expected = of_chosen("expected").mark_line(color=light("fails"), strokeWidth=1.5, strokeDash=[5, 3])
    observed = of_chosen("observed")
    rule = observed.mark_rule(color=light("accent"), strokeWidth=2.5).encode(
        x=x, y=alt.YValue(24), y2=alt.Y2Value(height), tooltip=[alt.Tooltip("r:Q", title="observed r", format=".3f")]
    )
    label = (
        observed.transform_calculate(text="'r = ' + format(datum.r, '.2f')")
        .mark_text(align="center", baseline="bottom", fontWeight=600, fontSize=TEXT, color=light("accent"))
        .encode(x=x, y=alt.YValue(20), text="text:N")
    )
    narrow = is_narrow(width)
    legend = [
        *key("words shuffled", -left, -52 if narrow else -34, "baseline", "square", text_colour="ink-soft"),
        *key("independent pairs", 90, -52 if narrow else -34, "fails", "square"),
    ]
    readings = []
    for field, at, colour in (("words", -34 if narrow else -16, "ink"), ("pairs", -16, "fails")):
        drawn = observed.mark_text(align="left", baseline="alphabetic", fontSize=TEXT, fontWeight=600, color=light(colour))
        place = -left if narrow or field == "words" else 290
        readings.append(drawn.encode(x=alt.XValue(place), y=alt.YValue(at), text=f"{field}:N"))
    base = one().mark_rule(color=light("rule")).encode(y=alt.YDatum(0))
    whole = stacked(
        area.encode(x=x, y=y), expected.encode(x=x, y=y), base, rule, label, *legend, *readings, width=width - left - 10, height=height
    )
    return controlled(whole, pair=start)


def _datasets(found: Found) -> dict[str, list[dict[str, Any]]]:
    null, expected, observed = [], [], []
    for name, (_, test, naive) in found.items():
        edges, counts = test.null.edges, [100 * n / test.permutations for n in test.null.counts]
        bin_width = edges[1] - edges[0]
        null += [{"pair": name, "r": round(r, 3), "percent": round(n, 3)} for r, n in filled_step(edges, counts)]
        for n in range(-20, 21):
            z = n / 5
            height = 100 * bin_width / naive.deviation * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
            expected.append({"pair": name, "r": round(z * naive.deviation, 4), "percent": round(height, 3)})
        observed.append(
            {"pair": name, "r": round(test.observed, 4)}
            | {"words": f"words: {test.reached:,} of {test.permutations:,}, p = {p_text(test.p)}"}
            | {"pairs": f"single pairs would say p = {small_p(naive.log10_p)}"}
        )
    return {"null": null, "expected": expected, "observed": observed}


@figure(needs=("model_facts", "rsa_inference"))
def shuffled_labels(data: Mapping[str, Any]) -> Figure:
    members = spaces(data)
    found = found_tests(data, members)
    start = most_doubtful(found)
    name, test, naive = found[start]
    options = sorted(((key_of, label) for key_of, (label, _, _) in found.items()), key=lambda option: option[0] != start)
    table = [
        {"compared": label, "r": t.observed, "reached": t.reached, "permutations": t.permutations, "p": t.p, "deviation": t.null_deviation}
        | {"naive_deviation": n.deviation, "log10_naive_p": n.log10_p, "false_alarms": n.false_alarms, "key": key_of}
        for key_of, (label, t, n) in found.items()
    ]
    described = " ".join(
        f"{label}: r = {fixed(t.observed, 3)}; {t.reached:,} of {count(t.permutations, 'shuffle')} reach it, p = {p_text(t.p)}; a test of "
        f"{n.pairs} independent pairs would say p = {small_p(n.log10_p)}, and would call {percent(n.false_alarms, 1)} of the shuffles "
        "significant at 5%."
        for label, t, n in found.values()
    )
    return Figure(
        title=(
            f"{name}: shuffled words reach r = {fixed(test.observed)} with p = {p_text(test.p)}; a test that counts {naive.pairs} pairs "
            f"says {small_p(naive.log10_p)}"
        ),
        caption=(
            "Grey, in bars of 0.01: r after the words of one space have been given each other's labels, again and again, so that nothing "
            "can "
            "be shared. The line is what was observed; p is the share of grey at or beyond it, the observed order itself counted once. "
            "Broken "
            "curve: what a textbook test expects if every pair were drawn by itself. *Where it misleads:* p cannot be smaller than one "
            "over "
            "the number of shuffles plus one, and a small p says that the agreement is no accident of labels, not that it is large."
        ),
        description=described,
        table=Table(
            [
                Column("compared", "compared"),
                Column("r", "r", "number", 3),
                Column("reached", "shuffles that reach it", "integer"),
                Column("permutations", "shuffles", "integer"),
                Column("p", "p, words shuffled", "number", 4),
                Column("deviation", "spread of the shuffles", "number", 3),
                Column("naive_deviation", "spread if pairs were independent", "number", 3),
                Column("log10_naive_p", "log10 of p, pairs counted", "number", 1),
                Column("false_alarms", "shuffles called significant at 5%", "number", 3),
            ],
            table,
            default_rows=lambda row: "category" not in row["key"],
        ),
        chart=lambda width: _chart(found, start, width),
        datasets=_datasets(found),
        controls=[Control("pair", "Compared", "select", start, options=options)],
        roles=tuple(members),
    )
