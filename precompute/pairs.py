"""Writes pair_similarities and pair_scatter: pieces of one word, related words and unrelated words, two vectors at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np

from artefacts.schemas.pairs import PairGroup, PairGroupSummary, PairOfTokens, PairScatter, PairSimilarities, PairVectors
from artefacts.tokens import visible_text
from precompute.progress import track
from precompute.space import Space, angle_degrees, cosines_with_all
from precompute.statistics_of import pearson, rounded
from precompute.workspace import Workspace


@dataclass(frozen=True)
class Pair:
    """Two tokens of one space, the group they belong to, and the word they are pieces of, if any."""

    space: Space
    group: PairGroup
    label: str
    whole: str | None
    first: int
    second: int

    def ranks(self) -> dict[str, int]:
        """The place of each token in the other's list of neighbours by cosine."""
        return {
            "rank_of_second": rank_by_cosine(self.space, self.first, self.second),
            "rank_of_first": rank_by_cosine(self.space, self.second, self.first),
        }

    def measures(self) -> dict[str, Any]:
        """What both artefacts say about the pair; computed in float64 from the full vectors."""
        a, b = self.space.units[self.first], self.space.units[self.second]
        cosine = float(a @ b)
        return {
            "role": self.space.role,
            "group": self.group,
            "label": self.label,
            "first": self.space.token(self.first),
            "second": self.space.token(self.second),
            "cosine": rounded(cosine),
            "pearson": rounded(pearson(self.space.vectors[self.first], self.space.vectors[self.second])),
            "angle_degrees": rounded(angle_degrees(cosine), 3),
        }


def export_similarities(work: Workspace) -> PairSimilarities:
    """Measures for all listed pairs that a model has as single tokens; the others are named as left out."""
    lists = work.words("pairs")
    left_out: list[str] = []
    pairs = list(_pairs(work, lists["pieces"], {"related": lists["related"], "unrelated": lists["unrelated"]}, left_out))
    measured = [PairOfTokens(whole=pair.whole, **pair.measures(), **pair.ranks()) for pair in track(pairs, "pairs", len(pairs))]
    return PairSimilarities(pairs=measured, summaries=list(_summaries(work, measured)), left_out=left_out)


def rank_by_cosine(space: Space, seed: int, other: int) -> int:
    """The place of `other` in the list of all tokens but `seed` by their cosine with it, ties by id; 1 is the nearest."""
    cosines = cosines_with_all(space, seed)
    ahead = (cosines > cosines[other]) | ((cosines == cosines[other]) & (np.arange(len(space)) < other))
    ahead[seed] = False
    return int(np.count_nonzero(ahead)) + 1


def export_scatter(work: Workspace) -> PairScatter:
    """Both vectors of a few pairs, coordinate by coordinate."""
    scatter = work.words("pairs")["scatter"]
    groups = {group: scatter[group] for group in get_args(PairGroup) if group in scatter and group != "pieces"}
    return PairScatter(pairs=[_vectors(pair) for pair in _pairs(work, scatter["pieces"], groups, [])])


def _pairs(
    work: Workspace, pieces: dict[str, list[str]], groups: dict[str, list[list[str]]], left_out: list[str]
) -> Iterator[Pair]:
    """All pairs, model by model; what cannot be a pair in both models is named in `left_out` and left out of both."""
    several = {}  # word -> "3 tokens in SmolLM2"
    for word in dict.fromkeys(word for pairs in groups.values() for pair in pairs for word in pair):
        for space in work.spaces():
            if _whole_token(work, space, word) is None:
                count = len(work.model_set.model(space.role).tokenize(_in_running_text(space, word)))
                several.setdefault(word, f"{word}: {count} tokens in {space.name}")
    left_out += several.values()
    for space in work.spaces():
        for word in pieces.get(space.kind, []):
            ids = work.model_set.model(space.role).tokenize(word)
            if len(ids) == 2:
                label = " + ".join(visible_text(space.raw_tokens[i], space.kind) for i in ids)
                yield Pair(space, "pieces", label, word, *ids)
            else:
                left_out.append(f"{word} (for its pieces): {len(ids)} token{'s' * (len(ids) != 1)} in {space.name}")
        for group, words in groups.items():
            for first, second in words:
                if first not in several and second not in several:
                    ids = [_whole_token(work, space, word) for word in (first, second)]
                    yield Pair(space, group, f"{first} / {second}", None, *ids)


def _in_running_text(space: Space, word: str) -> str:
    return f" {word}" if space.kind == "byte_level_bpe" else word


def _whole_token(work: Workspace, space: Space, word: str) -> int | None:
    return work.model_set.model(space.role).word_token(word, space.kind == "byte_level_bpe")


def _summaries(work: Workspace, pairs: list[PairOfTokens]) -> Iterator[PairGroupSummary]:
    for space in work.spaces():
        for group in ("pieces", "related", "unrelated"):
            members = [pair for pair in pairs if pair.role == space.role and pair.group == group]
            if members:
                cosines = [pair.cosine for pair in members]
                yield PairGroupSummary(
                    role=space.role,
                    group=group,
                    pairs=len(members),
                    mean_cosine=rounded(np.mean(cosines)),
                    mean_cosine_crossed=_crossed(space, members),
                    minimum_cosine=min(cosines),
                    maximum_cosine=max(cosines),
                    mean_pearson=rounded(np.mean([pair.pearson for pair in members])),
                )


def _crossed(space: Space, pairs: list[PairOfTokens]) -> float | None:
    """The mean cosine of each first token with the second of every other pair: tokens of the same kind that do not belong together."""
    cosines = space.units[[pair.first.id for pair in pairs]] @ space.units[[pair.second.id for pair in pairs]].T
    others = cosines[~np.eye(len(pairs), dtype=bool)]
    return rounded(others.mean()) if len(others) else None


def _vectors(pair: Pair) -> PairVectors:
    first, second = (pair.space.vectors[i].astype(np.float64) for i in (pair.first, pair.second))
    return PairVectors(
        first_vector=[rounded(x, 4) for x in first],
        second_vector=[rounded(x, 4) for x in second],
        dot_product=rounded(first @ second, 5),
        first_norm=rounded(pair.space.norms[pair.first], 5),
        second_norm=rounded(pair.space.norms[pair.second], 5),
        **pair.measures(),
    )
