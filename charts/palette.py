"""The one place where colours are named: light and dark value of each. CSS variables, charts and scripts are made from it.

Decoder, encoder and static vectors keep one colour everywhere. The three differ in lightness as well as hue, so they hold for
every kind of colour vision and in grey; marks also differ in shape (`SHAPES`). Contrast on `paper`: text colours 4.5 : 1 or
more, model colours 4.5 : 1 or more, other marks 3 : 1 or more, in both themes (tests/test_palette.py measures it).
"""

PALETTE: dict[str, tuple[str, str]] = {
    # name: (light, dark)
    "paper": ("#fbf8f2", "#181614"),
    "paper-raised": ("#ffffff", "#211f1c"),
    "paper-sunken": ("#f3eee4", "#100f0d"),
    "ink": ("#1d1b18", "#ebe6dc"),
    "ink-soft": ("#59544b", "#b0a99c"),
    "rule": ("#d9d3c6", "#3b3833"),
    "grid": ("#e8e3d8", "#2d2a27"),
    "accent": ("#7b2748", "#eba3bd"),
    "decoder": ("#b8460a", "#e97d37"),
    "encoder": ("#1d5296", "#7abcfa"),
    "static": ("#2b4219", "#c3e4a4"),
    "baseline": ("#847e73", "#7f7b73"),
    "holds": ("#2f6b3a", "#8fce93"),
    "caveat": ("#7a5700", "#e5bd5c"),
    "fails": ("#a3242c", "#f59a96"),
    "open": ("#59544b", "#b0a99c"),
    # cells of a matrix fade into the paper from these: above and below zero, and sizes that have no sign
    "above-zero": ("#5d2a7f", "#d3aef2"),
    "below-zero": ("#1b7a45", "#5fc084"),
    "size": ("#3f3a6e", "#c4c0f5"),
}

SHAPES: dict[str, str] = {"decoder": "circle", "encoder": "square", "static": "triangle-up"}


def light(name: str) -> str:
    """The light-theme value of a colour; charts are drawn with it and recoloured for the dark theme."""
    return PALETTE[name][0]


def dark_of_light() -> dict[str, str]:
    """Light value -> dark value. Light values are all different, so a drawn chart can be recoloured."""
    pairs = dict(PALETTE.values())
    if len(pairs) != len(PALETTE) - 1:  # "open" and "ink-soft" share one colour on purpose
        raise ValueError("two colours share a light value, so charts could not be recoloured")
    return pairs
