"""The checks behind the claims of what_the_score_rests_on.toml: each takes a set's data and returns a verdict, a number and a reason.

The source speaks about GPT-2 medium and BERT large. Where the set's decoder and encoder are others, a claim about those two is not
settled by them, and their numbers are an analogue.
"""

from __future__ import annotations

from typing import Any

from charts.reading import fixed, listed
from sitegen.checking import Data, graded, not_computed
from sitegen.verdicts import CheckResult

PAIR = ["decoder", "encoder"]
SOURCES_MODELS = ("gpt2-medium", "bert-large-uncased")  # keys in precompute/model_sets.toml

# --- thresholds ------------------------------------------------------------------------------------------------------------

SMALL_P = 0.05
MATTERS = 0.05  # a score that moves by more when misfits go hangs on them


def three_semantic_categories(data: Data) -> CheckResult:
    lists = _lists(data)
    if "without misfits" not in lists:
        return not_computed("too few words", "None of the words in question can be compared in this set.")
    published, trimmed = lists["published"], lists["without misfits"]
    n = data["category_selectivity"].pairs.index(PAIR)
    before, after = published.scores[n], trimmed.scores[n]
    moved = abs(after - before) > MATTERS
    dropped = listed(f"“{word}”" for word in trimmed.dropped)
    return CheckResult(
        "holds with a caveat",
        f"RSA {fixed(before)} with them, {fixed(after)} without {dropped}",
        "Parts of a room are no furniture"
        + (", and the score depends on them." if moved else ", but the score does not hang on them."),
    )


def shared_structure_is_semantic(data: Data) -> CheckResult:
    pair = next(p for p in data["partial_scores"].by_pair if [p.first, p.second] == PAIR)
    scores = {score.given: score for score in pair.scores}
    names = {s.key: s.name for s in data["score_matrix"].spaces}
    text = (
        f"{names[pair.first]} and {names[pair.second]}: {fixed(scores['nothing'].value)}; given category "
        f"{fixed(scores['category'].value)}, given frequency {fixed(scores['ranks'].value)}, given both {fixed(scores['all'].value)}"
    )
    if not _holds_sources_models(data):
        return not_computed(
            "decoder and encoder of this set are others",
            "The source gives no score and takes nothing off. Its models are not the decoder and encoder here.",
            text,
        )
    beyond = scores["ranks"].p <= SMALL_P and scores["ranks"].value > 0
    return CheckResult(
        graded(beyond, scores["all"].p > SMALL_P),
        text,
        "Frequency alone does not make the score." if beyond else "Once frequency is known, no agreement can be shown.",
    )


# --- finding things in the data --------------------------------------------------------------------------------------------


def _lists(data: Data) -> dict[str, Any]:
    return {entry.name: entry for entry in data["category_selectivity"].lists}


def _holds_sources_models(data: Data) -> bool:
    """Whether the set's own decoder and encoder are the source's; those that only accompany a set are in the matrix alone."""
    ids = {fact.role: fact.id.split("/")[-1] for fact in data["model_facts"].models}
    return (ids.get("decoder"), ids.get("encoder")) == SOURCES_MODELS
