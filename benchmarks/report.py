"""BENCHMARKS.md from what the benchmarks have recorded. No number in it is written by hand."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path(__file__).resolve().parent / "results"
BUDGETS = Path(__file__).resolve().parent / "page_budgets.json"
REPORT = ROOT / "BENCHMARKS.md"
INTRODUCTION = """# Benchmarks

Made by `python benchmarks/results.py` from `benchmarks/results/*.json` and `benchmarks/page_budgets.json`, which each benchmark writes
when it is run. Ratios come first: they travel from machine to machine, seconds do not. What misses its aim is bold. A part that has
not been measured says so.
"""


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table; numbers stand to the right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def judged(text: str, value: float, aim: float | None) -> str:
    """A figure as it stands in a table: bold where it is above its aim."""
    return f"**{text}**" if aim is not None and value > aim else text


BUILDS_COMPARED = (  # words, our kind of build, theirs, aim
    ("cold build", "cold", "cold", 1.0),
    ("nothing changed, a plain script draws their charts again", "warm", "cold", 0.1),
    ("nothing changed, their charts kept as make would", "warm", "warm", None),
)


def peer_builds(found: dict[str, Any]) -> str:
    """The builds of this site beside those of other generators. found: what benchmarks/peer_builds.py recorded."""
    seconds, sizes = found["seconds"], found["bytes"]
    names = [name for name in seconds if name != "word-spaces"]
    rows = []
    for words, kind, their_kind, aim in BUILDS_COMPARED:
        compared = {"word-spaces": seconds["word-spaces"][kind]} | {name: seconds[name][their_kind] for name in names}
        ratio = compared["word-spaces"] / min(compared[name] for name in names)
        rows.append([f"{words}, s", judged(f"{ratio:.2f}", ratio, aim), f"{aim or ''}", *(f"{value:.2f}" for value in compared.values())])
    for page, aim in (("first page", 0.5), ("lessons/who-lives-next-door/", None)):
        lightest = min(sizes[name][page] for name in names)
        ratio = sizes["word-spaces"][page] / lightest
        shown = [f"{sizes[name][page] / 1000:.0f}" for name in seconds]
        rows.append([f"{page}, KB", judged(f"{ratio:.2f}", ratio, aim), f"{aim or ''}", *shown])
    return (
        "The same pages and charts by each. The others get the pages as finished Markdown, and leave out what this project also makes:\n"
        "claims checked, formulas, matrices, a page and a table for every figure, notebooks. Bytes are those of a browser with an empty\n"
        f"cache. Medians of {found['runs']} builds in turn; {versions(found)}.\n\n"
        + table(["", "ratio to the best other", "aim", *seconds], rows)
    )


def build_speed(found: dict[str, Any]) -> str:
    """Builds of this site by kind. found: what benchmarks/build_speed.py recorded."""
    rows = [
        [kind, judged(f"{values['median_s']:.2f}", values["median_s"], values["aim_s"]), f"{values['aim_s'] or ''}"]
        for kind, values in found["builds"].items()
    ]
    return table(["build of this site", "seconds", "aim"], rows)


GROWN = [
    "vocabulary x width", "share of the product's peak", "seconds", "peak, GFLOP/s", "memory added, MB", "beyond rows and lists, MB",
]


def neighbours(found: dict[str, Any]) -> str:
    """Exact neighbours beside peers, and by size. found: what benchmarks/neighbour_cost.py recorded."""
    own = found["compared_seconds"].get("ours")
    rows = [[name, f"{own / seconds:.2f}", f"{seconds:.1f}"] for name, seconds in found["compared_seconds"].items() if name != "ours"]
    grown = [
        [
            f"{size['tokens']:,} x {size['dims']}", f"{size['share_of_peak']:.0%}", f"{size['seconds']:.1f}", f"{size['peak_gflops']:.0f}",
            f"{size['added_bytes'] / 1e6:.0f}", f"{(size['added_bytes'] - size['float32_rows_bytes'] - size['lists_bytes']) / 1e6:.0f}",
        ]
        for size in found["sizes"]
    ]
    return (
        f"The exact {found['k']} nearest neighbours of every row, with the proof that no other row belongs to the list, which the others\n"
        f"do not give. {versions(found)}.\n\n"
        + (table([f"{found['compared_size']}, against", "our time as a ratio", "its seconds"], rows) + "\n\n" if rows else "")
        + table(GROWN, grown)
    )


def browser_rsa(found: dict[str, Any]) -> str:
    """Shuffles in the browser. found: what benchmarks/browser_rsa.py recorded."""
    rows = [
        [
            name, f"{values['ours_ms'] / values['plain_ms']:.3f}", f"{values['draws']:,}",
            f"{values['ours_ms']:.0f}", f"{values['plain_ms']:.0f}",
        ]
        for name, values in found["coefficients"].items()
    ]
    return (
        f"The permutation test of the RSA lab in Chromium {found['chromium']}, {found['words']} words, against the test written down\n"
        "plainly.\n\n"
        + table(["coefficient", "ratio", "shuffles", "ms", "plainly, ms"], rows)
    )


def explorer_answers(found: dict[str, Any]) -> str:
    """Answers of the explorers. found: what benchmarks/explorer_answers.py recorded."""
    aims = found["aim_ms"]
    rows = [
        [explorer, action, *(judged(f"{times[action]:.0f}", times[action], aims[device]) for device, times in devices.items())]
        for explorer, devices in found["milliseconds"].items()
        for action in next(iter(devices.values()))
    ]
    return table(["explorer", "action", f"desktop, ms (aim {aims['desktop']})", f"CPU 4x slower, ms (aim {aims['phone']})"], rows)


def precompute_cost(found: dict[str, Any]) -> str:
    """The cost of exports. found: what benchmarks/precompute_cost.py recorded."""
    rows = [
        [name, judged(f"{values['value']:.2f}", values["value"], values["aim"]), values["unit"], f"{values['aim']}"]
        for name, values in found["figures"].items()
    ]
    words = f"`python -m precompute` of the set {found['set']}, models fetched, nothing else kept."
    return f"{words}\n\n" + table(["", "measured", "unit", "aim"], rows)


def decoder_opening(found: dict[str, Any]) -> str:
    """How a decoder is opened. found: what benchmarks/decoder_opening.py recorded."""
    rows = [
        [what, f"{times['quick'] / times['plain']:.2f}", f"{times['quick']:.1f}", f"{times['plain']:.1f}"]
        for what, times in found["seconds"].items()
    ]
    words = f"The default set's decoder from its GGUF file, with `precompute/quick_gguf.py` and without; {versions(found)}."
    return f"{words}\n\n" + table(["", "ratio", "s", "without it, s"], rows)


def page_budgets(found: dict[str, Any]) -> str:
    """Pages on a slow phone. found: what benchmarks/page_budgets.py recorded."""
    measures = {
        "first_paint_ms": "first paint, ms", "first_chart_ms": "first chart, ms", "blocking_ms": "blocking, ms",
        "layout_shift": "layout shift", "readable_bytes": "readable, KB", "whole_bytes": "whole, KB",
    }

    def shown(measure: str, value: float | None) -> str:
        if value is None:
            return ""
        return f"{value / 1000:.0f}" if measure.endswith("bytes") else f"{value:.4f}" if measure == "layout_shift" else f"{value:.0f}"

    rows = [["*budget*", *(shown(measure, found["budgets"].get(measure)) for measure in measures)]]
    for name, page in found["pages"].items():
        # The budget of what can be read is for a page opened at its top: at a chart, a browser loads the pictures around it too.
        budgets = found["budgets"] | ({"readable_bytes": None} if "#" in name else {})
        values = [(measure, page.get(measure)) for measure in measures]
        rows.append([name, *(judged(shown(measure, value), value or 0, budgets.get(measure)) for measure, value in values)])
    return (
        "CPU four times slower, 1.6 Mbit/s, 150 ms; a lesson opened at its top and scrolled to its end, and opened at its first chart.\n"
        "\"Readable\" is all but scripts until a page is quiet; its budget is for a page opened at its top, since at a chart a browser\n"
        "loads the pictures around it too. `benchmarks/page_budgets.json` also has every control.\n\n"
        + table(["page", *measures.values()], rows)
    )


def versions(found: dict[str, Any]) -> str:
    """Such as "torch 2.1, numpy 2.0": the packages that were measured."""
    return ", ".join(f"{name} {version}" for name, version in found["versions"].items())


COMMANDS = {"neighbours": "neighbour_cost"}  # where the name differs
PARTS = {
    "peer_builds": ("This site by other generators", peer_builds),
    "build_speed": ("Builds of this site", build_speed),
    "neighbours": ("Exact neighbours", neighbours),
    "browser_rsa": ("Shuffling in the browser", browser_rsa),
    "explorer_answers": ("How fast the explorers answer", explorer_answers),
    "precompute_cost": ("The export", precompute_cost),
    "decoder_opening": ("Opening a decoder", decoder_opening),
}


def report() -> str:
    """The text of BENCHMARKS.md, from all that has been recorded."""
    parts = [INTRODUCTION]
    for name, (title, words) in PARTS.items():
        file = FOLDER / f"{name}.json"
        parts.append(f"## {title}\n")
        if not file.exists():
            parts.append("Not measured yet.\n")
            continue
        found = json.loads(file.read_text(encoding="utf-8"))
        machine = found["machine"]
        parts.append(f"{words(found)}\n")
        parts.append(
            f"Measured on {found['measured_on']}: {machine['processor']}, {machine['cores']} cores, {machine['memory_gib']} GiB,\n"
            f"{machine['system']}, Python {machine['python']}. `python benchmarks/{COMMANDS.get(name, name)}.py`\n"
        )
    if BUDGETS.exists():
        parts.append("## Pages on a slow phone\n")
        parts.append(f"{page_budgets(json.loads(BUDGETS.read_text(encoding='utf-8')))}\n")
        parts.append("`python benchmarks/page_budgets.py`\n")
    return "\n".join(parts)


def write_report() -> None:
    """Write BENCHMARKS.md."""
    REPORT.write_text(report(), encoding="utf-8")
    print(f"written: {REPORT.relative_to(ROOT)}", file=sys.stderr)
