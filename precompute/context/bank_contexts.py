"""Writes bank_contexts: the states of one word in many sentences, compared with each other layer by layer."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np

from artefacts.schemas.contexts import BankContexts, ContextLayer, ContextsOfModel, Occurrence
from precompute.context.networks import Reader, readers
from precompute.statistics_of import rounded
from precompute.workspace import Workspace

ONE_VECTOR = 1e-9  # cosines that stay this close to 1 are those of one vector with itself


def export(work: Workspace) -> BankContexts:
    """Cosines of the word's states in all sentences in which both models have it as one token; the others are named as left out."""
    words = work.words("bank_sentences")
    both = readers(work)
    kept, left_out = fitting_sentences(both, words)
    kept.sort(key=is_mixed)  # stable: sentences of one sense first
    occurrences = occurrences_in(kept)
    plain = sum(not occurrence.mixed for occurrence in occurrences)
    return BankContexts(
        word=words["word"],
        plain=plain,
        occurrences=occurrences,
        left_out=[sentence["text"] for sentence in left_out],
        by_model=[_of_model(reader, words["word"], kept, [o.sense for o in occurrences], plain) for reader in both],
    )


def fitting_sentences(both: list[Reader], words: dict[str, Any]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(the sentences in which both models have the word as one token, once for each sense and not at the start; the others)."""
    kept, left_out = [], []
    for sentence in words["sentences"]:
        places = [_places(reader, sentence["text"], words["word"]) for reader in both]
        fits = all(len(found) == len(sentence["senses"]) and 0 not in found for found in places)
        (kept if fits else left_out).append(sentence)
    return kept, left_out


def occurrences_in(sentences: list[dict[str, Any]]) -> list[Occurrence]:
    """The word in each sentence, once for each sense."""
    return [
        Occurrence(text=s["text"], sense=sense, mixed=is_mixed(s), clue=s["clue"], number=n)
        for s in sentences
        for n, sense in enumerate(s["senses"], start=1)
    ]


def is_mixed(sentence: dict[str, Any]) -> bool:
    """Whether a sentence holds words of two senses."""
    return sentence.get("mixed", False) or len(sentence["senses"]) > 1


def _places(reader: Reader, text: str, word: str) -> list[int]:
    return [n for n, token_id in enumerate(reader.ids(text)) if token_id == reader.word_id(word)]


def units(vectors: np.ndarray) -> np.ndarray:
    """Rows at length 1, float64."""
    vectors = vectors.astype(np.float64)
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def _of_model(reader: Reader, word: str, sentences: list[dict], senses: list[str], plain: int) -> ContextsOfModel:
    runs = [reader.run(sentence["text"]) for sentence in sentences]
    places = [_places(reader, sentence["text"], word) for sentence in sentences]
    banks = np.concatenate([run.states[:, found] for run, found in zip(runs, places, strict=True)], axis=1)
    bank_units = units(banks)  # [layer, occurrence, dim]
    others = _others(reader, runs)
    layers = []
    for layer, vectors in enumerate(bank_units):
        cosines = vectors @ vectors.T
        pairs = list(combinations(range(plain), 2))
        within = [cosines[i, j] for i, j in pairs if senses[i] == senses[j]]
        across = [cosines[i, j] for i, j in pairs if senses[i] != senses[j]]
        layers.append(
            ContextLayer(
                layer=layer,
                within=rounded(np.mean(within), 4),
                across=rounded(np.mean(across), 4),
                other_words=rounded(_baseline(layer, others), 4),
                nearest_same_sense=_nearest_same_sense(cosines[:plain, :plain], senses),
                leanings=[rounded(_leaning(cosines[i, :plain], senses[:plain], senses[i]), 4) for i in range(plain, len(senses))],
                cosines=[rounded(cosines[i, j], 4) for i, j in combinations(range(len(senses)), 2)],
            )
        )
    means = units(np.stack([run.states[-1].mean(axis=0) for run in runs[:plain]]))
    alike = means @ means.T
    pairs = list(combinations(range(plain), 2))
    return ContextsOfModel(
        role=reader.role,
        places=[place for found in places for place in found],
        layers=layers,
        sentences_within=rounded(np.mean([alike[i, j] for i, j in pairs if senses[i] == senses[j]]), 4),
        sentences_across=rounded(np.mean([alike[i, j] for i, j in pairs if senses[i] != senses[j]]), 4),
    )


def _leaning(cosines: np.ndarray, senses: list[str], own: str) -> float:
    """Mean cosine with the occurrences of its own sense minus the largest such mean for another sense."""
    means = {sense: np.mean([c for c, s in zip(cosines, senses, strict=True) if s == sense]) for sense in dict.fromkeys(senses)}
    return float(means.pop(own) - max(means.values()))


def nearest_others(cosines: np.ndarray) -> np.ndarray | None:
    """[row]: the most similar other row, ties to the first; None where all rows are one vector, so that nothing is nearest.

    cosines: [row, row].
    """
    if cosines.min() > 1 - ONE_VECTOR:
        return None
    return np.where(np.eye(len(cosines), dtype=bool), -np.inf, cosines).argmax(axis=1)


def _nearest_same_sense(cosines: np.ndarray, senses: list[str]) -> int | None:
    nearest = nearest_others(cosines)
    return None if nearest is None else sum(senses[other] == senses[i] for i, other in enumerate(nearest))


def _others(reader: Reader, runs: list) -> list[tuple[np.ndarray, list[int]]]:
    """Of each sentence: [layer, token, dim] units and ids of its words, without the first token and what was added."""
    special = set(reader.model.special_ids())
    found = []
    for run in runs:
        kept = [n for n, token_id in enumerate(run.ids) if n > 0 and token_id not in special]
        found.append((units(run.states[:, kept]), [run.ids[n] for n in kept]))
    return found


def _baseline(layer: int, others: list[tuple[np.ndarray, list[int]]]) -> float:
    """Mean cosine over all pairs of different words that stand in different sentences."""
    total, number = 0.0, 0
    for (first, first_ids), (second, second_ids) in combinations(others, 2):
        differ = np.array(first_ids)[:, None] != np.array(second_ids)[None, :]
        total += float((first[layer] @ second[layer].T)[differ].sum())
        number += int(differ.sum())
    return total / number
