"""Writes word_exchanges: every word of many sentences exchanged, beside attention; and waters against other places for "river"."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from artefacts.schemas.exchanges import AgreementOfModel, KindEffect, KindsOfModel, Spread, Substitute, WordExchanges
from precompute.context.changed_words import FEWEST_KEYS, movement, rollouts
from precompute.context.networks import Reader, readers
from precompute.statistics_of import rounded, spearman
from precompute.workspace import Workspace

SUBSTITUTES = 3  # for each word
FEWEST_OF_A_KIND = 5  # fewer words say nothing about a kind
SEED = 0
OPTIONS = {"substitutes": SUBSTITUTES, "seed": SEED}


@dataclass(frozen=True)
class Sentence:
    """words: [place in the text]. options: [place], the words that are put there instead; none where the word is several tokens."""

    text: str
    words: list[str]
    options: list[list[str]]


def export(work: Workspace) -> WordExchanges:
    """Substitutes are drawn from the other sentences: first words for first words, others for others."""
    both = readers(work)
    words = work.words("bank_sentences")
    sentences = sentences_of(both, [sentence["text"] for sentence in words["sentences"]])
    kinds = work.words("river_substitutes")
    fits = {name: [w for w in kinds[name] if all(_id(r, w, first=False) is not None for r in both)] for name in ("waters", "others")}
    agreement = [found for reader in both if (found := _agreement(reader, sentences)) is not None]
    encoder = both[1]
    return WordExchanges(
        substitutes_per_word=SUBSTITUTES,
        left_out=sorted(w for name, kept in fits.items() for w in kinds[name] if w not in kept),
        agreement=agreement,
        kinds=_kinds(encoder, words, fits) if min(map(len, fits.values())) >= FEWEST_OF_A_KIND else None,
    )


def _id(reader: Reader, word: str, *, first: bool) -> int | None:
    """The id of a word where it begins a text or where it does not; None if it is several tokens."""
    if not first:
        return reader.word_id(word)
    ids = reader.model.tokenize(word)
    return ids[0] if len(ids) == 1 else None


def sentences_of(both: list[Reader], texts: list[str]) -> list[Sentence]:
    """Each text with what is put in the place of each word, drawn with the seed."""

    def whole(word: str, place: int) -> bool:
        return all(_id(reader, word, first=place == 0) is not None for reader in both)

    numbers = np.random.default_rng(SEED)
    words = [re.findall(r"[A-Za-z]+", text) for text in texts]
    pools = [sorted({w for row in words for n, w in enumerate(row) if (n == 0) == first and whole(w, n)}) for first in (True, False)]
    sentences = []
    for text, row in zip(texts, words, strict=True):
        options: list[list[str]] = []
        for place, word in enumerate(row):
            pool = [w for w in pools[int(place > 0)] if w.lower() != word.lower()]
            enough = whole(word, place) and len(pool) >= SUBSTITUTES
            options.append([str(w) for w in numbers.choice(pool, SUBSTITUTES, replace=False)] if enough else [])
        sentences.append(Sentence(text, row, options))
    return sentences


# --- weights and movements ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """What one token looks at, by several measures. All [key]."""

    attention: np.ndarray
    rollout: np.ndarray
    movement: np.ndarray
    per_change: np.ndarray


def _agreement(reader: Reader, sentences: list[Sentence]) -> AgreementOfModel | None:
    by_sentence = [found for sentence in sentences if (found := rows_of(reader, sentence))]
    if len(by_sentence) < 2:
        return None
    scores = np.array([np.mean([_scores(row) for row in rows], axis=0) for rows in by_sentence])  # [sentence, score]
    names = ("attention", "rollout", "attention_per_change", "rollout_per_change", "brightest_moves_most", "brightest_moves_least")
    rows = [row for found in by_sentence for row in found]
    return AgreementOfModel(
        role=reader.role,
        sentences=len(by_sentence),
        rows=len(rows),
        **{name: spread(column) for name, column in zip(names, scores.T, strict=True)},
        by_chance=rounded(np.mean([np.mean([1 / len(row.attention) for row in found]) for found in by_sentence]), 4),
    )


def _scores(row: Row) -> list[float]:
    brightest = row.attention.argmax()
    return [
        spearman(row.attention, row.movement),
        spearman(row.rollout, row.movement),
        spearman(row.attention, row.per_change),
        spearman(row.rollout, row.per_change),
        float(row.movement[brightest] == row.movement.max()),
        float(row.movement[brightest] == row.movement.min()),
    ]


def rows_of(reader: Reader, sentence: Sentence) -> list[Row]:
    """One row for each token of the sentence that looks at enough words that were exchanged."""
    ids = reader.ids(sentence.text)
    run = reader.run_ids(ids)
    places = _places(reader, ids, sentence.words)
    exchanged = [(places[n], n, w) for n, options in enumerate(sentence.options) if n in places for w in options]
    if not exchanged:
        return []
    texts = [[_id(reader, w, first=n == 0) if at == place else old for at, old in enumerate(ids)] for place, n, w in exchanged]
    moved: dict[int, list[np.ndarray]] = {}
    per_change: dict[int, list[np.ndarray]] = {}
    for (place, _, _), (entering, last) in zip(exchanged, ends_of(reader, texts), strict=True):
        change = movement(run.states[0, place], entering[place])
        moved.setdefault(place, []).append(movement(run.states[-1], last))
        per_change.setdefault(place, []).append(moved[place][-1] / change)
    attention, rolled = run.attention[-1].astype(np.float64).mean(axis=0), rollouts(run.attention)[-1]
    rows = []
    for query in range(len(ids)):
        keys = [key for key in moved if key != query and (reader.role == "encoder" or key < query)]
        if len(keys) >= FEWEST_KEYS:
            by_word = [np.array([np.mean([m[query] for m in found[key]]) for key in keys]) for found in (moved, per_change)]
            rows.append(Row(attention[query, keys], rolled[query, keys], *by_word))
    return rows


def _places(reader: Reader, ids: list[int], words: list[str]) -> dict[int, int]:
    """Place in the text -> place in the tokens, for words that are one token."""
    found: dict[int, int] = {}
    start = 0
    for n, word in enumerate(words):
        token = _id(reader, word, first=n == 0)
        if token is not None and token in ids[start:]:
            found[n] = ids.index(token, start)
            start = found[n] + 1
    return found


def ends_of(reader: Reader, texts: list[list[int]]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Of each text: what enters the first block and the last states, [token, dim]. Texts of one length, run together."""
    import torch

    with torch.inference_mode():
        states = reader.network(torch.tensor(texts), output_hidden_states=True).hidden_states
    return list(zip(states[0].numpy(), states[-1].numpy(), strict=True))


def spread(values: np.ndarray) -> Spread:
    """Mean and 95% interval, mean -+ t * s / sqrt(n) with n - 1 degrees of freedom (Student 1908)."""
    from scipy import stats

    half = stats.t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values))
    return Spread(mean=rounded(np.mean(values), 4), low=rounded(np.mean(values) - half, 4), high=rounded(np.mean(values) + half, 4))


# --- kinds ------------------------------------------------------------------------------------------------------------------------


def _kinds(reader: Reader, words: dict, fits: dict[str, list[str]]) -> KindsOfModel:
    ids = reader.ids(words["experiment"]["text"])
    run = reader.run_ids(ids)
    changed, bank = (ids.index(reader.word_id(w)) for w in (words["experiment"]["change"], words["word"]))
    put_in = [(w, name == "waters") for name, kept in fits.items() for w in kept]
    texts = [[_id(reader, w, first=False) if at == changed else old for at, old in enumerate(ids)] for w, _ in put_in]
    ends = ends_of(reader, texts)
    change = np.array([movement(run.states[0, changed], entering[changed]) for entering, _ in ends])
    moved = np.array([movement(run.states[-1], last) for _, last in ends])  # [substitute, token]
    of_kind = np.array([kind for _, kind in put_in])
    return KindsOfModel(
        role=reader.role,
        tokens=reader.tokens(ids),
        bank=bank,
        changed=changed,
        substitutes=[
            Substitute(word=word, of_kind=kind, change=rounded(change[n], 4), movement=[rounded(x, 4) for x in moved[n]])
            for n, (word, kind) in enumerate(put_in)
        ],
        effects=[kind_effect(moved[:, token], change, of_kind) for token in range(len(ids))],
    )


def kind_effect(moved: np.ndarray, change: np.ndarray, of_kind: np.ndarray) -> KindEffect:
    """Ordinary least squares with the usual interval from Student's t (Draper & Smith 1998, chapter 5). All [substitute]."""
    from scipy import stats

    design = np.column_stack([np.ones(len(moved)), change, of_kind])
    found = np.linalg.lstsq(design, moved, rcond=None)[0]
    free = len(moved) - design.shape[1]
    variance = ((moved - design @ found) ** 2).sum() / free
    half = stats.t.ppf(0.975, free) * np.sqrt(variance * np.linalg.inv(design.T @ design)[2, 2])
    return KindEffect(
        slope=rounded(found[1], 4), effect=rounded(found[2], 4), low=rounded(found[2] - half, 4), high=rounded(found[2] + half, 4)
    )
