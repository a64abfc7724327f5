"""Pairs chosen by hand (pieces of one word, related words, unrelated words) against what random pairs score."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.pairs import PairOfTokens, PairSimilarities
from charts.figure import Column, Figure, Table, figure
from charts.layout import cosine_domain, cosine_x, heading, one, panels, rows, stacked
from charts.palette import SHAPES, light
from charts.reading import Member, angle, capitalised, fixed, listed, members, of_role, rounded
from charts.theme import SMALL, TEXT

GROUPS = {"pieces": ["pieces of", "one word"], "related": ["related", "words"], "unrelated": ["unrelated", "words"]}
LANE = 78  # px
CLEAR_GAP = 0.1  # group means further apart than this are called more or less alike in the title
SCATTER = [0, 7, -7, 3.5, -3.5, 10, -10]  # px off the middle of the lane, in turn, so that marks do not hide each other


def _groups(exported: PairSimilarities, role: str) -> dict[str, list[PairOfTokens]]:
    """The pairs of a model by group, each sorted by cosine."""
    pairs = [pair for pair in exported.pairs if pair.role == role]
    return {group: sorted((p for p in pairs if p.group == group), key=lambda p: p.cosine) for group in GROUPS}


def _above(pairs: list[PairOfTokens], baseline: Any) -> int:
    return sum(pair.cosine > baseline.percentiles["99"] for pair in pairs)


def _mean(pairs: list[PairOfTokens]) -> float:
    return sum(pair.cosine for pair in pairs) / len(pairs)


def _title(by_role: dict[str, dict[str, list[PairOfTokens]]], models: dict[str, Member]) -> str:
    """Compares the groups' means. Counting pairs above the band would mislead: most related pairs lie inside a wide band too."""
    both = {role: groups for role, groups in by_role.items() if groups["pieces"] and groups["related"]}
    if not both:
        return "No word of the list is made of two pieces in these models"
    means = {role: (_mean(groups["pieces"]), _mean(groups["related"])) for role, groups in both.items()}
    numbers = listed(
        f"{fixed(pieces)} against {fixed(related)} in {models[role].name}" for role, (pieces, related) in means.items()
    )
    gaps = [related - pieces for pieces, related in means.values()]
    if min(gaps) > CLEAR_GAP:
        return f"Pieces of one word are less alike than related words: on average {numbers}"
    if max(gaps) < -CLEAR_GAP:
        return f"Pieces of one word are more alike than related words: on average {numbers}"
    return f"Pieces of one word and related words, on average: {numbers}"


def _datasets(member: Member, groups: dict[str, list[PairOfTokens]]) -> dict[str, list[dict[str, Any]]]:
    """The marks, the mean of each group, and the names of its most and least similar pair, with their places across the lanes."""
    drawn, means, ends = [], [], []
    for lane, pairs in enumerate(groups.values()):
        middle = lane * LANE + LANE / 2
        for n, pair in enumerate(pairs):
            drawn.append(
                {"pair": shown_label(pair, member), "cosine": rounded(pair.cosine), "y": middle + SCATTER[n % len(SCATTER)]}
            )
        if pairs:
            mean = _mean(pairs)
            means.append({"cosine": rounded(mean), "top": middle - 18, "bottom": middle + 18})
            for end, pair, y in (("highest", pairs[-1], middle - 25), ("lowest", pairs[0], middle + 25)):
                ends.append({"pair": shown_label(pair, member), "cosine": rounded(pair.cosine), "y": y, "end": end})
    return {f"{member.role}_pairs": drawn, f"{member.role}_means": means, f"{member.role}_ends": ends}


def _panel(
    member: Member, groups: dict[str, list[PairOfTokens]], baseline: Any, domain: list[float], labels: int
) -> alt.LayerChart:
    colour, soft, height = light(member.role), light("ink-soft"), LANE * len(GROUPS)
    low, high, mean = (rounded(v, 3) for v in (baseline.percentiles["1"], baseline.percentiles["99"], baseline.mean))
    random = one(low=low, high=high, mean=mean, middle=(low + high) / 2)
    band = random.mark_rect(color=light("baseline"), opacity=0.18).encode(
        x=cosine_x(domain, "low:Q"), x2="high:Q", y=alt.YValue(0), y2=alt.Y2Value(height)
    )
    average = random.mark_rule(color=light("baseline"), strokeDash=[3, 3]).encode(
        x="mean:Q", y=alt.YValue(0), y2=alt.Y2Value(height)
    )
    band_name = random.mark_text(baseline="bottom", dy=-3, color=soft, text="98% of random pairs").encode(
        x="middle:Q", y=alt.YValue(0)
    )
    scale = alt.Scale(domain=[0, height], reverse=True, nice=False)
    y = alt.Y("y:Q", scale=scale, axis=None)
    dots = (
        rows(f"{member.role}_pairs")
        .transform_calculate(angle="acos(datum.cosine) * 180 / PI")
        .mark_point(shape=SHAPES[member.role], size=42, color=colour, opacity=0.75)
        .encode(
            x="cosine:Q",
            y=y,
            tooltip=[
                alt.Tooltip("pair:N", title="pair"),
                alt.Tooltip("cosine:Q", title="cosine", format=".3f"),
                alt.Tooltip("angle:Q", title="angle in degrees", format=".1f"),
            ],
        )
    )
    group_means = (
        rows(f"{member.role}_means")
        .mark_rule(color=light("ink"), strokeWidth=2)
        .encode(x="cosine:Q", y=alt.Y("top:Q", scale=scale, axis=None), y2="bottom:Q")
    )
    end_names = [  # the highest ends at its mark and the lowest starts there, so that both stay inside
        rows(f"{member.role}_ends")
        .transform_filter(f"datum.end == '{end}'")
        .mark_text(align=align, dx=dx, baseline="middle", fontSize=SMALL - 1, color=soft)
        .encode(x="cosine:Q", y=y, text="pair:N")
        for end, align, dx in (("highest", "right", 6), ("lowest", "left", -6))
    ]
    names = []
    for lane, (group, pairs) in enumerate(groups.items()):
        text = GROUPS[group] + ([f"mean {fixed(_mean(pairs))}"] if pairs else ["none here"])
        at = one().encode(x=alt.XValue(-labels), y=alt.YValue(lane * LANE + LANE / 2 - 16))
        names.append(at.mark_text(align="left", baseline="middle", fontSize=TEXT, lineHeight=16, text=text))
    separators = [one(y=lane * LANE).mark_rule(color=light("grid")).encode(y=y) for lane in range(1, len(GROUPS))]
    layers = [band, *separators, average, band_name, dots, group_means, *end_names, *names]
    return stacked(*layers, height=height, title=heading(member, offset=8))


def shown_label(pair: PairOfTokens, member: Member) -> str:
    """The pair as its tokens are spelled: "ban + ana", "apple / banana" without the shared space."""
    if pair.group == "pieces":
        return f"{member.shown(pair.first.raw)} + {member.shown(pair.second.raw)}"
    return f"{member.shown(pair.first.raw).lstrip('␣')} / {member.shown(pair.second.raw).lstrip('␣')}"


@figure(needs=("model_facts", "pair_similarities", "random_pairs"))
def pairs_against_baseline(data: Mapping[str, Any]) -> Figure:
    models, exported = members(data), data["pair_similarities"]
    baselines = {role: of_role(data["random_pairs"].by_model, role).all_tokens for role in models}
    by_role = {role: _groups(exported, role) for role in models}
    pairs = [pair for groups in by_role.values() for group in groups.values() for pair in group]
    domain = cosine_domain([pair.cosine for pair in pairs] + [b.percentiles["1"] for b in baselines.values()])
    sentences = []
    for role, groups in by_role.items():
        parts = [
            f"{' '.join(GROUPS[group])} average {fixed(_mean(found))}, from {fixed(found[0].cosine)} "
            f"({shown_label(found[0], models[role])}) to {fixed(found[-1].cosine)} ({shown_label(found[-1], models[role])}), "
            f"{_above(found, baselines[role])} of {len(found)} above the random band"
            for group, found in groups.items()
            if found
        ]
        band = baselines[role]
        sentences.append(
            f"{models[role].name}: {'; '.join(parts)}. Random pairs average {fixed(band.mean)}, 98% of them between "
            f"{fixed(band.percentiles['1'])} and {fixed(band.percentiles['99'])}."
        )
    left_out = f" Left out: {'; '.join(exported.left_out)}." if exported.left_out else ""
    table = [
        {
            "model": models[pair.role].name,
            "group": " ".join(GROUPS[pair.group]),
            "first": pair.first.raw,
            "second": pair.second.raw,
            "kind": models[pair.role].tokenizer_kind,
            "cosine": pair.cosine,
            "angle_degrees": angle(pair.cosine),
            "pearson": pair.pearson,
        }
        for pair in pairs
    ]
    return Figure(
        title=_title(by_role, models),
        caption=(
            "Each mark is a pair of tokens, chosen by hand before its similarity was looked at; the upright stroke is the mean "
            "of the group, the most and the least similar pair are named. The grey band holds 98% of random pairs of tokens, the "
            "dashed line is their mean. *Where it misleads:* a few dozen hand-made pairs are no sample of the language, and "
            f"related pairs, too, may lie inside a wide band, so compare the groups with each other.{left_out}"
        ),
        description=capitalised(" ".join(sentences)),
        table=Table(
            [
                Column("model", "model"),
                Column("group", "group"),
                Column("first", "first", "token", tokenizer_kind_column="kind"),
                Column("second", "second", "token", tokenizer_kind_column="kind"),
                Column("cosine", "cosine", "number", 3),
                Column("angle_degrees", "angle in degrees", "number", 1),
                Column("pearson", "Pearson", "number", 3),
            ],
            table,
        ),
        chart=lambda width: panels(
            [_panel(member, by_role[role], baselines[role], domain, 72) for role, member in models.items()],
            width,
            left=72,
            right=16,
            gap=12,
        ),
        datasets={name: found for role, member in models.items() for name, found in _datasets(member, by_role[role]).items()},
        roles=tuple(models),
    )
