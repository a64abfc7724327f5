"""How every chart looks: one font, two text sizes, a quiet grid, and nothing that a reader does not need."""

from __future__ import annotations

import altair as alt

from charts.palette import light

FONT = "Figtree, Word Spaces Signs, system-ui, sans-serif"  # as the page's --sans; pictures opened on their own use the system's
TEXT = 13  # px: names, values
SMALL = 12  # px: axes, notes
WIDE = 704  # px: the total width of a chart on a desktop
NARROW = 328  # px: and on a phone
BREAK = 520  # px: charts narrower than this are laid out for a phone


def is_narrow(width: int) -> bool:
    """Whether a chart of so many px is drawn for a phone."""
    return width < BREAK


@alt.theme.register("word-spaces", enable=True)
def word_spaces() -> alt.theme.ThemeConfig:
    """Colours come from the palette only, so that a drawn chart can be recoloured for the dark theme."""
    ink, soft, rule, grid = (light(name) for name in ("ink", "ink-soft", "rule", "grid"))
    axis = {
        "labelFont": FONT,
        "labelFontSize": SMALL,
        "labelColor": soft,
        "labelPadding": 5,
        "titleFont": FONT,
        "titleFontSize": SMALL,
        "titleFontWeight": "normal",
        "titleColor": soft,
        "gridColor": grid,
        "domainColor": rule,
        "tickColor": rule,
        "tickSize": 4,
        "ticks": False,
        "domain": False,
    }
    return {
        "config": {
            "background": None,
            "padding": {"left": 0, "right": 0, "top": 2, "bottom": 4},  # for the ascenders and descenders of the outermost lines
            "font": FONT,
            "view": {"stroke": None},
            "axis": axis,
            "axisY": {"titleAngle": 0, "titleAlign": "left", "titleAnchor": "end", "titleBaseline": "bottom", "titleY": -8},
            "title": {"font": FONT, "fontSize": TEXT, "fontWeight": 600, "color": ink, "anchor": "start"},
            "text": {"font": FONT, "fontSize": SMALL, "color": ink},
            "bar": {"color": soft},
            "line": {"strokeWidth": 2, "strokeJoin": "round", "strokeCap": "round"},
            "point": {"filled": True, "opacity": 1, "size": 50},
            "rule": {"color": soft},
            "legend": {"labelFont": FONT, "titleFont": FONT, "labelFontSize": SMALL, "titleFontSize": SMALL},
        }
    }
