"""Byte-level BPE merge by merge beside WordPiece match by match, on a word of the reader's choice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.cutting import CuttingSteps, CutWord
from artefacts.tokens import visible_text
from charts.figure import Column, Control, Figure, Table, figure
from charts.layout import controlled, joined, note, rows, stacked
from charts.palette import light
from charts.reading import capitalised, count
from charts.theme import SMALL, TEXT, is_narrow

LOOKUP = 15  # px from look-up to look-up
ROW, CHIP = 23, 18  # px from row to row, and the height of a chip
UNIT, PAD, GAP = 7, 6, 3  # px a character takes in a chip, px around it, px between chips
BPE, WORDPIECE = "byte_level_bpe", "wordpiece"


def chips(labels: list[str], new: set[int], grey: set[int]) -> list[dict[str, Any]]:
    """Where each piece of a row stands, in px from the left. k: 0 old, 1 new in this row, 2 not cut yet."""
    placed, x = [], 0
    for n, label in enumerate(labels):
        wide = len(label) * UNIT + PAD
        placed.append({"x": x, "e": x + wide, "t": label, "k": 1 if n in new else 2 if n in grey else 0})
        x += wide + GAP
    return placed


def short(raw: str) -> str:
    """A piece of bytes as it is shown in a chip: bytes that are no character by themselves as plain hexadecimal."""
    return visible_text(raw, BPE).replace("⟨", "").replace("⟩", "")


def bpe_rows(word: CutWord) -> list[dict[str, Any]]:
    """One row a chip of every state of byte-level BPE; `s` is the step."""
    return [
        {"w": word.word, "s": step} | chip
        for step, state in enumerate(word.merges)
        for chip in chips([short(raw) for raw in state.pieces], set(state.places), set())
    ]


def wordpiece_rows(word: CutWord) -> list[dict[str, Any]]:
    """The same of WordPiece: the pieces taken so far, and the rest of the word in one uncut chip."""
    found: list[dict[str, Any]] = []
    taken: list[str] = []
    for step in range(len(word.matches) + 1):
        if step:
            taken.append(word.matches[step - 1].piece)
        rest = word.matches[step - 1].rest if step else word.normalised
        labels = [*taken, rest] if rest else list(taken)
        grey = {len(taken)} if rest else set()
        found += [{"w": word.word, "s": step} | chip for chip in chips(labels, {len(taken) - 1}, grey)]
    return found


def _notes(steps: CuttingSteps) -> dict[str, list[dict[str, Any]]]:
    """What stands at the right of each row: the rank of the merge; how many longer pieces were tried."""
    merges = [
        {"w": word.word, "s": n, "t": "bytes" if state.rank is None else f"rank {state.rank:,}"}
        for word in steps.words
        for n, state in enumerate(word.merges)
    ]
    matches = [{"w": word.word, "s": 0, "t": "the word"} for word in steps.words]
    matches += [
        {"w": word.word, "s": n, "t": f"try {len(match.tried) + 1}"}
        for word in steps.words
        for n, match in enumerate(word.matches, start=1)
    ]
    return {"merge_notes": merges, "match_notes": matches}


def _tries(steps: CuttingSteps) -> list[dict[str, Any]]:
    """The look-ups of each WordPiece step, longest first; `f` marks the one that was found, `last` the word's last step."""
    return [
        {"w": word.word, "s": n, "n": place, "t": candidate, "f": int(candidate == match.piece), "last": len(word.matches)}
        for word in steps.words
        for n, match in enumerate(word.matches, start=1)
        for place, candidate in enumerate([*match.tried, match.piece])
    ]


def _lookups(top: int) -> list[alt.Chart]:
    """The current step's look-ups, below the pieces taken."""
    shown = rows("tries").transform_filter("datum.w == word && datum.s == min(step, datum.last)")
    text = shown.transform_calculate(down=f"{top + 30} + datum.n * {LOOKUP}").mark_text(align="left", baseline="middle", fontSize=SMALL)
    down = alt.Scale(domain=[0, 1], range=[0, 1], clamp=False)
    drawn = text.encode(
        x=alt.XValue(0),
        y=alt.Y("down:Q", scale=down, axis=None),
        text="t:N",
        color=alt.condition("datum.f == 1", alt.value(light("encoder")), alt.value(light("ink-soft"))),
    )
    return [note("Look-ups of this step, longest first", 0, top + 16, "ink", fontWeight=600), drawn]


def _panel(dataset: str, notes: str, heading: str, colour: str, rows_shown: int, width: int) -> alt.LayerChart:
    down = alt.Scale(domain=[0, 1], range=[0, 1], clamp=False)  # px from the top
    across = alt.Scale(domain=[0, width], nice=False)
    shown = "datum.w == word && datum.s <= step"
    base = rows(dataset).transform_filter(shown).transform_calculate(top=f"datum.s * {ROW}", bottom=f"datum.s * {ROW} + {CHIP}")
    x = alt.X("x:Q", scale=across, axis=None)
    y = alt.Y("top:Q", scale=down, axis=None)
    boxes = base.mark_rect(strokeWidth=1).encode(
        x=x,
        x2="e:Q",
        y=y,
        y2="bottom:Q",
        fill=alt.condition("datum.k == 1", alt.value(light(colour)), alt.value(light("paper-sunken"))),
        stroke=alt.condition("datum.k == 2", alt.value(light("rule")), alt.value(light(colour))),
    )
    text = (
        base.transform_calculate(m="(datum.x + datum.e) / 2", c=f"datum.s * {ROW} + {CHIP / 2}")
        .mark_text(fontSize=SMALL, baseline="middle")
        .encode(
            x=alt.X("m:Q", scale=across, axis=None),
            y=alt.Y("c:Q", scale=down, axis=None),
            text="t:N",
            color=alt.condition("datum.k == 1", alt.value(light("paper")), alt.value(light("ink"))),
        )
    )
    side = (
        rows(notes)
        .transform_filter(shown)
        .transform_calculate(c=f"datum.s * {ROW} + {CHIP / 2}")
        .mark_text(fontSize=SMALL, baseline="middle", align="right", color=light("ink-soft"))
        .encode(x=alt.XValue(width), y=alt.Y("c:Q", scale=down, axis=None), text="t:N")
    )
    title = note(heading, 0, -10, colour, fontWeight=600, fontSize=TEXT)
    return stacked(boxes, text, side, title, width=width, height=rows_shown * ROW)


def _steps(word: CutWord) -> int:
    return max(len(word.merges) - 1, len(word.matches))


def _shown(word: CutWord) -> str:
    return word.word.replace(" ", "␣")


def _title(word: CutWord, steps: CuttingSteps) -> str:
    merges, bpe, wordpiece = len(word.merges) - 1, len(word.bpe_tokens), len(word.wordpiece_tokens)
    end = f"both end with {count(bpe, 'piece')}" if bpe == wordpiece else f"{count(bpe, 'piece')} against {wordpiece}"
    return capitalised(
        f"{steps.bpe_name} builds “{_shown(word)}” up from bytes with {count(merges, 'merge')}; {steps.wordpiece_name} cuts it from "
        f"the front: {end}"
    )


def _table(steps: CuttingSteps) -> list[dict[str, Any]]:
    lines = []
    for word in steps.words:
        for n, state in enumerate(word.merges):
            lines.append(
                {"word": _shown(word), "algorithm": f"{steps.bpe_name}, BPE", "step": n, "pieces": " ".join(state.pieces), "kind": BPE}
                | {"rank": state.rank, "tried": None}
            )
        taken: list[str] = []
        for n, match in enumerate(word.matches, start=1):
            taken.append(match.piece)
            lines.append(
                {"word": _shown(word), "algorithm": f"{steps.wordpiece_name}, WordPiece", "step": n, "pieces": " ".join(taken)}
                | {"kind": WORDPIECE, "rank": None, "tried": len(match.tried) + 1}
            )
    return lines


@figure(needs=("cutting_steps",))
def merges_and_matches(data: Mapping[str, Any]) -> Figure:
    steps: CuttingSteps = data["cutting_steps"]
    first = steps.words[0]
    last = _steps(first)
    most = max(_steps(word) for word in steps.words)
    bpe_height = max(len(word.merges) for word in steps.words)
    wordpiece_height = max(len(word.matches) for word in steps.words) + 1
    most_tries = max(len(match.tried) + 1 for word in steps.words for match in word.matches)
    described = []
    for word in steps.words:
        bpe = " + ".join(visible_text(raw, BPE) for raw in word.bpe_tokens)
        described.append(
            f"“{_shown(word)}”: {count(len(word.merges) - 1, 'merge')} to {bpe}; by longest match {' + '.join(word.wordpiece_tokens)}."
        )

    def chart(width: int) -> alt.TopLevelMixin:
        narrow = is_narrow(width)
        plot = width - 2 if narrow else (width - 34) // 2
        left = _panel("merges", "merge_notes", f"{steps.bpe_name}: merge", "decoder", bpe_height, plot)
        right = _panel("matches", "match_notes", f"{steps.wordpiece_name}: longest match", "encoder", wordpiece_height, plot)
        right.layer += _lookups(wordpiece_height * ROW)
        right.height = wordpiece_height * ROW + 30 + LOOKUP * most_tries
        state = note(alt.expr("'step ' + step"), plot, -10, "ink-soft", align="right")
        left.layer.append(state)
        return controlled(joined(left, right, beside=not narrow, spacing=34 if narrow else 28), word=first.word, step=last)

    return Figure(
        title=_title(first, steps),
        caption=(
            f"Every row is one step; what a step made is filled. On the left all neighbouring pieces are looked up in "
            f"{steps.bpe_name}’s table of {steps.merge_table:,} merges, and the pair of lowest rank, the one learned first, is joined. "
            "On the right the longest piece that is in the vocabulary is taken from the front; a *try* is one look-up. Move the "
            "slider back and forth. *Where it misleads:* each step here is recomputed from the real tables and ends where the real "
            "tokenizers end, but programs take short cuts, and nothing here shows how the tables were *learned*."
        ),
        description=" ".join(described),
        table=Table(
            [
                Column("word", "text"),
                Column("algorithm", "by"),
                Column("step", "step", "integer"),
                Column("pieces", "pieces", "tokens", tokenizer_kind_column="kind"),
                Column("rank", "rank of the merge", "integer"),
                Column("tried", "look-ups", "integer"),
            ],
            _table(steps),
            default_rows=lambda row: row["word"] == _shown(first),
        ),
        chart=chart,
        datasets={
            "merges": [row for word in steps.words for row in bpe_rows(word)],
            "matches": [row for word in steps.words for row in wordpiece_rows(word)],
            "tries": _tries(steps),
            **_notes(steps),
        },
        controls=[
            Control("word", "Text", "select", first.word, options=[(word.word, _shown(word)) for word in steps.words]),
            Control("step", "Step", "slider", last, minimum=0, maximum=most + 1, step=1),
        ],
    )
