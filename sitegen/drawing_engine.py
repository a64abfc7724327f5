"""Vega-Lite and Vega themselves, run by V8 inside this process: specifications in, compiled specifications and pictures out.

The script (sitegen/vendor/vega-drawing.js, made by runtime/build.mjs) holds the very parts of Vega that the pages run, and measures texts
by the widths of the pages' font (font_widths.json, made by scripts/subset_fonts.py): a picture is laid out as the chart that takes its
place in a browser. V8 as mini-racer brings it opens no file and no connection.
"""

from __future__ import annotations

import atexit
import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from py_mini_racer import MiniRacer

_HERE = Path(__file__).parent
SCRIPT = _HERE / "vendor" / "vega-drawing.js"
FONT_WIDTHS = _HERE / "font_widths.json"

TIME_LIMIT = 60.0
"""Seconds for one task, of which the slowest figure here takes a fifth of one: a chart that has not ended by then never would."""
MEMORY_LIMIT = 1_000_000_000
"""Bytes that a chart may fill; the largest here take some tens of millions."""
_FLAGS = ("--no-turbofan", "--initial-old-space-size=400")
"""V8 works for a second or two, too short for what its last compiler costs to pay, and need not tidy its memory (MB) so soon: a quarter
of the time."""


def figure(layouts: dict[str, str], check: Callable[[dict[str, Any]], object]) -> tuple[str, dict[str, dict[str, Any]]]:
    """Compile and draw all layouts of a figure, given as Vega-Lite with their rows, as JSON.

    check: is given each Vega specification, without its rows; what it raises goes before whatever else is wrong with a picture.
    Returns what a page needs to draw the figure, as JSON (`specs`, by layout, and `datasets`, their rows), and by layout the picture:
    svg, and its width and height in whole px. Raises as `_run` does.
    """
    made = _run("figure", f"{{{','.join(f'{json.dumps(name)}:{spec}' for name, spec in layouts.items())}}}")
    for spec in json.loads(made["specs"]).values():
        check(spec)
    if "failure" in made:
        raise ValueError(made["failure"])
    return f'{{"specs":{made["specs"]},"datasets":{made["datasets"]}}}', made["pictures"]


def compiled(vega_lite: dict[str, Any]) -> dict[str, Any]:
    """The Vega specification of a Vega-Lite specification. Raises as `_run` does."""
    return _run("compile", json.dumps(vega_lite))


def drawn(vega: dict[str, Any]) -> dict[str, Any]:
    """The picture of a Vega specification: svg, and its width and height in whole px. Raises as `_run` does."""
    return _run("draw", json.dumps(vega))


def _run(task: str, given: str) -> Any:
    """What the script makes of a task and what it is given, as JSON.

    Raises ValueError with what Vega or Vega-Lite says is wrong, TimeoutError or MemoryError where a chart exceeds the limits.
    """
    from py_mini_racer import JSEvalException, JSTimeoutException

    engine = _engine()
    try:
        engine.eval("WordSpacesDrawing.begin")(task, given, timeout_sec=TIME_LIMIT)
        told = json.loads(engine.eval("WordSpacesDrawing.answer()"))
    except JSEvalException as error:  # what charts do wrong is told; this is V8 that was stopped, and it is of no use any more
        _engine.cache_clear()
        if isinstance(error, JSTimeoutException):  # not closed: V8 says of its own accord when the task has ended
            raise TimeoutError(f"it was not drawn within {TIME_LIMIT:.0f} s") from None
        full = engine.was_hard_memory_limit_reached()
        engine.close()
        if full:
            raise MemoryError(f"it needs more than {MEMORY_LIMIT / 1e6:,.0f} MB") from None
        raise ValueError(f"V8 ended: {error}") from None
    if told is None:
        raise ValueError("it waits for something that never comes")
    if "error" in told:
        raise ValueError(told["error"])
    return told["result"]


@functools.cache
def _engine() -> MiniRacer:
    """V8 with the script loaded, once in a process."""
    from py_mini_racer import DEFAULT_V8_FLAGS, MiniRacer, init_mini_racer

    init_mini_racer(flags=[*DEFAULT_V8_FLAGS, *_FLAGS], ignore_duplicate_init=True)
    engine = MiniRacer()
    atexit.register(engine.close)  # later, when Python has ended its threads, it would wait for one of them for ever
    engine.set_hard_memory_limit(MEMORY_LIMIT)
    engine.eval(SCRIPT.read_text(encoding="ascii"))
    engine.eval(f"WordSpacesDrawing.measureWith({FONT_WIDTHS.read_text(encoding='utf-8')})")
    return engine
