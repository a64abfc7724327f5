"""What figures of this lesson share: lines by layer in a panel per model, and tokens as labels that may occur twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from artefacts.schemas.parts import TokenRef
from charts.layout import heading, note, panels, rows, stacked
from charts.palette import light
from charts.reading import Member
from charts.theme import is_narrow

PANEL = 190  # px: height of a panel of lines


def lines_by_layer(
    dataset: str,
    models: dict[str, Member],
    last_layer: Mapping[str, int],
    width: int,
    *,
    series: Sequence[tuple[str, str, Sequence[int]]],
    y: alt.Y,
    tooltip: str,
    left: int = 40,
    top: int = 18,
    height: int = PANEL,
    without: Mapping[str, Sequence[str]] | None = None,
) -> alt.TopLevelMixin:
    """A panel per model; the dataset's rows hold role, series, layer, value.

    series: (name, colour or "role" for the model's own, dashes) in the order of their keys above the plot, one key a line.
    without: name of a series -> the roles that have none.
    """
    charts = []
    for role, member in models.items():
        own = [style for style in series if role not in (without or {}).get(style[0], ())]
        layers: list[Any] = []
        x = alt.X(
            "layer:Q",
            scale=alt.Scale(domain=[0, last_layer[role]], nice=False),
            axis=alt.Axis(title="layer", titleAnchor="end", tickMinStep=1, tickCount=min(6, last_layer[role]), format="d", grid=False),
        )
        head = -(8 + top * len(own))
        for n, (name, colour, dashes) in enumerate(own):
            paint = light(role if colour == "role" else colour)
            here = rows(dataset).transform_filter(f"datum.role == '{role}' && datum.series == '{name}'")
            tips = [
                alt.Tooltip("series:N", title="line"),
                alt.Tooltip("layer:Q", title="layer"),
                alt.Tooltip("value:Q", title="value", format=tooltip),
            ]
            line = here.mark_line(color=paint, strokeDash=list(dashes), point={"color": paint, "size": 14}, clip=False)
            layers.append(line.encode(x=x, y=y, tooltip=tips))
            place = head + top * (n + 1)
            layers.append(
                alt.Chart(alt.Data(values=[{}]))
                .mark_rule(color=paint, strokeWidth=2, strokeDash=list(dashes))
                .encode(x=alt.XValue(0), x2=alt.X2Value(22), y=alt.YValue(place - 4))
            )
            layers.append(note(name, 28, place, "ink"))
        charts.append(stacked(*layers, height=height, title=heading(member, offset=8)))
    return panels(charts, width, left=left, right=12, below=52 if is_narrow(width) else 28)


def token_labels(tokens: Sequence[TokenRef], member: Member) -> list[str]:
    """Each token as it is shown; one that stands there twice gets a number, so that every label names one place."""
    shown = [member.shown(token.raw) for token in tokens]
    return [text if shown.count(text) == 1 else f"{text} ({shown[: n + 1].count(text)})" for n, text in enumerate(shown)]
