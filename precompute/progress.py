"""Progress bars. On a terminal they move and vanish; elsewhere they say nothing, and the summary line tells what was done."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

Item = TypeVar("Item")
CONSOLE = Console(stderr=True, highlight=False)
SECONDS_BETWEEN_UPDATES = 0.1  # an update costs more than many a step


def track(items: Iterable[Item], description: str, total: int) -> Iterator[Item]:
    """Pass `items` on, showing how many of `total` are done."""
    if not CONSOLE.is_terminal:
        yield from items
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=CONSOLE, transient=True) as progress:
        task, shown_at = progress.add_task(description, total=total), 0.0
        for done, item in enumerate(items):
            if time.monotonic() - shown_at > SECONDS_BETWEEN_UPDATES:
                progress.update(task, completed=done)
                shown_at = time.monotonic()
            yield item
