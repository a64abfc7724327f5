"""The reader's own sentences. They live in own_sentences.json alone: a run takes them from there and writes them back."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from precompute.attention.texts import Text
from precompute.workspace import Workspace
from problems import Problem, ProjectError

ARTEFACT = "own_sentences"
_TO_ADD = "sentence to add"


def add(work: Workspace, text: Text) -> None:
    """Have the next export of this run hold the text, too."""
    work.once(_TO_ADD, lambda: text)


def kept(work: Workspace) -> list[Text]:
    """Those of the file, in order, then the added one; each once."""
    added = work.once(_TO_ADD, lambda: None)
    return list(dict.fromkeys([*of_file(work.data_dir / f"{ARTEFACT}.json"), *([added] if added else [])]))


def of_file(path: Path) -> list[Text]:
    """What an earlier run wrote, however old its form. Raises ProjectError for a file that cannot be read: it is never written over."""
    if not path.exists():
        return []
    try:
        sentences = json.loads(path.read_text(encoding="utf-8"))["data"]["sentences"]
        return [Text(sentence["text"], sentence.get("second")) for sentence in sentences]
    except (OSError, ValueError, KeyError, TypeError) as error:
        cure = "It holds sentences that somebody added. Repair it, or delete it if you can do without them."
        raise ProjectError(Problem(str(path), None, f"cannot be read: {type(error).__name__}: {error}", cure)) from error


def name_of(text: Text) -> str:
    """The same for the same text, so that a link to it stays good."""
    return f"own-{hashlib.sha256(json.dumps([text.first, text.second]).encode('utf-8')).hexdigest()[:8]}"
