"""Writes changed_words: replace a word by another of the same length in tokens, and measure whose states move."""

from __future__ import annotations

from typing import Any

import numpy as np

from artefacts.schemas.attention import ChangedWords, ChangedWordsOfModel, Influence, Replacement
from precompute.context.attention_maps import places_of
from precompute.context.networks import Reader, readers
from precompute.statistics_of import rounded, spearman
from precompute.workspace import Workspace

FEWEST_KEYS = 4  # a rank correlation of fewer says nothing


def export(work: Workspace) -> ChangedWords:
    """How far all states move, |h' - h| / |h| for each [layer, token], at each exchange.

    Words that are not one token in both models are left out.
    """
    words = work.words("bank_sentences")
    experiment = words["experiment"]
    both = readers(work)
    left_out: list[str] = []
    substitutes = {
        int(place): [w for w in options if _fits(both, experiment["text"], int(place), w, left_out)]
        for place, options in experiment["substitutes"].items()
    }
    replacements = [w for w in experiment["replacements"] if w not in left_out]
    return ChangedWords(
        text=experiment["text"],
        change=experiment["change"],
        left_out=sorted(set(left_out)),
        by_model=[_of_model(reader, words["word"], experiment, replacements, substitutes) for reader in both],
    )


def _id_at(reader: Reader, place: int, word: str) -> int | None:
    """The id of a word at a place of the text; None if it is several tokens there."""
    if place and word.isalpha():
        return reader.word_id(word)
    ids = reader.model.tokenize(word)
    return ids[0] if len(ids) == 1 else None


def _fits(both: list[Reader], text: str, place: int, word: str, left_out: list[str]) -> bool:
    fits = all(_id_at(reader, place, word) not in (None, reader.model.tokenize(text)[place]) for reader in both)
    if not fits:
        left_out.append(word)
    return fits


def rollouts(attention: np.ndarray) -> np.ndarray:
    """[layer, query, key]: attention rollout to each layer. Abnar & Zuidema 2020: half attention (mean of heads), half the token itself.

    attention: [layer, head, query, key].
    """
    result, found = np.eye(attention.shape[-1]), []
    for layer in attention.astype(np.float64).mean(axis=1):
        result = (layer + np.eye(len(layer))) / 2 @ result
        found.append(result)
    return np.stack(found)


def movement(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """[layer, token]: |h' - h| / |h|."""
    before, after = before.astype(np.float64), after.astype(np.float64)
    return np.linalg.norm(after - before, axis=-1) / np.linalg.norm(before, axis=-1)


def _of_model(
    reader: Reader, word: str, experiment: dict[str, Any], replacements: list[str], substitutes: dict[int, list[str]]
) -> ChangedWordsOfModel:
    ids = reader.ids(experiment["text"])
    places = places_of(reader, ids)
    run = reader.run_ids(ids)
    changed, bank = (ids.index(reader.word_id(w)) for w in (experiment["change"], word))

    def states_with(place: int, substitute: str) -> np.ndarray:
        other = list(ids)
        other[places.index(place)] = _id_at(reader, place, substitute)
        return reader.run_ids(other).states

    found = []
    for substitute in replacements:
        after = states_with(places[changed], substitute)
        moved = movement(run.states, after)
        same = (run.states == after).all(axis=(0, 2))
        found.append(
            Replacement(word=substitute, movement=[[rounded(x, 4) for x in row] for row in moved], unmoved=[bool(x) for x in same])
        )
    # [place in the text][token]: how far the last states move, mean over what stood there instead
    moved = {
        place: np.mean([movement(run.states[-1:], states_with(place, w)[-1:])[0] for w in options], axis=0)
        for place, options in substitutes.items()
        if options
    }
    mean_attention, rolled = run.attention[-1].astype(np.float64).mean(axis=0), rollouts(run.attention)[-1]
    return ChangedWordsOfModel(
        role=reader.role,
        tokens=reader.tokens(ids),
        places=places,
        changed=changed,
        bank=bank,
        replacements=found,
        influences=[_influence(reader, q, places, moved, mean_attention, rolled) for q in range(len(ids))],
    )


def _influence(
    reader: Reader, query: int, places: list[int | None], moved: dict[int, np.ndarray], attention: np.ndarray, rolled: np.ndarray
) -> Influence:
    seen = range(query + 1) if reader.role == "decoder" else range(len(places))
    keys = [key for key in seen if key != query and places[key] in moved]
    by_experiment = np.array([moved[places[key]][query] for key in keys])
    by_attention, by_rollout = attention[query, keys], rolled[query, keys]
    enough = len(keys) >= FEWEST_KEYS  # ranked before they are rounded, which would make ties of what is only close
    return Influence(
        query=query,
        keys=keys,
        attention=[rounded(x, 4) for x in by_attention],
        rollout=[rounded(x, 4) for x in by_rollout],
        movement=[rounded(x, 4) for x in by_experiment],
        spearman_attention=rounded(spearman(by_attention, by_experiment), 3) if enough else None,
        spearman_rollout=rounded(spearman(by_rollout, by_experiment), 3) if enough else None,
    )
