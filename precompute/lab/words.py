"""Which words the RSA lab offers in a set: those of three lists that every space has as a single token, and sets to begin with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from precompute.rsa.words import SOURCE_WORDS, ComparedWords, compared_words
from precompute.rsa.words import WORD_LIST as SOURCE_LIST
from precompute.workspace import Workspace

LAB_LIST, MORE_LIST = "lab_words", "category_sets"
WORD_LISTS = (LAB_LIST, SOURCE_LIST, MORE_LIST)
SOURCE_KEY = "lesson"
MOST_WORDS = 100  # at a time: 4,950 pairs


@dataclass(frozen=True)
class ReadySet:
    """groups: category -> words that can be compared; missing: those that cannot."""

    key: str
    title: str
    note: str
    groups: dict[str, list[str]]
    missing: list[str]


def lab_words(work: Workspace) -> ComparedWords:
    """Every word of the lab, once, with the first category that names it. Words that differ in capitals alone are two words."""
    return work.once("lab words", lambda: compared_words(work, _each_once(_categories(work))))


def ready_sets(work: Workspace) -> list[ReadySet]:
    """The words of the lesson, then the sets of the list, as far as they can be compared here; not those of fewer than four words."""
    lab, categories = work.words(LAB_LIST), _categories(work)
    title = "The words of the lesson"
    note = "The words that a source of this site compares, in its three categories. The lesson “Comparing by similarity” works with them."
    asked: list[tuple[dict[str, Any], dict[str, list[str]]]] = [
        ({"key": SOURCE_KEY, "title": title, "note": note}, work.words(SOURCE_LIST)[SOURCE_WORDS])
    ]
    for entry in lab["sets"]:
        asked.append((entry, entry.get("groups") or {name: categories[name] for name in entry["categories"]}))
    known, found = set(lab_words(work).words), []
    for entry, groups in asked:
        most = entry.get("most", MOST_WORDS)
        kept = {name: [word for word in words if word in known][:most] for name, words in groups.items()}
        missing = [word for words in groups.values() for word in words if word not in known] if "most" not in entry else []
        kept = {name: words for name, words in kept.items() if words}
        if sum(map(len, kept.values())) >= 4:
            found.append(ReadySet(entry["key"], entry["title"], entry["note"], kept, missing))
    return found


def _categories(work: Workspace) -> dict[str, list[str]]:
    """Category -> words, of all three lists; categories of one name are one."""
    found: dict[str, list[str]] = {}
    for listed in (work.words(LAB_LIST)["categories"], work.words(SOURCE_LIST)[SOURCE_WORDS], work.words(MORE_LIST)["categories"]):
        for category, words in listed.items():
            found.setdefault(category, []).extend(words)
    groups = [entry.get("groups", {}) for entry in work.words(LAB_LIST)["sets"]]
    found["other words"] = [word for group in groups for words in group.values() for word in words]
    return found


def _each_once(categories: dict[str, list[str]]) -> dict[str, list[str]]:
    seen: set[str] = set()
    once: dict[str, list[str]] = {}
    for category, words in categories.items():
        once[category] = [word for word in dict.fromkeys(words) if word not in seen]
        seen |= set(words)
    return once
