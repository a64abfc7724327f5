"""Writes variants: how many neighbours are the seed again, with another space, case or spelling."""

from __future__ import annotations

from typing import Literal

import numpy as np

from artefacts.schemas.measures import Variants, VariantsOfModel
from artefacts.schemas.parts import Role
from precompute.neighbours import neighbour_table
from precompute.progress import track
from precompute.space import Space
from precompute.statistics_of import rounded
from precompute.workspace import Workspace

Variant = Literal["space", "case", "spelling"]
KINDS: tuple[Variant, ...] = ("space", "case", "spelling")

ENDINGS = ("s", "es", "d", "ed", "ing", "er", "ers", "or", "ors", "est", "ly", "y", "n", "en", "al", "ally", "ity", "ness", "'s")
MINIMUM_STEM = 3
MINIMUM_TYPO = 5

OPTIONS = {"minimum_stem": MINIMUM_STEM, "minimum_typo": MINIMUM_TYPO, "endings": list(ENDINGS)}

SPACE_RULE = "Space: the same letters in the same case; only the leading space or the mark ## differs."
CASE_RULE = "Case: the same letters in another case, with or without the same space or mark."
SPELLING_RULE = (
    f"Spelling: both are one stem of at least {MINIMUM_STEM} letters with or without an ending "
    f"({', '.join('-' + e for e in ENDINGS)}), its last letter doubled, a final e dropped or a final y turned into i where needed; "
    f"or both have the same first letter and at least {MINIMUM_TYPO} letters, one of which is put in, left out or changed, or two "
    "neighbouring ones swapped."
)


def export(work: Workspace) -> Variants:
    """Counts by kind and by rank, over the lists of all whole-word tokens."""
    return Variants(
        space_rule=SPACE_RULE,
        case_rule=CASE_RULE,
        spelling_rule=SPELLING_RULE,
        by_model=[_of_model(work, space.role) for space in work.spaces()],
    )


def _of_model(work: Workspace, role: Role) -> VariantsOfModel:
    space, ids = work.space(role), neighbour_table(work, role).ids
    seeds = space.whole_words
    found = np.zeros((len(seeds), ids.shape[1]), dtype=np.uint8)  # 0: no variant; else 1 + position in KINDS
    texts = [text_without_mark(space, i) for i in range(len(space))]
    folded = [text.lower() for text in texts]
    for row, seed in enumerate(track(seeds.tolist(), f"variants in {space.name}", len(seeds))):
        for place, other in enumerate(ids[seed].tolist()):
            kind = _kind(texts[seed], folded[seed], texts[other], folded[other])
            if kind is not None:
                found[row, place] = 1 + KINDS.index(kind)
    per_list = [rounded((found == 1 + n).sum() / max(len(seeds), 1), 5) for n in range(len(KINDS))]
    return VariantsOfModel(
        role=role,
        seeds=len(seeds),
        k=ids.shape[1],
        mean_space=per_list[0],
        mean_case=per_list[1],
        mean_spelling=per_list[2],
        mean_any=rounded((found > 0).sum() / max(len(seeds), 1), 5),
        share_by_rank=[rounded(share, 5) for share in (found > 0).sum(axis=0) / max(len(seeds), 1)],
        lists_with_any=rounded((found > 0).any(axis=1).sum() / max(len(seeds), 1), 5),
    )


def kind_of_variant(space: Space, seed: int, other: int) -> Variant | None:
    """What kind of variant of the token `seed` the token `other` is, if any."""
    first, second = (text_without_mark(space, i) for i in (seed, other))
    return _kind(first, first.lower(), second, second.lower())


def text_without_mark(space: Space, token_id: int) -> str:
    """A token's text without its leading space; WordPiece's ## is no part of the text to begin with."""
    return space.texts[token_id].removeprefix(" ")


def _kind(seed: str, seed_folded: str, other: str, other_folded: str) -> Variant | None:
    if seed == other:
        return "space"
    if seed_folded == other_folded:
        return "case"
    return "spelling" if is_spelling_variant(seed_folded, other_folded) else None


def is_spelling_variant(first: str, second: str) -> bool:
    """Whether two different texts in lower case are inflections, derivations or typing errors of each other, by `SPELLING_RULE`."""
    if not (first[:1] == second[:1] and second[:1].isalpha()):
        return False
    return bool(stems(first) & stems(second)) or is_one_edit_apart(first, second)


def stems(word: str) -> set[str]:
    """The word and what may be left of it when an ending is taken off: running -> running, runn, run."""
    found = {word}
    for ending in ENDINGS:
        if word.endswith(ending):
            stem = word[: -len(ending)]
            found |= {stem, stem + "e"}
            if len(stem) > 1 and stem[-1] == stem[-2]:
                found.add(stem[:-1])
            if stem.endswith("i"):
                found.add(stem[:-1] + "y")
    return {stem for stem in found if len(stem) >= MINIMUM_STEM and stem.isalpha()}


def is_one_edit_apart(first: str, second: str) -> bool:
    """Damerau-Levenshtein distance 1 between two words of at least `MINIMUM_TYPO` letters."""
    if len(first) > len(second):
        first, second = second, first
    if len(first) < MINIMUM_TYPO or len(second) - len(first) > 1 or not (first.isalpha() and second.isalpha()):
        return False
    at = next((i for i, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), len(first))
    if len(first) < len(second):
        return first[at:] == second[at + 1 :]
    swapped = first[at : at + 2] == second[at : at + 2][::-1]
    return first[at + 1 :] == second[at + 1 :] or (swapped and first[at + 2 :] == second[at + 2 :])
