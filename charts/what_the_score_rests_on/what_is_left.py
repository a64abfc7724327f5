"""RSA scores as they are, and given the words' categories, their frequencies, or all of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.scores import PartialPair, PartialScore, PartialScores
from charts.figure import Column, Figure, Table, figure
from charts.layout import joined, note
from charts.reading import capitalised, fixed
from charts.theme import TEXT, is_narrow
from charts.what_the_score_rests_on.parts import axis_x, lanes, list_of_ranks, names_of_set, p_equals, pair_name

GIVEN = {
    "nothing": "as it is",
    "category": "given category",
    "frequency": "given difference",
    "ranks": "given both ranks",
    "all": "given all three",
}
IN_TABLE = GIVEN | {"both": "given category and difference"}
SMALL_P = 0.05


def score_of(pair: PartialPair, given: str) -> PartialScore:
    """A pair's score. given: one of `IN_TABLE`."""
    return next(score for score in pair.scores if score.given == given)


def _title(found: PartialScores, names: dict[str, str]) -> str:
    pair = found.by_pair[0]
    before, after = score_of(pair, "nothing").value, score_of(pair, "category").value
    name = pair_name((pair.first, pair.second), names)
    if _all_fall(found) and after > 0:
        return f"Once the categories are known, {name} keep {fixed(after)} of their score of {fixed(before)}"
    return f"Once the categories are known, {name} score {fixed(after)} instead of {fixed(before)}"


def _all_fall(found: PartialScores) -> bool:
    return all(score_of(p, "category").value < score_of(p, "nothing").value for p in found.by_pair)


def _rows(found: PartialScores) -> list[dict[str, Any]]:
    return [
        {
            "pair": f"{pair.first}-{pair.second}",
            "place": n,
            "label": label,
            "tone": "ink" if score_of(pair, given).p <= SMALL_P else "baseline",
            "value": score_of(pair, given).value,
            "low": min(0.0, score_of(pair, given).value),
            "high": max(0.0, score_of(pair, given).value),
            "p": score_of(pair, given).p,
            "shown": fixed(score_of(pair, given).value),
        }
        for pair in found.by_pair
        for n, (given, label) in enumerate(GIVEN.items())
    ]


def _chart(found: PartialScores, names: dict[str, str], width: int) -> alt.TopLevelMixin:
    values = [score_of(pair, given).value for pair in found.by_pair for given in GIVEN]
    x = axis_x(min(0.0, *values), max(values), "RSA score, Pearson")
    tips = [
        alt.Tooltip("label:N", title="score"),
        alt.Tooltip("value:Q", title="value", format=".3f"),
        alt.Tooltip("p:Q", title="p", format=".4f"),
    ]
    left = 112 if is_narrow(width) else 130
    panels = []
    for n, pair in enumerate(found.by_pair):
        last = n == len(found.by_pair) - 1
        chosen = f"datum.pair == '{pair.first}-{pair.second}'"
        panel = lanes("scores", len(GIVEN), width, x=x if last else x.bare(), left=left, lane=24, chosen=chosen, tips=tips)
        panel.layer.append(note(pair_name((pair.first, pair.second), names), -left, -6, "ink", fontSize=TEXT, fontWeight=600))
        panels.append(panel)
    return joined(*panels, beside=False, spacing=30)


@figure(needs=("model_facts", "partial_scores"))
def what_is_left(data: Mapping[str, Any]) -> Figure:
    found: PartialScores = data["partial_scores"]
    names = names_of_set(data)
    table = [
        {
            "pair": pair_name((pair.first, pair.second), names),
            "given": IN_TABLE[score.given],
            "value": score.value,
            "p": score.p,
            "p_free": score.p_free,
            "groups": ", ".join(str(size) for size in score.group_sizes),
        }
        for pair in found.by_pair
        for score in pair.scores
    ]
    sentences = [
        f"{pair_name((pair.first, pair.second), names)}: "
        + ", ".join(f"{IN_TABLE[s.given]} {fixed(s.value)} ({p_equals(s.p, found.permutations)})" for s in pair.scores)
        + "."
        for pair in found.by_pair
    ]
    return Figure(
        title=_title(found, names),
        caption=(
            f"RSA scores and partial RSA scores of the {len(found.words)} words. "
            f"Difference: of the two words' log ranks in {list_of_ranks(names)}. Both ranks: their difference and their sum. All three: "
            "these and the category. "
            f"Faint dots have p > {fixed(SMALL_P)}; words were permuted only within categories, or among words of similar rank. *Where it "
            "misleads:* “given” takes off what runs along a straight line with the covariate's matrix; what bends stays. And p compares "
            "with words exchanged within groups, not with zero, so that a small value can have a small p."
        ),
        description=capitalised(" ".join(sentences)),
        table=Table(
            [
                Column("pair", "spaces"),
                Column("given", "score"),
                Column("value", "value", "number", 3),
                Column("p", "p, within groups", "number", 4),
                Column("p_free", "p, free (wrong if given)", "number", 4),
                Column("groups", "sizes of the groups"),
            ],
            table,
        ),
        chart=lambda width: _chart(found, names, width),
        datasets={"scores": _rows(found)},
    )
