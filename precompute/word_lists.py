"""Hand-made word lists, `content/words/*.toml`: each says in its first lines who chose the words and why."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from problems import Problem, ProjectError


def read_word_list(path: Path) -> dict[str, Any]:
    """The tables of a word list. Raises ProjectError naming file and line."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        known = ", ".join(sorted(p.name for p in path.parent.glob("*.toml"))) or "none"
        raise ProjectError(
            Problem(str(path), None, "there is no such word list", f"Restore it, or write it. Here: {known}.")
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ProjectError(Problem(str(path), None, f"cannot be read: {error}", "It must be a readable UTF-8 file.")) from error
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        raise ProjectError(
            Problem(
                str(path), int(line[1]) if line else None, f"is no valid TOML: {error}", "Correct that line; see https://toml.io."
            )
        ) from error
