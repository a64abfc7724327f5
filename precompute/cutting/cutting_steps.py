"""Writes cutting_steps: byte-level BPE merge by merge and WordPiece match by match, on chosen words.

Both algorithms are written out here, so that each step can be shown; their last steps are compared with the real tokenizers, and
an export in which they differ is refused. Merges come from the tokenizer's own table. Sources: Sennrich et al. 2016 (BPE), Wu et al.
2016 and Devlin et al. 2019 (WordPiece).
"""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

from artefacts.schemas.cutting import CuttingSteps, CutWord, MatchStep, MergeStep
from artefacts.tokens import character_of_byte
from precompute.workspace import Workspace
from problems import Problem, ProjectError


def export(work: Workspace) -> CuttingSteps:
    """Every step for every curated word. Raises ProjectError where the steps do not end where the tokenizers do."""
    gpt2, bert = (work.model_set.tokenizer(name) for name in ("gpt2", "bert"))
    ranks = merge_ranks(gpt2.library_tokenizer)
    vocabulary = set(bert.raw_tokens())
    return CuttingSteps(
        bpe_name=gpt2.spec.name,
        wordpiece_name=bert.spec.name,
        merge_table=len(ranks),
        words=[_cut(word, gpt2, bert, ranks, vocabulary) for word in work.words("cutting_words")["words"]],
    )


def merge_ranks(tokenizer: Any) -> dict[tuple[str, str], int]:
    """Pair of raw pieces -> its place in the merge table, from 1."""
    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    return {tuple(m.split(" ")) if isinstance(m, str) else tuple(m): rank for rank, m in enumerate(merges, start=1)}


def bpe_steps(word: str, ranks: dict[tuple[str, str], int]) -> list[MergeStep]:
    """All states from single bytes to the last merge. The pair of lowest rank is merged first, wherever it stands."""
    pieces = [character_of_byte()[byte] for byte in word.encode("utf-8")]
    steps = [MergeStep(pieces=pieces, merged=None, rank=None, places=[])]
    while pairs := [pair for pair in pairwise(pieces) if pair in ranks]:
        best = min(pairs, key=ranks.__getitem__)
        pieces, places = merged(pieces, best)
        steps.append(MergeStep(pieces=pieces, merged="".join(best), rank=ranks[best], places=places))
    return steps


def merged(pieces: list[str], pair: tuple[str, str]) -> tuple[list[str], list[int]]:
    """The pieces with every occurrence of the pair joined, from left to right, and where the joined ones stand."""
    result: list[str] = []
    places: list[int] = []
    at = 0
    while at < len(pieces):
        if tuple(pieces[at : at + 2]) == pair:
            places.append(len(result))
            result.append("".join(pair))
            at += 2
        else:
            result.append(pieces[at])
            at += 1
    return result, places


def wordpiece_steps(word: str, vocabulary: set[str]) -> list[MatchStep]:
    """Longest match from left to right. Empty if some place has no match at all, where the real one gives [UNK]."""
    steps: list[MatchStep] = []
    start = 0
    while start < len(word):
        candidates = [("##" if start else "") + word[start:end] for end in range(len(word), start, -1)]
        found = next((n for n, candidate in enumerate(candidates) if candidate in vocabulary), None)
        if found is None:
            return []
        start = len(word) - found
        steps.append(MatchStep(piece=candidates[found], tried=candidates[:found], rest=word[start:]))
    return steps


def _cut(word: str, gpt2: Any, bert: Any, ranks: dict[tuple[str, str], int], vocabulary: set[str]) -> CutWord:
    normaliser = bert.library_tokenizer.normalizer
    normalised = (normaliser.normalize_str(word) if normaliser else word).strip()
    bpe, wordpiece = ([part.raw_tokens()[i] for i in part.tokenize(word)] for part in (gpt2, bert))
    cut = CutWord(
        word=word,
        normalised=normalised,
        merges=bpe_steps(word, ranks),
        matches=wordpiece_steps(normalised, vocabulary),
        bpe_tokens=bpe,
        wordpiece_tokens=wordpiece,
    )
    if cut.merges[-1].pieces != bpe or [step.piece for step in cut.matches] != wordpiece:
        what = f"the steps for {word!r} do not end where the tokenizers do: {bpe}, {wordpiece}"
        raise ProjectError(Problem("content/words/cutting_words.toml", None, what, "Choose a single word that both can spell."))
    return cut
