"""How long the vectors are, by the order of ids, with the curated words marked."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.measures import NormsOfModel
from charts.figure import Column, Figure, Table, figure
from charts.layout import heading, panels, rows, stacked
from charts.palette import SHAPES, light
from charts.reading import Member, fixed, listed, members, of_role, rounded
from charts.theme import NARROW, SMALL, WIDE, is_narrow

Box = tuple[float, float, float, float]  # left, top, right, bottom in px
HEIGHT = 220  # px
LEFT, RIGHT, GAP = 30, 8, 24  # px beside and between the plots
CHARACTER = 6.6  # px, the mean width of a character at SMALL; only to keep labels apart


def place_labels(marks: list[tuple[float, float, str]], width: float, height: float, line: float = 14) -> list[str]:
    """On which side of its mark each label can stand without touching another label or mark: right, left, above, below or none.

    marks: (x, y, text) in px; earlier marks have the better choice.
    """
    taken = [(x - 5, y - 5, x + 5, y + 5) for x, y, _ in marks]
    sides = []
    for n, (x, y, text) in enumerate(marks):
        long = len(text) * CHARACTER
        boxes = {
            "right": (x + 7, y - line / 2, x + 7 + long, y + line / 2),
            "left": (x - 7 - long, y - line / 2, x - 7, y + line / 2),
            "above": (x - long / 2, y - 6 - line, x + long / 2, y - 6),
            "below": (x - long / 2, y + 6, x + long / 2, y + 6 + line),
        }
        others = [box for m, box in enumerate(taken) if m != n]
        free = [
            side for side, box in boxes.items() if _inside(box, width, height) and not any(_touch(box, other) for other in others)
        ]
        sides.append(free[0] if free else "none")
        if free:
            taken.append(boxes[free[0]])
    return sides


def _inside(box: Box, width: float, height: float) -> bool:
    return box[0] >= 0 and box[2] <= width and box[1] >= 0 and box[3] <= height


def _touch(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def first_drawn(entry: NormsOfModel) -> int:
    """Where the axis of ids begins: at the middle of the first run, or at the first word before it."""
    middle = (entry.bins[0].first_id + entry.bins[0].last_id) // 2
    return max(1, min([middle, *(w.token.id for w in entry.words)]))


def _tops(entries: dict[str, NormsOfModel]) -> dict[str, float]:
    """Each model's own axis ends above everything that is drawn of it; lengths of two models cannot be compared."""
    tops = {}
    for role, entry in entries.items():
        most = max([b.percentile_95 for b in entry.bins] + [w.norm for w in entry.words])
        step = 10 ** math.floor(math.log10(most)) / 2
        tops[role] = math.ceil(most / step) * step
    return tops


def _panel(member: Member, entry: NormsOfModel, top: float, narrow: bool) -> alt.LayerChart:
    colour, last = light(member.role), entry.bins[-1].last_id
    x_scale, y_scale = alt.Scale(type="log", domain=[first_drawn(entry), last], nice=False), alt.Scale(domain=[0, top], nice=False)
    ticks = [tick for tick in (10, 100, 1_000, 10_000, 100_000) if first_drawn(entry) <= tick <= last]
    x = alt.X(
        "id:Q",
        scale=x_scale,
        axis=alt.Axis(
            values=ticks, format=",d", title="id in the vocabulary (logarithmic)", titlePadding=6, grid=False, labelFlush=False
        ),
    )
    y_axis = alt.Axis(title="length of the vector (norm)", tickCount=5)
    bins = rows(f"{member.role}_bins")
    band = bins.mark_area(color=colour, opacity=0.22, interpolate="linear").encode(
        x=x, y=alt.Y("low:Q", scale=y_scale, axis=y_axis), y2="high:Q"
    )
    middle = bins.mark_line(color=colour, strokeWidth=2, interpolate="linear").encode(x=x, y=alt.Y("middle:Q", scale=y_scale))
    words = rows(f"{member.role}_words")
    dots = words.mark_point(shape=SHAPES[member.role], color=light("ink"), size=34).encode(
        x=x,
        y=alt.Y("norm:Q", scale=y_scale),
        tooltip=[
            alt.Tooltip("token:N", title="token"),
            alt.Tooltip("id:Q", title="id", format=",d"),
            alt.Tooltip("norm:Q", format=".2f"),
        ],
    )
    side = f"datum.{'narrow' if narrow else 'wide'}"
    labels = words.transform_filter(f"{side} != 'none'").mark_text(
        fontSize=SMALL,
        align=alt.expr(f"{side} == 'right' ? 'left' : {side} == 'left' ? 'right' : 'center'"),
        baseline=alt.expr(f"{side} == 'above' ? 'bottom' : {side} == 'below' ? 'top' : 'middle'"),
        dx=alt.expr(f"{side} == 'right' ? 7 : {side} == 'left' ? -7 : 0"),
        dy=alt.expr(f"{side} == 'above' ? -7 : {side} == 'below' ? 7 : 0"),
    )
    names = labels.encode(x=x, y=alt.Y("norm:Q", scale=y_scale), text="token:N")
    return stacked(band, middle, dots, names, height=HEIGHT, title=heading(member, offset=10))


def _datasets(member: Member, entry: NormsOfModel, top: float) -> dict[str, list[dict[str, Any]]]:
    """The bands by runs of ids, and the curated words with the sides on which their labels find room."""
    bins = [
        {
            "id": (b.first_id + b.last_id) // 2,
            "low": rounded(b.percentile_5, 3),
            "middle": rounded(b.percentile_50, 3),
            "high": rounded(b.percentile_95, 3),
        }
        for b in entry.bins
    ]
    first, last = first_drawn(entry), entry.bins[-1].last_id
    plots = {"wide": (WIDE - GAP) / 2 - LEFT - RIGHT, "narrow": NARROW - LEFT - RIGHT}
    sides = {
        layout: place_labels(
            [
                (
                    math.log(max(w.token.id, first) / first) / math.log(last / first) * plot,
                    HEIGHT - w.norm / top * HEIGHT,
                    member.shown(w.token.raw),
                )
                for w in entry.words
            ],
            plot,
            HEIGHT,
        )
        for layout, plot in plots.items()
    }
    words = [
        {"id": w.token.id, "norm": rounded(w.norm, 3), "token": member.shown(w.token.raw)}
        | {layout: sides[layout][n] for layout in plots}
        for n, w in enumerate(entry.words)
    ]
    return {f"{member.role}_bins": bins, f"{member.role}_words": words}


def _trend(correlation: float) -> str:
    if abs(correlation) < 0.1:
        return "hardly depends on the id"
    return "tends to grow with the id" if correlation > 0 else "tends to fall with the id"


def _title(entries: dict[str, NormsOfModel], models: dict[str, Member]) -> str:
    trends = listed(f"{_trend(e.spearman_id_norm)} in {models[role].name}" for role, e in entries.items())
    return f"What cosine hides is length: it {trends}"


@figure(needs=("model_facts", "norms"))
def norms(data: Mapping[str, Any]) -> Figure:
    models = members(data)
    entries = {role: of_role(data["norms"].by_model, role) for role in models}
    tops = _tops(entries)
    described = []
    for role, entry in entries.items():
        member = models[role]
        short, long = (
            listed(f"{member.quoted(w.token.raw)} {fixed(w.norm)}" for w in found[:5]) for found in (entry.shortest, entry.longest)
        )
        marked = listed(f"{member.quoted(w.token.raw)} {fixed(w.norm)}" for w in entry.words)
        described.append(
            f"{member.name}: lengths from {fixed(entry.minimum)} to {fixed(entry.maximum)}, mean {fixed(entry.mean)}; rank "
            f"correlation of length and id {fixed(entry.spearman_id_norm)}. Shortest whole-word tokens: {short}; longest: {long}. Marked: "
            f"{marked}."
        )
    table = []
    for role, entry in entries.items():
        member = models[role]
        common = {"model": member.name, "kind": member.tokenizer_kind}
        empty = {"raw": None, "norm": None, "percentile_5": None, "percentile_50": None, "percentile_95": None}
        table += [
            common
            | empty
            | {"what": "run of ids", "first_id": b.first_id, "last_id": b.last_id}
            | {"percentile_5": b.percentile_5, "percentile_50": b.percentile_50, "percentile_95": b.percentile_95}
            for b in entry.bins
        ]
        extremes = {"shortest whole-word tokens": entry.shortest, "longest whole-word tokens": entry.longest}
        for what, found in ({"marked word": entry.words} | extremes).items():
            table += [
                common | empty | {"what": what, "first_id": w.token.id, "last_id": w.token.id, "raw": w.token.raw, "norm": w.norm}
                for w in found
            ]

    def chart(width: int) -> alt.TopLevelMixin:
        sides = [_panel(member, entries[role], tops[role], is_narrow(width)) for role, member in models.items()]
        return panels(sides, width, left=LEFT, right=RIGHT, gap=GAP, below=26)

    return Figure(
        title=_title(entries, models),
        caption=(
            "The line is the median length of a run of ids, the band holds nine tokens in ten; dark marks are the words of this "
            "lesson. "
            + " ".join(f"{models[role].name}: {entry.order}" for role, entry in entries.items())
            + " *Where it misleads:* the two scales differ, because lengths of two models cannot be compared, and the order of "
            "ids only stands in for frequency."
        ),
        description=" ".join(described),
        table=Table(
            [
                Column("model", "model"),
                Column("what", "what"),
                Column("raw", "token", "token", tokenizer_kind_column="kind"),
                Column("first_id", "first id", "integer"),
                Column("last_id", "last id", "integer"),
                Column("norm", "length", "number", 2),
                Column("percentile_5", "5% are shorter than", "number", 2),
                Column("percentile_50", "median length", "number", 2),
                Column("percentile_95", "95% are shorter than", "number", 2),
            ],
            table,
            default_rows=lambda row: row["what"] in ("run of ids", "marked word"),
        ),
        chart=chart,
        datasets={
            name: found for role, member in models.items() for name, found in _datasets(member, entries[role], tops[role]).items()
        },
        roles=tuple(models),
    )
