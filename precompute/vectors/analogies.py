"""Writes analogies: a is to b as c is to what? The words nearest to b - a + c, with the given words kept and left out.

3CosAdd on unit vectors (Mikolov, Yih & Zweig 2013; the name is Levy & Goldberg's, 2014), among the shared words, so that all spaces
choose from the same candidates. Beside it stand sums that leave out what makes an analogy: without subtracting a (IGNORE-A of Linzen
2016), and c or b alone (ONLY-B of the same, and its mirror image).
"""

from __future__ import annotations

import numpy as np

from artefacts.schemas.vectors import Analogies, Analogy, AnalogyInSpace, AnalogyScore, Answer
from precompute.space import row_norms, unit_rows
from precompute.statistics_of import rounded
from precompute.vectors.shared_words import SharedSpace, SharedWords, shared_words
from precompute.workspace import Workspace

SHOWN = 8  # five, and the three given words that may be among them
OPTIONS = {"shown": SHOWN}


def export(work: Workspace) -> Analogies:
    """Ranked answers in every space by b - a + c (Mikolov et al. 2013), with the given words kept and left out."""
    shared = shared_words(work)
    found, left_out = [], []
    for kind, group in work.words("analogies").items():
        for words in group["items"]:
            missing = shared.split(words)[1]
            left_out += missing
            if not missing:
                spaces = [_in_space(work, shared, space, words) for space in shared.spaces.values()]
                a, b, c, expected = words
                found.append(Analogy(kind=kind, a=a, b=b, c=c, expected=expected, by_space=spaces))
    scores = [
        AnalogyScore(
            role=role,
            right_kept=sum(_of(analogy, role).rank_kept == 1 for analogy in found),
            right_left_out=sum(_of(analogy, role).rank_left_out == 1 for analogy in found),
            right_near_c=sum(_of(analogy, role).rank_near_c == 1 for analogy in found),
            right_near_b=sum(_of(analogy, role).rank_near_b == 1 for analogy in found),
            right_b_plus_c=sum(_of(analogy, role).rank_b_plus_c == 1 for analogy in found),
            right_only_by_subtracting=sum(_only_by_subtracting(_of(analogy, role)) for analogy in found),
        )
        for role in shared.spaces
    ]
    return Analogies(candidates=len(shared.words), analogies=found, scores=scores, left_out=sorted(set(left_out)))


def _of(analogy: Analogy, role: str) -> AnalogyInSpace:
    return next(entry for entry in analogy.by_space if entry.role == role)


def _only_by_subtracting(found: AnalogyInSpace) -> bool:
    return found.rank_left_out == 1 and 1 not in (found.rank_near_c, found.rank_near_b, found.rank_b_plus_c)


def rank_of(scores: np.ndarray, row: int, leave_out: list[int]) -> int:
    """The place of a row by score, from 1, after some rows are left out."""
    better = scores > scores[row]
    better[leave_out] = False
    return int(better.sum()) + 1


def _in_space(work: Workspace, shared: SharedWords, space: SharedSpace, words: list[str]) -> AnalogyInSpace:
    a, b, c, expected = (shared.place[word] for word in words)
    target = space.units[b] - space.units[a] + space.units[c]
    cosines = space.units @ (target / np.linalg.norm(target))

    def rank_near(point: np.ndarray) -> int:
        return rank_of(space.units @ point, expected, [a, b, c])

    best = np.argsort(-cosines, kind="stable")[:SHOWN]
    return AnalogyInSpace(
        role=space.role,
        best=[Answer(word=shared.words[n], cosine=rounded(cosines[n], 5), given=n in (a, b, c)) for n in best.tolist()],
        rank_kept=rank_of(cosines, expected, []),
        rank_left_out=rank_of(cosines, expected, [a, b, c]),
        rank_near_c=rank_near(space.units[c]),
        rank_near_b=rank_near(space.units[b]),
        rank_b_plus_c=rank_near(space.units[b] + space.units[c]),
        rank_whole_vocabulary=_among_all_words(work, space, target, [a, b, c], expected) if space.role == "static" else None,
    )


def _among_all_words(work: Workspace, space: SharedSpace, target: np.ndarray, given: list[int], expected: int) -> int:
    vectors = work.model_set.model(space.role).token_embeddings()
    norms = work.once(("row norms", space.role), lambda: row_norms(vectors))
    scores = vectors.astype(np.float32) @ unit_rows(target[None])[0].astype(np.float32) / np.where(norms > 0, norms, 1)
    return rank_of(scores, int(space.ids[expected]), space.ids[given].tolist())
