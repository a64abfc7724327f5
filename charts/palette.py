"""The one place where colours are named: light and dark value of each. CSS variables, charts and scripts are made from it.

Decoder, encoder and static vectors keep one colour everywhere. The three differ in lightness as well as hue, so they hold for
every kind of colour vision and in grey; marks also differ in shape (`SHAPES`). Contrast on `paper`: text colours 4.5 : 1 or
more, model colours 4.5 : 1 or more, other marks 3 : 1 or more, in both themes (tests/test_palette.py measures it).
"""

PALETTE: dict[str, tuple[str, str]] = {
    # name: (light, dark)
    "paper": ("#fbf9f4", "#16171a"),
    "paper-raised": ("#ffffff", "#1e2024"),
    "paper-sunken": ("#f2eee5", "#0f1012"),
    "ink": ("#1d1b18", "#ebe6dc"),
    "ink-soft": ("#5a554d", "#aca699"),
    "rule": ("#d9d3c7", "#35373d"),
    "grid": ("#e9e4d9", "#2a2c31"),
    "accent": ("#8a2f1d", "#f0a48f"),
    "decoder": ("#b3450f", "#f08a4b"),
    "encoder": ("#1f5fa8", "#6cb2f5"),
    "static": ("#3d6b35", "#b5d99c"),
    "baseline": ("#8b857a", "#7d7a73"),
    "holds": ("#2f6b3a", "#8fce93"),
    "caveat": ("#7d5a00", "#e5bd5c"),
    "fails": ("#a3242c", "#f59a96"),
    "open": ("#5a554d", "#aca699"),
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
